"""What two scenarios have different, field by field, with defaults filled in.

A field that is left out equals its default, also where the default follows from other fields
(``converts``, ``sponsored``, ``start``, the parameters of a network). Messages are matched by
name, then by order; waves and interventions so that as little as possible differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from viralbots.scenario.dump import document
from viralbots.scenario.fields import FieldNote, note_of
from viralbots.scenario.model import TEXT_FIELDS, Scenario
from viralbots.scenario.problems import Place, path_of
from viralbots.world.spec import DEFAULTS, PARAMETERS

GAP = 3  # an entry that only one side has counts as much as so many fields that differ


class _Absent:
    """The side of a change that has no such entry."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


@dataclass(frozen=True)
class Change:
    """One thing that differs.

    Attributes
    ----------
    path : str
        As it is written in the second scenario; in the first where only that has it.
    before, after : object
        Plain data; `ABSENT` where one side lacks the entry, None where a field is not set.
    what : {"changed", "added", "removed", "renamed", "moved"}
        renamed: a message with its two names; moved: messages in another order.
    is_text : bool
        It decides nothing.
    note : FieldNote or None
        What the field is: label, unit and meaning in English and Chinese; None for entries of
        lists as wholes.
    """

    path: str
    before: object
    after: object
    what: Literal["changed", "added", "removed", "renamed", "moved"] = "changed"
    is_text: bool = False
    note: FieldNote | None = None

    def as_data(self) -> dict[str, object]:
        """Plain data for JSON; a side that lacks the entry is left out."""
        found: dict[str, object] = {"path": self.path, "what": self.what, "is_text": self.is_text}
        if self.before is not ABSENT:
            found["before"] = self.before
        if self.after is not ABSENT:
            found["after"] = self.after
        if self.note is not None:
            found |= {"unit": self.note.unit, "label": self.note.label,
                      "meaning": self.note.meaning}  # fmt: skip
        return found


def difference(before: Scenario, after: Scenario) -> list[Change]:
    """All changes from one scenario to another, in the order of the format."""
    a, b = resolved(before), resolved(after)
    names = _matched_messages(before, after)
    _rename(a, names)
    sides = (before, after)
    found: list[Change] = []
    for field in b:
        if field == "messages":
            found += _messages(sides, a[field], b[field], names)
        elif field == "seeding":
            found += _lists(sides, field, a[field], b[field], lambda x: x["message"])
        elif field == "interventions":
            found += _lists(sides, field, a[field], b[field], lambda x: x["kind"])
        else:
            found += _compared(sides, (field,), a[field], b[field])
    return found


def resolved(scenario: Scenario) -> dict[str, Any]:
    """All fields with the values that they stand for, as plain data."""
    data = scenario.model_dump(mode="json")
    data.pop("format")
    network = data["network"]
    for name in PARAMETERS[scenario.network.kind]:
        if network[name] is None:
            network[name] = DEFAULTS.get(name)
    for name, message in scenario.messages.items():
        data["messages"][name] |= {
            "sponsored": message.is_campaign, "converts": message.is_convertible,
        }  # fmt: skip
    for entry in data["interventions"]:
        if entry["start"] is None and entry["trigger"] is None:
            entry["start"] = 0
    data["rule"] = scenario.rule.dynamic()
    return data


def _matched_messages(before: Scenario, after: Scenario) -> dict[str, str]:
    """Names of messages of the first scenario that have another name in the second."""
    a = [n for n in before.messages if n not in after.messages]
    b = [n for n in after.messages if n not in before.messages]
    names: dict[str, str] = {}
    for old in a:
        kind = before.messages[old].kind
        new = next((n for n in b if after.messages[n].kind == kind), None)
        if new is not None:
            b.remove(new)
            names[old] = new
    return names


def _rename(data: dict[str, Any], names: dict[str, str]) -> None:
    """Give the messages of a scenario the names that they have in another one."""

    def new(name: Any) -> Any:
        return names.get(name, name)

    data["messages"] = {new(name): message for name, message in data["messages"].items()}
    for message in data["messages"].values():
        message["about"] = new(message["about"])
    for wave in data["seeding"]:
        wave["message"] = new(wave["message"])
    for entry in data["interventions"]:
        entry["messages"] = [new(name) for name in entry["messages"]]
        if "message" in entry:
            entry["message"] = new(entry["message"])
        if entry["trigger"] is not None:
            entry["trigger"]["message"] = new(entry["trigger"]["message"])


