"""The decision table as the kernel reads it: integers by class, message and channel.

What levers change is made by `viralbots.engine.lever_tables`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots import exact
from viralbots.engine.streams import Streams, make_streams
from viralbots.rules import main_rule
from viralbots.scenario import Scenario
from viralbots.world.message import Message, message_id
from viralbots.world.world import CHANNELS, FEED_CHANNELS

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
    ("convert", "using"), ("convert", "rival_using"), ("forward", "not_using"),
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
    veto_marks : int64[slots]
        Flags of which a delivery must carry one for the veto to look at it; 0: any delivery.
    limit : int64[bounds, classes, messages, channels]
        Chats a push send; `NO_LIMIT` where there is none.
    hop_bound : int64[256]
        Row of ``limit`` for a copy with so many forwards behind it.
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
        Bits: 1 deceptive, 2 convertible, 4 phishing, 8 counter-message, 16 rides as a footer,
        32 for members only.
    auto, auto_whose : int64[messages]
        Contacts to whom it is sent from an account (`NO_LIMIT`: all), and from whose: 0 nobody's,
        1 all members', 2 those of members who hand over their address book.
    variant, mutation : int64[messages]
        Index of the message that it may turn into (−1: none), probability in units of 2**-32.
    network : int64[messages]
        Column of `State.using`; −1: no network effect.
    carry, remind : int64[messages]
        Streams of a new member; −1: none.
    bot_level, bot_audience : int64[classes]
        Tie level at which a bot's own followers hear it (−1: no bots) and how many there are
        (−1: none of its own, it has those of the account).
    streams : Streams
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
    veto_marks: NDArray[np.int64]
    limit: NDArray[np.int64]
    hop_bound: NDArray[np.int64]
    visibility: NDArray[np.int64]
    wait: NDArray[np.int32]
    share: NDArray[np.int64]
    about: NDArray[np.int64]
    counter: NDArray[np.int64]
    brand: NDArray[np.int64]
    informs: NDArray[np.int64]
    loss: NDArray[np.int64]
    flags: NDArray[np.int64]
    auto: NDArray[np.int64]
    auto_whose: NDArray[np.int64]
    variant: NDArray[np.int64]
    mutation: NDArray[np.int64]
    network: NDArray[np.int64]
    carry: NDArray[np.int64]
    remind: NDArray[np.int64]
    bot_level: NDArray[np.int64]
    bot_audience: NDArray[np.int64]
    streams: Streams
    quota: NDArray[np.int64]
    capacity: NDArray[np.int64]
    constant: NDArray[np.int64]
    p0: NDArray[np.float64]
    ratio: NDArray[np.float64]
    dispersion: float


DECEPTIVE, CONVERTIBLE, PHISHING, COUNTER, RIDES, MEMBERS_ONLY = 1, 2, 4, 8, 16, 32

# Name and unit (bits) of the entries of `Tables.constant`; two are cumulative thresholds.
CONSTANT: tuple[tuple[str, int], ...] = (
    ("fatigue.base", 20), ("fatigue.step", 20), ("fatigue.max", 20), ("quota.obeyed", 32),
    ("group.prob", 32), ("reaction.opt_out", 32), ("reaction.complain_sum", 32),
    ("reaction.opt_out_aware", 32), ("reaction.complain_aware_sum", 32),
    ("reaction.filter", 32), ("trust.refused_loss", 20), ("landing.retry", 32),
)  # fmt: skip


def prob(p: float) -> int:
    """A probability in units of 2**-32."""
    return int(exact.to_fixed(p, exact.PROB_BITS))


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
        + RIDES * (message.footer > 0)
        + MEMBERS_ONLY * message.members_only
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
        table[c] = main_rule.wait_table(channel, message.mail_pace, cells)
    return table


def _constants(cells: dict[str, float]) -> NDArray[np.int64]:
    values = dict(cells)
    values["reaction.complain_sum"] = 1.0
    values["reaction.complain_aware_sum"] = (
        cells["reaction.opt_out_aware"] + cells["reaction.complain_aware"]
    )
    return np.array([exact.to_fixed(values[name], bits) for name, bits in CONSTANT], np.int64)


def _counter_of(names: Sequence[str], messages: Sequence[Message], q: int) -> int:
    """The first counter-message about message q; −1: none."""
    for k, message in enumerate(messages):
        if message.kind == "counter" and message.about == names[q]:
            return k
    return -1


def _autos(messages: Sequence[Message]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    contacts = [m.auto_contacts or NO_LIMIT for m in messages]
    whose = [("nobody", "members", "address_books").index(m.auto_send) for m in messages]
    return np.array(contacts, np.int64), np.array(whose, np.int64)


def network_columns(scenario: Scenario) -> list[int]:
    """Column of `State.using` of each message; −1 where it has no network effect."""
    columns, found = [], 0
    for message in scenario.messages.values():
        columns.append(found if message.network_effect > 0 else -1)
        found += message.network_effect > 0
    return columns


def message_ids(scenario: Scenario) -> list[int]:
    """64-bit ids of the messages, in file order."""
    return [message_id(name) for name in scenario.messages]


def _of_messages(scenario: Scenario) -> dict[str, NDArray[np.int64]]:
    """Columns with one entry a message."""
    messages, names = list(scenario.messages.values()), scenario.message_names
    brands = scenario.brands
    auto, auto_whose = _autos(messages)
    columns: dict[str, list[int]] = {
        "about": [names.index(m.about) if m.about else -1 for m in messages],
        "counter": [_counter_of(names, messages, q) for q in range(len(names))],
        "brand": [brands.index(m.brand) if m.brand else -1 for m in messages],
        "flags": [_flags(m) for m in messages],
        "variant": [names.index(m.variant) if m.variant else -1 for m in messages],
        "mutation": [prob(m.mutation) for m in messages],
        "network": network_columns(scenario),
        "quota": [m.push_quota or 0 for m in messages],
    }
    made = {name: np.array(column, np.int64) for name, column in columns.items()}
    share = np.array([_shares(m) for m in messages], np.int64)
    return {**made, "auto": auto, "auto_whose": auto_whose, "share": share}


OF_LEVERS = ("coefficient", "veto", "stage_slots", "veto_marks", "limit", "hop_bound", "bot_level",
             "bot_audience", "capacity")  # fmt: skip


def static_tables(scenario: Scenario) -> Tables:
    """What no lever changes; the other tables are empty (see `lever_tables.with_levers`)."""
    cells = scenario.cells
    p0, ratio = main_rule.fan_out_table(cells)
    visibility = [prob(cells[f"visibility.{c}"]) if c in FEED_CHANNELS else 0 for c in CHANNELS]
    streams, carry, remind = make_streams(scenario)
    return Tables(
        **{name: np.zeros(0, np.int64) for name in OF_LEVERS},
        **_of_messages(scenario),
        streams=streams,
        carry=carry,
        remind=remind,
        visibility=np.array([*visibility, 0], np.int64),
        wait=np.stack([_waits(m, cells) for m in scenario.messages.values()]),
        informs=_informs(scenario),
        loss=_losses(scenario),
        constant=_constants(cells),
        p0=p0,
        ratio=ratio,
        dispersion=float(cells["fan_out.dispersion"]),
    )
