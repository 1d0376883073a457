"""Whole databases copied from file to file, complete or not there at all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from viralbots.errors import StoreError
from viralbots.store import failures
from viralbots.store.connection import connect
from viralbots.store.failures import explained
from viralbots.store.location import network_kind
from viralbots.store.sqlite import sqlite3

_FORMAT_AT = 18  # bytes from the beginning


def copy(source: sqlite3.Connection, to: Path, wait: float) -> None:
    """Copy a database into a new file of its own, without a log beside it.

    Raises
    ------
    StoreError
        It cannot be read or written.
    """
    # Nobody else knows the file, and on a network folder locks may not work at all.
    with explained(to):
        with closing(connect(to, wait, "mode=rwc&nolock=1")) as target:
            copy_into(source, target, to, wait)
        _without_log(to)


def _without_log(path: Path) -> None:
    """Say in the header that changes go through a journal: 1 at two places, where 2 is a log
    (https://www.sqlite.org/fileformat.html#file_format_version_numbers). SQLite itself cannot
    change that without locks."""
    with path.open("r+b") as file:
        file.seek(_FORMAT_AT)
        file.write(b"\x01\x01")
        file.flush()
        os.fsync(file.fileno())


def copy_into(
    source: sqlite3.Connection, target: sqlite3.Connection, path: Path, wait: float
) -> None:
    """Replace what the target holds by what the source holds, in one transaction.

    Raises
    ------
    StoreError
        Another program kept the lock for longer than ``wait`` seconds.
    """
    source.backup(target, progress=_until(time.monotonic() + wait, path), sleep=0.05)


def _until(end: float, path: Path) -> Callable[[int, int, int], None]:
    # Python tries again for ever where the target is locked.
    def progress(status: int, remaining: int, total: int) -> None:
        if status in failures.WAITING and time.monotonic() > end:
            raise failures.locked(path)

    return progress


def publish(part: Path, to: Path, *, replace: bool = False) -> None:
    """Give a finished file its name, at once and for good.

    Raises
    ------
    FileExistsError
        There is one of that name, and it is not to be replaced; ``part`` is still there.
    """
    if replace:
        os.replace(part, to)
    else:
        try:
            os.link(part, to)
        except FileExistsError:
            raise
        except OSError:  # a disk without hard links: take the name first, then fill it
            os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            os.replace(part, to)
        remove(part)
    if os.name != "nt":
        folder = os.open(to.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        except OSError:
            pass  # not every file system can; the file itself is on disk
        finally:
            os.close(folder)


def publish_beside(part: Path, path: Path, word: str) -> Path:
    """Give a finished file the first free name of ``data.word.sqlite3``, ``data.word-2.…``."""
    number = 1
    while True:
        to = beside(path, word if number == 1 else f"{word}-{number}")
        try:
            publish(part, to)
        except FileExistsError:
            number += 1
        else:
            return to


def beside(path: Path, word: str) -> Path:
    """``data.sqlite3`` with a word in its name.

    >>> beside(Path("data.sqlite3"), "v1").name
    'data.v1.sqlite3'
    """
    return path.with_name(f"{path.stem}.{word}{path.suffix}")


def remove(path: Path) -> None:
    """Delete a file of ours and what SQLite may have put beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):  # it tidies up after an error that says more
            path.with_name(path.name + ending).unlink()


def open_for_copying(path: Path, wait: float) -> sqlite3.Connection:
    """A connection that leaves the file as it is, on a disk that cannot be written as well.

    Raises
    ------
    StoreError
        It cannot be read.
    """
    options = ["mode=ro", "mode=ro&immutable=1"]
    if network_kind(path) is not None:
        del options[0]
    while True:
        source = connect(path, wait, options.pop(0))
        try:
            with explained(path):
                source.execute("PRAGMA schema_version").fetchone()
            return source
        except StoreError as error:
            source.close()
            if error.code != "database_unreadable" or not options:
                raise
