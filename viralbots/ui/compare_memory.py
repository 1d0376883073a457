"""What the comparison page remembers: its arms, sizes and seed, and what a link says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from viralbots.errors import ScenarioError, StoreError, ViralbotsError
from viralbots.scenario import Scenario, Text
from viralbots.ui import arms as arm_forms
from viralbots.ui import share, state, workspace
from viralbots.ui.arms import Arm, ArmMissing
from viralbots.ui.choose import show_problems
from viralbots.ui.i18n import Texts
from viralbots.ui.jobs import Job
from viralbots.ui.tasks import Request

RUNS = (10, 20, 30, 50, 100, 200, 500, 1000)
DEFAULTS = {"users": 10_000, "runs": 30, "seed": 1}
Found = Scenario | ViralbotsError
"""The scenario of an arm, or why there is none."""
Begin = Callable[[Mapping[str, Scenario]], None]


@dataclass(frozen=True)
class Plan:
    """What Run would start: an arm and a request for each letter."""

    arms: tuple[Arm, ...]
    requests: tuple[Request, ...]

    @property
    def id(self) -> tuple[str, ...]:
        """Equal for equal comparisons."""
        return tuple(request.id for request in self.requests)

    @property
    def work(self) -> int:
        """Users × runs of all arms."""
        return sum(request.work for request in self.requests)


@dataclass(frozen=True)
class Comparing:
    """A plan and its jobs."""

    plan: Plan
    jobs: tuple[Job, ...]


def restore(cases: Mapping[str, Scenario], begin: Begin) -> None:
    """At the first visit: what the address says, or what ``begin`` puts into the session."""
    memory = st.session_state
    given = memory.get("compare.arms")
    if not _is_list_of_arms(given):
        memory["compare.arms"] = None
    if memory["compare.arms"] is None and "compare.seen" not in memory:
        _take_link(st.query_params.get("arms"))
    begin(cases)
    for name, value in DEFAULTS.items():
        memory.setdefault(f"compare.{name}", value)
    memory.setdefault("compare.round", 0)
    for name in ("active", "shown"):
        memory.setdefault(f"compare.{name}", None)
    if memory.get("compare.seen") != memory["compare.arms"]:  # another page has chosen
        _take_users(memory["compare.arms"])
        put(memory["compare.arms"])
        memory["compare.go"] = True


def _is_list_of_arms(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(arm_forms.is_arm, value))


def _take_link(text: str | None) -> None:
    memory = st.session_state
    if text is None:
        return
    try:
        shared = share.decode(text)
    except share.LinkRefused as error:
        memory["compare.refused"] = error.reason
        return
    memory["compare.arms"] = list(shared.arms)
    for name in DEFAULTS:
        memory[f"compare.{name}"] = getattr(shared, name)
    memory["compare.is_linked"] = True


def _take_users(arms: Sequence[Arm]) -> None:
    """Arms from another page keep their number of people, unless a link has said it."""
    memory = st.session_state
    if memory.pop("compare.is_linked", False):
        return
    texts = [arm["text"] for arm in arms if arm["kind"] == "document"]
    try:
        sizes = [arm_forms.scenario_of_text(text).network.n_users for text in texts]
    except ScenarioError:
        return  # said in its place
    if sizes:
        memory["compare.users"] = max(sizes)


def put(arms: list[Arm], *, is_new: bool = True) -> None:
    """Set the arms; ``is_new``: their controls start afresh."""
    memory = st.session_state
    memory["compare.arms"], memory["compare.seen"] = arms, list(arms)
    if is_new:
        memory["compare.round"] += 1


def put_and_run(arms: list[Arm]) -> None:
    """Set the arms and run them; for the callback of a button."""
    put(arms)
    st.session_state["compare.go"] = True


def current() -> list[Arm]:
    """The arms on the page."""
    arms: list[Arm] = st.session_state["compare.arms"]
    return arms


def fetch(kind: str, number_: int) -> str:
    """The text of something that the visitor saved."""
    known = workspace.known()
    if known is None:
        text = "arm: nothing is saved in this browser; choose another one"
        raise ArmMissing(text, "nothing_saved")
    store, owner = known
    saved = store.scenario if kind == "saved" else store.result
    return saved(owner, number_).document


def scenarios(cases: Mapping[str, Scenario]) -> list[Found]:
    """The scenario of each arm, or why there is none."""
    found: list[Found] = []
    for arm in current():
        try:
            found.append(_as_saved(arm, arm_forms.scenario_of(arm, cases, fetch)))
        except (ScenarioError, ArmMissing, StoreError) as error:
            found.append(error)
    return found


def _as_saved(arm: Arm, scenario: Scenario) -> Scenario:
    """The scenario under the name with which it was saved, if it was; that is no part of it."""
    known = workspace.known()
    if known is None or arm["kind"] not in ("saved", "result"):
        return scenario
    store, owner = known
    name = (store.scenario if arm["kind"] == "saved" else store.result)(owner, arm["id"]).name
    if not name:
        return scenario
    return scenario.model_copy(update={"title": Text.model_construct(en=name, zh=name)})


def plan_of(t: Texts, found: Sequence[Found]) -> Plan | None:
    """What Run would start; None, and why, where it cannot be."""
    memory = st.session_state
    whole = [one for one in found if isinstance(one, Scenario)]
    if len(whole) < max(len(found), arm_forms.FEWEST):
        return None
    try:
        sized = arm_forms.sized(whole, int(memory["compare.users"]))
    except ScenarioError as error:
        show_problems(t, t("problem.settings"), error)
        return None
    seed, runs = int(memory["compare.seed"]), int(memory["compare.runs"])
    requests = (Request(scenario, seed, runs, scenario.name) for scenario in sized)
    return Plan(tuple(current()), tuple(requests))


def active() -> Comparing | None:
    """The comparison that the visitor waits for."""
    found: Comparing | None = st.session_state.get("compare.active")
    return found


def shown() -> Comparing | None:
    """The comparison whose result is on the page."""
    found: Comparing | None = st.session_state.get("compare.shown")
    return found


def link_of(plan: Plan) -> str | None:
    """The comparison as the text of an address; None where it is too long or cannot leave."""
    request = plan.requests[0]
    try:
        carried = tuple(arm_forms.portable(arm, fetch) for arm in plan.arms)
    except ViralbotsError:  # deleted meanwhile
        return None
    users = max(r.scenario.network.n_users for r in plan.requests)
    return share.encode(share.Shared(carried, request.seed, request.replicates, users))


def ask_for_more(runs: int) -> None:
    """Run again with so many pairs; for the callback of a button."""
    st.session_state["compare.runs"] = runs
    st.session_state["compare.go"] = True


def sizes() -> list[int]:
    """Numbers of people to choose from, the one that is set among them."""
    return sorted({*state.SIZES, int(st.session_state["compare.users"])})


def runs() -> list[int]:
    """Numbers of runs to choose from, the one that is set among them."""
    return sorted({*RUNS, int(st.session_state["compare.runs"])})
