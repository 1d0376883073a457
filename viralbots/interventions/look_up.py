"""People look for it themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.errors import Problem
from viralbots.interventions.base import Intervention, unknown_message
from viralbots.interventions.levers import Lever, Posts
from viralbots.world.message import Message, measured_in


class LookUp(Intervention):
    """A page that is searched for, or a portal, into which users look at a rate (model §1, §7 d).

    It is read because it is wanted and has no sender (channel *web*). Who likes it may pass it
    on by the channels of the message.
    """

    how: ClassVar[str] = "Users look it up by themselves again and again; nobody sends it."
    kind: Literal["look_up"]
    message: str = Field(description="The message that they find there.")
    count: Annotated[int, measured_in("users", ge=1)] = Field(
        100, description="How many users look in."
    )
    per_day: Annotated[float, measured_in("per day", gt=0, le=50)] = Field(
        0.2, description="How often each of them looks in a day, on average."
    )
    who: str = Field("random", description="Class of users who look in.", max_length=40)

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        yield from super().faults(messages)
        if self.message not in messages:
            yield unknown_message("message", self.message, messages)

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Posts(self.message, self.who, "look_up", self.count, self.per_day, kind="look")]
