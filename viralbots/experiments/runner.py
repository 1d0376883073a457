"""One scenario, many replicates: look up or run, and gather the numbers."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viralbots.errors import Cancelled, ExperimentError
from viralbots.experiments.estimate import check_memory
from viralbots.experiments.replicate import Replicate, compute, replicate_of
from viralbots.experiments.summary import Result, Summary, summarise
from viralbots.experiments.worlds import Worlds
from viralbots.metrics import metric_of
from viralbots.run import Recipe, Run, RunCache, Vary
from viralbots.scenario import Scenario, override
from viralbots.version import ENGINE_VERSION
from viralbots.world.spec import PARAMETERS
from viralbots.world.world import MAX_USERS, World

VARY: tuple[Vary, ...] = ("luck", "world", "both")
Report = Callable[[float, int, int], None]


class RunsCancelled(Cancelled):
    """The caller stopped the replicates; ``partial`` holds those that were finished."""

    def __init__(self, partial: Result | None, total: int):
        self.partial, self.total = partial, total
        done = partial.n_replicates if partial else 0
        text = f"stopped after {done} of {total} runs"
        super().__init__(text, "stopped_after", done=done, total=total)


@dataclass(frozen=True)
class _Done:
    """A finished replicate.

    Attributes
    ----------
    is_known : bool
        Its run was kept before.
    is_same : bool or None
        Whether computing it again gave the same bytes; None where that was not tried.
    """

    replicate: Replicate
    run: Run
    is_known: bool
    is_same: bool | None = None


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
    """What all replicates share."""

    scenario: Scenario
    seed: int
    vary: Vary
    world: World | None
    worlds: Worlds
    cache: RunCache | None
    fresh: bool
    cancel: threading.Event | None
    shown: _Progress

    def world_of(self, scenario: Scenario) -> World:
        return self.worlds.of(scenario.network) if self.world is None else self.world


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
    cache: RunCache | None = None,
    fresh: bool = False,
    worlds: Worlds | None = None,
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
    cache : RunCache, optional
        Where runs are kept, such as `viralbots.store.Store`. A run that is there is not
        computed again, each finished one is kept at once: calling again after a stop goes
        on where it ended.
    fresh : bool
        Compute every run even if it is kept, and say in the result which differ.
    worlds : Worlds, optional
        Worlds shared with other calls.

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
    if world is None:
        check_memory(scenario, workers, replicates=replicates, vary=vary)
    else:
        _check_world(vary, cache)
    # One world however large for all replicates; those that differ are not worth keeping.
    held = Worlds(1, MAX_USERS, worlds) if vary == "luck" else Worlds(0)
    shown = _Progress(progress, replicates)
    plan = _Plan(scenario, seed, vary, world, held, cache, fresh, cancel, shown)

    def one(number: int) -> _Done | None:
        try:
            return _finish(plan, number)
        except Cancelled:
            return None

    finished = [done for done in _in_threads(one, replicates, workers) if done is not None]
    if len(finished) < replicates:
        raise RunsCancelled(_gather(plan, finished) if finished else None, replicates)
    return _gather(plan, finished)


def recall(scenario: Scenario, recipe: Recipe, cache: RunCache) -> Result | None:
    """A result from what was kept of its runs; None where some of them are missing.

    Nothing is computed and no network file is read: what was found then is told now.
    """
    finished = []
    for number, (identity, seed) in zip(recipe.replicates, recipe.runs, strict=True):
        run = cache.find(identity, seed)
        if run is None:
            return None
        replicate = replicate_of(scenario, recipe.seed, number, recipe.vary)
        finished.append(_Done(replicate, run, is_known=True))
    shown, worlds = _Progress(None, len(finished)), Worlds(0)
    plan = _Plan(scenario, recipe.seed, recipe.vary, None, worlds, cache, False, None, shown)
    return _gather(plan, finished, recipe.identity)


def _check(seed: int, replicates: int, workers: int, vary: str) -> None:
    if vary not in VARY:
        raise ExperimentError(
            f"vary must be one of {', '.join(VARY)}, got {vary!r}", "unknown_vary",
            allowed=VARY, got=vary,
        )  # fmt: skip
    for name, value, low in (("seed", seed, 0), ("replicates", replicates, 1),
                             ("workers", workers, 1)):  # fmt: skip
        if value < low:
            raise ExperimentError(
                f"{name} must be at least {low}, got {value}", "too_few",
                name=name, low=low, got=value,
            )  # fmt: skip


def _check_world(vary: Vary, cache: RunCache | None) -> None:
    """Whether a world that was given may be used."""
    if vary != "luck":
        raise ExperimentError(
            f"`world` is given, but vary={vary!r} builds worlds; leave it out",
            "world_and_vary", vary=vary,
        )  # fmt: skip
    if cache is not None:  # nobody knows whether it is the scenario's own
        raise ExperimentError(
            "give `world` or `cache`, not both; share worlds with `worlds`", "world_and_cache"
        )


def _in_threads(
    one: Callable[[int], _Done | None], replicates: int, workers: int
) -> list[_Done | None]:
    """Results in replicate order; the first error ends the rest."""
    if workers == 1:
        return [one(replicate) for replicate in range(replicates)]
    pool = ThreadPoolExecutor(min(workers, replicates))
    try:
        return list(pool.map(one, range(replicates)))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _finish(plan: _Plan, number: int) -> _Done:
    """One replicate, looked up or computed; a computed one is kept before it counts."""
    if plan.cancel is not None and plan.cancel.is_set():
        raise Cancelled("stopped before it began", "stopped")
    replicate = replicate_of(plan.scenario, plan.seed, number, plan.vary)
    known = None
    if plan.cache is not None:
        known = plan.cache.find(replicate.scenario.figures_identity, replicate.run_seed)
    if known is not None and not plan.fresh:
        plan.shown.at(number, 1.0)
        return _Done(replicate, known, is_known=True)
    run = compute(
        replicate, plan.world_of(replicate.scenario), plan.cancel,
        lambda fraction: plan.shown.at(number, min(fraction, 0.999)),
    )  # fmt: skip
    if plan.cache is not None and known is None:
        plan.cache.keep(run)
    plan.shown.at(number, 1.0)
    if known is None:
        return _Done(replicate, run, is_known=False)
    return _Done(replicate, run, is_known=True, is_same=run.is_same_as(known))


def _gather(plan: _Plan, finished: Sequence[_Done], identity: str | None = None) -> Result:
    runs = [done.run for done in finished]
    values = {name: np.array([run.values[name] for run in runs]) for name in runs[0].values}
    digests = tuple(run.digest for run in runs)
    return Result(
        scenario=plan.scenario,
        identity=identity or plan.scenario.identity,
        engine_version=ENGINE_VERSION,
        seed=plan.seed,
        vary=plan.vary,
        replicates=tuple(done.replicate.number for done in finished),
        identities=tuple(run.identity for run in runs),
        seeds=tuple(run.seed for run in runs),
        world_seeds=tuple(done.replicate.scenario.network.seed for done in finished),
        digests=digests,
        digest=hashlib.sha256("\n".join(digests).encode()).hexdigest(),
        n_users=int(str(runs[0].facts["n_users"])),
        values=values,
        metrics={name: _summary(name, column) for name, column in values.items()},
        curves={name: np.stack([run.curves[name] for run in runs]) for name in runs[0].curves},
        facts=runs[0].facts,
        n_known=sum(done.is_known for done in finished),
        n_compared=sum(done.is_same is not None for done in finished),
        differing=tuple(d.replicate.number for d in finished if d.is_same is False),
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
