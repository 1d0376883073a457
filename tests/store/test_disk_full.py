"""A full disk: one clear error, nothing partial, usable again once there is space."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.store import made_up
from viralbots.errors import StoreError
from viralbots.run import Run
from viralbots.store import Store, schema

SPACE = 2_000_000


def large(number: int) -> Run:
    """A run of a hundred kilobytes that cannot be compressed."""
    noise = np.frombuffer(np.random.default_rng(number).bytes(100_000), np.int64)
    return replace(made_up.run(1, number), curves={"reach": noise})


def fill(store: Store) -> int:
    """Keep large runs until there is no space; how many were acknowledged."""
    for number in range(100):
        try:
            store.keep(large(number))
        except StoreError as error:
            assert error.code == "disk_full", error
            assert "nothing of this was saved" in str(error) and str(store.path) in str(error)
            return number
    raise AssertionError("there was space for everything")


def holds(store: Store, n: int) -> None:
    """Exactly the first n runs are there, whole."""
    for number in range(n + 2):
        run = large(number)
        found = store.find(run.identity, run.seed)
        assert (found is not None and found.is_same_as(run)) == (number < n)
    assert store.size().runs == n and store.check() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SPACE}", "viralbots", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        pytest.skip(f"no command 'mount': {error}")
    if done.returncode:
        pytest.skip(f"this account may not mount a small disk: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_an_error_and_then_over(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(200_000))
    path = small_disk / "full.sqlite3"
    with Store(path) as store:
        n = fill(store)
        assert n > 5
        holds(store, n)
        trace = made_up.trace(1, 1)
        with pytest.raises(StoreError, match="the disk is full"):
            for number in range(20):
                noise = np.random.default_rng(number).integers(0, 2**31, (50_000, 2))
                store.keep_trace(replace(trace, seed=number, watch_log=noise))
        assert store.size().traces == 0
        ballast.unlink()
        store.keep(large(n))
        holds(store, n + 1)
    with Store(path) as store:
        holds(store, n + 1)


def test_a_backup_or_a_new_database_on_a_full_disk_leaves_nothing(
    small_disk: Path, tmp_path: Path
) -> None:
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file, pytest.raises(OSError):
        while True:
            os.write(file.fileno(), bytes(4096))
    with pytest.raises(StoreError, match="the disk is full") as caught:
        Store(small_disk / "new.sqlite3").close()
    assert caught.value.code == "disk_full"
    with Store(tmp_path / "other.sqlite3") as store:
        store.keep(large(1))
        with pytest.raises(StoreError, match="the disk is full"):
            store.backup(small_disk / "backup.sqlite3")
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_a_migration_on_a_full_disk_leaves_the_old_version(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_disk / "older.sqlite3"
    with Store(path) as store:
        for number in range(10):  # one copy beside it has no place
            store.keep(large(number))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", (*schema.STEPS, lambda db: None))
        with pytest.raises(StoreError, match="the disk is full"):
            Store(path).close()
    # The log stays where it cannot be played into the file.
    endings = {file.name.removeprefix("older.sqlite3") for file in small_disk.iterdir()}
    assert endings <= {"", "-wal", "-shm", "-journal"}
    with Store(path) as store:
        holds(store, 10)


def test_a_file_that_may_not_grow_is_like_a_full_disk(tmp_path: Path) -> None:
    """The same without a disk of its own, for accounts that may not mount one."""
    with Store(tmp_path / "full.sqlite3") as store:

        def limit(pages: int) -> None:
            with store._connection.reading() as database:
                database.execute(f"PRAGMA max_page_count = {pages}")

        limit(200)
        n = fill(store)
        holds(store, n)
        limit(2000)
        store.keep(large(n))
        holds(store, n + 1)
