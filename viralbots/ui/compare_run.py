"""The runs of a comparison: how many, and one job for each arm, followed and stopped together."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import streamlit as st

from viralbots.ui.backend import registry
from viralbots.ui.compare_memory import Comparing, Plan, active, link_of, runs, sizes
from viralbots.ui.i18n import Texts, number, takes
from viralbots.ui.jobs import Busy, Job
from viralbots.ui.progress import say_what_happened
from viralbots.ui.state import LARGEST_SEED

LARGEST_WORK = 50_000_000
"""Users × runs of all arms together."""


def ask_size(t: Texts) -> None:
    """Number of people and of runs, and the random seed that all arms share."""
    with st.popover(t("compare.size"), icon=":material/groups:", key="compare.size"):
        st.select_slider(
            t("size.users"), sizes(), key="compare.users", format_func=number,
            persist_state="session",
        )  # fmt: skip
        st.select_slider(
            t("compare.runs"), runs(), key="compare.runs", format_func=number,
            help=t("compare.runs_help"), persist_state="session",
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(
                t("compare.seed"), key="compare.seed", min_value=0, max_value=LARGEST_SEED,
                step=1, help=t("compare.seed_help"), persist_state="session",
            )  # fmt: skip
            st.button(t("size.dice"), key="compare.dice", on_click=_throw_dice)


def _throw_dice() -> None:
    st.session_state["compare.seed"] = secrets.randbelow(1_000_000)


def offer(t: Texts, plan: Plan | None) -> None:
    """The button that starts the runs."""
    memory = st.session_state
    too_large = plan is not None and plan.work > LARGEST_WORK
    is_ready = plan is not None and not too_large
    is_asked = st.button(
        t("compare.run"), key="compare.run", type="primary",
        disabled=not is_ready or active() is not None, help=_why_grey(t, plan),
    )  # fmt: skip
    goes_by_itself = memory.pop("compare.go", False)
    if is_asked:
        memory["compare.refused"] = None
    if plan is not None and is_ready and (is_asked or goes_by_itself):
        _start(t, plan)


def _why_grey(t: Texts, plan: Plan | None) -> str | None:
    if active() is not None:
        return t("compare.running_help")
    return t("compare.mend_help") if plan is None else None


def estimate(t: Texts, plan: Plan | None) -> None:
    """How long the runs will take, or that they are too many."""
    if plan is None:
        return
    if plan.work > LARGEST_WORK:
        st.warning(t("compare.too_large", most=number(LARGEST_WORK)))
        return
    seconds = sum(
        registry().estimate(r.case, r.scenario.network.n_users, r.replicates)
        for r in plan.requests
    )
    users = max(request.scenario.network.n_users for request in plan.requests)
    st.caption(
        t("compare.estimate", arms=len(plan.requests), runs=number(plan.requests[0].replicates),
          users=number(users), time=takes(t, seconds))
    )  # fmt: skip


def _start(t: Texts, plan: Plan) -> None:
    memory = st.session_state
    old = active()
    if old is not None:
        _stop(old)
    try:
        jobs = tuple(registry().submit(request) for request in plan.requests)
    except Busy:
        st.warning(t("run.busy"))
        return
    memory["compare.active"], memory["compare.note"] = Comparing(plan, jobs), None
    write_address(plan)
    st.rerun()


def write_address(plan: Plan) -> None:
    """Put into the address what leads back to this comparison."""
    text = link_of(plan)
    params = {"lang": st.session_state["lang"]} | ({} if text is None else {"arms": text})
    if dict(st.query_params) != params:
        st.query_params.from_dict(params)


def follow(t: Texts) -> None:
    """Progress and Cancel, or what became of the last runs."""
    if active() is not None:
        st.fragment(_follow, run_every=registry().look_seconds())(t)
        return
    _say_what_happened(t, st.session_state.get("compare.note"))


def _follow(t: Texts) -> None:
    comparing = active()
    if comparing is None:
        st.rerun()
    for job in comparing.jobs:
        registry().look(job, st.session_state["viewer"])
    if any(job.is_abandoned for job in comparing.jobs):  # whoever looks now still wants it
        _start(t, comparing.plan)
    if all(job.is_over for job in comparing.jobs):
        _settle(comparing)
        st.rerun()
    fraction = sum(job.fraction for job in comparing.jobs) / len(comparing.jobs)
    with st.container(horizontal=True, vertical_alignment="center", key="compare.progress"):
        st.progress(fraction, text=_words(t, comparing.jobs))
        st.button(
            t("run.cancel"), key="compare.cancel", on_click=_cancel, args=(comparing,),
            disabled=any(job.cancel.is_set() for job in comparing.jobs),
        )  # fmt: skip


def _words(t: Texts, jobs: Sequence[Job]) -> str:
    if not registry().ready.is_set():
        return t("progress.warming")
    if any(job.cancel.is_set() for job in jobs):
        return t("progress.stopping")
    if all(job.state == "waiting" for job in jobs):
        return t("progress.waiting", place=registry().place(jobs[0]))
    done = sum(job.request.replicates if job.state == "done" else job.done_runs for job in jobs)
    return t("progress.running", done=done, total=sum(job.request.replicates for job in jobs))


def _settle(comparing: Comparing) -> None:
    """All jobs are over: show what they found, or say what happened."""
    memory = st.session_state
    memory["compare.active"] = None
    if all(job.state == "done" or job.is_partial for job in comparing.jobs):
        memory["compare.shown"] = comparing
    failed = [job for job in comparing.jobs if job.state == "failed"]
    stopped = [job for job in comparing.jobs if job.state == "cancelled"]
    memory["compare.note"] = next(iter((*failed, *stopped)), None)


def _stop(comparing: Comparing) -> bool:
    """Ask all jobs to stop; whether there is something to wait for."""
    viewer, waits = st.session_state["viewer"], False
    for job in comparing.jobs:
        if not job.is_over:
            stops = registry().cancel(job, viewer)
            waits = waits or (stops and job.done_runs > 0)
    return waits


def _cancel(comparing: Comparing) -> None:
    if not _stop(comparing):
        st.session_state["compare.active"], st.session_state["compare.note"] = None, "cancelled"


def _say_what_happened(t: Texts, note: Job | str | None) -> None:
    refused = st.session_state.get("compare.refused")
    if refused is not None:
        st.error(t(f"compare.refused.{refused}"))
    say_what_happened(t, note)
