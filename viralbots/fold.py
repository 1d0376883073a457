"""`viralbots.draws.fold` for compiled code.

In a file of its own, so that whoever only needs to know the seed of a run, such as the
store's readers, does not wait for the compiler to be imported.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64


@njit(uint64(uint64, uint64), cache=True, nogil=True, inline="always")
def fold_u64(state, word):
    """`viralbots.draws.fold`; both arguments must be uint64."""
    z = (state ^ (word * np.uint64(0xD1342543DE82EF95))) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
