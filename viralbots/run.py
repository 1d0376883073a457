"""What is kept of one run when its trace is let go, and where it may be kept.

A run is (identity of the scenario, run seed): the same pair gives the same bytes, so what
somebody has kept need not be computed again (architecture §1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vary = Literal["luck", "world", "both"]
"""What differs between the replicates of an experiment."""


@dataclass(frozen=True, eq=False)
class Run:
    """The numbers of one run.

    Attributes
    ----------
    identity : str
        `Scenario.figures_identity` of exactly what was run, the seed of its world included; it
        depends on the engine version.
    seed : int
        Run seed, 0 … 2**64 − 1 (`viralbots.draws.run_seed`).
    digest : str
        SHA-256 of everything delivered (`viralbots.trace.Trace`).
    engine_version, metrics_version : str
        What computed it (`viralbots.version`).
    values : dict of float
        Each metric by name; nan where it is undefined.
    curves : dict of int64[hours + 1]
        `viralbots.experiments.replicate.curves_of`.
    facts : dict
        What the maker of the world tells; plain data (text, numbers, lists, dicts).
    """

    identity: str
    seed: int
    digest: str
    engine_version: str
    metrics_version: str
    values: dict[str, float]
    curves: dict[str, NDArray[np.int64]]
    facts: dict[str, object] = field(default_factory=dict)

    def is_same_as(self, other: Run) -> bool:
        """Whether two runs are equal bit by bit, undefined numbers included."""
        return (
            (self.identity, self.seed, self.digest) == (other.identity, other.seed, other.digest)
            and _bits(self.values) == _bits(other.values)
            and self.curves.keys() == other.curves.keys()
            and all(np.array_equal(c, other.curves[name]) for name, c in self.curves.items())
            and self.facts == other.facts
        )


def _bits(values: dict[str, float]) -> dict[str, bytes]:
    return {name: np.float64(value).tobytes() for name, value in values.items()}


@dataclass(frozen=True)
class Recipe:
    """What a result consists of; the numbers are in the runs.

    Attributes
    ----------
    document : str
        Text of the scenario.
    scenario : str
        Its name.
    title : dict of str
        Its title by language.
    identity : str
        Its identity.
    seed : int
        Random seed of the experiment.
    vary : {"luck", "world", "both"}
        What differs between replicates.
    replicates : tuple of int
        Numbers of those that were finished.
    n_wanted : int
        Replicates that were asked for.
    runs : tuple of (str, int)
        Identity and run seed of each finished replicate.
    digest : str
        Of the whole (`viralbots.experiments.Result`).
    engine_version : str
    name, notes : str
    tags : tuple of str
        Labels; two recipes that differ in nothing else are the same.
    """

    document: str
    scenario: str
    title: dict[str, str]
    identity: str
    seed: int
    vary: Vary
    replicates: tuple[int, ...]
    n_wanted: int
    runs: tuple[tuple[str, int], ...]
    digest: str
    engine_version: str
    name: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()


class RunCache(Protocol):
    """Somewhere runs are kept. Both methods may be called from several threads at once."""

    def find(self, identity: str, seed: int) -> Run | None:
        """The run of this pair that this version of the program would compute, if kept."""

    def keep(self, run: Run) -> None:
        """Keep a run; when this returns it is safe."""
