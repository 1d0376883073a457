"""H9 who gains and who pays among those who joined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viralbots.metrics.accounts import accounts_of, joined_of, whole
from viralbots.metrics.base import Metric, ratio
from viralbots.metrics.referral import RECRUITING
from viralbots.trace import Trace
from viralbots.world.world import World


def gini(amounts: NDArray[np.int64]) -> float:
    """Gini coefficient Σ_i Σ_j |x_i − x_j| / (2 n² x̄) of amounts ≥ 0; nan where all are 0.

    0 where all have the same, near 1 where one has everything.

    >>> gini(np.array([0, 0, 0, 1])), gini(np.array([2, 2]))
    (0.75, 0.0)
    """
    n, total = len(amounts), whole(amounts)
    if not total:
        return float("nan")
    rank = 2 * np.arange(1, n + 1) - n - 1
    spread = sum(int(r) * int(x) for r, x in zip(rank, np.sort(amounts), strict=True) if x)
    return spread / (n * total)


def _gains(world: World, trace: Trace, message: int) -> NDArray[np.int64]:
    """Gains of those who joined, in the order in which they did."""
    books = accounts_of(world, trace, message)
    if books is None:
        return np.zeros(0, np.int64)
    return books.gains[joined_of(trace, message)["user"]]


def gain_gini(world: World, trace: Trace, message: int = 0) -> float:
    """H9: `gini` of what those who joined were paid; nan where nobody was."""
    return gini(_gains(world, trace, message))


def top_share(world: World, trace: Trace, message: int = 0) -> float:
    """H9: share of all gains of those who joined that the best 1 % of them (at least one) have."""
    gains = np.sort(_gains(world, trace, message))
    return ratio(whole(gains[len(gains) - max(1, -(-len(gains) // 100)) :]), whole(gains))


def loser_share(world: World, trace: Trace, message: int = 0) -> float:
    """H9: P(net < 0) of those who joined; nan without any, or where no money is counted."""
    books = accounts_of(world, trace, message)
    if books is None:
        return float("nan")
    return ratio(int((books.net[books.joiners] < 0).sum()), int(books.joiners.sum()))


def late_gain_share(world: World, trace: Trace, message: int = 0) -> float:
    """H9: share of all gains that goes to the later half of those who joined; nan without gains.

    Half where it makes no difference when one joins. With an odd number the one in the middle
    is among the earlier.
    """
    gains = _gains(world, trace, message)
    return ratio(whole(gains[(len(gains) + 1) // 2 :]), whole(gains))


_H9 = "US FTC 2024, statements of 70 multi-level firms: most people got little or nothing"
CONCENTRATION = (
    Metric(
        "gain_gini", "H9", gain_gini, "share", "bad",
        {"en": "Inequality of gains", "zh": "收益的不平等"},
        {"en": "Gini coefficient of what those who joined were paid: 0 all the same, 1 one has "
               "everything. Undefined where nobody was paid.",
         "zh": "加入者所得的基尼系数：0为人人相同，1为一人独占。无人有所得时无定义。"},
        "harm", source=_H9),
    Metric(
        "top_share", "H9", top_share, "share", "bad",
        {"en": "Gains of the top 1 %", "zh": "收益最高的1%所得"},
        {"en": "Share of all gains that the best-paid 1 % of those who joined have. Undefined "
               "where nobody was paid.",
         "zh": "所得最多的1%加入者占全部收益的比例。无人有所得时无定义。"},
        "harm", source=_H9),
    Metric(
        "loser_share", "H9", loser_share, "share", "bad",
        {"en": "Paid more than they got", "zh": "入不敷出者"},
        {"en": "Share of those who joined who paid more than came back. Undefined where nobody "
               "joined or no money is counted.",
         "zh": "加入者中付出多于所得的比例。无人加入或没有计算金额时无定义。"},
        "harm", source=_H9),
    RECRUITING,
    Metric(
        "late_gain_share", "H9", late_gain_share, "share", "neutral",
        {"en": "Gains of the later half", "zh": "后一半加入者所得"},
        {"en": "Share of all gains that goes to the later half of those who joined. Undefined "
               "where nobody was paid.",
         "zh": "后一半加入者占全部收益的比例。无人有所得时无定义。"},
        "harm", source=_H9),
)  # fmt: skip
