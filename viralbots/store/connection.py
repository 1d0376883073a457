"""The connection to the database: how it is opened, and the only way to write.

One connection a store, used by one thread at a time: a lock is simpler than a connection a
thread (threads of a pool end without saying so, and would leave theirs open), and reading a run
takes a tenth of a millisecond. Packing and unpacking happen outside the lock.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from viralbots.errors import Problem, StoreError
from viralbots.store import failures
from viralbots.store.failures import explained
from viralbots.store.sqlite import may_use_log, sqlite3

WAIT = 30.0  # seconds that a writer waits for others; 30 at once needed 4
MOST_NOTED = 1000  # damaged rows that are remembered
_LOG_KEPT = 16 << 20  # bytes that the log keeps after a large trace has passed through it


def connect(path: Path, wait: float = WAIT, options: str = "mode=rw") -> sqlite3.Connection:
    """A plain connection to a file, without any of our pragmas.

    Transactions are begun and ended by us alone (``isolation_level=None``).

    Raises
    ------
    StoreError
        The file cannot be opened.
    """
    with explained(path):
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?{options}", uri=True, timeout=wait, isolation_level=None,
            check_same_thread=False,
        )  # fmt: skip


class Connection:
    """The open database.

    Parameters
    ----------
    path : Path
        An existing file, as from `viralbots.store.location.prepare`.
    wait : float
        Seconds to wait for the lock of another program.
    """

    def __init__(self, path: Path, wait: float = WAIT):
        self.path, self.wait = path, wait
        self._lock = threading.RLock()
        self._owner = os.getpid()
        self._noted: dict[tuple[str, str], Problem] = {}
        self._logs = may_use_log()
        self._raw = connect(path, wait)
        try:
            with explained(path):
                self._set_up()
            self._file = _file_id(path)
        except BaseException:
            self._raw.close()
            raise

    def _set_up(self) -> None:
        """Pragmas that hold for the connection. The first reading, so it finds out what is there.

        Foreign keys are on only after the migrations (`enforce_keys`).
        """
        run = self._raw.execute
        # A damaged text is for its seal to find, row by row.
        self._raw.text_factory = lambda text: text.decode("utf-8", "replace")
        run("PRAGMA trusted_schema = OFF")
        run("PRAGMA cell_size_check = ON")
        run("PRAGMA synchronous = FULL")  # a run that was acknowledged survives a power cut
        run(f"PRAGMA journal_size_limit = {_LOG_KEPT}")
        run("PRAGMA schema_version").fetchone()

    def choose_journal(self) -> None:
        """Use a write-ahead log, or with an affected SQLite make sure that there is none.

        Raises
        ------
        StoreError
            Others have the file open with a log, and this SQLite is affected.
        """
        with explained(self.path), self._lock:
            mode = self._mode()
            if self._logs and mode != "wal":
                try:
                    self._raw.execute("PRAGMA journal_mode = WAL")
                except sqlite3.OperationalError:
                    pass  # others are at it: it works without, only slower
            elif not self._logs:
                try:
                    self._raw.execute("PRAGMA journal_mode = TRUNCATE")
                except sqlite3.OperationalError:
                    pass  # judged by the outcome
                self._refuse_log()

    def enforce_keys(self) -> None:
        """Refuse rows that point nowhere from now on."""
        with self.reading() as database:
            database.execute("PRAGMA foreign_keys = ON")

    def _mode(self) -> str:
        return str(self._raw.execute("PRAGMA journal_mode").fetchone()[0]).lower()

    def _refuse_log(self) -> None:
        if self._mode() == "wal":
            raise StoreError(
                f"{self.path}: another program uses this database with a newer SQLite, and SQLite "
                f"{sqlite3.sqlite_version} cannot join in safely; close the other program, or "
                "install the package pysqlite3",
                "sqlite_too_old", path=str(self.path), version=sqlite3.sqlite_version,
            )  # fmt: skip

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection for reading; other threads wait.

        Raises
        ------
        StoreError
        """
        self._check_process()
        with self._lock, explained(self.path):
            yield self._raw

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is on disk when this ends, or nothing of it ever is.

        It takes the lock for writing at once (``IMMEDIATE``): whoever reads and then writes
        would otherwise be refused when another has written in between.

        Raises
        ------
        StoreError
        """
        self._check_process()
        with self._lock, explained(self.path):
            if self._file != _file_id(self.path):
                raise failures.moved(self.path)  # SQLite would write to a file without a name
            self._raw.execute("BEGIN IMMEDIATE")
            try:
                if not self._logs:
                    self._refuse_log()
                yield self._raw
                self._raw.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._raw.in_transaction:  # a full disk has rolled back already
            try:
                self._raw.execute("ROLLBACK")
            except sqlite3.Error:
                pass  # the error that led here says more; SQLite undoes it on the next opening

    def _check_process(self) -> None:
        if os.getpid() != self._owner:
            raise StoreError(
                f"{self.path}: this store was opened by another process; open one in each",
                "store_of_other_process", path=str(self.path),
            )  # fmt: skip

    def note(self, kind: str, key: str) -> None:
        """Remember that a row was found damaged."""
        text = "is damaged and left out; it is kept anew when it is computed again"
        with self._lock:
            if len(self._noted) < MOST_NOTED:
                problem = Problem(f"{kind} {key}", "row_damaged", text, {"kind": kind, "key": key})
                self._noted[kind, key] = problem

    def forget(self, kind: str, key: str) -> None:
        """A damaged row was replaced."""
        with self._lock:
            self._noted.pop((kind, key), None)

    def forget_all(self) -> None:
        """No damaged row is left."""
        with self._lock:
            self._noted.clear()

    def noted(self) -> list[Problem]:
        """The damaged rows that were met, each once."""
        with self._lock:
            return list(self._noted.values())

    def close(self) -> None:
        """Close it; a second time does nothing."""
        with self._lock, explained(self.path):
            self._raw.close()


def _file_id(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
