"""Somebody who knows talks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import Adoptions, Lever
from viralbots.world.message import Message


class Leak(Intervention):
    """Leaders begin the counter-message; refused where nothing is hidden (model §5)."""

    how: ClassVar[str] = "People with many followers learn what was hidden and say so."
    kind: Literal["leak"]
    message: str = Field(description="The counter-message that they begin.")
    count: Annotated[int, Field(ge=1)] = Field(10, description="How many begin it.")
    who: str = Field("leaders", description="Class of users who begin it.", max_length=40)

    def faults(self, messages: Mapping[str, Message]) -> Iterator[tuple[str, str]]:
        yield from super().faults(messages)
        counter = messages.get(self.message)
        if counter is None or counter.kind != "counter":
            known = ", ".join(n for n, m in messages.items() if m.kind == "counter") or "none"
            text = f"must name a counter-message, got {self.message!r}; there are: {known}"
            yield "message", text
        elif counter.about in messages and not messages[str(counter.about)].is_deceptive:
            text = f"nothing can leak about {counter.about!r}: it hides nothing (disguise 0) and"
            yield "message", f"{text} is not false; give it a disguise or leave the leak out"

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Adoptions(self.message, self.who, self.count, "leak")]
