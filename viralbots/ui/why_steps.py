"""The influences on one decision, and its numbers as they are read."""

from __future__ import annotations

import math
from dataclasses import dataclass

from viralbots.experiments import story_words as words
from viralbots.experiments.decision import ONE, Decision
from viralbots.rules.constants import DECLARED
from viralbots.ui.i18n import Texts

GROUPS = ("incentive", "ease", "network", "resistance")
TAKES_ITS_PLACE = ("read.footer", "read.group")  # of the constant
MANY = 1 << 32  # a probability of 1


@dataclass(frozen=True)
class Step:
    """One influence on a decision, in log-odds.

    Attributes
    ----------
    name, group : str
        The influence in the reader's language; one of `GROUPS`.
    adds : float
    mark : str
        How its size is known: measured, derived or assumed.
    """

    name: str
    group: str
    adds: float
    mark: str


def start_of(decision: Decision) -> int:
    """The log-odds from which a decision begins, before any influence, in units of 2**-20."""
    return sum(term.contribution for term in decision.terms if is_start(term.cell))


def is_start(cell: str) -> bool:
    """Whether a cell is where a decision begins, and no influence."""
    return cell.endswith(".const") or cell in TAKES_ITS_PLACE


def steps_of(t: Texts, decision: Decision) -> list[Step]:
    """What moved a decision, by group and the strongest first; what did not is left out.

    Terms of one cell are one influence.
    """
    adds: dict[str, int] = {}
    for term in decision.terms:
        if not is_start(term.cell):
            adds[term.cell] = adds.get(term.cell, 0) + term.contribution
    found = [
        Step(_name(t, cell), DECLARED[cell].group, value / ONE, DECLARED[cell].mark)
        for cell, value in adds.items() if value
    ]  # fmt: skip
    return sorted(found, key=lambda step: (GROUPS.index(step.group), -abs(step.adds)))


def idle_names(t: Texts, decision: Decision) -> list[str]:
    """Influences that could have moved it and did not."""
    moved = {term.cell for term in decision.terms if term.contribution}
    cells = (term.cell for term in decision.terms if not is_start(term.cell))
    return [_name(t, cell) for cell in dict.fromkeys(cells) if cell not in moved]


def _name(t: Texts, cell: str) -> str:
    return t(f"term.{cell.split('.')[1]}")


def signed(value: float) -> str:
    """A step for reading.

    >>> signed(0.804), signed(-1.2)
    ('+0.80', '−1.20')
    """
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")


def decimal(value: float) -> str:
    """A level for reading: two decimals and a real minus sign."""
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def odds_of(probability: float) -> float:
    """Log-odds of a probability, finite at 0 and 1."""
    p = min(max(probability, 0.5 / MANY), 1 - 0.5 / MANY)
    return math.log(p / (1 - p))


def draw_text(decision: Decision, lang: str) -> str:
    """The draw in per cent, as exactly as it takes to tell it from the chance.

    A draw that rounds to 0 % or 100 % is not shown as that.
    """
    shown = words.percent(decision.draw, lang)
    gap = "" if lang == "zh" else "\N{NO-BREAK SPACE}"
    digits = 2
    while shown == words.percent(decision.probability, lang) and digits < 9:
        digits += 1
        shown = f"{100 * decision.draw / MANY:.{digits}f}{gap}%"
    return shown
