"""Two stories do what model §9 says they do, in a small and in a large world."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.statistical.figures import Figure, check, figure, show
from viralbots.engine.simulate import simulate
from viralbots.experiments.runner import run_all
from viralbots.metrics.base import deciders
from viralbots.metrics.cascade import forest_of, trees_of
from viralbots.scenario import Scenario, load, override
from viralbots.world.assemble import build
from viralbots.world.spec import WorldSpec
from viralbots.world.world import World

FOLDER = Path(__file__).resolve().parent.parent.parent / "scenarios"
SIZES = (10_000, 100_000)
Values = Mapping[str, np.ndarray]

NO_THREAT: dict[str, object] = {"messages.letter.threat": 0.0}
NO_LEAK: dict[str, object] = {"controls": [], "interventions": []}
HARMLESS: dict[str, object] = {
    **NO_LEAK,
    "messages.fake_ad.disguise": 0.0,
    "messages.fake_ad.is_false": False,
}


@cache
def world_of(n_users: int) -> World:
    return build(WorldSpec(n_users=n_users))


def story(name: str, n_users: int, changes: Mapping[str, object]) -> Scenario:
    return override(load(FOLDER / f"{name}.yaml"), {"network.n_users": n_users, **changes})


def runs(name: str, n_users: int, changes: Mapping[str, object], replicates: int) -> Values:
    scenario = story(name, n_users, changes)
    return run_all(scenario, replicates=replicates, world=world_of(n_users)).values


def limited(chats: int) -> dict[str, object]:
    return {"interventions": [{"kind": "forward_limit", "limit": chats}]}


def test_a_campaign_that_hides_nothing_is_not_exposed() -> None:
    values = runs("fake_ad_backlash", 10_000, HARMLESS, 10)
    assert values["take_off"].any(), "it must be large for its silence to mean something"
    assert not values["size:exposure"].any()


def test_fear_makes_a_letter_spread() -> None:
    letter = runs("chain_letter", 10_000, {}, 8)["reach"]
    calm = runs("chain_letter", 10_000, NO_THREAT, 8)["reach"]
    show("Reach", [figure("with the threat", letter), figure("without", calm)])
    assert letter.mean() > 5 * calm.mean()


@pytest.mark.slow
@pytest.mark.parametrize("n_users", SIZES)
def test_a_chain_letter_lives_on_fear_and_dies_of_limits(n_users: int) -> None:
    arms = {
        "threat": runs("chain_letter", n_users, {}, 40),
        "no threat": runs("chain_letter", n_users, NO_THREAT, 40),
        "limit 5": runs("chain_letter", n_users, limited(5), 100),
        "limit 1": runs("chain_letter", n_users, limited(1), 100),
    }
    large = n_users == SIZES[1]
    aims = dict(zip(arms, (0.974, 0.004, 0.0028, 0.0002), strict=True)) if large else {}
    found = [
        figure(f"reach, {name}", arm["reach_share"], aims.get(name, np.nan))
        for name, arm in arms.items()
    ]
    found += [figure(f"R, {name}", arm["r"]) for name, arm in arms.items()]
    show(f"The chain letter among {n_users} users (targets: model §9)", found)
    reach = {name: float(arm["reach_share"].mean()) for name, arm in arms.items()}
    assert reach["threat"] > 0.95
    assert reach["threat"] > 5 * reach["no threat"]
    assert reach["no threat"] > reach["limit 1"] and reach["limit 5"] > reach["limit 1"]
    assert arms["limit 5"]["r"].mean() < 1 and arms["limit 1"]["r"].mean() < 0.6
    if large:
        assert reach["limit 5"] < 0.006 and reach["limit 1"] < 0.001


@pytest.mark.slow
@pytest.mark.parametrize("n_users", SIZES)
def test_the_vulnerable_pass_a_threat_on_more_often(n_users: int) -> None:
    scenario, world = story("chain_letter", n_users, {}), world_of(n_users)
    vulnerable = world.population.vulnerable
    shares = []
    for replicate in range(20):
        passed_on = deciders(simulate(scenario, 1, replicate=replicate, world=world), 0)
        shares.append((passed_on[vulnerable].mean(), passed_on[~vulnerable].mean()))
    weak, others = np.array(shares).T
    check(
        f"Users who passed the chain letter on, of {n_users}",
        [
            figure("vulnerable", weak, 0.75, 0.03),
            figure("others", others, 0.59, 0.03),
            figure("difference", weak - others, 0.16, 0.04),
        ],
    )


def above_share(values: Values) -> np.ndarray:
    """1 for the runs in which the exposure reached more than the fraud, float64[runs]."""
    return (values["reach:exposure"] > values["reach"]).astype(np.float64)


def figures_of(name: str, arm: Values, fraud: float, exposure: float) -> list[Figure]:
    """Figures of one arm of the false advertisement, with what model §9 says of it."""
    difference = arm["reach_share:exposure"] - arm["reach_share"]
    return [
        figure(f"{name}: reach of the fraud", arm["reach_share"], fraud),
        figure(f"{name}: R of the fraud", arm["r"]),
        figure(f"{name}: runs in which it takes off", arm["take_off"]),
        figure(f"{name}: reach of the exposure", arm["reach_share:exposure"], exposure),
        figure(f"{name}: exposure − fraud", difference),
        figure(f"{name}: runs in which the exposure is above", above_share(arm)),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("n_users", SIZES)
def test_an_exposure_reaches_more_people_than_the_fraud(n_users: int) -> None:
    leak = runs("fake_ad_backlash", n_users, {}, 40)
    anybody = runs("fake_ad_backlash", n_users, {"interventions.0.who": "random"}, 40)
    silent = runs("fake_ad_backlash", n_users, NO_LEAK, 40)
    harmless = runs("fake_ad_backlash", n_users, HARMLESS, 40)
    led = figures_of("leaders tell", leak, 0.44, 0.80)
    slowed = figure("fraud, leaders tell − nobody", leak["reach_share"] - silent["reach_share"])
    show(
        f"The advertisement nobody ordered among {n_users} users (targets: model §9)",
        [
            *led,
            *figures_of("anybody tells", anybody, 0.61, 0.81),
            *figures_of("no leak", silent, np.nan, np.nan),
            slowed,
            figure("hiding nothing: reach", harmless["reach_share"]),
            figure("hiding nothing: adopters of an exposure", harmless["size:exposure"]),
        ],
    )
    assert led[4].bracket[0] > 0, "the exposure must reach more than the fraud on average"
    assert slowed.bracket[1] < 0, "a leak must slow the fraud"
    assert led[0].mean > 0.02, "a leak must not stop the fraud"
    assert not harmless["size:exposure"].any()


def shapes(name: str, changes: Mapping[str, object], replicates: int) -> np.ndarray:
    """Structural virality and largest broadcast of cascades of 20 to 100, float64[cascades, 2]."""
    scenario, world = story(name, SIZES[1], changes), world_of(SIZES[1])
    found = []
    for replicate in range(replicates):
        trees = trees_of(forest_of(simulate(scenario, 1, replicate=replicate, world=world)))
        some = (trees.size >= 20) & (trees.size <= 100)
        found.append(np.stack([trees.virality[some], trees.largest_broadcast[some]], axis=1))
    return np.concatenate(found)


@pytest.mark.slow
def test_a_chain_letter_is_narrower_than_a_film_of_the_same_size() -> None:
    letters = shapes("chain_letter", limited(5), 200)
    films = shapes("fake_ad_backlash", HARMLESS, 40)
    show(
        f"Cascades of 20 to 100: {len(letters)} letters, {len(films)} films (model §9, case 12)",
        [
            figure("virality, letters", letters[:, 0], 5.5),
            figure("virality, films", films[:, 0], 3.4),
            figure("largest broadcast, letters", letters[:, 1], 0.13),
            figure("largest broadcast, films", films[:, 1], 0.46),
        ],
    )
    assert len(letters) >= 50 and len(films) >= 50
    assert letters[:, 0].mean() > films[:, 0].mean()
    assert letters[:, 1].mean() < films[:, 1].mean()
