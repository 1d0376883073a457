"""One run as a table of adoptions and as a network with what happened on it."""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

import networkx
import numpy as np
import pytest

from tests.experiments.mechanisms import case as mechanism
from tests.experiments.mechanisms import trace_of
from tests.experiments.small import small
from viralbots.draws import run_seed
from viralbots.engine.simulate import simulate
from viralbots.errors import ExperimentError, NetworkError
from viralbots.experiments import scenario_with_network
from viralbots.experiments.export import (
    adoptions_csv,
    converts_csv,
    follows_graphml,
    run_graphml,
)
from viralbots.metrics.cascade import depth
from viralbots.scenario import Scenario
from viralbots.trace import CONVERTED, HEARD, SEED, Trace
from viralbots.version import ENGINE_VERSION
from viralbots.world.assemble import build
from viralbots.world.exporters import edges_of, write_graphml
from viralbots.world.importers import read_network
from viralbots.world.world import CHANNELS, FEED_CHANNELS, PUSH_CHANNELS, World

LABELS = ("=1+1", "-2", "@ann", "王小明", 'a"b', "c,d", "<&>", "007")


class Case(NamedTuple):
    world: World
    trace: Trace
    scenario: Scenario


def case_of(scenario: Scenario, level: str = "deliveries") -> Case:
    world = build(scenario.network)
    return Case(world, simulate(scenario, 3, replicate=1, world=world, level=level), scenario)


@pytest.fixture(scope="module")
def case() -> Case:
    """Two messages by several channels, seeds and a brand's own delivery."""
    ad = {"brand": "Acme", "arousal": 1, "value": 1, "ease": 1, "disguise": 0.8,
          "channels": {"im": 0.5, "forum": 0.5}}  # fmt: skip
    truth = {"kind": "counter", "about": "ad", "arousal": 1, "value": 1, "ease": 1,
             "channels": {"forum": 1}}  # fmt: skip
    return case_of(
        small(
            messages={"ad": ad, "truth": truth},
            seeding=[
                {"message": "ad", "count": 20},
                {"message": "ad", "count": 100, "by": "brand", "minute": 5},
                {"message": "truth", "count": 60, "minute": 60},
            ],
        )
    )


@pytest.fixture(scope="module")
def imported(tmp_path_factory) -> Case:
    """A network with labels that a spreadsheet or XML would misread."""
    path = tmp_path_factory.mktemp("network") / "n.csv"
    labels = [LABELS[i] if i < len(LABELS) else f"u{i}" for i in range(60)]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["source", "target"])
        guarded = ["'" + label if label[0] in "=-@" else label for label in labels]
        rows.writerows((guarded[i], guarded[(i + j) % 60]) for i in range(60) for j in (1, 2, 7))
    scenario = small(
        messages={"ad": {"arousal": 1, "value": 1, "ease": 1, "channels": {"im": 1}}},
        seeding=[{"message": "ad", "count": 50}],
    )
    return case_of(scenario_with_network(scenario, path))


def table(case: Case) -> tuple[bytes, list[dict[str, str]]]:
    out = io.BytesIO()
    adoptions_csv(*case, out)
    text = io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")
    return out.getvalue(), list(csv.DictReader(text, strict=True))


@pytest.fixture(scope="module")
def graph(case) -> networkx.Graph:
    return graph_of(case)


def graph_of(case: Case, write=run_graphml) -> networkx.Graph:
    out = io.BytesIO()
    write(*case, out)
    return networkx.read_graphml(io.BytesIO(out.getvalue()))


def came_by(case: Case, row: np.void) -> str | None:
    """Channel of the delivery at which a user decided, from the log of all deliveries."""
    log = case.trace.deliveries
    if row["source"] < 0:
        return None
    found = [
        d for d in log[(log["user"] == row["user"]) & (log["minute"] == row["minute"])]
        if d["source"] == row["source"] and d["message"] == row["message"]
    ]  # fmt: skip
    return CHANNELS[found[0]["channel"]]


# -- adoptions -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["footer", "variants", "sockpuppet"])
def test_a_line_says_how_she_came_to_it_and_what_she_was(name):
    scenario, world, _ = mechanism(name)
    run = Case(world, trace_of(name), scenario)
    kinds = ("decided", "seed", "counter", "involuntary", "mutated")
    _, rows = table(run)
    for row, adoption in zip(rows, run.trace.adoptions, strict=True):
        assert row["kind"] == kinds[adoption["kind"]]
        assert row["hops"] == str(adoption["hops"])
        assert row["is_paid"] == str(adoption["mark"] & 1)
        assert row["is_bot"] == str(adoption["mark"] >> 1 & 1)
    told = {"footer": "involuntary", "variants": "mutated", "sockpuppet": "seed"}[name]
    assert told in {row["kind"] for row in rows}
    assert (name == "sockpuppet") == any(row["is_paid"] == row["is_bot"] == "1" for row in rows)


