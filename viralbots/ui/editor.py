"""Writing a scenario as YAML: begin, type, see what is wrong and what differs, save."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from viralbots.errors import ScenarioError, StoreError
from viralbots.problem_words import say
from viralbots.scenario import Scenario
from viralbots.scenario.reads import idle
from viralbots.store.shelf import LONGEST
from viralbots.ui import changes, draft, gallery, mine, own_scenarios, workspace
from viralbots.ui.choose import SHOWN_PROBLEMS, show_problems
from viralbots.ui.i18n import Texts, number, plain

Cases = Mapping[str, Scenario]
TEXT_AND_SIDE = (3, 2)
HEIGHT = 520
FILE_MEGABYTES = 1
MONOSPACE = ".st-key-scenarios-text textarea { font-family: monospace; font-size: 0.8125rem; }"
"""The blanks in front of a line decide in YAML, so all must be equally wide."""


def show(t: Texts, cases: Cases) -> None:
    """Beginnings, the box, and what is to be said of its text."""
    st.html(f"<style>{MONOSPACE}</style>")
    _offer_beginnings(t, cases)
    left, right = st.columns(TEXT_AND_SIDE, gap="medium")
    with left:
        _where_from(t)
        words = st.text_area(
            t("gallery.write.box"), key=draft.TEXT, height=HEIGHT, persist_state="session",
            placeholder=t("gallery.write.placeholder"), help=t("gallery.write.box_help"),
        ) or ""  # fmt: skip
        found = mine.checked(words)
        if not words.strip():
            st.caption(t("gallery.write.empty"))
        elif isinstance(found, ScenarioError):
            show_problems(t, t("gallery.write.problems", n=number(len(found.problems))), found)
        else:
            st.success(t("gallery.write.valid"), icon=":material/check:")
            _tell_idle(t, found)
    with right:
        if not words.strip():
            st.markdown(f"#### {t('gallery.write.steps_title')}\n\n{t('gallery.write.steps')}")
            return
        scenario = None if isinstance(found, ScenarioError) else found
        _offer_save(t, words, scenario)
        if scenario is not None:
            _tell_difference(t, scenario)


def _offer_beginnings(t: Texts, cases: Cases) -> None:
    is_empty = not draft.text().strip()
    key = f"scenarios.begin.{is_empty}"  # one that is open would stay open when text is there
    with st.expander(t("gallery.write.begin"), expanded=is_empty, key=key):
        copy, blank, bring = st.columns(3, gap="medium", vertical_alignment="bottom")
        with copy:
            titles = {name: str(getattr(case.title, t.lang)) for name, case in cases.items()}
            options = list(titles)
            gallery.hold("scenarios.from", options, options[0])
            name = st.selectbox(
                t("gallery.write.from"), options, key="scenarios.from",
                format_func=lambda option: titles.get(option, option), persist_state="session",
            )  # fmt: skip
            st.button(t("gallery.copy"), key="scenarios.take", on_click=draft.begin_from_case,
                      args=(name, titles.get(name, name)))  # fmt: skip
        with blank:
            st.markdown(f":small[{t('gallery.write.template')}]")
            st.button(t("gallery.write.template_take"), key="scenarios.template",
                      on_click=draft.begin_from_template, args=(t,))  # fmt: skip
        with bring:
            st.file_uploader(
                t("gallery.write.file"), type=["yaml", "yml"], key="scenarios.file",
                max_upload_size=FILE_MEGABYTES, on_change=_take_file,
            )  # fmt: skip
            if (refused := st.session_state.get("scenarios.refused")) is not None:
                st.error(t("gallery.write.not_utf8", name=plain(refused)))
    if draft.aside() is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="gallery_aside"):
            st.caption(t("gallery.write.aside"), width="content")
            st.button(t("gallery.write.take_back"), key="scenarios.take_back", type="tertiary",
                      on_click=draft.take_back)  # fmt: skip


def _take_file() -> None:
    """Put the text of an uploaded file into the box."""
    memory = st.session_state
    file = memory.get("scenarios.file")
    memory["scenarios.refused"] = None
    if file is None:
        return
    try:
        draft.begin_from_file(file.name, file.getvalue())
    except UnicodeDecodeError:
        memory["scenarios.refused"] = file.name


def _where_from(t: Texts) -> None:
    now = draft.current()
    if now.kind:
        st.caption(t(f"gallery.write.came.{now.kind}", name=plain(now.source)))


def _tell_idle(t: Texts, scenario: Scenario) -> None:
    """Fields that are allowed but do nothing beside the others."""
    problems = idle(scenario)
    if problems:
        lines = [t("problem.at", where=plain(p.path), text=plain(say(p, t.lang)))
                 for p in problems[:SHOWN_PROBLEMS]]  # fmt: skip
        st.info(t("gallery.write.idle") + "\n\n" + "\n".join(f"- {line}" for line in lines))


def _offer_save(t: Texts, words: str, scenario: Scenario | None) -> None:
    """Name and button; below what came of it."""
    now = draft.current()
    before = mine.checked(now.origin) if now.origin else None
    origin = before if isinstance(before, Scenario) else None
    default = "" if scenario is None else draft.default_name(t, scenario, origin)
    name = st.text_input(
        t("gallery.write.name"), key=draft.NAME, max_chars=LONGEST["name"], placeholder=default,
        persist_state="session",
    )  # fmt: skip
    is_saved = now.kind == "saved" and words == now.origin
    wants = st.button(
        t("gallery.write.save"), key="scenarios.save", type="primary",
        disabled=scenario is None or is_saved,
    )  # fmt: skip
    if scenario is None:
        st.caption(t("gallery.write.mend_first"))
    elif wants and not is_saved:
        _save(t, words, scenario, (name or "").strip() or default)
    elif is_saved:
        _tell_saved(t, now)


def _save(t: Texts, words: str, scenario: Scenario, name: str) -> None:
    parent = draft.current().parent
    try:
        store, owner = workspace.mine()
        if parent is not None and parent not in {one.id for one in store.scenarios(owner)}:
            parent = None  # deleted elsewhere in the meantime
        number_ = store.save_scenario(
            owner, words, name=name, identity=scenario.identity, parent=parent
        )
    except StoreError as error:
        own_scenarios.say(t, error)
        return
    draft.settle(number_, name)
    st.session_state["scenarios.note"] = number_
    st.rerun()


def _tell_saved(t: Texts, now: draft.Draft) -> None:
    if st.session_state.get("scenarios.note") != now.parent or now.parent is None:
        st.caption(t("gallery.write.unchanged"))
        return
    st.success(t("gallery.write.saved", name=plain(now.source)), icon=":material/check:")
    with st.container(horizontal=True, gap="small"):
        if st.button(t("gallery.open"), key="scenarios.saved.open"):
            gallery.open_in_lab(mine.key_of(now.parent))
        st.button(t("gallery.write.to_mine"), key="scenarios.saved.mine", type="tertiary",
                  on_click=own_scenarios.turn_to, args=("mine",))  # fmt: skip


def _tell_difference(t: Texts, scenario: Scenario) -> None:
    now = draft.current()
    origin = mine.checked(now.origin) if now.origin else None
    if isinstance(origin, Scenario) and not (now.kind == "saved" and draft.text() == now.origin):
        st.markdown(f"##### {t('gallery.differs', title=plain(now.source))}")
        st.markdown(changes.told(t, origin, scenario))
