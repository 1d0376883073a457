"""What is compared: two to six arms as plain data, and the scenarios they stand for.

An arm is a dict, so that any page can leave one in the session and a link can carry it:
``{"kind": "case", "name": …}``, ``{"kind": "saved", "id": …}`` (a saved scenario),
``{"kind": "result", "id": …}`` (the scenario of saved runs) or ``{"kind": "document",
"text": …}``, each with an optional ``"set"``: path → value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from viralbots.errors import ViralbotsError
from viralbots.scenario import Scenario, from_text, override
from viralbots.scenario.reads import refuse_files, uses_files

Arm = dict[str, Any]
Fetch = Callable[[str, int], str]
"""``(kind, id)`` → text of something saved; raises `StoreError`."""

LETTERS = "ABCDEF"
FEWEST, MOST = 2, len(LETTERS)


class ArmMissing(ViralbotsError):
    """What an arm names is not, or no longer, there."""


def base_of(arm: Arm, cases: Mapping[str, Scenario], fetch: Fetch) -> Scenario:
    """The scenario of an arm without its changes.

    Raises
    ------
    ArmMissing, ScenarioError, StoreError
    """
    if arm["kind"] == "case":
        if arm["name"] not in cases:
            text = f"arm: there is no case {arm['name']!r}; choose another one"
            raise ArmMissing(text, "no_case", name=arm["name"])
        return cases[arm["name"]]
    return scenario_of_text(_text_of(arm, fetch))


def scenario_of(arm: Arm, cases: Mapping[str, Scenario], fetch: Fetch) -> Scenario:
    """The scenario of an arm with its changes; one that would read files here is refused."""
    base = base_of(arm, cases, fetch)
    changes = arm.get("set") or {}
    if not changes:
        return base
    changed = override(base, changes)
    if set(uses_files(changed)) - set(uses_files(base)):
        refuse_files(changed, base.name)
    return changed


def _text_of(arm: Arm, fetch: Fetch) -> str:
    return str(arm["text"]) if arm["kind"] == "document" else fetch(arm["kind"], arm["id"])


@lru_cache(maxsize=32)
def scenario_of_text(document: str) -> Scenario:
    """A text from a person, which may name no files of this server."""
    scenario = from_text(document)
    refuse_files(scenario, scenario.name)
    return scenario


def portable(arm: Arm, fetch: Fetch) -> Arm:
    """An arm that means the same to somebody else: what is saved becomes its text."""
    if arm["kind"] == "case":
        return arm
    found: Arm = {"kind": "document", "text": _text_of(arm, fetch)}
    return found | ({"set": arm["set"]} if arm.get("set") else {})


def key_of(arm: Arm) -> str:
    """What an arm is made from, as an identifier; equal for arms that differ only in changes."""
    return f"{arm['kind']}:{arm.get('name', arm.get('id', ''))}"


def with_changes(arm: Arm, changes: Mapping[str, object]) -> Arm:
    """The same arm with these changes instead of its own."""
    rest = {name: value for name, value in arm.items() if name != "set"}
    return rest | ({"set": dict(changes)} if changes else {})


def default(cases: Mapping[str, Scenario], chosen: str) -> list[Arm]:
    """A case and its clean twin: the chosen one if it has a twin, else the first that has."""
    for name in (chosen, *cases):
        found = pair_of_twins(cases, name) if name in cases else []
        if found:
            return found
    return [{"kind": "case", "name": name} for name in (*cases, *cases)][:FEWEST]


def pair_of_twins(cases: Mapping[str, Scenario], name: str) -> list[Arm]:
    """A case and its counterpart, the tactic first; nothing where it has none."""
    case = cases[name]
    twin = case.twin if case.twin in cases else None
    twin = twin or next((n for n, other in cases.items() if other.twin == name), None)
    if twin is None:
        return []
    first, second = (twin, name) if is_clean(case) else (name, twin)
    return [{"kind": "case", "name": first}, {"kind": "case", "name": second}]


def is_clean(case: Scenario) -> bool:
    """Whether a case is the clean way to the same end."""
    return any(tag.startswith("clean") for tag in case.tags)


def sized(scenarios: Sequence[Scenario], n_users: int) -> list[Scenario]:
    """All scenarios with one number of users, or as many as the largest wave needs.

    Raises
    ------
    ScenarioError
        One of them cannot have so many.
    """
    waves = (wave.count for scenario in scenarios for wave in scenario.seeding)
    n = max(n_users, *waves) if scenarios else n_users
    return [
        s if s.network.kind == "imported" or s.network.n_users == n
        else override(s, {"network.n_users": n})
        for s in scenarios
    ]  # fmt: skip


def is_arm(value: object) -> bool:
    """Whether a value has the form of an arm; what it names may still be missing."""
    if not isinstance(value, dict) or not isinstance(value.get("set") or {}, dict):
        return False
    kind = value.get("kind")
    if kind in ("saved", "result"):
        return type(value.get("id")) is int
    field = {"case": "name", "document": "text"}.get(str(kind))
    return field is not None and isinstance(value.get(field), str)
