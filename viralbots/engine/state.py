"""The arrays that one run changes, laid out for the kernel.

A user is one 64-byte record, an event 16 bytes in a chunk of 64; chunks hang in one bucket
a minute (a calendar queue) and are recycled. Arrays only grow, between two slices.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots import exact
from viralbots.draws import fold
from viralbots.engine.lever_tables import Classes, audience_of
from viralbots.engine.tables import message_ids, network_columns
from viralbots.interventions.levers import Bots
from viralbots.rules.main_rule import inverse_activity, tie_value
from viralbots.scenario import Scenario
from viralbots.trace import ADOPTION, CONVERT, COUNTS, DELIVERY
from viralbots.world.population import CIRCLE_SIZE, interest
from viralbots.world.world import ROLES, World

CHUNK = 64
HEAD, TAIL, SIZE = 0, 1, 2  # columns of a bucket

# Words of a user record (uint32[16]).
KEY_LOW, KEY_HIGH, FATIGUE, LAST, TRAITS, SKILL, WHO, MARK, MESSAGES = 0, 1, 2, 3, 4, 5, 6, 7, 8
# Bits of the word WHO: class 0–7, brands opted out 8–15, channels 16–21, then flags.
OPT_OUT_SHIFT, CHANNEL_SHIFT = 8, 16
(FILTERS, REMOVED, WATCHED, LEADER, PAID_USER, DISTRUSTS, CONFLICT, UPLOADS) = (
    1 << b for b in range(22, 30)
)

# Entries of the control array.
(NOW, UNTIL, STATUS, PHASE, CURSOR, N_ADOPTIONS, N_LOG, N_WATCH, FREE, N_CHUNKS, BUDGET, N_EVENTS,
 NEED, N_REQUESTS, BUILD, N_DELIVERIES, N_CENSORED, N_CONVERTS, MEMBER_CURSOR, N_EMISSIONS,
 EMISSION_CURSOR) = range(21)  # fmt: skip
N_CONTROL = 24

# Values of STATUS: why the kernel came back.
(REACHED, SLICE_DONE, NEED_CHUNKS, NEED_BUFFER, NEED_ADOPTIONS, NEED_LOG, NEED_WATCH, TRIGGERED,
 NEED_CONVERTS) = range(9)  # fmt: skip

# Columns of a request to the landing.
R_USER, R_MESSAGE, R_ATTEMPT, R_SOURCE, R_CHANNEL, R_HOPS = range(6)

WATCH_COLUMNS = (
    "minute", "user", "source", "message", "channel", "level", "repeat", "flags", "outcome",
    "class_", "n", "r", "fatigue", "distrust", "aware", "informed", "deceived", "was_read",
    "read_x", "read_draw", "detect_x", "detect_draw", "convert_x", "convert_draw",
    "convert_veto", "out_channel", "forward_x", "forward_draw", "forward_veto",
    "react_x", "react_draw", "stop_veto", "using", "not_using", "rival_using", "hops", "is_bot",
)  # fmt: skip
"""Columns of a watch log; a draw of −1 means that the decision was not taken, a veto of −1
that none succeeded. ``aware`` is the flag in steps 6 to 8 of docs/exactness.md, ``deceived``
the variable of the decision table."""


class WorldArrays(NamedTuple):
    """The parts of a `World` that the kernel reads (shapes as in `viralbots.world.world`)."""

    tie_offset: NDArray[np.int64]
    tie_word: NDArray[np.uint32]
    tie_layer_end: NDArray[np.int32]
    tie_layer_level: NDArray[np.int64]
    tie_level: NDArray[np.uint8]
    tie_cumulative: NDArray[np.uint32]
    follow_offset: NDArray[np.int64]
    follow_word: NDArray[np.uint32]
    follow_layer_end: NDArray[np.int32]
    follow_layer_level: NDArray[np.int64]
    follow_level: NDArray[np.uint8]
    key: NDArray[np.uint64]  # empty where a user's key is her number
    activity: NDArray[np.uint16]
    sociability: NDArray[np.uint16]
    circle: NDArray[np.int32]
    circle_offset: NDArray[np.int64]
    circle_member: NDArray[np.int32]
    inverse_activity: NDArray[np.int32]
    tie_value: NDArray[np.int64]  # [241], units of 2**-16
    ln_n: NDArray[np.int64]  # [5], units of 2**-20
    sigmoid: NDArray[np.int64]
    halving: NDArray[np.int64]
    clock_sum: NDArray[np.int64]  # [1441] Λ inside a day that starts at 08:00
    clock_inverse: NDArray[np.int16]  # [14401]
    by_key: NDArray[np.int32]  # users in the order of keys; empty where that is their number
    population_seed: NDArray[np.uint64]  # [1]


class State(NamedTuple):
    """What a run changes.

    Growable: chunk_*, event_*, adoption, convert, delivery, emission, request, watch.
    """

    record: NDArray[np.uint32]  # [n, 16]
    distrust: NDArray[np.int32]  # [n, brands] as of the minute below
    distrust_at: NDArray[np.int32]
    bucket: NDArray[np.int32]  # [horizon, 4]: head chunk, tail chunk, size, spare
    chunk_event: NDArray[np.uint64]  # [chunks, 128]: word, extra, word, extra …
    chunk_next: NDArray[np.int32]
    event_word: NDArray[np.uint64]  # one minute's events
    event_extra: NDArray[np.uint32]
    event_order: NDArray[np.int64]
    adoption: NDArray[np.void]
    delivery: NDArray[np.void]
    watch: NDArray[np.int64]  # [rows, len(WATCH_COLUMNS)]
    request: NDArray[np.int64]  # [rows, 6]: columns R_…
    emission: NDArray[np.int64]  # [rows, 3]: user, stream, number; those due in this minute
    convert: NDArray[np.void]
    using: NDArray[np.int32]  # [n, messages with a network effect] contacts who use it
    served: NDArray[np.int64]  # [messages, 60]
    served_at: NDArray[np.int64]
    totals: NDArray[np.int64]  # [messages, counts]
    series: NDArray[np.int64]  # [hours + 1, messages, counts]
    lanes: NDArray[np.uint64]  # [3]
    message_seed: NDArray[np.uint64]  # [messages] fold(run_seed, message id)
    recipient: NDArray[np.int64]  # scratch of one send
    recipient_level: NDArray[np.int64]
    recipient_at: NDArray[np.int64]
    control: NDArray[np.int64]


def _clock() -> tuple[NDArray[np.int64], NDArray[np.int16]]:
    """Λ inside a day from 08:00 on and its inverse (model §2.7)."""
    minute = (np.arange(1440) + 480) % 1440
    rate = np.where(minute < 360, 2, np.where(minute < 1080, 13, 12)).astype(np.int64)
    total = np.concatenate([[0], np.cumsum(rate)])
    inverse = np.searchsorted(total, np.arange(14_401), side="left")
    return total.astype(np.int64), inverse.astype(np.int16)


def world_arrays(world: World) -> WorldArrays:
    """Lay out a world for the kernel; the large arrays are shared, not copied."""
    if "arrays" not in world.cache:
        world.cache["arrays"] = _lay_out(world)
    arrays: WorldArrays = world.cache["arrays"]
    return arrays


def _lay_out(world: World) -> WorldArrays:
    people, ties, follows = world.population, world.ties, world.follows
    own_number = bool(np.array_equal(people.key, np.arange(world.n_users, dtype=np.uint64)))
    order = np.lexsort((people.key, people.circle))
    by_key = np.argsort(people.key, kind="stable").astype(np.int32)
    n_circles = int(people.circle.max(initial=-1)) + 1
    sizes = np.bincount(people.circle, minlength=n_circles)
    total, inverse = _clock()
    return WorldArrays(
        ties.offset, ties.word, ties.layer_end, np.array(ties.layer_level, np.int64),
        ties.level, ties.cumulative,
        follows.offset, follows.word, follows.layer_end, np.array(follows.layer_level, np.int64),
        follows.level,
        np.empty(0, np.uint64) if own_number else people.key,
        people.activity, people.sociability, people.circle,
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), order.astype(np.int32),
        inverse_activity().astype(np.int32),
        np.array([tie_value(level) for level in range(exact.TIE_LEVELS + 1)], np.int64),
        np.concatenate([[0], exact.to_fixed(exact.log(np.arange(1.0, 5.0)), 20)]).astype(np.int64),
        exact.sigmoid_table(), exact.halving_table(), total, inverse,
        by_key[:0] if own_number else by_key,
        np.array([people.seed], np.uint64),
    )  # fmt: skip


def _blank_records(scenario: Scenario, world: World) -> NDArray[np.uint32]:
    """Records as they are before a run, kept with the world for its replicates."""
    people = world.population
    topics = tuple(message.topic for message in scenario.messages.values())
    base = int(exact.to_fixed(scenario.cells["fatigue.base"], 20))
    name = ("records", topics, base)
    record: NDArray[np.uint32] | None = world.cache.get(name)
    if record is None:
        record = _aligned(world.n_users)
        record[:, KEY_LOW] = people.key & np.uint64(0xFFFFFFFF)
        record[:, KEY_HIGH] = people.key >> np.uint64(32)
        record[:, FATIGUE] = base
        record[:, TRAITS] = (
            people.threat.astype(np.uint32) | people.reputation.astype(np.uint32) << 16
        )
        record[:, SKILL] = people.detection.astype(np.int32).view(np.uint32)
        record[:, WHO] = people.channels.astype(np.uint32) << CHANNEL_SHIFT
        record[people.role == ROLES.index("leader"), WHO] |= LEADER
        record[people.uploads_contacts, WHO] |= np.uint32(UPLOADS)
        for topic in dict.fromkeys(topics):
            match = np.minimum(interest(people, topic), 4095)
            for q in np.flatnonzero(np.array(topics) == topic):
                record[:, MESSAGES + q] = match
        for old in [key for key in world.cache if isinstance(key, tuple) and key[0] == "records"]:
            world.cache.pop(old, None)  # one set at a time: 64 bytes a user
        world.cache[name] = record
    return record


def _aligned(n_users: int) -> NDArray[np.uint32]:
    """Zeroed records that each fill one cache line."""
    raw = np.zeros(n_users * 16 + 16, np.uint32)
    start = (-raw.ctypes.data // 4) % 16
    return raw[start : start + n_users * 16].reshape(-1, 16)


def _records(
    scenario: Scenario, world: World, classes: Classes, watch: tuple[int, ...]
) -> NDArray[np.uint32]:
    record = _aligned(world.n_users)
    record[:] = _blank_records(scenario, world)
    if classes.selectors:
        record[:, WHO] |= classes.of_user
    record[list(watch), WHO] |= WATCHED
    return record


def initial_state(
    scenario: Scenario, world: World, run_seed: int, classes: Classes, watch: tuple[int, ...]
) -> State:
    """Fresh arrays for one run."""
    n, m, horizon = world.n_users, len(scenario.messages), scenario.horizon
    n_brands, hours = max(1, len(scenario.brands)), -(-horizon // 60)
    rows = (world.ties.degree, world.follows.degree)
    own = [audience_of(lever, n) for _, actor in scenario.actors
           for lever in actor.levers(scenario.messages) if isinstance(lever, Bots)]  # fmt: skip
    longest = max([*own, *(int(row.max(initial=0)) for row in rows)]) + CIRCLE_SIZE  # of a send
    chunks, adopters = max(1024, n // 64), max(1024, n // 2)  # grown where that is too few
    control = np.zeros(N_CONTROL, np.int64)
    control[FREE] = -1
    seeds = [fold(run_seed, number) for number in message_ids(scenario)]
    return State(
        _records(scenario, world, classes, watch),
        np.zeros((n, n_brands), np.int32), np.zeros((n, n_brands), np.int32),
        np.tile(np.array([-1, -1, 0, 0], np.int32), (horizon, 1)),
        np.empty((chunks, 2 * CHUNK), np.uint64), np.empty(chunks, np.int32),
        np.empty(1024, np.uint64), np.empty(1024, np.uint32), np.empty(1024, np.int64),
        np.zeros(adopters, ADOPTION), np.zeros(1024, DELIVERY),
        np.zeros((64 if watch else 1, len(WATCH_COLUMNS)), np.int64),
        np.zeros((1024, 6), np.int64), np.zeros((1024, 3), np.int64), np.zeros(1024, CONVERT),
        np.zeros((n, sum(column >= 0 for column in network_columns(scenario))), np.int32),
        np.zeros((m, 60), np.int64),
        np.full((m, 60), -1_000_000, np.int64),
        np.zeros((m, len(COUNTS)), np.int64), np.zeros((hours + 1, m, len(COUNTS)), np.int64),
        np.zeros(3, np.uint64), np.array(seeds, np.uint64),
        np.empty(longest, np.int64), np.empty(longest, np.int64),
        np.empty(longest, np.int64), control,
    )  # fmt: skip


def grow(state: State, fields: tuple[str, ...], rows: int) -> State:
    """A state whose named arrays have at least ``rows`` rows (at least twice as many as now)."""
    made = {}
    for name in fields:
        old = getattr(state, name)
        size = max(rows, 2 * len(old))
        new = np.empty((size, *old.shape[1:]), old.dtype)
        new[: len(old)] = old
        made[name] = new
    return state._replace(**made)
