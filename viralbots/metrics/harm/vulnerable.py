"""H4 whether it hits the vulnerable more, H11 distress."""

from __future__ import annotations

import numpy as np

from viralbots.metrics.accounts import accounts_of
from viralbots.metrics.base import (
    BoolArray,
    Metric,
    audience,
    deciders,
    description,
    people,
    ratio,
)
from viralbots.trace import CONVERTED, DECEIVED, HEARD, READ, Trace
from viralbots.world.world import AGE_BANDS, World


def _times_as_often(hit: BoolArray, among: BoolArray, vulnerable: BoolArray) -> float:
    """(D_v / N_v) / (D_o / N_o); nan where a group is empty or no other was hit."""
    mine, others = among & vulnerable, among & ~vulnerable
    share = ratio(int((hit & mine).sum()), int(mine.sum()))
    other = ratio(int((hit & others).sum()), int(others.sum()))
    return share / other if other else float("nan")


def vulnerable_exposure_ratio(world: World, trace: Trace, message: int = 0) -> float:
    """H4: share of vulnerable people reached / share of other people reached.

    (D_v / N_v) / (D_o / N_o). nan where one of the groups is empty or no other was reached.
    """
    reached = trace.flag(HEARD, message)
    return _times_as_often(reached, people(trace), world.population.vulnerable)


def _forward_share(trace: Trace, message: int, group: BoolArray) -> float:
    reached = audience(trace, message) & group
    return ratio(int((deciders(trace, message) & reached).sum()), int(reached.sum()))


def vulnerable_forward(world: World, trace: Trace, message: int = 0) -> float:
    """H4: forward probability of vulnerable people; nan where none was reached."""
    return _forward_share(trace, message, world.population.vulnerable)


def other_forward(world: World, trace: Trace, message: int = 0) -> float:
    """H4: forward probability of people who are not vulnerable; nan where none was reached."""
    return _forward_share(trace, message, ~world.population.vulnerable)


def vulnerable_forward_ratio(world: World, trace: Trace, message: int = 0) -> float:
    """H4: forward probability of the vulnerable / that of the others; nan where undefined."""
    reached, decided = audience(trace, message), deciders(trace, message)
    return _times_as_often(decided, reached, world.population.vulnerable)


def victims(world: World, trace: Trace, message: int = 0) -> BoolArray:
    """Whom it cost: who fell for a trap; otherwise who paid more than came back, bool[n].

    Nobody where it is no trap and no money is counted.
    """
    if description(trace, message).get("phishing"):
        return trace.flag(CONVERTED, message) & people(trace)
    books = accounts_of(world, trace, message)
    return np.zeros(trace.n_users, np.bool_) if books is None else books.net < 0


def vulnerable_loss_ratio(world: World, trace: Trace, message: int = 0) -> float:
    """H4: share of the vulnerable whom it cost something (`victims`) / share of the others.

    nan where no other lost anything.
    """
    found = victims(world, trace, message)
    return _times_as_often(found, people(trace), world.population.vulnerable)


def vulnerable_deceived_ratio(world: World, trace: Trace, message: int = 0) -> float:
    """H4: share of the vulnerable who were deceived / share of the others; nan without others."""
    found = trace.flag(DECEIVED, message)
    return _times_as_often(found, people(trace), world.population.vulnerable)


def distress_of(world: World, trace: Trace, message: int = 0) -> np.ndarray:
    """Distress of each person in units of 2**-12, int64[n]: η of those who read it."""
    is_read = trace.flag(READ, message)
    return np.where(is_read, world.population.threat, 0).astype(np.int64)


def _distress(world: World, trace: Trace, message: int, group: BoolArray) -> float:
    threat = float(str(description(trace, message).get("threat", 0.0)))
    return threat * int(distress_of(world, trace, message)[group].sum()) / 4096


def distress(world: World, trace: Trace, message: int = 0) -> float:
    """H11: Σ_i read_i · t · η_i over people (threat of the message, susceptibility of each)."""
    return _distress(world, trace, message, people(trace))


def distress_minors(world: World, trace: Trace, message: int = 0) -> float:
    """H11: the same over minors only."""
    minors = world.population.age_band == AGE_BANDS.index("minor")
    return _distress(world, trace, message, people(trace) & minors)


_H4 = "people over 65 shared about seven times as much false news"
VULNERABLE = (
    Metric(
        "vulnerable_exposure_ratio", "H4", vulnerable_exposure_ratio, "ratio", "bad",
        {"en": "Exposure of the vulnerable", "zh": "弱势群体暴露比"},
        {"en": "How much more often vulnerable people were reached than others; 1 is equal. "
               "Undefined where no other was reached.",
         "zh": "弱势用户被触达的比例与其他用户之比；1表示相同。其他用户均未被触达时无定义。"},
        "harm", source=_H4),
    Metric(
        "vulnerable_forward", "H4", vulnerable_forward, "share", "bad",
        {"en": "Vulnerable who passed it on", "zh": "弱势用户转发率"},
        {"en": "Share of the vulnerable people reached who passed it on. Undefined where none "
               "was reached.",
         "zh": "听说它的弱势用户中转发者的比例。无此类用户听说时无定义。"},
        "harm", source=_H4),
    Metric(
        "other_forward", "H4", other_forward, "share", "neutral",
        {"en": "Others who passed it on", "zh": "其他用户转发率"},
        {"en": "Share of the other people reached who passed it on. Undefined where none was "
               "reached.",
         "zh": "听说它的其他用户中转发者的比例。无此类用户听说时无定义。"},
        "harm", source=_H4),
    Metric(
        "vulnerable_forward_ratio", "H4", vulnerable_forward_ratio, "ratio", "bad",
        {"en": "Forwarding of the vulnerable", "zh": "弱势群体转发比"},
        {"en": "How much more often vulnerable people passed it on than others; 1 is equal. "
               "Undefined where no other did.",
         "zh": "弱势用户的转发率与其他用户之比；1表示相同。其他用户均未转发时无定义。"},
        "harm", source=_H4),
    Metric(
        "vulnerable_deceived_ratio", "H4", vulnerable_deceived_ratio, "ratio", "bad",
        {"en": "Deception of the vulnerable", "zh": "弱势群体受骗比"},
        {"en": "How much more often vulnerable people were deceived than others; 1 is equal. "
               "Undefined where no other was.",
         "zh": "弱势用户受骗的比例与其他用户之比；1表示相同。其他用户均未受骗时无定义。"},
        "harm", source=_H4),
    Metric(
        "vulnerable_loss_ratio", "H4", vulnerable_loss_ratio, "ratio", "bad",
        {"en": "Losses of the vulnerable", "zh": "弱势群体受损比"},
        {"en": "How much more often it cost vulnerable people something than others: victims of a "
               "trap, or who paid more than came back. Undefined where no other lost anything.",
         "zh": "弱势用户受损的比例与其他用户之比；受损指落入陷阱，或付出多于所得。"
               "其他用户均未受损时无定义。"},
        "harm", source=_H4),
    Metric(
        "distress", "H11", distress, "distress", "bad",
        {"en": "Distress", "zh": "惊吓"},
        {"en": "Threat times how easily each reader is frightened, over all readers.",
         "zh": "威胁程度乘以每位读者的易受惊程度，对全部读者求和。"},
        "harm"),
    Metric(
        "distress_minors", "H11", distress_minors, "distress", "bad",
        {"en": "Distress of minors", "zh": "未成年人的惊吓"},
        {"en": "The same over readers under 18.", "zh": "只计算18岁以下的读者。"},
        "harm"),
)  # fmt: skip
