"""What would have had to be different? The smallest change of each term that turns a decision.

Everything is found on the integers of the model, so the change named turns the decision and
the next smaller one does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from viralbots import exact
from viralbots.experiments.decision import ONE, Decision, TermValue, VetoStory
from viralbots.rules.constants import DECLARED
from viralbots.rules.decision_table import VARIABLES
from viralbots.rules.main_rule import senders_value, tie_value

# Largest step of each variable on the grid that it is varied on (`step_of`), from its least.
_RANGES: dict[str, tuple[int, int]] = {
    "tie": (0, exact.TIE_LEVELS), "fatigue": (0, 3 * ONE), "repeats": (0, 29),
    "skill": (-6 * ONE, 6 * ONE), "senders": (1, 4), "match": (0, 4095), "aware": (0, 1),
    "distrust": (0, ONE), "threat": (0, 4096), "reputation": (0, 4096), "deceived": (0, 1),
    "was_read": (0, 1), "using": (0, 1 << 16), "not_using": (0, 1 << 16),
    "rival_using": (0, 1 << 16),
}  # fmt: skip


@dataclass(frozen=True)
class Flip:
    """One way in which a decision would have gone the other way, all else being equal.

    Attributes
    ----------
    cell : str or None
        The term's cell; None where only a veto stands between decision and outcome.
    veto : str or None
        Without this veto it would have gone the other way; beside a ``cell``, the veto that
        would stop it all the same.
    change, contribution : int
        Smallest change of the term's contribution that turns the decision, and what the
        contribution then is, in units of 2**-20.
    coefficient : int or None
        The term's coefficient that does it, the variable being what it is; None where the
        variable is 0.
    weight : float or None
        The value of the cell that does it.
    size : float
        Change of the cell relative to its range; inf where no value does it.
    quantity : str or None
        A variable or a property of the message that can do it alone.
    step : int or None
        Its value on its grid (`step_of`); None for properties.
    amount_now, amount : float or None
        The quantity in its own unit, now and as needed.
    """

    cell: str | None
    veto: str | None
    change: int = 0
    contribution: int = 0
    coefficient: int | None = None
    weight: float | None = None
    size: float = math.inf
    quantity: str | None = None
    step: int | None = None
    amount_now: float | None = None
    amount: float | None = None


def what_would_change(decision: Decision) -> list[Flip]:
    """The smallest change of every term that turns the decision, the easiest first.

    Sorted by the change of the cell relative to its range. Where a veto stopped what the
    decision let through, the only entry says so: no term would have helped.
    """
    stopping = next((veto for veto in decision.vetoes if veto.succeeded), None)
    if decision.succeeded and stopping is not None:
        return [_without(stopping)]
    change = needed_change(decision)
    veto = None if decision.succeeded or stopping is None else stopping.name
    flips = [_flip(decision, term, change, veto) for term in decision.terms]
    return sorted(flips, key=lambda flip: (flip.size, flip.cell))


def _without(veto: VetoStory) -> Flip:
    return Flip(cell=None, veto=veto.name)


def needed_change(decision: Decision) -> int:
    """Smallest change of the log-odds that turns the draw's verdict, in units of 2**-20."""
    low, high = -(exact.SIGMOID_LIMIT * ONE) - 1, exact.SIGMOID_LIMIT * ONE
    while high - low > 1:  # never at low, always at high
        middle = (low + high) // 2
        if decision.draw < exact.sigmoid(middle):
            high = middle
        else:
            low = middle
    return (low if decision.succeeded else high) - decision.log_odds


def _flip(decision: Decision, term: TermValue, change: int, veto: str | None) -> Flip:
    contribution = term.contribution + change
    bits = 0 if term.variable is None else VARIABLES[term.variable]
    coefficient = _other_factor(term.value, contribution, bits, change > 0)
    weight, size = None, math.inf
    if coefficient is not None:
        weight = term.weight * coefficient / term.coefficient
        cell = DECLARED[term.cell]
        size = abs(weight - term.weight) / (cell.high - cell.low)
    step, amount = _quantity(decision, term, coefficient)
    is_known = amount is not None
    return Flip(
        term.cell, veto, change, contribution, coefficient, weight, size,
        term.quantity if is_known else None, step, term.amount if is_known else None, amount,
    )  # fmt: skip


