"""One decision in all its parts: terms, draw, vetoes, and what it came to.

Log-odds are integers in units of 2**-20, probabilities and draws of 2**-32 (model §2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from viralbots import exact
from viralbots.rules.constants import DECLARED
from viralbots.rules.decision_table import VARIABLES
from viralbots.rules.main_rule import Term

ONE = 1 << exact.LOG_ODDS_BITS


@dataclass(frozen=True)
class TermValue:
    """One term of a decision and what it came to.

    Attributes
    ----------
    cell, group : str
        Cell of the decision table; incentive, ease, network or resistance.
    weight : float
        The cell's value at that minute for this user, overrides and levers applied.
    coefficient : int
        Weight × the message's properties, in units of 2**-20.
    variable : str or None
        Key of `VARIABLES`; None for a term without one.
    value : int
        Of the variable, in its units; 1 without one.
    contribution : int
        To the log-odds, in units of 2**-20.
    quantity : str or None
        What can be imagined different: the variable, or a property of the message; None for
        a constant and for a variable that follows from another.
    amount : float
        The quantity in its own unit (1 where there is none).
    """

    cell: str
    group: str
    weight: float
    coefficient: int
    variable: str | None
    value: int
    contribution: int
    quantity: str | None
    amount: float

    @property
    def factor(self) -> float:
        """What the weight is multiplied with: properties and variable together."""
        return self.contribution / ONE / self.weight

    def contribution_at(self, variables: Mapping[str, int]) -> int:
        """Contribution with other variables."""
        return Term(self.cell, self.coefficient, self.variable).value(variables)


@dataclass(frozen=True)
class VetoStory:
    """A second draw that may stop what a decision let through (model §2, §7 b).

    Attributes
    ----------
    name : str
        ``recall``, or as the lever is called (``filter``, ``accuracy_prompt``).
    slot : int
        Part of the draw's address.
    probability, draw : int
        In units of 2**-32.
    succeeded : bool
        The draw is below the probability: it stops the decision.
    """

    name: str
    slot: int
    probability: int
    draw: int
    succeeded: bool


@dataclass(frozen=True)
class MutationStory:
    """Whether what she passes on turns into its variant (docs/exactness.md, step 7).

    Attributes
    ----------
    variant : str
        The message that it may turn into.
    probability, draw : int
        In units of 2**-32.
    happened : bool
        The draw is below the probability, and she had not passed the variant on before.
    """

    variant: str
    probability: int
    draw: int
    happened: bool


@dataclass(frozen=True)
class Decision:
    """One decision at one delivery.

    Attributes
    ----------
    name : str
        read, detect, convert, fall, forward or react.
    terms : tuple of TermValue
    log_odds : int
        Sum of the contributions, exactly as the kernel had it.
    probability, draw : int
        σ(log-odds) and the addressed draw, in units of 2**-32.
    succeeded : bool
        ``draw < probability``.
    vetoes : tuple of VetoStory
        In the order looked at, up to the first that succeeds. Where the decision failed they
        were not looked at; here stands what they would have said.
    outcome : bool
        Succeeded and not vetoed.
    variables : dict
        Value of every variable at that moment, in its units (`VARIABLES`); ``paid`` is 1
        where the sender is paid.
    mutation : MutationStory or None
        Of a forward that came about, where the message has a variant.
    """

    name: str
    terms: tuple[TermValue, ...]
    log_odds: int
    probability: int
    draw: int
    succeeded: bool
    vetoes: tuple[VetoStory, ...]
    outcome: bool
    variables: dict[str, int]
    mutation: MutationStory | None = None

    @property
    def stopped_by(self) -> str | None:
        """The veto that stops it, or would have, had the decision succeeded."""
        return next((veto.name for veto in self.vetoes if veto.succeeded), None)


def term_values(
    terms: Iterable[Term],
    cells: Mapping[str, float],
    variables: Mapping[str, int],
    properties: Mapping[str, float],
) -> tuple[TermValue, ...]:
    """Terms with what they came to.

    Parameters
    ----------
    variables : mapping
        Values in the units of `VARIABLES`.
    properties : mapping
        The message's own numbers, by field.
    """
    return tuple(_term_value(term, cells, variables, properties) for term in terms)


# Which property of the message makes a term that has no variable; see `flips`.
PROPERTY = {
    "ad": "ad_intensity", "novelty": "novelty", "disguise": "disguise", "reward": "reward",
    "price": "price", "arousal": "arousal", "status": "status", "ease": "ease",
}  # fmt: skip
FOLLOWS = ("paid_distance", "reputation_aware")  # variables that follow from others


def _term_value(
    term: Term,
    cells: Mapping[str, float],
    variables: Mapping[str, int],
    properties: Mapping[str, float],
) -> TermValue:
    quantity: str | None
    if term.variable is None:
        value, quantity = 1, PROPERTY.get(DECLARED[term.cell].name.split(".")[1])
        amount = properties[quantity] if quantity else 1.0
    else:
        value = variables[term.variable]
        quantity = None if term.variable in FOLLOWS else term.variable
        amount = amount_of(term.variable, value)
    return TermValue(
        term.cell, term.group, cells[term.cell], term.coefficient, term.variable, value,
        term.value(variables), quantity, amount,
    )  # fmt: skip


def amount_of(variable: str, value: int) -> float:
    """A variable in its own unit; for ``senders`` the number n, not ln n.

    >>> amount_of("tie", 1 << 15), amount_of("senders", 726817)
    (0.5, 2.0)
    """
    amount = value / (1 << VARIABLES[variable])
    return float(round(float(exact.exp(amount)))) if variable == "senders" else amount
