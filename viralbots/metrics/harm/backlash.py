"""Whether it turns against its sender (model §5)."""

from __future__ import annotations

import math

from viralbots.metrics.base import Metric, counters_of
from viralbots.metrics.reach import won
from viralbots.trace import Trace
from viralbots.world.world import World


def counter_size(world: World, trace: Trace, message: int = 0) -> float:
    """Adopters of the counter-messages about it, planted ones left out; nan without any.

    That is: nan where the scenario has no counter-message about it.
    """
    counters = counters_of(trace, message)
    return float(sum(won(trace, q) for q in counters)) if counters else float("nan")


def backlash_size(n_users: int) -> int:
    """Adopters that make a backlash: max(50, 1 % of users), at most half of them.

    >>> backlash_size(1000), backlash_size(20_001), backlash_size(34)
    (50, 201, 17)
    """
    return min(max(50, -(-n_users // 100)), -(-n_users // 2))


def backlash(world: World, trace: Trace, message: int = 0) -> float:
    """1 where counter-messages have max(50, 1 % of users) adopters or more (model §5).

    Planted counter-messages (a leak) are not counted. nan where the scenario has no
    counter-message about it.
    """
    adopters = counter_size(world, trace, message)
    return adopters if math.isnan(adopters) else float(adopters >= backlash_size(trace.n_users))


BACKLASH = (
    Metric(
        "counter_size", "", counter_size, "adopters", "bad",
        {"en": "Spread the counter-message", "zh": "转发反对消息的人数"},
        {"en": "People who passed on a message against it. Undefined where the scenario has none.",
         "zh": "转发反对它的消息的人数。场景中没有反对消息时无定义。"},
        "harm"),
    Metric(
        "backlash", "", backlash, "yes or no", "bad",
        {"en": "Backlash", "zh": "反噬"},
        {"en": "1 where at least 50 people and 1 % of all spread a message against it; the mean "
               "is the share of runs. Undefined where the scenario has no counter-message.",
         "zh": "若至少50人且至少1%的用户转发反对消息则为1；均值即发生反噬的运行比例。"
               "场景中没有反对消息时无定义。"},
        "harm"),
)  # fmt: skip
