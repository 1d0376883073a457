"""The scenarios that the visitor saved, as the app uses them: read once, and none that harms."""

from __future__ import annotations

from functools import lru_cache

from viralbots.errors import ScenarioError, StoreError
from viralbots.scenario import Scenario, Text, from_text
from viralbots.scenario.file import MAX_BYTES
from viralbots.scenario.reads import refuse_files
from viralbots.store import SavedScenario
from viralbots.ui import workspace

SOURCE = "scenario"


def key_of(number: int) -> str:
    """The name under which a saved scenario stands beside the cases of the library."""
    return f"s{number}"


def number_of(key: str) -> int | None:
    """The number of a saved scenario, from the name under which it stands; else None."""
    digits = key[1:]
    return int(digits) if key[:1] == "s" and digits.isascii() and digits.isdigit() else None


def my_cases() -> dict[str, Scenario]:
    """The visitor's scenarios that can be run, newest first, under ``s12`` for the twelfth saved.

    Each carries that key as its name, and as its title what the visitor called it; neither is
    part of its identity. Those that this version cannot read, or that would read files of the
    server, are left out, and all of them where the database cannot be used.
    """
    try:
        found = saved()
    except StoreError:
        return {}
    return {key_of(s.id): case for s in found if (case := case_of(s)) is not None}


def saved(search: str = "", tag: str | None = None) -> list[SavedScenario]:
    """What the visitor saved, newest first.

    Raises
    ------
    StoreError
        The database cannot be used.
    """
    known = workspace.known()
    return [] if known is None else known[0].scenarios(known[1], search, tag)


def case_of(one: SavedScenario) -> Scenario | None:
    """A saved scenario under its key and its owner's name for it; None where it cannot be run."""
    found = checked(one.document)
    if isinstance(found, ScenarioError):
        return None
    named = {"name": key_of(one.id)}
    if one.name:
        return found.model_copy(update={**named, "title": Text.model_construct(
            en=one.name, zh=one.name)})  # fmt: skip
    return found.model_copy(update=named)


def checked(document: str) -> Scenario | ScenarioError:
    """A scenario from anybody's text, or what is wrong with it."""
    if len(document) > MAX_BYTES:  # not worth remembering; `from_text` refuses it at once
        return _checked.__wrapped__(document)
    return _checked(document)


@lru_cache(maxsize=128)
def _checked(document: str) -> Scenario | ScenarioError:
    try:
        scenario = from_text(document, SOURCE)
        refuse_files(scenario, SOURCE)
    except ScenarioError as error:
        return error
    return scenario
