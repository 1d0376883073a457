"""A filter of the platform or of a mail provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Lever, Veto
from viralbots.world.message import ChannelName, Message, Share


class MessageFilter(Intervention):
    """A share of deliveries never arrives; 1 is a takedown (model §7)."""

    how: ClassVar[str] = (
        "The platform holds back this share of deliveries before anybody sees them."
    )
    kind: Literal["filter"]
    strength: Share = Field(0.5, description="Share of deliveries held back.")
    channels: list[ChannelName] = Field(default_factory=list, description="Where; none: all.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        held = Veto(
            "deliver", self.strength, "filter", "all", tuple(self.messages), tuple(self.channels)
        )
        return [held]
