"""What a network looks like, whatever spreads on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viralbots.world.world import ID_MASK, Ties

_WEDGES = 1 << 22  # looked at together


def local_clustering(ties: Ties) -> NDArray[np.float64]:
    """Share of each user's pairs of neighbours that are tied, float64[n].

    Directions do not count. 0 for users with fewer than two neighbours (as in networkx).
    """
    n = np.int64(len(ties.offset) - 1)
    source = np.repeat(np.arange(n), ties.degree)
    target = (ties.word & np.uint32(ID_MASK)).astype(np.int64)
    is_tie = source != target
    low, high = np.minimum(source, target)[is_tie], np.maximum(source, target)[is_tie]
    pair = np.unique(low * n + high)
    low, high = pair // n, pair % n
    degree = np.bincount(low, minlength=n) + np.bincount(high, minlength=n)
    triangles = _triangles(n, low, high, degree)
    pairs = degree * (degree - 1)
    result = np.zeros(n)
    np.divide(2.0 * triangles, pairs, out=result, where=pairs > 0)
    return result


def average_clustering(ties: Ties) -> float:
    """Mean of `local_clustering`; ego-Facebook .6055467. nan without users."""
    local = local_clustering(ties)
    return float(local.sum() / len(local)) if len(local) else float("nan")


def _triangles(
    n: np.int64, low: NDArray[np.int64], high: NDArray[np.int64], degree: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Triangles at each user, int64[n], of undirected ties ``low < high``, each once.

    Every tie points to the end with more neighbours, which keeps rows short: the pairs
    inside all rows are about m^1.5. Each pair is then looked up among the ties.
    """
    rank = np.empty(n, np.int64)
    rank[np.argsort(degree, kind="stable")] = np.arange(n)
    a, b = np.minimum(rank[low], rank[high]), np.maximum(rank[low], rank[high])
    code = np.sort(a * n + b)
    a, b = code // n, code % n
    size = np.bincount(a, minlength=n)
    end = np.cumsum(size)[a]
    later = end - 1 - np.arange(len(code))  # ties after this one in its row
    count = np.zeros(n, np.int64)
    start = 0
    while start < len(code):
        total = np.cumsum(later[start:])
        stop = start + max(1, int(np.searchsorted(total, _WEDGES, side="right")))
        repeats = later[start:stop]
        first = np.repeat(np.arange(start, stop), repeats)
        begin = np.repeat(np.cumsum(repeats) - repeats, repeats)
        second = first + 1 + np.arange(len(first)) - begin
        wedge = b[first] * n + b[second]
        found = np.searchsorted(code, wedge)
        is_closed = code[np.minimum(found, len(code) - 1)] == wedge
        for corner in (a[first], b[first], b[second]):
            count += np.bincount(corner[is_closed], minlength=n)
        start = stop
    return count[rank]
