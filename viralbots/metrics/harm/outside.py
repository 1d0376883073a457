"""H6 what it costs others, against what it brings."""

from __future__ import annotations

import numpy as np

from viralbots.metrics.accounts import UNIT, accounts_of, money_of, whole
from viralbots.metrics.base import Metric, ratio
from viralbots.metrics.harm.hours import person_hours_wasted
from viralbots.trace import Trace
from viralbots.world.world import World


def outside_cost(world: World, trace: Trace, message: int = 0) -> float:
    """H6: time cost + losses + handling, in money; nan where no money is counted.

    Time: `person_hours_wasted` × wage. Losses: of those people who paid more than came back.
    Handling: what platform and state spent on complaints and measures.
    """
    books, money = accounts_of(world, trace, message), money_of(trace)
    if books is None or money is None:
        return float("nan")
    losses = whole(np.maximum(-books.net, 0))
    handling = books.spending("platform") + books.spending("state")
    time = person_hours_wasted(world, trace, message) * money["outside"]["wage"]
    return time + (losses + handling) / UNIT


def externality_ratio(world: World, trace: Trace, message: int = 0) -> float:
    """H6: `outside_cost` / what sponsor and operator took in; nan where that is nothing."""
    books = accounts_of(world, trace, message)
    if books is None:
        return float("nan")
    gain = (books.income("sponsor") + books.income("operator")) / UNIT
    return ratio(outside_cost(world, trace, message), gain)


_H6 = "spam: 100 to 1"
OUTSIDE = (
    Metric(
        "externality_ratio", "H6", externality_ratio, "ratio", "bad",
        {"en": "Cost to others per gain", "zh": "每份收益的外部代价"},
        {"en": "What it costs others for each unit of money that it brings in. Undefined where it "
               "brings nothing or no money is counted.",
         "zh": "每得到一份收入，让其他人付出多少代价。没有收入或没有计算金额时无定义。"},
        "harm", source=_H6),
    Metric(
        "outside_cost", "H6", outside_cost, "money", "bad",
        {"en": "Cost to others", "zh": "外部代价"},
        {"en": "People's time at a wage, their losses, and what platform and state spend on it. "
               "Undefined where no money is counted.",
         "zh": "人们的时间（按工资折算）、损失，以及平台和政府的开支。没有计算金额时无定义。"},
        "harm", source=_H6),
)  # fmt: skip
