"""Name of the page and the switch of languages."""

from __future__ import annotations

import streamlit as st

from viralbots.ui import state
from viralbots.ui.i18n import LANGUAGES, Texts

NEXT = {"watch": "people", "people": "compare"}
"""Where a page leads on: from a run to the reasons, from the reasons to a comparison.

The lab and the cases have buttons of their own for this.
"""


def show(t: Texts, page: str) -> None:
    """Show the head of a page."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center",
        key="head",
    ):  # fmt: skip
        st.markdown(f"# {t(f'head.{page}')}", width="content")
        st.radio(
            t("app.language"), list(LANGUAGES), key="lang", horizontal=True,
            format_func=lambda lang: LANGUAGES[lang], label_visibility="collapsed",
            on_change=_remember, persist_state="session", width="content",
        )  # fmt: skip
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center",
        key="promise",
    ):  # fmt: skip
        st.caption(t(f"promise.{page}"), width="content")
        if page in NEXT:
            with st.container(key="door_next", width="content"):
                st.page_link(st.session_state["pages"][NEXT[page]], label=f"{t(f'next.{page}')} →")


def _remember() -> None:
    """Note the language; set every choice anew.

    A box of choices tells the server the label chosen, and a box that opens is known by its
    label; labels change with the language: only a value that the server sets survives the change.
    """
    memory = st.session_state
    st.query_params["lang"] = memory["lang"]
    for key in state.choices():
        memory[key] = memory[key]
