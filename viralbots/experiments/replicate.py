"""One replicate: which run it is, and how that run is computed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import address, name_id, run_seed
from viralbots.metrics import evaluate
from viralbots.metrics.base import counters_of
from viralbots.metrics.growth import adopters_by_hour
from viralbots.run import Run, Vary
from viralbots.scenario import Scenario, check_waves, override
from viralbots.trace import Trace
from viralbots.version import ENGINE_VERSION, METRICS_VERSION
from viralbots.world.world import World


@dataclass(frozen=True)
class Replicate:
    """One replicate of an experiment.

    Attributes
    ----------
    number : int
        Its place among the replicates.
    scenario : Scenario
        What is run; where worlds vary, with the seed of this replicate's world.
    seed, luck : int
        Arguments of `viralbots.engine.simulate.simulate`: random seed and replicate.
    """

    number: int
    scenario: Scenario
    seed: int
    luck: int

    @property
    def run_seed(self) -> int:
        """Seed of the run, which with the identity of the scenario is the run."""
        return run_seed(self.seed, self.luck)


def replicate_of(scenario: Scenario, seed: int, number: int, vary: Vary) -> Replicate:
    """Replicate ``number`` of an experiment (see `viralbots.experiments.run_all`)."""
    if vary != "luck":
        made_with = address(name_id("world"), scenario.network.seed, number) >> 1
        scenario = override(scenario, {"network.seed": made_with})
    return Replicate(number, scenario, seed, 0 if vary == "world" else number)


def trace_of(
    replicate: Replicate,
    world: World,
    *,
    level: str = "adoptions",
    cancel: Event | None = None,
    progress: Callable[[float], None] | None = None,
) -> Trace:
    """Simulate one replicate (`viralbots.engine.simulate.simulate`).

    Raises
    ------
    Cancelled
        ``cancel`` was set.
    ScenarioError
        A wave of seeding is larger than the world.
    """
    from viralbots.engine.simulate import simulate  # loads the compiler

    check_waves(replicate.scenario, world.n_users)
    return simulate(
        replicate.scenario, replicate.seed, replicate=replicate.luck, world=world,
        level=level, cancel=cancel, progress=progress,
    )  # fmt: skip


def compute(
    replicate: Replicate, world: World, cancel: Event | None, progress: Callable[[float], None]
) -> Run:
    """Simulate, evaluate, keep the numbers, let the trace go.

    Raises
    ------
    Cancelled
        ``cancel`` was set.
    ScenarioError
        A wave of seeding is larger than the world.
    """
    trace = trace_of(replicate, world, cancel=cancel, progress=progress)
    return Run(
        identity=replicate.scenario.figures_identity,
        seed=replicate.run_seed,
        digest=trace.digest,
        engine_version=ENGINE_VERSION,
        metrics_version=METRICS_VERSION,
        values=evaluate(world, trace),
        curves=curves_of(trace),
        # As plain data, so that it is the same after it has been kept.
        facts=json.loads(json.dumps({"n_users": world.n_users, **world.facts})),
    )


def curves_of(trace: Trace) -> dict[str, NDArray[np.int64]]:
    """The curves of one run, int64[hours + 1] each (see `viralbots.experiments.Result`)."""
    curves: dict[str, NDArray[np.int64]] = {}
    for number, message in enumerate(trace.messages):
        suffix = f":{message}" if number else ""
        curves["reach" + suffix] = trace.hourly("reach", number).copy()
        curves["adopters" + suffix] = adopters_by_hour(trace, number)
        curves["converts" + suffix] = trace.hourly("converts", number).copy()
        counters = [adopters_by_hour(trace, q) for q in counters_of(trace, number)]
        if counters:
            curves["counter" + suffix] = np.sum(counters, axis=0)
    return curves
