"""A commented file to begin with, in English or Chinese; valid as it stands.

What is set is what nearly every story sets. With ``full`` every other field follows as a
comment line with its default, unit and meaning: take the ``#`` away to set it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal, get_args, get_origin
from unicodedata import east_asian_width

from pydantic import BaseModel

from viralbots.interventions import INTERVENTIONS, Intervention
from viralbots.interventions.bots import BOTS, BotNet
from viralbots.rules import RULES
from viralbots.rules.constants import DEFAULTS
from viralbots.scenario.dump import flow_yaml, plain
from viralbots.scenario.fields import UNITS, cell_note, note
from viralbots.scenario.model import Scenario, Wave, from_text
from viralbots.scenario.money import Money
from viralbots.scenario.problems import default_of, models_in, written_fields
from viralbots.world.message import Message
from viralbots.world.shares import PopulationSpec
from viralbots.world.spec import WorldSpec

Language = Literal["en", "zh"]
WIDTH = 99

_WORDS: dict[str, dict[str, str]] = {
    "head": {
        "en": "A scenario of your own. Change it, then: viralbots run {name}.yaml",
        "zh": "您自己的场景。改好后运行：viralbots run {name}.yaml",
    },
    "editor": {
        "en": "Every problem is told with its place. Times are minutes; 1440 are a day.",
        "zh": "写错的地方都会逐一指出。时间以分钟计，1440分钟为一天。",
    },
    "full": {
        "en": "Fields behind # are not set and have their defaults; take the # away to set one.",
        "zh": "以 # 开头的字段没有设定，取默认值；去掉 # 即可设定。",
    },
    "more": {
        "en": "All fields with their meaning: viralbots new --full",
        "zh": "全部字段及其说明：viralbots new --full",
    },
    "title_en": {"en": "My story", "zh": "My story"},
    "title_zh": {"en": "我的故事", "zh": "我的故事"},
    "story_en": {"en": "Who sends what to whom?", "zh": "Who sends what to whom?"},
    "story_zh": {"en": "谁把什么发给了谁？", "zh": "谁把什么发给了谁？"},
    "default": {"en": "default {value}", "zh": "默认{value}"},
    "unset": {"en": "default not set", "zh": "默认不设"},
    "needed": {"en": "must be given", "zh": "必须给出"},
    "one": {"en": "one of {words}", "zh": "可选：{words}"},
    "interventions": {"en": "start, trigger, duration, messages and cost fit every kind",
                      "zh": "start、trigger、duration、messages和cost适用于每一种"},
    "bots": {"en": "start, trigger, duration and cost fit them as well",
             "zh": "start、trigger、duration和cost同样适用"},
    "instead": {"en": "Another rule in its place: {label}", "zh": "也可以换用另一条规则：{label}"},
    "cells": {"en": "Coefficients of the model; see `viralbots` page Model for their sources.",
              "zh": "模型的系数，来源见“模型”一页。"},
}  # fmt: skip


def template(name: str, lang: Language, *, full: bool = False) -> str:
    """A starter file.

    Parameters
    ----------
    name : str
        The scenario's name: a–z, 0–9 and _.
    lang : {"en", "zh"}
        Language of the comments.
    full : bool
        Every field there is, not only those that most stories set.

    Raises
    ------
    viralbots.errors.ScenarioError
        The name cannot be one.
    """
    lines = list(_lines(name, lang, full))
    document = "\n".join(lines) + "\n"
    from_text(document, name)
    return document


# A value to show where a field is not set by default, or cannot be left out.
_EXAMPLES: dict[str, Any] = {
    "Scenario.look_at": {"en": "Look at …", "zh": "看……"},
    "Scenario.try_this": {"en": "Try …", "zh": "试试……"},
    "Scenario.questions": [{"en": "Why?", "zh": "为什么？"}],
    "Scenario.difficulty": 1, "Scenario.own_harm": "H1",
    "Money.messages": ["letter"], "Costs.per_forward": 0.5,
    "Scenario.lesson": "my_lesson", "Scenario.tags": ["e-mail"],
    "Scenario.sources": ["assumed: all of it"], "Scenario.controls": ["messages.letter.value"],
    "Scenario.claims": [{"text": {"en": "Moving letters travel further.",
                                  "zh": "越打动人，传得越远。"},
                         "check": [{"metric": "reach", "is": "more",
                                    "arm": {"changes": {"messages.letter.arousal": 1}},
                                    "against": {}}]}],
    "Scenario.twin": "my_clean_twin", "Scenario.derived_from": "chain_letter",
    "WorldSpec.mean_degree": 10, "WorldSpec.rewire": 0.1, "WorldSpec.attach": 5,
    "WorldSpec.degrees": {"2": 0.5, "8": 0.5}, "WorldSpec.blocks": 10,
    "WorldSpec.degree_inside": 8, "WorldSpec.degree_outside": 2, "WorldSpec.tie_strength": 0.5,
    "WorldSpec.path": "my_network.csv", "WorldSpec.directed": False,
    "Message.about": "letter", "Message.brand": "acme", "Message.category": "food",
    "Message.sponsored": True, "Message.novelty_half_life_days": 7, "Message.converts": True,
    "Message.auto_contacts": 10, "Message.reminder_days": 7, "Message.variant": "remix",
    "Message.push_quota": 10, "Message.appeals": ["cool"],
    "Wave.channel": "email", "Wave.until_organic_share": 0.5,
    "Intervention.start": 1440, "Intervention.duration": 2880,
    "Intervention.messages": ["letter"],
    "Intervention.trigger": {"quantity": "reach_share", "above": 0.1, "message": "letter"},
    "TableAdjustment.cell": "forward.const", "TableAdjustment.channels": ["im"],
    "MessageFilter.channels": ["im"], "Leak.message": "answer", "Correction.message": "truth",
    "Affiliates.message": "letter", "Affiliates.channel": "video", "BotRemoval.bots": 0,
    "Breach.message": "letter", "Breach.counter": "answer", "LookUp.message": "letter",
    "Press.message": "letter", "Press.channel": "video", "BotNet.message": "letter",
}  # fmt: skip

_LETTER = {"topic": "general", "value": 0.3, "ease": 0.5, "arousal": 0.3,
           "channels": {"im": 1, "email": 1}}  # fmt: skip
_WAVE = {"message": "letter", "who": "random", "count": 100, "minute": 0}


def _lines(name: str, lang: Language, full: bool) -> Iterator[str]:
    yield from (f"# {line}" for line in (
        _WORDS["head"][lang].format(name=name), _WORDS["editor"][lang],
        _WORDS["full" if full else "more"][lang],
    ))  # fmt: skip
    yield from ("format: 1", f"name: {flow_yaml(name)}")
    for field in ("title", "story"):
        yield ""
        yield f"{field}:"
        yield from (f"  {code}: {_WORDS[f'{field}_{code}'][lang]}" for code in ("en", "zh"))
    yield ""
    if full:
        shown = {"format", "name", "title", "story", "network", "messages", "seeding",
                 "interventions", "rule", "horizon_days", "money", "bots"}  # fmt: skip
        yield from _fields(Scenario, {}, lang, full, skip=shown)
        yield ""
    yield "messages:"
    yield "  letter:"
    yield from _indented(_fields(Message, _LETTER, lang, full), 4)
    yield from ("", "seeding:")
    yield from _as_entry(_fields(Wave, _WAVE, lang, full))
    yield from ("", "network:")
    yield from _indented(_fields(WorldSpec, {"n_users": 10_000}, lang, full,
                                 skip={"population"}), 2)  # fmt: skip
    if full:
        yield "  population:"
        yield from _indented(_fields(PopulationSpec, {"elder": 0.1}, lang, full), 4)
        yield from ("", *_actors("interventions", INTERVENTIONS, Intervention, lang))
        yield from ("", *_actors("bots", BOTS, BotNet, lang), "", *_money(lang), "", *_rule(lang),
                    *_other_rules(lang))  # fmt: skip
    yield from ("", *_fields(Scenario, {"horizon_days": 30}, lang, False))


def _fields(
    model: type[BaseModel], given: dict[str, Any], lang: Language, full: bool,
    skip: Collection[str] = (),
) -> Iterator[str]:  # fmt: skip
    """The fields of a model, line by line: those given as they are, the others behind ``#``."""
    for name, field in written_fields(model).items():
        if name in given or (full and name not in skip):
            example = _EXAMPLES.get(f"{note(model, name).model}.{name}", _default(field))
            value = given.get(name, example)
            line = f"{name}: {flow_yaml(value)}"
            meaning = _meaning(model, name, None if name in given else value, lang)
            yield from _with_meaning(line if name in given else f"# {line}", meaning)


