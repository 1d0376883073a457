"""All that is wrong with a document at once, not only what is wrong field by field.

Where fields are wrong they are taken out, one layer after the other, until the rest makes a
scenario; what does not fit together in that rest is told as well. Nothing is told that rests
on a field which was taken out, and the rest is never used for anything else.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from viralbots.errors import Problem
from viralbots.scenario.faults import faults
from viralbots.scenario.problems import Place, explain

if TYPE_CHECKING:
    from viralbots.scenario.model import Scenario

ROUNDS = 8  # each takes out a layer: a field, the block around it, the entry around that
_TEXT = {"en": "", "zh": ""}
_FIELDS: dict[str, Any] = {
    "format": 1, "name": "unsound", "title": _TEXT, "story": _TEXT, "messages": {"unsound": {}},
}  # fmt: skip
_ENTRIES: dict[str, Any] = {
    "seeding": {"message": ""}, "interventions": {"kind": "removal"},
    "bots": {"kind": "amplifier", "message": ""}, "claims": {"text": _TEXT},
    "questions": _TEXT, "controls": "horizon_days", "sources": "", "tags": "",
}  # fmt: skip
"""What stands in for a field or an entry that cannot be left out."""


def validated(model: type[Scenario], data: object) -> tuple[Scenario | None, list[Problem]]:
    """A scenario, or None, and all problems that can be known."""
    try:
        scenario = model.model_validate(data)
    except ValidationError as error:
        return None, list(_salvaged(model, data, error))
    return scenario, [finding.problem for finding in faults(scenario)]


def _salvaged(model: type[Scenario], data: object, error: ValidationError) -> Iterator[Problem]:
    rest = copy.deepcopy(data)
    unsound: list[Place] = []
    for _ in range(ROUNDS):
        findings = explain(error, model)
        yield from (f.problem for f in findings if f.is_sound(unsound))
        if not isinstance(rest, dict):
            return
        unsound += [_take_out(rest, finding.place) for finding in findings]
        try:
            scenario = model.model_validate(rest)
        except ValidationError as next_error:
            error = next_error
            continue
        yield from (f.problem for f in faults(scenario) if f.is_sound(unsound))
        return


def _take_out(rest: dict[str, Any], place: Place) -> Place:
    """Take the field at a place out of a document; the place that is now without its content."""
    while place:
        holder = _at(rest, place[:-1])
        key = place[-1]
        if isinstance(holder, dict) and key in holder:
            del holder[key]
            if place == ("messages", key) and isinstance(key, str) and not holder:
                holder["unsound"] = {}
            return place
        if len(place) == 1 and key in _FIELDS:
            rest[key] = copy.deepcopy(_FIELDS[key])
            return place
        if isinstance(holder, list) and len(place) == 2 and place[0] in _ENTRIES:
            holder[key] = copy.deepcopy(_ENTRIES[place[0]])
            return place
        place = place[:-1]
    return place


def _at(rest: Any, place: Place) -> Any:
    """What lies at a place; None where nothing does."""
    for part in place:
        if isinstance(rest, dict) and part in rest:
            rest = rest[part]
        elif isinstance(rest, list) and isinstance(part, int) and 0 <= part < len(rest):
            rest = rest[part]
        else:
            return None
    return rest
