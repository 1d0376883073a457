"""The panels with the key figures: benefit beside harm, and how sure they are."""

from __future__ import annotations

import streamlit as st

from viralbots.ui import figures
from viralbots.ui.figures import Figure
from viralbots.ui.i18n import Texts, number
from viralbots.ui.jobs import Job

COLOURS = {"fine": "gray", "amber": "orange", "red": "red"}


def show(t: Texts, job: Job) -> None:
    """Show both."""
    left, right = st.columns(2, gap="small")
    benefit, harm = figures.sides(job.result)
    with left, st.container(border=True, height="stretch"):
        st.markdown(f"#### :blue[{t('ledger.benefit')}]")
        _list(t, figures.figures(t, job.result, benefit))
    with right, st.container(border=True, height="stretch"):
        st.markdown(f"#### :orange[{t('ledger.harm')}]")
        _list(t, figures.figures(t, job.result, harm))
    if job.result.n_replicates > 1:
        st.caption(t("ledger.explained", runs=number(job.result.n_replicates)))
    _certainty(t, job)


def _list(t: Texts, items: list[Figure]) -> None:
    for item in items:
        with st.container(gap="xxsmall"):
            st.metric(item.label, item.value, help=t.get(f"help.{item.name}"))
            if item.level != "none":
                st.markdown(f":{COLOURS[item.level]}-badge[{t('ledger.' + item.level)}]")
            band = t("ledger.band", band=item.band) if item.band else ""
            st.caption(item.sentence + ("  \n" + band if band else ""))


def _certainty(t: Texts, job: Job) -> None:
    """What band and bracket mean, told by the reach of this very result; then all figures."""
    result = job.result
    runs = number(result.n_replicates)
    with st.expander(t("sure.title"), key="lab.sure", on_change="rerun"):
        took_off = result.metrics["take_off"]
        if took_off.n:
            hits = round(took_off.mean * took_off.n)
            told = t("sure.take_off", n=hits, runs=runs)
            if 0 < hits < took_off.n:
                told += ("" if t.lang == "zh" else " ") + t("sure.mixed")
            st.markdown(told)
        (reach,) = figures.figures(t, result, ["reach"])
        if reach.band:
            st.markdown(t("sure.band", runs=runs, band=reach.band))
        if reach.bracket:
            st.markdown(t("sure.bracket", runs=runs, mean=reach.mean, bracket=reach.bracket))
        st.markdown(t("sure.assumed"))
        st.dataframe(
            figures.table(t, result), hide_index=True, width="stretch",
            column_config={t("all.bracket"): st.column_config.Column(help=t("help.bracket"))},
        )  # fmt: skip
