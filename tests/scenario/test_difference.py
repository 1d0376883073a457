"""What two scenarios have different is told field by field, and nothing else is."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tests.scenario.documents import Document, random_changes, random_document
from viralbots.errors import ScenarioError
from viralbots.scenario import Scenario, dump, from_dict, from_text, load, override
from viralbots.scenario.difference import ABSENT, Change, difference

ROOT = Path(__file__).resolve().parents[2]
TEXT = {"en": "-", "zh": "-"}
STORY: Document = {
    "format": 1, "name": "story", "title": TEXT, "story": TEXT,
    "messages": {"ad": {"brand": "b"}, "no": {"kind": "counter", "about": "ad"}},
    "seeding": [{"message": "ad", "count": n} for n in (10, 20, 30)],
    "interventions": [{"kind": "prebunk", "start": 60}, {"kind": "forward_limit"}],
}  # fmt: skip


def told(before: Scenario, after: Scenario) -> list[tuple[str, Any, Any]]:
    return [(c.path, c.before, c.after) for c in difference(before, after)]


def changed(**changes: Any) -> list[tuple[str, Any, Any]]:
    scenario = from_dict(STORY)
    return told(
        scenario, override(scenario, {k.replace("__", "."): v for k, v in changes.items()})
    )


def test_a_scenario_does_not_differ_from_itself() -> None:
    for number in range(5):
        scenario = from_dict(random_document(number))
        assert difference(scenario, from_text(dump(scenario))) == []


def test_a_field_left_out_equals_its_default() -> None:
    assert changed(message__sponsored=True, message__converts=True, messages__no__converts=False,
                   interventions__1__start=0, horizon_days=30, network__n_users=10_000,
                   ) == []  # fmt: skip
    erdos: Document = {"kind": "erdos_renyi"}
    a, b = (from_dict(STORY | {"network": n}) for n in (erdos, erdos | {"mean_degree": 10}))
    assert difference(a, b) == []
    cells = from_dict(STORY | {"rule": {"cells": {"forward.tie": 0.8}}})
    assert difference(from_dict(STORY), cells) == []


def test_fields_are_told_one_by_one() -> None:
    assert changed(message__value=0.5, network__population__elder=0.25, seeding__1__who="hubs",
                   title={"en": "x", "zh": "-"}, rule__cells={"forward.tie": 1},
                   message__channels={"im": 2}, message__push_quota=4) == [
        ("title.en", "-", "x"),
        ("network.population.elder", 0.10, 0.25),
        ("messages.ad.value", 0.3, 0.5),
        ("messages.ad.channels.im", ABSENT, 2),
        ("messages.ad.channels.email", 1, ABSENT),
        ("messages.ad.push_quota", None, 4),
        ("seeding[1].who", "random", "hubs"),
        ("rule.cells.forward.tie", 0.8, 1.0),
    ]  # fmt: skip


def test_waves_that_move_up_are_not_different() -> None:
    waves = STORY["seeding"]
    assert changed(seeding=[waves[0], waves[2]]) == [
        ("seeding[1]", {"message": "ad", "count": 20}, ABSENT)]  # fmt: skip
    assert changed(seeding=[{"message": "no", "count": 3}, *waves]) == [
        ("seeding[0]", ABSENT, {"message": "no", "count": 3})]  # fmt: skip
    assert changed(seeding=[waves[0], {**waves[1], "minute": 9}, waves[2]]) == [
        ("seeding[1].minute", 0, 9)]  # fmt: skip


def test_interventions_belong_together_by_kind() -> None:
    kinds = STORY["interventions"]
    assert changed(interventions=[{"kind": "filter"}, kinds[0], {**kinds[1], "limit": 1}]) == [
        ("interventions[0]", ABSENT, {"kind": "filter"}), ("interventions[2].limit", 5, 1),
    ]  # fmt: skip
    assert changed(interventions=[kinds[1]]) == [
        ("interventions[0]", {"kind": "prebunk", "start": 60}, ABSENT)]  # fmt: skip


def test_a_message_with_another_name_is_compared_with_its_counterpart() -> None:
    letter = load(ROOT / "scenarios/chain_letter.yaml").model_dump(mode="python", by_alias=True)
    text = {**letter, "claims": [], "controls": [], "twin": None}
    wave = {**letter["seeding"][0], "message": "greeting"}
    one = {**letter["messages"]["letter"], "value": 0.3, "threat": 0.0, "push_quota": None}
    other = {**text, "messages": {"greeting": one}, "seeding": [wave]}
    found = difference(from_dict(text), from_dict(other))
    assert [(c.path, c.what, c.before, c.after) for c in found if not c.is_text] == [
        ("messages.greeting", "renamed", "letter", "greeting"),
        ("messages.greeting.value", "changed", 0.05, 0.3),
        ("messages.greeting.threat", "changed", 1, 0),
        ("messages.greeting.push_quota", "changed", 10, None),
    ]


def test_messages_are_added_removed_and_moved() -> None:
    messages = STORY["messages"]
    third = messages | {"third": {"value": 0.5}}
    assert changed(messages=third) == [("messages.third", ABSENT, {"value": 0.5})]
    a, b = from_dict(STORY | {"messages": third}), from_dict(STORY)
    assert told(a, b) == [("messages.third", {"value": 0.5}, ABSENT)]
    turned = from_dict(STORY | {"messages": dict(reversed(messages.items()))})
    assert [(c.path, c.what) for c in difference(b, turned)] == [("messages", "moved")]


def test_a_change_says_what_its_field_is() -> None:
    scenario = from_dict(STORY)
    (change,) = difference(scenario, override(scenario, {"message.reward": 2}))
    assert change.note is not None and not change.is_text
    assert (change.note.unit, change.note.label["zh"]) == ("money", "转发奖励")
    assert json.loads(json.dumps(change.as_data()))["after"] == 2
    (title,) = difference(scenario, override(scenario, {"title.zh": "新"}))
    assert title.is_text
    added = Change("seeding[0]", ABSENT, {"message": "ad"}, "added")
    assert "before" not in added.as_data()


def check_random_difference(number: int) -> bool:
    """Nothing that decides differs exactly where the identities are equal (files aside)."""
    luck = random.Random(number)
    data = random_document(number) | {"network": {"n_users": 10_000}}
    before = from_dict(data)
    try:
        after = override(before, random_changes(luck, data))
    except ScenarioError:
        return False
    found = difference(before, after)
    assert all(isinstance(change.as_data(), dict) for change in found)
    decisive = [change for change in found if not change.is_text]
    if before.identity == after.identity:
        assert decisive == []
    elif not decisive:  # only defaults written out, as messages.x.converts: true
        assert "appeals" in str(found) or before.dynamic() != after.dynamic()
    assert {c.path for c in difference(after, before) if c.what == "changed"} == {
        c.path for c in found if c.what == "changed"} or any(
        c.what != "changed" for c in found)  # fmt: skip
    return bool(found)


def test_random_differences_agree_with_the_identity() -> None:
    assert sum(check_random_difference(number) for number in range(20)) > 12
