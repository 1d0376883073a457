"""Claims are decided on replicates, with an error that is bounded for the whole file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from viralbots.errors import ScenarioError
from viralbots.experiments.claim_figures import Sample, figure_of
from viralbots.experiments.claim_interval import (
    of_mean,
    of_median,
    of_ratios,
    of_share,
    of_two_means,
    student,
)
from viralbots.experiments.claim_samples import Means
from viralbots.experiments.claim_words import as_data, check_words, verdict_words
from viralbots.experiments.claims import ERROR, LOOKS, Court, decide, verdict_of
from viralbots.run import Run
from viralbots.scenario import Scenario, from_dict
from viralbots.scenario.claims import Check

N = 64


def check(**fields: Any) -> Check:
    return Check.model_validate({"metric": "reach", "is": "more", "value": 0.0, **fields})


def sample(**columns: Any) -> Sample:
    values = {name: np.asarray(column, float) for name, column in columns.items()}
    return Sample(values, ("prize",), {})


def decided(wanted: Check, a: Sample, b: Sample | None = None, base: Sample | None = None) -> str:
    return verdict_of(wanted, figure_of(wanted, a, b, base, 0.001)[2])


def noise(seed: int, n: int = N) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


@pytest.mark.parametrize("df", [11, 30, 63, 1023])
@pytest.mark.parametrize("error", [0.05, 0.001, 0.0001])
def test_the_quantile_is_students(df: int, error: float) -> None:
    assert student(df, error) == pytest.approx(stats.t.ppf(1 - error / 2, df), rel=3e-3)


def test_an_interval_of_a_mean_holds_it_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    missed = sum(
        not (found.low <= 1.0 <= found.high)
        for _ in range(2000)
        for found in [of_mean(rng.exponential(size=N), 0.02)]
    )
    assert 10 <= missed <= 70  # 40 expected; skewed values miss a little more often


def test_the_median_of_a_skewed_number_lies_between_two_of_its_values() -> None:
    values = np.random.default_rng(2).exponential(size=256)
    found = of_median(values, 0.001)
    assert found.low in values
    assert found.high in values
    assert found.low < np.log(2) < found.high


def test_a_share_of_all_runs_is_not_proved_to_be_one() -> None:
    found = of_share(64, 64, 0.001)
    assert found.estimate == 1.0
    assert 0.8 < found.low < 1.0


def test_a_ratio_of_sums_weighs_large_runs_more() -> None:
    top, bottom = np.array([0.0] * 32 + [10.0] * 32), np.array([1.0] * 32 + [100.0] * 32)
    found = of_ratios([top], [bottom], [1.0], 0.01)
    assert found.estimate == pytest.approx(320 / 3232)
    assert found.low < 320 / 3232 < found.high


def test_too_few_values_decide_nothing() -> None:
    assert decided(check(), sample(reach=np.arange(5.0) + 100)) == "undecided"


def test_more_and_less_are_decided_both_ways() -> None:
    values = sample(reach=5 + noise(1))
    assert decided(check(value=4.0), values) == "holds"
    assert decided(check(value=6.0), values) == "does_not_hold"
    assert decided(check(value=5.05), values) == "undecided"
    assert decided(check(**{"is": "less"}, value=6.0), values) == "holds"
    assert decided(check(**{"is": "less"}, value=4.0), values) == "does_not_hold"


def test_a_factor_asks_for_that_many_times_as_much() -> None:
    one, five = sample(reach=1 + 0.01 * noise(1)), sample(reach=5.5 + 0.01 * noise(2))
    times = {"against": {"scenario": "other"}, "value": None}
    assert decided(check(**times, factor=5), five, one) == "holds"
    assert decided(check(**times, factor=6), five, one) == "does_not_hold"


def test_luck_that_is_shared_makes_a_comparison_sharp() -> None:
    luck = 10 * noise(3)
    a, b = sample(reach=luck + 0.1), sample(reach=luck + 0.01 * noise(4))
    paired = check(against={"scenario": "other"}, value=None)
    assert decided(paired, a, b) == "holds"
    assert of_two_means(a.values["reach"], b.values["reach"], 1.0, 0.001).low < 0


def test_nearly_equal_needs_the_whole_interval_inside() -> None:
    near = {"is": "nearly_equal", "by": 0.25, "value": 3.0}
    assert decided(check(**near), sample(reach=3.1 + 0.1 * noise(1))) == "holds"
    assert decided(check(**near), sample(reach=3.1 + noise(1))) == "undecided"
    assert decided(check(**near), sample(reach=4.0 + 0.1 * noise(1))) == "does_not_hold"


def test_runs_that_are_equal_throughout_are_at_least_and_not_more() -> None:
    a, b = sample(reach=np.ones(N)), sample(reach=np.ones(N))
    pair = {"against": {"scenario": "other"}, "value": None}
    assert decided(check(**pair, **{"is": "at_least"}), a, b) == "holds"
    assert decided(check(**pair), a, b) == "does_not_hold"


def test_two_effects_are_measured_from_the_same_baseline() -> None:
    base = sample(reach=100 + noise(1))
    small = sample(reach=base.values["reach"] + 2 + 0.1 * noise(2))
    large = sample(reach=base.values["reach"] + 5 + 0.1 * noise(3))
    within = check(
        **{"is": "less"}, factor=1.5, baseline={}, against={"scenario": "x"}, value=None
    )
    assert decided(within, small, large, base) == "holds"
    assert decided(within, large, small, base) == "does_not_hold"


def test_a_share_of_runs_counts_runs() -> None:
    often = check(of="share_of_runs", share=0.9, value=0.0)
    assert decided(often, sample(reach=[1.0] * 256)) == "holds"
    assert decided(often, sample(reach=[1.0] * 128 + [-1.0] * 128)) == "does_not_hold"


def test_a_condition_leaves_the_other_runs_out() -> None:
    runs = sample(reach=[100.0] * 32 + [1.0] * 32, take_off=[1.0] * 32 + [0.0] * 32)
    assert decided(check(value=50.0), runs) == "undecided"
    assert decided(check(value=50.0, given="take_off"), runs) == "holds"


def test_a_difference_of_two_numbers_of_a_run_is_a_number() -> None:
    runs = sample(t50=5 + noise(1), t10=1 + noise(2))
    assert decided(check(metric="t50 - t10", value=2.0), runs) == "holds"


def test_runs_in_which_a_number_is_undefined_do_not_count() -> None:
    values = 5 + noise(1)
    values[::2] = np.nan
    wanted = check(value=4.0)
    assert figure_of(wanted, sample(reach=values), None, None, 0.001)[2].n == N // 2


def test_a_metric_that_does_not_exist_is_named() -> None:
    with pytest.raises(ScenarioError, match="no metric is called 'reech'; did you mean 'reach'"):
        decided(check(metric="reech"), sample(reach=[1.0]))


def scenario(*claims: dict[str, Any]) -> Scenario:
    return from_dict({
        "format": 1, "name": "claims", "title": {"en": "-", "zh": "-"},
        "story": {"en": "-", "zh": "-"}, "network": {"n_users": 300}, "horizon_days": 3,
        "messages": {"prize": {"value": 0.8, "arousal": 0.9, "channels": {"im": 1}}},
        "seeding": [{"message": "prize", "count": 10}],
        "claims": [{"text": {"en": "It is so.", "zh": "如此。"}, "check": list(one["check"])}
                   for one in claims],
    })  # fmt: skip


class Kept:
    """Runs in memory; counts how often one had to be computed."""

    def __init__(self) -> None:
        self.runs: dict[tuple[str, int], Run] = {}
        self.n_kept = 0

    def find(self, identity: str, seed: int) -> Run | None:
        return self.runs.get((identity, seed))

    def keep(self, run: Run) -> None:
        self.n_kept += 1
        self.runs[run.identity, run.seed] = run


def court(cache: Kept | None = None) -> Court:
    def none(name: str) -> Scenario:
        raise AssertionError(name)

    return Court(none, Means(cache=cache))


CALM = {"changes": {"messages.prize.arousal": 0.0}}
STIRS = {"check": [{"metric": "size", "is": "more", "against": CALM}]}
WRONG = {"check": [{"metric": "size", "is": "less", "against": CALM}]}


def test_a_claim_is_decided_on_runs_and_the_wrong_one_is_not_upheld() -> None:
    found = list(decide(scenario(STIRS, WRONG), court(), LOOKS[:1]))
    assert [claim.verdict for claim in found] == ["holds", "does_not_hold"]
    assert found[0].checks[0].error == pytest.approx(ERROR / 3 / 2)


def test_a_second_call_computes_nothing() -> None:
    kept = Kept()
    first = list(decide(scenario(STIRS), court(kept), LOOKS[:1]))
    n = kept.n_kept
    second = list(decide(scenario(STIRS), court(kept), LOOKS[:1]))
    assert (n, kept.n_kept) == (2 * LOOKS[0], n)
    assert second == first


def test_one_comparison_that_fails_fails_the_claim() -> None:
    both = {"check": [*STIRS["check"], *WRONG["check"]]}
    (found,) = decide(scenario(both), court(), LOOKS[:1])
    assert found.verdict == "does_not_hold"


def test_a_claim_without_a_comparison_is_not_checked() -> None:
    (found,) = decide(scenario({"check": []}), court())
    assert found.verdict == "not_checked"


def test_a_verdict_is_told_with_its_figures_in_both_languages() -> None:
    (found,) = decide(scenario(STIRS), court(), LOOKS[:1])
    assert verdict_words(found, "en") == "holds"
    english, chinese = (check_words(found.checks[0], lang) for lang in ("en", "zh"))
    assert "99.67 % interval" in english
    assert english.endswith("64 runs: holds")
    assert chinese.endswith("64次运行：成立")
    data = as_data(found)["checks"][0]
    assert data["low"] <= data["margin"] <= data["high"]


def test_a_condition_holds_for_both_arms() -> None:
    runs = sample(reach=[100.0] * 32 + [1.0] * 32, take_off=[1.0] * 32 + [0.0] * 32)
    calm = sample(reach=[50.0] * 16 + [1000.0] * 48, take_off=[1.0] * 16 + [0.0] * 48)
    wanted = check(given="take_off", against={"scenario": "other"}, value=None)
    assert decided(wanted, runs, calm) == "holds"  # 100 against 50, whatever else they had
