"""Reading and writing the YAML of scenario files safely.

The loader is bounded (bytes, depth, number of values) and knows no anchors, tags or
duplicate keys, so that no file can take the program down (billion laughs, deep nesting).
Words are read as in YAML 1.2: ``no`` and ``on`` are text, ``1e6`` is a number, and ``1:30``
is not.
"""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import yaml

from viralbots.errors import Problem, ScenarioError

MAX_BYTES = 200_000  # about a hundred times the longest story; parsing takes < .5 s
MAX_DEPTH = 20
MAX_VALUES = 5_000
MAX_NAME = 80  # characters of a name or a value that a message repeats

# Control characters, line separators, and marks that are not seen or turn text round.
_SPECIAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufeff\ufff9-\uffff]"
)
_WORDS = (
    ("null", r"|~|null|Null|NULL", ["", "~", "n", "N"]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|"
     r"\.(?:nan|NaN|NAN)", list("-+0123456789.")),
)  # fmt: skip
RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
"""Which plain words are not text, by their first letter; for reading and for writing."""
for _tag, _pattern, _starts in _WORDS:
    for _start in _starts:
        entry = (f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})\Z"))
        RESOLVERS.setdefault(_start, []).append(entry)


class _Refused(yaml.MarkedYAMLError):
    """Something that YAML allows and a scenario file does not."""

    def __init__(self, where: Any, found: Problem):
        super().__init__(None, None, found.text, where.start_mark)
        self.found = found


class _Loader(yaml.SafeLoader):
    """SafeLoader without anchors, tags and duplicate keys, bounded in depth and size."""

    yaml_implicit_resolvers = RESOLVERS
    depth = 0
    n_values = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self._check(event)
        self.depth += 1
        self.n_values += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _check(self, event: Any) -> None:
        if getattr(event, "anchor", None) is not None:
            text = "anchors and aliases (& and *) are not allowed; write it out"
            raise _Refused(event, Problem("", "yaml_anchor", text))
        tag = getattr(event, "tag", None)
        if tag is not None:
            given = shown(tag)
            text = f"tags are not allowed, got {given}; leave it out"
            raise _Refused(event, Problem("", "yaml_tag", text, {"got": given}))
        if self.depth >= MAX_DEPTH:
            text = f"nested deeper than {MAX_DEPTH} levels, as no scenario is"
            raise _Refused(event, Problem("", "yaml_depth", text, {"limit": MAX_DEPTH}))
        if self.n_values >= MAX_VALUES:
            text = f"more than {MAX_VALUES} values, as no scenario has"
            raise _Refused(event, Problem("", "yaml_values", text, {"limit": MAX_VALUES}))

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            name = shown(key)
            if not isinstance(key, str):
                text = f"names must be text, got {name}; put it in quotes"
                raise _Refused(key_node, Problem("", "yaml_name", text, {"got": name}))
            if key in seen:
                text = f"{name} is given twice; keep one"
                raise _Refused(key_node, Problem("", "yaml_twice", text, {"name": name}))
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_scalar(self, node: Any) -> Any:
        if special := _SPECIAL.search(node.value):
            raise _Refused(node, _invisible("", special[0]))
        return super().construct_scalar(node)

    def flatten_mapping(self, node: Any) -> None:
        """Leave ``<<`` alone: merging is how bombs are built."""


def _read_int(loader: _Loader, node: Any) -> int:
    text = str(loader.construct_scalar(node))
    if len(text) > MAX_NAME:
        told = f"a number of {len(text)} digits; at most {MAX_NAME} are read"
        values: dict[str, object] = {"n": len(text), "limit": MAX_NAME}
        raise _Refused(node, Problem("", "yaml_digits", told, values))
    return int(text)


_Loader.add_constructor("tag:yaml.org,2002:int", _read_int)  # 010 is ten, not eight


def _invisible(path: str, character: str) -> Problem:
    code = f"U+{ord(character):04X}"
    text = f"control characters and invisible marks are not allowed in text, got {code}; delete it"
    return Problem(path, "invisible", text, {"got": code})


