"""How large the database is, whether it is whole, and making room in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from viralbots.errors import Problem, StoreError
from viralbots.store import runs, traces, workspaces
from viralbots.store.blobs import Damaged
from viralbots.store.connection import Connection
from viralbots.store.results import RESULTS, result_of
from viralbots.store.scenarios import SCENARIOS, scenario_of
from viralbots.store.shelf import Shelf
from viralbots.store.sqlite import sqlite3

TABLES = ("runs", "traces", "layouts", "workspaces", "scenarios", "results")
_MOST_PROBLEMS = 100
_AT_ONCE = 20  # rows dropped before looking again


@dataclass(frozen=True)
class Size:
    """How much is kept.

    Attributes
    ----------
    bytes : int
        On disk, the log included.
    runs, traces, layouts, workspaces, scenarios, results : int
        How many of each.
    """

    bytes: int
    runs: int
    traces: int
    layouts: int
    workspaces: int
    scenarios: int
    results: int


def size(connection: Connection) -> Size:
    """How much is kept."""
    with connection.reading() as database:
        counts = {t: _one(database, f"SELECT count(*) FROM {t}") for t in TABLES}
    files = (connection.path.with_name(connection.path.name + end) for end in ("", "-wal"))
    return Size(bytes=sum(f.stat().st_size for f in files if f.exists()), **counts)


def check(connection: Connection) -> list[Problem]:
    """Everything that is wrong with the database, at most a hundred problems; empty if whole.

    Reads all of it: the pages by SQLite's own check, and each row against its seal.
    """
    problems: list[Problem] = []
    for part in ("pages", *TABLES):
        try:
            with connection.reading() as database:
                problems += _pages(database) if part == "pages" else _seals(database, part)
        except StoreError as error:  # it cannot even be read; what follows perhaps can
            problems.append(Problem(str(connection.path), error.code, str(error), error.values))
    return problems[:_MOST_PROBLEMS]


def faults(database: sqlite3.Connection) -> list[Problem]:
    """The same of any connection; where pages are damaged it looks no further."""
    problems = _pages(database)
    return problems or [p for table in TABLES for p in _seals(database, table)]


def mend(connection: Connection) -> int:
    """Drop damaged runs, traces and layouts, which can all be computed again; how many.

    Raises
    ------
    StoreError
    """
    n_dropped = 0
    with connection.writing() as database:
        for table in ("runs", "traces", "layouts"):
            for number in list(_broken(database, table)):
                if table == "runs":
                    database.execute("DELETE FROM result_runs WHERE run = ?", (number,))
                database.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))
                n_dropped += 1
    connection.forget_all()
    return n_dropped


def _pages(database: sqlite3.Connection) -> list[Problem]:
    told = [str(line) for (line,) in database.execute("PRAGMA integrity_check")]
    told = [line for line in told if line != "ok"]
    for table, row, other, _ in database.execute("PRAGMA foreign_key_check"):
        told.append(f"row {row} of {table} names a row of {other} that does not exist")
    text = "the file is damaged: "
    return [Problem("", "page_damaged", text + line, {"why": line}) for line in told]


def _seals(database: sqlite3.Connection, table: str) -> list[Problem]:
    kind, text = table.removesuffix("s"), "is not as it was written"
    return [
        Problem(f"{kind} {number}", "seal_broken", text, {"kind": kind, "key": str(number)})
        for number in _broken(database, table)
    ]


def _broken(database: sqlite3.Connection, table: str) -> Iterator[int]:
    """Numbers of the rows of a table whose seal does not fit."""
    columns, judge = _JUDGES[table]
    for (number,) in database.execute(f"SELECT rowid FROM {table}").fetchall():
        row = database.execute(
            f"SELECT {columns} FROM {table} WHERE rowid = ?", (number,)
        ).fetchone()
        try:
            if row is not None:
                judge(row)
        except (Damaged, StoreError):
            yield number


def _judge_shelf(shelf: Shelf, read: Callable[[dict], object]) -> Callable[[tuple], None]:
    def judge(values: tuple) -> None:
        row = shelf.whole(values)
        if row is None:
            raise Damaged("the seal does not fit")
        read(row)

    return judge


def _judge_workspace(row: tuple) -> None:
    if not workspaces.is_whole(row):
        raise Damaged("the seal does not fit")


_JUDGES: dict[str, tuple[str, Callable[[tuple], object]]] = {
    "runs": (f"identity, seed, {runs.COLUMNS}", lambda r: runs.verify(r[0], r[1], r[2:])),
    "traces": (
        f"identity, seed, {traces.COLUMNS}", lambda r: traces.verify_trace(r[0], r[1], r[2:])
    ),
    "layouts": (
        "world, name, size, content, seal", lambda r: traces.layout_of(r[0], r[1], r[2:])
    ),
    "workspaces": ("id, is_own, created, seal", _judge_workspace),
    "scenarios": (SCENARIOS.selected, _judge_shelf(SCENARIOS, scenario_of)),
    "results": (RESULTS.selected, _judge_shelf(RESULTS, result_of)),
}  # fmt: skip


def prune(connection: Connection, most_bytes: int) -> int:
    """Make the database smaller: drop traces, then runs, the ones kept first in front.

    Runs of saved results stay, whatever the size: they are what a saved result consists of.

    Parameters
    ----------
    most_bytes : int
        What the database should have at most.

    Returns
    -------
    int
        Traces and runs that were dropped; each can be computed again.

    Raises
    ------
    StoreError
    """
    n_dropped = 0
    with connection.writing() as database:
        for table, unsaved in (("traces", ""), ("runs", _UNSAVED)):
            ids = database.execute(f"SELECT id FROM {table} {unsaved} ORDER BY id").fetchall()
            for start in range(0, len(ids), _AT_ONCE):
                if _used(database) <= most_bytes:
                    break
                for number in ids[start : start + _AT_ONCE]:
                    database.execute(f"DELETE FROM {table} WHERE id = ?", number)
                    n_dropped += 1
    with connection.reading() as database:
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return n_dropped


def _used(database: sqlite3.Connection) -> int:
    """Bytes of the pages that hold something."""
    pages = _one(database, "PRAGMA page_count") - _one(database, "PRAGMA freelist_count")
    return pages * _one(database, "PRAGMA page_size")


_UNSAVED = "WHERE id NOT IN (SELECT run FROM result_runs)"


def _one(database: sqlite3.Connection, sql: str) -> int:
    return int(database.execute(sql).fetchone()[0])
