"""The parts of the kernel's tables that levers change (docs/exactness.md; model §7).

Levers (a), (b), (c) and (f) act here: whenever one starts or ends, and every hour where novelty
wears off, these tables are made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots import exact
from viralbots.engine.streams import Streams, rates
from viralbots.engine.tables import N_CHANNELS, NO_LIMIT, RECALL, SLOT, SLOTS, STAGES, Tables, prob
from viralbots.interventions.levers import (
    Adjustment,
    Bots,
    Capacity,
    Lever,
    Limit,
    Posts,
    RateLimit,
    Users,
    Veto,
    members,
)
from viralbots.rules import main_rule
from viralbots.scenario import Scenario
from viralbots.trace import FLAGS
from viralbots.world.message import Message
from viralbots.world.world import CHANNELS, World

MAX_CLASSES = 256
MOST_HOPS = 255
Rows = dict[object, list[int]]


class Classes(NamedTuple):
    """Classes of users that levers tell apart.

    Attributes
    ----------
    of_user : uint8[n]
    selectors : tuple of str or Chosen
        What levers name, other than *all*.
    is_member : bool[classes, selectors]
    """

    of_user: NDArray[np.uint8]
    selectors: tuple[Users, ...]
    is_member: NDArray[np.bool_]

    def matching(self, users: Users) -> NDArray[np.bool_]:
        """Which classes a lever's ``users`` holds for, bool[classes]."""
        if users == "all":
            return np.ones(len(self.is_member), bool)
        return self.is_member[:, self.selectors.index(users)]


class Setting(NamedTuple):
    """What the tables are made from, the same all through a run.

    Attributes
    ----------
    rows : dict
        Rows of coefficients computed before; filled further.
    """

    scenario: Scenario
    world: World
    classes: Classes
    rows: Rows


def make_classes(world: World, levers: Sequence[Lever]) -> Classes:
    """Tell users apart as far as the levers do, and no further.

    Raises
    ------
    ValueError
        More than 256 classes would be needed.
    """
    words = tuple(dict.fromkeys(getattr(lever, "users", "all") for lever in levers))
    selectors = tuple(word for word in words if word != "all")
    if not selectors:
        return Classes(np.zeros(world.n_users, np.uint8), (), np.zeros((1, 0), bool))
    columns = np.column_stack([members(world, word) for word in selectors])
    rows, of_user = np.unique(columns, axis=0, return_inverse=True)
    if len(rows) > MAX_CLASSES:
        raise ValueError(f"interventions tell {len(rows)} classes of users apart; at most 256")
    return Classes(of_user.reshape(-1).astype(np.uint8), selectors, rows)


def _fits(lever: Adjustment | Veto | Limit, message: str, channel: str) -> bool:
    return (not lever.messages or message in lever.messages) and (
        not lever.channels or channel in lever.channels
    )


def _cells(scenario: Scenario, adjustments: Sequence[Adjustment]) -> dict[str, float]:
    cells = scenario.cells
    for lever in adjustments:
        cells[lever.cell] = cells[lever.cell] * lever.scale + lever.offset
    return cells


def _row(message: Message, channel: str, cells: dict[str, float], novelty: float) -> list[int]:
    """Coefficients of one class, message and channel, in the order of `SLOTS`."""
    row = [0] * len(SLOTS)
    for decision in ("read", "detect", "convert", "forward", "react"):
        source = "fall" if decision == "convert" and message.phishing else decision
        for term in main_rule.terms(source, message, channel, cells, novelty):
            row[SLOT[decision, term.variable]] += term.coefficient
    constant = int(exact.to_fixed(cells["read.const"], exact.LOG_ODDS_BITS))
    for word in ("group", "footer"):
        own = int(exact.to_fixed(cells[f"read.{word}"], exact.LOG_ODDS_BITS))
        row[SLOT["read", word]] = own - constant
    return row


