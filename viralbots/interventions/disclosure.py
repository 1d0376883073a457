"""What was hidden must be said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Lever, UserEvent
from viralbots.world.message import Message, Share


class Disclosure(Intervention):
    """A share of users learns that the messages are covert or false (model §5, §7)."""

    how: ClassVar[str] = "A notice tells this share of people who is behind it."
    kind: Literal["disclosure"]
    share: Share = Field(0.5, description="Share of users who learn of it.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        named = tuple(self.messages) or tuple(messages)
        return [
            UserEvent("aware", "all", self.share, f"disclosure:{name}", message=name)
            for name in named
            if messages[name].is_deceptive
        ]
