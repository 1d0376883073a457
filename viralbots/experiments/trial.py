"""How long a scenario takes: tried out on small worlds, then carried over to its own size.

Two worlds of a few thousand users are run a few times. Seeds stay as many as they are, so a
message that dies out has as many deliveries in a world of any size, and one that takes off has
more in a larger world: how many more, the two sizes tell. What cannot be seen in a small world
is a spread that a large one slows down (`fake_ad_backlash` above 300 000 users): there the
number is too large.

A measured time is compared with a formula for the same work, so that the speed of the machine
and the cost of the scenario's channels enter as one factor.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, NamedTuple

from viralbots.scenario import Scenario
from viralbots.world.memory import estimate_bytes, mean_ties, n_users_of
from viralbots.world.spec import WorldSpec

SMALLER, LARGER = 2_500, 10_000
RUNS = {SMALLER: 4, LARGER: 3}
BUDGET = 0.1  # seconds for the runs on one world; one is made in any case
MOST_TIES = 2_000_000
STAND_IN_TIES = 10.0  # of a user of the graph that stands in for an imported network
CROWDED = 20  # a wave may take one in so many users of a small world
TOOK_OFF = 0.2  # of the deliveries of the largest of the runs on a world
SAME = 0.3  # growth below this is chance: the message dies out

# Seconds of one run on the machine the constants were measured on.
FIXED, PER_MINUTE, PER_USER = 3.5e-3, 4e-9, 35e-9
PER_DELIVERY, PER_ADOPTER = 0.25e-6, 0.75e-6
FIRST_PER_USER = 0.11e-6  # what is laid out once a world
BUILD_GROWTH = 1.05  # building slows down as caches overflow …
PER_NEW_BYTE = 1.6e-9  # … and where memory is fresh from the system
PER_BUILT_BYTE = 2e-9  # of the peak, where nothing was measured
GUESS = (6.0, 0.6)  # deliveries and adopters a user, where nothing was measured


class Work(NamedTuple):
    """What one run has to do: deliveries and adopters, all messages together."""

    deliveries: float
    adopters: float


@dataclass(frozen=True)
class Tried:
    """The runs on one small world."""

    n_users: int
    build_seconds: float
    runs: tuple[Work, ...]
    pace: float

    @property
    def large(self) -> list[Work]:
        """The runs that took off; where none did, those that went about as far as the others."""
        most = max(work.deliveries for work in self.runs)
        return [work for work in self.runs if work.deliveries >= TOOK_OFF * most]

    @property
    def small(self) -> list[Work]:
        """The other runs."""
        return [work for work in self.runs if work not in self.large]


@dataclass(frozen=True)
class _Reduced:
    """A scenario on a small world; equal where all that decides a result is."""

    identity: str
    scenario: Scenario = field(compare=False)


@dataclass(frozen=True)
class Trial:
    """What small worlds tell about a scenario.

    Attributes
    ----------
    scenario : Scenario
    tried : tuple of Tried
        By size; one where the scenario's own world is small, none where its network is too
        dense to be tried out.
    """

    scenario: Scenario
    tried: tuple[Tried, ...]

    @property
    def n_users(self) -> int:
        return n_users_of(self.scenario.network)

    def work(self) -> Work:
        """What a run on the scenario's own world is expected to do."""
        n = self.n_users
        if not self.tried:
            return Work(*(each * n for each in GUESS))
        last = self.tried[-1]
        # In how many runs it takes off both sizes tell, how far it then goes the larger one.
        is_large = sum(len(t.large) for t in self.tried) / sum(len(t.runs) for t in self.tried)
        large, small = _mean(last.large), _mean([w for t in self.tried for w in t.small])
        scale = is_large * (n / last.n_users) ** self._growth()
        return Work(*(scale * a + (1 - is_large) * b for a, b in zip(large, small, strict=True)))

    def _growth(self) -> float:
        """Exponent with which deliveries grow with users: 0 dies out, 1 reaches everybody."""
        if len(self.tried) < 2:
            return 1.0
        smaller, larger = (_mean(tried.large).deliveries + 1 for tried in self.tried)
        ratio = self.tried[1].n_users / self.tried[0].n_users
        growth = math.log(larger / smaller) / math.log(ratio)
        # Bots whom a share of all users follow deliver as many times as users squared.
        most = 2.0 if any(bots.infiltration > 0 for bots in self.scenario.bots) else 1.0
        return 0.0 if growth < SAME else min(most, growth)

    def build_seconds(self) -> float:
        """Seconds for building the scenario's own world."""
        n, peak = self.n_users, estimate_bytes(self.scenario.network)
        first = FIRST_PER_USER * n
        if not self.tried or self.scenario.network.kind == "imported":
            return PER_BUILT_BYTE * peak + first
        last = self.tried[-1]
        if last.n_users == n:
            return last.build_seconds + first
        grown = last.build_seconds * (n / last.n_users) ** BUILD_GROWTH
        return grown + PER_NEW_BYTE * peak + first

    def run_seconds(self) -> float:
        """Seconds for one run on the scenario's own world."""
        pace = self.tried[-1].pace if self.tried else 1.0
        return pace * _reference(self.scenario, self.n_users, self.work())


