"""One run and all that its explanation needs: who was chosen, which levers held when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import SEEDING, address, name_id
from viralbots.interventions.levers import (
    Adoptions,
    Bots,
    Chosen,
    Lever,
    UserEvent,
    Users,
    Veto,
    choose,
    members,
)
from viralbots.rules.main_rule import Term
from viralbots.scenario import Scenario
from viralbots.trace import Trace
from viralbots.world.message import Message, message_id
from viralbots.world.population import interest
from viralbots.world.world import World

Row = Mapping[str, int]
NEVER = 1 << 62  # a minute that does not come


class ReplayMismatch(RuntimeError):
    """The replay does not come to what the kernel came to: an error of the program."""


class Pulled(NamedTuple):
    """A lever, and from when to when its actor holds it (−1: never begun).

    Attributes
    ----------
    actor : int
        Place of the intervention or bots in `Scenario.actors`.
    number : str
        Its number in tags.
    """

    start: int
    end: int
    actor: int
    number: str
    lever: Lever

    def holds(self, minute: int) -> bool:
        return 0 <= self.start <= minute < self.end


@dataclass
class Case:
    """One run: what the explanation of a row needs beside the row."""

    scenario: Scenario
    world: World
    run_seed: int
    trace: Trace
    levers: list[Pulled] = field(init=False)
    """Those of all interventions and bots, in file order."""
    slots: list[Veto] = field(init=False)
    """All vetoes; the slot of each is its place from 1."""
    topics: dict[str, NDArray[np.uint16]] = field(init=False)
    classes: dict[Users, NDArray[np.bool_]] = field(default_factory=dict)
    choices: dict[object, NDArray[np.bool_]] = field(default_factory=dict)
    known: dict[object, tuple[dict[str, float], list[Term]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        messages = self.scenario.messages
        actors = zip(self.scenario.actors, self.trace.started, strict=True)
        self.levers = [
            Pulled(start, NEVER if a.duration is None else start + a.duration, k, number, lever)
            for k, ((number, a), start) in enumerate(actors)
            for lever in a.levers(messages)
        ]
        self.slots = [pulled.lever for pulled in self.levers if isinstance(pulled.lever, Veto)]
        population = self.world.population
        self.topics = {m.topic: interest(population, m.topic) for m in messages.values()}

    def active(self, minute: int) -> list[Lever]:
        """Levers that hold at a minute, in file order."""
        return [pulled.lever for pulled in self.levers if pulled.holds(minute)]

    def is_member(self, users: Users, user: int) -> bool:
        """Whether a lever's ``users`` holds for a user."""
        if users not in self.classes:
            self.classes[users] = members(self.world, users)
        return bool(self.classes[users][user])

    def message(self, row: Row) -> tuple[str, Message]:
        """Name and fields of the message of a row."""
        name = self.scenario.message_names[row["message"]]
        return name, self.scenario.messages[name]

    def is_bot(self, user: int, minute: int) -> bool:
        """Whether a user had been an account run by somebody else before a minute."""
        return any(
            0 <= pulled.start < minute and self.is_member(pulled.lever.users, user)
            for pulled in self.levers
            if isinstance(pulled.lever, Bots)
        )

    def is_chosen(self, pulled: Pulled, user: int) -> bool:
        """Whether a lever of adoptions fell on a user."""
        lever = pulled.lever
        assert isinstance(lever, Adoptions)
        if isinstance(lever.who, Chosen):
            return self.is_member(lever.who, user)
        tag = f"{lever.tag}:{pulled.number}"
        key = (lever.message, tag, lever.who, lever.count)
        if key not in self.choices:
            identity, found = message_id(lever.message), np.zeros(self.world.n_users, bool)
            chosen = choose(self.world, self.run_seed, identity, lever.who, tag, lever.count)
            found[chosen] = True
            self.choices[key] = found
        return bool(self.choices[key][user])

    def is_hit(self, pulled: Pulled, user: int, turn: int) -> bool:
        """Whether a lever of user events falls on a user at its turn (0: the first)."""
        event = pulled.lever
        assert isinstance(event, UserEvent)
        if not self.is_member(event.who, user):
            return False
        tag = f"{event.tag}:{pulled.number}" + (f":{turn}" if turn else "")
        key = int(self.world.population.key[user])
        return address(self.run_seed, SEEDING, name_id(tag), key) >> 32 < round(
            event.share * 2**32
        )
