"""Killed at any moment, thirty writers, ninety starts: nothing lost, nothing partial."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")

BOTH = pytest.mark.parametrize("sqlite", ["", "system"], ids=["own sqlite", "system's sqlite"])
"""The system's SQLite may be one with the WAL-reset bug, which takes another journal."""


def report(root: Path, folder: Path, command: str, number: int, sqlite: str = "") -> Any:
    """What `tests.store.processes` reports."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.processes", command, str(folder), str(number)],
        cwd=root, env={**os.environ, "VIRALBOTS_TEST_SQLITE": sqlite},
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0 and not done.stderr, done.stderr
    print(command, done.stdout)
    return json.loads(done.stdout)


def saves_survive(got: Any, n: int) -> None:
    assert got["kills"] == n and got["acknowledged"] > n
    assert (got["lost"], got["partial"], got["problems"]) == (0, 0, [])


def test_a_kill_while_saving_loses_nothing_that_was_acknowledged(
    root: Path, tmp_path: Path
) -> None:
    saves_survive(report(root, tmp_path, "kill_while_saving", 50), 50)


@pytest.mark.slow
@BOTH
def test_500_kills_while_saving_lose_nothing(root: Path, tmp_path: Path, sqlite: str) -> None:
    saves_survive(report(root, tmp_path, "kill_while_saving", 500, sqlite), 500)


def never_mixed(got: Any, n: int) -> None:
    assert got["kills"] == n and got["old"] + got["new"] >= n
    assert got["old"] and got["copies"]
    assert (got["mixed"], got["bad_copies"]) == (0, 0)


def test_a_kill_while_migrating_leaves_the_old_or_the_new(root: Path, tmp_path: Path) -> None:
    never_mixed(report(root, tmp_path, "kill_while_migrating", 12), 12)


@pytest.mark.slow
@BOTH
def test_100_kills_while_migrating_never_mix(root: Path, tmp_path: Path, sqlite: str) -> None:
    never_mixed(report(root, tmp_path, "kill_while_migrating", 100, sqlite), 100)


def all_written(got: Any, n: int) -> None:
    assert (got["failed"], got["missing"], got["problems"]) == (0, 0, [])
    assert got["results"] == n and got["longest"] < 30


def test_30_processes_write_at_once(root: Path, tmp_path: Path) -> None:
    all_written(report(root, tmp_path, "write_together", 30), 30)


@pytest.mark.slow
def test_30_processes_write_at_once_with_the_system_s_sqlite(root: Path, tmp_path: Path) -> None:
    all_written(report(root, tmp_path, "write_together", 30, "system"), 30)


def all_started(got: Any) -> None:
    assert (got["failed"], got["own_workspaces"], got["problems"]) == (0, 1, [])
    assert all(name.endswith("-journal") for name in got["left"])


def test_20_programs_start_at_once_without_a_database(root: Path, tmp_path: Path) -> None:
    all_started(report(root, tmp_path, "start_together", 20))


@pytest.mark.slow
@BOTH
def test_90_programs_start_at_once_without_a_database(
    root: Path, tmp_path: Path, sqlite: str
) -> None:
    all_started(report(root, tmp_path, "start_together", 90, sqlite))


@pytest.mark.slow
@BOTH
def test_90_programs_meet_an_older_database_and_one_migrates(
    root: Path, tmp_path: Path, sqlite: str
) -> None:
    got = report(root, tmp_path, "migrate_together", 90, sqlite)
    assert got == {"failed": 0, "copies": ["older.v1.sqlite3"], "counted": 8000}
