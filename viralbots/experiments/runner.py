"""One scenario, many replicates: run, evaluate, forget the trace, keep the numbers."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import address, name_id, run_seed
from viralbots.engine.simulate import simulate
from viralbots.errors import Cancelled, ExperimentError
from viralbots.experiments.summary import Result, Summary, Vary, summarise
from viralbots.metrics import evaluate, metric_of
from viralbots.metrics.base import counters_of
from viralbots.metrics.growth import adopters_by_hour
from viralbots.scenario import Scenario, check_waves, override
from viralbots.trace import Trace
from viralbots.version import ENGINE_VERSION
from viralbots.world.assemble import build
from viralbots.world.spec import PARAMETERS
from viralbots.world.world import World

VARY: tuple[Vary, ...] = ("luck", "world", "both")
Report = Callable[[float, int, int], None]


class RunsCancelled(Cancelled):
    """The caller stopped the replicates; ``partial`` holds those that were finished."""

    def __init__(self, partial: Result | None, total: int):
        self.partial = partial
        done = partial.n_replicates if partial else 0
        super().__init__(f"stopped after {done} of {total} runs")


@dataclass(frozen=True)
class _Run:
    """The numbers of one replicate."""

    replicate: int
    seed: int
    world_seed: int
    digest: str
    facts: dict[str, object]
    values: dict[str, float]
    curves: dict[str, NDArray[np.int64]]


class _Progress:
    """Adds up the progress of replicates that run side by side."""

    def __init__(self, report: Report | None, total: int):
        self.report, self.total = report, total
        self.fractions = [0.0] * total
        self.lock = threading.Lock()

    def at(self, replicate: int, fraction: float) -> None:
        """One replicate has simulated this share of its time."""
        if self.report is None:
            return
        with self.lock:  # one report at a time, and never one that goes back
            self.fractions[replicate] = max(fraction, self.fractions[replicate])
            done = sum(f >= 1.0 for f in self.fractions)
            self.report(sum(self.fractions) / self.total, done, self.total)


@dataclass(frozen=True)
class _Plan:
    """What all replicates share; without a world each builds its own."""

    scenario: Scenario
    seed: int
    vary: Vary
    world: World | None
    cancel: threading.Event | None
    shown: _Progress


def run_all(
    scenario: Scenario,
    *,
    seed: int = 1,
    replicates: int = 20,
    workers: int = 1,
    world: World | None = None,
    progress: Report | None = None,
    cancel: threading.Event | None = None,
    vary: Vary = "luck",
) -> Result:
    """Run the replicates of a scenario; the same for any number of workers.

    Parameters
    ----------
    seed : int
        Random seed; replicate r runs with ``run_seed(seed, r)``.
    replicates, workers : int
        Runs, and threads that share them.
    world : World, optional
        A world already built from ``scenario.network``.
    progress : callable, optional
        ``(fraction, replicates done, replicates)``, called from the worker threads, one
        call at a time.
    cancel : threading.Event, optional
        Set it to stop.
    vary : {"luck", "world", "both"}
        ``luck``: one world, another run seed each time; ``world``: another world each time
        with the same run seed; ``both``.

    Raises
    ------
    RunsCancelled
        ``cancel`` was set; carries the replicates that were finished.
    ScenarioError
        A wave of seeding is larger than the world.
    ExperimentError
        An argument is not allowed.
    """
    _check(seed, replicates, workers, vary)
    if vary == "luck":
        world = build(scenario.network) if world is None else world
    elif world is not None:
        raise ExperimentError(f"`world` is given, but vary={vary!r} builds worlds; leave it out")
    plan = _Plan(scenario, seed, vary, world, cancel, _Progress(progress, replicates))

    def one(replicate: int) -> _Run | None:
        try:
            return _run(plan, replicate)
        except Cancelled:
            return None

    runs = [run for run in _in_threads(one, replicates, workers) if run is not None]
    if len(runs) < replicates:
        raise RunsCancelled(_gather(plan, runs) if runs else None, replicates)
    return _gather(plan, runs)


def _check(seed: int, replicates: int, workers: int, vary: str) -> None:
    if vary not in VARY:
        raise ExperimentError(f"vary must be one of {', '.join(VARY)}, got {vary!r}")
    for name, value, low in (("seed", seed, 0), ("replicates", replicates, 1),
                             ("workers", workers, 1)):  # fmt: skip
        if value < low:
            raise ExperimentError(f"{name} must be at least {low}, got {value}")


def _in_threads(
    one: Callable[[int], _Run | None], replicates: int, workers: int
) -> list[_Run | None]:
    """Results in replicate order; the first error ends the rest."""
    if workers == 1:
        return [one(replicate) for replicate in range(replicates)]
    pool = ThreadPoolExecutor(min(workers, replicates))
    try:
        return list(pool.map(one, range(replicates)))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def world_seed(scenario: Scenario, replicate: int, vary: Vary) -> int:
    """Seed of the world of one replicate; the scenario's own where worlds do not vary."""
    own = scenario.network.seed
    return own if vary == "luck" else address(name_id("world"), own, replicate) >> 1


