"""Who heard of it, who passed it on, and whether it took off (model §8)."""

from __future__ import annotations

import numpy as np

from viralbots.metrics.base import (
    VOLUNTARY,
    Metric,
    adopters_of,
    audience,
    deciders,
    is_planted,
    planted_sends,
    ratio,
    sends_of,
)
from viralbots.metrics.cascade import caused
from viralbots.trace import DECIDED, MUTATED, Trace
from viralbots.world.world import CHANNELS, PUSH_CHANNELS, World

_PUSH = [CHANNELS.index(name) for name in PUSH_CHANNELS]


def reach(world: World, trace: Trace, message: int = 0) -> float:
    """Distinct users to whom the message was delivered."""
    return float(trace.total("reach", message))


def reach_share(world: World, trace: Trace, message: int = 0) -> float:
    """Reached users per user."""
    return ratio(trace.total("reach", message), trace.n_users)


def read(world: World, trace: Trace, message: int = 0) -> float:
    """Distinct users who read it."""
    return float(trace.total("readers", message))


def size(world: World, trace: Trace, message: int = 0) -> float:
    """Adopters: people who sent it, by decision or not, seeds included and bots left out."""
    return float(len(adopters_of(trace, message)))


def won(trace: Trace, message: int = 0) -> int:
    """Adopters who were not planted, bots left out.

    Deciders, those who began a counter-message or turned another message into it, and those
    from whose account it goes because they took it up (members from the start are planted).
    """
    return int((~is_planted(adopters_of(trace, message))).sum())


def voluntary_share(world: World, trace: Trace, message: int = 0) -> float:
    """Share of the adopters who decided themselves; nan without adopters.

    Neither planted ones did, nor those whose account or mail carries it (a footer).
    """
    rows = adopters_of(trace, message)
    return ratio(int(np.isin(rows["kind"], VOLUNTARY).sum()), len(rows))


def forward_probability(world: World, trace: Trace, message: int = 0) -> float:
    """Share of the reached users who forwarded, those who sent it anyway left out.

    ``distinct deciders / distinct reached users that are not seeds``: the quantity of the
    calibration campaign (model §2, .0879). Who turned it into its variant passed it on, too;
    those from whose account it is sent had no choice. nan where nobody was reached.
    """
    reached = audience(trace, message)
    return ratio(int((deciders(trace, message) & reached).sum()), int(reached.sum()))


def fan_out(world: World, trace: Trace, message: int = 0) -> float:
    """Mean recipients of a user who decided to forward, on channels to chosen people.

    im, email and sms; posts on feeds have no chosen recipients (model §2.5; calibration
    2.96). Those who turned another message into it count; bots and accounts from which it is
    sent unasked do not. nan where nobody forwarded there.
    """
    rows = adopters_of(trace, message)
    decided = np.isin(rows["kind"], (DECIDED, MUTATED))
    sent = rows["n_sent"][decided & np.isin(rows["channel"], _PUSH)]
    return ratio(int(sent.sum()), len(sent))


def r0(world: World, trace: Trace, message: int = 0) -> float:
    """Forward probability × fan-out, as the calibration campaign counts it (model §2, .26).

    nan where one of the two is.
    """
    return forward_probability(world, trace, message) * fan_out(world, trace, message)


