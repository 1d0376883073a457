"""What went wrong in one run, and when; no Streamlit here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from viralbots.interventions.base import Intervention
from viralbots.metrics.base import counters_of
from viralbots.scenario import Scenario
from viralbots.trace import Trace

LATE = 1_000  # deliveries after which complaints per 1000 say something
BACKLASH = 50  # adopters at least (model §5)
MOST = 12


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes
    ----------
    minute : int
        End of the hour where only that is known.
    kind : str
        Key of the texts ``risk.event``.
    values : dict
        To fill in.
    intervention : Intervention or None
        Where it is one that began.
    """

    minute: int
    kind: str
    values: dict[str, object] = field(default_factory=dict)
    intervention: Intervention | None = None


def events(scenario: Scenario, trace: Trace) -> list[Event]:
    """Everything that went wrong in a run, in order of time."""
    found = [*_harm(trace), *_counter(trace), *_began(scenario, trace)]
    return sorted(found, key=lambda event: event.minute)[:MOST]


def _first_hour(trace: Trace, count: str, at_least: float = 1) -> int | None:
    """Minute at the end of the first hour in which a count is at least so much."""
    reached = trace.hourly(count) >= at_least
    return int(reached.argmax()) * 60 if reached.any() else None


def _harm(trace: Trace) -> Iterator[Event]:
    for count, kind in (("deceived", "deceived"), ("complaints", "complained"),
                        ("refused", "overloaded")):  # fmt: skip
        minute = _first_hour(trace, count)
        if minute is not None:
            yield Event(minute, kind)
    for count in ("deceived", "converts"):
        total = trace.total(count)
        if total >= 10:
            half = _first_hour(trace, count, total / 2)
            if half is not None and (count == "deceived" or _is_trap(trace)):
                yield Event(half, f"half_{count}", {"n": total})
    yield from _complaints(trace)
    tenth = _first_hour(trace, "reach", 0.1 * trace.n_users)
    if tenth is not None:
        yield Event(tenth, "tenth")


def _is_trap(trace: Trace) -> bool:
    known = trace.facts.get("messages")
    return isinstance(known, list | tuple) and bool(known[0].get("phishing"))


def _complaints(trace: Trace) -> Iterator[Event]:
    """When complaints pass the norms of mail providers."""
    delivered, complaints = trace.hourly("delivered"), trace.hourly("complaints")
    seen = -1
    for limit in (3, 1):
        passed = (delivered >= LATE) & (1000 * complaints > limit * delivered)
        if passed.any() and int(passed.argmax()) != seen:
            seen = int(passed.argmax())
            yield Event(seen * 60, "complaints", {"n": limit})


def _counter(trace: Trace) -> Iterator[Event]:
    rows = trace.adoptions[np.isin(trace.adoptions["message"], counters_of(trace, 0))]
    if not len(rows):
        return
    yield Event(int(rows["minute"][0]), "counter")
    needed = max(BACKLASH, trace.n_users // 100)
    if len(rows) >= needed:
        yield Event(int(rows["minute"][needed - 1]), "backlash", {"n": needed})


def _began(scenario: Scenario, trace: Trace) -> Iterator[Event]:
    """Interventions that began, with what set them off; bots are there from their start."""
    for (_, actor), minute in zip(scenario.actors, trace.started, strict=False):
        if not 0 <= minute < trace.horizon:
            continue
        kind = "bots" if actor in scenario.bots else "began"
        if actor.trigger is not None:
            values: dict[str, object] = {
                "quantity": actor.trigger.quantity, "above": actor.trigger.above,
            }  # fmt: skip
            yield Event(minute, "triggered", values, actor)
        elif kind == "began":
            yield Event(minute, kind, {}, actor)
