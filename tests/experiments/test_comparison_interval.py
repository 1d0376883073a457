"""Brackets of paired differences against other people's formulas and exact sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize, stats

from viralbots.experiments.interval import (
    bracket_of,
    by_hall,
    by_student,
    paired_shares,
    skewness,
)

SKEWED = np.array([0.1, 0.3, 0.4, 0.4, 0.9, 1.2, 1.7, 2.2, 4.5, 9.0])
EVEN = np.array([-2.0, -1.2, -0.7, -0.1, 0.1, 0.3, 0.8, 1.1, 1.9])


def ends(values: np.ndarray, **options: bool) -> tuple[float, float]:
    bracket = bracket_of(values, **options)
    return bracket.low, bracket.high


def test_even_differences_have_the_interval_of_students_t() -> None:
    assert bracket_of(EVEN).method == "t"
    expected = stats.t.interval(0.95, len(EVEN) - 1, EVEN.mean(), stats.sem(EVEN))
    assert ends(EVEN) == pytest.approx(expected, abs=1e-6)


def test_skewed_is_what_goes_beyond_a_tenth_of_the_root_of_n() -> None:
    found = set()
    for last in np.linspace(1.5, 4, 300):
        values = np.array([*EVEN[:-1], last])
        expected = "hall" if abs(stats.skew(values)) > 0.1 * 3 else "t"
        assert bracket_of(values).method == expected
        found.add(expected)
    assert found == {"t", "hall"}


def test_the_end_on_the_long_tail_is_where_halls_transformation_says() -> None:
    """The end solves Hall's cubic, which is written here as in his paper."""
    n, error, skew = len(SKEWED), stats.sem(SKEWED), stats.skew(SKEWED)

    def transformed(mean: float) -> float:
        w = (SKEWED.mean() - mean) / error
        cubic = w + skew * w**2 / (3 * math.sqrt(n)) + skew**2 * w**3 / (27 * n)
        return cubic + skew / (6 * math.sqrt(n))

    t = stats.t.ppf(0.975, n - 1)
    low = optimize.brentq(lambda m: transformed(m) - t, -50, 50)
    high = optimize.brentq(lambda m: transformed(m) + t, -50, 50)
    assert by_hall(SKEWED) == pytest.approx((low, high), abs=1e-5)
    bracket = bracket_of(SKEWED)
    assert bracket.method == "hall"
    assert bracket.high == pytest.approx(high, abs=1e-5)
    assert bracket.low == by_student(SKEWED)[0] < low


def test_a_skewed_bracket_leans_the_way_of_the_bca_bootstrap() -> None:
    bca = stats.bootstrap((SKEWED,), np.mean, n_resamples=5000, method="BCa",
                          rng=np.random.default_rng(1)).confidence_interval  # fmt: skip
    t_high, high = by_student(SKEWED)[1], bracket_of(SKEWED).high
    assert t_high < bca.high < high
    assert skewness(SKEWED) == pytest.approx(stats.skew(SKEWED))


def test_a_share_of_pairs_has_the_score_interval_of_tango() -> None:
    """Against a likelihood maximised by trial, not by the closed form."""

    def score(more: int, less: int, n: int, delta: float) -> float:
        def loss(p: float) -> float:
            cells = ((more, p + delta), (less, p), (n - more - less, 1 - 2 * p - delta))
            return -sum(k * math.log(max(q, 1e-300)) for k, q in cells if k)

        p = optimize.minimize_scalar(loss, bounds=(max(0.0, -delta), (1 - delta) / 2),
                                     method="bounded", options={"xatol": 1e-12}).x  # fmt: skip
        return (more - less - n * delta) / math.sqrt(n * (2 * p + delta * (1 - delta)))

    for more, less, n in ((12, 2, 50), (5, 0, 30), (3, 8, 20)):
        low, high = paired_shares(more, less, n)
        assert score(more, less, n, low) == pytest.approx(1.959964, abs=1e-4)
        assert score(more, less, n, high) == pytest.approx(-1.959964, abs=1e-4)


def test_shares_of_pairs_are_covered_as_promised() -> None:
    """Exactly: every outcome of 30 pairs with its probability, no simulation."""
    n, covered = 30, []
    for p, q in ((0.2, 0.05), (0.3, 0.1), (0.4, 0.0), (0.5, 0.1), (0.05, 0.3), (0.15, 0.15)):
        total = 0.0
        for more in range(n + 1):
            for less in range(n + 1 - more):
                low, high = paired_shares(more, less, n)
                if low <= p - q <= high:
                    total += stats.multinomial.pmf((more, less, n - more - less), n,
                                                   (p, q, 1 - p - q))  # fmt: skip
        covered.append(total)
    print("coverage:", [round(float(share), 3) for share in covered])
    assert min(covered) > 0.92 and 0.94 < np.mean(covered) < 0.97


@pytest.mark.parametrize("values", [
    SKEWED, EVEN, np.array([0.0] * 17 + [1.0, 1.0, 5.0]),
    np.random.default_rng(4).lognormal(3, 3, 60),
])  # fmt: skip
def test_a_bracket_follows_swaps_shifts_scales_and_takes_no_notice_of_order(
    values: np.ndarray,
) -> None:
    low, high = ends(values)
    assert ends(-values) == (-high, -low)
    assert ends(values + 1000) == pytest.approx((low + 1000, high + 1000), rel=1e-12)
    assert ends(values * 8) == (8 * low, 8 * high)
    for order in range(20):
        shuffled = np.random.default_rng(order).permutation(values)
        assert ends(shuffled) == (low, high)


def test_a_share_turns_round_and_stays_between_its_bounds() -> None:
    low, high = paired_shares(7, 2, 20)
    assert paired_shares(2, 7, 20) == pytest.approx((-high, -low), abs=1e-12)
    assert paired_shares(20, 0, 20)[1] == 1 and paired_shares(0, 20, 20)[0] == -1
    low, high = paired_shares(0, 0, 30)
    assert low == -high and high == pytest.approx(1.96**2 / (30 + 1.96**2), abs=1e-4)


def test_what_never_varied_has_no_bracket() -> None:
    for values in ([], [3.0], [2.0, 2.0, 2.0], [0.0] * 30):
        bracket = bracket_of(np.array(values))
        assert bracket.method == "none" and math.isnan(bracket.low) and math.isnan(bracket.high)


def test_few_pairs_are_left_to_students_t_however_skewed() -> None:
    assert bracket_of(np.array([0.0] * 6 + [9.0])).method == "t"
    assert bracket_of(np.array([0.0] * 7 + [9.0])).method == "hall"
    assert bracket_of(np.array([0.0] * 7 + [1.0]), is_yes_or_no=True).method == "score"


def test_one_pair_in_thousands_that_differs_has_a_finite_bracket() -> None:
    low, high = ends(np.array([0.0] * 9999 + [1.0]))
    assert low < 0 < 1e-4 < high < 0.01