def invisible_text(data: object, path: str = "") -> Iterator[Problem]:
    """Problems of texts inside plain data that `parse_yaml` would refuse."""
    if isinstance(data, str):
        if special := _SPECIAL.search(data):
            yield _invisible(path, special[0])
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from invisible_text(key, path)
            yield from invisible_text(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            yield from invisible_text(value, f"{path}[{number}]")


def parse_yaml(data: bytes, source: str) -> object:
    """Parse a bounded YAML document.

    Raises
    ------
    ScenarioError
        Not UTF-8, not YAML, or outside the bounds; the problem names the line.
    """
    return _parse(data, source, lambda loader: loader.get_single_data())


def compose_yaml(text: str, source: str) -> tuple[Any, Any]:
    """The tree of nodes of a document, with their places in the text, and its plain data.

    Raises
    ------
    ScenarioError
        As `parse_yaml`.
    """

    def compose(loader: Any) -> tuple[Any, Any]:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)

    found: tuple[Any, Any] = _parse(text.encode("utf-8", "surrogatepass"), source, compose)
    return found


def _parse(data: bytes, source: str, read: Callable[[_Loader], Any]) -> Any:
    if len(data) > MAX_BYTES:
        text = f"is longer than {MAX_BYTES} bytes, the most that a scenario may have"
        raise ScenarioError(source, [Problem("", "too_long", text, {"limit": MAX_BYTES})])
    try:
        loader = _Loader(data.decode("utf-8"))
        try:
            return read(loader)
        finally:
            loader.dispose()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = Problem(f"line {line}", "encoding", "is not UTF-8 text; save the file as UTF-8")
    except yaml.YAMLError as error:
        problem = _yaml_problem(error, data)
    except (ValueError, RecursionError, OverflowError) as error:
        why = str(error)[:MAX_NAME]
        problem = Problem("", "yaml", f"a value cannot be read: {why}", {"why": why})
    raise ScenarioError(source, [problem])


def _yaml_problem(error: yaml.YAMLError, data: bytes) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        line = data.decode("utf-8")[: error.position].count("\n") + 1
        code = f"U+{error.character:04X}"
        text = f"a character that YAML does not allow, {code}; delete it"
        return Problem(f"line {line}", "yaml_character", text, {"got": code})
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    if "end of stream" in str(getattr(error, "problem", "")):
        marks.reverse()  # where it began is of more use than where the file ends
    mark = marks[0] or marks[1]
    where = f"line {mark.line + 1}" if mark else ""
    if isinstance(error, _Refused):
        return Problem(where, error.found.code, error.found.text, error.found.values)
    told = (getattr(error, "context", None), getattr(error, "problem", None))
    why = printable(", ".join(filter(None, told)) or "something is missing", 160)
    return Problem(where, "yaml", f"is not valid YAML: {why}", {"why": why})


def suggest(name: object, known: Iterable[object]) -> str:
    """``; did you mean 'x'?`` for a name that does not exist, or the list of those that do.

    >>> suggest("valu", ["value", "ease"]), suggest("x", ["value", "ease"])
    ("; did you mean 'value'?", '; there are: value, ease')
    """
    values = suggestion(name, known)
    if "suggestion" in values:
        return f"; did you mean {values['suggestion']!r}?"
    return "; there are: " + ", ".join(values["allowed"]) if "allowed" in values else ""


def suggestion(name: object, known: Iterable[object]) -> dict[str, Any]:
    """What `suggest` says as values: ``suggestion``, else ``allowed`` where they are few."""
    names = [str(k) for k in known]
    close = difflib.get_close_matches(str(name)[:MAX_NAME], names, n=1)
    if close:
        return {"suggestion": close[0]}
    return {"allowed": names} if 0 < len(names) <= 20 else {}


_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = MAX_NAME
_short.maxlevel = 2


def printable(text: str, most: int = MAX_NAME) -> str:
    """A text as a message repeats it: short, and what is not seen written as its number."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:most])
    return text if len(text) < most else text[: most - 1] + "…"


def shown(value: object) -> str:
    """A value as a message repeats it: short, and without what a terminal would obey."""
    if isinstance(value, int) and abs(value) >= 10**MAX_NAME:
        return "a very long number"
    text = _short.repr(value)
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"