def _default(field: Any) -> Any:
    return plain(default_of(field))


def _meaning(model: type[BaseModel], name: str, shown: object, lang: Language) -> str:
    """One line on a field: what it is, its words or unit, its default unless that is shown."""
    found, field = note(model, name), written_fields(model)[name]
    text = found.meaning[lang] if lang == "en" else f"{found.label['zh']}：{found.meaning['zh']}"
    told = []
    if len(words := _choices(field)) > 1:
        told.append(_WORDS["one"][lang].format(words=", ".join(words)))
    if found.unit not in ("", "none", "quantity"):
        told.append(UNITS[found.unit][lang])
    default = _default(field)
    if field.is_required():
        told += [] if name == "kind" else [_WORDS["needed"][lang]]
    elif default is None or default == []:
        is_told = re.search("default|none|默认|不写", text, re.IGNORECASE)
        told += [] if is_told else [_WORDS["unset"][lang]]
    elif default != shown and not isinstance(default, dict | BaseModel):
        told.append(_WORDS["default"][lang].format(value=flow_yaml(default)))
    frame, separator = ("{} ({})", "; ") if lang == "en" else ("{}（{}）", "；")
    return frame.format(text.rstrip("。."), separator.join(told)) if told else text


def _choices(field: Any) -> list[str]:
    """The words that a field may be, none where it is free."""
    found: list[str] = []
    waiting = [field.annotation]
    while waiting:
        place = waiting.pop()
        if get_origin(place) is Literal:
            found += map(str, get_args(place))
        elif get_origin(place) is not dict:
            waiting += get_args(place)
    return found


