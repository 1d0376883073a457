"""The people of a run on a page: asked for, listed, told about, and their decisions drawn."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import streamlit as st
import vl_convert
from streamlit.testing.v1 import AppTest

from viralbots.engine.simulate import simulate
from viralbots.experiments.decision import ONE, Decision, VetoStory
from viralbots.experiments.people import DID, GROUPS, PERSONAS, SORTS, Query, find
from viralbots.experiments.person import PersonView, Taken, person
from viralbots.rules.constants import DECLARED
from viralbots.scenario import Scenario, from_dict
from viralbots.trace import COUNTER_START, SEED, Trace
from viralbots.ui import person_panel
from viralbots.ui.charts import GROUND
from viralbots.ui.i18n import Texts, plain, read_texts
from viralbots.ui.people import needs
from viralbots.ui.people_filters import QUESTIONS
from viralbots.ui.why_chart import COLOURS, PALE, chance_chart, why_chart
from viralbots.ui.why_steps import GROUPS as TERM_GROUPS
from viralbots.ui.why_steps import draw_text, idle_names, start_of, steps_of
from viralbots.ui.why_words import flips, numbers, sentences, verdict
from viralbots.world.assemble import build
from viralbots.world.profiles import profile_of
from viralbots.world.world import World

LANGS = ("en", "zh")
RUDE = "*<b>rude</b>* [x](http://x) :red[y]"


@cache
def run() -> tuple[Scenario, World, Trace]:
    """A false rumour among 150 people with rude labels, and those who speak out against it."""
    messages = {
        "rumour": {"brand": "Acme", "arousal": 0.9, "is_false": True, "channels": {"im": 1.0}},
        "truth": {"kind": "counter", "about": "rumour", "channels": {"forum": 1.0}},
    }
    cells = {"detect.const": -1.0, "react.const": -4.0, "forward.const": -0.5,
             "visibility.forum": 1.0}  # fmt: skip
    scenario = from_dict({
        "format": 1, "name": "people", "title": {"en": "P", "zh": "P"},
        "story": {"en": "S", "zh": "S"}, "network": {"n_users": 150}, "messages": messages,
        "rule": {"cells": cells}, "horizon_days": 3,
        "seeding": [{"message": "rumour", "count": 10, "paid": True}],
        "interventions": [{"kind": "accuracy_prompt", "strength": 0.3, "start": 0},
                          {"kind": "leak", "message": "truth", "who": "all", "count": 1,
                           "start": 200}],
    })  # fmt: skip
    world = build(scenario.network)
    world = replace(world, labels=tuple(f"{RUDE} {user}" for user in range(world.n_users)))
    return scenario, world, simulate(scenario, 1, world=world, level="deliveries")


def page(lang: str) -> None:
    """The script that the app would be."""
    import streamlit as st

    from tests.ui import test_people
    from viralbots.ui import people
    from viralbots.ui.i18n import Texts

    seed = st.session_state.get("seed", 1)
    people.show(Texts(st.session_state.get("lang", lang)), *test_people.other_run(seed))


def other_run(seed: int) -> tuple[Scenario, int, int, World, Trace]:
    scenario, world, trace = run()
    if seed != 1:
        trace = simulate(scenario, seed, world=world)
    return scenario, seed, 0, world, trace


@pytest.fixture(autouse=True)
def no_stories() -> Iterator[None]:
    yield
    st.cache_resource.clear()


def open_page(lang: str = "en", **memory: Any) -> AppTest:
    found = AppTest.from_function(page, args=(lang,), default_timeout=60)
    for name, value in memory.items():
        found.session_state[name] = value
    return look(found)


def look(found: AppTest) -> AppTest:
    found.run()
    assert not found.exception
    return found


def texts(found: AppTest) -> str:
    return "\n".join(item.value for item in (*found.markdown, *found.caption, *found.info))


def first_names(found: AppTest) -> list[str]:
    return found.dataframe[0].value.iloc[:, 1].tolist()


def users_on(found: AppTest) -> list[int]:
    return found.dataframe[0].value.iloc[:, -1].tolist()


# -- the page ------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_lists_people_and_tells_about_one_in_both_languages(lang: str) -> None:
    _, world, trace = run()
    user = int(find(world, trace, Query(did=("adopted",), sort="caused")).users[0])
    found = open_page(lang, person=user)
    t = Texts(lang)
    assert t("people.found", total="150", users="150") in texts(found)
    assert len(found.dataframe[0].value) == 50
    portrait, *columns = found.dataframe[0].value
    assert columns[:2] == [t("people.column.name"), t("people.column.did")]
    assert found.dataframe[0].value[portrait][0].startswith("data:image/svg+xml;base64,")
    assert len(found.get("vega_lite_chart")) == 2
    assert t("why.flips", her=her(lang)) in texts(found) or t("why.flips", her=his(lang)) in texts(
        found
    )
    labels = [w.label for w in (*found.button, *found.selectbox, *found.multiselect)]
    for text in (*texts(found).split("\n"), *labels):
        assert "{" not in text.replace("\\{", "")
        assert not re.search(r"\b(people|why|term|mark)\.[a-z]", text)


def her(lang: str) -> str:
    return "她" if lang == "zh" else "her"


def his(lang: str) -> str:
    return "他" if lang == "zh" else "his"


def test_a_question_sets_the_filters_and_the_first_row_answers_it() -> None:
    _, world, trace = run()
    found = open_page()
    found.multiselect(key="people.groups").set_value(["elder"]).run()
    found.selectbox(key="people.message").set_value("truth").run()
    found.button(key="people.ask.against").click()
    look(found)
    assert found.multiselect(key="people.did").value == ["against"]
    assert found.multiselect(key="people.groups").value == []
    assert found.selectbox(key="people.message").value == "truth"
    begun = trace.adoptions[trace.adoptions["message"] == 1]
    assert users_on(found)[0] == begun["user"][0]
    query = Query(did=("against",), message="rumour")
    assert f"**{find(world, trace, query).total} of 150 people**" in texts(found)


def test_who_started_the_backlash_is_said_above_the_table_and_her_account_begins_there() -> None:
    _, world, trace = run()
    begun = trace.adoptions[trace.adoptions["message"] == 1]
    first = begun[begun["kind"] == COUNTER_START][0]
    user = int(first["user"])
    found = open_page()
    found.button(key="people.ask.against").click()
    look(found)
    planned = begun[begun["kind"] == SEED]
    assert f"{plain(world.labels[user])} spoke out first" in texts(found)
    assert f"{len(planned)} people followed as planned" in texts(found) or (
        "The backlash was planned" in texts(found)
    )
    columns = list(found.dataframe[0].value)
    assert columns[2:4] == ["Spoke out at", "How"] and "Passed it on" not in columns
    found.session_state["person"] = user
    look(found)
    (chosen,) = [box for box in found.selectbox if str(box.key).startswith("people.decision")]
    taken = person(run()[0], world, 1, 0, user).decisions[chosen.value]
    assert (taken[1].name, taken[0].reaction) == ("react", "counter")
    story = found.markdown[[m.value for m in found.markdown].index("#### What happened") + 1].value
    assert "began to speak out against it" in story.split("\n")[0] or "(1)" in str(found.expander)


def test_another_result_begins_with_fresh_filters() -> None:
    found = open_page()
    found.button(key="people.ask.against").click()
    look(found)
    found.session_state["seed"] = 2
    look(found)
    assert found.multiselect(key="people.did").value == []


def test_nobody_of_a_real_network_is_given_a_job_or_a_town() -> None:
    _, world, _ = run()
    profile = profile_of(world, 3)
    told = texts(open_page(person=3))
    assert plain(world.labels[3]) in told
    for invented in (profile.name, profile.job, profile.city):
        assert invented not in told
    assert "made up" in told


def test_every_question_has_an_answer() -> None:
    found = open_page()
    for question in QUESTIONS:
        found.button(key=f"people.ask.{question}").click()
        assert len(look(found).dataframe) == 1, question


def test_nobody_found_is_said_and_one_click_clears_the_filters() -> None:
    found = open_page()
    found.text_input(key="people.text").set_value("zzz *nobody*").run()
    assert "Nobody fits" in found.info[0].value
    assert not found.dataframe
    found.button(key="people.clear").click()
    look(found)
    assert found.text_input(key="people.text").value == ""
    assert len(found.dataframe[0].value) == 50


def test_somebody_is_found_by_name_and_by_number() -> None:
    found = open_page()
    name, user = first_names(found)[7], users_on(found)[7]
    found.text_input(key="people.text").set_value(name).run()
    assert user in users_on(found)
    assert len(users_on(found)) < 50
    found.text_input(key="people.text").set_value("#12").run()
    assert users_on(found) == [12]


def test_pages_turn_and_another_query_begins_with_the_first() -> None:
    found = open_page(**{"people.sort": "number"})
    assert users_on(found) == list(range(50))
    found.get("pagination")[0].set_value(3).run()
    assert users_on(found) == list(range(100, 150))
    assert "101 to 150 of 150" in texts(found)
    found.multiselect(key="people.did").set_value(["heard"]).run()
    assert users_on(found)[0] < 50
    assert "1 to 50 of" in texts(found)


def test_a_row_that_is_chosen_says_who_is_told_about() -> None:
    """The browser keeps what is chosen by place; here stand places and users."""

    def script() -> None:
        import numpy as np
        import streamlit as st

        from viralbots.ui.people import _pick

        st.session_state["table"] = {"selection": {"rows": st.session_state["places"]}}
        _pick("table", np.array([7, 9]))

    found = AppTest.from_function(script)
    for places, user in (([1], 9), ([0], 7), ([], None)):
        found.session_state["places"] = places
        assert look(found).session_state["person"] == user


def test_the_language_switch_keeps_filters_and_person() -> None:
    found = open_page("en", person=3)
    found.multiselect(key="people.did").set_value(["heard", "deceived"]).run()
    found.selectbox(key="people.persona").set_value("anxious").run()
    before = users_on(found)
    found.session_state["lang"] = "zh"
    look(found)
    assert users_on(found) == before
    assert found.multiselect(key="people.did").value == ["heard", "deceived"]
    assert found.selectbox(key="people.persona").value == "anxious"
    assert "经过" in texts(found)


def test_a_person_who_does_not_exist_is_not_told_about() -> None:
    found = open_page()
    for nobody in (None, -1, 150, "3", True, 2.0):
        found.session_state["person"] = nobody
        assert "Choose a row" in look(found).info[0].value
        assert not found.get("vega_lite_chart")


def test_another_run_forgets_who_was_chosen_but_not_whom_another_page_sends() -> None:
    found = open_page(person=0)
    assert "What happened" in texts(found)
    found.session_state["seed"] = 2
    look(found)
    assert "Choose a row" in found.info[0].value
    found.session_state["seed"], found.session_state["person"] = 1, 5
    look(found)
    assert "What happened" in texts(found)


def test_labels_of_people_stay_text() -> None:
    found = open_page(person=0)
    assert RUDE in first_names(found)[0]
    shown = "\n".join(item.value for item in found.markdown)
    assert RUDE not in shown
    assert plain(RUDE) in shown


def test_a_large_run_is_not_repeated_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_panel, "LARGE", 100)
    found = open_page(person=3)
    assert not found.get("vega_lite_chart") and "computed again" in texts(found)
    found.button(key="people.tell").click()
    look(found)
    assert "What happened" in texts(found)
    look(found)
    assert "What happened" in texts(found)


def test_every_word_of_a_query_has_a_text() -> None:
    wanted = [f"people.is_persona.{w}" for w in (*PERSONAS, "vulnerable", "person")]
    wanted += [f"people.is_group.{w}" for w in GROUPS] + [f"people.has.{w}" for w in DID]
    wanted += [f"people.by.{w}" for w in SORTS] + [f"people.question.{w}" for w in QUESTIONS]
    for lang in LANGS:
        assert [key for key in wanted if key not in read_texts(lang)] == []


def test_a_run_is_kept_by_what_decides_it() -> None:
    scenario, _, _ = run()
    assert needs(scenario, 1, 2) == (scenario.identity, 1, 2)


# -- one decision --------------------------------------------------------------------------


@cache
def views() -> list[PersonView]:
    scenario, world, trace = run()
    users = find(world, trace, Query(did=("heard",)), limit=12).users.tolist()
    users += find(world, trace, Query(did=("against",), sort="minute"), limit=6).users.tolist()
    return [person(scenario, world, 1, 0, user) for user in users]


def decisions() -> list[tuple[PersonView, Taken]]:
    return [(view, taken) for view in views() for taken in view.decisions]


def one(name: str) -> tuple[PersonView, Taken]:
    """The decision of a name on which most has worked."""
    found = [(v, taken) for v, taken in decisions() if taken[1].name == name]
    return max(found, key=lambda pair: len(steps_of(Texts("en"), pair[1][1])))


def values_of(spec: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """Rows of all layers that have a field."""
    found = [*spec.get("datasets", {}).values()]
    found += [layer["data"].get("values", []) for layer in spec["layer"]]
    return [row for rows in found for row in rows if field in row]


def test_the_steps_lead_from_the_start_to_the_sum() -> None:
    t = Texts("en")
    for _, (_, decision) in decisions():
        steps = steps_of(t, decision)
        total = start_of(decision) / ONE + sum(step.adds for step in steps)
        assert total == pytest.approx(decision.log_odds / ONE, abs=1e-9)
        places = [TERM_GROUPS.index(step.group) for step in steps]
        assert places == sorted(places)
        named = {step.name for step in steps} | {*idle_names(t, decision)}
        cells = {term.cell.split(".")[1] for term in decision.terms}
        assert named == {t(f"term.{c}") for c in cells - {"const", "group", "footer"}}


def test_two_terms_of_one_cell_are_one_step() -> None:
    t, (_, (_, decision)) = Texts("en"), one("forward")
    tie = next(term for term in decision.terms if term.cell == "forward.tie")
    before, after = (
        {step.name: step.adds for step in steps_of(t, replace(decision, terms=terms))}
        for terms in (decision.terms, (*decision.terms, tie))
    )
    assert after == {**before, "closeness": 2 * before["closeness"]}


@pytest.mark.parametrize(
    ("lang", "theme", "name"),
    [("en", "light", "forward"), ("zh", "dark", "forward"), ("zh", "light", "react"),
     ("en", "dark", "detect")],
)  # fmt: skip
def test_the_charts_can_be_drawn_and_say_the_numbers(lang: str, theme: str, name: str) -> None:
    t, (_, (_, decision)) = Texts(lang), one(name)
    drawn = ""
    for make in (why_chart, chance_chart):
        spec = make(t, decision, theme=theme).to_dict()
        drawn += vl_convert.vegalite_to_svg(json.dumps({**spec, "width": 340}))
    for step in steps_of(t, decision):
        assert step.name in drawn
    assert t("why.draw", draw=draw_text(decision, lang)) in drawn
    assert t("why.sum") in drawn


def test_bars_begin_where_the_one_before_ended_and_pale_ones_are_assumed() -> None:
    t, (_, (_, decision)) = Texts("en"), one("forward")
    bars = values_of(why_chart(t, decision, theme="light").to_dict(), "rim")
    steps = steps_of(t, decision)
    ends = [start_of(decision) / ONE, *(bar["to"] for bar in bars)]
    assert [bar["from"] for bar in bars] == ends[:-1]
    assert ends[-1] == pytest.approx(decision.log_odds / ONE)
    assert [bar["fill"] == PALE for bar in bars] == [step.mark == "assumed" for step in steps]
    assert {bar["fill"] for bar in bars} == {PALE, 1.0}


def moved(decision: Decision, *, draw: float, probability: float) -> Decision:
    drawn, chance = round(draw * 2**32), round(probability * 2**32)
    return replace(decision, draw=drawn, probability=chance, succeeded=drawn < chance)


def test_a_draw_far_off_is_an_arrow_and_a_near_one_a_line() -> None:
    t, (_, (_, decision)) = Texts("en"), one("forward")
    near = moved(decision, draw=decision.probability / 2**32 * 0.9, probability=0.5)
    for draw, mark in ((1e-8, "← draw"), (1 - 1e-8, "→")):
        spec = why_chart(t, moved(decision, draw=draw, probability=0.5), theme="dark").to_dict()
        assert any(mark in row["text"] for row in values_of(spec, "text"))
        assert not dashed(spec)
    assert dashed(why_chart(t, near, theme="dark").to_dict())


def dashed(spec: dict[str, Any]) -> list[object]:
    return [layer for layer in spec["layer"] if "strokeDash" in layer["mark"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_bars_stand_out_from_the_background(theme: str) -> None:
    def light(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    for colour in COLOURS[theme].values():
        low, high = sorted((light(colour), light(GROUND[theme])))
        assert (high + 0.05) / (low + 0.05) >= 3, colour


@pytest.mark.parametrize("lang", LANGS)
def test_the_draw_is_told_apart_from_the_chance(lang: str) -> None:
    _, (_, decision) = one("forward")
    close = moved(decision, draw=0.24049, probability=0.24051)
    assert draw_text(close, lang).startswith("24.049")
    assert draw_text(moved(decision, draw=0.1, probability=0.3), lang)[:2] == "10"


@pytest.mark.parametrize("lang", LANGS)
def test_a_verdict_says_chance_draw_and_outcome(lang: str) -> None:
    t, (view, (delivery, decision)) = Texts(lang), one("forward")
    yes, no = (moved(decision, draw=0.24, probability=p) for p in (0.31, 0.12))
    yes, no = replace(yes, vetoes=(), outcome=True), replace(no, vetoes=(), outcome=False)
    done = {"en": ("passed it on", "did not pass it on"), "zh": ("转发了", "没有转发")}[lang]
    for made, words in zip((yes, no), done, strict=True):
        told = verdict(t, view.who, (delivery, made))
        assert "24" in told and words in told
    veto = VetoStory("accuracy_prompt", 1, 1 << 30, 1 << 28, True)
    stopped = replace(yes, vetoes=(veto,), outcome=False)
    told = verdict(t, view.who, (delivery, stopped))
    assert {"en": "would have passed it on, but", "zh": "本来会转发，但"}[lang] in told
    assert {"en": "is it true?", "zh": "这是真的吗"}[lang] in told


@pytest.mark.parametrize("lang", LANGS)
def test_the_sentences_say_what_the_chart_shows(lang: str) -> None:
    t = Texts(lang)
    for view, taken in decisions():
        told = sentences(t, view.who, taken)
        steps = steps_of(t, taken[1])
        assert len(told) == len(steps) + 3
        assert told[-1] == verdict(t, view.who, taken)
        for step, sentence in zip(steps, told[1:], strict=False):
            assert step.name in sentence and t(f"mark.{step.mark}") in sentence
            assert f"{abs(step.adds):.2f}" in sentence
            takes = {"en": "takes away", "zh": "减"}[lang]
            assert (takes in sentence) == (step.adds < 0)
        rows = numbers(t, taken[1])
        assert [row[t("why.mark")] for row in rows] == [
            t(f"mark.{DECLARED[term.cell].mark}") for term in taken[1].terms
        ]


@pytest.mark.parametrize("lang", LANGS)
def test_what_would_have_changed_it_is_told_without_names_of_cells(lang: str) -> None:
    t, kinds = Texts(lang), set()
    for _, (_, decision) in decisions():
        told, is_of_weights = flips(t, decision)
        kinds.add(is_of_weights)
        assert told
        assert not re.search(r"\b[a-z]+\.[a-z_]+\b", "\n".join(told))
    assert kinds == {True, False}
