"""Clustering against networkx."""

from __future__ import annotations

import math

import networkx
import numpy as np
import pytest

from viralbots.metrics import network
from viralbots.metrics.network import average_clustering, local_clustering
from viralbots.world.network import ties_from_edges


def ties_of(graph: networkx.Graph, directed: bool = False):
    n = graph.number_of_nodes()
    source, target = np.array(list(graph.edges), np.int64).reshape(-1, 2).T
    return ties_from_edges(
        source, target, level=84, key=np.arange(n, dtype=np.uint64),
        channels=np.zeros(n, np.uint8), directed=directed,
    ).ties  # fmt: skip


@pytest.mark.parametrize("wedges", [7, 1 << 22])
@pytest.mark.parametrize(
    "graph",
    [
        networkx.karate_club_graph(),
        networkx.complete_graph(9),
        networkx.star_graph(6),
        networkx.gnm_random_graph(60, 300, seed=1),
        networkx.watts_strogatz_graph(80, 6, 0.1, seed=2),
        networkx.barabasi_albert_graph(100, 4, seed=3),
        networkx.empty_graph(4),
    ],
)
def test_clustering_is_that_of_networkx(graph, wedges, monkeypatch):
    monkeypatch.setattr(network, "_WEDGES", wedges)
    expected = networkx.clustering(graph)
    local = local_clustering(ties_of(graph))
    assert local == pytest.approx([expected[user] for user in range(len(local))], abs=1e-12)
    assert average_clustering(ties_of(graph)) == pytest.approx(
        networkx.average_clustering(graph), abs=1e-12
    )


def test_directions_do_not_count():
    graph = networkx.gnp_random_graph(40, 0.2, seed=4, directed=True)
    expected = networkx.average_clustering(graph.to_undirected())
    assert average_clustering(ties_of(graph, directed=True)) == pytest.approx(expected)


def test_nobody_has_no_clustering():
    ties = ties_of(networkx.empty_graph(1))
    nobody = type(ties)(ties.offset[:1], ties.word, ties.layer_end[:0])
    assert math.isnan(average_clustering(nobody))
