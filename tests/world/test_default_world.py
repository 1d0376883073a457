"""The default world has the numbers of model §9 and the structure of model §1."""

from __future__ import annotations

import tracemalloc
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from viralbots.errors import NetworkError
from viralbots.world.assemble import build
from viralbots.world.default_world import build_default_world, lay_out_places
from viralbots.world.memory import estimate_bytes
from viralbots.world.population import interest
from viralbots.world.spec import WorldSpec
from viralbots.world.variation import add_isolated_user, relabel
from viralbots.world.world import ID_MASK, Population, Ties, World

N = 20_000


@pytest.fixture(scope="module")
def world() -> World:
    return build_default_world(N, 7)


@pytest.fixture(scope="module")
def small() -> World:
    return build_default_world(700, 2)


def pairs(ties: Ties, first: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the entries first … end of every row (relative to the row)."""
    size = end - first
    source = np.repeat(np.arange(len(size)), size)
    entry = np.arange(len(source)) - np.repeat(np.cumsum(size) - size, size)
    entry += np.repeat(ties.offset[:-1] + first, size)
    return source, (ties.word[entry] & np.uint32(ID_MASK)).astype(np.int64)


def layer(ties: Ties, number: int) -> tuple[np.ndarray, np.ndarray]:
    ends = [np.zeros(len(ties.degree), np.int64), *ties.layer_end.T.astype(np.int64), ties.degree]
    return pairs(ties, ends[number], ends[number + 1])


def test_layers_have_the_sizes_of_the_model(world: World) -> None:
    close, mid = world.ties.layer_end.T
    means = [close.mean(), (mid - close).mean(), (world.ties.degree - mid).mean()]
    print("means of close, mid, weak:", np.round(means, 2))
    assert means == pytest.approx([10.6, 17.5, 90], rel=0.03)
    assert np.cumsum(means) == pytest.approx([10.7, 28.3, 118], rel=0.03)
    low, high = np.percentile(close, [5, 95])
    assert 8 <= low <= high <= 14


def test_close_ties_are_clustered(world: World) -> None:
    source, target = layer(world.ties, 0)
    friends: list[set[int]] = [set() for _ in range(N)]
    for a, b in zip(source.tolist(), target.tolist(), strict=True):
        friends[a].add(b)
    local = []
    for user in range(0, N, 5):
        known = friends[user]
        links = sum(len(known & friends[other]) for other in known)
        local.append(links / (len(known) * (len(known) - 1)))
    print(f"clustering {np.mean(local):.4f}")
    assert np.mean(local) == pytest.approx(0.505, abs=0.01)


def test_close_friends_are_like_minded() -> None:
    found = []
    for seed in range(8):  # a world of this size has but 90 communities, so it varies
        world = build_default_world(N, seed)
        source, target = layer(world.ties, 0)
        m = interest(world.population, "general").astype(float)
        found.append(np.corrcoef(m[source], m[target])[0, 1])
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    print(f"interest correlation {np.mean(found):.4f} ± {error:.4f}")
    assert np.mean(found) == pytest.approx(0.62, abs=0.03)


def test_wider_layers_reach_further(world: World) -> None:
    community = world.population.community
    inside = [
        np.mean(community[a] == community[b]) for a, b in (layer(world.ties, i) for i in range(3))
    ]
    print("share inside the own community:", np.round(inside, 3))
    assert inside[0] == 1
    assert inside[1] == pytest.approx(0.8, abs=0.03)
    # 30 % of the draws, fewer of the ties: repeats are most frequent near home.
    assert 0.15 < inside[2] < 0.3


def test_audiences_have_heavy_tails() -> None:
    audience = build_default_world(100_000, 7).follows.degree
    found = np.percentile(audience, [25, 50, 95, 99, 99.9, 100])
    print("followers:", found, "mean", audience.mean())
    assert audience.mean() == pytest.approx(51, abs=4)
    assert found[0] <= 5
    assert found[1:] == pytest.approx([11, 145, 688, 6038, 10_712], rel=0.2)


@pytest.mark.parametrize("n", [1, 2, 30, 50, 59, 119, 500, 5000])
def test_small_worlds_are_whole(n: int) -> None:
    world = build_default_world(n, 3)
    assert world.n_users == n
    for ties in (world.ties, world.follows):
        assert ties.offset[-1] == len(ties.word)
        assert ties.degree.max(initial=0) <= n - 1
    source, target = pairs(world.ties, np.zeros(n, np.int64), world.ties.degree)
    assert set(zip(source.tolist(), target.tolist(), strict=True)) == set(
        zip(target.tolist(), source.tolist(), strict=True)
    )


def test_rows_are_ordered_and_without_repeats(small: World) -> None:
    for ties in (small.ties, small.follows):
        for user in range(small.n_users):
            row = ties.row(user)
            assert user not in row
            assert len(np.unique(row)) == len(row)
            bounds = [0, *ties.layer_end[user], len(row)]
            for first, end in pairwise(bounds):
                assert np.all(np.diff(row[first:end]) > 0)


def test_words_carry_the_channels_of_the_listener(small: World) -> None:
    for ties in (small.ties, small.follows):
        listener = (ties.word & np.uint32(ID_MASK)).astype(np.int64)
        assert np.array_equal(ties.word >> np.uint32(26), small.population.channels[listener])


def test_communities_follow_their_law() -> None:
    places = lay_out_places(1_000_000, 1)
    size = np.diff(places.community_start)
    assert size.min() >= 60
    assert size.max() <= 2060
    expected = np.log(2000 / 60) / (1 / 60 - 1 / 2000)
    assert size.mean() == pytest.approx(expected, rel=0.06)
    assert np.median(size) == pytest.approx(2 / (1 / 60 + 1 / 2000), rel=0.05)
    assert np.isin(places.region_start, places.community_start).all()
    assert np.abs(np.diff(places.region_start) - 20_000).max() <= 10_000


def test_the_seed_decides_everything(small: World) -> None:
    again, other = build_default_world(700, 2), build_default_world(700, 3)
    for ties in ("ties", "follows"):
        assert np.array_equal(getattr(small, ties).word, getattr(again, ties).word)
        assert not np.array_equal(getattr(small, ties).word, getattr(other, ties).word)


def test_relabelling_moves_users_with_all_they_have(small: World) -> None:
    new = np.random.Generator(np.random.PCG64(4)).permutation(small.n_users)
    moved = relabel(small, new)
    for item in fields(Population):
        if item.name != "seed":
            before = getattr(small.population, item.name)
            assert np.array_equal(getattr(moved.population, item.name)[new], before)
    for before, after in ((small.ties, moved.ties), (small.follows, moved.follows)):
        for user in range(0, small.n_users, 13):
            assert after.row(new[user]).tolist() == new[before.row(user)].tolist()
            assert after.row_levels(new[user]).tolist() == before.row_levels(user).tolist()
        key = moved.population.key[after.row(int(new[0]))]
        assert key.tolist() == small.population.key[before.row(0)].tolist()
    with pytest.raises(NetworkError, match="once"):
        relabel(small, np.zeros(small.n_users, np.int64))


def test_an_isolated_user_leaves_the_others_alone(small: World) -> None:
    more = add_isolated_user(small)
    n = small.n_users
    assert more.n_users == n + 1
    assert more.population.key[n] == n
    assert more.population.community[n] == small.population.community.max() + 1
    assert more.population.circle[n] == small.population.circle.max() + 1
    assert more.ties.degree[n] == more.follows.degree[n] == 0
    assert np.array_equal(interest(more.population, "x")[:n], interest(small.population, "x"))
    assert more.ties.word is small.ties.word


@pytest.mark.parametrize(
    "spec",
    [
        WorldSpec(n_users=20_000),
        WorldSpec(n_users=20_000, kind="erdos_renyi", mean_degree=30.0),
        WorldSpec(n_users=20_000, kind="barabasi_albert"),
        WorldSpec(n_users=20_000, kind="configuration", degrees={"2": 0.5, "8": 0.5}),
        WorldSpec(n_users=20_000, kind="block"),
    ],
    ids=lambda spec: spec.kind,
)
def test_the_memory_of_a_world_is_known_before_it_is_built(spec: WorldSpec) -> None:
    build(spec)  # what is made once per process does not count
    tracemalloc.start()
    world = build(spec)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"peak {peak:_}, estimate {estimate_bytes(spec):_}, world {world.n_bytes:_}")
    assert estimate_bytes(spec) == pytest.approx(peak, rel=0.2)
    assert 0 < world.n_bytes < peak


def test_an_imported_network_is_estimated_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "ties.txt"
    path.write_text("".join(f"{i} {i * 7 % 20_000}\n" for i in range(20_000)))
    spec = WorldSpec(kind="imported", path=str(path))
    build(spec)
    tracemalloc.start()
    build(spec)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"peak {peak:_}, estimate {estimate_bytes(spec):_}")
    assert peak / 3 < estimate_bytes(spec) < 3 * peak
    assert estimate_bytes(WorldSpec(kind="imported", path=str(tmp_path / "none"))) == 0
