"""The film of a run: what a trace tells, for the users who are shown."""

from __future__ import annotations

import dataclasses
import time
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.experiments.small import small
from tests.random_worlds import random_case
from viralbots.engine.simulate import simulate
from viralbots.errors import ExperimentError
from viralbots.experiments.film import MOST_SHOWN, Film, account, day_and_time, film
from viralbots.experiments.film_moments import COUNTERED, MOST_STEPS, TOLD, WON, steps_of
from viralbots.experiments.film_sample import TIES_EACH
from viralbots.experiments.words import number
from viralbots.scenario import Scenario
from viralbots.trace import CONVERTED, DECIDED, HEARD, INVOLUNTARY, MUTATED, REACTED, READ, Trace
from viralbots.world.assemble import build
from viralbots.world.world import World

CASES = (0, 3, 5, 11, 19, 21)
FIRSTS = ("heard_at", "read_at", "converted_at", "adopted_at", "turned_at")


@cache
def case(number: int) -> tuple[World, Trace]:
    """A random case, run with every delivery kept."""
    scenario, world = random_case(number)
    return world, simulate(scenario, number, level="deliveries", world=world)


@cache
def rumour(level: str = "deliveries") -> tuple[Scenario, World, Trace]:
    """600 users, a false rumour and the counter-message about it."""
    cells = {"react.const": -4.0, "forward.const": -3.2, "visibility.forum": 0.5}
    seeding = [{"message": "rumour", "count": 20}, {"message": "truth", "count": 8, "minute": 600}]
    scenario = small(rule={"cells": cells}, seeding=seeding, horizon_days=8)
    world = build(scenario.network)
    return scenario, world, simulate(scenario, 2, level=level, world=world)


@cache
def few(n_shown: int, level: str = "deliveries") -> Film:
    """The film of the rumour with some of its users."""
    _, world, trace = rumour(level)
    return film(world, trace, n_shown=n_shown)


def counters(trace: Trace, message: int) -> list[int]:
    facts: Any = trace.facts["messages"]
    name = trace.messages[message]
    return [
        q for q, fact in enumerate(facts) if fact["kind"] == "counter" and fact["about"] == name
    ]


# -- moments -------------------------------------------------------------------------------


def slow_moments(trace: Trace, message: int) -> dict[str, list[int]]:
    """The same, delivery by delivery."""
    names = (*FIRSTS, "source", "countered_at", "countered_by")
    found = {name: [-1] * trace.n_users for name in names}

    def note(name: str, user: int, value: int) -> None:
        if found[name][user] < 0:
            found[name][user] = value

    assert trace.deliveries is not None
    told_by, met = [-1] * trace.n_users, set[int]()
    reacted, countered = [-1] * trace.n_users, found["countered_at"]
    for row in trace.deliveries:
        user, at, outcome = int(row["user"]), int(row["minute"]), int(row["outcome"])
        if row["message"] != message or outcome & 3 == 0:
            continue
        if user not in met:
            told_by[user] = int(row["source"])
            met.add(user)
        if not trace.flag(HEARD, message)[user]:  # an account run by somebody else
            continue
        note("heard_at", user, at)
        if outcome & 3 == 2:
            note("read_at", user, at)
        if outcome >> 5 & 3 and reacted[user] < 0:
            reacted[user] = at
    for row in trace.converts[trace.converts["message"] == message]:
        note("converted_at", int(row["user"]), int(row["minute"]))
    for row in trace.adoptions:
        user, at = int(row["user"]), int(row["minute"])
        if row["message"] == message:
            note("adopted_at", user, at)
            found["source"][user] = -1 if row["kind"] == MUTATED else int(row["source"])
        elif row["message"] in counters(trace, message) and countered[user] < 0:
            countered[user] = at
            found["countered_by"][user] = -1 if row["kind"] == MUTATED else int(row["source"])
    for user in range(trace.n_users):
        known = [at for at in (reacted[user], countered[user]) if at >= 0]
        found["turned_at"][user] = min(known, default=-1)
        if found["adopted_at"][user] < 0:
            found["source"][user] = told_by[user]
    return found


