"""What a metric is, and the questions that most metrics ask of a trace.

*Bots are not people.* No metric counts them among those who heard, read, took up or passed
on; where a shape or a number of messages is meant, its docstring says that they are in it.

*Who had a choice.* An adopter decided (`DECIDED`, `COUNTER_START`, `MUTATED`), was planted
(`SEED`, or `INVOLUNTARY` with nobody behind it: a member from the start, an account broken
into), or sends without having been asked because she took it up (other `INVOLUNTARY` ones).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots.trace import (
    COUNTER_START,
    DECIDED,
    FATE_STOPPED,
    FORWARDED,
    HEARD,
    INVOLUNTARY,
    MARK_BOT,
    MUTATED,
    SEED,
    Trace,
)
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
    "money": {"en": "money", "zh": "金额"},
    "contacts": {"en": "contacts", "zh": "个联系人"},
    "requests": {"en": "requests", "zh": "次请求"},
    "distress": {"en": "readers at full threat", "zh": "相当于受最大惊吓的人数"},
}

VOLUNTARY = (DECIDED, COUNTER_START, MUTATED)
"""Kinds of adoption by which a user decided to send something."""


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
    thresholds : (float, float) or None
        Amber and red above these, where a norm exists; nowhere else.
    is_signed : bool
        It may be negative.
    source : str
        Whose indicator or norm it is; empty where the model alone defines it.
    """

    name: str
    code: str
    function: MetricFunction
    unit: str
    direction: Direction
    label: Mapping[str, str]
    sentence: Mapping[str, str]
    group: str
    thresholds: tuple[float, float] | None = None
    is_signed: bool = False
    source: str = ""


def ratio(part: float, whole: float) -> float:
    """``part / whole``; nan where there is no whole.

    >>> ratio(1, 4), ratio(1, 0)
    (0.25, nan)
    """
    return part / whole if whole else float("nan")


def adoptions_of(trace: Trace, message: int) -> NDArray[np.void]:
    """The adoptions of one message, in order of minute; those of bots too."""
    return trace.adoptions[trace.adoptions["message"] == message]


def adopters_of(trace: Trace, message: int) -> NDArray[np.void]:
    """The adoptions of one message by people, in order of minute."""
    rows = adoptions_of(trace, message)
    return rows[(rows["mark"] & MARK_BOT) == 0]


def people(trace: Trace) -> BoolArray:
    """Users who are no bots, bool[n]."""
    if trace.marks is None:
        return np.ones(trace.n_users, np.bool_)
    return (trace.marks & MARK_BOT) == 0


def is_planted(rows: NDArray[np.void]) -> BoolArray:
    """Adoptions that nobody's delivery brought about: planted ones, members from the start.

    A counter-message begun is not planted: somebody decided to begin it.
    """
    is_first = (rows["kind"] == INVOLUNTARY) & (rows["source"] < 0) & (rows["by_brand"] == 0)
    found: BoolArray = (rows["kind"] == SEED) | is_first
    return found


class Sends(NamedTuple):
    """Messages sent, those beyond the horizon included, by who let them go.

    Attributes
    ----------
    brand : int
        Waves of the brand or the platform, without sender; reminders are in ``streams``.
    planted, others : int
        By planted adopters, and by the other adopters, bots included.
    streams : int
        Again and again: footers, posts, reminders, look-ups.
    """

    brand: int
    planted: int
    others: int
    streams: int

    @property
    def total(self) -> int:
        return sum(self)


def sends_of(trace: Trace, message: int) -> Sends:
    """How many messages were sent, by who let them go."""
    rows = adoptions_of(trace, message)
    by_adopters, streams = int(rows["n_sent"].sum()), trace.total("emitted", message)
    planted = int(rows["n_sent"][is_planted(rows)].sum())
    # A trace made by hand may tell of deliveries only.
    brand = max(trace.total("sent", message) - by_adopters - streams, 0)
    if not trace.total("sent", message):
        brand = trace.total("by_brand", message)
    return Sends(brand, planted, by_adopters - planted, streams)


def planted_sends(trace: Trace, message: int) -> int:
    """Messages that the sponsor put in: of the brand, of planted users, and posts.

    What rides on the personal mail of members (a footer) is theirs, what users look up is
    their own wish; neither is planted.
    """
    sends = sends_of(trace, message)
    is_theirs = has_footer(trace, message) or stream_kinds(trace, message) == {"look"}
    return sends.brand + sends.planted + (0 if is_theirs else sends.streams)


def turned(trace: Trace, message: int) -> BoolArray:
    """Users who decided to pass it on and in whose hands it became its variant, bool[n].

    They have forwarded it and have no adoption of it.
    """
    found = trace.flag(FORWARDED, message) & people(trace)
    found[adoptions_of(trace, message)["user"]] = False
    return found


def deciders(trace: Trace, message: int) -> BoolArray:
    """Users who forwarded one message by their own decision, changed or not, bool[n]."""
    rows = adopters_of(trace, message)
    found = turned(trace, message)
    found[rows["user"][rows["kind"] == DECIDED]] = True
    return found


def audience(trace: Trace, message: int) -> BoolArray:
    """Users whom one message reached and who had a choice, bool[n].

    Those who already send it when it reaches them have none: planted ones, those who have
    begun a counter-message, from whose account it is sent, or who made it out of another.
    Bots do not hear.
    """
    rows = adoptions_of(trace, message)
    found = trace.flag(HEARD, message)
    found[rows["user"][rows["kind"] != DECIDED]] = False
    return found


def came_in(trace: Trace, message: int) -> float:
    """Deliveries to people that were not stopped.

    Exact where there are no bots or the trace kept its deliveries. Otherwise bots are taken
    to have got as many each as the people who were reached.
    """
    is_person = people(trace)
    if trace.deliveries is not None:
        rows = trace.deliveries[trace.deliveries["message"] == message]
        is_in = (rows["outcome"] & 3) != FATE_STOPPED
        return float((is_in & is_person[rows["user"]]).sum())
    total = trace.total("delivered", message) - trace.total("stopped", message)
    if trace.state is None or is_person.all():
        return float(total)
    reached = int(trace.flag(HEARD, message).sum())
    of_bots = int(((trace.state[:, message] >> np.uint32(12) & 7 > 0) & ~is_person).sum())
    return total * (reached / (reached + of_bots) if reached + of_bots else 0.0)


def description(trace: Trace, message: int) -> Mapping[str, object]:
    """What is known about a message beyond its name (`viralbots.world.message.Message.facts`).

    Read from ``trace.facts["messages"]`` (see `viralbots.metrics.describe`); empty where
    the trace does not tell.
    """
    known = trace.facts.get("messages")
    return known[message] if isinstance(known, list | tuple) else {}


def has_footer(trace: Trace, message: int) -> bool:
    """Whether it rides on personal mails."""
    return bool(description(trace, message).get("footer"))


def stream_kinds(trace: Trace, message: int) -> set[str]:
    """How bots and interventions send it again and again: post, look, or not at all."""
    found = trace.facts.get("posts", ())
    pairs = found if isinstance(found, list | tuple) else ()
    return {kind for name, kind in pairs if name == trace.messages[message]}


def counters_of(trace: Trace, message: int) -> list[int]:
    """Indices of the counter-messages about a message."""
    name = trace.messages[message]
    known = enumerate(description(trace, q) for q in range(len(trace.messages)))
    return [q for q, d in known if d.get("kind") == "counter" and d.get("about") == name]
