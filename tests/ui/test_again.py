"""A page whose job is gone from the server is put together again from its address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.ui.lab_page import open_page, settled, shrink, texts
from viralbots.ui.i18n import Texts

WORDS = Texts("en")
PAGE = "from viralbots.ui.router import run\nrun({page!r})"


@pytest.fixture(autouse=True)
def small_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three small cases, and few people."""
    shrink(monkeypatch)
    yield
    st.cache_resource.clear()


def address_of(page: AppTest) -> dict[str, str | list[str]]:
    return dict(page.query_params)


def restart() -> None:
    """What a new server does not have: its jobs and all that it remembered."""
    st.cache_resource.clear()


def said(page: AppTest) -> list[str]:
    return [item.value for item in page.info]


def test_the_lab_computes_a_lost_job_again_and_says_so() -> None:
    first = open_page(case="chain_letter", seed="5", lang="en")
    address, told = address_of(first), texts(first)
    restart()
    again = open_page(**address)
    assert said(again) == [WORDS("again.same")]
    assert texts(again) == told
    assert again.session_state["shown"].id == first.session_state["shown"].id
    assert again.session_state["shown"] is not first.session_state["shown"]


def test_a_job_that_the_address_does_not_hold_is_not_passed_off_as_the_same() -> None:
    first = open_page(case="chain_letter", seed="5", lang="en")
    address = address_of(first) | {"job": "0123456789abcdef"}
    restart()
    assert said(open_page(**address)) == [WORDS("again.other")]


def test_a_reload_on_the_same_server_says_nothing() -> None:
    first = open_page(case="chain_letter", seed="5", lang="en")
    assert said(open_page(**address_of(first))) == []


def open_people(**address: str | list[str]) -> AppTest:
    page = AppTest.from_string(PAGE.format(page="people"), default_timeout=120)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    for _ in range(200):
        if "active" not in page.session_state and not page.get("progress"):
            break
        page.run()
    assert not page.exception
    return page


def test_a_reloaded_page_about_one_run_finds_the_result_and_the_run() -> None:
    lab = settled(open_page(case="chain_letter", seed="5", lang="en"))
    address = address_of(lab) | {"run": "3"}
    page = open_people(**address)
    assert page.session_state["shown"] is lab.session_state["shown"]
    assert page.selectbox(key="run_no").value == 3
    assert WORDS("again.same") not in said(page)


def test_a_page_about_one_run_is_put_together_again_without_its_job() -> None:
    lab = open_page(case="chain_letter", seed="5", lang="en")
    address = address_of(lab) | {"run": "3"}
    restart()
    page = open_people(**address)
    assert WORDS("again.same") in said(page)
    assert page.session_state["again.run"].luck == 3
