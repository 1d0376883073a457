"""Newspapers and sites pick a story up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.errors import Problem
from viralbots.interventions.base import Intervention, Quantity, unknown_message
from viralbots.interventions.levers import Adoptions, Lever
from viralbots.world.message import ChannelName, Message, measured_in


class Press(Intervention):
    """Operators broadcast the message because it is news by then (model §3, §7 d).

    Its natural trigger: the share of users whom it has reached.
    """

    how: ClassVar[str] = "Once it is talked about, papers and sites report it to their readers."
    natural_trigger: ClassVar[tuple[Quantity, float] | None] = ("reach_share", 0.05)
    needs_operators: ClassVar[bool] = True
    kind: Literal["press"]
    message: str = Field(description="The message that they broadcast.")
    count: Annotated[int, measured_in("users", ge=1)] = Field(
        10, description="How many of them do."
    )
    who: str = Field("operator", description="Class of users who do.", max_length=40)
    channel: ChannelName | None = Field(
        None, description="Channel that they use; the message's shares decide otherwise."
    )

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        yield from super().faults(messages)
        if self.message not in messages:
            yield unknown_message("message", self.message, messages)

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Adoptions(self.message, self.who, self.count, "press", self.channel)]
