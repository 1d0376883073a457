"""What the sponsor gets (model §8)."""

from __future__ import annotations

import numpy as np

from viralbots.metrics.base import Metric, description, planted_sends, ratio
from viralbots.trace import Trace
from viralbots.world.world import World


def converts(world: World, trace: Trace, message: int = 0) -> float:
    """Users who took the offer up (who fell for it, where it is a trap)."""
    return float(trace.total("converts", message))


def conversion_rate(world: World, trace: Trace, message: int = 0) -> float:
    """Converts per reader; nan where nobody read it."""
    return ratio(trace.total("converts", message), trace.total("readers", message))


def converts_per_send(world: World, trace: Trace, message: int = 0) -> float:
    """Converts per 1000 messages that the sponsor had to plant; nan without any."""
    return 1000.0 * ratio(trace.total("converts", message), planted_sends(trace, message))


def refused_share(world: World, trace: Trace, message: int = 0) -> float:
    """Share of the requests that found the landing full; nan without requests."""
    return ratio(trace.total("refused", message), trace.total("requests", message))


def trust(world: World, trace: Trace, message: int = 0) -> float:
    """Mean trust in the message's brand over all users at the end; nan without a brand."""
    brand = description(trace, message).get("brand")
    if brand not in trace.brands:
        return float("nan")
    lost = trace.distrust[:, trace.brands.index(str(brand))]
    return 1.0 - float(lost.sum(dtype=np.int64)) / (len(lost) << 20)


BUSINESS = (
    Metric(
        "converts", "", converts, "users", "good",
        {"en": "Took it up", "zh": "转化人数"},
        {"en": "People who took the offer up; for a trap, people who fell for it.",
         "zh": "接受该提议的用户数；若为骗局，则是上当人数。"},
        "business"),
    Metric(
        "conversion_rate", "", conversion_rate, "share", "good",
        {"en": "Conversion rate", "zh": "转化率"},
        {"en": "Converts per reader. Undefined where nobody read it.",
         "zh": "转化人数与阅读人数之比。无人阅读时无定义。"},
        "business"),
    Metric(
        "converts_per_send", "", converts_per_send, "per 1000", "good",
        {"en": "Converts per 1000 planted", "zh": "每千条投放的转化"},
        {"en": "Converts per 1000 messages that were planted. Undefined where none were.",
         "zh": "每投放一千条消息带来的转化人数。没有投放时无定义。"},
        "business"),
    Metric(
        "refused_share", "", refused_share, "share", "bad",
        {"en": "Turned away", "zh": "被拒比例"},
        {"en": "Share of the requests that found the site full. Undefined without a limit.",
         "zh": "因网站满载而被拒绝的请求比例。没有容量限制时无定义。"},
        "business"),
    Metric(
        "trust", "T", trust, "trust", "good",
        {"en": "Trust in the brand", "zh": "品牌信任度"},
        {"en": "Mean trust at the end, 1 at the start. Undefined without a brand.",
         "zh": "结束时的平均信任度，开始为1。没有品牌时无定义。"},
        "business"),
)  # fmt: skip
