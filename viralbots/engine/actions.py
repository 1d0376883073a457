"""What boundary actions do: waves, deliveries by a brand, adoptions, user events, streams.

Called by `viralbots.engine.schedule`; runs a few times a run and in numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from viralbots import draws, exact
from viralbots.engine import codes, kernel
from viralbots.engine import state as st
from viralbots.engine.tables import message_ids
from viralbots.interventions.levers import (
    Adoptions,
    Chosen,
    Deliveries,
    Lever,
    Posts,
    UserEvent,
    Users,
    choose,
    members,
    share_of,
)
from viralbots.scenario import Scenario, Wave
from viralbots.trace import (
    AWARE,
    BRAND,
    CONVERTED,
    CORRECTED,
    DECEIVED,
    FORWARDED,
    INVOLUNTARY,
    OPTED_OUT,
    REPEAT,
    REQUESTED,
    SEED,
)  # fmt: skip
from viralbots.world.world import CHANNELS, ID_BITS, ID_MASK, World

if TYPE_CHECKING:
    from viralbots.engine.schedule import Run

BOT_REPEATS = 512  # repeat numbers below belong to waves and interventions


def pull(run: Run, minute: int, k: int, lever: Lever, tag: str) -> None:
    """Levers that act at once, when their intervention starts or it is their turn."""
    if isinstance(lever, UserEvent):
        _user_event(run, minute, k, tag, lever)
    elif isinstance(lever, Adoptions):
        users = _chosen(run, lever.message, lever.who, tag, lever.count)
        _adopt(run, minute, users, lever)
    elif isinstance(lever, Deliveries):
        users = _chosen(run, lever.message, lever.who, tag, lever.count)
        if lever.to_contacts:
            users = _contacts(run.world, users)
        repeat = _repeat_of(run.scenario, k)
        _deliver(run, minute, lever.message, users, lever.channel, repeat)
    elif isinstance(lever, Posts):
        users = _chosen(run, lever.message, lever.who, tag, lever.count)
        _begin(run, minute, run.streams[tag], users)


def seed(run: Run, minute: int, number: int, wave: Wave) -> None:
    users = _chosen(run, wave.message, wave.who, f"wave:{number}", wave.count)
    if wave.by == "brand":
        _deliver(run, minute, wave.message, users, wave.channel, number)
    elif wave.by == "members":
        _enlist(run, minute, wave.message, users)
    else:
        as_lever = Adoptions(wave.message, wave.who, wave.count, "wave", wave.channel, wave.paid)
        _adopt(run, minute, users, as_lever)


def _repeat_of(scenario: Scenario, k: int) -> int:
    """Number of what actor k sends by a brand: waves, interventions and bots have their own."""
    n_interventions = len(scenario.interventions)
    if k >= n_interventions:
        return BOT_REPEATS + k - n_interventions
    return len(scenario.seeding) + k


def _contacts(world: World, users: NDArray[np.int64]) -> NDArray[np.int64]:
    """Everybody in the rows of ties of some users, each once, in the order of keys."""
    ties = world.ties
    rows = [ties.word[ties.offset[u] : ties.offset[u + 1]] for u in users]
    found = np.unique(np.concatenate([np.zeros(0, np.uint32), *rows]) & np.uint32(ID_MASK))
    found = found.astype(np.int64)
    return found[np.argsort(world.population.key[found], kind="stable")]


def _begin(run: Run, minute: int, stream: int, users: NDArray[np.int64]) -> None:
    """Put the first emission of a lever's stream into the queue, for users not removed."""
    s, streams = run.state, run.tables.streams
    users = users[(s.record[users, st.WHO] & np.uint32(st.REMOVED)) == 0]
    first = np.full(len(users), minute + int(streams.every[stream]), np.int64)
    if not streams.every[stream]:
        q = int(streams.message[stream])
        state = draws.fold_array(int(s.message_seed[q]), run.world.population.key[users])
        for word in (draws.EMISSION, int(streams.word[stream]), draws.INTERVAL, 0):
            state = draws.fold_array(state, np.array(word, np.uint64))
        units = streams.interval[stream][(state >> np.uint64(52)).astype(np.int64)]
        first = _after(run, minute, np.maximum(10, units.astype(np.int64)))
    users, first = users[first < run.scenario.horizon], first[first < run.scenario.horizon]
    _provide(run, len(users))
    head = (
        stream << ID_BITS | codes.OTHER_CHANNEL << codes.CHANNEL_BITS | REPEAT << codes.FLAG_BITS
    )
    words = users.astype(np.uint64) | np.uint64(head)
    kernel.enqueue(run.state, first, words, np.zeros(len(users), np.uint64))


