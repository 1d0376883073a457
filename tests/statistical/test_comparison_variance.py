"""What common luck is worth: variance of the paired difference against independent seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from viralbots.experiments.comparison import compare
from viralbots.experiments.difference import Difference
from viralbots.experiments.runner import run_all
from viralbots.scenario import load, override
from viralbots.world.assemble import build

FOLDER = Path(__file__).resolve().parent.parent.parent / "scenarios"
REMOVAL = {"kind": "removal", "who": "random", "share": 0.001}
SHOWN = ("size", "size_given_take_off", "forward_probability", "reach", "read", "converts",
         "complaints", "r")  # fmt: skip
NO_LEAK: dict[str, Any] = {"controls": [], "interventions": []}


def paired(
    name: str, n_users: int, base: dict[str, Any], changes: dict[str, Any], replicates: int
) -> dict[str, Difference]:
    """Differences of a changed scenario from the scenario itself, in one world; printed."""
    scenario = override(load(FOLDER / f"{name}.yaml"), {"network.n_users": n_users, **base})
    world = build(scenario.network)
    arms = scenario, override(scenario, changes)
    results = [run_all(arm, replicates=replicates, workers=2, world=world) for arm in arms]
    found = compare(results).treatments[0].differences
    print(f"\n{name}, {n_users} users, {replicates} pairs: {changes}\n")
    print("| metric | A | B − A | 95 % bracket | correlation | variance saved |")
    print("|---|---|---|---|---|---|")
    for metric in SHOWN:
        d = found[metric]
        print(f"| {metric} | {d.baseline:.4g} | {d.mean:.3g} | {d.bracket.low:.3g} – "
              f"{d.bracket.high:.3g} | {d.correlation:.4f} | {d.saved:.3g} |")  # fmt: skip
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("n_users", "replicates"), [(10_000, 1000), (100_000, 300)])
def test_a_visible_payment_is_compared_with_a_quarter_of_the_runs(
    n_users: int, replicates: int
) -> None:
    """Perfect coupling gives 5.3: a visible payment turns away a share of those who forward."""
    visible = {"messages.prize.reward_visible": True}
    found = paired("tell_a_friend", n_users, {}, visible, replicates)
    for name in ("size", "forward_probability", "reach", "converts"):
        assert found[name].saved >= 4


@pytest.mark.slow
@pytest.mark.parametrize(("name", "base", "replicates"), [
    ("tell_a_friend", {}, 100), ("fake_ad_backlash", NO_LEAK, 40),
])  # fmt: skip
def test_removing_100_of_100_000_users_is_compared_with_a_tenth_of_the_runs(
    name: str, base: dict[str, Any], replicates: int
) -> None:
    """Each user is removed with a probability of .001, other ones in every pair."""
    found = paired(name, 100_000, base, {"interventions": [REMOVAL]}, replicates)
    for metric in ("size", "reach", "read", "forward_probability"):
        assert found[metric].saved >= 10


@pytest.mark.slow
def test_a_chain_letter_is_so_compared_where_it_takes_off_in_both_arms() -> None:
    """Ten people begin it. In about one pair in forty the removed users were what carried it
    over the first steps: there it dies in one arm, and that pair alone is all the variance."""
    found = paired("chain_letter", 100_000, {}, {"interventions": [REMOVAL]}, 40)
    assert found["size_given_take_off"].n >= 35
    assert found["size_given_take_off"].saved >= 10 and found["r"].saved >= 10