def try_out(scenario: Scenario) -> Trial:
    """Run a scenario on small worlds; the same ones are run once a process."""
    sizes = _sizes(scenario.network)
    reduced = [_on_small_world(scenario, n) for n in sizes]
    tried = [_tried(_Reduced(small.identity, small), RUNS.get(small.network.n_users, 3))
             for small in reduced]  # fmt: skip
    return Trial(scenario, tuple(tried))


def _sizes(network: WorldSpec) -> tuple[int, ...]:
    n = n_users_of(network)
    if network.kind in ("default", "imported"):
        return (SMALLER, LARGER) if n > LARGER else (n,)
    ties = max(1.0, mean_ties(network))
    larger = min(LARGER, int(MOST_TIES / ties))
    if n <= larger:
        return (n,)
    smaller = larger * SMALLER // LARGER
    return (smaller, larger) if smaller > 4 * ties else ()


def _on_small_world(scenario: Scenario, n_users: int) -> Scenario:
    """The scenario with fewer users, and with waves as large as they may be there."""
    network, whole = scenario.network, n_users_of(scenario.network)
    if network.kind == "imported":
        network = WorldSpec(
            kind="erdos_renyi", n_users=n_users, seed=network.seed,
            population=network.population, mean_degree=min(STAND_IN_TIES, n_users - 1.0),
        )  # fmt: skip
    network = network.model_copy(update={"n_users": n_users})

    def smaller(part: Any) -> Any:
        count = getattr(part, "count", None)
        if count is None:
            return part
        fewer = max(round(count * n_users / whole), min(count, n_users // CROWDED), 1)
        return part.model_copy(update={"count": min(count, fewer, n_users)})

    changed = {
        "network": network,
        "seeding": [smaller(wave) for wave in scenario.seeding],
        "interventions": [smaller(part) for part in scenario.interventions],
    }
    return scenario.model_copy(update=changed)


@cache
def _load() -> None:
    from viralbots.experiments.warmup import warm_up  # loads the compiler

    warm_up()


@lru_cache(maxsize=64)
def _tried(reduced: _Reduced, n_runs: int) -> Tried:
    """Build a small world and run on it; times are processor time of this thread."""
    from viralbots.world.assemble import build  # loads the compiler

    _load()
    scenario = reduced.scenario
    build(scenario.network)  # its kernels are loaded now, and memory is at hand
    start = time.thread_time()
    world = build(scenario.network)
    build_seconds = time.thread_time() - start
    found = list(_runs(scenario, world, n_runs))
    taken = sum(seconds for _, seconds in found)
    told = sum(_reference(scenario, world.n_users, work) for work, _ in found)
    pace = min(10.0, max(0.1, taken / told))
    return Tried(world.n_users, build_seconds, tuple(work for work, _ in found), pace)


def _runs(scenario: Scenario, world: Any, n_runs: int) -> Iterator[tuple[Work, float]]:
    """Work and seconds of a few runs, as many as the budget allows."""
    from viralbots.experiments.replicate import curves_of, replicate_of, trace_of
    from viralbots.metrics import evaluate

    begun = time.thread_time()
    for number in range(n_runs):
        if number and time.thread_time() - begun > BUDGET:
            return
        start = time.thread_time()
        trace = trace_of(replicate_of(scenario, 1, number, "luck"), world)
        evaluate(world, trace)
        curves_of(trace)
        seconds = time.thread_time() - start
        delivered = sum(trace.total("delivered", q) for q in range(len(trace.messages)))
        yield Work(float(delivered), float(len(trace.adoptions))), seconds


def _reference(scenario: Scenario, n_users: int, work: Work) -> float:
    """Seconds that the formula gives for one run."""
    fixed = FIXED + PER_MINUTE * scenario.horizon + PER_USER * n_users
    return fixed + PER_DELIVERY * work.deliveries + PER_ADOPTER * work.adopters


def _mean(works: Sequence[Work]) -> Work:
    n = max(1, len(works))
    return Work(sum(w.deliveries for w in works) / n, sum(w.adopters for w in works) / n)
