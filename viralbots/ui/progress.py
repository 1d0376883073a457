"""The panel that shows how far a job is; it looks by itself, without reloading the page."""

from __future__ import annotations

import streamlit as st

from viralbots.errors import InputError, ViralbotsError
from viralbots.problem_words import say_error
from viralbots.ui import state
from viralbots.ui.backend import registry
from viralbots.ui.choose import show_problems
from viralbots.ui.i18n import Texts, duration, plain
from viralbots.ui.jobs import Busy, Job


def show(t: Texts) -> None:
    """Progress and Cancel of the job waited for, or what became of the last one."""
    if state.active() is not None:
        st.fragment(_follow, run_every=registry().look_seconds())(t)
    else:
        say_what_happened(t, st.session_state.get("note"))


def _follow(t: Texts) -> None:
    job = state.active()
    if job is None:
        st.rerun()  # cancelled: the page below the panel has to know as well
    registry().look(job, st.session_state["viewer"])
    if job.is_abandoned:  # nobody looked for long; whoever does now still wants it
        job = _ask_again(job)
    if job.is_over:
        state.settle(job)
        st.rerun()
    if job.is_early and st.session_state.get("shown") is not job:
        state.show_result(job)
        st.rerun()
    st.progress(job.fraction, text=_words(t, job))
    st.button(
        t("run.cancel"), key="cancel", on_click=_cancel, args=(job,), width="stretch",
        disabled=job.cancel.is_set(),
    )  # fmt: skip


def _ask_again(job: Job) -> Job:
    """A job that goes on where a stopped one ended; that one itself where there is no room."""
    try:
        again = registry().submit(job.request)
    except Busy:
        return job
    st.session_state["active"] = again
    return again


def _words(t: Texts, job: Job) -> str:
    if not registry().ready.is_set():
        return t("progress.warming")
    if job.state == "waiting":
        return t("progress.waiting", place=registry().place(job))
    if job.cancel.is_set():
        return t("progress.stopping")
    if job.fraction == 0:
        return t("progress.preparing")
    text = t("progress.running", done=job.done_runs, total=job.request.replicates)
    left = job.seconds_left
    return text if left is None else text + t("progress.left", time=duration(t, left))


def _cancel(job: Job) -> None:
    """Stop waiting; the job itself stops unless somebody else waits for it as well."""
    stops = registry().cancel(job, st.session_state["viewer"])
    if not stops or job.done_runs == 0:  # otherwise wait a moment for the finished runs
        st.session_state["active"], st.session_state["note"] = None, "cancelled"


def say_what_happened(t: Texts, note: Job | str | None) -> None:
    """What became of the last job, where it did not simply end; None: nothing to say."""
    if note is None:
        return
    if isinstance(note, str) or note.state == "cancelled":
        st.info(t("run.cancelled"))
    else:
        say_failure(t, note)


def say_failure(t: Texts, job: Job) -> None:
    """Why a job failed: the input with its places, what one can mend, or a fault of ours."""
    if isinstance(job.error, InputError):
        show_problems(t, t("run.failed"), job.error)
    elif isinstance(job.error, ViralbotsError):
        st.error(t("run.failed") + " " + plain(say_error(job.error, t.lang)))
    else:
        st.error(t("run.failed") + " " + t("run.internal"))
