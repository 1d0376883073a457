"""One decision in words: the verdict, and what the charts of `why_chart` show, as sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping

from viralbots import exact
from viralbots.experiments import story_words as words
from viralbots.experiments.arithmetic import amount_text, changes
from viralbots.experiments.decision import ONE, Decision, DeliveryStory
from viralbots.experiments.flips import what_would_change
from viralbots.experiments.person import Taken, Who
from viralbots.experiments.story import clock
from viralbots.experiments.story_words import of
from viralbots.experiments.words import Lang
from viralbots.rules.constants import DECLARED
from viralbots.ui.i18n import Texts
from viralbots.ui.why_steps import decimal, draw_text, signed, start_of, steps_of
from viralbots.world.message import Message
from viralbots.world.world import FEED_CHANNELS

MOST_FLIPS, MOST_WEIGHTS = 5, 3


def language(t: Texts) -> Lang:
    """The language of the texts, as stories know it."""
    return "zh" if t.lang == "zh" else "en"


def pronoun(who: Who, lang: str) -> tuple[str, str]:
    """She, her; he, his; it, its."""
    kind = "bot" if who.role == "bot" else who.profile.gender
    zh = words.PRONOUNS_ZH[kind]
    return (zh, zh) if lang == "zh" else words.PRONOUNS[kind]


def done(taken: Taken, lang: str) -> str:
    """What came of a decision, in a few words.

    A post is looked at rather than opened, and where places are few one applies.
    """
    delivery, decision = taken
    return of(words.DONE[_word(delivery, decision)][not decision.outcome], lang)


def _word(delivery: DeliveryStory, decision: Decision) -> str:
    if decision.name == "read" and delivery.channel in FEED_CHANNELS:
        return "look"
    return "request" if decision.name == "convert" and delivery.is_request else decision.name


def label(taken: Taken, lang: Lang, messages: Mapping[str, Message]) -> str:
    """A decision as an entry of a list: when, about what, what came of it, how likely it was."""
    delivery, decision = taken
    several = len(messages) > 1
    about = words.message_words(messages, delivery.message, lang) if several else ""
    parts = (clock(delivery.minute, lang), about, done(taken, lang) + _odds(decision, lang))
    return " · ".join(part for part in parts if part)


def _odds(decision: Decision, lang: str) -> str:
    shown = words.percent(decision.probability, lang)
    return f"（{shown}）" if lang == "zh" else f" ({shown})"


def verdict(t: Texts, who: Who, taken: Taken) -> str:
    """Chance, draw and outcome in one sentence."""
    _, decision = taken
    she, _ = pronoun(who, t.lang)
    chance = words.percent(decision.probability, t.lang)
    values = {"chance": chance, "draw": draw_text(decision, t.lang), "she": she}
    veto = next((veto for veto in decision.vetoes if veto.succeeded), None)
    if not decision.succeeded or veto is None:
        return t("why.verdict", done=done(taken, t.lang), **values)
    reason = words.veto_words(veto.name, t.lang)
    reason += words.chance(veto.probability, veto.draw, t.lang)
    return t("why.vetoed", would=of(words.VETOED[decision.name], t.lang), reason=reason, **values)


def sentences(t: Texts, who: Who, taken: Taken) -> list[str]:
    """What the charts show, for those who do not see them."""
    _, decision = taken
    start = start_of(decision)
    chance = words.percent(decision.probability, t.lang)
    began = words.percent(exact.sigmoid(start), t.lang)
    told = [t("why.starts", value=decimal(start / ONE), chance=began)]
    for step in steps_of(t, decision):
        key = "why.adds_to" if step.adds > 0 else "why.takes_from"
        group = of(words.GROUPS[step.group], t.lang)
        value, mark = decimal(abs(step.adds)), t(f"mark.{step.mark}")
        told.append(t(key, name=step.name, value=value, group=group, mark=mark))
    told.append(t("why.adds_up", value=decimal(decision.log_odds / ONE), chance=chance))
    return [*told, verdict(t, who, taken)]


def numbers(t: Texts, decision: Decision) -> list[dict[str, str]]:
    """Every term with its numbers: weight × value = contribution."""
    rows = []
    for term in decision.terms:
        means = words.sentence_of(term.cell, t.lang)
        if term.quantity is not None:
            name = of(words.QUANTITIES[term.quantity], t.lang)
            amount = amount_text(term.amount, term.quantity, t.lang)
            means += f"（{name}：{amount}）" if t.lang == "zh" else f" ({name}: {amount})"
        rows.append({
            t("why.influence"): t(f"term.{term.cell.split('.')[1]}"),
            t("why.group"): of(words.GROUPS[term.group], t.lang),
            t("why.weight"): decimal(term.weight),
            t("why.times"): decimal(term.factor),
            t("why.equals"): signed(term.contribution / ONE),
            t("why.mark"): t(f"mark.{DECLARED[term.cell].mark}"),
            t("why.means"): means,
        })  # fmt: skip
    return rows


def flips(t: Texts, decision: Decision) -> tuple[list[str], bool]:
    """What would have turned a decision, the easiest first.

    Returns
    -------
    list of str
        Each alone, everything else being equal.
    bool
        No person, tie or message could have been such: these are weights of the model.
    """
    found = what_would_change(decision)
    if any(flip.cell is None or flip.amount is not None for flip in found):
        return changes(decision, language(t), most=MOST_FLIPS), False
    now = {term.cell: term.weight for term in decision.terms}
    named = [(flip, now[flip.cell]) for flip in found if flip.cell and math.isfinite(flip.size)]
    told = [
        t("why.weight_flip", name=t(f"term.{str(flip.cell).split('.')[1]}"),
          then=decimal(flip.weight or 0.0), now=decimal(weight))
        for flip, weight in named[:MOST_WEIGHTS]
    ]  # fmt: skip
    return told, True
