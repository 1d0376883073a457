"""Controls of a case as widgets."""

from __future__ import annotations

from typing import Any

import streamlit as st

from viralbots.scenario import Scenario
from viralbots.ui.fields import Control, control
from viralbots.ui.i18n import Texts, plain
from viralbots.ui.state import control_key


def ask_controls(t: Texts, case: str, scenario: Scenario) -> dict[str, object]:
    """Show a case's controls; what differs from the case, by path."""
    changes: dict[str, object] = {}
    for path in scenario.controls:
        try:
            item = control(scenario, path)
        except (KeyError, ValueError, IndexError):
            continue  # a control that an uploaded network or another file does not have
        value = _ask(t, item, control_key(case, path))
        st.caption(_explanation(t, item))
        if value != item.value:
            changes[path] = value
    return changes


def label(t: Texts, item: Control) -> str:
    """Name of a control in the reader's language."""
    group = "cell" if item.path.startswith("rule.cells.") else "field"
    named = t.get(f"{group}.{item.field}.label") if group == "field" else None
    if group == "cell":
        decision, _, term = item.field.partition(".")
        parts = t.get(f"decision.{decision}"), t.get(f"term.{term}")
        named = t("control.cell", decision=parts[0], term=parts[1]) if all(parts) else None
    return named or plain(item.field.replace("_", " "))


def _explanation(t: Texts, item: Control) -> str:
    """The mechanism in a sentence, and a badge that says how sure its size is."""
    sentence = t.get(f"field.{item.field}.how")
    if sentence is None:
        sentence = t.get(f"cell.{item.field}") or plain(item.description)
    badge = {"assumed": "orange", "derived": "blue", "measured": "green"}.get(item.mark)
    return f"{sentence} :{badge}-badge[{t('mark.' + item.mark)}]" if badge else sentence


def _ask(t: Texts, item: Control, key: str) -> object:
    memory = st.session_state
    if not _fits(item, memory.get(key)):
        memory[key] = _initial(item)
    name, help_text = label(t, item), _help(t, item)
    if item.kind == "switch":
        return st.toggle(name, key=key, help=help_text, persist_state="session")
    if item.kind == "choice":
        return st.selectbox(
            name, item.options, key=key, help=help_text, persist_state="session",
            format_func=lambda option: t.get(f"option.{option}") or plain(option),
        )  # fmt: skip
    is_count = item.kind == "count"
    low = 0.0 if item.optional else item.low
    value = st.slider(
        name, min_value=_typed(low, is_count), max_value=_typed(item.high, is_count),
        step=_typed(item.step, is_count), key=key, help=help_text, persist_state="session",
        format="percent" if item.kind == "share" else "%d" if is_count else "%.2f",
    )  # fmt: skip
    return None if item.optional and not value else value


def _typed(value: float, is_count: bool) -> Any:
    return int(value) if is_count else float(value)


def _initial(item: Control) -> object:
    """A value for the widget: the scenario's own, or nought where it sets none."""
    if item.value is None:
        return item.options[0] if item.kind == "choice" else _typed(0, item.kind == "count")
    return float(item.value) if item.kind in ("share", "amount") else item.value


def _fits(item: Control, value: object) -> bool:
    """Whether a remembered value may go into the widget (an address may say anything)."""
    if item.kind == "switch":
        return isinstance(value, bool)
    if item.kind == "choice":
        return value in item.options
    expected = int if item.kind == "count" else float
    low = 0.0 if item.optional else item.low
    return type(value) is expected and low <= value <= item.high


def _help(t: Texts, item: Control) -> str | None:
    return t("control.source", source=plain(item.source)) if item.source else None
