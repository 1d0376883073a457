"""The risk page as a script, on a small library."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from viralbots.ui import state
from viralbots.ui.i18n import Texts

SCRIPT = "from viralbots.ui.router import run\nrun('risk')"
FILES = Path(__file__).parent / "files"


@pytest.fixture(autouse=True)
def few_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRALBOTS_SCENARIOS", str(FILES))
    monkeypatch.setattr(state, "DEFAULTS", {"users": 1000, "runs": 5, "seed": 1})


def open_page(**address: str) -> AppTest:
    page = AppTest.from_string(SCRIPT, default_timeout=120)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    return settled(page)


def settled(page: AppTest) -> AppTest:
    """Look again until nothing is computed any more."""
    end = time.monotonic() + 180
    while page.get("progress") and time.monotonic() < end:
        time.sleep(0.05)
        page.run()
    assert not page.exception
    return page


def told(page: AppTest) -> str:
    return "\n".join(item.value for item in (*page.markdown, *page.caption))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_answers_both_questions(lang: str) -> None:
    t, page = Texts(lang), open_page(lang=lang, case="fake_ad")
    said = told(page)
    for key in ("ledger.title", "hurt.title", "time.title", "stop.title", "ghost.title"):
        assert t(f"risk.{key}") in said, key
    blank = dict.fromkeys(("harm", "value", "users", "name", "part", "now", "was"), "\x00")
    for key in ("answer.headline", "stop.best"):
        assert max(t(f"risk.{key}", **blank).split("\0"), key=len) in said, key
    assert len(page.get("vega_lite_chart")) >= 4


def test_all_entries_of_the_ledger_are_there() -> None:
    said = told(open_page(lang="en", case="fake_ad"))
    for number in range(1, 17):
        assert f"**H{number} " in said


def test_another_start_tries_the_measures_anew() -> None:
    page = open_page(lang="en", case="fake_ad")
    first = told(page)
    page.segmented_control(key="risk.when").set_value("day").run()
    settled(page)
    assert told(page) != first


def test_another_case_forgets_what_was_asked_of_the_one_before() -> None:
    page = open_page(lang="en", case="fake_ad")
    page.selectbox(key="case").set_value("chain_letter").run()
    settled(page)
    assert page.session_state["risk.harm"] == "distress"
    assert "without the threat" in told(page)


def test_costs_that_are_entered_rank_the_measures() -> None:
    page = open_page(lang="en", case="fake_ad")
    page.number_input(key="risk.cost.filter.once").set_value(500.0)
    page.button(key="risk.stop.rank").click().run()
    settled(page)
    assert page.session_state["risk.costs"]["filter"] == (500.0, 0.0)
    assert "; cost 500" in told(page)


def test_without_scenarios_the_page_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRALBOTS_SCENARIOS", str(tmp_path))
    page = open_page(lang="en")
    assert Texts("en")("case.none") in [item.value for item in page.info]
