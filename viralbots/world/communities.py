"""Communities of an imported network, by label propagation (model §1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

MAX_SWEEPS = 20
MAX_COMMUNITY = 2000  # as in the default world (model §9)
REGION_SIZE = 20_000
SETTLED = 1000  # a sweep that changes fewer than one user in so many is the last
_CLASSES = 8  # users who are relabelled together; the others keep still meanwhile


def detect_communities(n_users: int, source: IntArray, target: IntArray) -> IntArray:
    """Community of each user, int64[n], numbered by their first members.

    Every user takes the label that most of her neighbours have, in fixed order, for
    `MAX_SWEEPS` or until hardly anybody changes. Directions and strengths do not count. What is
    larger than `MAX_COMMUNITY` is split by order.

    Parameters
    ----------
    n_users : int
    source, target : int64[m]
        The two users of each tie.
    """
    owner = np.concatenate((source, target))
    other = np.concatenate((target, source))
    label = np.arange(n_users, dtype=np.int64)
    groups = [np.flatnonzero(owner % _CLASSES == i) for i in range(_CLASSES)]
    for _ in range(MAX_SWEEPS):
        before = label.copy()
        for group in groups:
            users, best = _most_frequent(owner[group], label[other[group]], label)
            label[users] = best
        if np.count_nonzero(before != label) * SETTLED < n_users:
            break
    return _numbered(_split(label))


def _most_frequent(owner: IntArray, value: IntArray, label: IntArray) -> tuple[IntArray, IntArray]:
    """Each owner's most frequent value; among equals her present label, then the smallest."""
    n = np.int64(len(label))
    pair, count = np.unique(owner * n + value, return_counts=True)
    users, values = pair // n, pair % n
    # One integer per candidate: more votes, then her own label, then the smaller one.
    score = (2 * count + (values == label[users])) * n + (n - 1 - values)
    start = np.flatnonzero(np.append(True, users[1:] != users[:-1])[: len(users)])
    if not len(start):
        return users, values
    best = np.maximum.reduceat(score, start)
    return users[start], n - 1 - best % n


def _split(label: IntArray) -> IntArray:
    """Cut groups above `MAX_COMMUNITY` into equal pieces of consecutive members."""
    _, group, size = np.unique(label, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    start = np.cumsum(size) - size
    place = np.empty(len(label), np.int64)
    place[order] = np.arange(len(label)) - np.repeat(start, size)
    pieces = -(-size // MAX_COMMUNITY)
    return group * np.int64(len(label)) + place * pieces[group] // size[group]


def _numbered(label: IntArray) -> IntArray:
    """Number groups from 0 in the order of their first members."""
    _, first, group = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[group]


def regions_of(community: IntArray) -> IntArray:
    """Region of each user, int64[n]: whole communities, in order, up to `REGION_SIZE` users."""
    sizes = np.bincount(community)
    region_of = np.empty(len(sizes), np.int64)
    region = filled = 0
    for number, size in enumerate(sizes.tolist()):
        if filled and filled + size > REGION_SIZE:
            region, filled = region + 1, 0
        region_of[number] = region
        filled += size
    return region_of[community]
