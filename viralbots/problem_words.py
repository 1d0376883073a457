"""Errors in the reader's language, in one place for the command line and the app.

English is said where an error arises. For another language ``problem_words.LANGUAGE.yaml`` holds
a sentence for each code, with places for the values of the error. Where there is no sentence for
a code, or a value is missing, the reader gets the English one; a test finds both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from viralbots.errors import InputError, Problem, ViralbotsError

ENGLISH = "en"
MOST, MOST_ENTRIES = 200, 40  # characters of a value that a sentence repeats, entries of a list
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_NUMBERED = re.compile(r"(line|user) (\d+)")
_BOUNDS = ("gt", "ge", "lt", "le")


def say(problem: Problem, lang: str) -> str:
    """What is wrong, in one sentence, without the place.

    >>> problem = Problem("ease", "out_of_range", "must be at most 1, got 7", {"le": 1, "got": 7})
    >>> say(problem, "en"), say(problem, "zh")
    ('must be at most 1, got 7', '必须不超过1，这里是7。')
    """
    return _sentence(problem.code, problem.values, lang) or problem.text


def place(problem: Problem, lang: str) -> str:
    """Where it is: a path as written in the file, a line, or nothing.

    >>> place(Problem("line 12", "no_ties", ""), "zh")
    '第12行'
    """
    numbered = _NUMBERED.fullmatch(problem.path)
    if lang == ENGLISH or numbered is None:
        return problem.path
    return str(words(lang)["frame"][numbered[1]].format(n=numbered[2]))


def say_error(error: ViralbotsError, lang: str) -> str:
    """The whole message: of an input each problem with its place, a line each."""
    if lang == ENGLISH:
        return str(error)
    if not isinstance(error, InputError):
        return _sentence(error.code, error.values, lang) or str(error)
    frame = words(lang)["frame"]
    lines = [frame["source"].format(source=error.source, n=len(error.problems))]
    for problem in error.problems:
        where, text = place(problem, lang), say(problem, lang)
        lines.append(frame["problem"].format(place=where, text=text) if where else text)
    return "\n  ".join(lines)


@lru_cache(maxsize=4)
def words(lang: str) -> dict[str, Any]:
    """What the file of a language holds: ``frame``, ``bounds``, ``words``, ``sentences``."""
    text = (Path(__file__).parent / f"problem_words.{lang}.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def _sentence(code: str, values: Mapping[str, object], lang: str) -> str | None:
    """The sentence of a code, or None where there is none or a value that it needs is missing."""
    if lang == ENGLISH or code not in words(lang)["sentences"]:
        return None
    shown = {name: _shown(name, value, lang) for name, value in values.items()}
    if any(name in values for name in _BOUNDS):
        shown.setdefault("bounds", _bounds(shown, lang))
    told = ""
    for number, part in enumerate(_OPTIONAL.split(words(lang)["sentences"][code])):
        names = [name for _, name, _, _ in Formatter().parse(part) if name]
        if number % 2 and any(values.get(name, shown.get(name)) in ("", None) for name in names):
            continue  # what stands in brackets is left out where its value is
        if any(name not in shown for name in names):
            return None
        told += part.format_map(shown)
    return told


def _bounds(shown: Mapping[str, str], lang: str) -> str:
    """The range allowed, in words."""
    parts = words(lang)["bounds"]
    if "ge" in shown and "le" in shown:
        return str(parts["between"].format_map(shown))
    return str(parts["and"].join(parts[b].format_map(shown) for b in _BOUNDS if b in shown))


def _shown(name: str, value: object, lang: str) -> str:
    """A value as it stands in a sentence: short, and without what a terminal would obey."""
    if isinstance(value, Mapping):
        value = [f"{key}: {entry}" for key, entry in value.items()]
    if isinstance(value, list | tuple):
        entries = [_shown(name, entry, lang) for entry in value[:MOST_ENTRIES]]
        return str(words(lang)["frame"]["list"].join(entries))
    if isinstance(value, bool) or value is None:
        text = {True: "true", False: "false", None: "null"}[value]
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        text = str(int(value))
    else:
        text = str(value)
    text = str(words(lang)["words"].get(name, {}).get(text, text))
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if len(text) <= MOST else text[: MOST - 1] + "…"
