"""The truth, sent to a number of people by the platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.errors import Problem
from viralbots.interventions.base import Intervention, names_of_kind
from viralbots.interventions.levers import Deliveries, Lever
from viralbots.world.message import ChannelName, Message, measured_in


class Correction(Intervention):
    """A correction (a message of that kind in the file) is delivered to ``count`` users (§5)."""

    how: ClassVar[str] = (
        "Who reads the correction knows; from then on she behaves as one who does."
    )
    kind: Literal["correction"]
    message: str = Field(description="The message of kind correction that is sent.")
    count: Annotated[int, measured_in("users", ge=1)] = Field(1000, description="How many get it.")
    who: str = Field("random", description="Class of users who get it.", max_length=40)
    channel: ChannelName = Field("video", description="Channel on which they get it.")

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        yield from super().faults(messages)
        if self.message not in messages or messages[self.message].kind != "correction":
            known, given = names_of_kind("correction", messages), self.message[:80]
            text = f"must name a message of kind correction, got {given!r}"
            text += f"; there are: {known or 'none'}"
            yield Problem("message", "not_correction", text, {"given": given, "known": known})

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Deliveries(self.message, self.who, self.count, self.channel, "correction")]
