"""Everything that SQLite may say, in the words of the user and with a remedy."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from viralbots.errors import StoreError
from viralbots.store.sqlite import sqlite3

# Primary result codes of SQLite (the lowest byte of an error's code).
_PERM, _BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL = 3, 5, 6, 8, 10, 11, 13
_CANTOPEN, _TOOBIG, _NOTADB = 14, 18, 26
WAITING = (_BUSY, _LOCKED)
_MOVED = 8 | 4 << 8
_CODES = {  # of errors that come without one, as those of a backup
    "database is locked": _BUSY,
    "attempt to write a readonly database": _READONLY,
    "disk I/O error": _IOERR,
    "database disk image is malformed": _CORRUPT,
    "database or disk is full": _FULL,
    "unable to open database file": _CANTOPEN,
    "file is not a database": _NOTADB,
}
_LITTLE = 1 << 20  # bytes; an input or output error with less than this left is a full disk


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of its Python module into `StoreError`.

    Raises
    ------
    StoreError
    """
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error
    except UnicodeDecodeError as error:  # a damaged name of a column
        raise damaged(path, str(error)) from error
    except OSError as error:
        raise _explain_os(error, path) from error
    except UnicodeEncodeError:
        raise StoreError(
            "the text has characters that no file can hold (half of a surrogate pair); "
            "write it again",
            "text_not_storable",
        ) from None  # fmt: skip


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """The error for the user."""
    code = getattr(error, "sqlite_errorcode", None) or _CODES.get(str(error), 0)
    kind = code & 0xFF
    if kind == _FULL or (kind == _IOERR and _is_full(path)):
        return disk_full(path)
    if code == _MOVED:
        return moved(path)
    if kind in (_READONLY, _PERM):
        return read_only(path)
    if kind in WAITING:
        return locked(path)
    if kind == _CANTOPEN:
        return StoreError(
            f"{path}: the database cannot be opened; check that you may read and write the file "
            "and its folder, or give --db FILE",
            "database_unreadable", path=str(path),
        )  # fmt: skip
    if kind == _NOTADB:
        return not_a_database(path)
    if kind == _IOERR:
        return disk_error(path, str(error))
    if kind == _TOOBIG:
        return too_large(path)
    if "closed database" in str(error):
        return StoreError(f"{path}: this store is closed; open it again", "store_closed",
                          path=str(path))  # fmt: skip
    return damaged(path, str(error))


def _explain_os(error: OSError, path: Path) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(path)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return read_only(path)
    return disk_error(path, error.strerror or str(error))


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _LITTLE
    except OSError:
        return False


def disk_full(path: Path) -> StoreError:
    """No space left."""
    return StoreError(
        f"{path}: the disk is full, so nothing of this was saved; make space and save again, or "
        "give --db FILE on another disk",
        "disk_full", path=str(path),
    )  # fmt: skip


def disk_error(path: Path, why: str) -> StoreError:
    """The operating system could not read or write."""
    return StoreError(
        f"{path}: the file cannot be read or written ({why}); check the disk and the path, or "
        "give --db FILE on another disk",
        "database_disk_error", path=str(path), why=why,
    )  # fmt: skip


def locked(path: Path) -> StoreError:
    """Another program kept the lock for longer than one waits."""
    return StoreError(
        f"{path}: another program has been writing to the database for too long; close it and "
        "try again, or give --db FILE",
        "database_locked", path=str(path),
    )  # fmt: skip


def moved(path: Path) -> StoreError:
    """The file is no longer where it was opened."""
    return StoreError(
        f"{path}: the database was moved, deleted or replaced while it was open; open it again",
        "database_moved", path=str(path),
    )  # fmt: skip


def read_only(path: Path) -> StoreError:
    """The file or its folder may not be written to."""
    return StoreError(
        f"{path}: the database or its folder may not be written to; change the permissions, or "
        "give --db FILE in a folder where you may write",
        "database_read_only", path=str(path),
    )  # fmt: skip


def not_a_database(path: Path) -> StoreError:
    """Something else is in the file, or its beginning is overwritten."""
    return StoreError(
        f"{path}: this file is not a database; give --db FILE, or put a backup in its place",
        "not_a_database", path=str(path),
    )  # fmt: skip


def foreign(path: Path) -> StoreError:
    """A database, but of another program."""
    return StoreError(
        f"{path}: this is the database of another program; give --db FILE with another name",
        "foreign_database", path=str(path),
    )  # fmt: skip


def damaged(path: Path, why: str) -> StoreError:
    """The file is damaged where it had to be read."""
    return StoreError(
        f"{path}: the database is damaged ({why}); put a backup in its place, or give --db FILE "
        "to begin another",
        "database_damaged", path=str(path), why=why,
    )  # fmt: skip


def too_large(path: Path) -> StoreError:
    """More than SQLite takes in one piece."""
    return StoreError(
        f"{path}: this is too large to be kept in one piece (more than 900 MB compressed); keep "
        "the trace at a lower level, e.g. 'adoptions'",
        "too_large_to_keep", path=str(path),
    )  # fmt: skip
