"""The levers in force, and for whom they hold (`tests/reference.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.reference_users import AUTO, BRAND, FOOTER, GROUP, PAID, REPEAT, User, draw, prob
from viralbots import draws
from viralbots.draws import address, fold
from viralbots.interventions import levers as lever_kinds
from viralbots.interventions.levers import Chosen, Lever, Users

if TYPE_CHECKING:
    from tests.reference import Reference

MARKS = {
    "paid": PAID, "group": GROUP, "footer": FOOTER, "brand": BRAND, "repeat": REPEAT, "auto": AUTO,
}  # fmt: skip


@dataclass
class Active:
    """A lever in force: which intervention it is of, and its veto slot if it has one."""

    intervention: int
    slot: int
    lever: Lever


def chosen_users(run: Reference, chosen: Chosen) -> frozenset[int]:
    """The users of a class that is chosen once for a world."""
    if chosen not in run.chosen_cache:
        state = address(run.population_seed, draws.SEEDING, draws.name_id(chosen.tag))
        count = round(chosen.share * len(run.users))
        run.chosen_cache[chosen] = frozenset(first_users(run, chosen.who, state, count))
    return run.chosen_cache[chosen]


def first_users(run: Reference, who: str, state: int, count: int) -> list[int]:
    """The ``count`` eligible users with the smallest draws (or most listeners), in key order."""
    able = [u for u in run.users if is_member(run, u, who) and (u.ties or u.follows)]
    if who == "hubs":
        able.sort(key=lambda u: (-len(u.ties) - len(u.follows), u.key))
    else:
        able.sort(key=lambda u: (fold(state, u.key), u.key))
    return [u.number for u in sorted(able[:count], key=lambda u: u.key)]


def bots_of(run: Reference, user: User) -> list[lever_kinds.Bots]:
    """The levers in force that make a user a bot, in file order."""
    return [
        one.lever
        for one in run.active
        if isinstance(one.lever, lever_kinds.Bots)
        and user.number in chosen_users(run, one.lever.users)
    ]


def is_member(run: Reference, user: User, who: Users) -> bool:
    """Whether a user belongs to a class (model §1)."""
    if isinstance(who, Chosen):
        return user.number in chosen_users(run, who)
    if who in ("all", "random", "hubs"):
        return True
    if who.startswith("community:"):
        return user.community == int(who.split(":")[1])
    if who == "vulnerable":
        return user.vulnerable
    if who == "opted_in":
        return user.opted_in
    if who == "uninvited":
        return not user.opted_in
    name = {"leaders": "leader", "minors": "minor", "elders": "elder"}.get(who, who)
    return name in (user.role, user.age_band)


def holds(
    run: Reference,
    lever: lever_kinds.Adjustment | lever_kinds.Veto | lever_kinds.Limit,
    user: User,
    q: int,
    channel: str,
) -> bool:
    """Whether a lever holds for a user, a message and a channel."""
    return (
        is_member(run, user, lever.users)
        and (not lever.messages or run.names[q] in lever.messages)
        and (not lever.channels or channel in lever.channels)
    )


@dataclass(frozen=True)
class Occasion:
    """Where a veto is drawn: the address, the occasion's number, and the marks it sees."""

    S: int
    number: int
    flags: int


def vetoed(
    run: Reference, stage: str, user: User, q: int, channel: str, occasion: Occasion
) -> bool:
    """Whether one of the vetoes in force at a stage succeeds."""
    for one in run.active:
        lever = one.lever
        if not isinstance(lever, lever_kinds.Veto) or lever.stage != stage:
            continue
        if not holds(run, lever, user, q, channel):
            continue
        if lever.marks:
            if not any(occasion.flags & MARKS[mark] for mark in lever.marks):
                run.tally["veto sees no mark"] += 1
                continue
            run.tally["veto sees a mark"] += 1
        luck = draw(fold(occasion.S, occasion.number | draws.VETO + one.slot))
        if luck < prob(lever.prob):
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
