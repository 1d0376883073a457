"""What saved scenarios and saved results have in common: an owner, a number and labels.

All of it belongs to a workspace, and nothing shows it to another one. Search and order are done
here and not in SQL, so that they know Chinese and capital letters and no text can break them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from viralbots.errors import StoreError
from viralbots.store import workspaces
from viralbots.store.blobs import Damaged, seal
from viralbots.store.connection import Connection
from viralbots.store.sqlite import sqlite3

LONGEST = {"name": 200, "notes": 20_000, "document": 1_000_000, "tag": 50}  # characters
MOST_TAGS = 20
_LABELS = ("id", "workspace", "name", "notes", "tags", "created")
_ORDERS: dict[str, tuple[Callable[[Any], Any], bool]] = {
    "newest": (lambda saved: saved.id, True),
    "oldest": (lambda saved: saved.id, False),
    "name": (lambda saved: (saved.name.casefold(), saved.id), False),
    "last_used": (lambda saved: (saved.used, saved.id), True),
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Search:
    """Which of the saved things to list, and in which order.

    Attributes
    ----------
    text : str
        Words that must be in name, notes or tags; of a result also in its scenario's name and
        titles. Capital and small letters are the same.
    tag : str or None
        A tag that it must have.
    order_by : str
        ``newest``, ``oldest``, ``name``, of results also ``last_used``.
    """

    text: str = ""
    tag: str | None = None
    order_by: str = "newest"


@dataclass(frozen=True)
class Shelf:
    """A table of things that people saved.

    Attributes
    ----------
    table, kind : str
        Its name, and the word for one of its things.
    content : tuple of str
        Columns beside the labels.
    orders : tuple of str
        Orders in which it can be listed.
    """

    table: str
    kind: str
    content: tuple[str, ...]
    orders: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns but the seal."""
        return (*_LABELS, *self.content)

    def add(self, database: sqlite3.Connection, row: Row) -> int:
        """Put a row without a number on the shelf; its number."""
        workspaces.require(database, row["workspace"])
        names = [name for name in self.columns if name != "id"]
        places = ", ".join("?" for _ in names)
        added = database.execute(
            f"INSERT INTO {self.table} ({', '.join(names)}, seal) VALUES ({places}, x'')",
            [row[name] for name in names],
        )
        number = int(added.lastrowid or 0)
        self.write(database, {**row, "id": number})
        return number

    def write(self, database: sqlite3.Connection, row: Row) -> None:
        """Write a row in place of the one of its number."""
        given = ", ".join(f"{name} = ?" for name in (*self.columns, "seal"))
        values = [*(row[name] for name in self.columns), self._seal(row), row["id"]]
        database.execute(f"UPDATE {self.table} SET {given} WHERE id = ?", values)

    def read(self, database: sqlite3.Connection, workspace: str, number: int) -> Row:
        """One row.

        Raises
        ------
        StoreError
            There is none of this number in this workspace, or it is damaged.
        """
        found = None
        if 0 < number < 1 << 63:
            found = database.execute(
                f"SELECT {self.selected} FROM {self.table} WHERE id = ? AND workspace = ?",
                (number, workspace),
            ).fetchone()
        if found is None:
            raise StoreError(
                f"there is no saved {self.kind} {number} in this workspace; list what there is, "
                "or give another --workspace",
                f"unknown_saved_{self.kind}", number=number,
            )  # fmt: skip
        row = self.whole(found)
        if row is None:
            raise self.damaged(number)
        return row

    def read_if_whole(
        self, database: sqlite3.Connection, workspace: str, number: int
    ) -> Row | None:
        """One row; None where it is there but damaged.

        Raises
        ------
        StoreError
            There is none of this number in this workspace.
        """
        try:
            return self.read(database, workspace, number)
        except StoreError as error:
            if error.code != "saved_row_damaged":
                raise
            return None

    def every(self, connection: Connection, workspace: str) -> list[Row]:
        """The rows of a workspace; damaged ones are left out and noted."""
        with connection.reading() as database:
            found = database.execute(
                f"SELECT {self.selected} FROM {self.table} WHERE workspace = ?", (workspace,)
            ).fetchall()
        rows = []
        for values in found:
            row = self.whole(values)
            if row is None or row["workspace"] != workspace:  # the index may be damaged
                connection.note(self.kind, str(values[0]))
            else:
                rows.append(row)
        return rows

    def remove(self, connection: Connection, workspace: str, number: int) -> None:
        """Take a row off the shelf, damaged or not.

        Raises
        ------
        StoreError
            There is none of this number in this workspace.
        """
        with connection.writing() as database:
            self.read_if_whole(database, workspace, number)
            self.delete(database, number)
        connection.forget(self.kind, str(number))

    def delete(self, database: sqlite3.Connection, number: int) -> None:
        """Delete a row that is known to be its owner's."""
        database.execute(f"DELETE FROM {self.table} WHERE id = ?", (number,))

    def label(self, connection: Connection, workspace: str, number: int, changes: Row) -> None:
        """Change labels, the columns as `labels` gives them."""
        with connection.writing() as database:
            self.write(database, self.read(database, workspace, number) | changes)

    def whole(self, values: tuple) -> Row | None:
        """A row as `selected` gives it, or None where its seal does not fit."""
        row = dict(zip(self.columns, values[:-1], strict=True))
        return row if self._seal(row) == values[-1] else None

    def damaged(self, number: int) -> StoreError:
        """The error for a damaged row."""
        return StoreError(
            f"the saved {self.kind} {number} is damaged and cannot be shown; delete it, or put a "
            "backup of the database in its place",
            "saved_row_damaged", kind=self.kind, number=number,
        )  # fmt: skip

    @property
    def selected(self) -> str:
        """The columns as SQL, the seal last."""
        return ", ".join((*self.columns, "seal"))

    def _seal(self, row: Row) -> bytes:
        return seal(self.kind, *(row[name] for name in self.columns))

    def arrange(self, saved: Iterable[Any], order_by: str) -> list[Any]:
        """In an order by name.

        Raises
        ------
        StoreError
            There is no such order.
        """
        if order_by not in self.orders:
            allowed = ", ".join(self.orders)
            raise StoreError(
                f"order_by must be one of {allowed}, got {order_by!r}",
                "unknown_order", allowed=list(self.orders), got=order_by,
            )  # fmt: skip
        key, descending = _ORDERS[order_by]
        return sorted(saved, key=key, reverse=descending)


