"""The few rules of style that the theme in ``.streamlit/config.toml`` cannot express."""

from __future__ import annotations

import streamlit as st

RULES = """
/* On a phone columns lie below each other; the outcome should come before the controls. */
@media (max-width: 640px) {
  .st-key-page > [data-testid=stLayoutWrapper] > [data-testid=stHorizontalBlock] {
    flex-direction: column; flex-wrap: nowrap; gap: 1rem; }
  .st-key-page > [data-testid=stLayoutWrapper] > [data-testid=stHorizontalBlock]
    > [data-testid=stColumn],
  .st-key-page > [data-testid=stLayoutWrapper] > [data-testid=stHorizontalBlock]
    > [data-testid=stColumn] > [data-testid=stVerticalBlock] { display: contents; }
  :has(> .st-key-case_place) { order: 1; }
  :has(> .st-key-story_place) { order: 2; }
  :has(> .st-key-outcome_place) { order: 3; }
  :has(> .st-key-settings_place) { order: 4; }
  :has(> .st-key-result_place) { order: 5; }
}
/* The primary colour is light on a dark ground, so what is written on it is dark. */
[data-testid=stBaseButton-primary]:not(:disabled) p { color: light-dark(#ffffff, #06131f); }
/* What the page is about should not push its content below the fold. */
.st-key-head h1 { padding: 0; }
.st-key-head + [data-testid=stElementContainer], .st-key-head { margin-bottom: -0.5rem; }
/* A way to another page looks like one. */
[class*=st-key-door_] [data-testid=stPageLink] a { padding-left: 0; }
[class*=st-key-door_] [data-testid=stPageLink] a p { color: light-dark(#0b5a9f, #7cc0ff); }
.st-key-outcome h3 { padding-top: 0.25rem; }
.st-key-story_place { gap: 0.5rem; }
/* The sentence below a slider moves up into the place of the ticks. */
:is(.st-key-controls, .st-key-further) [data-testid=stSliderTickBar] { display: none; }
:is(.st-key-controls, .st-key-further) [data-testid=stSlider] { margin-bottom: -0.75rem; }
"""


def apply() -> None:
    """Add the rules to the page."""
    st.html(f"<style>{RULES}</style>")
