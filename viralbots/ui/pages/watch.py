"""Watch one run on its network."""

from __future__ import annotations

import streamlit as st

from viralbots.ui import frame, one_run
from viralbots.ui.frame import Cases, page
from viralbots.ui.i18n import Texts, number
from viralbots.ui.network_view import network_view

SHOWN = (300, 1_000, 3_000, 10_000)


@page("watch", own=True)
def show(t: Texts, cases: Cases) -> None:
    """Show the page."""
    look = one_run.look(t, cases, lambda: _ask_size(t))
    if look is None:
        return
    names, message = look.seen.trace.messages, 0
    if len(names) > 1:
        message = st.segmented_control(
            t("watch.message"), range(len(names)), key="watch.message", default=0, required=True,
            format_func=lambda q: names[q], persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
    n_shown = st.session_state["watch.shown"]
    with st.spinner(t("watch.drawing")):
        film = one_run.film_of(look, message if message in range(len(names)) else 0, n_shown)
    person = st.session_state.get("person")
    clicked = network_view(
        film, "zh" if t.lang == "zh" else "en", key=f"film:{look.task.id}:{message}:{n_shown}",
        chosen=person,
    )  # fmt: skip
    if clicked is not None:
        st.session_state["person"] = person = clicked
    if person is not None and person < film.n_users:
        with st.container(horizontal=True, vertical_alignment="center", key="watch.chosen"):
            st.markdown(t("watch.chosen", n=number(person)), width="content")
            if st.button(t("watch.why"), key="watch.why", type="primary"):
                frame.go("people")
    else:
        st.caption(t("watch.click"))


def _ask_size(t: Texts) -> None:
    st.select_slider(
        t("watch.shown"), SHOWN, value=3_000, key="watch.shown", format_func=number,
        persist_state="session", width=240,
    )  # fmt: skip
