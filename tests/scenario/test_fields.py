"""Every field of the format says what it is, in which unit, in both languages."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from viralbots.errors import ScenarioError
from viralbots.rules.constants import DECLARED
from viralbots.scenario import Scenario, from_dict
from viralbots.scenario.fields import UNITS, _chinese, cell_note, models, note_at, notes
from viralbots.scenario.problems import written_fields
from viralbots.world.message import Unit

NOTES = list(notes())
CHINESE = re.compile("[\u4e00-\u9fff]")
TEXT = {"en": "-", "zh": "-"}


def test_all_parts_of_a_file_are_covered() -> None:
    assert {"Scenario", "Message", "Wave", "WorldSpec", "PopulationSpec", "MainRule", "Trigger",
            "Claim", "Check", "Arm", "Text", "Leak", "Scandal"} <= models().keys()  # fmt: skip
    assert len(NOTES) > 120


def test_every_field_is_described_in_both_languages() -> None:
    for note in NOTES:
        where = f"{note.model}.{note.name}"
        assert 5 <= len(note.meaning["en"]) <= 220, where
        assert CHINESE.search(note.meaning["zh"]), f"{where} is missing in scenario/fields.zh.yaml"
        assert note.meaning["zh"].endswith("。") and note.label["zh"], where


def test_no_chinese_text_is_left_over() -> None:
    known = {(note.model, note.name) for note in NOTES}
    told = {(m, f) for m, fields in _chinese("scenario/fields.zh.yaml").items() for f in fields}
    assert told - known == set()


def test_every_number_has_a_unit_and_only_numbers_have() -> None:
    assert set(get_args(Unit)) == set(UNITS)
    schema = Scenario.model_json_schema(by_alias=True)
    blocks = {**schema["$defs"], "Scenario": schema}
    for model in models().values():
        for name in written_fields(model):
            field = blocks[model.__name__]["properties"][name]
            is_number = bool(re.search("'(integer|number)'", str(field)))
            is_number &= name not in ("format", "difficulty")  # words that happen to be numbers
            told = re.findall(r"'unit': '([a-z -]+)'", str(field))
            assert is_number == bool(told), f"{model.__name__}.{name}: {told}"
            assert set(told) <= set(UNITS)


def test_every_cell_of_the_table_has_a_unit_and_a_meaning() -> None:
    for name in DECLARED:
        note = cell_note(name)
        assert note.unit in UNITS and CHINESE.search(note.meaning["zh"])
    assert cell_note("forward.tie").unit == "log-odds"
    assert cell_note("wait.im").unit == "minutes"


def test_the_field_at_a_path_is_found() -> None:
    scenario = from_dict({
        "format": 1, "name": "a", "title": TEXT, "story": TEXT, "messages": {"ad": {}},
        "seeding": [{"message": "ad"}], "interventions": [{"kind": "prebunk"}],
        "claims": [{"text": TEXT, "check": [{"metric": "reach", "is": "more", "value": 1}]}],
    })  # fmt: skip
    found = {path: note_at(scenario, path) for path in (
        "message.reward", "seeding[0].minute", "interventions.0.start", "interventions.0.strength",
        "network.population.elder", "message.channels.email", "rule.cells.forward.tie",
        "claims.0.check.0.is",
    )}  # fmt: skip
    assert [(n.model, n.name, n.unit) for n in found.values() if n] == [
        ("Message", "reward", "money"), ("Wave", "minute", "minutes"),
        ("Intervention", "start", "minutes"), ("Prebunk", "strength", "log-odds"),
        ("PopulationSpec", "elder", "share"), ("Message", "channels", "weight"),
        ("Cell", "forward.tie", "log-odds"), ("Check", "is", ""),
    ]  # fmt: skip
    assert note_at(scenario, "messages.ad") is None
    with pytest.raises(ScenarioError, match="did you mean 'reward'"):
        note_at(scenario, "message.rewar")
