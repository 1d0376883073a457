"""The harm ledger (model §8; formulas H1–H5 and H14) and the backlash (model §5)."""

from __future__ import annotations

import math

from viralbots.metrics.base import (
    BoolArray,
    Metric,
    audience,
    counters_of,
    deciders,
    description,
    ratio,
)
from viralbots.metrics.reach import won
from viralbots.trace import FATE_STOPPED, HEARD, Trace
from viralbots.world.world import World

SECONDS_IGNORED, SECONDS_READ, SECONDS_VICTIM = 5, 30, 600  # assumed


def complaints(world: World, trace: Trace, message: int = 0) -> float:
    """Complaints made about the message."""
    return float(trace.total("complaints", message))


def complaints_per_1000(world: World, trace: Trace, message: int = 0) -> float:
    """H3: complaints per 1000 deliveries (amber above 1, red above 3); nan without any."""
    delivered = trace.total("delivered", message)
    return 1000.0 * ratio(trace.total("complaints", message), delivered)


def opt_outs(world: World, trace: Trace, message: int = 0) -> float:
    """Users who opted out of the brand (of the message, where it has none)."""
    return float(trace.total("opt_outs", message))


def deceived(world: World, trace: Trace, message: int = 0) -> float:
    """H1: users who read a false or covert message without noticing, corrected later or not."""
    return float(trace.total("deceived", message))


def deceived_person_hours(world: World, trace: Trace, message: int = 0) -> float:
    """H1: hours from being deceived to being corrected or to the end, over all deceived users."""
    return trace.total("deceived_minutes", message) / 60.0


def correction_coverage(world: World, trace: Trace, message: int = 0) -> float:
    """H14: share of the deceived who learned the truth before the end; nan without any."""
    return ratio(trace.total("corrected", message), trace.total("deceived", message))


def unsolicited_per_user(world: World, trace: Trace, message: int = 0) -> float:
    """H2: messages per user that came to users who had not opted in, stopped ones left out.

    Exact where the trace kept its deliveries. Otherwise the deliveries are shared out
    evenly over the users reached. 0 where nothing was delivered.
    """
    uninvited = ~world.population.opted_in
    if trace.deliveries is not None:
        rows = trace.deliveries[trace.deliveries["message"] == message]
        came = (rows["outcome"] & 3) != FATE_STOPPED
        return float((uninvited[rows["user"]] & came).sum()) / trace.n_users
    reached = trace.flag(HEARD, message)
    came_in = trace.total("delivered", message) - trace.total("stopped", message)
    share = float((reached & uninvited).sum()) / max(1, int(reached.sum()))
    return came_in * share / trace.n_users


def vulnerable_exposure_ratio(world: World, trace: Trace, message: int = 0) -> float:
    """H4: share of vulnerable users reached / share of other users reached.

    nan where one of the groups is empty or no other user was reached.
    """
    reached, vulnerable = trace.flag(HEARD, message), world.population.vulnerable
    share = ratio(int((reached & vulnerable).sum()), int(vulnerable.sum()))
    other = ratio(int((reached & ~vulnerable).sum()), int((~vulnerable).sum()))
    return share / other if other else float("nan")


def _forward_share(trace: Trace, message: int, group: BoolArray) -> float:
    reached = audience(trace, message) & group
    return ratio(int((deciders(trace, message) & reached).sum()), int(reached.sum()))


def vulnerable_forward(world: World, trace: Trace, message: int = 0) -> float:
    """H4: forward probability of vulnerable users; nan where none was reached."""
    return _forward_share(trace, message, world.population.vulnerable)


def other_forward(world: World, trace: Trace, message: int = 0) -> float:
    """H4: forward probability of users who are not vulnerable; nan where none was reached."""
    return _forward_share(trace, message, ~world.population.vulnerable)


def person_hours_wasted(world: World, trace: Trace, message: int = 0) -> float:
    """H5: (5 s × ignored + 30 s × readings + 600 s × victims of a trap) / 3600.

    Seconds are assumed. Stopped deliveries cost nobody time.
    """
    readings = trace.total("readings", message)
    ignored = trace.total("delivered", message) - trace.total("stopped", message) - readings
    is_trap = bool(description(trace, message).get("phishing"))
    victims = trace.total("converts", message) if is_trap else 0
    seconds = SECONDS_IGNORED * ignored + SECONDS_READ * readings + SECONDS_VICTIM * victims
    return seconds / 3600.0


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


