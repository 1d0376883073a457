"""The panel with the controls, the guess and Run."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from viralbots.errors import InputError, ScenarioError
from viralbots.experiments.estimate import check_memory, peak_bytes
from viralbots.scenario import Scenario, override
from viralbots.ui import advanced, again, forms, frame, later, own_network, progress, state
from viralbots.ui.backend import registry
from viralbots.ui.choose import show_problems
from viralbots.ui.fields import control
from viralbots.ui.forms import ask_controls
from viralbots.ui.i18n import Texts, duration, number, takes
from viralbots.ui.jobs import Busy
from viralbots.ui.later import Later
from viralbots.ui.tasks import Request
from viralbots.ui.uploads import Upload, largest_wave, on_network
from viralbots.world.memory import bytes_in_words

LONGEST = 3_600.0
"""Seconds that one visitor may keep the server busy with one run."""
MUCH_MEMORY = 500_000_000
"""Bytes from which on the estimate names them."""


@dataclass(frozen=True)
class Plan:
    """What Run would start.

    Attributes
    ----------
    request : Request
    changes : dict
        What differs from the case, by path.
    later : Later or None
        The measure from a day on.
    guess : int or None
    """

    request: Request
    changes: dict[str, object]
    later: Later | None
    guess: int | None


def ask(t: Texts, case: Scenario) -> Plan | None:
    """Show controls, guess and Run; the plan they make, or None where they make none."""
    _take_over(case)
    _clear_guess(case)
    place_of_title = st.container()
    with st.container(key="controls"):
        changes = ask_controls(t, case.name, case)
    st.number_input(
        t("guess.label", total=number(state.GUESS_OUT_OF)), key="guess", min_value=0,
        max_value=state.GUESS_OUT_OF, step=100, placeholder=t("guess.placeholder"),
        help=t("guess.help"), persist_state="session",
    )  # fmt: skip
    place_of_run = st.container(gap="small")
    with st.container(gap="small", key="further"):
        place_of_size, place_of_later = st.container(), st.container()
        advanced.ask(t, case.name, case)
        upload = own_network.ask(t)
    with place_of_size, st.expander(t("size.title"), key="lab.size", on_change="rerun"):
        users, runs, seed = _ask_size(t, case, upload)
    changes |= advanced.changes(case.name, case)
    is_open = later.chosen(case.name)
    with place_of_later, st.expander(t("later.title"), key="lab.later", expanded=is_open,
                                     on_change="rerun"):  # fmt: skip
        measure = later.ask(t, case.name, case)
        _offer_comparison(t, case, {**changes, "network.n_users": users}, measure)
    with place_of_title:
        _title(t, case, len(changes) + (measure is not None))
    with place_of_run:
        own_network.show_chip(t)
        scenario = _scenario(t, case, upload, {**changes, "network.n_users": users}, measure)
        if scenario is None:
            return None
        request = Request(scenario, int(seed), runs, case.name)
        plan = Plan(request, changes, measure, st.session_state["guess"])
        _run(t, plan)
    return plan


def _take_over(case: Scenario) -> None:
    """At the first look of a session: what the address asks for beyond the case's controls."""
    memory = st.session_state
    if "lab.met" in memory:
        return
    memory["lab.met"] = True
    if memory["case"] != st.query_params.get("case"):
        return
    asked = advanced.values_of(st.query_params.get_all("set"))
    advanced.take_over(case.name, case, asked)
    measure = later.parse(st.query_params.get("later", ""))
    if measure is not None:
        later.choose(case.name, measure)


def _clear_guess(case: Scenario) -> None:
    """A guess is about one case."""
    memory = st.session_state
    if memory.setdefault("lab.guessed", case.name) != case.name:
        memory["lab.guessed"], memory["guess"] = case.name, None


def _title(t: Texts, case: Scenario, n: int) -> None:
    """The heading, and the way back from everything that was changed."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"#### {t('settings.title')}", width="content")
        if n:
            st.button(
                f":blue[{t('settings.undo_all', n=n)}]", key="undo_all", type="tertiary",
                on_click=undo_all, args=(case,),
            )  # fmt: skip


def undo_all(case: Scenario) -> None:
    """Set everything as the case has it; for the next look at the page."""
    for path in case.controls:
        key = state.control_key(case.name, path)
        if key in st.session_state:
            item = control(case, path)
            st.session_state[key] = forms.to_widget(item, item.value)
    advanced.undo_all(case.name, case)
    later.choose(case.name, None)


def _scenario(
    t: Texts,
    case: Scenario,
    upload: Upload | None,
    changes: Mapping[str, object],
    measure: Later | None,
) -> Scenario | None:
    """The case as changed, on the visitor's network; None, and why, where it cannot be."""
    if upload is not None and any(w.count > largest_wave(upload) for w in case.seeding):
        st.caption(t("network.fewer_seeds", n=number(largest_wave(upload))))
    try:
        scenario = later.applied(override(case, changes), measure)
        return on_network(scenario, upload) if upload else scenario
    except InputError as error:
        show_problems(t, t("problem.settings"), error)
        return None


