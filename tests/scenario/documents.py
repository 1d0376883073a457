"""Documents for the tests of the scenario format: random valid ones, and changes of them.

Everything about a document follows from its number.
"""

from __future__ import annotations

import random
from typing import Any

from tests.random_interventions import random_interventions
from tests.random_worlds import random_cells, random_messages, random_waves

Document = dict[str, Any]
WORDS = ("A letter", "yes", "1e6", "null", "- a", "a: b # c", "{x}", "好，“信”", "'\"", " space ",
         "two\nlines", "", "#", "~", "0x1", "é 🙂", "a" * 120)  # fmt: skip


def random_document(number: int) -> Document:
    """A valid scenario in which every field may be set, as plain data."""
    luck = random.Random(number)
    days = luck.choice((0.2, 1.3, 6.0, 30, 180))
    n_users = luck.choice((50, 500, 10_000))
    messages = random_messages(luck, fades=luck.random() < 0.5)
    document: Document = {
        "format": 1,
        "name": f"case_{number}",
        "title": text(luck),
        "story": text(luck),
        "network": random_network(luck, n_users),
        "messages": {name: thinned(luck, m) for name, m in messages.items()},
        "seeding": [thinned(luck, w) for w in random_waves(luck, messages, n_users, days)],
        "interventions": [thinned(luck, i) for i in random_interventions(luck, messages, days)],
        "rule": {"cells": random_cells(luck)},
        "horizon_days": days,
    }
    document |= random_texts(luck, list(messages))
    return document


def thinned(luck: random.Random, block: Document) -> Document:
    """The same block, from which fields that are not set are sometimes left out."""
    return {k: v for k, v in block.items() if v is not None or luck.random() < 0.3}


def text(luck: random.Random) -> Document:
    return {"en": luck.choice(WORDS), "zh": luck.choice(WORDS)}


def random_network(luck: random.Random, n_users: int) -> Document:
    kinds: dict[str, Document] = {
        "default": {},
        "erdos_renyi": {"mean_degree": luck.choice((None, 6.0, 7))},
        "watts_strogatz": {"rewire": 0.25, "tie_strength": luck.choice((None, 1))},
        "barabasi_albert": {"attach": 3},
        "configuration": {"degrees": {"2": 0.5, "8": 0.5}},
        "block": {"blocks": 4, "degree_inside": 6.5},
        "imported": {"path": luck.choice(("ties.csv", "a b: c.txt")), "directed": True},
    }
    kind = luck.choice(list(kinds))
    found = {"kind": kind, "n_users": n_users, **kinds[kind]}
    if luck.random() < 0.5:
        found["seed"] = luck.choice((0, 2, 2**62))
    if luck.random() < 0.5:
        found["population"] = {"elder": luck.choice((0, 0.25)), "video": luck.choice((0.5, 1))}
    return found


def random_texts(luck: random.Random, messages: list[str]) -> Document:
    """Some of the fields that decide nothing."""
    path = f"messages.{luck.choice(messages)}.{luck.choice(('value', 'ease'))}"
    checks = [
        {"metric": "reach", "is": "more", "factor": 5, "against": {"changes": {path: 0.5}}},
        {"metric": "t50 - t10", "is": "less", "value": 3, "arm": {"scenario": "other"}},
        {"metric": "take_off", "of": "share_of_runs", "share": 0.9, "is": "at_most", "value": 0},
        {"metric": "structural_virality", "trees": [20, 100], "is": "nearly_equal", "by": 0.25,
         "against": {}, "given": "take_off"},
    ]  # fmt: skip
    texts: Document = {
        "look_at": text(luck), "try_this": text(luck), "questions": [text(luck), text(luck)],
        "difficulty": luck.choice((1, 2, 3)), "lesson": "first", "twin": "other",
        "derived_from": "origin", "tags": ["a", "b: c"], "sources": [luck.choice(WORDS)],
        "controls": [path, "network.n_users", "seeding[0].count", "rule.cells.forward.tie"],
        "claims": [{"text": text(luck), "check": luck.sample(checks, 2)}, {"text": text(luck)}],
    }  # fmt: skip
    return {name: value for name, value in texts.items() if luck.random() < 0.5}


def random_changes(luck: random.Random, document: Document) -> Document:
    """Paths and values, nearly all of them valid for a document."""
    message = luck.choice(list(document["messages"]))
    possible: list[tuple[str, Any]] = [
        ("name", "another"), ("title.en", luck.choice(WORDS)), ("story", text(luck)),
        ("look_at", luck.choice((None, text(luck)))), ("tags", luck.choice(([], ["x", "y: z"]))),
        ("horizon_days", luck.choice((1, 2.5, 1e2))), ("network.n_users", 20_000),
        ("network.population.elder", luck.choice((0, 0.125))), ("network.seed", 3),
        ("message.value", luck.choice((0, 0.4, 1))), (f"messages.{message}.ease", 0.625),
        (f"messages.{message}.is_false", luck.random() < 0.5),
        (f"messages.{message}.push_quota", luck.choice((None, 7))),
        (f"messages.{message}.channels", luck.choice(({"im": 1}, {"video": 2, "sms": 0.5}))),
        (f"messages.{message}.channels.im", 2), ("rule.cells.forward.tie", 0.75),
        ("rule.cells", luck.choice(({}, {"group.prob": 0.5}))),
        ("rule.cells.wait.im", luck.choice((30, 47.5))),
        ("seeding.0.count", 3), ("seeding[0].who", "hubs"), ("seeding.0.channel", None),
        ("seeding", luck.choice(([], [{"message": message, "count": 5}]))),
        ("interventions", luck.choice(([], [{"kind": "prebunk", "start": 60}]))),
        ("interventions.0.start", luck.choice((0, 600))), ("interventions.0.trigger", None),
        ("difficulty", 2), ("controls", []), ("claims", []), ("questions", [text(luck)]),
    ]  # fmt: skip
    return dict(luck.sample(possible, luck.choice((1, 1, 2, 4))))
