"""The entries H2 and H6 to H16 of hand-made runs, counted on one's fingers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.metrics.tiny import (
    adoptions,
    converts,
    deliveries,
    tied,
    trace,
    with_bots,
    world,
)
from viralbots.metrics import METRICS, evaluate
from viralbots.metrics.groups import GROUPINGS, PER_PERSON, by_group
from viralbots.metrics.harm import ALWAYS_SHOWN, CODES, HARM, leading, per_convert, shown
from viralbots.metrics.harm.concentration import gini
from viralbots.scenario.money import Money
from viralbots.trace import (
    ADOPTION,
    CONVERTED,
    DECEIVED,
    DECIDED,
    HEARD,
    INVOLUNTARY,
    MARK_PAID,
    READ,
    SEED,
    Trace,
)
from viralbots.world.world import World

WORLD = world(vulnerable=[0, 1, 2, 3], opted_in=[0, 9])
NOTHING = np.zeros(0, ADOPTION)
READ_IT, STOPPED = 2, 0


def of(name: str, run: Trace, world_: World = WORLD, message: int = 0) -> float:
    return METRICS[name].function(world_, run, message)


def with_facts(run: Trace, **facts: Any) -> Trace:
    return replace(run, facts={**run.facts, **facts})


def test_every_entry_of_the_ledger_has_a_metric_and_the_default_is_the_first_of_four() -> None:
    assert {metric.code for metric in HARM} == {*CODES, ""}
    assert shown() == tuple(leading(code).name for code in ALWAYS_SHOWN)
    assert shown("H9") == (*shown(), "gain_gini") and shown("H1") == shown()
    assert set(shown()) == {
        "deceived", "complaints_per_1000", "vulnerable_exposure_ratio", "person_hours_wasted"
    }  # fmt: skip


def test_only_a_norm_gives_colours() -> None:
    assert {m.name: m.thresholds for m in METRICS.values() if m.thresholds} == {
        "complaints_per_1000": (1.0, 3.0)
    }


def test_what_adds_up_over_people_is_told_per_convert() -> None:
    run = trace(NOTHING, totals={("converts", 0): 4, ("complaints", 0): 10, ("deceived", 0): 2})
    found = per_convert(evaluate(WORLD, run))
    assert found["complaints"] == 2.5 and found["deceived"] == 0.5
    assert "complaints_per_1000" not in found and "vulnerable_forward" not in found
    assert math.isnan(per_convert(evaluate(WORLD, trace(NOTHING)))["deceived"])


def test_the_worst_load_is_that_of_a_person_not_of_a_bot() -> None:
    rows = [(1, READ_IT)] * 3 + [(2, READ_IT)] * 2 + [(9, READ_IT)] * 7 + [(3, READ_IT)] * 9
    run = with_bots(replace(trace(NOTHING), deliveries=deliveries(rows)), 3)
    assert of("unsolicited_max", run) == 3
    assert of("unsolicited_p95", run) == 3  # the ninth of nine people
    assert of("unsolicited_per_user", run) == 5 / 9
    assert math.isnan(of("unsolicited_max", trace(NOTHING)))


def test_the_load_on_bots_is_taken_out_of_totals_by_the_number_reached() -> None:
    counts = {("delivered", 0): 12, ("readings", 0): 4}
    run = trace(NOTHING, flags={(HEARD, 0): [0, 1, 2], (1 << 12, 0): [0, 1, 2, 5]}, totals=counts)
    run = with_bots(run, 5)
    assert of("unsolicited_per_user", run) == pytest.approx(9 * (2 / 3) / 9)
    assert of("person_hours_wasted", run) == pytest.approx((5 * 5 + 4 * 30) / 3600)


def test_consent_is_an_opt_in_or_having_taken_it_up_before() -> None:
    run = trace(NOTHING, flags={(HEARD, 0): [0, 1, 2, 9]})
    assert of("consent_ratio", run) == 2 / 4
    log = deliveries([(0, READ_IT), (1, READ_IT), (2, READ_IT), (2, READ_IT), (9, STOPPED)])
    log["minute"] = [5, 6, 7, 9, 9]
    run = replace(run, deliveries=log, converts=converts([(7, 2, 1)]))
    assert of("consent_ratio", run) == 2 / 4
    assert math.isnan(of("consent_ratio", trace(NOTHING)))


def test_the_vulnerable_are_compared_with_the_others_by_share() -> None:
    flags = {(DECEIVED, 0): [0, 1, 2, 5, 6], (CONVERTED, 0): [0, 1, 4], (HEARD, 0): range(10)}
    run = trace(NOTHING, flags=flags, messages=[{"phishing": True}])
    assert of("vulnerable_deceived_ratio", run) == pytest.approx((3 / 4) / (2 / 6))
    assert of("vulnerable_loss_ratio", run) == pytest.approx((2 / 4) / (1 / 6))
    assert of("vulnerable_loss_ratio", with_bots(run, 0)) == pytest.approx((1 / 3) / (1 / 6))
    rows = [(1, 0, 5, DECIDED), (2, 6, 5, DECIDED)]
    run = trace(adoptions(rows), flags={(HEARD, 0): [0, 1, 6, 7, 8]})
    assert of("vulnerable_forward_ratio", run) == pytest.approx((1 / 2) / (1 / 3))


def test_distress_is_threat_times_susceptibility_over_readers_minors_apart() -> None:
    eta = np.array([4096, 2048, 1024, 512, 0, 0, 0, 0, 0, 4096], np.uint16)
    band = np.array([0, 1, 2, 3, 0, 0, 0, 0, 0, 0], np.uint8)
    people = replace(WORLD, population=replace(WORLD.population, threat=eta, age_band=band))
    run = trace(NOTHING, messages=[{"threat": 0.5}], flags={(READ, 0): [0, 1, 3]})
    assert of("distress", run, people) == 0.5 * (1 + 0.5 + 0.125)
    assert of("distress_minors", run, people) == 0.5
    assert of("distress", with_bots(run, 0), people) == 0.5 * (0.5 + 0.125)
    assert of("distress_minors", with_bots(run, 0), people) == 0


def test_unpaid_work_is_a_minute_for_each_who_decided_to_help_a_brand() -> None:
    rows = [(0, 5, -1, SEED), (1, 0, 5, DECIDED), (2, 1, 5, DECIDED), (3, 2, 5, INVOLUNTARY)]
    brand = {"brand": "b", "reward": 0.0}
    run = trace(adoptions(rows), messages=[brand])
    assert of("donated_work", run) == pytest.approx(2 / 60)
    assert of("donated_work", with_bots(run, 1)) == pytest.approx(1 / 60)
    paid = run.adoptions.copy()
    paid["mark"][paid["user"] == 1] = MARK_PAID
    assert of("donated_work", replace(run, adoptions=paid)) == pytest.approx(1 / 60)
    assert of("donated_work", trace(adoptions(rows), messages=[{**brand, "reward": 2.0}])) == 0
    assert math.isnan(of("donated_work", trace(adoptions(rows))))


def test_contacts_are_given_away_by_accounts_and_address_books_but_not_by_footers() -> None:
    connected = tied(WORLD, [(1, 2), (1, 3), (1, 9), (4, 3), (4, 5), (6, 7), (8, 7), (8, 2)])
    rows = adoptions([(1, 1, 0, INVOLUNTARY), (2, 6, 0, INVOLUNTARY), (3, 4, 0, DECIDED)])
    rows["channel"][rows["user"] == 6] = 255  # carries a footer
    run = trace(rows)
    assert of("contacts_given_away", run, connected) == 2  # 9 has opted in
    assert of("exposed_share", run, connected) == 2 / 10
    books = ((0, "m0", np.array([8])), (1, "m0", np.array([4])), (0, "other", np.array([6])))
    run = replace(with_facts(run, address_books=books), started=(0, -1))
    assert of("contacts_given_away", run, connected) == 4
    assert of("exposed_share", run, connected) == 3 / 10


def test_involuntary_senders_and_messages_are_told_apart_from_decisions() -> None:
    rows = [(0, 5, -1, SEED), (1, 1, 5, INVOLUNTARY), (2, 2, 1, DECIDED)]
    run = trace(adoptions(rows, n_sent=[4, 6, 2]), totals={("sent", 0): 14})
    assert of("involuntary_spreaders", run) == 1 and of("involuntary_share", run) == 1 / 3
    assert of("involuntary_messages", run) == 6 / 14  # 2 by the brand
    counts = {("sent", 0): 20, ("emitted", 0): 8}
    run = trace(adoptions(rows, n_sent=[4, 6, 2]), totals=counts)  # reminders are meant
    assert of("involuntary_messages", run) == 6 / 20
    run = trace(adoptions(rows, n_sent=[4, 0, 2]), messages=[{"footer": 0.5}], totals=counts)
    assert of("involuntary_messages", run) == 8 / 20
    assert of("involuntary_share", with_bots(run, 5, 2)) == 1


def test_support_is_made_up_by_paid_writers_bots_and_their_posts() -> None:
    rows = adoptions([(0, 5, -1, SEED), (1, 1, 5, DECIDED), (2, 2, 1, DECIDED)], n_sent=[4, 6, 2])
    rows["mark"][rows["user"] == 5] = MARK_PAID
    run = with_bots(trace(rows, totals={("sent", 0): 12}), 2)
    assert of("manufactured_support", run) == 6 / 12
    run = replace(run, totals=trace(rows, totals={("sent", 0): 32, ("emitted", 0): 20}).totals)
    assert of("manufactured_support", run) == 6 / 12  # reminders of the brand are no support
    posted = with_facts(run, posts=(("m0", "post"), ("m1", "look")))
    assert of("manufactured_support", posted) == 26 / 32


def test_failures_are_requests_turned_away_and_the_hours_with_one() -> None:
    run = trace(NOTHING, totals={("refused", 0): 5})
    run.hourly("refused")[:] = [0, 2, 2, 3] + [5] * 45
    assert of("refused_requests", run) == 5 and of("hours_failing", run) == 3


def test_who_leaves_and_what_trust_is_lost_are_those_of_the_trace() -> None:
    run = trace(NOTHING, messages=[{"brand": "b"}], brands=["b"], totals={("filters", 0): 3})
    run.distrust[:, 0] = [1 << 20] * 2 + [0] * 8
    assert of("left", run) == 3 and of("trust_lost", run) == pytest.approx(0.2)
    assert math.isnan(of("trust_lost", trace(NOTHING)))


def test_the_gini_coefficient_is_the_mean_difference_of_two_over_twice_the_mean() -> None:
    amounts = np.array([0, 3, 1, 8, 8, 0, 5])
    brute = sum(abs(a - b) for a in amounts for b in amounts) / (2 * 49 * amounts.mean())
    assert gini(amounts) == pytest.approx(brute)
    assert gini(np.full(4, 2**61)) == 0 and math.isnan(gini(np.zeros(5, np.int64)))


def pyramid(**terms: Any) -> Trace:
    """0 won 1 and 2; 1 won 3; 3 won 4; 7 came by the brand; 9 through somebody outside."""
    joined = converts(
        [(0, 0, -2), (10, 1, 0), (20, 2, 0), (30, 3, 1), (40, 4, 3), (50, 7, -1), (60, 9, 8)]
    )
    money = Money(referral=terms).model_dump()
    run = trace(NOTHING, totals={("converts", 0): 6})
    return with_facts(replace(run, converts=joined), money=money)


def test_gains_are_those_of_the_members_in_order_of_joining() -> None:
    run = pyramid(levels=2, join_fee=10.0, operator_share=0.2)
    # A slot is worth 4. 0: from 1, 2, 3; 1: from 3 and 4; 3: from 4. Everybody but 0 paid 10.
    assert of("gain_gini", run) == pytest.approx(gini(np.array([12, 8, 0, 4, 0, 0, 0])))
    assert of("top_share", run) == 12 / 24
    assert of("loser_share", run) == 6 / 7
    assert of("late_gain_share", run) == 0  # of 4, 7 and 9
    assert of("recruited_nobody", run) == 4 / 7
    assert of("operator_take", run) == 60 - 24
    assert of("loser_share", pyramid(levels=2)) == 0 and math.isnan(of("top_share", pyramid()))


def test_others_pay_with_time_losses_and_handling() -> None:
    run = pyramid(levels=2, join_fee=10.0, operator_share=0.2)
    counts = {("delivered", 0): 720, ("complaints", 0): 3, ("converts", 0): 6}
    run = replace(run, totals=trace(NOTHING, totals=counts).totals)
    # An hour of ignoring at 10, losses of 2 + 10 + 6 + 3 × 10, three complaints at 1.
    assert of("outside_cost", run) == pytest.approx(10 + 48 + 3)
    assert of("externality_ratio", run) == pytest.approx(61 / 36)
    assert math.isnan(of("outside_cost", trace(NOTHING)))


@pytest.mark.parametrize("group", GROUPINGS)
@pytest.mark.parametrize("name", PER_PERSON)
def test_groups_add_up_to_all_people(group: str, name: str) -> None:
    flags = {(HEARD, 0): range(8), (READ, 0): [1, 2, 5], (DECEIVED, 0): [2, 5],
             (CONVERTED, 0): [1, 5], (2 << 15, 0): [1, 2], (1 << 15, 0): [5]}  # fmt: skip
    run = trace(NOTHING, flags=flags, messages=[{"threat": 0.8, "phishing": True}])
    run = with_bots(run, 7)
    hours = (5 * 30 + 2 * 600) / 3600
    expected = {"reach": 7, "read": 3, "converts": 2, "deceived": 2, "victims": 2, "time": hours}
    total = sum(by_group(name, WORLD, run, group).values())
    assert total == pytest.approx(expected.get(name, of("distress", run)))


def test_a_group_is_told_by_its_share_or_refused_by_its_name() -> None:
    run = trace(NOTHING, flags={(HEARD, 0): [0, 1, 5]})
    assert by_group("reach", WORLD, run, "vulnerable") == {"other": 1, "vulnerable": 2}
    shares = by_group("reach", WORLD, run, "vulnerable", share=True)
    assert shares == {"other": pytest.approx(1 / 6), "vulnerable": 0.5}
    with pytest.raises(KeyError, match="age_band"):
        by_group("reach", WORLD, run, "shoe size")
    with pytest.raises(KeyError, match="deceived"):
        by_group("size", WORLD, run, "persona")
