"""The lab: one measure from a day on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import streamlit as st

from tests.ui.lab_page import FILES, open_page, settled, shrink, texts
from viralbots.interventions import INTERVENTIONS
from viralbots.scenario import from_text, load, override
from viralbots.ui import frame, later
from viralbots.ui.charts import Labels, Mark, growth_chart, line_of
from viralbots.ui.i18n import Texts
from viralbots.ui.later import Later

CHAIN = load(FILES / "chain_letter.yaml")
FAKE = load(FILES / "fake_ad.yaml")
NOT_THERE = {"correction", "capacity", "autoscale", "press", "affiliates", "bot_removal"}
"""What the second case has nothing for: nothing to take up, no operators, no bots."""
KIND = "set:chain_letter:later.kind"


@pytest.fixture(autouse=True)
def small_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    shrink(monkeypatch)
    yield
    st.cache_resource.clear()


def test_only_measures_that_can_do_something_are_on_offer() -> None:
    assert set(later.STRENGTH) == set(INTERVENTIONS)
    assert set(later.on_offer(CHAIN)) == {
        "filter", "forward_limit", "removal", "adjustment", "season", "look_up",
    }  # fmt: skip
    assert set(later.on_offer(FAKE)) == set(later.STRENGTH) - NOT_THERE - {
        "forward_limit", "breach", "cooling_off", "rate_limit", *later.AGAINST_SENDERS,
    }  # fmt: skip


def test_measures_against_senders_are_on_offer_where_somebody_has_it_sent() -> None:
    campaign = override(CHAIN, {"seeding.0.by": "brand"})
    assert set(later.AGAINST_SENDERS) <= set(later.on_offer(campaign))
    posting = [{"kind": "spammer", "message": CHAIN.message_names[0]}]
    botted = later.on_offer(override(CHAIN, {"bots": posting}))
    assert {"bot_removal", "rate_limit", *later.AGAINST_SENDERS} <= set(botted)


@pytest.mark.parametrize("kind", sorted(set(later.STRENGTH) - NOT_THERE))
def test_a_measure_is_added_to_those_of_the_case_and_found_again(kind: str) -> None:
    measure = Later(kind, 3)
    made = later.applied(FAKE, measure)
    assert made.interventions[:-1] == FAKE.interventions
    assert made.interventions[-1].start == 3 * 1440
    found = later.found_in(FAKE, made)
    assert found is not None
    assert later.applied(FAKE, found).identity == made.identity
    assert later.applied(FAKE, later.parse(found.as_text())).identity == made.identity


@pytest.mark.parametrize(
    "text", ["", "magic,1,1,", "filter,-1,1,", "filter,1,x,", "filter,99999,1,", "filter,٣,1,"]
)
def test_an_address_with_nonsense_asks_for_nothing(text: str) -> None:
    assert later.parse(text) is None


@pytest.mark.parametrize("text", ["filter,900,7,", "forward_limit,2,-5,", "filter,2,nan,",
                                  "adjustment,2,1e99,no.cell"])  # fmt: skip
def test_a_measure_out_of_bounds_is_brought_within(text: str) -> None:
    page = open_page(lang="en", case="chain_letter", later=text)
    (made,) = page.session_state["shown"].request.scenario.interventions
    assert 0 <= (made.start or 0) <= 10 * 1440


def test_a_measure_is_chosen_explained_run_and_drawn() -> None:
    page = open_page(lang="en", case="chain_letter")
    page.selectbox(key=KIND).set_value("filter").run()
    assert "holds back this share of deliveries" in texts(page)
    page.slider(key="set:chain_letter:later.day").set_value(1).run()
    page.slider(key="set:chain_letter:later.filter").set_value(1.0).run()
    page.button(key="run").click().run()
    settled(page)
    made = page.session_state["shown"].request.scenario.interventions[-1]
    assert (made.start, made.strength) == (1440, 1.0)
    assert "'Filter'" in str(page.session_state["drawing"][0])
    assert page.query_params["later"] == "filter,1,1.0,"
    page.get_by_key("lang").set_value("zh").run()
    assert page.selectbox(key=KIND).value == "filter"
    assert "平台在人们看到之前拦下" in texts(page)


def test_both_sides_of_a_comparison_differ_in_the_measure_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone: list[str] = []
    monkeypatch.setattr(frame, "go", gone.append)
    page = open_page(lang="en", case="chain_letter", later="filter,2,0.5,")
    page.button(key="later.compare").click().run()
    assert gone == ["compare"]
    without, with_it = (from_text(arm["text"]) for arm in page.session_state["compare.arms"])
    assert without.identity == override(CHAIN, {"network.n_users": 1000}).identity
    assert later.applied(without, Later("filter", 2, 0.5)).identity == with_it.identity


def test_marks_stand_where_measures_begin_and_only_within_the_chart() -> None:
    (mark,) = later.marks(Texts("en"), FAKE)
    assert mark == Mark(2.0, "Exposure")
    assert later.marks(Texts("zh"), CHAIN) == []
    line = line_of("x", "benefit", np.arange(240).reshape(1, 240), 239)
    labels = Labels("Day", "g", "l", "m", "h")
    drawn = growth_chart([line], labels, guess=None, theme="light", marks=[mark, Mark(99, "late")])
    text = str(drawn.to_dict())
    assert "Exposure" in text
    assert "late" not in text