def _with_meaning(line: str, meaning: str) -> Iterator[str]:
    """A line with its meaning behind it, or above it where that would be too long."""
    if _width(line) + 2 + _width(meaning) + 8 <= WIDTH:
        yield f"{line}  # {meaning}"
    else:
        yield from (f"## {part}" for part in _wrapped(meaning))
        yield line


def _width(text: str) -> int:
    """Columns of a text on a screen; a Chinese character takes two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _wrapped(text: str) -> list[str]:
    """Lines of a comment; Chinese is broken between characters, never inside a word."""
    if _width(text) == len(text):
        return textwrap.wrap(text, WIDTH - 10)
    lines = [""]
    for piece in re.findall(r"[\w.:]+[^\w\s]*|\s+|.", text, re.ASCII):
        if _width(lines[-1] + piece) > WIDTH - 10 and piece not in "，。；：、）”":
            lines.append("")
        lines[-1] += piece.lstrip() if not lines[-1] else piece
    return [line.rstrip() for line in lines]


def _indented(lines: Iterable[str], by: int) -> Iterator[str]:
    return (" " * by + line for line in lines)


def _as_entry(lines: Iterable[str]) -> Iterator[str]:
    """Lines as one entry of a list; the dash stands before the first field that is set."""
    is_begun = False
    for line in lines:
        is_set = not line.startswith("#")
        yield f"  - {line}" if is_set and not is_begun else f"    {line}"
        is_begun |= is_set


def _actors(
    field: str, kinds: Mapping[str, type[Intervention]], base: type[Intervention], lang: Language
) -> Iterator[str]:
    """An entry of each kind; the fields that all have are shown with the first."""
    yield f"# {field}:  # {_WORDS[field][lang]}"
    shared = set() if field == "interventions" else set(Intervention.model_fields)
    for kind, model in kinds.items():
        given = {"kind": kind, **_needed(model)}
        lines = _fields(model, given, lang, True, skip=shared)
        yield from (f"# {line}" for line in _as_entry(_kind_first(list(lines))))
        shared = set(Intervention.model_fields) | set(base.model_fields)


def _kind_first(lines: list[str]) -> list[str]:
    """The line with the kind, and what is said of it, in front."""
    at = next(n for n, line in enumerate(lines) if line.startswith("kind:"))
    start = at
    while start and lines[start - 1].startswith("##"):
        start -= 1
    return lines[start : at + 1] + lines[:start] + lines[at + 1 :]


def _needed(model: type[BaseModel]) -> dict[str, Any]:
    """Examples for the fields that a model cannot do without."""
    return {
        name: _EXAMPLES[f"{note(model, name).model}.{name}"]
        for name, field in written_fields(model).items()
        if field.is_required() and name != "kind"
    }


def _money(lang: Language) -> Iterator[str]:
    """Every field of money, behind marks; taken away, they set what is shown."""
    yield "# money:"
    parts = {name: field for name, field in written_fields(Money).items() if name != "messages"}
    yield from (f"#   {line}" for line in _shown(Money, ("messages",), lang))
    for name, field in parts.items():
        model = next(iter(models_in(field)))
        meaning = _meaning(Money, name, {}, lang)
        yield from (f"#   {line}" for line in _with_meaning(f"{name}:", meaning))
        yield from (f"#     {line}" for line in _shown(model, tuple(written_fields(model)), lang))


def _shown(model: type[BaseModel], names: Collection[str], lang: Language) -> Iterator[str]:
    """Fields of a model as they may be set."""
    fields = written_fields(model)
    examples = {
        name: _EXAMPLES.get(f"{note(model, name).model}.{name}", _default(fields[name]))
        for name in names
    }
    yield from _fields(model, examples, lang, False)


def _other_rules(lang: Language) -> Iterator[str]:
    """Rules to take instead; each takes other fields of messages and seeding."""
    for kind, model in RULES.items():
        if kind != "main":
            yield f"## {_WORDS['instead'][lang].format(label=model.card.label[lang])}"
            yield "## rule:"
            lines = _fields(model, {"kind": kind}, lang, True)
            yield from (f"##   {line.removeprefix('## ')}" for line in lines)


def _rule(lang: Language) -> Iterator[str]:
    yield from (f"# {line}" for line in ("rule:", "  kind: main", "  cells:"))
    yield f"#     ## {_WORDS['cells'][lang]}"
    for name in DEFAULTS:
        lines = _with_meaning(
            f"{name}: {flow_yaml(plain(DEFAULTS[name]))}", cell_note(name).meaning[lang]
        )
        yield from (f"#     {line}" for line in lines)
