"""Taking a comparison away: a link to it, its numbers, and its arms as saved results."""

from __future__ import annotations

import json

import streamlit as st

from viralbots.errors import StoreError
from viralbots.experiments.comparison import Comparison
from viralbots.experiments.comparison_table import as_data
from viralbots.problem_words import say_error
from viralbots.scenario.dump import dump
from viralbots.ui import compare_memory, workspace
from viralbots.ui.arms import LETTERS
from viralbots.ui.compare_memory import Comparing
from viralbots.ui.copy_link import copy_link
from viralbots.ui.i18n import Texts, plain

LONGEST_NAME = 120
TAG = "compare"
ANCHOR = "keep-and-share"
"""Where a link leads from the top of the page."""


def show(t: Texts, comparing: Comparing, found: Comparison) -> None:
    """Link, numbers and saving, side by side."""
    st.subheader(t("compare.keep_title"), anchor=ANCHOR)
    left, right = st.columns(2, gap="large")
    with left:
        _link(t, comparing)
    with right:
        _save(t, comparing)
        _numbers(t, found)


def _numbers(t: Texts, found: Comparison) -> None:
    st.download_button(
        t("compare.json"),
        lambda: (json.dumps(as_data(found), ensure_ascii=False, allow_nan=False) + "\n").encode(),
        f"viralbots_compare_{found.digest[:12]}.json", "application/json", key="compare.json",
        on_click="ignore",
    )  # fmt: skip


def _link(t: Texts, comparing: Comparing) -> None:
    text = compare_memory.link_of(comparing.plan)
    st.markdown(f"**{t('compare.link')}**")
    if text is None:
        st.info(t("compare.link_too_long"))
        return
    with st.container(key="compare_link"):  # cut where it ends, so nothing scrolls: `style`
        st.code(_address(t, text), language=None)
    st.caption(t("compare.link_note"))


def _address(t: Texts, text: str) -> str:
    return f"{(st.context.url or '').split('?')[0]}?lang={t.lang}&arms={text}"


def offer_copy(t: Texts, comparing: Comparing) -> None:
    """A button that copies the link, where there is one."""
    text = compare_memory.link_of(comparing.plan)
    if text is not None:
        copy_link(t("compare.copy_link"), t("compare.copied"), _address(t, text),
                  key="compare_copy_link")  # fmt: skip


def _save(t: Texts, comparing: Comparing) -> None:
    st.markdown(f"**{t('compare.save')}**")
    with st.form("compare.save_form", border=False):
        name = st.text_input(
            t("compare.save_name"), key="compare.save_name", max_chars=LONGEST_NAME,
            placeholder=t("compare.save_placeholder"), label_visibility="collapsed",
        )  # fmt: skip
        is_asked = st.form_submit_button(t("compare.save_button"), key="compare.save_button")
    if not is_asked:
        return
    try:
        n = _save_all(comparing, name.strip() or t("compare.save_placeholder"), t.lang)
    except StoreError as error:
        st.error(plain(say_error(error, t.lang)))
        return
    st.success(t("compare.saved", n=n))


def _save_all(comparing: Comparing, name: str, lang: str) -> int:
    """Save the runs of each arm; how many arms."""
    store, owner = workspace.mine()
    for letter, job in zip(LETTERS, comparing.jobs, strict=False):
        scenario = job.request.scenario
        recipe = job.result.recipe(dump(scenario), job.request.replicates)
        label = f"{name} · {letter} · {getattr(scenario.title, lang)}"[:200]
        store.save_result(owner, recipe, name=label, tags=[TAG])
    return len(comparing.jobs)
