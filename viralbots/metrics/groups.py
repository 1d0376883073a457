"""A figure group by group: by persona, age band, vulnerability, region or community.

Bots are in no group, so the groups of one division add up to the figure of all people.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from viralbots.metrics.base import description, people
from viralbots.metrics.harm.hours import SECONDS_READ, SECONDS_VICTIM
from viralbots.metrics.harm.vulnerable import distress_of, victims
from viralbots.trace import CONVERTED, DECEIVED, HEARD, READ, Trace
from viralbots.world.world import AGE_BANDS, ROLES, World

FloatArray = NDArray[np.float64]
GROUPINGS = ("persona", "age_band", "vulnerable", "region", "community")


def _distress(world: World, trace: Trace, message: int) -> FloatArray:
    threat = float(str(description(trace, message).get("threat", 0.0)))
    return distress_of(world, trace, message) * (threat / 4096)


def _time(world: World, trace: Trace, message: int) -> FloatArray:
    """Hours of reading and of victims; who ignored what is not in a trace without deliveries."""
    assert trace.state is not None
    n_readings = (trace.state[:, message] >> np.uint32(15)) & np.uint32(31)  # at most 31
    seconds = SECONDS_READ * n_readings.astype(np.float64)
    if description(trace, message).get("phishing"):
        seconds += SECONDS_VICTIM * trace.flag(CONVERTED, message)
    return seconds / 3600.0


def _flag(flag: int) -> Callable[[World, Trace, int], FloatArray]:
    return lambda world, trace, message: trace.flag(flag, message).astype(np.float64)


PER_PERSON: dict[str, Callable[[World, Trace, int], FloatArray]] = {
    "reach": _flag(HEARD),
    "read": _flag(READ),
    "converts": _flag(CONVERTED),
    "deceived": _flag(DECEIVED),
    "victims": lambda world, trace, message: victims(world, trace, message).astype(np.float64),
    "distress": _distress,
    "time": _time,
}
"""What can be told of a single person, by name; ``time`` in hours, ignored messages left out."""


def by_group(
    metric: str, world: World, trace: Trace, group: str, message: int = 0, *, share: bool = False
) -> dict[str, float]:
    """One figure for each group of people.

    Parameters
    ----------
    metric : str
        Key of `PER_PERSON`.
    group : str
        Of `GROUPINGS`. ``persona``: person, leader, operator.
    share : bool
        Per person of the group instead of the sum; nan for a group of nobody.

    Returns
    -------
    dict
        By name of the group; regions and communities by their number.

    Raises
    ------
    KeyError
        No such metric or grouping; names those there are.
    ValueError
        The trace was kept at level *series*.
    """
    if metric not in PER_PERSON:
        raise KeyError(f"no figure by group is called {metric!r}; there are: {[*PER_PERSON]}")
    number, names = _division(world, group)
    trace.flag(0, message)
    amount, counts = PER_PERSON[metric](world, trace, message), people(trace)
    total = np.bincount(number[counts], amount[counts], len(names))
    if share:
        size = np.bincount(number[counts], minlength=len(names))
        total = np.divide(total, size, out=np.full(len(names), np.nan), where=size > 0)
    return dict(zip(names, total.tolist(), strict=True))


def _division(world: World, group: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number of each user's group, and the names of the groups."""
    population = world.population
    if group == "persona":
        return population.role.astype(np.int64), ROLES
    if group == "age_band":
        return population.age_band.astype(np.int64), AGE_BANDS
    if group == "vulnerable":
        return population.vulnerable.astype(np.int64), ("other", "vulnerable")
    if group in ("region", "community"):
        number = getattr(population, group).astype(np.int64)
        return number, tuple(str(k) for k in range(int(number.max(initial=-1)) + 1))
    raise KeyError(f"people are not divided by {group!r}; there are: {GROUPINGS}")
