"""A button that copies a link; browsers let only a script on the page do that."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import streamlit as st

_CSS = """
button { font: inherit; color: var(--st-text-color); background: transparent; cursor: pointer;
  border: 1px solid var(--st-border-color); border-radius: 8px; padding: 0.25rem 0.75rem; }
button:hover, button:focus-visible { border-color: var(--st-primary-color); }
"""
_JS = """
export default function (component) {
  const { data, parentElement } = component
  const button = parentElement.querySelector("button")
  button.textContent = data.label
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(data.link)
    } catch (error) {
      // Without a secure connection there is no clipboard, but there is a selection.
      const box = document.createElement("textarea")
      box.value = data.link
      document.body.append(box)
      box.select()
      document.execCommand("copy")
      box.remove()
    }
    button.textContent = data.copied
    setTimeout(() => { button.textContent = data.label }, 2000)
  }
}
"""


@lru_cache(maxsize=1)
def _component() -> Callable[..., Any]:
    html = "<button type='button'></button>"
    return st.components.v2.component("viralbots_copy_link", html=html, css=_CSS, js=_JS)


def copy_link(label: str, copied: str, link: str, *, key: str) -> None:
    """Show the button.

    Parameters
    ----------
    label, copied : str
        What stands on it, and what does for a moment after it was pressed.
    """
    _component()(key=key, data={"label": label, "copied": copied, "link": link}, width="content")
