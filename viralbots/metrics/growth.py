"""How fast it went, in people who sent it, by decision or not; bots left out (model §8)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viralbots.metrics.base import Metric, adopters_of, is_planted
from viralbots.trace import COUNTER_START, Trace
from viralbots.world.world import World


def hours_until(trace: Trace, message: int, share: float) -> float:
    """Hours until a share of the final adopters had adopted, seeds included; nan without any."""
    minute = np.sort(adopters_of(trace, message)["minute"], kind="stable")
    if not len(minute):
        return float("nan")
    # The tolerance keeps .1 × 30 at three adopters, whatever its last bit says.
    needed = max(1, int(np.ceil(share * len(minute) - 1e-9)))
    return int(minute[needed - 1]) / 60.0


def t10(world: World, trace: Trace, message: int = 0) -> float:
    """Hours until 10 % of the final adopters had adopted; nan without adopters."""
    return hours_until(trace, message, 0.1)


def t50(world: World, trace: Trace, message: int = 0) -> float:
    """Hours until 50 % of the final adopters had adopted; nan without adopters."""
    return hours_until(trace, message, 0.5)


def t90(world: World, trace: Trace, message: int = 0) -> float:
    """Hours until 90 % of the final adopters had adopted; nan without adopters."""
    return hours_until(trace, message, 0.9)


def _won_by_hour(trace: Trace, message: int) -> NDArray[np.int64]:
    """New adopters of each hour: neither planted nor beginning a counter-message."""
    rows = adopters_of(trace, message)
    is_won = ~is_planted(rows) & (rows["kind"] != COUNTER_START)
    return np.bincount(rows["minute"][is_won] // 60)


def peak(world: World, trace: Trace, message: int = 0) -> float:
    """Most people who began to send it within one hour, planted ones left out; 0 where nobody."""
    return float(_won_by_hour(trace, message).max(initial=0))


def peak_at(world: World, trace: Trace, message: int = 0) -> float:
    """Hours from the start to the beginning of the (first) busiest hour; nan without one."""
    by_hour = _won_by_hour(trace, message)
    return float(by_hour.argmax()) if len(by_hour) else float("nan")


def adopters_by_hour(trace: Trace, message: int = 0) -> NDArray[np.int64]:
    """Adopters up to the end of each hour, int64[hours + 1]; row 0 is before the start."""
    minute = adopters_of(trace, message)["minute"]
    new = np.bincount(minute // 60 + 1, minlength=len(trace.series))
    return np.cumsum(new[: len(trace.series)])


def _until(percent: int) -> Metric:
    return Metric(
        f"t{percent}", "", {10: t10, 50: t50, 90: t90}[percent], "hours", "neutral",
        {"en": f"Hours until {percent} %", "zh": f"达到{percent}%的小时数"},
        {"en": f"Hours until {percent} % of the final adopters had passed it on. Undefined "
               "without adopters.",
         "zh": f"最终转发者中有{percent}%完成转发所需的小时数。无转发者时无定义。"},
        "growth")  # fmt: skip


GROWTH = (
    _until(10),
    _until(50),
    _until(90),
    Metric(
        "peak", "", peak, "adopters/hour", "neutral",
        {"en": "Busiest hour", "zh": "高峰小时"},
        {"en": "Most people who began to pass it on within one hour, planted ones left out.",
         "zh": "一小时内新增转发人数的最大值，不含种子。"},
        "growth"),
    Metric(
        "peak_at", "", peak_at, "hours", "neutral",
        {"en": "When it peaked", "zh": "高峰时刻"},
        {"en": "Hours from the start to the busiest hour. Undefined where nobody passed it on.",
         "zh": "从开始到高峰小时经过的小时数。除种子外无人转发时无定义。"},
        "growth"),
)  # fmt: skip
