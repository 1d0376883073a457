"""Workspaces: whose saved scenarios and results. Who knows the id may come in; nobody else can."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from viralbots.errors import StoreError
from viralbots.store.blobs import seal
from viralbots.store.connection import Connection
from viralbots.store.sqlite import sqlite3

KIND = "workspace"
_BITS = 128  # of chance in an id; hexadecimal, so that it is never taken for an option


def new(connection: Connection) -> str:
    """Make a workspace; its id."""
    with connection.writing() as database:
        return _add(database, is_own=0)


def own(connection: Connection) -> str:
    """The workspace of whoever uses this database on the command line, made at the first call.

    Raises
    ------
    StoreError
        It is damaged.
    """
    with connection.reading() as database:
        found = _own(database)
    if found is None:
        with connection.writing() as database:
            found = _own(database) or _add(database, is_own=1)
    return found


def has(connection: Connection, workspace: str) -> bool:
    """Whether there is a workspace of this id."""
    with connection.reading() as database:
        return _exists(database, workspace)


def require(database: sqlite3.Connection, workspace: str) -> None:
    """Make sure that there is a workspace of this id.

    Raises
    ------
    StoreError
    """
    if not _exists(database, workspace):
        raise StoreError(
            f"there is no workspace {workspace[:40]!r} in this database; check the id, or leave "
            "it out to use your own",
            "unknown_workspace", got=workspace[:40],
        )  # fmt: skip


def is_whole(row: tuple) -> bool:
    """Whether a row of id, is_own, created and seal is as it was written."""
    return seal(KIND, *row[:-1]) == row[-1]


def _exists(database: sqlite3.Connection, workspace: str) -> bool:
    sql = "SELECT 1 FROM workspaces WHERE id = ?"
    return database.execute(sql, (workspace,)).fetchone() is not None


def _own(database: sqlite3.Connection) -> str | None:
    row = database.execute(
        "SELECT id, is_own, created, seal FROM workspaces WHERE is_own = 1"
    ).fetchone()
    if row is None:
        return None
    if not is_whole(row):
        raise StoreError(
            "the command line's own workspace is damaged; put a backup of the database in its "
            "place, or give --workspace ID or --db FILE",
            "own_workspace_damaged",
        )  # fmt: skip
    return str(row[0])


def _add(database: sqlite3.Connection, is_own: int) -> str:
    values = (secrets.token_hex(_BITS // 8), is_own, datetime.now(UTC).strftime("%Y-%m-%d"))
    database.execute(
        "INSERT INTO workspaces (id, is_own, created, seal) VALUES (?, ?, ?, ?)",
        (*values, seal(KIND, *values)),
    )
    return values[0]
