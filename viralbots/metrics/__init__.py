"""Numbers computed from a world and a trace; all are listed in `METRICS` (model §8)."""

from __future__ import annotations

from collections.abc import Mapping

from viralbots.metrics.base import GROUPS, UNITS, Metric
from viralbots.metrics.business import BUSINESS
from viralbots.metrics.cascade import CASCADE
from viralbots.metrics.growth import GROWTH
from viralbots.metrics.harm import HARM
from viralbots.metrics.money import MONEY
from viralbots.metrics.quality import QUALITY
from viralbots.metrics.reach import REACH
from viralbots.trace import Trace
from viralbots.world.message import Message
from viralbots.world.world import World

__all__ = ["GROUPS", "METRICS", "UNITS", "Metric", "describe", "evaluate", "metric_of"]

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (*REACH, *CASCADE, *GROWTH, *BUSINESS, *MONEY, *HARM, *QUALITY)
}


def describe(messages: Mapping[str, Message]) -> tuple[dict[str, object], ...]:
    """What metrics must know of the messages of a scenario, for ``Trace.facts["messages"]``.

    >>> describe({"ad": Message(brand="Acme")})[0]["brand"]
    'Acme'
    """
    return tuple(message.facts() for message in messages.values())


def evaluate(world: World, trace: Trace) -> dict[str, float]:
    """All metrics of a run.

    Parameters
    ----------
    world : World
    trace : Trace
        Kept at level *adoptions* or *deliveries*.

    Returns
    -------
    dict
        ``reach`` … for the first message, ``reach:counter`` … for a message *counter*
        after it. Undefined numbers are nan; what that means is in `Metric.sentence`.

    Raises
    ------
    ValueError
        The trace was kept at level *series*.
    """
    found: dict[str, float] = {}
    for number, message in enumerate(trace.messages):
        suffix = f":{message}" if number else ""
        for name, metric in METRICS.items():
            found[name + suffix] = metric.function(world, trace, number)
    return found


def metric_of(name: str) -> Metric:
    """The metric behind a name of `evaluate` (``reach``, ``reach:counter``)."""
    return METRICS[name.split(":", 1)[0]]
