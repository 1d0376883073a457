"""What a replay finds: one user's deliveries, and every decision term by term.

Plain frozen records that `viralbots.experiments.replay` fills, `flips` varies and `story`
tells. Log-odds are integers in units of 2**-20, probabilities and draws of 2**-32 (model §2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from viralbots import exact
from viralbots.rules.constants import DECLARED
from viralbots.rules.decision_table import VARIABLES
from viralbots.rules.main_rule import Term

Fate = Literal["stopped", "ignored", "read"]
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

    @property
    def stopped_by(self) -> str | None:
        """The veto that stops it, or would have, had the decision succeeded."""
        return next((veto.name for veto in self.vetoes if veto.succeeded), None)


@dataclass(frozen=True)
class DeliveryStory:
    """One arrival and everything decided at it.

    Attributes
    ----------
    minute : int
    source : int or None
        User who sent it; None: a brand or the platform.
    message, channel : str
    tie : float
        Strength w, 0 … 1.
    repeat : int
        How often this sender had sent it to her before.
    flags : tuple of str
        Of paid, group, footer, brand.
    fate : {"stopped", "ignored", "read"}
    stopped_by : str or None
        A veto's name, or opt_out, filter_installed or removed.
    vetoes : tuple of VetoStory
        Those at delivery.
    decisions : tuple of Decision
    knew : bool
        She knew what it is before she could see through it at this reading.
    reaction : str or None
        opt_out, complain or counter.
    has_filtered : bool
        Her opt-out installed a filter against all brands.
    is_request : bool
        Her conversion is a request to a landing of limited capacity.
    out_channel : str or None
        Channel by which she forwards, if she does.
    """

    minute: int
    source: int | None
    message: str
    channel: str
    tie: float
    repeat: int
    flags: tuple[str, ...]
    fate: Fate
    stopped_by: str | None
    vetoes: tuple[VetoStory, ...]
    decisions: tuple[Decision, ...]
    knew: bool
    reaction: str | None
    has_filtered: bool
    is_request: bool
    out_channel: str | None

    def decision(self, name: str) -> Decision | None:
        """The decision of that name, if it was taken here."""
        return next((d for d in self.decisions if d.name == name), None)


@dataclass(frozen=True)
class AdoptionStory:
    """One adoption: ``kind`` is decided, seed or counter (a counter-message begun)."""

    minute: int
    message: str
    source: int | None
    channel: str | None
    kind: Literal["decided", "seed", "counter"]
    n_sent: int
    is_paid: bool


@dataclass(frozen=True)
class EventStory:
    """Something that an intervention did to her: ``kind`` as of `UserEvent`."""

    minute: int
    kind: str
    message: str | None


@dataclass(frozen=True)
class UserStory:
    """Everything that happened to one user in one run, in the order it happened."""

    user: int
    deliveries: tuple[DeliveryStory, ...]
    adoptions: tuple[AdoptionStory, ...]
    events: tuple[EventStory, ...]

    @property
    def is_paid(self) -> bool:
        """She began as a paid writer."""
        return any(adoption.is_paid for adoption in self.adoptions)

    def decisions(self, name: str) -> list[tuple[DeliveryStory, Decision]]:
        """Every decision of one name, with the delivery at which it was taken."""
        return [(d, found) for d in self.deliveries if (found := d.decision(name)) is not None]


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
