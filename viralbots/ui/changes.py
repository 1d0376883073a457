"""What differs between two scenarios, in the words of the page."""

from __future__ import annotations

from viralbots.scenario import Scenario
from viralbots.scenario.difference import ABSENT, Change, difference
from viralbots.scenario.dump import flow_yaml
from viralbots.scenario.dump import plain as plain_data
from viralbots.ui.i18n import Texts, plain

MOST = 30
LONGEST = 160  # characters of a value


def told(t: Texts, before: Scenario, after: Scenario) -> str:
    """The difference field by field, as Markdown; texts only by the names of their fields."""
    changes = difference(before, after)
    decisive = [change for change in changes if not change.is_text]
    lines = [f"- {_line(t, change)}" for change in decisive[:MOST]]
    if len(decisive) > MOST:
        lines.append(f"- {t('gallery.change.more', n=len(decisive) - MOST)}")
    if not decisive:
        lines.append(t("gallery.change.none"))
    texts = dict.fromkeys(change.path.split(".")[0] for change in changes if change.is_text)
    if texts:
        fields = ", ".join(f"`{name}`" for name in texts)
        lines += ["", f":small[:gray[{t('gallery.change.texts', fields=fields)}]]"]
    return "\n".join(lines)


def _line(t: Texts, change: Change) -> str:
    name = f"**{plain(change.path)}**"
    if change.note is not None:
        name = f"**{field_label(t, change)}** :small[:gray[{plain(change.path)}]]"
    before, after = value_words(t, change.before), value_words(t, change.after)
    if change.what in ("changed", "renamed"):
        return f"{name}  \n{before} → **{after}**"
    return t(f"gallery.change.{change.what}", name=name, before=before, after=after)


def field_label(t: Texts, change: Change) -> str:
    """Name of a field as its control has it, else as the file format has it; as Markdown."""
    last = change.path.rsplit(".", 1)[-1]
    found = t.get(f"field.{last}.label") or t.get(f"advanced.field.{last}.label")
    if found is None and change.note is not None:
        found = change.note.label[t.lang]
    return plain(found or change.path)


def value_words(t: Texts, value: object) -> str:
    """A value as a person reads it, as Markdown."""
    if value is None or value is ABSENT:
        return t("gallery.value.unset")
    if isinstance(value, bool):
        return t("gallery.value.yes" if value else "gallery.value.no")
    text = value if isinstance(value, str) else flow_yaml(plain_data(value))
    return plain(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
