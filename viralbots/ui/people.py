"""The people of one run: search, filters, a table page by page, and the person chosen.

Everything that it remembers has a key that begins with ``people.``, except ``person``: the number
of the user whose story is shown, or None. Another page may set it before it leads here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from viralbots.experiments.people import PAGE, Query, find
from viralbots.experiments.people_table import Row, rows
from viralbots.experiments.story import clock
from viralbots.scenario import Scenario
from viralbots.trace import Trace
from viralbots.ui import people_first, person_panel, portrait
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.people_filters import FILTERS, ask, offer_questions, set_filters
from viralbots.ui.person_panel import ShownRun
from viralbots.ui.why_words import language
from viralbots.world.world import World

PERSON = "person"
TABLE_AND_PERSON = (6, 5)
TABLE_HEIGHT = 560
PORTRAIT = ""  # the column of portraits needs no heading
WIDTHS = {"name": 125, "did": 190, "caused": 75, "minute": 120, "spoke_at": 120, "how": 165,
          "age": 50, "number": 80}  # fmt: skip
SUMMARY = ("against", "adopted", "reacted", "converted", "deceived")
"""What is worth a word in the table; that she read or heard of it only where nothing is."""


def needs(scenario: Scenario, seed: int, luck: int) -> tuple[str, int, int]:
    """The run that `show` must be given, as the key to keep it by: one world and one trace.

    The world is `viralbots.world.assemble.build` of ``scenario.network``; the trace is
    ``simulate(scenario, seed, replicate=luck, world=world)`` at level *adoptions* or, to say
    also when and from whom somebody first heard, *deliveries*. Both together take about 100
    bytes a user and 24 an adoption beyond the network itself, and 24 a delivery. They are read,
    never changed, so all visitors can share them; keep few of them.

    What `show` keeps itself: the story of each person asked for (`person_panel.MOST_STORIES`
    of them, for all visitors), which costs one more run of the same scenario and seed.
    """
    return scenario.identity, seed, luck


def show(t: Texts, scenario: Scenario, seed: int, luck: int, world: World, trace: Trace) -> None:
    """Show the people of a run.

    Parameters
    ----------
    seed, luck : int
        Random seed and replicate of the run.
    world, trace : World, Trace
        As `needs` says.
    """
    run = ShownRun(scenario, seed, luck, world, trace)
    _start_anew(t, run)
    offer_questions(t, scenario)
    query = ask(t, run)
    found = find(world, trace, query, scenario=scenario, offset=_offset(run, query))
    users, total = number(world.n_users), number(found.total)
    st.markdown(f"**{t('people.found', total=total, users=users)}**")
    if not found.total:
        st.info(f"{t('people.none')} {t('people.none_how')}")
        st.button(t("people.clear"), key="people.clear", on_click=set_filters)
    if found.total and "against" in query.did:
        people_first.say(t, run, query)
    left, right = st.columns(TABLE_AND_PERSON, gap="medium")
    if found.total:
        with left:
            _table(t, run, query, found.users)
            _turn_pages(t, found.total)
    with right:
        user = chosen(world)
        if user is not None:
            person_panel.show(t, run, user, is_against="against" in query.did)
        elif found.total:
            st.info(t("people.choose"))


def chosen(world: World) -> int | None:
    """The user whose story is shown; None where none is, or none of this world."""
    user: object = st.session_state.get(PERSON)
    if not isinstance(user, int | np.integer) or isinstance(user, bool):
        return None
    return int(user) if 0 <= user < world.n_users else None


def _start_anew(t: Texts, run: ShownRun) -> None:
    """For another run forget the person and the page; in another language set choices anew.

    A box of choices tells the server the label chosen, and labels change with the language:
    only a value that the server sets survives the change.
    """
    memory = st.session_state
    if memory.setdefault("people.run", run.key) != run.key:
        if memory["people.run"][:2] != run.key[:2]:  # another result
            set_filters()
        memory["people.run"] = run.key
        if memory.get(PERSON) == memory.get("people.picked"):
            memory[PERSON] = None  # unless another page has just set it
    if memory.setdefault("people.lang", t.lang) != t.lang:
        memory["people.lang"] = t.lang
        for key in (f"people.{name}" for name in FILTERS):
            if key in memory:
                memory[key] = memory[key]


def _offset(run: ShownRun, query: Query) -> int:
    """Place of the first user of the page; another query begins with its first page."""
    memory = st.session_state
    asked = (run.key, query)
    if memory.get("people.asked") != asked:
        memory["people.asked"] = asked
        memory["people.round"] = memory.get("people.round", 0) + 1
    return (int(memory.get(_page_key(), 1)) - 1) * PAGE


def _page_key() -> str:
    """Key of the pages of this query."""
    return f"people.page.{st.session_state['people.round']}"


# -- what is found -------------------------------------------------------------------------


def _table(t: Texts, run: ShownRun, query: Query, users: np.ndarray[Any, Any]) -> None:
    """A page of people; a row can be chosen."""
    memory = st.session_state
    shown = (run.key, query, memory.get(_page_key()), t.lang)
    if memory.get("people.table_of") != shown or memory.get(PERSON) != memory.get("people.picked"):
        # A new table, so that no choice made by place is carried over to another person.
        memory["people.table_of"] = shown
        memory["people.picked"] = memory.get(PERSON)
        memory["people.turn"] = memory.get("people.turn", 0) + 1
    key = f"people.table.{memory['people.turn']}"
    user = chosen(run.world)
    place = [] if user is None else np.flatnonzero(users == user).tolist()
    st.dataframe(
        [_cells(t, row, run, query) for row in rows(run.world, run.trace, query, users)],
        key=key, hide_index=True, height=TABLE_HEIGHT, on_select=lambda: _pick(key, users),
        selection_mode="single-row", selection_default={"selection": {"rows": place}},
        column_config={
            PORTRAIT: st.column_config.ImageColumn(pinned=True, width=40),
            **{
                t(f"people.column.{name}"): st.column_config.Column(
                    pinned=name == "name", width=width
                )
                for name, width in WIDTHS.items()
            },
        },
        alt=t("people.table"),
    )  # fmt: skip


def _pick(key: str, users: np.ndarray[Any, Any]) -> None:
    """A row was chosen, or let go."""
    memory = st.session_state
    places = memory[key]["selection"]["rows"]
    memory[PERSON] = int(users[places[0]]) if places else None
    memory["people.picked"] = memory[PERSON]


def _cells(t: Texts, row: Row, run: ShownRun, query: Query) -> dict[str, object]:
    """A row of the table; a table shows text as it is."""
    who, profile, nobody = row.who, row.who.profile, t("people.nobody")
    persona = [*([] if who.role == "person" else [who.role]), *profile.words]
    told: dict[str, object] = {"did": _what(t, row), "caused": row.n_caused}
    how = nobody if row.kind is None else t(f"people.kind.{row.kind}")
    source = row.adopted_from.name if row.adopted_from else nobody
    cells: dict[str, object] = {"name": who.name}
    if _is_of_counter(run, query):  # how it began is what is asked
        cells |= {"spoke_at": _when(t, row.adopted_at), "how": how, **told, "source": source}
    else:
        cells |= {**told, "minute": _when(t, row.adopted_at), "how": how, "source": source}
    kind = _list(t, [t(f"people.is_persona.{word}") for word in persona])
    if who.label:  # a real network: age and the like are made up, and said to be
        cells["made_up_persona"] = kind
    else:
        cells |= {"age": profile.age, "persona": kind}
    cells["ties"] = who.n_ties
    if who.n_followers is not None:
        cells["followers"] = who.n_followers
    if run.trace.deliveries is not None:
        cells["heard"] = _when(t, row.heard_at)
        cells["heard_from"] = row.heard_from.name if row.heard_from else nobody
    cells["number"] = who.user
    named = {t(f"people.column.{name}"): value for name, value in cells.items()}
    return {PORTRAIT: portrait.address(who), **named}


def _is_of_counter(run: ShownRun, query: Query) -> bool:
    """Whether the adoptions shown are those of a message against another."""
    about = run.scenario.messages.get(query.message or "")
    return "against" in query.did or (about is not None and about.kind == "counter")


def _what(t: Texts, row: Row) -> str:
    found = [word for word in SUMMARY if word in row.did]
    for word in ("read", "heard"):
        if not found and word in row.did:
            found = [word]
    return _list(t, [t(f"people.has.{word}") for word in found]) or t("people.unreached")


def _when(t: Texts, minute: int | None) -> str:
    return t("people.nobody") if minute is None else clock(minute, language(t))


def _list(t: Texts, words: Sequence[str]) -> str:
    return ("、" if t.lang == "zh" else ", ").join(words)


def _turn_pages(t: Texts, total: int) -> None:
    if total <= PAGE:
        return
    st.pagination(-(-total // PAGE), key=_page_key(), max_visible_pages=5)
    first = (st.session_state[_page_key()] - 1) * PAGE + 1
    last = min(total, first + PAGE - 1)
    st.caption(
        plain(t("people.shown", first=number(first), last=number(last), total=number(total)))
    )
