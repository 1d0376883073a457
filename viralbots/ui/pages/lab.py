"""The start page: choose a case, change one thing, run it, see what came of it."""

from __future__ import annotations

import streamlit as st

from viralbots.ui import choose, outcome, settings, state, style
from viralbots.ui.header import show as show_header
from viralbots.ui.library import cases, first_case

NARROW_AND_WIDE = (5, 8)


def show() -> None:
    """Show the page."""
    found, broken = cases()
    if found:
        state.restore(found, first_case(found))
    t = state.texts()
    style.apply()
    show_header(t)
    for error in broken:
        choose.show_problems(t, t("case.broken"), error)
    if not found:
        st.info(t("case.none"))
        return
    with st.container(key="page"):  # a phone shows the five places in another order: `style`
        left, right = st.columns(NARROW_AND_WIDE, gap="large")
    with left:
        with st.container(key="case_place"):
            case = choose.ask_case(t, found)
        place_of_settings = st.container(key="settings_place")
    with right:
        with st.container(key="story_place"):
            choose.tell_story(t, case, found)
        place_of_outcome = st.container(key="outcome_place")
        place_of_result = st.container(key="result_place")
    with place_of_settings:
        plan = settings.ask(t, case)
    job = state.shown()
    with place_of_outcome:
        is_current = bool(job and plan and job.id == plan.request.id)
        outcome.headline(t, job, is_current)
    with place_of_result:
        if job is not None:
            outcome.show(t, job)
        else:
            outcome.show_nothing(t, case)
