"""Where the draws of network builders are addressed (model §2, *Exactness*).

Every draw is addressed by (seed, NETWORK + stage, counter or user, attempt).
"""

from __future__ import annotations

import numpy as np

from viralbots import draws

# Stages of NETWORK: part of every result, never renumber, only append.
(STAGE_EDGES, STAGE_REWIRE, STAGE_ATTACH, STAGE_STUBS, STAGE_DEGREES) = range(5)
(STAGE_SIZES, STAGE_CLIQUES_A, STAGE_CLIQUES_B, STAGE_TASTE) = range(8, 12)
(STAGE_MID, STAGE_WEAK, STAGE_PROPENSITY, STAGE_ROUND) = range(12, 16)
(STAGE_FOLLOWED, STAGE_PULL, STAGE_FOLLOW) = range(16, 19)


def stage_state(seed: int, stage: int) -> np.uint64:
    """State from which a stage folds its counters."""
    return np.uint64(draws.fold(seed & (2**64 - 1), draws.NETWORK + stage))
