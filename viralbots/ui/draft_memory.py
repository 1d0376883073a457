"""What the visitor is writing, kept in her own browser: a page loaded anew loses nothing.

The text stays in the browser's memory for good; that she was writing, only as long as the tab.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields

import streamlit as st

from viralbots.scenario.file import MAX_BYTES
from viralbots.ui import draft
from viralbots.ui.draft import Draft

_JS = """
export default function (component) {
  const { data, setStateValue } = component
  const KEY = "viralbots.draft", PART = "viralbots.part"
  try {
    if (data.draft !== null) {
      if (data.draft) window.localStorage.setItem(KEY, data.draft)
      else window.localStorage.removeItem(KEY)
      window.sessionStorage.setItem(PART, data.part)
    } else {
      const kept = window.localStorage.getItem(KEY)
      if (kept) {
        setStateValue("kept", { draft: kept, part: window.sessionStorage.getItem(PART) || "" })
      } else window.sessionStorage.setItem(PART, data.part)
    }
  } catch (error) {
    // A browser that remembers nothing, or has no room.
  }
}
"""
_memory = st.components.v2.component("viralbots_draft", html="<span></span>", js=_JS)
_KNOWN = "scenarios.draft_known"
_LONGEST = 6 * MAX_BYTES
"""The text itself, what it was begun as and made from, and what JSON adds."""


def meet() -> None:
    """Exchange the text with the browser; call it once, at the end of the page."""
    session = st.session_state
    session[_KNOWN] = is_known = bool(session.get(_KNOWN) or draft.text())
    _memory(
        key="draft_memory", on_kept_change=_take_over, height=1,
        data={"draft": pack() if is_known else None, "part": session.get(draft.PART)},
    )  # fmt: skip


def _take_over() -> None:
    """The browser has said what was being written; what is written now comes first."""
    session = st.session_state
    kept = getattr(session["draft_memory"], "kept", None)
    if session.get(_KNOWN) or draft.text() or not isinstance(kept, dict):
        return
    session[_KNOWN] = True
    unpack(kept.get("draft"))
    if kept.get("part") == "write":
        session[draft.PART] = "write"


def pack() -> str:
    """The text with its name and where it came from; empty where there is none."""
    words = draft.text()
    if not words.strip():
        return ""
    name = st.session_state.get(draft.NAME) or ""
    return json.dumps({"text": words, "name": name, **asdict(draft.current())})


def unpack(packed: object) -> None:
    """Put what `pack` made into the box; nothing where it is something else."""
    if not isinstance(packed, str) or len(packed) > _LONGEST:
        return
    try:
        found = json.loads(packed)
    except (ValueError, RecursionError):
        return
    if not isinstance(found, dict):
        return
    words = {
        name: found.get(name) for name in ("text", "name", "kind", "source", "begun", "origin")
    }
    parent = found.get("parent")
    if not all(isinstance(word, str) for word in words.values()):
        return
    if type(parent) is not int and parent is not None:
        return
    memory = st.session_state
    memory[draft.TEXT], memory[draft.NAME] = words["text"], words["name"]
    of_draft = {f.name for f in fields(Draft)}
    told = {name: str(word) for name, word in words.items() if name in of_draft}
    kind = told.pop("kind")
    if kind in draft.KINDS:
        memory["scenarios.draft"] = Draft(kind, **told, parent=parent)
