"""Runs: kept once for everybody, by the identity of the scenario and the seed of the run."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from viralbots.errors import StoreError
from viralbots.run import Run
from viralbots.store.blobs import Damaged, expand, pack, seal, squeeze, unpack
from viralbots.store.connection import Connection
from viralbots.store.sqlite import sqlite3
from viralbots.version import ENGINE_VERSION, METRICS_VERSION

MOST_BYTES = 256 << 20  # unpacked; two years of eight messages are 5 MB
KIND = "run"
_SEED = re.compile(r"0|[1-9][0-9]{0,19}")
COLUMNS = "id, engine_version, metrics_version, digest, size, content, seal"


def find(connection: Connection, identity: str, seed: int) -> Run | None:
    """The run of this pair that this version of the program would compute, if kept and whole."""
    with connection.reading() as database:
        row = _row(database, identity, str(seed))
    if row is None or (row[1], row[2]) != (ENGINE_VERSION, METRICS_VERSION):
        return None
    try:
        return _run(identity, str(seed), row)
    except Damaged:
        connection.note(KIND, f"{identity}/{seed}")
        return None


def keep(connection: Connection, run: Run) -> None:
    """Keep a run; when this returns it is on disk.

    Raises
    ------
    StoreError
        It cannot be written, is of another version of the program, or differs from the run
        that is kept: the same scenario and seed gave other bytes.
    """
    _check(run)
    seed, raw = str(run.seed), _packed(run)
    content, sealed = squeeze(raw), _seal(run.identity, seed, _told(run), raw)
    new = (*_told(run), len(raw), content, sealed)
    with connection.writing() as database:
        row = _row(database, run.identity, seed)
        if row is None:
            database.execute(
                "INSERT INTO runs (identity, seed, engine_version, metrics_version, digest, size, "
                "content, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (run.identity, seed, *new),
            )
        elif _is_outdated(row, run, sealed, connection):
            database.execute(
                "UPDATE runs SET engine_version = ?, metrics_version = ?, digest = ?, size = ?, "
                "content = ?, seal = ? WHERE id = ?",
                (*new, row[0]),
            )
    connection.forget(KIND, f"{run.identity}/{seed}")


def _is_outdated(row: tuple, run: Run, sealed: bytes, connection: Connection) -> bool:
    """Whether a kept row must give way to a run: it is damaged, or of other versions."""
    try:
        kept = _run(run.identity, str(run.seed), row)
    except Damaged:
        return True
    if row[1:3] != (run.engine_version, run.metrics_version):
        return True
    if row[-1] == sealed or run.is_same_as(kept):
        return False
    raise StoreError(
        f"{connection.path}: run {run.seed} of scenario {run.identity[:12]} gave other numbers "
        "than the run that is kept, though the versions are the same; please report this, and "
        "use another database (--db FILE) until it is mended",
        "run_differs", path=str(connection.path), seed=run.seed, identity=run.identity,
    )  # fmt: skip


def verify(identity: object, seed: object, row: tuple) -> None:
    """Check a row as `COLUMNS` gives it.

    Raises
    ------
    Damaged
    """
    if not isinstance(identity, str) or not isinstance(seed, str) or not _SEED.fullmatch(seed):
        raise Damaged("no key")
    _run(identity, seed, row)


def _row(database: sqlite3.Connection, identity: str, seed: str) -> tuple | None:
    found: tuple | None = database.execute(
        f"SELECT {COLUMNS} FROM runs WHERE identity = ? AND seed = ?", (identity, seed)
    ).fetchone()
    return found


def _told(run: Run) -> tuple[str, str, str]:
    return run.engine_version, run.metrics_version, run.digest


def _seal(identity: str, seed: str, told: tuple, raw: bytes) -> bytes:
    return seal(KIND, identity, seed, *told, raw)


def _check(run: Run) -> None:
    versions = (run.engine_version, run.metrics_version)
    if versions != (ENGINE_VERSION, METRICS_VERSION):
        raise StoreError(
            f"a run of engine {run.engine_version} and metrics {run.metrics_version} cannot be "
            f"kept by a program with engine {ENGINE_VERSION} and metrics {METRICS_VERSION}; "
            "compute it again",
            "run_of_other_version", engine=run.engine_version, metrics=run.metrics_version,
        )  # fmt: skip
    if not 0 <= run.seed < 1 << 64:
        raise StoreError(
            f"the seed of a run must be between 0 and 2**64 - 1, got {run.seed}; take it from "
            "viralbots.draws.run_seed",
            "run_seed_out_of_range", got=run.seed,
        )  # fmt: skip


def _packed(run: Run) -> bytes:
    values = np.array(list(run.values.values()), np.float64)
    curves = {f"curve:{name}": np.asarray(curve) for name, curve in run.curves.items()}
    arrays: dict[str, NDArray] = {"values": values, **curves}
    return pack({"values": list(run.values), "facts": run.facts}, arrays, curves)


def _run(identity: str, seed: str, row: tuple) -> Run:
    """The run of a row, checked against its seal."""
    _, engine, metrics, digest, size, content, sealed = row
    raw = expand(content, size, MOST_BYTES)
    if sealed != _seal(identity, seed, (engine, metrics, digest), raw):
        raise Damaged("the seal does not fit")
    header, arrays = unpack(raw)
    try:
        values = dict(zip(header["values"], arrays.pop("values").tolist(), strict=True))
        curves = {name.removeprefix("curve:"): curve for name, curve in arrays.items()}
        return Run(identity, int(seed), digest, engine, metrics, values, curves, header["facts"])
    except (KeyError, ValueError, TypeError) as error:
        raise Damaged(str(error)) from None