def _enlist(run: Run, minute: int, name: str, users: NDArray[np.int64]) -> None:
    """Users are members from now on; the kernel does what follows in this minute."""
    s, q = run.state, run.scenario.message_names.index(name)
    removed = (s.record[users, st.WHO] & np.uint32(st.REMOVED)) != 0
    has = (s.record[users, st.MESSAGES + q] & np.uint32(CONVERTED | REQUESTED)) != 0
    users = users[~removed & ~has]
    s.record[users, st.MESSAGES + q] |= np.uint32(CONVERTED)
    first = int(s.control[st.N_CONVERTS])
    if first + len(users) > len(s.convert):
        run.state = s = st.grow(s, ("convert",), first + len(users))
    rows = s.convert[first : first + len(users)]
    rows["minute"], rows["user"], rows["source"], rows["message"] = minute, users, -1, q
    rows["channel"], rows["hops"] = codes.NO_CHANNEL, 0
    s.control[st.N_CONVERTS] += len(users)
    s.totals[q, codes.C_SEEDS] += len(users)


def is_superfluous(run: Run, wave: Wave) -> bool:
    """``until_organic_share``: volunteers carry the message already."""
    if wave.until_organic_share is None:
        return False
    q = run.scenario.message_names.index(wave.message)
    delivered = int(run.state.totals[q, codes.C_DELIVERED])
    organic = delivered - int(run.state.totals[q, codes.C_BY_BRAND])
    return delivered > 0 and organic / delivered > wave.until_organic_share


def _chosen(run: Run, message: str, who: Users, tag: str, count: int) -> NDArray[np.int64]:
    if isinstance(who, Chosen):
        users = np.flatnonzero(members(run.world, who))
        return users[np.argsort(run.world.population.key[users], kind="stable")]
    q = run.scenario.message_names.index(message)
    return choose(run.world, run.run_seed, message_ids(run.scenario)[q], who, tag, count)


def _adopt(run: Run, minute: int, users: NDArray[np.int64], lever: Adoptions) -> None:
    """Users adopt without deciding; the kernel sends for them in this minute."""
    s, q, channel = run.state, run.scenario.message_names.index(lever.message), lever.channel
    kind = INVOLUNTARY if lever.is_auto else SEED
    removed = (s.record[users, st.WHO] & np.uint32(st.REMOVED)) != 0
    has = (s.record[users, st.MESSAGES + q] & np.uint32(FORWARDED)) != 0
    users = users[~removed & ~has]
    s.record[users, st.MESSAGES + q] |= np.uint32(FORWARDED)
    if lever.is_paid:
        s.record[users, st.WHO] |= np.uint32(st.PAID_USER)
    first = int(s.control[st.N_ADOPTIONS])
    if first + len(users) > len(s.adoption):
        run.state = s = st.grow(s, ("adoption",), first + len(users))
    rows = s.adoption[first : first + len(users)]
    rows["minute"], rows["user"], rows["source"], rows["message"] = minute, users, -1, q
    rows["channel"] = codes.DRAW_CHANNEL if channel is None else CHANNELS.index(channel)
    rows["kind"], rows["by_brand"], rows["n_sent"], rows["hops"] = kind, 0, 0, 0
    s.control[st.N_ADOPTIONS] += len(users)
    s.totals[q, codes.C_SEEDS if kind == SEED else codes.C_INVOLUNTARY] += len(users)


