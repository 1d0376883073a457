"""Reading networks: what is accepted, what is dropped, and what is refused with its line."""

from __future__ import annotations

import gzip
import io
import os
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralbots.errors import NetworkError
from viralbots.exact import TIE_LEVELS
from viralbots.metrics.network import average_clustering
from viralbots.world import edge_list
from viralbots.world.communities import detect_communities, regions_of
from viralbots.world.edge_text import numeric_pairs
from viralbots.world.importers import (
    IMPORTED_TIE_STRENGTH,
    EdgeList,
    read_network,
    world_from_edges,
)
from viralbots.world.shares import PopulationSpec

FILES = Path(__file__).parent / "files"
ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("VIRALBOTS_DATA", ROOT.parent / "shared" / "data"))


def read(text: str | bytes, name: str = "net.txt", **options) -> EdgeList:
    data = text.encode() if isinstance(text, str) else text
    return read_network(io.BytesIO(data), name=name, **options)


def ties_of(edges: EdgeList) -> list[tuple[str, str]]:
    pairs = zip(edges.source.tolist(), edges.target.tolist(), strict=True)
    return [(edges.labels[u], edges.labels[v]) for u, v in pairs]


GRAPHML = '<graphml><graph edgedefault="undirected">\n{}\n</graph></graphml>'
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<graphml>&b;</graphml>'
TWO = '<node id="a"/><node id="b"/>\n'
PACKED = gzip.compress(b"1 2\n3 4\n5 6\n" * 2000)

BROKEN = {
    "empty": ("", 1, "empty_file"),
    "only blanks": ("  \n\n", 1, "empty_file"),
    "only comments": ("# a\n% b\n", 2, "no_ties"),
    "only self-loops": ("a a\nb b\n", 2, "no_ties"),
    "one column": ("1\n2\n", 1, "columns"),
    "four columns": ("# c\n1 2 3 4\n", 2, "columns"),
    "a column too few": ("1 2\n3 4\n5\n", 3, "uneven_columns"),
    "a column too many": ("a b\nc d\ne f 0.5\n", 3, "uneven_columns"),
    "an attribute dictionary": ("1 2 {'weight': 1.0}\n", 1, "columns"),
    "weight nan": ("1 2 .5\n3 4 nan\n", 2, "bad_weight"),
    "weight negative": ("1 2 .5\n\n3 4 -1\n", 3, "bad_weight"),
    "weight zero": ("1 2 0\n", 1, "bad_weight"),
    "weight infinite": ("1 2 inf\n", 1, "bad_weight"),
    "weight a word": ("1 2 strong\n", 1, "bad_weight"),
    "weight with underscore": ("1 2 1_0\n", 1, "bad_weight"),
    "NUL byte": (b"1 2\n3 \x004\n", 2, "binary"),
    "binary": (bytes(range(1, 256)) * 4, 1, "binary"),
    "latin-1": ("ann bob\nann jürg\n".encode("latin-1"), 2, "not_utf8"),
    "utf-16": ("1 2\n3 4\n".encode("utf-16"), 1, "utf16"),
    "zip": (b"PK\x03\x04" + b"x" * 50, 1, "archive"),
    "xz": (b"\xfd7zXZ\x00", 1, "archive"),
    "gzip cut off": (PACKED[:-20], 1, "gzip_truncated"),
    "gzip with rubbish": (PACKED + b"rubbish", None, "gzip_damaged"),
    "gzip damaged": (PACKED[:30] + b"\xff" * 10 + PACKED[40:], 1, "gzip_damaged"),
    "gzip in gzip": (gzip.compress(PACKED), 1, "binary"),
    "a long line": ("1 2\n" + "x" * 70_000, 2, "long_line"),
    "a long line with an end": ("1 2\n" + "x" * 70_000 + " y\n3 4\n", 2, "long_line"),
    "a long name": ("1 2\n" + "x" * 300 + " y\n", 2, "label_long"),
    "weights under two columns": ("1 2\n3 4 .5\n5 6 .5\n", 1, "short_first_line"),
    "a C1 control": ("a b\nc \x85d\n", 2, "label_control"),
}

