"""Reading a scenario file safely, and saying in plain words what is wrong with it.

The loader is bounded (bytes, depth, number of values) and knows no anchors, tags or
duplicate keys, so that no file can take the program down (billion laughs, deep nesting).
Words are read as in YAML 1.2: ``no`` and ``on`` are text, ``1e6`` is a number, and ``1:30``
is not.
"""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Iterable
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from viralbots.errors import Problem, ScenarioError

MAX_BYTES = 200_000  # about a hundred times the longest story; parsing takes < .5 s
MAX_DEPTH = 20
MAX_VALUES = 5_000
MAX_PROBLEMS = 50
MAX_NAME = 80  # characters of a name or a value that a message repeats

_SPECIAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_WORDS = (
    ("null", r"|~|null|Null|NULL", ["", "~", "n", "N"]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|"
     r"\.(?:nan|NaN|NAN)", list("-+0123456789.")),
)  # fmt: skip
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _tag, _pattern, _starts in _WORDS:
    for _start in _starts:
        entry = (f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"))
        _RESOLVERS.setdefault(_start, []).append(entry)


class _Loader(yaml.SafeLoader):
    """SafeLoader without anchors, tags and duplicate keys, bounded in depth and size."""

    yaml_implicit_resolvers = _RESOLVERS
    depth = 0
    n_values = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:
            self._refuse(event, "anchors and aliases (& and *) are not allowed; write it out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(event, f"tags are not allowed, got {_shown(tag)}; leave it out")
        self.depth += 1
        self.n_values += 1
        if self.depth > MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        if self.n_values > MAX_VALUES:
            self._refuse(event, f"more than {MAX_VALUES} values")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                self._refuse(key_node, f"names must be text, got {_shown(key)}; put it in quotes")
            if key in seen:
                self._refuse(key_node, f"{_shown(key)} is given twice; keep one")
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_scalar(self, node: Any) -> Any:
        if _SPECIAL.search(node.value):
            self._refuse(node, "control characters are not allowed in text")
        return super().construct_scalar(node)

    def flatten_mapping(self, node: Any) -> None:
        """Leave ``<<`` alone: merging is how bombs are built."""

    def _refuse(self, where: Any, text: str) -> None:
        raise yaml.constructor.ConstructorError(None, None, text, where.start_mark)


def _read_int(loader: _Loader, node: Any) -> int:
    text = str(loader.construct_scalar(node))
    if len(text) > MAX_NAME:
        loader._refuse(node, f"a number of {len(text)} digits; at most {MAX_NAME} are read")
    return int(text)


_Loader.add_constructor("tag:yaml.org,2002:int", _read_int)  # 010 is ten, not eight


class _Dumper(yaml.SafeDumper):
    """SafeDumper that quotes what `_Loader` would not read as text, and makes no anchors."""

    yaml_implicit_resolvers = _RESOLVERS

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump_yaml(data: object) -> str:
    """A document as YAML, in the order given; `parse_yaml` reads it back equal.

    >>> dump_yaml({"title": "1e6", "size": 1.5})
    "title: '1e6'\\nsize: 1.5\\n"
    """
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=99)


def parse_yaml(data: bytes, source: str) -> object:
    """Parse a bounded YAML document.

    Raises
    ------
    ScenarioError
        Not UTF-8, not YAML, or outside the bounds; the problem names the line.
    """
    if len(data) > MAX_BYTES:
        text = f"is longer than {MAX_BYTES} bytes, the most that a scenario may have"
        raise ScenarioError(source, [Problem("", "too_long", text)])
    try:
        return yaml.load(data.decode("utf-8-sig"), _Loader)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = Problem(f"line {line}", "encoding", "is not UTF-8 text; save the file as UTF-8")
    except yaml.reader.ReaderError as error:
        problem = Problem("", "yaml", f"a character that YAML does not allow: {error.reason}")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}" if mark else ""
        text = ", ".join(filter(None, (error.context, error.problem)))
        problem = Problem(where, "yaml", text or "is not valid YAML")
    except (ValueError, RecursionError, OverflowError) as error:
        problem = Problem("", "yaml", f"a value cannot be read: {error}")
    raise ScenarioError(source, [problem])


def suggest(name: object, known: Iterable[object]) -> str:
    """``; did you mean 'x'?`` for a name that does not exist, or the list of those that do."""
    names = [str(k) for k in known]
    close = difflib.get_close_matches(str(name)[:MAX_NAME], names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return "; there are: " + ", ".join(names) if 0 < len(names) <= 20 else ""


_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = MAX_NAME
_short.maxlevel = 2


def _shown(value: object) -> str:
    if isinstance(value, int) and abs(value) >= 10**MAX_NAME:
        return "a very long number"
    text = _short.repr(value)
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"


def explain(error: ValidationError, root: type[BaseModel]) -> list[Problem]:
    """Problems of a validation in the words of the user, paths as written in the file."""
    items = error.errors(include_url=False)
    problems = [_problem(item, root) for item in items[:MAX_PROBLEMS]]
    if len(items) > MAX_PROBLEMS:
        text = f"and {len(items) - MAX_PROBLEMS} more; mend these first"
        problems.append(Problem("", "more", text))
    return problems


_TYPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "a block of names"),
}
# A check of the whole scenario writes the place in front: "seeding[0].count must be …".
_PLACE = re.compile(r"((?:network|messages|seeding|interventions|rule)\b[\w.\[\]]*):? (.*)", re.S)


