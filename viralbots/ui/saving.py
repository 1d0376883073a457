"""Runs under a name of one's own: saving the result on the page, and opening one again.

What is saved is a recipe: the text of the scenario, the seed and which runs belong together.
The numbers of the runs lie in the database, so a saved result is there at once when opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import streamlit as st

from viralbots.errors import InputError, StoreError, ViralbotsError
from viralbots.problem_words import say_error
from viralbots.scenario import Scenario, dump, from_text, override
from viralbots.scenario.reads import refuse_files
from viralbots.store import SavedResult, Store
from viralbots.ui import advanced, forms, later, state, workspace
from viralbots.ui.fields import control
from viralbots.ui.frame import Cases
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.jobs import Job

SHOWN = 8
"""Saved runs listed before the visitor asks for more."""
REMEMBERED = 300
"""Headline figures kept for all visitors."""
_OPENED = "lab.opened"


@dataclass(frozen=True)
class Opened:
    """A saved run whose scenario is no case with a few changes: it stands in for its case."""

    case: str
    name: str
    scenario: Scenario


# Saving ---------------------------------------------------------------------------------------


def offer(t: Texts, job: Job) -> None:
    """Let the visitor save the result on the page."""
    if job.request.scenario.network.kind == "imported":
        st.button(t("saving.save"), key="saving.save", disabled=True, help=t("saving.not_a_file"))
        return
    memory = st.session_state
    with st.popover(t("saving.save"), key="saving.panel", icon=":material/bookmark_add:"):
        with st.form("saving.form", border=False, enter_to_submit=False):
            title = getattr(job.request.scenario.title, t.lang)
            st.text_input(t("saving.name"), placeholder=title, max_chars=200, key="saving.name")
            st.text_area(
                t("saving.note"), height=90, max_chars=20_000, key="saving.note",
                placeholder=t("saving.note_how"),
            )  # fmt: skip
            st.multiselect(
                t("saving.tags"), _known_tags(), accept_new_options=True, max_selections=20,
                key="saving.tags", placeholder=t("saving.tags_how"),
            )  # fmt: skip
            st.form_submit_button(
                t("saving.save"), type="primary", on_click=_save, args=(t, job, title)
            )
        if "saving.refused" in memory:
            st.error(memory["saving.refused"])
        elif memory.get("saving.saved", ("",))[0] == job.id:
            st.success(t("saving.saved", name=plain(memory["saving.saved"][1])))


def _known_tags() -> list[str]:
    try:
        known = workspace.known()
        return sorted(known[0].tags(known[1])) if known else []
    except StoreError:
        return []


def _save(t: Texts, job: Job, title: str) -> None:
    """Save what the form says; where that fails the form keeps it."""
    memory = st.session_state
    memory.pop("saving.refused", None)
    name = memory["saving.name"].strip() or title
    labels: dict[str, Any] = {
        "name": name, "notes": memory["saving.note"], "tags": memory["saving.tags"],
    }  # fmt: skip
    recipe = job.result.recipe(dump(job.request.scenario), job.request.replicates)
    try:
        store, mine = workspace.mine()
        saved = store.save_result(mine, recipe, **labels)
        # The same runs saved once more keep their labels, but the visitor means the new ones.
        store.annotate_result(mine, saved, **labels)
    except StoreError as error:
        memory["saving.refused"] = plain(say_error(error, t.lang))
        return
    memory["saving.saved"] = (job.id, name)
    memory["saving.name"], memory["saving.note"], memory["saving.tags"] = "", "", []


# The list -------------------------------------------------------------------------------------


def show_mine(t: Texts, cases: Cases) -> None:
    """The visitor's saved runs, newest first."""
    panel = st.expander(t("saving.mine"), key="lab.saved", on_change="rerun")
    if not panel.open:
        return
    with panel:
        try:
            known = workspace.known()
            found = known[0].results(known[1]) if known else []
        except StoreError as error:
            st.error(plain(say_error(error, t.lang)))
            return
        if not found or known is None:
            st.caption(t("saving.none"))
            return
        shown = SHOWN if not st.session_state.get("saving.all") else len(found)
        for one in found[:shown]:
            _row(t, known, one, cases)
        if len(found) > shown:
            st.button(t("saving.more", n=number(len(found) - shown)), key="saving.more",
                      type="tertiary", on_click=_show_all)  # fmt: skip


def _show_all() -> None:
    st.session_state["saving.all"] = True


def _row(t: Texts, known: tuple[Store, str], one: SavedResult, cases: Cases) -> None:
    """One saved run: what it is, what came of it, and what can be done with it."""
    with st.container(border=True, gap="xxsmall", key=f"saved_{one.id}"):
        title = one.name or one.title.get(t.lang, one.scenario)
        st.markdown(f"**{plain(title)}**")
        parts = [_figure(t, known[0], one), _when(t, one.created)]
        st.caption(" · ".join(part for part in parts if part))
        if one.notes:
            st.markdown(f":small[{plain(one.notes)}]")
        if one.tags:
            st.markdown(" ".join(f":gray-badge[{plain(tag)}]" for tag in one.tags))
        with st.container(horizontal=True, gap="small"):
            st.button(
                t("saving.open"), key=f"saving.open:{one.id}", type="tertiary",
                icon=":material/folder_open:", on_click=open_saved, args=(one, cases),
            )  # fmt: skip
            st.button(
                t("saving.delete"), key=f"saving.delete:{one.id}", type="tertiary",
                icon=":material/delete:", on_click=_delete, args=(t, known, one.id),
            )  # fmt: skip