HARM = (
    Metric(
        "deceived", "H1", deceived, "users", "bad",
        {"en": "Deceived", "zh": "受骗人数"},
        {"en": "People who read something false or covert without noticing.",
         "zh": "读了虚假或隐蔽内容却没有察觉的用户数。"},
        "harm"),
    Metric(
        "deceived_person_hours", "H1", deceived_person_hours, "person-hours", "bad",
        {"en": "Hours deceived", "zh": "受骗时长"},
        {"en": "Hours from being deceived to being corrected or to the end, over all people.",
         "zh": "从受骗到得知真相（或到模拟结束）的总时长。"},
        "harm"),
    Metric(
        "correction_coverage", "H14", correction_coverage, "share", "good",
        {"en": "Learned the truth", "zh": "得知真相的比例"},
        {"en": "Share of the deceived who were put right before the end. Undefined where nobody "
               "was deceived.",
         "zh": "受骗者中后来得知真相的比例。无人受骗时无定义。"},
        "harm"),
    Metric(
        "unsolicited_per_user", "H2", unsolicited_per_user, "messages/user", "bad",
        {"en": "Unasked-for messages", "zh": "未经许可的消息"},
        {"en": "Messages per person that came to people who had not opted in.",
         "zh": "发给未许可用户的消息数（按全部用户平均）。"},
        "harm"),
    Metric(
        "complaints", "H3", complaints, "complaints", "bad",
        {"en": "Complaints", "zh": "投诉数"},
        {"en": "Complaints made about it.", "zh": "针对它的投诉次数。"},
        "harm"),
    Metric(
        "complaints_per_1000", "H3", complaints_per_1000, "per 1000", "bad",
        {"en": "Complaints per 1000", "zh": "每千条投诉"},
        {"en": "Complaints per 1000 deliveries: amber above 1, red above 3. Undefined where "
               "nothing was delivered.",
         "zh": "每千条送达的投诉次数：超过1为黄色，超过3为红色。没有送达时无定义。"},
        "harm"),
    Metric(
        "opt_outs", "H3", opt_outs, "users", "bad",
        {"en": "Opted out", "zh": "退订人数"},
        {"en": "People who want to hear no more of it.", "zh": "选择不再接收的用户数。"},
        "harm"),
    Metric(
        "vulnerable_exposure_ratio", "H4", vulnerable_exposure_ratio, "ratio", "bad",
        {"en": "Exposure of the vulnerable", "zh": "弱势群体暴露比"},
        {"en": "How much more often vulnerable people were reached than others; 1 is equal. "
               "Undefined where no other was reached.",
         "zh": "弱势用户被触达的比例与其他用户之比；1表示相同。其他用户均未被触达时无定义。"},
        "harm"),
    Metric(
        "vulnerable_forward", "H4", vulnerable_forward, "share", "bad",
        {"en": "Vulnerable who passed it on", "zh": "弱势用户转发率"},
        {"en": "Share of the vulnerable people reached who passed it on. Undefined where none "
               "was reached.",
         "zh": "听说它的弱势用户中转发者的比例。无此类用户听说时无定义。"},
        "harm"),
    Metric(
        "other_forward", "H4", other_forward, "share", "neutral",
        {"en": "Others who passed it on", "zh": "其他用户转发率"},
        {"en": "Share of the other people reached who passed it on. Undefined where none was "
               "reached.",
         "zh": "听说它的其他用户中转发者的比例。无此类用户听说时无定义。"},
        "harm"),
    Metric(
        "person_hours_wasted", "H5", person_hours_wasted, "person-hours", "bad",
        {"en": "Time it cost", "zh": "耗费的时间"},
        {"en": "5 seconds for each message ignored, 30 for each one read, 10 minutes for each "
               "victim of a trap (assumed).",
         "zh": "每条忽略5秒、每次阅读30秒、每位受害者10分钟（假设值）。"},
        "harm"),
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
