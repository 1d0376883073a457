"""What is being written comes back from the browser, and nothing else does."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from viralbots.ui import draft, portrait

WRITTEN = {"text": "name: mine\n", "name": "Mine", "kind": "case", "source": "Ten copies",
           "begun": "a", "origin": "b", "parent": 3}  # fmt: skip


def script() -> None:
    import streamlit as st

    from viralbots.ui import draft_memory

    draft_memory.unpack(st.session_state["packed"])
    st.session_state["again"] = draft_memory.pack()


def after(packed: object) -> AppTest:
    page = AppTest.from_function(script)
    page.session_state["packed"] = packed
    page.run()
    assert not page.exception
    return page


def test_a_text_comes_back_with_its_name_and_where_it_came_from() -> None:
    page = after(json.dumps(WRITTEN))
    assert page.session_state[draft.TEXT] == "name: mine\n"
    assert page.session_state["scenarios.draft"] == draft.Draft("case", "Ten copies", "a", "b", 3)
    assert json.loads(page.session_state["again"]) == WRITTEN


@pytest.mark.parametrize("packed", [
    None, 3, "", "no json", "[1]", "[" * 100_000, json.dumps({**WRITTEN, "text": 1}),
    json.dumps({**WRITTEN, "parent": True}), " " * 10**7,
])  # fmt: skip
def test_what_is_no_draft_is_left_alone(packed: object) -> None:
    page = after(packed)
    assert draft.TEXT not in page.session_state
    assert page.session_state["again"] == ""


@pytest.mark.parametrize(("name", "letters"), [
    ("Kristine Butler", "KB"), ("王小明", "小明"), ("node_7", "N"), ("<b>&", "·"), ("", "·"),
    ("a&b", "A"), ("<script> x", "X"),
])  # fmt: skip
def test_a_portrait_shows_letters_only(name: str, letters: str) -> None:
    assert portrait.initials(name) == letters
