"""Time to think before one is bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Lever, Veto
from viralbots.world.message import Message, Share


class CoolingOff(Intervention):
    """A share of those who would take an offer up, or fall for a trap, steps back (model §7).

    The share is assumed. A later reading is a new occasion.
    """

    how: ClassVar[str] = "Who is about to take it up must wait, and some then think better of it."
    kind: Literal["cooling_off"]
    strength: Share = Field(0.3, description="Share of those who then do not take it up.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        named = tuple(n for n in self.messages or messages
                      if messages[n].is_convertible or messages[n].phishing)  # fmt: skip
        return [Veto("convert", self.strength, "cooling_off", messages=named)] if named else []
