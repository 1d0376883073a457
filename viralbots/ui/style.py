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
/* Filters stand two in a row on a phone, and questions close to each other. */
@media (max-width: 640px) {
  .st-key-people-filters > * { flex: 1 1 40% !important; min-width: 0; }
  .st-key-people-filters > * > * { width: 100% !important; }
  .st-key-people-questions { gap: 0.5rem; }
}
/* The primary colour is light on a dark ground, so what is written on it is dark. */
button[data-testid^=stBaseButton-primary]:not(:disabled), [data-tag],
button[data-testid^=stBaseButton-primary]:not(:disabled) p, [data-tag] > * {
  color: light-dark(#ffffff, #06131f); }
/* What is pressed or open is written in a colour darker than the primary one. */
button[data-testid=stPopoverButton][aria-expanded=true],
button[data-testid=stBaseButton-tertiary][data-testid]:active,
button[data-testid=stPopoverButton][data-testid]:active { color: light-dark(#04203a, #7cc0ff); }
/* What the page is about should not push its content below the fold. */
.st-key-head h1 { padding: 0; }
.st-key-head + [data-testid=stElementContainer], .st-key-head { margin-bottom: -0.5rem; }
/* A way to another page looks like one. */
[class*=st-key-door_] [data-testid=stPageLink] a { padding-left: 0; }
[class*=st-key-door_] [data-testid=stPageLink] a p { color: light-dark(#0b5a9f, #7cc0ff); }
/* A long link is to be copied, not read. */
.st-key-compare_link :is(pre, code) { overflow: hidden; text-overflow: ellipsis; display: block; }
h3#keep-and-share { font-size: 1rem; }
.st-key-outcome h3 { padding-top: 0.25rem; }
.st-key-people-who h3 { padding: 0; }
.st-key-people-who [data-testid=stMarkdownContainer] { margin: 0; }
.st-key-watch_next { min-height: 2.5rem; }
.st-key-story_place { gap: 0.5rem; }
/* The sentence below a slider moves up into the place of the ticks. */
:is(.st-key-controls, .st-key-further) [data-testid=stSliderTickBar] { display: none; }
:is(.st-key-controls, .st-key-further) [data-testid=stSlider] { margin-bottom: -0.75rem; }
"""

CHINESE = """
/* The box for files speaks only English by itself. */
[data-testid=stFileUploaderDropzone] button p { font-size: 0; }
[data-testid=stFileUploaderDropzone] button p::after { content: "选择文件"; font-size: 0.875rem; }
[data-testid=stFileUploaderDropzoneInstructions] { display: none; }
/* Marks that the app's Latin font has, too, but narrow: quotation marks, dashes, dots. */
@font-face { font-family: "Source Sans"; font-weight: 200 900;
  unicode-range: U+2014, U+2018-201D, U+2026;
  src: local("Noto Sans CJK SC"), local("Noto Sans SC"), local("PingFang SC"),
    local("Microsoft YaHei"); }
"""
TAGS = {"en": "en", "zh": "zh-CN"}


def apply(lang: str) -> None:
    """Add the rules to the page.

    Drawers and boxes that open above the page lie outside of what Streamlit gives a colour scheme.
    """
    scheme = f"body {{ color-scheme: {st.context.theme.type or 'light'}; }}"
    st.html(f"<style>{RULES} {scheme} {CHINESE if lang == 'zh' else ''}</style>")


def tell_language(lang: str) -> None:
    """Tell the browser the language, at the end of a page, where it takes no room.

    By it a browser chooses the shapes of Chinese marks, and a screen reader its voice.
    """
    st.html(
        f"<script>document.documentElement.lang = '{TAGS[lang]}'</script>",
        unsafe_allow_javascript=True,
    )