def _other_factor(value: int, needed: int, bits: int, upward: bool) -> int | None:
    """The factor c nearest to the present one with `exact.term` (c, value) past ``needed``.

    >>> _other_factor(3, 10, 0, True), _other_factor(3, 10, 0, False), _other_factor(0, 1, 0, True)
    (4, 3, None)
    """
    if value == 0:
        return None
    half = (1 << bits) >> 1
    if upward:  # c · value + half ≥ needed << bits
        bound = (needed << bits) - half
        return -(-bound // value) if value > 0 else bound // value
    bound = ((needed + 1) << bits) - half - 1  # c · value ≤ bound
    return bound // value if value > 0 else -(-bound // value)


# -- quantities in their own units ---------------------------------------------------------


def _quantity(
    decision: Decision, term: TermValue, coefficient: int | None
) -> tuple[int | None, float | None]:
    """Step and amount of the term's quantity that turn the decision; (None, None) if none."""
    if term.quantity is None:
        return None, None
    if term.variable is None:
        assert coefficient is not None  # a constant term has the value 1
        amount = _property(term, coefficient)
        highest = math.inf if term.quantity in ("reward", "price") else 1.0
        return (None, amount) if 0 <= amount <= highest else (None, None)
    step = _needed_step(decision, term.quantity)
    return (None, None) if step is None else (step, amount_at(term.quantity, step))


def _property(term: TermValue, coefficient: int) -> float:
    """The message's property that gives this coefficient (the formulas of `main_rule`)."""
    now = term.coefficient / ONE / term.weight
    then = coefficient / ONE / term.weight
    if term.quantity == "reward":
        return math.expm1(then)
    if term.quantity == "price":
        return 10 * math.expm1(then)
    if term.quantity in ("novelty", "ease"):
        sign = -1 if term.cell == "react.novelty" else 1
        return term.amount + sign * (then - now)
    return term.amount * then / now


def _needed_step(decision: Decision, quantity: str) -> int | None:
    """The nearest step that turns the decision while the step before it does not."""

    def turns(step: int) -> bool:
        verdict = decision.draw < exact.sigmoid(log_odds_with(decision, quantity, step))
        return verdict != decision.succeeded

    now, found = step_of(quantity, decision.variables[quantity]), []
    for end in _RANGES[quantity]:
        if end != now and turns(end):
            found.append(_first(turns, now, end))
    return min(found, key=lambda step: abs(step - now), default=None)


def _first(turns: Callable[[int], bool], now: int, end: int) -> int:
    """Between ``now``, which does not turn, and ``end``, which does: the boundary."""
    while abs(end - now) > 1:
        middle = (now + end) // 2
        if turns(middle):
            end = middle
        else:
            now = middle
    return end


def log_odds_with(decision: Decision, quantity: str, step: int) -> int:
    """Log-odds with one variable different, and what follows from it."""
    changed = {**decision.variables, quantity: value_at(quantity, step)}
    if changed["paid"]:
        changed["paid_distance"] = (1 << exact.TIE_BITS) - changed["tie"]
    changed["reputation_aware"] = changed["reputation"] * changed["aware"]
    return sum(term.contribution_at(changed) for term in decision.terms)


def step_of(quantity: str, value: int) -> int:
    """A variable's step: tie in levels, senders as n, everything else its integer value."""
    if quantity == "tie":
        return round(value * exact.TIE_LEVELS / (1 << exact.TIE_BITS))
    if quantity == "senders":
        return min(range(1, 5), key=lambda n: abs(senders_value(n) - value))
    return value


def value_at(quantity: str, step: int) -> int:
    """Inverse of `step_of`.

    >>> all(step_of("tie", value_at("tie", level)) == level for level in range(241))
    True
    """
    if quantity == "tie":
        return tie_value(step)
    return senders_value(step) if quantity == "senders" else step


def amount_at(quantity: str, step: int) -> float:
    """A step in the unit of the quantity."""
    if quantity == "senders":
        return float(step)
    if quantity == "tie":
        return step / exact.TIE_LEVELS
    return step / (1 << VARIABLES[quantity])
