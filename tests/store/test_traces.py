"""Traces and layouts come back exactly, and the richer trace stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.experiments.mechanisms import case
from tests.store import made_up
from viralbots.draws import run_seed
from viralbots.engine.simulate import simulate
from viralbots.errors import StoreError
from viralbots.scenario import load, override
from viralbots.store import Store, traces
from viralbots.store.traces import level_of
from viralbots.trace import LEVELS
from viralbots.world.assemble import build

SEED = run_seed(3, 4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "traces.sqlite3") as store:
        yield store


@pytest.mark.parametrize("level", LEVELS)
def test_a_trace_comes_back_with_all_arrays_and_types(store: Store, level: str) -> None:
    trace = made_up.trace(3, 4, level)
    store.keep_trace(trace)
    found = store.find_trace(trace.identity, SEED)
    assert found is not None and level_of(found) == level
    assert made_up.is_same_trace(trace, found)


def test_a_simulated_trace_with_a_watched_user_comes_back(store: Store, root: Path) -> None:
    scenario = load(root / "scenarios" / "tell_a_friend.yaml")
    scenario = override(scenario, {"network.n_users": 500})
    world = build(scenario.network)
    trace = simulate(scenario, 5, replicate=2, world=world, level="deliveries", watch=[1, 2, 3])
    assert trace.watch_log is not None
    store.keep_trace(trace)
    found = store.find_trace(scenario.identity, run_seed(5, 2))
    assert found is not None and made_up.is_same_trace(trace, found)


def test_a_trace_of_bots_and_members_comes_back(store: Store) -> None:
    scenario, world, _ = case("recruiter")
    trace = simulate(scenario, 5, world=world, level="deliveries", watch=range(9))
    assert trace.marks is not None and len(trace.converts)
    store.keep_trace(trace)
    found = store.find_trace(scenario.identity, run_seed(5))
    assert found is not None and made_up.is_same_trace(trace, found)


def test_a_trace_that_counted_other_things_is_absent_but_not_damaged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one kept by a version before there were members and bots."""
    old = made_up.trace(3, 4)
    old = replace(old, totals=old.totals[:, :-3], series=old.series[:, :, :-3])
    store.keep_trace(old)
    assert store.find_trace(old.identity, SEED) is None
    assert store.damaged == [] and store.check() == []
    store.keep_trace(made_up.trace(3, 4))
    found = store.find_trace(old.identity, SEED)
    assert found is not None and found.converts["hops"].tolist() == [304] * 44


def test_a_trace_without_an_array_is_absent_but_not_damaged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = made_up.trace(3, 4)
    with monkeypatch.context() as patch:
        patch.delitem(traces._ARRAYS, "converts")
        store.keep_trace(trace)
    assert store.find_trace(trace.identity, SEED) is None
    assert store.damaged == [] and store.check() == []


def test_a_trace_that_holds_more_replaces_one_that_holds_less(store: Store) -> None:
    watched = replace(made_up.trace(3, 4), watch_log=np.ones((2, 5), np.int64))
    steps = [made_up.trace(3, 4, level) for level in LEVELS] + [watched]
    for step in steps:
        store.keep_trace(step)
        for poorer in steps:  # keeping it again, or what holds less, changes nothing
            if poorer is step:
                break
            store.keep_trace(poorer)
        found = store.find_trace(step.identity, SEED)
        assert found is not None and made_up.is_same_trace(step, found)
    assert store.size().traces == 1


def test_a_trace_of_other_deliveries_is_refused(store: Store) -> None:
    trace = made_up.trace(3, 4)
    store.keep_trace(trace)
    with pytest.raises(StoreError, match="differs from the one that is kept"):
        store.keep_trace(replace(trace, digest="0" * 64))
    assert store.find_trace(trace.identity, SEED) is not None


@pytest.mark.parametrize("column", ["content", "digest", "level", "seal", "size"])
def test_a_damaged_trace_is_absent_reported_and_replaced(store: Store, column: str) -> None:
    trace = made_up.trace(3, 4)
    store.keep_trace(trace)
    with store._connection.writing() as database:
        database.execute(f"UPDATE traces SET {column} = 'series'")
    assert store.find_trace(trace.identity, SEED) is None
    assert [problem.code for problem in store.damaged] == ["row_damaged"]
    assert [problem.path for problem in store.check()] == ["trace 1"]
    store.keep_trace(trace)
    assert store.find_trace(trace.identity, SEED) is not None and store.check() == []


def test_a_trace_with_columns_of_another_version_is_absent_but_not_damaged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = made_up.trace(3, 4)
    store.keep_trace(trace)
    with monkeypatch.context() as patch:
        patch.setitem(traces._ARRAYS, "adoptions", np.dtype([("minute", "i4"), ("new", "i4")]))
        assert store.find_trace(trace.identity, SEED) is None
        assert store.damaged == [] and store.check() == []
    assert store.find_trace(trace.identity, SEED) is not None


def test_a_trace_too_large_for_the_file_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "MOST_STORED", 100)
    with pytest.raises(StoreError, match="at a lower level"):
        store.keep_trace(made_up.trace(3, 4))
    assert store.size().traces == 0


def test_a_layout_comes_back_and_is_replaced_by_a_later_one(store: Store) -> None:
    places = np.array([[0.1, -2], [3, 1e-30]], np.float32)
    users = np.array([7, 2**40])
    store.keep_layout("world", "whole", np.zeros((1, 2), np.float32), np.array([1]))
    store.keep_layout("world", "whole", places, users)
    store.keep_layout("world", "part", places[:0], users[:0])
    found = store.find_layout("world", "whole")
    assert found is not None
    assert found[0].dtype == np.float32 and found[0].tobytes() == places.tobytes()
    assert found[1].dtype == np.int64 and found[1].tolist() == users.tolist()
    empty = store.find_layout("world", "part")
    assert empty is not None and empty[0].shape == (0, 2) and empty[1].shape == (0,)
    assert store.find_layout("world", "other") is None
    assert store.find_layout("another", "whole") is None


def test_a_layout_needs_a_place_for_each_user(store: Store) -> None:
    with pytest.raises(StoreError, match="a place \\(x, y\\) for each user"):
        store.keep_layout("world", "whole", np.zeros((3, 2), np.float32), np.arange(2))


def test_a_damaged_layout_is_absent_and_reported(store: Store) -> None:
    store.keep_layout("world", "whole", np.zeros((1, 2), np.float32), np.array([1]))
    with store._connection.writing() as database:
        database.execute("UPDATE layouts SET name = 'other'")
    assert store.find_layout("world", "other") is None and len(store.damaged) == 1
    assert [problem.path for problem in store.check()] == ["layout 1"]