@pytest.mark.parametrize("number", CASES)
def test_moments_are_those_of_the_deliveries(number: int) -> None:
    world, trace = case(number)
    for message in range(len(trace.messages)):
        shown, wanted = film(world, trace, message=message), slow_moments(trace, message)
        assert shown.users.tolist() == list(range(world.n_users))
        for name, values in wanted.items():
            assert getattr(shown, name).tolist() == values, (name, trace.messages[message])


@pytest.mark.parametrize("number", CASES)
def test_what_is_seen_at_the_end_is_what_the_trace_counts(number: int) -> None:
    world, trace = case(number)
    for message in range(len(trace.messages)):
        shown = film(world, trace, message=message)
        flags = {"heard_at": HEARD, "read_at": READ, "converted_at": CONVERTED}
        for name, flag in flags.items():
            assert ((getattr(shown, name) >= 0) == trace.flag(flag, message)).all(), name
        reacted = trace.flag(REACTED, message)
        assert (shown.turned_at[reacted] >= 0).all()
        assert shown.reach[-1] == (shown.heard_at >= 0).sum() == trace.total("reach", message)
        assert shown.adopters[-1] == (shown.adopted_at >= 0).sum()
        assert shown.adopters[-1] == (trace.adoptions["message"] == message).sum()


@pytest.mark.parametrize("number", CASES)
def test_nobody_reads_before_she_heard_or_decides_before_she_read(number: int) -> None:
    world, trace = case(number)
    shown = film(world, trace)
    rows = trace.adoptions[(trace.adoptions["message"] == 0)]
    decided = np.isin(shown.users, rows["user"][rows["kind"] == DECIDED])
    for first, then in (("heard", "read"), ("read", "converted"), ("read", "adopted")):
        early, late = getattr(shown, f"{first}_at"), getattr(shown, f"{then}_at")
        both = late >= 0 if then != "adopted" else (late >= 0) & decided
        assert (early[both] >= 0).all()
        assert (early[both] <= late[both]).all()


def test_a_source_passed_it_on_before_she_won_anybody() -> None:
    shown = few(600)
    won = (shown.adopted_at >= 0) & (shown.source >= 0)
    assert won.sum() > 50
    assert (shown.adopted_at[shown.source[won]] < shown.adopted_at[won]).all()


def test_curves_count_everybody_hour_by_hour() -> None:
    _, _, trace = rumour()
    for shown in (few(600), few(100)):
        assert (shown.reach == trace.hourly("reach")).all()
        for curve, message in ((shown.adopters, 0), (shown.counter, 1)):
            at = trace.adoptions["minute"][trace.adoptions["message"] == message]
            assert curve.tolist() == [int((at < 60 * h).sum()) for h in range(len(curve))]
        assert shown.counter[-1] > 5


# -- ways ----------------------------------------------------------------------------------


@pytest.mark.parametrize("n_shown", [600, 150])
def test_every_way_was_gone(n_shown: int) -> None:
    _, _, trace = rumour()
    shown = few(n_shown)
    assert trace.deliveries is not None
    gone = {
        TOLD: {tuple(map(int, r)) for r in trace.deliveries[["source", "user", "minute"]]
               [trace.deliveries["message"] == 0]},
        WON: {tuple(map(int, r)) for r in trace.adoptions[["source", "user", "minute"]]
              [trace.adoptions["message"] == 0]},
        COUNTERED: {tuple(map(int, r)) for r in trace.adoptions[["source", "user", "minute"]]
                    [trace.adoptions["message"] == 1]},
    }  # fmt: skip
    kinds = set()
    for source, target, minute, kind in shown.carried.tolist():
        assert (shown.users[source], shown.users[target], minute) in gone[kind]
        kinds.add(kind)
    assert kinds == {TOLD, WON, COUNTERED}
    assert (np.diff(shown.carried[:, 2]) >= 0).all()


def test_whoever_was_won_or_told_by_somebody_shown_has_a_way() -> None:
    shown = few(600)
    ends = shown.carried[:, 1]
    won = set(np.flatnonzero((shown.adopted_at >= 0) & (shown.source >= 0)))
    assert set(ends[shown.carried[:, 3] == WON]) == won
    told = set(ends[shown.carried[:, 3] == TOLD])
    at_once = {end for end in won if shown.heard_at[end] == shown.adopted_at[end]}
    heard = set(np.flatnonzero(shown.heard_at >= 0))
    # At the minute at which one copy won her another one may have told her.
    assert heard - at_once <= told <= heard
    assert len(told & at_once) < 5 < len(told) - len(won)


