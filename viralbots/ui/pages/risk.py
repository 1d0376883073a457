"""Who was hurt most, and what would have stopped it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from viralbots.ui import (
    choose,
    risk_curves,
    risk_ghost,
    risk_hurt,
    risk_ledger,
    risk_run,
    risk_stopping,
    risk_words,
    state,
)
from viralbots.ui.backend import Seen, registry
from viralbots.ui.frame import Cases, page
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.risk_ghost import Choice
from viralbots.ui.risk_run import Asked
from viralbots.ui.tasks import OneRun


@page("risk", own=True)
def show(t: Texts, cases: Cases) -> None:
    """Show the page."""
    left, right = st.columns((3, 2), gap="medium")
    with left:
        case = choose.ask_case(t, cases)
    asked = risk_run.asked(case, _runs())
    _start_anew(asked)
    state.write_run_address(None, 0)
    st.caption(_what(t, asked))
    answers = st.container(border=True, key="outcome", gap="xsmall")
    baseline = risk_run.wait(t, asked.request)
    if baseline is None:
        with answers:
            st.markdown(f"### {t('risk.answer.waiting')}")
        return
    harms = risk_words.countable(asked.scenario, baseline.metrics)
    if not harms:
        with answers:
            st.markdown(f"### {t('risk.answer.harmless')}")
        risk_ledger.show(t, baseline)
        return
    with right:
        harm = _ask_harm(t, harms)
    _panels(t, asked, baseline, harm, answers)


def _runs() -> int:
    more = bool(st.session_state.get("risk.more"))
    return max(risk_run.RUNS, risk_stopping.MORE if more else 0)


def _start_anew(asked: Asked) -> None:
    """Another case begins without what was asked of the one before."""
    memory, key = st.session_state, (asked.scenario.identity, asked.seed)
    if memory.get("risk.of") != key:
        memory["risk.of"] = key
        for name in ("risk.more", "risk.stopped", "risk.go", "risk.figure_of"):
            memory[name] = None
        risk_run.forget()


def _what(t: Texts, asked: Asked) -> str:
    """How many people and runs, and whether it is the lab's version."""
    users = number(asked.scenario.network.n_users)
    told = t("risk.what", users=users, runs=number(asked.runs), seed=asked.seed)
    gap = "" if t.lang == "zh" else " "
    return told + (gap + t("risk.changed") if asked.is_changed else "")


def _panels(t: Texts, asked: Asked, baseline: Any, harm: str, answers: Any) -> None:
    luck = risk_run.typical(baseline, harm)
    with answers:
        st.markdown(f"### {_headline(t, baseline, harm)}")
        place = {name: st.empty() for name in ("hurt", "best", "ghost")}
    risk_ledger.show(t, baseline)
    seen = risk_run.wait(t, risk_run.one_run(asked, luck))
    if seen is not None:
        job = registry().submit(asked.request)  # known: it is done
        _tell(place["hurt"], risk_hurt.show(t, seen, harm, job, luck))
        choice, other = _time(t, asked, seen, luck)
    _tell(place["best"], risk_stopping.show(t, asked, baseline, harm))
    if seen is not None and choice is not None and other is not None:
        st.markdown(f"### {t('risk.ghost.title')}")
        told = risk_ghost.show(t, asked, (seen, other), choice, luck, harm)
        _tell(place["ghost"], told)


def _tell(place: Any, sentence: str | None) -> None:
    """An answer at the top of the page, once it is known."""
    if sentence is not None:
        place.markdown(f"- {sentence}")


def _ask_harm(t: Texts, harms: list[str]) -> str:
    memory = st.session_state
    if memory.get("risk.harm") not in harms or memory.get("risk.harm_of") != memory["risk.of"]:
        memory["risk.harm"], memory["risk.harm_of"] = harms[0], memory["risk.of"]
    return str(
        st.selectbox(
            t("risk.harm"), harms, key="risk.harm", persist_state="session",
            format_func=lambda name: risk_words.harm_label(t, name), help=t("risk.harm_help"),
        )
    )  # fmt: skip


def _headline(t: Texts, baseline: Any, harm: str) -> str:
    summary = baseline.metrics[harm]
    told = plain(risk_words.amount(t, harm, summary.mean))
    label = risk_words.harm_label(t, harm)
    return t("risk.answer.headline", harm=label, value=told, users=number(baseline.n_users))


def _time(t: Texts, asked: Asked, seen: Seen, luck: int) -> tuple[Choice | None, Seen | None]:
    """What went wrong and when, beside the run without something."""
    st.markdown(f"### {t('risk.time.title')}")
    choice, other, without = risk_ghost.ask(t, asked.scenario), None, ""
    if choice is not None:
        without = risk_ghost.words(t, choice)
        ghost = risk_ghost.ghost_of(asked.scenario, choice.without)
        other = risk_run.wait(t, OneRun(ghost, asked.seed, luck), "risk.ghost.computing")
    trace = None if other is None else other.trace
    risk_curves.show(t, asked.scenario, seen.trace, trace, without if trace is not None else "")
    told = t("risk.time.explained", run=number(luck + 1))
    if trace is not None:
        told += ("" if t.lang == "zh" else " ") + t("risk.time.dashed", without=without)
    st.caption(told)
    return choice, other
