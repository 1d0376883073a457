"""What a case can be compared with: its twin, or itself with one thing changed."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from viralbots.errors import ScenarioError
from viralbots.scenario import Scenario, dump, override
from viralbots.ui import compare_memory, later
from viralbots.ui.arms import Arm, pair_of_twins
from viralbots.ui.arms import default as first_pair
from viralbots.ui.choose import twin_of
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.later import Later
from viralbots.ui.mine import my_cases, number_of

MOST = 4
EARLY = 360
"""Minutes after which a measure begins that is brought forward."""
FIRST_MEASURE = 1
"""Day from which on a measure is added to a case that has none."""
Offer = tuple[str, dict[str, object], Arm]
"""Key of its words, their values (a ``kind`` is named in the words of the lab), and the arm."""

_OF, _MADE = "compare.of", "compare.made"


def arms_for(cases: Mapping[str, Scenario], name: str) -> list[Arm]:
    """What the page begins with, for somebody who comes from a case."""
    case = _case(cases, name)
    if case is None:
        return first_pair(cases, name)
    if twin_of(case, cases) is not None and name in cases:
        return pair_of_twins(cases, name)
    offered = offers(case, base_of(name))
    return [base_of(name), offered[0][2]] if offered else first_pair(cases, name)


def base_of(name: str) -> Arm:
    """A case as an arm."""
    own = number_of(name)
    return {"kind": "case", "name": name} if own is None else {"kind": "saved", "id": own}


def _case(cases: Mapping[str, Scenario], name: str) -> Scenario | None:
    return cases.get(name) or my_cases().get(name)


def offers(case: Scenario, base: Arm) -> list[Offer]:
    """The case without a measure, with one earlier, or with one more."""
    found: list[Offer] = []
    for k, one in enumerate(case.interventions):
        kind = str(getattr(one, "kind", ""))
        rest = [x.model_dump(mode="python") for n, x in enumerate(case.interventions) if n != k]
        without = _changed(case, {"interventions": rest})
        if without is not None:
            found.append(("without", {"kind": kind}, without))
        path = f"interventions.{k}.start"
        if (one.start or 0) > EARLY and _changed(case, {path: EARLY}) is not None:
            arm = {**base, "set": {path: EARLY}}
            values: dict[str, object] = {"kind": kind, "hours": number(EARLY / 60)}
            found.append(("earlier", values, arm))
    for kind in [] if found else later.on_offer(case):
        with_it = Later(kind, FIRST_MEASURE)
        text = dump(later.applied(case, with_it))
        values = {"kind": kind, "day": number(FIRST_MEASURE)}
        found.append(("with", values, {"kind": "document", "text": text}))
    return found[:MOST]


def _changed(case: Scenario, changes: Mapping[str, object]) -> Arm | None:
    try:
        return {"kind": "document", "text": dump(override(case, changes))}
    except ScenarioError:  # it makes no sense without
        return None


def follow_the_case(cases: Mapping[str, Scenario]) -> None:
    """Begin with the case that the visitor comes from, unless she has chosen something else."""
    memory = st.session_state
    name, arms = memory["case"], memory.get("compare.arms")
    if arms is not None and (memory.get(_MADE) != arms or memory.get(_OF) == name):
        return
    memory["compare.arms"] = memory[_MADE] = arms_for(cases, name)
    memory[_OF] = name


def show(t: Texts, cases: Mapping[str, Scenario]) -> None:
    """Say where the case has no twin, and offer what it can be compared with."""
    name, arms = st.session_state["case"], compare_memory.current()
    case = _case(cases, name)
    if case is None:
        return
    title, base = plain(getattr(case.title, t.lang)), base_of(name)
    if not any(_is_about(arm, name, case) for arm in arms):
        if name == st.session_state.get(_OF):
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(t("compare.other_case", title=title), width="content")
            st.button(
                t("compare.take_case"), key="compare.take_case", type="tertiary",
                on_click=compare_memory.put_and_run, args=(arms_for(cases, name),),
            )  # fmt: skip
    elif arms[0] == base and twin_of(case, cases) is None:
        offered = offers(case, base)
        st.caption(t("compare.no_twin", title=title))
        with st.container(horizontal=True, gap="small", key="compare_offers"):
            for k, (key, values, arm) in enumerate(offered):
                st.button(
                    words(t, key, values), key=f"compare.offer.{k}", disabled=arm in arms,
                    help=t("compare.offered_help") if arm in arms else None,
                    on_click=compare_memory.put_and_run, args=([base, arm],),
                )  # fmt: skip


def words(t: Texts, key: str, values: Mapping[str, object]) -> str:
    """An offer in the words of the lab."""
    kind = str(values["kind"])
    what = t.get(f"later.{'kind' if key == 'with' else 'mark'}.{kind}") or kind
    rest = {name: value for name, value in values.items() if name != "kind"}
    return t(f"compare.offer.{key}", what=what, **rest)


def _is_about(arm: Arm, name: str, case: Scenario) -> bool:
    if arm["kind"] == "document":
        return f"\nname: {case.name}\n" in f"\n{arm['text']}"
    base = base_of(name)
    return all(arm.get(key) == value for key, value in base.items())
