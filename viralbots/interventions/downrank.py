"""A feed shows something less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Lever, Veto
from viralbots.world.message import Message, Share
from viralbots.world.world import FEED_CHANNELS


class Downrank(Intervention):
    """A share of showings on feeds does not happen; what friends send is not touched (model §7).

    The share is assumed. Legal frame: very large platforms answer for the risks of their
    recommenders (EU DSA).
    """

    how: ClassVar[str] = "Feeds show it to fewer followers; what friends send still arrives."
    kind: Literal["downrank"]
    strength: Share = Field(0.5, description="Share of showings on feeds that are left out.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        feeds = tuple(FEED_CHANNELS)
        return [Veto("deliver", self.strength, "downrank", "all", tuple(self.messages), feeds)]
