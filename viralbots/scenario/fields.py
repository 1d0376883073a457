"""What each field of a scenario file is: unit, default, meaning in English and Chinese.

The English meaning is the field's own ``description``; the Chinese one stands in
``fields.zh.yaml``. Files are commented, compared and described from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from viralbots.interventions.base import Intervention
from viralbots.rules.constants import DECLARED
from viralbots.rules.decision_table import CELLS
from viralbots.scenario.model import Scenario
from viralbots.scenario.paths import place, split
from viralbots.scenario.problems import models_in, written_fields

UNITS: dict[str, dict[str, str]] = {
    "share": {"en": "0 to 1", "zh": "0到1"},
    "minutes": {"en": "minutes", "zh": "分钟"},
    "days": {"en": "days", "zh": "天"},
    "users": {"en": "users", "zh": "人"},
    "money": {"en": "money", "zh": "金额"},
    "count": {"en": "a number", "zh": "个数"},
    "ties": {"en": "ties", "zh": "条关系"},
    "log-odds": {"en": "log-odds", "zh": "对数几率"},
    "factor": {"en": "a factor", "zh": "倍数"},
    "weight": {"en": "parts of the whole", "zh": "所占份数"},
    "per hour": {"en": "an hour", "zh": "每小时"},
    "per day": {"en": "a day", "zh": "每天"},
    "quantity": {"en": "as the quantity", "zh": "单位与所选的量相同"},
    "none": {"en": "no unit", "zh": "无单位"},
}
"""Words for the units that fields declare (`viralbots.world.message.measured_in`)."""


@dataclass(frozen=True)
class FieldNote:
    """What one field is.

    Attributes
    ----------
    model, name : str
        Where it is declared (``Message``, ``ease``), by its name in the file; of a cell of
        the decision table ``Cell`` and its name.
    unit : str
        Key of `UNITS`; empty where it is no number.
    label, meaning : dict
        Short name and sentence by language (``en``, ``zh``).
    """

    model: str
    name: str
    unit: str
    label: dict[str, str]
    meaning: dict[str, str]


def unit_of(place_: Any) -> str:
    """The unit that a field, or a type inside it, declares; empty where it is no number."""
    if isinstance(place_, FieldInfo):
        extra = place_.json_schema_extra
        if isinstance(extra, dict) and "unit" in extra:
            return str(extra["unit"])
        return unit_of(place_.annotation)
    return next(filter(None, map(unit_of, get_args(place_))), "")


def models() -> dict[str, type[BaseModel]]:
    """Every model that may lie in a scenario file, by its name."""
    found: dict[str, type[BaseModel]] = {}
    waiting: list[type[BaseModel]] = [Scenario]
    while waiting:
        model = waiting.pop(0)
        if model.__name__ not in found:
            found[model.__name__] = model
            waiting += [m for f in model.model_fields.values() for m in models_in(f)]
    return found


@cache
def _chinese(file: str) -> dict[str, Any]:
    """A file of Chinese texts beside this one."""
    found: dict[str, Any] = yaml.safe_load(
        (Path(__file__).parent.parent / file).read_text("utf-8")
    )
    return found


def note(model: type[BaseModel], name: str) -> FieldNote:
    """What a field of a model is; fields that models share are told once."""
    field = written_fields(model)[name]
    owner = _owner(model, field.alias or name)
    zh = _chinese("scenario/fields.zh.yaml").get(owner, {}).get(name, [name, ""])
    english = {"en": name.replace("_", " "), "zh": zh[0]}
    meaning = {"en": field.description or getattr(model, "how", ""), "zh": zh[1]}
    return FieldNote(owner, name, unit_of(field), english, meaning)


def measured(kind: type[Intervention]) -> dict[str, str]:
    """The effect of an intervention that was measured; empty texts where none is known."""
    zh = _chinese("scenario/fields.zh.yaml").get(kind.__name__, {}).get("kind", [])
    return {"en": kind.measured, "zh": zh[2] if len(zh) > 2 else ""}


def _owner(model: type[BaseModel], name: str) -> str:
    """The model in which a field is told: the oldest that has it."""
    older = [m for m in model.__mro__ if issubclass(m, BaseModel) and name in _names(m)]
    return older[-1].__name__


def _names(model: type[BaseModel]) -> set[str]:
    return set(written_fields(model)) if model is not BaseModel else set()


def notes() -> Iterator[FieldNote]:
    """What every field of every model is."""
    seen: set[tuple[str, str]] = set()
    for model in models().values():
        for name in written_fields(model):
            found = note(model, name)
            if (found.model, found.name) not in seen:
                seen.add((found.model, found.name))
                yield found


def cell_note(name: str) -> FieldNote:
    """What a cell of the decision table, or a constant beside it, is."""
    cell = DECLARED[name]
    unit = "log-odds" if name in CELLS else _constant_unit(name)
    meaning = {"en": cell.sentence, "zh": str(_chinese("rules/cells.zh.yaml").get(name, ""))}
    return FieldNote("Cell", name, unit, {"en": name, "zh": name}, meaning)


def _constant_unit(name: str) -> str:
    if name.startswith("wait.") and "sigma" not in name:
        return "minutes"
    if name.startswith(("fatigue.", "fan_out.", "wait.sigma")):
        return "users" if name == "fan_out.mean" else "none"
    return "share"


def note_at(scenario: Scenario, path: str) -> FieldNote | None:
    """What the field at a path is; None where it is an entry of a list or a mapping.

    Raises
    ------
    viralbots.errors.ScenarioError
        The path leads nowhere.
    """
    place(scenario.model_dump(mode="python"), path, scenario.name)
    return note_of(scenario, split(path, scenario.message_names[0]))


def note_of(scenario: Scenario, parts: tuple[str, ...]) -> FieldNote | None:
    """What the field at the parts of a path is; None where there is none."""
    if parts[:2] == ("rule", "cells") and len(parts) == 3:
        return cell_note(parts[2]) if parts[2] in DECLARED else None
    node: Any = scenario
    found = None
    for part in parts:
        if isinstance(node, BaseModel) and part in written_fields(type(node)):
            found = note(type(node), part)
            node = getattr(node, "relation" if part == "is" else part)
        elif isinstance(node, list | tuple) and part.isdecimal() and int(part) < len(node):
            found, node = None, node[int(part)]
        elif isinstance(node, dict):
            node = node.get(part)
            found = None if isinstance(node, BaseModel) else found
        else:
            return None
    return found
