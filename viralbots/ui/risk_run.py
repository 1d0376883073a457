"""What the risk page computes: the case many times, one of its runs, and its ghost.

Everything goes through the registry of jobs. A page that waits shows how far it is and looks
again by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from viralbots.errors import ScenarioError
from viralbots.scenario import Scenario, override
from viralbots.ui import state
from viralbots.ui.backend import registry
from viralbots.ui.i18n import Texts, duration, number
from viralbots.ui.jobs import Busy, Job
from viralbots.ui.progress import say_failure
from viralbots.ui.tasks import OneRun, Request, Task

EVERY_SECONDS = 0.25
RUNS = 10
"""Runs of the case, unless the lab has made more of them."""


@dataclass(frozen=True)
class Asked:
    """What the page is about.

    Attributes
    ----------
    scenario : Scenario
        With what was changed in the lab.
    seed, runs : int
    case : str
        Name in the library.
    is_changed : bool
        It is the lab's own version of the case.
    """

    scenario: Scenario
    seed: int
    runs: int
    case: str
    is_changed: bool

    @property
    def request(self) -> Request:
        return Request(self.scenario, self.seed, self.runs, self.case)


def asked(case: Scenario, runs: int = RUNS) -> Asked:
    """The case chosen, as the lab last ran it, or else as it is; with so many runs at least."""
    memory, job = st.session_state, state.shown()
    if job is not None:
        request = job.request
        plain = _sized(case, request.scenario)
        is_changed = plain is None or plain.identity != request.scenario.identity
        runs = max(runs, request.replicates)
        return Asked(request.scenario, request.seed, runs, request.case, is_changed)
    return Asked(state.sized(case), memory["seed"], runs, memory["case"], False)


def _sized(case: Scenario, other: Scenario) -> Scenario | None:
    if other.network.kind == "imported" or case.network.kind == "imported":
        return case
    try:
        return override(case, {"network.n_users": other.network.n_users})
    except ScenarioError:
        return None


def typical(result: Any, name: str) -> int:
    """Number of the replicate in the middle, by one figure."""
    values = np.nan_to_num(result.values[name])
    order = np.argsort(values, kind="stable")
    return int(result.replicates[int(order[len(order) // 2])])


# -- waiting -----------------------------------------------------------------------------------


def wait(t: Texts, task: Task, words: str = "risk.computing") -> Any:
    """What came of a task; None while it is computed, or where it cannot be."""
    jobs = submit(t, [task])
    if jobs is None:
        return None
    (job,) = jobs
    if job.state == "done":
        return job.result
    if job.state == "failed":
        say_failure(t, job)
        return None
    _follow(t, (job,), words)
    return None


def submit(t: Texts, tasks: Sequence[Task]) -> list[Job] | None:
    """The jobs of some tasks; None where too many are waiting already."""
    kept: dict[str, Job] = st.session_state.setdefault("risk.jobs", {})
    found = []
    for task in tasks:
        job = kept.get(task.id)
        if job is None or job.state == "cancelled":  # one that failed would only fail again
            try:
                job = registry().submit(task)
            except Busy:
                st.warning(t("run.busy"))
                return None
        kept[task.id] = job
        if task.is_heavy and job.state == "done":  # a world and its trace are the registry's
            del kept[task.id]
        found.append(job)
    return found


def forget() -> None:
    """Forget the jobs of another case."""
    st.session_state["risk.jobs"] = {}


@st.fragment(run_every=EVERY_SECONDS)
def _follow(t: Texts, jobs: tuple[Job, ...], words: str) -> None:
    for job in jobs:
        registry().look(job, st.session_state["viewer"])
    if all(job.is_over for job in jobs):
        st.rerun()
    st.progress(sum(job.fraction for job in jobs) / len(jobs), text=_words(t, jobs, words))


def _words(t: Texts, jobs: Sequence[Job], words: str) -> str:
    if not registry().ready.is_set():
        return t("progress.warming")
    if all(job.state == "waiting" for job in jobs):
        return t("progress.waiting", place=registry().place(jobs[0]))
    left = next((j.seconds_left for j in jobs if j.seconds_left is not None), None)
    told = t(words)
    return (
        told
        if left is None or len(jobs) > 1
        else told + t("progress.left", time=duration(t, left))
    )


@st.fragment(run_every=EVERY_SECONDS)
def follow_many(t: Texts, jobs: tuple[Job, ...]) -> None:
    """Progress of several jobs, which can be stopped together."""
    for job in jobs:
        registry().look(job, st.session_state["viewer"])
    if all(job.is_over for job in jobs):
        st.rerun()
    done = sum(job.is_over for job in jobs)
    fraction = sum(1.0 if job.is_over else job.fraction for job in jobs) / len(jobs)
    text = t("risk.stop.trying", done=number(done), total=number(len(jobs)))
    if not registry().ready.is_set():
        text = t("progress.warming")
    with st.container(horizontal=True, vertical_alignment="center", key="risk.progress"):
        st.progress(fraction, text=text)
        st.button(t("run.cancel"), key="risk.cancel", on_click=_cancel, args=(jobs,))


def _cancel(jobs: tuple[Job, ...]) -> None:
    for job in jobs:
        if not job.is_over:
            registry().cancel(job, st.session_state["viewer"])
    st.session_state["risk.go"] = None
    st.session_state["risk.stopped"] = True


def one_run(asked_for: Asked, luck: int) -> OneRun:
    """The task of one run of the case."""
    return OneRun(asked_for.scenario, asked_for.seed, luck)
