"""H10 trust lost and people who leave, H12 support that is made up, H13 service that fails."""

from __future__ import annotations

import numpy as np

from viralbots.metrics.base import (
    Metric,
    adoptions_of,
    has_footer,
    ratio,
    sends_of,
    stream_kinds,
)
from viralbots.metrics.business import trust
from viralbots.trace import MARK_BOT, MARK_PAID, Trace
from viralbots.world.world import World


def trust_lost(world: World, trace: Trace, message: int = 0) -> float:
    """H10: mean 1 − T in the message's brand at the end; nan without a brand.

    What friends lose of their trust in one another is not modelled.
    """
    return 1.0 - trust(world, trace, message)


def left(world: World, trace: Trace, message: int = 0) -> float:
    """H10: people who shut themselves off from all brands (filter) after it annoyed them."""
    return float(trace.total("filters", message))


def manufactured_support(world: World, trace: Trace, message: int = 0) -> float:
    """H12: inauthentic endorsements / visible endorsements; nan where nobody showed any.

    Visible is every message that an account sent; inauthentic are those of paid writers and
    bots, their posts included. Posts of a message that also rides as a footer cannot be told
    from it and count as authentic. How long it takes until somebody notices is not modelled.
    """
    rows, sends = adoptions_of(trace, message), sends_of(trace, message)
    is_made_up = (rows["mark"] & (MARK_PAID | MARK_BOT)) != 0
    is_posted = "post" in stream_kinds(trace, message) and not has_footer(trace, message)
    shown = sends.streams if is_posted or has_footer(trace, message) else 0
    made_up = int(rows["n_sent"][is_made_up].sum()) + (sends.streams if is_posted else 0)
    return ratio(made_up, sends.planted + sends.others + shown)


def refused_requests(world: World, trace: Trace, message: int = 0) -> float:
    """H13: requests that found the landing full; one who asks twice counts twice."""
    return float(trace.total("refused", message))


def hours_failing(world: World, trace: Trace, message: int = 0) -> float:
    """H13: hours in which at least one request was refused."""
    return float((np.diff(trace.hourly("refused", message)) > 0).sum())


STANDING = (
    Metric(
        "trust_lost", "H10", trust_lost, "trust", "bad",
        {"en": "Trust lost", "zh": "失去的信任"},
        {"en": "Mean loss of trust in the brand at the end, 0 at the start. Undefined without a "
               "brand.",
         "zh": "结束时对品牌信任的平均损失，开始为0。没有品牌时无定义。"},
        "harm", source="Verlegh et al. 2013"),
    Metric(
        "left", "H10", left, "users", "bad",
        {"en": "Shut themselves off", "zh": "从此屏蔽广告的人"},
        {"en": "People who have filtered every brand since.",
         "zh": "此后屏蔽所有品牌消息的人数。"},
        "harm"),
    Metric(
        "manufactured_support", "H12", manufactured_support, "share", "bad",
        {"en": "Made-up support", "zh": "虚假声势占比"},
        {"en": "Share of the messages seen as coming from people that paid writers or bots sent. "
               "Undefined where nobody sent any.",
         "zh": "看似来自普通人的消息中，由收钱的写手或机器人发出的比例。无人发送时无定义。"},
        "harm", source="Shao et al. 2018: 6 % of the accounts, 31 % of the tweets"),
    Metric(
        "refused_requests", "H13", refused_requests, "requests", "bad",
        {"en": "Requests turned away", "zh": "被拒的请求"},
        {"en": "Requests that found the site full.", "zh": "因网站满载而未能满足的请求次数。"},
        "harm", source="Erlang's loss formula"),
    Metric(
        "hours_failing", "H13", hours_failing, "hours", "bad",
        {"en": "Hours of failure", "zh": "发生拒绝的小时数"},
        {"en": "Hours in which somebody was turned away.", "zh": "有人被拒之门外的小时数。"},
        "harm"),
)  # fmt: skip
