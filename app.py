"""ViralBots in the browser: ``streamlit run app.py``."""

import streamlit as st

from viralbots.ui import state
from viralbots.ui.backend import registry
from viralbots.ui.pages import start

PAGES = {"start": start.show}


def main() -> None:
    """Route to a page."""
    t = state.texts()
    st.set_page_config(page_title=t("app.tab"), page_icon="📣", layout="wide")
    registry()  # begins to compile in the background
    pages = [
        st.Page(show, title=t(f"page.{name}"), url_path=name, default=name == "start")
        for name, show in PAGES.items()
    ]
    st.navigation(pages, position="hidden").run()


main()
