"""Arms with common seeds: which runs are pairs, what differs, and how well that is known."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.experiments.small import small
from viralbots.errors import ExperimentError
from viralbots.experiments import Result, run_all
from viralbots.experiments.comparison import compare
from viralbots.experiments.comparison_table import as_data
from viralbots.experiments.difference import MOST_PAIRS, Difference, difference_of, student_t80

NAN = math.nan


def of(a: list[float], b: list[float], name: str = "reach", **options: Any) -> Difference:
    return difference_of(name, np.array(a, float), np.array(b, float), **options)


@pytest.fixture(scope="module")
def base() -> Result:
    return run_all(small(), seed=4, replicates=10)


@pytest.fixture(scope="module")
def calmer() -> Result:
    return run_all(small(**calm()), seed=4, replicates=10)


def calm(**changes: Any) -> dict[str, Any]:
    """The small case with a less arousing rumour."""
    messages = {
        "rumour": {"brand": "Acme", "arousal": 0.5, "is_false": True, "channels": {"im": 1.0}},
        "truth": {"kind": "counter", "about": "rumour", "channels": {"forum": 1.0}},
    }
    return {"messages": messages, **changes}


def only(results: list[Result], **options: Any) -> dict[str, Difference]:
    return compare(results, **options).treatments[0].differences


def codes(results: list[Result]) -> list[str]:
    return [note.code for note in compare(results).treatments[0].notes]


def test_a_difference_worked_out_by_hand() -> None:
    found = of([10, 20, 30, 40], [13, 21, 35, 43])
    assert found.values.tolist() == [3, 1, 5, 3]
    assert (found.baseline, found.treatment, found.mean) == (25, 28, 3)
    assert (found.n, found.n_more, found.n_less) == (4, 4, 0)
    assert found.sd == pytest.approx(math.sqrt(8 / 3))
    low, high = stats.t.interval(0.95, 3, 3, found.sd / 2)
    assert (found.bracket.low, found.bracket.high) == pytest.approx((low, high), abs=1e-6)
    t = stats.t(3)
    assert found.smallest == pytest.approx((t.ppf(0.975) + t.ppf(0.8)) * found.sd / 2, rel=1e-4)
    assert found.verdict == "more" and found.more_pairs == 0


def test_common_luck_is_worth_what_the_variances_say() -> None:
    rng = np.random.default_rng(2)
    luck = rng.normal(0, 3, 200)
    a, b = luck + rng.normal(0, 1, 200), luck + rng.normal(1, 1, 200)
    found = of(a.tolist(), b.tolist())
    assert found.correlation == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert found.saved == pytest.approx((a.var() + b.var()) / (b - a).var())
    assert found.saved > 5


def test_the_80_percent_quantile_is_that_of_scipy() -> None:
    assert student_t80(1) == pytest.approx(stats.t.ppf(0.8, 1), rel=0.02)
    assert student_t80(2) == pytest.approx(stats.t.ppf(0.8, 2), rel=1.1e-3)
    for df in (*range(3, 40), 200, 1023):
        assert student_t80(df) == pytest.approx(stats.t.ppf(0.8, df), abs=2e-4)


def test_ahead_counts_pairs_and_halves_ties() -> None:
    found = of([1, 1, 1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 1, 1, 0])
    assert found.ahead == 6 / 8
    expected = stats.binomtest(6, 8).proportion_ci(0.95, method="wilson")
    assert (found.ahead_low, found.ahead_high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("name", "ahead"), [("reach", 1), ("complaints", 0), ("depth", 1)])
def test_ahead_means_better_and_for_harm_that_is_less(name: str, ahead: float) -> None:
    assert of([1, 2, 3], [2, 4, 5], name).ahead == ahead


def test_swapping_the_arms_turns_everything_round() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.exponential(5, 25), rng.exponential(9, 25)
    there, back = of(a.tolist(), b.tolist()), of(b.tolist(), a.tolist())
    assert (back.mean, back.bracket.low, back.bracket.high) == (
        -there.mean, -there.bracket.high, -there.bracket.low)  # fmt: skip
    assert back.ahead == pytest.approx(1 - there.ahead)
    for name in ("sd", "smallest", "more_pairs", "correlation", "saved"):
        assert getattr(back, name) == getattr(there, name)


def test_a_constant_for_both_arms_changes_nothing() -> None:
    a, b = [4.0, 8.0, 1.0, 9.0, 2.0], [5.0, 6.0, 4.0, 9.0, 7.0]
    here, shifted = of(a, b), of([v + 64 for v in a], [v + 64 for v in b])
    assert shifted.bracket == here.bracket and shifted.saved == pytest.approx(here.saved)


def test_undefined_runs_take_their_pair_with_them() -> None:
    found = of([1, NAN, 3, 4], [2, 5, NAN, 7], "structural_virality")
    assert found.n == 2 and found.mean == 2
    assert np.isnan(found.values).tolist() == [False, True, True, False]
    assert (found.baseline, found.treatment) == (2.5, 4.5)
    nothing = of([NAN, 1], [1, NAN])
    assert nothing.verdict == "undefined" and math.isnan(nothing.ahead)


def test_what_never_differed_is_identical_and_not_certain() -> None:
    found = of([5] * 20, [5] * 20)
    assert found.verdict == "identical" and found.more_pairs == 0
    assert math.isnan(found.bracket.low) and math.isnan(found.smallest)
    assert found.unseen == pytest.approx(0.139, abs=1e-3)  # "3 / n"
    assert stats.binom.pmf(0, 20, found.unseen) == pytest.approx(0.05)
    assert of([1, 2, 3], [3, 4, 5]).verdict == "constant"
    assert of([0, 0, 0], [0.1, 0.1, 0.1]).verdict == "constant"  # 3 × .1 / 3 is not .1
    assert of([5], [7]).verdict == "one_pair"


def test_shares_of_runs_have_the_interval_of_paired_shares() -> None:
    found = of([0] * 9 + [1], [1] * 5 + [0] * 4 + [1], "take_off")
    assert found.bracket.method == "score" and found.mean == 0.5
    assert found.verdict == "more"


def test_as_many_more_pairs_as_are_said_do_decide() -> None:
    """If the same differences come again and again, the bracket leaves 0 when it should."""
    pattern = [3.0, -2.0, 1.5, -1.0, 2.0, -2.5, 0.5, 1.0]
    found = of([0.0] * 8, pattern)
    assert found.verdict == "open" and 20 < found.more_pairs < 1000
    n, sd = found.n + int(found.more_pairs), found.sd
    needed = stats.t.ppf(0.975, n - 1) * sd / math.sqrt(n)
    almost = stats.t.ppf(0.975, n - 2) * sd / math.sqrt(n - 1)
    assert needed < found.mean <= almost
    copies = math.ceil(n / 8 * 1.1)
    assert of([0.0] * 8 * copies, pattern * copies).verdict == "more"


def test_for_more_pairs_the_end_next_to_0_counts() -> None:
    found = of([0.0] * 12, [-1.0, -2.0, -1.5, 0.5, -0.5, 1.0, -1.0, 0.0, -3.0, 2.0, 9.0, 1.5])
    assert found.bracket.method == "hall" and found.mean > 0
    n = found.n + int(found.more_pairs)

    def width(pairs: int) -> float:
        shrunk = math.sqrt(12 / pairs) * stats.t.ppf(0.975, pairs - 1) / stats.t.ppf(0.975, 11)
        return float((found.mean - found.bracket.low) * shrunk)

    assert width(n) < found.mean <= width(n - 1)


def test_a_difference_far_below_its_noise_takes_more_than_can_be_run() -> None:
    found = of([0.0] * 8, [100.0, -100.0] * 3 + [90.0, -89.9])
    assert math.isinf(found.more_pairs)
    assert of([0.0] * 4, [1.0, -1.0, 2.0, -2.0]).more_pairs == math.inf
    assert MOST_PAIRS == 100_000


def test_a_difference_can_be_too_small_to_matter() -> None:
    differences = [1.0, -1.0, 0.5, -0.4, 0.2, 0.1, -0.3, 0.6]
    assert of([0.0] * 8, differences).verdict == "open"
    small_one = of([0.0] * 8, differences, relevant=2.0)
    assert small_one.verdict == "small" and small_one.more_pairs == 0
    nearly = of([0.0] * 8, differences, relevant=0.5)
    assert nearly.verdict == "open" and 0 < nearly.more_pairs < 100


def test_pairs_are_runs_of_equal_number(base: Result, calmer: Result) -> None:
    found = compare([base, calmer])
    reach = found.treatments[0].differences["reach"]
    np.testing.assert_array_equal(reach.values, calmer.values["reach"] - base.values["reach"])
    assert found.treatments[0].replicates == tuple(range(10))
    assert reach.verdict == "less" and reach.saved > 1.2
    assert codes([base, calmer]) == []


def test_only_replicates_that_both_have_are_pairs(base: Result, calmer: Result) -> None:
    kept = [2, 5, 7, 9]
    partial = replace(
        calmer, replicates=tuple(kept), values={k: v[kept] for k, v in calmer.values.items()}
    )
    found = compare([base, partial]).treatments[0]
    assert found.replicates == (2, 5, 7, 9)
    whole = only([base, calmer])["size"].values
    np.testing.assert_array_equal(found.differences["size"].values, whole[kept])
    assert {note.code: note.values for note in found.notes} == {
        "left_out": {"n": 6, "pairs": 4}, "few_pairs": {"pairs": 4},
    }  # fmt: skip


def test_an_arm_compared_with_itself_is_identical_in_everything(base: Result) -> None:
    found = only([base, base])
    assert {d.verdict for d in found.values()} == {"identical", "undefined"}
    assert codes([base, base]) == ["same_scenario"]


def test_the_order_of_replicates_changes_nothing(base: Result, calmer: Result) -> None:
    order = [3, 9, 0, 1, 8, 2, 7, 4, 6, 5]
    mixed = [
        replace(result, replicates=tuple(order),
                values={name: column[order] for name, column in result.values.items()})
        for result in (base, calmer)
    ]  # fmt: skip
    for name, found in only(mixed).items():
        np.testing.assert_equal(vars(found), vars(only([base, calmer])[name]))


def test_each_of_several_arms_is_compared_with_the_first(base: Result, calmer: Result) -> None:
    found = compare([base, calmer, base])
    assert [t.letter for t in found.treatments] == ["B", "C"]
    assert found.treatments[1].differences["reach"].verdict == "identical"
    assert found.results == (base, calmer, base)
    assert len({found.digest, compare([base, calmer]).digest, compare([calmer, base]).digest}) == 3


def renamed(result: Result, *names: str) -> Result:
    """The same numbers as if the messages had been called otherwise."""
    messages = dict(zip(names, result.scenario.messages.values(), strict=True))
    values = {}
    for name, column in result.values.items():
        metric, _, message = name.partition(":")
        values[f"{metric}:{names[1]}" if message else metric] = column
    scenario = result.scenario.model_copy(update={"messages": messages, "seeding": []})
    return replace(result, scenario=scenario, values=values)


def test_first_messages_are_compared_whatever_they_are_called(base: Result) -> None:
    other = renamed(base, "greeting", "reply")
    found = compare([base, other]).treatments[0]
    assert found.messages == {"rumour": "greeting"} and not found.has_common_luck
    assert "reach" in found.differences and "reach:truth" not in found.differences
    notes = {note.code: note.values for note in found.notes}
    assert notes["renamed"] == {"first": "rumour", "other": "greeting"}
    assert notes["unmatched"] == {"names": ["truth", "reply"]}


def test_messages_of_one_name_are_compared_wherever_they_stand(base: Result) -> None:
    other = renamed(base, "truth", "rumour")
    found = compare([base, other]).treatments[0]
    assert found.messages == {"rumour": "rumour", "truth": "truth"}
    reach = found.differences["reach"]
    assert reach.name_in_treatment == "reach:rumour"
    expected = base.values["reach:truth"] - base.values["reach"]
    np.testing.assert_array_equal(reach.values, expected)


def test_a_message_is_compared_once(base: Result) -> None:
    other = compare([base, renamed(base, "truth", "reply")]).treatments[0]
    assert other.messages == {"truth": "truth"}
    assert "reach" not in other.differences and "reach:truth" in other.differences


def test_what_weakens_a_pair_is_told(base: Result) -> None:
    def told(**changes: Any) -> list[str]:
        return codes([base, run_all(small(**changes), seed=4, replicates=10)])

    assert told(network={"n_users": 500}) == ["sizes"]
    assert told(network={"n_users": 600, "seed": 7}) == ["networks"]
    assert told(horizon_days=2) == ["horizons"]
    early = {"message": "truth", "count": 3, "minute": 5}
    first = {"message": "rumour", "count": 20}
    assert told(seeding=[early, first]) == ["moved"]
    assert told(seeding=[first, early]) == []


def test_a_moved_wave_does_choose_other_users(base: Result) -> None:
    """What the note says is so: a wave added before re-rolls the seeds, one added after not."""
    first, extra = {"message": "rumour", "count": 20}, {"message": "rumour", "count": 1,
                                                       "minute": 4000}  # fmt: skip
    before, after = (
        run_all(small(seeding=waves), seed=4, replicates=10)
        for waves in ([extra, first], [first, extra])
    )
    assert only([base, after])["reach"].saved > 100
    assert only([base, before])["reach"].saved < 10


@pytest.mark.parametrize(("change", "message"), [
    ({"engine_version": "0"}, "re-run both"),
    ({"seed": 5}, "A was run with 4, B with 5"),
    ({"vary": "both"}, "run one of them again with the vary of the other"),
    ({"replicates": tuple(range(20, 30))}, "none in common"),
])  # fmt: skip
def test_runs_that_are_no_pairs_are_refused(
    base: Result, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ExperimentError, match=message):
        compare([base, replace(base, **change)])


def test_other_wrong_arguments_are_named_with_what_is_allowed(base: Result) -> None:
    with pytest.raises(ExperimentError, match="must be 2 to 6, got 1"):
        compare([base])
    with pytest.raises(ExperimentError, match="must be 2 to 6, got 7"):
        compare([base] * 7)
    with pytest.raises(ExperimentError, match="no metric 'reech'"):
        compare([base, base], relevant={"reech": 1})
    with pytest.raises(ExperimentError, match="reach must be greater than 0, got -1"):
        compare([base, base], relevant={"reach": -1})


def test_the_smallest_difference_that_matters_reaches_its_metric(
    base: Result, calmer: Result
) -> None:
    found = only([base, calmer], relevant={"reach": 1e6, "size:truth": 3})
    assert found["reach"].verdict == "small" and found["size:truth"].relevant == 3
    assert math.isnan(found["size"].relevant)


def test_worlds_may_vary_with_the_luck() -> None:
    arms = [run_all(small(**change), seed=4, replicates=3, vary="both") for change in ({}, calm())]
    assert only(arms)["reach"].n == 3 and codes(arms) == ["few_pairs"]


def test_the_data_are_valid_json_and_complete(base: Result, calmer: Result) -> None:
    found = compare([base, calmer])
    data = json.loads(json.dumps(as_data(found), allow_nan=False))
    assert data["digest"] == found.digest and data["seed"] == 4
    assert data["baseline"]["digest"] == base.digest
    treatment = data["treatments"][0]
    assert treatment["replicates"] == list(range(10))
    reach = treatment["differences"]["reach"]
    assert reach["mean"] == found.treatments[0].differences["reach"].mean
    assert len(reach["values"]) == 10 and reach["direction"] == "good"
    assert treatment["differences"]["fan_out:truth"]["mean"] is None
    assert data["notes"][0]["text"].startswith("Each bracket stands for itself")
