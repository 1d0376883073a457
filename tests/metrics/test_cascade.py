"""The forest of a message and its shape, against hand counts and networkx."""

from __future__ import annotations

import math
import time

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.metrics.tiny import adoptions, trace, world
from viralbots.metrics import cascade
from viralbots.trace import ADOPTION, COUNTER_START, DECIDED, SEED

WORLD = world()


def tree(parents: list[int]) -> np.ndarray:
    """Adoptions of users 1 …, each caused by a user before her; user 0 is the seed."""
    rows = [(0, 0, -1, SEED)]
    rows += [(i, i, parent, DECIDED) for i, parent in enumerate(parents, 1)]
    return adoptions(rows)


def virality(parents: list[int]) -> float:
    return cascade.structural_virality(WORLD, trace(tree(parents), n=len(parents) + 1))


# Two seeds: 0 wins 1, 2 and 3; 3 wins 4; 4 wins 5. Seed 6 wins 7. 8 begins by a brand's mail.
FOREST = adoptions([
    (0, 0, -1, SEED), (0, 6, -1, SEED),
    (5, 1, 0, DECIDED), (6, 2, 0, DECIDED), (7, 3, 0, DECIDED), (7, 8, -1, DECIDED),
    (8, 7, 6, DECIDED), (9, 4, 3, DECIDED), (20, 5, 4, DECIDED),
])  # fmt: skip


@pytest.mark.parametrize("n", [2, 3, 10, 500])
def test_structural_virality_of_a_star_is_two_minus_two_nths(n: int) -> None:
    assert virality([0] * (n - 1)) == pytest.approx(2 - 2 / n, abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 10, 500])
def test_structural_virality_of_a_chain_is_a_third_of_n_plus_one(n: int) -> None:
    assert virality(list(range(n - 1))) == pytest.approx((n + 1) / 3, abs=1e-12)


