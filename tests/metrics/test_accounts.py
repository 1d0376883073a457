"""Who paid whom: exactly, by hand, by brute force, and over random runs."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.random_money import random_money, small_world
from tests.metrics.tiny import adoptions, converts, trace, with_bots, world
from viralbots.draws import address, fold, name_id, run_seed
from viralbots.engine.simulate import simulate
from viralbots.metrics import METRICS
from viralbots.metrics.accounts import PARTIES, UNIT, Accounts, accounts_of, counted
from viralbots.scenario.money import Money
from viralbots.trace import (
    ADOPTION,
    DECIDED,
    INVOLUNTARY,
    MARK_BOT,
    MARK_PAID,
    MUTATED,
    SEED,
    Trace,
)
from viralbots.world.message import message_id
from viralbots.world.world import CHANNELS, ROLES, World

NOTHING = np.zeros(0, ADOPTION)
WORLD = world(vulnerable=[0, 1], opted_in=[0])


def run_with(money: dict[str, Any], run: Trace, **facts: Any) -> Trace:
    told = {"money": Money.model_validate(money).model_dump(), **facts}
    return replace(run, facts={**run.facts, **told})


def entries(world_: World, run: Trace, message: int | None = None) -> dict[str, Fraction]:
    """Amounts by name that are not 0, in the currency."""
    books = accounts_of(world_, run, message)
    assert books is not None
    total: dict[str, Fraction] = defaultdict(Fraction)
    for entry in books.entries:
        total[entry.name] += Fraction(entry.amount, UNIT)
    return {name: amount for name, amount in total.items() if amount}


def money(text: str) -> Fraction:
    return Fraction(text)


def test_without_money_there_are_no_books_and_every_figure_is_undefined() -> None:
    run = trace(NOTHING)
    assert accounts_of(WORLD, run) is None
    names = ("cost", "revenue", "profit", "cost_per_convert", "return_on_cost", "operator_take")
    assert all(math.isnan(METRICS[name].function(WORLD, run, 0)) for name in names)


def test_a_trace_that_kept_nobody_has_no_books() -> None:
    bare = replace(run_with({}, trace(NOTHING)), state=None)
    with pytest.raises(ValueError, match="level 'series'"):
        accounts_of(WORLD, bare)


def test_planting_costs_by_head_and_mailing_by_message() -> None:
    rows = adoptions([(0, 1, -1, SEED), (0, 2, -1, SEED), (0, 3, -1, SEED), (5, 4, 1, DECIDED)])
    rows["mark"][:2] = MARK_PAID  # 1 is hired, 2 a paid bot, 3 got a sample
    run = with_bots(trace(rows, totals={("sent", 0): 40, ("emitted", 0): 8}), 2)
    terms = {"costs": {"planted": 5.0, "brand_delivery": 0.25}}
    found = entries(WORLD, run_with(terms, run))
    assert found == {"fees": 5, "planting": 10, "mailing": 5}  # 40 − 12 − 8 sent by the brand
    books = accounts_of(WORLD, run_with(terms, run))
    assert books is not None and books.gains.tolist() == [0, 5 * UNIT] + [0] * 8


@pytest.mark.parametrize(("extra", "reminders"), [({}, 8), ({"footer": 1.0}, 5)])
def test_reminders_cost_what_mails_cost(extra: dict[str, Any], reminders: int) -> None:
    about = {"has_reminders": True, "reminder_days": 1.0, "reminders": 3, **extra}
    run = trace(NOTHING, totals={("sent", 0): 8, ("emitted", 0): 8}, messages=[about])
    # Two days: due are 1 to whoever joined at 1000, 1 at 0 (the second would come at the end).
    joined = converts([(0, 0, -2), (0, 1, -1), (0, 2, -1), (1000, 3, -1), (1400, 4, -1),
                       (1500, 5, -1)])  # fmt: skip
    run = run_with({"costs": {"brand_delivery": 1.0}}, replace(run, converts=joined))
    assert entries(WORLD, run).get("mailing") == reminders


def test_rewards_go_to_whoever_passed_it_on_or_won_somebody() -> None:
    rows = adoptions([(0, 1, -1, SEED), (5, 4, 1, DECIDED), (6, 5, 4, MUTATED),
                      (7, 6, 4, INVOLUNTARY), (8, 7, 4, DECIDED)])  # fmt: skip
    about = {"reward": 1.5, "two_sided": True}
    run = with_bots(trace(rows, messages=[about]), 7)
    run = replace(
        run, converts=converts([(0, 1, -2), (5, 4, 1), (6, 5, 4), (7, 6, 7), (9, 8, -1)])
    )
    terms = {"costs": {"per_convert": 2.0}}
    found = entries(WORLD, run_with(terms, run))
    assert found == {"forwarding": 3, "recruiting": 4, "welcome": 4}
    terms["costs"]["per_forward"] = 0.5
    assert entries(WORLD, run_with(terms, run))["forwarding"] == 1


def test_an_operator_has_a_commission_for_whoever_came_by_it() -> None:
    role = WORLD.population.role.copy()
    role[3] = ROLES.index("operator")
    sites = replace(WORLD, population=replace(WORLD.population, role=role))
    run = replace(trace(NOTHING), converts=converts([(1, 4, 3), (2, 5, 3), (3, 6, 4)]))
    assert entries(sites, run_with({"costs": {"commission": 0.1}}, run)) == {
        "commission": money("1/5")
    }


def test_a_full_offer_earns_by_user_and_day_members_from_the_start_included() -> None:
    joined = converts([(0, 1, -2), (1440, 2, 1), (2160, 3, 1)])
    run = replace(trace(NOTHING, messages=[{"offer": "full"}]), converts=joined)
    terms: dict[str, Any] = {"revenue": {"advertising": 0.1}}
    assert entries(WORLD, run_with(terms, run)) == {"advertising": money("7/20")}
    terms["revenue"]["after_days"] = 1.0
    assert entries(WORLD, run_with(terms, run)) == {"advertising": money("1/10")}


@pytest.mark.parametrize(
    ("offer", "terms", "n_buyers"),
    [("none", {}, 3), ("partial", {"upgrade_share": 1.0}, 3),
     ("partial", {"upgrade_share": 0.0}, 0), ("free_copy", {}, 0),
     ("trial", {"keep_share": 0.0, "keep_per_reading": 1.0}, 1),
     ("trial", {"keep_share": 1.0}, 3), ("none", {"after_days": 1.0}, 2)],
)  # fmt: skip
def test_offers_sell_to_everybody_to_a_share_or_to_nobody(
    offer: str, terms: dict[str, float], n_buyers: int
) -> None:
    joined = converts([(0, 1, -2), (10, 2, 1), (20, 3, 1), (2000, 4, 1)])
    read_twice = {(1 << 15, 0): [3, 4], (2 << 15, 0): [2]}
    run = trace(NOTHING, messages=[{"offer": offer, "price": 9.0}], flags=read_twice)
    if offer == "free_copy":
        terms = {"paid_share": 0.0}
    found = entries(WORLD, run_with({"revenue": terms}, replace(run, converts=joined)))
    assert found.get("sales", 0) == 9 * n_buyers


def test_copies_are_paid_for_the_more_the_more_there_are() -> None:
    n = 4000
    joined = converts([(k // 2, k, -1) for k in range(n)])
    run = replace(trace(NOTHING, n=n, messages=[{"offer": "free_copy", "price": 1.0}]),
                  converts=joined)  # fmt: skip
    books = accounts_of(world(n), run_with({"revenue": {"paid_share": 0.8}}, run))
    assert books is not None
    paid = books.losses > 0
    early, late = paid[: n // 2].mean(), paid[n // 2 :].mean()
    assert early == pytest.approx(0.2, abs=0.04) and late == pytest.approx(0.6, abs=0.05)


def test_the_same_user_buys_in_both_arms_whoever_else_does() -> None:
    rows = [(k, k, -1) for k in range(200)]
    plain = trace(NOTHING, n=200, messages=[{"offer": "partial", "price": 1.0}])
    run = run_with({"revenue": {"upgrade_share": 0.5}}, plain)
    one = accounts_of(world(200), replace(run, converts=converts(rows)))
    other = accounts_of(world(200), replace(run, converts=converts(rows[50:120])))
    assert one is not None and other is not None
    assert (one.losses[50:120] == other.losses[50:120]).all() and 60 < (one.losses > 0).sum() < 140


def test_victims_lose_what_the_sender_has_and_addresses_are_sold() -> None:
    run = trace(NOTHING, messages=[{"phishing": True, "price": 9.0}])
    run = replace(run, converts=converts([(1, 2, 1), (2, 3, 2)]))
    terms = {"revenue": {"victim_loss": 40.0, "address": 0.5}}
    assert entries(WORLD, run_with(terms, run)) == {"loot": 80, "addresses": 1}


@pytest.mark.parametrize("payer", ["sender", "sponsor"])
def test_text_messages_are_paid_by_sender_or_sponsor_those_of_bots_by_the_sponsor(
    payer: str,
) -> None:
    rows = adoptions([(0, 1, -1, SEED), (1, 2, 1, DECIDED)], channel=CHANNELS.index("sms"))
    run = with_bots(trace(rows), 2)
    found = entries(WORLD, run_with({"costs": {"sms": 0.1, "sms_paid_by": payer}}, run))
    theirs = {"text messages": money("3/10"), "sponsored text messages": money("3/10")}
    assert found == (theirs if payer == "sender" else {"sponsored text messages": money("3/5")})


def test_fixed_and_running_costs_and_measures_that_began_are_counted_once() -> None:
    measure = {"cost": 10.0, "cost_per_day": 2.0, "fine": 7.0, "paid_by": "state"}
    facts = ({**measure, "duration": None}, {**measure, "duration": 720, "paid_by": "sponsor"},
             {**measure, "duration": None}, {**measure, "duration": None})  # fmt: skip
    run = trace(NOTHING, messages=[{}, {}], totals={("complaints", 1): 4})
    run = replace(run, started=(1440, 0, -1, 2880))
    terms = {"costs": {"fixed": 100.0, "per_day": 1.0}, "messages": ["m1", "m0"]}
    run = run_with(terms, run, measures=facts)
    assert counted(run) == [1, 0] and counted(run_with({}, run)) == [0]
    whole = {"fixed": 100, "running": 2, "measures": 12 + 11, "fines": 14, "complaints": 4}
    assert entries(WORLD, run, 1) == whole == entries(WORLD, run)
    assert entries(WORLD, run, 0) == {}
    books = accounts_of(WORLD, run)
    assert books is not None
    assert books.balance("state") == 2 * UNIT and books.balance("sponsor") == -127 * UNIT
    assert METRICS["cost"].function(WORLD, run, 1) == 127


def test_cost_per_convert_and_return_are_ratios_of_the_books() -> None:
    run = trace(NOTHING, messages=[{"price": 3.0}], totals={("converts", 0): 4})
    run = replace(run, converts=converts([(k, k, -1) for k in range(4)]))
    run = run_with({"costs": {"fixed": 10.0}}, run)
    values = {name: METRICS[name].function(WORLD, run, 0) for name in METRICS}
    assert (values["cost"], values["revenue"], values["profit"]) == (10, 12, 2)
    assert (values["cost_per_convert"], values["return_on_cost"]) == (2.5, 0.2)


# -- random runs -----------------------------------------------------------------------------


def check_columns(books: Accounts) -> None:
    """Every entry's columns add up to its amount, and people stand where people pay."""
    for entry in books.entries:
        assert entry.amount >= 0 and {entry.payer, entry.payee} <= set(PARTIES)
        for column, is_needed in ((entry.paid, entry.payer == "people"),
                                  (entry.got, entry.payee == "people")):  # fmt: skip
            assert (column is not None) == is_needed
            if column is not None:
                assert sum(map(int, column)) == entry.amount and column.min(initial=0) >= 0


