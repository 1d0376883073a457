"""The pages of the app and the way between them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from viralbots.ui import frame, state
from viralbots.ui.backend import registry
from viralbots.ui.pages import compare, lab, people, risk, scenarios, start, watch

PAGES = {
    "start": start.show, "scenarios": scenarios.show, "lab": lab.show, "watch": watch.show,
    "people": people.show, "compare": compare.show, "risk": risk.show,
}  # fmt: skip
ICON = Path(__file__).parent / "icons" / "logo.svg"


def run(first: str = "start") -> None:
    """Show the page that the address names; ``first`` is the one without a name."""
    st.set_page_config(page_title="ViralBots", page_icon=str(ICON), layout="wide")
    registry()  # begins to compile in the background
    state.restore_language()
    t = state.texts()
    st.logo(str(ICON), size="large")
    pages = {
        name: st.Page(show, title=t(f"page.{name}"), url_path=name, default=name == first)
        for name, show in PAGES.items()
    }
    frame.know(pages)
    st.navigation(list(pages.values()), position="top").run()
