"""Replays: terms sum to the kernel's log-odds, draws decide, flips are the smallest."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.random_worlds import random_case
from viralbots import exact
from viralbots.draws import run_seed
from viralbots.engine.simulate import simulate
from viralbots.engine.state import WATCH_COLUMNS
from viralbots.errors import ExperimentError
from viralbots.experiments import explain
from viralbots.experiments.decision import Decision, DeliveryStory, UserStory
from viralbots.experiments.flips import Flip, log_odds_with, needed_change
from viralbots.experiments.replay import ReplayMismatch, find_user, replay, what_would_change
from viralbots.rules import main_rule
from viralbots.rules.decision_table import DECISIONS, VARIABLES
from viralbots.scenario import Scenario, from_dict
from viralbots.trace import FORWARDED
from viralbots.world.assemble import build
from viralbots.world.world import CHANNELS, World

N_EACH = 50  # decisions of every kind that are looked at one by one
TEXT = {"en": "A test", "zh": "测试"}
OFTEN = {"read.const": 1.0, "detect.const": -1.0, "convert.const": -2.0, "forward.const": -1.5,
         "react.const": -3.0, "recall.half": 0.3}  # fmt: skip
LIVELY = {"value": 0.6, "arousal": 0.7, "ad_intensity": 0.4, "threat": 0.4, "status": 0.3,
          "reward": 2.0, "reward_visible": True, "price": 5.0, "offer": "trial"}  # fmt: skip


def scenario_of(messages: dict[str, Any], **more: Any) -> Scenario:
    """A small scenario in which much happens."""
    waves = [{"message": name, "count": 12, "paid": True} for name in messages]
    waves += [{"message": name, "count": 40, "by": "brand", "minute": 30} for name in messages]
    return from_dict(
        {
            "format": 1,
            "name": "case",
            "title": TEXT,
            "story": TEXT,
            "network": {"n_users": 120},
            "messages": messages,
            "seeding": waves,
            "rule": {"cells": OFTEN},
            "horizon_days": 4,
            **more,
        }
    )


def covert() -> Scenario:
    """Groups, counter-message, distrust, a paid start, vetoes, a fading novelty, a class."""
    hidden = {**LIVELY, "brand": "north", "disguise": 0.6, "is_false": True,
              "novelty": 0.6, "novelty_half_life_days": 1.5,
              "channels": {"im": 3.0, "video": 1.0}}  # fmt: skip
    against = {
        "kind": "counter",
        "about": "hidden",
        "value": 0.6,
        "channels": {"im": 1.0, "forum": 1.0},
    }
    return scenario_of(
        {"hidden": hidden, "against": against},
        interventions=[
            {"kind": "accuracy_prompt", "strength": 0.4, "start": 60},
            {"kind": "filter", "strength": 0.2, "channels": ["im"], "start": 600, "duration": 900},
            {"kind": "adjustment", "cell": "read.const", "offset": 0.7, "scale": 0.5,
             "users": "vulnerable"},
            {"kind": "prebunk",
             "trigger": {"quantity": "reach_share", "above": 0.5, "message": "hidden"}},
            {"kind": "disclosure", "share": 0.3, "start": 1500},
            {"kind": "removal", "who": "all", "share": 0.2, "start": 2000},
        ],
    )  # fmt: skip


def trap() -> Scenario:
    """Phishing by e-mail, and a plain campaign beside it."""
    lure = {"phishing": True, "disguise": 1.0, "offer": "full", "channels": {"email": 1.0}}
    plain = {
        **LIVELY,
        "brand": "south",
        "ad_intensity": 0.1,
        "channels": {"email": 1.0, "sms": 1.0},
    }
    return scenario_of({"lure": lure, "plain": plain})


def landing() -> Scenario:
    """A request that is not always served, one network for everything, far-away payers."""
    offer = {
        **LIVELY,
        "brand": "west",
        "offer": "free_copy",
        "channels": {"sms": 1.0, "blog": 1.0},
    }
    network = {"kind": "watts_strogatz", "n_users": 120, "mean_degree": 8.0, "rewire": 0.2,
               "tie_strength": 0.3}  # fmt: skip
    serve = {"kind": "capacity", "per_hour": 1}
    return scenario_of({"offer": offer}, network=network, interventions=[serve])


Case = tuple[Scenario, World, dict[int, UserStory]]
Found = tuple[DeliveryStory, Decision]


@cache
def cases() -> tuple[Case, ...]:
    """All users of several small runs, replayed."""
    made = [(scenario, build(scenario.network)) for scenario in (covert(), trap(), landing())]
    return tuple((s, w, replay(s, 5, range(w.n_users), world=w)) for s, w in made)


@cache
def decisions(name: str) -> list[Found]:
    """Fifty decisions of one name, spread over all runs."""
    found = [f for _, _, stories in cases() for story in stories.values()
             for f in story.decisions(name)]  # fmt: skip
    luck = np.random.default_rng(7).permutation(len(found))[:N_EACH]
    return [found[k] for k in sorted(luck)]


@pytest.mark.parametrize("name", DECISIONS)
def test_terms_sum_to_the_log_odds_and_the_draw_decides(name: str) -> None:
    # `replay` itself compares every sum and every draw with the kernel's and raises.
    assert len(decisions(name)) == N_EACH
    for _, decision in decisions(name):
        assert sum(term.contribution for term in decision.terms) == decision.log_odds
        assert decision.probability == exact.sigmoid(decision.log_odds)
        assert decision.succeeded == (decision.draw < decision.probability)
        vetoed = any(veto.draw < veto.probability for veto in decision.vetoes)
        assert decision.outcome == (decision.succeeded and not vetoed)
        assert set(decision.variables) == {*VARIABLES, "paid"}


@pytest.mark.parametrize("name", DECISIONS)
def test_the_outcome_is_the_one_that_the_engine_had(name: str) -> None:
    for scenario, world, stories in cases():
        trace = simulate(scenario, 5, level="deliveries", world=world)
        assert trace.deliveries is not None
        outcomes = {(r["minute"], r["user"], r["source"], r["message"], r["repeat"], r["channel"]):
                    int(r["outcome"]) for r in trace.deliveries}  # fmt: skip
        bit = {"detect": 2, "convert": 3, "fall": 3, "forward": 4}.get(name)
        for story in stories.values():
            for delivery, decision in story.decisions(name):
                place = (delivery.minute, story.user, -1 if delivery.source is None else
                         delivery.source, trace.messages.index(delivery.message),
                         delivery.repeat, CHANNELS.index(delivery.channel))  # fmt: skip
                if name == "read":
                    assert decision.outcome == (outcomes[place] & 3 == 2)
                elif name == "react":
                    assert decision.outcome == (outcomes[place] >> 5 & 3 > 0)
                else:
                    assert decision.outcome == bool(outcomes[place] >> bit & 1)


def verdict(decision: Decision, log_odds: int) -> bool:
    return decision.draw < exact.sigmoid(log_odds)


@pytest.mark.parametrize("name", DECISIONS)
def test_the_smallest_change_turns_a_decision_and_a_smaller_one_does_not(name: str) -> None:
    for _, decision in decisions(name):
        change = needed_change(decision)
        smaller = change - (1 if change > 0 else -1)
        assert verdict(decision, decision.log_odds + change) != decision.succeeded
        assert verdict(decision, decision.log_odds + smaller) == decision.succeeded
        for flip in what_would_change(decision):
            if flip.cell is not None:
                check_coefficient(decision, flip)
                check_step(decision, flip)


def check_coefficient(decision: Decision, flip: Flip) -> None:
    """The coefficient named turns it, its neighbour on the near side does not."""
    assert flip.cell is not None
    if flip.coefficient is None:
        assert math.isinf(flip.size)
        return
    now = flip.contribution - flip.change  # tells two terms of one cell apart
    term = next(t for t in decision.terms if t.cell == flip.cell and t.contribution == now)
    rest = decision.log_odds - term.contribution
    near = flip.coefficient + (1 if flip.coefficient < term.coefficient else -1)
    for coefficient, turned in ((flip.coefficient, True), (near, False)):
        made = main_rule.Term(term.cell, coefficient, term.variable)
        value = made.value(decision.variables)
        assert (verdict(decision, rest + value) != decision.succeeded) is turned


def check_step(decision: Decision, flip: Flip) -> None:
    """The variable's step named turns it, the step before does not."""
    if flip.step is None or flip.quantity is None:
        return
    assert flip.amount is not None and flip.amount_now is not None
    before = flip.step + (1 if flip.amount < flip.amount_now else -1)
    turned = verdict(decision, log_odds_with(decision, flip.quantity, flip.step))
    assert turned != decision.succeeded
    unturned = verdict(decision, log_odds_with(decision, flip.quantity, before))
    assert unturned == decision.succeeded


