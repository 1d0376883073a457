"""Every story of the library can be read, tells its story twice, and runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from viralbots.scenario import Scenario, load, override

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))
CHINESE = re.compile("[\u4e00-\u9fff]")

pytestmark = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def value_at(scenario: Scenario, path: str) -> object:
    node: object = scenario.model_dump(mode="python")
    for part in path.split("."):
        node = node[int(part)] if isinstance(node, list) else node[part]  # type: ignore[index]
    return node


def small(scenario: Scenario) -> Scenario:
    """The same story among 500 users, with 50 seeds a wave at most."""
    changes: dict[str, object] = {"network.n_users": 500}
    for number, wave in enumerate(scenario.seeding):
        changes[f"seeding.{number}.count"] = min(wave.count, 50)
    return override(scenario, changes)


def test_a_story_bears_the_name_of_its_file(path: Path) -> None:
    assert load(path).name == path.stem


def test_a_story_is_commented(path: Path) -> None:
    assert path.read_text("utf-8").startswith("# ")


def test_a_story_is_told_in_both_languages(path: Path) -> None:
    scenario = load(path)
    assert scenario.look_at is not None
    for text in (scenario.title, scenario.story, scenario.look_at):
        assert text.en.strip() and not CHINESE.search(text.en)
        assert CHINESE.search(text.zh)
        assert not re.search(f"{CHINESE.pattern} +{CHINESE.pattern}", text.zh), "a folded line"
    assert 60 <= len(scenario.story.en.split()) <= 130
    assert 100 <= len(scenario.story.zh) <= 300


def test_facts_are_told_apart_from_assumptions(path: Path) -> None:
    sources = load(path).sources
    assert sources
    kinds = r"(fact|fact \(direction only\)|assumed|calibrated|derived): "
    assert all(re.match(kinds, source) for source in sources)
    assert any(source.startswith("assumed: ") for source in sources)


def test_its_controls_are_fields_that_can_be_set(path: Path) -> None:
    scenario = load(path)
    assert 3 <= len(scenario.controls) <= 5
    for control in scenario.controls:
        same = override(scenario, {control: value_at(scenario, control)})
        assert same.identity == scenario.identity


def test_its_relatives_exist(path: Path) -> None:
    scenario = load(path)
    for name in filter(None, (scenario.twin, scenario.derived_from)):
        assert (FOLDER / f"{name}.yaml").exists(), f"there is no scenario {name!r}"
        assert name != scenario.name


def test_a_story_runs_in_a_small_world(path: Path) -> None:
    from viralbots.engine.simulate import simulate

    scenario = small(load(path))
    trace = simulate(scenario, seed=3)
    assert trace.messages == scenario.message_names
    assert trace.identity == scenario.identity
    assert trace.total("delivered") > 0
    assert 0 <= trace.total("reach") <= 500
    assert simulate(scenario, seed=3).digest == trace.digest
    assert simulate(scenario, seed=4).digest != trace.digest
