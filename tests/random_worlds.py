"""Small random scenarios in which as much as possible happens (for kernel = reference).

Everything about a case follows from its number. Cells are moved far from their defaults, so
that rare decisions are common; users are few, so that the same people meet again and again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from viralbots.interventions.base import Intervention
from viralbots.interventions.levers import (
    Adjustment,
    Adoptions,
    Deliveries,
    Lever,
    Limit,
    UserEvent,
    Veto,
)
from viralbots.scenario import Scenario, from_dict
from viralbots.world import generators
from viralbots.world.default_world import build_default_world
from viralbots.world.message import Message
from viralbots.world.network import ties_from_edges
from viralbots.world.population import PopulationSpec, build_population, with_leaders
from viralbots.world.world import Ties, World

CHANNEL_NAMES = ("im", "email", "sms", "forum", "blog", "video")
CLASSES = ("random", "hubs", "leaders", "vulnerable", "elders", "minors", "community:0")
USER_CLASSES = ("all", "leader", "person", "vulnerable", "opted_in", "elder", "community:1")
KINDS = ("message", "counter", "counter", "correction")
OFFERS = ("none", "trial", "partial", "full", "free_copy")
QUANTITIES = ("complaints_per_1000", "counter_share", "organic_share", "reach_share")

Document = dict[str, Any]


def random_case(number: int) -> tuple[Scenario, World]:
    """Scenario and world number ``number``; the same on every machine."""
    luck = random.Random(number)
    world = random_world(luck)
    horizon_days = luck.choice((0.2, 0.6, 1.3, 2.5, 4.0, 6.0, 6.0))
    messages = random_messages(luck, fades=horizon_days < 1)
    document = {
        "format": 1,
        "name": f"case_{number}",
        "title": {"en": "Random", "zh": "Random"},
        "story": {"en": "Random", "zh": "Random"},
        "network": {"n_users": world.n_users},
        "messages": messages,
        "seeding": random_waves(luck, messages, world.n_users, horizon_days),
        "interventions": random_interventions(luck, messages, horizon_days),
        "rule": {"cells": random_cells(luck)},
        "horizon_days": horizon_days,
    }
    return with_bundle(luck, from_dict(document)), world


class FreeScenario(Scenario):
    """A scenario whose interventions need not be in `INTERVENTIONS`."""

    interventions: list[Any]  # type: ignore[assignment]


class Bundle(Intervention):
    """Levers that no intervention of the program uses yet, but the engine knows."""

    how: ClassVar[str] = "Pulls the levers it was given."
    kind: Literal["bundle"] = "bundle"
    bundle: tuple[Any, ...]

    def levers(self, messages: Mapping[str, Message]) -> list[Lever]:
        return list(self.bundle)


def with_bundle(luck: random.Random, scenario: Scenario) -> Scenario:
    """Half of the scenarios get one more intervention, made of bare levers."""
    if luck.random() < 0.5:
        return scenario
    first = luck.choice(scenario.message_names)
    who, channel = luck.choice(USER_CLASSES), luck.choice(CHANNEL_NAMES)
    possible = (
        Veto("convert", luck.choice((0.2, 0.7)), "pause", who),
        Veto("convert", 0.5, "pause_here", "all", (first,), (channel,)),
        Veto("forward", 0.4, "second_thought", who),
        Veto("forward", 0.6, "friction", "all", (), (channel, "im")),
        Veto("deliver", 0.3, "mute", who, (first,)),
        Limit(luck.choice((1, 3)), who, (first,)),
        Limit(2, "all", (), (channel, "im")),
        UserEvent("trust", who, 0.7, "scandal", first, luck.choice((0.1, 0.6))),
        UserEvent("trust", "all", 0.2, "scandal", first, 1.0),
        UserEvent("opt_out", who, 0.3, "register", first),
        UserEvent("remove", "all", 0.3, "raid"),
        Adoptions(first, "random", 3, "paid_start", channel, True),
        Adoptions(first, "hubs", 2, "hub_start"),
        Deliveries(first, "vulnerable", 5, channel, "reminder"),
        Adjustment("react.const", 0.8, 0.9, who),
    )
    chosen = tuple(luck.sample(possible, luck.randint(1, 6)))
    bundle = Bundle(bundle=chosen, start=luck.choice((0, 0, 5, 60, 400)))
    fields = {name: getattr(scenario, name) for name in Scenario.model_fields}
    fields["interventions"] = [*scenario.interventions, bundle]
    return FreeScenario.model_construct(**fields)


# -- worlds --------------------------------------------------------------------------------


def random_world(luck: random.Random) -> World:
    """A world of 3 … 60 users with ties of any kind."""
    n, seed = luck.choice((3, 10, 25, 40, 60, 60)), luck.randrange(2**40)
    spec = random_population(luck)
    kind = luck.choice(("default", "edges", "edges", "weighted", "weighted", "one_network"))
    if kind == "default":
        return build_default_world(n, seed, spec)
    community = np.sort(np.array([luck.randrange(3) for _ in range(n)], np.int32))
    key = None
    if luck.random() < 0.6:
        key = np.array(luck.sample(range(2**40), n), np.uint64) * np.uint64(16_777_213)
    population = build_population(n, seed, spec, community, community // 2, key=key)
    ties = random_ties(luck, n, population.key, population.channels, kind == "weighted")
    follows = ties
    if kind != "one_network":
        is_weighted = luck.random() < 0.5
        follows = random_ties(luck, n, population.key, population.channels, is_weighted)
    population = with_leaders(population, follows.degree, luck.choice((0.0, 0.1, 0.5)))
    return World(population, ties, follows)


def random_population(luck: random.Random) -> PopulationSpec:
    """Shares of kinds of users; a few use only some channels."""
    uses = {name: luck.choice((0.3, 0.9, 1.0)) for name in CHANNEL_NAMES}
    minor, elder = luck.choice((0.06, 0.3)), luck.choice((0.1, 0.3))
    return PopulationSpec(minor=minor, elder=elder, marked=0.2, **uses)


def random_ties(
    luck: random.Random, n: int, key: np.ndarray, channels: np.ndarray, is_weighted: bool
) -> Ties:
    """Ties of a textbook graph, directed or not, with one level or one per edge."""
    seed = luck.randrange(2**40)
    if luck.random() < 0.5 or n < 8:
        source, target = generators.erdos_renyi(n, seed, min(n - 1, luck.choice((1, 3, 6, 12))))
    else:
        source, target = generators.barabasi_albert(n, seed, luck.choice((1, 2, 4)))
    level: int | np.ndarray = luck.choice((20, 120, 216, 240))
    if is_weighted:
        level = np.array([luck.randint(1, 240) for _ in source], np.int64)
    is_directed = luck.random() < 0.4
    built = ties_from_edges(
        n, source, target, level=level, key=key, channels=channels, directed=is_directed
    )
    return built.ties


# -- messages ------------------------------------------------------------------------------


def random_messages(luck: random.Random, fades: bool) -> dict[str, Document]:
    """One to eight messages; counter-messages and corrections are about earlier ones."""
    messages: dict[str, Document] = {}
    trades = {brand: luck.choice(("food", "toys")) for brand in ("north", "south", "west")}
    for number in range(luck.choice((1, 2, 2, 3, 3, 4, 5, 8))):
        kind = luck.choice(KINDS) if number else "message"
        message = random_message(luck, trades, fades)
        message["kind"] = kind
        if kind != "message":
            first = "message_0" if luck.random() < 0.6 else f"message_{luck.randrange(number)}"
            message["about"] = first
        messages[f"message_{number}"] = message
    if luck.random() < 0.3:  # a counter-message may stand before what it is about
        messages = dict(reversed(messages.items()))
    return messages


def random_message(luck: random.Random, trades: dict[str, str], fades: bool) -> Document:
    """A message with every field varied."""
    brand = luck.choice((None, "north", "north", "south", "west"))
    channels = luck.sample(CHANNEL_NAMES, luck.randint(1, 4))
    message: Document = {
        "brand": brand,
        "category": trades[brand] if brand else None,
        "sponsored": luck.choice((None, None, True, False)),
        "topic": luck.choice(("general", "general", "football")),
        "novelty": luck.choice((1.0, 1.0, 0.5, 0.1)),
        "novelty_half_life_days": luck.choice((0.4, 3.0))
        if fades and luck.random() < 0.3
        else None,
        "is_false": luck.random() < 0.3,
        "disguise": luck.choice((0.0, 0.0, 0.7, 1.0)),
        "reward": luck.choice((0.0, 0.0, 1.5, 20.0)),
        "reward_visible": luck.random() < 0.5,
        "two_sided": luck.random() < 0.3,
        "offer": luck.choice(OFFERS),
        "price": luck.choice((0.0, 9.5)),
        "converts": luck.choice((None, None, True, False)),
        "phishing": luck.random() < 0.15,
        "pace": luck.choice(("conversation", "conversation", "marketing")),
        "channels": {name: luck.choice((0.2, 1.0, 3.7)) for name in channels},
        "push_quota": luck.choice((None, None, 1, 4, 10)),
    }
    for name in ("value", "ease", "arousal", "ad_intensity", "threat", "status"):
        message[name] = luck.choice((0.0, 0.3, 0.55, 1.0))
    return message


# -- seeding and interventions -------------------------------------------------------------


def random_waves(
    luck: random.Random, messages: dict[str, Document], n_users: int, horizon_days: float
) -> list[Document]:
    """Waves of every kind; most messages get one early."""
    end = round(horizon_days * 1440)
    waves = []
    for name in messages:
        for _ in range(luck.choice((0, 1, 1, 2, 3))):
            waves.append(
                {
                    "message": name,
                    "who": luck.choice(CLASSES),
                    "count": luck.randint(1, max(1, n_users // 3)),
                    "minute": luck.choice((0, 0, 0, 7, end // 3, end - 1, end + 5)),
                    "by": luck.choice(("users", "operator", "brand", "brand")),
                    "channel": luck.choice((None, None, *CHANNEL_NAMES)),
                    "paid": luck.random() < 0.3,
                    "until_organic_share": luck.choice((None, None, None, 0.1, 0.5)),
                }
            )
    luck.shuffle(waves)
    return waves or [{"message": next(iter(messages)), "count": 1}]


def random_interventions(
    luck: random.Random, messages: dict[str, Document], horizon_days: float
) -> list[Document]:
    """Several interventions with a start or a trigger, some of which end again."""
    end = round(horizon_days * 1440)
    found = []
    for _ in range(luck.choice((0, 1, 2, 3, 5, 8))):
        made = luck.choice(MAKERS)(luck, messages)
        if made is None:
            continue
        when = luck.random()
        if when < 0.5:
            made["start"] = luck.choice((0, 1, 30, end // 4, end // 2, end, end + 100))
        elif when < 0.8:
            made["trigger"] = random_trigger(luck, messages)
        made["duration"] = luck.choice((None, None, None, 100, 1500))
        if made["kind"] not in ("leak", "correction") and luck.random() < 0.4:
            made["messages"] = luck.sample(list(messages), luck.randint(1, len(messages)))
        found.append(made)
    return found


def random_trigger(luck: random.Random, messages: dict[str, Document]) -> Document:
    quantity = luck.choice(QUANTITIES)
    above = luck.choice((0.0, 0.1, 0.3)) * (1000 if quantity.startswith("complaints") else 1)
    return {"quantity": quantity, "above": above, "message": luck.choice(list(messages))}


def _adjustment(luck: random.Random, messages: dict[str, Document]) -> Document:
    return {
        "kind": "adjustment",
        "cell": luck.choice(("read.const", "read.tie", "detect.const", "convert.const",
                             "forward.const", "forward.ease", "react.const", "read.group",
                             "forward.public", "fall.const", "forward.threat")),
        "offset": luck.choice((-1.0, -0.3, 0.25, 1.5)),
        "scale": luck.choice((1.0, 1.0, 0.5, -1.0)),
        "users": luck.choice(USER_CLASSES),
        "channels": luck.sample(CHANNEL_NAMES, luck.choice((0, 0, 2))),
    }  # fmt: skip


def _filter(luck: random.Random, messages: dict[str, Document]) -> Document:
    channels = luck.sample(CHANNEL_NAMES, luck.choice((0, 0, 3)))
    return {"kind": "filter", "strength": luck.choice((0.2, 0.5, 1.0)), "channels": channels}


def _leak(luck: random.Random, messages: dict[str, Document]) -> Document | None:
    able = [
        name
        for name, m in messages.items()
        if m["kind"] == "counter"
        and (messages[m["about"]]["disguise"] > 0 or messages[m["about"]]["is_false"])
    ]
    if not able:
        return None
    who = luck.choice(CLASSES)
    return {"kind": "leak", "message": luck.choice(able), "count": luck.randint(1, 5), "who": who}


def _correction(luck: random.Random, messages: dict[str, Document]) -> Document | None:
    able = [name for name, m in messages.items() if m["kind"] == "correction"]
    if not able:
        return None
    return {
        "kind": "correction", "message": luck.choice(able), "count": luck.randint(1, 12),
        "who": luck.choice(CLASSES), "channel": luck.choice(CHANNEL_NAMES),
    }  # fmt: skip


MAKERS = (
    _adjustment,
    _adjustment,
    _filter,
    _leak,
    _correction,
    lambda luck, _: {"kind": "accuracy_prompt", "strength": luck.choice((0.1, 0.5, 1.0))},
    lambda luck, _: {"kind": "prebunk", "strength": luck.choice((0.7, 2.5))},
    lambda luck, _: {"kind": "forward_limit", "limit": luck.choice((1, 2, 5))},
    lambda luck, _: {"kind": "capacity", "per_hour": luck.choice((0, 1, 1, 3))},
    lambda luck, _: {"kind": "capacity", "per_hour": luck.choice((0, 1, 2, 5))},
    lambda luck, _: {"kind": "disclosure", "share": luck.choice((0.3, 0.6))},
    lambda luck, _: {
        "kind": "removal",
        "who": luck.choice(("person", "leader", "all", "vulnerable")),
        "share": luck.choice((0.1, 0.3)),
    },
)


# -- cells ---------------------------------------------------------------------------------


def random_cells(luck: random.Random) -> dict[str, float]:
    """Cells at which everything happens often; each is moved in some cases only."""
    choices = {
        "read.const": (-1.1, 0.5, 1.5, 1.5),
        "detect.const": (-3.5, -1.0, 0.5),
        "convert.const": (-5.1, 0.5, 1.5),
        "forward.const": (-3.45, -1.0, 0.0, 1.0, 1.0),
        "react.const": (-6.6, -5.0, -3.5, -1.0),
        "recall.half": (0.2, 0.02, 1.0),
        "fan_out.mean": (1.96, 0.5, 4.0, 6.0),
        "fan_out.dispersion": (0.6, 3.0),
        "group.prob": (0.2, 0.6),
        "visibility.forum": (0.2, 0.9),
        "visibility.blog": (0.13, 0.5),
        "visibility.video": (0.2, 1.0),
        "wait.im": (47.0, 4.0),
        "wait.email": (47.0, 10.0),
        "wait.forum": (240.0, 20.0, 20.0),
        "wait.blog": (1440.0, 60.0, 60.0),
        "wait.video": (240.0, 30.0),
        "reaction.opt_out": (0.65, 0.2),
        "reaction.opt_out_aware": (0.4, 0.1),
        "reaction.complain_aware": (0.5, 0.2),
        "reaction.filter": (0.1, 0.7),
        "fatigue.step": (0.1, 0.3),
        "fatigue.max": (3.0, 1.0),
        "fatigue.base": (0.3, 0.0),
        "trust.spill": (0.0, 0.5, 1.0),
        "trust.counter_loss": (0.25, 0.25, 0.8, 0.0),
        "trust.refused_loss": (0.25, 0.6, 0.0),
        "landing.retry": (0.5, 1.0),
        "forward.public": (0.0, 0.7),
        "read.fatigue": (-0.5, 0.4),
    }
    return {name: luck.choice(values) for name, values in choices.items() if luck.random() < 0.8}
