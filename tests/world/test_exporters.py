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
from viralbots.world.edge_list import label_problem
from viralbots.world.exporters import DataColumn, edges_of, write_csv, write_graphml
from viralbots.world.importers import EdgeList, read_network, world_from_edges
from viralbots.world.shares import PopulationSpec

LABELS = st.one_of(
    st.sampled_from(["=1+1", "'=x", "''-y", "+", "@a", "-1", "'", "'q'", "#", "%", "a,b", 'a"b',
                     "a;b", "<&>", "source", "007", "王小明", "\u2028", "\xa0", "＝1"]),
    st.text(min_size=1, max_size=8),
).filter(lambda label: label_problem(label, "") is None)  # fmt: skip


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


# -- data beside the network ---------------------------------------------------------------

EDGES = EdgeList(
    ("a", "<&>", "d"), np.array([0, 1]), np.array([1, 2]), np.array([0.5, 0.25]), True
)
WORDS = ["<b>&\"'", None, "a\r\nb\x00\ud800"]


def written(*columns: DataColumn, edges: EdgeList = EDGES, **options) -> bytes:
    out = io.BytesIO()
    write_graphml(edges, out, users=columns, **options)
    return out.getvalue()


def test_data_of_users_ties_and_the_network_are_read_by_networkx():
    data = written(
        DataColumn("minute", "int", np.array([7, -1, 0]), absent=-1),
        DataColumn("share", "double", np.array([0.1, -0.0, 5e-324])),
        DataColumn("heard", "boolean", np.array([True, False, True])),
        DataColumn("word", "string", WORDS),
        ties=[DataColumn("heard", "boolean", np.array([False, True]), default=False)],
        about={"weight": 3, "title": "=<&>", "seed": 2**63 - 1, "long": 2**63},
    )
    graph = networkx.read_graphml(io.BytesIO(data))
    told = dict(graph.nodes(data=True))
    assert told["a"] == {"minute": 7, "share": 0.1, "heard": True, "word": "<b>&\"'"}
    assert told["<&>"] == {"share": -0.0, "heard": False}
    assert told["d"]["word"] == "a\r\nb\ufffd\ufffd" and told["d"]["minute"] == 0
    assert graph["a"]["<&>"] == {"weight": 0.5}  # what was declared once is not said again
    assert graph["<&>"]["d"] == {"weight": 0.25, "heard": True}
    assert graph.graph["edge_default"] == {"heard": False}
    assert graph.graph["title"] == "=<&>" and repr(graph.graph["weight"]) == "3"
    assert graph.graph["seed"] == 2**63 - 1
    assert graph.graph["long"] == str(2**63)  # more than a GraphML long holds


@settings(max_examples=50, deadline=None)
@given(networks())
def test_any_network_survives_with_data_beside_it(edges):
    users = np.arange(edges.n_users) - 1

    def write(network, stream):
        write_graphml(
            network, stream, users=[DataColumn("weight_of_user", "int", users, absent=-1)],
            ties=[DataColumn("w2", "double", np.linspace(0.1, 7, network.n_ties))],
            about={"weight": 3},
        )  # fmt: skip

    assert same(through(write, edges, "n.graphml"), edges)


def test_without_data_the_bytes_are_as_they_were():
    assert written() == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
        b'<key id="weight" for="edge" attr.name="weight" attr.type="double"/>\n'
        b'<graph edgedefault="directed">\n<node id="a"/>\n<node id="&lt;&amp;&gt;"/>\n'
        b'<node id="d"/>\n<edge source="a" target="&lt;&amp;&gt;"><data key="weight">0.5</data>'
        b'</edge>\n<edge source="&lt;&amp;&gt;" target="d"><data key="weight">0.25</data></edge>\n'
        b"</graph>\n</graphml>\n"
    )


def test_a_column_must_have_a_value_for_everybody():
    with pytest.raises(ValueError, match="'x' has 2 values, 3 are needed"):
        written(DataColumn("x", "int", np.arange(2)))
    with pytest.raises(ValueError, match="'x' has 3 values, 2 are needed"):
        written(ties=[DataColumn("x", "int", np.arange(3))])


class Largest(io.BytesIO):
    """Remembers the largest piece that was written at once."""

    largest = 0

    def write(self, data) -> int:
        self.largest = max(self.largest, len(data))
        return super().write(data)


def test_a_large_network_is_written_in_pieces():
    n = 140_000
    ends, labels = np.arange(n), tuple(map(str, range(n + 1)))
    out = Largest()
    write_graphml(
        EdgeList(labels, ends, ends + 1, None, False), out,
        users=[DataColumn("minute", "int", np.arange(n + 1))],
        ties=[DataColumn("odd", "boolean", ends % 2 == 1)],
    )  # fmt: skip
    data = out.getvalue()
    assert out.largest < len(data) / 3
    assert data.count(b"<node ") == n + 1 and data.count(b"<edge ") == n
    assert data.count(b'<data key="node.minute">') == n + 1
    assert data.count(b'<data key="edge.odd">true</data>') == n // 2
    assert f'<edge source="{n - 1}" target="{n}">'.encode() in data
