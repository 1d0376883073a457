"""Two to six scenarios with the same luck, side by side."""

from __future__ import annotations

import streamlit as st

from viralbots.ui import compare_arms, compare_memory, compare_offers, compare_run, comparison
from viralbots.ui.frame import Cases, page
from viralbots.ui.i18n import Texts


@page("compare")
def show(t: Texts, cases: Cases) -> None:
    """Show the page."""
    compare_memory.restore(cases, compare_offers.follow_the_case)
    compare_arms.style()
    compare_offers.show(t, cases)
    found = compare_memory.scenarios(cases)
    compare_arms.show(t, cases, found)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        place_of_run = st.container(width="content")
        compare_arms.offer_more(t, cases, found)
        compare_run.ask_size(t)
    plan = compare_memory.plan_of(t, found)
    with place_of_run:
        compare_run.offer(t, plan)
    compare_run.estimate(t, plan)
    compare_run.follow(t)
    shown, is_running = compare_memory.shown(), compare_memory.active() is not None
    if shown is not None:
        if not is_running:
            compare_run.write_address(shown.plan)  # another page has its own address
        comparison.show(t, shown, plan, is_running=is_running)
    elif not is_running:
        st.info(t("compare.press_run"))
