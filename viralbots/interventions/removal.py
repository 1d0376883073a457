"""Accounts are closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Lever, UserEvent
from viralbots.world.message import Message, Share


class Removal(Intervention):
    """A share of a class of users is removed: they neither receive nor send (model §7)."""

    how: ClassVar[str] = "Closed accounts receive nothing and pass nothing on."
    kind: Literal["removal"]
    who: str = Field("all", description="Class of users.", max_length=40)
    share: Share = Field(0.1, description="Share of them that is found.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [UserEvent("remove", self.who, self.share, "removal")]
