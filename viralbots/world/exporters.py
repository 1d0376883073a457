"""Networks to files: CSV and GraphML, plain or gzip; `importers.read_network` reads both."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice, repeat
from pathlib import Path
from typing import BinaryIO, Literal, TextIO, cast
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

from viralbots.errors import NetworkError
from viralbots.exact import TIE_LEVELS
from viralbots.world.edge_list import MAX_PROBLEMS, EdgeList, IntArray, label_problem
from viralbots.world.edge_text import FORMULA
from viralbots.world.world import ID_MASK, Ties, World

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
"""
_CHUNK = 1 << 16  # users or ties whose text is in memory at a time
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, eq=False)
class DataColumn:
    """One thing known of every user or of every tie, for `write_graphml`.

    Attributes
    ----------
    name : str
    kind : {"boolean", "int", "long", "double", "string"}
        Type, as GraphML calls it.
    values : bool, int or float[n], or list of (str or None)
    absent : int, optional
        The number that stands for nothing; like None it is not written.
    default : bool, optional
        The value that is declared once instead of written again and again.
    """

    name: str
    kind: Literal["boolean", "int", "long", "double", "string"]
    values: NDArray | list[str | None]
    absent: int | None = None
    default: bool | None = None

    def texts(self, scope: str, part: slice) -> Iterable[str]:
        """The elements of some users or ties, empty where nothing is to be written."""
        key = _key(scope, self.name)
        chunk = self.values[part]
        if isinstance(chunk, list):
            return ["" if value is None else _data(key, value) for value in chunk]
        distinct, place = np.unique(chunk, return_inverse=True)  # few, mostly
        unsaid = (self.absent, self.default)
        found = ["" if value in unsaid else _data(key, value) for value in distinct.tolist()]
        return map(found.__getitem__, place.tolist())


def edges_of(world: World, *, follows: bool = False) -> EdgeList:
    """The personal ties (or the follows) of a world as a list of ties.

    A network in which every tie has its counterpart becomes undirected. Labels are the
    imported ones, or the users' numbers.
    """
    ties = world.follows if follows else world.ties
    n = np.int64(world.n_users)
    source = np.repeat(np.arange(n), ties.degree)
    target = (ties.word & np.uint32(ID_MASK)).astype(np.int64)
    level = _tie_levels(ties)
    there = ((source * n + target) << 8) | level
    back = ((target * n + source) << 8) | level
    there.sort()  # in place: a large world has tens of millions
    back.sort()
    directed = not np.array_equal(there, back)
    del there, back
    kept = np.flatnonzero(directed | (source < target))
    weight = level[kept] / TIE_LEVELS if world.facts.get("weighted", True) else None
    labels = world.labels or tuple(str(user) for user in range(world.n_users))
    facts: dict[str, object] = {"format": "world"}
    return EdgeList(labels, source[kept], target[kept], weight, directed, facts)


def _tie_levels(ties: Ties) -> IntArray:
    """Level of every tie in row order, int64[m]."""
    if len(ties.level):
        return ties.level.astype(np.int64)
    degree = ties.degree
    place = np.arange(ties.n_ties) - np.repeat(ties.offset[:-1], degree)
    close, mid = (np.repeat(ties.layer_end[:, i], degree) for i in (0, 1))
    layer = (place >= close).astype(np.int64) + (place >= mid)
    return np.array(ties.layer_level, np.int64)[layer]


def write_csv(network: World | EdgeList, target: str | Path | BinaryIO) -> None:
    """Write ``source,target[,weight]`` lines; a path that ends in ``.gz`` is packed.

    A label that a spreadsheet would compute (``=1+1``) gets a quotation mark in front,
    which the importer takes off. A user without ties is written as a tie to herself. What
    came from an edge list comes back the same, user numbers included; other networks come
    back with users in another order, as the format has no list of users (GraphML has).
    CSV does not tell directed from undirected: read it with the same ``directed``.

    Raises
    ------
    NetworkError
        Labels that cannot be written (control characters, empty).
    """
    edges = network if isinstance(network, EdgeList) else edges_of(network)
    labels = [_guarded(label) for label in _checked(edges)]
    with text_to(target) as out:
        if not all(label.isascii() for label in labels):
            out.write("\ufeff")  # without it spreadsheets take UTF-8 for something else
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["source", "target"] + ["weight"] * (edges.weight is not None))
        rows.writerows(_csv_rows(edges, labels))


def _csv_rows(edges: EdgeList, labels: list[str]) -> Iterator[tuple[object, ...]]:
    """Ties in order; users without ties as soon as a later user is about to be named."""
    has_tie = np.zeros(edges.n_users, bool)
    has_tie[edges.source] = has_tie[edges.target] = True
    lonely = np.flatnonzero(~has_tie).tolist()[::-1]
    extra = [(1.0,)] if edges.weight is not None else [()]
    weights = extra * edges.n_ties if edges.weight is None else zip(edges.weight.tolist())
    ties = zip(edges.source.tolist(), edges.target.tolist(), weights, strict=True)
    for u, v, weight in ties:
        while lonely and lonely[-1] < max(u, v):
            label = labels[lonely.pop()]
            yield label, label, *extra[0]
        yield labels[u], labels[v], *weight
    for user in reversed(lonely):
        yield labels[user], labels[user], *extra[0]


