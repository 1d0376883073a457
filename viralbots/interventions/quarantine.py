"""Accounts that passed something on are suspended for a while."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention, deceptive
from viralbots.interventions.levers import Lever, UserEvent
from viralbots.world.message import Message, Share

DAY = 1440  # minutes


class Quarantine(Intervention):
    """Every day a share of those who have passed it on is suspended till it ends (model §7 e).

    Where no message is named, those that are false or hide something count. The share is
    assumed.
    """

    how: ClassVar[str] = "Who has passed it on is shut out until this ends, then returns."
    kind: Literal["quarantine"]
    share: Share = Field(
        0.2, description="Share of those who have passed it on that is found each day."
    )

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [
            UserEvent("suspend", "all", self.share, f"quarantine:{name}", message=name,
                      having=True, every=DAY)
            for name in deceptive(self.messages, messages)
        ]  # fmt: skip
