"""Members win members: who stands above whom, and what goes up (model §3, validation row 11)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from viralbots.metrics.accounts import Entry, IntArray, Ledger, joined_of, to_units, whole
from viralbots.metrics.base import Metric, ratio
from viralbots.trace import Trace
from viralbots.world.world import World


def parents(rows: NDArray[np.void], n_users: int) -> IntArray:
    """Row of the member who won each, int64[k]; −1 for roots.

    Roots are members from the start, those whom the brand won, and those who had it from
    somebody who was no member at that minute.
    """
    row_of = np.full(n_users, -1, np.int64)
    row_of[rows["user"]] = np.arange(len(rows))
    source = rows["source"].astype(np.int64)
    above = np.where(source >= 0, row_of[source], -1)
    earlier = rows["minute"][above] < rows["minute"]
    return np.where((above >= 0) & earlier, above, -1)


def above(parent: IntArray, levels: int) -> Iterator[IntArray]:
    """Level by level from the nearest: row of who stands so far above each, −1: nobody."""
    at = np.arange(len(parent))
    for _ in range(levels):
        at = np.where(at >= 0, parent[at], -1)
        yield at


def below(parent: IntArray, levels: int | None = None) -> IntArray:
    """Members below each, int64[k], down to a number of levels (none: to the bottom)."""
    found = np.zeros(len(parent), np.int64)
    for at in above(parent, len(parent) if levels is None else levels):
        if not (at >= 0).any():
            break
        found += np.bincount(at[at >= 0], minlength=len(parent))
    return found


def referral_entries(ledger: Ledger) -> Iterator[Entry]:
    """Join fees, shared out among those above and the operator; and impressions.

    Every slot gets the same share, rounded down to a unit; what is left, and slots with nobody
    in them, are the operator's. Members from the start pay nothing.
    """
    terms = ledger.money["referral"]
    if terms is None:
        return
    rows, pays = ledger.joined, ~ledger.from_start
    fee, levels = to_units(terms["join_fee"]), int(terms["levels"])
    slot = (fee - round(fee * terms["operator_share"])) // levels
    views = to_units(terms["impressions"])
    parent = parents(rows, ledger.trace.n_users)
    n_above = np.zeros(len(rows), np.int64)
    got = np.zeros(len(rows), np.int64)
    for at in above(parent, levels):
        filled = at >= 0  # nobody stands above members from the start
        if not filled.any():
            break
        n_above += filled
        got += np.bincount(at[filled], minlength=len(rows))
    users, upward = rows["user"], n_above * slot
    shares = ledger.column(users, got * slot)
    yield Entry("join fees, shared", "people", "people", whole(shares),
                paid=ledger.column(users, upward), got=shares)  # fmt: skip
    kept = (fee - upward) * pays
    yield ledger.by_people("join fees, kept", "operator", users, kept)
    yield ledger.to_people("impressions", "viewers", users, got * views)


def recruited_nobody(world: World, trace: Trace, message: int = 0) -> float:
    """H9: share of the members who won no other member; nan without members.

    With a uniform sponsor it is one half (validation row 11).
    """
    rows = joined_of(trace, message)
    parent = parents(rows, trace.n_users)
    n_recruits = np.bincount(parent[parent >= 0], minlength=len(rows))
    return ratio(int((n_recruits == 0).sum()), len(rows))


RECRUITING = Metric(
    "recruited_nobody", "H9", recruited_nobody, "share", "bad",
    {"en": "Won nobody", "zh": "一个人也没拉到"},
    {"en": "Share of those who joined who won no other member. Undefined where nobody joined.",
     "zh": "加入者中没有发展出任何一名新成员的比例。无人加入时无定义。"},
    "harm")  # fmt: skip
