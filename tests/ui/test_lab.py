"""The lab as a script: what it shows and remembers (the browser tests see the rest)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.ui.lab_page import SCRIPT, open_page, settled, shrink, texts
from viralbots.experiments import run_all
from viralbots.ui import settings
from viralbots.ui.figures import BENEFIT, HARM, table
from viralbots.ui.i18n import GAP, Texts
from viralbots.ui.jobs import Job

LEAVING = """import streamlit as st
from viralbots.ui import frame
if leave_for := st.session_state.pop("leave_for", None):
    frame.go(leave_for)
"""
KARATE = b"a b\na c\nb c\nc d\nd e\ne f\nd f\nf g\ng h\nh a\n"


@pytest.fixture(autouse=True)
def small_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three small cases, and few people, so that every run takes a moment."""
    shrink(monkeypatch)
    yield
    st.cache_resource.clear()


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("Change one thing", "What it brought", "What it cost people")),
     ("zh", ("改变一个因素", "带来了什么", "人们付出了什么"))],
)  # fmt: skip
def test_the_first_screen_shows_a_result_in_both_languages(
    lang: str, words: tuple[str, ...]
) -> None:
    page = open_page(lang=lang)
    assert page.session_state["lang"] == lang
    for word in words:
        assert word in texts(page)
    assert page.session_state["shown"].state == "done"
    assert len(page.get("vega_lite_chart")) == 1
    assert len(page.metric) >= 6
    assert not page.error


def test_no_key_and_no_placeholder_is_left_on_the_page() -> None:
    for lang in ("en", "zh"):
        page = open_page(lang=lang)
        labels = [w.label for w in (*page.slider, *page.button, *page.expander, *page.metric)]
        for text in (texts(page), *labels):
            assert "{" not in text.replace("\\{", "")
            assert "field." not in text


def test_the_language_switch_keeps_what_was_set() -> None:
    page = open_page(lang="en", case="chain_letter")
    page.slider(key="set:chain_letter:message.threat").set_value(0.5).run()
    page.number_input(key="guess").set_value(1200).run()
    page.get_by_key("lang").set_value("zh").run()
    assert page.slider(key="set:chain_letter:message.threat").value == 0.5
    assert page.number_input(key="guess").value == 1200
    assert "威胁" in page.slider(key="set:chain_letter:message.threat").label
    assert page.query_params["lang"] == "zh"


def test_a_guess_is_stored_before_the_run_and_judged_afterwards() -> None:
    page = open_page(lang="en", case="chain_letter")
    page.slider(key="set:chain_letter:message.threat").set_value(0.0).run()
    assert "You have changed the settings" in texts(page)
    page.number_input(key="guess").set_value(10_000).run()
    page.button(key="run").click().run()
    settled(page)
    assert f"You guessed 10{GAP}000" in texts(page)
    assert "You have changed the settings" not in texts(page)
    assert page.query_params["guess"] == "10000"
    assert page.query_params["set"] == "message.threat=0.0"


def test_an_address_leads_back_to_the_same_result() -> None:
    page = open_page(lang="en", case="chain_letter", seed="7", set="message.threat=0.5")
    job = page.session_state["shown"]
    assert job.request.seed == 7
    assert job.request.scenario.messages["letter"].threat == 0.5
    again = open_page(lang="zh", job=job.id, case="chain_letter", seed="7",
                      set="message.threat=0.5")  # fmt: skip
    assert again.session_state["shown"] is job


@pytest.mark.parametrize(
    "address",
    [
        {"case": "../../etc/passwd", "lang": "xx", "users": "1e9", "runs": "-5", "seed": "٣"},
        {"set": ["message.threat=5", "message.push_quota=null", "network.n_users=9"]},
        {"set": ["message.threat=true", "message.ease={}", "x" * 5000], "job": "<script>"},
        {"guess": "99999999999999999999", "seed": "9" * 400},
    ],
)
def test_an_address_may_say_anything(address: dict[str, str | list[str]]) -> None:
    page = open_page(**{"case": "chain_letter", **address})
    assert page.session_state["shown"].state == "done"
    assert page.session_state["users"] == 1000


def test_another_case_asks_for_a_guess_and_its_twin_is_one_click_away() -> None:
    page = open_page(lang="en", case="chain_letter")
    page.button(key="twin").click().run()
    assert page.selectbox(key="case").value == "chain_letter_clean"
    assert "What do you think will happen?" in texts(page)
    assert not page.get("vega_lite_chart")
    page.button(key="twin").click().run()
    assert len(page.get("vega_lite_chart")) == 1


def test_the_dice_change_the_seed() -> None:
    page = open_page()
    page.button(key="dice").click().run()
    seeds = {page.number_input(key="seed").value}
    page.button(key="dice").click().run()
    assert len(seeds | {1, page.number_input(key="seed").value}) >= 2


def test_a_network_file_is_used() -> None:
    page = open_page(lang="en", case="chain_letter")
    page.file_uploader(key="network_file.0").upload("my *net*.txt", KARATE).run()
    assert "8 people, 10 ties" in page.success[0].value
    assert "my \\*net\\*\\.txt" in page.success[0].value
    page.button(key="run").click().run()
    settled(page)
    job = page.session_state["shown"]
    assert job.result.n_users == 8
    assert not page.error


