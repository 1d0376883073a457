"""Controls of a case as widgets, each with what it changes and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from viralbots.scenario import Scenario
from viralbots.ui.fields import Control, control
from viralbots.ui.i18n import Texts, number, plain, rounded
from viralbots.ui.state import control_key

BESIDE_A_SLIDER = 100
"""Wider than this a number is typed: no slider could hit it."""


def ask_controls(t: Texts, case: str, scenario: Scenario) -> dict[str, object]:
    """Show a case's controls; what differs from the case, by path.

    Parameters
    ----------
    case : str
        Under which name its controls are remembered.
    """
    changes: dict[str, object] = {}
    asked = st.session_state.get("asked", {})
    for path in scenario.controls:
        if path == "network.n_users":
            continue  # has its own place on the page
        try:
            item = control(scenario, path)
        except (KeyError, ValueError, IndexError):
            continue  # a control that an uploaded network or another file does not have
        key = control_key(case, path)
        if not fits(item, st.session_state.get(key)):
            st.session_state[key] = first_value(item, asked.pop(path, item.value))
        value = ask(t, item, key)
        if value != item.value:
            changes[path] = value
    return changes


def ask(t: Texts, item: Control, key: str, on_undo: Callable[[], None] | None = None) -> object:
    """Show one control with its explanation; its value, and Undo where that is another one.

    Parameters
    ----------
    key : str
        Session key of its widget; what lies there must fit it (`fits`).
    on_undo : callable, optional
        Called as well when it is taken back.
    """
    with st.container(gap="xxsmall", key=f"place:{key}"):
        value = _widget(t, item, key, label(t, item))
        st.markdown(f":small[:gray[{explanation(t, item)}]]{_badge(t, item)}")
        if value != item.value:
            _way_back(t, item, key, on_undo)
    return value


def ask_alone(t: Texts, item: Control, key: str) -> object:
    """Show one control that has nothing to go back to; its value."""
    with st.container(gap="xxsmall", key=f"place:{key}"):
        value = _widget(t, item, key, _own_name(t, item))
        st.markdown(f":small[:gray[{explanation(t, item)}]]{_badge(t, item)}")
    return value


def _way_back(t: Texts, item: Control, key: str, on_undo: Callable[[], None] | None) -> None:
    now = from_widget(item, st.session_state[key])
    words = t("settings.changed", before=shown(t, item, item.value), now=shown(t, item, now))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":small[:orange[{words}]]", width="content")
        st.button(
            f":small[:blue[{t('settings.undo')}]]", key=f"undo:{key}", type="tertiary",
            on_click=_undo, args=(item, key, on_undo), help=t("settings.undo_help"),
        )  # fmt: skip


def _undo(item: Control, key: str, on_undo: Callable[[], None] | None) -> None:
    st.session_state[key] = to_widget(item, item.value)
    if on_undo is not None:
        on_undo()


def shown(t: Texts, item: Control, value: Any) -> str:
    """A value of a control in words."""
    if value is None:
        return t("settings.not_set")
    if item.kind == "switch":
        return t("settings.on" if value else "settings.off")
    if item.kind == "choice":
        return option(t, value)
    if item.kind == "minutes":
        return t("settings.hours", n=rounded(value / 60))
    if item.kind == "share":
        return f"{rounded(100 * value)} %"
    return number(value) if item.kind == "count" else rounded(value).replace("-", "−")


def label(t: Texts, item: Control) -> str:
    """Name of a control in the reader's language."""
    if whole := t.get(f"control.{item.owner}_{item.field}"):
        return whole
    name = _own_name(t, item)
    if item.owner.startswith("wave:"):
        return t("control.of", owner=t("advanced.wave", n=item.owner[5:]), name=name)
    owner = t.get(f"owner.{item.owner}") or t.get(f"later.kind.{item.owner}")
    return t("control.of", owner=owner, name=name) if owner and item.owner else name


def _own_name(t: Texts, item: Control) -> str:
    if item.path.startswith("rule.cells."):
        decision, _, term = item.field.partition(".")
        parts = t.get(f"decision.{decision}"), t.get(f"term.{term}")
        if all(parts):
            return t("control.cell", decision=parts[0], term=parts[1])
        return t.get(f"advanced.cell.{item.field}") or item.field
    return (
        t.get(f"advanced.field.{item.owner}_{item.field}.label")
        or t.get(f"field.{item.field}.label")
        or t.get(f"advanced.field.{item.field}.label")
        or plain(item.note.label[t.lang])
    )


