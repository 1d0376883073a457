"""Which seeds were paid writers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viralbots.trace import MARK_PAID, SEED


def paid_seeds(rows: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which adoptions are those of paid writers who begin, bool[len(rows)].

    To be paid is a lasting mark of a user (docs/exactness.md, *Small print*): of two waves that
    fall on her, the one that pays her counts for whatever she begins from then on.

    Parameters
    ----------
    rows : ADOPTION[k]
    """
    paid: NDArray[np.bool_] = (rows["kind"] == SEED) & (rows["mark"] & MARK_PAID > 0)
    return paid