BROKEN_CSV = {
    "no known column": ("name,friend\nann,bob\n", 1, "no_column"),
    "no target": ("source,friend\nann,bob\n", 1, "no_column"),
    "a name twice": ("source,target,source\na,b,c\n", 1, "several_columns"),
    "no header": ("ann,bob\nbob,eve\n", 1, "no_column"),
    "an empty cell": ("source,target\na,b\n,c\n", 3, "label_empty"),
    "a cell missing": ("source,target\na,b\nc\n", 3, "uneven_columns"),
    "a cell too many": ("source,target\na,b\na,b,c\n", 3, "uneven_columns"),
    "an open quotation": ('source,target\na,b\n"c,d\n', 3, "csv"),
    "text behind a quotation": ('source,target\n"a"b,c\n', 2, "csv"),
    "a line end in a name": ('source,target\nd,e\n"a\nb",c\n', 3, "label_control"),
    "weight negative": ("from;to;weight\na;b;0,5\n", 2, "bad_weight"),
    "latin-1": ("source,target\na,b\na,\xfc\n".encode("latin-1"), 3, "not_utf8"),
    "a long line": ("source,target\na," + "x" * 70_000 + "\n", 2, "long_line"),
}

BROKEN_GRAPHML = {
    "doctype": (BOMB, 1, "doctype"),
    "outside entity": ('<!DOCTYPE g SYSTEM "file:///etc/passwd">\n<graphml/>', 1, "doctype"),
    "not closed": ("<graphml><graph>\n<node id='a'>", 2, "xml"),
    "other xml": ("<?xml version='1.0'?>\n<svg/>", 2, "not_graphml"),
    "an unknown encoding": ("<?xml version='1.0' encoding='odd'?><graphml/>", 1, "xml_encoding"),
    "no graph": ("<graphml></graphml>", 1, "no_graph"),
    "unknown node": (GRAPHML.format(TWO + '<edge source="a" target="z"/>'), 3, "unknown_node"),
    "node twice": (GRAPHML.format(TWO + '<node id="a"/>'), 3, "duplicate_node"),
    "node without id": (GRAPHML.format("<node/>"), 2, "no_attribute"),
    "edge without target": (GRAPHML.format(TWO + '<edge source="a"/>'), 3, "no_attribute"),
    "mixed directions": (
        GRAPHML.format(TWO + '<edge source="a" target="b" directed="true"/>'),
        3,
        "mixed_direction",
    ),
    "hyperedge": (GRAPHML.format(TWO + "<hyperedge/>"), 3, "hyperedge"),
    "nested graph": (GRAPHML.format('<node id="a">\n<graph/></node>'), 3, "second_graph"),
    "bad edgedefault": (GRAPHML.replace("undirected", "both").format(TWO), 1, "edgedefault"),
    "deep": ("<graphml>" + "<x>" * 50, 1, "deep_xml"),
    "a tag without end": ("<graphml " + "x" * (3 << 20), 1, "long_tag"),
    "NUL byte": (b"<graphml>\n\x00</graphml>", 2, "binary"),
}
ALL_BROKEN = [
    pytest.param(*case, name, id=f"{name}: {what}")
    for name, cases in (("n.txt", BROKEN), ("n.csv", BROKEN_CSV), ("n.graphml", BROKEN_GRAPHML))
    for what, case in cases.items()
]


@pytest.mark.parametrize(("text", "line", "code", "name"), ALL_BROKEN)
def test_a_broken_file_is_refused_with_its_line(text, line, code, name):
    with pytest.raises(NetworkError) as caught:
        read(text, name)
    problem = caught.value.problems[0]
    assert problem.code == code
    assert problem.path.startswith("line ") if line is None else problem.path == f"line {line}"
    assert caught.value.source == name
    assert str(problem).count("\n") == 0 and len(str(problem)) < 700


