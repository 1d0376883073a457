"""Random interventions, and levers that no intervention uses yet (`tests/random_worlds.py`)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

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
from viralbots.scenario import Scenario
from viralbots.world.message import Message

CHANNEL_NAMES = ("im", "email", "sms", "forum", "blog", "video")
CLASSES = ("random", "hubs", "leaders", "vulnerable", "elders", "minors", "community:0")
USER_CLASSES = ("all", "leader", "person", "vulnerable", "opted_in", "elder", "community:1")
QUANTITIES = ("complaints_per_1000", "counter_share", "organic_share", "reach_share")
Document = dict[str, Any]


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


def _scandal(luck: random.Random, messages: dict[str, Document]) -> Document | None:
    if not all(m.get("brand") for m in messages.values()):  # whatever it is limited to
        return None
    return {"kind": "scandal", "share": luck.choice((0.3, 0.8)), "amount": luck.choice((0.2, 1.0))}


MAKERS = (
    _scandal,
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
        Veto("convert", luck.choice((0.4, 0.7)), "pause", who),
        Veto("convert", 0.5, "pause_here", "all", (first,), (channel,)),
        Veto("forward", 0.4, "second_thought", who),
        Veto("forward", 0.6, "friction", "all", (), (channel, "im")),
        Veto("deliver", 0.3, "mute", who, (first,)),
        Limit(luck.choice((1, 3)), who, (first,)),
        Limit(2, "all", (), (channel, "im")),
        UserEvent("trust", who, 0.7, "scandal", first, luck.choice((0.1, 0.6))),
        UserEvent("trust", "all", 0.2, "scandal", first, 1.0),
        UserEvent("opt_out", who, 0.3, "register", first),
        UserEvent("remove", "all", 0.6, "raid"),
        Adoptions(first, "random", 9, "paid_start", channel, True),
        Adoptions(first, "hubs", 7, "hub_start"),
        Deliveries(first, "vulnerable", 5, channel, "reminder"),
        Adjustment("react.const", 0.8, 0.9, who),
    )
    chosen = tuple(luck.sample(possible, luck.randint(1, 6)))
    return with_levers(scenario, Bundle(bundle=chosen, start=luck.choice((0, 0, 5, 60, 400))))


def with_levers(scenario: Scenario, bundle: Bundle) -> FreeScenario:
    """The scenario with one more intervention."""
    fields = {name: getattr(scenario, name) for name in Scenario.model_fields}
    fields["interventions"] = [*scenario.interventions, bundle]
    return FreeScenario.model_construct(**fields)
