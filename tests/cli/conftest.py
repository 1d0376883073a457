"""What the tests of the command line share: a scenario file, and a way to call and read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.hearsay import SCENARIO
from viralbots import cli


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty database and an empty folder for each test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIRALBOTS_DB", str(tmp_path / "data" / "viralbots.sqlite3"))
    monkeypatch.delenv("VIRALBOTS_LANG", raising=False)
    monkeypatch.delenv("VIRALBOTS_WORKSPACE", raising=False)


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    file = tmp_path / "hearsay.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    return str(file)


@dataclass(frozen=True)
class Said:
    """What a call gave."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call the command line as a user does."""

    def made(*words: str) -> Said:
        capsys.readouterr()
        code = cli.main([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return made
