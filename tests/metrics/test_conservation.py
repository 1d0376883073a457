"""What must add up in every run, whatever happens in it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.random_money import random_money, small_world
from viralbots.engine.simulate import simulate
from viralbots.metrics import METRICS, evaluate
from viralbots.metrics.base import people, sends_of, turned
from viralbots.metrics.cascade import forest_of, trees_of
from viralbots.trace import (
    BRAND,
    CONVERTED,
    CORRECTED,
    DECEIVED,
    DECIDED,
    FATE_READ,
    FATE_STOPPED,
    FORWARDED,
    HEARD,
    INVOLUNTARY,
    MUTATED,
    READ,
    Trace,
)

NUMBERS = st.integers(0, 10**6)
RUNS = settings(max_examples=20, deadline=None)


@lru_cache(256)
def run_of(number: int) -> Trace:
    return simulate(random_money(number), number, world=small_world(), level="deliveries")


@RUNS
@given(NUMBERS)
def test_a_delivery_has_one_sender_or_a_brand_one_receiver_and_one_fate(number: int) -> None:
    run = run_of(number)
    rows = run.deliveries
    assert rows is not None
    assert ((rows["source"] == -1) == ((rows["flags"] & BRAND) != 0)).all()
    assert ((rows["source"] >= -1) & (rows["source"] < run.n_users)).all()
    assert ((rows["user"] >= 0) & (rows["user"] < run.n_users)).all()
    assert (rows["source"] != rows["user"]).all()
    fate = rows["outcome"] & 3
    assert (fate <= FATE_READ).all()
    is_person = people(run)[rows["user"]]
    for q in range(len(run.messages)):
        mine = rows["message"] == q
        assert mine.sum() == run.total("delivered", q)
        assert run.total("sent", q) == run.total("delivered", q) + run.total("censored", q)
        assert (mine & (fate == FATE_STOPPED)).sum() == run.total("stopped", q)
        assert (mine & (fate == FATE_READ) & is_person).sum() == run.total("readings", q)
        assert (mine & (rows["source"] < 0)).sum() == run.total("by_brand", q)


@RUNS
@given(NUMBERS)
def test_users_in_all_states_are_all_users(number: int) -> None:
    run = run_of(number)
    is_person = people(run)
    for q in range(len(run.messages)):
        heard, read = run.flag(HEARD, q), run.flag(READ, q)
        deceived, corrected = run.flag(DECEIVED, q), run.flag(CORRECTED, q)
        assert not (read & ~heard).any() and not (deceived & ~read).any()
        assert not (corrected & ~deceived).any() and not (heard & ~is_person).any()
        n = (~is_person).sum() + (is_person & ~heard).sum() + (heard & ~read).sum()
        n += (read & ~deceived).sum() + (deceived & ~corrected).sum() + corrected.sum()
        assert n == run.n_users
        assert (heard.sum(), read.sum()) == (run.total("reach", q), run.total("readers", q))
        assert (deceived.sum(), corrected.sum()) == (run.total("deceived", q),
                                                     run.total("corrected", q))  # fmt: skip


@RUNS
@given(NUMBERS)
def test_nobody_forwards_or_takes_up_a_message_twice(number: int) -> None:
    run = run_of(number)
    for rows, flag in ((run.adoptions, FORWARDED), (run.converts, CONVERTED)):
        pairs = rows["user"].astype(np.int64) * len(run.messages) + rows["message"]
        assert len(np.unique(pairs)) == len(pairs)
        for q in range(len(run.messages)):
            has = np.zeros(run.n_users, bool)
            has[rows["user"][rows["message"] == q]] = True
            if flag == FORWARDED:  # who made its variant of it has no adoption of it
                assert turned(run, q).sum() <= run.total("mutations", q)
                assert people(run).sum() < run.n_users or (
                    turned(run, q).sum() == run.total("mutations", q)
                )
                has |= turned(run, q)
            assert (has == run.flag(flag, q))[people(run)].all()
    new = run.converts[run.converts["channel"] != 255]
    for q in range(len(run.messages)):
        kind = run.adoptions["kind"][run.adoptions["message"] == q]
        assert np.isin(kind, (DECIDED, MUTATED)).sum() == run.total("forwards", q)
        assert (kind == INVOLUNTARY).sum() == run.total("involuntary", q)
        assert (new["message"] == q).sum() == run.total("converts", q)


@RUNS
@given(NUMBERS)
def test_every_message_sent_was_sent_by_somebody_and_every_adopter_is_in_one_tree(
    number: int,
) -> None:
    run = run_of(number)
    for q in range(len(run.messages)):
        assert sends_of(run, q).total == run.total("sent", q)
        assert min(sends_of(run, q)) >= 0
        forest = forest_of(run, q)
        assert trees_of(forest).size.sum() == len(forest.parent)


@RUNS
@given(NUMBERS)
def test_shares_are_shares_and_only_what_says_so_is_negative(number: int) -> None:
    run = run_of(number)
    for name, value in evaluate(small_world(), run).items():
        metric = METRICS[name.split(":")[0]]
        if not np.isnan(value):
            assert value >= 0 or metric.is_signed, name
            assert value <= 1 + 1e-9 or metric.unit not in ("share", "yes or no", "trust"), name


@settings(max_examples=8, deadline=None)
@given(NUMBERS)
def test_figures_do_not_depend_on_what_else_the_trace_kept(number: int) -> None:
    """But for those that can only be estimated without every delivery, and say so."""
    told = evaluate(small_world(), run_of(number))
    bare = evaluate(small_world(), simulate(random_money(number), number, world=small_world()))
    estimated = ("unsolicited", "consent", "person_hours", "outside", "externality", "cost",
                 "profit", "return")  # fmt: skip
    for name, value in told.items():
        if not name.startswith(estimated):
            assert value == bare[name] or (np.isnan(value) and np.isnan(bare[name])), name
