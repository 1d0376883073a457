"""The one compiled loop of the metrics: from adoptions to a forest."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def grow(user, source, n_users):
    """Fill a forest; a source's latest earlier adoption is the parent (arrays of
    `viralbots.metrics.cascade.Forest`)."""
    n = len(user)
    parent = np.full(n, -1, np.int64)
    generation = np.zeros(n, np.int64)
    root = np.arange(n)
    n_children = np.zeros(n, np.int64)
    subtree = np.ones(n, np.int64)
    row_of = np.full(n_users, -1, np.int64)
    for i in range(n):
        if source[i] >= 0 and row_of[source[i]] >= 0:
            p = row_of[source[i]]
            parent[i] = p
            generation[i] = generation[p] + 1
            root[i] = root[p]
            n_children[p] += 1
        row_of[user[i]] = i
    for i in range(n - 1, -1, -1):  # parents come before children
        if parent[i] >= 0:
            subtree[parent[i]] += subtree[i]
    return parent, generation, root, n_children, subtree
