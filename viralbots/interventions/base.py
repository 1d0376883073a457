"""What all interventions share: start, trigger, end, and which messages they hold for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from viralbots.interventions.levers import CLASSES, Lever, is_class
from viralbots.world.message import Message, Strict

Minute = Annotated[int, Field(ge=0, le=2_000_000)]
Quantity = Literal["complaints_per_1000", "counter_share", "organic_share", "reach_share"]


def unknown_message(name: str, messages: Mapping[str, Message]) -> str:
    """The sentence for a message that does not exist."""
    return f"no message is called {name!r}; there are: {', '.join(messages)}"


def unknown_class(word: str) -> str:
    """The sentence for a class of users that does not exist."""
    return f"no class of users is called {word!r}; there are: {', '.join(CLASSES)}, community:7"


class Trigger(Strict):
    """Start when a quantity of a message first exceeds a value, looked at every minute."""

    quantity: Quantity = Field(
        description="complaints_per_1000 deliveries; counter_share: adopters of counter-messages "
        "about it per user; organic_share: deliveries from people per delivery; reach_share: "
        "reached users per user."
    )
    above: Annotated[float, Field(ge=0, le=1e6)]
    message: str


class Intervention(Strict):
    """Something that the platform, the law or the sponsor changes, from a minute on."""

    how: ClassVar[str] = ""
    start: Minute | None = Field(None, description="Minute at which it begins; default 0.")
    trigger: Trigger | None = Field(None, description="Begins when this happens instead.")
    duration: Annotated[int, Field(ge=1, le=2_000_000)] | None = Field(
        None, description="Minutes it lasts; none: to the end."
    )
    messages: tuple[str, ...] | list[str] = Field(
        default=(), description="Messages it holds for; none named: all."
    )

    @model_validator(mode="after")
    def _start_or_trigger(self) -> Intervention:
        if self.start is not None and self.trigger is not None:
            raise ValueError("give either `start` or `trigger`, not both")
        return self

    def faults(self, messages: Mapping[str, Message]) -> Iterator[tuple[str, str]]:
        """What makes no sense beside these messages, as (field, sentence)."""
        for name in self.messages:
            if name not in messages:
                yield "messages", unknown_message(name, messages)
        if self.trigger is not None and self.trigger.message not in messages:
            yield "trigger.message", unknown_message(self.trigger.message, messages)
        for field in ("who", "users"):
            word = getattr(self, field, "all")
            if not is_class(word):
                yield field, unknown_class(word)

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        """This intervention in terms of the six levers, as of its start."""
        raise NotImplementedError  # every intervention has its own
