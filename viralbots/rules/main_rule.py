"""From the decision table to integer log-odds: the terms of one decision (model §2).

Kernel, reference and explanation all start from `terms`, so a new influence is one more
line here and one more cell in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viralbots import exact
from viralbots.rules.constants import DECLARED
from viralbots.rules.decision_table import CHANNEL_EFFORT, DECISIONS, VARIABLES
from viralbots.world.message import Message
from viralbots.world.world import FEED_CHANNELS

Cells = Mapping[str, float]


@dataclass(frozen=True)
class Term:
    """One term of a decision's log-odds: coefficient × variable.

    Attributes
    ----------
    cell : str
        The cell of the decision table it comes from.
    coefficient : int
        In units of 2**-20, the message's properties multiplied in.
    variable : str or None
        Key of `VARIABLES`; None for a constant term.
    """

    cell: str
    coefficient: int
    variable: str | None = None

    @property
    def group(self) -> str:
        """incentive, ease, network or resistance."""
        return DECLARED[self.cell].group

    def value(self, variables: Mapping[str, int]) -> int:
        """Contribution to the log-odds in units of 2**-20."""
        if self.variable is None:
            return self.coefficient
        bits = VARIABLES[self.variable]
        amount = variables[self.variable]
        if bits == 0:
            return self.coefficient * int(amount)
        return exact.term(self.coefficient, amount, bits)


def _log1p(x: float) -> float:
    return float(exact.log(1.0 + x))


def _read(c: Cells, m: Message, novelty: float) -> list[tuple[str, float, str | None]]:
    return [
        ("read.const", 1.0, None),
        ("read.ad", m.ad_intensity * (1 - m.disguise), None),
        ("read.novelty", novelty - 1, None),
        ("read.tie", 1.0, "tie"),
        ("read.fatigue", 1.0, "fatigue"),
        ("read.repeats", 1.0, "repeats"),
    ]


def _detect(c: Cells, m: Message, novelty: float) -> list[tuple[str, float, str | None]]:
    return [
        ("detect.const", 1.0, None),
        ("detect.disguise", m.disguise, None),
        ("detect.ad", m.ad_intensity, None),
        ("detect.false", float(m.is_false), None),
        ("detect.skill", 1.0, "skill"),
        ("detect.senders", 1.0, "senders"),
        ("detect.tie", 1.0, "tie"),
    ]


def _convert(c: Cells, m: Message, novelty: float) -> list[tuple[str, float, str | None]]:
    offer = [] if m.offer == "none" else [(f"convert.{m.offer}", 1.0, None)]
    paid = 0.0 if m.two_sided else 1 - m.disguise
    return [
        ("convert.const", 1.0, None),
        *offer,
        ("convert.reward", _log1p(m.reward), None),
        ("convert.ad", m.ad_intensity, None),
        ("convert.price", _log1p(m.price / 10), None),
        ("convert.match", m.value, "match"),
        ("convert.senders", 1.0, "senders"),
        ("convert.tie", 1.0, "tie"),
        ("convert.aware", 1.0, "aware"),
        ("convert.paid", paid, "paid_distance"),
        ("convert.distrust", 1.0, "distrust"),
        ("convert.network", m.network_effect, "using"),
        ("convert.rival", m.network_effect, "rival_using"),
    ]


def _fall(c: Cells, m: Message, novelty: float) -> list[tuple[str, float, str | None]]:
    return [("fall.const", 1.0, None), ("fall.tie", 1.0, "tie")]


def _forward(c: Cells, m: Message, novelty: float) -> list[tuple[str, float, str | None]]:
    shame = float(m.reward_visible and m.reward > 0) + 0.5 * m.threat
    return [
        ("forward.const", 1.0, None),
        ("forward.reward", _log1p(m.reward), None),
        ("forward.arousal", m.arousal, None),
        ("forward.ad", m.ad_intensity, None),
        ("forward.novelty", novelty - 1, None),
        ("forward.status", m.status, None),
        ("forward.match", m.value, "match"),
        ("forward.tie", 1.0, "tie"),
        ("forward.senders", 1.0, "senders"),
        ("forward.aware", 1.0, "aware"),
        ("forward.threat", m.threat, "threat"),
        ("forward.fatigue", 1.0, "fatigue"),
        ("forward.reputation", shame, "reputation"),
        ("forward.reputation", 1.0, "reputation_aware"),
        ("forward.deceived", float(m.kind == "counter"), "deceived"),
        ("forward.network", m.network_effect, "not_using"),
    ]


def _react(c: Cells, m: Message, novelty: float) -> list[tuple[str, float, str | None]]:
    return [
        ("react.const", 1.0, None),
        ("react.ad", m.ad_intensity, None),
        ("react.novelty", 1 - novelty, None),
        ("react.aware", max(m.disguise, float(m.is_false)), "aware"),
        ("react.fatigue", 1.0, "fatigue"),
        ("react.threat", m.threat, "was_read"),
        ("react.tie", 1.0, "tie"),
        ("react.distrust", 1.0, "distrust"),
    ]


_MAKERS = dict(zip(DECISIONS, (_read, _detect, _convert, _fall, _forward, _react), strict=True))


def terms(
    decision: str, message: Message, channel: str, cells: Cells, novelty: float | None = None
) -> list[Term]:
    """Terms of one decision about one message on one channel.

    Parameters
    ----------
    decision : str
        One of `DECISIONS`. For ``forward`` the channel is the one it would go out by.
    cells : mapping
        Value of every cell, overrides and levers applied.
    novelty : float, optional
        Novelty now, where it wears off; the message's own otherwise.

    Returns
    -------
    list of Term
        Terms that are always zero are left out. On a GROUP delivery ``read.group`` and on
        a FOOTER delivery ``read.footer`` takes the place of ``read.const``.
    """
    factors = _MAKERS[decision](cells, message, message.novelty if novelty is None else novelty)
    if decision == "forward":
        factors.append(
            ("forward.ease", message.ease - CHANNEL_EFFORT.get(channel, 0.0) + 0.15, None)
        )
        factors.append(("forward.public", float(channel in FEED_CHANNELS), None))
    made = [
        Term(cell, int(exact.to_fixed(cells[cell] * factor, exact.LOG_ODDS_BITS)), variable)
        for cell, factor, variable in factors
    ]
    return [term for term in made if term.coefficient]


def tie_value(level: int) -> int:
    """Tie strength of a level 0 … 240 in units of 2**-16.

    >>> tie_value(240) == 1 << 16, tie_value(0)
    (True, 0)
    """
    return int(exact.to_fixed(level / exact.TIE_LEVELS, exact.TIE_BITS))


def senders_value(n: int) -> int:
    """ln n in units of 2**-20 for n = 1 … 4.

    >>> senders_value(1)
    0
    """
    return int(exact.to_fixed(exact.log(float(n)), exact.LOG_ODDS_BITS))


def fan_out_table(cells: Cells) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First probability and ratio of the fan-out law for every sociability index.

    Returns
    -------
    p0 : float64[4096]
        Probability of no recipient beyond the first, (r/(r + μ))**r with μ = mean · soc.
    ratio : float64[4096]
        μ/(r + μ), the factor from one term of the law to the next (see `fan_out`).
    """
    mean = cells["fan_out.mean"] * exact.lognormal_quantiles(-0.125, 0.5)
    r = cells["fan_out.dispersion"]
    return exact.exp(r * (exact.log(np.float64(r)) - exact.log(r + mean))), mean / (r + mean)


