"""The lab: runs under a name of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.ui.lab_page import open_page, settled, shrink, texts
from viralbots.errors import StoreError
from viralbots.store import Store
from viralbots.ui import frame

THREAT = "set:chain_letter:message.threat"
ADDRESS: dict[str, Any] = {
    "lang": "en", "case": "chain_letter", "seed": "7", "runs": "10", "later": "filter,2,0.5,",
    "set": ["message.threat=0.5", "rule.cells.forward.arousal=1.0"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def small_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    shrink(monkeypatch)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def save(page: AppTest, name: str) -> AppTest:
    page.text_input(key="saving.name").set_value(name)
    page.text_area(key="saving.note").set_value("a *note*")
    page.multiselect(key="saving.tags").set_value([])
    return page.button(key="FormSubmitter:saving.form-Save").click().run()


def open_list(page: AppTest) -> AppTest:
    page.session_state["lab.saved"] = True
    return page.run()


def buttons(page: AppTest, first: str) -> list[Any]:
    return [b for b in page.button if str(b.key).startswith(first)]


def test_a_saved_run_is_listed_with_its_figure_and_opens_as_it_was() -> None:
    page = open_page(**ADDRESS)
    job = page.session_state["shown"]
    save(page, "My *first*")
    assert page.success[0].value == "Saved as “My \\*first\\*”. It is under “My saved runs”."
    assert page.text_input(key="saving.name").value == ""
    open_list(page)
    assert "**My \\*first\\***" in texts(page)
    assert "heard of it, 10 runs" in texts(page)

    page.button(key="undo_all").click().run()
    page.number_input(key="seed").set_value(3).run()
    page.selectbox(key="case").set_value("fake_ad").run()
    buttons(page, "saving.open:")[0].click().run()
    settled(page)
    assert page.session_state["shown"].request.id == job.request.id
    assert page.session_state["shown"].result.digest == job.result.digest
    assert page.session_state["shown"].request.scenario.rule.cells == {"forward.arousal": 1.0}
    assert page.slider(key=THREAT).value == 0.5
    assert page.selectbox(key="set:chain_letter:later.kind").value == "filter"
    assert "changed from 100 % to 50 %" in texts(page)


def test_a_saved_run_comes_from_the_database_and_not_from_the_processor() -> None:
    page = open_page(**{**ADDRESS, "seed": "8"})
    save(page, "")
    workspace = page.session_state["workspace"]
    st.cache_resource.clear()  # another server on the same database
    again = open_page(lang="en", case="chain_letter_clean")
    again.session_state["workspace"] = workspace
    open_list(again)
    assert "Forward or your mother" in texts(again)
    buttons(again, "saving.open:")[0].click().run()
    settled(again)
    assert again.session_state["shown"].result.n_known == 10


def test_a_deleted_run_is_gone() -> None:
    page = open_list(save(open_page(**{**ADDRESS, "seed": "9"}), "x"))
    buttons(page, "saving.delete:")[0].click().run()
    assert buttons(page, "saving.open:") == []
    assert "Nothing saved yet" in texts(page)


def test_nothing_typed_is_lost_where_the_database_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(**{**ADDRESS, "seed": "10"})

    def refuse(*_args: object, **_named: object) -> int:
        raise StoreError("the disk is full; make room and try again")

    monkeypatch.setattr(Store, "save_result", refuse)
    save(page, "Precious")
    assert "disk is full" in page.error[0].value
    assert page.text_input(key="saving.name").value == "Precious"
    assert page.text_area(key="saving.note").value == "a *note*"


def test_a_saved_run_whose_case_has_changed_stands_in_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(**{**ADDRESS, "seed": "11"})
    job = page.session_state["shown"]
    open_list(save(page, "Old one"))
    monkeypatch.setattr("viralbots.ui.saving._set_changes", lambda base, saved: False)
    buttons(page, "saving.open:")[0].click().run()
    settled(page)
    assert "Saved run: **Old one**" in texts(page)
    assert page.session_state["shown"].result.digest == job.result.digest
    assert page.slider(key=THREAT).value == 0.5
    assert "changed from" not in texts(page)
    page.button(key="saving.close").click().run()
    assert page.slider(key=THREAT).value == 1.0


def test_buttons_below_the_outcome_lead_on(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[str] = []
    monkeypatch.setattr(frame, "go", gone.append)
    page = open_page(lang="en", case="chain_letter")
    assert page.button(key="lab.compare").disabled
    page.slider(key=THREAT).set_value(0.5).run()
    page.button(key="run").click().run()
    settled(page)
    for name in ("watch", "people", "compare"):
        page.button(key=f"lab.{name}").click().run()
    assert gone == ["watch", "people", "compare"]
    assert len(page.session_state["compare.arms"]) == 2
