"""Every other declared field of a case: looked for, changed, remembered.

There are about 150 of them, so only those asked for become widgets; what was changed is kept by
itself in the session and holds whether or not its widget is on the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from viralbots.interventions.base import Intervention
from viralbots.rules import MainRule
from viralbots.rules.base import ALL
from viralbots.rules.constants import DECLARED
from viralbots.rules.decision_table import DECISIONS
from viralbots.scenario import Scenario
from viralbots.scenario.parts import Wave
from viralbots.scenario.paths import split
from viralbots.ui import forms
from viralbots.ui.fields import Control, control
from viralbots.ui.i18n import Texts, number
from viralbots.ui.state import control_key
from viralbots.world.message import Message

PARTS = ("message", "start", "measures", "weights")
REST = "rest"
SHOWN = 12
"""Matches of a search shown at once."""
MOST_ASKED = 60
"""Changes taken from an address."""
NO_CHOICE = ("kind",)
"""Fields that make a thing what it is; another one is another case."""


def groups(scenario: Scenario) -> dict[str, list[str]]:
    """Paths of all declared fields that can be changed, by part of the panel."""
    listed = {
        "message": [f"messages.{name}.{field}" for name in scenario.messages
                    for field in Message.model_fields if _is_read(scenario, field)],
        "start": [*(f"seeding.{n}.{field}" for n in range(len(scenario.seeding))
                    for field in Wave.model_fields), "horizon_days"],
        "measures": [f"interventions.{n}.{field}" for n, one in enumerate(scenario.interventions)
                     for field in _fields_of(one)],
        "weights": _of_rule(scenario),
    }  # fmt: skip
    own = {split(path, scenario.message_names[0]) for path in scenario.controls}
    return {
        part: [path for path in paths if split(path) not in own and _item(scenario, path)]
        for part, paths in listed.items()
    }


def _is_read(scenario: Scenario, field: str) -> bool:
    reads = scenario.rule.reads.message
    return reads == ALL or field in reads


def _of_rule(scenario: Scenario) -> list[str]:
    if isinstance(scenario.rule, MainRule):
        return [f"rule.cells.{name}" for name in DECLARED]
    return [f"rule.{field}" for field in type(scenario.rule).model_fields]


def _fields_of(one: Intervention) -> Iterator[str]:
    for field in type(one).model_fields:
        if field != "start" or one.trigger is None:  # it has either, not both
            yield field


def _item(scenario: Scenario, path: str) -> Control | None:
    """The control of a path; None where it is no number, word or switch."""
    if path.rpartition(".")[2] in NO_CHOICE:
        return None
    try:
        return control(scenario, path)
    except (KeyError, ValueError, IndexError):
        return None


def kept(case: str) -> dict[str, object]:
    """What was changed here in a case, by path; the session's own dictionary."""
    found: dict[str, object] = st.session_state.setdefault(f"advanced:{case}", {})
    return found


def changes(case: str, scenario: Scenario) -> dict[str, object]:
    """What was changed here and still can be, by path."""
    found = {}
    for path, value in kept(case).items():
        item = _item(scenario, path)
        if item is not None and value != item.value:
            found[path] = value
    return found


def values_of(texts: list[str]) -> dict[str, object]:
    """What the ``path=value`` of an address say; what is no value is left out."""
    found: dict[str, object] = {}
    for text in texts[:MOST_ASKED]:
        path, _, written = text.partition("=")
        try:
            found[path] = json.loads(written[:100])
        except ValueError:
            continue
    return found


def take_over(case: str, scenario: Scenario, asked: Mapping[str, object]) -> None:
    """Note what an address or a saved run asks for, as far as it is possible."""
    possible = {path for paths in groups(scenario).values() for path in paths}
    for path, value in list(asked.items())[:MOST_ASKED]:
        if path not in possible:
            continue
        item = control(scenario, path)
        wanted = forms.first_value(item, value)
        if wanted != forms.to_widget(item, item.value):
            kept(case)[path] = forms.from_widget(item, wanted)


