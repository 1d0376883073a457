"""What all interventions share: start, trigger, end, messages they hold for, what they cost."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from viralbots.errors import Problem
from viralbots.interventions.levers import CLASSES, Lever, Mark, is_class
from viralbots.world.message import Message, Strict, measured_in, refusal
from viralbots.world.shares import DEFAULT_SHARES, PopulationSpec

Minute = Annotated[int, measured_in("minutes", ge=0, le=2_000_000)]
Money = Annotated[float, measured_in("money", ge=0, le=1e12, allow_inf_nan=False)]
Quantity = Literal["complaints_per_1000", "counter_share", "organic_share", "reach_share",
                   "refused_share", "converts_share"]  # fmt: skip

MONEY_FIELDS = ("cost", "cost_per_day", "fine", "paid_by")
"""Fields that change no run, only its accounts: no part of a scenario's identity."""

ON_PURPOSE: tuple[Mark, ...] = ("paid", "footer", "brand", "repeat", "auto")
"""Marks of what is not one person telling another of her own will."""


def unknown_message(path: str, name: str, messages: Iterable[str]) -> Problem:
    """The problem of a message that does not exist."""
    given, known = name[:80], ", ".join(messages)
    text = f"no message is called {given!r}; there are: {known or 'none'}"
    return Problem(path, "unknown_message", text, {"given": given, "known": known})


def unknown_class(path: str, word: str) -> Problem:
    """The problem of a class of users that does not exist."""
    given, known = word[:80], ", ".join((*CLASSES, "community:7"))
    text = f"no class of users is called {given!r}; there are: {known}"
    return Problem(path, "unknown_class", text, {"given": given, "known": known})


def unknown_cell(path: str, name: str, known: Iterable[str]) -> Problem:
    """The problem of a cell of the decision table that does not exist."""
    given = name[:80]
    close = (difflib.get_close_matches(given, known, n=1) or [""])[0]
    text = f"no cell is called {given!r}" + (f"; did you mean {close!r}?" if close else "")
    return Problem(path, "unknown_cell", text, {"given": given, "suggestion": close})


def unknown_counter(path: str, name: str, messages: Mapping[str, Message]) -> Problem:
    """The problem of a message that is no counter-message."""
    known, given = names_of_kind("counter", messages), name[:80]
    text = f"must name a counter-message, got {given!r}; there are: {known or 'none'}"
    return Problem(path, "not_counter", text, {"given": given, "known": known})


def names_of_kind(kind: str, messages: Mapping[str, Message]) -> str:
    """The messages of a kind, for a problem."""
    return ", ".join(name for name, message in messages.items() if message.kind == kind)


def ordinary(named: Iterable[str], messages: Mapping[str, Message]) -> tuple[str, ...]:
    """The messages named, or else those that are neither counter-messages nor corrections."""
    return tuple(named) or tuple(n for n, m in messages.items() if m.kind == "message")


def deceptive(named: Iterable[str], messages: Mapping[str, Message]) -> tuple[str, ...]:
    """The messages named, or else those that are false or hide something."""
    return tuple(named) or tuple(n for n, m in messages.items() if m.is_deceptive)


class Trigger(Strict):
    """Start when a quantity of a message first exceeds a value, looked at every minute."""

    quantity: Quantity = Field(
        description="complaints_per_1000 deliveries; counter_share: adopters of counter-messages "
        "about it; organic_share: deliveries from people; reach_share: reached users; "
        "refused_share: refused requests; converts_share: converts per user."
    )
    above: Annotated[float, measured_in("quantity", ge=0, le=1e6)] = Field(
        description="It begins once the quantity is above this."
    )
    message: str = Field(description="The message that is looked at.")
    by_chance: bool = Field(
        False,
        description="It begins somewhere on the way, not at a fixed value: `above` is the mean "
        "of an exponential draw.",
    )


@dataclass(frozen=True)
class Beside:
    """What stands beside an intervention in its scenario."""

    interventions: tuple[Intervention, ...] = ()
    bots: tuple[Any, ...] = ()  # of `viralbots.interventions.bots.BotNet`
    population: PopulationSpec = DEFAULT_SHARES


class Intervention(Strict):
    """Something that the platform, the law or the sponsor changes, from a minute on.

    Attributes
    ----------
    how : str
        A sentence on how it works.
    measured : str
        The effect that was measured and by whom; empty where nothing is known.
    natural_trigger : (quantity, above) or None
        What sets it off by itself where that is known: a proposal, never a default.
    needs_operators : bool
        It does nothing without operators (``network.population.operator_share``).
    """

    how: ClassVar[str] = ""
    measured: ClassVar[str] = ""
    natural_trigger: ClassVar[tuple[Quantity, float] | None] = None
    needs_operators: ClassVar[bool] = False
    start: Minute | None = Field(None, description="Minute at which it begins; default 0.")
    trigger: Trigger | None = Field(None, description="Begins when this happens instead.")
    duration: Annotated[int, measured_in("minutes", ge=1, le=2_000_000)] | None = Field(
        None, description="Minutes it lasts; none: to the end."
    )
    messages: list[str] = Field(
        default_factory=list, description="Messages it holds for; none named: all it can concern."
    )
    cost: Money = Field(0.0, description="What it costs once, when it begins.")
    cost_per_day: Money = Field(0.0, description="What each day costs on which it holds.")
    paid_by: Literal["platform", "sponsor", "state"] = Field(
        "platform", description="Who pays for it."
    )

    @model_validator(mode="after")
    def _start_or_trigger(self) -> Intervention:
        if self.start is not None and self.trigger is not None:
            text = "give either start or trigger, not both"
            problem = Problem("", "both_given", text, {"first": "start", "second": "trigger"})
            raise refusal("", [problem])
        return self

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        """What makes no sense beside these messages; paths are relative to this."""
        for number, name in enumerate(self.messages):
            if name not in messages:
                yield unknown_message(f"messages[{number}]", name, messages)
        if self.trigger is not None and self.trigger.message not in messages:
            yield unknown_message("trigger.message", self.trigger.message, messages)
        for field in ("who", "users"):
            word = getattr(self, field, "all")
            if not is_class(word):
                yield unknown_class(field, word)

    def faults_beside(self, beside: Beside) -> Iterator[Problem]:
        """What makes no sense beside the other parts of the scenario."""
        if self.needs_operators and beside.population.operator_share == 0:
            who = getattr(self, "who", "operator")
            if who == "operator":
                text = (
                    "needs operators, and there are none; set network.population.operator_share "
                    "above 0, or name another class"
                )
                yield Problem("who", "no_operators", text)

    def bound(self, beside: Beside) -> Intervention:
        """This intervention in its scenario; most need not know what stands beside them."""
        return self

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        """This intervention in terms of the six levers, as of its start."""
        raise NotImplementedError  # every intervention has its own
