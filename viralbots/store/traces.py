"""Traces of chosen runs, and where the users of a world are drawn."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import run_seed
from viralbots.errors import StoreError
from viralbots.store import failures
from viralbots.store.blobs import MOST_STORED, Damaged, expand, pack, seal, squeeze, unpack
from viralbots.store.connection import Connection
from viralbots.store.sqlite import sqlite3
from viralbots.trace import ADOPTION, CONVERT, COUNTS, DELIVERY, LEVELS, Trace

TRACE, LAYOUT = "trace", "layout"
_FAST = 1  # level of compression: deliveries are many, and a higher one gains little
COLUMNS = "id, level, digest, size, content, seal"
_COUNTED = ("totals", "series")
_ARRAYS = {
    "totals": np.dtype(np.int64), "series": np.dtype(np.int64), "state": np.dtype(np.uint32),
    "distrust": np.dtype(np.int32), "adoptions": ADOPTION, "converts": CONVERT,
    "marks": np.dtype(np.uint8), "deliveries": DELIVERY, "watch_log": np.dtype(np.int64),
}  # fmt: skip
_OPTIONAL = {"state", "marks", "deliveries", "watch_log"}
_PLAIN = tuple(f.name for f in dataclasses.fields(Trace) if f.name not in _ARRAYS)


class Outdated(Damaged):
    """A whole trace, but with other columns than this version of the program."""


def level_of(trace: Trace) -> str:
    """How much a trace holds (`viralbots.trace.LEVELS`)."""
    if trace.state is None:
        return LEVELS[0]
    return LEVELS[1] if trace.deliveries is None else LEVELS[2]


def find_trace(connection: Connection, identity: str, seed: int) -> Trace | None:
    """The trace kept of a run, at whatever level."""
    with connection.reading() as database:
        row = _row(database, identity, str(seed))
    if row is None:
        return None
    try:
        return _trace(identity, str(seed), row)
    except Outdated:
        return None
    except Damaged:
        connection.note(TRACE, f"{identity}/{seed}")
        return None


def keep_trace(connection: Connection, trace: Trace) -> None:
    """Keep a trace; one that holds more of the same run is left in place.

    Raises
    ------
    StoreError
        It cannot be written, is too large, or belongs to a run that gave other bytes.
    """
    seed, level, raw = str(run_seed(trace.seed, trace.replicate)), level_of(trace), _packed(trace)
    content = squeeze(raw, _FAST)
    if len(content) > MOST_STORED:
        raise failures.too_large(connection.path)
    sealed = seal(TRACE, trace.identity, seed, level, trace.digest, raw)
    new = (level, trace.digest, len(raw), content, sealed)
    with connection.writing() as database:
        row = _row(database, trace.identity, seed)
        if row is None:
            database.execute(
                "INSERT INTO traces (identity, seed, level, digest, size, content, seal) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (trace.identity, seed, *new),
            )
        elif _is_poorer(row, trace, seed, connection):
            database.execute(
                "UPDATE traces SET level = ?, digest = ?, size = ?, content = ?, seal = ? "
                "WHERE id = ?",
                (*new, row[0]),
            )
    connection.forget(TRACE, f"{trace.identity}/{seed}")


def _is_poorer(row: tuple, trace: Trace, seed: str, connection: Connection) -> bool:
    """Whether a kept trace should give way to another of the same run."""
    try:
        kept = _trace(trace.identity, seed, row)
    except Damaged:
        return True
    if kept.digest != trace.digest:
        raise StoreError(
            f"{connection.path}: the trace of run {seed} of scenario {trace.identity[:12]} "
            "differs from the one that is kept; please report this, and use another database "
            "(--db FILE) until it is mended",
            "trace_differs", path=str(connection.path), seed=seed, identity=trace.identity,
        )  # fmt: skip
    return _rank(kept) <= _rank(trace)


def _rank(trace: Trace) -> tuple[int, bool]:
    return LEVELS.index(level_of(trace)), trace.watch_log is not None


def verify_trace(identity: object, seed: object, row: tuple) -> None:
    """Check a row as `COLUMNS` gives it.

    Raises
    ------
    Damaged
    """
    if not isinstance(identity, str) or not isinstance(seed, str):
        raise Damaged("no key")
    with suppress(Outdated):
        _trace(identity, seed, row)


def _row(database: sqlite3.Connection, identity: str, seed: str) -> tuple | None:
    found: tuple | None = database.execute(
        f"SELECT {COLUMNS} FROM traces WHERE identity = ? AND seed = ?", (identity, seed)
    ).fetchone()
    return found


def _packed(trace: Trace) -> bytes:
    arrays = {name: getattr(trace, name) for name in _ARRAYS}
    given: dict[str, NDArray] = {name: a for name, a in arrays.items() if a is not None}
    return pack({name: getattr(trace, name) for name in _PLAIN}, given, _COUNTED)


def _trace(identity: str, seed: str, row: tuple) -> Trace:
    """The trace of a row, checked against its seal."""
    _, level, digest, size, content, sealed = row
    raw = expand(content, size)
    if sealed != seal(TRACE, identity, seed, level, digest, raw):
        raise Damaged("the seal does not fit")
    header, arrays = unpack(raw)
    if any(array.dtype != _ARRAYS.get(name) for name, array in arrays.items()):
        raise Outdated
    if not _ARRAYS.keys() - _OPTIONAL <= arrays.keys():
        raise Outdated
    if any(arrays[name].shape[-1:] != (len(COUNTS),) for name in _COUNTED):
        raise Outdated  # other things were counted
    try:
        fields: dict[str, Any] = {**header, **{name: arrays.get(name) for name in _ARRAYS}}
        return Trace(**fields)
    except TypeError:
        raise Outdated from None


# Layouts ---------------------------------------------------------------------------------

Layout = tuple[NDArray[np.float32], NDArray[np.int64]]


def find_layout(connection: Connection, world: str, name: str) -> Layout | None:
    """Positions and users of a drawing of a world."""
    with connection.reading() as database:
        row = database.execute(
            "SELECT size, content, seal FROM layouts WHERE world = ? AND name = ?", (world, name)
        ).fetchone()
    if row is None:
        return None
    try:
        return layout_of(world, name, row)
    except Damaged:
        connection.note(LAYOUT, f"{world}/{name}")
        return None


def keep_layout(connection: Connection, world: str, name: str, layout: Layout) -> None:
    """Keep a drawing in place of the one of this name.

    Raises
    ------
    StoreError
    """
    positions, users = np.asarray(layout[0], np.float32), np.asarray(layout[1], np.int64)
    if positions.shape != (*users.shape, 2):
        raise StoreError(
            f"a layout needs a place (x, y) for each user, got positions {positions.shape} for "
            f"users {users.shape}",
            "layout_shape", positions=str(positions.shape), users=str(users.shape),
        )  # fmt: skip
    raw = pack({}, {"positions": positions, "users": users})
    with connection.writing() as database:
        database.execute(
            "INSERT OR REPLACE INTO layouts (world, name, size, content, seal) "
            "VALUES (?, ?, ?, ?, ?)",
            (world, name, len(raw), squeeze(raw), seal(LAYOUT, world, name, raw)),
        )
    connection.forget(LAYOUT, f"{world}/{name}")


def layout_of(world: object, name: object, row: tuple) -> Layout:
    """The layout of a row of size, content and seal.

    Raises
    ------
    Damaged
    """
    size, content, sealed = row
    raw = expand(content, size)
    if sealed != seal(LAYOUT, world, name, raw):
        raise Damaged("the seal does not fit")
    _, arrays = unpack(raw)
    if arrays.keys() != {"positions", "users"}:
        raise Damaged("no layout")
    return arrays["positions"], arrays["users"]
