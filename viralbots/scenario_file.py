"""Reading a scenario file safely, and saying in plain words what is wrong with it.

The loader is bounded (bytes, depth, number of values) and knows no anchors, tags or
duplicate keys, so that no file can take the program down (billion laughs, deep nesting).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from viralbots.errors import Problem, ScenarioError

MAX_DEPTH = 20
MAX_VALUES = 20_000


class _Loader(yaml.SafeLoader):
    """SafeLoader without anchors, tags and duplicate keys, bounded in depth and size."""

    depth = 0
    n_values = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if getattr(event, "anchor", None) is not None:
            self._refuse(event, "anchors and aliases (& and *) are not allowed; write it out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(event, f"tags are not allowed, got {tag}; leave it out")
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
                self._refuse(key_node, f"names must be text, got {key!r}; put it in quotes")
            if key in seen:
                self._refuse(key_node, f"{key!r} is given twice; keep one")
            seen.add(key)
        return super().construct_mapping(node, deep)

    def flatten_mapping(self, node: Any) -> None:
        """Leave ``<<`` alone: merging is how bombs are built."""

    def _refuse(self, where: Any, text: str) -> None:
        raise yaml.constructor.ConstructorError(None, None, text, where.start_mark)


def parse_yaml(data: bytes, source: str) -> object:
    """Parse a bounded YAML document.

    Raises
    ------
    ScenarioError
        Not UTF-8, not YAML, or outside the bounds; the problem names the line.
    """
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
        problem = Problem(where, "yaml", error.problem or "is not valid YAML")
    except (ValueError, RecursionError, OverflowError) as error:
        problem = Problem("", "yaml", f"a value cannot be read: {error}")
    raise ScenarioError(source, [problem])


def suggest(name: object, known: Iterable[object]) -> str:
    """``; did you mean 'x'?`` for a name that does not exist, or the list of those that do."""
    names = [str(k) for k in known]
    close = difflib.get_close_matches(str(name), names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return "; there are: " + ", ".join(names) if 0 < len(names) <= 20 else ""


_BOUNDS = {
    "greater_than": ("greater than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def explain(error: ValidationError, root: type[BaseModel]) -> list[Problem]:
    """Problems of a validation in the words of the user, paths as written in the file."""
    return [_problem(item, root) for item in error.errors(include_url=False)]


def _problem(item: Any, root: type[BaseModel]) -> Problem:
    kind, given, context = item["type"], item["input"], item.get("ctx", {})
    path = _path(item["loc"])
    if kind == "extra_forbidden":
        name = str(item["loc"][-1])
        text = "unknown field" + suggest(name, _fields_at(root, item["loc"][:-1]))
        return Problem(path, "unknown_field", text, {"name": name})
    if kind == "missing":
        return Problem(path, "missing", "is missing; every scenario needs it")
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        text = f"must be {words} {context[key]}, got {_shown(given)}"
        return Problem(path, "out_of_range", text, {"bound": context[key], "got": given})
    if kind == "literal_error":
        allowed = [part.strip("' ") for part in context["expected"].replace(" or ", ", ").split(",")]
        text = f"must be one of {context['expected']}, got {_shown(given)}"
        close = difflib.get_close_matches(str(given), allowed, n=1)
        return Problem(path, "unknown_word", text + (f"; did you mean {close[0]!r}?" if close else ""))
    if kind in ("value_error", "assertion_error"):
        return Problem(path, "invalid", str(context.get("error", item["msg"])))
    text = f"{item['msg'][0].lower()}{item['msg'][1:]}, got {_shown(given)}"
    return Problem(path, kind, text)


def _path(loc: tuple[Any, ...]) -> str:
    parts = ""
    for part in loc:
        if isinstance(part, int):
            parts += f"[{part}]"
        elif part != "[key]":
            parts += f".{part}" if parts else str(part)
    return parts


def _fields_at(root: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    """Names of the fields at a place of the schema, as far as they can be followed."""
    models: list[Any] = [root]
    for part in loc:
        found: list[Any] = []
        for model in models:
            fields = getattr(model, "model_fields", {})
            if part in fields:
                found += _models_in(fields[part].annotation)
            elif isinstance(part, int) or part not in fields:
                found.append(model)
        models = found or models
    return [name for model in models for name in getattr(model, "model_fields", {})]


def _models_in(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for part in getattr(annotation, "__args__", ()) for m in _models_in(part)]