# -- who is shown --------------------------------------------------------------------------


def whole_paths(shown: Film) -> bool:
    """Whether everybody who passed something on is shown with whom she had it from."""
    passed = shown.adopted_at >= 0
    own = shown.source[passed] >= -1
    return bool(own.all() and (shown.countered_by[~passed] >= -1).all())


@pytest.mark.parametrize("n_shown", [1, 2, 7, 40, 150, 400, 599])
@pytest.mark.parametrize("level", ["deliveries", "adoptions"])
def test_nobody_who_passed_it_on_appears_without_her_source(n_shown: int, level: str) -> None:
    shown = few(n_shown, level)
    assert shown.n_shown == n_shown
    assert (np.diff(shown.users) > 0).all()
    assert whole_paths(shown)


@pytest.mark.parametrize("number", CASES)
@pytest.mark.parametrize("n_shown", [1, 5, 17])
def test_paths_stay_whole_whatever_happens(number: int, n_shown: int) -> None:
    """Contacts misused by others, sources who never adopt, several counter-messages."""
    world, trace = case(number)
    for message in range(len(trace.messages)):
        shown = film(world, trace, message=message, n_shown=n_shown)
        assert 0.75 * min(n_shown, world.n_users) <= shown.n_shown <= n_shown
        assert whole_paths(shown)


def test_those_who_passed_it_on_get_half_the_places_and_others_the_rest() -> None:
    shown = few(200)
    passed = (shown.adopted_at >= 0) | (shown.countered_by >= 0)
    heard = (shown.heard_at >= 0) & ~passed
    assert 85 <= passed.sum() <= 100  # of about 300
    assert 45 <= heard.sum() <= 65
    assert 40 <= (~passed & ~heard).sum() <= 65


def test_seeds_are_shown_first() -> None:
    _, _, trace = rumour()
    seeds = trace.adoptions["user"][(trace.adoptions["kind"] == 1)]
    assert len(seeds) == 28
    assert np.isin(seeds, few(300).users).all()
    assert np.isin(seeds, few(40).users).sum() >= 4  # a quarter of the places, at least


def test_those_who_only_heard_of_it_did_so_from_somebody_shown() -> None:
    shown = few(300)
    heard = (shown.heard_at >= 0) & (shown.adopted_at < 0) & (shown.countered_by == -1)
    assert heard.sum() > 50
    assert (shown.source[heard] >= 0).mean() > 0.8


def test_users_are_drawn_by_the_world_and_not_by_the_run() -> None:
    _, world, trace = rumour()
    again = film(world, trace, n_shown=150)
    for field in dataclasses.fields(Film):
        one, two = getattr(again, field.name), getattr(few(150), field.name)
        assert (np.array_equal(one, two)) if isinstance(one, np.ndarray) else one == two


def test_where_everybody_is_shown_all_films_have_the_same_picture() -> None:
    scenario, world, trace = rumour()
    other = simulate(scenario, 5, level="deliveries", world=world)
    first, second = film(world, trace), film(world, other)
    assert first.heard_at.tobytes() != second.heard_at.tobytes()
    assert first.position.tobytes() == second.position.tobytes()
    assert first.ties.tobytes() == second.ties.tobytes()


@pytest.mark.parametrize("n_shown", [600, 150])
def test_ties_are_ties_of_the_world_and_not_too_many(n_shown: int) -> None:
    _, world, _ = rumour()
    shown = few(n_shown)
    pairs = shown.users[shown.ties]
    networks = (world.ties, world.follows)
    assert any(all(b in t.row(a) or a in t.row(b) for a, b in pairs.tolist()) for t in networks)
    assert len(np.unique(np.sort(pairs, axis=1), axis=0)) == len(pairs) > n_shown
    assert len(pairs) <= TIES_EACH * n_shown


