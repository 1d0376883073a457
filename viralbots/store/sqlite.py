"""The SQLite library: the one that sqlite-utils takes, by the same rule.

Two libraries on one file in one process would undo each other's locks. It is not taken from
sqlite-utils itself, which only the making of tables needs and which takes half a second to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        import pysqlite3.dbapi2 as sqlite3
    except ImportError:  # no such package for this platform: see requirements.txt
        import sqlite3

__all__ = ["may_use_log", "sqlite3", "sqlite_version"]

# First versions without the WAL-reset bug of 3.7.0 … 3.51.2, by branch
# (https://www.sqlite.org/wal.html#walresetbug).
_FIXED = {(3, 44): 6, (3, 50): 7, (3, 51): 3}


def sqlite_version() -> str:
    """Version of the SQLite that is used."""
    return sqlite3.sqlite_version


def may_use_log(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    """Whether a version of SQLite can be trusted with a write-ahead log.

    >>> [may_use_log(v) for v in ((3, 40, 1), (3, 44, 6), (3, 49, 9), (3, 51, 2), (3, 51, 3))]
    [False, True, False, False, True]
    """
    branch, patch = version[:2], version[2]
    return branch > max(_FIXED) or patch >= _FIXED.get(branch, patch + 1)
