"""Networks to files: CSV and GraphML, plain or gzip; `importers.read_network` reads both."""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast
from xml.sax.saxutils import quoteattr

import numpy as np

from viralbots.errors import NetworkError, Problem
from viralbots.exact import TIE_LEVELS
from viralbots.world.edge_list import MAX_PROBLEMS, EdgeList, IntArray, label_fault
from viralbots.world.edge_text import FORMULA
from viralbots.world.world import ID_MASK, Ties, World

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
"""
_WEIGHT_KEY = '<key id="weight" for="edge" attr.name="weight" attr.type="double"/>\n'


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
    directed = not np.array_equal(np.sort(there), np.sort(back))
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
    with _text_to(target) as out:
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


def write_graphml(network: World | EdgeList, target: str | Path | BinaryIO) -> None:
    """Write GraphML; a path that ends in ``.gz`` is packed. Everything comes back the same.

    Raises
    ------
    NetworkError
        Labels that cannot be written (control characters, empty).
    """
    edges = network if isinstance(network, EdgeList) else edges_of(network)
    labels = [quoteattr(label) for label in _checked(edges)]
    ends = zip(edges.source.tolist(), edges.target.tolist(), strict=True)
    ties = (f"<edge source={labels[u]} target={labels[v]}" for u, v in ends)
    with _text_to(target) as out:
        out.write(_HEAD + (_WEIGHT_KEY if edges.weight is not None else ""))
        kind = "directed" if edges.directed else "undirected"
        out.write(f'<graph edgedefault="{kind}">\n')
        out.writelines(f"<node id={label}/>\n" for label in labels)
        if edges.weight is None:
            out.writelines(f"{tie}/>\n" for tie in ties)
        else:
            out.writelines(
                f'{tie}><data key="weight">{weight!r}</data></edge>\n'
                for tie, weight in zip(ties, edges.weight.tolist(), strict=True)
            )
        out.write("</graph>\n</graphml>\n")


def _checked(edges: EdgeList) -> tuple[str, ...]:
    """The labels, if all can be written and read again."""
    problems = []
    for user, label in enumerate(edges.labels):
        fault = label_fault(label)
        if fault:
            text = f"{fault}; rename the user"
            problems.append(Problem(f"user {user}", "bad_label", text, {"label": label}))
            if len(problems) == MAX_PROBLEMS:
                break
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
def _text_to(target: str | Path | BinaryIO) -> Iterator[TextIO]:
    """UTF-8 text into a path or an open binary stream (which stays open).

    Packed files carry no time and no name, so the same network gives the same bytes.
    """
    if isinstance(target, str | os.PathLike):
        with open(target, "wb") as raw, _text_to(raw) as out:
            yield out
        return
    name = str(getattr(target, "name", ""))
    if name.endswith(".gz"):
        with (
            gzip.GzipFile("", "wb", fileobj=target, mtime=0) as packed,
            _text_to(cast(BinaryIO, packed)) as out,
        ):
            yield out
        return
    out = io.TextIOWrapper(target, encoding="utf-8", newline="")
    try:
        yield out
    finally:
        out.detach()
