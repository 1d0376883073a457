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
        if path == "network.n_users":
            continue  # has its own place on the page
        try:
            item = control(scenario, path)
        except (KeyError, ValueError, IndexError):
            continue  # a control that an uploaded network or another file does not have
        with st.container(gap="xxsmall"):
            value = _ask(t, item, control_key(case, path))
            st.markdown(f":small[:gray[{_explanation(t, item)}]]{_badge(t, item)}")
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
    named = named or plain(item.field.replace("_", " "))
    owner = t.get(f"owner.{item.owner}") if item.owner else None
    return t("control.of", owner=owner, name=named) if owner else named


def _explanation(t: Texts, item: Control) -> str:
    """The mechanism in a sentence."""
    sentence = t.get(f"field.{item.field}.how") or t.get(f"cell.{item.field}")
    return sentence or plain(item.description)


def _badge(t: Texts, item: Control) -> str:
    """How sure the size of the effect is, as a badge."""
    colour = {"assumed": "orange", "derived": "blue", "measured": "green"}.get(item.mark)
    return f" :{colour}-badge[{t('mark.' + item.mark)}]" if colour else ""


def _ask(t: Texts, item: Control, key: str) -> object:
    memory = st.session_state
    if not _fits(item, memory.get(key)):
        memory[key] = _first_value(item, memory.get("asked", {}))
    name, help_text = label(t, item), _help(t, item)
    if item.kind == "switch":
        return st.toggle(name, key=key, help=help_text, persist_state="session")
    if item.kind == "choice":
        return st.selectbox(
            name, item.options, key=key, help=help_text, persist_state="session",
            format_func=lambda option: t.get(f"option.{option}") or plain(option),
        )  # fmt: skip
    low, high, step = _slider_range(item)
    value = st.slider(
        name, min_value=low, max_value=high, step=step, key=key, help=help_text,
        format=FORMATS.get(item.kind) or t("control.hours"), persist_state="session",
    )  # fmt: skip
    if item.optional and not value:
        return None
    return value * 60 if item.kind == "minutes" else value


FORMATS = {"share": "percent", "amount": "%.2f", "count": "%d"}


def _to_widget(item: Control, value: Any) -> Any:
    """A value as the widget holds it; minutes are asked in hours, what is not set is nought."""
    if item.kind == "switch":
        return bool(value)
    if item.kind == "choice":
        return item.options[0] if value is None else value
    if item.kind == "minutes":
        return int(value or 0) // 60
    return int(value or 0) if item.kind == "count" else float(value or 0)


def _slider_range(item: Control) -> tuple[Any, Any, Any]:
    """Lowest and highest value and step of a slider, as the widget holds them."""
    low = 0.0 if item.optional else item.low
    if item.kind == "minutes":
        return int(low) // 60, int(item.high) // 60, 1
    number = int if item.kind == "count" else float
    return number(low), number(item.high), number(item.step)


def _fits(item: Control, value: Any) -> bool:
    """Whether a remembered value may go into the widget (an address may say anything)."""
    if item.kind == "switch":
        return isinstance(value, bool)
    if item.kind == "choice":
        return value in item.options
    low, high, _step = _slider_range(item)
    return type(value) is type(low) and bool(low <= value <= high)


def _first_value(item: Control, asked: dict[str, Any]) -> Any:
    """What the address asks for, where that is possible; else the scenario's own value."""
    try:
        wanted = _to_widget(item, asked.pop(item.path, item.value))
    except (TypeError, ValueError):
        wanted = None
    return wanted if _fits(item, wanted) else _to_widget(item, item.value)


def _help(t: Texts, item: Control) -> str | None:
    """How sure the size of the effect is, and where it comes from."""
    parts = [t.get(f"mark_means.{item.mark}") or ""]
    if item.source:
        parts.append(t("control.source", source=plain(item.source)))
    return "\n\n".join(part for part in parts if part) or None