def _deliver(
    run: Run, minute: int, name: str, users: NDArray[np.int64], channel: str | None, repeat: int
) -> None:
    """A brand or the platform sends to users who are on the channel (level 0, no sender)."""
    s, q = run.state, run.scenario.message_names.index(name)
    c = CHANNELS.index(channel or run.scenario.messages[name].main_channel)
    people = run.world.population
    users = users[(people.channels[users] >> c) & 1 == 1]
    arrival = _arrivals(run, minute, q, c, users, repeat)
    late = int((arrival >= run.scenario.horizon).sum())
    s.totals[q, codes.C_SENT] += len(users)
    s.totals[q, codes.C_CENSORED] += late
    s.control[st.N_CENSORED] += late
    users, arrival = users[arrival < run.scenario.horizon], arrival[arrival < run.scenario.horizon]
    _provide(run, len(users))
    head = c << codes.CHANNEL_BITS | q << codes.MESSAGE_BITS | BRAND << codes.FLAG_BITS
    words = users.astype(np.uint64) | np.uint64(head)
    kernel.enqueue(run.state, arrival, words, np.full(len(users), repeat << 8, np.uint64))


def _provide(run: Run, n_events: int) -> None:
    """See to it that so many events find room in the queue."""
    need = int(run.state.control[st.N_CHUNKS]) + n_events
    if need > len(run.state.chunk_next):
        run.state = st.grow(run.state, ("chunk_event", "chunk_next"), need)


def _arrivals(
    run: Run, minute: int, q: int, channel: int, users: NDArray[np.int64], repeat: int
) -> NDArray[np.int64]:
    people, w = run.world.population, run.arrays
    address = draws.address(int(run.state.message_seed[q]), draws.SEEDING, repeat, draws.WAIT)
    quantile = draws.fold_array(address, people.key[users]) >> np.uint64(52)
    pace = w.inverse_activity[people.activity[users]]
    wait = run.tables.wait[q, channel][quantile.astype(np.int64)].astype(np.int64)
    return _after(run, minute, np.maximum(10, (wait * pace) >> 16))


def _after(run: Run, minute: int, units: NDArray[np.int64]) -> NDArray[np.int64]:
    """The minutes that lie so many tenths of active minutes after another."""
    day, rest = divmod(minute, 1440)
    target = day * 14_400 + int(run.arrays.clock_sum[rest]) + units
    full = target // 14_400
    inverse = run.arrays.clock_inverse[target - full * 14_400]
    return np.maximum(minute + 1, full * 1440 + inverse)


def _block(run: Run, k: int, users: NDArray[np.int64], *, for_good: bool) -> None:
    """Remove users, for good or until actor k ends."""
    run.state.record[users, st.WHO] |= np.uint32(st.REMOVED)
    if run.removed is None:
        run.removed = np.zeros(run.world.n_users, bool)
    if for_good:
        run.removed[users] = True
    else:
        run.suspended.setdefault(k, []).append(users)


def come_back(run: Run, k: int) -> None:
    """Those whom actor k had suspended are back, unless somebody else holds them."""
    users = run.suspended.pop(k, None)
    if users is None or run.removed is None:
        return
    held = run.removed.copy()
    for others in run.suspended.values():
        held[np.concatenate(others)] = True
    freed = np.concatenate(users)
    freed = freed[~held[freed]]
    run.state.record[freed, st.WHO] &= np.uint32(0xFFFFFFFF ^ st.REMOVED)


def _user_event(run: Run, minute: int, k: int, tag: str, event: UserEvent) -> None:
    s = run.state
    users = share_of(run.world, run.run_seed, event.who, tag, event.share)
    q = run.scenario.message_names.index(event.message or run.scenario.message_names[0])
    if event.having:
        users = users[(s.record[users, st.MESSAGES + q] & np.uint32(FORWARDED)) != 0]
    if event.kind in ("remove", "suspend"):
        _block(run, k, users, for_good=event.kind == "remove")
        return
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
