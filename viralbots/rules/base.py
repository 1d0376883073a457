"""What all rules share: parameters with their sources, what they read, a card for people.

A rule is a model (`viralbots.world.message.Strict`) with a field ``kind``; the field's word is
its name in `viralbots.rules.RULES`. The simulator of a rule is looked up by the same word
(`viralbots.engine.other_rules.SIMULATORS`; the main rule needs no entry there).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from viralbots.errors import Problem
from viralbots.rules.decision_table import Mark
from viralbots.world.message import Strict

ALL = ("*",)
Contagion = Literal["simple", "complex", "none"]


@dataclass(frozen=True)
class Reads:
    """Fields of a scenario that a rule reads; every other one is refused in a file.

    Attributes
    ----------
    message, wave : tuple of str
        Names of fields of a message and of a wave of seeding.
    interventions, bots : tuple of str
        Kinds of interventions and of bots.
    cells : tuple of str
        Cells of the decision table, or their first words (``forward``).
    """

    message: tuple[str, ...] = ALL
    wave: tuple[str, ...] = ALL
    interventions: tuple[str, ...] = ALL
    cells: tuple[str, ...] = ALL
    bots: tuple[str, ...] = ALL


@dataclass(frozen=True)
class Origin:
    """Where the default of a parameter comes from, and what is worth trying.

    Attributes
    ----------
    mark : str
        measured, derived or assumed, as in the decision table; ``simulated``: the value of a
        published simulation.
    low, high : float or None
        Range worth exploring; None where it is no number.
    source : str
    """

    mark: Mark | Literal["simulated"]
    source: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Card:
    """A rule in plain words.

    Attributes
    ----------
    label, spreads, leaves_out : dict of str
        Name; what spreads and how; what it leaves out; by language (``en``, ``zh``).
    contagion : {"simple", "complex", "none"}
        simple: one contact may be enough; complex: several different ones are needed, or help;
        none: nothing passes from one to the other.
    """

    label: Mapping[str, str]
    spreads: Mapping[str, str]
    leaves_out: Mapping[str, str]
    contagion: Contagion


class Rule(Strict):
    """Why a user passes something on; every rule has its own fields."""

    if TYPE_CHECKING:
        kind: str  # each rule declares its own word
    card: ClassVar[Card]
    reads: ClassVar[Reads]
    origins: ClassVar[Mapping[str, Origin]] = {}
    """Of every field but ``kind`` and ``cells``, by name."""
    starts_by_itself: ClassVar[bool] = False
    """Messages need no wave of seeding."""
    max_users: ClassVar[int | None] = None
    max_messages: ClassVar[int | None] = None

    def crowded(self, n_users: int) -> Iterator[Problem]:
        """The problem of a world with more users than the rule can have."""
        if self.max_users is not None and n_users > self.max_users:
            kind = self.kind
            text = f"rule {kind!r} takes at most {self.max_users} users, got {n_users}"
            values = {"rule": kind, "le": self.max_users, "got": n_users}
            yield Problem("", "too_many_for_rule", text, values)

    def dynamic(self) -> dict[str, Any]:
        """What decides the result, defaults filled in (`Scenario.identity`)."""
        return self.model_dump(mode="json")