@pytest.mark.slow
def test_no_more_are_shown_than_a_browser_can_draw() -> None:
    scenario = small(network={"n_users": MOST_SHOWN + 500}, horizon_days=0.2)
    world = build(scenario.network)
    trace = simulate(scenario, 1, level="adoptions", world=world)
    assert film(world, trace, n_shown=10**6).n_shown == MOST_SHOWN


# -- what the trace does not tell ----------------------------------------------------------


def test_without_deliveries_only_adopters_have_their_minutes() -> None:
    _, world, trace = rumour("adoptions")
    shown, full = few(600, "adoptions"), few(600)
    assert (shown.adopted_at == full.adopted_at).all()
    won = full.adopted_at >= 0
    assert (shown.source[won] == full.source[won]).all()
    for name in ("heard_at", "read_at", "converted_at", "turned_at"):
        one, two = getattr(shown, name), getattr(full, name)
        assert ((one >= 0) == (two >= 0)).all(), name
        known = (one >= 0) & (one < trace.horizon)
        assert (two[known] <= one[known]).all(), name  # by then at the latest
    assert (shown.heard_at[~won & (full.heard_at >= 0)] == trace.horizon).all()
    assert set(shown.carried[:, 3]) == {WON, COUNTERED}
    assert "not known" in shown.notes["en"][-1]
    assert "并不清楚" in shown.notes["zh"][-1]
    assert len(full.notes["en"]) == len(full.notes["zh"]) == 1


def test_the_note_tells_how_many_of_whom_are_shown() -> None:
    shown = few(200)
    _, _, trace = rumour()
    passed = len(np.unique(trace.adoptions["user"]))
    for lang in ("en", "zh"):
        note = shown.notes[lang][0]
        for count in (200, 600, passed):
            assert number(count) in note
    assert few(600).notes["en"][0] == "All 600 people are shown."


@pytest.mark.parametrize("n_shown", [0, -3])
def test_somebody_has_to_be_shown(n_shown: int) -> None:
    _, world, trace = rumour()
    with pytest.raises(ExperimentError, match=f"n_shown must be at least 1, got {n_shown}"):
        film(world, trace, n_shown=n_shown)


def test_a_trace_without_users_or_of_another_world_is_refused() -> None:
    scenario, world, _ = rumour()
    with pytest.raises(ExperimentError, match="run again at 'adoptions'"):
        film(world, simulate(scenario, 1, level="series", world=world))
    other, trace = case(0)
    with pytest.raises(ExperimentError, match="give the world in which it was run"):
        film(world, trace)
    with pytest.raises(IndexError):
        film(other, trace, message=99)


# -- moments to stop at --------------------------------------------------------------------


def grown(hours: int, at: int, width: int) -> NDArray[np.int64]:
    """Events that nearly all happen around an hour."""
    away = np.clip((np.arange(hours + 1) - at) / width, -40, 40)
    return np.round(10_000 / (1 + np.exp(-away))).astype(np.int64)