def _problem(item: Any, root: type[BaseModel]) -> Problem:
    kind, given, context = item["type"], item["input"], item.get("ctx", {})
    loc, path = item["loc"], _path(item["loc"])
    if kind == "extra_forbidden":
        text = "unknown field" + suggest(loc[-1], _fields_at(root, loc[:-1]))
        return Problem(path, "unknown_field", text, {"name": str(loc[-1])})
    if kind == "missing":
        return Problem(path, "missing", "is missing; it has no default")
    if kind in _BOUNDS:
        return _out_of_range(path, given, _limits(root, loc) | context)
    if kind in ("literal_error", "union_tag_invalid"):
        return _unknown_word(path, kind, given, context)
    if kind == "union_tag_not_found":
        return Problem(f"{path}.kind", "missing", "is missing; it says which one is meant")
    if kind in ("value_error", "assertion_error"):
        text = str(context.get("error", item["msg"]))
        placed = _PLACE.fullmatch(text)
        return Problem(*(placed[1], "invalid", placed[2]) if placed else (path, "invalid", text))
    if kind in _TYPES:
        text = f"must be {_TYPES[kind]}, got {_shown(given)}"
        return Problem(path, "wrong_type", text, {"got": _shown(given)})
    text = f"{item['msg'][0].lower()}{item['msg'][1:]}, got {_shown(given)}"
    return Problem(path, kind, text)


_BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")


def _out_of_range(path: str, given: object, limits: dict[str, float]) -> Problem:
    if "ge" in limits and "le" in limits:
        words = f"between {limits['ge']:g} and {_number(limits['le'])}"
    else:
        names = {"gt": "greater than", "ge": "at least", "lt": "less than", "le": "at most"}
        words = " and ".join(f"{names[k]} {_number(limits[k])}" for k in names if k in limits)
    values: dict[str, object] = {**limits, "got": _shown(given)}
    return Problem(path, "out_of_range", f"must be {words}, got {_shown(given)}", values)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _unknown_word(path: str, kind: str, given: Any, context: Any) -> Problem:
    if kind == "union_tag_invalid":
        path, given, expected = f"{path}.kind", context["tag"], context["expected_tags"]
    else:
        expected = context["expected"]
    allowed = [word.strip(" '") for word in re.split(r", | or ", expected)]
    words = f"one of {', '.join(allowed)}" if len(allowed) > 1 else allowed[0]
    text = f"must be {words}, got {_shown(given)}"
    close = difflib.get_close_matches(str(given)[:MAX_NAME], allowed, n=1)
    text += f"; did you mean {close[0]!r}?" if close else ""
    return Problem(path, "unknown_word", text, {"allowed": allowed, "got": _shown(given)})


def _is_tag(loc: tuple[Any, ...], depth: int) -> bool:
    """Whether pydantic put the kind of an intervention there: it is not written in the file."""
    return depth == 2 and loc[0] == "interventions"


def _path(loc: tuple[Any, ...]) -> str:
    parts = ""
    for depth, part in enumerate(loc):
        if isinstance(part, int):
            parts += f"[{part}]"
        elif part != "[key]" and not _is_tag(loc, depth):
            name = str(part)[:MAX_NAME]
            parts += f".{name}" if parts else name
    return parts


def _at(root: type[BaseModel], loc: tuple[Any, ...]) -> list[Any]:
    """Models and fields at a place of the schema, as far as they can be followed."""
    places: list[Any] = [root]
    for depth, part in enumerate(loc):
        models = [m for place in places for m in _models_in(place)]
        if _is_tag(loc, depth):
            places = [m for m in models if part in get_args(m.model_fields["kind"].annotation)]
        elif not isinstance(part, int):
            fields = [m.model_fields[part] for m in models if part in m.model_fields]
            places = fields or places
    return places


def _fields_at(root: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    models = [m for place in _at(root, loc) for m in _models_in(place)]
    return list(dict.fromkeys(name for model in models for name in model.model_fields))


def _models_in(place: Any) -> list[Any]:
    if isinstance(place, FieldInfo):
        return _models_in(place.annotation)
    if isinstance(place, type) and issubclass(place, BaseModel):
        return [place]
    return [m for part in get_args(place) for m in _models_in(part)]


def _limits(root: type[BaseModel], loc: tuple[Any, ...]) -> dict[str, float]:
    """Bounds declared for the field at a place: ``ge``, ``gt``, ``le``, ``lt``."""
    found: dict[str, float] = {}
    waiting = _at(root, loc)
    while waiting:
        place = waiting.pop()
        if isinstance(place, FieldInfo):
            waiting += [*place.metadata, place.annotation]
        for name in ("ge", "gt", "le", "lt"):
            if isinstance(getattr(place, name, None), int | float):
                found[name] = getattr(place, name)
        waiting += get_args(place)
    return found
