"""Known answers on the way through scenario files: uniform sponsor, Erlang's loss formula.

Two-sided, |z| < 4, with fixed seeds; each run is one observation, so that what happens inside a
run may depend on itself as it likes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from viralbots.engine.simulate import simulate
from viralbots.metrics import METRICS
from viralbots.metrics.accounts import joined_of
from viralbots.metrics.harm.concentration import gini
from viralbots.metrics.referral import below, parents
from viralbots.scenario import Scenario, load, override
from viralbots.world.assemble import build

pytestmark = pytest.mark.slow

FILES = Path(__file__).parent / "files"
DAYTIME = (9, 18)  # hours with one rate of activity, the first of them left out


def z_of(gaps: NDArray[np.float64]) -> float:
    """Mean of independent observations in standard errors."""
    return float(gaps.mean() / (gaps.std(ddof=1) / np.sqrt(len(gaps))))


def loss(servers: int, load_: float) -> float:
    """Erlang B by its recursion."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load_ * blocked / (k + load_ * blocked)
    return blocked


@pytest.mark.parametrize(
    ("b", "levels", "nobody", "inequality"), [(3, 10, 0.667, 0.937), (2, 10, 0.500, 0.872)]
)
def test_a_complete_pyramid_leaves_most_with_nothing(
    b: int, levels: int, nobody: float, inequality: float
) -> None:
    n = sum(b**level for level in range(levels + 1))
    parent = np.concatenate([[-1], (np.arange(1, n) - 1) // b])
    n_below = below(parent, 8)
    print(f"b = {b}: nobody below {np.mean(n_below == 0):.4f}, Gini {gini(n_below):.4f}")
    assert np.mean(n_below == 0) == pytest.approx(nobody, abs=5e-4)
    assert gini(n_below) == pytest.approx(inequality, abs=5e-4)


def test_a_uniform_sponsor_gives_recursive_trees() -> None:
    """P(r recruits) = 2^−(r+1) and P(downline ≥ m) = 1/(m+1) over the members of each run."""
    scenario = load(FILES / "uniform_sponsor.yaml")
    world = build(scenario.network)
    gaps: dict[str, list[float]] = {}
    n_members = []
    for replicate in range(80):
        trace = simulate(scenario, 1, replicate=replicate, world=world)
        rows = joined_of(trace, 0)
        parent, n = parents(rows, trace.n_users), len(rows)
        n_recruits, n_below = np.bincount(parent[parent >= 0], minlength=n), below(parent)
        n_members.append(n)
        for r in range(6):
            gap = (n_recruits == r).sum() - n / 2 ** (r + 1)
            gaps.setdefault(f"P({r} recruits)", []).append(gap)
        for m in (1, 2, 3, 5):  # of a tree grown e^λT-fold too few, by m (m + 1) / 2 e^2λT
            gap = (n_below >= m).sum() - n / (m + 1)
            gaps.setdefault(f"P(downline >= {m})", []).append(gap)
    assert np.mean(n_members) < 0.1 * scenario.network.n_users  # the pool is nearly untouched
    for name, values in gaps.items():
        print(f"{name}: z = {z_of(np.array(values)):+.2f} over {sum(n_members)} members")
        assert abs(z_of(np.array(values))) < 4, name


def test_a_join_fee_pays_few_and_costs_most_until_the_pool_is_empty() -> None:
    """Case 14: half recruit nobody, Gini > .8, losers > .8, late ones worse, nothing is made."""
    scenario = override(load(FILES / "uniform_sponsor.yaml"), {"horizon_days": 20})
    world = build(scenario.network)
    trace = simulate(scenario, 1, world=world)
    value = {name: metric.function(world, trace, 0) for name, metric in METRICS.items()}
    names = ("recruited_nobody", "gain_gini", "loser_share", "late_gain_share", "top_share")
    print({name: round(value[name], 3) for name in names}, int(value["converts"]))
    assert value["recruited_nobody"] >= 0.5 and value["gain_gini"] > 0.8
    assert value["loser_share"] > 0.8 and value["late_gain_share"] < 0.2
    new = np.diff(trace.hourly("converts"))
    assert new[-48:].sum() < 0.01 * new.sum() and value["converts"] > 0.9 * trace.n_users


@pytest.mark.parametrize(("servers", "erlangs", "known"), [(5, 2, 0.0366972), (10, 10, 0.2145823)])
def test_a_full_landing_turns_away_as_many_as_erlang_says(
    servers: int, erlangs: float, known: float
) -> None:
    """Requests of the daytime hours, whose rate is constant; a place is held for 60 whole minutes
    with the one of the request among them, so 59.5 minutes on average."""
    assert loss(servers, erlangs) == pytest.approx(known, abs=5e-8)
    scenario = landing(servers, erlangs)
    world = build(scenario.network)
    hour = np.arange(scenario.horizon // 60)
    is_day = np.isin((8 + hour) % 24, range(*DAYTIME))
    counts = []
    for replicate in range(60):
        trace = simulate(scenario, 1, replicate=replicate, world=world)
        hourly = (np.diff(trace.hourly(name))[is_day] for name in ("requests", "refused"))
        counts.append([int(count.sum()) for count in hourly])
    asked, refused = np.array(counts, float).T
    offered = asked.mean() / is_day.sum() * 59.5 / 60  # a little less: some had it already
    z, z_offered = z_of(refused - known * asked), z_of(refused - loss(servers, offered) * asked)
    share = refused.sum() / asked.sum()
    print(f"B({servers}, {erlangs}) = {known}: {share:.4f} of {asked.sum():.0f}, z = {z:+.2f}; "
          f"at the {offered:.3f} erlang offered z = {z_offered:+.2f}")  # fmt: skip
    assert offered == pytest.approx(erlangs, rel=0.03)
    assert abs(z) < 4 and abs(z_offered) < 4


def landing(servers: int, erlangs: float) -> Scenario:
    """The scenario with as many places, and so many requests in 59.5 minutes of the daytime."""
    scenario = load(FILES / "erlang.yaml")
    n_accounts = round(scenario.bots[0].share * scenario.network.n_users)
    per_day = erlangs / 59.5 * 14_400 / 13 / n_accounts  # 13 of 14 400 active units a minute
    return override(scenario, {"bots[0].flooding": per_day, "interventions[0].per_hour": servers})
