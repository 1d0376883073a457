"""The harm ledger (model §8): what it does to people, beside every benefit.

=====  ================================================  ====================
entry  what                                              file
=====  ================================================  ====================
H1     deceived people and hours                         `deception`
H2     messages nobody asked for                         `load`
H3     complaints                                        `load`
H4     the vulnerable against the others                 `vulnerable`
H5     people's time                                     `hours`
H6     what it costs others / what it brings             `outside`
H7     contacts' data without consent                    `privacy`
H8     involuntary spreaders and receivers               `involuntary`
H9     concentration of gains                            `concentration`
H10    trust lost, people who leave                      `standing`
H11    distress, minors apart                            `vulnerable`
H12    support that is made up                           `standing`
H13    service that fails                                `standing`
H14    correction coverage                               `deception`
H15    consent                                           `load`
H16    donated work                                      `hours`
=====  ================================================  ====================

All are computed for every message of every run; `shown` says which are shown unasked. An
entry may have several metrics: the first one listed stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from viralbots.metrics.base import Metric, ratio
from viralbots.metrics.harm.backlash import BACKLASH
from viralbots.metrics.harm.concentration import CONCENTRATION
from viralbots.metrics.harm.deception import DECEPTION
from viralbots.metrics.harm.hours import HOURS
from viralbots.metrics.harm.involuntary import UNWILLING
from viralbots.metrics.harm.load import LOAD
from viralbots.metrics.harm.outside import OUTSIDE
from viralbots.metrics.harm.privacy import PRIVACY
from viralbots.metrics.harm.standing import STANDING
from viralbots.metrics.harm.vulnerable import VULNERABLE

CODES = tuple(f"H{number}" for number in range(1, 17))
ALWAYS_SHOWN = ("H1", "H3", "H4", "H5")
"""Entries shown by default; the others are behind "all"."""
ADDITIVE = ("users", "person-hours", "complaints", "contacts", "money", "requests", "distress")
"""Units of what adds up over people, so that it has a meaning per convert."""


def _in_order(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """By entry, the backlash last; inside an entry as listed."""
    return tuple(sorted(metrics, key=lambda m: CODES.index(m.code) if m.code else len(CODES)))


HARM = _in_order((
    *DECEPTION, *LOAD, *VULNERABLE, *HOURS, *OUTSIDE, *PRIVACY, *UNWILLING, *CONCENTRATION,
    *STANDING, *BACKLASH,
))  # fmt: skip


def leading(code: str) -> Metric:
    """The metric that stands for an entry.

    >>> leading("H3").name
    'complaints_per_1000'
    """
    return next(metric for metric in HARM if metric.code == code)


def shown(own: str | None = None) -> tuple[str, ...]:
    """Names of the metrics shown by default: of `ALWAYS_SHOWN`, and of the case's own entry.

    Parameters
    ----------
    own : str, optional
        `Scenario.own_harm`.

    Examples
    --------
    >>> shown("H9")[-1]
    'gain_gini'
    """
    return tuple(leading(code).name for code in dict.fromkeys((*ALWAYS_SHOWN, own)) if code)


def per_convert(values: Mapping[str, float], message: str = "") -> dict[str, float]:
    """Harm for each user who took it up (fell for it), of what adds up over people.

    Parameters
    ----------
    values : mapping
        As `viralbots.metrics.evaluate` gives them.
    message : str
        A later message; the first otherwise.

    Returns
    -------
    dict
        By name of the metric; nan where nobody took it up.
    """
    suffix = f":{message}" if message else ""
    converts = values[f"converts{suffix}"]
    return {
        name: ratio(values[name], converts)
        for name in (m.name + suffix for m in HARM if m.unit in ADDITIVE and m.direction == "bad")
        if name in values
    }