def test_a_network_lasts_as_long_as_the_session_and_one_click_takes_it_out() -> None:
    page = AppTest.from_string(LEAVING + SCRIPT, default_timeout=120)
    page.query_params["case"] = "chain_letter"
    settled(page.run())
    page.file_uploader(key="network_file.0").upload("class.csv", KARATE).run()
    page.button(key="run").click().run()
    settled(page)
    for elsewhere in ("people", "lab"):  # the box for files forgets what it held
        page.session_state["leave_for"] = elsewhere
        page.run()
    back = settled(page)
    assert "# Lab" in texts(back)
    assert back.file_uploader(key="network_file.0").value is None
    assert back.button(key="network_chip").label == "Network: class\\.csv, 8 people ✕"
    assert "You have changed the settings" not in texts(back)
    back.button(key="network_chip").click().run()
    assert not [b for b in back.button if b.key == "network_chip"]
    assert "You have changed the settings" in texts(back)


def test_who_comes_to_the_lab_by_herself_guesses_first() -> None:
    page = AppTest.from_string(SCRIPT, default_timeout=120).run()
    assert not page.exception
    assert "What do you think will happen?" in texts(page)
    assert "shown" not in page.session_state
    page.number_input(key="guess").set_value(500).run()
    page.selectbox(key="case").set_value("fake_ad").run()
    assert page.number_input(key="guess").value is None
    assert "What do you think will happen?" in texts(page)


def test_a_bad_network_file_is_explained_with_its_line_and_nothing_is_lost() -> None:
    page = open_page(lang="en", case="chain_letter")
    page.number_input(key="guess").set_value(77).run()
    page.file_uploader(key="network_file.0").upload("n.csv", b"source,target\na,b\nc\n").run()
    assert "**line 3**" in page.error[0].value
    assert page.number_input(key="guess").value == 77
    page.get_by_key("lang").set_value("zh").run()
    assert "第3行" in page.error[0].value
    assert "这一行有1列" in page.error[0].value


def test_a_run_that_does_not_fit_into_memory_cannot_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(lang="en", case="chain_letter")
    page.session_state["users"] = 1_000_000
    page.run()
    assert not page.button(key="run").disabled
    assert ". It needs about 1." in texts(page)
    monkeypatch.setenv("VIRALBOTS_MAX_MEMORY", "900MB")
    page.run()
    assert page.button(key="run").disabled
    assert "would fit" in page.error[0].value


def test_a_run_that_takes_too_long_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(lang="en", case="chain_letter")
    monkeypatch.setattr(settings, "LONGEST", 0.0)
    page.run()
    assert page.button(key="run").disabled
    assert "may take at most" in page.warning[0].value


def test_an_early_result_says_so_and_the_whole_one_takes_its_place() -> None:
    page = open_page(lang="en", case="chain_letter")
    whole = page.session_state["shown"]
    few = run_all(whole.request.scenario, seed=1, replicates=2)
    job = Job(replace(whole.request, seed=4), state="running")
    job.show(few)
    page.session_state["active"] = job
    page.run()
    page.run()  # what was shown at the look is on the page at the next
    assert page.session_state["shown"] is job
    assert "This tells of the first 2 of 5 runs" in texts(page)
    job.result, job.state = run_all(whole.request.scenario, seed=4, replicates=5), "done"
    settled(page.run())
    assert "This tells of the first" not in texts(page)
    assert "median of 5 runs" in texts(page)


def test_who_comes_back_to_a_stopped_job_has_it_begun_again() -> None:
    page = open_page(lang="en", case="chain_letter")
    whole = page.session_state["shown"]
    job = Job(replace(whole.request, seed=6), state="cancelled")
    job.is_abandoned = True
    page.session_state["active"] = job
    settled(page.run())
    assert page.session_state["shown"].request.id == job.request.id
    assert page.session_state["shown"].state == "done"
    assert "Cancelled" not in "".join(item.value for item in page.info)


def test_what_pushed_and_what_held_back_is_told_where_anybody_read_it() -> None:
    page = open_page(lang="en", case="chain_letter")
    assert re.search(r"Main push: threat\. Main brake: [a-z' ]+\.", texts(page))
    page = open_page(lang="zh", case="chain_letter")
    assert "主要推力：威胁。" in texts(page)


def test_a_grey_button_says_why() -> None:
    page = open_page(lang="en", case="chain_letter")
    assert page.button(key="lab.compare").disabled
    assert "Run a second setting to compare" in texts(page)


def test_a_stopped_job_shows_the_runs_that_were_finished() -> None:
    page = open_page(lang="en", case="chain_letter")
    whole = page.session_state["shown"]
    few = run_all(whole.request.scenario, seed=2, replicates=2)
    job = Job(replace(whole.request, seed=2), state="cancelled", result=few)
    page.number_input(key="seed").set_value(2)
    page.session_state["active"] = job
    page.run()
    settled(page)
    assert page.session_state["shown"] is job
    assert "this tells of 2 of 5 runs only" in texts(page)
    assert "median of 2 runs" in texts(page)
    assert not page.exception


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", {"Complaints per 1000", "Deceived", "Vulnerable who passed it on", "Time it cost"}),
     ("zh", {"每千条投诉", "受骗人数", "弱势用户转发率", "耗费的时间"})],
)  # fmt: skip
def test_every_harm_of_the_ledger_has_a_sentence_in_words(lang: str, words: set[str]) -> None:
    page = open_page(lang=lang, case="chain_letter")
    assert {item.label for item in page.metric} >= words
    t = Texts(lang)
    for name in (*BENEFIT, *HARM):
        assert t.get(f"sentence.{name}"), name
    assert t("sentence.deceived") in texts(page)


def test_averages_keep_their_decimals_in_the_table() -> None:
    page = open_page(lang="en", case="chain_letter")
    rows = table(Texts("en"), page.session_state["shown"].result)
    label = Texts("en")("label.r")
    (row,) = [row for row in rows if row["Figure"] == label]
    assert "." in row["Bracket of the mean (95 %)"]
