"""Who started the backlash, in one sentence above the table."""

from __future__ import annotations

import numpy as np
import streamlit as st

from viralbots.experiments.people import Query, adoptions_about
from viralbots.experiments.person import who_are
from viralbots.experiments.story import clock
from viralbots.interventions.levers import CLASSES
from viralbots.trace import COUNTER_START, SEED
from viralbots.ui.i18n import Texts, number, plain
from viralbots.ui.person_panel import ShownRun
from viralbots.ui.why_words import language

FIRST_WORDS = ("leaders",)
"""Classes of users that have a word of their own in the sentence."""


def say(t: Texts, run: ShownRun, query: Query) -> None:
    """Who spoke out first of her own accord, and who had been asked to."""
    told = sentence(t, run, query)
    if told:
        st.markdown(plain(told))


def sentence(t: Texts, run: ShownRun, query: Query) -> str:
    """The sentence; empty where the scenario tells of no beginning."""
    rows = adoptions_about(run.trace, query)
    begun, planned = rows[rows["kind"] == COUNTER_START], rows[rows["kind"] == SEED]
    lang, parts = language(t), []
    if len(begun):
        (who,) = who_are(run.world, np.array([int(begun["user"][0])]))
        when = clock(int(begun["minute"][0]), lang)
        parts.append(t("people.first_against.counter", name=who.name, when=when))
    if len(planned):
        minute = int(planned["minute"][0])
        is_first = not len(begun) or minute <= int(begun["minute"][0])
        n = int((planned["minute"] == minute).sum())
        values = {"n": number(n), "who": _class(t, run), "when": clock(minute, lang)}
        key = "seed" if is_first else "followed"
        at = 0 if is_first else len(parts)
        parts.insert(at, t(f"people.first_against.{key}", **values))
    return ("" if t.lang == "zh" else " ").join(parts)


def _class(t: Texts, run: ShownRun) -> str:
    """Who was asked to speak out, in a word."""
    asked = {getattr(one, "who", "") for one in run.scenario.interventions
             if getattr(one, "kind", "") == "leak"}  # fmt: skip
    word = next(iter(asked), "") if len(asked) == 1 else ""
    key = word if word in FIRST_WORDS and word in CLASSES else "anybody"
    return t(f"people.planned.{key}")