def brute_referral(run: Trace, terms: dict[str, Any], message: int) -> tuple[list[int], int]:
    """Net of each user and the operator's take, member by member (joins and shares only)."""
    fee = round(terms["join_fee"] * UNIT)
    slot = (fee - round(fee * terms["operator_share"])) // terms["levels"]
    net, kept, winner, since = [0] * run.n_users, 0, {}, {}
    bots = np.zeros(run.n_users, bool) if run.marks is None else run.marks & MARK_BOT > 0
    for row in run.converts[run.converts["message"] == message]:
        user, source, minute = int(row["user"]), int(row["source"]), int(row["minute"])
        if bots[user]:
            continue
        if source in since and since[source] < minute:
            winner[user] = source
        since[user] = minute
        if source < 0 and row["channel"] == 255:
            continue
        net[user], left, at = net[user] - fee, fee, user
        for _ in range(terms["levels"]):
            if at not in winner:
                break
            at = winner[at]
            net[at], left = net[at] + slot, left - slot
        kept += left
    return net, kept


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_nothing_is_made_or_lost_in_any_run(number: int) -> None:
    scenario, people = random_money(number), small_world()
    run = simulate(scenario, number, world=people)
    books = accounts_of(people, run)
    assert books is not None
    check_columns(books)
    assert sum(books.balance(party) for party in PARTIES) == 0
    assert sum(map(int, books.net)) == books.balance("people")
    assert books.spending("operator") == 0 == books.income("platform")
    for q in counted(run):
        only = accounts_of(people, run, q)
        assert only is not None
        mine = [e for e in only.entries if e.name.startswith("join fees")]
        terms = run.facts["money"]["referral"]  # type: ignore[index]
        if terms is None:
            assert not mine
            continue
        net, kept = brute_referral(run, terms, q)
        found = Accounts(tuple(mine), run.n_users, only.joiners)
        assert found.net.tolist() == net and found.balance("operator") == kept == -sum(net)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_sales_and_rewards_are_those_of_a_walk_over_the_trace(number: int) -> None:
    scenario, people = random_money(number), small_world()
    run = simulate(scenario, number, world=people)
    assert scenario.money is not None
    costs, terms = scenario.money.costs, scenario.money.revenue
    bots = np.zeros(run.n_users, bool) if run.marks is None else run.marks & MARK_BOT > 0
    for q in counted(run):
        found = entries(people, run, q)
        about = scenario.messages[run.messages[q]]
        own = [a for a in run.adoptions if a["message"] == q and a["kind"] in (DECIDED, MUTATED)]
        each = about.reward if costs.per_forward is None else costs.per_forward
        n_paid = sum(not a["mark"] & MARK_BOT for a in own)
        assert found.get("forwarding", 0) == n_paid * Fraction(str(each))
        new = [c for c in run.converts if c["message"] == q and not bots[c["user"]]
               and c["channel"] != 255]  # fmt: skip
        won = sum(c["source"] >= 0 and not bots[c["source"]] for c in new)
        assert found.get("recruiting", 0) == won * Fraction(str(costs.per_convert))
        if about.phishing or about.offer not in ("none", "partial"):
            continue
        share = terms.upgrade_share if about.offer == "partial" else 1.0
        word = message_id(run.messages[q])
        state = address(run_seed(run.seed, run.replicate), word, name_id("money:upgrade"))
        buyers = sum(
            int(c["minute"]) + terms.after_days * 1440 < run.horizon
            and fold(state, int(c["user"])) >> 32 < round(share * 2**32)
            for c in new
        )
        assert found.get("sales", 0) == buyers * Fraction("12.34")
