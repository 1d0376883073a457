"""How good what people see is, where a rule knows quality (model §4, `attention_feed`)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from viralbots.metrics.base import Metric
from viralbots.trace import Trace
from viralbots.world.world import World


def quality(world: World, trace: Trace, message: int = 0) -> float:
    """Running mean of the quality of all posts in people's feeds at the end.

    It is about all messages together and stands with the first; nan for the others, and for
    every rule but `attention_feed`.
    """
    told = trace.facts.get("rule")
    if message or not isinstance(told, Mapping):
        return math.nan
    return float(told.get("quality", math.nan))


QUALITY = (
    Metric(
        "quality", "", quality, "trust", "good",
        {"en": "Quality of what people see", "zh": "所见内容的质量"},
        {"en": "Mean quality of the posts in people's feeds; a bot's post has none. Undefined "
               "unless the scenario uses the rule of feeds and bots.",
         "zh": "人们信息流中帖子的平均质量，机器人的帖子质量为0。场景不使用“信息流与机器人”"
               "规则时无定义。"},
        "harm"),
)  # fmt: skip
