"""The cases on offer: the scenario files of the library."""

from __future__ import annotations

from functools import lru_cache

from viralbots.errors import ScenarioError
from viralbots.library import scenario_files
from viralbots.scenario import Scenario, load

FIRST = ("fake_ad_backlash", "tell_a_friend", "chain_letter")
"""Cases to show first, the best one that exists."""


def cases() -> tuple[dict[str, Scenario], list[ScenarioError]]:
    """All cases by name, twins after their originals, and the files that cannot be read."""
    files = scenario_files().values()
    return _read(tuple((str(file), file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=2)
def _read(
    files: tuple[tuple[str, int], ...],
) -> tuple[dict[str, Scenario], list[ScenarioError]]:
    found: dict[str, Scenario] = {}
    problems: list[ScenarioError] = []
    for file, _changed in files:
        try:
            scenario = load(file)
        except ScenarioError as error:
            problems.append(error)
        else:
            found[scenario.name] = scenario
    return found, problems


def first_case(names: dict[str, Scenario]) -> str:
    """The case that runs when the app is opened."""
    return next((name for name in FIRST if name in names), next(iter(names)))
