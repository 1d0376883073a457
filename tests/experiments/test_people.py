"""The people of a run: found as reading everybody one by one finds them."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.experiments.small import small
from tests.random_worlds import random_case
from viralbots.draws import run_seed
from viralbots.engine.simulate import simulate
from viralbots.errors import ExperimentError
from viralbots.experiments.decision import UserStory
from viralbots.experiments.paid import paid_seeds
from viralbots.experiments.people import DID, GROUPS, PERSONAS, SORTS, Query, find
from viralbots.experiments.people_table import rows
from viralbots.experiments.person import most_telling, person, turning_point, view_of
from viralbots.experiments.replay import replay
from viralbots.experiments.story import story
from viralbots.interventions.levers import choose
from viralbots.scenario import Scenario, load, override
from viralbots.trace import (
    CONVERTED,
    COUNTER_START,
    DECEIVED,
    FATE_READ,
    FATE_STOPPED,
    SEED,
    Trace,
)
from viralbots.world.assemble import build
from viralbots.world.message import message_id
from viralbots.world.personas import persona_words
from viralbots.world.population import build_population
from viralbots.world.profiles import profile_of, profiles_of
from viralbots.world.shares import PopulationSpec
from viralbots.world.world import AGE_BANDS, ROLES, World

ROOT = Path(__file__).resolve().parents[2]

CASES = (0, 3, 19, 21)
EVERYBODY = 1 << 30


@cache
def case(number: int) -> tuple[Scenario, World, Trace]:
    """A random case, run with every delivery kept."""
    scenario, world = random_case(number)
    return scenario, world, simulate(scenario, number, level="deliveries", world=world)


@cache
def backlash() -> tuple[Scenario, World, Trace]:
    """A false rumour that many see through and speak out against."""
    cells = {
        "detect.const": -1.0,
        "react.const": -4.0,
        "forward.const": -0.5,
        "visibility.forum": 1.0,
    }
    network = {"n_users": 100}
    scenario = small(rule={"cells": cells}, network=network, interventions=[
        {"kind": "leak", "message": "truth", "who": "all", "count": 1, "start": 300},
    ])  # fmt: skip
    world = build(scenario.network)
    return scenario, world, simulate(scenario, 2, level="deliveries", world=world)


# -- reading everybody one by one ----------------------------------------------------------


class Oracle:
    """The same questions, asked of one user at a time, from the lists of what happened."""

    def __init__(self, scenario: Scenario, world: World, trace: Trace) -> None:
        self.scenario, self.world, self.trace = scenario, world, trace
        self.people = profiles_of(world, np.arange(world.n_users))
        self.adoptions = [dict(zip(row.dtype.names, row.tolist(), strict=True))
                          for row in trace.adoptions]  # fmt: skip
        self.deliveries: dict[int, list[dict[str, int]]] = defaultdict(list)
        for row in trace.deliveries:
            self.deliveries[int(row["user"])].append(
                dict(zip(row.dtype.names, row.tolist(), strict=True))
            )
        self.told = replay(scenario, trace.seed, range(world.n_users), world=world)

    def meant(self, message: str | None) -> set[int]:
        return {q for q, name in enumerate(self.trace.messages) if message in (None, name)}

    def counters(self, message: str | None) -> set[int]:
        meant = self.meant(message)
        about = {self.trace.messages[q] for q in meant}
        kinds = enumerate(self.scenario.messages.values())
        return {q for q, m in kinds if m.kind == "counter" and (m.about in about or q in meant)}

    def about(self, query: Query) -> list[dict[str, int]]:
        wanted = (self.counters if "against" in query.did else self.meant)(query.message)
        return [row for row in self.adoptions if row["message"] in wanted]

    @cache  # noqa: B019  three worlds of a hundred users
    def did(self, user: int, word: str, message: str | None) -> bool:
        meant = self.meant(message)
        mine = [d for d in self.deliveries[user] if d["message"] in meant]
        if word in ("heard", "read"):
            fates = [d["outcome"] & 3 for d in mine]
            return any(f != FATE_STOPPED if word == "heard" else f == FATE_READ for f in fates)
        if word == "reacted":  # an opt-out or a complaint; or a counter-message begun in vain
            begun = [a for a in self.adoptions if a["user"] == user and a["kind"] == 2]
            kinds = {d["outcome"] >> 5 & 3 for d in mine}
            return bool(kinds & {1, 2} or (3 in kinds and not begun))
        if word in ("adopted", "against"):
            wanted = meant if word == "adopted" else self.counters(message)
            return any(a["user"] == user and a["message"] in wanted for a in self.adoptions)
        flag = {"deceived": DECEIVED, "converted": CONVERTED}[word]
        return any(int(self.trace.state[user, q]) & flag for q in meant)

    def is_in(self, user: int, group: str, query: Query) -> bool:
        people = self.world.population
        if group == "vulnerable":
            return bool(people.vulnerable[user])
        if group in AGE_BANDS:
            return AGE_BANDS[people.age_band[user]] == group
        starts = [a for a in self.about(query) if a["user"] == user and a["kind"] == SEED]
        if group == "seed":
            return bool(starts)
        paid = [(a.message, a.minute) for a in self.told[user].adoptions if a.is_paid]
        return any((self.trace.messages[a["message"]], a["minute"]) in paid for a in starts)

    def fits(self, user: int, query: Query) -> bool:
        people, text = self.world.population, " ".join(query.text.split()).casefold()
        marks = 0 if self.trace.marks is None else int(self.trace.marks[user])
        words = (
            *persona_words(people, user),
            ROLES[people.role[user]],
            *["bot"][: marks >> 1 & 1],
        )
        labels = [label.casefold() for label in self.world.labels[user : user + 1]]
        named = [self.people[user].name.casefold(), *labels]
        return (
            query.persona in (None, *words)
            and query.community in (None, int(people.community[user]))
            and all(self.did(user, word, query.message) for word in query.did)
            and all(self.is_in(user, group, query) for group in query.groups)
            and (text.removeprefix("#") == str(user) or any(text in name for name in named))
        )

    def find(self, query: Query) -> list[int]:
        about = self.about(query)
        found = [u for u in range(self.world.n_users) if self.fits(u, query)]
        key = {
            "number": lambda u: u,
            "ties": lambda u: -len(self.world.ties.row(u)),
            "caused": lambda u: -sum(a["source"] == u for a in about),
            "minute": lambda u: next(
                (k for k, a in enumerate(about) if a["user"] == u), EVERYBODY
            ),
        }[query.sort]
        return sorted(found, key=lambda u: (key(u), u))


@cache
def oracle(number: int | None) -> Oracle:
    return Oracle(*(backlash() if number is None else case(number)))


def queries(trace: Trace) -> list[Query]:
    """Every condition alone, and many of them together."""
    words: list[dict[str, Any]] = [{"persona": p} for p in PERSONAS]
    words += [{"groups": (g,)} for g in GROUPS] + [{"did": (d,)} for d in DID]
    words += [{"text": t} for t in ("17", "#3", "an", "王", "a b", "zzz")] + [{"community": 1}, {}]
    single = [Query(**w, message=m, sort=s) for w in words
              for m, s in zip((None, *trace.messages), itertools.cycle(SORTS))]  # fmt: skip
    pairs = itertools.product(DID, DID, GROUPS)
    return single + [Query(did=(a, b), groups=(g,), message=trace.messages[0], sort="caused")
                     for a, b, g in list(pairs)[::5]]  # fmt: skip


@pytest.mark.parametrize("number", [None, *CASES])
def test_everybody_is_found_whom_reading_one_by_one_finds(number: int | None) -> None:
    asked = oracle(number)
    for query in queries(asked.trace):
        expected = asked.find(query)
        found = find(asked.world, asked.trace, query, scenario=asked.scenario, limit=EVERYBODY)
        assert found.users.tolist() == expected, query
        assert found.total == len(expected)


def test_every_condition_is_met_by_some_and_not_by_others() -> None:
    met = dict.fromkeys((*DID, *GROUPS, *PERSONAS), 0)
    for number in (None, *CASES):
        scenario, world, trace = backlash() if number is None else case(number)
        for word in met:
            query = Query(
                did=(word,) if word in DID else (),
                groups=(word,) if word in GROUPS else (),
                persona=word if word in PERSONAS else None,
            )
            n = find(world, trace, query, scenario=scenario).total
            met[word] += 0 < n < world.n_users
    assert [word for word, times in met.items() if not times and word not in UNMET] == []


UNMET = ("operator", "bot")  # of bots see test_mechanisms


def test_pages_put_together_are_everybody_once() -> None:
    _, world, trace = backlash()
    query = Query(did=("heard",), sort="minute")
    whole = find(world, trace, query, limit=EVERYBODY)
    pages = [find(world, trace, query, offset=k, limit=7) for k in range(0, whole.total + 7, 7)]
    assert np.concatenate([page.users for page in pages]).tolist() == whole.users.tolist()
    assert {page.total for page in pages} == {whole.total}
    assert len(pages[-1].users) == 0 < len(pages[0].users)


def test_who_started_the_backlash_is_the_first_row() -> None:
    scenario, world, trace = backlash()
    found = find(world, trace, Query(did=("against",), sort="minute", message="rumour"))
    first = trace.adoptions[trace.adoptions["message"] == 1][0]
    assert found.users[0] == first["user"]
    top, *_ = rows(world, trace, Query(did=("against",), message="rumour"), found.users[:1])
    assert (top.adopted_at, top.message, top.adopted_from) == (first["minute"], "truth", None)
    assert top.kind in ("seed", "counter")


def test_people_of_an_imported_network_are_found_by_their_label() -> None:
    _, world, trace = backlash()
    names = tuple(f"Person {user:03}ß" for user in range(world.n_users))
    labelled = World(world.population, world.ties, world.follows, names)
    assert find(labelled, trace, Query(text="PERSON 04")).users.tolist() == list(range(40, 50))
    assert find(labelled, trace, Query(text="#7")).users.tolist() == [7]
    assert find(labelled, trace, Query(text="7")).total > 1
    (row,) = rows(labelled, trace, Query(), np.array([4]))
    assert row.who.name == "Person 004ß"
    invented = profile_of(world, 4).name.split()[0]
    assert find(world, trace, Query(text=invented)).total
    assert not find(labelled, trace, Query(text=invented)).total


def test_rows_say_what_replays_say() -> None:
    scenario, world, trace = backlash()
    told = replay(scenario, 2, range(world.n_users), world=world)
    for query in (Query(), Query(message="rumour"), Query(did=("against",), message="rumour")):
        meant = [query.message] if query.message else [*trace.messages]
        about = ["truth"] if query.did else meant
        did = {
            word: find(world, trace, Query(did=(word,), message=query.message), limit=EVERYBODY)
            for word in DID
        }
        for row in rows(world, trace, query, np.arange(world.n_users)):
            check_row(row, told, meant, about)
            assert row.did == tuple(word for word in DID if row.who.user in did[word].users)


def test_what_was_stopped_on_its_way_was_not_heard() -> None:
    half = {"kind": "filter", "strength": 0.5, "start": 0}
    scenario = small(network={"n_users": 100}, interventions=[half])
    world = build(scenario.network)
    trace = simulate(scenario, 1, world=world, level="deliveries")
    told = replay(scenario, 1, range(100), world=world)
    assert any(s.deliveries and s.deliveries[0].fate == "stopped" for s in told.values())
    for row in rows(world, trace, Query(), np.arange(100)):
        check_row(row, told, [*trace.messages], [*trace.messages])


def check_row(row: Any, told: dict[int, UserStory], meant: list[str], about: list[str]) -> None:
    """A row against the stories of everybody."""
    mine = told[row.who.user]
    heard = [d for d in mine.deliveries if d.message in meant and d.fate != "stopped"]
    assert row.heard_at == (heard[0].minute if heard else None)
    source = heard[0].source if heard else None
    assert (row.heard_from and row.heard_from.user) == source
    adopted = [a for a in mine.adoptions if a.message in about]
    assert row.adopted_at == (adopted[0].minute if adopted else None)
    assert (row.message, row.kind) == (
        (adopted[0].message, adopted[0].kind) if adopted else (None, None)
    )
    assert (row.adopted_from and row.adopted_from.user) == (adopted[0].source if adopted else None)
    others = [a for story in told.values() for a in story.adoptions if a.message in about]
    assert row.n_caused == sum(a.source == row.who.user for a in others)


def test_rows_introduce_people_as_their_profiles_do() -> None:
    _, world, trace = backlash()
    for row in rows(world, trace, Query(), np.array([5, 3])):
        who = row.who
        assert who.profile == profile_of(world, who.user)
        assert who.age_band == AGE_BANDS[world.population.age_band[who.user]]
        assert who.n_ties == len(world.ties.row(who.user))
        assert who.n_followers == len(world.follows.row(who.user))


def test_without_deliveries_a_row_does_not_know_when_she_heard() -> None:
    scenario, world, _ = backlash()
    trace = simulate(scenario, 2, world=world)
    users = find(world, trace, Query(did=("heard",))).users
    assert len(users) and all(row.heard_at is None for row in rows(world, trace, Query(), users))
    series = simulate(scenario, 2, world=world, level="series")
    with pytest.raises(ValueError, match="level 'series'"):
        find(world, series, Query(did=("heard",)))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (Query(persona="nice"), "persona: got 'nice'; give one of: reserved"),
        (Query(did=("heard", "sung")), "did: got 'sung'; give one of: heard"),
        (Query(groups=("women",)), "groups: got 'women'"),
        (Query(message="news"), "message: got 'news'; give one of: rumour, truth"),
        (Query(sort="beauty"), "sort: got 'beauty'"),  # type: ignore[arg-type]
    ],
)
def test_an_unknown_word_is_answered_with_those_that_exist(query: Query, told: str) -> None:
    _, world, trace = backlash()
    with pytest.raises(ExperimentError, match=told):
        find(world, trace, query)


def test_nobody_is_paid_for_deciding() -> None:
    scenario, world, trace = case(19)
    paid = paid_seeds(trace.adoptions)
    assert paid.any() and (trace.adoptions["kind"][paid] == SEED).all()


def test_of_two_choices_at_one_minute_the_first_says_whether_she_is_paid() -> None:
    waves = [{"message": "rumour", "count": 60, "paid": paid} for paid in (False, True, False)]
    scenario = small(network={"n_users": 100}, seeding=waves, horizon_days=1)
    world = build(scenario.network)
    trace = simulate(scenario, 1, world=world)
    found = find(world, trace, Query(groups=("paid",)), scenario=scenario, limit=EVERYBODY)
    told = replay(scenario, 1, range(100), world=world)
    assert found.users.tolist() == [user for user in range(100) if told[user].is_paid]
    first, second = (
        choose(world, run_seed(1), message_id("rumour"), "random", f"wave:{k}", 60) for k in (0, 1)
    )
    assert found.users.tolist() == sorted({*second.tolist()} - {*first.tolist()})
    assert 0 < found.total < find(world, trace, Query(groups=("seed",))).total


def test_a_persona_holds_for_those_whose_profile_says_so() -> None:
    n = 6000  # enough for every bound to be met exactly
    population = build_population(5, PopulationSpec(), *np.zeros((2, n), np.int32))
    _, small_world, trace = backlash()
    world = World(population, small_world.ties, small_world.ties)
    said = [persona_words(population, user) for user in range(n)]
    for word in (w for w in PERSONAS if w not in ROLES):
        found = find(world, trace, Query(persona=word), limit=n).users.tolist()
        assert found == [user for user in range(n) if word in said[user]], word


@pytest.mark.parametrize("text", ["", "   ", "x" * 5000, "٣", "#", "-1", "9" * 40, "%", "\0"])
def test_anything_may_be_typed(text: str) -> None:
    _, world, trace = backlash()
    n = world.n_users if not text.strip() else 0
    assert find(world, trace, Query(text=text)).total == n


# -- one person ----------------------------------------------------------------------------


def test_a_person_is_told_as_her_replay_tells() -> None:
    scenario, world, trace = backlash()
    user = int(find(world, trace, Query(did=("against",), sort="minute")).users[-1])
    view = person(scenario, world, 2, 0, user)
    told = replay(scenario, 2, [user], world=world)[user]
    assert view.told == told
    assert view.who.profile == profile_of(world, user)
    assert view.story == {k: tuple(story(told, world, scenario, k)) for k in ("en", "zh")}
    assert [d for _, d in view.decisions] == [d for x in told.deliveries for d in x.decisions]


def test_a_person_can_be_told_about_one_message() -> None:
    scenario, world, trace = backlash()
    query = Query(did=("heard", "adopted"), message="truth", sort="minute")
    user = int(find(world, trace, query).users[-1])
    whole, part = (person(scenario, world, 2, 0, user, m) for m in (None, "truth"))
    assert {d.message for d, _ in whole.decisions} == {"rumour", "truth"}
    assert part.decisions == tuple(t for t in whole.decisions if t[0].message == "truth")
    assert {a.message for a in part.told.adoptions} == {"truth"}
    assert 0 < len(part.story["zh"]) < len(whole.story["zh"])


def test_the_story_of_a_counter_message_tells_what_it_began_with() -> None:
    scenario, world, trace = backlash()
    begun = trace.adoptions["user"][trace.adoptions["kind"] == COUNTER_START]
    view = person(scenario, world, 2, 0, int(begun[0]), "truth")
    assert [d.reaction for d in view.told.deliveries if d.message == "rumour"] == ["counter"]
    assert "began to speak out against it" in "\n".join(view.story["en"])


def test_who_did_not_open_it_and_spoke_out_is_told_how_often_it_had_come() -> None:
    case = load(ROOT / "scenarios" / "fake_ad_backlash.yaml")
    scenario = override(case, {"network.n_users": 1000})
    world = build(scenario.network)
    trace = simulate(scenario, 2, world=world)
    begun = trace.adoptions["user"][trace.adoptions["kind"] == COUNTER_START]
    told = 0
    users = begun.tolist()
    for story_of in replay(scenario, 2, users, world=world).values():
        view = view_of(story_of, world, scenario)
        came = [d for d in view.told.deliveries if d.message == "fake_ad" and d.fate != "stopped"]
        n = next(k for k, d in enumerate(came, 1) if d.reaction == "counter")
        if came[n - 1].fate != "ignored" or n < 3:
            continue
        told += 1
        (line,) = [line for line in view.story["en"] if "began to speak out" in line]
        assert "did not open it" in line
        assert f"but had seen it {n} times and began to speak out against it" in line
        assert f"已经看到过它{n}次" in "\n".join(view.story["zh"])
    assert told


def test_the_turning_point_is_the_decision_that_began_the_counter_message() -> None:
    scenario, world, trace = backlash()
    begun = trace.adoptions[trace.adoptions["kind"] == COUNTER_START]
    for user, minute in zip(begun["user"][:5].tolist(), begun["minute"][:5].tolist(), strict=True):
        taken = person(scenario, world, 2, 0, user).decisions
        place = turning_point(taken, ["truth"])
        assert place is not None
        delivery, decision = taken[place]
        assert (decision.name, delivery.reaction, delivery.minute) == ("react", "counter", minute)
    assert turning_point((), ["truth"]) is None


def test_a_counter_message_has_the_same_opponents_as_what_it_is_about() -> None:
    _, world, trace = backlash()
    of_truth, of_rumour = (
        find(world, trace, Query(did=("against",), message=name, sort="minute")).users.tolist()
        for name in ("truth", "rumour")
    )
    assert of_truth == of_rumour != []


def test_a_job_is_told_only_in_its_own_language() -> None:
    scenario, world, trace = backlash()
    for user in range(20):
        profile = profile_of(world, user)
        assert profile.job_in("zh") == (profile.job if profile.locale == "zh_CN" else "")
        for lang in ("en", "zh"):
            text = "\n".join(person(scenario, world, 2, 0, user).story[lang])
            assert (profile.job in text) <= bool(profile.job_in(lang))


def test_the_most_telling_decision_is_whether_she_passed_it_on() -> None:
    scenario, world, trace = backlash()
    told = {
        word: [person(scenario, world, 2, 0, int(user)).decisions
               for user in find(world, trace, Query(did=(word,), sort="minute")).users[-3:]]
        for word in ("adopted", "heard")
    }  # fmt: skip
    for taken in told["adopted"]:
        _, decision = taken[most_telling(taken)]
        assert (decision.name, decision.outcome) == ("forward", True)
    for taken in told["heard"]:
        assert 0 <= most_telling(taken) < len(taken)
    assert most_telling(()) == 0


# -- many ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_million_people_are_searched_in_half_a_second() -> None:
    scenario = small(network={"n_users": 1_000_000}, horizon_days=6,
                     seeding=[{"message": "rumour", "count": 5000, "paid": True}])  # fmt: skip
    world = build(scenario.network)
    trace = simulate(scenario, 1, world=world)
    name = profile_of(world, 999_999).name
    asked = [
        Query(), Query(text=name), Query(text="an"), Query(text="王"), Query(text="999999"),
        Query(persona="anxious", sort="ties"), Query(did=("against",), sort="minute"),
        Query(did=("adopted",), sort="caused"), Query(did=("heard", "deceived"), sort="minute"),
        Query(groups=("vulnerable", "paid"), sort="caused"), Query(community=17),
        Query(did=("reacted",), groups=("elder",), text="a", sort="minute"),
        Query(sort="minute"), Query(sort="caused"), Query(sort="ties"),
    ]  # fmt: skip
    find(world, trace, Query(text="a"))  # fills the tables of names
    for query in asked:
        begin = time.perf_counter()
        found = find(world, trace, query, scenario=scenario)
        middle = time.perf_counter()
        shown = rows(world, trace, query, found.users)
        end = time.perf_counter()
        print(f"{middle - begin:.3f} s + {end - middle:.3f} s, {found.total} found: {query}")
        assert middle - begin < 0.5, query
        assert end - middle < 0.5, query
        assert len(shown) == min(50, found.total)
    assert 999_999 in find(world, trace, Query(text=name), limit=1000).users
