"""What a trace tells of its scenario, for metrics that only read traces (`Trace.facts`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from viralbots.interventions.levers import Chosen, Deliveries, Posts, choose, members
from viralbots.world.message import message_id
from viralbots.world.world import World

if TYPE_CHECKING:
    from viralbots.scenario.model import Scenario


def facts_of(scenario: Scenario, world: World, run_seed: int) -> dict[str, object]:
    """Facts of a run, by name.

    Returns
    -------
    dict
        ``world``: facts of the world. ``messages``: `Message.facts` of each. ``money``: the
        scenario's `Money` as plain data, or None. ``measures``: cost, cost_per_day, fine,
        paid_by and duration of everything in `Scenario.actors`, in the order of
        `Trace.started`. ``posts``: (message, kind) of what is posted or looked up again and
        again (`viralbots.interventions.levers.Posts`).
        ``address_books``: (number in `Trace.started`, message, users) of whoever reads the
        address books of these users.
    """
    return {
        "world": world.facts,
        "messages": tuple(message.facts() for message in scenario.messages.values()),
        "money": None if scenario.money is None else scenario.money.model_dump(),
        "measures": tuple(
            {
                "cost": float(getattr(actor, "cost", 0.0) or 0.0),
                "cost_per_day": float(getattr(actor, "cost_per_day", 0.0) or 0.0),
                "fine": float(getattr(actor, "fine", 0.0) or 0.0),
                "paid_by": str(getattr(actor, "paid_by", "platform")),
                "duration": actor.duration,
            }
            for _, actor in scenario.actors
        ),
        "posts": tuple(dict.fromkeys(_posts(scenario))),
        "address_books": tuple(_address_books(scenario, world, run_seed)),
    }


def _posts(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for _, actor in scenario.actors:
        for lever in actor.levers(scenario.messages):
            if isinstance(lever, Posts):
                yield lever.message, lever.kind


def _address_books(
    scenario: Scenario, world: World, run_seed: int
) -> Iterator[tuple[int, str, NDArray[np.int64]]]:
    for k, (number, actor) in enumerate(scenario.actors):
        for lever in actor.levers(scenario.messages):
            if isinstance(lever, Deliveries) and lever.to_contacts:
                if isinstance(lever.who, Chosen):
                    users = np.flatnonzero(members(world, lever.who)).astype(np.int64)
                else:
                    name, tag = message_id(lever.message), f"{lever.tag}:{number}"
                    users = choose(world, run_seed, name, lever.who, tag, lever.count)
                yield k, lever.message, users