def _figure(t: Texts, store: Store, one: SavedResult) -> str:
    """How many heard of it in the typical run; empty where its runs are not kept."""
    found = _reach(one.digest, store, one.runs)
    if found is None:
        return t("saving.runs", n=number(len(one.runs)))
    reach, users = found
    return t("saving.figure", reach=number(reach), users=number(users), n=number(len(one.runs)))


@st.cache_data(max_entries=REMEMBERED, show_spinner=False)
def _reach(
    digest: str, _store: Store, _runs: tuple[tuple[str, int], ...]
) -> tuple[float, int] | None:
    """Median reach of a result and its number of users, from the runs that are kept."""
    try:
        runs = [_store.find(identity, seed) for identity, seed in _runs]
    except StoreError:
        return None
    kept = [run for run in runs if run is not None]
    if not kept or len(kept) < len(runs):
        return None
    users: Any = kept[0].facts.get("n_users", 0)
    return float(np.median([run.values["reach"] for run in kept])), int(users)


def _when(t: Texts, created: str) -> str:
    """Day and time of saving where the visitor lives."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return ""
    minutes = st.context.timezone_offset or 0  # as JavaScript counts: behind UTC is positive
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    local = datetime.fromtimestamp(aware.timestamp() - 60 * minutes, UTC)
    return t("saving.when", year=local.year, month=local.month, day=local.day,
             time=f"{local:%H:%M}")  # fmt: skip


def _delete(t: Texts, known: tuple[Store, str], saved: int) -> None:
    try:
        known[0].delete_result(known[1], saved)
    except StoreError as error:
        st.session_state["saving.trouble"] = plain(say_error(error, t.lang))


# Opening --------------------------------------------------------------------------------------


def open_saved(one: SavedResult, cases: Cases) -> None:
    """Set the page as it was when a result was saved; its runs are then asked for.

    Called before the page is drawn (a click). The settings are told as changes of the case
    where they can be; else the saved scenario stands in for the case.
    """
    memory = st.session_state
    try:
        saved = _scenario_of(one)
    except ViralbotsError as error:
        memory["saving.trouble"] = plain(say_error(error, memory["lang"]))
        return
    case = one.scenario if one.scenario in cases else next(iter(cases))
    memory["case"], memory["seed"] = case, one.seed
    memory["users"], memory["runs"] = saved.network.n_users, one.n_wanted
    memory["guess"] = None
    memory.pop(_OPENED, None)
    memory["saving.start"] = True
    base = cases[case]
    if one.scenario != case or not _set_changes(base, saved):
        forget_controls(case)
        memory[_OPENED] = Opened(case, one.name, saved.model_copy(update={"name": case}))


def _scenario_of(one: SavedResult) -> Scenario:
    saved = from_text(one.document, one.scenario)
    refuse_files(saved, one.scenario)  # no saved text may make the server read a file
    return saved


def _set_changes(base: Scenario, saved: Scenario) -> bool:
    """Set every control so that the case becomes the saved scenario; whether it does."""
    measure = later.found_in(base, saved)
    found = {"network.n_users": saved.network.n_users, **_differences(base, saved)}
    try:
        if later.applied(override(base, found), measure).identity != saved.identity:
            return False
    except InputError:
        return False
    forget_controls(base.name)
    st.session_state["asked"] = {p: v for p, v in found.items() if p in base.controls}
    advanced.take_over(base.name, base, found)
    later.choose(base.name, measure)
    return True


def _differences(base: Scenario, saved: Scenario) -> dict[str, object]:
    """Fields that can be changed on the page and are not as in the case."""
    paths = [*base.controls, *(p for paths in advanced.groups(base).values() for p in paths)]
    found: dict[str, object] = {}
    for path in paths:
        try:
            before, after = control(base, path), control(saved, path)
        except (KeyError, ValueError, IndexError):
            continue
        if before.value != after.value and forms.fits(
            before, forms.to_widget(before, after.value)
        ):
            found[path] = after.value
    return found


def forget_controls(case: str) -> None:
    """Drop what was set in a case, before its controls are shown anew."""
    memory = st.session_state
    for key in [key for key in memory if str(key).startswith(state.control_key(case, ""))]:
        del memory[key]
    advanced.kept(case).clear()


def stand_in(t: Texts, case: Scenario) -> Scenario:
    """The opened scenario in place of its case, with the way back; else the case itself."""
    memory = st.session_state
    opened: Opened | None = memory.get(_OPENED)
    if opened is None or opened.case != case.name:
        memory.pop(_OPENED, None)
        return case
    title = opened.name or getattr(opened.scenario.title, t.lang)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(t("saving.opened", name=plain(title)), width="content")
        st.button(t("saving.close"), key="saving.close", type="tertiary", on_click=_close,
                  args=(case.name,))  # fmt: skip
    return opened.scenario


def _close(case: str) -> None:
    st.session_state.pop(_OPENED, None)
    forget_controls(case)


def trouble() -> None:
    """Say what went wrong at the last click, once."""
    words = st.session_state.pop("saving.trouble", None)
    if words:
        st.error(words)


def wants_start() -> bool:
    """Whether a saved run was opened just now and its runs are to be asked for."""
    return bool(st.session_state.pop("saving.start", False))
