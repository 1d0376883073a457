"""A cap on how often one account sends the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Lever, RateLimit
from viralbots.world.message import Message, measured_in


class RateCap(Intervention):
    """What is sent again and again is cut to a number a day, on average (model §7 c).

    It holds for footers, reminders, posts of bots and affiliates, and look-ups; what a person
    passes on once by her own decision is not touched.
    """

    how: ClassVar[str] = "Each account may repeat a message only so many times a day."
    kind: Literal["rate_limit"]
    per_day: Annotated[float, measured_in("per day", ge=0, le=1000)] = Field(
        1.0, description="How often each account may send the same message a day, on average."
    )
    who: str = Field("all", description="Class of users.", max_length=40)

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [RateLimit(self.per_day, self.who, tuple(self.messages))]
