"""The truth, sent to a number of people by the platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Deliveries, Lever
from viralbots.world.message import ChannelName, Message


class Correction(Intervention):
    """A correction (a message of that kind in the file) is delivered to ``count`` users (§5)."""

    how: ClassVar[str] = (
        "Who reads the correction knows; from then on she behaves as one who does."
    )
    kind: Literal["correction"]
    message: str = Field(description="The message of kind correction that is sent.")
    count: Annotated[int, Field(ge=1)] = Field(1000, description="How many get it.")
    who: str = Field("random", description="Class of users who get it.", max_length=40)
    channel: ChannelName = "video"

    def faults(self, messages: Mapping[str, Message]) -> Iterator[tuple[str, str]]:
        yield from super().faults(messages)
        if self.message not in messages or messages[self.message].kind != "correction":
            known = ", ".join(n for n, m in messages.items() if m.kind == "correction") or "none"
            text = f"must name a message of kind correction, got {self.message!r}"
            yield "message", f"{text}; there are: {known}"

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Deliveries(self.message, self.who, self.count, self.channel, "correction")]