def take_off_size(n_users: int) -> int:
    """Adopters from which a run has taken off: max(100, 1 % of users), at most half of them.

    >>> take_off_size(1000), take_off_size(20_001), take_off_size(34)
    (100, 201, 17)
    """
    return min(max(100, -(-n_users // 100)), -(-n_users // 2))


def take_off(world: World, trace: Trace, message: int = 0) -> float:
    """1 where at least max(100, 1 % of users) passed it on, planted users not counted.

    Counting the planted would let a campaign with a hundred seeds take off by definition.
    Those who carry it without having decided count: a footer takes off, too.
    In a world below 200 users half of the users are enough.
    """
    return float(won(trace, message) >= take_off_size(trace.n_users))


def size_given_take_off(world: World, trace: Trace, message: int = 0) -> float:
    """`size` of a run that took off; nan of one that did not, so means leave it out."""
    if not take_off(world, trace, message):
        return float("nan")
    return size(world, trace, message)


def amplification(world: World, trace: Trace, message: int = 0) -> float:
    """Messages sent per message that was planted; 1 is a plain broadcast.

    Planted are what the brand and planted users sent, and posts; a footer is not. nan without
    any.
    """
    return ratio(sends_of(trace, message).total, planted_sends(trace, message))


def person_to_person_share(world: World, trace: Trace, message: int = 0) -> float:
    """Share of the adopters whom another user won over, a bot perhaps; nan without adopters."""
    return ratio(caused(trace, message), len(adopters_of(trace, message)))


REACH = (
    Metric(
        "reach", "", reach, "users", "good",
        {"en": "Heard of it", "zh": "听说人数"},
        {"en": "Distinct people to whom it was delivered.", "zh": "至少收到过一次的不同用户数。"},
        "reach"),
    Metric(
        "reach_share", "", reach_share, "share", "good",
        {"en": "Share who heard of it", "zh": "听说比例"},
        {"en": "Reached people per person.", "zh": "听说者占全部用户的比例。"},
        "reach"),
    Metric(
        "read", "", read, "users", "good",
        {"en": "Read it", "zh": "阅读人数"},
        {"en": "Distinct people who read it at least once.", "zh": "至少读过一次的不同用户数。"},
        "reach"),
    Metric(
        "size", "", size, "adopters", "good",
        {"en": "Passed it on", "zh": "转发人数"},
        {"en": "Adopters: people who sent it, seeds included.",
         "zh": "发送过它的用户数（含种子）。"},
        "reach"),
    Metric(
        "take_off", "", take_off, "yes or no", "good",
        {"en": "Took off", "zh": "是否引爆"},
        {"en": "1 where at least 100 people and 1 % of all passed it on without having been "
               "planted; the mean is the share of runs.",
         "zh": "若至少100人且至少1%的用户（不含种子）转发则为1；均值即引爆的运行比例。"},
        "reach"),
    Metric(
        "size_given_take_off", "", size_given_take_off, "adopters", "good",
        {"en": "Passed it on, if it took off", "zh": "引爆时的转发人数"},
        {"en": "Adopters in the runs that took off. Undefined for the others.",
         "zh": "仅统计引爆的运行；其余运行无定义。"},
        "reach"),
    Metric(
        "forward_probability", "", forward_probability, "share", "good",
        {"en": "Forward probability", "zh": "转发概率"},
        {"en": "Share of the reached people who passed it on. Undefined where nobody was reached.",
         "zh": "听说者（不含种子）中转发者的比例。无人听说时无定义。"},
        "reach"),
    Metric(
        "fan_out", "", fan_out, "recipients", "good",
        {"en": "Fan-out", "zh": "人均转发对象"},
        {"en": "Mean number of people to whom a forwarder sent it by message, mail or text. "
               "Undefined where nobody did.",
         "zh": "每位转发者通过即时消息、邮件或短信平均发给多少人。无人转发时无定义。"},
        "reach"),
    Metric(
        "r0", "R0", r0, "adopters", "neutral",
        {"en": "R0 (probability × fan-out)", "zh": "R0（概率×对象数）"},
        {"en": "Forward probability times fan-out, as campaigns count it.",
         "zh": "转发概率乘以人均转发对象，即营销活动的统计口径。"},
        "reach"),
    Metric(
        "voluntary_share", "", voluntary_share, "share", "good",
        {"en": "Volunteers among adopters", "zh": "自愿转发占比"},
        {"en": "Share of the adopters who decided themselves: not planted, and not carrying it "
               "unasked. Undefined without adopters.",
         "zh": "自己决定转发的人所占的比例，不含种子和在不知情中代为发送的人。无转发者时无定义。"},
        "reach"),
    Metric(
        "person_to_person_share", "", person_to_person_share, "share", "neutral",
        {"en": "Won by another person", "zh": "由他人带动的占比"},
        {"en": "Share of the adopters who got it from a user. Undefined without adopters.",
         "zh": "从其他用户那里得到它的转发者比例。无转发者时无定义。"},
        "reach"),
    Metric(
        "amplification", "", amplification, "ratio", "good",
        {"en": "Amplification", "zh": "放大倍数"},
        {"en": "Messages sent in all per message that was planted; 1 is a plain broadcast. "
               "Undefined where nothing was planted.",
         "zh": "发送总量与投放量之比；1表示单纯广播。没有投放时无定义。"},
        "reach"),
)  # fmt: skip
