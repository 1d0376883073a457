"""From the path of a field to what a slider needs to know about it; no Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from viralbots.rules.constants import DECLARED
from viralbots.scenario import Scenario

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
         "start": 20_160, "minute": 20_160, "horizon_days": 180.0, "duration": 20_160}  # fmt: skip
MINUTES = ("start", "minute", "duration")
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
        Of a choice.
    owner : str
        Kind of the intervention, or of the message if it is not the first, that it belongs
        to; empty otherwise.
    description : str
        The field's own English sentence.
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
    description: str
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
    value = getattr(node, field)
    kind: Kind = "minutes" if field in MINUTES else _kind(schema, value)
    low, high = _range(schema, field, value)
    cell = DECLARED.get(ACTS_THROUGH.get(field, ""))
    return Control(
        path, field, kind, value, low, high, _step(kind, low, high),
        tuple(schema.get("enum", ())), _owner(scenario, node, parts),
        schema.get("description", ""), schema.get("optional", False),
        cell.mark if cell else "", cell.source if cell else "",
    )  # fmt: skip


def _cell_control(scenario: Scenario, path: str) -> Control:
    name = path.removeprefix("rule.cells.")
    cell = DECLARED[name]
    return Control(
        path, name, "amount", float(scenario.cells[name]), cell.low, cell.high,
        _step("amount", cell.low, cell.high), (), "", cell.sentence, False, cell.mark, cell.source,
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
    is_named = parts[0] == "interventions" or (
        parts[0] == "messages" and parts[1] != scenario.message_names[0]
    )
    return str(getattr(node, "kind", "")) if is_named else ""


def _schema(model: type[BaseModel], field: str) -> dict[str, Any]:
    """A field's JSON schema; of an optional one that of its value."""
    schema = dict(model.model_json_schema(by_alias=False)["properties"][field])
    branches = schema.pop("anyOf", [])
    optional = any(branch.get("type") == "null" for branch in branches)
    set_ones: list[dict[str, Any]] = [b for b in branches if b.get("type") != "null"]
    value = set_ones[0] if set_ones else {}
    return {**value, **schema, "optional": optional}


def _kind(schema: Mapping[str, Any], value: object) -> Kind:
    if "enum" in schema:
        return "choice"
    kind = schema.get("type")
    if kind == "boolean" or isinstance(value, bool):
        return "switch"
    if kind == "integer":
        return "count"
    return "share" if schema.get("maximum") == 1 else "amount"


def _range(schema: Mapping[str, Any], field: str, value: object) -> tuple[float, float]:
    low = float(schema.get("minimum", schema.get("exclusiveMinimum", 0)))
    high = float(schema.get("maximum", schema.get("exclusiveMaximum", WIDE)))
    high = min(high, float(UPPER.get(field, max(WIDE, 0.0))))
    if isinstance(value, int | float) and not isinstance(value, bool):
        high = max(high, float(value))
    return low, high


def _step(kind: Kind, low: float, high: float) -> float:
    if kind == "minutes":
        return 60.0
    if kind == "count":
        return 1.0 if high <= 100 else 10.0 if high <= 2000 else 60.0
    if kind == "share" or high - low <= 2:
        return 0.05
    return 0.1 if high - low <= 10 else 0.5 if high - low <= 50 else 1.0
