"""One number in two arms that had the same luck: what differs, and how well that is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.interval import Bracket, bracket_of, mean_of, sd_of
from viralbots.experiments.summary import student_t, wilson
from viralbots.metrics import metric_of

FloatArray = NDArray[np.float64]
Verdict = Literal[
    "undefined", "one_pair", "identical", "constant", "small", "more", "less", "open"
]  # fmt: skip

MOST_PAIRS = 100_000  # beyond this many more the answer is only that it takes more


@dataclass(frozen=True, eq=False)
class Difference:
    """Treatment minus baseline in one metric, pair by pair.

    Attributes
    ----------
    name, name_in_treatment : str
        The metric, as the baseline and as the treatment call it (``reach:counter``).
    values : float64[pairs]
        Treatment − baseline in order of replicates; nan where it is undefined in either.
    n : int
        Pairs in which it is defined; everything below is about these.
    n_more, n_less : int
        Pairs in which the treatment has more, and less; the rest are equal.
    baseline, treatment : float
        Means; nan without pairs.
    mean, sd : float
        Of the differences; nan below 1 and 2 pairs.
    bracket : Bracket
        95 % interval of the mean difference (`viralbots.experiments.interval`). It stands for
        this one number and is not corrected for looking at many.
    ahead, ahead_low, ahead_high : float
        Probability that the treatment is better in a run with equal luck (has more, where the
        metric is neutral): share of pairs, ties counting half, and its 95 % interval
        (Wilson); nan without pairs.
    smallest : float
        Mean difference that this many pairs show with probability .8: (t.975 + t.80) sd / √n;
        nan where no spread was seen.
    more_pairs : float
        Further pairs until the bracket leaves 0 or lies within ± ``relevant``, if the mean
        stays what it is. 0 where that is so already or no spread was seen, inf beyond
        `MOST_PAIRS`, nan below two pairs. That the mean stays is an assumption: with so many
        pairs about two of three are decided (.61–.79 measured from 20 pairs on).
    correlation : float
        Of the two arms over the pairs; nan where one of them does not vary.
    saved : float
        (variance of one + variance of the other) / variance of the differences: how many
        times more runs independent seeds would need. nan where nothing varies, inf where only
        the differences do not.
    relevant : float
        Smallest difference that would matter; nan if not given.
    """

    name: str
    name_in_treatment: str
    values: FloatArray
    n: int
    n_more: int
    n_less: int
    baseline: float
    treatment: float
    mean: float
    sd: float
    bracket: Bracket
    ahead: float
    ahead_low: float
    ahead_high: float
    smallest: float
    more_pairs: float
    correlation: float
    saved: float
    relevant: float = math.nan

    @property
    def verdict(self) -> Verdict:
        """What may be said of it.

        *identical* and *constant*: all pairs differ by 0, or by the same amount. *small*: the
        bracket lies within ± ``relevant``. *more*, *less*: it leaves 0. *open*: it does not.
        """
        if not self.n:
            return "undefined"
        if not self.n_more + self.n_less:
            return "identical"
        if self.n == 1:
            return "one_pair"
        if self.sd == 0:
            return "constant"
        if max(-self.bracket.low, self.bracket.high) < self.relevant:
            return "small"
        if self.bracket.low > 0:
            return "more"
        return "less" if self.bracket.high < 0 else "open"

    @property
    def unseen(self) -> float:
        """Share of pairs that may be unlike all that were seen (95 %), about 3 / n.

        What has not happened in n pairs has a probability below 1 − .05^(1/n).
        """
        return 1 - 0.05 ** (1 / self.n) if self.n else math.nan


def difference_of(
    name: str,
    baseline: FloatArray,
    treatment: FloatArray,
    *,
    name_in_treatment: str = "",
    relevant: float = math.nan,
) -> Difference:
    """Compare one metric over pairs of runs.

    Parameters
    ----------
    name : str
        The metric (`viralbots.metrics.metric_of`); says what is better and what is a share.
    baseline, treatment : float64[pairs]
        The runs in the same order; nan where the metric is undefined.
    name_in_treatment : str, optional
        Where the treatment calls it otherwise.
    relevant : float, optional
        Smallest difference that would matter.
    """
    values = treatment - baseline
    is_defined = ~np.isnan(values)
    a, b = baseline[is_defined], treatment[is_defined]
    found, n, metric = values[is_defined], int(is_defined.sum()), metric_of(name)
    n_more, n_less = int((found > 0).sum()), int((found < 0).sum())
    bracket = bracket_of(found, is_yes_or_no=metric.unit == "yes or no")
    mean, sd = mean_of(found), 0.0 if n > 1 and np.ptp(found) == 0 else sd_of(found)
    n_better = n_less if metric.direction == "bad" else n_more
    score = n_better + (n - n_more - n_less) / 2
    low, high = wilson(score, n) if n else (math.nan, math.nan)
    covariance = _covariance(a, b)
    spread_a, spread_b = sd_of(a), sd_of(b)
    return Difference(
        name, name_in_treatment or name, values, n, n_more, n_less, mean_of(a), mean_of(b),
        mean, sd, bracket, score / n if n else math.nan, low, high, _smallest(sd, n),
        _more_pairs(mean, sd, bracket, n, relevant), _ratio(covariance, spread_a * spread_b),
        _ratio(spread_a**2 + spread_b**2, sd**2), relevant,
    )  # fmt: skip


def _covariance(a: FloatArray, b: FloatArray) -> float:
    if len(a) < 2:
        return math.nan
    return math.fsum((a - mean_of(a)) * (b - mean_of(b))) / (len(a) - 1)


def _ratio(part: float, whole: float) -> float:
    """``part / whole``; inf where only the whole is 0, nan where both are."""
    if whole:
        return part / whole
    return math.inf if part else math.nan


def student_t80(df: int) -> float:
    """80 % quantile of Student's t, within 2 % (df 1), .1 % (2) and 2e-4 (from 3 on).

    >>> round(student_t80(19), 3)
    0.861
    """
    # Cornish–Fisher expansion (Abramowitz & Stegun 26.7.5) at the normal quantile .8416212.
    return 0.8416212 + 0.3594409 / df + 0.1476506 / df**2 + 0.0167459 / df**3 - 0.0115592 / df**4


def _smallest(sd: float, n: int) -> float:
    """Mean difference that n pairs show with probability .8; nan without spread."""
    if n < 2 or sd == 0:
        return math.nan
    return (student_t(n - 1) + student_t80(n - 1)) * sd / math.sqrt(n)


def _more_pairs(mean: float, sd: float, bracket: Bracket, n: int, relevant: float) -> float:
    """Further pairs that would decide (see `Difference`)."""
    if n < 2:
        return math.nan
    if sd == 0:
        return 0.0
    toward_0 = mean - bracket.low if mean > 0 else bracket.high - mean
    outward = bracket.high - mean if mean > 0 else mean - bracket.low
    by_t = bracket.method != "score"

    def is_enough(pairs: int) -> bool:
        factor = student_t(pairs - 1) / student_t(n - 1) if by_t else 1.0
        factor *= math.sqrt(n / pairs)
        return toward_0 * factor < abs(mean) or abs(mean) + outward * factor < relevant

    if is_enough(n):
        return 0.0
    low, high = n, n + MOST_PAIRS
    if not is_enough(high):
        return math.inf
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return float(high - n)
