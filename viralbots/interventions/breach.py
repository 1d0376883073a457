"""Somebody breaks in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.errors import Problem
from viralbots.interventions.base import Intervention, Quantity, unknown_counter, unknown_message
from viralbots.interventions.levers import Adoptions, Capacity, Lever, UserEvent
from viralbots.world.message import Message, Share, measured_in

HOURS = 60  # minutes


class Breach(Intervention):
    """The landing is down, trust is lost, and some begin to tell (model §3).

    Its natural trigger is reach, by chance (``by_chance``): the larger it is, the more it is
    worth breaking in. All numbers are assumed. Unlike a leak it needs nothing hidden: that
    data were lost is news by itself.
    """

    how: ClassVar[str] = "It is down for some hours, data are stolen, and people hear of it."
    natural_trigger: ClassVar[tuple[Quantity, float] | None] = ("reach_share", 0.3)
    kind: Literal["breach"]
    message: str = Field(description="The message whose landing is broken into.")
    duration: Annotated[int, measured_in("minutes", ge=1, le=2_000_000)] | None = Field(
        8 * HOURS, description="Minutes it lasts; none: to the end."
    )
    share: Share = Field(0.5, description="Share of users who hear of it.")
    amount: Share = Field(0.25, description="Part of their trust in the brand that they lose.")
    counter: str | None = Field(
        None, description="The counter-message with which some begin to warn; none: nobody does."
    )
    count: Annotated[int, measured_in("users", ge=1)] = Field(10, description="How many begin it.")
    who: str = Field("random", description="Class of users who begin it.", max_length=40)

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        yield from super().faults(messages)
        if self.message not in messages:
            yield unknown_message("message", self.message, messages)
        counter = self.counter
        if counter and (counter not in messages or messages[counter].kind != "counter"):
            yield unknown_counter("counter", counter, messages)

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        found: list[Lever] = [Capacity(self.message, 0)]
        if messages[self.message].brand is not None:
            loss = UserEvent("trust", "all", self.share, "breach", self.message, self.amount)
            found.append(loss)
        if self.counter is not None:
            found.append(Adoptions(self.counter, self.who, self.count, "breach"))
        return found
