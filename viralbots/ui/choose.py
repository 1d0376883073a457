"""The panel that asks which case, and what is said of an input that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from viralbots.errors import InputError, Problem
from viralbots.problem_words import place, say
from viralbots.scenario import Scenario
from viralbots.ui.i18n import Texts, plain

SHOWN_PROBLEMS = 5


def ask_case(t: Texts, cases: Mapping[str, Scenario]) -> Scenario:
    """Let the visitor choose a case."""
    titles = {name: getattr(case.title, t.lang) for name, case in cases.items()}
    name = st.selectbox(
        t("case.label"), list(cases), key="case", persist_state="session",
        format_func=lambda option: titles.get(option, option),
    )  # fmt: skip
    return cases[name]


def tell_story(t: Texts, case: Scenario, cases: Mapping[str, Scenario]) -> None:
    """The story of a case, and the way to its counterpart."""
    st.markdown(plain(getattr(case.story, t.lang)))
    twin = twin_of(case, cases)
    if twin is not None:
        is_clean = any(tag.startswith("clean") for tag in cases[twin].tags)
        key = "case.clean_twin" if is_clean else "case.dirty_twin"
        title = plain(getattr(cases[twin].title, t.lang))
        st.button(
            f":blue[{t(key, title=title)} →]",
            key="twin",
            type="tertiary",
            on_click=_choose,
            args=(twin,),
        )


def twin_of(case: Scenario, cases: Mapping[str, Scenario]) -> str | None:
    """Name of the counterpart of a case: its clean twin, or the case whose twin it is."""
    if case.twin in cases:
        return case.twin
    return next((name for name, other in cases.items() if other.twin == case.name), None)


def _choose(name: str) -> None:
    st.session_state["case"] = name


def show_problems(t: Texts, title: str, error: InputError) -> None:
    """What is wrong with an input, problem by problem."""
    lines = [f"- {_problem(t, problem)}" for problem in error.problems[:SHOWN_PROBLEMS]]
    more = len(error.problems) - SHOWN_PROBLEMS
    if more > 0:
        lines.append(t("problem.more", n=more))
    st.error(title + "\n\n" + "\n".join(lines))


def _problem(t: Texts, problem: Problem) -> str:
    where, text = plain(place(problem, t.lang)), plain(say(problem, t.lang))
    return t("problem.at", where=where, text=text) if where else text
