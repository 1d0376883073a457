"""What can be computed in the background: a result of many runs, or one run to be watched."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from viralbots.scenario import Scenario


class Task(Protocol):
    """Something to compute; equal ones have the same ``id``.

    Attributes
    ----------
    id : str
        16 hexadecimal digits.
    case : str
        Name under which its time is learnt.
    work : int
        Users × runs.
    is_heavy : bool
        Its result takes much memory.
    """

    @property
    def id(self) -> str: ...
    @property
    def case(self) -> str: ...
    @property
    def work(self) -> int: ...
    @property
    def is_heavy(self) -> bool: ...


@dataclass(frozen=True)
class Request:
    """What to compute: a scenario, a random seed and how many replicates.

    Attributes
    ----------
    scenario : Scenario
    seed : int
        Random seed, at least 0.
    replicates : int
        Number of runs, at least 1.
    case : str
        Name of the case in the library that it comes from.
    """

    scenario: Scenario
    seed: int
    replicates: int
    case: str
    is_heavy = False

    @property
    def id(self) -> str:
        """Equal for equal results: 16 hexadecimal digits."""
        return _id(self.scenario.figures_identity, self.seed, self.replicates, self.case)

    @property
    def work(self) -> int:
        return self.scenario.network.n_users * self.replicates


@dataclass(frozen=True)
class OneRun:
    """One run with its world and its trace, to be watched and asked about.

    Attributes
    ----------
    scenario : Scenario
    seed, luck : int
        Random seed, and which replicate of it.
    """

    scenario: Scenario
    seed: int
    luck: int
    is_heavy = True

    @property
    def id(self) -> str:
        """Equal for equal runs."""
        return _id("run", self.scenario.figures_identity, self.seed, self.luck)

    @property
    def case(self) -> str:
        return f"run of {self.scenario.name}"

    @property
    def work(self) -> int:
        return self.scenario.network.n_users


def _id(*parts: object) -> str:
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:16]
