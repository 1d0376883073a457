"""Saved scenarios, in their owner's own text, and which was made from which."""

from __future__ import annotations

from dataclasses import dataclass

from viralbots.store.connection import Connection
from viralbots.store.shelf import Row, Search, Shelf, fits, limited, tags_of

SCENARIOS = Shelf(
    "scenarios", "scenario", ("identity", "parent", "document"), ("newest", "oldest", "name")
)


@dataclass(frozen=True)
class SavedScenario:
    """A scenario that somebody saved.

    Attributes
    ----------
    id : int
    document : str
        Its text as it was given, byte for byte.
    identity : str
        `viralbots.scenario.Scenario.identity` when it was saved.
    parent : int or None
        The saved scenario that it was made from.
    name, notes : str
    tags : tuple of str
    created : str
        UTC, a label.
    """

    id: int
    document: str
    identity: str
    parent: int | None
    name: str
    notes: str
    tags: tuple[str, ...]
    created: str


def save(
    connection: Connection, row: Row, document: str, identity: str, parent: int | None
) -> int:
    """Save a scenario under the labels of a row (`viralbots.store.shelf.new_row`)."""
    row = row | {"identity": identity, "parent": parent, "document": limited("document", document)}
    with connection.writing() as database:
        if parent is not None:
            SCENARIOS.read(database, row["workspace"], parent)
        return SCENARIOS.add(database, row)


def find(connection: Connection, workspace: str, search: Search) -> list[SavedScenario]:
    """The saved scenarios of a workspace."""
    found = [scenario_of(row) for row in SCENARIOS.every(connection, workspace)]
    chosen = (saved for saved in found if fits(saved, search.text, search.tag))
    return SCENARIOS.arrange(chosen, search.order_by)


def get(connection: Connection, workspace: str, number: int) -> SavedScenario:
    """One saved scenario."""
    with connection.reading() as database:
        return scenario_of(SCENARIOS.read(database, workspace, number))


def lineage(connection: Connection, workspace: str, number: int) -> list[SavedScenario]:
    """A saved scenario, the one it was made from, and so on to the first."""
    chain: list[SavedScenario] = []
    with connection.reading() as database:
        next_one: int | None = number
        while next_one is not None and next_one not in {saved.id for saved in chain}:
            chain.append(scenario_of(SCENARIOS.read(database, workspace, next_one)))
            next_one = chain[-1].parent
    return chain


def delete(connection: Connection, workspace: str, number: int) -> None:
    """Delete one; those made from it then come from what it was made from."""
    with connection.writing() as database:
        deleted = SCENARIOS.read_if_whole(database, workspace, number)
        parent = deleted["parent"] if deleted else None
        children = database.execute("SELECT id FROM scenarios WHERE parent = ?", (number,))
        for (child,) in children.fetchall():
            row = SCENARIOS.read_if_whole(database, workspace, child)
            if row is None:  # stays damaged, but must not keep its parent from being deleted
                database.execute("UPDATE scenarios SET parent = NULL WHERE id = ?", (child,))
            else:
                SCENARIOS.write(database, {**row, "parent": parent})
        SCENARIOS.delete(database, number)
    connection.forget(SCENARIOS.kind, str(number))


def scenario_of(row: Row) -> SavedScenario:
    """A row as people see it."""
    names = ("id", "document", "identity", "parent", "name", "notes", "created")
    return SavedScenario(tags=tags_of(row), **{name: row[name] for name in names})
