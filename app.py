"""ViralBots in the browser: ``streamlit run app.py``."""

from viralbots.ui.router import run

run()