def explanation(t: Texts, item: Control) -> str:
    """The mechanism in a sentence."""
    return (
        t.get(f"advanced.field.{item.owner}_{item.field}.how")
        or t.get(f"field.{item.field}.how")
        or t.get(f"cell.{item.field}")
        or t.get(f"advanced.field.{item.field}.how")
        or plain(item.note.meaning[t.lang])
    )


def option(t: Texts, value: str) -> str:
    """A word of a choice."""
    if not value:
        return t("settings.not_set")
    return t.get(f"advanced.option.{value}") or t.get(f"option.{value}") or plain(value)


def _badge(t: Texts, item: Control) -> str:
    """How sure the size of the effect is, as a badge."""
    colour = {"assumed": "orange", "derived": "blue", "measured": "green"}.get(item.mark)
    return f" :{colour}-badge[{t('mark.' + item.mark)}]" if colour else ""


def _widget(t: Texts, item: Control, key: str, name: str) -> object:
    help_text = _help(t, item)
    if item.kind == "switch":
        return st.toggle(name, key=key, help=help_text, persist_state="session")
    if item.kind == "choice":
        value = st.selectbox(
            name, item.options, key=key, help=help_text, persist_state="session",
            format_func=lambda word: option(t, word),
        )  # fmt: skip
        return from_widget(item, value)
    low, high, step = _slider_range(item)
    if item.kind in ("count", "amount") and high - low > BESIDE_A_SLIDER:
        value = st.number_input(
            name, min_value=low, max_value=high, step=step, key=key, help=help_text,
            persist_state="session",
        )  # fmt: skip
    else:
        value = st.slider(
            name, min_value=low, max_value=high, step=step, key=key, help=help_text,
            format=FORMATS.get(item.kind) or t("control.hours"), persist_state="session",
        )  # fmt: skip
    return from_widget(item, value)


FORMATS = {"share": "percent", "amount": "%.2f", "count": "%d"}


def to_widget(item: Control, value: Any) -> Any:
    """A value as the widget holds it; minutes are asked in hours, what is not set is nought."""
    if item.kind == "switch":
        return bool(value)
    if item.kind == "choice":
        return item.options[0] if value is None else value
    if item.kind == "minutes":
        return int(value or 0) // 60
    return int(value or 0) if item.kind == "count" else float(value or 0)


def from_widget(item: Control, value: Any) -> Any:
    """What a widget's value means; one that nobody touched is exactly the scenario's own."""
    if value == to_widget(item, item.value):
        return item.value
    if item.optional and not value and item.kind != "switch":
        return None
    return value * 60 if item.kind == "minutes" else value


def _slider_range(item: Control) -> tuple[Any, Any, Any]:
    """Lowest and highest value and step of a slider, as the widget holds them."""
    low = 0.0 if item.optional else item.low
    if item.kind == "minutes":
        return int(low) // 60, max(1, int(item.high) // 60), 1
    whole = int if item.kind == "count" else float
    return whole(low), whole(item.high), whole(item.step)


def fits(item: Control, value: Any) -> bool:
    """Whether a remembered value may go into the widget (an address may say anything)."""
    if item.kind == "switch":
        return isinstance(value, bool)
    if item.kind == "choice":
        return value in item.options
    low, high, _step = _slider_range(item)
    return type(value) is type(low) and bool(low <= value <= high)


def first_value(item: Control, asked: Any) -> Any:
    """What is asked for, as the widget holds it; the scenario's own value where it cannot be."""
    try:
        wanted = to_widget(item, asked)
    except (TypeError, ValueError):
        wanted = None
    return wanted if fits(item, wanted) else to_widget(item, item.value)


def _help(t: Texts, item: Control) -> str | None:
    """How sure the size of the effect is, and where it comes from."""
    parts = [t.get(f"mark_means.{item.mark}") or ""]
    if item.source:
        parts.append(t("control.source", source=plain(item.source)))
    return "\n\n".join(part for part in parts if part) or None
