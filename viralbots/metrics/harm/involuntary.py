"""H8 who spreads it, and gets it, without anybody having decided."""

from __future__ import annotations

from viralbots.metrics.base import Metric, adopters_of, has_footer, ratio, sends_of
from viralbots.trace import INVOLUNTARY, Trace
from viralbots.world.world import World


def involuntary_spreaders(world: World, trace: Trace, message: int = 0) -> float:
    """H8: people who carry it or from whose account it is sent without having decided.

    #(footer, hijack, address book).
    """
    return float((adopters_of(trace, message)["kind"] == INVOLUNTARY).sum())


def involuntary_share(world: World, trace: Trace, message: int = 0) -> float:
    """H8: `involuntary_spreaders` / all people who sent it; nan without any."""
    n_senders = len(adopters_of(trace, message))
    return ratio(involuntary_spreaders(world, trace, message), n_senders)


def involuntary_messages(world: World, trace: Trace, message: int = 0) -> float:
    """H8: share of the messages sent which their sender had not decided to send; nan without any.

    As footers, or from accounts to their contacts: what those who receive it get unmeant.
    """
    rows, sends = adopters_of(trace, message), sends_of(trace, message)
    unmeant = int(rows["n_sent"][rows["kind"] == INVOLUNTARY].sum())
    unmeant += sends.streams if has_footer(trace, message) else 0
    return ratio(unmeant, sends.total)


_H8 = "Tagged 2009; the Hotmail footer 1996"
UNWILLING = (
    Metric(
        "involuntary_share", "H8", involuntary_share, "share", "bad",
        {"en": "Unwitting senders", "zh": "不知情的传播者占比"},
        {"en": "Share of those who sent it who never decided to: footers, hijacked accounts, "
               "address books. Undefined where nobody sent it.",
         "zh": "发送者中并非自己决定发送的比例：邮件页脚、被盗账号、通讯录。无人发送时无定义。"},
        "harm", source=_H8),
    Metric(
        "involuntary_spreaders", "H8", involuntary_spreaders, "users", "bad",
        {"en": "Unwitting senders, people", "zh": "不知情的传播者人数"},
        {"en": "People who sent it without having decided to.",
         "zh": "并非自己决定而发送的人数。"},
        "harm", source=_H8),
    Metric(
        "involuntary_messages", "H8", involuntary_messages, "share", "bad",
        {"en": "Unwitting messages", "zh": "无意发出的消息占比"},
        {"en": "Share of the messages which their sender had not decided to send. Undefined where "
               "none were sent.",
         "zh": "发送者并未决定发送的消息所占比例。没有发送时无定义。"},
        "harm", source=_H8),
)  # fmt: skip
