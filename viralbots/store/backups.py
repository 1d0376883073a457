"""Backup and restore: a copy is judged before it takes the place of anything."""

from __future__ import annotations

import os
import secrets
from contextlib import closing
from pathlib import Path

from viralbots.errors import StoreError
from viralbots.store import copies, failures, schema
from viralbots.store.connection import WAIT, Connection, connect
from viralbots.store.failures import explained
from viralbots.store.opening import migrate
from viralbots.store.sqlite import sqlite3
from viralbots.store.upkeep import faults


def backup(connection: Connection, to: Path, *, replace: bool = False) -> None:
    """Copy the database as it is now into a file of its own, while others go on using it.

    Parameters
    ----------
    replace : bool
        Whether an earlier file of that name may give way; it does so only to a whole copy.

    Raises
    ------
    StoreError
        The file is there already, cannot be written, or the database is damaged.
    """
    to = Path(os.path.abspath(to))
    if to.exists() and (not replace or to.is_dir() or to.samefile(connection.path)):
        raise _taken(to)
    part = to.with_name(f".{to.name}.{secrets.token_hex(8)}.part")
    try:
        with explained(to):
            with closing(connect(connection.path, connection.wait)) as source:
                copies.copy(source, part, connection.wait)
            with closing(connect(part, connection.wait, "mode=ro&immutable=1")) as copy:
                _require_whole(copy, connection.path)
            try:
                copies.publish(part, to, replace=replace)
            except FileExistsError:
                raise _taken(to) from None
    finally:
        copies.remove(part)


def restore(backup_file: Path, path: Path, wait: float = WAIT) -> Path | None:
    """Put a backup in the place of a database; what was there is kept beside it.

    The backup is judged before anything is touched, and brought up to date if it is older.
    Programs that have the database open see the restored one from then on; what they write
    while it is being restored is lost.

    Parameters
    ----------
    backup_file : Path
        As `backup` wrote it.
    path : Path
        As from `viralbots.store.location.prepare`; there may be none, or a damaged one.

    Returns
    -------
    Path or None
        Where the old database is now.

    Raises
    ------
    StoreError
        The backup is damaged, another program's, or of a newer version.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with explained(backup_file):
            with closing(copies.open_for_copying(backup_file, wait)) as source:
                if not schema.version_of(source, backup_file):
                    raise failures.foreign(backup_file)
                copies.copy(source, part, wait)
            with closing(connect(part, wait)) as copy:
                _require_whole(copy, backup_file)
            with closing(Connection(part, wait)) as connection:
                migrate(connection, keep=False)
        with explained(path):
            return _replace(path, part, wait)
    finally:
        copies.remove(part)


def _replace(path: Path, part: Path, wait: float) -> Path | None:
    """Put a judged copy in the place of a database."""
    if not path.exists():
        copies.publish(part, path)
        return None
    kept = _keep_old(path, wait)
    if kept is None:  # not even SQLite can read it: move it away as it is
        kept = _move_old(path)
        copies.publish(part, path)
        return kept
    with closing(connect(part, wait)) as source, closing(connect(path, wait)) as target:
        copies.copy_into(source, target, path, wait)
    return kept


def _keep_old(path: Path, wait: float) -> Path | None:
    """A copy of a database beside it; None where it is too damaged to be copied."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with explained(path), closing(connect(path, wait)) as source:
            schema.version_of(source, path)
            copies.copy(source, part, wait)
        return copies.publish_beside(part, path, "before-restore")
    except StoreError as error:
        if error.code not in ("database_damaged", "not_a_database"):
            raise
        return None
    finally:
        copies.remove(part)


def _move_old(path: Path) -> Path:
    number = 1
    while (to := copies.beside(path, f"damaged-{number}")).exists():
        number += 1
    for ending in ("-wal", "-journal", "-shm", ""):
        left = path.with_name(path.name + ending)
        if left.exists():
            left.rename(to.with_name(to.name + ending))
    return to


def _taken(to: Path) -> StoreError:
    return StoreError(
        f"{to}: there is something of this name already; give another name",
        "backup_exists", path=str(to),
    )  # fmt: skip


def _require_whole(database: sqlite3.Connection, path: Path) -> None:
    problems = faults(database)
    if problems:
        first = f"{problems[0]}"
        raise StoreError(
            f"{path}: the database is damaged in {len(problems)} places, first: {first}; take "
            "another backup, or drop what can be computed again (`Store.mend`)",
            "backup_damaged", path=str(path), n=len(problems), first=first,
        )  # fmt: skip
