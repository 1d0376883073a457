"""The one run that Watch and People look into: which it is, and waiting for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from viralbots.errors import ScenarioError, StoreError
from viralbots.experiments.film import Film, film
from viralbots.scenario import Scenario, override
from viralbots.ui import again, state
from viralbots.ui.backend import Seen, registry, shelf
from viralbots.ui.frame import Cases
from viralbots.ui.i18n import Texts, duration, number, plain
from viralbots.ui.jobs import Busy, Job
from viralbots.ui.progress import say_failure
from viralbots.ui.tasks import OneRun

FILMS = 6
"""Films remembered, for all visitors."""


@dataclass(frozen=True)
class Look:
    """One run that has been computed."""

    task: OneRun
    seen: Seen


def look(t: Texts, cases: Cases, ask_more: Callable[[], None] | None = None) -> Look | None:
    """Let the visitor choose a run of her result; None while it is being computed.

    ``ask_more`` shows what else the page asks, in the same row.
    """
    told = again.run_of_address(t, cases)
    job: Job | None = st.session_state.get("shown")
    if job is not None:
        scenario, seed = job.request.scenario, job.request.seed
    else:
        scenario, seed = (told.scenario, told.seed) if told else _asked(cases)
    with st.container(horizontal=True, vertical_alignment="center", key="run_place"):
        st.markdown(f"#### {plain(getattr(scenario.title, t.lang))}", width="stretch")
        luck = _choose(t, job) if job else told.luck if told else 0
        if ask_more is not None:
            ask_more()
    if told is None:  # else the address tells more than we know
        state.write_run_address(job, luck)
    return wait_for(t, OneRun(scenario, seed, luck))


def _asked(cases: Cases) -> tuple[Scenario, int]:
    """The case that the address or the lab has chosen, with what was changed in it."""
    memory = st.session_state
    case = cases[memory["case"]]
    changes = {**memory.get("asked", {}), "network.n_users": memory["users"]}
    try:
        return override(case, changes), memory["seed"]
    except ScenarioError:  # an address may ask for anything
        return case, memory["seed"]


def _choose(t: Texts, job: Job) -> int:
    """Which of the runs: the typical, the largest and the smallest are named."""
    reach = job.result.values["reach"]
    order = np.argsort(reach, kind="stable")
    known = {
        int(order[len(order) // 2]): "typical", int(order[-1]): "largest", int(order[0]): "least",
    }  # fmt: skip

    def words(place: int) -> str:
        heard, name = number(float(reach[place])), known.get(place)
        told = t("look.run", n=job.result.replicates[place] + 1, heard=heard)
        return f"{told} · {t('look.' + name)}" if name else told

    order_shown = [*known, *(p for p in range(len(reach)) if p not in known)]
    memory, result = st.session_state, job.result.digest
    if memory.setdefault("run_of", result) != result or memory.get("run_no") not in order_shown:
        memory["run_of"], memory["run_no"] = result, order_shown[0]
    place = st.selectbox(
        t("look.which"), order_shown, key="run_no", format_func=words, persist_state="session",
        width=330,
    )  # fmt: skip
    return job.result.replicates[place]


def wait_for(t: Texts, task: OneRun) -> Look | None:
    """The run of a task; a bar while it is computed, a sentence where it cannot be."""
    try:
        job = registry().submit(task)
    except Busy:
        st.warning(t("run.busy"))
        return None
    if job.state == "done":
        return Look(task, job.result)
    if job.state == "failed":
        say_failure(t, job)
        return None
    st.fragment(_follow, run_every=registry().look_seconds())(t, job)
    return None


def _follow(t: Texts, job: Job) -> None:
    registry().look(job, st.session_state["viewer"])
    if job.is_over:
        st.rerun()
    words = t("look.computing")
    if not registry().ready.is_set():
        words = t("progress.warming")
    elif job.state == "waiting":
        words = t("progress.waiting", place=registry().place(job))
    elif (left := job.seconds_left) is not None:
        words += t("progress.left", time=duration(t, left))
    st.progress(job.fraction, text=words)


def film_of(look: Look, message: int, n_shown: int) -> Film:
    """The film of a run, drawn once for everybody."""
    return _film(look.task.id, message, n_shown, look.seen)


@st.cache_resource(max_entries=FILMS, show_spinner=False)
def _film(run: str, message: int, n_shown: int, _seen: Seen) -> Film:
    store = shelf().store
    try:
        return film(_seen.world, _seen.trace, message=message, n_shown=n_shown, places=store)
    except StoreError:  # a picture that cannot be kept can be drawn
        return film(_seen.world, _seen.trace, message=message, n_shown=n_shown)
