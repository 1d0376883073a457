"""The start page: choose a case, change one thing, run it, see what came of it."""

from __future__ import annotations

import streamlit as st

from viralbots.ui import choose, outcome, settings, state
from viralbots.ui.header import show as show_header
from viralbots.ui.library import cases, first_case

NARROW_AND_WIDE = (5, 8)


def show() -> None:
    """Show the page."""
    found, broken = cases()
    if found:
        state.restore(found, first_case(found))
    t = state.texts()
    show_header(t)
    for error in broken:
        choose.show_problems(t, t("case.broken"), error)
    if not found:
        st.info(t("case.none"))
        return
    left, right = st.columns(NARROW_AND_WIDE, gap="medium")
    with left:
        case = choose.ask_case(t, found)
        upload = choose.ask_network(t)
    with right:
        choose.tell_story(t, case, found)
    banner = st.container()
    left, right = st.columns(NARROW_AND_WIDE, gap="medium")
    with left:
        st.markdown(f"#### {t('settings.title')}")
        plan = settings.ask(t, case, upload)
    job = state.shown()
    with banner:
        is_current = bool(job and plan and job.id == plan.request.id)
        outcome.headline(t, job, is_current)
    with right:
        if job is not None:
            outcome.show(t, job)
        else:
            outcome.show_nothing(t, case)
