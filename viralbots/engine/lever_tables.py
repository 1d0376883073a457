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
from viralbots.engine.tables import N_CHANNELS, NO_LIMIT, RECALL, SLOT, SLOTS, STAGES, Tables, prob
from viralbots.interventions.levers import Adjustment, Capacity, Lever, Limit, Veto, members
from viralbots.rules import main_rule
from viralbots.scenario import Scenario
from viralbots.world.message import Message
from viralbots.world.world import CHANNELS, World

MAX_CLASSES = 256
Rows = dict[object, list[int]]


class Classes(NamedTuple):
    """Classes of users that levers tell apart.

    Attributes
    ----------
    of_user : uint8[n]
    selectors : tuple of str
        The words used by levers, other than *all*.
    is_member : bool[classes, selectors]
    """

    of_user: NDArray[np.uint8]
    selectors: tuple[str, ...]
    is_member: NDArray[np.bool_]

    def matching(self, users: str) -> NDArray[np.bool_]:
        """Which classes a lever's ``users`` holds for, bool[classes]."""
        if users == "all":
            return np.ones(len(self.is_member), bool)
        return self.is_member[:, self.selectors.index(users)]


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
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    shape = (len(slots) + 1, len(classes.is_member), len(scenario.messages), N_CHANNELS)
    table = np.zeros(shape, np.int64)
    half = scenario.cells["recall.half"]
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
    return table, stages


def _limits(scenario: Scenario, classes: Classes, limits: Sequence[Limit]) -> NDArray[np.int64]:
    shape = (len(classes.is_member), len(scenario.messages), N_CHANNELS)
    table = np.full(shape, NO_LIMIT, np.int64)
    for lever in limits:
        rows = classes.matching(lever.users)
        for q, name in enumerate(scenario.messages):
            for c, channel in enumerate(CHANNELS):
                if _fits(lever, name, channel):
                    table[rows, q, c] = np.minimum(table[rows, q, c], lever.max_chats)
    return table


def _capacities(scenario: Scenario, capacities: Sequence[Capacity]) -> NDArray[np.int64]:
    """Places of each message's landing, the smallest of several; −1: no bound."""
    table = np.full(len(scenario.messages), -1, np.int64)
    for lever in capacities:
        q = scenario.message_names.index(lever.message)
        table[q] = lever.per_hour if table[q] < 0 else min(int(table[q]), lever.per_hour)
    return table


def with_levers(
    tables: Tables,
    scenario: Scenario,
    classes: Classes,
    levers: Sequence[tuple[Lever, bool]],
    minute: int,
    rows: Rows,
) -> Tables:
    """The tables as of a minute.

    Parameters
    ----------
    levers : sequence of (Lever, bool)
        All levers of all interventions in file order, and whether each holds now; a veto's
        slot is its rank among the vetoes, from 1.
    rows : dict
        Rows of coefficients computed before; filled further.
    """
    slots = [(lever, holds) for lever, holds in levers if isinstance(lever, Veto)]
    now = [lever for lever, holds in levers if holds]
    adjustments = [lever for lever in now if isinstance(lever, Adjustment)]
    active = {number for number, (_, holds) in enumerate(slots, 1) if holds}
    veto, stages = _vetoes(scenario, classes, [lever for lever, _ in slots], active)
    return tables._replace(
        coefficient=_coefficients(scenario, classes, adjustments, minute, rows),
        veto=veto,
        stage_slots=stages,
        limit=_limits(scenario, classes, [lever for lever in now if isinstance(lever, Limit)]),
        capacity=_capacities(scenario, [lever for lever in now if isinstance(lever, Capacity)]),
    )
