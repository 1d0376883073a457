"""Somebody who knows talks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.errors import Problem
from viralbots.interventions.base import Intervention, unknown_counter
from viralbots.interventions.levers import Adoptions, Lever
from viralbots.world.message import Message, measured_in


class Leak(Intervention):
    """Leaders begin the counter-message; refused where nothing is hidden (model §5)."""

    how: ClassVar[str] = "People with many followers learn what was hidden and say so."
    kind: Literal["leak"]
    message: str = Field(description="The counter-message that they begin.")
    count: Annotated[int, measured_in("users", ge=1)] = Field(10, description="How many begin it.")
    who: str = Field("leaders", description="Class of users who begin it.", max_length=40)

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        yield from super().faults(messages)
        counter = messages.get(self.message)
        if counter is None or counter.kind != "counter":
            yield unknown_counter("message", self.message, messages)
        elif counter.about in messages and not messages[str(counter.about)].is_deceptive:
            text = (
                f"nothing can leak about {counter.about!r}: it hides nothing (disguise 0) and is "
                "not false; give it a disguise or leave the leak out"
            )
            yield Problem("message", "nothing_to_leak", text, {"about": counter.about})

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Adoptions(self.message, self.who, self.count, "leak")]
