"""Figures of the risk page in words: amounts with their unit, and what they mean for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from viralbots.experiments.summary import Summary
from viralbots.metrics import METRICS, UNITS
from viralbots.metrics.harm import ADDITIVE, HARM, leading
from viralbots.scenario import Scenario
from viralbots.ui.i18n import Texts, number, rounded, span

PERCENT = ("share", "yes or no")
WHOLE = ("users", "adopters", "complaints", "contacts", "requests", "distress")
BARE = (*PERCENT, "ratio", "trust", "per 1000")
"""Units that the number itself, or the name of the figure, already says."""
OWN_UNITS = ("users", "person-hours", "distress")
COLOURS = {"fine": "green", "amber": "orange", "red": "red"}


def level(name: str, value: float) -> str:
    """fine, amber or red where a norm exists; none elsewhere.

    Examples
    --------
    >>> level("complaints_per_1000", 2.0), level("deceived", 1e6)
    ('amber', 'none')
    """
    limits = METRICS[name].thresholds
    if limits is None or value != value:
        return "none"
    return "red" if value > limits[1] else "amber" if value > limits[0] else "fine"


def bare(name: str, value: float) -> str:
    """A figure without its unit."""
    unit = METRICS[name].unit
    if value != value:
        return "–"
    if unit in PERCENT:
        return f"{rounded(100 * value)}\u00a0%"
    return number(value) if unit in WHOLE and abs(value) >= 10 else rounded(value)


def amount(t: Texts, name: str, value: float) -> str:
    """A figure with its unit."""
    unit, shown = METRICS[name].unit, bare(name, value)
    if unit == "ratio" and value == value:
        return f"{shown} ×"
    if unit in BARE or value != value:
        return shown
    word = t(f"risk.unit.{unit}") if unit in OWN_UNITS else UNITS[unit][t.lang]
    return f"{shown} {word}"


def interval(name: str, summary: Summary) -> str:
    """From … to …, the 95 % interval of the mean; empty where there is none."""
    low, high = summary.low, summary.high
    if summary.n < 2 or low != low or high == low:
        return ""
    if not METRICS[name].is_signed:
        low, high = max(low, 0.0), max(high, 0.0)
    unit = METRICS[name].unit
    if unit in PERCENT:
        return f"{span(100 * low, 100 * min(high, 1.0))}\u00a0%"
    if unit in WHOLE and high >= 10:
        return f"{number(low)}–{number(high)}"
    return span(low, high)


# -- the harm that counts --------------------------------------------------------------------


def countable(scenario: Scenario, values: Mapping[str, Summary]) -> list[str]:
    """Harms of the main message that happened here; the one that the case is about first."""
    found = [m.name for m in HARM if m.direction == "bad" and m.unit not in PERCENT]
    if next(iter(scenario.messages.values())).phishing:
        found.insert(0, "converts")  # who falls for a trap
    found = [name for name in found if values[name].n and values[name].mean > 0]
    first = [name for name in _about(scenario) if name in found]
    return list(dict.fromkeys([*first, *found]))


def _about(scenario: Scenario) -> list[str]:
    """What a case is about, the most telling first."""
    message = next(iter(scenario.messages.values()))
    own = leading(scenario.own_harm) if scenario.own_harm else None
    # Who was hurt can be asked only of what adds up over people.
    found = [own.name] if own is not None and own.unit in ADDITIVE else []
    found += ["converts"] if message.phishing else []
    found += ["deceived"] if message.is_deceptive else []
    found += ["distress"] if message.threat else []
    return [*found, "person_hours_wasted"]


def harm_label(t: Texts, name: str) -> str:
    """The name of a harm; converts are victims where they are one."""
    return t("risk.victims") if name == "converts" else METRICS[name].label[t.lang]


# -- what it means for a person ----------------------------------------------------------------


def meaning(t: Texts, name: str, metrics: Mapping[str, Summary], n_users: int) -> str:
    """One plain sentence of what a figure means for people."""
    value = metrics[name].mean
    known = t.get(f"risk.means.{name}")
    if value != value or known is None:
        return METRICS[name].sentence[t.lang]
    if value == 0:
        return t.get(f"risk.none.{name}") or t("risk.none.all")
    return known.format(**_numbers(name, value, metrics, n_users))


def _numbers(name: str, value: float, metrics: Mapping[str, Summary], n: int) -> dict[str, Any]:
    deceived, reach = metrics["deceived"].mean, metrics["reach"].mean
    adopters = metrics["size"].mean
    return {
        "v": bare(name, value),
        "hundred": _of_many(100 * value / n),
        "thousand": _of_many(1000 * value / n),
        "each": rounded(value / deceived) if deceived else "–",
        "minutes": rounded(60 * value / reach) if reach else "–",
        "work": rounded(60 * value / adopters) if adopters else "–",
    }


def _of_many(value: float) -> str:
    """How many of a hundred or a thousand: whole people, but for few."""
    return number(value) if value >= 10 else rounded(round(value, 2))
