"""The cases of the library as cards, each tactic beside its clean twin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from viralbots.scenario import Scenario
from viralbots.ui import case_words, frame
from viralbots.ui.case_details import open_details
from viralbots.ui.choose import twin_of
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.library import FIRST

Cases = Mapping[str, Scenario]
MOST_TAGS = 14
LONGEST_SEARCH = 200
LAST = 9  # place of a case that does not say how hard it is


def hold(key: str, options: Sequence[str], default: str | None = None) -> None:
    """Set a choice anew: its words change with language and numbers, and the browser tells words.

    Only where the words may have changed: else a click that is on its way would be undone. Call
    it just before the widget.
    """
    memory = st.session_state
    is_new = memory.get(f"{key}.held") != (words := (memory.get("lang"), tuple(options)))
    memory[f"{key}.held"] = words
    if key not in memory:
        memory[key] = default
    elif not is_new:
        return
    elif isinstance(memory[key], list):
        memory[key] = [value for value in memory[key] if value in options]
    else:
        memory[key] = memory[key] if memory[key] in options else default


def show(t: Texts, cases: Cases) -> None:
    """Search, tags and cards."""
    words, tags = _ask(t, cases)
    rows = [
        row for row in rows_of(cases)
        if any(case_words.fits(cases[name], words, tags) for name in row)
    ]  # fmt: skip
    if not rows:
        _show_nothing(t)
        return
    if words or tags:
        found = sum(len(row) for row in rows)
        st.caption(t("gallery.found", n=number(found), total=number(len(cases))))
    pairs = [row for row in rows if len(row) > 1]
    single = [name for row in rows if len(row) == 1 for name in row]
    for row in pairs:
        _row(t, row, cases)
    if pairs and single:
        st.markdown(f"##### {t('gallery.single')}")
    for at in range(0, len(single), 2):
        _row(t, single[at : at + 2], cases)


def rows_of(cases: Cases) -> list[list[str]]:
    """Cases that belong together: a tactic and its clean twins, the tactic first.

    The easy ones come first; those with which the app begins, before all.
    """
    rows: dict[str, list[str]] = {}
    for name in cases:
        head = _head(name, cases)
        rows.setdefault(head, [])
        rows[head] = [name, *rows[head]] if name == head else [*rows[head], name]
    return sorted(rows.values(), key=lambda row: _place(row[0], cases))


def _head(name: str, cases: Cases) -> str:
    """The case at whose side a case stands; its own name where it stands first."""
    twin = twin_of(cases[name], cases)
    if twin is None or twin == name:
        return name
    if case_words.is_clean(cases[name]) != case_words.is_clean(cases[twin]):
        return twin if case_words.is_clean(cases[name]) else name
    is_mutual = cases[twin].twin == name
    return min(name, twin) if is_mutual else name


def _place(name: str, cases: Cases) -> tuple[int, int, str]:
    first = FIRST.index(name) if name in FIRST else len(FIRST)
    return first, cases[name].difficulty or LAST, name


def _ask(t: Texts, cases: Cases) -> tuple[str, list[str]]:
    with st.container(key="gallery_search", gap="small"):
        words = st.text_input(
            t("gallery.search"), key="scenarios.words", type="search", live=True,
            placeholder=t("gallery.search_how"), label_visibility="collapsed",
            persist_state="session",
        )  # fmt: skip
        tags = frequent_tags(cases)
        hold("scenarios.tags", tags, None)
        if st.session_state["scenarios.tags"] is None:
            st.session_state["scenarios.tags"] = []
        chosen = st.pills(
            t("gallery.by_tag"), tags, selection_mode="multi", key="scenarios.tags",
            format_func=lambda tag: case_words.tag_label(t, tag), label_visibility="collapsed",
            persist_state="session",
        )  # fmt: skip
    return (words or "")[:LONGEST_SEARCH], list(chosen)


def frequent_tags(cases: Cases) -> list[str]:
    """The tags that most cases have, most frequent first; those that tell some from the rest."""
    count = Counter(tag for case in cases.values() for tag in case_words.tags_of(case))
    telling = [(tag, n) for tag, n in count.items() if 1 < n < len(cases)]
    return [tag for tag, _ in sorted(telling, key=lambda x: (-x[1], x[0]))[:MOST_TAGS]]


def _show_nothing(t: Texts) -> None:
    with st.container(border=True, key="gallery_nothing"):
        st.markdown(f"**{t('gallery.nothing_title')}**  \n{t('gallery.nothing')}")
        st.button(t("gallery.show_all"), key="scenarios.show_all", on_click=_clear)


def _clear() -> None:
    st.session_state["scenarios.words"] = ""
    st.session_state["scenarios.tags"] = []


def _row(t: Texts, names: Sequence[str], cases: Cases) -> None:
    """Cards side by side, two in a row."""
    for at in range(0, len(names), 2):
        for column, name in zip(st.columns(2, gap="small"), names[at : at + 2], strict=False):
            with column:
                _card(t, cases[name], cases)


def _card(t: Texts, case: Scenario, cases: Cases) -> None:
    with st.container(border=True, height="stretch", key=f"card_{case.name}", gap="xsmall"):
        badges = case_words.badges(t, case, case_words.mark_of(case, cases))
        st.markdown(f"#### {plain(getattr(case.title, t.lang))} {badges}".strip())
        st.markdown(plain(case_words.opening(getattr(case.story, t.lang), t.lang)))
        st.markdown(case_words.tag_badges(t, case_words.tags_of(case)))
        st.space("stretch")
        _doors(t, case, cases)


def _doors(t: Texts, case: Scenario, cases: Cases) -> None:
    name = case.name
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if st.button(t("gallery.open"), key=f"scenarios.open.{name}"):
            open_in_lab(name)
        twin = twin_of(case, cases)
        if twin is not None and st.button(
            t("gallery.compare"), key=f"scenarios.compare.{name}", type="tertiary"
        ):
            compare([{"kind": "case", "name": name}, {"kind": "case", "name": twin}])
        if st.button(t("gallery.details"), key=f"scenarios.details.{name}", type="tertiary"):
            open_details(t, case, cases)


def open_in_lab(name: str) -> None:
    """Leave for the lab with a case."""
    st.session_state["case"] = name
    frame.go("lab")


def compare(arms: list[dict[str, object]]) -> None:
    """Leave for the comparison with these arms."""
    st.session_state["compare.arms"] = arms
    frame.go("compare")