def test_all_problems_up_to_ten_are_reported_at_once():
    with pytest.raises(NetworkError) as caught:
        read("1 2 .5\n" + "1 2 nan\n" * 4)
    assert [problem.path for problem in caught.value.problems] == [
        f"line {i}" for i in range(2, 6)
    ]
    with pytest.raises(NetworkError) as caught:
        read("1 2 .5\n" + "1 2 nan\n" * 40)
    assert len(caught.value.problems) == 10


def test_missing_and_unreadable_paths_are_named(tmp_path):
    for path in (tmp_path / "nowhere.txt", tmp_path):
        with pytest.raises(NetworkError, match="cannot be read"):
            read_network(path)
    with pytest.raises(NetworkError, match="mode 'rb'"):
        read_network(io.StringIO("a b\n"))


def test_a_gzip_bomb_is_refused_quickly_and_in_little_memory():
    bomb = gzip.compress(b"1 2\n" * (16 << 20), 9)  # 64 MB in 64 kB
    begin = time.process_time()
    tracemalloc.start()
    with pytest.raises(NetworkError) as caught:
        read(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.problems[0].code == "gzip_bomb"
    assert time.process_time() - begin < 5 and peak < 300 << 20


def test_sizes_above_the_limit_are_refused_plain_and_packed():
    text = "".join(f"{i} {i * 7919 % 65537}\n" for i in range(3000))
    for data in (text.encode(), gzip.compress(text.encode())):
        with pytest.raises(NetworkError) as caught:
            read(data, max_bytes=len(text) - 1)
        assert caught.value.problems[0].code == "too_large"
        assert read(data, max_bytes=len(text)).n_ties > 2900


def test_too_many_users_are_refused_with_the_line(monkeypatch):
    monkeypatch.setattr(edge_list, "MAX_USERS", 4)
    with pytest.raises(NetworkError) as caught:
        read("a b\nc d\nd e\n")
    assert (caught.value.problems[0].path, caught.value.problems[0].code) == (
        "line 3",
        "too_many_users",
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# c\nx y\n\ny\tz\n% d\nz x\n", "a.txt"),
        ("x  y\r\ny z\r\nz x", "a.txt"),
        ("FromNodeId ToNodeId\nx y\ny z\nz x\n", "a.txt"),
        ("\ufeffsource,target\nx,y\ny,z\nz,x\n", "a.csv"),
        ("from;to\nx;y\ny;z\n;\nz;x\n", "a.csv"),
        ("Source\tTarget\nx\ty\ny\tz\nz\tx\n", "a.tsv"),
        ('# made\nid,"dst",src\n1,y,x\n2,z,y\n3,x,z\n', "a.csv"),
        ("sender, receiver\nx, y\ny, z\nz, x\n", "a.txt"),
    ],
)
def test_all_ways_to_write_a_triangle_give_the_same_network(text, name):
    for data in (text.encode(), gzip.compress(text.encode())):
        edges = read(data, name)
        assert edges.labels == ("x", "y", "z")
        assert ties_of(edges) == [("x", "y"), ("y", "z"), ("z", "x")]
        assert edges.weight is None and not edges.directed


def test_users_are_numbered_in_order_of_first_appearance():
    assert read("9 7\n007 9\n7 1\n").labels == ("9", "7", "007", "1")


def test_self_loops_and_repeats_are_dropped_and_counted():
    text = "a b\nb a\na a\na b\nb c\n"
    edges = read(text)
    assert (edges.n_ties, edges.facts["self_loops"], edges.facts["duplicates"]) == (2, 1, 2)
    edges = read(text, directed=True)
    assert (edges.n_ties, edges.facts["self_loops"], edges.facts["duplicates"]) == (3, 1, 1)
    assert edges.facts["n_lines"] == 5


def test_of_repeated_weights_the_largest_counts():
    edges = read("a b .2\nb c .4\nb a .6\n")
    assert edges.weight.tolist() == [0.6, 0.4]