def novelty_at(message: Message, minute: int) -> float:
    """Novelty in the hour of ``minute``, where it wears off (docs/exactness.md)."""
    if message.novelty_half_life_days is None:
        return message.novelty
    days = (minute // 60) * 60 / 1440
    return float(
        message.novelty * exact.exp(-0.6931471805599453 * days / message.novelty_half_life_days)
    )


def _coefficients(
    scenario: Scenario,
    classes: Classes,
    adjustments: Sequence[Adjustment],
    minute: int,
    rows: Rows,
) -> NDArray[np.int64]:
    """`Tables.coefficient`; ``rows`` keeps what was computed for earlier minutes."""
    n_classes = len(classes.is_member)
    shape = (n_classes, len(scenario.messages), N_CHANNELS, len(SLOTS))
    table = np.zeros(shape, np.int64)
    for q, (name, message) in enumerate(scenario.messages.items()):
        novelty = novelty_at(message, minute)
        for group in _groups(classes, adjustments):
            active = [a for a in adjustments if classes.matching(a.users)[group[0]]]
            for c, channel in enumerate(CHANNELS):
                fitting = tuple(a for a in active if _fits(a, name, channel))
                address = (name, channel, fitting, novelty)
                if address not in rows:
                    rows[address] = _row(message, channel, _cells(scenario, fitting), novelty)
                table[group, q, c] = rows[address]
    return table


def _groups(classes: Classes, adjustments: Sequence[Adjustment]) -> list[list[int]]:
    """Classes with the same active adjustments, so that each row is computed once."""
    groups: dict[tuple[bool, ...], list[int]] = {}
    for k in range(len(classes.is_member)):
        groups.setdefault(
            tuple(bool(classes.matching(a.users)[k]) for a in adjustments), []
        ).append(k)
    return list(groups.values())


def _vetoes(
    scenario: Scenario, classes: Classes, slots: Sequence[Veto], active: set[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    shape = (len(slots) + 1, len(classes.is_member), len(scenario.messages), N_CHANNELS)
    table = np.zeros(shape, np.int64)
    marks = np.zeros(len(slots) + 1, np.int64)
    half = scenario.cells["recall.half"]
    for number, veto in enumerate(slots, 1):
        marks[number] = sum(FLAGS[mark] for mark in set(veto.marks))
    for q, (name, message) in enumerate(scenario.messages.items()):
        d = message.ad_intensity
        if message.is_campaign:
            table[RECALL, :, q, :] = prob(1 - d / (d + half)) if d + half > 0 else 0
        for number, veto in enumerate(slots, 1):
            for c, channel in enumerate(CHANNELS):
                if number in active and _fits(veto, name, channel):
                    table[number, classes.matching(veto.users), q, c] = prob(veto.prob)
    stages = np.zeros((len(STAGES), len(slots) + 2), np.int64)
    for number, stage in [(0, "convert"), *((k, v.stage) for k, v in enumerate(slots, 1))]:
        row = stages[STAGES.index(stage)]
        row[0] += 1
        row[row[0]] = number
    return table, stages, marks


def _limits(
    scenario: Scenario, classes: Classes, limits: Sequence[Limit]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Limits by bound on the hops, and the bound of each number of hops."""
    bounds = sorted({0, *(min(lever.after_hops, MOST_HOPS) for lever in limits)})
    shape = (len(bounds), len(classes.is_member), len(scenario.messages), N_CHANNELS)
    table = np.full(shape, NO_LIMIT, np.int64)
    for lever in limits:
        rows = classes.matching(lever.users)
        for b, bound in enumerate(bounds):
            if bound < min(lever.after_hops, MOST_HOPS):
                continue
            for q, name in enumerate(scenario.messages):
                for c, channel in enumerate(CHANNELS):
                    if _fits(lever, name, channel):
                        table[b, rows, q, c] = np.minimum(table[b, rows, q, c], lever.max_chats)
    hops = np.arange(MOST_HOPS + 1)
    return table, np.searchsorted(np.array(bounds), hops, side="right") - 1


def _capacities(scenario: Scenario, capacities: Sequence[Capacity]) -> NDArray[np.int64]:
    """Places of each message's landing; −1: no bound (docs/exactness.md, *Landing*)."""
    table = np.full(len(scenario.messages), -1, np.int64)
    for q, name in enumerate(scenario.messages):
        plain = [c.per_hour for c in capacities if c.message == name and not c.raises]
        raised = [c.per_hour for c in capacities if c.message == name and c.raises]
        if plain or raised:
            table[q] = max([*([min(plain)] if plain else []), *raised])
    return table


def _bots(
    world: World, classes: Classes, bots: Sequence[Bots]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tie level and number of the followers of each class's bots; the last lever counts."""
    level = np.full(len(classes.is_member), -1, np.int64)
    audience = np.full(len(classes.is_member), -1, np.int64)
    for lever in bots:
        rows = classes.matching(lever.users)
        level[rows] = lever.level
        audience[rows] = audience_of(lever, world.n_users) if lever.infiltration > 0 else -1
    return level, audience


def audience_of(bots: Bots, n_users: int) -> int:
    """How many followers of their own each of these bots has."""
    return round(bots.infiltration * n_users)


def _streams(
    scenario: Scenario, classes: Classes, levers: Sequence[tuple[Lever, bool]], streams: Streams
) -> Streams:
    """Which streams flow, and how much of them rate limits leave out."""
    own = len(streams.message) - sum(isinstance(lever, Posts) for lever, _ in levers)
    holds = [holds for lever, holds in levers if isinstance(lever, Posts)]
    veto = np.zeros((len(classes.is_member), len(streams.message)), np.int64)
    limits = [lever for lever, holds in levers if holds and isinstance(lever, RateLimit)]
    for number, rate in enumerate(rates(scenario)):
        name = scenario.message_names[int(streams.message[number])]
        for lever in limits:
            if not lever.messages or name in lever.messages:
                rows = classes.matching(lever.users)
                left_out = prob(1.0 - min(1.0, lever.per_day / rate))
                veto[rows, number] = np.maximum(veto[rows, number], left_out)
    is_on = np.array([1] * own + [int(on) for on in holds], np.int64)
    return streams._replace(is_on=is_on, veto=veto)


def with_levers(
    tables: Tables, setting: Setting, levers: Sequence[tuple[Lever, bool]], minute: int
) -> Tables:
    """The tables as of a minute.

    Parameters
    ----------
    levers : sequence of (Lever, bool)
        All levers of all interventions in file order, and whether each holds now; a veto's
        slot is its rank among the vetoes, from 1.
    """
    scenario, world, classes, rows = setting
    slots = [(lever, holds) for lever, holds in levers if isinstance(lever, Veto)]
    now = [lever for lever, holds in levers if holds]
    adjustments = [lever for lever in now if isinstance(lever, Adjustment)]
    active = {number for number, (_, holds) in enumerate(slots, 1) if holds}
    veto, stages, marks = _vetoes(scenario, classes, [lever for lever, _ in slots], active)
    limits = [lever for lever in now if isinstance(lever, Limit)]
    limit, hop_bound = _limits(scenario, classes, limits)
    level, audience = _bots(world, classes, [lever for lever in now if isinstance(lever, Bots)])
    return tables._replace(
        coefficient=_coefficients(scenario, classes, adjustments, minute, rows),
        veto=veto,
        stage_slots=stages,
        veto_marks=marks,
        limit=limit,
        hop_bound=hop_bound,
        bot_level=level,
        bot_audience=audience,
        streams=_streams(scenario, classes, levers, tables.streams),
        capacity=_capacities(scenario, [lever for lever in now if isinstance(lever, Capacity)]),
    )
