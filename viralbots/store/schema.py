"""The tables, and how a database of an earlier version becomes one of this version.

To change the tables append a step to `STEPS`; never edit one that people have run. Steps are run
by ``sqlite_utils.Migrations``, all in one transaction that has taken the lock for writing before
it looks what there is to do, so that ninety programs that start at once do it once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from viralbots.errors import StoreError
from viralbots.store import failures

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

    from viralbots.store.sqlite import sqlite3

APPLICATION_ID = 0x56426F74  # "VBot", in the header of the file

Step = Callable[["Database"], None]


def m001_tables(db: Database) -> None:
    """The first tables.

    ``seal`` is a SHA-256 over all that a row says (`viralbots.store.blobs.seal`), ``size`` the
    length of ``content`` unpacked. Seeds are text: SQLite's integers end at 2**63.
    """
    for sql in _FIRST:
        db.execute(sql)


_FIRST = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY, identity TEXT NOT NULL, seed TEXT NOT NULL,
        engine_version TEXT NOT NULL, metrics_version TEXT NOT NULL, digest TEXT NOT NULL,
        size INTEGER NOT NULL, content BLOB NOT NULL, seal BLOB NOT NULL,
        UNIQUE (identity, seed)
    )""",
    """
    CREATE TABLE traces (
        id INTEGER PRIMARY KEY, identity TEXT NOT NULL, seed TEXT NOT NULL,
        level TEXT NOT NULL, digest TEXT NOT NULL,
        size INTEGER NOT NULL, content BLOB NOT NULL, seal BLOB NOT NULL,
        UNIQUE (identity, seed)
    )""",
    """
    CREATE TABLE layouts (
        id INTEGER PRIMARY KEY, world TEXT NOT NULL, name TEXT NOT NULL,
        size INTEGER NOT NULL, content BLOB NOT NULL, seal BLOB NOT NULL,
        UNIQUE (world, name)
    )""",
    """
    CREATE TABLE workspaces (
        id TEXT PRIMARY KEY, is_own INTEGER NOT NULL, created TEXT NOT NULL, seal BLOB NOT NULL
    )""",
    "CREATE UNIQUE INDEX own_workspace ON workspaces (is_own) WHERE is_own = 1",
    """
    CREATE TABLE scenarios (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workspace TEXT NOT NULL REFERENCES workspaces (id),
        name TEXT NOT NULL, notes TEXT NOT NULL, tags TEXT NOT NULL, created TEXT NOT NULL,
        identity TEXT NOT NULL, parent INTEGER REFERENCES scenarios (id),
        document TEXT NOT NULL, seal BLOB NOT NULL
    )""",
    "CREATE INDEX scenarios_of ON scenarios (workspace)",
    "CREATE INDEX scenarios_from ON scenarios (parent)",
    """
    CREATE TABLE results (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workspace TEXT NOT NULL REFERENCES workspaces (id),
        name TEXT NOT NULL, notes TEXT NOT NULL, tags TEXT NOT NULL, created TEXT NOT NULL,
        used TEXT NOT NULL, recipe TEXT NOT NULL,
        size INTEGER NOT NULL, content BLOB NOT NULL, seal BLOB NOT NULL,
        UNIQUE (workspace, recipe)
    )""",
    """
    CREATE TABLE result_runs (
        result INTEGER NOT NULL REFERENCES results (id) ON DELETE CASCADE,
        run INTEGER NOT NULL REFERENCES runs (id),
        PRIMARY KEY (result, run)
    ) WITHOUT ROWID""",
    "CREATE INDEX result_runs_of ON result_runs (run)",
)

STEPS: tuple[Step, ...] = (m001_tables,)


def version_of(database: sqlite3.Connection, path: Path) -> int:
    """Steps that a database has run; 0 where it is empty.

    Parameters
    ----------
    path : Path
        Its file, for the errors.

    Raises
    ------
    StoreError
        It is another program's, or of a newer version of this one.
    """
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    owner = int(database.execute("PRAGMA application_id").fetchone()[0])
    if owner == 0 and version == 0 and _n_tables(database) == 0:
        return 0
    if owner != APPLICATION_ID:
        raise failures.foreign(path)
    if version > len(STEPS):
        raise StoreError(
            f"{path}: this database is of a newer version of the program (its tables are of "
            f"version {version}, this program knows {len(STEPS)}); update the program, or open "
            "another database with --db FILE",
            "database_newer", path=str(path), version=version, known=len(STEPS),
        )  # fmt: skip
    return version


def apply(database: sqlite3.Connection, path: Path) -> None:
    """Run the steps that are missing, within the transaction of the caller.

    Raises
    ------
    StoreError
        A step left rows that point nowhere.
    """
    from sqlite_utils import Database

    db = Database(database, recursive_triggers=False, execute_plugins=False)
    migrations().apply(db)
    broken = database.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        why = f"{len(broken)} rows of {broken[0][0]} point nowhere"
        raise failures.damaged(path, why)
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {len(STEPS)}")


def migrations() -> Migrations:
    """The steps as sqlite-utils runs them."""
    from sqlite_utils import Migrations

    found = Migrations("viralbots")
    for step in STEPS:
        found(name=step.__name__)(step)
    return found


def _n_tables(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
