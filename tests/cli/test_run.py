"""The command line, called as a user calls it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.hearsay import SCENARIO
from viralbots import cli
from viralbots.cli.terminal import Bar

ROOT = Path(__file__).resolve().parents[2]


def test_a_run_is_told_in_words_and_in_a_table(
    scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", scenario, "--replicates", "3", "--workers", "2"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Hearsay\n")
    assert "of 400" in out and "mean [95 % bracket]" in out and "seed 1" in out
    assert "#" not in err  # no bar where nobody looks at a terminal


def test_a_run_is_told_in_chinese(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", scenario, "--replicates", "2", "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("传闻\n") and "代价：" in out and "中位数" in out


def test_json_is_one_object_and_nothing_else(
    scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", scenario, "--replicates", "2", "--seed", "9", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["scenario"] == "hearsay" and data["seed"] == 9 and len(data["seeds"]) == 2
    assert data["vary"] == "luck"
    assert data["metrics"]["trust"]["mean"] is None


def test_fields_are_set_by_path(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["--set", "network.n_users=300", "--set", "message.is_false=false"]
    assert cli.main(["run", scenario, "--replicates", "1", "--json", *changes]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["n_users"] == 300 and data["metrics"]["deceived"]["mean"] == 0


def test_a_network_file_replaces_the_network(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ring.csv"
    file.write_text("source,target\n" + "".join(f"p{i},p{(i + 1) % 30}\n" for i in range(30)))
    command = ["run", scenario, "--network", str(file), "--replicates", "1", "--json"]
    assert cli.main(command) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["n_users"] == 30
    facts = {"n_users": 30, "n_ties": 30, "self_loops": 0, "duplicates": 0, "format": "csv"}
    assert facts.items() <= data["network"].items()
    assert cli.main(command[:-1]) == 0
    assert "Network: 30 users and 30 ties read;" in capsys.readouterr().out


def test_a_wave_larger_than_the_network_of_a_file_is_refused(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pair.txt"
    file.write_text("a b\n")
    for command in (["run", scenario], ["why", scenario, "random"]):
        assert cli.main([*command, "--network", str(file)]) == 2
        assert "seeding[0].count: must be at most 2, the users of" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "words"), [
    (["run", "no_such_story"], "no file and no scenario is called 'no_such_story'"),
    (["run", "missing.yaml"], "missing.yaml: 1 problem"),
    (["run", "FILE", "--set", "message.arousal=2"], "must be between 0 and 1, got 2"),
    (["run", "FILE", "--set", "message.arosal=.2"], "did you mean 'arousal'?"),
    (["run", "FILE", "--set", "arousal"], "write PATH=VALUE"),
    (["run", "FILE", "--network", "none.csv"], "the file cannot be read (No such file"),
    (["run", "FILE", "--set", "seeding.3.count=1"], "seeding has no entry '3'"),
])  # fmt: skip
def test_a_mistake_is_named_without_a_traceback(
    scenario: str, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [scenario if argument == "FILE" else argument for argument in arguments]
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert words in err and "Traceback" not in err and out == ""


@pytest.mark.parametrize(("options", "words"), [
    (["--replicates", "0"], "must be a whole number from 1 to 1000000, got '0'"),
    (["--seed", "x"], "must be a whole number from 0 to 999999999999999999, got 'x'"),
])  # fmt: skip
def test_wrong_options_end_with_2(
    scenario: str, options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", scenario, *options])
    assert caught.value.code == 2 and words in capsys.readouterr().err


def test_without_a_command_the_commands_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    err = capsys.readouterr().err
    assert all(word in err for word in ("run", "why", "list", "app", "doctor"))


def test_the_scenarios_can_lie_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIRALBOTS_SCENARIOS", str(tmp_path))
    assert cli.main(["list"]) == 2
    assert f"no scenarios in {tmp_path}" in capsys.readouterr().err
    (tmp_path / "hearsay.yaml").write_text(SCENARIO, encoding="utf-8")
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().out.split() == ["hearsay", "Hearsay"]


def test_every_shipped_scenario_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))


def test_the_doctor_names_versions_and_the_browser(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "numba" in out and "compiled engine" in out and "browser" in out


def start(*arguments: str, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "viralbots", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, **{**pipes, **options})


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_ctrl_c_ends_with_130_and_shows_what_was_finished(scenario: str) -> None:
    for seconds in (3, 10, 30):  # a slow machine may not have finished a run when it is stopped
        run = start("run", scenario, "--replicates", "100000", "--workers", "2", "--json")
        time.sleep(seconds)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
        assert run.returncode == 130
        assert "Traceback" not in err
        if out:
            break
    assert "stopped after" in err
    assert 0 < json.loads(out)["n_replicates"] < 100_000


def test_a_reader_that_stops_reading_is_no_error(scenario: str) -> None:
    run = start("run", scenario, "--replicates", "1")
    assert run.stdout is not None and run.stderr is not None
    run.stdout.close()
    assert "Traceback" not in run.stderr.read()
    run.stderr.close()
    run.wait(timeout=60)


def test_importing_the_package_and_asking_for_help_loads_no_engine() -> None:
    code = (
        "import sys, viralbots.cli; print([m for m in ('numba', 'pydantic') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"


def test_the_public_names_are_there() -> None:
    import viralbots

    for name in viralbots.__all__:
        assert getattr(viralbots, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = viralbots.nothing


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_how_far_it_is_and_no_rest_of_it_afterwards() -> None:
    stream = Terminal()
    bar = Bar(stream)
    bar(0.5, 1, 2)
    assert "50%  1/2 runs" in stream.getvalue() and "s left" in stream.getvalue()
    bar.close()
    assert stream.getvalue().rsplit("\r", 2)[1].strip() == ""


def test_the_first_run_announces_that_it_compiles(
    scenario: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert cli.main(["run", scenario, "--replicates", "1", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "Compiling the engine once (about" in err
    json.loads(out)
