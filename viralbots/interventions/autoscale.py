"""More servers when requests are turned away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.errors import Problem
from viralbots.interventions.base import Beside, Intervention, Quantity, ordinary
from viralbots.interventions.breach import Breach
from viralbots.interventions.landing_capacity import LandingCapacity
from viralbots.interventions.levers import Capacity, Lever
from viralbots.world.message import Message, measured_in


class Autoscale(Intervention):
    """The landing is raised to ``per_hour``; a capacity that is larger stays (model §3, §7 f).

    Its natural trigger: the share of requests that is refused.
    """

    how: ClassVar[str] = "When too many are turned away, more servers are switched on."
    natural_trigger: ClassVar[tuple[Quantity, float] | None] = ("refused_share", 0.05)
    kind: Literal["autoscale"]
    per_hour: Annotated[int, measured_in("per hour", ge=0, le=1_000_000)] = Field(
        1000, description="Requests that it serves in an hour from then on."
    )

    def faults_beside(self, beside: Beside) -> Iterator[Problem]:
        if not any(isinstance(i, LandingCapacity | Breach) for i in beside.interventions):
            text = "nothing bounds the landing; add an intervention of kind capacity"
            yield Problem("", "nothing_to_raise", text)

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        named = (n for n in ordinary(self.messages, messages) if messages[n].is_convertible)
        return [Capacity(name, self.per_hour, raises=True) for name in named]
