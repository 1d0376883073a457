"""From the runs of a claim's arms to one interval (`viralbots.scenario.claims`).

The interval is about the amount by which the claim is true, so that it holds above 0: of *more*
A − (factor × B + by), of *less* (factor × B − by) − A, and so on; of *nearly_equal* simply
A − factor × B.
"""

from __future__ import annotations

import math

import numpy as np

from viralbots.errors import Problem, ScenarioError
from viralbots.experiments.claim_interval import (
    Interval,
    of_mean,
    of_median,
    of_ratios,
    of_share,
    of_two_means,
    of_two_medians,
)
from viralbots.experiments.claim_samples import OF_TREES, FloatArray, Sample
from viralbots.experiments.interval import mean_of
from viralbots.scenario.claims import Arm, Check, parts_of
from viralbots.scenario.file import shown, suggest, suggestion

__all__ = ["Sample", "figure_of"]


def figure_of(
    check: Check, arm: Sample, other: Sample | None, base: Sample | None, error: float
) -> tuple[float, float, Interval]:
    """Both numbers of a comparison, and the interval of the amount by which it is true."""
    if check.trees is not None:
        return _of_trees(check, arm, other, error)
    if check.of == "pooled":
        return _of_pooled(check, arm, other, error)
    a = _column(check, check.arm, arm)
    b = _other(check, other, len(a))
    if base is not None:
        taken = _column(check, check.baseline or Arm(), base)
        a, b = a - taken, b - taken
    if check.of == "share_of_runs":
        return _of_share(check, a, b, error)
    is_pair = other is None or (not check.given or other is arm)
    if check.given:
        a = _given(check, a, arm)
        b = b[: len(a)] if other is None else _given(check, b, other)
    if check.of == "median":
        return _of_median(check, a, b, other is None, error)
    if is_pair:
        return _of_pairs(check, a, b, error)
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    plain = of_two_means(a, b, check.factor, error)
    return mean_of(a), mean_of(b), _turned(check, plain)


def _column(check: Check, arm: Arm, sample: Sample) -> FloatArray:
    """The number of a comparison in every run of an arm; nan where it is undefined."""
    return _number(arm.metric or check.metric, sample)


def _number(quantity: str, sample: Sample) -> FloatArray:
    first, sign, second = parts_of(quantity)
    values = _values(first, sample)
    if sign == "-":
        return values - _values(second, sample)
    if sign == "/":
        below = _values(second, sample)
        return np.divide(values, below, out=np.full(len(values), np.nan), where=below != 0)
    return values


def _values(metric: str, sample: Sample) -> FloatArray:
    name, _, message = metric.partition(":")
    if message == sample.messages[0]:
        metric = name
    if metric in sample.values:
        return sample.values[metric]
    known = list(sample.values)
    text = f"no metric is called {shown(metric)}{suggest(metric, known)}"
    values = {"given": shown(metric), **suggestion(metric, known)}
    raise ScenarioError("claims", [Problem("metric", "no_such_metric", text, values)])


def _other(check: Check, other: Sample | None, n: int) -> FloatArray:
    if other is None:
        return np.full(n, float(check.value or 0.0))
    return _column(check, check.against or Arm(), other)


def _given(check: Check, values: FloatArray, sample: Sample) -> FloatArray:
    """Only runs in which the condition is 1."""
    return values[_number(str(check.given), sample) == 1]


def _turned(check: Check, plain: Interval) -> Interval:
    """From the interval of A − factor × B to that of the amount by which the claim is true."""
    low, high, estimate = plain.low, plain.high, plain.estimate
    if check.relation in ("less", "at_most"):
        low, high, estimate = -high, -low, -estimate
    shift = {"more": -check.by, "less": -check.by, "at_least": check.by, "at_most": check.by}
    moved = shift.get(check.relation, 0.0)
    return Interval(estimate + moved, low + moved, high + moved, plain.n)


