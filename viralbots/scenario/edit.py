"""Changing fields in a person's scenario file and nothing else in it.

Comments, order, spacing, quotes and line ends stay byte for byte: `edit` finds the place of a
value in the text and puts another one there, or adds a line at the end of the block that lacks
a name. What comes out is read again and must be the scenario that `viralbots.scenario.override`
makes of the same changes; where it is not, nothing is changed and the reader is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from viralbots.errors import Problem, ScenarioError
from viralbots.scenario.dump import flow_yaml, plain
from viralbots.scenario.file import compose_yaml
from viralbots.scenario.model import from_text, override
from viralbots.scenario.paths import split

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML takes for the end of a line
_HEADER = re.compile(r"[|>][-+0-9]*([ \t]+#[^\n\r]*)")


def edit(document: str, changes: Mapping[str, object], source: str = "scenario") -> str:
    """A document with fields set by path, everything else as it was.

    A value that is a block or a list is replaced entry by entry where it keeps its names or its
    length; else it is written anew on one line, and comments inside it go with it. A field that
    is set to what it already says is left untouched.

    Parameters
    ----------
    document : str
        Text of a valid scenario file.
    changes : mapping
        As for `viralbots.scenario.override`.

    Raises
    ------
    ScenarioError
        The document or a change is not valid, or the text cannot be changed in place.

    Examples
    --------
    >>> text = '''format: 1
    ... name: letter
    ... title: {en: A letter, zh: 一封信}
    ... story: {en: It travels., zh: 它在传播。}
    ... messages:
    ...   letter: {value: 0.3}  # why
    ... '''
    >>> edited = edit(text, {"message.value": 0.4, "horizon_days": 7})
    >>> print(edited[text.index("messages:") :], end="")
    messages:
      letter: {value: 0.4}  # why
    horizon_days: 7
    """
    wanted = override(from_text(document, source), changes)
    text, reasons = document, list[Problem]()
    try:
        for path, value in changes.items():
            parts = split(path, _first_message(text) if path.startswith("message.") else "")
            if (
                parts[2:3] == ("channels",)
                and len(parts) == 4
                and not _is_written(text, parts[:3])
            ):
                # The default has a channel, which stays beside the one that is set.
                parts, value = parts[:3], plain(wanted.messages[parts[1]].channels)
            text = _set(text, parts, value)
        found = from_text(text, source)
        if found == wanted and found.message_names == wanted.message_names:
            return text
    except ScenarioError as error:
        reasons = error.problems
    except yaml.YAMLError:  # a value that is no plain data
        pass
    told = "cannot be changed in place without rewriting the file; change it by hand"
    raise ScenarioError(
        source, [Problem(", ".join(changes)[:200], "not_in_place", told), *reasons]
    )


def _first_message(text: str) -> str:
    _, data = compose_yaml(text, "")
    messages = data.get("messages") if isinstance(data, dict) else None
    return str(next(iter(messages), "")) if isinstance(messages, dict) else ""


def _is_written(text: str, parts: tuple[str, ...]) -> bool:
    node, _ = compose_yaml(text, "")
    for part in parts:
        node = _child(node, part)
    return node is not None


def _set(text: str, parts: tuple[str, ...], value: object) -> str:
    """The text with the value at a place set."""
    node, current = compose_yaml(text, "")
    for depth, part in enumerate(parts):
        inner = _child(node, part)
        if inner is None:
            for missing in reversed(parts[depth + 1 :]):
                value = {missing: value}
            return _added(text, node, part, value)
        node = inner
        current = current[part] if isinstance(current, dict) else current[int(part)]
    entries = _entries(current, value)
    for name, entry in entries:
        text = _set(text, (*parts, str(name)), entry)
    return text if entries or _same(current, value) else _replaced(text, node, flow_yaml(value))


def _child(node: Any, part: str) -> Any:
    """The node of an entry, None where there is none."""
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
        return node.value[int(part)]
    return None


def _entries(current: object, value: object) -> list[tuple[object, object]]:
    """The entries to set one by one; none where the value is to be written anew."""
    if isinstance(current, dict) and isinstance(value, dict):
        if current and list(value)[: len(current)] == list(current):
            return list(value.items())
    if isinstance(current, list) and isinstance(value, list | tuple):
        if len(current) == len(value):
            return list(enumerate(value))
    return []


def _same(a: object, b: object) -> bool:
    """Equal, true and 1 being different."""
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def _replaced(text: str, node: Any, written: str) -> str:
    """The text with something else in the place of a node."""
    begin, end = _extent(text, node)
    if begin == end:  # nothing is written there: `name:`
        return f"{text[:begin]} {written}{text[end:]}"
    if isinstance(node, yaml.CollectionNode):
        return text[:begin] + written + text[end:] if node.flow_style else _unfolded(
            text, begin, end, written
        )  # fmt: skip
    comment = _HEADER.match(text[begin:end]) if node.style in ("|", ">") else None
    return text[:begin] + written + (comment[1] if comment else "") + text[end:]


def _unfolded(text: str, begin: int, end: int, written: str) -> str:
    """The text with a block of lines replaced by a value behind its name."""
    line = max((m.end() for m in _BREAK.finditer(text, 0, begin)), default=0)
    name = _end_of_name(text, begin)
    if line <= name:  # `- message: letter`: the block begins on the line of its dash
        return f"{text[:name]} {written}{text[end:]}"
    rest = text[end:]
    following = _BREAK.match(rest)
    return f"{text[:name]} {written}{text[name:line]}{rest[following.end() if following else 0 :]}"


def _end_of_name(text: str, begin: int) -> int:
    """Where the name (or the dash) in front of a block ends; comments may stand between."""
    while True:
        head = text[:begin].rstrip()
        start = max((m.end() for m in _BREAK.finditer(head)), default=0)
        if head[start:].lstrip().startswith("#"):
            begin = start
            continue
        found = re.match(r"(.*?[:-])[ \t]+#", head[start:])
        return start + found.end(1) if found else len(head)


def _extent(text: str, node: Any) -> tuple[int, int]:
    """Where a node begins and ends in the text, blank space and comments behind it left out."""
    begin, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.CollectionNode):
        if node.flow_style or not node.value:
            return begin, end
        last = node.value[-1]
        return begin, _extent(text, last[1] if isinstance(last, tuple) else last)[1]
    if node.style in ("|", ">"):
        end = begin + len(text[begin:end].rstrip())
    return begin, end


def _added(text: str, node: Any, name: str, value: object) -> str:
    """The text with one more entry at the end of a mapping."""
    entry = flow_yaml({name: value})[1:-1]
    if not isinstance(node, yaml.MappingNode):
        return _replaced(text, node, flow_yaml({name: value}))
    if not node.value or node.flow_style:
        place = _extent(text, node.value[-1][1])[1] if node.value else node.start_mark.index + 1
        return text[:place] + (", " if node.value else "") + entry + text[place:]
    found = _BREAK.search(text, _extent(text, node)[1])
    place = found.start() if found else len(text)
    newline = _BREAK.search(text)
    indent = " " * node.value[0][0].start_mark.column
    return text[:place] + (newline[0] if newline else "\n") + indent + entry + text[place:]
