"""The store: one SQLite file with everything that is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from viralbots.errors import Problem
from viralbots.run import Recipe, Run
from viralbots.store import backups, results, runs, scenarios, shelf, traces, upkeep, workspaces
from viralbots.store.connection import WAIT
from viralbots.store.location import default_path, prepare
from viralbots.store.opening import open_database
from viralbots.store.results import SavedResult
from viralbots.store.scenarios import SavedScenario
from viralbots.store.shelf import Search
from viralbots.store.upkeep import Size
from viralbots.trace import Trace


class Store:
    """One SQLite file with runs, traces, layouts, and what people saved.

    Opened at once, and made where there is none. May be used by several threads; each process
    opens its own. Every method that writes has written when it returns, all of it or nothing,
    and every method raises `viralbots.errors.StoreError` where the database cannot be used.

    Runs, traces and layouts are a cache that all workspaces share; nothing in it is shown
    unless a SHA-256 over all of it fits. A damaged one is treated as absent, listed in
    `damaged`, and replaced when it is kept again.

    Parameters
    ----------
    path : str or Path, optional
        The file; by default `viralbots.store.location.default_path`.
    wait : float
        Seconds to wait while another program writes.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Store(f"{folder}/my.sqlite3") as store:
    ...     ann, bob = store.new_workspace(), store.new_workspace()
    ...     number = store.save_scenario(ann, "format: 1", name="My case", identity="1f")
    ...     [saved.name for saved in store.scenarios(ann)], store.scenarios(bob)
    (['My case'], [])
    """

    def __init__(self, path: str | Path | None = None, *, wait: float = WAIT):
        self.path = prepare(default_path() if path is None else Path(path))
        self._wait = wait
        self._connection = open_database(self.path, wait)
        self._restoring = threading.Lock()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._connection.close()

    # Runs, traces, layouts ---------------------------------------------------------------

    def find(self, identity: str, seed: int) -> Run | None:
        """The run of this pair that this version of the program would compute, if kept."""
        return runs.find(self._connection, identity, seed)

    def keep(self, run: Run) -> None:
        """Keep a run; when this returns it is safe.

        A run that is there already is left alone, one of older metrics or a damaged one gives
        way. One that differs from a whole run of the same versions is refused.
        """
        runs.keep(self._connection, run)

    def find_trace(self, identity: str, seed: int) -> Trace | None:
        """The trace of a run, if kept; ``seed`` is the seed of the run as in `find`."""
        return traces.find_trace(self._connection, identity, seed)

    def keep_trace(self, trace: Trace) -> None:
        """Keep a trace; it replaces one of the same run that holds less."""
        traces.keep_trace(self._connection, trace)

    def find_layout(
        self, world: str, name: str
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]] | None:
        """Where users are drawn: positions float32[k, 2] and users int64[k], if kept."""
        return traces.find_layout(self._connection, world, name)

    def keep_layout(
        self, world: str, name: str, positions: NDArray[np.float32], users: NDArray[np.int64]
    ) -> None:
        """Keep where users are drawn, by the identity of the world and a name of the drawing."""
        traces.keep_layout(self._connection, world, name, (positions, users))

    @property
    def damaged(self) -> list[Problem]:
        """Rows that were found damaged and left out since the store was opened."""
        return self._connection.noted()

    # Workspaces --------------------------------------------------------------------------

    def new_workspace(self) -> str:
        """Make a workspace; its id, which nobody can guess."""
        return workspaces.new(self._connection)

    def own_workspace(self) -> str:
        """The workspace of the command line, made at the first call."""
        return workspaces.own(self._connection)

    def has_workspace(self, workspace: str) -> bool:
        """Whether there is a workspace of this id."""
        return workspaces.has(self._connection, workspace)

    def workspace(self, workspace: str) -> str:
        """The id itself; `StoreError` where there is no such workspace."""
        with self._connection.reading() as database:
            workspaces.require(database, workspace)
        return workspace

    # Saved scenarios ---------------------------------------------------------------------

    def save_scenario(
        self, workspace: str, document: str, *, name: str, identity: str,
        parent: int | None = None, notes: str = "", tags: Iterable[str] = (),
    ) -> int:  # fmt: skip
        """Save a scenario's text as it is; its number. ``parent``: what it was made from."""
        row = shelf.new_row(workspace, name, notes, tags)
        return scenarios.save(self._connection, row, document, identity, parent)

    def scenarios(
        self, workspace: str, search: str = "", tag: str | None = None, order_by: str = "newest"
    ) -> list[SavedScenario]:
        """Saved scenarios, the search as in `viralbots.store.shelf.Search`."""
        return scenarios.find(self._connection, workspace, Search(search, tag, order_by))

    def scenario(self, workspace: str, number: int) -> SavedScenario:
        """One saved scenario."""
        return scenarios.get(self._connection, workspace, number)

    def lineage(self, workspace: str, number: int) -> list[SavedScenario]:
        """A saved scenario, the one it was made from, and so on to the first."""
        return scenarios.lineage(self._connection, workspace, number)

    def annotate_scenario(
        self, workspace: str, number: int, *, name: str | None = None,
        notes: str | None = None, tags: Iterable[str] | None = None,
    ) -> None:  # fmt: skip
        """Change those labels that are given."""
        changes = shelf.labels(name, notes, tags)
        scenarios.SCENARIOS.label(self._connection, workspace, number, changes)

    def delete_scenario(self, workspace: str, number: int) -> None:
        """Delete one; those made from it then come from what it was made from."""
        scenarios.delete(self._connection, workspace, number)

    # Saved results -----------------------------------------------------------------------

    def save_result(
        self, workspace: str, recipe: Recipe, *, name: str | None = None,
        notes: str | None = None, tags: Iterable[str] | None = None,
    ) -> int:  # fmt: skip
        """Save which runs belong together; the number. Labels given here go before its own.

        The same recipe again in the same workspace is the same result: it keeps its number and
        its labels, and was used now.
        """
        row = shelf.new_row(
            workspace, recipe.name if name is None else name,
            recipe.notes if notes is None else notes, recipe.tags if tags is None else tags,
        )  # fmt: skip
        return results.save(self._connection, row, recipe)

    def results(
        self, workspace: str, search: str = "", tag: str | None = None, order_by: str = "newest"
    ) -> list[SavedResult]:
        """Saved results, the search as in `viralbots.store.shelf.Search`."""
        return results.find(self._connection, workspace, Search(search, tag, order_by))

    def result(self, workspace: str, number: int) -> SavedResult:
        """One saved result."""
        return results.get(self._connection, workspace, number)

    def annotate_result(
        self, workspace: str, number: int, *, name: str | None = None,
        notes: str | None = None, tags: Iterable[str] | None = None,
    ) -> None:  # fmt: skip
        """Change those labels that are given."""
        changes = shelf.labels(name, notes, tags)
        results.RESULTS.label(self._connection, workspace, number, changes)

    def delete_result(self, workspace: str, number: int) -> None:
        """Delete one; its runs stay kept."""
        results.RESULTS.remove(self._connection, workspace, number)

    def tags(self, workspace: str) -> dict[str, int]:
        """How often each tag is used in a workspace."""
        shelves = (scenarios.SCENARIOS, results.RESULTS)
        return shelf.count_tags(self._connection, workspace, shelves)

    # Upkeep ------------------------------------------------------------------------------

    def size(self) -> Size:
        """How much is kept."""
        return upkeep.size(self._connection)

    def check(self) -> list[Problem]:
        """Everything that is wrong with the database; empty if it is whole. Reads all of it."""
        return upkeep.check(self._connection)

    def mend(self) -> int:
        """Drop damaged runs, traces and layouts; how many. They are computed again when needed."""
        return upkeep.mend(self._connection)

    def prune(self, most_bytes: int) -> int:
        """Drop the oldest traces and unsaved runs until it is about this small; how many."""
        return upkeep.prune(self._connection, most_bytes)

    def backup(self, to: str | Path, *, replace: bool = False) -> None:
        """Copy the database into another file, complete and checked, or not at all."""
        backups.backup(self._connection, Path(to), replace=replace)

    def restore(self, backup: str | Path) -> Path | None:
        """Put a backup in the place of this database; where the old one is now."""
        with self._restoring:
            self._connection.close()
            try:
                return backups.restore(Path(backup), self.path, self._wait)
            finally:
                self._connection = open_database(self.path, self._wait)


def restore(backup: str | Path, path: str | Path | None = None) -> Path | None:
    """`Store.restore` for a database that perhaps cannot be opened, or is not there."""
    place = prepare(default_path() if path is None else Path(path))
    return backups.restore(Path(backup), place)
