"""Hand-made worlds and traces, small enough to count on one's fingers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from viralbots.trace import ADOPTION, CONVERT, COUNTS, DELIVERY, MARK_BOT, Trace
from viralbots.world.population import build_population
from viralbots.world.shares import PopulationSpec
from viralbots.world.world import CHANNELS, Ties, World

IM, FORUM = CHANNELS.index("im"), CHANNELS.index("forum")
Row = tuple[int, int, int, int]  # minute, user, source, kind


def adoptions(
    rows: Sequence[Row], *, message: int = 0, channel: int = IM, n_sent: Sequence[int] = ()
) -> NDArray[np.void]:
    """A table of adoptions; everybody sends to three unless ``n_sent`` says otherwise."""
    table = np.zeros(len(rows), ADOPTION)
    for number, name in enumerate(("minute", "user", "source", "kind")):
        table[name] = [row[number] for row in rows]
    table["message"], table["channel"] = message, channel
    table["n_sent"] = n_sent or 3
    return table


def converts(rows: Sequence[tuple[int, int, int]], *, message: int = 0) -> NDArray[np.void]:
    """A table of those who took it up: minute, user, source; source −2: from the start."""
    table = np.zeros(len(rows), CONVERT)
    for number, name in enumerate(("minute", "user", "source")):
        table[name] = [row[number] for row in rows]
    table["message"], table["channel"] = message, IM
    table["channel"][table["source"] == -2] = 255
    table["source"][table["source"] == -2] = -1
    return table


def with_bots(run: Trace, *users: int) -> Trace:
    """The same trace, some of whose users were bots all along."""
    marks = np.zeros(run.n_users, np.uint8)
    marks[list(users)] = MARK_BOT
    rows = run.adoptions.copy()
    rows["mark"][np.isin(rows["user"], users)] |= MARK_BOT
    return replace(run, marks=marks, adoptions=rows)


def tied(world_: World, ties: Sequence[tuple[int, int]]) -> World:
    """The same world with directed ties (u, v): v hears u."""
    n = world_.n_users
    size = np.bincount([u for u, _ in ties], minlength=n)
    word = np.array([v for _, v in sorted(ties)], np.uint32)
    offset = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    return replace(world_, ties=Ties(offset, word, np.zeros((n, 2), np.int32)))


def trace(
    table: NDArray[np.void],
    *,
    n: int = 10,
    messages: Sequence[dict[str, object]] = ({},),
    flags: dict[tuple[int, int], Sequence[int]] | None = None,
    totals: dict[tuple[str, int], int] | None = None,
    brands: Sequence[str] = (),
) -> Trace:
    """A trace of two days.

    ``flags[flag, message]`` lists users, ``totals[count, message]`` is a final count.
    """
    m, hours = len(messages), 48
    state = np.zeros((n, m), np.uint32)
    for (flag, message), users in (flags or {}).items():
        state[list(users), message] |= np.uint32(flag)
    counts = np.zeros((m, len(COUNTS)), np.int64)
    for (count, message), value in (totals or {}).items():
        counts[message, COUNTS.index(count)] = value
    series = np.zeros((hours + 1, m, len(COUNTS)), np.int64)
    series[1:] = counts
    blank = {"kind": "message", "about": None, "brand": None, "phishing": False}
    return Trace(
        identity="tiny",
        seed=1,
        replicate=0,
        messages=tuple(f"m{q}" for q in range(m)),
        n_users=n,
        horizon=hours * 60,
        digest="0" * 64,
        totals=counts,
        series=series,
        state=state,
        distrust=np.zeros((n, max(1, len(brands))), np.int32),
        brands=tuple(brands),
        adoptions=table[np.argsort(table["minute"], kind="stable")],
        facts={"messages": tuple({**blank, **known} for known in messages)},
    )


def world(n: int = 10, *, vulnerable: Sequence[int] = (), opted_in: Sequence[int] = ()) -> World:
    """A world without ties in which the named users are vulnerable or opted in."""
    nobody = np.zeros(n, np.bool_)
    marked, invited = nobody.copy(), nobody.copy()
    marked[list(vulnerable)], invited[list(opted_in)] = True, True
    zeros = np.zeros(n, np.int32)
    people = build_population(1, PopulationSpec(), zeros, zeros)
    people = replace(people, vulnerable=marked, opted_in=invited)
    ties = Ties(np.zeros(n + 1, np.int64), np.empty(0, np.uint32), np.zeros((n, 2), np.int32))
    return World(people, ties, ties)


def deliveries(rows: Sequence[tuple[int, int]]) -> NDArray[np.void]:
    """Deliveries as (user, outcome) of the first message."""
    table = np.zeros(len(rows), DELIVERY)
    table["user"], table["outcome"] = zip(*rows, strict=True)
    return table
