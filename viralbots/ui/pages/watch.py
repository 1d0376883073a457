"""Watch one run on its network."""

from __future__ import annotations

import streamlit as st

from viralbots.experiments.film import Film
from viralbots.ui import frame, one_run
from viralbots.ui.figures import message_name
from viralbots.ui.frame import Cases, page
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.network_view import network_view
from viralbots.ui.one_run import Look

SHOWN = (300, 1_000, 3_000, 10_000)


@page("watch", own=True)
def show(t: Texts, cases: Cases) -> None:
    """Show the page."""
    look = one_run.look(t, cases, lambda: _ask_size(t))
    if look is None:
        return
    with st.container(
        horizontal=True, vertical_alignment="center", gap="medium", key="watch_next"
    ):  # fmt: skip
        message, n_shown = _ask_message(t, look), st.session_state["watch.shown"]
        place_of_next = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with st.spinner(t("watch.drawing")):
        film = one_run.film_of(look, message, n_shown)
    person = st.session_state.get("person")
    clicked = network_view(
        film, "zh" if t.lang == "zh" else "en", key=f"film:{look.task.id}:{message}:{n_shown}",
        chosen=person,
    )  # fmt: skip
    if clicked is not None:
        st.session_state["person"] = person = clicked
    with place_of_next:
        _lead_on(t, film, person)


def _ask_message(t: Texts, look: Look) -> int:
    """Place of the message to watch; the first where there is one."""
    messages = look.task.scenario.messages
    names = look.seen.trace.messages
    if len(names) == 1:
        return 0
    message: int = st.segmented_control(
        t("watch.message"), range(len(names)), key="watch.message", default=0, required=True,
        format_func=lambda q: plain(message_name(t, messages, names[q])), persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    return message if message in range(len(names)) else 0


def _lead_on(t: Texts, film: Film, person: int | None) -> None:
    """Above the picture, so that a click is seen to lead somewhere: to that person's story."""
    if person is None or person >= film.n_users:
        st.caption(t("watch.click"), width="content")
        return
    place = (film.users == person).nonzero()[0]
    name = film.names[int(place[0])] if place.size else t("watch.number", n=number(person))
    st.markdown(t("watch.chosen", name=plain(name)), width="content")
    if st.button(t("watch.why"), key="watch.why", type="primary"):
        frame.go("people")


def _ask_size(t: Texts) -> None:
    st.select_slider(
        t("watch.shown"), SHOWN, value=3_000, key="watch.shown", format_func=number,
        persist_state="session", width=240,
    )  # fmt: skip