def write_graphml(
    network: World | EdgeList,
    target: str | Path | BinaryIO,
    *,
    users: Sequence[DataColumn] = (),
    ties: Sequence[DataColumn] = (),
    about: Mapping[str, str | int] | None = None,
) -> None:
    """Write GraphML; a path that ends in ``.gz`` is packed. Everything comes back the same.

    Parameters
    ----------
    users, ties : sequence of DataColumn, optional
        What else is known of each user and of each tie, in the order of the `EdgeList`
        (for a world: of `edges_of`). The importer reads past it.
    about : mapping, optional
        What is known of the network as a whole.

    Raises
    ------
    NetworkError
        Labels that cannot be written (control characters, empty).
    ValueError
        A column has not one value for each user or tie.
    """
    edges = network if isinstance(network, EdgeList) else edges_of(network)
    labels = [quoteattr(label) for label in _checked(edges)]
    for columns, size in ((users, edges.n_users), (ties, edges.n_ties)):
        for column in columns:
            if len(column.values) != size:
                text = f"column {column.name!r} has {len(column.values)} values, {size} are needed"
                raise ValueError(text)
    if edges.weight is not None:
        ties = (DataColumn("weight", "double", edges.weight), *ties)
    with text_to(target) as out:
        out.write(_HEAD)
        out.writelines(_keys(users, ties, about or {}))
        kind = "directed" if edges.directed else "undirected"
        out.write(f'<graph edgedefault="{kind}">\n')
        for name, value in (about or {}).items():
            out.write(_data(_key("graph", name), value) + "\n")
        out.writelines(_node_lines(labels, users))
        out.writelines(_tie_lines(edges, labels, ties))
        out.write("</graph>\n</graphml>\n")


def _keys(
    users: Sequence[DataColumn], ties: Sequence[DataColumn], about: Mapping[str, str | int]
) -> Iterator[str]:
    """Declarations of all data."""
    for name, value in about.items():
        is_long = isinstance(value, int) and -(1 << 63) <= value < 1 << 63
        yield _declared("graph", name, "long" if is_long else "string", None)
    for scope, columns in (("node", users), ("edge", ties)):
        for column in columns:
            yield _declared(scope, column.name, column.kind, column.default)


def _declared(scope: str, name: str, kind: str, default: bool | None) -> str:
    start = f'<key id={_key(scope, name)} for="{scope}" attr.name={quoteattr(name)}'
    end = "/>" if default is None else f"><default>{_xml(default)}</default></key>"
    return f'{start} attr.type="{kind}"{end}\n'


def _key(scope: str, name: str) -> str:
    """Identifier of a piece of data: a user and a tie may have one of the same name."""
    return quoteattr("weight" if (scope, name) == ("edge", "weight") else f"{scope}.{name}")


def _data(key: str, value: object) -> str:
    return f"<data key={key}>{_xml(value)}</data>"


def _xml(value: object) -> str:
    """A value as GraphML writes it; what XML cannot hold becomes a replacement character."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return escape(_UNWRITABLE.sub("\ufffd", value), {"\r": "&#13;"})
    return repr(value)


def _node_lines(labels: list[str], columns: Sequence[DataColumn]) -> Iterator[str]:
    if not columns:
        yield from (f"<node id={label}/>\n" for label in labels)
        return
    for start in range(0, len(labels), _CHUNK):
        part = slice(start, start + _CHUNK)
        data = [column.texts("node", part) for column in columns]
        heads = (f"<node id={label}>" for label in labels[part])
        yield _joined(heads, *data, repeat("</node>\n"))


def _tie_lines(edges: EdgeList, labels: list[str], columns: Sequence[DataColumn]) -> Iterator[str]:
    """Text of some thousand ties at a time, put together from parts that exist already."""
    heads = [f"<edge source={label} target=" for label in labels]
    ends = [f"{label}>" if columns else f"{label}/>\n" for label in labels]
    close = [repeat("</edge>\n")] if columns else []
    for start in range(0, edges.n_ties, _CHUNK):
        part = slice(start, start + _CHUNK)
        data = [column.texts("edge", part) for column in columns]
        source = map(heads.__getitem__, edges.source[part].tolist())
        target = map(ends.__getitem__, edges.target[part].tolist())
        yield _joined(source, target, *data, *close)


def _joined(*parts: Iterable[str]) -> str:
    return "".join(chain.from_iterable(zip(*parts, strict=False)))


def _checked(edges: EdgeList) -> tuple[str, ...]:
    """The labels, if all can be written and read again."""
    found = (label_problem(label, f"user {user}") for user, label in enumerate(edges.labels))
    problems = list(islice(filter(None, found), MAX_PROBLEMS))
    if problems:
        raise NetworkError("network", problems)
    return edges.labels


def _guarded(label: str) -> str:
    """Keep a spreadsheet from computing a label.

    >>> _guarded("=1+1"), _guarded("'=1"), _guarded("ann")
    ("'=1+1", "''=1", 'ann')
    """
    return "'" + label if FORMULA.match(label) else label


@contextmanager
def text_to(target: str | Path | BinaryIO) -> Iterator[TextIO]:
    """UTF-8 text into a path or an open binary stream (which stays open); ``.gz`` is packed.

    Packed files carry no time and no name, so the same network gives the same bytes.
    """
    if isinstance(target, str | os.PathLike):
        with open(target, "wb") as raw, text_to(raw) as out:
            yield out
        return
    name = str(getattr(target, "name", ""))
    if name.endswith(".gz"):
        with (
            gzip.GzipFile("", "wb", fileobj=target, mtime=0) as packed,
            text_to(cast(BinaryIO, packed)) as out,
        ):
            yield out
        return
    out = io.TextIOWrapper(target, encoding="utf-8", newline="")
    try:
        yield out
    finally:
        out.detach()
