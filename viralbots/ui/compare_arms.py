"""The arms of a comparison as cards: what each is, what is changed in it, one more, one less."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from viralbots.errors import ScenarioError, StoreError
from viralbots.problem_words import say_error
from viralbots.scenario import Scenario
from viralbots.scenario.difference import difference
from viralbots.scenario.paths import split
from viralbots.ui import compare_memory, forms, workspace
from viralbots.ui.arms import FEWEST, LETTERS, MOST, Arm, ArmMissing, base_of, key_of, with_changes
from viralbots.ui.choose import show_problems
from viralbots.ui.compare_charts import COLOURS
from viralbots.ui.compare_memory import Found
from viralbots.ui.compare_settings import control_of, in_words
from viralbots.ui.frame import Cases
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.state import control_key

ABREAST = 3
TOLD = 2
"""Changes that a card tells in words; more are in the table."""


def style() -> None:
    """Each card has the colour of its arm at its edge."""
    rules = [
        f".st-key-compare_arm_{letter} {{ border-left: 6px solid light-dark("
        f"{COLOURS['light'][letter]}, {COLOURS['dark'][letter]}); }}"
        for letter in LETTERS
    ]
    st.html(f"<style>{' '.join(rules)}</style>")


def show(t: Texts, cases: Cases, found: Sequence[Found]) -> None:
    """The cards."""
    arms = compare_memory.current()
    abreast = min(len(arms), 4 if len(arms) == 4 else ABREAST)  # nobody alone in a row
    for start in range(0, len(arms), abreast):
        row = range(start, min(start + abreast, len(arms)))
        for place, column in zip(row, st.columns(abreast), strict=False):
            with column, st.container(
                border=True, key=f"compare_arm_{LETTERS[place]}", height="stretch", gap="xsmall"
            ):  # fmt: skip
                _card(t, cases, place, found)


def _card(t: Texts, cases: Cases, place: int, found: Sequence[Found]) -> None:
    letter, one = LETTERS[place], found[place]
    if not isinstance(one, Scenario):
        st.markdown(f"**{letter}**")
        _say(t, one)
    else:
        st.markdown(f"**{letter} · {plain(getattr(one.title, t.lang))}**")
        told = _told(t, place, found)
        st.markdown(f":small[:gray[{told}]]")
    with st.popover(t("compare.change"), type="tertiary", icon=":material/tune:",
                    key=f"compare.card.{place}"):  # fmt: skip
        _ask_what(t, cases, place)
        if isinstance(one, Scenario):
            _ask_changes(t, cases, place)
        _doors(t, place)


def _say(t: Texts, error: Exception) -> None:
    if isinstance(error, ScenarioError):
        show_problems(t, t("compare.arm_refused"), error)
    elif isinstance(error, StoreError):
        st.error(plain(say_error(error, t.lang)))
    else:
        st.error(t("compare.arm_missing"))


def _told(t: Texts, place: int, found: Sequence[Found]) -> str:
    """In a line: what others are compared with it, or what it has different."""
    first, one = found[0], found[place]
    if place == 0:
        return t("compare.baseline")
    if not isinstance(first, Scenario) or not isinstance(one, Scenario):
        return ""
    changes = [change for change in difference(first, one) if not change.is_text]
    if not changes:
        return t("compare.same_as_a")
    if len(changes) > TOLD:
        return t("compare.many_differ", n=len(changes))
    lines = [in_words(t, change, first, one) for change in changes]
    return ("；" if t.lang == "zh" else "; ").join(lines)


# -- changing one --------------------------------------------------------------------------


def _choices(t: Texts, cases: Cases) -> dict[str, tuple[str, Arm]]:
    """Everything that may be an arm: its title and the arm, by its key; one's own first."""
    found: dict[str, tuple[str, Arm]] = {}
    known = workspace.known()
    if known is not None:
        store, owner = known
        for kind, saved in (("saved", store.scenarios), ("result", store.results)):
            for one in saved(owner):
                title = t(f"compare.{kind}_name", name=one.name or number(one.id))
                found[f"{kind}:{one.id}"] = (title, {"kind": kind, "id": one.id})
    library: dict[str, tuple[str, Arm]] = {
        f"case:{name}": (getattr(case.title, t.lang), {"kind": "case", "name": name})
        for name, case in cases.items()
    }
    return {**found, **library}


def _choices_or_none(t: Texts, cases: Cases) -> dict[str, tuple[str, Arm]]:
    try:
        return _choices(t, cases)
    except StoreError as error:
        st.warning(plain(say_error(error, t.lang)))
        return {
            f"case:{name}": (getattr(case.title, t.lang), {"kind": "case", "name": name})
            for name, case in cases.items()
        }


def _ask_what(t: Texts, cases: Cases, place: int) -> None:
    """Another case or saved scenario in the place of this one."""
    arms, choices = compare_memory.current(), _choices_or_none(t, cases)
    now = key_of(arms[place])
    options = list(choices) if now in choices else [now, *choices]
    chosen = st.selectbox(
        t("compare.what"), options, index=options.index(now),
        key=f"compare.what.{st.session_state['compare.round']}.{place}",
        format_func=lambda key: choices[key][0] if key in choices else t("compare.as_given"),
    )  # fmt: skip
    if chosen != now and chosen in choices:
        _put_at(place, choices[chosen][1])


