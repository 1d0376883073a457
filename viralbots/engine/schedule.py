"""What happens at the start of a minute: levers, user events and seeding waves.

Step 1 of docs/exactness.md. Everything here runs a few times a run and in numpy.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from viralbots import draws, exact
from viralbots.engine import codes, kernel
from viralbots.engine import state as st
from viralbots.engine.lever_tables import Classes, Rows, make_classes, with_levers
from viralbots.engine.tables import Tables, message_ids, static_tables
from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import (
    Adoptions,
    Deliveries,
    Lever,
    UserEvent,
    choose,
    share_of,
)
from viralbots.scenario import Scenario, Wave
from viralbots.trace import AWARE, BRAND, CORRECTED, DECEIVED, FORWARDED, OPTED_OUT
from viralbots.world.message import Message
from viralbots.world.world import CHANNELS, World

QUANTITIES = ("complaints_per_1000", "counter_share", "organic_share", "reach_share")
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
    starts: list[int]
    ends: list[int]
    triggers: kernel.Triggers
    tables: Tables
    waiting: list[int]  # interventions behind the triggers
    rows: Rows = field(default_factory=dict)

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
            self.tables, self.scenario, self.classes, levers, minute, self.rows
        )


def prepare(scenario: Scenario, world: World, run_seed: int, watch: tuple[int, ...]) -> Run:
    """Everything a run needs before its first minute."""
    levers = [list(i.levers(scenario.messages)) for i in scenario.interventions]
    flat = [lever for group in levers for lever in group]
    classes = make_classes(world, flat)
    starts = [NEVER if i.trigger else (i.start or 0) for i in scenario.interventions]
    ends = [_end(i, start) for i, start in zip(scenario.interventions, starts, strict=True)]
    waiting = [k for k, i in enumerate(scenario.interventions) if i.trigger is not None]
    return Run(
        scenario, world, run_seed,
        st.initial_state(scenario, world, run_seed, classes, watch),
        st.world_arrays(world), classes, levers, starts, ends,
        _triggers(scenario, waiting),
        static_tables(scenario),
        waiting,
    )  # fmt: skip


def _end(intervention: Intervention, start: int) -> int:
    return NEVER if intervention.duration is None else start + intervention.duration


def _triggers(scenario: Scenario, waiting: list[int]) -> kernel.Triggers:
    found = [scenario.interventions[k].trigger for k in waiting]
    names = scenario.message_names
    return kernel.Triggers(
        np.array([QUANTITIES.index(t.quantity) for t in found if t], np.int64),
        np.array([names.index(t.message) for t in found if t], np.int64),
        np.array([t.above for t in found if t], np.float64),
        np.zeros(len(waiting), np.int64),
    )


def fire(run: Run, minute: int) -> None:
    """Start the interventions whose trigger fired in the minute before."""
    for place, k in enumerate(run.waiting):
        if run.triggers.fired[place] == 1 and run.starts[k] == NEVER:
            run.starts[k] = minute
            run.ends[k] = _end(run.scenario.interventions[k], minute)


def next_boundary(run: Run, minute: int) -> int:
    """First minute after ``minute`` at which something is planned."""
    times = [*run.starts, *run.ends, *(w.minute for w in run.scenario.seeding)]
    if any(m.novelty_half_life_days for m in run.scenario.messages.values()):
        times.append((minute // 60 + 1) * 60)
    return min((t for t in times if t > minute), default=NEVER)


def act(run: Run, minute: int) -> None:
    """Do what is planned for the start of a minute."""
    fading = any(m.novelty_half_life_days for m in run.scenario.messages.values())
    if minute in run.starts or minute in run.ends or (fading and minute % 60 == 0) or minute == 0:
        run.retable(minute)
    for k, group in enumerate(run.levers):
        if run.starts[k] == minute:
            for lever in group:
                _pull(run, minute, k, lever)
    for number, wave in enumerate(run.scenario.seeding):
        if wave.minute == minute and not _is_superfluous(run, wave):
            _seed(run, minute, number, wave)


def _pull(run: Run, minute: int, number: int, lever: Lever) -> None:
    """Levers that act once, when their intervention starts."""
    if isinstance(lever, UserEvent):
        _user_event(run, minute, f"{lever.tag}:{number}", lever)
    elif isinstance(lever, Adoptions):
        users = _chosen(run, lever.message, lever.who, f"{lever.tag}:{number}", lever.count)
        _adopt(run, minute, lever.message, users, lever.channel, lever.is_paid)
    elif isinstance(lever, Deliveries):
        users = _chosen(run, lever.message, lever.who, f"{lever.tag}:{number}", lever.count)
        repeat = len(run.scenario.seeding) + number
        _deliver(run, minute, lever.message, users, lever.channel, repeat)


def _seed(run: Run, minute: int, number: int, wave: Wave) -> None:
    users = _chosen(run, wave.message, wave.who, f"wave:{number}", wave.count)
    if wave.by == "brand":
        _deliver(run, minute, wave.message, users, wave.channel, number)
    else:
        _adopt(run, minute, wave.message, users, wave.channel, wave.paid)


def _is_superfluous(run: Run, wave: Wave) -> bool:
    """``until_organic_share``: volunteers carry the message already."""
    if wave.until_organic_share is None:
        return False
    q = run.scenario.message_names.index(wave.message)
    delivered = int(run.state.totals[q, codes.C_DELIVERED])
    organic = delivered - int(run.state.totals[q, codes.C_BY_BRAND])
    return delivered > 0 and organic / delivered > wave.until_organic_share


def _chosen(run: Run, message: str, who: str, tag: str, count: int) -> NDArray[np.int64]:
    q = run.scenario.message_names.index(message)
    return choose(run.world, run.run_seed, message_ids(run.scenario)[q], who, tag, count)


def _adopt(
    run: Run, minute: int, name: str, users: NDArray[np.int64], channel: str | None, paid: bool
) -> None:
    """Users adopt without deciding; the kernel sends for them in this minute."""
    s, q = run.state, run.scenario.message_names.index(name)
    removed = (s.record[users, st.WHO] & np.uint32(st.REMOVED)) != 0
    has = (s.record[users, st.MESSAGES + q] & np.uint32(FORWARDED)) != 0
    users = users[~removed & ~has]
    s.record[users, st.MESSAGES + q] |= np.uint32(FORWARDED)
    if paid:
        s.record[users, st.WHO] |= np.uint32(st.PAID_USER)
    first = int(s.control[st.N_ADOPTIONS])
    if first + len(users) > len(s.adoption):
        run.state = s = st.grow(s, ("adoption",), first + len(users))
    rows = s.adoption[first : first + len(users)]
    rows["minute"], rows["user"], rows["source"], rows["message"] = minute, users, -1, q
    rows["channel"] = codes.DRAW_CHANNEL if channel is None else CHANNELS.index(channel)
    rows["kind"], rows["by_brand"], rows["n_sent"] = 1, 0, 0
    s.control[st.N_ADOPTIONS] += len(users)
    s.totals[q, codes.C_SEEDS] += len(users)


def _main_channel(message: Message) -> str:
    """The channel with the largest share, the first in the file among equals."""
    return max(message.channels, key=lambda c: message.channels[c])


def _deliver(
    run: Run, minute: int, name: str, users: NDArray[np.int64], channel: str | None, repeat: int
) -> None:
    """A brand or the platform sends to users who are on the channel (level 0, no sender)."""
    s, q = run.state, run.scenario.message_names.index(name)
    c = CHANNELS.index(channel or _main_channel(run.scenario.messages[name]))
    people = run.world.population
    users = users[(people.channels[users] >> c) & 1 == 1]
    arrival = _arrivals(run, minute, q, c, users, repeat)
    late = int((arrival >= run.scenario.horizon).sum())
    s.totals[q, codes.C_SENT] += len(users)
    s.totals[q, codes.C_CENSORED] += late
    s.control[st.N_CENSORED] += late
    users, arrival = users[arrival < run.scenario.horizon], arrival[arrival < run.scenario.horizon]
    need = int(s.control[st.N_CHUNKS]) + len(users)
    if need > len(s.chunk_next):
        run.state = s = st.grow(s, ("chunk_event", "chunk_next"), need)
    head = c << codes.CHANNEL_BITS | q << codes.MESSAGE_BITS | BRAND << codes.FLAG_BITS
    words = users.astype(np.uint64) | np.uint64(head)
    kernel.enqueue(s, arrival, words, np.full(len(users), repeat << 8, np.uint64))


def _arrivals(
    run: Run, minute: int, q: int, channel: int, users: NDArray[np.int64], repeat: int
) -> NDArray[np.int64]:
    people, w = run.world.population, run.arrays
    address = draws.address(int(run.state.message_seed[q]), draws.SEEDING, repeat, draws.WAIT)
    quantile = draws.fold_array(address, people.key[users]) >> np.uint64(52)
    pace = w.inverse_activity[people.activity[users]]
    wait = run.tables.wait[q, channel][quantile.astype(np.int64)].astype(np.int64)
    units = np.maximum(10, (wait * pace) >> 16)
    day, rest = divmod(minute, 1440)
    target = day * 14_400 + int(w.clock_sum[rest]) + units
    full = target // 14_400
    return np.maximum(minute + 1, full * 1440 + w.clock_inverse[target - full * 14_400])


def _user_event(run: Run, minute: int, tag: str, event: UserEvent) -> None:
    s = run.state
    users = share_of(run.world, run.run_seed, event.who, tag, event.share)
    if event.kind == "remove":
        s.record[users, st.WHO] |= np.uint32(st.REMOVED)
        return
    q = run.scenario.message_names.index(event.message or run.scenario.message_names[0])
    brand = int(run.tables.brand[q])
    if event.kind == "aware":
        state = s.record[users, st.MESSAGES + q]
        mended = (state & np.uint32(DECEIVED) != 0) & (state & np.uint32(CORRECTED) == 0)
        s.totals[q, codes.C_CORRECTED] += mended.sum()
        s.totals[q, codes.C_MINUTES] += minute * mended.sum()
        state[mended] |= np.uint32(CORRECTED)
        s.record[users, st.MESSAGES + q] = state | np.uint32(AWARE)
    elif event.kind == "opt_out" and brand >= 0:
        s.record[users, st.WHO] |= np.uint32(1 << (st.OPT_OUT_SHIFT + brand))
    elif event.kind == "opt_out":
        s.record[users, st.MESSAGES + q] |= np.uint32(OPTED_OUT)
    elif event.kind == "trust" and brand >= 0:
        _lose_trust(s, users, brand, minute, event.amount)


def _lose_trust(
    s: st.State, users: NDArray[np.int64], brand: int, minute: int, amount: float
) -> None:
    """Trust is multiplied by 1 − amount."""
    share = int(exact.to_fixed(amount, 20))
    for u in users:
        elapsed = (minute - int(s.distrust_at[u, brand])) // 30
        left = exact.halve(int(s.distrust[u, brand]), elapsed)
        s.distrust[u, brand] = left + (((1 << 20) - left) * share >> 20)
        s.distrust_at[u, brand] = minute
    s.record[users, st.WHO] |= np.uint32(st.DISTRUSTS)