def test_weights_above_one_are_divided_by_the_largest_and_it_is_said():
    edges = read("a b 5\nb c 20\n")
    assert edges.weight.tolist() == [0.25, 1.0]
    assert edges.facts["weights_divided_by"] == 20.0
    assert read("a b .5\nb c 1\n").facts["weights_divided_by"] is None


def test_columns_can_be_named_and_weights_left_aside():
    text = "giver,taker,w,times\na,b,.5,3\nb,c,.25,9\n"
    names = {"source": "taker", "target": "giver"}
    edges = read(text, directed=True, columns=names)
    assert ties_of(edges) == [("b", "a"), ("c", "b")] and edges.weight.tolist() == [0.5, 0.25]
    edges = read(text, columns={**names, "weight": "times"})
    assert edges.weight.tolist() == [3 / 9, 1.0]
    assert read(text, columns={**names, "weight": None}).weight is None
    assert read("a b 100\nb c 200\n", columns={"weight": None}).weight is None
    with pytest.raises(NetworkError, match="no named columns"):
        read("a b\n", columns={"source": "giver"})
    with pytest.raises(NetworkError, match="only 'weight' can be chosen"):
        read_network(FILES / "follows.graphml", columns={"source": "giver"})
    with pytest.raises(NetworkError, match="got 'giver'"):
        read(text, columns={"giver": "source"})


def test_csv_without_column_names_is_read_if_it_is_all_numbers():
    edges = read("1,2,.5\n2,3,1\n")
    assert edges.labels == ("1", "2", "3") and edges.weight.tolist() == [0.5, 1.0]


def test_a_line_with_the_numbers_of_users_and_ties_is_no_tie():
    edges = read("4 3\n4 2\n2 1\n1 3\n")
    assert edges.facts["header"] == (4, 3)
    assert edges.labels == ("4", "2", "1", "3") and edges.n_ties == 3
    assert read("4 2\n4 2\n2 1\n1 3\n").facts["header"] is None  # 3 lines follow, not 2
    assert read("2 3\n4 2\n2 1\n1 3\n").facts["header"] is None  # more than 2 users
    weighted = read("3 2\n7 8 .5\n8 9 .5\n")
    assert weighted.facts["header"] == (3, 2) and weighted.labels == ("7", "8", "9")


def test_files_in_the_folder_are_read():
    edges = read_network(FILES / "names.csv")
    assert edges.labels == ("王 小明", "Ann; the elder", "bob", "=SUM(A1)")
    assert edges.weight.tolist() == [0.5, 1.0, 0.25]
    edges = read_network(FILES / "follows.graphml")
    assert edges.labels == ("lone", "ann", "bob") and edges.directed
    assert edges.weight.tolist() == [0.25, 1.0] and edges.facts["format"] == "graphml"
    assert not read_network(FILES / "follows.graphml", directed=False).directed


def test_the_fast_path_agrees_with_the_careful_one():
    rng = np.random.default_rng(5)
    pairs = rng.integers(0, 40_000, (220_000, 2))
    plain = "\n".join(f"{u} {v}" for u, v in pairs.tolist())
    fast = read(plain)
    slow = read("# é\n" + plain.replace("\n", " \n#\n"))  # a comment keeps blocks careful
    assert len(plain) > 2 << 20
    assert fast.labels == slow.labels and ties_of(fast) == ties_of(slow)
    assert fast.facts["duplicates"] == slow.facts["duplicates"]


@pytest.mark.parametrize(
    "row", ["01 2\n", "1\n", "1 2 3\n", "1 x\n", "\n", "-1 2\n", "9" * 19 + " 1\n"]
)
def test_the_fast_path_leaves_unusual_lines_to_the_careful_one(row):
    assert numeric_pairs(("1 2\n3 4\n" + row).encode()) is None
    assert numeric_pairs((row + "3 4\n").encode()) is None
    assert numeric_pairs(b"1\t2 \r\n 3  4").tolist() == [[1, 2], [3, 4]]


