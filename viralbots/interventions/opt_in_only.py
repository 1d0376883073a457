"""No advertising to those who have not asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import ON_PURPOSE, Intervention, ordinary
from viralbots.interventions.levers import Lever, Veto
from viralbots.world.message import Message, Share
from viralbots.world.world import CHANNELS


class OptInOnly(Intervention):
    """What a sponsor has sent reaches only those who agreed; friends may still tell (model §7).

    Held back are deliveries by a brand, footers, reminders, posts at a rate, what is sent from
    people's accounts and what paid writers send; corrections and what a user looks up herself
    are not. Legal frames: prior consent or soft opt-in (ePrivacy, GDPR; unverified here), prior
    consent (China, Internet E-mail Measures 2006), opt-out honoured (CAN-SPAM 2003).
    """

    how: ClassVar[str] = "Advertising reaches only who agreed; friends may still tell friends."
    kind: Literal["opt_in_only"]
    strength: Share = Field(1.0, description="Share of such deliveries that obeys.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        named, channels = ordinary(self.messages, messages), tuple(CHANNELS[:6])
        if not named:
            return []
        return [Veto("deliver", self.strength, "opt_in_only", "uninvited", named, channels,
                     ON_PURPOSE)]  # fmt: skip
