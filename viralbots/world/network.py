"""Who hears whom: building `Ties` from lists of edges (model §1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots.errors import NetworkError, Problem
from viralbots.exact import TIE_LEVELS
from viralbots.world.world import CLOSE, ID_BITS, ID_MASK, MAX_USERS, MID, WEAK, Ties

IntArray = NDArray[np.int64]
Edges = tuple[IntArray, IntArray]
_LEVEL_BITS = 8


class BuiltTies(NamedTuple):
    """Ties, and what was left out of them."""

    ties: Ties
    n_self_loops: int
    n_duplicates: int


def _check(n: int, source: IntArray, target: IntArray, level: int | IntArray) -> None:
    """Raise a `NetworkError` that lists everything wrong with an edge list."""
    problems = []
    if not 0 < n <= MAX_USERS:
        text = f"must be between 1 and {MAX_USERS}, got {n}; choose fewer users"
        problems.append(Problem("n_users", "n_users", text, {"ge": 1, "le": MAX_USERS, "got": n}))
    for name, ends in (("source", source), ("target", target)):
        outside = (ends < 0) | (ends >= n)
        if outside.any():
            value = int(ends[outside][0])
            text = f"must be between 0 and {n - 1}, got {value}; users are numbered from 0"
            about: dict[str, object] = {"ge": 0, "le": n - 1, "got": value}
            problems.append(Problem(f"edges.{name}", "edge_end", text, about))
    levels = np.asarray(level)
    if len(source) != len(target) or levels.shape not in ((), source.shape):
        text = (
            f"source, target and level must be equally long, got {len(source)}, "
            f"{len(target)} and {levels.size}; give one entry of each per edge"
        )
        about = {"source": len(source), "target": len(target), "level": levels.size}
        problems.append(Problem("edges", "unequal_lengths", text, about))
    wrong = (levels < 1) | (levels > TIE_LEVELS)
    if wrong.any():
        value = int(np.atleast_1d(levels)[np.atleast_1d(wrong)][0])
        text = f"must be between 1 and {TIE_LEVELS}, got {value}; use round(240 × strength)"
        about = {"ge": 1, "le": TIE_LEVELS, "got": value}
        problems.append(Problem("edges.level", "tie_level", text, about))
    if problems:
        raise NetworkError("network", problems)


def _key_rank(key: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Users in key order, and the place of each user in it."""
    by_key = np.argsort(key, kind="stable")
    rank = np.empty(len(key), np.int64)
    rank[by_key] = np.arange(len(key))
    return by_key, rank


