"""Texts in both languages, and numbers as people read them.

A text file is a tree of keys; `Texts` answers ``t("run.button")``. Placeholders are
written ``{name}``. A test holds the two files together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from viralbots.rules.sentences import sentences

LANGUAGES = {"en": "English", "zh": "中文"}
FOLDER = Path(__file__).parent / "texts"
A_MOMENT = 1.5  # seconds; below that nobody counts
GAP = "\u202f"  # narrow no-break space between groups of three digits
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")  # not those that keep a number together
_MEANING = re.compile(
    r"https?:|ftp:|www(?=\.)|(?<=\w)(?=@)|:(?=material[_/]|streamlit:)"
    r"|(?<!\S)(?:<->|->|<-|--|[<>~]=)(?!\S)", re.I
)  # fmt: skip
"""Where a link, an icon or an arrow would be made in spite of a backslash; an invisible joiner
keeps it from being made."""
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$:~&])")


@lru_cache(maxsize=4)
def read_texts(lang: str) -> dict[str, str]:
    """All texts of a language, keys joined by dots.

    Cells of the decision table have their sentences beside the rules, errors have theirs in
    `viralbots.problem_words`.
    """
    found = {f"cell.{name}": sentence for name, sentence in sentences(lang).items()}
    found |= _flat(yaml.safe_load((FOLDER / f"{lang}.yaml").read_text("utf-8")), "")
    return found


def _flat(tree: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, str(value).strip()))
    return found


@dataclass(frozen=True)
class Texts:
    """The texts of one language; call it with a key and the values to fill in."""

    lang: str

    def __call__(self, key: str, /, **values: object) -> str:
        return read_texts(self.lang)[key].format(**values)

    def get(self, key: str) -> str | None:
        """A text, or None where there is none."""
        return read_texts(self.lang).get(key)


def plain(text: object) -> str:
    """Text as Markdown that shows exactly these characters.

    For everything that does not come from the program itself: file names, labels of users,
    titles of scenarios, messages of errors. Line breaks and runs of blanks become one blank.

    Examples
    --------
    >>> plain("*a* :red[b]")
    '\\\\*a\\\\* \\\\:red\\\\[b\\\\]'
    """
    shown = _MEANING.sub("\\g<0>\N{WORD JOINER}", _BLANKS.sub(" ", str(text)))
    return _MARKUP.sub(r"\\\1", shown)


def number(value: float, digits: int = 0) -> str:
    """A number in groups of three; a dash where it is undefined.

    Examples
    --------
    >>> number(12345) == "12" + GAP + "345"
    True
    >>> number(float("nan"))
    '–'
    """
    if value != value:
        return "–"
    return f"{value:,.{digits}f}".replace(",", GAP).replace("-", "−")


def rounded(value: float) -> str:
    """A measured number with about three meaningful digits.

    Examples
    --------
    >>> rounded(0.01234), rounded(3.456), rounded(45.67)
    ('0.012', '3.46', '45.7')
    """
    size = abs(value)
    if value != value or size >= 100 or value == int(value):
        return number(value)
    return number(value, _digits(size))


def span(low: float, high: float) -> str:
    """Two measured numbers, equally exact: as many decimals as the larger one needs.

    Examples
    --------
    >>> span(30.04, 102.3), span(0.79, 1.064), span(0, 0.5)
    ('30–102', '0.79–1.06', '0.00–0.50')
    """
    if low != low or high != high:
        return "–"
    whole = low == int(low) and high == int(high)
    digits = 0 if whole else _digits(abs(high))
    return f"{number(low, digits)}–{number(high, digits)}"


def _digits(size: float) -> int:
    """Decimals that make about three meaningful digits."""
    limits = ((100, 0), (10, 1), (0.1, 2), (0.001, 3))
    return next((digits for limit, digits in limits if size >= limit), 5)


def takes(t: Texts, seconds: float) -> str:
    """How long something takes, in a sentence."""
    told = duration(t, seconds)
    return told if seconds < A_MOMENT else t("time.about", time=told)


def duration(t: Texts, seconds: float) -> str:
    """A time to wait, coarse on purpose."""
    if seconds < A_MOMENT:
        return t("time.moment")
    if seconds < 90:
        return t("time.seconds", n=round(seconds))
    if seconds < 5400:
        return t("time.minutes", n=round(seconds / 60))
    return t("time.hours", n=round(seconds / 3600))
