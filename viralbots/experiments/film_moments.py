"""When what happened to whom, read from a trace, and the moments worth stopping at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots.trace import (
    CONVERTED,
    DECIDED,
    FATE_READ,
    FATE_STOPPED,
    HEARD,
    MUTATED,
    REACTED,
    READ,
    Trace,
)

Ints = NDArray[np.int32]
IntArray = NDArray[np.int64]

NEVER = -1
NOT_SHOWN = -2  # a user who is somebody, but has no place in the film

MOST_STEPS = 400
TAIL_STEPS = 60  # of them at most, for the time after nearly everything has happened
LEFT = 0.015  # share of all events that may still come then
MARGIN, SHORTEST = 1.25, 24  # the time until then is stretched, and has so many hours at least
HARDLY_SHORTER = 0.8  # of the whole: then nothing is set apart
EVEN = 0.35  # share of the playing time that goes to all hours alike
TAIL_PACE = 0.06  # share of the playing time for the tail

TOLD, WON, COUNTERED = 0, 1, 2
"""What a way carried to the user at its end: first word of the message, the copy at which she
decided to pass it on, a counter-message that she passed on."""

_REACTION = 3 << 5  # of an outcome (docs/exactness.md)


class Moments(NamedTuple):
    """For each user the minutes of her firsts, and from whom; all int32[n].

    −1: never, or nobody. The minute ``horizon``: at some time that the trace does not tell.
    """

    heard_at: Ints
    read_at: Ints
    converted_at: Ints
    adopted_at: Ints
    turned_at: Ints
    countered_at: Ints
    told_by: Ints
    won_by: Ints
    countered_by: Ints

    def of(self, users: IntArray) -> Moments:
        """The moments of some users."""
        return Moments(*(column[users] for column in self))


def counters_of(trace: Trace, message: int) -> list[int]:
    """Numbers of the counter-messages about a message."""
    facts = trace.facts.get("messages", ())
    name = trace.messages[message]
    return [
        number
        for number, fact in enumerate(facts if isinstance(facts, Sequence) else ())
        if fact["kind"] == "counter" and fact["about"] == name
    ]


def moments_of(trace: Trace, message: int, counters: Sequence[int]) -> Moments:
    """The moments of all users."""
    n, horizon = trace.n_users, trace.horizon
    adopted_at, won_by, decided = _adopted(trace, [message])
    countered_at, countered_by, _ = _adopted(trace, counters)
    if trace.deliveries is None:
        # Whoever decided had it before her at that very minute; of others nothing is known.
        known = np.where(decided, adopted_at, NEVER)
        heard_at = read_at = known
        reacted_at = np.full(n, NEVER, np.int32)
        told_by = np.where(decided, won_by, NEVER).astype(np.int32)
    else:
        got = trace.deliveries[trace.deliveries["message"] == message]
        got = got[got["outcome"] & 3 != FATE_STOPPED]
        outcome = got["outcome"]
        heard_at, told_by = _first(got, n, "minute"), _first(got, n, "source")
        read_at = _first(got[outcome & 3 == FATE_READ], n, "minute")
        reacted_at = _first(got[outcome & _REACTION > 0], n, "minute")

    converted_at = _first(trace.converts[trace.converts["message"] == message], n, "minute")

    def at_some_time(known: Ints, flag: int) -> Ints:
        has = trace.flag(flag, message)
        return np.where(has & (known == NEVER), horizon, np.where(has, known, NEVER)).astype("i4")

    turned_at = _earlier(at_some_time(reacted_at, REACTED), countered_at)
    return Moments(
        at_some_time(heard_at, HEARD), at_some_time(read_at, READ),
        at_some_time(converted_at, CONVERTED), adopted_at, turned_at, countered_at,
        told_by, won_by, countered_by,
    )  # fmt: skip


def rows_about(trace: Trace, messages: Sequence[int]) -> NDArray[np.void]:
    """The adoptions of some messages, in order of minute.

    What another message turned into begins with who passed it on: her source had sent that
    other message, and is none of this one.
    """
    rows = trace.adoptions[np.isin(trace.adoptions["message"], list(messages))]
    rows["source"][rows["kind"] == MUTATED] = NEVER
    return rows


def _adopted(trace: Trace, messages: Sequence[int]) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """First adoption of each user among some messages: minute, source, whether she decided."""
    rows, n = rows_about(trace, messages), trace.n_users
    decided = _first(rows, n, "kind") == DECIDED
    return _first(rows, n, "minute"), _first(rows, n, "source"), decided


def _first(rows: NDArray[np.void], n_users: int, column: str) -> Ints:
    """A column of each user's first row, int32[n]; −1 for users without one."""
    found = np.full(n_users, NEVER, np.int32)
    found[rows["user"][::-1]] = rows[column][::-1]  # of equal places the last one written stays
    return found


