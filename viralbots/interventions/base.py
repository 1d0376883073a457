"""What all interventions share: start, trigger, end, and which messages they hold for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from viralbots.errors import Problem
from viralbots.interventions.levers import CLASSES, Lever, is_class
from viralbots.world.message import Message, Strict, measured_in, refusal

Minute = Annotated[int, measured_in("minutes", ge=0, le=2_000_000)]
Quantity = Literal["complaints_per_1000", "counter_share", "organic_share", "reach_share"]


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


def names_of_kind(kind: str, messages: Mapping[str, Message]) -> str:
    """The messages of a kind, for a problem."""
    return ", ".join(name for name, message in messages.items() if message.kind == kind)


class Trigger(Strict):
    """Start when a quantity of a message first exceeds a value, looked at every minute."""

    quantity: Quantity = Field(
        description="complaints_per_1000 deliveries; counter_share: adopters of counter-messages "
        "about it per user; organic_share: deliveries from people per delivery; reach_share: "
        "reached users per user."
    )
    above: Annotated[float, measured_in("quantity", ge=0, le=1e6)] = Field(
        description="It begins once the quantity is above this."
    )
    message: str = Field(description="The message that is looked at.")


class Intervention(Strict):
    """Something that the platform, the law or the sponsor changes, from a minute on."""

    how: ClassVar[str] = ""
    start: Minute | None = Field(None, description="Minute at which it begins; default 0.")
    trigger: Trigger | None = Field(None, description="Begins when this happens instead.")
    duration: Annotated[int, measured_in("minutes", ge=1, le=2_000_000)] | None = Field(
        None, description="Minutes it lasts; none: to the end."
    )
    messages: list[str] = Field(
        default_factory=list, description="Messages it holds for; none named: all."
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

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        """This intervention in terms of the six levers, as of its start."""
        raise NotImplementedError  # every intervention has its own
