"""Name of the page and the switch of languages."""

from __future__ import annotations

import streamlit as st

from viralbots.ui import state
from viralbots.ui.i18n import LANGUAGES, Texts


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
    st.caption(t(f"promise.{page}"))


def _remember() -> None:
    """Note the language; set every choice anew.

    A box of choices tells the server the label chosen, and labels change with the language:
    only a value that the server sets survives the change.
    """
    memory = st.session_state
    st.query_params["lang"] = memory["lang"]
    for key in state.choices():
        memory[key] = memory[key]
