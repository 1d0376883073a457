"""A note beside a message: this is disputed, or this is an advertisement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention, deceptive
from viralbots.interventions.levers import Adjustment, Lever
from viralbots.world.message import Message, measured_in

LogOdds = Annotated[float, measured_in("log-odds", ge=0, le=5)]


class Label(Intervention):
    """Readers of the labelled messages see through them more, and pass them on less (model §7).

    Where no message is named, those that are false or hide something are labelled. Both
    strengths are assumed. Legal frame: advertising must say so and who paid for it (EU DSA
    art. 26; FTC endorsement guides 2023).
    """

    how: ClassVar[str] = "A note beside it gives readers pause; some of them see through it."
    kind: Literal["label"]
    strength: LogOdds = Field(1.0, description="Added to the skill of seeing through them.")
    reluctance: LogOdds = Field(0.2, description="Taken from the readiness to pass them on.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        named = deceptive(self.messages, messages)
        if not named:
            return []
        return [
            Adjustment("detect.const", offset=self.strength, messages=named),
            Adjustment("forward.const", offset=-self.reluctance, messages=named),
        ]