def fan_out(draw: int, p0: float, ratio: float, dispersion: float) -> int:
    """Recipients of one push send: 1 + NegBin by inverse sum from one draw (model §2.5).

    Parameters
    ----------
    draw : int
        32-bit draw.
    p0, ratio : float
        Entries of `fan_out_table` at the sender's sociability.

    >>> fan_out(0, 0.5, 0.5, 0.6)
    1
    """
    u = (draw + 0.5) / 4294967296.0
    p = p0
    total = p
    k = 0
    while u > total and k < 1000:
        p = p * ((k + dispersion) / (k + 1.0)) * ratio
        total = total + p
        k += 1
    return 1 + k


def inverse_activity() -> NDArray[np.int64]:
    """1/act for every activity index in units of 2**-16, int64[4096] (model §2.7)."""
    return exact.to_fixed(exact.lognormal_quantiles(0.0, 0.7)[::-1], 16)


def wait_table(channel: str, pace: str, cells: Cells) -> NDArray[np.int64]:
    """Quantiles of the wait in tenths of active minutes, int64[4096] (model §2.7).

    The spread of the recipients' activity (log-sd .7) is taken out, so that the population
    as a whole has the channel's median and spread.
    """
    marketing = channel == "email" and pace == "marketing"
    median = cells["wait.marketing" if marketing else f"wait.{channel}"]
    sigma = cells["wait.sigma_marketing" if marketing else "wait.sigma"]
    spread = float(np.sqrt(max(sigma * sigma - 0.49, 0.0)))
    tenths = 10.0 * exact.lognormal_quantiles(float(exact.log(median)), spread)
    return exact.to_fixed(np.minimum(tenths, 2.0**31 - 1), 0)  # 400 years are enough
