"""The orderings of model §6 under the rule of the bot study, with figures (``pytest -s``).

Three thousand users are quick and show most of them. Two did not come out there: at 3000 users
deception cost more than ten-fold flooding by over half of the latter (so that ordering is looked
at with 10 000 users, the size from which the study vouches for its rule of stopping, and with
both amounts of flooding), and bots in the feeds of hubs hurt *more* than bots placed at random.
The latter contradicts the study and stands below as what it is.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.statistical.figures import Figure, figure, show
from viralbots.engine.simulate import simulate
from viralbots.scenario import from_dict
from viralbots.world.assemble import build
from viralbots.world.spec import WorldSpec
from viralbots.world.world import World

N_USERS, N_RUNS = 3000, 12
MANY_USERS, FEW_RUNS = 10_000, 6
TEXT = {"en": "-", "zh": "-"}
BASE = {"infiltration": 0.01}
"""The study's own values, which are the defaults."""

pytestmark = pytest.mark.slow


@cache
def world(n_users: int) -> World:
    return build(WorldSpec(n_users=n_users))


@cache
def _quality(n_users: int, n_runs: int, rule: tuple[tuple[str, Any], ...]) -> tuple[float, ...]:
    scenario = from_dict({
        "format": 1, "name": "feeds", "title": TEXT, "story": TEXT, "horizon_days": 7,
        "network": {"n_users": n_users}, "messages": {"post": {}, "spam": {}},
        "rule": {"kind": "attention_feed", **dict(rule)},
    })  # fmt: skip
    told: list[Any] = [
        simulate(scenario, 1, replicate=k, world=world(n_users), level="series").facts["rule"]
        for k in range(n_runs)
    ]
    return tuple(float(run["quality"]) for run in told)


def quality(many: bool = False, **rule: Any) -> np.ndarray:
    """Mean quality of each run."""
    size = (MANY_USERS, FEW_RUNS) if many else (N_USERS, N_RUNS)
    return np.array(_quality(*size, tuple(sorted({**BASE, **rule}.items()))))


def harm(name: str, many: bool = False, **rule: Any) -> Figure:
    """What a tactic costs: quality without it minus quality with it, paired by seed."""
    return figure(name, quality(many) - quality(many, **rule))


def test_quality_falls_with_every_step_of_infiltration() -> None:
    steps = (0.0, 0.003, 0.01, 0.03, 0.1)
    found = {g: quality(infiltration=g) for g in steps}
    show("Quality", [figure(f"γ = {g:g}", found[g]) for g in steps])
    falls = [figure(f"{a:g} → {b:g}", found[a] - found[b])
             for a, b in zip(steps, steps[1:], strict=False)]  # fmt: skip
    show("Fall", falls)
    assert all(fall.bracket[0] > 0 for fall in falls)


def test_infiltration_hurts_more_than_deception_or_flooding() -> None:
    """Each from the study's defaults to ten times (γ, θ) or to all there is (φ)."""
    infiltration = harm("infiltration, γ .01 → .1", infiltration=0.1)
    deception = harm("deception, φ 0 → 1", deception=1.0)
    flooding = harm("flooding, θ 1 → 10", flooding=10)
    more = harm("flooding, θ 1 → 64", flooding=64)
    show("Loss of quality", [infiltration, deception, flooding, more])
    assert min(f.bracket[0] for f in (infiltration, deception, flooding)) > 0
    gap = figure("infiltration − deception", quality(deception=1.0) - quality(infiltration=0.1))
    other = figure("infiltration − flooding", quality(flooding=64) - quality(infiltration=0.1))
    show("Gaps", [gap, other])
    assert min(gap.bracket[0], other.bracket[0]) > 0


@pytest.mark.parametrize("copies", [10, 64])
def test_deception_and_flooding_differ_by_less_than_half_of_either(copies: int) -> None:
    deception, flooding = quality(True, deception=1.0), quality(True, flooding=copies)
    differ = figure("deception − flooding", flooding - deception)
    loss = [harm("deception", True, deception=1.0),
            harm(f"flooding, θ = {copies}", True, flooding=copies)]  # fmt: skip
    show("Loss of quality, 10 000 users", [*loss, differ])
    assert max(map(abs, differ.bracket)) < 0.5 * min(f.mean for f in loss)


@pytest.mark.parametrize("placement", [
    pytest.param("hubs", marks=pytest.mark.xfail(
        strict=True, reason="not so here: with 3000 users bots in the feeds of hubs hurt more")),
    "leaders", "vulnerable", "community:0",
])  # fmt: skip
def test_targeting_hurts_no_more_than_random_placement(placement: str) -> None:
    excess = figure(f"{placement} − random", quality(placement=placement) - quality())
    show("Quality", [figure("random", quality()), figure(placement, quality(placement=placement)),
                     excess])  # fmt: skip
    assert excess.bracket[1] > 0, "it hurts more than random placement"


def test_bots_without_followers_cost_nothing_but_their_places() -> None:
    without = figure("no bots", quality(bots=0.0))
    alone = figure("bots nobody follows", quality(infiltration=0.0))
    show("Quality", [without, alone])
    assert abs(without.mean - alone.mean) < 0.03
