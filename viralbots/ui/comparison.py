"""The results of a comparison on the page: words first, then curves, figures and what differs."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from viralbots.errors import ExperimentError
from viralbots.experiments.comparison import Comparison, Treatment, compare
from viralbots.experiments.comparison_notes import note_words
from viralbots.experiments.comparison_words import sentence, sentences
from viralbots.problem_words import say_error
from viralbots.scenario.difference import difference
from viralbots.ui import compare_figures, compare_keep
from viralbots.ui.arms import LETTERS
from viralbots.ui.charts import settled_hour
from viralbots.ui.compare_charts import (
    MOST_OVERLAID,
    ArmLine,
    Words,
    overlay,
    panels,
)
from viralbots.ui.compare_drawing import drawn, show_drawing
from viralbots.ui.compare_memory import Comparing, Plan
from viralbots.ui.compare_settings import field_name, value_of
from viralbots.ui.figures import HARM
from viralbots.ui.i18n import Texts, number, plain

CURVES = ("reach", "adopters", "converts")
IN_A_ROW = 2
Lang = Any


def show(t: Texts, comparing: Comparing, plan: Plan | None, *, is_running: bool) -> None:
    """Everything that came out."""
    try:
        found = _compared(comparing)
    except ExperimentError as error:
        st.error(plain(say_error(error, t.lang)))
        return
    is_current = plan is not None and plan.id == comparing.plan.id
    _headline(t, comparing, found, is_current=is_current or is_running)
    _over_time(t, comparing, found)
    compare_figures.show(t, found)
    compare_figures.certainty(t, found)
    _what_differs(t, comparing)
    compare_keep.show(t, comparing, found)


def _compared(comparing: Comparing) -> Comparison:
    """The comparison; computed once for each set of results."""
    memory = st.session_state
    key = tuple(job.result.digest for job in comparing.jobs), comparing.plan.id
    if memory.get("compare.found", (None, None))[0] != key:
        memory["compare.found"] = key, compare([job.result for job in comparing.jobs])
    found: Comparison = memory["compare.found"][1]
    return found


def title(t: Texts, comparing: Comparing, place: int) -> str:
    """The title of an arm in the reader's language."""
    scenario = comparing.jobs[place].request.scenario
    return str(getattr(scenario.title, t.lang))


# -- words ---------------------------------------------------------------------------------


def _headline(t: Texts, comparing: Comparing, found: Comparison, *, is_current: bool) -> None:
    """One plain sentence, then the first of each further arm, harm, and what to know."""
    lang: Lang = t.lang
    told = sentences(found, lang)
    with st.container(border=True, key="outcome"):
        st.markdown("### " + plain(_both_numbers(t, found) or told[0]))
        lines = _most_telling(found, lang)
        st.markdown("\n".join(f"- {plain(line)}" for line in lines), help=t("help.bracket"))
        if all(treatment.has_common_luck for treatment in found.treatments):
            st.caption(t("compare.same_luck"))
        for treatment in found.treatments:
            for note in treatment.notes:
                said = plain(note_words(note, treatment.letter, lang))
                st.markdown(f":small[:gray[{said}]]")
        if not is_current:
            st.markdown(f":orange[{t('compare.outdated')}]")
        with st.expander(t("compare.all_sentences"), key="compare.sentences", on_change="rerun"):
            st.markdown("\n".join(f"- {plain(line)}" for line in told))
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.markdown(f"[{t('compare.keep_title')} ↓](#{compare_keep.ANCHOR})", width="content")
            compare_keep.offer_copy(t, comparing)


def _both_numbers(t: Texts, found: Comparison) -> str | None:
    """How many heard of it in each arm; None where the arms have different sizes."""
    known = [(x.letter, x.differences.get("reach")) for x in found.treatments]
    sizes = {result.n_users for result in found.results}
    if len(sizes) > 1 or not all(d is not None and d.n for _, d in known):
        return None
    others = [t("compare.numbers_other", letter=letter, b=number(d.treatment))
              for letter, d in known if d is not None]  # fmt: skip
    first = next(d.baseline for _, d in known if d is not None)
    joined = ("，" if t.lang == "zh" else ", ").join(others)
    return t("compare.numbers", a=number(first), n=number(sizes.pop()), others=joined)


def _most_telling(found: Comparison, lang: Lang) -> list[str]:
    """Of each arm how many heard of it, and the first harm that is known to differ."""
    lines = []
    for treatment in found.treatments:
        reach = treatment.differences.get("reach")
        if reach is not None and reach.n:
            lines.append(_sentence(treatment, "reach", lang))
        harm = next((
            name for name in HARM
            if name in treatment.differences
            and treatment.differences[name].verdict in ("more", "less", "constant")
        ), None)  # fmt: skip
        if harm is not None:
            lines.append(_sentence(treatment, harm, lang))
    return lines


def _sentence(treatment: Treatment, name: str, lang: Lang) -> str:
    luck = treatment.has_common_luck
    return sentence(treatment.differences[name], treatment.letter, lang, has_common_luck=luck)


# -- curves --------------------------------------------------------------------------------


