"""A setting that differs between two scenarios, in the words of the lab."""

from __future__ import annotations

import re

from viralbots.scenario import Scenario
from viralbots.scenario.difference import ABSENT, Change
from viralbots.ui import forms
from viralbots.ui.changes import field_label, value_words
from viralbots.ui.fields import Control, control
from viralbots.ui.i18n import Texts, plain

_PLACE = re.compile(r"\[(\d+)\]")
_WHOLE_MEASURE = re.compile(r"interventions\[\d+\]")


def in_words(t: Texts, change: Change, first: Scenario, one: Scenario) -> str:
    """A difference in a line: what is set, in the words of the lab, before and after."""
    if _is_measure(change):
        key = "compare.without" if change.what == "removed" else "compare.with"
        return t(key, what=_measure(t, change))
    before, after = (value_of(t, change, v, first, one) for v in (change.before, change.after))
    colon = "：" if t.lang == "zh" else ": "
    return f"{field_name(t, change, first, one)}{colon}{before} → {after}"


def field_name(t: Texts, change: Change, *scenarios: Scenario) -> str:
    """Name of the setting that differs, as its control has it."""
    if change.what == "renamed":
        return t("compare.message_name")
    if _is_measure(change):
        return _measure(t, change)
    item = _item(change, *scenarios)
    return plain(forms.label(t, item)) if item else field_label(t, change)


def value_of(t: Texts, change: Change, value: object, *scenarios: Scenario) -> str:
    """What a setting is, as its control would show it; of a measure whether it is there."""
    if _is_measure(change):
        return t("gallery.value.no" if value is ABSENT else "gallery.value.yes")
    item = _item(change, *scenarios)
    if item is None or change.what != "changed":
        return value_words(t, value)
    return plain(forms.shown(t, item, value))


def _is_measure(change: Change) -> bool:
    is_whole = _WHOLE_MEASURE.fullmatch(change.path) is not None
    return is_whole and change.what in ("added", "removed")


def _measure(t: Texts, change: Change) -> str:
    entry = change.before if change.what == "removed" else change.after
    kind = str(entry.get("kind", "")) if isinstance(entry, dict) else ""
    return t.get(f"later.mark.{kind}") or plain(kind)


def _item(change: Change, *scenarios: Scenario) -> Control | None:
    path = _PLACE.sub(r".\1", change.path)  # as it is written in the last one
    return next((i for s in reversed(scenarios) if (i := control_of(s, path))), None)


def control_of(base: Scenario, path: str) -> Control | None:
    """The control of a path; None where it leads nowhere, or to what all arms share."""
    if path == "network.n_users":
        return None  # all arms have the same number
    try:
        return control(base, path)
    except (KeyError, ValueError, IndexError):
        return None
