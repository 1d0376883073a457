"""The lab: what differs from the case is marked, can be taken back, and is in the address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from tests.ui.lab_page import FILES, open_page, settled, shrink, texts
from viralbots.rules.constants import DECLARED
from viralbots.scenario import Scenario, load, override
from viralbots.ui import advanced, forms
from viralbots.ui.fields import FOLLOWS, control
from viralbots.ui.i18n import LANGUAGES, Texts
from viralbots.world.message import Message

CHAIN = load(FILES / "chain_letter.yaml")
FAKE = load(FILES / "fake_ad.yaml")
LIBRARY = sorted((Path(__file__).resolve().parents[2] / "scenarios").glob("*.yaml"))
THREAT, EASE = "set:chain_letter:message.threat", "set:chain_letter:message.ease"


@pytest.fixture(autouse=True)
def small_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    shrink(monkeypatch)
    yield
    st.cache_resource.clear()


def all_paths(scenario: Scenario) -> list[str]:
    return [path for paths in advanced.groups(scenario).values() for path in paths]


def test_a_changed_control_says_from_what_to_what_and_can_be_taken_back() -> None:
    page = open_page(lang="en", case="chain_letter")
    assert "changed from" not in texts(page)
    page.slider(key=THREAT).set_value(0.5).run()
    assert "changed from 100 % to 50 %" in texts(page)
    page.button(key=f"undo:{THREAT}").click().run()
    assert page.slider(key=THREAT).value == 1.0
    assert "changed from" not in texts(page)


def test_everything_can_be_taken_back_at_once() -> None:
    page = open_page(lang="en", case="chain_letter", set="messages.letter.status=0.5",
                     later="filter,2,0.5,")  # fmt: skip
    page.slider(key=THREAT).set_value(0.5).run()
    assert page.button(key="undo_all").label == ":blue[Undo all (3)]"
    page.button(key="undo_all").click().run()
    assert page.slider(key=THREAT).value == 1.0
    assert page.selectbox(key="set:chain_letter:later.kind").value == "nothing"
    page.button(key="run").click().run()
    settled(page)
    assert page.session_state["shown"].request.scenario.dynamic() == (
        override(CHAIN, {"network.n_users": 1000}).dynamic()
    )


def test_a_value_that_no_slider_can_show_is_no_change() -> None:
    odd = override(FAKE, {"interventions.0.start": 2887})
    item = control(odd, "interventions.0.start")
    assert forms.to_widget(item, item.value) == 48
    assert forms.from_widget(item, 48) == 2887
    assert forms.from_widget(item, 49) == 2940


def test_what_is_not_set_is_told_apart_from_what_follows() -> None:
    assert control(FAKE, "messages.outcry.converts").value is False
    assert control(CHAIN, "message.novelty_half_life_days").value is None
    channel = control(CHAIN, "seeding.0.channel")
    assert forms.from_widget(channel, "") is None
    assert forms.from_widget(channel, "im") == "im"


@pytest.mark.parametrize("file", LIBRARY, ids=lambda file: file.stem)
def test_every_declared_field_has_a_control_that_fits_it(file: Path) -> None:
    scenario = load(file)
    paths = all_paths(scenario)
    assert len(paths) == len(set(paths))
    cells = {p.removeprefix("rule.cells.") for p in (*paths, *scenario.controls)}
    assert cells >= set(DECLARED) or scenario.rule.kind != "main"
    for path in paths:
        item = control(scenario, path)
        assert forms.fits(item, forms.to_widget(item, item.value)), path
        assert forms.from_widget(item, forms.to_widget(item, item.value)) == item.value
        if item.value is not None and item.field not in FOLLOWS:
            assert override(scenario, {path: item.value}).identity == scenario.identity, path


def test_every_declared_field_has_a_name_and_a_sentence_of_its_own_in_both_languages() -> None:
    for scenario in (CHAIN, FAKE):
        for path in all_paths(scenario):
            item = control(scenario, path)
            named = {forms.label(Texts(lang), item) for lang in LANGUAGES}
            told = {forms.explanation(Texts(lang), item) for lang in LANGUAGES}
            assert len(named) == len(told) == 2, path
            words = {forms.option(Texts("zh"), option) for option in item.options}
            assert not words & set(item.options) - {""}, path


def test_all_numbers_words_and_switches_of_a_message_can_be_changed() -> None:
    left_out = set(Message.model_fields) - {p.rpartition(".")[2] for p in all_paths(CHAIN)}
    own = {path.rpartition(".")[2] for path in CHAIN.controls}
    texts_ = {"kind", "about", "brand", "category", "topic", "channels", "appeals",
              "variant"}  # fmt: skip
    assert left_out - own == texts_


def test_the_panel_with_everything_else_costs_nothing_while_it_is_closed() -> None:
    page = open_page(lang="en", case="chain_letter")
    n = len(page.slider)
    page.session_state["lab.advanced"] = True
    page.run()
    assert len(page.slider) > n + 5
    assert not page.exception


def test_a_search_finds_settings_by_their_words_and_a_change_outlasts_it() -> None:
    page = open_page(lang="en", case="chain_letter")
    page.session_state["lab.advanced"] = True
    page.run()
    page.text_input(key="lab.search").set_value("passing emotion").run()
    key = "set:chain_letter:rule.cells.forward.arousal"
    assert "Passing on: emotion" in [item.label for item in page.slider]
    page.slider(key=key).set_value(1.0).run()
    page.text_input(key="lab.search").set_value("no such thing").run()
    assert "Nothing has these words" in texts(page)
    page.session_state["lab.advanced"] = False
    page.run()
    page.button(key="run").click().run()
    settled(page)
    assert page.session_state["shown"].request.scenario.rule.cells["forward.arousal"] == 1
    assert page.query_params["set"] == "rule.cells.forward.arousal=1.0"


def test_an_address_leads_back_to_every_kind_of_change() -> None:
    asked = ["message.threat=0.5", "messages.letter.status=0.25", "rule.cells.wait.im=20.0",
             "seeding.0.who=\"hubs\"", "seeding.0.by=5", "title.en=\"x\""]  # fmt: skip
    page = open_page(lang="en", case="chain_letter", set=asked, later="forward_limit,3,2,")
    scenario = page.session_state["shown"].request.scenario
    letter = scenario.messages["letter"]
    assert (letter.threat, letter.status) == (0.5, 0.25)
    assert scenario.rule.cells["wait.im"] == 20
    assert (scenario.seeding[0].who, scenario.seeding[0].by) == ("hubs", "users")
    assert scenario.interventions[0].start == 3 * 1440
    sent = {text.partition("=")[0] for text in asked[:4]}
    assert {text.partition("=")[0] for text in page.query_params["set"]} == sent
    assert page.query_params["later"] == "forward_limit,3,2,"


def test_an_endless_address_is_cut() -> None:
    texts_ = [f"rule.cells.{name}=1" for name in DECLARED] * 50
    assert len(advanced.values_of(texts_)) <= advanced.MOST_ASKED
    assert (
        advanced.values_of(["message.ease={", "x", f"message.ease={json.dumps('9' * 500)}"]) == {}
    )
