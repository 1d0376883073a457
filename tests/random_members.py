"""Members, streams, bots and whatever goes with them, put into random scenarios.

Each mechanism is a function that changes a document (`DOCUMENT`) or makes levers that no
intervention of the program pulls (`LEVERS`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.random_interventions import CHANNEL_NAMES, CLASSES, USER_CLASSES, Bundle, with_levers
from viralbots.interventions.bots import BOTS
from viralbots.interventions.levers import (
    Adjustment,
    Adoptions,
    Bots,
    Capacity,
    Chosen,
    Deliveries,
    Lever,
    Limit,
    Mark,
    Posts,
    RateLimit,
    UserEvent,
    Veto,
)
from viralbots.scenario import Scenario

PUSH = ("im", "email", "sms")
MARKS: tuple[Mark, ...] = ("paid", "group", "footer", "brand", "repeat", "auto")
PLACES = ("random", "random", "hubs", "leaders", "vulnerable", "community:0")
DAY = 1440
Document = dict[str, Any]


def enrich(number: int, luck: random.Random, document: Document) -> None:
    """Put one of the mechanisms, or several, into a document.

    Of six numbers one gets a mechanism alone, and one a lever alone (`with_new_levers`).
    """
    document["horizon_days"] = min(document["horizon_days"], luck.choice((0.4, 1.3, 2.5)))
    document["bots"] = []
    if number % 3 == 0:
        if number % 2 == 0:
            DOCUMENT[number // 6 % len(DOCUMENT)](luck, document)
        return
    for _ in range(luck.choice((1, 2, 3, 4, 6))):
        luck.choice(DOCUMENT)(luck, document)


# -- what a file can say -------------------------------------------------------------------


def _one(luck: random.Random, document: Document, *, push: bool = False) -> Document:
    """A message that people take up."""
    message: Document = document["messages"][luck.choice(list(document["messages"]))]
    if luck.random() < 0.8:
        message["converts"] = True
        message["ad_intensity"] = luck.choice((0.3, 1.0))
        message["offer"] = luck.choice(("full", "free_copy"))
        document["rule"]["cells"].setdefault("convert.const", 0.5)
    if push and not set(message["channels"]) & set(PUSH):
        message["channels"][luck.choice(PUSH)] = 2.0
    return message


def _footer(luck: random.Random, document: Document) -> None:
    _one(luck, document, push=True)["footer"] = luck.choice((0.5, 4.0, 20.0))


def _auto_send(luck: random.Random, document: Document) -> None:
    message = _one(luck, document, push=True)
    message["auto_send"] = luck.choice(("members", "address_books", "address_books"))
    message = luck.choice((message, _one(luck, document)))  # levers read it of any message
    message["auto_contacts"] = luck.choice((None, None, 1, 3, 40))


def _reminders(luck: random.Random, document: Document) -> None:
    message = _one(luck, document)
    message["reminder_days"] = luck.choice((0.01, 0.05, 0.2, 0.5))
    message["reminders"] = luck.randint(1, 12)


def _members_only(luck: random.Random, document: Document) -> None:
    _one(luck, document)["members_only"] = True


def _mutation(luck: random.Random, document: Document) -> None:
    messages = document["messages"]
    if len(messages) < 2:
        messages["other"] = dict(next(iter(messages.values())), kind="message", about=None)
        document["seeding"].append({"message": "other", "count": 1})
    one, other = luck.sample(list(messages), 2)
    messages[one] |= {"variant": other, "mutation": luck.choice((0.3, 1.0))}
    if luck.random() < 0.7:  # and back
        messages[other] |= {"variant": one, "mutation": luck.choice((0.3, 1.0))}


def _network_effect(luck: random.Random, document: Document) -> None:
    for _ in range(3):  # rivals, where there are several messages
        _one(luck, document)["network_effect"] = luck.choice((0.5, 3.0, 10.0))


def _members(luck: random.Random, document: Document) -> None:
    n = document["network"]["n_users"]
    for _ in range(luck.choice((1, 2))):
        wave = {
            "message": luck.choice(list(document["messages"])),
            "who": luck.choice(CLASSES),
            "count": luck.randint(1, max(1, n // 2)),
            "minute": luck.choice((0, 0, 30, 300)),
            "by": "members",
        }
        document["seeding"].insert(luck.randint(0, len(document["seeding"])), wave)


def _bot(luck: random.Random, document: Document, kind: str) -> None:
    message = _one(luck, document, push=kind == "hijacked")
    if kind == "hijacked":
        message["auto_contacts"] = luck.choice((None, 2, 5))
    bot = {
        "kind": kind,
        "message": _name(document, message),
        "share": luck.choice((0.03, 0.1, 0.3)),
        "placement": luck.choice(PLACES),
    }
    for field, values in {
        "infiltration": (0.0, 0.01, 0.2, 1.0),
        "deception": (0.0, 0.5, 1.0),
        "flooding": (0.0, 1.0, 4.0, 15.0),
    }.items():
        value = luck.choice(values)
        if field in BOTS[kind].uses:
            bot[field] = value
    if kind in ("harvester", "recruiter"):
        bot["channel"] = luck.choice(CHANNEL_NAMES)
    _begin(luck, document, bot)
    if len(document["bots"]) < 8:
        document["bots"].append(bot)


def _begin(luck: random.Random, document: Document, actor: Document) -> None:
    """When it begins and ends."""
    if luck.random() < 0.3:
        actor["trigger"] = _trigger(luck, document)
    elif luck.random() < 0.5:
        actor["start"] = luck.choice((0, 20, 400))
    actor["duration"] = luck.choice((None, None, 100, 700))


def _trigger(luck: random.Random, document: Document) -> Document:
    quantity = luck.choice(
        ("refused_share", "refused_share", "converts_share", "converts_share", "reach_share",
         "organic_share", "counter_share")
    )  # fmt: skip
    taken_up = [name for name, m in document["messages"].items() if m["converts"]]
    name = luck.choice(taken_up or list(document["messages"]))
    by_chance = luck.random() < 0.6
    above = luck.choice((0.0, 0.1, 0.3))
    return {"quantity": quantity, "above": above, "message": name, "by_chance": by_chance}


def _several_bots(luck: random.Random, document: Document) -> None:
    for _ in range(luck.choice((2, 3))):
        _bot(luck, document, luck.choice(list(BOTS)))


def _triggers(luck: random.Random, document: Document) -> None:
    """Interventions that begin by the new quantities, and a landing that refuses people."""
    found, name = document["interventions"], _name(document, _one(luck, document))
    for intervention in found:
        if luck.random() < 0.5:
            intervention.pop("start", None)
            intervention["trigger"] = _trigger(luck, document)
    found.append({"kind": "capacity", "per_hour": luck.choice((0, 1)), "messages": [name]})
    trigger = _trigger(luck, document)
    quantity = luck.choice(("refused_share", "refused_share", "converts_share", "reach_share"))
    trigger |= {"quantity": quantity, "message": name, "above": luck.choice((0.0, 0.1))}
    found.append(
        {"kind": "filter", "strength": luck.choice((0.3, 1.0)), "trigger": trigger}
        | {"duration": luck.choice((None, 200))}
    )


def _name(document: Document, message: Document) -> str:
    return next(name for name, m in document["messages"].items() if m is message)


def _of_kind(kind: str) -> Callable[[random.Random, Document], None]:
    return lambda luck, document: _bot(luck, document, kind)


DOCUMENT: tuple[Callable[[random.Random, Document], None], ...] = (
    _footer,
    _auto_send,
    _auto_send,
    _reminders,
    _reminders,
    _members_only,
    _mutation,
    _mutation,
    _network_effect,
    _members,
    *(_of_kind(kind) for kind in BOTS),
    _several_bots,
    _triggers,
    _triggers,
)


# -- what only levers can say --------------------------------------------------------------


def with_new_levers(number: int, luck: random.Random, scenario: Scenario) -> Scenario:
    """The scenario with interventions made of the bare levers of `_levers`."""
    if number % 3 == 0:
        if number % 2 == 0:
            return scenario
        possible = _levers(luck, scenario)
        alone = possible[number // 6 % len(possible)]
        return with_levers(scenario, Bundle(bundle=(alone,), start=luck.choice((0, 30))))
    end = scenario.horizon
    for _ in range(luck.choice((1, 1, 2))):
        possible = _levers(luck, scenario)
        chosen = luck.sample(possible, min(len(possible), luck.choice((1, 1, 2, 3, 5))))
        duration = luck.choice((None, 60, 300, 900))
        start = luck.choice((0, 0, 5, 60, end // 3))
        bundle = Bundle(bundle=tuple(chosen), start=start, duration=duration)
        scenario = with_levers(scenario, bundle)
    taken_up = [name for name, m in scenario.messages.items() if m.is_convertible]
    if taken_up and luck.random() < 0.2:  # a small landing, and a larger one
        name, places = luck.choice(taken_up), luck.choice((1, 4))
        small, large = Capacity(name, 0), Capacity(name, places, raises=True)
        scenario = with_levers(scenario, Bundle(bundle=(small,), start=0))
        bundle = Bundle(
            bundle=(large,), start=luck.choice((0, 30)), duration=luck.choice((None, 300))
        )
        scenario = with_levers(scenario, bundle)
    if luck.random() < 0.2:  # away for a while, and back
        pause = UserEvent("suspend", "all", luck.choice((0.3, 1.0)), "pause")
        start, duration = luck.choice((20, 200)), luck.choice((30, 200, 600))
        scenario = with_levers(scenario, Bundle(bundle=(pause,), start=start, duration=duration))
    return scenario


def _levers(luck: random.Random, scenario: Scenario) -> list[Lever]:
    """Every lever that is new, with random fields."""
    name = luck.choice(scenario.message_names)
    who, channel = luck.choice(USER_CLASSES), luck.choice(CHANNEL_NAMES)
    some = Chosen(luck.choice(PLACES), luck.choice((0.05, 0.2)), f"some:{luck.randrange(3)}")
    few = (luck.choice(CLASSES), luck.randint(1, 6))
    per_day = luck.choice((1.0, 6.0, 24.0))
    every = luck.choice((7, 90, 400))
    mark = luck.choice(MARKS)
    events: tuple[Lever, ...] = (
        UserEvent("suspend", who, 0.5, "ban", name, having=luck.random() < 0.5),
        UserEvent("suspend", who, 0.2, "ban", every=every),
        UserEvent("suspend", some, 0.7, "quiet", every=luck.choice((None, every))),
        UserEvent(
            "remove", "all", luck.choice((0.1, 0.6)), "clean", name, having=True, every=every
        ),
        UserEvent("aware", who, 0.4, "told", name, having=True),
        UserEvent("opt_out", "uninvited", 0.2, "no", name, every=every),
        UserEvent("trust", "all", 0.3, "news", name, 0.4, having=True, every=every),
    )
    return [
        Posts(name, few[0], "flood", few[1], per_day=per_day),
        Posts(name, few[0], "drum", few[1], every=every, channel=channel),
        Posts(name, some, "chosen", per_day=per_day, channel=luck.choice((None, channel))),
        Posts(name, few[0], "look", few[1], per_day=per_day, kind="look"),
        Posts(name, some, "watch", every=every, kind="look"),
        RateLimit(luck.choice((0.0, 0.5, 3.0)), who, luck.choice(((), (name,)))),
        RateLimit(luck.choice((1.0, 2.0, 200.0))),
        Limit(luck.choice((1, 2)), who, after_hops=luck.choice((1, 2, 3))),
        Limit(1, "all", (name,), (channel, "im", "email"), luck.choice((1, 2, 5))),
        Veto("deliver", 0.5, "marked", who, marks=(mark,)),
        Veto("forward", 0.7, "marked", "all", (), (), (mark, "brand")),
        Veto("convert", 0.6, "marked", "all", (name,), marks=(mark, "group")),
        *events,
        Capacity(name, luck.choice((0, 1))),
        Capacity(name, luck.choice((2, 9)), raises=True),
        Deliveries(
            name, luck.choice((few[0], some)), few[1], channel, "harvest", to_contacts=True
        ),
        Deliveries(name, some, 0, channel, "mail"),
        Adoptions(name, few[0], few[1], "worm", luck.choice((None, channel)), is_auto=True),
        Adoptions(name, some, 0, "worm", is_auto=True, is_paid=luck.random() < 0.5),
        Adoptions(name, some, 0, "start", is_paid=luck.random() < 0.5),
        Bots(some, luck.choice((0.0, 0.3)), luck.choice((0, 36, 240))),
        Adjustment("forward.const", 8.0, users=some),
    ]
