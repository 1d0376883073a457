"""Reach, speed and benefit of hand-made runs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.metrics.tiny import FORUM, adoptions, trace, world
from viralbots.metrics import business, growth, reach
from viralbots.trace import ADOPTION, COUNTER_START, DECIDED, HEARD, SEED

WORLD = world()
# Seed 0 sends to 4; 1 and 2 decide; everybody but 5 … 9 heard, the seed too.
ROWS = adoptions([(0, 0, -1, SEED), (30, 1, 0, DECIDED), (200, 2, 1, DECIDED)], n_sent=(4, 2, 5))
RUN = trace(
    ROWS,
    flags={(HEARD, 0): [0, 1, 2, 3, 4]},
    totals={("reach", 0): 5, ("readers", 0): 4, ("converts", 0): 1, ("by_brand", 0): 0},
)
NOBODY = trace(np.zeros(0, ADOPTION))


def test_forward_probability_leaves_out_those_who_send_it_anyway() -> None:
    assert reach.forward_probability(WORLD, RUN) == 2 / 4
    assert math.isnan(reach.forward_probability(WORLD, NOBODY))


def test_fan_out_is_the_mean_of_deciders_on_channels_to_chosen_people() -> None:
    assert reach.fan_out(WORLD, RUN) == (2 + 5) / 2
    on_a_feed = trace(adoptions([(1, 1, 0, DECIDED)], channel=FORUM))
    assert math.isnan(reach.fan_out(WORLD, on_a_feed))


def test_r0_is_forward_probability_times_fan_out() -> None:
    assert reach.r0(WORLD, RUN) == 0.5 * 3.5


def test_counts_of_a_run_are_those_of_its_trace() -> None:
    assert reach.reach(WORLD, RUN) == 5
    assert reach.reach_share(WORLD, RUN) == 0.5
    assert reach.read(WORLD, RUN) == 4
    assert reach.size(WORLD, RUN) == 3
    assert reach.voluntary_share(WORLD, RUN) == pytest.approx(2 / 3)
    assert reach.person_to_person_share(WORLD, RUN) == pytest.approx(2 / 3)
    assert math.isnan(reach.voluntary_share(WORLD, NOBODY))


def test_amplification_counts_messages_per_planted_message() -> None:
    assert reach.amplification(WORLD, RUN) == 11 / 4
    with_mail = trace(ROWS, totals={("by_brand", 0): 6})
    assert reach.amplification(WORLD, with_mail) == 17 / 10
    assert math.isnan(reach.amplification(WORLD, NOBODY))


@pytest.mark.parametrize(("deciders", "took_off"), [(99, 0.0), (100, 1.0)])
def test_planted_users_do_not_count_for_a_take_off(deciders: int, took_off: float) -> None:
    rows = [(0, u, -1, SEED) for u in range(200)]
    rows += [(1, 200 + u, 0, DECIDED) for u in range(deciders)]
    run = trace(adoptions(rows), n=10_000)
    assert reach.take_off(WORLD, run) == took_off
    size = reach.size_given_take_off(WORLD, run)
    assert size == 300 if took_off else math.isnan(size)


def test_those_who_begin_a_counter_message_are_not_planted() -> None:
    run = trace(adoptions([(1, u, -1, COUNTER_START) for u in range(100)]), n=10_000)
    assert reach.take_off(WORLD, run) == 1


def test_quantiles_of_the_adopters_are_hours_of_whole_adopters() -> None:
    rows = [(60 * u, u, -1, SEED) for u in range(10)]
    run = trace(adoptions(rows))
    hours = [metric(WORLD, run) for metric in (growth.t10, growth.t50, growth.t90)]
    assert hours == [0, 4, 8]
    assert all(math.isnan(m(WORLD, NOBODY)) for m in (growth.t10, growth.t50, growth.t90))


def test_the_peak_is_the_busiest_hour_of_those_who_decided() -> None:
    rows = [(0, 0, -1, SEED), (1, 8, -1, SEED), (2, 9, -1, SEED)]
    rows += [(59, 1, 0, DECIDED), (60, 2, 0, DECIDED), (119, 3, 0, DECIDED)]
    run = trace(adoptions(rows))
    assert growth.peak(WORLD, run) == 2
    assert growth.peak_at(WORLD, run) == 1
    assert growth.peak(WORLD, NOBODY) == 0
    assert math.isnan(growth.peak_at(WORLD, NOBODY))


def test_adopters_by_hour_count_up_to_the_end_of_each_hour() -> None:
    by_hour = growth.adopters_by_hour(RUN)
    assert by_hour[:6].tolist() == [0, 2, 2, 2, 3, 3]
    assert len(by_hour) == 49


def test_benefit_is_counted_per_reader_and_per_planted_message() -> None:
    assert business.converts(WORLD, RUN) == 1
    assert business.conversion_rate(WORLD, RUN) == 1 / 4
    assert business.converts_per_send(WORLD, RUN) == 250
    assert math.isnan(business.conversion_rate(WORLD, NOBODY))
    full = trace(ROWS, totals={("requests", 0): 8, ("refused", 0): 2})
    assert business.refused_share(WORLD, full) == 0.25
    assert math.isnan(business.refused_share(WORLD, RUN))


def test_trust_is_one_minus_the_mean_distrust_in_the_messages_own_brand() -> None:
    messages = [{"brand": "Acme"}, {}]
    run = trace(ROWS, n=4, messages=messages, brands=["Other", "Acme"])
    run.distrust[:, 0] = 1 << 20
    run.distrust[:2, 1] = 1 << 19
    assert business.trust(WORLD, run) == 0.75
    assert math.isnan(business.trust(WORLD, run, 1))
