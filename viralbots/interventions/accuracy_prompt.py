"""“Is it true?” asked before passing on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Lever, Veto
from viralbots.world.message import Message, Share


class AccuracyPrompt(Intervention):
    """A share of forwards of false messages is thought better of (model §7)."""

    how: ClassVar[str] = "Before passing on she is asked whether it is true; some then do not."
    measured: ClassVar[str] = (
        "Sharing of false items 10 % lower, of true ones unchanged (20 experiments, 26 863 "
        "people)."
    )
    kind: Literal["accuracy_prompt"]
    strength: Share = Field(0.10, description="Share of forwards of false messages stopped.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        named = tuple(self.messages) or tuple(messages)
        false = tuple(name for name in named if messages[name].is_false)
        return [Veto("forward", self.strength, "accuracy_prompt", messages=false)] if false else []
