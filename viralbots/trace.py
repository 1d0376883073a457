"""What happened: who got what from whom, when and by which channel.

The narrow waist: everything upstream exists to produce a `Trace`, everything downstream
only reads one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LEVELS = ("series", "adoptions", "deliveries")

# Flags of `Trace.state`, one word per user and message.
HEARD, READ, AWARE, DETECTED = 1 << 20, 1 << 21, 1 << 22, 1 << 23
DECEIVED, CORRECTED, CONVERTED, FORWARDED = 1 << 24, 1 << 25, 1 << 26, 1 << 27
REACTED, OPTED_OUT, REQUESTED = 1 << 28, 1 << 29, 1 << 30

# How an adopter came to send it (`kind` in `ADOPTION`).
DECIDED, SEED, COUNTER_START, INVOLUNTARY, MUTATED = 0, 1, 2, 3, 4

# What became of a delivery: the lowest two bits of its outcome.
FATE_STOPPED, FATE_IGNORED, FATE_READ = 0, 1, 2

# How a delivery came about (`flags` in `DELIVERY`).
PAID, GROUP, FOOTER, BRAND, REPEAT, AUTO = 1, 2, 4, 8, 16, 32
FLAGS = {
    "paid": PAID, "group": GROUP, "footer": FOOTER, "brand": BRAND, "repeat": REPEAT, "auto": AUTO,
}  # fmt: skip

# Who is what at the end of a run (`Trace.marks`).
MARK_PAID, MARK_BOT, MARK_REMOVED = 1, 2, 4

# Columns of `Trace.series` and `Trace.totals`, counted per message.
COUNTS = (
    "delivered", "stopped", "reach", "readings", "readers", "detections", "deceived",
    "corrected", "deceived_minutes", "converts", "forwards", "seeds", "counter_starts",
    "opt_outs", "complaints", "filters", "sent", "censored", "requests", "refused",
    "vetoed_forwards", "by_brand", "emitted", "mutations", "involuntary",
)  # fmt: skip

ADOPTION = np.dtype(
    [
        ("minute", "i4"),
        ("user", "i4"),
        ("source", "i4"),  # −1: a seed, a brand's delivery or a counter-message begun
        ("n_sent", "i4"),  # recipients, those beyond the horizon included
        ("message", "u1"),
        ("channel", "u1"),  # index into CHANNELS by which it went out; 255: none
        ("kind", "u1"),  # DECIDED … MUTATED
        ("by_brand", "u1"),  # 1: decided at a delivery without a sender
        ("hops", "u2"),  # forwards behind the copy at which she adopted; seeds 0
        ("mark", "u2"),  # MARK_PAID | MARK_BOT at that minute
    ]
)
CONVERT = np.dtype(
    [
        ("minute", "i4"),
        ("user", "i4"),
        ("source", "i4"),  # −1: a brand, or a member from the start
        ("message", "u1"),
        ("channel", "u1"),  # by which the offer came; 255: a member from the start
        ("hops", "u2"),
    ]
)
DELIVERY = np.dtype(
    [
        ("minute", "i4"),
        ("user", "i4"),
        ("source", "i4"),  # −1: a brand
        ("outcome", "u2"),  # bits as in docs/exactness.md
        ("repeat", "u2"),
        ("message", "u1"),
        ("channel", "u1"),
        ("level", "u1"),
        ("flags", "u1"),  # of FLAGS
    ]
)


@dataclass(frozen=True)
class Trace:
    """The record of one run.

    Attributes
    ----------
    identity : str
        Hash of the scenario's dynamic fields and the engine version.
    seed, replicate : int
        Random seed and replicate number.
    messages : tuple of str
        Names, in the order of all message columns.
    n_users, horizon : int
        Users and minutes simulated.
    digest : str
        SHA-256 over all deliveries, independent of the trace level (model §8).
    totals : int64[n_messages, len(COUNTS)]
        Final counts. ``deceived_minutes`` is complete up to the horizon.
    series : int64[hours + 1, n_messages, len(COUNTS)]
        Counts from the start up to the end of each hour; row 0 is before the start.
    state : uint32[n, n_messages] or None
        Outcome flags per user (`HEARD` …); bits 0–11 the match m in 2**-12, 12–14 the number
        of distinct senders, 15–19 readings. None at level *series*.
    distrust : int32[n, n_brands]
        Lost trust 1 − T at the end of the run in units of 2**-20.
    brands : tuple of str
        Names of the columns of ``distrust``.
    adoptions : ADOPTION[…]
        In order of minute (then user key, message). Empty at level *series*.
    converts : CONVERT[…]
        Who took up or fell for what, when and through whom, in the order of ``adoptions``.
        Empty at level *series*.
    marks : uint8[n] or None
        Bits `MARK_PAID`, `MARK_BOT` (at some minute), `MARK_REMOVED` (at the end); None where
        nobody has one.
    deliveries : DELIVERY[…] or None
        Every delivery in the order handled; None below level *deliveries*.
    watch_log : int64[k, …] or None
        Inputs and draws of every decision of watched users, in the columns of
        `viralbots.engine.state.WATCH_COLUMNS` (`viralbots.experiments.replay`).
    facts : dict
        ``world``: facts of the world; ``messages``: `Message.facts` of each; what metrics need
        besides: `viralbots.scenario.facts.facts_of`.
    started : tuple of int
        Minute at which each of `Scenario.actors` began or was to begin; −1: never.
    """

    identity: str
    seed: int
    replicate: int
    messages: tuple[str, ...]
    n_users: int
    horizon: int
    digest: str
    totals: NDArray[np.int64]
    series: NDArray[np.int64]
    state: NDArray[np.uint32] | None
    distrust: NDArray[np.int32]
    brands: tuple[str, ...]
    adoptions: NDArray[np.void]
    converts: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, CONVERT))
    marks: NDArray[np.uint8] | None = None
    deliveries: NDArray[np.void] | None = None
    watch_log: NDArray[np.int64] | None = None
    facts: dict[str, object] = field(default_factory=dict)
    started: tuple[int, ...] = ()

    def total(self, count: str, message: int = 0) -> int:
        """One final count of `COUNTS` for one message."""
        return int(self.totals[message, COUNTS.index(count)])

    def hourly(self, count: str, message: int = 0) -> NDArray[np.int64]:
        """One count of `COUNTS` over time, int64[hours + 1]."""
        return self.series[:, message, COUNTS.index(count)]

    def flag(self, flag: int, message: int = 0) -> NDArray[np.bool_]:
        """Users with a flag set for one message, bool[n].

        Raises
        ------
        ValueError
            The trace was kept at level *series*.
        """
        if self.state is None:
            raise ValueError("this trace was kept at level 'series'; run again at 'adoptions'")
        return (self.state[:, message] & np.uint32(flag)) != 0
