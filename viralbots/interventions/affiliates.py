"""Other people's sites carry it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.errors import Problem
from viralbots.interventions.base import Intervention, unknown_message
from viralbots.interventions.levers import Adoptions, Lever, Posts
from viralbots.world.message import ChannelName, Message, measured_in


class Affiliates(Intervention):
    """Operators repost it for a share, in exchange, or because it is news (model §7 d).

    For a share they are paid voices, and are seen as such unless it is disguised (`model §2.4`).
    Legal frame: a material connection must be disclosed clearly (FTC endorsement guides 2023).
    """

    how: ClassVar[str] = "Sites and periodicals carry it, for a share, in exchange or as news."
    needs_operators: ClassVar[bool] = True
    kind: Literal["affiliates"]
    message: str = Field(description="The message that they carry.")
    count: Annotated[int, measured_in("users", ge=1)] = Field(20, description="How many carry it.")
    who: str = Field("operator", description="Class of users who carry it.", max_length=40)
    terms: Literal["share", "exchange", "news"] = Field(
        "share", description="Why they carry it: only for a share are they paid voices."
    )
    per_day: Annotated[float, measured_in("per day", ge=0, le=50)] = Field(
        0.0, description="How often each of them posts it again a day; 0: once and for all."
    )
    channel: ChannelName | None = Field(
        None, description="Channel that they use; the message's shares decide otherwise."
    )

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        yield from super().faults(messages)
        if self.message not in messages:
            yield unknown_message("message", self.message, messages)

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        tag, paid = "affiliates", self.terms == "share"  # one tag: the same users do both
        start = Adoptions(self.message, self.who, self.count, tag, self.channel, paid)
        if not self.per_day:
            return [start]
        again = Posts(self.message, self.who, tag, self.count, self.per_day, channel=self.channel)
        return [start, again]
