"""The authority steps in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import ON_PURPOSE, Intervention, Money, ordinary
from viralbots.interventions.levers import Lever, UserEvent, Veto
from viralbots.world.message import Message, Share
from viralbots.world.world import CHANNELS


class RegulatorStop(Intervention):
    """The sponsor's own sending stops, a fine is due, and it is said aloud (model §5, §7).

    Stopped are deliveries by the brand, paid writers, footers, reminders, posts at a rate and
    what is sent from people's accounts; people may still tell one another. A share of users
    learns who is behind it (assumed). Example: Taiwan's Fair Trade Commission fined the client
    of paid writers NT$10 million, and the agencies too (24 October 2013).
    """

    how: ClassVar[str] = "The sponsor must stop sending, pays a fine, and has to say who it is."
    kind: Literal["regulator_stop"]
    share: Share = Field(0.5, description="Share of users who learn who is behind it.")
    fine: Money = Field(0.0, description="Fine that the sponsor pays.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        named, channels = ordinary(self.messages, messages), tuple(CHANNELS[:6])
        if not named:
            return []
        found: list[Lever] = [
            Veto("deliver", 1.0, "regulator_stop", "all", named, channels, ON_PURPOSE)
        ]
        return found + [
            UserEvent("aware", "all", self.share, f"regulator_stop:{name}", message=name)
            for name in named
            if messages[name].is_deceptive
        ]