def _put_at(place: int, arm: Arm) -> None:
    arms = list(compare_memory.current())
    arms[place : place + 1] = [arm]
    compare_memory.put(arms)
    st.rerun()


def _ask_changes(t: Texts, cases: Cases, place: int) -> None:
    """The controls of its case; what is changed is changed in the arm."""
    arms = compare_memory.current()
    arm = arms[place]
    try:
        base = base_of(arm, cases, compare_memory.fetch)
    except (ScenarioError, ArmMissing, StoreError):
        return
    given = _values(base, arm)
    name = f"compare.{st.session_state['compare.round']}.{place}"
    paths = _remember_values(name, base, given)
    changes = forms.ask_controls(t, name, base.model_copy(update={"controls": paths}))
    asked = {_place(base, path) for path in paths}
    rest = {path: value for path, value in (arm.get("set") or {}).items()
            if _place(base, path) not in asked}  # fmt: skip
    now = with_changes(arm, {**rest, **changes})
    if _values(base, now) != given:
        compare_memory.put([*arms[:place], now, *arms[place + 1 :]], is_new=False)
        st.rerun()


def _place(base: Scenario, path: str) -> tuple[str, ...]:
    """A path in full, however it is written."""
    return split(path, base.message_names[0])


def _values(base: Scenario, arm: Arm) -> dict[tuple[str, ...], object]:
    return {_place(base, path): value for path, value in (arm.get("set") or {}).items()}


def _remember_values(name: str, base: Scenario, given: dict[tuple[str, ...], object]) -> list[str]:
    """Put an arm's values into its widgets; the paths whose values a widget can hold."""
    memory, paths = st.session_state, []
    for path in base.controls:
        item = control_of(base, path)
        if item is None:
            continue
        key = control_key(name, path)
        if key not in memory:
            value = forms.to_widget(item, given.get(_place(base, path), item.value))
            if not forms.fits(item, value):
                continue
            memory[key] = value
        paths.append(path)
    return paths


def _doors(t: Texts, place: int) -> None:
    """Copy, make it A, remove."""
    n = len(compare_memory.current())
    with st.container(horizontal=True, gap="small"):
        st.button(t("compare.copy"), key=f"compare.copy.{place}", on_click=_copy, args=(place,),
                  disabled=n >= MOST, help=_when(t, "full", n >= MOST))  # fmt: skip
        st.button(t("compare.make_a"), key=f"compare.make_a.{place}", on_click=_make_first,
                  args=(place,), disabled=place == 0,
                  help=_when(t, "is_a", place == 0))  # fmt: skip
        st.button(t("compare.remove"), key=f"compare.remove.{place}", on_click=_remove,
                  args=(place,), disabled=n <= FEWEST,
                  help=_when(t, "remove", n <= FEWEST))  # fmt: skip


def _when(t: Texts, why: str, is_grey: bool) -> str | None:
    """Why a button is grey."""
    return t(f"compare.{why}_help") if is_grey else None


def _copy(place: int) -> None:
    arms = compare_memory.current()
    compare_memory.put([*arms, arms[place]])


def _make_first(place: int) -> None:
    arms = compare_memory.current()
    compare_memory.put([arms[place], *arms[:place], *arms[place + 1 :]])


def _remove(place: int) -> None:
    arms = compare_memory.current()
    compare_memory.put([*arms[:place], *arms[place + 1 :]])


# -- one more ------------------------------------------------------------------------------


def offer_more(t: Texts, cases: Cases, found: Sequence[Found]) -> None:
    """A box that adds A with one thing changed, or another case."""
    if len(found) >= MOST:
        return
    with st.popover(t("compare.add"), icon=":material/add:", key="compare.add"):
        first = found[0]
        if isinstance(first, Scenario):
            _add_changed(t, first)
            st.divider()
        _add_other(t, cases)


def _add_changed(t: Texts, first: Scenario) -> None:
    st.markdown(f"**{t('compare.add_changed')}**")
    items = {item.path: item for path in first.controls if (item := control_of(first, path))}
    if not items:
        st.caption(t("compare.no_controls"))
        return
    path = st.selectbox(
        t("compare.add_path"), list(items), key=f"compare.add_path.{first.identity[:12]}",
        format_func=lambda path: forms.label(t, items[path]),
    )  # fmt: skip
    name = f"compare.add.{first.identity[:12]}"
    key = control_key(name, path)
    if key not in st.session_state:
        st.session_state[key] = forms.to_widget(items[path], items[path].value)
    changes = forms.ask_controls(t, name, first.model_copy(update={"controls": [path]}))
    if st.button(t("compare.add_button"), key="compare.add_changed", disabled=not changes,
                 type="primary", help=_when(t, "add", not changes)):  # fmt: skip
        arms = compare_memory.current()
        given = arms[0].get("set") or {}
        compare_memory.put([*arms, with_changes(arms[0], {**given, **changes})])
        st.rerun()


def _add_other(t: Texts, cases: Cases) -> None:
    st.markdown(f"**{t('compare.add_other')}**")
    choices = _choices_or_none(t, cases)
    chosen = st.selectbox(
        t("compare.what"), list(choices), key="compare.add_what",
        format_func=lambda key: choices[key][0] if key in choices else key,
    )  # fmt: skip
    if st.button(t("compare.add_button"), key="compare.add_other") and chosen in choices:
        compare_memory.put([*compare_memory.current(), choices[chosen][1]])
        st.rerun()
