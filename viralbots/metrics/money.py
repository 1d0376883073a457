"""What the sponsor spends and earns (model §3, §8); nan where the scenario counts no money."""

from __future__ import annotations

from viralbots.metrics.accounts import UNIT, accounts_of
from viralbots.metrics.base import Metric, ratio
from viralbots.trace import Trace
from viralbots.world.world import World

_NONE = float("nan")


def cost(world: World, trace: Trace, message: int = 0) -> float:
    """All that the sponsor paid; nan where no money is counted."""
    books = accounts_of(world, trace, message)
    return _NONE if books is None else books.spending("sponsor") / UNIT


def revenue(world: World, trace: Trace, message: int = 0) -> float:
    """All that the sponsor was paid up to the end; nan where no money is counted."""
    books = accounts_of(world, trace, message)
    return _NONE if books is None else books.income("sponsor") / UNIT


def profit(world: World, trace: Trace, message: int = 0) -> float:
    """`revenue` − `cost`; nan where no money is counted."""
    books = accounts_of(world, trace, message)
    return _NONE if books is None else books.balance("sponsor") / UNIT


def cost_per_convert(world: World, trace: Trace, message: int = 0) -> float:
    """`cost` / users who took it up; nan without any."""
    return ratio(cost(world, trace, message), trace.total("converts", message))


def return_on_cost(world: World, trace: Trace, message: int = 0) -> float:
    """`profit` / `cost`: what a unit of money spent brings beyond itself; nan without cost."""
    return ratio(profit(world, trace, message), cost(world, trace, message))


def operator_take(world: World, trace: Trace, message: int = 0) -> float:
    """What the operator of a referral scheme keeps; nan where no money is counted.

    Exactly what all its members together lose.
    """
    books = accounts_of(world, trace, message)
    return _NONE if books is None else books.income("operator") / UNIT


MONEY = (
    Metric(
        "cost", "", cost, "money", "bad",
        {"en": "Cost", "zh": "成本"},
        {"en": "All that the sponsor paid, fines included. Undefined where no money is counted.",
         "zh": "出资方的全部支出，含罚款。没有计算金额时无定义。"},
        "business"),
    Metric(
        "revenue", "", revenue, "money", "good",
        {"en": "Revenue", "zh": "收入"},
        {"en": "All that the sponsor was paid up to the end. Undefined where no money is counted.",
         "zh": "到结束为止出资方的全部收入。没有计算金额时无定义。"},
        "business"),
    Metric(
        "profit", "", profit, "money", "good",
        {"en": "Profit", "zh": "利润"},
        {"en": "Revenue minus cost; below 0 is a loss. Undefined where no money is counted.",
         "zh": "收入减成本，小于0为亏损。没有计算金额时无定义。"},
        "business", is_signed=True),
    Metric(
        "cost_per_convert", "", cost_per_convert, "money", "bad",
        {"en": "Cost per convert", "zh": "每个转化的成本"},
        {"en": "Cost for each person who took it up. Undefined where nobody did or no money is "
               "counted.",
         "zh": "每得到一个接受者花费多少。无人接受或没有计算金额时无定义。"},
        "business"),
    Metric(
        "return_on_cost", "", return_on_cost, "ratio", "good",
        {"en": "Return", "zh": "回报率"},
        {"en": "Profit for each unit of money spent: 0 is even, −1 all is lost. Undefined without "
               "cost.",
         "zh": "每花一份钱赚多少：0为持平，−1为全部损失。没有成本时无定义。"},
        "business", is_signed=True),
    Metric(
        "operator_take", "", operator_take, "money", "neutral",
        {"en": "Kept by the operator", "zh": "经营者所得"},
        {"en": "What the operator of a referral scheme keeps of the join fees. Undefined where no "
               "money is counted.",
         "zh": "推荐计划的经营者从入会费中留下的钱。没有计算金额时无定义。"},
        "business"),
)  # fmt: skip
