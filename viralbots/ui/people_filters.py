"""What is asked of the people of a run: questions, filters, and the query they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import streamlit as st

from viralbots.experiments.people import DID, GROUPS, PERSONAS, SORTS, Query, Sort
from viralbots.interventions.levers import Adoptions
from viralbots.scenario import Scenario
from viralbots.ui.figures import message_name
from viralbots.ui.i18n import Texts
from viralbots.ui.person_panel import ShownRun
from viralbots.world.world import ROLES, World

WIDTHS = {"text": 140, "did": 205, "groups": 125, "persona": 110, "message": 200, "community": 85,
          "sort": 150}  # fmt: skip
"""Pixels; all of them fit in one row of a page 1280 wide."""
FILTERS = tuple(WIDTHS)
FIRST_SORT = "caused"  # a list that begins with those to whom nothing happened tells nothing
QUESTIONS: dict[str, dict[str, Any]] = {
    "first": {"did": ["adopted"], "sort": "minute"},
    "caused": {"did": ["adopted"], "sort": "caused"},
    "against": {"did": ["against"], "sort": "minute"},
    "deceived": {"did": ["deceived", "adopted"], "sort": "caused"},
    "vulnerable": {"did": ["adopted"], "groups": ["vulnerable"], "sort": "minute"},
}


def set_filters(**values: Any) -> None:
    """Set the filters named, and clear the others."""
    memory = st.session_state
    blank: dict[str, Any] = {
        "text": "", "persona": None, "groups": [], "did": [], "community": None,
        "sort": FIRST_SORT,
    }  # fmt: skip
    for name, value in {**blank, **values}.items():
        memory[f"people.{name}"] = value


def offer_questions(t: Texts, scenario: Scenario) -> None:
    """Questions that set all filters at once."""
    possible = set(_words_of_did(scenario))
    with st.container(horizontal=True, gap="small", key="people.questions"):
        for name, values in QUESTIONS.items():
            if possible.issuperset(values["did"]):
                st.button(
                    t(f"people.question.{name}"), key=f"people.ask.{name}", width="content",
                    on_click=set_filters, kwargs={**values, **_about(scenario, name)},
                )  # fmt: skip


def _about(scenario: Scenario, question: str) -> dict[str, str]:
    """The message that a question is about, where there are several."""
    if len(scenario.messages) == 1:
        return {}
    if question == "against":
        return {"message": next(n for n, m in scenario.messages.items() if m.kind == "counter")}
    plain = (name for name, m in scenario.messages.items() if m.kind == "message")
    return {"message": next(plain, scenario.message_names[0])}


def _words_of_did(scenario: Scenario) -> list[str]:
    """What can be done in this scenario."""
    messages = scenario.messages.values()
    impossible = {
        "against": not any(m.kind == "counter" for m in messages),
        "deceived": not any(m.is_deceptive for m in messages),
        "converted": not any(m.is_convertible for m in messages),
    }
    return [word for word in DID if not impossible.get(word, False)]


def _groups(scenario: Scenario) -> list[str]:
    levers = (lever for i in scenario.interventions for lever in i.levers(scenario.messages))
    is_paid = any(isinstance(lever, Adoptions) and lever.is_paid for lever in levers)
    is_paid |= any(wave.paid for wave in scenario.seeding)
    return [group for group in GROUPS if is_paid or group != "paid"]


def _personas(world: World) -> list[str]:
    """Words for people, and the roles that somebody has."""
    has = np.bincount(world.population.role, minlength=len(ROLES))
    return [word for word in PERSONAS if word not in ROLES or has[ROLES.index(word)]]


def ask(t: Texts, run: ShownRun) -> Query:
    """The filters, in a row that wraps."""
    with st.container(horizontal=True, gap="small", key="people.filters"):
        text = st.text_input(
            t("people.search"), key="people.text", placeholder=t("people.search_how"),
            max_chars=80, width=WIDTHS["text"], persist_state="session",
        )  # fmt: skip
        did = _several(t, "did", "has", _words_of_did(run.scenario))
        groups = _several(t, "groups", "is_group", _groups(run.scenario))
        persona = _one(t, "persona", "is_persona", _personas(run.world))
        message = _message(t, run)
        community = _community(t, run.world)
        sort = _one(t, "sort", "by", SORTS, is_needed=True)
    return Query(
        text or "", message, persona, tuple(groups), tuple(did), community,
        cast("Sort", sort or "number"),
    )  # fmt: skip


def _several(t: Texts, name: str, words: str, options: Sequence[str]) -> list[str]:
    """Any number of conditions that must all hold."""
    key = f"people.{name}"
    if not set(st.session_state.get(key, [])) <= set(options):  # of another scenario
        st.session_state[key] = [word for word in st.session_state[key] if word in options]
    return st.multiselect(
        t(f"people.{name}"), list(options), key=key, width=WIDTHS[name], persist_state="session",
        format_func=lambda word: t(f"people.{words}.{word}"),
        placeholder=t("people.any_group" if name == "groups" else f"people.any_{name}"),
    )  # fmt: skip


def _one(
    t: Texts, name: str, words: str, options: Sequence[str], *, is_needed: bool = False
) -> str | None:
    """One choice, or none of them."""
    key = f"people.{name}"
    if st.session_state.get(key) not in (None, *options):
        st.session_state[key] = None
    if is_needed and st.session_state.get(key) is None:
        st.session_state[key] = FIRST_SORT
    return st.selectbox(
        t(f"people.{name}"), list(options), key=key,
        index=0 if is_needed else None,
        format_func=lambda word: t(f"people.{words}.{word}"), persist_state="session",
        width=WIDTHS[name],
        placeholder=None if is_needed else t(f"people.any_{name}"),
    )  # fmt: skip


def _message(t: Texts, run: ShownRun) -> str | None:
    """Which message the filters are about; the only one where there is one."""
    trace, messages = run.trace, run.scenario.messages
    if len(trace.messages) == 1:
        return trace.messages[0]
    key = "people.message"
    if key not in st.session_state or st.session_state[key] not in (None, *trace.messages):
        st.session_state[key] = trace.messages[0]
    return st.selectbox(
        t("people.message"), list(trace.messages), key=key, index=None, width=WIDTHS["message"],
        placeholder=t("people.any_message"), persist_state="session",
        format_func=lambda name: message_name(t, messages, name),
    )  # fmt: skip


def _community(t: Texts, world: World) -> int | None:
    last = int(world.population.community.max(initial=0))
    key = "people.community"
    if (st.session_state.get(key) or 0) > last:
        st.session_state[key] = None
    given = st.number_input(
        t("people.community"), 0, last, None, 1, key=key, width=WIDTHS["community"],
        placeholder=t("people.any_community"), persist_state="session",
    )  # fmt: skip
    return None if given is None else int(given)
