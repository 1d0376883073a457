"""How many requests the landing can serve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Capacity, Lever
from viralbots.world.message import Message, measured_in


class LandingCapacity(Intervention):
    """The landing serves ``per_hour`` requests an hour and turns the others away (model §3)."""

    how: ClassVar[str] = "Who is turned away trusts the brand less and half of the time returns."
    kind: Literal["capacity"]
    per_hour: Annotated[int, measured_in("per hour", ge=0, le=1_000_000)] = Field(
        100, description="Requests that it serves in an hour."
    )

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        named = tuple(self.messages) or tuple(
            name for name, message in messages.items() if message.is_convertible
        )
        return [Capacity(name, self.per_hour) for name in named]