Sides = tuple[Scenario, Scenario]


def _change(
    sides: Sides, at: Place, before: object, after: object, what: Any = "changed"
) -> Change:
    is_text = at[0] in TEXT_FIELDS or at[-1] == "appeals"
    parts = tuple(map(str, at))
    note = note_of(sides[1], parts) or (note_of(sides[0], parts) if after is ABSENT else None)
    return Change(path_of(at), before, after, what, is_text, note)


def _compared(sides: Sides, at: Place, a: object, b: object) -> Iterator[Change]:
    """Changes between two values, entry by entry where both are blocks of names."""
    if not isinstance(a, dict) or not isinstance(b, dict):
        if a != b or isinstance(a, bool) != isinstance(b, bool):
            yield _change(sides, at, a, b)
        return
    for name in dict.fromkeys((*b, *a)):
        place = (*at, name)
        if name not in a:
            yield _change(sides, place, ABSENT, b[name], "added")
        elif name not in b:
            yield _change(sides, place, a[name], ABSENT, "removed")
        else:
            yield from _compared(sides, place, a[name], b[name])


def _messages(
    sides: Sides, a: dict[str, Any], b: dict[str, Any], names: dict[str, str]
) -> Iterator[Change]:
    written = [document(side)["messages"] for side in sides]
    for name in b:
        if name not in a:
            yield _change(sides, ("messages", name), ABSENT, written[1][name], "added")
    for old, new in names.items():
        yield _change(sides, ("messages", new), old, new, "renamed")
    for name in dict.fromkeys((*b, *a)):
        if name not in b:
            yield _change(sides, ("messages", name), written[0][name], ABSENT, "removed")
        elif name in a:
            yield from _compared(sides, ("messages", name), a[name], b[name])
    order = [name for name in a if name in b], [name for name in b if name in a]
    if order[0] != order[1]:
        yield _change(sides, ("messages",), *order, "moved")


def _lists(
    sides: Sides, field: str, a: list[Any], b: list[Any], about: Callable[[Any], object]
) -> Iterator[Change]:
    """Changes between two lists of waves or interventions."""
    written = [document(side).get(field, []) for side in sides]
    for i, j in _aligned(a, b, about):
        if i is None and j is not None:
            yield _change(sides, (field, j), ABSENT, written[1][j], "added")
        elif j is None and i is not None:
            yield _change(sides, (field, i), written[0][i], ABSENT, "removed")
        elif i is not None and j is not None:
            yield from _compared(sides, (field, j), a[i], b[j])


def _aligned(
    a: list[Any], b: list[Any], about: Callable[[Any], object]
) -> list[tuple[int | None, int | None]]:
    """Which entries belong together, in order, so that as little as possible differs.

    Only entries about the same thing belong together (dynamic programming over both lists).
    """
    n, m = len(a), len(b)
    cost = [[GAP * (n - i + m - j) for j in range(m + 1)] for i in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            cost[i][j] = min(cost[i + 1][j], cost[i][j + 1]) + GAP
            if about(a[i]) == about(b[j]):
                cost[i][j] = min(cost[i][j], cost[i + 1][j + 1] + _distance(a[i], b[j]))
    found: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < n or j < m:
        both = i < n and j < m and about(a[i]) == about(b[j])
        if both and cost[i][j] == cost[i + 1][j + 1] + _distance(a[i], b[j]):
            found.append((i, j))
            i, j = i + 1, j + 1
        elif i < n and cost[i][j] == cost[i + 1][j] + GAP:
            found.append((i, None))
            i += 1
        else:
            found.append((None, j))
            j += 1
    return found


def _distance(a: dict[str, Any], b: dict[str, Any]) -> int:
    """Fields that differ between two entries."""
    return sum(a.get(name) != b.get(name) for name in {*a, *b})
