"""The effects that were measured come out of the measures that claim them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.interventions.small import ALONE, LIE, TRUTH, Document, story
from viralbots.engine.simulate import simulate
from viralbots.rules.constants import DEFAULTS
from viralbots.rules.main_rule import fan_out_table
from viralbots.trace import SEED, Trace
from viralbots.world.assemble import build
from viralbots.world.spec import WorldSpec
from viralbots.world.world import World

pytestmark = pytest.mark.slow
SIZE = 100_000


@cache
def large() -> World:
    return build(WorldSpec.model_validate(NETWORK))


NETWORK: Document = {"n_users": SIZE, "population": {"email": 1.0, "video": 1.0}}


def run(messages: Document, seeding: list[Document], *measures: Document, **more: Any) -> Trace:
    scenario = story(messages, seeding, *measures, network=NETWORK, **more)
    return simulate(scenario, 1, world=large())


def campaign(*measures: Document) -> Trace:
    """A false message without disguise and a true one, each mailed to everybody once."""
    mails = [
        {"message": name, "count": SIZE, "by": "brand", "channel": "email"}
        for name in ("lie", "truth")
    ]
    cells = {name: value for name, value in ALONE.items() if name != "read.const"}
    return run({"lie": LIE, "truth": TRUTH}, mails, *measures, cells=cells)


def test_an_accuracy_prompt_stops_a_tenth_of_the_forwards_of_what_is_false() -> None:
    plain, asked = campaign(), campaign({"kind": "accuracy_prompt"})
    before, after = plain.total("forwards"), asked.total("forwards")
    change = after / before - 1
    half = 1.96 * (0.1 * 0.9 / before) ** 0.5
    print(f"\nforwards of the lie {before} → {after}: {100 * change:+.2f} % ± {100 * half:.2f}")
    print(f"forwards of the truth {plain.total('forwards', 1)} → {asked.total('forwards', 1)}")
    assert abs(change + 0.10) < half
    assert asked.total("forwards", 1) == plain.total("forwards", 1)


def test_a_prebunk_gains_five_points_of_detection() -> None:
    plain, taught = campaign(), campaign({"kind": "prebunk"})
    assert plain.total("readings") == taught.total("readings")
    before, after = (t.total("detections") / t.total("readings") for t in (plain, taught))
    half = 1.96 * ((before * (1 - before) + after * (1 - after)) / plain.total("readings")) ** 0.5
    gain = 100 * (after - before)
    print(f"\ndetected {100 * before:.1f} % → {100 * after:.1f} %: {gain:+.2f} ± {100 * half:.2f}")
    assert abs(gain - 5) < 100 * half


def law(limit: int) -> float:
    """Change of the mean fan-out by a limit, in percent, from the law itself."""
    r = DEFAULTS["fan_out.dispersion"]
    term, ratio = fan_out_table(dict(DEFAULTS))
    free = capped = np.zeros(len(term))
    for k in range(1000):
        free = free + (1 + k) * term
        capped = capped + min(1 + k, limit) * term
        term = term * ((k + r) / (k + 1)) * ratio
    return float(100 * (capped.mean() / free.mean() - 1))


@pytest.mark.parametrize(("limit", "measured"), [(5, -25.0), (1, -70.0)], ids=["5", "1"])
def test_a_limit_cuts_forwards_as_the_law_of_fan_outs_says(limit: int, measured: float) -> None:
    letter, seeds = {"letter": {"channels": {"sms": 1}}}, [{"message": "letter", "count": 60_000}]
    cells = {**ALONE, "forward.const": -50.0}
    sent = []
    for measures in ((), ({"kind": "forward_limit", "limit": limit},)):
        found = run(letter, seeds, *measures, cells=cells)
        sent.append(found.adoptions["n_sent"][found.adoptions["kind"] == SEED].astype(float))
    free, capped = sent
    change = 100 * (capped.sum() / free.sum() - 1)
    ratio = capped.sum() / free.sum()
    half = 196 * np.std(capped - ratio * free) / (free.mean() * len(free) ** 0.5)
    told = f"law {law(limit):.2f}, one messenger {measured}"
    print(f"\nlimit {limit}: {change:.2f} % ± {half:.2f} ({told})")
    assert abs(change - law(limit)) < 2 * half  # four standard deviations
    assert abs(change - measured) < 5, "near what was measured, though not evidence for it"
