"""Every measure and every kind of bots has a small story of its own that runs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from viralbots.engine.simulate import simulate
from viralbots.interventions import INTERVENTIONS
from viralbots.interventions.bots import BOTS
from viralbots.scenario import load
from viralbots.scenario.reads import idle
from viralbots.world.assemble import build
from viralbots.world.spec import WorldSpec
from viralbots.world.world import World

FOLDER = Path(__file__).resolve().parents[2] / "scenarios" / "interventions"
KINDS = sorted({**INTERVENTIONS, **BOTS})
CHINESE = re.compile("[\u4e00-\u9fff]")


@cache
def world_of(spec: str) -> World:
    return build(WorldSpec.model_validate_json(spec))


def test_each_kind_has_its_story_and_no_story_is_left_over() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_short_commented_and_told_in_both_languages(kind: str) -> None:
    text = (FOLDER / f"{kind}.yaml").read_text("utf-8")
    scenario = load(FOLDER / f"{kind}.yaml")
    assert scenario.name == kind
    assert re.search("^# [A-Z]", text, re.M)
    body = text[text.index("\nnetwork:") :].strip().splitlines()
    assert 5 <= len(body) <= 20
    assert scenario.try_this is not None
    for told in (scenario.title, scenario.story, scenario.try_this):
        assert told.en.strip() and not CHINESE.search(told.en) and CHINESE.search(told.zh)
    assert kind in {getattr(a, "kind", "") for _, a in scenario.actors}


@pytest.mark.parametrize("kind", KINDS)
def test_it_runs_and_its_measure_makes_a_difference(kind: str) -> None:
    scenario = load(FOLDER / f"{kind}.yaml")
    assert scenario.network.n_users <= 3000 and idle(scenario) == []
    world = world_of(scenario.network.model_dump_json())
    trace = simulate(scenario, 1, world=world)
    assert trace.total("reach") > 0
    at = next(k for k, (_, a) in enumerate(scenario.actors) if getattr(a, "kind", "") == kind)
    assert trace.started[at] >= 0, "it never began"
    rest = {field: list(getattr(scenario, field)) for field in ("interventions", "bots")}
    field = "interventions" if at < len(rest["interventions"]) else "bots"
    del rest[field][at if field == "interventions" else at - len(rest["interventions"])]
    without = simulate(scenario.model_copy(update=rest), 1, world=world)
    assert without.digest != trace.digest
