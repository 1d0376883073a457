"""A chart of the comparison on the page: drawn once, with its words and its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from viralbots.experiments.comparison import Comparison
from viralbots.ui.charts import GROUND
from viralbots.ui.compare_charts import Drawing, mode_of
from viralbots.ui.i18n import Texts
from viralbots.ui.picture_buttons import picture_buttons


def drawn(t: Texts, found: Comparison, key: str, draw: Callable[[str], Any]) -> Any:
    """What ``draw(theme)`` draws, kept as long as result, language and theme are the same."""
    memory, theme = st.session_state, st.context.theme.type or "light"
    of = (found.digest, theme, t.lang)
    kept = memory.get("compare.drawn", {})
    if kept.get("of") != of:
        kept = memory["compare.drawn"] = {"of": of}
    if key not in kept:
        kept[key] = draw(theme)
    return kept[key]


def show_drawing(t: Texts, drawing: Drawing, name: str, in_words: str, note: str) -> None:
    """A chart with its words, and exactly its numbers as a file."""
    key = f"compare.chart.{name}"
    with st.container(gap="xxsmall"):
        with st.container(key=key):
            st.vega_lite_chart(drawing.spec, width="stretch", alt=in_words, key=f"{key}.drawn")
        if note:
            st.caption(note)
        theme = mode_of(st.context.theme.type or "light")
        with st.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center",
            gap="small", key=f"compare.take.{name}",
        ):  # fmt: skip
            picture_buttons(key, f"viralbots_compare_{name}", in_words, GROUND[theme])
            st.download_button(
                t("compare.csv"), drawing.as_csv, f"viralbots_compare_{name}.csv", "text/csv",
                key=f"compare.csv.{name}", on_click="ignore", type="tertiary",
            )  # fmt: skip
