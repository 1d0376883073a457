"""The levers in force, and for whom they hold (`tests/reference.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.reference_users import User, draw, prob
from viralbots import draws
from viralbots.draws import fold
from viralbots.interventions import levers as lever_kinds
from viralbots.interventions.levers import Lever

if TYPE_CHECKING:
    from tests.reference import Reference


@dataclass
class Active:
    """A lever in force: which intervention it is of, and its veto slot if it has one."""

    intervention: int
    slot: int
    lever: Lever


def is_member(run: Reference, user: User, who: str) -> bool:
    """Whether a user belongs to a class (model §1)."""
    if who in ("all", "random", "hubs"):
        return True
    if who.startswith("community:"):
        return user.community == int(who.split(":")[1])
    if who == "vulnerable":
        return user.vulnerable
    if who == "opted_in":
        return user.opted_in
    name = {"leaders": "leader", "minors": "minor", "elders": "elder"}.get(who, who)
    return name in (user.role, user.age_band)


def holds(run: Reference, lever: Lever, user: User, q: int, channel: str) -> bool:
    """Whether a lever holds for a user, a message and a channel."""
    return (
        is_member(run, user, lever.users)
        and (not lever.messages or run.names[q] in lever.messages)
        and (not lever.channels or channel in lever.channels)
    )


def vetoed(
    run: Reference, stage: str, user: User, q: int, channel: str, S: int, occasion: int
) -> bool:
    """Whether one of the vetoes in force at a stage succeeds."""
    for one in run.active:
        lever = one.lever
        if not isinstance(lever, lever_kinds.Veto) or lever.stage != stage:
            continue
        if holds(run, lever, user, q, channel):
            if draw(fold(S, occasion | draws.VETO + one.slot)) < prob(lever.prob):
                return True
    return False


def adjusted_cells(
    run: Reference, user: User, q: int, channel: str
) -> tuple[tuple[str, float], ...]:
    """The cells with the adjustments in force for this user (model §7 a)."""
    held = tuple(
        one.lever
        for one in run.active
        if isinstance(one.lever, lever_kinds.Adjustment)
        and holds(run, one.lever, user, q, channel)
    )
    if held not in run.cell_cache:
        cells = dict(run.cells)
        for lever in held:
            cells[lever.cell] = cells[lever.cell] * lever.scale + lever.offset
        run.cell_cache[held] = tuple(cells.items())
    return run.cell_cache[held]
