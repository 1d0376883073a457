"""The parts of the risk page: groups, events, measures, words and charts."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import vl_convert

from viralbots.engine.simulate import simulate
from viralbots.experiments.runner import run_all
from viralbots.experiments.summary import Result
from viralbots.interventions.levers import members
from viralbots.library import scenario_files
from viralbots.metrics.harm import HARM
from viralbots.scenario import Scenario, from_dict, load, override
from viralbots.trace import COUNTS, DECEIVED, Trace
from viralbots.ui import risk_charts, risk_ghost, risk_groups, risk_remedies, risk_words
from viralbots.ui.i18n import Texts
from viralbots.ui.risk_events import events
from viralbots.world.assemble import build
from viralbots.world.world import World

LANGS = ("en", "zh")


@cache
def case() -> Scenario:
    """A false rumour among 400 people, and a filter once complaints pass a level."""
    cells = {"detect.const": -1.0, "react.const": -3.0, "forward.const": -0.5}
    return from_dict({
        "format": 1, "name": "risk", "title": {"en": "R", "zh": "R"},
        "story": {"en": "S", "zh": "S"}, "network": {"n_users": 400},
        "messages": {"rumour": {"is_false": True, "disguise": 0.5, "arousal": 0.9,
                                "channels": {"im": 1.0}}},
        "rule": {"cells": cells}, "horizon_days": 3,
        "seeding": [{"message": "rumour", "count": 10, "paid": True}],
        "interventions": [{"kind": "filter", "trigger": {
            "quantity": "complaints_per_1000", "above": 1.0, "message": "rumour"}}],
    })  # fmt: skip


@cache
def run() -> tuple[World, Trace]:
    world = build(case().network)
    return world, simulate(case(), 1, world=world, level="deliveries")


@cache
def result() -> Result:
    return run_all(case(), seed=1, replicates=3)


# -- groups ----------------------------------------------------------------------------------


def test_a_group_is_counted_like_by_hand() -> None:
    world, trace = run()
    average, groups = risk_groups.hurt("deceived", world, trace)
    deceived = trace.flag(DECEIVED)
    assert average == deceived.mean()
    elders = next(one for one in groups if one.group.name == "elder")
    mask = members(world, "elders")
    assert (elders.n, elders.total) == (mask.sum(), deceived[mask].sum())
    assert elders.times == deceived[mask].mean() / deceived.mean()


def test_age_bands_are_all_people_once() -> None:
    world, trace = run()
    _, groups = risk_groups.hurt("reach", world, trace)
    bands = [g for g in groups if g.group.name in ("minor", "young", "adult", "elder")]
    assert sum(one.n for one in bands) == world.n_users
    assert sum(one.total for one in bands) == trace.total("reach")


def test_only_a_group_hit_more_than_by_chance_stands_out() -> None:
    world, trace = run()
    _, groups = risk_groups.hurt("deceived", world, trace)
    assert risk_groups.hardest_hit([replace(one, is_clear=False) for one in groups]) is None
    few = replace(trace, state=np.where(np.arange(400)[:, None] < 1, DECEIVED, 0).astype("u4"))
    assert not any(one.is_clear for one in risk_groups.hurt("deceived", world, few)[1])
    elders = members(world, "elders")
    hit = replace(trace, state=np.where(elders[:, None], DECEIVED, 0).astype("u4"))
    most = risk_groups.hardest_hit(risk_groups.hurt("deceived", world, hit)[1])
    assert most is not None and most.group.name == "elder"


# -- events ----------------------------------------------------------------------------------


def test_events_are_in_order_and_at_their_hour() -> None:
    _, trace = run()
    found = events(case(), trace)
    assert [e.minute for e in found] == sorted(e.minute for e in found)
    first = next(e for e in found if e.kind == "deceived")
    assert trace.hourly("deceived")[first.minute // 60] > 0
    assert trace.hourly("deceived")[first.minute // 60 - 1] == 0


def test_a_measure_that_began_is_told_with_its_trigger() -> None:
    _, trace = run()
    found = [e for e in events(case(), trace) if e.kind == "triggered"]
    assert [e.minute for e in found] == [trace.started[0]]
    assert found[0].values["quantity"] == "complaints_per_1000"


def test_a_limit_of_complaints_that_falls_into_one_hour_is_told_once() -> None:
    _, trace = run()
    series = trace.series.copy()
    series[5:, 0, COUNTS.index("delivered")] = 10_000
    series[5:, 0, COUNTS.index("complaints")] = 500
    told = [e.values["n"] for e in events(case(), replace(trace, series=series))
            if e.kind == "complaints"]  # fmt: skip
    assert told == [3]


# -- measures --------------------------------------------------------------------------------


@pytest.mark.parametrize("when", risk_remedies.STARTS)
def test_every_measure_on_offer_makes_a_scenario_that_runs(when: str) -> None:
    arms = risk_remedies.arms(case(), when)
    assert {"accuracy_prompt", "forward_limit", "label", "correction"} <= set(arms)
    assert "bot_removal" not in arms  # there are none
    for arm in arms.values():
        assert arm.interventions[:-1] == case().interventions
    simulate(arms["correction"], 1, world=run()[0])


def test_a_measure_of_no_strength_changes_nothing() -> None:
    arm = risk_remedies.with_remedy(case(), "accuracy_prompt", "now")
    idle = override(arm, {"interventions.1.strength": 0})
    other = run_all(idle, seed=1, replicates=3)
    found = risk_remedies.effect_of("x", result(), other, ("deceived", "reach"), 0.0)
    assert found is not None and found.harm.verdict == "identical" and found.avoided == 0


def effect(kind: str, mean: float, cost: float) -> risk_remedies.Effect:
    values = np.array([10.0, 20.0])
    made = risk_remedies.difference_of("deceived", values, values + mean)
    return risk_remedies.Effect(kind, made, made, cost)


def test_measures_are_ranked_by_harm_avoided_for_what_they_cost() -> None:
    given = [effect("dear", -9, 100), effect("harmful", 4, 0), effect("cheap", -5, 1),
             effect("free", -1, 0), effect("freer", -2, 0)]  # fmt: skip
    order = [one.kind for one in risk_remedies.ranked(given)]
    assert order == ["freer", "free", "cheap", "dear", "harmful"]
    assert risk_remedies.relative(given[0].harm)[0] == pytest.approx(-60)


def test_a_cost_by_the_day_runs_from_the_start_to_the_end() -> None:
    costs = {"label": (5.0, 2.0)}
    assert risk_remedies.cost_of(costs, "label", "now", 10) == 25
    assert risk_remedies.cost_of(costs, "label", "day", 10) == 23
    assert risk_remedies.cost_of(costs, "filter", "now", 10) == 0


def test_a_case_with_another_rule_has_no_measures() -> None:
    assert risk_remedies.on_offer(load(scenario_files()["bot_flood"])) == []


# -- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_every_entry_of_the_ledger_has_a_sentence(lang: str) -> None:
    t, found = Texts(lang), result()
    for metric in HARM:
        said = risk_words.meaning(t, metric.name, found.metrics, 400)
        assert said and "{" not in said, metric.name
        if metric.source:
            assert t.get(f"risk.source.{metric.code}"), metric.code


@pytest.mark.parametrize("lang", LANGS)
def test_undefined_and_nothing_are_told_apart(lang: str) -> None:
    t = Texts(lang)
    summary = result().metrics["complaints_per_1000"]
    nothing = {**result().metrics, "complaints_per_1000": replace(summary, mean=0.0)}
    undefined = {**result().metrics, "complaints_per_1000": replace(summary, mean=math.nan)}
    said = [risk_words.meaning(t, "complaints_per_1000", m, 400)
            for m in (result().metrics, nothing, undefined)]  # fmt: skip
    assert len(set(said)) == 3


def test_only_a_norm_has_a_colour() -> None:
    limits = [risk_words.level("complaints_per_1000", v) for v in (0.5, 1.5, 3.5, math.nan)]
    assert limits == ["fine", "amber", "red", "none"]
    assert risk_words.level("deceived", 1e9) == "none"


def test_what_a_case_is_about_counts_first() -> None:
    assert risk_words.countable(case(), result().metrics)[0] == "deceived"


# -- ghost -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_what_a_run_can_be_without(lang: str) -> None:
    found = risk_ghost.choices(case())
    keys = [choice.key for choice in found]
    assert keys == ["deception", "paid", "disguise", "falsehood", "intervention"]
    for choice in found:
        assert "{" not in risk_ghost.words(Texts(lang), choice)
        assert risk_ghost.ghost_of(case(), choice.without).identity != case().identity


def test_a_single_wave_is_no_choice() -> None:
    harmless = {"messages.rumour.disguise": 0, "messages.rumour.is_false": False}
    bare = override(case(), {"interventions": [], "seeding.0.paid": False, **harmless})
    assert risk_ghost.choices(bare) == []


# -- charts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_can_be_drawn(theme: str) -> None:
    counts = np.arange(49, dtype=np.int64)
    names = risk_charts.Names("Days", "as it went", "without")
    drawn = [
        risk_charts.bars([risk_charts.Bar("a", 0.3, "30 %", True)], 0.2, "20 %", theme=theme),
        risk_charts.run_chart(risk_charts.Curve("harm", counts, counts // 2), names,
                              [(0.1, "1"), (0.11, "2")], 48, theme=theme),
        risk_charts.run_chart(risk_charts.Curve("harm", counts, None), names, [], 48, theme=theme),
        risk_charts.changes([
            risk_charts.Change("a", (-50, -60, -40), (-5, math.nan, math.nan), "-50 %", ""),
            risk_charts.Change("b", (math.nan,) * 3, (-500, -900, 300), "–", "–"),
        ], "Change", theme=theme),
    ]  # fmt: skip
    for spec in drawn:
        assert "<path" in vl_convert.vegalite_to_svg(json.dumps(spec))
