"""When interventions began, worked out afterwards from what a run left behind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viralbots.interventions.base import Intervention, Trigger
from viralbots.scenario import Scenario
from viralbots.trace import Trace

NEVER = 1 << 62
BRAND = 8  # flag of a delivery


def interventions_of(scenario: Scenario) -> list[Intervention]:
    """The interventions of a scenario, in file order."""
    return list(scenario.interventions)


def started_at(scenario: Scenario, trace: Trace) -> list[int]:
    """Minute at which each intervention of the file began; `NEVER` where it did not.

    Raises
    ------
    ValueError
        An intervention has a trigger and the trace was not kept at level *deliveries*.
    """
    return [
        (i.start or 0) if i.trigger is None else _fired(scenario, trace, i.trigger)
        for i in interventions_of(scenario)
    ]


def _fired(scenario: Scenario, trace: Trace, trigger: Trigger) -> int:
    """The minute after the first at whose end the quantity exceeds its limit."""
    if trace.deliveries is None:
        raise ValueError("triggers are only known from a trace of level 'deliveries'")
    minutes, values = _course(scenario, trace, trigger)
    above = np.flatnonzero(values > trigger.above)
    start = int(minutes[above[0]]) + 1 if len(above) else NEVER
    return start if start < trace.horizon else NEVER


def _course(
    scenario: Scenario, trace: Trace, trigger: Trigger
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Minutes in which the quantity may have changed, and its value at their ends."""
    log = trace.deliveries
    assert log is not None  # checked by the caller
    log = log[log["message"] == trace.messages.index(trigger.message)]
    if trigger.quantity == "counter_share":
        about = [name for name, m in scenario.messages.items()
                 if m.kind == "counter" and m.about == trigger.message]  # fmt: skip
        numbers = [trace.messages.index(name) for name in about]
        events = trace.adoptions[np.isin(trace.adoptions["message"], numbers)]["minute"]
        minutes, counts = _cumulative(events, np.ones(len(events)))
        return minutes, counts / trace.n_users
    if trigger.quantity == "reach_share":
        reached = log[(log["outcome"] & 3) != 0]
        _, first = np.unique(reached["user"], return_index=True)
        minutes, counts = _cumulative(reached["minute"][np.sort(first)], np.ones(len(first)))
        return minutes, counts / trace.n_users
    minutes, delivered = _cumulative(log["minute"], np.ones(len(log)))
    if trigger.quantity == "organic_share":
        return minutes, _cumulative(log["minute"], (log["flags"] & BRAND) == 0)[1] / delivered
    complaints = _cumulative(log["minute"], ((log["outcome"] >> 5) & 3) == 2)[1]
    return minutes, 1000.0 * complaints / delivered


def _cumulative(
    minute: NDArray[np.integer], amount: NDArray
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct minutes and the sum of ``amount`` up to the end of each; minutes ascend."""
    minutes, first = np.unique(minute, return_index=True)
    total = np.cumsum(amount.astype(np.int64))
    last = np.append(first[1:], len(minute)) - 1 if len(minutes) else first
    return minutes.astype(np.int64), total[last]
