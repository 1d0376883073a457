"""The 95 % bracket of a mean difference between pairs: which method, and its arithmetic.

The rule (`bracket_of`), in this order:

1. *Yes or no*: the score interval for paired shares (Tango 1998).
2. All pairs differ by the same amount, or there are fewer than two pairs: no bracket. Its
   width would be 0, which says nothing about what rarer luck might bring.
3. Skewed, with at least 8 pairs: Student's t, its end on the side of the long tail moved
   out to where Hall's transformation (1992) puts it.
4. Otherwise Student's t.

*Skewed* means a skewness beyond √n / 10. By the Edgeworth expansion each tail of Student's
t misses by about 2.5 % ± 8.5 % × skewness / √n: at the limit the end on the side of the long
tail misses a third more often than it should. Hall's transformation moves both ends that
way. Here only the one moves out: where two arms differ by luck alone their differences are
symmetric, whatever the skewness of a sample, and an end moved in would find differences that
do not exist (measured: up to 12 % of the brackets miss 0, with t at most 4 %).

Of the methods measured with 30 pairs in ten settings, this one comes nearest to 95 %. Student's
t alone misses too often wherever luck is skewed, and so does the BCa bootstrap, which needs
draws besides (`tests/statistical/test_comparison_coverage.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.summary import student_t

FloatArray = NDArray[np.float64]
Method = Literal["t", "hall", "score", "none"]

FEWEST_FOR_HALL = 8
SKEWED = 0.1  # skewness per √n
_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution


@dataclass(frozen=True)
class Bracket:
    """A 95 % interval and how it was computed.

    Attributes
    ----------
    low, high : float
        nan where the method is *none*.
    method : {"t", "hall", "score", "none"}
        Student's t, the same with one end by Hall's transformation, score interval of paired
        shares, or none.
    """

    low: float
    high: float
    method: Method


def bracket_of(differences: FloatArray, *, is_yes_or_no: bool = False) -> Bracket:
    """The bracket of the mean of differences between pairs.

    The order of the pairs changes nothing, swapping the arms turns the bracket round
    exactly, and adding a constant moves it.

    Parameters
    ----------
    differences : float64[n]
        All defined; −1, 0 or 1 for yes or no.
    is_yes_or_no : bool
        The mean is a difference of shares of runs.
    """
    n = len(differences)
    if n < 2:
        return Bracket(math.nan, math.nan, "none")
    if is_yes_or_no:
        more, less = int((differences > 0).sum()), int((differences < 0).sum())
        return Bracket(*paired_shares(more, less, n), "score")
    if differences.min() == differences.max():
        return Bracket(math.nan, math.nan, "none")
    low, high = by_student(differences)
    if n < FEWEST_FOR_HALL or abs(skewness(differences)) <= SKEWED * math.sqrt(n):
        return Bracket(low, high, "t")
    hall_low, hall_high = by_hall(differences)
    return Bracket(min(low, hall_low), max(high, hall_high), "hall")


def mean_of(values: FloatArray) -> float:
    """Mean, exactly rounded, so that the order of the runs cannot matter; nan of nothing."""
    return math.fsum(values) / len(values) if len(values) else math.nan


def sd_of(values: FloatArray) -> float:
    """Standard deviation (n − 1), whatever the order of the runs; nan below two."""
    if len(values) < 2:
        return math.nan
    return math.sqrt(math.fsum((values - mean_of(values)) ** 2) / (len(values) - 1))


def skewness(values: FloatArray) -> float:
    """Third standardised moment m₃ / m₂^1.5; 0 where all values are equal."""
    away = values - mean_of(values)
    spread = math.fsum(away**2) / len(values)
    return math.fsum(away**3) / len(values) / spread**1.5 if spread > 0 else 0.0


def by_student(values: FloatArray) -> tuple[float, float]:
    """95 % interval of a mean by Student's t; nan below two values.

    >>> low, high = by_student(np.array([1.0, 2.0, 3.0]))
    >>> round(low, 3), round(high, 3)
    (-0.484, 4.484)
    """
    if len(values) < 2:
        return math.nan, math.nan
    mean, n = mean_of(values), len(values)
    half = student_t(n - 1) * sd_of(values) / math.sqrt(n)
    return mean - half, mean + half


def by_hall(values: FloatArray) -> tuple[float, float]:
    """95 % interval of a mean by Student's t after Hall's cubic transformation.

    The studentised mean W of a skewed sample is itself skewed, the other way. With
    A = skewness / 6√n the transformed W + 2AW² + 4A²W³/3 + A is not, to the order of 1/n
    (Hall 1992, *On the removal of skewness by transformation*); it has an inverse in closed
    form. As in Willink (2005) the quantile is Student's.

    Parameters
    ----------
    values : float64[n]
        Skewed (a skewness of exactly 0 has no transformation), n ≥ 3.
    """
    mean, n = mean_of(values), len(values)
    error, bend = sd_of(values) / math.sqrt(n), skewness(values) / (6 * math.sqrt(n))

    def studentised(quantile: float) -> float:
        return float(np.cbrt(1 + 6 * bend * (quantile - bend)) - 1) / (2 * bend)

    t = student_t(n - 1)
    return mean - studentised(t) * error, mean - studentised(-t) * error


def paired_shares(more: int, less: int, n: int) -> tuple[float, float]:
    """95 % score interval of a difference between paired shares (Tango 1998).

    Unlike Student's t it stays between −1 and 1 and has a width where no pair differs. The
    pairs in which both say yes or both no count only by their number.

    Parameters
    ----------
    more, less : int
        Pairs that say yes only in the treatment, and only in the baseline.
    n : int
        Pairs.

    Examples
    --------
    >>> low, high = paired_shares(12, 2, 50)
    >>> round(low, 3), round(high, 3)
    (0.061, 0.345)
    """
    share = (more - less) / n
    return _score_end(more, less, n, share, -1.0), _score_end(more, less, n, share, 1.0)


def _score_end(more: int, less: int, n: int, inside: float, outside: float) -> float:
    """Where the score test of a difference stops rejecting, between two bounds."""
    for _ in range(60):  # halves to the last bit
        middle = (inside + outside) / 2
        if abs(_score(more, less, n, middle)) <= _Z:
            inside = middle
        else:
            outside = middle
    return inside


def _score(more: int, less: int, n: int, delta: float) -> float:
    """Tango's statistic: how far the shares are from a difference, in standard errors."""
    half_b = ((2 * n - more + less) * delta - more - less) / 2
    root = math.sqrt(max(0.0, half_b * half_b + 2 * n * less * delta * (1 - delta)))
    less_prob = (root - half_b) / (2 * n)
    variance = n * (2 * less_prob + delta * (1 - delta))
    gap = more - less - n * delta
    return gap / math.sqrt(variance) if variance > 1e-15 else math.copysign(math.inf, gap)
