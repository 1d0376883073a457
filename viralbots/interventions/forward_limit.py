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

    What one messenger measured is, with our fan-out law, arithmetic and not evidence: the law
    gives −20.7 % for five chats and −66.2 % for one (where nobody obeys a quota). "Highly
    forwarded: one chat" is a second limit of 1 with ``after_hops`` 5.
    """

    how: ClassVar[str] = "One send reaches at most this many chats; a group counts as one."
    measured: ClassVar[str] = (
        "Five chats: 25 % fewer forwards. One chat for what has been forwarded often: 70 % fewer "
        "(as one messenger reported)."
    )
    kind: Literal["forward_limit"]
    limit: Annotated[int, measured_in("count", ge=1, le=1000)] = Field(
        5, description="Chats a send."
    )
    after_hops: Annotated[int, measured_in("count", ge=0, le=255)] = Field(
        0, description="Only for copies that have been forwarded this often before; 0: for all."
    )

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Limit(self.limit, messages=tuple(self.messages), after_hops=self.after_hops)]
