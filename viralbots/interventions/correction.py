"""The truth, sent to a number of people by the platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Deliveries, Lever
from viralbots.world.message import ChannelName, Message


class Correction(Intervention):
    """A correction (a message of that kind in the file) is delivered to ``count`` users (§5)."""

    how: ClassVar[str] = "Who reads the correction knows; from then on she behaves as one who does."
    kind: Literal["correction"]
    message: str = Field(description="The message of kind correction that is sent.")
    count: Annotated[int, Field(ge=1)] = Field(1000, description="How many get it.")
    who: str = Field("random", description="Class of users who get it.", max_length=40)
    channel: ChannelName = "video"

    def check(self, messages: Mapping[str, Message]) -> None:
        if self.message not in messages or messages[self.message].kind != "correction":
            known = [n for n, m in messages.items() if m.kind == "correction"]
            raise ValueError(
                f"interventions: `message` must name a message of kind correction, got "
                f"{self.message!r}; there are: {', '.join(known) or 'none'}"
            )

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Deliveries(self.message, self.who, self.count, self.channel, "correction")]
