"""Open the database: make it where there is none, bring it up to date where it is older."""

from __future__ import annotations

import itertools
import os
import secrets
import time
from contextlib import closing
from pathlib import Path

from viralbots.errors import StoreError
from viralbots.store import copies, schema
from viralbots.store.connection import WAIT, Connection, connect
from viralbots.store.failures import explained

_FILLED_WITHIN = 2.0  # seconds; on a disk without hard links a new file is empty for a moment


def open_database(path: Path, wait: float = WAIT) -> Connection:
    """Open a database that `viralbots.store.location.prepare` found fit.

    Raises
    ------
    StoreError
        It cannot be opened, is not ours, or is of a newer version.
    """
    with explained(path):
        if not path.exists():
            create(path, wait)
        _refuse_empty(path)
        connection = Connection(path, wait)
        try:
            with connection.reading() as database:
                version = schema.version_of(database, path)  # before anything is changed
            if not version:
                raise _empty(path)
            connection.choose_journal()
            if version < len(schema.STEPS):
                migrate(connection)
            connection.enforce_keys()
        except BaseException:
            connection.close()
            raise
        return connection


def create(path: Path, wait: float = WAIT) -> None:
    """Make a new database; nobody ever sees an unfinished one under its name.

    It is made under another name and then given its own, unless somebody was faster.

    Raises
    ------
    StoreError
        It cannot be written, or the log of a database that is gone lies there.
    """
    for ending in ("-wal", "-journal"):
        left = path.with_name(path.name + ending)
        # It would be played into the new database. An empty one says nothing.
        if _length(left) and not path.exists():
            raise StoreError(
                f"{left}: the log of a database is here, but the database {path.name} is gone; "
                "put it back, or remove the log, or give --db FILE with another name",
                "log_without_database", path=str(left), name=path.name,
            )  # fmt: skip
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        connect(part, wait, "mode=rwc").close()
        connection = Connection(part, wait)
        try:
            with connection.writing() as database:
                schema.apply(database, part)
            connection.choose_journal()
        finally:
            connection.close()
        try:
            copies.publish(part, path)
        except FileExistsError:
            pass
    finally:
        copies.remove(part)


def migrate(connection: Connection, *, keep: bool = True) -> None:
    """Run the missing steps; all of them or, if it is interrupted, none.

    Parameters
    ----------
    keep : bool
        First put a copy of the database as it was beside it.

    Raises
    ------
    StoreError
    """
    path = connection.path
    with connection.writing() as database:
        version = schema.version_of(database, path)  # another program may have been faster
        if version == len(schema.STEPS):
            return
        if keep:
            _keep_copy(connection, version)
        schema.apply(database, path)


def _keep_copy(connection: Connection, version: int) -> None:
    """Copy what the database holds; we hold the lock, so nobody changes it meanwhile."""
    path = connection.path
    part = path.with_name(f".{path.name}.before-migration.part")
    copies.remove(part)  # of somebody who was interrupted here; the lock keeps others away
    try:
        with closing(connect(path, connection.wait)) as source:
            copies.copy(source, part, connection.wait)
        copies.publish_beside(part, path, f"v{version}")
    finally:
        copies.remove(part)


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _refuse_empty(path: Path) -> None:
    for attempt in itertools.count():
        if os.stat(path).st_size:
            return
        if attempt * 0.05 > _FILLED_WITHIN:
            raise _empty(path)
        time.sleep(0.05)


def _empty(path: Path) -> StoreError:
    return StoreError(
        f"{path}: the file is empty, which a database never is; if nothing of yours was in it, "
        "delete it, otherwise put a backup in its place, or give --db FILE",
        "database_empty", path=str(path),
    )  # fmt: skip
