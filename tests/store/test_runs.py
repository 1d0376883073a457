"""Runs: found when they are right, absent otherwise, never overwritten by something else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store import made_up
from viralbots.errors import StoreError
from viralbots.run import Run, RunCache
from viralbots.store import Store, runs


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "runs.sqlite3") as store:
        yield store


def change(store: Store, sql: str, *values: object) -> None:
    """Change the file as no part of the program would."""
    with store._connection.writing() as database:
        assert database.execute(sql, values).rowcount > 0


def kept(store: Store, run: Run) -> bool:
    found = store.find(run.identity, run.seed)
    return found is not None and found.is_same_as(run)


def test_a_kept_run_is_found_by_identity_and_seed(store: Store) -> None:
    cache: RunCache = store
    for number in range(3):
        cache.keep(made_up.run(1, number))
    assert all(kept(store, made_up.run(1, number)) for number in range(3))
    assert cache.find(made_up.identity(1), 12345) is None
    assert cache.find(made_up.identity(2), made_up.run(1, 0).seed) is None


def test_runs_outlive_the_program(tmp_path: Path) -> None:
    with Store(tmp_path / "runs.sqlite3") as store:
        store.keep(made_up.run(1, 1))
    with Store(tmp_path / "runs.sqlite3") as store:
        assert kept(store, made_up.run(1, 1))


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1, 2**63, 2**64 - 1])
def test_every_seed_of_64_bits_is_kept_apart(store: Store, seed: int) -> None:
    one = replace(made_up.run(1, 1), seed=seed)
    other = replace(made_up.run(1, 2), seed=seed ^ 2**63)
    store.keep(one)
    store.keep(other)
    assert kept(store, one) and kept(store, other)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_of_more_bits_is_refused_and_never_found(store: Store, seed: int) -> None:
    with pytest.raises(StoreError, match=f"between 0 and .*got {seed}"):
        store.keep(replace(made_up.run(1, 1), seed=seed))
    assert store.find(made_up.identity(1), seed) is None


def test_an_equal_run_is_left_alone(store: Store) -> None:
    run = made_up.run(1, 1)
    store.keep(run)
    store.keep(made_up.run(1, 1))
    backwards = dict(reversed(run.values.items()))
    store.keep(replace(run, values=backwards))  # the order of metrics is no difference
    found = store.find(run.identity, run.seed)
    assert found is not None and list(found.values) == list(run.values)
    assert store.size().runs == 1


@pytest.mark.parametrize(
    "field, value",
    [
        ("digest", "0" * 64),
        ("values", {"reach": 1.0}),
        ("curves", {}),
        ("facts", {"n_users": 1}),
    ],
)
def test_other_numbers_of_the_same_run_are_refused(
    store: Store, field: str, value: object
) -> None:
    run = made_up.run(1, 1)
    store.keep(run)
    with pytest.raises(StoreError, match="gave other numbers") as caught:
        store.keep(replace(run, **{field: value}))  # type: ignore[arg-type]
    assert caught.value.code == "run_differs" and caught.value.values["seed"] == run.seed
    assert kept(store, run)


def test_a_run_of_older_metrics_is_not_found_and_gives_way(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = made_up.run(1, 1)
    store.keep(old)
    monkeypatch.setattr(runs, "METRICS_VERSION", "new")
    assert store.find(old.identity, old.seed) is None
    new = replace(old, metrics_version="new", values={"another": 1.0})
    store.keep(new)
    assert kept(store, new) and store.size().runs == 1


def test_a_run_of_another_version_of_the_program_is_not_kept(store: Store) -> None:
    for change_of in ({"engine_version": "0"}, {"metrics_version": "0"}):
        with pytest.raises(StoreError, match="compute it again"):
            store.keep(replace(made_up.run(1, 1), **change_of))  # type: ignore[arg-type]
    assert store.size().runs == 0


def test_a_run_of_another_engine_is_not_found(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep(made_up.run(1, 1))
    monkeypatch.setattr(runs, "ENGINE_VERSION", "another")
    assert store.find(made_up.identity(1), made_up.run(1, 1).seed) is None


@pytest.mark.parametrize(
    "column, value",
    [
        ("digest", "0" * 64),
        ("digest", None),
        ("digest", b"\xff\xfe"),
        ("size", 1),
        ("size", 2**62),
        ("content", b""),
        ("content", "text"),
        ("content", b"x\x9c" + bytes(40)),
        ("seal", b""),
        ("seal", "text"),
    ],
)
def test_a_damaged_run_is_absent_reported_and_replaced(
    store: Store, column: str, value: object
) -> None:
    run = made_up.run(1, 1)
    store.keep(run)
    if value is None:
        value = 12.5
    change(store, f"UPDATE runs SET {column} = ?", value)
    assert store.find(run.identity, run.seed) is None
    assert store.find(run.identity, run.seed) is None
    (problem,) = store.damaged
    assert problem.code == "row_damaged" and run.identity in problem.path
    (found,) = store.check()
    assert (found.code, found.path) == ("seal_broken", "run 1")
    store.keep(run)
    assert kept(store, run) and store.damaged == [] and store.check() == []


def test_the_numbers_of_one_run_are_never_shown_as_those_of_another(store: Store) -> None:
    one, other = made_up.run(1, 1), made_up.run(2, 2)
    store.keep(one)
    store.keep(other)
    change(store, "UPDATE runs SET identity = 'x' WHERE identity = ?", one.identity)
    change(
        store, "UPDATE runs SET identity = ?, seed = ? WHERE identity = ?",
        one.identity, str(one.seed), other.identity,
    )  # fmt: skip
    assert store.find(one.identity, one.seed) is None and len(store.damaged) == 1


def test_many_threads_may_use_one_store(store: Store) -> None:
    def work(thread: int) -> int:
        right = 0
        for number in range(12):
            mine, shared = made_up.run(thread, number), made_up.run(99, number)
            for run in (mine, shared):
                if store.find(run.identity, run.seed) is None:
                    store.keep(run)
                right += kept(store, run)
        return right

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 8 * 12 * 2
    assert store.size().runs == 9 * 12


def test_the_store_of_another_process_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getpid", lambda: -1)
    with pytest.raises(StoreError, match="open one in each"):
        store.find("a", 1)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.sqlite3")
    store.close()
    store.close()
    for use in (lambda: store.find("a", 1), lambda: store.keep(made_up.run(1, 1))):
        with pytest.raises(StoreError, match="is closed; open it again"):
            use()


def test_a_lock_that_lasts_too_long_is_an_error_and_then_over(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite3"
    with Store(path, wait=0.05) as store, Store(path) as other:
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with other._connection.writing():
                held.set()
                done.wait(5)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(5)
        with pytest.raises(StoreError, match="has been writing to the database for too long") as e:
            store.keep(made_up.run(1, 1))
        assert e.value.code == "database_locked" and str(path) in str(e.value)
        assert store.find(made_up.identity(1), 1) is None  # reading needs no lock
        done.set()
        thread.join()
        store.keep(made_up.run(1, 1))
        assert kept(store, made_up.run(1, 1))


def test_a_file_that_was_deleted_is_not_written_to(store: Store) -> None:
    store.keep(made_up.run(1, 1))
    store.path.rename(store.path.with_name("elsewhere.sqlite3"))
    with pytest.raises(StoreError, match="moved, deleted or replaced"):
        store.keep(made_up.run(1, 2))