def ask(t: Texts, case: str, scenario: Scenario) -> None:
    """The panel; closed it costs nothing."""
    panel = st.expander(t("advanced.title"), key="lab.advanced", on_change="rerun")
    if not panel.open:
        return
    with panel:
        found = groups(scenario)
        total = sum(map(len, found.values()))
        sought = st.text_input(
            t("advanced.search"), key="lab.search", placeholder=t("advanced.search_how", n=total),
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        words = sought.casefold().split()
        items = _matching(t, scenario, found, words) if words else _chosen(t, scenario, found)
        for item in items[:SHOWN] if words else items:
            _ask_one(t, case, item)
        if not items:
            st.caption(t("advanced.nothing") if words else t("advanced.none_here"))
        elif words and len(items) > SHOWN:
            st.caption(t("advanced.more", n=number(len(items) - SHOWN)))


def _matching(
    t: Texts, scenario: Scenario, found: Mapping[str, list[str]], words: list[str]
) -> list[Control]:
    """Controls whose name, explanation or path has all the words; those named so first."""
    named: list[Control] = []
    told: list[Control] = []
    for path in (path for paths in found.values() for path in paths):
        item = control(scenario, path)
        name = forms.label(t, item).casefold()
        text = f"{name} {forms.explanation(t, item)} {path}".casefold()
        if all(word in text for word in words):
            (named if all(word in name for word in words) else told).append(item)
    return named + told


def _chosen(t: Texts, scenario: Scenario, found: Mapping[str, list[str]]) -> list[Control]:
    """Controls of the part that the visitor has chosen."""
    part = st.segmented_control(
        t("advanced.part_label"), PARTS, key="set:lab.part", default=PARTS[0], required=True,
        format_func=lambda name: t(f"advanced.part.{name}"), label_visibility="collapsed",
        persist_state="session",
    )  # fmt: skip
    paths = found[part or PARTS[0]]
    if part == "message" and len(scenario.messages) > 1:
        return _of_one_message(t, scenario, paths)
    if part == "weights":
        decision = st.selectbox(
            t("advanced.decision"), (*DECISIONS, REST), key="set:lab.decision",
            format_func=lambda name: t.get(f"decision.{name}") or t("advanced.rest"),
            persist_state="session",
        )  # fmt: skip
        paths = [path for path in paths if _decision_of(path) == decision]
    return _sorted([control(scenario, path) for path in paths])


def _of_one_message(t: Texts, scenario: Scenario, paths: list[str]) -> list[Control]:
    """Controls of the message that the visitor has chosen."""
    key, names = f"set:{scenario.name}:lab.message", scenario.message_names
    if st.session_state.get(key) not in names:
        st.session_state[key] = names[0]
    kinds = [one.kind for one in scenario.messages.values()]

    def words(name: str) -> str:
        kind = scenario.messages[name].kind
        said = t(f"chart.kind_{kind}")
        return said if kinds.count(kind) == 1 else t("control.of", owner=said, name=name)

    chosen = st.selectbox(
        t("advanced.message"), names, key=key, format_func=words, persist_state="session"
    )
    items = [control(scenario, path) for path in paths if path.split(".")[1] == chosen]
    return _sorted([replace(item, owner="") for item in items])


def _sorted(items: list[Control]) -> list[Control]:
    """Those that act through the table first; technical ones last."""
    return sorted(items, key=lambda item: not item.mark)


def _decision_of(path: str) -> str:
    first = path.split(".")[2]
    return first if first in DECISIONS else REST


def _ask_one(t: Texts, case: str, item: Control) -> None:
    """One widget; what it says goes into the session's own dictionary."""
    key, memory = control_key(case, item.path), kept(case)

    def forget() -> None:
        memory.pop(item.path, None)

    wanted: Any = memory.get(item.path, item.value)
    if key not in st.session_state or not forms.fits(item, st.session_state[key]):
        st.session_state[key] = forms.first_value(item, wanted)
    value = forms.ask(t, item, key, forget)
    if value == item.value:
        forget()
    else:
        memory[item.path] = value


def undo_all(case: str, scenario: Scenario) -> None:
    """Take everything back that was changed here."""
    for path in kept(case):
        item = _item(scenario, path)
        if item is not None:
            st.session_state[control_key(case, path)] = forms.to_widget(item, item.value)
    kept(case).clear()
