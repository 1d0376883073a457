"""The visitor's own scenarios: a card each, its labels, where it came from, and delete."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from viralbots.errors import ScenarioError, StoreError
from viralbots.problem_words import say_error
from viralbots.scenario import Scenario
from viralbots.store import SavedScenario
from viralbots.store.shelf import LONGEST
from viralbots.ui import draft, gallery, mine, workspace
from viralbots.ui.choose import show_problems
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.library import first_case

Cases = Mapping[str, Scenario]
PAGE = 10
SEARCH_FROM = 4


def show(t: Texts, cases: Cases) -> None:
    """The cards, newest first."""
    try:
        everything = mine.saved()
        words = _ask_words(t) if len(everything) >= SEARCH_FROM else ""
        found = mine.saved(words) if words else everything
    except StoreError as error:
        say(t, error)
        return
    if not everything:
        _show_nothing(t)
        return
    if not found:
        st.info(t("gallery.own.no_match"))
    most = int(st.session_state.setdefault("scenarios.most", PAGE))
    for one in found[:most]:
        _card(t, one, cases)
    if len(found) > most:
        st.button(t("gallery.own.more", n=number(len(found) - most)), key="scenarios.more",
                  on_click=_show_more)  # fmt: skip


def say(t: Texts, error: StoreError) -> None:
    """What is wrong with the database, in place."""
    st.error(plain(say_error(error, t.lang)))


def _show_more() -> None:
    st.session_state["scenarios.most"] += PAGE


def _ask_words(t: Texts) -> str:
    return st.text_input(
        t("gallery.own.search"), key="scenarios.own_words", type="search", live=True,
        placeholder=t("gallery.own.search"), label_visibility="collapsed",
        persist_state="session",
    ) or ""  # fmt: skip


def _show_nothing(t: Texts) -> None:
    with st.container(border=True, key="gallery_own_nothing"):
        st.markdown(f"#### {t('gallery.own.none_title')}\n\n{t('gallery.own.none')}")
        with st.container(horizontal=True):
            st.button(t("gallery.own.write"), key="scenarios.turn_to_write", type="primary",
                      on_click=turn_to, args=("write",))  # fmt: skip
            st.button(t("gallery.own.browse"), key="scenarios.turn_to_library",
                      on_click=turn_to, args=("library",))  # fmt: skip


def turn_to(part: str) -> None:
    """Show another part of the page."""
    st.session_state[draft.PART] = part


def _card(t: Texts, one: SavedScenario, cases: Cases) -> None:
    found = mine.checked(one.document)
    with st.container(border=True, key=f"own_{one.id}", gap="xsmall"):
        st.markdown(f"#### {title_of(t, one)}")
        st.caption(_about(t, one, cases))
        if one.notes:
            st.text(one.notes)
        if one.tags:
            st.markdown(" ".join(f":gray-badge[{plain(tag)}]" for tag in one.tags))
        if isinstance(found, ScenarioError):
            show_problems(t, t("gallery.own.broken"), found)
        _doors(t, one, None if isinstance(found, ScenarioError) else found, cases)


def title_of(t: Texts, one: SavedScenario) -> str:
    """What its owner called it, as Markdown."""
    return plain(one.name) if one.name.strip() else t("gallery.own.unnamed")


def _about(t: Texts, one: SavedScenario, cases: Cases) -> str:
    """When it was saved, and what it was made from, oldest first."""
    told = [t("gallery.own.saved", when=plain(one.created.replace("T", " ").removesuffix("Z")))]
    line = [title_of(t, other) for other in reversed(_line(one)[1:])]
    found = mine.checked(one.document)
    root = None if isinstance(found, ScenarioError) else found.derived_from
    if root is not None:
        line.insert(0, plain(getattr(cases[root].title, t.lang) if root in cases else root))
    if line:
        told.append(t("gallery.own.derived", line=" → ".join([*line, title_of(t, one)])))
    return "  \n".join(told)


def _line(one: SavedScenario) -> list[SavedScenario]:
    known = workspace.known()
    if known is None or one.parent is None:
        return [one]
    try:
        return known[0].lineage(known[1], one.id)
    except StoreError:
        return [one]  # an ancestor is damaged


def _doors(t: Texts, one: SavedScenario, case: Scenario | None, cases: Cases) -> None:
    key = mine.key_of(one.id)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if case is not None and st.button(t("gallery.open"), key=f"scenarios.open.{key}"):
            gallery.open_in_lab(key)
        other = None if case is None else _other_arm(one, case, cases)
        if other is not None and st.button(
            t("gallery.own.compare"), key=f"scenarios.compare.{key}", type="tertiary"
        ):
            gallery.compare([other, {"kind": "saved", "id": one.id}])
        st.button(t("gallery.copy"), key=f"scenarios.edit.{key}", type="tertiary",
                  on_click=draft.begin_from_saved, args=(one,))  # fmt: skip
        st.download_button(
            t("gallery.download"), one.document, f"{file_name(one)}.yaml", "application/yaml",
            key=f"scenarios.file.{key}", type="tertiary", on_click="ignore",
        )  # fmt: skip
        with st.popover(t("gallery.own.label"), type="tertiary"):
            _ask_labels(t, one)
        with st.popover(t("gallery.own.delete"), type="tertiary"):
            _ask_delete(t, one, cases)


def _other_arm(one: SavedScenario, case: Scenario, cases: Cases) -> dict[str, object] | None:
    """What it was made from, as an arm of a comparison."""
    if one.parent is not None:
        return {"kind": "saved", "id": one.parent}
    if case.derived_from in cases:
        return {"kind": "case", "name": case.derived_from}
    return None


def file_name(one: SavedScenario) -> str:
    """A name that every system takes for a file.

    >>> file_name(SavedScenario(7, "", "", None, "../My <b>letter</b>", "", (), ""))
    'my_b_letter_b'
    """
    name = re.sub(r"[^a-z0-9]+", "_", one.name.casefold()).strip("_")[:60]
    return name or f"scenario_{one.id}"


def _ask_labels(t: Texts, one: SavedScenario) -> None:
    """Name, notes and tags; what was typed stays where the database refuses."""
    key = f"scenarios.label.{one.id}"
    with st.form(key, border=False):
        name = st.text_input(t("gallery.own.name"), one.name, max_chars=LONGEST["name"],
                             key=f"{key}.name")  # fmt: skip
        notes = st.text_area(t("gallery.own.notes"), one.notes, max_chars=LONGEST["notes"],
                             key=f"{key}.notes")  # fmt: skip
        tags = st.text_input(t("gallery.own.tags"), ", ".join(one.tags), key=f"{key}.tags",
                             placeholder=t("gallery.own.tags_how"))  # fmt: skip
        if not st.form_submit_button(t("gallery.own.keep"), key=f"{key}.keep"):
            return
    try:
        store, owner = workspace.mine()
        store.annotate_scenario(
            owner, one.id, name=(name or "").strip(), notes=notes or "",
            tags=re.split("[,，、]", tags or ""),
        )  # fmt: skip
    except StoreError as error:
        say(t, error)
    else:
        st.rerun()


def _ask_delete(t: Texts, one: SavedScenario, cases: Cases) -> None:
    st.markdown(t("gallery.own.delete_ask", name=title_of(t, one)))
    if st.button(t("gallery.own.delete_yes"), key=f"scenarios.delete.{one.id}"):
        try:
            store, owner = workspace.mine()
            store.delete_scenario(owner, one.id)
        except StoreError as error:
            say(t, error)
            return
        draft.forget(one)
        if st.session_state.get("case") == mine.key_of(one.id):
            st.session_state["case"] = first_case(dict(cases))
        st.rerun()
