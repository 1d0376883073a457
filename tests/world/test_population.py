"""Attributes follow model §1, and each is a hash of seed and key."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from pydantic import ValidationError

from viralbots import exact
from viralbots.world.population import (
    build_population,
    circles,
    interest,
    with_leaders,
)
from viralbots.world.shares import PopulationSpec
from viralbots.world.world import AGE_BANDS, CHANNELS, ROLES, Population

N = 40_000
COMMUNITY = (np.arange(N) // 200).astype(np.int32)
REGION = np.zeros(N, np.int32)


@pytest.fixture(scope="module")
def population() -> Population:
    return build_population(5, PopulationSpec(), COMMUNITY, REGION)


def z_of_share(found: float, expected: float, n: int) -> float:
    z = (found - expected) / np.sqrt(expected * (1 - expected) / n)
    print(f"share {found:.4f}, expected {expected:.4f}, z = {z:.2f}")
    return float(z)


@pytest.mark.parametrize(("band", "share"), [("minor", 0.06), ("young", 0.24), ("elder", 0.1)])
def test_age_bands_have_their_shares(population: Population, band: str, share: float) -> None:
    found = np.mean(population.age_band == AGE_BANDS.index(band))
    assert abs(z_of_share(found, share, N)) < 4


@pytest.mark.parametrize("channel", CHANNELS[:6])
def test_channels_have_their_shares(population: Population, channel: str) -> None:
    uses = population.channels >> CHANNELS.index(channel) & 1
    assert abs(z_of_share(uses.mean(), getattr(PopulationSpec(), channel), N)) < 4


def test_nobody_has_a_bit_for_the_web(population: Population) -> None:
    assert population.channels.max() < 64


def test_a_fifth_is_vulnerable_and_all_minors_and_elders_are(population: Population) -> None:
    expected = 1 - (1 - 0.16) * (1 - 0.04)
    assert abs(z_of_share(population.vulnerable.mean(), expected, N)) < 4
    old_or_young = np.isin(
        population.age_band, [AGE_BANDS.index("minor"), AGE_BANDS.index("elder")]
    )
    assert population.vulnerable[old_or_young].all()


def test_the_vulnerable_are_easier_to_frighten_and_to_deceive(population: Population) -> None:
    weak = population.vulnerable
    assert population.threat.max() <= 4096
    gap = (population.threat[weak].mean() - population.threat[~weak].mean()) / 4096
    assert 0.27 < gap < 0.31  # .3, less what the cap takes
    skill = population.detection / 2**20
    assert skill[~weak].mean() == pytest.approx(0.0, abs=0.03)
    assert skill[weak].mean() == pytest.approx(-1.5, abs=0.05)
    assert skill[~weak].std() == pytest.approx(1.0, abs=0.02)


def test_indices_are_uniform_and_attributes_independent(population: Population) -> None:
    names = ("sociability", "activity", "reputation", "threat")
    columns = np.stack([getattr(population, name) for name in names]).astype(float)
    assert columns[:2].mean(axis=1) == pytest.approx([2047.5, 2047.5], rel=0.02)
    off_diagonal = np.corrcoef(columns)[~np.eye(4, dtype=bool)]
    assert np.abs(off_diagonal).max() < 4 / np.sqrt(N)


def test_attributes_move_with_the_key() -> None:
    key = np.array([9, 3, 77], np.uint64)
    place = np.zeros(3, np.int32)
    one = build_population(1, PopulationSpec(), place, place, key=key)
    other = build_population(1, PopulationSpec(), place, place, key=key[::-1].copy())
    for item in fields(Population):
        if item.name != "seed":
            assert getattr(one, item.name).tolist() == getattr(other, item.name)[::-1].tolist()


def test_interest_is_beta_and_shared_inside_communities(population: Population) -> None:
    m = interest(population, "football") / 4096
    # Communities share .3 of the variance, so the mean has fewer degrees of freedom.
    assert m.mean() == pytest.approx(0.5, abs=0.03)
    assert m.std() == pytest.approx(np.sqrt(0.05), abs=0.01)
    between = np.var(m.reshape(-1, 200).mean(axis=1)) / np.var(m)
    assert between == pytest.approx(0.3, abs=0.06)
    other = interest(population, "opera") / 4096
    assert abs(np.corrcoef(m, other)[0, 1]) < 0.1


def test_circles_hold_at_most_twenty_members_of_one_community() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    community = rng.integers(0, 7, 500).astype(np.int32)
    key = rng.permutation(500).astype(np.uint64)
    circle = circles(community, key)
    assert np.array_equal(np.unique(circle), np.arange(circle.max() + 1))
    for number in range(circle.max() + 1):
        members = np.flatnonzero(circle == number)
        assert len(members) <= 20
        assert len(np.unique(community[members])) == 1
    inside = np.flatnonzero(community == 3)
    in_key_order = inside[np.argsort(key[inside])]
    assert np.all(np.diff(circle[in_key_order]) >= 0)


def test_leaders_are_the_most_followed_and_ties_go_to_the_smaller_key() -> None:
    community = np.repeat(np.array([0, 1, 2], np.int32), [100, 25, 19])
    n = len(community)
    population = build_population(1, PopulationSpec(), community, np.zeros(n, np.int32))
    followers = np.ones(n, np.int64)
    followers[[7, 130]] = 50
    leader = ROLES.index("leader")
    led = with_leaders(population, followers, 0.02)
    # 2 of 100 (the most followed, then the smallest key), 1 of 25, none of 19.
    assert np.flatnonzero(led.role == leader).tolist() == [0, 7, 100]
    none = with_leaders(population, np.zeros(n, np.int64), 0.02)
    assert not (none.role == leader).any()


def test_wrong_shares_are_reported_together() -> None:
    with pytest.raises(ValidationError) as caught:
        PopulationSpec(minor=1.2, im=-0.1)
    assert [error["loc"] for error in caught.value.errors()] == [("minor",), ("im",)]
    with pytest.raises(ValidationError, match="must be at most 1, got 1.1; lower one of them"):
        PopulationSpec(minor=0.5, young=0.4, elder=0.2)


def test_threat_is_a_quantile_of_the_table(population: Population) -> None:
    assert np.isin(population.threat[~population.vulnerable], exact.beta_threat_quantiles()).all()
