"""The database as the command line uses it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from viralbots.errors import StoreError
from viralbots.problem_words import say_error

if TYPE_CHECKING:
    from viralbots.store import Store


def database_of(arguments: argparse.Namespace) -> Path:
    """The file of the database, whether it exists or not."""
    from viralbots.store import default_path

    return Path(arguments.db) if arguments.db else default_path()


def open_store(arguments: argparse.Namespace, *, make: bool = False) -> Store:
    """The database of ``--db``, or the user's own; ``make`` makes it where there is none.

    Raises
    ------
    StoreError
        It cannot be used, or is not there.
    """
    from viralbots.store import Store

    path = database_of(arguments)
    if not make and not path.exists():
        text = f"there is no database {path}; nothing has been saved there"
        raise StoreError(text, "no_database", path=str(path))
    return Store(getattr(arguments, "db", None))


def workspace_of(store: Store, arguments: argparse.Namespace) -> str:
    """The workspace of ``--workspace``, or the command line's own.

    Raises
    ------
    StoreError
        There is no such workspace.
    """
    named = getattr(arguments, "workspace", None)
    return store.workspace(named) if named else store.own_workspace()


@contextmanager
def store_for_runs(arguments: argparse.Namespace) -> Iterator[Store | None]:
    """The database to keep runs in; None with ``--no-store``.

    Where the user's own cannot be used, runs are not kept and that is said: a result matters
    more than its copy. One named by ``--db`` must be usable.
    """
    if arguments.no_store:
        yield None
        return
    try:
        store = open_store(arguments, make=True)
    except StoreError as error:
        if arguments.db:
            raise
        print(f"viralbots: {say_error(error, arguments.lang)}", file=sys.stderr)
        not_kept = "结果不会保存。" if arguments.lang == "zh" else "Nothing will be kept."
        print(not_kept, file=sys.stderr)
        yield None
        return
    with store:
        yield store
