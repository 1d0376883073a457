"""Where users lie in a picture of their network. For looking at only: nothing reads it back.

Fruchterman and Reingold (1991): ties pull, users push each other away, and moves grow smaller
from round to round. Only users close by push, found on a grid, so a round costs time in
proportion to users and ties. What that cannot do is unfold a tangle, and so communities are laid
out first, as discs that keep a distance; each user then begins in the disc of hers.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from viralbots import draws
from viralbots.world.communities import detect_communities

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ROUNDS = 120
PULL = 0.15  # of a tie inside a community
GROUP_ROUNDS = 300
GAP = 1.1  # distance of two discs that touch, in sums of their radii
ACROSS = 0.1  # pull of a tie between two communities; one inside has 1
AIR = 0.4  # share of the rounds at the end in which ties pull less, so that dots part
FENCE = 0.5  # pull back per unit of distance outside the own disc
GRAVITY = 0.004  # pull to the middle of the disc, so that loose pieces do not lie far out
ROOM = 0.8  # a user's share of the square of a disc's radius
MOST_GROUPS = 1200
MEANT = 0.15  # communities count where so many more ties lie inside them than by chance


@njit(cache=True, nogil=True)
def relax_users(x, y, tie, weight, home, radius):
    """Move users (float64[n] each, in place) for `ROUNDS`; the wanted distance is 1.

    tie : int64[m, 2]; weight : float64[m]; home : float64[n, 2] and radius : float64[n], the
    disc that holds each user.
    """
    n = len(x)
    cell = np.empty(n, np.int64)
    order = np.empty(n, np.int64)
    dx, dy = np.empty(n), np.empty(n)
    for turn in range(ROUNDS):
        left = 1.0 - turn / ROUNDS
        heat = 1.6 * left * left + 0.15 * left
        slack = 1.0 if left > AIR else 0.2
        low_x, low_y = x.min(), y.min()
        size = max(2.0, (x.max() - low_x) / 512.0, (y.max() - low_y) / 512.0)
        wide = int((x.max() - low_x) / size) + 1
        high = int((y.max() - low_y) / size) + 1
        start = np.zeros(wide * high + 1, np.int64)
        for i in range(n):
            cell[i] = int((y[i] - low_y) / size) * wide + int((x[i] - low_x) / size)
            start[cell[i] + 1] += 1
        for c in range(wide * high):
            start[c + 1] += start[c]
        place = start.copy()
        for i in range(n):
            order[place[cell[i]]] = i
            place[cell[i]] += 1
        for i in range(n):
            out_x, out_y = x[i] - home[i, 0], y[i] - home[i, 1]
            out = np.sqrt(out_x * out_x + out_y * out_y)
            back = FENCE * (out - radius[i]) / out if out > radius[i] else 0.0
            back += GRAVITY
            dx[i], dy[i] = -out_x * back, -out_y * back
            row, column = cell[i] // wide, cell[i] % wide
            for r in range(max(0, row - 1), min(high, row + 2)):
                first = start[r * wide + max(0, column - 1)]
                last = start[r * wide + min(wide, column + 2)]
                for at in range(first, last):
                    j = order[at]
                    gap_x, gap_y = x[i] - x[j], y[i] - y[j]
                    square = gap_x * gap_x + gap_y * gap_y
                    if j == i or square >= 4.0:
                        continue
                    if square < 1e-6:  # two users at one place part, whoever has the lower number
                        gap_x, gap_y, square = 0.001 if i < j else -0.001, 0.0, 1e-6
                    push = 1.0 / square - 0.25  # reaches 0 at the distance 2
                    dx[i] += gap_x * push
                    dy[i] += gap_y * push
        for k in range(len(tie)):
            a, b = tie[k, 0], tie[k, 1]
            gap_x, gap_y = x[b] - x[a], y[b] - y[a]
            pull = slack * weight[k] * min(2.5, np.sqrt(gap_x * gap_x + gap_y * gap_y))
            dx[a] += gap_x * pull
            dy[a] += gap_y * pull
            dx[b] -= gap_x * pull
            dy[b] -= gap_y * pull
        for i in range(n):
            length = np.sqrt(dx[i] * dx[i] + dy[i] * dy[i])
            share = min(1.0, heat / length) if length > 0 else 0.0
            x[i] += dx[i] * share
            y[i] += dy[i] * share


@njit(cache=True, nogil=True)
def relax_groups(x, y, radius, pair, weight):
    """Move discs (float64[g] each, in place) until linked ones are near and none overlap.

    radius : float64[g]; pair : int64[m, 2]; weight : float64[m], largest 1.
    """
    g = len(x)
    span = np.sqrt((radius * radius).sum())
    dx, dy = np.empty(g), np.empty(g)
    for turn in range(GROUP_ROUNDS):
        heat = 0.05 * span * (1.0 - turn / GROUP_ROUNDS)
        for i in range(g):
            dx[i], dy[i] = -0.015 * x[i], -0.06 * y[i]  # wider than high, as screens are
        for k in range(len(pair)):
            a, b = pair[k, 0], pair[k, 1]
            gap_x, gap_y = x[b] - x[a], y[b] - y[a]
            pull = 0.04 * weight[k]
            dx[a] += gap_x * pull
            dy[a] += gap_y * pull
            dx[b] -= gap_x * pull
            dy[b] -= gap_y * pull
        for i in range(g):
            length = np.sqrt(dx[i] * dx[i] + dy[i] * dy[i])
            share = min(1.0, heat / length) if length > 0 else 0.0
            x[i] += dx[i] * share
            y[i] += dy[i] * share
        for i in range(g):
            for j in range(i):
                gap_x, gap_y = x[i] - x[j], y[i] - y[j]
                wanted = GAP * (radius[i] + radius[j])
                square = gap_x * gap_x + gap_y * gap_y
                if square >= wanted * wanted:
                    continue
                if square < 1e-6:
                    gap_x, gap_y, square = 0.001, 0.0, 1e-6
                length = np.sqrt(square)
                step = (wanted - length) / length
                own = radius[j] ** 2 / (radius[i] ** 2 + radius[j] ** 2)  # the smaller one yields
                x[i] += gap_x * step * own
                y[i] += gap_y * step * own
                x[j] -= gap_x * step * (1.0 - own)
                y[j] -= gap_y * step * (1.0 - own)


def place_users(
    key: NDArray[np.uint64], ties: IntArray, community: IntArray, seed: int
) -> NDArray[np.float32]:
    """Positions of users, the same for the same arguments on every machine.

    Parameters
    ----------
    key : uint64[n]
        Identity of each user: where she begins is drawn from it.
    ties : int64[m, 2]
        Pairs of users by their place in ``key``; neither direction nor repetition counts.
    community : int64[n]
        They are kept apart where the ties know of them, and disregarded elsewhere.
    seed : int
        Population seed.

    Returns
    -------
    float32[n, 2]
        Centred; the longer side reaches from −1 to 1.
    """
    n = len(key)
    if n < 2:
        return np.zeros((n, 2), np.float32)
    ties = _distinct(ties, n)
    group = _groups(n, ties, community)
    size, inside = np.bincount(group), group[ties[:, 0]] == group[ties[:, 1]]
    home = _discs(group, size, ties[~inside], seed)[group]
    radius = np.sqrt(ROOM * size)[group]
    at = home + radius[:, None] * _unit_disc(draws.address(seed, draws.name_id("layout")), key)
    x, y = at[:, 0].copy(), at[:, 1].copy()
    relax_users(x, y, ties, _weights(ties, inside, n), home, radius)
    return _fitted(np.stack((x, y), axis=1))


def _groups(n: int, ties: IntArray, community: IntArray) -> IntArray:
    """Group of each user, int64[n], numbered from 0: whoever shall lie in one disc.

    The given communities where most ties respect them, else what the ties show by themselves,
    if need be in two steps; users without ties are a group of their own. One group where
    nothing stands out.
    """
    found = np.where(np.bincount(ties.ravel(), minlength=n) > 0, community, -1)
    for attempt in range(3):
        group = np.unique(found, return_inverse=True)[1].astype(np.int64)
        size = np.bincount(group)
        if len(size) <= MOST_GROUPS:
            inside = group[ties[:, 0]] == group[ties[:, 1]]
            if not len(ties) or inside.mean() - ((size / n) ** 2).sum() > MEANT:
                return group
        a, b = (ties if attempt == 0 else group[ties]).T
        label = detect_communities(n if attempt == 0 else len(size), a, b)
        found = np.where(found < 0, -1, label if attempt == 0 else label[group])
    return np.zeros(n, np.int64)


def _distinct(ties: IntArray, n: int) -> IntArray:
    """Each pair once, without users tied to themselves, in order."""
    low, high = ties.min(axis=1, initial=n), ties.max(axis=1, initial=0)
    code = np.unique(low * np.int64(n) + high)
    pairs = np.stack((code // n, code % n), axis=1)
    return pairs[pairs[:, 0] != pairs[:, 1]]


def _weights(ties: IntArray, inside: NDArray[np.bool_], n: int) -> FloatArray:
    """Pull of each tie: little between communities, and less at users who have many."""
    degree = np.bincount(ties.ravel(), minlength=n)
    shared = np.sqrt(np.maximum(1.0, np.minimum(degree[ties[:, 0]], degree[ties[:, 1]]) / 2.0))
    return np.where(inside, PULL, PULL * ACROSS) / shared


def _unit_disc(state: int, words: NDArray) -> FloatArray:
    """Points of a disc of radius 1, float64[n, 2], without sines of the platform.

    A square is pressed into the disc: each ray is shortened by what it is longer than 1 where
    it leaves the square.
    """
    both = [draws.fold_array(draws.fold_array(state, words), axis) for axis in (0, 1)]
    point = np.stack([(b >> np.uint64(32)) / 2.0**31 - 1.0 for b in both], axis=1)
    far = np.abs(point).max(axis=1)
    length = np.sqrt((point * point).sum(axis=1))
    shorter = np.divide(far, length, out=np.ones_like(far), where=length > 0)
    return np.asarray(point * shorter[:, None])


def _discs(group: IntArray, size: IntArray, across: IntArray, seed: int) -> FloatArray:
    """Middle of each community, float64[g, 2]."""
    g = len(size)
    if g == 1:
        return np.zeros((1, 2))
    code = np.sort(group[across], axis=1) @ np.array([g, 1])
    pair, count = np.unique(code, return_counts=True)
    pairs = np.stack((pair // g, pair % g), axis=1)
    linked = count / np.sqrt(size[pairs[:, 0]] * size[pairs[:, 1]])
    radius = np.sqrt(ROOM * size) + 0.5
    unit = _unit_disc(draws.address(seed, draws.name_id("layout groups")), np.arange(g))
    # The largest begin in the middle: what is small finds a place around them, not the reverse.
    larger = np.empty(g)
    order = np.argsort(-size, kind="stable")
    larger[order] = np.cumsum(radius[order] ** 2)
    at = unit * np.sqrt(larger)[:, None] * np.array([3.0, 1.0])
    x, y = at[:, 0].copy(), at[:, 1].copy()
    relax_groups(x, y, radius, pairs, linked / linked.max(initial=1e-9))
    return np.stack((x, y), axis=1)


def _fitted(at: FloatArray) -> NDArray[np.float32]:
    low, high = at.min(axis=0), at.max(axis=0)
    reach = float((high - low).max()) / 2 or 1.0
    return ((at - (low + high) / 2) / reach).astype(np.float32)
