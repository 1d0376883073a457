"""H2 messages nobody asked for, H3 complaints, H15 consent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viralbots.metrics.base import Metric, came_in, people, ratio
from viralbots.trace import FATE_STOPPED, HEARD, Trace
from viralbots.world.world import World


def _arrived(trace: Trace, message: int) -> NDArray[np.void]:
    """Deliveries to people that were not stopped; the trace must have kept them."""
    assert trace.deliveries is not None
    rows = trace.deliveries[trace.deliveries["message"] == message]
    return rows[((rows["outcome"] & 3) != FATE_STOPPED) & people(trace)[rows["user"]]]


def unsolicited_per_user(world: World, trace: Trace, message: int = 0) -> float:
    """H2: messages per person that came to people who had not opted in, stopped ones left out.

    U = (messages without opt-in) / N, bots in neither. Exact where the trace kept its
    deliveries; otherwise they are shared out evenly over the people reached. 0 where nothing
    was delivered.
    """
    uninvited, n_people = ~world.population.opted_in, max(1, int(people(trace).sum()))
    if trace.deliveries is not None:
        return float(uninvited[_arrived(trace, message)["user"]].sum()) / n_people
    reached = trace.flag(HEARD, message)
    share = float((reached & uninvited).sum()) / max(1, int(reached.sum()))
    return came_in(trace, message) * share / n_people


def _unasked_by_person(world: World, trace: Trace, message: int) -> NDArray[np.int64]:
    users = _arrived(trace, message)["user"]
    n_each = np.bincount(users[~world.population.opted_in[users]], minlength=trace.n_users)
    return n_each[people(trace)]


def unsolicited_p95(world: World, trace: Trace, message: int = 0) -> float:
    """H2: the number of unasked-for messages that 95 % of the people do not exceed.

    The smallest of which at least 95 % have no more; nan unless the trace kept its deliveries.
    """
    if trace.deliveries is None:
        return float("nan")
    n_each = np.sort(_unasked_by_person(world, trace, message))
    return float(n_each[-(-95 * len(n_each) // 100) - 1]) if len(n_each) else float("nan")


def unsolicited_max(world: World, trace: Trace, message: int = 0) -> float:
    """H2: most unasked-for messages that one person got; nan unless deliveries were kept."""
    if trace.deliveries is None:
        return float("nan")
    return float(_unasked_by_person(world, trace, message).max(initial=0))


def complaints(world: World, trace: Trace, message: int = 0) -> float:
    """H3: complaints made about the message."""
    return float(trace.total("complaints", message))


def complaints_per_1000(world: World, trace: Trace, message: int = 0) -> float:
    """H3: 1000 · complaints / delivered (amber above 1, red above 3); nan without deliveries.

    All deliveries count, those to bots too, as providers of mail count them.
    """
    delivered = trace.total("delivered", message)
    return 1000.0 * ratio(trace.total("complaints", message), delivered)


def opt_outs(world: World, trace: Trace, message: int = 0) -> float:
    """H3: people who opted out of the brand (of the message, where it has none)."""
    return float(trace.total("opt_outs", message))


def consent_ratio(world: World, trace: Trace, message: int = 0) -> float:
    """H15: share of the messages that came in which came to people who had agreed to it.

    (messages with prior relationship and opt-out) / all. Agreed have those who opted in to
    advertising and, where the trace kept its deliveries, those who had taken it up before;
    all of them can opt out. Without deliveries: share of the people reached who had opted in.
    nan where nothing came in.
    """
    opted_in = world.population.opted_in
    if trace.deliveries is None:
        reached = trace.flag(HEARD, message)
        return ratio(int((reached & opted_in).sum()), int(reached.sum()))
    rows = _arrived(trace, message)
    joined = trace.converts[trace.converts["message"] == message]
    since = np.full(trace.n_users, trace.horizon, np.int64)
    since[joined["user"]] = joined["minute"]
    agreed = opted_in[rows["user"]] | (rows["minute"] > since[rows["user"]])
    return ratio(int(agreed.sum()), len(rows))


LOAD = (
    Metric(
        "unsolicited_per_user", "H2", unsolicited_per_user, "messages/user", "bad",
        {"en": "Unasked-for messages", "zh": "未经许可的消息"},
        {"en": "Messages per person that came to people who had not opted in.",
         "zh": "发给未许可用户的消息数（按全部用户平均）。"},
        "harm", source="16.8 junk mails a user and week, China 2005"),
    Metric(
        "unsolicited_p95", "H2", unsolicited_p95, "messages/user", "bad",
        {"en": "Unasked-for, the worst 5 %", "zh": "未经许可的消息（最多的5%）"},
        {"en": "So many unasked-for messages or more came to one person in twenty. Undefined "
               "unless every delivery was kept.",
         "zh": "每二十人中就有一人至少收到这么多条未经许可的消息。未保留全部送达记录时无定义。"},
        "harm", source="16.8 junk mails a user and week, China 2005"),
    Metric(
        "unsolicited_max", "H2", unsolicited_max, "messages/user", "bad",
        {"en": "Unasked-for, the most", "zh": "未经许可的消息（最多的人）"},
        {"en": "Most unasked-for messages that one person got. Undefined unless every delivery "
               "was kept.",
         "zh": "一个人最多收到多少条未经许可的消息。未保留全部送达记录时无定义。"},
        "harm", source="16.8 junk mails a user and week, China 2005"),
    Metric(
        "complaints_per_1000", "H3", complaints_per_1000, "per 1000", "bad",
        {"en": "Complaints per 1000", "zh": "每千条投诉"},
        {"en": "Complaints per 1000 deliveries: amber above 1, red above 3. Undefined where "
               "nothing was delivered.",
         "zh": "每千条送达的投诉次数：超过1为黄色，超过3为红色。没有送达时无定义。"},
        "harm", thresholds=(1.0, 3.0), source="norms of mail providers: .1 % and .3 %"),
    Metric(
        "complaints", "H3", complaints, "complaints", "bad",
        {"en": "Complaints", "zh": "投诉数"},
        {"en": "Complaints made about it.", "zh": "针对它的投诉次数。"},
        "harm"),
    Metric(
        "opt_outs", "H3", opt_outs, "users", "bad",
        {"en": "Opted out", "zh": "退订人数"},
        {"en": "People who want to hear no more of it.", "zh": "选择不再接收的用户数。"},
        "harm"),
    Metric(
        "consent_ratio", "H15", consent_ratio, "share", "good",
        {"en": "With consent", "zh": "经同意的比例"},
        {"en": "Share of the messages that came to people who had agreed to it or had taken it "
               "up. Undefined where nothing came in.",
         "zh": "发给已同意接收或已接受该提议者的消息比例。没有送达时无定义。"},
        "harm", source="laws on marketing mail: prior consent and opt-out"),
)  # fmt: skip
