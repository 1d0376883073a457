"""The README does what it says: its Python runs, its commands exist, its paths are there."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Code blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.S | re.M)


def commands(program: str) -> list[str]:
    lines = (line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines())
    return [line for line in lines if line.startswith(program + " ")]


def test_the_ten_lines_of_python_run(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = blocks("python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    monkeypatch.chdir(ROOT)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "README.md", "exec"), {})
    assert re.match(r"\d+ of 2000 users heard of it\n", said.getvalue())
    assert len(said.getvalue().splitlines()) >= 5


@pytest.mark.parametrize("line", commands("viralbots"))
def test_a_command_line_works(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    from viralbots.cli import main

    assert main(shlex.split(line)[1:]) == 0
    assert capsys.readouterr().out.strip()


def test_there_are_commands_to_try() -> None:
    assert len(commands("viralbots")) >= 4
    assert commands("make") == ["make app", "make test"]


@pytest.mark.parametrize(
    "word", sorted(set(re.findall(r"`make ([a-z-]+)", README)) | {"app", "test"})
)
def test_a_word_of_make_exists(word: str) -> None:
    assert re.search(rf"^{word}:", (ROOT / "Makefile").read_text("utf-8"), flags=re.M)


@pytest.mark.parametrize("path", re.findall(r"^\| `(.+?)` \|", README, flags=re.M))
def test_a_place_in_the_table_exists(path: str) -> None:
    for name in re.split(r"`, `", path):
        assert (ROOT / name).exists(), f"{name} does not exist"


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", README))
def test_a_link_leads_somewhere(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_commands_without_make_are_those_of_make() -> None:
    (windows,) = blocks("powershell")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for words in ("streamlit run app.py", 'pytest -q -m "not slow"'):
        assert words in windows and words in makefile
