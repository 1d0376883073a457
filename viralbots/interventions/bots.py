"""Bots and bad actors (model §6): accounts that are run by somebody else, or used against people.

`BOTS` lists them by the word used in scenario files (``bots``). Like interventions they speak
in levers only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from viralbots.errors import Problem
from viralbots.interventions.base import Intervention, unknown_class, unknown_message
from viralbots.interventions.levers import (
    Adjustment,
    Adoptions,
    Bots,
    Chosen,
    Deliveries,
    Lever,
    Posts,
    is_class,
)
from viralbots.world.message import ChannelName, Message, Share, measured_in
from viralbots.world.world import PUSH_CHANNELS

STRANGER, CLOSE = 0.15, 0.9  # tie strengths: what a follower is, what a friend is (model §9)
CERTAIN = 60.0  # log-odds


class BotNet(Intervention):
    """Accounts of one kind; share β, infiltration γ, deception φ, flooding θ, placement (§6).

    Attributes
    ----------
    uses : tuple of str
        Which of infiltration, deception and flooding this kind reads.
    """

    uses: ClassVar[tuple[str, ...]] = ("infiltration", "deception", "flooding")
    message: str = Field(description="The message that they spread.")
    share: Share = Field(0.01, description="Share of all users who are such accounts (β).")
    placement: str = Field(
        "random",
        description="Out of which class of users they are: random, hubs, leaders, vulnerable, "
        "community:7 …",
        max_length=40,
    )
    infiltration: Share = Field(
        0.0,
        description="Share of all users who follow each of them on feeds (γ); 0: those who follow "
        "that account anyway.",
    )
    deception: Share = Field(
        0.0, description="How much they pass for friends: 0 a stranger, 1 a close friend (φ)."
    )
    flooding: Annotated[float, measured_in("per day", ge=0, le=50)] = Field(
        1.0, description="Posts of each of them a day (θ)."
    )

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        yield from super().faults(messages)
        if self.message not in messages:
            yield unknown_message("message", self.message, messages)
        if not is_class(self.placement):
            yield unknown_class("placement", self.placement)

    @property
    def chosen(self) -> Chosen:
        """The accounts."""
        return Chosen(self.placement, self.share, f"{getattr(self, 'kind', '')}:{self.message}")

    def _bots(self, *, passes_on: bool) -> list[Lever]:
        """Accounts that read nothing, and pass on this message always or nothing at all."""
        strength = STRANGER + (CLOSE - STRANGER) * self.deception
        levers: list[Lever] = [
            Bots(self.chosen, self.infiltration, round(240 * strength)),
            Adjustment("forward.const", -CERTAIN, users=self.chosen),
        ]
        if passes_on:
            up = Adjustment(
                "forward.const", 2 * CERTAIN, users=self.chosen, messages=(self.message,)
            )
            levers.append(up)
        return levers

    def _posts(self, channel: str | None = None) -> list[Lever]:
        if not self.flooding:
            return []
        return [Posts(self.message, self.chosen, str(getattr(self, "kind", "")),
                      per_day=self.flooding, channel=channel)]  # fmt: skip


class Amplifier(BotNet):
    """Passes on at once whatever it was made for, once it reaches it (§6)."""

    how: ClassVar[str] = "Each of them passes the message on as soon as it sees it."
    uses: ClassVar[tuple[str, ...]] = ("infiltration", "deception")
    kind: Literal["amplifier"]

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return self._bots(passes_on=True)


class Spammer(BotNet):
    """Posts the same message again and again (§6, flooding θ)."""

    how: ClassVar[str] = "Each of them posts the message many times, whether anybody asks or not."
    kind: Literal["spammer"]

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [*self._bots(passes_on=False), *self._posts()]


class Sockpuppet(BotNet):
    """Paid people behind invented names: they begin it, repeat it and answer one another (§6)."""

    how: ClassVar[str] = "Paid writers with invented names praise it as if they were customers."
    kind: Literal["sockpuppet"]

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        start = Adoptions(self.message, self.chosen, 0, "sockpuppet", is_paid=True)
        return [*self._bots(passes_on=False), start, *self._posts()]


class Harvester(BotNet):
    """Reads address books and has the sponsor write to everybody in them (§6, H7)."""

    how: ClassVar[str] = "The sponsor writes to every contact in the address books that it reads."
    uses: ClassVar[tuple[str, ...]] = ()
    kind: Literal["harvester"]
    channel: ChannelName = Field("email", description="Channel on which it writes.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Deliveries(self.message, self.chosen, 0, self.channel, "harvester",
                           to_contacts=True)]  # fmt: skip


class Hijacked(BotNet):
    """Accounts of real people from which it is sent to all their contacts (§6)."""

    how: ClassVar[str] = "Their owners do not know; to their contacts it comes from a friend."
    uses: ClassVar[tuple[str, ...]] = ()
    kind: Literal["hijacked"]

    def faults(self, messages: Mapping[str, Message]) -> Iterator[Problem]:
        yield from super().faults(messages)
        given = messages.get(self.message)
        if given is not None and not set(given.channels) & set(PUSH_CHANNELS):
            known = ", ".join(PUSH_CHANNELS)
            text = f"goes to contacts, and the message takes none of {known}; name one"
            yield Problem("message", "needs_push", text, {"known": known})

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [Adoptions(self.message, self.chosen, 0, "hijacked", is_auto=True)]


class Recruiter(BotNet):
    """Writes to contacts every day to win them for it (§6)."""

    how: ClassVar[str] = "Each of them presses the offer on contacts, day after day."
    kind: Literal["recruiter"]
    channel: ChannelName = Field("im", description="Channel on which they write.")

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return [*self._bots(passes_on=True), *self._posts(self.channel)]


BOTS: dict[str, type[BotNet]] = {
    "amplifier": Amplifier,
    "harvester": Harvester,
    "hijacked": Hijacked,
    "recruiter": Recruiter,
    "sockpuppet": Sockpuppet,
    "spammer": Spammer,
}

if TYPE_CHECKING:
    AnyBot = BotNet
else:  # one field of a scenario file; pydantic tells them apart by their kind
    AnyBot = Annotated[reduce(or_, BOTS.values()), Field(discriminator="kind")]
