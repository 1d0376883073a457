"""A starter file is valid as it stands, and every field that it offers can be set."""

from __future__ import annotations

import re
from typing import Literal

import pytest

from viralbots.errors import ScenarioError
from viralbots.interventions import INTERVENTIONS
from viralbots.interventions.bots import BOTS
from viralbots.rules.constants import DEFAULTS
from viralbots.scenario import Wave, from_text
from viralbots.scenario.problems import written_fields
from viralbots.scenario.reads import idle
from viralbots.scenario.template import _width, template
from viralbots.world.message import Message

FIELD = re.compile(r"^( *)# ([a-z_]+: .*)$", re.M)


def kind(word: str) -> tuple[tuple[str, str], ...]:
    return (("# kind: default", f"kind: {word}"),)


# Fields that fit only beside another one: what has to be written as well.
TOGETHER: dict[str, tuple[tuple[str, str], ...]] = {
    "about": (("# kind: message", "kind: counter"), ("letter:\n", "letter: {}\n  answer:\n")),
    "variant": (("# mutation: 0", "mutation: 0.1"), ("  letter:\n", "  remix: {}\n  letter:\n")),
    "category": (("# brand: acme", "brand: acme"),),
    "mean_degree": kind("erdos_renyi"), "rewire": kind("watts_strogatz"),
    "attach": kind("barabasi_albert"), "degrees": kind("configuration"), "blocks": kind("block"),
    "degree_inside": kind("block"), "degree_outside": kind("block"),
    "tie_strength": kind("erdos_renyi"), "path": kind("imported"),
    "directed": (*kind("imported"), ("# path: ", "path: ")),
}  # fmt: skip
Language = Literal["en", "zh"]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("full", [False, True])
def test_a_starter_file_is_valid_and_short_lines(lang: Language, full: bool) -> None:
    document = template("my_story", lang, full=full)
    scenario = from_text(document)
    assert scenario.name == "my_story" and idle(scenario) == []
    lines = document.splitlines()
    assert len(lines) < 50 or full
    assert all(_width(line) <= 99 for line in lines if "claims:" not in line)
    assert all(line == line.rstrip() for line in lines)
    if lang == "zh":
        assert not re.search(r"# [A-Z][a-z]+ [a-z]+ ", document), "an English comment"


def test_both_languages_offer_the_same_file() -> None:
    values = [
        [line.split("  #")[0] for line in template("a", lang, full=True).splitlines()
         if not line.lstrip("# ").startswith("#") and not re.match(" *## |# [^a-z]|#  +##", line)
         and ":" in line.split("  #")[0]]
        for lang in ("en", "zh")
    ]  # fmt: skip
    assert [v for v in values[0] if not v.startswith("# ")] == [
        v for v in values[1] if not v.startswith("# ")]  # fmt: skip


def test_a_full_file_offers_every_field() -> None:
    document = template("my_story", "en", full=True)
    block = document[document.index("messages:") : document.index("seeding:")]
    for name in written_fields(Message):
        assert re.search(rf"^    (# )?{name}: ", block, re.M), name
    block = document[document.index("seeding:") : document.index("network:")]
    for name in written_fields(Wave):
        assert re.search(rf"^    (# )?{name}: |^  - {name}: ", block, re.M), name
    for kind, model in INTERVENTIONS.items():
        assert f"#   - kind: {kind}" in document
        for name in model.model_fields:
            assert re.search(rf"^#  +(# |- )?{name}: ", document, re.M), name
    for kind in BOTS:
        assert f"#   - kind: {kind}" in document
    for cell in DEFAULTS:
        assert f"#     {cell}: " in document


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_field_offered_can_be_set_by_taking_the_mark_away(lang: Language) -> None:
    document = template("my_story", lang, full=True)
    plain = from_text(document)
    rest = document[: document.index("# interventions:")]
    n_fields = 0
    for block in rest.split("\n\n"):
        for found in FIELD.finditer(block):
            name = found[2].split(":")[0]
            written = block.replace(found[0], found[1] + found[2], 1)
            for old, new in TOGETHER.get(name, ()):
                written = written.replace(old, new, 1)
            scenario = from_text(rest.replace(block, written, 1))
            if "default not set" in found[2] or "默认不设" in found[2]:
                assert scenario != plain, name
            n_fields += 1
    assert n_fields > 60


@pytest.mark.parametrize("kind", [*INTERVENTIONS, *BOTS])
def test_every_intervention_and_kind_of_bots_offered_can_be_taken(kind: str) -> None:
    document = template("my_story", "zh", full=True)
    start = document.index(f"#   - kind: {kind}")
    end = re.search(r"\n#   - kind|\n\n", document[start + 5 :])
    assert end is not None
    entry = re.sub("^# ", "", document[start : start + 5 + end.start()], flags=re.M)
    entry = re.sub(r"^( +)# (?=(?!trigger)[a-z_]+: )", r"\1", entry, flags=re.M)
    before = "  - {kind: capacity}\n"  # so that there is something to scale up
    bots = "bots:\n  - {kind: amplifier, message: letter}\n"
    if kind in BOTS:
        bots, entry = "bots:\n" + entry + "\n", ""
    more = """  letter:
    is_false: true
    brand: acme
  answer: {kind: counter, about: letter}
  truth: {kind: correction, about: letter}
"""
    document = re.sub(r"  letter:\n(    .*\n)+", more, document)
    document = document.replace("    # operator_share: 0 ", "    operator_share: 0.1 ")
    scenario = from_text(document + bots + "interventions:\n" + before + entry + "\n")
    last = scenario.bots[0] if kind in BOTS else scenario.interventions[-1]
    assert getattr(last, "kind", "") == kind


def test_every_cell_offered_can_be_set() -> None:
    document = template("my_story", "en", full=True)
    rule = document[document.index("# rule:") : document.index("\nhorizon_days")]
    written = document.replace(rule, re.sub("^# ", "", rule, flags=re.M))
    assert from_text(written).rule.cells == DEFAULTS
    assert from_text(written).identity == from_text(document).identity


@pytest.mark.parametrize("name", ["", "../x", "My Story", "con", "a" * 65, "故事", "a: b"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(ScenarioError, match="name: "):
        template(name, "en")
