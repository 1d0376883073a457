"""The campaign on which the model is calibrated gives the campaign's figures (model §2)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.statistical.figures import Figure, check, figure
from viralbots.engine.simulate import simulate
from viralbots.experiments.runner import run_all
from viralbots.experiments.summary import Result
from viralbots.run import Vary
from viralbots.scenario import Scenario, load, override
from viralbots.world.assemble import build
from viralbots.world.world import World

FORWARD, FAN_OUT, R0 = 0.0879, 2.96, 0.26  # of the tracked campaign
SENSITIVITY = {
    "message.ad_intensity": {0.0: 0.165, 0.3: 0.103, 0.6: 0.063, 0.9: 0.035},
    "message.reward": {0.0: 0.055, 0.7: 0.088, 2.0: 0.182},  # as b = ln(1 + reward)
    "message.ease": {0.2: 0.058, 0.5: 0.075, 0.95: 0.106},
}
ALLOWED = 0.10  # relative


@pytest.fixture(scope="module")
def campaign(root: Path) -> Scenario:
    return load(root / "scenarios" / "tell_a_friend.yaml")


@pytest.fixture(scope="module")
def world(campaign: Scenario) -> World:
    return build(campaign.network)


def figures_of(result: Result, within: tuple[float, float, float]) -> list[Figure]:
    values = result.values
    return [
        figure("forward probability", values["forward_probability"], FORWARD, within[0]),
        figure("fan-out", values["fan_out"], FAN_OUT, within[1]),
        figure("R0 (their product)", values["r0"], R0, within[2]),
        figure("R by the cascades", values["r"], R0),
        figure("adopters a seed", values["mean_cascade_size"], 1.35),
    ]


def test_forty_campaigns_agree_with_the_measured_one(campaign: Scenario, world: World) -> None:
    found = figures_of(run_all(campaign, replicates=40, world=world), (math.inf,) * 3)
    check("Calibration, 40 runs", found)
    for f in found[:3]:
        assert abs(f.z) < 4
    assert found[0].error < 0.004, "the error is too large for the test to tell anything"


def test_a_harmless_change_is_told_from_an_annoying_one(campaign: Scenario, world: World) -> None:
    heavy = override(campaign, {"message.ad_intensity": 0.9})
    few, many = (
        run_all(scenario, replicates=20, world=world).values["forward_probability"]
        for scenario in (heavy, campaign)
    )
    f = figure("forward probability at d .9 less that at d .4", few - many, 0.035 - FORWARD, 0.012)
    check("A heavy advertisement", [f])
    assert abs(f.z) < 4


@pytest.mark.slow
@pytest.mark.parametrize("vary", ["luck", "both"])
def test_the_campaign_has_the_measured_figures(campaign: Scenario, vary: Vary) -> None:
    result = run_all(campaign, replicates=200, vary=vary)
    check(f"Calibration, 200 runs, other {vary}", figures_of(result, (0.005, 0.1, 0.03)))
    assert result.values["take_off"].sum() == 0, "every cascade of the campaign died"


@pytest.mark.slow
def test_properties_move_it_as_the_model_says(campaign: Scenario, world: World) -> None:
    found = []
    for path, row in SENSITIVITY.items():
        for amount, target in row.items():
            value = math.expm1(amount) if path == "message.reward" else amount
            result = run_all(override(campaign, {path: value}), replicates=200, world=world)
            forward = result.values["forward_probability"]
            found.append(figure(f"{path} {amount:g}", forward, target, ALLOWED * target))
    check("Forward probability, 200 runs each", found)


def waits(scenario: Scenario, world: World, replicates: int) -> tuple[np.ndarray, int]:
    """Minutes from a forward to its arrival, and how many arrive beyond the horizon."""
    found, n_censored = [], 0
    for replicate in range(replicates):
        trace = simulate(scenario, 1, replicate=replicate, level="deliveries", world=world)
        assert trace.deliveries is not None
        sent_at = np.full(trace.n_users, -1)
        sent_at[trace.adoptions["user"]] = trace.adoptions["minute"]
        found.append(trace.deliveries["minute"] - sent_at[trace.deliveries["source"]])
        n_censored += trace.total("censored")
    return np.concatenate(found), n_censored


@pytest.mark.slow
def test_marketing_mail_waits_hours(campaign: Scenario, world: World) -> None:
    found, n_censored = waits(campaign, world, 40)
    assert found.min() >= 1
    n = len(found) + n_censored
    median = float(np.sort(found)[n // 2])
    half_day = np.count_nonzero(found <= 720) / n
    # By day a minute counts 1.3 or 1.2 active ones: 256 of these are 197 to 213 by the clock.
    median_error = 1.25 * 2.13 * median / math.sqrt(n)
    day_error = math.sqrt(half_day * (1 - half_day) / n)
    check(
        f"Waits of {n} mails begun on a Monday at 08:00, by the clock",
        [
            Figure("median in minutes (campaign: 256)", median, median_error, 205, 15),
            Figure("share within 12 hours (campaign: .70)", half_day, day_error, 0.70, 0.04),
        ],
    )
