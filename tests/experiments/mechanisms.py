"""Small scenarios, one for each way in which a message goes on without being passed on."""

from __future__ import annotations

from functools import cache
from typing import Any

from viralbots.engine.simulate import simulate
from viralbots.experiments.decision import UserStory
from viralbots.experiments.replay import replay
from viralbots.interventions.bots import BOTS
from viralbots.scenario import Scenario, from_dict
from viralbots.trace import Trace
from viralbots.world.assemble import build
from viralbots.world.world import World

OFTEN = {"read.const": 1.0, "detect.const": -1.0, "convert.const": -2.5, "forward.const": -1.8,
         "react.const": -4.0}  # fmt: skip
SEED = 5


def mechanism(messages: dict[str, Any], seeding: list[dict[str, Any]], **more: Any) -> Scenario:
    """A scenario of 100 people in which much is decided."""
    text = {"en": "A test", "zh": "测试"}
    document = {
        "format": 1, "name": "mechanism", "title": text, "story": text,
        "network": {"n_users": 100}, "messages": messages, "seeding": seeding,
        "rule": {"cells": OFTEN}, "horizon_days": 5,
    }  # fmt: skip
    return from_dict({**document, **more})


def footer() -> Scenario:
    """It rides on the messages of everybody who uses it; some look it up."""
    offer = {"footer": 1.0, "value": 0.8, "offer": "full", "brand": "h", "sponsored": False,
             "channels": {"email": 1.0}}  # fmt: skip
    look = {"kind": "look_up", "message": "mail", "who": "all", "count": 40, "per_day": 0.5}
    start = [{"message": "mail", "count": 20, "by": "members"}]
    return mechanism({"mail": offer}, start, interventions=[look])


def trap() -> Scenario:
    """It goes on from the account of everybody who falls for it."""
    lure = {"phishing": True, "disguise": 1.0, "auto_send": "members", "auto_contacts": 4,
            "channels": {"email": 1.0, "im": 1.0}}  # fmt: skip
    return mechanism({"lure": lure}, [{"message": "lure", "count": 3}])


def trial() -> Scenario:
    """Reminders, a landing with few places, a referral for members only, suspensions."""
    offer = {"value": 0.9, "brand": "k", "sponsored": False, "offer": "trial", "arousal": 0.9,
             "disguise": 0.3, "reminder_days": 1.0, "reminders": 3, "members_only": True,
             "channels": {"im": 1.0}}  # fmt: skip
    return mechanism(
        {"trial": offer},
        [{"message": "trial", "count": 100, "by": "brand"}],
        interventions=[
            {"kind": "capacity", "per_hour": 2, "start": 20},
            {"kind": "quarantine", "share": 0.5, "start": 1000, "duration": 2000},
            {"kind": "removal", "who": "all", "share": 0.3, "start": 4000},
            {"kind": "opt_in_only", "start": 5000},
        ],
    )


def rivals() -> Scenario:
    """Two offers, each worth more the more contacts use it."""
    offer = {"value": 0.6, "network_effect": 2.0, "offer": "full", "channels": {"im": 1.0}}
    start = [{"message": "a", "count": 20, "by": "members"},
             {"message": "a", "count": 8}, {"message": "b", "count": 8}]  # fmt: skip
    return mechanism({"a": offer, "b": {**offer, "value": 0.8}}, start)


def variants() -> Scenario:
    """It turns into another message, and that one into the first."""
    one = {"arousal": 0.9, "value": 0.5, "mutation": 0.4, "channels": {"video": 1.0, "im": 1.0}}
    both = {"a": {**one, "variant": "b"}, "b": {**one, "variant": "a"}}
    return mechanism(both, [{"message": "a", "count": 10}])


def bots(kind: str) -> Scenario:
    """A lie and accounts of one kind."""
    lie = {
        "is_false": True,
        "disguise": 0.5,
        "arousal": 0.8,
        "channels": {"video": 1.0, "im": 1.0},
    }
    nets = [{"kind": kind, "message": "lie", "share": 0.08, "infiltration": 0.1, "deception": 0.3,
             "flooding": 2.0}]  # fmt: skip
    held = {"kind": "quarantine", "share": 0.2, "start": 1500, "duration": 1500}
    start = [{"message": "lie", "count": 6}]
    return mechanism({"lie": lie}, start, bots=nets, interventions=[held], horizon_days=4)


PLAIN = {"footer": footer, "trap": trap, "trial": trial, "rivals": rivals, "variants": variants}
NAMES = (*PLAIN, *BOTS)


@cache
def case(name: str) -> tuple[Scenario, World, dict[int, UserStory]]:
    """Everybody's story in one run of a mechanism."""
    scenario = PLAIN[name]() if name in PLAIN else bots(name)
    world = build(scenario.network)
    return scenario, world, replay(scenario, SEED, range(world.n_users), world=world)


@cache
def trace_of(name: str) -> Trace:
    """Every delivery of the same run."""
    scenario, world, _ = case(name)
    return simulate(scenario, SEED, level="deliveries", world=world)
