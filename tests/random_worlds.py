"""Small random scenarios in which as much as possible happens (for kernel = reference).

Everything about a case follows from its number. Cells are moved far from their defaults, so
that rare decisions are common; users are few, so that the same people meet again and again.
"""

from __future__ import annotations

import random

import numpy as np

from tests.random_interventions import (
    CHANNEL_NAMES,
    CLASSES,
    Document,
    random_interventions,
    with_bundle,
)
from tests.random_members import enrich, with_new_levers
from viralbots.scenario import Scenario, from_dict
from viralbots.world import generators
from viralbots.world.default_world import build_default_world
from viralbots.world.network import ties_from_edges
from viralbots.world.population import build_population, with_leaders
from viralbots.world.shares import PopulationSpec
from viralbots.world.world import Ties, World

KINDS = ("message", "counter", "counter", "correction")
OFFERS = ("none", "trial", "partial", "full", "free_copy")


def random_case(number: int) -> tuple[Scenario, World]:
    """Scenario and world number ``number``; the same on every machine.

    Members, streams, bots and the like occur where the number is odd.
    """
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
    if number % 2 == 0:
        return with_bundle(luck, from_dict(document)), world
    half, more = number // 2, random.Random(f"members {number}")
    enrich(half, more, document)
    scenario = with_bundle(luck, from_dict(document))
    return with_new_levers(half, more, scenario), world


# -- worlds --------------------------------------------------------------------------------


def random_world(luck: random.Random) -> World:
    """A world of 3 … 60 users with ties of any kind."""
    n, seed = luck.choice((3, 10, 25, 40, 60, 60, 60)), luck.randrange(2**40)
    spec = random_population(luck)
    kind = luck.choice(("default", "edges", "edges", "weighted", "weighted", "one_network"))
    if kind == "default":
        return build_default_world(n, seed, spec)
    community = np.sort(np.array([luck.randrange(3) for _ in range(n)], np.int32))
    key = None
    if luck.random() < 0.6:
        key = np.array(luck.sample(range(2**40), n), np.uint64) * np.uint64(16_777_213)
    population = build_population(seed, spec, community, community // 2, key=key)
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
        source, target, level=level, key=key, channels=channels, directed=is_directed
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
    # Without advertising nobody remembers a brand, and nothing more would happen.
    message["ad_intensity"] = luck.choice((0.0, 0.3, 0.3, 1.0))
    for name in ("value", "ease", "arousal", "threat", "status"):
        message[name] = luck.choice((0.0, 0.3, 0.7, 1.0))
    return message


# -- seeding and cells ---------------------------------------------------------------------


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


def random_cells(luck: random.Random) -> dict[str, float]:
    """Cells at which everything happens often; each is moved in some cases only."""
    choices = {
        "read.const": (-1.1, 0.5, 1.5, 1.5),
        "detect.const": (-3.5, -1.0, 0.5),
        "convert.const": (-5.1, 0.5, 1.5),
        "forward.const": (-3.45, -1.0, 0.0, 1.0, 1.0),
        "react.const": (-6.6, -5.0, -3.5, -1.0),
        "recall.half": (0.2, 0.02),
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
