"""How long an experiment will take and how much memory, before it is begun.

Memory is a formula (`viralbots.world.memory`, `viralbots.engine.memory`): a process with the
libraries loaded grows by the larger of what building the world needs and of the finished world
with all runs side by side. It needs no trial, so a world that does not fit is refused at once.
Time needs one (`viralbots.experiments.trial`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from viralbots.engine.memory import run_bytes, shared_bytes
from viralbots.errors import Problem, ScenarioError
from viralbots.experiments.estimate_words import words
from viralbots.run import Vary
from viralbots.scenario import Scenario
from viralbots.world.machine import Room, bytes_held, room
from viralbots.world.memory import (
    bytes_in_words,
    bytes_of_file,
    estimate_bytes,
    grouped,
    kept_bytes,
    n_users_of,
    rounded_down,
)
from viralbots.world.world import MAX_USERS

__all__ = ["Estimate", "check_memory", "estimate", "peak_bytes", "words"]

# Growth of a process before its first user: libraries and the kernels that build a world,
# then those of the engine. Compiling them, the first time ever, takes 160 MB more.
LIBRARIES, ENGINE = 180_000_000, 189_000_000
LEFT_OVER = 20_000_000  # of the worlds before, where each replicate builds its own
PER_VALUE, VALUES = 200, 70  # bytes of a metric's value while it is kept; values a message
CURVES = 4  # kept of a message
FURTHER_WORKER = 0.85  # of a processor: what a second thread adds

Basis = Literal["itself", "trial", "guess"]


@dataclass(frozen=True)
class Estimate:
    """What an experiment is expected to take.

    Attributes
    ----------
    seconds : float
        On a machine with nothing else to do; compiling or loading the engine not counted.
    bytes_peak : int
        Most memory that a process of its own holds at any time.
    n_deliveries : float
        Deliveries of all replicates together.
    basis : {"itself", "trial", "guess"}
        How the time was found: by running the scenario itself, since its world is small; by
        running it on smaller worlds; or by a rule of thumb, where its network is too dense.
    """

    seconds: float
    bytes_peak: int
    n_deliveries: float
    basis: Basis


def estimate(
    scenario: Scenario, *, replicates: int = 20, workers: int = 1, vary: Vary = "luck"
) -> Estimate:
    """Estimate the time and the memory of an experiment (`viralbots.experiments.run_all`).

    The first call for a scenario runs it on small worlds, which takes a few tenths of a
    second; all numbers are rough ("about"), the time more so than the memory.

    Parameters
    ----------
    replicates, workers : int
    vary : {"luck", "world", "both"}

    Notes
    -----
    Largest memory of fresh processes against ``bytes_peak`` is in docs/validation.md.
    """
    from viralbots.experiments.trial import try_out

    trial = try_out(scenario)
    building, running = trial.build_seconds(), trial.run_seconds()
    if vary == "luck":
        seconds = building + _rounds(replicates, workers) * running
    else:
        seconds = _rounds(replicates, workers) * (building + running)
    basis: Basis = "guess"
    if trial.tried and scenario.network.kind != "imported":
        basis = "itself" if trial.tried[-1].n_users == trial.n_users else "trial"
    peak = peak_bytes(scenario, replicates=replicates, workers=workers, vary=vary)
    return Estimate(seconds, peak, replicates * trial.work().deliveries, basis)


def _rounds(replicates: int, workers: int) -> float:
    """Runs one after the other that take as long as all of them side by side."""
    at_once = min(workers, replicates, os.cpu_count() or 1)
    speed = 1 + FURTHER_WORKER * (at_once - 1)
    return max(replicates / speed, -(-replicates // at_once))


def peak_bytes(
    scenario: Scenario, *, replicates: int | None = None, workers: int = 1, vary: Vary = "luck"
) -> int:
    """Most memory that a process of its own holds at any time during an experiment.

    Parameters
    ----------
    replicates : int, optional
        Without it: as many as workers, and nothing is kept of them.
    workers : int
    vary : {"luck", "world", "both"}
    """
    at_once = workers if replicates is None else min(workers, replicates)
    network, n_users = scenario.network, n_users_of(scenario.network)
    building, world = estimate_bytes(network), kept_bytes(network) + shared_bytes(n_users)
    run = run_bytes(scenario, n_users)
    if vary == "luck" or replicates == 1:
        peak = max(LIBRARIES + building, ENGINE + world + at_once * run)
    else:
        peak = ENGINE + LEFT_OVER + at_once * max(building, world + run)
    return peak + (replicates or 0) * _kept_of_a_run(scenario)


def _kept_of_a_run(scenario: Scenario) -> int:
    curves = CURVES * (scenario.horizon // 60 + 2) * 8 * 2  # once more while they are stacked
    return len(scenario.messages) * (VALUES * PER_VALUE + curves)


def check_memory(
    scenario: Scenario,
    workers: int = 1,
    limit: int | None = None,
    *,
    replicates: int | None = None,
    vary: Vary = "luck",
) -> None:
    """Refuse an experiment that does not fit into memory, before any of it is taken.

    Parameters
    ----------
    workers : int
    limit : int, optional
        Bytes that this process may hold in all; default: what is left
        (`viralbots.world.machine.room`). Where that cannot be known nothing is refused.
    replicates : int, optional
    vary : {"luck", "world", "both"}

    Raises
    ------
    ScenarioError
        It does not fit: with the estimate, what there is, and what would fit.
    ExperimentError
        VIRALBOTS_MAX_MEMORY is not a size.
    """
    left = room() if limit is None else Room(limit, limit, "allowed")
    if left is None:
        return
    more = 0 if limit is not None else max(0, bytes_held() - ENGINE)  # held for something else

    def needed(n_users: int | None = None, at_once: int = workers) -> int:
        smaller = scenario if n_users is None else _with_users(scenario, n_users)
        return more + peak_bytes(smaller, replicates=replicates, workers=at_once, vary=vary)

    if needed() > left.total:
        problem = _does_not_fit(scenario, needed, left, workers)
        raise ScenarioError(scenario.name, [problem])


def _with_users(scenario: Scenario, n_users: int) -> Scenario:
    network = scenario.network.model_copy(update={"n_users": n_users})
    return scenario.model_copy(update={"network": network})


def _does_not_fit(
    scenario: Scenario, needed: Callable[..., int], left: Room, workers: int
) -> Problem:
    """The problem of too large an experiment, with what would fit."""
    values: dict[str, object] = {
        "needed": bytes_in_words(needed()), "free": bytes_in_words(left.free), "limit": left.limit,
    }  # fmt: skip
    lack = f"about {values['needed']} of memory, and {values['free']} are {left.limit}"
    if fewer := _workers_that_fit(needed, left.total, workers):
        values["workers"] = fewer
    with_fewer = f"with {fewer} worker{'s' if fewer > 1 else ''}"
    if scenario.network.kind == "imported":
        values["got"] = bytes_in_words(bytes_of_file(scenario.network))
        advice = f"it would fit {with_fewer}" if fewer else "take a smaller file"
        text = f"a network file of {values['got']} needs {lack}; {advice}"
        return Problem("network.path", "file_exceeds_memory", text, values)
    values["got"] = grouped(scenario.network.n_users)
    advice = f"it would fit {with_fewer}" if fewer else "no world of this kind would fit"
    if fit := _most_users(scenario, needed, left.total):
        values["fit"] = grouped(fit)
        also = f", or all of them {with_fewer}" if fewer else ""
        advice = f"{values['fit']} users would fit{also}"
    text = f"{values['got']} users need {lack}; {advice}"
    return Problem("network.n_users", "exceeds_memory", text, values)


def _workers_that_fit(needed: Callable[..., int], total: int, workers: int) -> int:
    """Fewer workers that would fit; 0 where one is too many."""
    fitting = (w for w in range(min(workers - 1, 64), 0, -1) if needed(at_once=w) <= total)
    return next(fitting, 0)


def _most_users(scenario: Scenario, needed: Callable[..., int], total: int) -> int:
    """A round number of users that fits, and that no wave of seeding exceeds; 0 for none."""
    least = max([2, *(wave.count for wave in scenario.seeding)])
    low, high = 0, min(scenario.network.n_users, MAX_USERS)
    while high - low > 1:  # `low` fits, 0 standing for no world
        middle = (low + high) // 2
        low, high = (middle, high) if needed(middle) <= total else (low, middle)
    return rounded_down(low) if rounded_down(low) >= least else 0
