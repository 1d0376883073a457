"""Teaching people beforehand how such messages work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Adjustment, Lever
from viralbots.world.message import Message, measured_in


class Prebunk(Intervention):
    """Detection skill is raised for everybody (model §7).

    An offset of .55 raises detection of a disguise-free false message, mailed once to
    everybody, from 9.3 to 14.2 % of readings (derived; among friends, where a reader sees it
    several times, by more); re-analyses found more general distrust as well.
    """

    how: ClassVar[str] = "Who has seen the trick explained sees through it more often."
    measured: ClassVar[str] = (
        "The trick was recognised by 5 points more viewers (field test with 22 632 viewers)."
    )
    kind: Literal["prebunk"]
    strength: Annotated[float, measured_in("log-odds", ge=0, le=5)] = Field(
        0.55, description="Added to everybody's skill of seeing through things."
    )

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Adjustment("detect.const", offset=self.strength, messages=tuple(self.messages))]
