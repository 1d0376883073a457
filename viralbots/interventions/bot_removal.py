"""A detector closes the accounts that it takes for bots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PrivateAttr

from viralbots.errors import Problem
from viralbots.interventions.base import Beside, Intervention
from viralbots.interventions.levers import Chosen, Lever, UserEvent
from viralbots.world.message import Message, Share, measured_in

DAY = 1440  # minutes


class BotRemoval(Intervention):
    """Every day a share of the bots is found, and a share of all users by mistake (model §6, §7).

    Both shares are assumed. A mistake hits everybody alike, a bot as well as a person.
    """

    how: ClassVar[str] = "A detector finds part of the bots each day and errs about some people."
    kind: Literal["bot_removal"]
    bots: Annotated[int, measured_in("none", ge=0, le=9)] | None = Field(
        None, description="Which entry of `bots`, numbered from 0; none: all of them."
    )
    share: Share = Field(0.1, description="Share of them that is found each day.")
    mistaken: Share = Field(
        0.0005, description="Share of all accounts that is closed each day by mistake."
    )
    _accounts: tuple[Chosen, ...] = PrivateAttr(())

    def faults_beside(self, beside: Beside) -> Iterator[Problem]:
        if not beside.bots:
            text = "there are no bots to remove; add an entry to bots, or leave this out"
            yield Problem("bots", "no_bots", text)
        elif self.bots is not None and self.bots >= len(beside.bots):
            last = len(beside.bots) - 1
            text = f"must be between 0 and {last}, the entries of bots, got {self.bots}"
            values: dict[str, object] = {"ge": 0, "le": last, "got": self.bots}
            yield Problem("bots", "unknown_bots", text, values)

    def bound(self, beside: Beside) -> Intervention:
        one = self.model_copy()
        one._accounts = tuple(
            bot.chosen for number, bot in enumerate(beside.bots) if self.bots in (None, number)
        )
        return one

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        """The levers; those against the bots only where it is `bound` to a scenario."""
        found: list[Lever] = [
            UserEvent("remove", accounts, self.share, f"bots:{accounts.tag}", every=DAY)
            for accounts in self._accounts
        ]
        if self.mistaken:
            found.append(UserEvent("remove", "all", self.mistaken, "mistaken", every=DAY))
        return found
