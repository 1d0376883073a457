"""Everything about one case: story, controls, claims, sources, what it was made from."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from viralbots.scenario import Scenario
from viralbots.ui import case_words, changes, draft, frame
from viralbots.ui.choose import twin_of
from viralbots.ui.fields import Control, control
from viralbots.ui.forms import label
from viralbots.ui.i18n import Texts, number, plain

Cases = Mapping[str, Scenario]
MARKS = {"fact": "green", "assumed": "orange", "calibrated": "blue", "derived": "blue",
         "measured": "green"}  # fmt: skip
"""How a source may begin, and the colour of its badge."""
WIDTH = 760  # pixels: a line of text stays readable
_MARKED = re.compile(rf"({'|'.join(MARKS)})\b\s*(\([^)]*\))?\s*:\s*(.*)", re.DOTALL)


def open_details(t: Texts, case: Scenario, cases: Cases) -> None:
    """Show a case in a drawer beside the page."""
    st.dialog(plain(getattr(case.title, t.lang)), width=WIDTH, position="right")(_show)(
        t, case, cases
    )


def _show(t: Texts, case: Scenario, cases: Cases) -> None:
    mark = case_words.mark_of(case, cases)
    tags = case_words.tag_badges(t, case_words.tags_of(case))
    st.markdown(f"{case_words.badges(t, case, mark)} {tags}")
    _offer_file(t, case)
    st.markdown(plain(getattr(case.story, t.lang)))
    for field in ("look_at", "try_this"):
        if (text := getattr(case, field)) is not None:
            st.markdown(f"**{t(f'gallery.{field}')}** {plain(getattr(text, t.lang))}")
    _section(t, "controls", [_control(t, item) for item in controls_of(case)])
    _section(t, "claims", _claims(t, case))
    _section(t, "sources", [_source(t, line) for line in case.sources])
    _section(t, "questions", [plain(getattr(q, t.lang)) for q in case.questions])
    _section(t, "lineage", lineage(t, case, cases))
    other = twin_of(case, cases) or case.derived_from
    if other is not None and other in cases:
        title = plain(getattr(cases[other].title, t.lang))
        with st.expander(t("gallery.differs", title=title)):
            st.markdown(changes.told(t, cases[other], case))


def _offer_file(t: Texts, case: Scenario) -> None:
    with st.container(horizontal=True, gap="small"):
        if st.button(t("gallery.open"), key="scenarios.details.open"):
            st.session_state["case"] = case.name
            frame.go("lab")
        if st.button(
            t("gallery.copy"), key="scenarios.details.copy", icon=":material/edit:",
            on_click=draft.begin_from_case, args=(case.name, getattr(case.title, t.lang)),
        ):  # fmt: skip
            st.rerun()  # the whole page, which closes the drawer
        document = draft.document_of(case.name)
        if document is not None:
            st.download_button(
                t("gallery.download"), document, f"{case.name}.yaml", "application/yaml",
                key="scenarios.details.file", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _section(t: Texts, name: str, lines: list[str]) -> None:
    if lines:
        st.markdown(f"## {t(f'gallery.section.{name}')}\n" + "\n".join(f"- {x}" for x in lines))


def controls_of(case: Scenario) -> list[Control]:
    """The controls of a case that lead somewhere."""
    found = []
    for path in case.controls:
        try:
            found.append(control(case, path))
        except (KeyError, ValueError, IndexError):
            continue
    return found


def _control(t: Texts, item: Control) -> str:
    value: object = item.value
    if isinstance(value, bool) or value is None:
        words = changes.value_words(t, value)
    elif item.kind == "share":
        words = f"{number(100 * float(item.value))} %"
    elif item.kind == "minutes":
        words = t("gallery.value.hours", n=number(float(item.value) / 60))
    elif isinstance(value, int | float):
        words = number(value, 0 if float(value).is_integer() else 2)
    else:
        words = t.get(f"option.{value}") or plain(value)
    return t("problem.at", where=label(t, item), text=words)


def _claims(t: Texts, case: Scenario) -> list[str]:
    told = []
    for claim in case.claims:
        colour, mark = ("green", "checked") if claim.check else ("gray", "told")
        text = plain(getattr(claim.text, t.lang))
        told.append(f":{colour}-badge[{t(f'gallery.claim.{mark}')}] {text}")
    return told


def _source(t: Texts, line: str) -> str:
    found = _MARKED.fullmatch(line.strip())
    if found is None:
        return plain(line)
    kind, limits, text = found.groups()
    badge = f":{MARKS[kind]}-badge[{t(f'gallery.source.{kind}')}]"
    return " ".join(filter(None, (badge, plain(limits or ""), plain(text))))


def lineage(t: Texts, case: Scenario, cases: Cases) -> list[str]:
    """Counterpart, what a case was made from, and what was made from it."""
    told = []
    twin = twin_of(case, cases)
    if twin is not None:
        told.append(t("gallery.lineage.twin", title=_title(t, twin, cases)))
    if case.derived_from is not None:
        told.append(t("gallery.lineage.from", title=_title(t, case.derived_from, cases)))
    made = [
        name for name, other in cases.items()
        if other.derived_from == case.name and name != twin
    ]  # fmt: skip
    if made:
        titles = " · ".join(_title(t, name, cases) for name in made)
        told.append(t("gallery.lineage.made", titles=titles))
    return told


def _title(t: Texts, name: str, cases: Cases) -> str:
    return plain(getattr(cases[name].title, t.lang) if name in cases else name)