def test_everybody_who_took_it_up_has_a_line_with_whom_it_came_through():
    scenario, world, _ = mechanism("footer")
    run = Case(world, trace_of("footer"), scenario)
    out = io.BytesIO()
    converts_csv(*run, out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))
    assert len(rows) == len(run.trace.converts) > 40
    for row, joined in zip(rows, run.trace.converts, strict=True):
        assert (row["user"], row["minute"]) == (str(joined["user"]), str(joined["minute"]))
        assert row["source"] == ("" if joined["source"] < 0 else str(joined["source"]))
        assert row["channel"] == ("" if joined["channel"] > 6 else CHANNELS[joined["channel"]])
        assert row["hops"] == str(joined["hops"])
    assert sum(row["channel"] == "" for row in rows) == 20  # from the start


def test_every_adoption_has_a_line_in_order_of_minute(case):
    _, rows = table(case)
    trace = case.trace
    assert len(rows) == len(trace.adoptions) > 150
    for row, adoption in zip(rows, trace.adoptions, strict=True):
        assert row["user"] == str(adoption["user"])
        assert row["message"] == trace.messages[adoption["message"]]
        assert row["minute"] == str(adoption["minute"])
        assert row["source"] == ("" if adoption["source"] < 0 else str(adoption["source"]))
        assert row["channel"] == ("" if adoption["channel"] > 6 else CHANNELS[adoption["channel"]])
        assert row["kind"] == ("decided", "seed", "counter")[adoption["kind"]]
        assert row["by_brand"] == str(adoption["by_brand"])
        assert row["n_sent"] == str(adoption["n_sent"])
    assert {row["kind"] for row in rows} >= {"decided", "seed"}
    assert {row["by_brand"] for row in rows} == {"0", "1"}


def test_an_adoption_tells_by_which_channel_it_came(case):
    _, rows = table(case)
    told = [row["came_by"] or None for row in rows]
    assert told == [came_by(case, row) for row in case.trace.adoptions]
    assert {"im", "forum", None} <= set(told)


def test_a_generation_is_one_more_than_that_of_the_source(case):
    _, rows = table(case)
    of = {(row["user"], row["message"]): int(row["generation"]) for row in rows}
    for row in rows:
        above = of[row["source"], row["message"]] + 1 if row["source"] else 0
        assert int(row["generation"]) == above
    for number, message in enumerate(case.trace.messages):
        deepest = max(steps for (_, name), steps in of.items() if name == message)
        assert deepest == depth(case.world, case.trace, number) > 0


def test_days_and_clocks_begin_on_monday_at_eight(case):
    _, rows = table(case)
    assert (rows[0]["day"], rows[0]["clock"]) == ("1", "08:00")
    for row in rows:
        hours, minutes = row["clock"].split(":")
        since = (int(row["day"]) - 1) * 1440 + int(hours) * 60 + int(minutes)
        assert since == int(row["minute"]) + 480
    assert int(rows[-1]["day"]) > 1


def test_every_adoption_says_of_which_run_it_is(case):
    _, rows = table(case)
    for row in rows:
        assert row["scenario"] == "small" and row["identity"] == case.scenario.identity
        assert (row["seed"], row["replicate"], row["world_seed"]) == ("3", "1", "1")
        assert int(row["run_seed"]) == run_seed(3, 1) and row["digest"] == case.trace.digest


def test_labels_are_no_formulas_and_keep_their_letters(imported):
    data, rows = table(imported)
    assert data.startswith(b"\xef\xbb\xbf")  # one of them is Chinese
    users = {row["user"] for row in rows}
    assert users & {"'=1+1", "'-2", "'@ann"} and users & {"王小明", 'a"b', "c,d", "<&>", "007"}
    named = {row[name] for row in rows for name in ("user", "source")}
    assert not any(name[:1] in tuple("=+-@") for name in named)
    assert b"\xef\xbb\xbf" not in data[3:]


def test_a_table_of_ascii_has_no_mark(case):
    assert table(case)[0].isascii() and table(case)[0] == table(case)[0]


# -- network -------------------------------------------------------------------------------


def test_networkx_reads_what_happened_to_each_user(case, graph):
    trace = case.trace
    for number, suffix in ((0, ""), (1, ":truth")):
        rows = trace.adoptions[trace.adoptions["message"] == number]
        row_of = {int(row["user"]): row for row in rows}
        heard, converted = trace.flag(HEARD, number), trace.flag(CONVERTED, number)
        for user in range(trace.n_users):
            told, row = graph.nodes[str(user)], row_of.get(user)
            assert told[f"heard{suffix}"] is bool(heard[user])
            assert told[f"converted{suffix}"] is bool(converted[user])
            assert told[f"is_seed{suffix}"] is bool(row is not None and row["kind"] == SEED)
            assert told.get(f"adopted_at{suffix}") == (None if row is None else row["minute"])
            has_source = row is not None and row["source"] >= 0
            assert told.get(f"source{suffix}") == (str(row["source"]) if has_source else None)
            assert (f"generation{suffix}" in told) == (row is not None)
            assert told["community"] == case.world.population.community[user]
            wanted = None if row is None else came_by(case, row)
            assert told.get(f"came_by{suffix}") == wanted


