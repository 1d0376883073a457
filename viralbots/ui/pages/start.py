"""The first page: a case is already running, and three doors lead on."""

from __future__ import annotations

import streamlit as st

from viralbots.scenario import Scenario
from viralbots.ui import frame, one_run, state
from viralbots.ui.frame import Cases, page
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.network_view import network_view
from viralbots.ui.tasks import OneRun

SHOWN = 1_000
DOORS = ("scenarios", "lab", "compare")
WORDS_AND_FILM = (2, 3)


@page("start", own=True)
def show(t: Texts, cases: Cases) -> None:
    """Show the page."""
    case = cases[st.session_state["case"]]
    with st.container(key="page"):
        left, right = st.columns(WORDS_AND_FILM, gap="large")
    with left:  # the keys put the film before the doors on a phone: `style`
        with st.container(key="story_place"):
            st.markdown(f"#### {plain(getattr(case.title, t.lang))}\n\n"
                        f"{plain(getattr(case.story, t.lang))}")  # fmt: skip
            if st.button(t("start.try"), key="start.try", type="primary"):
                frame.go("lab")
        with st.container(key="settings_place"):
            _doors(t)
    with right, st.container(key="outcome_place"):
        _film(t, case)


def _doors(t: Texts) -> None:
    for door in DOORS:
        with st.container(border=True, key=f"door_{door}", gap="xxsmall"):
            st.markdown(f"**{t(f'start.{door}_title')}**  \n{t(f'start.{door}')}")
            frame.door(door, f"{t(f'start.{door}_go')} →")


def _film(t: Texts, case: Scenario) -> None:
    """One run of the case, already under way."""
    look = one_run.wait_for(t, OneRun(state.sized(case), st.session_state["seed"], 0))
    if look is None:
        return
    film = one_run.film_of(look, 0, SHOWN)
    st.caption(t("start.film", n=number(film.n_users)))
    clicked = network_view(film, "zh" if t.lang == "zh" else "en", key="start.film")
    if clicked is not None:
        st.session_state["person"] = clicked
        frame.go("people")