def test_a_property_named_turns_the_decision_when_the_message_has_it() -> None:
    scenario, _, stories = cases()[1]
    checked = 0
    for story in stories.values():
        for delivery, decision in story.decisions("forward"):
            message = scenario.messages[delivery.message]
            for flip in what_would_change(decision):
                if flip.quantity not in ("arousal", "ad_intensity", "reward", "ease", "status"):
                    continue
                assert flip.amount is not None and delivery.out_channel is not None
                for share, turned in ((1.0, True), (0.999, False)):
                    now = float(getattr(message, flip.quantity))
                    amount = now + share * (flip.amount - now)
                    other = message.model_copy(update={flip.quantity: amount})
                    terms = main_rule.terms("forward", other, delivery.out_channel, scenario.cells)
                    x = sum(term.value(decision.variables) for term in terms)
                    if abs(flip.change) > 5000:  # else .999 of the way is all the way
                        assert (verdict(decision, x) != decision.succeeded) is turned
                        checked += 1
    assert checked > 20


def test_flips_come_in_order_of_the_part_of_the_range_they_need() -> None:
    for name in DECISIONS:
        for _, decision in decisions(name):
            sizes = [flip.size for flip in what_would_change(decision)]
            assert sizes == sorted(sizes)


def test_what_a_veto_stopped_no_term_would_have_saved() -> None:
    found = [d for name in ("forward", "convert", "fall") for _, _, stories in cases()
             for story in stories.values() for _, d in story.decisions(name)
             if d.succeeded and not d.outcome]  # fmt: skip
    assert found
    for decision in found:
        (flip,) = what_would_change(decision)
        assert flip.cell is None and flip.veto == decision.stopped_by


