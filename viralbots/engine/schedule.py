"""What happens at the start of a minute: levers, user events and seeding waves.

Step 1 of docs/exactness.md. Everything here runs a few times a run and in numpy.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from viralbots import draws, exact
from viralbots.engine import actions, kernel
from viralbots.engine import state as st
from viralbots.engine.lever_tables import Classes, Rows, Setting, make_classes, with_levers
from viralbots.engine.streams import posts_of
from viralbots.engine.tables import Tables, static_tables
from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import (
    Lever,
    UserEvent,
)
from viralbots.scenario import Scenario
from viralbots.world.world import World

QUANTITIES = ("complaints_per_1000", "counter_share", "organic_share", "reach_share",
              "refused_share", "converts_share")  # fmt: skip
NEVER = 1 << 62


@dataclass
class Run:
    """One run while it is being simulated."""

    scenario: Scenario
    world: World
    run_seed: int
    state: st.State
    arrays: st.WorldArrays
    classes: Classes
    levers: list[list[Lever]]
    numbers: list[str]  # of the actors in their tags
    starts: list[int]
    ends: list[int]
    triggers: kernel.Triggers
    tables: Tables
    waiting: list[int]  # actors behind the triggers
    streams: dict[str, int]  # of the levers that post, by their tag
    rows: Rows = field(default_factory=dict)
    removed: NDArray[np.bool_] | None = None  # for good
    suspended: dict[int, list[NDArray[np.int64]]] = field(default_factory=dict)  # by actor

    @property
    def flat_levers(self) -> list[Lever]:
        return [lever for group in self.levers for lever in group]

    def active(self, minute: int) -> list[bool]:
        """Which levers hold at a minute, in the order of `flat_levers`."""
        holds = [a <= minute < b for a, b in zip(self.starts, self.ends, strict=True)]
        return [h for h, group in zip(holds, self.levers, strict=True) for _ in group]

    def retable(self, minute: int) -> None:
        """Make the tables anew as of a minute."""
        levers = list(zip(self.flat_levers, self.active(minute), strict=True))
        self.tables = with_levers(
            self.tables,
            Setting(self.scenario, self.world, self.classes, self.rows),
            levers,
            minute,
        )


def prepare(scenario: Scenario, world: World, run_seed: int, watch: tuple[int, ...]) -> Run:
    """Everything a run needs before its first minute."""
    actors = [actor for _, actor in scenario.actors]
    levers = [list(actor.levers(scenario.messages)) for actor in actors]
    flat = [lever for group in levers for lever in group]
    classes = make_classes(world, flat)
    starts = [NEVER if i.trigger else (i.start or 0) for i in actors]
    ends = [_end(i, start) for i, start in zip(actors, starts, strict=True)]
    waiting = [k for k, i in enumerate(actors) if i.trigger is not None]
    tables = static_tables(scenario)
    posts = posts_of(scenario)
    first = len(tables.streams.message) - len(posts)
    streams = {f"{lever.tag}:{number}": first + k for k, (_, number, lever) in enumerate(posts)}
    return Run(
        scenario, world, run_seed,
        st.initial_state(scenario, world, run_seed, classes, watch),
        st.world_arrays(world), classes, levers, [number for number, _ in scenario.actors],
        starts, ends, _triggers(scenario, run_seed, waiting), tables, waiting, streams,
    )  # fmt: skip


def _end(intervention: Intervention, start: int) -> int:
    return NEVER if intervention.duration is None else start + intervention.duration


def _triggers(scenario: Scenario, run_seed: int, waiting: list[int]) -> kernel.Triggers:
    actors, names = scenario.actors, scenario.message_names
    found = [actors[k][1].trigger for k in waiting]
    above = [
        t.above * (_exponential(run_seed, f"trigger:{actors[k][0]}") if t.by_chance else 1.0)
        for k, t in zip(waiting, found, strict=True)
        if t
    ]
    return kernel.Triggers(
        np.array([QUANTITIES.index(t.quantity) for t in found if t], np.int64),
        np.array([names.index(t.message) for t in found if t], np.int64),
        np.array(above, np.float64),
        np.zeros(len(waiting), np.int64),
    )


def _exponential(run_seed: int, name: str) -> float:
    """An exponential draw with mean 1, addressed by a name."""
    number = draws.address(run_seed, draws.SEEDING, draws.name_id(name)) >> 32
    return float(-exact.log((number + 0.5) / 4294967296.0))


def fire(run: Run, minute: int) -> None:
    """Start the interventions whose trigger fired in the minute before."""
    for place, k in enumerate(run.waiting):
        if run.triggers.fired[place] == 1 and run.starts[k] == NEVER:
            run.starts[k] = minute
            run.ends[k] = _end(run.scenario.actors[k][1], minute)


def next_boundary(run: Run, minute: int) -> int:
    """First minute after ``minute`` at which something is planned."""
    times = [*run.starts, *run.ends, *(w.minute for w in run.scenario.seeding)]
    for k, group in enumerate(run.levers):
        times += [
            run.starts[k] + ((minute - run.starts[k]) // lever.every + 1) * lever.every
            for lever in group
            if isinstance(lever, UserEvent) and lever.every
            and run.starts[k] <= minute < run.ends[k]
        ]  # fmt: skip
    if any(m.novelty_half_life_days for m in run.scenario.messages.values()):
        times.append((minute // 60 + 1) * 60)
    return min((t for t in times if t > minute), default=NEVER)


def act(run: Run, minute: int) -> None:
    """Do what is planned for the start of a minute."""
    fading = any(m.novelty_half_life_days for m in run.scenario.messages.values())
    if minute in run.starts or minute in run.ends or (fading and minute % 60 == 0) or minute == 0:
        run.retable(minute)
    for k, group in enumerate(run.levers):
        if run.ends[k] == minute:
            actions.come_back(run, k)
        for lever in group:
            turn = _turn(run, minute, k, lever)
            if turn is not None:
                tag = f"{getattr(lever, 'tag', '')}:{run.numbers[k]}"
                actions.pull(run, minute, k, lever, f"{tag}:{turn}" if turn else tag)
    for number, wave in enumerate(run.scenario.seeding):
        if wave.minute == minute and not actions.is_superfluous(run, wave):
            actions.seed(run, minute, number, wave)


def _turn(run: Run, minute: int, k: int, lever: Lever) -> int | None:
    """How often a lever of actor k has acted before, where it acts now; else None."""
    since = minute - run.starts[k]
    if since == 0:
        return 0
    every = lever.every if isinstance(lever, UserEvent) else None
    if every and since > 0 and minute < run.ends[k] and since % every == 0:
        return since // every
    return None
