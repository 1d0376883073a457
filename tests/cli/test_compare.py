"""Comparing, telling apart and starting scenarios, called as a user calls it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Said
from viralbots.scenario import load

Call = Callable[..., Said]
ROOT = Path(__file__).resolve().parents[2]


def test_two_arms_are_compared_with_the_same_luck(call: Call, scenario: str) -> None:
    words = ("compare", scenario, "--with", "message.arousal=0,message.value=0",
             "--replicates", "8")  # fmt: skip
    said = call(*words)
    assert said.code == 0
    assert "B differs from A in:" in said.out
    assert "messages.rumour.arousal: 0.8 → 0" in said.out
    assert "same luck" in said.out
    data = call(*words, "--json").data
    assert data["digest"] == call(*words, "--json").data["digest"]
    told = call(*words, "--lang", "zh").out
    assert "B 与 A 的不同" in told and "运气" in told


def test_identical_arms_are_called_identical(call: Call, scenario: str) -> None:
    said = call("compare", scenario, scenario, "--replicates", "4")
    assert said.code == 0 and "decides exactly as A does" in said.out


@pytest.mark.parametrize("words", [
    ("compare", "FILE"),
    ("compare", *["FILE"] * 7),
    ("compare", "FILE", "--with", "message.arousal"),
    ("compare", "FILE", "--with", "message.arousal=7"),
])  # fmt: skip
def test_what_cannot_be_compared_is_refused(
    call: Call, scenario: str, words: tuple[str, ...]
) -> None:
    said = call(*(scenario if word == "FILE" else word for word in words))
    assert said.code == 2 and said.out == "" and "Traceback" not in said.err


def test_a_second_comparison_is_answered_from_the_store(scenario: str, tmp_path: Path) -> None:
    """The time is looked at in a process of its own; generous, since machines are shared."""
    command = [sys.executable, "-m", "viralbots", "compare", scenario, "--with",
               "message.arousal=0", "--replicates", "4", "--json",
               "--db", "db.sqlite3"]  # fmt: skip
    first = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    start = time.process_time()
    code = ("import sys, viralbots.cli as c; c.main(sys.argv[1:]); "
            "sys.exit('numba' in sys.modules)")  # fmt: skip
    again = subprocess.run([sys.executable, "-c", code, *command[3:]], cwd=tmp_path,
                           capture_output=True, text=True)  # fmt: skip
    assert again.returncode == 0, "the compiler was loaded although nothing was computed"
    assert again.stdout == first.stdout and time.process_time() - start < 5


def test_a_difference_is_told_field_by_field(call: Call, scenario: str) -> None:
    said = call("diff", "chain_letter", "chain_letter_clean")
    assert said.code == 0 and " → " in said.out and "texts (--texts)" in said.out
    assert "story" in call("diff", "chain_letter", "chain_letter_clean", "--texts").out
    assert "the same" in call("diff", scenario, scenario).out
    rows = call("diff", "chain_letter", "chain_letter_clean", "--json").data["changes"]
    assert all({"path", "before", "after"} <= row.keys() for row in rows)


@pytest.mark.parametrize(
    "options", [(), ("--full",), ("--lang", "zh"), ("--from", "chain_letter")]
)
def test_a_new_file_is_commented_valid_and_never_written_over(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("new", "my_case", *options).code == 0
    text = Path("my_case.yaml").read_text("utf-8")
    assert "#" in text and load("my_case.yaml").name == "my_case"
    if "--from" in options:
        assert load("my_case.yaml").derived_from == "chain_letter"
    again = call("new", "my_case", *options)
    assert again.code == 2 and Path("my_case.yaml").read_text("utf-8") == text


@pytest.mark.parametrize("name", ["../evil", "A B", "con", "x" * 200, ""])
def test_a_new_file_stays_in_this_folder(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    assert call("new", name).code == 2
    assert not list(tmp_path.rglob("*.yaml"))


def test_the_schema_is_printed(call: Call) -> None:
    assert call("new", "--schema").data["properties"]["messages"]


def test_a_scenario_is_shown_with_what_one_can_change(call: Call) -> None:
    said = call("show", "chain_letter")
    assert "What to change (--set)" in said.out and "clean twin chain_letter_clean" in said.out
    assert "可以改变的" in call("show", "chain_letter", "--lang", "zh").out
    assert call("show", "chain_letter", "--json").data["name"] == "chain_letter"


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_completes_the_words(call: Call, shell: str) -> None:
    script = call("completion", shell).out
    assert all(word in script for word in ("compare", "--replicates", "backup", "--fresh"))


def test_too_many_users_are_refused_with_what_would_fit(
    call: Call, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for users in ("100000000", "1000000000000"):
        said = call("run", scenario, "--set", f"network.n_users={users}")
        assert said.code == 2 and "network.n_users" in said.err
        assert "B of memory" in said.err and "would fit" in said.err
    monkeypatch.setenv("VIRALBOTS_MAX_MEMORY", "600MB")
    small = call("run", scenario, "--set", "network.n_users=1000000")
    assert small.code == 2 and "600 MB" in small.err and "would fit" in small.err


def test_an_estimate_is_told_without_running(call: Call, scenario: str) -> None:
    found = call("run", scenario, "--estimate", "--json").data
    assert 0 < found["seconds"] < 600 and found["bytes"] > 10_000_000
    assert "GB" in call("run", scenario, "--estimate", "--set", "network.n_users=1000000").out
