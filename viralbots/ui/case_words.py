"""What is said of a case at a glance: its mark, its tags, how hard it is, how its story begins."""

from __future__ import annotations

import re
from collections.abc import Mapping

from viralbots.scenario import Scenario
from viralbots.ui.i18n import Texts, plain

CLEAN, TACTIC = "clean", "tactic"
MARK_TAGS = ("dirty", "clean twin", "clean")  # said by the mark, so not again as a tag
OPENING = {"en": 150, "zh": 60}
"""Characters after which the beginning of a story stops, at the end of a sentence."""
LONGEST = {"en": 260, "zh": 110}
_SENTENCE = {"en": re.compile(r"(?<=[.!?])\s+"), "zh": re.compile(r"(?<=[。！？])")}
NO_BREAK, WIDE = "\u00a0", "\u2002"
_COLOURS = {CLEAN: "green", TACTIC: "orange"}


def is_clean(case: Scenario) -> bool:
    """Whether a case is the decent way to the same end."""
    return any(tag.startswith("clean") for tag in case.tags)


def mark_of(case: Scenario, cases: Mapping[str, Scenario]) -> str | None:
    """``clean``, ``tactic``, or None for a case that is neither."""
    if is_clean(case):
        return CLEAN
    twin = cases.get(case.twin or "")
    has_clean_twin = twin is not None and is_clean(twin)
    return TACTIC if has_clean_twin or "dirty" in case.tags else None


def tags_of(case: Scenario) -> list[str]:
    """The tags to show beside the mark."""
    return [tag for tag in case.tags if tag not in MARK_TAGS]


def tag_label(t: Texts, tag: str) -> str:
    """A tag in the reader's language, or as it is where it has no translation; as Markdown."""
    return _translated(t, tag) or plain(tag)


def _translated(t: Texts, tag: str) -> str | None:
    return t.get("gallery.tags." + re.sub(r"\W+", "_", tag.casefold()))


def badges(t: Texts, case: Scenario, mark: str | None) -> str:
    """Mark and difficulty."""
    told = []
    if mark is not None:
        told.append(f":{_COLOURS[mark]}-badge[{t(f'gallery.mark.{mark}')}]")
    if case.difficulty is not None:
        dots = "●" * case.difficulty + "○" * (3 - case.difficulty)
        told.append(f":gray-badge[{dots} {t(f'gallery.difficulty.{case.difficulty}')}]")
    return " ".join(told)


def tag_badges(t: Texts, tags: list[str]) -> str:
    """Tags, small; a line breaks between them, not inside."""
    labels = (tag_label(t, tag).replace(" ", NO_BREAK) for tag in tags)
    return WIDE.join(f":small[:gray[\\#{text}]]" for text in labels)


def opening(text: str, lang: str) -> str:
    """The first sentences of a story.

    >>> opening("One. Two. " + "Three " * 40 + ".", "en")
    'One. Two.\\xa0…'
    >>> opening("很短。", "zh")
    '很短。'
    """
    parts = [part for part in _SENTENCE[lang].split(text.strip()) if part]
    told = ""
    for part in parts:
        if told and len(told) + len(part) > OPENING[lang]:
            break
        told += part if lang == "zh" or not told else f" {part}"
    if len(told) > LONGEST[lang]:
        return told[: LONGEST[lang]].rstrip() + "…"
    return (
        told
        if told == text.strip() or len(told) >= len(text.strip()) - 1
        else f"{told}{NO_BREAK}…"
    )


def fits(case: Scenario, words: str, tags: list[str]) -> bool:
    """Whether each word is somewhere in title, story or tags, and every tag is one of its tags.

    Both languages are searched, whatever the page speaks.
    """
    texts = (case.name, case.title.en, case.title.zh, case.story.en, case.story.zh, *case.tags)
    translated = (_translated(Texts("zh"), tag) for tag in case.tags)
    told = "\n".join((*texts, *filter(None, translated))).casefold()
    return set(tags) <= set(case.tags) and all(w in told for w in words.casefold().split())
