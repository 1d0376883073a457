"""From the path of a field to what a slider needs to know about it; no Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel

from viralbots.interventions.levers import CLASSES
from viralbots.rules.constants import DECLARED
from viralbots.scenario import Scenario
from viralbots.scenario.fields import FieldNote, cell_note, note

Kind = Literal["share", "amount", "count", "minutes", "switch", "choice"]

# The cell of the decision table through which a message's field acts.
ACTS_THROUGH = {
    "value": "forward.match", "ease": "forward.ease", "arousal": "forward.arousal",
    "ad_intensity": "forward.ad", "threat": "forward.threat", "disguise": "detect.disguise",
    "novelty": "forward.novelty", "reward": "forward.reward", "status": "forward.status",
    "price": "convert.price", "is_false": "detect.false", "reward_visible": "forward.reputation",
    "offer": "convert.full", "push_quota": "quota.obeyed",
}  # fmt: skip
UPPER = {"reward": 20.0, "price": 100.0, "count": 1000, "push_quota": 30, "limit": 30,
         "horizon_days": 180.0, "per_hour": 10_000, "per_day": 20.0, "offset": 5.0, "scale": 5.0,
         "novelty_half_life_days": 90.0}  # fmt: skip
LOWER = {"offset": -5.0, "scale": -5.0}
MINUTES = ("start", "minute", "duration")
CLASS_OF_USERS = ("who", "users")
FOLLOWS = {"converts": "is_convertible", "sponsored": "is_campaign"}
"""Fields of a message that follow from others while they are not set, and what they then are."""
WIDE = 100.0


@dataclass(frozen=True)
class Control:
    """One thing to change.

    Attributes
    ----------
    path : str
        As `viralbots.scenario.override` takes it.
    field : str
        Last part of the path; the key of its texts.
    kind : str
        share (0 to 1), amount, count (whole number), minutes, switch or choice.
    value : object
        What the scenario says; None: not set.
    low, high, step : float
        Range of a slider.
    options : tuple of str
        Of a choice; the empty one stands for: not set.
    owner : str
        Kind of the intervention, or of the message if it is not the first, that it belongs
        to; ``wave:2`` of several waves; empty otherwise.
    note : FieldNote
        What the field is in both languages.
    optional : bool
        It may be left unset; a slider then says so by nought.
    mark, source : str
        measured, derived, assumed or empty, and where the coefficient comes from.
    """

    path: str
    field: str
    kind: Kind
    value: Any
    low: float
    high: float
    step: float
    options: tuple[str, ...]
    owner: str
    note: FieldNote
    optional: bool
    mark: str
    source: str


def control(scenario: Scenario, path: str) -> Control:
    """Look a path up in a scenario.

    Raises
    ------
    KeyError
        The path leads nowhere.
    """
    if path.startswith("rule.cells."):
        return _cell_control(scenario, path)
    parts = path.split(".")
    if parts[0] == "message":
        parts[:1] = ["messages", scenario.message_names[0]]
    node: Any = scenario
    for part in parts[:-1]:
        node = _child(node, part)
    field = parts[-1]
    if not isinstance(node, BaseModel) or field not in type(node).model_fields:
        raise KeyError(path)
    schema = _schema(type(node), field)
    value = getattr(node, FOLLOWS[field] if _follows(node, field) else field)
    kind = _kind(schema, field, value)
    if kind is None:
        raise KeyError(path)
    low, high = _range(schema, field, value, scenario.horizon)
    cell = DECLARED.get(ACTS_THROUGH.get(field, ""))
    optional = schema.get("optional", False) and field not in FOLLOWS
    return Control(
        path, field, kind, value, low, high, _step(kind, low, high),
        _options(schema, field, value, optional), _owner(scenario, node, parts),
        note(type(node), field), optional, cell.mark if cell else "", cell.source if cell else "",
    )  # fmt: skip


def _follows(node: BaseModel, field: str) -> bool:
    return field in FOLLOWS and hasattr(node, FOLLOWS[field])


def _options(schema: Mapping[str, Any], field: str, value: Any, optional: bool) -> tuple[str, ...]:
    if field in CLASS_OF_USERS:
        return tuple(dict.fromkeys((*CLASSES, str(value))))
    found = tuple(schema.get("enum", ()))
    return ("", *found) if found and optional else found


def _cell_control(scenario: Scenario, path: str) -> Control:
    name = path.removeprefix("rule.cells.")
    cell = DECLARED[name]
    value = float(scenario.cells[name])
    low, high = min(cell.low, value), max(cell.high, value)
    return Control(
        path, name, "amount", value, low, high, _step("amount", low, high), (), "",
        cell_note(name), False, cell.mark, cell.source,
    )  # fmt: skip


def _child(node: Any, part: str) -> Any:
    if isinstance(node, list | tuple):
        return node[int(part)]
    if isinstance(node, Mapping):
        return node[part]
    if isinstance(node, BaseModel) and part in type(node).model_fields:
        return getattr(node, part)
    raise KeyError(part)


def _owner(scenario: Scenario, node: Any, parts: list[str]) -> str:
    if parts[0] == "seeding" and len(scenario.seeding) > 1:
        return f"wave:{int(parts[1]) + 1}"
    is_named = parts[0] == "interventions" or (
        parts[0] == "messages" and parts[1] != scenario.message_names[0]
    )
    return str(getattr(node, "kind", "")) if is_named else ""


@lru_cache(maxsize=500)
def _schema(model: type[BaseModel], field: str) -> dict[str, Any]:
    """A field's JSON schema; of an optional one that of its value."""
    schema = dict(model.model_json_schema(by_alias=False)["properties"][field])
    branches = schema.pop("anyOf", [])
    optional = any(branch.get("type") == "null" for branch in branches)
    set_ones: list[dict[str, Any]] = [b for b in branches if b.get("type") != "null"]
    value = set_ones[0] if set_ones else {}
    return {**value, **schema, "optional": optional}


def _kind(schema: Mapping[str, Any], field: str, value: object) -> Kind | None:
    """How a field is asked; None of a field that is no single number, word or switch."""
    kind = schema.get("type")
    if field in MINUTES:
        return "minutes"
    if "enum" in schema or (field in CLASS_OF_USERS and kind == "string"):
        return "choice"
    if kind == "boolean" or isinstance(value, bool):
        return "switch"
    if kind == "integer":
        return "count"
    if kind != "number":
        return None
    return "share" if schema.get("maximum") == 1 else "amount"


def _range(
    schema: Mapping[str, Any], field: str, value: object, horizon: int
) -> tuple[float, float]:
    low = float(schema.get("minimum", schema.get("exclusiveMinimum", 0)))
    high = float(schema.get("maximum", schema.get("exclusiveMaximum", WIDE)))
    if field in MINUTES:
        low, high = 0.0, float(horizon)
    else:
        high = min(high, float(UPPER.get(field, WIDE)))
        low = max(low, LOWER.get(field, low))
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = min(low, float(value)), max(high, float(value))
    return low, high


def _step(kind: Kind, low: float, high: float) -> float:
    if kind == "minutes":
        return 60.0
    if kind == "count":
        return 1.0
    if kind == "share" or high - low <= 2:
        return 0.05
    return 0.1 if high - low <= 10 else 0.5 if high - low <= 50 else 1.0
