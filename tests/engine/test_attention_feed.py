"""The rule of the bot study: compiled loop and slow reference agree; laws that hold exactly."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest

from tests.reference_attention import simulate_slowly
from viralbots.engine import attention_kernel
from viralbots.engine.simulate import simulate
from viralbots.errors import Cancelled, ScenarioError
from viralbots.metrics import evaluate
from viralbots.scenario import Scenario, from_dict
from viralbots.trace import COUNTS, Trace
from viralbots.world.assemble import build
from viralbots.world.world import Population, Ties, World

N_CASES = 64
TEXT = {"en": "-", "zh": "-"}
PLACEMENTS = ("random", "hubs", "leaders", "vulnerable", "community:0", "elders")


def story(n_users: int = 60, days: float = 1.0, **fields: Any) -> Scenario:
    rule = {"kind": "attention_feed", **fields.pop("rule", {})}
    network = {"kind": "barabasi_albert", "n_users": n_users, **fields.pop("network", {})}
    return from_dict({
        "format": 1, "name": "feeds", "title": TEXT, "story": TEXT, "rule": rule,
        "network": network, "messages": {"post": {}, "spam": {}}, "horizon_days": days, **fields,
    })  # fmt: skip


def case(number: int) -> Scenario:
    """A small world with any rule."""
    luck = random.Random(number)
    rule = {
        "new_post": luck.choice((0.0, 0.2, 0.5, 0.9, 1.0)),
        "feed_length": luck.choice((1, 2, 5, 15)),
        "bots": luck.choice((0.0, 0.05, 0.2, 0.5)),
        "infiltration": luck.choice((0.0, 0.02, 0.3, 1.0)),
        "deception": luck.choice((0.0, 0.5, 1.0)),
        "flooding": luck.choice((1, 3, 100)),
        "placement": luck.choice(PLACEMENTS), "targeted": luck.choice((0.0, 0.1, 1.0)),
        "bot_ties": luck.choice((0, 1, 3)), "appeal_exponent": luck.choice((0.0, 4.0)),
        "quality_slope": luck.choice((0.0, 5.0)), "memory": luck.choice((0.0, 0.5, 0.8)),
        "tolerance": luck.choice((0.0, 0.001, 0.05)),
    }  # fmt: skip
    kinds: tuple[dict[str, Any], ...] = (
        {"kind": "default"}, {"kind": "erdos_renyi", "mean_degree": luck.choice((0.5, 3.0))},
        {"kind": "barabasi_albert"}, {"kind": "watts_strogatz"},
    )  # fmt: skip
    return story(luck.randint(20, 45), luck.choice((0.03, 0.4, 0.55)), rule=rule,
                 network={"attach": None, **luck.choice(kinds), "seed": number})  # fmt: skip


def counts(rows: list[dict[str, int]]) -> list[list[int]]:
    return [[int(row[name]) for name in COUNTS] for row in rows]


def compare(scenario: Scenario, world: World, seed: int) -> Trace:
    """Run both ways and compare all there is."""
    fast = simulate(scenario, seed, world=world, level="deliveries")
    slow = simulate_slowly(scenario, world, seed)
    told: Any = fast.facts["rule"]
    assert (told["steps"], told["converged"]) == (slow.steps, slow.converged)
    assert told["quality"] == slow.quality or math.isnan(told["quality"]) == math.isnan(
        slow.quality) is True  # fmt: skip
    assert fast.totals.tolist() == counts(slow.totals)
    assert fast.series.tolist() == [counts(rows) for rows in slow.series]
    names = ("user", "source", "n_sent", "channel", "kind", "by_brand", "hops", "mark")
    rows = fast.adoptions
    found = list(zip(rows["minute"].tolist(), rows["message"].tolist(),
                     *(rows[name].tolist() for name in names), strict=True))  # fmt: skip
    assert found == [(row[0], row[2], *row[3:]) for row in slow.adoptions]
    assert fast.deliveries is not None and fast.state is not None
    assert fast.deliveries.tolist() == slow.deliveries
    state = np.zeros_like(fast.state)
    for place, word in slow.state.items():
        state[place] = word
    assert (fast.state == state).all()
    marked = set() if fast.marks is None else set(np.flatnonzero(fast.marks).tolist())
    assert marked == slow.bots
    assert fast.digest == slow.digest
    return fast


@pytest.mark.parametrize("number", range(N_CASES))
def test_the_compiled_loop_does_what_the_slow_one_does(number: int) -> None:
    scenario = case(number)
    compare(scenario, build(scenario.network), number)


def test_the_cases_meet_everything_there_is() -> None:
    """Otherwise agreement would say little."""
    met = {"reshared": 0, "by bots": 0, "crowded out": 0, "converged": 0, "went on": 0,
           "a person reshared a bot": 0}  # fmt: skip
    for number in range(N_CASES):
        trace = simulate(case(number), number, level="deliveries")
        rows, told = trace.adoptions, trace.facts["rule"]
        is_reshare, is_spam = rows["kind"] == 0, rows["message"] == 1
        met["reshared"] += bool((is_reshare & ~is_spam).any() or trace.total("emitted"))
        met["by bots"] += bool(is_spam.any())
        met["a person reshared a bot"] += bool((is_spam & (rows["mark"] == 0)).any())
        met["crowded out"] += trace.total("readings") < trace.total("delivered")
        met["converged" if told["converged"] else "went on"] += 1  # type: ignore[index]
    assert min(met.values()) >= 8, met


def shuffled(world: World, order: np.ndarray) -> World:
    """The same world with its users in another order, keys kept: user i is order[i] of before."""
    people = world.population
    moved = {name: value[order] for name, value in vars(people).items()
             if isinstance(value, np.ndarray)}  # fmt: skip
    where = np.argsort(order)
    ties = world.follows
    rows = [where[ties.row(int(u))] for u in order]
    words = np.concatenate(rows).astype(np.uint32)
    words |= people.channels[order][words].astype(np.uint32) << np.uint32(26)
    offset = np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64)
    follows = Ties(offset, words, ties.layer_end[order], ties.layer_level)
    return World(Population(**{**moved, "seed": people.seed}), follows, follows)


@pytest.mark.parametrize("placement", ["random", "hubs"])
def test_relabelling_users_relabels_the_result(placement: str) -> None:
    rule = {"placement": placement, "bots": 0.1, "infiltration": 0.1, "flooding": 2}
    scenario = story(80, rule=rule, network={"kind": "default"})
    built = build(scenario.network)
    world = replace(built, ties=built.follows)
    order = np.array(random.Random(5).sample(range(80), 80))
    plain = simulate(scenario, 3, world=world)
    other = simulate(scenario, 3, world=shuffled(world, order))
    assert plain.digest == other.digest
    assert (plain.totals == other.totals).all() and plain.facts["rule"] == other.facts["rule"]
    assert plain.state is not None and other.state is not None
    assert (plain.state[order] == other.state).all()


def test_without_followers_bots_change_nothing_for_people() -> None:
    """γ = 0: what bots do among themselves reaches nobody."""
    calm = simulate(story(rule={"infiltration": 0, "bots": 0.2}), 1)
    loud = simulate(story(rule={"infiltration": 0, "bots": 0.2, "flooding": 50,
                                "deception": 1.0, "bot_ties": 9}), 1)  # fmt: skip
    assert calm.facts["rule"] == loud.facts["rule"]
    assert (calm.totals[0] == loud.totals[0]).all()
    assert calm.total("reach", 1) == 0


def test_the_level_of_the_trace_does_not_touch_the_run() -> None:
    traces = [simulate(story(), 2, level=level) for level in ("series", "adoptions", "deliveries")]
    assert len({trace.digest for trace in traces}) == 1
    assert len({str(trace.totals.tolist()) for trace in traces}) == 1
    assert traces[0].state is None and len(traces[0].adoptions) == 0
    assert traces[2].deliveries is not None
    assert len(traces[2].deliveries) == traces[2].totals[:, COUNTS.index("delivered")].sum()


def test_every_metric_takes_such_a_trace() -> None:
    scenario = story(rule={"infiltration": 0.1})
    world = build(scenario.network)
    values = evaluate(world, simulate(scenario, 1, world=world, level="deliveries"))
    assert 0 < values["quality"] < 1
    assert math.isnan(values["quality:spam"])
    assert values["converts"] == 0 and values["reach:spam"] > 0


def test_people_without_anybody_to_hear_have_no_quality() -> None:
    lonely = story(30, network={"kind": "configuration", "degrees": {"0": 1.0}},
                   rule={"bots": 0})  # fmt: skip
    trace = simulate(lonely, 1)
    assert math.isnan(trace.facts["rule"]["quality"])  # type: ignore[index]
    assert trace.total("delivered") == 0


def test_it_can_be_stopped() -> None:
    cancel = Event()
    told: list[float] = []

    def progress(share: float) -> None:
        told.append(share)
        cancel.set()

    with pytest.raises(Cancelled):
        simulate(story(rule={"tolerance": 0.0}), 1, progress=progress, cancel=cancel)
    assert told == [1 / 24]


@pytest.mark.parametrize(("fields", "path"), [
    ({"n_users": 10_001}, "network.n_users"),
    ({"rule": {"placement": "stars"}}, "rule.placement"),
    ({"rule": {"feed_length": 0}}, "rule.feed_length"),
    ({"rule": {"cells": {}}}, "rule.cells"),
    ({"messages": {"post": {}}}, "messages"),
    ({"messages": {"post": {}, "spam": {}, "more": {}}}, "messages"),
    ({"messages": {"post": {"value": 0.9}, "spam": {}}}, "messages.post.value"),
    ({"seeding": [{"message": "post", "count": 5}]}, "seeding[0]"),
    ({"interventions": [{"kind": "prebunk"}]}, "interventions[0]"),
    ({"bots": [{"kind": "spammer", "message": "spam"}]}, "bots[0]"),
])  # fmt: skip
def test_what_it_cannot_have_is_refused(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        story(**fields)
    assert [problem.path for problem in caught.value.problems] == [path]


def test_a_file_with_too_many_users_is_refused_when_it_is_read(tmp_path: Any) -> None:
    path = tmp_path / "ring.csv"
    path.write_text("".join(f"{i},{(i + 1) % 10_001}\n" for i in range(10_001)), "utf-8")
    scenario = story(network={"kind": "imported", "path": str(path)})
    with pytest.raises(ScenarioError, match="at most 10000 users, got 10001"):
        simulate(scenario, 1)


def test_a_changed_source_makes_other_machine_code() -> None:
    cells = [cell.cell_contents for cell in attention_kernel.spread.py_func.__closure__ or ()]
    assert attention_kernel._stamp() in cells