def _earlier(a: Ints, b: Ints) -> Ints:
    return np.where((a >= 0) & (b >= 0), np.minimum(a, b), np.maximum(a, b)).astype(np.int32)


def places_of(users: IntArray, wanted: NDArray[np.integer]) -> Ints:
    """Places of some users among ``users``, which ascend; −1 stays, `NOT_SHOWN` is −2."""
    if not len(users):
        return np.full(len(wanted), NEVER, np.int32)
    place = np.minimum(np.searchsorted(users, wanted), len(users) - 1)
    found = np.where(users[place] == wanted, place, np.where(wanted < 0, NEVER, NOT_SHOWN))
    return found.astype(np.int32)


def carried_by(own: Moments, users: IntArray, horizon: int) -> Ints:
    """Ways between users shown, int32[c, 4]: from, to, minute, and `TOLD`, `WON` or `COUNTERED`.

    A copy that told her of it and won her at once is one way, the latter.
    """
    told, won = places_of(users, own.told_by), places_of(users, own.won_by)
    twice = (own.heard_at == own.adopted_at) & (told == won)
    kinds = (
        (told, np.where(twice | (own.heard_at == horizon), NEVER, own.heard_at), TOLD),
        (won, own.adopted_at, WON),
        (places_of(users, own.countered_by), own.countered_at, COUNTERED),
    )
    found = []
    for source, minute, kind in kinds:
        here = np.flatnonzero((source >= 0) & (minute >= 0))
        found.append(
            np.stack((source[here], here, minute[here], np.full(len(here), kind)), axis=1)
        )
    ways = np.concatenate(found).astype(np.int32)
    return ways[np.argsort(ways[:, 2], kind="stable")]


def steps_of(events: IntArray, horizon: int) -> tuple[Ints, NDArray[np.float32], int]:
    """Minutes at which to stop, the pace, and the minute from which on hardly anything happens.

    Parameters
    ----------
    events : int64[hours + 1]
        What has happened up to the end of each hour.

    Returns
    -------
    steps : int32[s]
        `MOST_STEPS` at most: every hour until it is settled where there are not too many, else
        more of them while much happens; after it a few.
    pace : float32[s]
        Share of the playing time that has passed at each step: it slows down while much
        happens.
    settled : int
    """
    last = len(events) - 1
    still = events[-1] - events > max(1.0, LEFT * float(events[-1]))
    moving = int(np.flatnonzero(still)[-1]) + 1 if still.any() else 0
    settled = min(last, max(SHORTEST, int(moving * MARGIN) + 1))
    settled = last if settled >= HARDLY_SHORTER * last else settled
    # The root, so that a day with a thousand events is not a hundred times as long as one with 10.
    much = np.sqrt(np.diff(events[: settled + 1]).astype(np.float64))
    share = np.append(0.0, np.cumsum(much)) / max(1.0, float(much.sum()))
    even = np.linspace(0.0, 1.0, settled + 1)
    pace = EVEN * even + (1 - EVEN) * (share if much.any() else even)
    n_tail = min(TAIL_STEPS, last - settled)
    wanted = np.linspace(0.0, 1.0, min(settled + 1, MOST_STEPS - n_tail))
    hours = np.unique(np.interp(wanted, pace, np.arange(settled + 1)).round().astype(np.int64))
    if settled + 1 <= MOST_STEPS - n_tail:
        hours = np.arange(settled + 1)
    tail = np.linspace(settled, last, n_tail + 1).round().astype(np.int64)[1:]
    end = 1.0 - TAIL_PACE if n_tail else 1.0
    pace = np.append(pace[hours] * end, np.linspace(end, 1.0, n_tail + 1)[1:])
    steps = np.minimum(np.append(hours, tail) * 60, horizon).astype(np.int32)
    return steps, pace.astype(np.float32), int(min(settled * 60, horizon))
