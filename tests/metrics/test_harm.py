"""The harm ledger of hand-made runs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.metrics.tiny import adoptions, deliveries, trace, world
from viralbots.metrics import METRICS, UNITS, evaluate
from viralbots.metrics.base import GROUPS
from viralbots.metrics.harm import backlash, deception, hours, load, vulnerable
from viralbots.trace import ADOPTION, COUNTER_START, DECIDED, HEARD, SEED

WORLD = world(vulnerable=[0, 1, 2, 3], opted_in=[0, 9])
NOTHING = np.zeros(0, ADOPTION)
READ_IT, IGNORED, STOPPED = 2, 1, 0


def test_complaints_are_counted_per_1000_deliveries() -> None:
    run = trace(NOTHING, totals={("complaints", 0): 3, ("delivered", 0): 600, ("opt_outs", 0): 7})
    assert load.complaints(WORLD, run) == 3
    assert load.complaints_per_1000(WORLD, run) == 5
    assert load.opt_outs(WORLD, run) == 7
    assert math.isnan(load.complaints_per_1000(WORLD, trace(NOTHING)))


def test_deceived_hours_and_coverage_are_those_of_the_trace() -> None:
    counts = {("deceived", 0): 4, ("corrected", 0): 1, ("deceived_minutes", 0): 90}
    run = trace(NOTHING, totals=counts)
    assert deception.deceived(WORLD, run) == 4
    assert deception.deceived_person_hours(WORLD, run) == 1.5
    assert deception.correction_coverage(WORLD, run) == 0.25
    assert math.isnan(deception.correction_coverage(WORLD, trace(NOTHING)))


def test_unsolicited_messages_are_counted_exactly_from_deliveries() -> None:
    run = trace(NOTHING)
    rows = [(0, READ_IT), (1, READ_IT), (1, IGNORED), (2, STOPPED), (9, READ_IT)]
    run = replace(run, deliveries=deliveries(rows))
    assert load.unsolicited_per_user(WORLD, run) == 2 / 10


def test_unsolicited_messages_are_shared_out_evenly_without_deliveries() -> None:
    counts = {("delivered", 0): 11, ("stopped", 0): 1}
    run = trace(NOTHING, flags={(HEARD, 0): [0, 1, 2, 3]}, totals=counts)
    assert load.unsolicited_per_user(WORLD, run) == pytest.approx(10 * 3 / 4 / 10)
    assert load.unsolicited_per_user(WORLD, trace(NOTHING)) == 0


def test_exposure_of_the_vulnerable_compares_shares_of_both_groups() -> None:
    run = trace(NOTHING, flags={(HEARD, 0): [0, 1, 2, 5, 6]})
    assert vulnerable.vulnerable_exposure_ratio(WORLD, run) == pytest.approx((3 / 4) / (2 / 6))
    assert math.isnan(vulnerable.vulnerable_exposure_ratio(WORLD, trace(NOTHING)))


def test_forward_shares_of_the_vulnerable_and_the_others_are_apart() -> None:
    rows = [(0, 5, -1, SEED), (1, 0, 5, DECIDED), (2, 1, 5, DECIDED), (3, 6, 5, DECIDED)]
    run = trace(adoptions(rows), flags={(HEARD, 0): [0, 1, 2, 5, 6, 7, 8, 9]})
    assert vulnerable.vulnerable_forward(WORLD, run) == pytest.approx(2 / 3)
    assert vulnerable.other_forward(WORLD, run) == pytest.approx(1 / 4)


@pytest.mark.parametrize(("is_trap", "seconds"), [(False, 5 * 5 + 4 * 30), (True, 745)])
def test_time_is_counted_per_ignored_and_read_message_and_per_victim(
    is_trap: bool, seconds: int
) -> None:
    counts = {("delivered", 0): 10, ("stopped", 0): 1, ("readings", 0): 4, ("converts", 0): 1}
    run = trace(NOTHING, messages=[{"phishing": is_trap}], totals=counts)
    assert hours.person_hours_wasted(WORLD, run) == pytest.approx(seconds / 3600)


def with_counter(volunteers: int, planted: int) -> np.ndarray:
    rows = [(0, u, -1, SEED) for u in range(planted)]
    rows += [(1, 100 + u, -1, COUNTER_START if u == 0 else DECIDED) for u in range(volunteers)]
    return adoptions(rows, message=1)


@pytest.mark.parametrize(("volunteers", "expected"), [(49, 0.0), (50, 1.0)])
def test_a_backlash_is_fifty_volunteers_or_one_percent(volunteers: int, expected: float) -> None:
    messages = [{}, {"kind": "counter", "about": "m0"}]
    run = trace(with_counter(volunteers, planted=60), n=5000, messages=messages)
    assert backlash.counter_size(WORLD, run) == volunteers
    assert backlash.backlash(WORLD, run) == expected


def test_a_backlash_is_undefined_without_a_counter_message_about_it() -> None:
    run = trace(with_counter(60, 0), n=5000, messages=[{}, {"kind": "correction", "about": "m0"}])
    assert math.isnan(backlash.counter_size(WORLD, run)) and math.isnan(
        backlash.backlash(WORLD, run)
    )


def test_evaluate_names_later_messages_after_a_colon() -> None:
    values = evaluate(world(200), trace(with_counter(5, 0), n=200, messages=[{}, {}]))
    assert values["size"] == 0 and values["size:m1"] == 5
    assert len(values) == 2 * len(METRICS)


def test_a_trace_without_outcomes_is_refused_by_name() -> None:
    bare = replace(trace(NOTHING), state=None)
    with pytest.raises(ValueError, match="level 'series'"):
        evaluate(WORLD, bare)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_fully_described_in_both_languages(name: str) -> None:
    metric = METRICS[name]
    assert metric.name == name
    assert metric.unit in UNITS and metric.group in GROUPS
    assert metric.direction in ("good", "bad", "neutral")
    for text in (metric.label, metric.sentence):
        assert set(text) == {"en", "zh"} and all(text.values())


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_of_an_empty_run_is_zero_or_undefined(name: str) -> None:
    value = METRICS[name].function(WORLD, trace(NOTHING), 0)
    assert isinstance(value, float)
    assert value == 0 or math.isnan(value)
