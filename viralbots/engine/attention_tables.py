"""Quality, appeal and recency of posts as exact tables (docs/attention_feed.md, *Tables*)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viralbots import exact
from viralbots.engine.attention_kernel import OLDEST
from viralbots.rules.attention_feed import AttentionFeed

N = 1 << 16
BITS = 20
Tables = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def tables_of(rule: AttentionFeed) -> Tables:
    """Quality, appeal (int64[65536]) and recency (int64[1001]) in units of 2**-20."""
    return _tables(rule.quality_slope, rule.appeal_exponent)


@lru_cache(maxsize=8)
def _tables(slope: float, exponent: float) -> Tables:
    u = (np.arange(N) + 0.5) / N
    quality = u
    if slope:
        quality = exact.log(1.0 + u * (exact.exp(slope) - 1.0)) / slope
    appeal = 1.0 - exact.exp(exact.log(1.0 - u) / (1.0 + exponent))
    age = np.maximum(np.arange(OLDEST + 1), 1).astype(np.float64)
    power = exact.exp(0.4 * exact.log(age))
    power[0] = 0.0
    found = quality, appeal, exact.exp(-0.4 * power)
    fixed = [exact.to_fixed(table, BITS) for table in found]
    for table in fixed:
        table.setflags(write=False)
    return fixed[0], fixed[1], fixed[2]