def new_row(workspace: str, name: str, notes: str, tags: Iterable[str]) -> Row:
    """The columns that every new row has.

    Raises
    ------
    StoreError
        A label is too long.
    """
    return {"workspace": workspace, "created": now(), **labels(name, notes, tags)}


def labels(
    name: str | None = None, notes: str | None = None, tags: Iterable[str] | None = None
) -> Row:
    """The columns of those labels that are given.

    Raises
    ------
    StoreError
        One is too long.
    """
    row: Row = {}
    if name is not None:
        row["name"] = limited("name", name)
    if notes is not None:
        row["notes"] = limited("notes", notes)
    if tags is not None:
        given = dict.fromkeys(limited("tag", tag.strip()) for tag in tags if tag.strip())
        if len(given) > MOST_TAGS:
            raise StoreError(
                f"at most {MOST_TAGS} tags can be given, got {len(given)}; leave some out",
                "too_many_tags", limit=MOST_TAGS, given=len(given),
            )  # fmt: skip
        row["tags"] = json.dumps(list(given), ensure_ascii=False)
    return row


def limited(field: str, text: str) -> str:
    """A text that is not too long.

    Raises
    ------
    StoreError
    """
    if len(text) > LONGEST[field]:
        raise StoreError(
            f"the {field} may have at most {LONGEST[field]} characters, got {len(text)}; shorten "
            "it",
            "saved_text_too_long", field=field, limit=LONGEST[field], given=len(text),
        )  # fmt: skip
    return text


def tags_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags of a row."""
    try:
        return tuple(json.loads(row["tags"]))
    except ValueError as error:
        raise Damaged(str(error)) from None


def count_tags(connection: Connection, workspace: str, shelves: Iterable[Shelf]) -> dict[str, int]:
    """How often each tag is used in a workspace."""
    rows = (row for shelf in shelves for row in shelf.every(connection, workspace))
    count = Counter(tag for row in rows for tag in tags_of(row))
    return dict(sorted(count.items()))


def fits(saved: Any, text: str, tag: str | None, *more: str) -> bool:
    """Whether each word of a text is somewhere in name, notes, tags or ``more``, and the tag
    is one of its tags."""
    if tag is not None and tag not in saved.tags:
        return False
    told = "\n".join((saved.name, saved.notes, *saved.tags, *more)).casefold()
    return all(word in told for word in text.casefold().split())


def now() -> str:
    """The time as a label: UTC to the second. Nothing is decided by it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
