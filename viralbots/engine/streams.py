"""Streams: messages that users send again and again (docs/exactness.md, *Streams*).

A table of all streams of a scenario, made before a run: those that members begin (footers,
reminders) and those of a lever (`viralbots.interventions.levers.Posts`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots import exact
from viralbots.draws import name_id
from viralbots.interventions.levers import Posts
from viralbots.scenario import Scenario
from viralbots.world.world import CHANNELS

CARRY, POST, REMIND, LOOK = 0, 1, 2, 3
MOST_EMISSIONS = 60_000
DAY_UNITS = 14_400  # tenths of active minutes
BRAND_REPEATS = 1024  # repeat numbers below belong to waves and interventions


class Streams(NamedTuple):
    """One row a stream.

    Attributes
    ----------
    message, kind, channel : int64[streams]
        Channel −1: drawn by the message's shares.
    word : uint64[streams]
        Its name in every address.
    every, most : int64[streams]
        Minutes from one emission to the next (0: at random), and how many there are.
    interval : int32[streams, 4096]
        Quantiles of the time to the next, in tenths of active minutes.
    is_on : int64[streams]
        Whether its lever holds.
    veto : int64[classes, streams]
        Probability that a rate limit leaves an emission out, in units of 2**-32.
    """

    message: NDArray[np.int64]
    kind: NDArray[np.int64]
    channel: NDArray[np.int64]
    word: NDArray[np.uint64]
    every: NDArray[np.int64]
    most: NDArray[np.int64]
    interval: NDArray[np.int32]
    is_on: NDArray[np.int64]
    veto: NDArray[np.int64]


def interval_table(per_day: float) -> NDArray[np.int32]:
    """Quantiles of an exponential with mean 1/``per_day`` days, int32[4096]."""
    share = (np.arange(exact.N_QUANTILES) + 0.5) / exact.N_QUANTILES
    units = -exact.log(1.0 - share) * (DAY_UNITS / per_day)
    return np.asarray(exact.to_fixed(np.minimum(units, 2.0**31 - 1), 0)).astype(np.int32)


def posts_of(scenario: Scenario) -> list[tuple[int, str, Posts]]:
    """Levers that post: number of the actor, its tag number, lever; in the order of streams."""
    return [
        (k, number, lever)
        for k, (number, actor) in enumerate(scenario.actors)
        for lever in actor.levers(scenario.messages)
        if isinstance(lever, Posts)
    ]


def make_streams(
    scenario: Scenario,
) -> tuple[Streams, NDArray[np.int64], NDArray[np.int64]]:
    """All streams, and for each message those that its members begin (−1: none)."""
    rows: list[tuple[int, int, int, int, int, int, float]] = []
    carry, remind = [], []
    for q, message in enumerate(scenario.messages.values()):
        carry.append(len(rows) if message.footer > 0 else -1)
        if message.footer > 0:
            rows.append((q, CARRY, -1, name_id("carry"), 0, MOST_EMISSIONS, message.footer))
        remind.append(len(rows) if message.reminder_days is not None else -1)
        if message.reminder_days is not None:
            every = max(1, round(message.reminder_days * 1440))
            channel = CHANNELS.index(message.main_channel)
            rows.append((q, REMIND, channel, name_id("remind"), every, message.reminders, 0.0))
    for _, number, lever in posts_of(scenario):
        q = scenario.message_names.index(lever.message)
        kind = POST if lever.kind == "post" else LOOK
        channel = -1 if lever.channel is None else CHANNELS.index(lever.channel)
        word = name_id(f"{lever.tag}:{number}")
        every = 0 if lever.every is None else max(1, lever.every)
        rows.append((q, kind, channel, word, every, MOST_EMISSIONS, lever.per_day or 0.0))
    return _table(rows), np.array(carry, np.int64), np.array(remind, np.int64)


def rates(scenario: Scenario) -> list[float]:
    """Emissions a day of every stream, in their order; regular ones 1440 / interval."""
    found = []
    for message in scenario.messages.values():
        if message.footer > 0:
            found.append(message.footer)
        if message.reminder_days is not None:
            found.append(1440.0 / max(1, round(message.reminder_days * 1440)))
    for _, _, lever in posts_of(scenario):
        found.append(lever.per_day or 1440.0 / max(1, lever.every or 1))
    return found


def _table(rows: list[tuple[int, int, int, int, int, int, float]]) -> Streams:
    n = len(rows)
    table = np.zeros((n, exact.N_QUANTILES), np.int32)
    for number, row in enumerate(rows):
        if row[6] > 0:
            table[number] = interval_table(row[6])
    columns = [[row[k] for row in rows] for k in range(6)]
    return Streams(
        message=np.array(columns[0], np.int64),
        kind=np.array(columns[1], np.int64),
        channel=np.array(columns[2], np.int64),
        word=np.array(columns[3], np.uint64),
        every=np.array(columns[4], np.int64),
        most=np.array(columns[5], np.int64),
        interval=table,
        is_on=np.ones(n, np.int64),
        veto=np.zeros((1, n), np.int64),
    )
