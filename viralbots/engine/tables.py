"""The decision table as the kernel reads it: integers by class, message and channel.

Levers (a), (b), (c) and (f) act here: whenever one starts or ends the tables are made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots import exact
from viralbots.interventions.levers import Adjustment, Capacity, Lever, Limit, Veto, members
from viralbots.rules import main_rule
from viralbots.scenario import Scenario
from viralbots.world.message import Message, message_id
from viralbots.world.world import CHANNELS, FEED_CHANNELS, World

N_CHANNELS = 8  # CHANNELS and a code for requests that return to the landing
NO_LIMIT = 1 << 30
MAX_CLASSES = 256
RECALL = 0
STAGES = ("deliver", "convert", "forward")

# Slots of a row of `Tables.coefficient`: per decision the sum of the constant terms and
# one coefficient for each variable.
SLOTS: tuple[tuple[str, str | None], ...] = (
    ("read", None), ("read", "tie"), ("read", "fatigue"), ("read", "repeats"),
    ("read", "group"), ("read", "footer"),
    ("detect", None), ("detect", "skill"), ("detect", "senders"), ("detect", "tie"),
    ("convert", None), ("convert", "match"), ("convert", "senders"), ("convert", "tie"),
    ("convert", "aware"), ("convert", "paid_distance"), ("convert", "distrust"),
    ("forward", None), ("forward", "match"), ("forward", "tie"), ("forward", "senders"),
    ("forward", "aware"), ("forward", "threat"), ("forward", "fatigue"),
    ("forward", "reputation"), ("forward", "reputation_aware"), ("forward", "deceived"),
    ("react", None), ("react", "aware"), ("react", "fatigue"), ("react", "was_read"),
    ("react", "tie"), ("react", "distrust"),
)  # fmt: skip
SLOT = {slot: number for number, slot in enumerate(SLOTS)}


class Tables(NamedTuple):
    """Everything the kernel reads that depends on messages and levers.

    Attributes
    ----------
    coefficient : int64[classes, messages, channels, len(SLOTS)]
        In units of 2**-20. The slots ``group`` and ``footer`` hold the difference to the
        ordinary constant of *read*.
    veto : int64[slots, classes, messages, channels]
        Probability in units of 2**-32; slot 0 is the recall veto.
    stage_slots : int64[3, slots + 1]
        Number of veto slots of each stage of `STAGES`, then their numbers.
    limit : int64[classes, messages, channels]
        Chats a push send; `NO_LIMIT` where there is none.
    visibility : int64[channels]
        In units of 2**-32.
    wait : int32[messages, channels, 4096]
        Tenths of active minutes.
    share : int64[messages, channels]
        Channel shares in units of 2**-20.
    about, counter, brand : int64[messages]
        Index of the message it is about, of the counter-message about it, of its brand; −1: none.
    informs : int64[messages, messages]
        1 where reading the first makes aware of the second.
    loss : int64[messages, brands]
        Distrust that reading a message adds, in units of 2**-20.
    flags : int64[messages]
        Bits: 1 deceptive, 2 convertible, 4 phishing, 8 counter-message.
    quota, capacity : int64[messages]
        0 and −1: none.
    constant : int64[len(CONSTANT)]
        Other constants, see `CONSTANT`.
    p0, ratio : float64[4096]
        The fan-out law (`main_rule.fan_out_table`).
    dispersion : float
    """

    coefficient: NDArray[np.int64]
    veto: NDArray[np.int64]
    stage_slots: NDArray[np.int64]
    limit: NDArray[np.int64]
    visibility: NDArray[np.int64]
    wait: NDArray[np.int32]
    share: NDArray[np.int64]
    about: NDArray[np.int64]
    counter: NDArray[np.int64]
    brand: NDArray[np.int64]
    informs: NDArray[np.int64]
    loss: NDArray[np.int64]
    flags: NDArray[np.int64]
    quota: NDArray[np.int64]
    capacity: NDArray[np.int64]
    constant: NDArray[np.int64]
    p0: NDArray[np.float64]
    ratio: NDArray[np.float64]
    dispersion: float


DECEPTIVE, CONVERTIBLE, PHISHING, COUNTER = 1, 2, 4, 8

# Name and unit (bits) of the entries of `Tables.constant`; two are cumulative thresholds.
CONSTANT: tuple[tuple[str, int], ...] = (
    ("fatigue.base", 20), ("fatigue.step", 20), ("fatigue.max", 20), ("quota.obeyed", 32),
    ("group.prob", 32), ("reaction.opt_out", 32), ("reaction.complain_sum", 32),
    ("reaction.opt_out_aware", 32), ("reaction.complain_aware_sum", 32),
    ("reaction.filter", 32), ("trust.refused_loss", 20), ("landing.retry", 32),
)  # fmt: skip


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


def _cells(
    scenario: Scenario, adjustments: Sequence[Adjustment], message: str, channel: str
) -> dict[str, float]:
    cells = scenario.cells
    for lever in adjustments:
        if _fits(lever, message, channel):
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
    scenario: Scenario, classes: Classes, adjustments: Sequence[Adjustment], minute: int
) -> NDArray[np.int64]:
    n_classes = len(classes.is_member)
    shape = (n_classes, len(scenario.messages), N_CHANNELS, len(SLOTS))
    table = np.zeros(shape, np.int64)
    for q, (name, message) in enumerate(scenario.messages.items()):
        novelty = novelty_at(message, minute)
        for group in _groups(classes, adjustments):
            active = [a for a in adjustments if classes.matching(a.users)[group[0]]]
            for c, channel in enumerate(CHANNELS):
                cells = _cells(scenario, active, name, channel)
                table[group, q, c] = _row(message, channel, cells, novelty)
    return table


def _groups(classes: Classes, adjustments: Sequence[Adjustment]) -> list[list[int]]:
    """Classes with the same active adjustments, so that each row is computed once."""
    groups: dict[tuple[bool, ...], list[int]] = {}
    for k in range(len(classes.is_member)):
        groups.setdefault(
            tuple(bool(classes.matching(a.users)[k]) for a in adjustments), []
        ).append(k)
    return list(groups.values())


def _prob(p: float) -> int:
    return int(exact.to_fixed(p, exact.PROB_BITS))


def _vetoes(
    scenario: Scenario, classes: Classes, slots: Sequence[Veto], active: set[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    shape = (len(slots) + 1, len(classes.is_member), len(scenario.messages), N_CHANNELS)
    table = np.zeros(shape, np.int64)
    half = scenario.cells["recall.half"]
    for q, (name, message) in enumerate(scenario.messages.items()):
        d = message.ad_intensity
        if message.is_campaign:
            table[RECALL, :, q, :] = _prob(1 - d / (d + half)) if d + half > 0 else 0
        for number, veto in enumerate(slots, 1):
            for c, channel in enumerate(CHANNELS):
                if number in active and _fits(veto, name, channel):
                    table[number, classes.matching(veto.users), q, c] = _prob(veto.prob)
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


def _informs(scenario: Scenario) -> NDArray[np.int64]:
    """Which messages a reader of a counter-message or correction becomes aware of (§5)."""
    messages = list(scenario.messages.values())
    names = list(scenario.messages)
    table = np.zeros((len(names), len(names)), np.int64)
    for q, message in enumerate(messages):
        if message.about is None:
            continue
        about = scenario.messages[message.about]
        for k, other in enumerate(messages):
            variant = other.brand == about.brand and other.topic == about.topic
            if names[k] == message.about or (
                variant
                and about.brand is not None
                and other.is_deceptive
                and other.kind == "message"
            ):
                table[q, k] = 1
    return table


def _losses(scenario: Scenario) -> NDArray[np.int64]:
    brands, cells = scenario.brands, scenario.cells
    category = {m.brand: m.category for m in scenario.messages.values() if m.brand}
    table = np.zeros((len(scenario.messages), max(1, len(brands))), np.int64)
    for q, message in enumerate(scenario.messages.values()):
        if message.kind != "counter" or message.about is None:
            continue
        target = scenario.messages[message.about].brand
        for b, brand in enumerate(brands):
            if brand == target:
                table[q, b] = exact.to_fixed(cells["trust.counter_loss"], 20)
            elif target and category[brand] is not None and category[brand] == category[target]:
                table[q, b] = exact.to_fixed(
                    cells["trust.counter_loss"] * cells["trust.spill"], 20
                )
    return table


def _flags(message: Message) -> int:
    return (
        DECEPTIVE * message.is_deceptive
        + CONVERTIBLE * message.is_convertible
        + PHISHING * message.phishing
        + COUNTER * (message.kind == "counter")
    )


def _shares(message: Message) -> list[int]:
    total = sum(message.channels.values())
    row = [0] * N_CHANNELS
    for c, channel in enumerate(CHANNELS):
        share = message.channels.get(channel, 0.0)  # type: ignore[call-overload]
        row[c] = int(exact.to_fixed(share / total, 20))
    return row


def _waits(message: Message, cells: dict[str, float]) -> NDArray[np.int32]:
    table = np.zeros((N_CHANNELS, exact.N_QUANTILES), np.int32)
    for c, channel in enumerate(CHANNELS[:6]):
        table[c] = main_rule.wait_table(channel, message.pace, cells)
    return table


def _constants(cells: dict[str, float]) -> NDArray[np.int64]:
    values = dict(cells)
    values["reaction.complain_sum"] = 1.0
    values["reaction.complain_aware_sum"] = (
        cells["reaction.opt_out_aware"] + cells["reaction.complain_aware"]
    )
    return np.array([exact.to_fixed(values[name], bits) for name, bits in CONSTANT], np.int64)


def make_tables(
    scenario: Scenario,
    classes: Classes,
    levers: Sequence[Lever],
    active: Sequence[bool],
    minute: int,
) -> Tables:
    """All tables as of a minute.

    Parameters
    ----------
    levers : sequence of Lever
        All levers of all interventions in file order; a veto's slot is its rank among them.
    active : sequence of bool
        Which of them hold now.
    """
    now = [lever for lever, holds in zip(levers, active, strict=True) if holds]
    slots = [lever for lever in levers if isinstance(lever, Veto)]
    holds = [h for lever, h in zip(levers, active, strict=True) if isinstance(lever, Veto)]
    adjustments = [lever for lever in now if isinstance(lever, Adjustment)]
    veto, stages = _vetoes(scenario, classes, slots, {k for k, h in enumerate(holds, 1) if h})
    messages, cells = list(scenario.messages.values()), scenario.cells
    names, brands = scenario.message_names, scenario.brands
    about = [names.index(m.about) if m.about else -1 for m in messages]
    counter = [_counter_of(names, messages, q) for q in range(len(names))]
    capacity = np.full(len(names), -1, np.int64)
    for lever in now:
        if isinstance(lever, Capacity):
            capacity[names.index(lever.message)] = lever.per_hour
    p0, ratio = main_rule.fan_out_table(cells)
    visibility = [_prob(cells[f"visibility.{c}"]) if c in FEED_CHANNELS else 0 for c in CHANNELS]
    return Tables(
        coefficient=_coefficients(scenario, classes, adjustments, minute),
        veto=veto,
        stage_slots=stages,
        limit=_limits(scenario, classes, [lever for lever in now if isinstance(lever, Limit)]),
        visibility=np.array(visibility + [0], np.int64),
        wait=np.stack([_waits(m, cells) for m in messages]),
        share=np.array([_shares(m) for m in messages], np.int64),
        about=np.array(about, np.int64),
        counter=np.array(counter, np.int64),
        brand=np.array([brands.index(m.brand) if m.brand else -1 for m in messages], np.int64),
        informs=_informs(scenario),
        loss=_losses(scenario),
        flags=np.array([_flags(m) for m in messages], np.int64),
        quota=np.array([m.push_quota or 0 for m in messages], np.int64),
        capacity=capacity,
        constant=_constants(cells),
        p0=p0,
        ratio=ratio,
        dispersion=float(cells["fan_out.dispersion"]),
    )


def _counter_of(names: Sequence[str], messages: Sequence[Message], q: int) -> int:
    """The first counter-message about message q; −1: none."""
    for k, message in enumerate(messages):
        if message.kind == "counter" and message.about == names[q]:
            return k
    return -1


def message_ids(scenario: Scenario) -> list[int]:
    """64-bit ids of the messages, in file order."""
    return [message_id(name) for name in scenario.messages]
