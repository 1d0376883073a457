"""Intervals for claims: narrow errors, paired or not, of means, ratios, medians and shares.

Unlike a bracket (95 %, `viralbots.experiments.interval`) these have the level that a file's
claims leave each look (`viralbots.experiments.claims`): with an error of .01 for the whole file
that is 99.9 % and more. Student's t at such levels is the Cornish–Fisher expansion, which needs
some degrees of freedom; with fewer than `FEWEST` values nothing is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.interval import mean_of, sd_of, skewness

FloatArray = NDArray[np.float64]
FEWEST = 12


@dataclass(frozen=True)
class Interval:
    """An estimate and where it lies; nan where nothing can be said."""

    estimate: float
    low: float
    high: float
    n: int


NOTHING = Interval(math.nan, math.nan, math.nan, 0)


def student(df: float, error: float) -> float:
    """Quantile 1 − error/2 of Student's t (Abramowitz & Stegun 26.7.5), df ≥ 11.

    >>> round(student(63, 0.05), 4), round(student(63, 0.001), 3)
    (1.9983, 3.452)
    """
    z = NormalDist().inv_cdf(1 - error / 2)
    z2 = z * z
    g1 = (z2 + 1) / 4
    g2 = ((5 * z2 + 16) * z2 + 3) / 96
    g3 = (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384
    g4 = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160
    return z * (1 + g1 / df + g2 / df**2 + g3 / df**3 + g4 / df**4)


def of_mean(values: FloatArray, error: float) -> Interval:
    """Mean of independent values by Student's t, the end beside a long tail moved out.

    Where the values are skewed the end on the side of the long tail is where Hall's
    transformation puts it, if that is further out (as in `viralbots.experiments.interval`).
    Values that are all equal give an interval of no width: see `claims`.
    """
    n, mean = len(values), mean_of(values)
    if n < FEWEST:
        return Interval(mean, math.nan, math.nan, n)
    if values.min() == values.max():
        return Interval(mean, mean, mean, n)
    quantile = student(n - 1, error)
    spread = sd_of(values) / math.sqrt(n)
    low, high = mean - quantile * spread, mean + quantile * spread
    bend = skewness(values) / (6 * math.sqrt(n))
    if abs(bend) > 1e-9:
        low = min(low, mean - _straight(quantile, bend) * spread)
        high = max(high, mean - _straight(-quantile, bend) * spread)
    return Interval(mean, low, high, n)


def _straight(quantile: float, bend: float) -> float:
    """The studentised mean that Hall's transformation takes to a quantile."""
    return float(np.cbrt(1 + 6 * bend * (quantile - bend)) - 1) / (2 * bend)


def of_two_means(a: FloatArray, b: FloatArray, factor: float, error: float) -> Interval:
    """Mean of a − factor × mean of b, of values that are no pairs (Welch)."""
    n, m = len(a), len(b)
    estimate = mean_of(a) - factor * mean_of(b)
    if min(n, m) < FEWEST:
        return Interval(estimate, math.nan, math.nan, min(n, m))
    first, second = sd_of(a) ** 2 / n, factor**2 * sd_of(b) ** 2 / m
    if first + second == 0:
        return Interval(estimate, estimate, estimate, min(n, m))
    df = (first + second) ** 2 / (first**2 / (n - 1) + second**2 / (m - 1))
    half = student(max(df, FEWEST - 1.0), error) * math.sqrt(first + second)
    return Interval(estimate, estimate - half, estimate + half, min(n, m))


def of_ratios(
    tops: list[FloatArray], bottoms: list[FloatArray], weights: list[float], error: float
) -> Interval:
    """Σ weight × (sum of one column / sum of another) over pairs of columns, by the jackknife.

    Parameters
    ----------
    tops, bottoms : list of float64[runs]
        Run r stands in the same place of all of them; leaving it out leaves it out of all.
    weights : list of float
    """
    n = len(tops[0])
    totals = [(math.fsum(t), math.fsum(b)) for t, b in zip(tops, bottoms, strict=True)]
    if any(bottom == 0 for _, bottom in totals):
        return Interval(math.nan, math.nan, math.nan, n)
    whole = math.fsum(w * t / b for w, (t, b) in zip(weights, totals, strict=True))
    without = np.zeros(n)
    for weight, (t, b), top, bottom in zip(weights, totals, tops, bottoms, strict=True):
        left = b - bottom
        without += weight * np.divide(t - top, left, out=np.full(n, np.nan), where=left != 0)
    pseudo = n * whole - (n - 1) * without
    found = of_mean(pseudo[~np.isnan(pseudo)], error)
    return Interval(whole, found.low, found.high, n)


def of_median(values: FloatArray, error: float) -> Interval:
    """Median of independent values by order statistics, exact for whatever distribution."""
    n = len(values)
    middle = float(np.median(values)) if n else math.nan
    if n < FEWEST:
        return Interval(middle, math.nan, math.nan, n)
    ordered, below = np.sort(values), 0.0
    rank = 0  # the largest with P(Binomial(n, ½) < rank) ≤ error / 2
    while rank < n // 2:
        below += math.comb(n, rank) / 2**n
        if below > error / 2:
            break
        rank += 1
    if rank == 0:
        return Interval(middle, math.nan, math.nan, n)
    return Interval(middle, float(ordered[rank - 1]), float(ordered[n - rank]), n)


def of_two_medians(a: FloatArray, b: FloatArray, factor: float, error: float) -> Interval:
    """Median of a − factor × median of b; each has half of the error."""
    one, two = of_median(a, error / 2), of_median(b, error / 2)
    ends = (factor * two.low, factor * two.high)
    return Interval(one.estimate - factor * two.estimate, one.low - max(ends),
                    one.high - min(ends), min(one.n, two.n))  # fmt: skip


def of_share(hits: int, n: int, error: float) -> Interval:
    """A share of runs (Wilson 1927)."""
    if n < FEWEST:
        return Interval(hits / n if n else math.nan, math.nan, math.nan, n)
    z = NormalDist().inv_cdf(1 - error / 2)
    middle = (hits + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(hits * (n - hits) / n + z * z / 4)
    return Interval(hits / n, max(0.0, middle - half), min(1.0, middle + half), n)
