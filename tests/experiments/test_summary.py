"""Bands of runs and brackets of means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from viralbots.experiments.summary import band, student_t, summarise, wilson


def test_student_quantiles_are_those_of_scipy() -> None:
    for df in (*range(1, 40), 99, 199, 1023):
        assert student_t(df) == pytest.approx(stats.t.ppf(0.975, df), abs=1e-6)


def test_a_bracket_is_the_interval_of_students_t() -> None:
    values = np.array([3.0, 5.0, 4.0, 9.0, 1.0, 2.5])
    summary = summarise(values)
    low, high = stats.t.interval(0.95, 5, values.mean(), stats.sem(values))
    assert (summary.low, summary.high) == pytest.approx((low, high), abs=1e-6)
    assert summary.sd == pytest.approx(values.std(ddof=1))
    assert (summary.p5, summary.p50, summary.p95) == pytest.approx((1.375, 3.5, 8.0))


def test_a_bracket_covers_the_mean_in_95_of_100_experiments() -> None:
    rng, n = np.random.default_rng(3), 4000
    covered = sum(s.low <= 2 <= s.high for s in map(summarise, rng.normal(2, 5, (n, 8))))
    z = (covered / n - 0.95) / math.sqrt(0.95 * 0.05 / n)
    print(f"z = {z:.2f}")
    assert abs(z) < 4


def test_a_share_of_runs_has_a_bracket_inside_zero_and_one() -> None:
    summary = summarise([1.0] * 19 + [0.0], is_yes_or_no=True)
    expected = stats.binomtest(19, 20).proportion_ci(0.95, method="wilson")
    assert (summary.low, summary.high) == pytest.approx((expected.low, expected.high))
    assert wilson(0, 8)[0] == 0 and wilson(8, 8)[1] == 1


def test_one_run_has_no_spread_and_no_bracket() -> None:
    summary = summarise([7.0])
    assert (summary.mean, summary.p50, summary.n) == (7, 7, 1)
    assert all(math.isnan(value) for value in (summary.sd, summary.low, summary.high))


def test_undefined_runs_are_left_out_and_counted_out() -> None:
    nan = math.nan
    assert summarise([nan, 1.0, 3.0, nan]).n == 2
    nothing = summarise([nan, nan])
    assert nothing.n == 0 and math.isnan(nothing.mean) and math.isnan(nothing.p50)


def test_a_band_is_taken_hour_by_hour() -> None:
    curve = np.array([[0, 10], [0, 20], [0, 30]])
    p5, median, p95 = band(curve)
    assert median.tolist() == [0, 20]
    assert (p5[1], p95[1]) == pytest.approx((11, 29))