def _offer_comparison(
    t: Texts, case: Scenario, changes: Mapping[str, object], measure: Later | None
) -> None:
    """The way to the page that compares the case with the measure and without."""
    if measure is None:
        return
    if st.button(t("later.compare"), key="later.compare", help=t("later.compare_help")):
        try:
            arms = later.compare(override(case, changes), measure)
        except InputError as error:
            show_problems(t, t("problem.settings"), error)
            return
        st.session_state["compare.arms"] = arms
        frame.go("compare")


def _ask_size(t: Texts, case: Scenario, upload: Upload | None) -> tuple[int, int, int]:
    """Number of users and of runs, and the random seed with its dice."""
    memory = st.session_state
    if upload is None:
        users = st.select_slider(
            t("size.users"), sorted({*state.SIZES, memory["users"]}), key="users",
            format_func=number, persist_state="session",
        )  # fmt: skip
    else:
        users = state.DEFAULTS["users"]  # the file decides
        st.caption(t("size.users_of_file", n=number(upload.n_users)))
    runs = st.select_slider(
        t("size.runs"), sorted({*state.RUNS, memory["runs"]}), key="runs",
        help=t("size.runs_help"), persist_state="session",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input(
            t("size.seed"), key="seed", min_value=0, max_value=state.LARGEST_SEED, step=1,
            help=t("size.seed_help"), persist_state="session",
        )  # fmt: skip
        st.button(t("size.dice"), key="dice", help=t("size.dice_help"), on_click=_throw_dice)
    return users, runs, seed


def _throw_dice() -> None:
    st.session_state["seed"] = secrets.randbelow(1_000_000)


def _run(t: Texts, plan: Plan) -> None:
    """The button that starts a run, the estimate below it, and how far the run is."""
    refused = _why_not(t, plan.request)
    if st.button(
        t("run.button"), key="run", type="primary", width="stretch",
        disabled=refused is not None or state.active() is not None,
    ):  # fmt: skip
        start(t, plan)
    if refused is None:
        st.caption(_estimate(t, plan.request))
        _run_at_first(t, plan)
    else:
        st.session_state["begun"] = True
    if isinstance(refused, ScenarioError):
        show_problems(t, t("settings.too_large"), refused)
    elif refused is not None:
        st.warning(refused)
    _keep_address(plan)
    progress.show(t)
    again.say(t, state.active() or state.shown())


def _why_not(t: Texts, request: Request) -> ScenarioError | str | None:
    """Why a run cannot be started here: it does not fit into memory or takes too long."""
    try:
        check_memory(request.scenario, os.cpu_count() or 1, replicates=request.replicates)
    except ScenarioError as error:
        return error
    seconds = _seconds(request)
    if seconds > LONGEST:
        return t("settings.too_long", time=duration(t, seconds), most=duration(t, LONGEST))
    return None


def _seconds(request: Request) -> float:
    users = request.scenario.network.n_users
    return registry().estimate(request.case, users, request.replicates)


def start(t: Texts, plan: Plan) -> None:
    """Submit a plan and follow its job."""
    try:
        job = registry().submit(plan.request)
    except Busy:
        st.warning(t("run.busy"))
        return
    state.start(job, plan.guess)
    _write_address(plan)
    st.rerun()


def _write_address(plan: Plan) -> None:
    job = registry().get(plan.request.id)
    if job is None:
        return
    state.write_address(job, plan.changes, plan.guess)
    if plan.later is not None:
        st.query_params["later"] = plan.later.as_text()
    told = {name: st.query_params.get_all(name) for name in st.query_params}
    st.session_state["address"] = (job.id, told)  # other pages add which run they show


def _keep_address(plan: Plan) -> None:
    """Who comes back from another page finds the address of what she sees."""
    if state.shown() is not None and st.query_params.get("job") is None:
        job = state.shown()
        if job is not None and job.id == plan.request.id:
            _write_address(plan)


def _run_at_first(t: Texts, plan: Plan) -> None:
    """At the first look of a session start what a link asks for."""
    if "begun" in st.session_state:
        return
    st.session_state["begun"] = True
    if not {"case", "job"} & set(st.query_params):
        return  # who comes to the page by herself guesses first
    job = registry().get(st.query_params.get("job", ""))
    if job is not None and job.request.case == plan.request.case:
        state.start(job, plan.guess)  # on an uploaded network, perhaps, which no address holds
        st.rerun()
    again.note(st.query_params.get("job", ""), plan.request)
    start(t, plan)


def _estimate(t: Texts, request: Request) -> str:
    """What it will take; memory only where it is much."""
    text = t(
        "run.estimate", runs=number(request.replicates),
        users=number(request.scenario.network.n_users), time=takes(t, _seconds(request)),
    )  # fmt: skip
    workers = os.cpu_count() or 1
    peak = peak_bytes(request.scenario, replicates=request.replicates, workers=workers)
    if peak < MUCH_MEMORY:
        return text
    return text + ("" if t.lang == "zh" else " ") + t("settings.memory", size=bytes_in_words(peak))
