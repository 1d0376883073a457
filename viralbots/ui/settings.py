"""The panel with the controls, the guess and Run."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from viralbots.errors import InputError
from viralbots.scenario import Scenario, override
from viralbots.ui import progress, state
from viralbots.ui.backend import registry
from viralbots.ui.choose import ask_network, show_problems
from viralbots.ui.forms import ask_controls
from viralbots.ui.i18n import Texts, duration, number
from viralbots.ui.jobs import Busy, Request
from viralbots.ui.uploads import Upload, largest_wave, on_network

LARGEST_WORK = 50_000_000  # users × runs
BYTES_A_USER = 1_300
ASK_MEMORY_ABOVE = 100_000  # users


@dataclass(frozen=True)
class Plan:
    """What Run would start."""

    request: Request
    changes: dict[str, object]
    guess: int | None


def ask(t: Texts, case: Scenario) -> Plan | None:
    """Show controls, guess and Run; the plan they make, or None where they make none."""
    st.markdown(f"#### {t('settings.title')}")
    with st.container(key="controls"):
        changes = ask_controls(t, case.name, case)
    st.number_input(
        t("guess.label", total=number(state.GUESS_OUT_OF)), key="guess", min_value=0,
        max_value=state.GUESS_OUT_OF, step=100, placeholder=t("guess.placeholder"),
        help=t("guess.help"), persist_state="session",
    )  # fmt: skip
    place_of_run = st.container(gap="small")
    place_of_size = st.container()
    upload = ask_network(t)
    with place_of_size, st.expander(t("size.title")):
        users, runs, seed = _ask_size(t, upload)
    with place_of_run:
        scenario = _scenario(t, case, upload, {**changes, "network.n_users": users})
        if scenario is None:
            return None
        request = Request(scenario, int(seed), runs, case.name)
        plan = Plan(request, changes, st.session_state["guess"])
        _offer_run(t, plan)
        _run_at_first(t, plan)
        progress.show(t)
    return plan


def _scenario(
    t: Texts, case: Scenario, upload: Upload | None, changes: Mapping[str, object]
) -> Scenario | None:
    """The case as changed, on the visitor's network; None, and why, where it cannot be."""
    if upload is not None and any(w.count > largest_wave(upload) for w in case.seeding):
        st.caption(t("network.fewer_seeds", n=number(largest_wave(upload))))
    try:
        scenario = override(case, changes)
        return on_network(scenario, upload) if upload else scenario
    except InputError as error:
        show_problems(t, t("problem.settings"), error)
        return None


def _ask_size(t: Texts, upload: Upload | None) -> tuple[int, int, int]:
    """Number of users and of runs, and the random seed with its dice."""
    if upload is None:
        users = st.select_slider(
            t("size.users"), state.SIZES, key="users", format_func=number,
            persist_state="session",
        )  # fmt: skip
    else:
        users = state.DEFAULTS["users"]  # the file decides
        st.caption(t("size.users_of_file", n=number(upload.n_users)))
    runs = st.select_slider(
        t("size.runs"), state.RUNS, key="runs", help=t("size.runs_help"), persist_state="session"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input(
            t("size.seed"), key="seed", min_value=0, max_value=state.LARGEST_SEED, step=1,
            help=t("size.seed_help"), persist_state="session",
        )  # fmt: skip
        st.button(t("size.dice"), key="dice", help=t("size.dice_help"), on_click=_throw_dice)
    return users, runs, seed


def _throw_dice() -> None:
    st.session_state["seed"] = secrets.randbelow(1_000_000)


def _offer_run(t: Texts, plan: Plan) -> None:
    """The button that starts a run, and the estimate of its time."""
    work = plan.request.scenario.network.n_users * plan.request.replicates
    too_large = work > LARGEST_WORK
    if st.button(
        t("run.button"), key="run", type="primary", width="stretch",
        disabled=too_large or state.active() is not None,
    ):  # fmt: skip
        start(t, plan)
    if too_large:
        st.warning(t("run.too_large", most=number(LARGEST_WORK)))
    else:
        st.caption(_estimate(t, plan.request))


def start(t: Texts, plan: Plan) -> None:
    """Submit a plan and follow its job."""
    try:
        job = registry().submit(plan.request)
    except Busy:
        st.warning(t("run.busy"))
        return
    state.start(job, plan.guess)
    state.write_address(job, plan.changes, plan.guess)
    st.rerun()


def _run_at_first(t: Texts, plan: Plan) -> None:
    """At the first run of a session start what the address says, so that no page is empty."""
    if "begun" in st.session_state:
        return
    st.session_state["begun"] = True
    job = registry().get(st.query_params.get("job", ""))
    if job is not None and job.request.case == plan.request.case:
        state.start(job, plan.guess)  # on an uploaded network, perhaps, which no address holds
        st.rerun()
    start(t, plan)


def _estimate(t: Texts, request: Request) -> str:
    users = request.scenario.network.n_users
    seconds = registry().estimate(request.case, users, request.replicates)
    text = t(
        "run.estimate", runs=number(request.replicates), users=number(users),
        time=duration(t, seconds),
    )  # fmt: skip
    if users > ASK_MEMORY_ABOVE:
        text += t("run.memory", gigabytes=f"{users * BYTES_A_USER / 1e9:.1f}")
    return text
