"""Saying in plain words what is wrong with a scenario: from pydantic's errors to problems.

Paths are as written in the file, every problem has a code with values, and no file can make
the list longer than a screen or two.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from viralbots.errors import Problem
from viralbots.rules import RULES
from viralbots.scenario.file import MAX_NAME, printable, shown, suggest, suggestion
from viralbots.world.memory import too_many_users

Place = tuple[Any, ...]  # keys and numbers as in the document
MAX_PROBLEMS = 50
MAX_PATH = 200  # characters
MAX_TEXT = 400
MAX_TOLD = 15_000  # of all problems together
FORMAT = 1


def bounded(problems: Iterable[Problem]) -> list[Problem]:
    """The first problems, each of them cut to a line, and how many more there are."""
    found: list[Problem] = []
    rest = told = 0
    for problem in problems:
        path, text = printable(problem.path, MAX_PATH), printable(problem.text, MAX_TEXT)
        told += len(path) + len(text)
        if len(found) < MAX_PROBLEMS and told < MAX_TOLD:
            found.append(Problem(path, problem.code, text, problem.values))
        else:
            rest += 1
    if rest:
        found.append(Problem("", "more", f"and {rest} more; mend these first", {"n": rest}))
    return found


@dataclass(frozen=True)
class Finding:
    """A problem, its place in the document, and the places that it rests on as well."""

    place: Place
    problem: Problem
    rests_on: tuple[Place, ...] = ()

    def is_sound(self, unsound: Iterable[Place]) -> bool:
        """Whether it can be said although these places have problems of their own."""
        return not any(_overlap(p, other) for p in (self.place, *self.rests_on)
                       for other in unsound)  # fmt: skip


def _overlap(a: Place, b: Place) -> bool:
    n = min(len(a), len(b))
    return a[:n] == b[:n]


def explain(error: ValidationError, root: type[BaseModel]) -> list[Finding]:
    """Problems of a validation in the words of the user."""
    found = []
    for item in error.errors(include_url=False):
        place = _place(item["loc"])
        if item["type"] == "problems":
            for inner in item["ctx"]["problems"]:
                keys = tuple(filter(None, inner.path.split(".")))
                rests_on = (place,) if keys or not isinstance(item["input"], str) else ()
                found.append(Finding((*place, *keys), placed(inner, (*place, *keys)), rests_on))
        else:
            found.append(Finding(place, _problem(item, root, place)))
    return found


def placed(problem: Problem, place: Place) -> Problem:
    """A problem with the path of its place."""
    return Problem(path_of(place), problem.code, problem.text, problem.values)


_TYPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    **dict.fromkeys(("list_type", "tuple_type"), "a list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "a block of names"),
}
_BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
_LENGTHS = ("string_too_long", "string_too_short", "too_long", "too_short")


def _problem(item: Any, root: type[BaseModel], place: Place) -> Problem:
    kind, given, path = item["type"], item["input"], path_of(place)
    if kind == "extra_forbidden":
        known = _fields_at(root, item["loc"][:-1])
        text = f"unknown field{suggest(place[-1], known)}"
        values = {"name": printable(str(place[-1])), **suggestion(place[-1], known)}
        return Problem(path, "unknown_field", text, values)
    if kind == "missing":
        return Problem(path, "missing", "is missing; it has no default")
    if kind in _BOUNDS:
        limits = _limits(root, item["loc"]) | item.get("ctx", {})
        if path == "network.n_users" and isinstance(given, int) and given > limits["le"]:
            return too_many_users(given)
        return _out_of_range(path, given, limits)
    if kind == "union_tag_invalid" and item["loc"] == ("rule",):
        return _unknown_rule(path, item["ctx"]["tag"])
    if kind in ("literal_error", "union_tag_invalid"):
        return _unknown_word(path, kind, given, item["ctx"])
    if kind == "union_tag_not_found":
        return Problem(f"{path}.kind", "missing", "is missing; it says which one is meant")
    if kind in _LENGTHS:
        return _wrong_length(path, kind, given, item["ctx"])
    if kind == "string_pattern_mismatch":
        return _bad_name(path, given, item["ctx"]["pattern"])
    if kind in _TYPES:
        text = f"must be {_TYPES[kind]}, got {shown(given)}"
        values = {"expected": _TYPES[kind], "got": shown(given)}
        return Problem(path, "wrong_type", text, values)
    told = str(item["msg"])
    text = f"{told[:1].lower()}{told[1:]}, got {shown(given)}"
    return Problem(path, "not_allowed", text, {"got": shown(given), "why": told})


def _out_of_range(path: str, given: object, limits: dict[str, float]) -> Problem:
    if "ge" in limits and "le" in limits:
        words = f"between {limits['ge']:g} and {_number(limits['le'])}"
    else:
        names = {"gt": "greater than", "ge": "at least", "lt": "less than", "le": "at most"}
        words = " and ".join(f"{names[k]} {_number(limits[k])}" for k in names if k in limits)
    values: dict[str, object] = {**limits, "got": shown(given)}
    return Problem(path, "out_of_range", f"must be {words}, got {shown(given)}", values)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _unknown_word(path: str, kind: str, given: Any, context: Any) -> Problem:
    if kind == "union_tag_invalid":
        path, given, expected = f"{path}.kind", context["tag"], context["expected_tags"]
    else:
        expected = context["expected"]
    allowed = [word.strip(" '") for word in re.split(r", | or ", expected)]
    if path == "format" and isinstance(given, int) and given > FORMAT:
        text = f"must be {FORMAT}, got {shown(given)}; a newer version of the program reads it"
        return Problem(path, "newer_format", text, {"limit": FORMAT, "got": shown(given)})
    words = f"one of {', '.join(allowed)}" if len(allowed) > 1 else allowed[0]
    values: dict[str, object] = {"allowed": allowed, "got": shown(given)}
    text = f"must be {words}, got {shown(given)}"
    close = difflib.get_close_matches(str(given)[:MAX_NAME], allowed, n=1)
    if close:
        text += f"; did you mean {close[0]!r}?"
        values["suggestion"] = close[0]
    return Problem(path, "unknown_word", text, values)


def _unknown_rule(path: str, given: str) -> Problem:
    text = f"no rule is called {shown(given)}{suggest(given, RULES)}"
    values = {"given": shown(given), **suggestion(given, RULES)}
    return Problem(f"{path}.kind", "unknown_rule", text, values)


def _wrong_length(path: str, kind: str, given: Any, context: Any) -> Problem:
    is_long = kind.endswith("long")
    limit: int = context["max_length" if is_long else "min_length"]
    code = "too_many_entries" if is_long else "too_few_entries"
    noun = "entries" if limit != 1 else "entry"
    if kind.startswith("string"):
        code = "too_many_characters" if is_long else "too_few_characters"
        noun = "characters"
    text = f"must have at {'most' if is_long else 'least'} {limit} {noun}, got {len(given)}"
    return Problem(path, code, text, {"limit": limit, "got": len(given)})


def _bad_name(path: str, given: object, pattern: str) -> Problem:
    allowed = "a–z, A–Z, 0–9, _ and -" if "A-Z" in pattern else "a–z, 0–9 and _"
    text = f"must be a name of at most 64 characters ({allowed}), got {shown(given)}"
    return Problem(path, "bad_name", text, {"allowed": allowed, "got": shown(given)})


def path_of(place: Place) -> str:
    """A place as it is written: ``seeding[0].count``.

    >>> path_of(("messages", "ad", "channels", "im")), path_of(("seeding", 0, "who"))
    ('messages.ad.channels.im', 'seeding[0].who')
    """
    parts = ""
    for part in place:
        if isinstance(part, int):
            parts += f"[{part}]"
        else:
            name = printable(str(part))
            parts += f".{name}" if parts else name
    return parts


def _place(loc: Place) -> Place:
    """A place without what pydantic puts in: kinds of things, ``[key]``."""
    return tuple(
        part for depth, part in enumerate(loc) if part != "[key]" and not _is_tag(loc, depth)
    )


def _is_tag(loc: Place, depth: int) -> bool:
    """Whether pydantic put a kind (of an intervention, a bot, a rule): it is not in the file."""
    if loc[0] == "rule":
        return depth == 1
    return depth == 2 and loc[0] in ("interventions", "bots") and isinstance(loc[1], int)


def written_fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by their names in a file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def default_of(field: FieldInfo) -> Any:
    """What a field is where it is left out; `PydanticUndefined` where it must be given."""
    factory: Any = field.default_factory
    return field.default if factory is None else factory()


def _at(root: type[BaseModel], loc: Place) -> list[Any]:
    """Models and fields at a place of the schema, as far as they can be followed."""
    places: list[Any] = [root]
    for depth, part in enumerate(loc):
        models = [m for place in places for m in models_in(place)]
        if _is_tag(loc, depth):
            places = [m for m in models if part in get_args(m.model_fields["kind"].annotation)]
        elif not isinstance(part, int):
            fields = [f[part] for f in map(written_fields, models) if part in f]
            places = fields or places
    return places


def _fields_at(root: type[BaseModel], loc: Place) -> list[str]:
    models = [m for place in _at(root, loc) for m in models_in(place)]
    return list(dict.fromkeys(name for model in models for name in written_fields(model)))


def models_in(place: Any) -> list[Any]:
    """The models that an annotation or a field may hold."""
    if isinstance(place, FieldInfo):
        return models_in(place.annotation)
    if isinstance(place, type) and issubclass(place, BaseModel):
        return [place]
    return [m for part in get_args(place) for m in models_in(part)]


def _limits(root: type[BaseModel], loc: Place) -> dict[str, float]:
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
