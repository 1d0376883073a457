"""Editing a person's file: the fields asked for change, and not one byte beside them."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.documents import Document, random_changes, random_document
from viralbots.errors import ScenarioError
from viralbots.scenario import dump, from_dict, from_text, load, override
from viralbots.scenario.dump import dump_yaml
from viralbots.scenario.edit import edit
from viralbots.scenario.file import parse_yaml
from viralbots.scenario.paths import place

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = sorted((ROOT / "scenarios").glob("*.yaml"))

MINE = """\
# My own file.
format: 1
name: letter   # three blanks before this
title: {en: A letter,   zh: 一封信}
story:
  en: >-  # folded
    It travels
    far.
  zh: "它在\\
    传播。"

network:  # small
    # very small
    n_users: 500

messages:
  letter:
    value:   0.3      # why
    brand:            # nobody yet
    channels:
      # two of them
      im: 1    # one
      email: 2 # two
    # the end of the letter
  denial: { kind: counter, about: letter }

seeding:
- message: letter   # first
  count: 10
-   {message: letter, count: 20,}
# the end"""


def comments(text: str) -> list[str]:
    """Comments as `commented` makes them, and lines that are comments."""
    return re.findall(r"^#.*|#(?: why| note| a: b)? \d+$", text, re.M)


@pytest.mark.parametrize(("changes", "before", "after"), [
    ({"name": "other"}, "name: letter   # three", "name: other   # three"),
    ({"title.en": "B, the # letter"}, "{en: A letter,   zh", "{en: 'B, the # letter',   zh"),
    ({"message.value": 1}, "value:   0.3      # why", "value:   1      # why"),
    ({"message.brand": "acme"}, "brand:            # nobody", "brand: acme            # nobody"),
    ({"message.channels.im": 3}, "im: 1    # one", "im: 3    # one"),
    ({"message.channels.sms": 1}, "email: 2 # two\n", "email: 2 # two\n      sms: 1\n"),
    ({"message.ease": 0.7}, "email: 2 # two\n", "email: 2 # two\n    ease: 0.7\n"),
    ({"messages.denial.ease": 0.7}, "about: letter }", "about: letter, ease: 0.7 }"),
    ({"network.n_users": 600}, "n_users: 500", "n_users: 600"),
    ({"network.seed": 2}, "n_users: 500\n", "n_users: 500\n    seed: 2\n"),
    ({"network.population.elder": 0.2}, "500\n", "500\n    population: {elder: 0.2}\n"),
    ({"seeding.0.count": 11}, "count: 10", "count: 11"),
    ({"seeding.0.who": "hubs"}, "count: 10\n", "count: 10\n  who: hubs\n"),
    ({"seeding[1].who": "hubs"}, "count: 20,}", "count: 20, who: hubs,}"),
    ({"messages.denial.channels.im": 2}, "about: letter }",
     "about: letter, channels: {email: 1, im: 2} }"),
    ({"horizon_days": 7}, "count: 20,}\n", "count: 20,}\nhorizon_days: 7\n"),
    ({"rule.cells.forward.tie": 1}, "20,}\n", "20,}\nrule: {cells: {forward.tie: 1}}\n"),
    ({"story.en": "It's short."}, ">-  # folded\n    It travels\n    far.",
     "It's short.  # folded"),
    ({"story.zh": "两行\n文字"}, '"它在\\\n    传播。"', '"两行\\n文字"'),
    ({"message.channels": {"video": 1}},
     "channels:\n      # two of them\n      im: 1    # one\n      email: 2 # two\n",
     "channels: {video: 1}\n      # two of them\n # two\n"),
    ({"seeding": []}, "seeding:\n- message: letter   # first\n  count: 10\n"
     "-   {message: letter, count: 20,}\n", "seeding: []\n"),
    ({"seeding.0": {"message": "denial"}}, "- message: letter   # first\n  count: 10\n",
     "- {message: denial}\n"),
    ({"message.channels": {"im": 5, "email": 2, "sms": 1}},
     "im: 1    # one\n      email: 2 # two\n",
     "im: 5    # one\n      email: 2 # two\n      sms: 1\n"),
    ({"look_at": {"en": "a: b", "zh": "是"}}, "20,}\n", "20,}\nlook_at: {en: 'a: b', zh: 是}\n"),
    ({"message.value": 0.3, "network.n_users": 500, "message.brand": None}, "", ""),
])  # fmt: skip
def test_one_place_changes_and_nothing_else(changes: Document, before: str, after: str) -> None:
    assert MINE.count(before) == 1 or not before
    edited = edit(MINE, changes)
    assert edited == MINE.replace(before, after, 1)
    assert from_text(edited) == override(from_text(MINE), changes)


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends_and_the_mark_of_the_bytes_stay(ends: str) -> None:
    mine = "\ufeff" + MINE.replace("\n", ends)
    edited = edit(mine, {"horizon_days": 7, "message.value": 0.5})
    lines = edited.split(ends)
    assert edited.startswith("\ufeff# My own") and "\n" not in edited.replace(ends, "")
    assert lines[-2:] == ["horizon_days: 7", "# the end"]


def test_a_file_in_the_manner_of_json_is_edited_as_well() -> None:
    mine = (
        '{"format": 1, "name": "a", "title": {"en": "A", "zh": "一"},\n'
        ' "story": {"en": "A", "zh": "一"}, "messages": {"m": {}}}\n'
    )
    edited = edit(mine, {"message.value": 0.5, "horizon_days": 7})
    assert edited.endswith('"messages": {"m": {value: 0.5}}, horizon_days: 7}\n')


