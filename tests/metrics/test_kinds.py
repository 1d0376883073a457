"""What each kind of adopter counts for: who decided, was planted, sends unasked, is a bot."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from tests.metrics.tiny import adoptions, trace, with_bots, world
from viralbots.metrics import METRICS
from viralbots.metrics.base import came_in, is_planted, planted_sends, sends_of, turned
from viralbots.metrics.cascade import forest_of, trees_of
from viralbots.metrics.growth import adopters_by_hour
from viralbots.metrics.reach import won
from viralbots.trace import (
    COUNTER_START,
    DECIDED,
    FORWARDED,
    HEARD,
    INVOLUNTARY,
    MUTATED,
    SEED,
    Trace,
)

WORLD = world()
# 0 was planted, 1 a member from the start, 2 a member whom the brand won, 3 one whom 2 won;
# 4 decided, 5 began a counter-message, 6 turned another message into this one.
ROWS = [(0, 0, -1, SEED), (0, 1, -1, INVOLUNTARY), (60, 2, -1, INVOLUNTARY),
        (70, 3, 2, INVOLUNTARY), (80, 4, 3, DECIDED), (90, 5, -1, COUNTER_START),
        (100, 6, 4, MUTATED)]  # fmt: skip


def run_of(**fields: Any) -> Trace:
    rows = adoptions(ROWS, n_sent=[1, 2, 4, 8, 16, 32, 64])
    rows["by_brand"][rows["user"] == 2] = 1
    return trace(rows, totals={("sent", 0): 127}, **fields)


def of(name: str, run: Trace, message: int = 0) -> float:
    return METRICS[name].function(WORLD, run, message)


def test_planted_are_seeds_and_members_from_the_start() -> None:
    run = run_of()
    assert is_planted(run.adoptions).tolist() == [True, True, False, False, False, False, False]
    assert won(run) == 5 and of("size", run) == 7
    assert sends_of(run, 0) == (0, 3, 124, 0) and planted_sends(run, 0) == 3
    assert of("amplification", run) == 127 / 3


def test_volunteers_are_those_who_decided_something() -> None:
    run = run_of()
    assert of("voluntary_share", run) == 3 / 7
    assert of("person_to_person_share", run) == 3 / 7  # 3, 4 and 6 had it from a user
    assert of("fan_out", run) == (16 + 64) / 2


def test_the_busiest_hour_is_of_new_senders_neither_planted_nor_against_it() -> None:
    assert of("peak", run_of()) == 4 and of("peak_at", run_of()) == 1
    assert adopters_by_hour(run_of())[:3].tolist() == [0, 2, 7]


def test_bots_are_in_the_tree_but_among_nobodys_numbers() -> None:
    run = with_bots(run_of(), 3, 0)
    assert of("size", run) == 5 and won(run) == 4 and of("peak", run) == 3
    assert of("voluntary_share", run) == 3 / 5 and of("person_to_person_share", run) == 2 / 5
    assert adopters_by_hour(run)[:3].tolist() == [0, 1, 5]
    assert of("depth", run) == of("depth", run_of()) == 2
    assert of("largest_broadcast", run) == 1 / 2 and of("r", run) == of("r", run_of())
    assert of("fan_out", with_bots(run, 4)) == 64


def test_a_message_made_out_of_another_begins_its_own_tree() -> None:
    rows = adoptions(
        [(0, 4, -1, SEED), (5, 1, 4, DECIDED), (9, 6, 4, MUTATED), (12, 7, 6, DECIDED)]
    )
    forest = forest_of(trace(rows))
    assert forest.parent.tolist() == [-1, 0, -1, 2]
    assert trees_of(forest).size.tolist() == [2, 2]


def test_who_turned_it_into_its_variant_has_passed_it_on() -> None:
    first = adoptions([(0, 0, -1, SEED), (5, 1, 0, DECIDED)])
    second = adoptions([(6, 2, 0, MUTATED), (9, 3, 2, DECIDED)], message=1)
    flags = {(HEARD, 0): [1, 2, 4, 5], (FORWARDED, 0): [0, 1, 2],
             (HEARD, 1): [2, 3, 6], (FORWARDED, 1): [2, 3]}  # fmt: skip
    run = trace(np.concatenate([first, second]), messages=[{}, {}], flags=flags)
    assert np.flatnonzero(turned(run, 0)).tolist() == [2] and not turned(run, 1).any()
    assert of("forward_probability", run) == 2 / 4
    assert of("forward_probability", run, 1) == 1 / 2  # 2 had no choice about the variant
    assert not turned(with_bots(run, 2), 0).any()


def test_who_sends_it_anyway_had_no_choice() -> None:
    rows = adoptions([(0, 0, -1, SEED), (5, 1, 0, INVOLUNTARY), (6, 2, 0, DECIDED)])
    run = trace(rows, flags={(HEARD, 0): [0, 1, 2, 3, 4], (FORWARDED, 0): [0, 1, 2]})
    assert of("forward_probability", run) == 1 / 3


def test_posts_are_planted_but_footers_and_look_ups_are_not() -> None:
    counts = {("sent", 0): 40, ("emitted", 0): 25}
    rows = adoptions([(0, 0, -1, SEED), (5, 1, 0, DECIDED)], n_sent=[4, 6])
    run = trace(rows, totals=counts)
    assert sends_of(run, 0) == (5, 4, 6, 25) and planted_sends(run, 0) == 34
    assert planted_sends(trace(rows, totals=counts, messages=[{"footer": 1.0}]), 0) == 9
    looked_up = replace(run, facts={**run.facts, "posts": (("m0", "look"),)})
    assert planted_sends(looked_up, 0) == 9
    assert math.isnan(of("amplification", trace(rows[:0])))


def test_what_came_in_is_told_for_people_only() -> None:
    run = trace(adoptions(ROWS), flags={(HEARD, 0): [1, 2, 3], (1 << 12, 0): [1, 2, 3, 8]},
                totals={("delivered", 0): 9, ("stopped", 0): 1})  # fmt: skip
    assert came_in(run, 0) == 8 and came_in(with_bots(run, 8), 0) == 6
