"""The panel on who was hurt: groups of people side by side, and the way to one of them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from viralbots.ui import frame
from viralbots.ui.backend import Seen
from viralbots.ui.i18n import Texts, number, rounded
from viralbots.ui.jobs import Job
from viralbots.ui.people_filters import set_filters
from viralbots.ui.risk_charts import Bar, bars
from viralbots.ui.risk_groups import DID, Hurt, figure_for, figures_of, hardest_hit, hurt

IN_PERCENT = ("deceived", "victims", "reach")
DOORS = 3


def show(t: Texts, seen: Seen, harm: str, job: Job, luck: int) -> str | None:
    """Show the panel; who was hit hardest in a sentence, None where nobody was."""
    possible = figures_of(seen.world, seen.trace)
    first = figure_for(harm, possible)
    st.markdown(f"### {t('risk.hurt.title')}")
    if first is None:
        st.info(t("risk.hurt.nobody"))
        return None
    figure = _ask(t, possible, first, harm)
    average, groups = hurt(figure, seen.world, seen.trace)
    most = hardest_hit(groups)
    if most is not None:
        st.markdown(_sentence(t, figure, most, average))
    else:
        st.markdown(t("risk.hurt.alike"))
    _chart(t, figure, average, groups, most)
    st.caption(t(f"risk.hurt.explained_{'share' if figure in IN_PERCENT else 'mean'}"))
    _doors(t, figure, groups, job, luck)
    if figure != first:
        average, groups = hurt(first, seen.world, seen.trace)
        most = hardest_hit(groups)
    return t("risk.hurt.alike") if most is None else _sentence(t, first, most, average)


def _ask(t: Texts, possible: list[str], first: str, harm: str) -> str:
    """By which figure; another harm chosen above sets it anew."""
    memory = st.session_state
    if memory.get("risk.figure") not in possible or memory.get("risk.figure_of") != harm:
        memory["risk.figure"], memory["risk.figure_of"] = first, harm
    return str(
        st.segmented_control(
            t("risk.hurt.by"), possible, key="risk.figure", required=True,
            format_func=lambda name: t(f"risk.figure.{name}"), persist_state="session",
            label_visibility="collapsed",
        )
    )  # fmt: skip


def _shown(t: Texts, figure: str, mean: float) -> str:
    if figure in IN_PERCENT:
        return f"{rounded(100 * mean)}\u00a0%"
    if figure == "time":
        return t("risk.hurt.minutes", n=rounded(60 * mean))
    return rounded(mean)


def _sentence(t: Texts, figure: str, most: Hurt, average: float) -> str:
    return t(
        f"risk.hurt.most_{figure}", group=t(f"risk.group.{most.group.name}"),
        value=_shown(t, figure, most.mean), average=_shown(t, figure, average),
        times=rounded(round(most.times, 2)),
    )  # fmt: skip


def _chart(t: Texts, figure: str, average: float, groups: list[Hurt], most: Hurt | None) -> None:
    rows = [
        Bar(
            t("risk.hurt.group", name=t(f"risk.group.{one.group.name}"), n=number(one.n)),
            one.mean,
            t("risk.hurt.times", value=_shown(t, figure, one.mean),
              times=rounded(round(one.times, 2))),
            one is most,
        )
        for one in groups
    ]  # fmt: skip
    words = t("risk.hurt.average", value=_shown(t, figure, average))
    spec = bars(rows, average, words, theme=st.context.theme.type or "light")
    in_words = " ".join(f"{row.label}: {row.text}." for row in rows)
    st.vega_lite_chart(spec, width="stretch", alt=in_words, key="risk.chart.groups")


def _doors(t: Texts, figure: str, groups: list[Hurt], job: Job, luck: int) -> None:
    """Ways to the people of a group to whom it happened."""
    can = [one for one in groups if one.group.filters and one.total > 0]
    can.sort(key=lambda one: -one.times)
    if not can:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center",
                      key="risk.doors"):  # fmt: skip
        st.markdown(t("risk.hurt.see"), width="content")
        for one in can[:DOORS]:
            name = t(f"risk.group.{one.group.name}")
            if st.button(name, key=f"risk.see.{one.group.name}", type="tertiary",
                         icon=":material/arrow_forward:"):  # fmt: skip
                see_people(job, luck, did=DID[figure], **one.group.filters)


def see_people(job: Job, luck: int, person: int | None = None, **filters: Any) -> None:
    """Leave for the people of the run shown here."""
    memory = st.session_state
    set_filters(**filters)
    memory["shown"], memory["run_no"] = job, job.result.replicates.index(luck)
    names = list(job.request.scenario.messages)
    if len(names) > 1:
        memory["people.message"] = names[0]
    memory["person"] = person
    frame.go("people")