def test_true_is_another_value_than_one() -> None:
    """Where any value may stand: among the changes of a claim."""
    claim = "\nclaims: [{text: {en: x, zh: x}, check: [{metric: reach, is: more, value: 0, " \
        "arm: {changes: {message.is_false: 1}}}]}]"  # fmt: skip
    (changed,) = from_text(MINE + claim).model_dump()["claims"]
    changed["check"][0] = {"metric": "reach", "is": "more", "value": 0,
                           "arm": {"changes": {"message.is_false": True}}}  # fmt: skip
    edited = edit(MINE + claim, {"claims": [changed]})
    assert edited == MINE + claim.replace("is_false: 1", "is_false: true")


def test_an_entry_at_the_end_of_a_file_without_line_end() -> None:
    assert edit(MINE + "\ntags: [x]", {"twin": "y"}).endswith("\ntags: [x]\ntwin: y")


def test_what_cannot_be_is_refused_as_by_override() -> None:
    with pytest.raises(ScenarioError, match="messages.letter.value: must be between 0 and 1"):
        edit(MINE, {"message.value": 2})
    with pytest.raises(ScenarioError, match="did you mean 'value'"):
        edit(MINE, {"message.valu": 0.2})
    with pytest.raises(ScenarioError, match="line 1"):
        edit("{", {"message.value": 0.2})


def test_what_cannot_be_done_in_place_is_left_alone_and_told() -> None:
    """Without its intervention the control leads nowhere, and only a person can say what then."""
    mine = MINE + "\ninterventions: [{kind: prebunk}]\ncontrols: [interventions.0.strength]\n"
    with pytest.raises(ScenarioError) as caught:
        edit(mine, {"interventions": []})
    assert [p.code for p in caught.value.problems] == ["not_in_place", "empty_list"]
    assert edit(mine, {"interventions": [], "controls": []}).endswith(
        "\ninterventions: []\ncontrols: []\n"
    )


def another(value: object) -> object:
    """Another value of the same kind; a word stays, since it may be one of a few."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return 0.5 * value if isinstance(value, float) else value


@pytest.mark.parametrize("path", LIBRARY, ids=[path.stem for path in LIBRARY])
def test_every_control_of_the_library_can_be_edited(path: Path) -> None:
    document, scenario = path.read_text("utf-8"), load(path)
    for control in scenario.controls:
        node, key = place(scenario.model_dump(mode="python"), control, "", add=False)
        change = {control: another(node[key])}
        edited = edit(document, change)
        assert from_text(edited) == override(scenario, change)
        assert comments(edited) == comments(document)


# At random ---------------------------------------------------------------------------------


def commented(luck: random.Random, document: Document) -> str:
    """A document as somebody may write it: comments, blank lines, flow and block mixed."""
    text = dump(from_dict(document)) if luck.random() < 0.7 else dump_yaml(document)
    lines = []
    for number, line in enumerate(text.splitlines()):
        simple = re.fullmatch(r" *(- )?[\w.]+:( [\w.]+| '[^']*'| \{.*\}| \[.*\])?", line)
        if simple and luck.random() < 0.3:
            line += luck.choice(("  # why", "     # a: b", " #")) + f" {number}"
        if simple and not line.lstrip().startswith("-") and luck.random() < 0.1:
            blank = luck.choice(("", "\n"))
            line = f"{' ' * luck.randrange(4)}# note {number}\n{blank}{line}"
        lines.append(line)
    found = "\n".join(lines) + luck.choice(("\n", "", "\n# the end\n", "\n...\n"))
    return found if parse_yaml(found.encode(), "") == parse_yaml(text.encode(), "") else text


def check_random_edit(number: int) -> str:
    """Edit a random document; what became of it: edited, refused or not in place."""
    luck = random.Random(number)
    data = random_document(number)
    document, changes = commented(luck, data), random_changes(luck, data)
    before = from_text(document)
    try:
        wanted = override(before, changes)
    except ScenarioError:
        with pytest.raises(ScenarioError):
            edit(document, changes)
        return "refused"
    try:
        edited = edit(document, changes)
    except ScenarioError as error:
        assert error.problems[0].code == "not_in_place", error
        return "not in place: " + "; ".join(map(str, error.problems[1:]))
    found = from_text(edited)
    assert found == wanted and found.message_names == wanted.message_names
    if not any(isinstance(value, dict | list | None) for value in changes.values()):
        assert comments(edited) == comments(document), changes
    assert_untouched(document, edited, changes)
    return "edited"


def assert_untouched(document: str, edited: str, changes: Document) -> None:
    """Of one change of a simple value, one place in one line is all that differs."""
    value: Any = next(iter(changes.values()))
    if len(changes) > 1 or isinstance(value, dict | list | None):
        return
    start, end = common(document, edited), common(document[::-1], edited[::-1])
    gone = document[start : len(document) - end]
    assert gone.count("\n") <= 3, gone  # a text of two lines is folded on three
    assert not re.search(r"#(?: why| note| a: b)? \d+$", gone, re.M), gone


def common(a: str, b: str) -> int:
    """How many characters two texts have in common from their beginnings on."""
    pairs = enumerate(zip(a, b, strict=False))
    return next((n for n, (x, y) in pairs if x != y), min(len(a), len(b)))


def test_random_edits_give_what_override_gives() -> None:
    became = [check_random_edit(number) for number in range(12)]
    assert became.count("edited") >= 8, became


@pytest.mark.slow
def test_many_random_edits_give_what_override_gives() -> None:
    became = [check_random_edit(number) for number in range(10_000, 10_600)]
    counts = {word: became.count(word) for word in sorted(set(became))}
    print(*(f"\n{n:5} {word}" for word, n in counts.items()))
    assert became.count("edited") > 500
    assert all(word in ("edited", "refused") or "empty_list" for word in counts)