def _run(plan: _Plan, replicate: int) -> _Run:
    """One replicate: simulate, evaluate, keep the numbers, let the trace go."""
    if plan.cancel is not None and plan.cancel.is_set():
        raise Cancelled("stopped before it began")
    scenario, world = plan.scenario, plan.world
    made_with = world_seed(scenario, replicate, plan.vary)
    luck = 0 if plan.vary == "world" else replicate
    if world is None:
        scenario = override(scenario, {"network.seed": made_with})
        world = build(scenario.network)
    check_waves(scenario, world.n_users)
    trace = simulate(
        scenario, plan.seed, replicate=luck, world=world, cancel=plan.cancel,
        progress=lambda fraction: plan.shown.at(replicate, min(fraction, 0.999)),
    )  # fmt: skip
    values, curves = evaluate(world, trace), curves_of(trace)
    plan.shown.at(replicate, 1.0)
    own, facts = run_seed(plan.seed, luck), {"n_users": world.n_users, **world.facts}
    return _Run(replicate, own, made_with, trace.digest, facts, values, curves)


def curves_of(trace: Trace) -> dict[str, NDArray[np.int64]]:
    """The curves of one run, int64[hours + 1] each (see `Result`)."""
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


def _gather(plan: _Plan, runs: Sequence[_Run]) -> Result:
    values = {name: np.array([run.values[name] for run in runs]) for name in runs[0].values}
    digests = "\n".join(run.digest for run in runs)
    return Result(
        scenario=plan.scenario,
        identity=plan.scenario.identity,
        engine_version=ENGINE_VERSION,
        seed=plan.seed,
        vary=plan.vary,
        replicates=tuple(run.replicate for run in runs),
        seeds=tuple(run.seed for run in runs),
        world_seeds=tuple(run.world_seed for run in runs),
        digest=hashlib.sha256(digests.encode()).hexdigest(),
        n_users=int(str(runs[0].facts["n_users"])),
        values=values,
        metrics={name: _summary(name, column) for name, column in values.items()},
        curves={name: np.stack([run.curves[name] for run in runs]) for name in runs[0].curves},
        facts=runs[0].facts,
    )


def _summary(name: str, values: NDArray[np.float64]) -> Summary:
    return summarise(values, is_yes_or_no=metric_of(name).unit == "yes or no")


def scenario_with_network(scenario: Scenario, path: str | Path) -> Scenario:
    """The scenario on the network of a file (edge list, CSV or GraphML).

    Raises
    ------
    ScenarioError
        The scenario cannot be put on an imported network.
    """
    network = scenario.network.model_dump(mode="python")
    for name in dict.fromkeys(p for names in PARAMETERS.values() for p in names):
        network[name] = None
    return override(scenario, {"network": {**network, "kind": "imported", "path": str(path)}})
