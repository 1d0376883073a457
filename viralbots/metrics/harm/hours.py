"""H5 people's time, H16 the work that they give away."""

from __future__ import annotations

import numpy as np

from viralbots.metrics.accounts import money_of
from viralbots.metrics.base import Metric, adopters_of, came_in, description
from viralbots.trace import DECIDED, MARK_PAID, MUTATED, Trace
from viralbots.world.world import World

SECONDS_IGNORED, SECONDS_READ, SECONDS_VICTIM, SECONDS_FORWARD = 5, 30, 600, 60  # assumed


def n_victims(trace: Trace, message: int) -> int:
    """People who fell for a trap; 0 where it is none."""
    is_trap = bool(description(trace, message).get("phishing"))
    return trace.total("converts", message) if is_trap else 0


def person_hours_wasted(world: World, trace: Trace, message: int = 0) -> float:
    """H5: (5 s × ignored + 30 s × readings + 600 s × victims of a trap) / 3600.

    Seconds are assumed. Stopped deliveries and those to bots cost nobody time.
    """
    readings = trace.total("readings", message)
    ignored = max(came_in(trace, message) - readings, 0)
    seconds = SECONDS_IGNORED * ignored + SECONDS_READ * readings
    return (seconds + SECONDS_VICTIM * n_victims(trace, message)) / 3600.0


def donated_work(world: World, trace: Trace, message: int = 0) -> float:
    """H16: 60 s (assumed) × people who decided to pass a brand's message on, unpaid / 3600.

    Unpaid are those who are no paid writers, where nothing is paid for passing it on. nan
    where it has no brand: then nobody works for one.
    """
    about, money = description(trace, message), money_of(trace)
    if about.get("brand") is None:
        return float("nan")
    each = None if money is None else money["costs"]["per_forward"]
    if (about.get("reward", 0) if each is None else each) != 0:
        return 0.0
    rows = adopters_of(trace, message)
    is_gift = np.isin(rows["kind"], (DECIDED, MUTATED)) & ((rows["mark"] & MARK_PAID) == 0)
    return SECONDS_FORWARD * int(is_gift.sum()) / 3600.0


HOURS = (
    Metric(
        "person_hours_wasted", "H5", person_hours_wasted, "person-hours", "bad",
        {"en": "Time it cost", "zh": "耗费的时间"},
        {"en": "5 seconds for each message ignored, 30 for each one read, 10 minutes for each "
               "victim of a trap (assumed).",
         "zh": "每条忽略5秒、每次阅读30秒、每位受害者10分钟（假设值）。"},
        "harm"),
    Metric(
        "donated_work", "H16", donated_work, "person-hours", "bad",
        {"en": "Unpaid work", "zh": "无偿劳动"},
        {"en": "A minute (assumed) for each person who passed it on for the brand without being "
               "paid. Undefined without a brand.",
         "zh": "无偿替品牌转发的人，每人按1分钟计（假设值）。没有品牌时无定义。"},
        "harm"),
)  # fmt: skip
