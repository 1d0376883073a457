"""The JSON schema for editors: current, describing everything, agreeing with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.scenario.documents import random_document
from tests.scenario.test_file import BROKEN, with_field
from viralbots.errors import ScenarioError
from viralbots.rules.constants import DECLARED
from viralbots.scenario import from_dict
from viralbots.scenario.file import parse_yaml
from viralbots.scenario.schema import FILE, json_schema, schema_text

ROOT = Path(__file__).resolve().parents[2]
FILES = [*sorted((ROOT / "scenarios").glob("*.yaml")), ROOT / "tests/golden/made_up.yaml"]
SCHEMA = json_schema()


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema", reason="comes with streamlit")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def test_the_file_beside_the_scenarios_is_current() -> None:
    """To write it anew: viralbots new --schema > scenarios/scenario.schema.json"""
    stored = (ROOT / "scenarios" / FILE).read_text("utf-8")
    assert stored == schema_text(), "write it anew"


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_scenario_is_valid_by_it(path: Path, validator: Any) -> None:
    document = parse_yaml(path.read_bytes(), path.name)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_every_story_of_the_library_names_it_for_editors() -> None:
    for path in FILES[:-1]:
        first = path.read_text("utf-8").splitlines()[0]
        assert first == f"# yaml-language-server: $schema={FILE}", path.name


def test_random_scenarios_are_valid_by_it(validator: Any) -> None:
    for number in range(20):
        document = random_document(number)
        from_dict(document)
        assert validator.is_valid(document)


def test_it_finds_nearly_all_that_is_wrong_in_one_field(validator: Any) -> None:
    """What it cannot know is what does not fit together; everything else it does find."""
    together = []
    for path, value, _ in BROKEN:
        if isinstance(value, int) and value > 10**300:  # jsonschema itself fails to print it
            continue
        document = with_field(path, value)
        with pytest.raises(ScenarioError) as caught:
            from_dict(document)
        if validator.is_valid(document):
            together += [problem.code for problem in caught.value.problems]
    assert set(together) <= {
        "about_missing", "about_unwanted", "about_itself", "ages_over_one", "both_given",
        "category_without_brand", "count_over_users", "device_name", "kind_needs", "not_read",
        "no_channel", "nothing_to_leak", "unknown_class", "unknown_message", "unknown_rule",
        "unknown_field", "out_of_range", "wrong_type",
    }  # fmt: skip
    assert len(together) < len(BROKEN) / 3


def described(node: Any, path: str = "") -> list[str]:
    """Fields without a description."""
    missing = []
    for name, field in node.get("properties", {}).items():
        if not field.get("description") and "$ref" not in field:
            missing.append(f"{path}.{name}")
    return missing


def test_every_field_has_a_description_with_its_unit() -> None:
    blocks = {"": SCHEMA, **SCHEMA["$defs"]}
    assert [m for name, block in blocks.items() for m in described(block, name)] == []
    reward = SCHEMA["$defs"]["Message"]["properties"]["reward"]
    assert reward["unit"] == "money" and reward["description"].endswith("[money]")
    assert (reward["minimum"], reward["maximum"], reward["default"]) == (0, 1e6, 0)


def test_it_knows_every_cell_and_every_intervention() -> None:
    cells = SCHEMA["$defs"]["MainRule"]["properties"]["cells"]
    assert cells["properties"].keys() == DECLARED.keys()
    assert cells["additionalProperties"] is False
    kinds = [entry["$ref"] for entry in SCHEMA["properties"]["interventions"]["items"]["oneOf"]]
    assert len(kinds) == 26 and "#/$defs/Leak" in kinds