def test_random_cases_replay_without_a_mismatch() -> None:
    for number in range(100, 120):
        scenario, world = random_case(number)
        replay(scenario, number, range(world.n_users), world=world)


def test_replaying_does_not_change_the_digest() -> None:
    for scenario, world, _ in cases():
        plain = simulate(scenario, 5, world=world)
        assert (
            simulate(scenario, 5, world=world, watch=range(world.n_users)).digest == plain.digest
        )


def test_a_story_is_the_same_whoever_else_is_watched() -> None:
    scenario, world, stories = cases()[0]
    alone = replay(scenario, 5, [17], world=world)
    assert alone == {17: stories[17]}


def test_every_kind_of_thing_happened_in_these_runs() -> None:
    stories = [story for _, _, found in cases() for story in found.values()]
    deliveries = [delivery for story in stories for delivery in story.deliveries]
    assert {flag for d in deliveries for flag in d.flags} >= {"paid", "group", "brand"}
    assert {d.reaction for d in deliveries} >= {"opt_out", "complain", "counter"}
    assert {d.stopped_by for d in deliveries} >= {"opt_out", "removed", "filter"}
    terms = [term for d in deliveries for dec in d.decisions for term in dec.terms]
    moved = {term.variable for term in terms if term.contribution}
    networked = {"using", "not_using", "rival_using"}  # see test_mechanisms
    assert moved == {*VARIABLES, None} - networked
    assert any(t.cell == "read.group" for t in terms)
    assert any(story.is_paid for story in stories)
    assert any(event.kind == "aware" for story in stories for event in story.events)
    assert len({t.weight for t in terms if t.cell == "read.const"}) == 2  # a class has its own
    assert len({t.coefficient for t in terms if t.cell == "forward.novelty"}) > 10  # it fades


def test_adoptions_are_those_of_the_trace() -> None:
    for scenario, world, stories in cases():
        trace = simulate(scenario, 5, world=world)
        for q, name in enumerate(trace.messages):
            has = np.flatnonzero(trace.flag(FORWARDED, q))
            told = [u for u, s in stories.items() if any(a.message == name for a in s.adoptions)]
            assert told == has.tolist()


def test_a_trigger_is_dated_by_what_the_run_left_behind() -> None:
    scenario = covert()
    trace = simulate(scenario, 5, level="deliveries", world=build(scenario.network))
    start = trace.started[3]
    assert 0 < start < scenario.horizon
    assert trace.deliveries is not None
    heard = trace.deliveries[
        (trace.deliveries["message"] == 0) & (trace.deliveries["outcome"] & 3 > 0)
    ]
    reached = [len(np.unique(heard["user"][heard["minute"] < m])) for m in (start - 1, start)]
    assert reached[0] <= 60 < reached[1]
    again = simulate(scenario, 5, world=build(scenario.network))
    assert again.started == trace.started


def test_a_sum_that_differs_from_the_kernels_is_an_error() -> None:
    scenario, world, _ = cases()[1]
    trace = simulate(scenario, 5, world=world, watch=range(120))
    log = trace.watch_log
    assert log is not None
    line = next(line for line in log.tolist() if line[WATCH_COLUMNS.index("read_draw")] >= 0)
    row = dict(zip(WATCH_COLUMNS, line, strict=True))
    case = explain.Case(scenario, world, run_seed(5), trace)
    assert explain.decisions_of(case, row)
    row["read_x"] += 1
    with pytest.raises(ReplayMismatch, match="please report"):
        explain.decisions_of(case, row)


def test_a_user_is_found_by_number_or_by_what_she_did() -> None:
    scenario, world, stories = cases()[0]
    assert find_user(scenario, world, "17", seed=5) == 17
    adopter = find_user(scenario, world, "adopter", seed=5, message="hidden")
    assert any(a.kind == "decided" for a in stories[adopter].adoptions)
    reached = find_user(scenario, world, "random", seed=5)
    assert reached == find_user(scenario, world, "random", seed=5)
    assert any(d.fate != "stopped" for d in stories[reached].deliveries)
    with pytest.raises(ExperimentError, match="got '120'; give a number from 0 to 119"):
        find_user(scenario, world, "120", seed=5)