def test_the_network_says_of_which_run_it_is(case, graph):
    told = graph.graph
    about = {"scenario": "small", "identity": case.scenario.identity, "seed": 3, "replicate": 1,
             "engine_version": ENGINE_VERSION, "digest": case.trace.digest, "relation": "ties",
             "run_seed": str(run_seed(3, 1)), "world_seed": 1}  # fmt: skip
    assert {name: told[name] for name in about} == about
    assert told["edge_default"] == {"carried": False, "carried:truth": False}


@pytest.mark.parametrize("follows", [False, True])
def test_a_tie_carried_what_an_adopter_got_along_it(case, graph, follows):
    graph = graph_of(case, follows_graphml) if follows else graph
    channels = FEED_CHANNELS if follows else PUSH_CHANNELS
    assert graph.is_directed() == follows
    for number, name in ((0, "carried"), (1, "carried:truth")):
        wanted = set()
        for row in case.trace.adoptions[case.trace.adoptions["message"] == number]:
            ends = (str(row["source"]), str(row["user"]))
            if came_by(case, row) in channels and graph.has_edge(*ends):
                wanted.add(ends if follows else tuple(sorted(ends)))
        told = {ends if follows else tuple(sorted(ends))
                for *ends, said in graph.edges(data=name) if said
                for ends in [tuple(ends)]}  # fmt: skip
        assert told == wanted
        assert wanted or (number == 1 and not follows)  # the truth goes by forum alone


@pytest.mark.parametrize("write", [run_graphml, follows_graphml])
def test_an_imported_network_carries_posts_and_pushes(imported, write):
    graph = graph_of(imported, write)
    labels = imported.world.labels
    wanted = {
        frozenset((labels[row["source"]], labels[row["user"]]))
        for row in imported.trace.adoptions if row["source"] >= 0
    }  # fmt: skip
    ties = {frozenset(ends) for ends in graph.edges}
    told = {frozenset((u, v)) for u, v, carried in graph.edges(data="carried") if carried}
    assert told == wanted & ties and told
    assert set(labels) == set(graph.nodes) and set(LABELS) < set(labels)


@pytest.mark.parametrize("name", ["run.graphml", "run.graphml.gz"])
@pytest.mark.parametrize("which", ["case", "imported"])
def test_our_importer_reads_the_network_and_past_the_rest(which, name, tmp_path, request):
    case = request.getfixturevalue(which)
    run_graphml(*case, tmp_path / name)
    write_graphml(case.world, tmp_path / "plain.graphml")
    told, plain = read_network(tmp_path / name), read_network(tmp_path / "plain.graphml")
    assert told.labels == plain.labels and told.directed == plain.directed
    assert np.array_equal(told.source, plain.source)
    assert np.array_equal(told.target, plain.target)
    assert (told.weight is None) == (plain.weight is None) == (which == "imported")
    if told.weight is not None and plain.weight is not None:
        assert np.array_equal(told.weight, plain.weight)
        assert np.array_equal(told.weight, edges_of(case.world).weight)


def test_the_same_run_gives_the_same_bytes(imported):
    first, second = io.BytesIO(), io.BytesIO()
    run_graphml(*imported, first)
    run_graphml(*case_of(imported.scenario), second)
    assert first.getvalue() == second.getvalue()


# -- refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [run_graphml, follows_graphml, adoptions_csv, converts_csv])
def test_what_does_not_belong_together_is_refused(case, imported, write):
    with pytest.raises(ExperimentError, match="give the scenario that was run"):
        write(case.world, case.trace, imported.scenario, io.BytesIO())
    with pytest.raises(ExperimentError, match="600 users, the world 60"):
        write(imported.world, case.trace, case.scenario, io.BytesIO())
    short = case_of(case.scenario, "series")
    with pytest.raises(ExperimentError, match="run again at 'adoptions'"):
        write(*short, io.BytesIO())


def test_a_run_in_which_nobody_adopted_is_written_too():
    case = case_of(small(seeding=[], network={"n_users": 100}))
    data, rows = table(case)
    assert rows == [] and data.count(b"\n") == 1
    graph = graph_of(case)
    assert not any("adopted_at" in told for _, told in graph.nodes(data=True))
    assert not any(said for *_, said in graph.edges(data="carried"))


def test_labels_that_xml_cannot_hold_are_refused(imported):
    labels = ("a\x01", *imported.world.labels[1:])
    world = World(imported.world.population, imported.world.ties, imported.world.follows, labels)
    with pytest.raises(NetworkError, match="user 0"):
        run_graphml(world, imported.trace, imported.scenario, io.BytesIO())
