"""What is dumped is read back: the same scenario, the same document, the same identity."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.scenario.documents import random_document
from viralbots.scenario import Scenario, dump, from_dict, from_text, load
from viralbots.scenario.dump import flow_yaml
from viralbots.scenario.file import parse_yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = [*sorted((ROOT / "scenarios").glob("*.yaml")), ROOT / "tests/golden/made_up.yaml"]


def assert_survives(scenario: Scenario) -> None:
    written = dump(scenario)
    again = from_text(written, "dumped")
    assert again == scenario
    assert again.message_names == scenario.message_names
    cells = [list(getattr(one.rule, "cells", ())) for one in (again, scenario)]
    assert cells[0] == cells[1]
    assert dump(again) == written
    if scenario.network.kind != "imported":  # its identity needs the file
        assert again.identity == scenario.identity


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_scenario_file_survives(path: Path) -> None:
    assert_survives(load(path))


def test_random_scenarios_survive() -> None:
    for number in range(25):
        assert_survives(from_dict(random_document(number)))


@pytest.mark.slow
def test_a_thousand_random_scenarios_survive() -> None:
    for number in range(1_000, 2_000):
        assert_survives(from_dict(random_document(number)))


def test_what_is_the_default_is_left_out_and_the_order_is_that_of_the_format() -> None:
    document = {
        "horizon_days": 30,
        "messages": {"ad": {"ease": 0.5, "value": 0.25, "channels": {"im": 2}}},
        "story": {"zh": "故事", "en": "Story"}, "title": {"zh": "标题", "en": "Title"},
        "seeding": [{"minute": 5, "count": 100, "message": "ad"}],
        "interventions": [{"start": 60, "limit": 3, "kind": "forward_limit", "messages": ["ad"]}],
        "name": "mine", "format": 1, "tags": ["short"], "network": {"kind": "default"},
    }  # fmt: skip
    assert dump(from_dict(document)) == (
        "format: 1\nname: mine\ntitle:\n  en: Title\n  zh: 标题\nstory:\n  en: Story\n  zh: 故事\n"
        "tags: [short]\nmessages:\n  ad:\n    value: 0.25\n    channels: {im: 2}\nseeding:\n"
        "- message: ad\n  minute: 5\ninterventions:\n- kind: forward_limit\n  start: 60\n"
        "  messages: [ad]\n  limit: 3\n"
    )


def test_a_message_with_nothing_of_its_own_is_an_empty_block() -> None:
    document = random_document(0) | {"messages": {"a": {}}, "seeding": [], "interventions": [],
                                     "controls": [], "claims": []}  # fmt: skip
    assert parse_yaml(dump(from_dict(document)).encode(), "")["messages"] == {"a": {}}  # type: ignore[index]


def test_minus_nought_is_nought() -> None:
    plain, minus = (random_document(7) | {"network": {}} for _ in range(2))
    first = next(iter(plain["messages"]))
    plain["messages"][first] |= {"ad_intensity": 0.0}
    minus["messages"][first] |= {"ad_intensity": -0.0}
    assert from_dict(minus).identity == from_dict(plain).identity
    assert_survives(from_dict(minus))


@pytest.mark.parametrize("number", range(15))
def test_any_plain_value_can_stand_on_one_line(number: int) -> None:
    luck = random.Random(number)
    value: object = luck.choice(list(random_document(number).values()))
    for written in (f"a: {flow_yaml(value)}\n", f"{{a: {flow_yaml(value)}, b: 1}}"):
        assert "\n" not in written.rstrip("\n")
        assert parse_yaml(written.encode(), "")["a"] == value  # type: ignore[index]
