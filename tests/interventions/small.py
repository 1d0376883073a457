"""A small world in which a measure can be watched alone.

In a *solo* everybody gets one mail of a brand, everybody reads it, and whoever passes it on
posts it where nobody looks: one decision a user, nothing that comes back.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viralbots.engine.simulate import simulate
from viralbots.scenario import Scenario, from_dict
from viralbots.trace import Trace
from viralbots.world.assemble import build
from viralbots.world.spec import WorldSpec
from viralbots.world.world import CHANNELS, World

N = 600
DAY = 1440
Document = dict[str, Any]
TEXT = {"en": "-", "zh": "-"}
PEOPLE = {"email": 1.0, "video": 1.0, "im": 1.0, "sms": 1.0, "operator_share": 0.1}
CALM = {"react.const": -50.0}
"""Nobody turns against anything, so that nothing is stopped but by the measure."""
READ_ALL = {"read.const": 50.0, "read.footer": 50.0, "read.group": 50.0}
ALONE = {**CALM, **READ_ALL, "visibility.video": 0.0}

LIE: Document = {"is_false": True, "value": 0.8, "arousal": 1, "ease": 1, "channels": {"video": 1}}
TRUTH: Document = {**LIE, "is_false": False}


def story(
    messages: dict[str, Document], seeding: list[Document], *interventions: Document, **more: Any
) -> Scenario:
    cells = more.pop("cells", CALM)
    return from_dict({
        "format": 1, "name": "small", "title": TEXT, "story": TEXT, "horizon_days": 4,
        "network": {"n_users": N, "population": PEOPLE}, "messages": messages,
        "seeding": seeding, "interventions": list(interventions), "rule": {"cells": cells}, **more,
    })  # fmt: skip


@cache
def world() -> World:
    return build(WorldSpec.model_validate({"n_users": N, "population": PEOPLE}))


def run(scenario: Scenario, seed: int = 1, level: str = "deliveries") -> Trace:
    return simulate(scenario, seed, world=world(), level=level)


def mail(message: str, minute: int = 0) -> Document:
    """A brand writes to everybody."""
    return {"message": message, "count": N, "by": "brand", "channel": "email", "minute": minute}


def solo(*interventions: Document, **more: Any) -> Trace:
    """A false message and a true one, each read once by everybody and passed on to nobody."""
    messages = {"lie": {**LIE, "offer": "full"}, "truth": TRUTH}
    seeding = [mail("lie"), mail("truth")]
    cells = {**ALONE, **more.pop("cells", {})}
    return run(story(messages, seeding, *interventions, cells=cells, **more))


def of_class(word: str) -> NDArray[np.bool_]:
    from viralbots.interventions.levers import members

    return members(world(), word)


def rows(trace: Trace, **wanted: Any) -> NDArray[np.void]:
    """Deliveries with these values; ``flags`` are bits that must be set."""
    found = trace.deliveries
    assert found is not None
    for name, value in wanted.items():
        if name == "channel":
            value = CHANNELS.index(value)
        if name == "flags":
            found = found[(found["flags"] & value) != 0]
        else:
            found = found[found[name] == value]
    return found


def stopped(deliveries: NDArray[np.void]) -> NDArray[np.bool_]:
    return (deliveries["outcome"] & 3) == 0


def is_near(count: float, n: float, prob: float) -> bool:
    """Whether a binomial count is within four standard deviations."""
    return bool(abs(count - n * prob) < 4 * (n * prob * (1 - prob)) ** 0.5 + 1e-9)


def within(few: NDArray[np.bool_], many: NDArray[np.bool_]) -> bool:
    """A proper subset."""
    return bool((few <= many).all() and few.sum() < many.sum())
