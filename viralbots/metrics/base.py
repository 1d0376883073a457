"""What a metric is, and the questions that most metrics ask of a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from viralbots.trace import DECIDED, HEARD, SEED, Trace
from viralbots.world.world import World

Direction = Literal["good", "bad", "neutral"]
MetricFunction = Callable[[World, Trace, int], float]
BoolArray = NDArray[np.bool_]

GROUPS: dict[str, dict[str, str]] = {
    "reach": {"en": "Reach", "zh": "覆盖"},
    "cascade": {"en": "Shape of the spread", "zh": "传播形态"},
    "growth": {"en": "Speed", "zh": "速度"},
    "business": {"en": "Benefit", "zh": "收益"},
    "harm": {"en": "Harm ledger", "zh": "危害账本"},
}

UNITS: dict[str, dict[str, str]] = {
    "users": {"en": "users", "zh": "人"},
    "adopters": {"en": "adopters", "zh": "转发者"},
    "share": {"en": "share", "zh": "占比"},
    "ratio": {"en": "ratio", "zh": "倍数"},
    "recipients": {"en": "recipients", "zh": "收件人"},
    "generations": {"en": "generations", "zh": "代"},
    "steps": {"en": "steps", "zh": "步"},
    "hours": {"en": "hours", "zh": "小时"},
    "adopters/hour": {"en": "adopters/hour", "zh": "转发者/小时"},
    "complaints": {"en": "complaints", "zh": "次"},
    "per 1000": {"en": "per 1000", "zh": "每千条"},
    "person-hours": {"en": "person-hours", "zh": "人时"},
    "messages/user": {"en": "messages/user", "zh": "条/人"},
    "yes or no": {"en": "yes = 1", "zh": "是=1"},
    "trust": {"en": "0 to 1", "zh": "0到1"},
}


@dataclass(frozen=True)
class Metric:
    """One number computed from a run.

    Attributes
    ----------
    name : str
        Key in `viralbots.metrics.METRICS`.
    code : str
        Number in the harm ledger (``H3``) or symbol in the model (``R``); "" without one.
    function : callable
        ``(world, trace, message) -> float``; nan where the number is undefined.
    unit : str
        Key of `UNITS`.
    direction : {"good", "bad", "neutral"}
        What more of it means, for the sponsor's aim (good) or for people (bad).
    label, sentence : dict
        Name and explanation by language (``en``, ``zh``); the sentence says when it is nan.
    group : str
        Key of `GROUPS`.
    """

    name: str
    code: str
    function: MetricFunction
    unit: str
    direction: Direction
    label: Mapping[str, str]
    sentence: Mapping[str, str]
    group: str


def ratio(part: float, whole: float) -> float:
    """``part / whole``; nan where there is no whole.

    >>> ratio(1, 4), ratio(1, 0)
    (0.25, nan)
    """
    return part / whole if whole else float("nan")


def adoptions_of(trace: Trace, message: int) -> NDArray[np.void]:
    """The adoptions of one message, in order of minute."""
    return trace.adoptions[trace.adoptions["message"] == message]


def planted_sends(trace: Trace, message: int) -> int:
    """Messages that the sponsor put in: deliveries of the brand and what planted users sent."""
    rows = adoptions_of(trace, message)
    return trace.total("by_brand", message) + int(rows["n_sent"][rows["kind"] == SEED].sum())


def deciders(trace: Trace, message: int) -> BoolArray:
    """Users who forwarded one message by their own decision, bool[n]."""
    rows = adoptions_of(trace, message)
    found = np.zeros(trace.n_users, np.bool_)
    found[rows["user"][rows["kind"] == DECIDED]] = True
    return found


def audience(trace: Trace, message: int) -> BoolArray:
    """Users whom one message reached and who had a choice, bool[n].

    Those who already send it when it reaches them, having been planted or having begun a
    counter-message, have none.
    """
    rows = adoptions_of(trace, message)
    found = trace.flag(HEARD, message)
    found[rows["user"][rows["kind"] != DECIDED]] = False
    return found


def description(trace: Trace, message: int) -> Mapping[str, object]:
    """What is known about a message beyond its name: kind, about, brand, phishing.

    Read from ``trace.facts["messages"]`` (see `viralbots.metrics.describe`); empty where
    the trace does not tell.
    """
    known = trace.facts.get("messages")
    return known[message] if isinstance(known, list | tuple) else {}


def counters_of(trace: Trace, message: int) -> list[int]:
    """Indices of the counter-messages about a message."""
    name = trace.messages[message]
    known = enumerate(description(trace, q) for q in range(len(trace.messages)))
    return [q for q, d in known if d.get("kind") == "counter" and d.get("about") == name]
