"""Where users live: communities and regions as ranges of user numbers (model §9)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots import draws
from viralbots.world.stages import STAGE_SIZES, stage_state

COMMUNITY_LOW, COMMUNITY_HIGH = 60, 2000  # density ∝ x^-2 between
REGION_USERS = 20_000


class Places(NamedTuple):
    """Communities and regions as ranges of user numbers.

    Attributes
    ----------
    community_start : int64[c + 1]
    region_start : int64[r + 1]
        First users; a region begins where a community does.
    community, region : int32[n]
    """

    community_start: NDArray[np.int64]
    region_start: NDArray[np.int64]
    community: NDArray[np.int32]
    region: NDArray[np.int32]


def _number_ranges(start: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))


def lay_out_places(n_users: int, seed: int) -> Places:
    """Communities of 60 … 2000 users with density ∝ x⁻², in regions of about 20 000.

    A rest below 60 users joins the last community, one below half a region the last
    region; a world of fewer than 60 users is one community.
    """
    counter = np.arange(n_users // COMMUNITY_LOW + 1)
    draw = draws.fold_array(int(stage_state(seed, STAGE_SIZES)), counter)
    u = (draw >> np.uint64(11)).astype(np.float64) / 2**53
    size = 1.0 / (1.0 / COMMUNITY_LOW - u * (1.0 / COMMUNITY_LOW - 1.0 / COMMUNITY_HIGH))
    start = np.concatenate([[0], np.cumsum(np.floor(size + 0.5).astype(np.int64))])
    start = start[start <= max(0, n_users - COMMUNITY_LOW)]
    bound = np.searchsorted(start, np.arange(0, n_users, REGION_USERS))
    region_start = np.unique(start[bound[bound < len(start)]])
    if len(region_start) > 1 and n_users - region_start[-1] < REGION_USERS // 2:
        region_start = region_start[:-1]
    start = np.append(start, n_users)
    region_start = np.append(region_start, n_users)
    return Places(start, region_start, _number_ranges(start), _number_ranges(region_start))
