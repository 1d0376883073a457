"""Searching names that are put together from tables, without putting them together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

Part = tuple[tuple[str, ...], IntArray]


def contains(first: Part, second: Part, gap: str, text: str) -> NDArray[np.bool_]:
    """Whether first + gap + second contains ``text``, from its parts alone, bool[k].

    A part is a table and the entry of each name in it, int64[k]; ``text`` is case-folded.
    It lies inside the first part, inside the second, or across the gap.
    """
    result = _look_up(first, lambda name: text in name)
    result |= _look_up(second, lambda name: text in name)
    for i in range(len(text) - len(gap) + 1):
        head, middle, tail = text[:i], text[i : i + len(gap)], text[i + len(gap) :]
        if middle == gap:
            result |= _look_up(first, partial(_ends, head)) & _look_up(
                second, partial(_starts, tail)
            )
    return result


def _starts(text: str, name: str) -> bool:
    return name.startswith(text)


def _ends(text: str, name: str) -> bool:
    return name.endswith(text)


def _look_up(part: Part, test: Callable[[str], bool]) -> NDArray[np.bool_]:
    """A test of names, done once per table entry."""
    table, index = part
    return np.array([test(name.casefold()) for name in table])[index]
