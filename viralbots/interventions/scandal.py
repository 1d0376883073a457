"""Something comes to light that costs a brand its good name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.errors import Problem
from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Lever, UserEvent
from viralbots.world.message import Message, Share


class Scandal(Intervention):
    """A share of users loses part of its trust in the brands of the messages (model §5, §7 e).

    Lost trust comes back by half every 30 days. Both numbers are assumed.
    """

    how: ClassVar[str] = (
        "News from outside: those who hear it lose part of their trust in the brand."
    )
    kind: Literal["scandal"]
    share: Share = Field(0.5, description="Share of users who hear of it.")
    amount: Share = Field(0.25, description="Part of their trust in the brand that they lose.")

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        yield from super().faults(messages)
        named = [name for name in self.messages or messages if name in messages]
        if named and not self._brands(messages):
            told = ", ".join(named)
            text = f"none of {told} has a brand that could lose trust; give one a brand"
            yield Problem("messages", "no_brand", text, {"messages": told})

    def _brands(self, messages: Mapping[str, Message]) -> dict[str, str]:
        """The first message of each brand concerned."""
        found: dict[str, str] = {}
        for name in self.messages or messages:
            if name in messages and (brand := messages[name].brand):
                found.setdefault(brand, name)
        return found

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [
            UserEvent("trust", "all", self.share, f"scandal:{brand}", name, self.amount)
            for brand, name in self._brands(messages).items()
        ]