def _over_time(t: Texts, comparing: Comparing, found: Comparison) -> None:
    """The curves, and the difference of each pair over time beside them."""
    names = [name for name in CURVES if all(name in r.curves for r in found.results)]
    if not any(r.curves["converts"].any() for r in found.results):
        names.remove("converts")
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    ):
        st.markdown(f"#### {t('compare.curves_title')}", width="content")
        name = st.segmented_control(
            t("compare.curve"), names, key="compare.curve", default="reach", required=True,
            format_func=lambda curve: t(f"compare.curve_{curve}"), persist_state="session",
            label_visibility="collapsed", width="content",
        )  # fmt: skip
    name = name if name in names else "reach"
    words = Words(t("chart.day"), t("chart.low"), t("chart.median"), t("chart.high"))
    lines = [
        ArmLine(letter, title(t, comparing, place), result.curves[name])
        for place, (letter, result) in enumerate(zip(LETTERS, found.results, strict=False))
    ]
    last = max(settled_hour(line.curve) for line in lines)
    left, right = st.columns(2, gap="large")
    with left if len(lines) <= MOST_OVERLAID else st.container():
        _curves(t, found, lines, words, (name, last))
    with right if len(lines) <= MOST_OVERLAID else st.container():
        _differences(t, found, lines, words, (name, last))


def _curves(
    t: Texts, found: Comparison, lines: list[ArmLine], words: Words, shown: tuple[str, int]
) -> None:
    name, last = shown
    st.markdown(f"**{t('compare.each')}**")
    if len(lines) <= MOST_OVERLAID:
        drawing = drawn(
            t, found, f"curves:{name}",
            lambda theme: overlay(lines, words, theme=theme, last_hour=last),
        )  # fmt: skip
        show_drawing(t, drawing, f"curves_{name}", t("compare.curves_alt", ends=_ends(t, lines)),
                     t("compare.curves_note", runs=number(len(lines[0].curve))))  # fmt: skip
        return
    small = drawn(
        t, found, f"panels:{name}",
        lambda theme: panels(lines, words, theme=theme, last_hour=last),
    )  # fmt: skip
    for start in range(0, len(small), IN_A_ROW):
        for column, place in zip(st.columns(IN_A_ROW), range(start, len(small)), strict=False):
            line = lines[place]
            with column:
                st.markdown(f"**{line.letter}** :small[{plain(line.title)}]")
                show_drawing(t, small[place], f"curve_{name}_{line.letter}",
                             t("compare.curves_alt", ends=_ends(t, [line])), "")  # fmt: skip
    st.caption(t("compare.panels_note", runs=number(len(lines[0].curve))))


def _ends(t: Texts, lines: list[ArmLine]) -> str:
    """Where each curve ends, in words."""
    ends = [f"{line.letter} {number(float(np.median(line.curve[:, -1])))}" for line in lines]
    return ("、" if t.lang == "zh" else ", ").join(ends)


def _differences(
    t: Texts, found: Comparison, lines: list[ArmLine], words: Words, shown: tuple[str, int]
) -> None:
    name, last = shown
    st.markdown(f"**{t('compare.away')}**")
    away = [
        ArmLine(treatment.letter, line.title, _paired_curves(found, treatment, name))
        for treatment, line in zip(found.treatments, lines[1:], strict=True)
    ]
    drawing = drawn(
        t, found, f"differences:{name}",
        lambda theme: overlay(away, words, theme=theme, last_hour=last, has_zero=True),
    )  # fmt: skip
    show_drawing(
        t, drawing, f"differences_{name}", t("compare.differences_alt", ends=_ends(t, away)),
        t("compare.differences_note", pairs=number(len(away[0].curve))),
    )  # fmt: skip


def _paired_curves(found: Comparison, treatment: Treatment, name: str) -> NDArray[np.int64]:
    """int64[pairs, hours + 1]: treatment − baseline, as far as both were simulated."""
    first, second = found.baseline, treatment.result
    a = first.curves[name][np.isin(first.replicates, treatment.replicates)]
    b = second.curves[name][np.isin(second.replicates, treatment.replicates)]
    hours = min(a.shape[1], b.shape[1])
    return b[:, :hours] - a[:, :hours]


# -- parameters ----------------------------------------------------------------------------


def _what_differs(t: Texts, comparing: Comparing) -> None:
    """Every field in which an arm differs from A, with the value of each."""
    st.markdown(f"#### {t('compare.fields_title')}")
    scenarios = [job.request.scenario for job in comparing.jobs]
    rows: dict[str, dict[str, str]] = {}
    for letter, scenario in zip(LETTERS[1:], scenarios[1:], strict=False):
        for change in difference(scenarios[0], scenario):
            if change.is_text:
                continue
            row = rows.setdefault(change.path, {
                t("compare.field"): field_name(t, change, scenarios[0], scenario),
                **dict.fromkeys(LETTERS[: len(scenarios)], ""),
            })  # fmt: skip
            sides = scenarios[0], scenario
            row["A"] = value_of(t, change, change.before, *sides)
            row[letter] = value_of(t, change, change.after, *sides)
    if not rows:
        st.markdown(t("compare.fields_none"))
        return
    for row in rows.values():  # an arm that does not differ in a field has A's value
        for letter in LETTERS[1 : len(scenarios)]:
            row[letter] = row[letter] or f":gray[{row['A']}]"
    st.table(list(rows.values()), hide_index=True)
