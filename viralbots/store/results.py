"""Saved results: which runs belong together, and what they are runs of."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass

from viralbots.errors import StoreError
from viralbots.run import Recipe
from viralbots.store.blobs import Damaged, expand, pack, squeeze, unpack
from viralbots.store.connection import Connection
from viralbots.store.shelf import Row, Search, Shelf, fits, limited, now, tags_of
from viralbots.store.sqlite import sqlite3

RESULTS = Shelf(
    "results", "result", ("used", "recipe", "size", "content"),
    ("newest", "oldest", "name", "last_used"),
)  # fmt: skip
_LABELS = ("name", "notes", "tags")
_FIXED = tuple(f.name for f in dataclasses.fields(Recipe) if f.name not in _LABELS)


@dataclass(frozen=True)
class SavedResult(Recipe):
    """A recipe that somebody saved.

    Attributes
    ----------
    id : int
    created, used : str
        When it was saved first and last; UTC, labels.
    """

    id: int = 0
    created: str = ""
    used: str = ""


def save(connection: Connection, row: Row, recipe: Recipe) -> int:
    """Save a recipe under the labels of a row; one that is saved already keeps its own."""
    _check(recipe)
    raw = pack({name: getattr(recipe, name) for name in _FIXED}, {})
    key = hashlib.sha256(raw).hexdigest()
    with connection.writing() as database:
        number = _again(database, row["workspace"], key)
        if number is None:
            content = {"used": now(), "recipe": key, "size": len(raw), "content": squeeze(raw)}
            number = RESULTS.add(database, row | content)
        _tie(database, number, recipe)
    return number


def _again(database: sqlite3.Connection, workspace: str, key: str) -> int | None:
    """The number of a recipe that is saved already, and is used now."""
    found = database.execute(
        "SELECT id FROM results WHERE workspace = ? AND recipe = ?", (workspace, key)
    ).fetchone()
    if found is None:
        return None
    row = RESULTS.read_if_whole(database, workspace, found[0])
    if row is None:
        RESULTS.delete(database, found[0])
        return None
    RESULTS.write(database, row | {"used": now()})
    return int(found[0])


def find(connection: Connection, workspace: str, search: Search) -> list[SavedResult]:
    """The saved results of a workspace."""
    chosen = []
    for row in RESULTS.every(connection, workspace):
        saved = result_of(row)
        if fits(saved, search.text, search.tag, saved.scenario, *saved.title.values()):
            chosen.append(saved)
    return RESULTS.arrange(chosen, search.order_by)


def get(connection: Connection, workspace: str, number: int) -> SavedResult:
    """One saved result."""
    with connection.reading() as database:
        return result_of(RESULTS.read(database, workspace, number))


def result_of(row: Row) -> SavedResult:
    """A row as people see it.

    Raises
    ------
    StoreError
        It is damaged.
    """
    names = ("id", "name", "notes", "created", "used")
    try:
        fixed, _ = unpack(expand(row["content"], row["size"]))
        return SavedResult(**fixed, tags=tags_of(row), **{name: row[name] for name in names})
    except (Damaged, TypeError):
        raise RESULTS.damaged(row["id"]) from None


def _check(recipe: Recipe) -> None:
    limited("document", recipe.document)
    if len(recipe.runs) != len(recipe.replicates):
        raise StoreError(
            f"a result needs a run for each of its replicates, got {len(recipe.runs)} runs for "
            f"{len(recipe.replicates)} replicates",
            "runs_and_replicates", runs=len(recipe.runs), replicates=len(recipe.replicates),
        )  # fmt: skip


def _tie(database: sqlite3.Connection, number: int, recipe: Recipe) -> None:
    """Tie a result to those of its runs that are kept, so that none of them is pruned."""
    for identity, seed in recipe.runs:
        run = database.execute(
            "SELECT id FROM runs WHERE identity = ? AND seed = ?", (identity, str(seed))
        ).fetchone()
        if run is not None:  # a result from elsewhere is computed when it is first shown
            database.execute("INSERT OR IGNORE INTO result_runs VALUES (?, ?)", (number, run[0]))
