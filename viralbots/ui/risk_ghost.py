"""The ghost run: the same luck without the bots or the tactic, and for whom it mattered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from viralbots.errors import ExperimentError, ScenarioError
from viralbots.experiments.ghost import Ghost, Without, ghost_of
from viralbots.experiments.ghost_reasons import Reasons, reasons_of
from viralbots.experiments.ghost_words import tell, without_words
from viralbots.scenario import Scenario
from viralbots.ui.backend import Seen
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.risk_run import Asked
from viralbots.ui.why_words import language
from viralbots.world.profiles import profile_of

PEOPLE = 10
IN_A_ROW = 2
KEPT = 6
TACTICS: dict[str, tuple[str, object]] = {
    "threat": ("threat", 0), "disguise": ("disguise", 0), "falsehood": ("is_false", False),
    "reward": ("reward", 0), "quota": ("push_quota", None), "footer": ("footer", 0),
    "auto_send": ("auto_send", "nobody"), "advertising": ("ad_intensity", 0),
}  # fmt: skip
"""What a campaign may do without: a field of the main message, and its harmless value."""
WORDS = ("deceived", "converted", "complained", "read", "heard", "forwarded")
HARM_DONE = {"deceived": "deceived", "deceived_person_hours": "deceived", "converts": "converted",
             "complaints": "complained"}  # fmt: skip
"""What people did whom a harm struck; others struck whoever read it."""


@dataclass(frozen=True)
class Choice:
    """Something that a run can be without; ``key`` is that of its text ``risk.without``."""

    key: str
    without: Without
    values: Mapping[str, object]


def choices(scenario: Scenario) -> list[Choice]:
    """What the case can be without, the gravest first."""
    found = [Choice("bots", "bots", {})] if scenario.bots else []
    found += [Choice("paid", "paid", {})] if any(w.paid for w in scenario.seeding) else []
    message = next(iter(scenario.messages.values()))
    for key, (name, harmless) in TACTICS.items():
        value = getattr(message, name)
        if value and value not in (harmless, "nobody"):
            found.append(Choice(key, {f"message.{name}": harmless}, {}))
    if message.phishing:  # what carries it, before what hides it
        found.sort(key=lambda choice: choice.key != "auto_send")
    if message.disguise and message.is_false:
        both: Mapping[str, object] = {"message.disguise": 0, "message.is_false": False}
        found.insert(len(scenario.bots) > 0, Choice("deception", both, {}))
    found += [Choice("intervention", f"intervention:{k}", {"kind": getattr(one, "kind", "")})
              for k, one in enumerate(scenario.interventions)]  # fmt: skip
    if len(scenario.seeding) > 1:
        found += [Choice("wave", f"wave:{k}", {"n": k + 1})
                  for k in range(len(scenario.seeding))]  # fmt: skip
    return [choice for choice in found if _is_possible(scenario, choice)]


def _is_possible(scenario: Scenario, choice: Choice) -> bool:
    try:
        return ghost_of(scenario, choice.without).identity != scenario.identity
    except (ExperimentError, ScenarioError):  # what is left would make no sense
        return False


def words(t: Texts, choice: Choice) -> str:
    """What is missing, in words."""
    values = dict(choice.values)
    if "kind" in values:
        kind = values.pop("kind")
        values["name"] = t.get(f"later.kind.{kind}") or t(f"owner.{kind}")
    return t(f"risk.without.{choice.key}", **values)


def ask(t: Texts, scenario: Scenario) -> Choice | None:
    """Let the visitor choose what is missing; None where nothing can be."""
    found = choices(scenario)
    if not found:
        return None
    memory, places = st.session_state, range(len(found))
    if memory.get("risk.without_of") != scenario.identity:
        memory["risk.without_of"], memory["risk.without"] = scenario.identity, 0
    if memory.get("risk.without") not in places:
        memory["risk.without"] = 0
    place = st.selectbox(
        t("risk.ghost.without"), places, key="risk.without", persist_state="session",
        format_func=lambda k: words(t, found[k]), width=380,
    )  # fmt: skip
    return found[place]


# -- for whom it made the difference ---------------------------------------------------


def show(
    t: Texts, asked: Asked, runs: tuple[Seen, Seen], choice: Choice, luck: int, harm: str
) -> str | None:
    """What differs in numbers, then ten people; the most telling number in a sentence."""
    seen, other = runs
    if seen.trace.deliveries is None:
        st.info(t("risk.ghost.too_large"))
        return None
    ghost = Ghost(
        asked.scenario, ghost_of(asked.scenario, choice.without), choice.without, asked.seed, luck,
        seen.world, seen.trace, other.trace,
    )  # fmt: skip
    first = asked.scenario.message_names[0]
    counts = ghost.counts(first)
    told = [_count(t, ghost, word, counts[word]) for word in WORDS if any(counts[word])]
    st.markdown(f"**{t('risk.ghost.counts', without=words(t, choice))}**")
    if not told:
        st.markdown(t("risk.ghost.same"))
        return None
    st.markdown("\n".join(f"- {line}" for line in told))
    order = dict.fromkeys((HARM_DONE.get(harm, "read"), *WORDS))
    word = next((word for word in order if counts[word][0]), None)
    if word is None:
        return None
    _people(t, ghost, word, (choice, first))
    if counts[word][1] >= counts[word][0]:
        return t("risk.ghost.headline_none", without=words(t, choice))
    answer = t("risk.ghost.headline", without=words(t, choice), n=number(counts[word][0]),
             done=_did(t, ghost, word))  # fmt: skip
    more = counts[word][1]
    gap = "" if t.lang == "zh" else " "
    return answer + (gap + t("risk.ghost.headline_more", n=number(more)) if more else "")


def _did(t: Texts, ghost: Ghost, word: str) -> str:
    """What people did; a trap is not taken up."""
    is_trap = next(iter(ghost.scenario.messages.values())).phishing
    return t("risk.ghost.did." + ("fell" if is_trap and word == "converted" else word))


def _count(t: Texts, ghost: Ghost, word: str, counts: tuple[int, int]) -> str:
    more, fewer = counts
    told = t("risk.ghost.only_because", n=number(more), done=_did(t, ghost, word))
    if fewer:
        told += t("risk.ghost.only_without", n=number(fewer))
    return told


def _people(t: Texts, ghost: Ghost, word: str, about: tuple[Choice, str]) -> None:
    """Ten of those for whom it made the difference, evenly picked, each with the reason."""
    choice, message = about
    users = ghost.only_because(word, message)
    chosen = users[np.linspace(0, len(users) - 1, min(PEOPLE, len(users))).astype(int)].tolist()
    told = t("risk.ghost.people", n=number(len(chosen)), done=_did(t, ghost, word),
             all=number(len(users)))  # fmt: skip
    st.markdown(f"**{told}**")
    key = (ghost.scenario.identity, ghost.ghost.identity, ghost.seed, ghost.replicate,
           tuple(chosen))  # fmt: skip
    with st.spinner(t("risk.ghost.asking")):
        found = _reasons(key, ghost)
    columns = st.columns(IN_A_ROW, gap="small")
    for place, user in enumerate(chosen):
        with columns[place % IN_A_ROW], st.container(border=True, gap="xsmall"):
            _person(t, ghost, found[user], words(t, choice))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _reasons(key: tuple[Any, ...], _ghost: Ghost) -> dict[int, Reasons]:
    return reasons_of(_ghost, key[-1])


def _person(t: Texts, ghost: Ghost, reasons: Reasons, without: str) -> None:
    """Who she is, where the two runs part for her, and the rest on demand."""
    profile = profile_of(ghost.world, reasons.user)
    clause = without_words(ghost, language(t))
    told = without if t.lang == "en" else t("risk.ghost.if", without=without)
    lines = [plain(_reworded(line, clause, told)) for line in tell(reasons, ghost, language(t))]
    age = t("risk.ghost.age", age=profile.age)
    st.markdown(f"**{plain(profile.name)}** :small[:gray[{age}]]  \n{lines[0]}")
    if len(lines) > 1:
        st.markdown(f":small[{lines[-1]}]")
    if len(lines) > 2:
        with st.expander(t("risk.ghost.why")):
            st.markdown("\n".join(f"- {line}" for line in lines[1:-1]))


def _reworded(line: str, clause: str, told: str) -> str:
    """A sentence with the words of this page for what is missing, in place of a path."""
    for one, other in ((clause, told), (clause[:1].upper() + clause[1:],
                                        told[:1].upper() + told[1:])):  # fmt: skip
        line = line.replace(one, other)
    return line
