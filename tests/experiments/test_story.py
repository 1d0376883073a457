"""Stories, arithmetic and the command `why`, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.random_worlds import random_case
from viralbots import cli
from viralbots.experiments.replay import UserStory, replay
from viralbots.experiments.story import changes, clock, name_of, story, why
from viralbots.experiments.story_words import QUANTITIES, sentence_of
from viralbots.rules.decision_table import CELLS, VARIABLES
from viralbots.scenario import Scenario
from viralbots.world.profiles import profile_of
from viralbots.world.world import World

LANGS = ("en", "zh")


@pytest.fixture(scope="module")
def case() -> tuple[Scenario, World, dict[int, UserStory]]:
    scenario, world = random_case(19)
    return scenario, world, replay(scenario, 19, range(world.n_users), world=world)


def test_minutes_become_weekdays_and_times() -> None:
    assert [clock(m) for m in (0, 365, 959, 960)] == [
        "Monday 08:00", "Monday 14:05", "Monday 23:59", "Tuesday 00:00",
    ]  # fmt: skip
    assert clock(7 * 1440) == "Monday 08:00 (day 8)"
    assert clock(7 * 1440, "zh") == "周一08:00（第8天）"


def test_every_cell_and_variable_has_words_in_both_languages() -> None:
    for cell in CELLS:
        assert re.search("[\u4e00-\u9fff]", sentence_of(cell, "zh"))
        assert sentence_of(cell, "en") == CELLS[cell].sentence
    assert set(VARIABLES) <= {*QUANTITIES, "paid_distance", "reputation_aware"}


@pytest.mark.parametrize("lang", LANGS)
def test_a_story_tells_everything_once_and_in_order(lang: str, case) -> None:  # type: ignore[no-untyped-def]
    scenario, world, stories = case
    for user, found in stories.items():
        told = story(found, world, scenario, lang)
        unasked = ("seed", "footer", "joined", "hijacked")
        others = sum(a.kind in unasked for a in found.adoptions)
        others += sum(not j.is_told for j in found.joins) + len(found.events)
        assert len(told) == max(1, len(found.deliveries) + others)
        text = "\n".join(told)
        assert "\0" not in text and "{" not in text and "None" not in text
        assert profile_of(world, user).name in told[0]
        for delivery in found.deliveries:
            assert delivery.source is None or name_of(world, delivery.source) in text


def test_chinese_stories_have_no_english_words(case) -> None:  # type: ignore[no-untyped-def]
    scenario, world, stories = case
    names = {
        w for u in stories for p in [profile_of(world, u)] for w in f"{p.name} {p.job}".split()
    }
    allowed = names | {*scenario.message_names, *scenario.brands}
    for found in stories.values():
        for paragraph in story(found, world, scenario, "zh"):
            for word in re.findall(r"[A-Za-z_][\w'-]*", paragraph, re.ASCII):
                assert any(word in known for known in allowed), paragraph


@pytest.mark.parametrize("lang", LANGS)
def test_the_arithmetic_adds_up_as_printed(lang: str, case) -> None:  # type: ignore[no-untyped-def]
    for found in case[2].values():
        for delivery in found.deliveries:
            for decision in delivery.decisions:
                lines = why(decision, lang)
                text = "\n".join(lines).replace("\N{MINUS SIGN}", "-")
                rows = re.findall(r"^ *([-+\d.]+) × +([-+\d.]+) = +([-+\d.]+) ", text, re.M)
                assert len(rows) == sum(bool(t.contribution) for t in decision.terms)
                for weight, factor, contribution in rows:
                    bound = 0.001 + 0.0006 * (abs(float(weight)) + abs(float(factor)))
                    assert float(weight) * float(factor) == pytest.approx(
                        float(contribution), abs=bound
                    )
                total = float(re.findall(r"σ\(([-+\d.]+)\)", text)[0])
                assert sum(float(r[2]) for r in rows) == pytest.approx(
                    total, abs=0.001 * len(rows)
                )
                assert lines[-1].startswith("→")
                assert len(changes(decision, lang)) <= 3


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["why", *words]) == 0
    return capsys.readouterr().out


def test_the_command_tells_and_explains(capsys: pytest.CaptureFixture[str], root: Path) -> None:
    file = str(root / "scenarios" / "tell_a_friend.yaml")
    small = ("--set", "network.n_users=600")
    told = run(capsys, file, "adopter", *small)
    assert "passed it on: sent it" in told and "Pass it on?" in told and "log-odds" in told
    assert "转发了它" in run(capsys, file, "adopter", *small, "--lang", "zh")
    data = json.loads(run(capsys, file, "adopter", *small, "--json", "--seed", "3"))
    assert data["adoptions"][0]["kind"] == "decided"
    assert data["deliveries"][0]["decisions"][0]["terms"][0]["cell"] == "read.const"
