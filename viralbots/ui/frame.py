"""What all pages have in common: what is remembered, the switch of languages, ways between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from viralbots.scenario import Scenario
from viralbots.ui import choose, state, style, workspace
from viralbots.ui.header import show as show_header
from viralbots.ui.i18n import Texts
from viralbots.ui.library import cases, first_case
from viralbots.ui.mine import my_cases

Cases = Mapping[str, Scenario]


def know(pages: Mapping[str, Any]) -> None:
    """Note the pages, so that each can lead to the others."""
    st.session_state["pages"] = dict(pages)


def go(page: str) -> None:
    """Leave for another page."""
    st.switch_page(st.session_state["pages"][page])


def door(page: str, words: str) -> None:
    """A link to another page."""
    st.page_link(st.session_state["pages"][page], label=words)


Body = Callable[[Texts, Cases], None]


def page(name: str, *, own: bool = False) -> Callable[[Body], Callable[[], None]]:
    """Make a page of a function that gets the texts and the cases.

    These are the cases of the library, with ``own`` also those that the visitor saved.
    """

    def made(body: Body) -> Callable[[], None]:
        def show() -> None:
            found, broken = cases()
            if found:
                state.restore(found, first_case(found))
                state.forget_missing({**found, **my_cases()}, first_case(found))
            t = state.texts()
            style.apply(t.lang)
            show_header(t, name)
            for error in broken:
                choose.show_problems(t, t("case.broken"), error)
            if found:
                body(t, {**my_cases(), **found} if own else found)
            else:
                st.info(t("case.none"))
            workspace.meet()
            style.tell_language(t.lang)

        show.__name__ = name
        return show

    return made
