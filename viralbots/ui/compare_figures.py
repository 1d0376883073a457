"""Key figures of a comparison: benefit beside harm, and how sure a difference is."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import streamlit as st

from viralbots.experiments.comparison import Comparison, Treatment
from viralbots.experiments.difference import Difference
from viralbots.metrics import metric_of
from viralbots.ui import compare_memory
from viralbots.ui import figures as ledger_figures
from viralbots.ui.compare_dots import Pairs, PairWords, Row, draws_chart, figures, pairs_chart
from viralbots.ui.compare_drawing import drawn, show_drawing
from viralbots.ui.figures import BENEFIT, HARM
from viralbots.ui.i18n import Texts, number, plain, rounded

MOST_PAIRS = 1_000
SHARES = ("share", "yes or no")
COUNTS = ("users", "adopters", "complaints")
DECIDED = ("more", "less", "constant", "small")


def scale_of(name: str) -> float:
    """What a figure is multiplied by to be read: shares as so many of 100."""
    return 100.0 if metric_of(name).unit in SHARES else 1.0


def amount(t: Texts, name: str, value: float, *, has_sign: bool = True) -> str:
    """A figure, or a difference in one with its sign, and its unit."""
    text = _bare(name, value, has_sign=has_sign)
    return text if text == "–" else text + _unit(t, name)


def _bare(name: str, value: float, *, has_sign: bool = True) -> str:
    if math.isnan(value):
        return "–"
    shown = value * scale_of(name)
    is_whole = metric_of(name).unit in COUNTS or abs(shown) >= 100
    text = number(shown) if is_whole else _few(shown)
    return f"+{text}" if has_sign and shown > 0 and text != "0" else text


def _unit(t: Texts, name: str) -> str:
    keys = {"share": "compare.points", "yes or no": "compare.of_100", "person-hours": "unit.hours"}
    unit = metric_of(name).unit
    if unit == "ratio":
        return " ×"
    return ("" if t.lang == "zh" else " ") + t(keys[unit]) if unit in keys else ""


def _few(value: float) -> str:
    """About three digits, whatever the sign."""
    text = rounded(abs(value))
    return f"−{text}" if value < 0 and text.strip("0.") else text


def label(t: Texts, name: str) -> str:
    """Name of a figure."""
    metric, _, message = name.partition(":")
    return metric_of(metric).label[t.lang] + (f" ({message})" if message else "")


def show(t: Texts, found: Comparison) -> None:
    """Benefit beside harm: how much each arm differs from A."""
    st.markdown(f"#### {t('compare.figures_title')}")
    left, right = st.columns(2, gap="large")
    with left, st.container(border=True, height="stretch"):
        _ledger(t, found, "benefit")
    with right, st.container(border=True, height="stretch"):
        _ledger(t, found, "harm")
    st.caption(t("compare.figures_note"))
    with st.expander(t("compare.all_figures"), key="compare.figures", on_change="rerun"):
        st.dataframe(_table(t, found), hide_index=True, width="stretch")


def _ledger(t: Texts, found: Comparison, role: Literal["benefit", "harm"]) -> None:
    colour = "blue" if role == "benefit" else "orange"
    st.markdown(f"##### :{colour}[{t('ledger.' + role)}]")
    benefit, harm = ledger_figures.sides(*found.results)
    rows = _rows(t, found, benefit if role == "benefit" else harm)
    if not rows:
        st.caption(t("compare.figures_none"))
        return
    drawing = drawn(
        t, found, f"figures:{role}",
        lambda theme: figures(rows, role, t("compare.less_more"), theme=theme),
    )  # fmt: skip
    told = "; ".join(f"{row.label} {row.letter} {row.text}".strip() for row in rows)
    show_drawing(t, drawing, role, t("compare.figures_alt", told=told), "")


def _rows(t: Texts, found: Comparison, names: tuple[str, ...]) -> list[Row]:
    """A row for each figure and arm; figures that are nought everywhere are left out."""
    rows: list[Row] = []
    letters = len(found.treatments) > 1
    for name in names:
        known = [(x, x.differences[name]) for x in found.treatments
                 if name in x.differences and x.differences[name].n]  # fmt: skip
        if not any(_happens(d) for _, d in known):
            continue
        for k, (treatment, d) in enumerate(known):
            rows.append(Row(
                name, label(t, name) if k == 0 else "", _text(t, name, d),
                treatment.letter if letters else "", d.mean, d.bracket.low, d.bracket.high,
                d.verdict in DECIDED,
            ))  # fmt: skip
    return rows


def _text(t: Texts, name: str, d: Difference) -> str:
    if d.verdict == "identical":
        return t("compare.identical")
    text = amount(t, name, d.mean)
    if math.isnan(d.bracket.low):
        return text
    low, high = (_bare(name, v) for v in (d.bracket.low, d.bracket.high))
    return f"{text}  [{low} … {high}]"


def _table(t: Texts, found: Comparison) -> list[dict[str, str]]:
    """Every figure of every arm as a row of words."""
    rows = []
    for treatment in found.treatments:
        for name, d in treatment.differences.items():
            if not d.n:
                continue
            rows.append({
                t("compare.arm"): treatment.letter,
                t("all.figure"): ledger_figures.label(t, name, found.baseline.scenario),
                t("compare.mean_a"): amount(t, name, d.baseline, has_sign=False),
                t("compare.mean_b"): amount(t, name, d.treatment, has_sign=False),
                t("compare.difference"): _text(t, name, d),
                t("compare.ahead_short"): _percent(d.ahead),
                t("compare.pairs"): number(d.n),
            })  # fmt: skip
    return rows


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{number(100 * value)} %"


# -- is it real? ---------------------------------------------------------------------------


def certainty(t: Texts, found: Comparison) -> None:
    """Whether the difference in one figure is real, and how many more runs would tell."""
    st.markdown(f"#### {t('compare.sure_title')}")
    treatment, name = _ask_which(t, found)
    if treatment is None or name is None:
        return
    d = treatment.differences[name]
    _numbers(t, treatment, d)
    _offer_more_pairs(t, treatment, d)
    pairs = _pairs(found, treatment, name)
    words = PairWords(
        t("compare.pairs_axis", figure=label(t, name), letter=treatment.letter),
        t("compare.pair"), t("compare.difference"), t("compare.mean"),
    )  # fmt: skip
    key = f"{treatment.letter}:{name}"
    drawing = drawn(t, found, f"pairs:{key}", lambda theme: pairs_chart(pairs, words, theme=theme))
    in_words = t(
        "compare.pairs_alt", letter=treatment.letter, figure=label(t, name), n=d.n,
        more=d.n_more, less=d.n_less, mean=_text(t, name, d),
    )  # fmt: skip
    show_drawing(t, drawing, "pairs", in_words, t("compare.pairs_note"))
    if st.toggle(t("compare.draws"), key="compare.draws", help=t("compare.draws_help"),
                 persist_state="session"):  # fmt: skip
        axis = PairWords(label(t, name), words.pair, words.difference, words.mean)
        moving = drawn(t, found, f"draws:{key}",
                       lambda theme: draws_chart(pairs, axis, theme=theme))  # fmt: skip
        show_drawing(t, moving, "draws", in_words, t("compare.draws_note"))


def _ask_which(t: Texts, found: Comparison) -> tuple[Treatment | None, str | None]:
    """The arm and the figure to look at."""
    letters = [treatment.letter for treatment in found.treatments]
    chosen = letters[0]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if len(letters) > 1:
            chosen = st.segmented_control(
                t("compare.which_arm"), letters, default=letters[0], required=True,
                key=f"compare.which_arm.{len(letters)}", width="content",
            ) or letters[0]  # fmt: skip
        treatment = found.treatments[letters.index(chosen)]
        names = [n for n in (*BENEFIT, *HARM) if n in treatment.differences]
        names = [n for n in names if _happens(treatment.differences[n])]
        if not names:
            return None, None
        memory = st.session_state
        now = memory.get("compare.figure_shown")
        name = st.selectbox(
            t("compare.which_figure"), names, index=names.index(now) if now in names else 0,
            format_func=lambda figure: label(t, figure), width=320,
            key=f"compare.which_figure.{t.lang}.{chosen}.{len(letters)}",
        )  # fmt: skip
        memory["compare.figure_shown"] = name
    return treatment, name


def _happens(d: Difference) -> bool:
    """Whether a figure is more than nought in either arm."""
    return bool(d.n and (d.baseline or d.treatment))


def _numbers(t: Texts, treatment: Treatment, d: Difference) -> None:
    """Who is ahead, what is too small to be seen, how many more pairs would tell."""
    letter, direction = treatment.letter, metric_of(d.name).direction
    first, second, third = st.columns(3)
    with first:
        st.metric(t(f"compare.ahead_{direction}", letter=letter), _percent(d.ahead))
        low, high = _percent(d.ahead_low), _percent(d.ahead_high)
        st.caption(t("compare.ahead_note", low=low, high=high, n=number(d.n)))
    with second:
        is_seen = not math.isnan(d.smallest)
        unseen = amount(t, d.name, d.smallest, has_sign=False) if is_seen else "–"
        st.metric(t("compare.smallest"), unseen)
        st.caption(t("compare.smallest_note" if is_seen else "compare.smallest_none"))
    with third:
        st.metric(t("compare.more_pairs"), _more(t, d))
        st.caption(t(f"compare.verdict.{d.verdict}", letter=plain(letter)))


def _more(t: Texts, d: Difference) -> str:
    if d.verdict in ("identical", "undefined") or math.isnan(d.more_pairs):
        return "–"
    if d.more_pairs == 0:
        return t("compare.decided")
    if math.isinf(d.more_pairs):
        return t("compare.beyond")
    return t("compare.about", n=number(float(f"{d.more_pairs:.2g}")))


def _offer_more_pairs(t: Texts, treatment: Treatment, d: Difference) -> None:
    """A button for as many pairs as would tell, where that can be waited for."""
    if not 0 < d.more_pairs < math.inf:
        return
    wanted = d.n + d.more_pairs
    runs = next((n for n in compare_memory.RUNS if n >= wanted), None)
    if runs is None or runs > MOST_PAIRS or runs <= treatment.result.n_replicates:
        return
    st.button(
        t("compare.run_more", n=number(runs)), key="compare.run_more",
        on_click=compare_memory.ask_for_more, args=(runs,), icon=":material/add_chart:",
    )  # fmt: skip


def _pairs(found: Comparison, treatment: Treatment, name: str) -> Pairs:
    first, second, d = found.baseline, treatment.result, treatment.differences[name]
    a = first.values[name][np.isin(first.replicates, treatment.replicates)]
    b = second.values[d.name_in_treatment][np.isin(second.replicates, treatment.replicates)]
    return Pairs(
        treatment.letter, treatment.replicates, a, b, d.mean, d.bracket.low, d.bracket.high,
        scale_of(name),
    )  # fmt: skip
