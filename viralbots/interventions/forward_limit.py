"""A cap on the chats that one send may go to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Lever, Limit
from viralbots.world.message import Message, measured_in


class ForwardLimit(Intervention):
    """At most ``limit`` chats a send on push channels (model §7).

    Measured: five chats −25 %, one chat −70 % of forwards on one messenger. With our fan-out
    law that is arithmetic, not evidence.
    """

    how: ClassVar[str] = "One send reaches at most this many chats; a group counts as one."
    kind: Literal["forward_limit"]
    limit: Annotated[int, measured_in("count", ge=1, le=1000)] = Field(
        5, description="Chats a send."
    )

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Limit(self.limit, messages=tuple(self.messages))]