def _row_sums(level: NDArray[np.uint8], offset: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Inclusive sums of ``level`` inside each row, uint32[m]."""
    total = np.concatenate([[0], np.cumsum(level, dtype=np.int64)])
    sums: NDArray[np.int64] = total[1:] - np.repeat(total[offset[:-1]], np.diff(offset))
    return sums.astype(np.uint32)


def _distinct_edges(
    n: int, source: IntArray, target: IntArray, level: IntArray, directed: bool
) -> tuple[IntArray, IntArray, IntArray]:
    """Each edge once, with its strongest level; undirected ones smaller number first."""
    if not directed:
        source, target = np.minimum(source, target), np.maximum(source, target)
    # All of an edge in one integer (26 + 26 + 8 bits): the order of the list cannot matter.
    code = np.sort((((source * n) + target) << _LEVEL_BITS) | level)
    edge = code >> _LEVEL_BITS
    if len(code):
        code = code[np.append(edge[1:] != edge[:-1], True)]
    source, target = np.divmod(code >> _LEVEL_BITS, n)
    return source, target, code & ((1 << _LEVEL_BITS) - 1)


def _both_ways(
    edges: tuple[IntArray, IntArray, IntArray],
) -> tuple[IntArray, IntArray, IntArray]:
    source, target, level = edges
    return (
        np.concatenate([source, target]),
        np.concatenate([target, source]),
        np.concatenate([level, level]),
    )


def ties_from_edges(
    source: NDArray[np.int64],
    target: NDArray[np.int64],
    *,
    level: int | NDArray[np.int64],
    key: NDArray[np.uint64],
    channels: NDArray[np.uint8],
    directed: bool,
) -> BuiltTies:
    """Rows of audiences from edges ``source → target``: the target hears the source.

    Parameters
    ----------
    source, target : int64[e]
        Ends of each edge.
    level : int or int64[e]
        Tie strength, 1 … 240. One number gives layered rows with everything in the mid
        layer; an array gives weighted rows.
    key : uint64[n]
        Identities of the n users.
    channels : uint8[n]
        Channel bits of each user, stored beside her in the rows she appears in.
    directed : bool
        False adds every edge in the other direction as well.

    Returns
    -------
    BuiltTies
        ``ties`` and how many self-loops and duplicates were dropped, as counted in the
        edges given. Of duplicates with different levels the strongest stays, so that
        the order of the list does not matter.

    Raises
    ------
    NetworkError
        Numbers out of range or arrays of different lengths.
    """
    n = len(key)
    source, target = np.asarray(source, np.int64), np.asarray(target, np.int64)
    _check(n, source, target, level)
    by_key, rank = _key_rank(key)
    no_loop = source != target
    strength = np.broadcast_to(np.asarray(level, np.int64), source.shape)[no_loop]
    edges = _distinct_edges(n, source[no_loop], target[no_loop], strength, directed)
    n_duplicates = int(no_loop.sum()) - len(edges[0])
    if not directed:
        edges = _both_ways(edges)
    source, target, strength = edges
    # Equal entries are gone, so a sort by value has one result, stable or not.
    rows = np.sort((((source * n) + rank[target]) << _LEVEL_BITS) | strength)
    source, place = np.divmod(rows >> _LEVEL_BITS, n)
    offset = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=n))])
    word = _words(by_key[place], channels)
    layer_end = np.stack([np.zeros(n, np.int32), np.diff(offset).astype(np.int32)], axis=1)
    if np.ndim(level):
        levels = (rows & ((1 << _LEVEL_BITS) - 1)).astype(np.uint8)
        ties = Ties(offset, word, layer_end, level=levels, cumulative=_row_sums(levels, offset))
    else:
        ties = Ties(offset, word, layer_end, layer_level=(int(level),) * 3)
    return BuiltTies(ties, len(no_loop) - int(no_loop.sum()), n_duplicates)


def ties_from_layers(
    layers: Sequence[Edges], *, key: NDArray[np.uint64], channels: NDArray[np.uint8]
) -> Ties:
    """Layered undirected ties from the edges of the close, mid and weak layer (model §1).

    A pair in several layers stays in the closest only; loops and repeats are dropped.
    """
    n = len(key)
    by_key, rank = _key_rank(key)
    coded = []
    for number, (source, target) in enumerate(layers):
        ends = np.concatenate([source, target]), np.concatenate([target, source])
        coded.append(((ends[0] * n + rank[ends[1]]) << 2 | number)[ends[0] != ends[1]])
    code = np.sort(np.concatenate(coded))
    pair = code >> 2
    code = code[np.append(True, pair[1:] != pair[:-1])] if len(code) else code
    source, place = np.divmod(code >> 2, n)
    # Within a row by layer, then by key.
    order = np.argsort(source * 4 + (code & 3), kind="stable")
    sizes = np.bincount(source * 3 + (code & 3), minlength=3 * n).reshape(n, 3)
    offset = np.concatenate([[0], np.cumsum(sizes.sum(axis=1))])
    layer_end = np.cumsum(sizes, axis=1)[:, :2].astype(np.int32)
    return Ties(offset, _words(by_key[place[order]], channels), layer_end, (CLOSE, MID, WEAK))


def _words(listener: NDArray[np.int64], channels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Neighbour words: the listener in the low 26 bits, her channels above."""
    return listener.astype(np.uint32) | (
        channels[listener].astype(np.uint32) << np.uint32(ID_BITS)
    )


def with_channels(ties: Ties, channels: NDArray[np.uint8]) -> Ties:
    """The same ties for users whose channels are others (uint8[n])."""
    return replace(ties, word=_words((ties.word & np.uint32(ID_MASK)).astype(np.int64), channels))
