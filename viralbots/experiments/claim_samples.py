"""The numbers of the runs of one arm of a claim: metrics, or trees of a size."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.replicate import replicate_of, trace_of
from viralbots.experiments.runner import Report, run_all
from viralbots.experiments.worlds import Worlds
from viralbots.metrics.cascade import forest_of, trees_of
from viralbots.run import RunCache
from viralbots.scenario import Scenario

FloatArray = NDArray[np.float64]
OF_TREES = {
    "structural_virality": "virality", "largest_broadcast": "largest_broadcast",
    "depth": "depth", "size": "size",
}  # fmt: skip
"""Metrics that a single cascade has, and the column of `viralbots.metrics.cascade.Trees`."""


@dataclass(frozen=True)
class Sample:
    """Runs of one arm, in the order of replicates.

    Attributes
    ----------
    values : dict of float64[runs]
        Metrics by name, ``reach:message`` for those of later messages; nan: undefined.
    messages : tuple of str
    trees : dict of (float64[runs], float64[runs])
        Sum over the trees of the size asked for, and their number, by metric.
    """

    values: dict[str, FloatArray]
    messages: tuple[str, ...]
    trees: dict[str, tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class Means:
    """With what runs are made: as `viralbots.experiments.runner.run_all` takes it."""

    seed: int = 1
    workers: int = 1
    cache: RunCache | None = None
    cancel: threading.Event | None = None
    progress: Report | None = None
    worlds: Worlds = field(default_factory=Worlds)


def sample_of(scenario: Scenario, n: int, trees: tuple[int, ...], means: Means) -> Sample:
    """Run an arm n times, or look the runs up.

    Parameters
    ----------
    trees : tuple of int
        Smallest and largest number of adopters; empty: whole runs are compared. Trees are
        not kept anywhere, so these runs are computed each time.
    """
    if trees:
        found = _trees(scenario, n, (trees[0], trees[1]), means)
        return Sample({}, scenario.message_names, found)
    result = run_all(
        scenario, seed=means.seed, replicates=n, workers=means.workers, cache=means.cache,
        worlds=means.worlds, cancel=means.cancel, progress=means.progress,
    )  # fmt: skip
    return Sample(result.values, scenario.message_names, {})


def _trees(
    scenario: Scenario, n: int, sizes: tuple[int, int], means: Means
) -> dict[str, tuple[FloatArray, FloatArray]]:
    found = {name: (np.zeros(n), np.zeros(n)) for name in OF_TREES}
    for number in range(n):
        replicate = replicate_of(scenario, means.seed, number, "luck")
        trace = trace_of(
            replicate, means.worlds.of(replicate.scenario.network), cancel=means.cancel
        )
        trees = trees_of(forest_of(trace))
        fits = (trees.size >= sizes[0]) & (trees.size <= sizes[1])
        for name, column in OF_TREES.items():
            values = getattr(trees, column)[fits].astype(np.float64)
            values = values[~np.isnan(values)]
            found[name][0][number], found[name][1][number] = values.sum(), len(values)
    return found
