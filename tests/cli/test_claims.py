"""``viralbots claims`` decides, tells and remembers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from viralbots.cli.main import main

FILE = """
format: 1
name: small
title: {en: Small, zh: 小}
story: {en: It stirs., zh: 动人。}
network: {n_users: 300}
horizon_days: 3
messages: {joke: {value: .8, arousal: .9, channels: {im: 1}}}
seeding: [{message: joke, count: 10}]
claims:
  - text: {en: What stirs is passed on., zh: 动人的会被转发。}
    check:
      - {metric: size, is: more, against: {changes: {messages.joke.arousal: 0}}}
  - text: {en: Nobody hears of it., zh: 没有人听说。}
    check:
      - {metric: reach, is: less, value: 5}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "small.yaml"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


def test_claims_are_listed_with_verdict_and_figures(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["claims", file, "--most", "64", "--db", str(tmp_path / "db.sqlite3")]
    assert main(arguments) == 1  # one of them does not hold
    told = capsys.readouterr().out
    assert "✓ holds  What stirs is passed on." in told
    assert "✗ does not hold  Nobody hears of it." in told
    assert "2 claims: 1 holds, 1 does not hold" in told


def test_json_has_every_figure(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["claims", file, "--most", "64", "--no-store", "--json"])
    data = json.loads(capsys.readouterr().out)
    assert [claim["verdict"] for claim in data["small"]] == ["holds", "does_not_hold"]
    assert data["small"][0]["checks"][0]["low"] > 0


def test_claims_speak_chinese(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["claims", file, "--most", "64", "--no-store", "--lang", "zh"])
    assert "共2条论断：1条成立，1条不成立" in capsys.readouterr().out
