"""Random small scenarios with money in which everything that costs or earns may happen."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from viralbots.scenario import Scenario, from_dict
from viralbots.world.assemble import build
from viralbots.world.spec import WorldSpec
from viralbots.world.world import World

N_USERS = 120
Document = dict[str, Any]
CELLS = {"read.const": 1.5, "convert.const": 0.5, "fall.const": 0.5, "forward.const": -0.5,
         "react.const": -3.0, "read.footer": 1.0}  # fmt: skip


@cache
def small_world() -> World:
    return build(WorldSpec(n_users=N_USERS))


def money(luck: random.Random) -> Document:
    """Costs, revenue, and now and then a referral scheme; amounts that do not divide evenly."""
    found: Document = {
        "costs": {
            "planted": 3.1, "brand_delivery": 0.0137, "per_convert": luck.choice((0.0, 1.7)),
            "per_forward": luck.choice((None, 0.0, 0.3)), "commission": 0.7,
            "fixed": luck.choice((0.0, 1234.56)), "per_day": 7.77, "sms": 0.049,
            "sms_paid_by": luck.choice(("sender", "sponsor")),
        },
        "revenue": {
            "advertising": 0.0123, "upgrade_share": 0.4, "keep_share": 0.3, "paid_share": 0.9,
            "keep_per_reading": 0.1, "after_days": luck.choice((0.0, 0.7)), "address": 0.031,
            "victim_loss": 20.0,
        },
    }  # fmt: skip
    if luck.random() < 0.6:
        found["referral"] = {"levels": luck.choice((1, 3, 8)), "impressions": 0.07,
                             "join_fee": luck.choice((0.0, 9.99)),
                             "operator_share": luck.choice((0.0, 1 / 3, 1.0))}  # fmt: skip
    return found


def message(luck: random.Random) -> Document:
    channels = luck.choice(({"email": 1}, {"im": 1, "sms": 1}, {"sms": 1}, {"video": 1, "im": 1}))
    return {
        "value": 0.8, "ease": 0.8, "arousal": 0.6, "channels": channels,
        "brand": luck.choice((None, "b")), "sponsored": False, "price": 12.34,
        "offer": luck.choice(("none", "trial", "partial", "full", "free_copy")),
        "reward": luck.choice((0.0, 2.5)), "two_sided": luck.random() < 0.5,
        "phishing": luck.random() < 0.25, "footer": luck.choice((0, 0, 0.5)) if "video" not in
        channels else 0, "auto_send": luck.choice(("nobody", "members", "address_books")),
        "reminder_days": luck.choice((None, 0.5)), "members_only": luck.random() < 0.2,
    }  # fmt: skip


def random_money(number: int) -> Scenario:
    """Scenario ``number``: waves of every kind, members, bots, landing, fines, two messages."""
    luck = random.Random(number)
    names = ("first", "second")
    waves = [
        {"message": name, "count": luck.randint(2, 12), "minute": minute,
         "by": luck.choice(("users", "brand", "members")),
         "paid": luck.random() < 0.4}
        for name in names for minute in (0, luck.choice((0, 700)))
    ]  # fmt: skip
    measures: list[Document] = [
        {"kind": "capacity", "per_hour": luck.choice((1, 3))},
        {"kind": "accuracy_prompt", "start": luck.choice((0, 900, 10**6)), "cost": 3.3,
         "cost_per_day": 1.01, "paid_by": luck.choice(("platform", "sponsor", "state")),
         "duration": luck.choice((None, 100))},
        {"kind": "regulator_stop", "fine": 500.0, "start": 1000},
    ]  # fmt: skip
    kinds = ("amplifier", "spammer", "sockpuppet", "harvester", "hijacked", "recruiter")
    bots = [
        {"kind": luck.choice(kinds), "message": luck.choice(names), "share": 0.05, "cost": 9.9}
    ]
    messages = {name: message(luck) for name in names}
    if luck.random() < 0.4:
        messages["first"] |= {"variant": "second", "mutation": 0.3}
    return from_dict({
        "format": 1, "name": f"money_{number}", "title": {"en": "-", "zh": "-"},
        "story": {"en": "-", "zh": "-"}, "network": {"n_users": N_USERS}, "horizon_days": 2,
        "messages": messages, "seeding": waves,
        "interventions": luck.sample(measures, luck.randint(0, 3)),
        "bots": bots if luck.random() < 0.6 else [], "rule": {"cells": CELLS},
        "money": {**money(luck), "messages": luck.choice(([], ["second"], ["second", "first"]))},
    })  # fmt: skip