@pytest.mark.parametrize("hours", [1, 5, 24, 168, 720, 4320])
@pytest.mark.parametrize("kind", ["nothing", "early", "late", "all at once"])
def test_steps_lead_from_the_beginning_to_the_end(hours: int, kind: str) -> None:
    events = {
        "nothing": np.zeros(hours + 1, np.int64),
        "early": grown(hours, hours // 10, 1),
        "late": grown(hours, hours * 9 // 10, 5),
        "all at once": np.append(0, np.full(hours, 7)),
    }[kind]
    horizon = 60 * hours - 13
    steps, pace, settled = steps_of(events, horizon)
    assert steps[0] == 0 and steps[-1] == horizon
    assert (np.diff(steps) > 0).all()
    assert len(steps) == len(pace) <= MOST_STEPS + 1
    assert pace[0] == 0 and pace[-1] == pytest.approx(1)
    assert (np.diff(pace) > 0).all()
    assert 0 < settled <= horizon
    assert settled == horizon or settled in steps


def test_there_are_more_steps_while_much_happens() -> None:
    events = grown(4320, 2500, 60)
    steps, pace, _ = steps_of(events, 4320 * 60)
    busy = (steps > 2200 * 60) & (steps < 2800 * 60)
    assert busy.sum() > 0.35 * len(steps)  # an eighth of the time
    assert np.ptp(pace[busy]) > 0.35


def test_a_short_film_stops_at_every_hour() -> None:
    steps, _, settled = steps_of(grown(168, 80, 20), 168 * 60)
    assert steps.tolist() == [60 * h for h in range(169)]
    assert settled == 168 * 60


def test_a_long_end_without_events_is_set_apart() -> None:
    steps, pace, settled = steps_of(grown(720, 20, 3), 720 * 60)
    assert 30 * 60 < settled < 60 * 60
    assert (steps > settled).sum() == 60
    assert pace[np.searchsorted(steps, settled)] > 0.9


# -- told in words -------------------------------------------------------------------------


def test_every_step_is_told_with_the_counts_of_the_trace() -> None:
    _, _, trace = rumour()
    shown = few(600)
    told = [account(shown, step) for step in range(len(shown.steps))]
    for text, minute in zip(told, shown.steps.tolist(), strict=True):
        hour = minute // 60
        heard, passed = trace.hourly("reach")[hour], shown.adopters[hour]
        assert text.startswith(f"{day_and_time(minute)}: {number(heard)} ha")
        assert f"{number(passed)} passed it on, {number(shown.counter[hour])} passed on a" in text
    assert sum("since the last step" in text for text in told) > 10
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("number", [None, *CASES])
def test_who_brought_most_is_counted_one_by_one(number: int | None) -> None:
    world, trace = rumour()[1:] if number is None else case(number)
    if number is None:  # at full hours, where one step goes over to the next
        adoptions = trace.adoptions.copy()
        adoptions["minute"] -= adoptions["minute"] % 60
        trace = dataclasses.replace(trace, adoptions=adoptions)
    shown = film(world, trace)
    rows = trace.adoptions[trace.adoptions["message"] == 0]
    rows = rows[np.isin(rows["kind"], (DECIDED, INVOLUNTARY))]
    for step, (who, won) in enumerate(shown.brought.tolist()):
        after = shown.steps[step - 1] if step else -1
        here = rows[(rows["minute"] >= after) & (rows["minute"] < shown.steps[step])]
        brought = np.bincount(here["source"][here["source"] >= 0], minlength=world.n_users)
        assert won == brought.max()
        assert who == (brought.argmax() if won else -1)


def test_a_step_is_told_in_both_languages() -> None:
    shown = few(600)
    step = int(np.argmax(shown.brought[:, 1] >= 2))
    who, won = shown.brought[step].tolist()
    moment = dataclasses.replace(
        shown, names=tuple("Ann" for _ in shown.names), steps=shown.steps * 0 + 1800,
        reach=shown.reach * 0 + 1312, adopters=shown.adopters * 0 + 41,
        counter=shown.counter * 0,
    )  # fmt: skip
    assert account(moment, step).replace("\N{NO-BREAK SPACE}", " ") == (
        "Day 2, 14:00: 1 312 have heard of it, 41 passed it on; "
        f"since the last step Ann (user {who}) won {won} others."
    )
    assert account(moment, step, "zh").replace("\N{NO-BREAK SPACE}", " ") == (
        "第2天14:00：1 312人听说了，41人转发了，"
        f"自上一步以来，Ann（用户{who}）带来了{won}位转发者。"
    )
    alone = dataclasses.replace(moment, reach=moment.reach * 0 + 1, brought=shown.brought * 0 - 1)
    assert account(alone, step) == "Day 2, 14:00: 1 has heard of it, 41 passed it on."


# -- size ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_world_of_a_million_is_filmed_within_seconds() -> None:
    scenario = small(network={"n_users": 1_000_000}, seeding=[{"message": "rumour", "count": 500}])
    world = build(scenario.network)
    trace = simulate(scenario, 1, level="adoptions", world=world)
    film(world, trace, n_shown=10)  # compiles
    start = time.perf_counter()
    shown = film(world, trace)
    taken = time.perf_counter() - start
    assert shown.n_shown == 3000
    assert shown.adopters[-1] > 3000
    assert (shown.source[shown.adopted_at >= 0] >= -1).all()
    assert taken < 6  # two, on a machine with nothing else to do
