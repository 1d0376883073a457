"""One person of a run: who she is, what happened, and why she decided as she did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from viralbots.experiments.person import (
    PersonView,
    Taken,
    Who,
    most_telling,
    person,
    turning_point,
)
from viralbots.experiments.story import things
from viralbots.scenario import Scenario
from viralbots.trace import Trace
from viralbots.ui import portrait
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.why_chart import chance_chart, why_chart
from viralbots.ui.why_steps import idle_names
from viralbots.ui.why_words import flips, label, language, numbers, pronoun, sentences
from viralbots.world.world import World

MOST_STORIES = 40  # kept for all visitors, a few hundred kB each
LARGE = 100_000  # users above whom a run is not repeated unasked
PARAGRAPHS = 5  # shown at once


@dataclass(frozen=True)
class ShownRun:
    """The run whose people are shown."""

    scenario: Scenario
    seed: int
    luck: int
    world: World
    trace: Trace

    @property
    def key(self) -> tuple[str, int, int]:
        """What the run is known by."""
        return self.scenario.identity, self.seed, self.luck


@st.cache_resource(max_entries=MOST_STORIES, show_spinner=False)
def _view(key: tuple[str, int, int], user: int, _scenario: Scenario, _world: World) -> PersonView:
    """A person's story, computed once: it takes one more run."""
    _, seed, luck = key
    return person(_scenario, _world, seed, luck, user)


def show(t: Texts, run: ShownRun, user: int, *, is_against: bool = False) -> None:
    """Show a person; of a large run only when asked to.

    Parameters
    ----------
    is_against : bool
        The account begins where she turned against it.
    """
    asked = (run.key, user)
    if run.world.n_users > LARGE and st.session_state.get("people.told") != asked:
        st.caption(t("people.tell_how", users=number(run.world.n_users)))
        if not st.button(t("people.tell"), key="people.tell"):
            return
        st.session_state["people.told"] = asked
    with st.spinner(t("people.replaying")):
        view = _view(run.key, user, run.scenario, run.world)
    _introduce(t, view.who)
    counters = [n for n, m in run.scenario.messages.items() if m.kind == "counter"]
    first = turning_point(view.decisions, counters) if is_against else None
    _tell(t, view, first)
    _explain(t, view, run.scenario, first)


def _introduce(t: Texts, who: Who) -> None:
    profile = who.profile
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="people.who"):
        st.image(portrait.svg(who), width=portrait.SIZE, alt="")
        st.markdown(f"### {plain(who.name)}", width="content")
    job = profile.job_in(t.lang)
    key = "line_own" if who.label else "line" if job else "line_no_job"
    line = t(
        f"people.person.{key}", age=profile.age, number=number(who.user),
        community=number(who.community),
        **({} if who.label else {"city": profile.city}), **({"job": job} if key == "line" else {}),
    )  # fmt: skip
    if who.n_followers is None:
        ties = t("people.person.ties", n=number(who.n_ties))
    else:
        followers = number(who.n_followers)
        ties = t("people.person.ties_and_followers", n=number(who.n_ties), followers=followers)
    st.markdown(plain(line + ("" if t.lang == "zh" else " ") + ties))
    words = [*([] if who.role == "person" else [who.role]), *profile.words]
    if words:
        badges = (f":gray-badge[{plain(t(f'people.is_persona.{word}'))}]" for word in words)
        st.markdown(" ".join(badges))


def _tell(t: Texts, view: PersonView, first: int | None) -> None:
    """Her story; from the decision on that is asked about, what came before folded away."""
    story = view.story[language(t)]
    st.markdown(f"#### {t('people.story')}")
    if first is not None:
        decided = view.decisions[first][0]
        at = next(k for k, thing in enumerate(things(view.told)) if thing is decided)
        if at:
            with st.expander(t("people.before", n=number(at))):
                st.markdown(_as_list(story[:at]))
        story = story[at:]
    st.markdown(_as_list(story[:PARAGRAPHS]))
    if len(story) > PARAGRAPHS:
        with st.expander(t("people.more", n=number(len(story) - PARAGRAPHS))):
            st.markdown(_as_list(story[PARAGRAPHS:]))


def _as_list(sentences: tuple[str, ...] | list[str]) -> str:
    return "\n".join(f"- {plain(sentence)}" for sentence in sentences)


def _explain(t: Texts, view: PersonView, scenario: Scenario, first: int | None) -> None:
    """A decision, chosen from all of them, with its arithmetic."""
    st.markdown(f"#### {t('why.title')}")
    taken = view.decisions
    if not taken:
        st.markdown(t("why.none"))
        return
    seen = {delivery.message for delivery, _ in taken}
    messages = {n: m for n, m in scenario.messages.items() if n in seen}
    names = [label(one, language(t), messages) for one in taken]
    place = st.selectbox(
        t("why.choose"), range(len(taken)), index=most_telling(taken) if first is None else first,
        format_func=lambda k: f"{k + 1}. {names[k]}",
        key=f"people.decision.{view.who.user}.{t.lang}.{first is not None}",
    )  # fmt: skip
    _show_decision(t, view, place)


def _show_decision(t: Texts, view: PersonView, place: int) -> None:
    who, taken = view.who, view.decisions[place]
    told = sentences(t, who, taken)
    st.markdown(f"**{plain(told[-1])}**", help=t("help.draw"))
    for name, spec in _drawn(t, view, place).items():
        in_words = told[-1] if name == "chance" else " ".join(told[:-1])
        st.vega_lite_chart(spec, width="stretch", alt=in_words, key=f"people.{name}")
    idle = idle_names(t, taken[1])
    names = ("、" if t.lang == "zh" else ", ").join(idle)
    notes = [t("why.how"), t("why.pale"), *([t("why.idle", names=names)] if idle else [])]
    st.caption(plain(("" if t.lang == "zh" else " ").join(notes)))
    with st.expander(t("why.in_words"), key="people.in_words", on_change="rerun"):
        st.markdown(_as_list(told))
        st.dataframe(numbers(t, taken[1]), hide_index=True)
    _show_changes(t, who, taken)


def _drawn(t: Texts, view: PersonView, place: int) -> dict[str, dict[str, Any]]:
    """Both charts; a drawing is kept, because every click on the page shows it again."""
    memory, theme = st.session_state, st.context.theme.type or "light"
    decision = view.decisions[place][1]
    drawn: tuple[object, dict[str, dict[str, Any]]] | None = memory.get("people.drawn")
    if drawn is None or drawn[0] != (decision, t.lang, theme):
        charts = {
            "why": why_chart(t, decision, theme=theme).to_dict(),
            "chance": chance_chart(t, decision, theme=theme).to_dict(),
        }
        memory["people.drawn"] = drawn = ((decision, t.lang, theme), charts)
    return drawn[1]


def _show_changes(t: Texts, who: Who, taken: Taken) -> None:
    """What would have had to be different."""
    _, her = pronoun(who, t.lang)
    st.markdown(f"#### {t('why.flips', her=her)}")
    told, is_of_weights = flips(t, taken[1])
    if is_of_weights:
        st.markdown(t("why.no_flip"))
    if told:
        st.markdown(_as_list(told))
        st.caption(t("why.flips_how"))
