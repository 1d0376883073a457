"""The text that the visitor is writing: where it came from, and what must not be lost.

Keys of the session: ``scenarios.text`` is the box itself, ``scenarios.draft`` where its text
came from, ``scenarios.aside`` texts that were put aside when another one was taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from viralbots.errors import ScenarioError
from viralbots.library import scenario_files
from viralbots.scenario import Scenario, read
from viralbots.scenario.edit import edit
from viralbots.scenario.template import template
from viralbots.store import SavedScenario
from viralbots.ui.i18n import Texts

TEXT, NAME, PART = "scenarios.text", "scenarios.name", "scenarios.part"
LONGEST_NAME = 64
TEMPLATE_NAME = "my_story"
MOST_ASIDE = 10
KINDS = ("", "case", "saved", "template", "file")


@dataclass(frozen=True)
class Draft:
    """Where the text in the box came from.

    Attributes
    ----------
    kind : {"", "case", "saved", "template", "file"}
    source : str
        Name of the case, what a saved scenario or a file is called.
    begun : str
        The text as it was put into the box.
    origin : str
        The text of what it was made from; empty where it was made from nothing.
    parent : int or None
        The saved scenario that it was made from.
    """

    kind: str = ""
    source: str = ""
    begun: str = ""
    origin: str = ""
    parent: int | None = None


def text() -> str:
    """What stands in the box."""
    return str(st.session_state.get(TEXT) or "")


def current() -> Draft:
    """Where it came from."""
    found = st.session_state.get("scenarios.draft")
    return found if isinstance(found, Draft) else Draft()


def begin(draft: Draft) -> None:
    """Put another text into the box and turn to it; one that is not saved is put aside."""
    _put_aside()
    _put(draft, draft.begun, "")


def _put_aside() -> None:
    memory = st.session_state
    if text().strip() and text() != current().begun:
        kept = [*memory.get("scenarios.aside", []), (current(), text(), memory.get(NAME) or "")]
        memory["scenarios.aside"] = kept[-MOST_ASIDE:]


def _put(draft: Draft, words: str, name: str) -> None:
    memory = st.session_state
    memory["scenarios.draft"], memory[TEXT], memory[NAME] = draft, words, name
    memory[PART] = "write"
    memory.pop("scenarios.note", None)


def aside() -> str | None:
    """The text that was put aside last."""
    found = st.session_state.get("scenarios.aside")
    return str(found[-1][1]) if found else None


def take_back() -> None:
    """Put the text that was put aside last into the box, and what stands there aside."""
    kept = st.session_state.get("scenarios.aside", [])
    if kept:
        *st.session_state["scenarios.aside"], last = kept
        _put_aside()
        _put(*last)


def settle(number: int, name: str) -> None:
    """The text in the box has been saved: from now on it is a change of that."""
    saved_text = text()
    st.session_state["scenarios.draft"] = Draft("saved", name, saved_text, saved_text, number)


def forget(deleted: SavedScenario) -> None:
    """A saved scenario is deleted: what is made of it comes from what that was made from."""
    if current().parent == deleted.id:
        draft = replace(current(), parent=deleted.parent, begun="", origin="")  # saved nowhere now
        st.session_state["scenarios.draft"] = draft


def begin_from_case(name: str, title: str) -> None:
    """A copy of a case of the library under a name of its own."""
    original = document_of(name)
    if original is None:
        return
    own = f"my_{name}"[:LONGEST_NAME]
    try:
        copied = edit(original, {"name": own, "derived_from": name})
    except ScenarioError:
        copied = original  # the name can be changed by hand
    begin(Draft("case", title, copied, original))


def begin_from_saved(one: SavedScenario) -> None:
    """A copy of a saved scenario, byte for byte."""
    begin(Draft("saved", one.name, one.document, one.document, one.id))


def begin_from_template(t: Texts) -> None:
    """A commented file to begin with."""
    begin(Draft("template", "", template(TEMPLATE_NAME, "zh" if t.lang == "zh" else "en")))


def begin_from_file(name: str, data: bytes) -> None:
    """The text of a file.

    Raises
    ------
    UnicodeDecodeError
        It is not UTF-8.
    """
    begin(Draft("file", name, data.decode("utf-8")))


def document_of(name: str) -> str | None:
    """The text of a case of the library as it stands in its file."""
    files = scenario_files()
    likely = [files[name]] if name in files else []
    for path in (*likely, *files.values()):
        try:
            scenario, document = read(path)
        except ScenarioError:
            continue
        if scenario.name == name:
            return document
    return None


def default_name(t: Texts, scenario: Scenario, origin: Scenario | None) -> str:
    """What a scenario is called unless its owner says something else."""
    title = str(getattr(scenario.title, t.lang))[:150]
    is_copy = origin is not None and origin.title == scenario.title
    return t("gallery.copy_of", title=title) if is_copy else title
