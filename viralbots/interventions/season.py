"""A time of the year in which people send one another things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Adjustment, Lever
from viralbots.world.message import Message, measured_in


class Season(Intervention):
    """Passing on is easier while it lasts: a holiday, a championship (model §7 a).

    Give it a ``duration``. The strength is assumed.
    """

    how: ClassVar[str] = "While it lasts people feel like sending one another something."
    kind: Literal["season"]
    strength: Annotated[float, measured_in("log-odds", ge=0, le=5)] = Field(
        0.7, description="Added to the readiness to pass on."
    )

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Adjustment("forward.const", offset=self.strength, messages=tuple(self.messages))]
