"""What is written comes back the same."""

from __future__ import annotations

import csv
import io

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralbots.errors import NetworkError
from viralbots.world.edge_list import label_fault
from viralbots.world.exporters import edges_of, write_csv, write_graphml
from viralbots.world.importers import EdgeList, read_network, world_from_edges
from viralbots.world.shares import PopulationSpec

LABELS = st.one_of(
    st.sampled_from(["=1+1", "'=x", "''-y", "+", "@a", "-1", "'", "'q'", "#", "%", "a,b", 'a"b',
                     "a;b", "<&>", "source", "007", "王小明", "\u2028", "\xa0", "＝1"]),
    st.text(min_size=1, max_size=8),
).filter(lambda label: not label_fault(label))  # fmt: skip


def same(first: EdgeList, second: EdgeList) -> bool:
    weights = (first.weight is None) == (second.weight is None)
    return (
        first.labels == second.labels
        and first.directed == second.directed
        and np.array_equal(first.source, second.source)
        and np.array_equal(first.target, second.target)
        and weights
        and (first.weight is None or np.array_equal(first.weight, second.weight))
    )


@st.composite
def networks(draw) -> EdgeList:
    """Any valid list of ties, with users who have none."""
    labels = draw(st.lists(LABELS, min_size=2, max_size=12, unique=True))
    directed = draw(st.booleans())
    users = st.integers(0, len(labels) - 1)
    pairs = draw(
        st.lists(
            st.tuples(users, users).filter(lambda pair: pair[0] != pair[1]),
            min_size=1,
            unique_by=lambda pair: pair if directed else frozenset(pair),
        )
    )
    weight = None
    if draw(st.booleans()):
        strengths = st.floats(0.0, 1.0, exclude_min=True)
        size = len(pairs)
        weight = np.array(draw(st.lists(strengths, min_size=size, max_size=size)))
    source, target = np.array(pairs, np.int64).T
    return EdgeList(tuple(labels), source, target, weight, directed)


def through(write, edges: EdgeList, name: str, **options) -> EdgeList:
    stream = io.BytesIO()
    stream.name = name
    write(edges, stream)
    stream.seek(0)
    return read_network(stream, **options)


@settings(max_examples=150, deadline=None)
@given(networks(), st.booleans())
def test_any_network_survives_graphml(edges, packed):
    name = "n.graphml.gz" if packed else "n.graphml"
    assert same(through(write_graphml, edges, name), edges)


@settings(max_examples=150, deadline=None)
@given(networks(), st.booleans())
def test_any_network_survives_csv(edges, packed):
    name = "n.csv.gz" if packed else "n.csv"
    once = through(write_csv, edges, name, directed=edges.directed)
    assert sorted(once.labels) == sorted(edges.labels)
    weights = edges.weight if edges.weight is not None else np.ones(edges.n_ties)
    again = once.weight if once.weight is not None else np.ones(once.n_ties)

    def named(e, w):
        ends = zip(e.source, e.target, w, strict=True)
        return [(e.labels[u], e.labels[v], x) for u, v, x in ends]

    assert named(once, again) == named(edges, weights)
    # What came from CSV also keeps its user numbers.
    assert same(through(write_csv, once, name, directed=edges.directed), once)


def test_no_label_in_csv_begins_with_a_formula():
    labels = ("=1+1", "+1", "-1", "@x", "'=x", "plain")
    ends = np.arange(5)
    stream = io.BytesIO()
    write_csv(EdgeList(labels, ends, ends + 1, None, False), stream)
    rows = list(csv.reader(io.StringIO(stream.getvalue().decode())))
    assert rows[1:3] == [["'=1+1", "'+1"], ["'+1", "'-1"]]
    assert not any(cell[0] in "=+-@\t\r" for row in rows for cell in row)


def test_chinese_labels_are_marked_as_utf8_for_spreadsheets(tmp_path):
    edges = EdgeList(("王", "b"), np.array([0]), np.array([1]), None, False)
    write_csv(edges, tmp_path / "n.csv")
    assert (tmp_path / "n.csv").read_bytes().startswith(b"\xef\xbb\xbfsource")
    assert same(read_network(tmp_path / "n.csv"), edges)


def test_packed_files_are_the_same_bytes_every_time(tmp_path):
    edges = EdgeList(("a", "b"), np.array([0]), np.array([1]), None, False)
    for write in (write_csv, write_graphml):
        write(edges, tmp_path / "one.gz")
        write(edges, tmp_path / "two.gz")
        data = (tmp_path / "one.gz").read_bytes()
        assert data == (tmp_path / "two.gz").read_bytes() and data[:2] == b"\x1f\x8b"


def test_labels_that_cannot_be_written_are_refused():
    edges = EdgeList(("a\x01", ""), np.array([0]), np.array([1]), None, False)
    for write in (write_csv, write_graphml):
        with pytest.raises(NetworkError, match="2 problems"):
            write(edges, io.BytesIO())


@pytest.mark.parametrize("text", ["a b .5\nb c .25\na d 1\n", "a b\nb c\nb a\n"])
@pytest.mark.parametrize("directed", [False, True])
def test_a_world_comes_back_from_graphml_with_the_same_ties(text, directed):
    edges = read_network(io.BytesIO(text.encode()), name="n", directed=directed)
    world = world_from_edges(edges, seed=1, spec=PopulationSpec())
    stream = io.BytesIO()
    write_graphml(world, stream)
    again = read_network(io.BytesIO(stream.getvalue()), name="n")
    back = world_from_edges(again, seed=1, spec=PopulationSpec())
    assert back.labels == world.labels
    for name in ("offset", "word", "level", "layer_level"):
        assert np.array_equal(getattr(back.ties, name), getattr(world.ties, name))


def test_layered_ties_are_written_with_the_strength_of_their_layer():
    from viralbots.world.network import ties_from_layers
    from viralbots.world.population import build_population
    from viralbots.world.world import World

    zeros = np.zeros(4, np.int32)
    population = build_population(1, PopulationSpec(), zeros, zeros)
    layers = [(np.array([0]), np.array([i])) for i in (3, 1, 2)]
    ties = ties_from_layers(layers, key=population.key, channels=population.channels)
    edges = edges_of(World(population, ties, ties))
    assert edges.labels == ("0", "1", "2", "3") and not edges.directed
    assert edges.target.tolist() == [3, 1, 2] and edges.weight.tolist() == [0.9, 0.5, 0.15]


def test_networkx_reads_what_is_written(tmp_path):
    weight = np.array([0.5, 0.25])
    edges = EdgeList(("a", "b<c", "d"), np.array([0, 1]), np.array([1, 2]), weight, True)
    write_graphml(edges, tmp_path / "n.graphml")
    graph = networkx.read_graphml(tmp_path / "n.graphml")
    assert graph.is_directed() and graph["b<c"]["d"]["weight"] == 0.25
    networkx.write_graphml(graph, tmp_path / "x.graphml")
    assert same(read_network(tmp_path / "x.graphml"), edges)