def test_errors_deep_in_a_large_file_still_name_the_line():
    text = "".join(f"{i} {i + 1}\n" for i in range(200_000))
    with pytest.raises(NetworkError) as caught:
        read(text + "7\n" + text)
    assert caught.value.problems[0].path == "line 200001"


def test_communities_are_found_split_and_grouped_into_regions():
    cliques = [(i, j) for c in range(0, 30, 10) for i in range(c, c + 10) for j in range(c, i)]
    source, target = np.array([*cliques, (0, 10), (10, 20)]).T
    found = detect_communities(31, source, target)
    assert found.tolist() == [0] * 10 + [1] * 10 + [2] * 10 + [3]
    star = detect_communities(4500, np.zeros(4499, np.int64), np.arange(1, 4500))
    assert np.bincount(star).tolist() == [1500, 1500, 1500] and (np.diff(star) >= 0).all()
    regions = regions_of(np.repeat(np.arange(25), 1900))
    assert np.bincount(regions).tolist() == [19_000, 19_000, 9500]


def test_an_imported_world_keeps_labels_and_turns_weights_into_levels():
    edges = read("a b .5\nb c .001\nc a 1\n")
    world = world_from_edges(edges, seed=3, spec=PopulationSpec())
    assert world.follows is world.ties and world.labels == ("a", "b", "c")
    assert world.population.key.tolist() == [0, 1, 2]
    assert world.ties.row(0).tolist() == [1, 2] and world.ties.row_levels(0).tolist() == [120, 240]
    assert world.ties.row_levels(1).tolist() == [120, 1]
    world = world_from_edges(read("a b\nb c\n", directed=True), seed=3, spec=PopulationSpec())
    assert world.ties.degree.tolist() == [1, 1, 0]
    assert world.ties.row_levels(0).tolist() == [round(TIE_LEVELS * IMPORTED_TIE_STRENGTH)]


PIECES = [
    b"1", b"2", b"a", b" ", b"\t", b",", b";", b"\n", b"\r", b'"', b"'", b"#", b".5",
    b"nan", b"-1", b"<?xml version='1.0' encoding='odd'?>",
    b"\x00", b"\xff", b"\xef\xbb\xbf", "é".encode(), b"source,target\n", b"from;to;weight\n",
    b"<?xml version='1.0'?>", b"<graphml>", b"</graphml>", b"<graph>", b"</graph>",
    b"<node id='1'/>",
    b"<edge source='1' target='2'/>", b"<data key='w'>", b"<key id='w' for='edge'>", b"<default>",
    b"<!DOCTYPE a>", b"&amp;", b"\x1f\x8b", b"4 2\n",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.booleans(), st.integers(0, 30))
def test_whatever_the_bytes_there_is_a_network_or_a_list_of_problems(pieces, packed, cut):
    data = b"".join(pieces)
    if packed:
        data = gzip.compress(data)
        data = data[: len(data) - cut]
    try:
        edges = read(data)
    except NetworkError as error:
        assert 1 <= len(error.problems) <= 10
        assert all(problem.path.startswith("line ") for problem in error.problems)
    else:
        assert edges.n_ties == len(edges.target) > 0 and (edges.source != edges.target).all()
        assert max(edges.source.max(), edges.target.max()) < edges.n_users
        assert edges.weight is None or ((edges.weight > 0) & (edges.weight <= 1)).all()


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no data in {DATA.name}; set VIRALBOTS_DATA")
def test_ego_facebook_has_its_published_figures():
    begin = time.perf_counter()
    edges = read_network(DATA / "ego_facebook" / "facebook_combined.txt")
    assert time.perf_counter() - begin < 2
    assert (edges.n_users, edges.n_ties) == (4039, 88_234)
    assert edges.facts["self_loops"] == edges.facts["duplicates"] == 0
    world = world_from_edges(edges, seed=1, spec=PopulationSpec())
    assert average_clustering(world.ties) == pytest.approx(0.6055467, abs=1e-7)
    edges = read_network(DATA / "stackexchange_android" / "graph.txt")
    assert edges.facts["header"] == (9958, 48_573) and edges.n_users <= 9958
