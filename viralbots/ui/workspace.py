"""Whose saved scenarios and runs these are.

A workspace is a random id that only its browser knows: it lies in the browser's own memory, not
in the address, so that a shared link does not hand over what is saved.
"""

from __future__ import annotations

import streamlit as st

from viralbots.store import Store
from viralbots.ui.backend import shelf

_JS = """
export default function (component) {
  const { data, setStateValue } = component
  const KEY = "viralbots.workspace"
  try {
    const kept = window.localStorage.getItem(KEY)
    if (data.id && data.id !== kept) window.localStorage.setItem(KEY, data.id)
    else if (!data.id && (kept || "") !== (data.told || "")) setStateValue("kept", kept || "")
  } catch (error) {
    // A browser that remembers nothing: what is saved lasts as long as the page.
  }
}
"""
_memory = st.components.v2.component("viralbots_workspace", html="<span></span>", js=_JS)
_LONGEST = 80


def meet() -> None:
    """Ask the browser for its workspace; call it once a page, at the end."""
    session = st.session_state
    told = session.get("workspace_told")
    result = _memory(
        key="workspace_memory", data={"id": session.get("workspace"), "told": told},
        on_kept_change=_take_over, height=1,
    )  # fmt: skip
    session["workspace_told"] = getattr(result, "kept", None)


def _take_over() -> None:
    """The browser has named its workspace: use it, if this database knows it."""
    kept = getattr(st.session_state["workspace_memory"], "kept", None)
    store, session = shelf().store, st.session_state
    if session.get("workspace") or store is None or not isinstance(kept, str):
        return
    if 0 < len(kept) <= _LONGEST and store.has_workspace(kept):
        session["workspace"] = kept


def known() -> tuple[Store, str] | None:
    """The database and the visitor's workspace, if she has one already."""
    store, workspace = shelf().store, st.session_state.get("workspace")
    return None if store is None or not workspace else (store, workspace)


def mine() -> tuple[Store, str]:
    """The database and the visitor's workspace, made where she has none.

    Raises
    ------
    StoreError
        The database cannot be used.
    """
    shelved = shelf()
    if shelved.store is None:
        assert shelved.error is not None
        raise shelved.error
    session = st.session_state
    if not session.get("workspace"):
        session["workspace"] = shelved.store.new_workspace()
    return shelved.store, session["workspace"]
