"""Named networks against known answers (validation rows 1, 2, 14) and as ties."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from viralbots.errors import NetworkError
from viralbots.world import generators, layer_kernels
from viralbots.world.assemble import build
from viralbots.world.network import ties_from_edges, ties_from_layers, with_channels
from viralbots.world.spec import WorldSpec
from viralbots.world.world import World

N = 100_000


def named(kind: Any, n_users: int, seed: int, **params: Any) -> World:
    return build(WorldSpec(kind=kind, n_users=n_users, seed=seed, **params))


def giant_share(n: int, source: np.ndarray, target: np.ndarray) -> float:
    matrix = coo_matrix((np.ones(len(source), np.int8), (source, target)), shape=(n, n))
    return float(np.bincount(connected_components(matrix, directed=False)[1]).max() / n)


def is_simple(n: int, source: np.ndarray, target: np.ndarray) -> bool:
    code = np.minimum(source, target) * n + np.maximum(source, target)
    return bool(np.all(source != target)) and len(np.unique(code)) == len(code)


@pytest.mark.parametrize(
    ("mean_degree", "share"), [(1.25, 0.371370), (1.5, 0.582812), (2, 0.796812), (3, 0.940480)]
)
def test_giant_component_of_erdos_renyi(mean_degree: float, share: float) -> None:
    source, target = generators.erdos_renyi(N, 11, mean_degree)
    found = giant_share(N, source, target)
    # Standard deviation in G(n, p); in G(n, m) it is a little smaller.
    deviation = np.sqrt(share * (1 - share) / N) / (1 - mean_degree * (1 - share))
    z = (found - share) / deviation
    print(f"S = {found:.5f}, expected {share:.5f}, z = {z:.2f}")
    assert abs(z) < 4
    assert len(source) == round(N * mean_degree / 2)
    assert is_simple(N, source, target)


def test_erdos_renyi_pairs_are_uniform() -> None:
    counts = np.zeros((6, 6))
    for seed in range(4000):
        source, target = generators.erdos_renyi(6, seed, 1.0)
        counts[source, target] += 1
    per_pair = (counts + counts.T)[np.triu_indices(6, 1)]
    z = (per_pair - 800) / np.sqrt(4000 * 0.2 * 0.8)
    print("z of each pair", z.round(2))
    assert np.abs(z).max() < 4


@pytest.mark.parametrize("mean_degree", [0, 5, 30, 49])
def test_erdos_renyi_from_empty_to_complete(mean_degree: float) -> None:
    source, target = generators.erdos_renyi(50, 3, mean_degree)
    assert len(source) == 25 * mean_degree
    assert is_simple(50, source, target)


@pytest.mark.parametrize(
    ("transmission", "share"), [(1.0, 22 / 27), (0.9, 0.703450), (0.8, 0.518519)]
)
def test_configuration_network_percolates_as_computed(transmission: float, share: float) -> None:
    source, target = generators.configuration(N, 4, {1: 0.5, 3: 0.5})
    coin = np.random.Generator(np.random.PCG64(8)).random(len(source)) < transmission
    found = giant_share(N, source[coin], target[coin])
    print(f"T = {transmission}: {found:.5f}, expected {share:.5f}")
    assert found == pytest.approx(share, abs=0.015)


def test_configuration_keeps_degrees_up_to_loops_and_repeats() -> None:
    world = named("configuration", 10_000, 2, degrees={"1": 0.25, "4": 0.75})
    lost = 2 * (world.facts["self_loops"] + world.facts["duplicates"])
    assert world.ties.n_ties + lost == 2500 + 4 * 7500
    assert lost < 40
    assert np.mean(world.ties.degree == 1) == pytest.approx(0.25, abs=0.005)


@pytest.mark.parametrize("k", [2, 4, 10])
def test_ring_clustering_is_exact(k: int) -> None:
    source, target = generators.watts_strogatz(200, 1, k, 0.0)
    graph = nx.Graph(zip(source.tolist(), target.tolist(), strict=True))
    assert nx.average_clustering(graph) == pytest.approx(3 * (k - 2) / (4 * (k - 1)))
    assert set(dict(graph.degree()).values()) == {k}


def test_rewiring_lowers_clustering_by_the_cube() -> None:
    source, target = generators.watts_strogatz(5000, 7, 10, 0.1)
    assert is_simple(5000, source, target)
    moved = np.mean((target - source) % 5000 > 5)
    assert moved == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 25_000))
    clustering = nx.average_clustering(
        nx.Graph(zip(source.tolist(), target.tolist(), strict=True))
    )
    assert clustering == pytest.approx(2 / 3 * 0.9**3, abs=0.015)


def test_preferential_attachment_has_its_degree_law() -> None:
    m = 5
    source, target = generators.barabasi_albert(N, 6, m)
    assert is_simple(N, source, target)
    degree = np.bincount(np.concatenate([source, target]), minlength=N)
    assert degree.min() == m
    for k in (5, 6, 8, 12):
        expected = 2 * m * (m + 1) / (k * (k + 1) * (k + 2))
        z = (np.mean(degree == k) - expected) / np.sqrt(expected / N)
        print(f"P({k}) z = {z:.2f}")
        assert abs(z) < 4
    assert degree.max() > 300


def test_blocks_have_their_mean_degrees() -> None:
    sizes = [1000, 500, 2500]
    source, target = generators.block(4000, 3, sizes, 6.0, 2.0)
    label = np.repeat(np.arange(3), sizes)
    same = label[source] == label[target]
    assert 2 * same.sum() == 6 * 4000
    assert 2 * (~same).sum() == 2 * 4000
    assert is_simple(4000, source, target)


def test_the_blocks_of_a_world_are_its_communities() -> None:
    world = named("block", 1000, 3, blocks=3, degree_inside=6.0, degree_outside=2.0)
    assert np.bincount(world.population.community).tolist() == [333, 333, 334]
    assert np.all(np.diff(world.population.community) >= 0)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("erdos_renyi", {"mean_degree": 4.0}),
        ("watts_strogatz", {"mean_degree": 4.0, "rewire": 0.2}),
        ("barabasi_albert", {"attach": 2}),
        ("configuration", {"degrees": {"2": 0.5, "3": 0.5}}),
        ("block", {"blocks": 2, "degree_inside": 4.0, "degree_outside": 1.0}),
    ],
)
def test_a_seed_decides_the_whole_network(name: str, params: dict[str, object]) -> None:
    one, again, other = (named(name, 300, seed, **params) for seed in (1, 1, 2))
    assert np.array_equal(one.ties.word, again.ties.word)
    assert not np.array_equal(one.ties.word, other.ties.word)
    assert one.follows is one.ties
    assert one.ties.layer_level == (120, 120, 120)


@pytest.mark.parametrize(
    ("kind", "params", "message"),
    [
        ("erdos_reny", {}, "Input should be 'default', 'erdos_renyi'"),
        ("erdos_renyi", {"mean_degre": 2.0}, "mean_degre\n.*not permitted"),
        ("erdos_renyi", {"tie_strength": 3.0}, "tie_strength\n.*less than or equal to 1"),
        ("default", {"mean_degree": 2.0}, "network.mean_degree is not read by kind 'default'"),
        ("block", {"attach": 2}, "reads: blocks, degree_inside, degree_outside, tie_strength"),
        ("configuration", {}, "network.degrees is missing"),
    ],
)
def test_wrong_requests_name_what_exists(kind: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        named(kind, 10, 1, **params)


@pytest.mark.parametrize(
    ("kind", "params", "message"),
    [
        ("erdos_renyi", {"mean_degree": 10.0}, "network.mean_degree: must be between 0 and 9"),
        ("watts_strogatz", {"mean_degree": 3.0}, "network.mean_degree: must be an even number"),
        ("watts_strogatz", {"mean_degree": 12.0}, "network.mean_degree: must be an even number"),
        ("barabasi_albert", {"attach": 10}, "network.attach: must be between 1 and 9"),
        ("configuration", {"degrees": {"two": 1.0}}, "names must be whole numbers"),
        ("configuration", {"degrees": {"2": 0.5}}, "shares that sum to 1"),
        ("block", {"degree_inside": 10.0}, "network.degree_inside: must be between 0 and 9"),
    ],
)
def test_what_makes_no_graph_is_refused(kind: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        named(kind, 10, 1, **params)


# ---------------------------------------------------------------- ties from edges


edge_lists = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 240)))


@settings(max_examples=60, deadline=None)
@given(edge_lists, st.permutations(range(8)), st.booleans())
def test_rows_are_what_dictionaries_say(
    edges: list[tuple[int, int, int]], keys: list[int], directed: bool
) -> None:
    source, target, level = np.array(edges, np.int64).reshape(-1, 3).T
    key, channels = np.array(keys, np.uint64), np.arange(8, dtype=np.uint8)
    built = ties_from_edges(
        source, target, level=level, key=key, channels=channels, directed=directed
    )
    strongest: dict[tuple[int, int], int] = {}
    for a, b, w in edges:
        for pair in [(a, b)] if directed else [(a, b), (b, a)]:
            if a != b:
                strongest[pair] = max(w, strongest.get(pair, 0))
    for user in range(8):
        row = sorted((v for u, v in strongest if u == user), key=lambda v: keys[v])
        assert built.ties.row(user).tolist() == row
        levels = [strongest[user, v] for v in row]
        assert built.ties.row_levels(user).tolist() == levels
        start, end = built.ties.offset[user : user + 2]
        assert built.ties.cumulative[start:end].tolist() == np.cumsum(levels).tolist()
        assert (built.ties.word[start:end] >> 26).tolist() == row  # channels[v] = v
    n_pairs = len(strongest) if directed else len(strongest) // 2
    assert built.n_self_loops == sum(a == b for a, b, _ in edges)
    assert built.n_duplicates == len(edges) - built.n_self_loops - n_pairs


def test_one_level_makes_one_layer() -> None:
    source, target = np.array([0, 0, 2]), np.array([2, 1, 0])
    key, channels = np.arange(3, dtype=np.uint64), np.zeros(3, np.uint8)
    ties = ties_from_edges(
        source, target, level=77, key=key, channels=channels, directed=True
    ).ties
    assert (len(ties.level), len(ties.cumulative)) == (0, 0)
    assert ties.layer_end.tolist() == [[0, 2], [0, 0], [0, 1]]
    assert ties.row_levels(0).tolist() == [77, 77]
    recoloured = with_channels(ties, np.array([1, 2, 3], np.uint8))
    assert (recoloured.word >> 26).tolist() == [2, 3, 1]
    assert recoloured.row(0).tolist() == ties.row(0).tolist()


def test_a_pair_stays_in_its_closest_layer() -> None:
    layers = [
        (np.array([0]), np.array([1])),
        (np.array([1, 2]), np.array([0, 0])),
        (np.array([0, 3, 3]), np.array([2, 0, 3])),
    ]
    key = np.array([5, 9, 8, 7], np.uint64)
    ties = ties_from_layers(layers, key=key, channels=np.zeros(4, np.uint8))
    assert ties.row(0).tolist() == [1, 2, 3]
    assert ties.row_levels(0).tolist() == [216, 120, 36]
    assert ties.layer_end.tolist() == [[1, 2], [1, 1], [0, 1], [0, 0]]


def test_bad_edges_are_reported_together() -> None:
    key, channels = np.arange(2, dtype=np.uint64), np.zeros(2, np.uint8)
    with pytest.raises(NetworkError) as caught:
        ties_from_edges(
            np.array([0, 5]), np.array([-1, 1]), level=0, key=key, channels=channels,
            directed=True,
        )  # fmt: skip
    paths = [p.path for p in caught.value.problems]
    assert paths == ["edges.source", "edges.target", "edges.level"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=40), st.integers(0, 40))
def test_alias_tables_hold_the_weights(weights: list[int], cut: int) -> None:
    weight = np.array(weights, np.int64)
    start = np.unique([0, min(cut, len(weight)), len(weight)])
    table = np.zeros(len(weight), np.uint64)
    layer_kernels.alias_table(weight, start, table)
    own = (table >> np.uint64(32)).astype(np.int64) / 2**layer_kernels.ALIAS_BITS
    other = (table & np.uint64(0xFFFFFFFF)).astype(np.int64)
    for first, end in pairwise(start):
        mass = np.zeros(len(weight))
        np.add.at(mass, np.arange(first, end), own[first:end])
        np.add.at(mass, other[first:end], 1 - own[first:end])
        found = mass[first:end] / (end - first)
        expected = weight[first:end] / weight[first:end].sum()
        assert np.abs(found - expected).max() < 2.0**-layer_kernels.ALIAS_BITS
        assert mass.sum() == pytest.approx(end - first)