def _of_pairs(
    check: Check, a: FloatArray, b: FloatArray, error: float
) -> tuple[float, float, Interval]:
    """Runs of equal seed are pairs; a value stands beside every run."""
    is_defined = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[is_defined], b[is_defined]
    if not len(a):
        return math.nan, math.nan, Interval(math.nan, math.nan, math.nan, 0)
    return mean_of(a), mean_of(b), _turned(check, of_mean(a - check.factor * b, error))


def _of_median(
    check: Check, a: FloatArray, b: FloatArray, is_value: bool, error: float
) -> tuple[float, float, Interval]:
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    if is_value:
        plain = of_median(a - check.factor * float(check.value or 0.0), error)
        middle = float(np.median(a)) if len(a) else math.nan
        return middle, float(check.value or 0.0), _turned(check, plain)
    plain = of_two_medians(a, b, check.factor, error)
    pair = [float(np.median(side)) if len(side) else math.nan for side in (a, b)]
    return pair[0], pair[1], _turned(check, plain)


def _of_share(
    check: Check, a: FloatArray, b: FloatArray, error: float
) -> tuple[float, float, Interval]:
    """In how many runs it holds, less the share claimed."""
    is_defined = ~np.isnan(a) & ~np.isnan(b)
    d = a[is_defined] - check.factor * b[is_defined]
    hits = {
        "more": d > check.by, "less": -d > check.by, "at_least": d >= -check.by,
        "at_most": -d >= -check.by, "nearly_equal": np.abs(d) < check.by,
    }[check.relation]  # fmt: skip
    share = of_share(int(hits.sum()), len(d), error)
    needed = float(check.share or 0.0)
    return share.estimate, needed, Interval(
        share.estimate - needed, share.low - needed, share.high - needed, share.n
    )  # fmt: skip


def _of_pooled(
    check: Check, arm: Sample, other: Sample | None, error: float
) -> tuple[float, float, Interval]:
    """Sum by sum over all runs (“A / B”)."""
    tops, bottoms, weights = [], [], []
    sides = [(check.arm, arm, 1.0)]
    if other is not None:
        sides.append((check.against or Arm(), other, -check.factor))
    for side, sample, weight in sides:
        first, sign, second = parts_of(side.metric or check.metric)
        top = _values(first, sample)
        tops.append(np.nan_to_num(top))
        bottoms.append(
            np.nan_to_num(_values(second, sample)) if sign == "/" else np.ones(len(top))
        )
        weights.append(weight)
    return _ratios(check, tops, bottoms, weights, error)


def _of_trees(
    check: Check, arm: Sample, other: Sample | None, error: float
) -> tuple[float, float, Interval]:
    """Mean over all cascades of the size asked for, all runs together."""
    tops, bottoms, weights = [], [], []
    sides = [(check.arm, arm, 1.0)]
    if other is not None:
        sides.append((check.against or Arm(), other, -check.factor))
    for side, sample, weight in sides:
        name = side.metric or check.metric
        if name not in OF_TREES:
            text = f"a single cascade has no {shown(name)}; it has {', '.join(OF_TREES)}"
            values: dict[str, object] = {"given": shown(name), "known": ", ".join(OF_TREES)}
            raise ScenarioError("claims", [Problem("metric", "not_of_trees", text, values)])
        top, bottom = sample.trees[name]
        tops.append(top)
        bottoms.append(bottom)
        weights.append(weight)
    return _ratios(check, tops, bottoms, weights, error)


def _ratios(
    check: Check,
    tops: list[FloatArray],
    bottoms: list[FloatArray],
    weights: list[float],
    error: float,
) -> tuple[float, float, Interval]:
    plain = of_ratios(tops, bottoms, weights, error)
    numbers = [
        math.fsum(t) / math.fsum(b) if math.fsum(b) else math.nan
        for t, b in zip(tops, bottoms, strict=True)
    ]
    if len(numbers) == 1:
        value = float(check.value or 0.0)
        moved = check.factor * value
        plain = Interval(plain.estimate - moved, plain.low - moved, plain.high - moved, plain.n)
        numbers.append(value)
    return numbers[0], numbers[1], _turned(check, plain)
