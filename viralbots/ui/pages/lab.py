"""The lab: choose a case, change one thing, run it, see what came of it."""

from __future__ import annotations

import streamlit as st

from viralbots.errors import ScenarioError
from viralbots.scenario import Scenario, dump, override
from viralbots.ui import choose, frame, outcome, saving, settings, state
from viralbots.ui.frame import Cases, page
from viralbots.ui.i18n import Texts
from viralbots.ui.jobs import Job

NARROW_AND_WIDE = (5, 8)


@page("lab", own=True)
def show(t: Texts, cases: Cases) -> None:
    """Show the page."""
    with st.container(key="page"):  # a phone shows the five places in another order: `style`
        left, right = st.columns(NARROW_AND_WIDE, gap="large")
    with left:
        with st.container(key="case_place"):
            saving.trouble()
            chosen = choose.ask_case(t, cases)
            case = saving.stand_in(t, chosen)
        place_of_settings = st.container(key="settings_place")
    with right:
        with st.container(key="story_place"):
            choose.tell_story(t, chosen, cases)
        place_of_outcome = st.container(key="outcome_place")
        place_of_result = st.container(key="result_place")
    with place_of_settings:
        plan = settings.ask(t, case)
        saving.show_mine(t, cases)
    if plan is not None and saving.wants_start():
        settings.start(t, plan)
    job = state.shown()
    with place_of_outcome:
        is_current = bool(job and plan and job.id == plan.request.id)
        outcome.headline(t, job, is_current)
        if job is not None:
            _lead_on(t, job, chosen)
    with place_of_result:
        if job is not None:
            outcome.show(t, job)
        else:
            outcome.show_nothing(t, case)


def _lead_on(t: Texts, job: Job, case: Scenario) -> None:
    """What can be done with a result: look closer, compare, save."""
    scenario = job.request.scenario
    with st.container(horizontal=True, gap="small", key="lead_on"):
        if st.button(t("lab.watch"), key="lab.watch", icon=":material/play_arrow:"):
            frame.go("watch")
        if st.button(t("lab.people"), key="lab.people", icon=":material/group:"):
            frame.go("people")
        if st.button(t("risk.door"), key="lab.risk", icon=":material/warning:"):
            frame.go("risk")
        as_it_is = _as_large(case, scenario)
        is_same = as_it_is is None or scenario.identity == as_it_is.identity
        if st.button(
            t("lab.compare"), key="lab.compare", icon=":material/compare_arrows:",
            disabled=is_same,
            help=t("lab.compare_same" if is_same else "lab.compare_help"),
        ):  # fmt: skip
            st.session_state["compare.arms"] = [
                {"kind": "document", "text": dump(arm)} for arm in (as_it_is, scenario) if arm
            ]
            frame.go("compare")
        saving.offer(t, job)
        if is_same:
            st.caption(t("lab.compare_same"))


def _as_large(case: Scenario, other: Scenario) -> Scenario | None:
    """The case with as many people as another scenario; None where it cannot have so many."""
    if other.network.kind == "imported":
        return None
    try:
        return override(case, {"network.n_users": other.network.n_users})
    except ScenarioError:
        return None