def test_structural_virality_of_full_binary_trees_is_the_published_number() -> None:
    assert virality([(i - 1) // 2 for i in range(1, 7)]) == pytest.approx(16 / 7, abs=1e-12)
    large = virality([(i - 1) // 2 for i in range(1, 1023)])
    assert large == pytest.approx(14.066574, abs=5e-7)


@given(st.lists(st.floats(0, 0.999), min_size=1, max_size=40))
def test_structural_virality_is_twice_the_wiener_index_over_pairs(draws: list[float]) -> None:
    parents = [int(draw * i) for i, draw in enumerate(draws, 1)]
    graph = nx.Graph([(parent, i) for i, parent in enumerate(parents, 1)])
    n = len(graph)
    assert virality(parents) == pytest.approx(2 * nx.wiener_index(graph) / (n * (n - 1)))


def test_structural_virality_is_undefined_where_no_cascade_has_two() -> None:
    alone = trace(adoptions([(0, 0, -1, SEED), (0, 1, -1, SEED)]))
    assert math.isnan(cascade.structural_virality(WORLD, alone))
    assert math.isnan(cascade.largest_broadcast(WORLD, alone))


def test_structural_virality_of_a_forest_is_weighted_by_size() -> None:
    one = virality([0, 0, 0, 3, 4])  # the cascade of seed 0
    assert cascade.structural_virality(WORLD, trace(FOREST)) == pytest.approx((6 * one + 2) / 8)


def test_a_forest_has_the_parents_generations_and_sizes_one_counts_by_hand() -> None:
    forest = cascade.forest_of(trace(FOREST))
    # Rows:                     0  6  1  2  3  8  7  4  5
    assert forest.parent.tolist() == [-1, -1, 0, 0, 0, -1, 1, 4, 7]
    assert forest.generation.tolist() == [0, 0, 1, 1, 1, 0, 1, 2, 3]
    assert forest.root.tolist() == [0, 1, 0, 0, 0, 5, 1, 0, 0]
    assert forest.n_children.tolist() == [3, 1, 0, 0, 1, 0, 0, 1, 0]
    assert forest.subtree.tolist() == [6, 2, 1, 1, 3, 1, 1, 2, 1]


def test_trees_have_the_sizes_depths_and_broadcasts_one_counts_by_hand() -> None:
    trees = cascade.trees_of(cascade.forest_of(trace(FOREST)))
    assert trees.root.tolist() == [0, 1, 5]
    assert trees.size.tolist() == [6, 2, 1]
    assert trees.depth.tolist() == [3, 1, 0]
    assert trees.largest_broadcast[:2].tolist() == [3 / 5, 1.0]
    assert math.isnan(trees.largest_broadcast[2]) and math.isnan(trees.virality[2])


def test_the_order_of_the_rows_does_not_matter() -> None:
    shuffled = FOREST[[8, 3, 0, 7, 1, 5, 2, 6, 4]]
    ordered = cascade.trees_of(cascade.grow_forest(FOREST, 10))
    again = cascade.trees_of(cascade.grow_forest(shuffled, 10))
    assert sorted(ordered.size) == sorted(again.size)
    assert ordered.depth.sum() == again.depth.sum()


def test_a_source_who_never_adopted_makes_a_root() -> None:
    forest = cascade.forest_of(trace(adoptions([(3, 1, 2, DECIDED)])))
    assert forest.parent.tolist() == [-1]


def test_the_figures_of_a_forest_are_those_one_counts_by_hand() -> None:
    run = trace(FOREST)
    assert cascade.depth(WORLD, run) == 3
    assert cascade.generations(WORLD, run) == 4
    assert cascade.breadth(WORLD, run) == 4  # users 1, 2, 3 and 7
    assert cascade.largest_broadcast(WORLD, run) == 3 / 6
    assert cascade.mean_cascade_size(WORLD, run) == 9 / 3
    assert cascade.k_factor(WORLD, run) == (3 + 1 + 0 + 0 + 1) / 5
    assert cascade.caused(run) == 6


def test_r_counts_the_seeds_too_while_few_follow_them() -> None:
    assert cascade.r(WORLD, trace(FOREST)) == 6 / 8  # all but user 5, who is generation 3
    seeds_only = trace(adoptions([(0, u, -1, SEED) for u in range(5)]))
    assert cascade.r(WORLD, seeds_only) == 0


def test_r_is_the_mean_over_generations_one_and_two_where_they_are_many() -> None:
    # A seed wins 15, each of them wins 2, each of those wins 1.
    rows = [(0, 0, -1, SEED)]
    rows += [(1, u, 0, DECIDED) for u in range(1, 16)]
    rows += [(2, u, 1 + (u - 16) // 2, DECIDED) for u in range(16, 46)]
    rows += [(3, u, u - 30, DECIDED) for u in range(46, 76)]
    assert cascade.r(WORLD, trace(adoptions(rows), n=80)) == (15 * 2 + 30 * 1) / 45


def test_nothing_adopted_leaves_counts_zero_and_means_undefined() -> None:
    empty = trace(np.zeros(0, ADOPTION))
    assert cascade.breadth(WORLD, empty) == cascade.generations(WORLD, empty) == 0
    for metric in (cascade.r, cascade.depth, cascade.k_factor, cascade.mean_cascade_size):
        assert math.isnan(metric(WORLD, empty))


def test_a_counter_message_begun_is_a_root() -> None:
    run = trace(adoptions([(4, 1, -1, COUNTER_START), (9, 2, 1, DECIDED)]))
    assert cascade.mean_cascade_size(WORLD, run) == 2


def test_poisson_branching_has_the_known_sizes_and_mean_r() -> None:
    """Borel distribution at .5: P(1 … 4) = .606531 .183940 .083674 .045112, mean 2."""
    rng, seeds = np.random.default_rng(7), 20_000
    source = list(np.full(seeds, -1))
    row = 0
    while row < len(source):
        source += [row] * rng.poisson(0.5)
        row += 1
    table = np.zeros(len(source), ADOPTION)
    table["user"], table["source"] = np.arange(len(source)), source
    table["minute"] = np.arange(len(source))
    table["kind"] = np.where(table["source"] < 0, SEED, DECIDED)
    size = cascade.trees_of(cascade.grow_forest(table, len(source))).size
    for n, p in enumerate((0.606531, 0.183940, 0.083674, 0.045112), 1):
        z = ((size == n).mean() - p) / math.sqrt(p * (1 - p) / seeds)
        print(f"P(size {n}): z = {z:.2f}")
        assert abs(z) < 4
    z = (size.mean() - 2) / math.sqrt(4 / seeds)
    print(f"mean size: z = {z:.2f}")
    assert abs(z) < 4


def test_a_million_adopters_take_less_than_a_second() -> None:
    n = 1_000_000
    rng = np.random.default_rng(1)
    table = np.zeros(n, ADOPTION)
    table["user"] = np.arange(n)
    table["minute"] = np.arange(n) // 50
    table["source"] = np.where(np.arange(n) < 100, -1, (rng.random(n) * np.arange(n)).astype(int))
    cascade.trees_of(cascade.grow_forest(table[:9], n))  # compiled
    start = time.process_time()
    trees = cascade.trees_of(cascade.grow_forest(table, n))
    assert time.process_time() - start < 1
    assert trees.size.sum() == n
