"""Controls: from the path of a field to a slider."""

from __future__ import annotations

from pathlib import Path

import pytest

from viralbots.scenario import load, override
from viralbots.ui.fields import control
from viralbots.ui.forms import label
from viralbots.ui.i18n import Texts

FILES = Path(__file__).parent / "files"
CHAIN = load(FILES / "chain_letter.yaml")
FAKE = load(FILES / "fake_ad.yaml")


def test_a_property_between_nought_and_one_is_a_share_with_its_mark() -> None:
    found = control(CHAIN, "message.threat")
    assert (found.kind, found.low, found.high, found.value) == ("share", 0, 1, 1)
    assert found.mark == "assumed"
    assert control(FAKE, "message.arousal").mark == "measured"


def test_minutes_are_asked_in_hours_and_named_after_their_intervention() -> None:
    found = control(FAKE, "interventions.0.start")
    assert (found.kind, found.value, found.owner) == ("minutes", 2880, "leak")
    assert label(Texts("en"), found) == "Exposure begins after"


def test_a_cell_of_the_table_has_its_range_and_a_name_in_both_languages() -> None:
    found = control(CHAIN, "rule.cells.forward.senders")
    assert (found.low, found.high, found.value) == (0.5, 1.0, 0.8)
    assert label(Texts("en"), found) == "Passing on: several senders"
    assert label(Texts("zh"), found) == "转发：多人发来"


def test_the_second_message_is_told_apart_from_the_first() -> None:
    assert control(FAKE, "messages.film.arousal").owner == ""
    assert control(FAKE, "messages.outcry.arousal").owner == "counter"


def test_what_may_be_left_unset_is_optional() -> None:
    assert control(CHAIN, "message.push_quota").optional
    assert not control(CHAIN, "message.threat").optional


def test_switches_and_choices_are_recognised() -> None:
    assert control(CHAIN, "message.is_false").kind == "switch"
    found = control(CHAIN, "message.offer")
    assert (found.kind, found.options[0]) == ("choice", "none")


@pytest.mark.parametrize("path", ["message.nothing", "messages.x.threat", "title.en.x", "x"])
def test_a_path_that_leads_nowhere_is_an_error(path: str) -> None:
    with pytest.raises(KeyError):
        control(CHAIN, path)


def test_every_control_of_the_library_is_found_and_named_in_both_languages() -> None:
    root = Path(__file__).resolve().parents[2] / "scenarios"
    for file in root.glob("*.yaml"):
        scenario = load(file)
        for path in scenario.controls:
            found = control(scenario, path)
            named = [label(Texts(lang), found) for lang in ("en", "zh")]
            assert named[0] != named[1], f"{file.name}: {path} has no name in texts/*.yaml"
            if found.value is not None:
                override(scenario, {path: found.value})
