"""Filters learn from complaints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import ON_PURPOSE, Intervention, Quantity, ordinary
from viralbots.interventions.levers import Lever, Veto
from viralbots.world.message import Message, Share
from viralbots.world.world import CHANNELS


class Throttle(Intervention):
    """A sender with too many complaints gets only part of its mail through (model §5, §7).

    Its natural trigger: more than 3 complaints in 1000 deliveries, the ceiling that large mail
    providers publish (.3 %). What people tell one another is not touched. The share held back
    is assumed.
    """

    how: ClassVar[str] = "After too many complaints the filters hold back most of its sendings."
    natural_trigger: ClassVar[tuple[Quantity, float] | None] = ("complaints_per_1000", 3.0)
    kind: Literal["throttle"]
    strength: Share = Field(0.8, description="Share of the sender's deliveries held back.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        named, channels = ordinary(self.messages, messages), tuple(CHANNELS[:6])
        if not named:
            return []
        return [Veto("deliver", self.strength, "throttle", "all", named, channels, ON_PURPOSE)]
