"""The scenarios: those of the library, one's own, and the place where they are written."""

from __future__ import annotations

import streamlit as st

from viralbots.ui import draft_memory, editor, gallery, own_scenarios
from viralbots.ui.draft import PART
from viralbots.ui.frame import Cases, page
from viralbots.ui.i18n import Texts, number
from viralbots.ui.mine import my_cases

PARTS = ("library", "mine", "write")


@page("scenarios")
def show(t: Texts, found: Cases) -> None:
    """Show the page."""
    own = my_cases()
    cases = {name: case for name, case in found.items() if name not in own}
    part = _ask_part(t, len(cases))
    if part == "library":
        gallery.show(t, cases)
    elif part == "mine":
        own_scenarios.show(t, cases)
    else:
        editor.show(t, cases)
    draft_memory.meet()


def _ask_part(t: Texts, n_cases: int) -> str:
    gallery.hold(PART, PARTS, PARTS[0])
    return st.segmented_control(
        t("gallery.part.label"), PARTS, key=PART, required=True, label_visibility="collapsed",
        format_func=lambda part: t(f"gallery.part.{part}", n=number(n_cases)),
        persist_state="session",
    )  # fmt: skip
