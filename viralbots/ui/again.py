"""A page whose address names a job that the server no longer has: put together again.

Jobs live as long as the server, and only the last ones. The address says how a job was made, so
the same one can be asked for again; its finished runs are found in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from viralbots.errors import InputError
from viralbots.scenario import Scenario, override
from viralbots.ui import advanced, later, state
from viralbots.ui.backend import registry
from viralbots.ui.frame import Cases
from viralbots.ui.i18n import Texts
from viralbots.ui.jobs import Job
from viralbots.ui.tasks import Request

LARGEST_LUCK = 100_000
_NOTE, _RUN = "again.note", "again.run"


@dataclass(frozen=True)
class Again:
    """The one run that an address tells of."""

    scenario: Scenario
    seed: int
    luck: int


def note(asked: str, request: Request) -> None:
    """An address asked for a job that is gone, and this is computed in its place."""
    if asked and registry().get(asked) is None:
        kind: Literal["same", "other"] = "same" if request.id == asked else "other"
        st.session_state[_NOTE] = (kind, request.id)


def say(t: Texts, job: Job | None) -> None:
    """Say that a result was put together again, as long as it is on the page."""
    kind, made = st.session_state.get(_NOTE, ("", ""))
    if job is not None and job.id == made:
        st.info(t(f"again.{kind}"))


def run_of_address(t: Texts, cases: Cases) -> Again | None:
    """At the first look at a run: the one that the address tells of.

    If the server still has its job, that becomes the result on the page (None is returned);
    else the run is told by what the address says of it.
    """
    memory, asked = st.session_state, st.query_params.get("job", "")
    if _RUN not in memory:
        memory[_RUN] = None
        if memory.get("shown") is None and asked:
            _meet(asked, cases)
    found: Again | None = memory[_RUN]
    if found is None or memory.get("shown") is not None:
        return None
    st.info(t(f"again.{memory[_NOTE][0]}"))
    return found


def _meet(asked: str, cases: Cases) -> None:
    memory = st.session_state
    luck = _luck(st.query_params.get("run", "0"))
    job = registry().get(asked)
    if job is not None and isinstance(job.request, Request) and job.result is not None:
        memory["shown"] = job
        if job.request.case in cases:
            memory["case"] = job.request.case
        if luck in job.result.replicates:
            memory["run_no"] = job.result.replicates.index(luck)
            memory["run_of"] = job.result.digest
        return
    scenario = _scenario(cases[memory["case"]])
    note(asked, Request(scenario, memory["seed"], memory["runs"], scenario.name))
    if job is None:
        memory[_RUN] = Again(scenario, memory["seed"], luck)


def _luck(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < 7
    return min(int(text), LARGEST_LUCK) if is_number else 0


def _scenario(case: Scenario) -> Scenario:
    """The case with everything that the address changes in it, or as it is."""
    asked = st.query_params
    changes = advanced.values_of(asked.get_all("set"))
    changes["network.n_users"] = st.session_state["users"]
    try:
        changed = override(case, changes)
        return later.applied(changed, later.parse(asked.get("later", "")))
    except InputError:  # an address may ask for anything
        return state.sized(case)
