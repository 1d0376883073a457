"""The JSON schema of scenario files, for editors that complete and check while one writes.

Kept as ``scenarios/scenario.schema.json``; a file that begins with
``# yaml-language-server: $schema=scenario.schema.json`` is checked against it by editors that
know YAML. The program itself checks more (what does not fit *together*) and does not need it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from viralbots.interventions import INTERVENTIONS
from viralbots.interventions.bots import BOTS
from viralbots.rules.constants import DECLARED, allowed
from viralbots.scenario.fields import UNITS, cell_note
from viralbots.scenario.model import Scenario

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE = "scenario.schema.json"
_PYDANTIC_ONLY = ("title", "discriminator")


def json_schema() -> dict[str, Any]:
    """The schema as plain data: descriptions with unit, bounds, names of cells."""
    schema = Scenario.model_json_schema(by_alias=True, mode="validation")
    definitions = schema.get("$defs", {})
    for model in (schema, *definitions.values()):
        for field in model.get("properties", {}).values():
            _describe(field)
    for actor in (*INTERVENTIONS.values(), *BOTS.values()):
        definitions[actor.__name__]["properties"]["kind"]["description"] = actor.how
    cells = definitions["MainRule"]["properties"]["cells"]
    cells.pop("additionalProperties", None)
    cells["properties"] = {name: _cell(name) for name in DECLARED}
    cells["additionalProperties"] = False
    return {"$schema": DIALECT, "title": "ViralBots scenario", **_tidied(schema)}


def schema_text() -> str:
    """The schema as it is kept in a file."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


def _describe(field: dict[str, Any]) -> None:
    """Say the unit in the description as well, since editors show nothing else."""
    unit = next(_units(field), "none")
    if unit not in ("none", "quantity"):
        field["description"] = f"{field.get('description', '')} [{UNITS[unit]['en']}]".strip()


def _units(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for entry in node:
            yield from _units(entry)
    elif isinstance(node, dict):
        if "unit" in node:
            yield node["unit"]
        for value in node.values():
            yield from _units(value)


def _cell(name: str) -> dict[str, Any]:
    low, high = allowed(name)
    cell, note = DECLARED[name], cell_note(name)
    unit = "" if note.unit == "none" else f" [{UNITS[note.unit]['en']}]"
    return {
        "type": "number", "minimum": low, "maximum": high, "default": cell.default,
        "description": f"{cell.sentence} Worth trying: {cell.low:g} to {cell.high:g}; "
        f"{cell.mark}.{unit}",
        "unit": note.unit,
    }  # fmt: skip


def _tidied(node: Any, is_names: bool = False) -> Any:
    """Without the titles that pydantic makes of names; ``is_names``: keys are fields."""
    if isinstance(node, list):
        return [_tidied(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _tidied(value, key in ("properties", "$defs", "patternProperties") and not is_names)
        for key, value in node.items()
        if is_names or key not in _PYDANTIC_ONLY
    }
