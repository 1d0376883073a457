"""Every error that the package makes can be said in Chinese, with all that its English says."""

from __future__ import annotations

import argparse
import io
import re
from collections.abc import Callable
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pytest

from tests.problem_sites import sites
from tests.scenario.test_file import BROKEN as BROKEN_FIELDS
from tests.scenario.test_file import HOSTILE, with_field
from tests.world.test_importers import ALL_BROKEN
from tests.world.test_importers import read as read_text
from viralbots.cli.errors import parser_class
from viralbots.errors import (
    ExperimentError,
    InputError,
    NetworkError,
    Problem,
    ScenarioError,
    unreadable,
)
from viralbots.problem_words import place, say, say_error, words
from viralbots.scenario import from_dict
from viralbots.scenario.file import parse_yaml
from viralbots.world import generators
from viralbots.world.default_world import build_default_world
from viralbots.world.importers import read_network
from viralbots.world.network import ties_from_edges

SENTENCES: dict[str, str] = words("zh")["sentences"]
OPTIONAL = re.compile(r"\[[^\[\]]*\]")
BOUNDS = {"gt", "ge", "lt", "le"}


# What the source says --------------------------------------------------------------------


def needed(sentence: str) -> set[str]:
    """Values without which a sentence cannot be said."""
    return {name for _, name, _, _ in Formatter().parse(OPTIONAL.sub("", sentence)) if name}


def said(code: str) -> list[str]:
    """Codes with a sentence that a code of the source may stand for."""
    return [known for known in SENTENCES if re.fullmatch(code, known)]


def test_every_code_has_a_chinese_sentence() -> None:
    missing = {f"{s.where} {code}" for s in sites() for code in s.codes if not said(code)}
    assert not missing, "\n".join(["", *sorted(missing)])


def test_every_sentence_gets_the_values_that_it_needs() -> None:
    wrong = []
    for site in sites():
        if site.values is None:
            continue
        given = site.values | ({"bounds"} if site.values & BOUNDS else set())
        for code in (known for form in site.codes for known in said(form)):
            lacking = needed(SENTENCES[code]) - given
            if lacking:
                wrong.append(f"{site.where} {code} lacks {', '.join(sorted(lacking))}")
    assert not wrong, "\n".join(["", *sorted(set(wrong))])


def test_every_error_has_a_code() -> None:
    """Where the code is computed, the tests below have to meet it."""
    bare = {site.where for site in sites() if not site.codes and site.values == frozenset()}
    assert not bare, "\n".join(["", *sorted(bare)])


def test_no_sentence_is_left_over() -> None:
    made = {known for site in sites() for form in site.codes for known in said(form)}
    assert set(SENTENCES) - made == set()


def test_every_sentence_is_chinese_and_ends() -> None:
    assert [c for c, s in SENTENCES.items() if not re.search("[一-鿿]", s)] == []
    assert [c for c, s in SENTENCES.items() if s.rstrip("]")[-1] not in "。？"] == []


# What the reader gets --------------------------------------------------------------------


def in_chinese(error: InputError) -> list[str]:
    """All sentences of an error, none of them left in English."""
    told = [say(problem, "zh") for problem in error.problems]
    for sentence, problem in zip(told, error.problems, strict=True):
        assert sentence != problem.text, problem
        assert re.search("[一-鿿]", sentence), problem
        assert len(sentence) < 400 and sentence.isprintable(), problem
    return told


@pytest.mark.parametrize(("text", "line", "code", "name"), ALL_BROKEN)
def test_a_broken_network_is_told_in_chinese(text: Any, line: Any, code: str, name: str) -> None:
    with pytest.raises(NetworkError) as caught:
        read_text(text, name)
    in_chinese(caught.value)
    problem = caught.value.problems[0]
    assert say_error(caught.value, "zh").startswith(f"{name}：")
    assert f"第{problem.path.removeprefix('line ')}行：" in say_error(caught.value, "zh")


IMPOSSIBLE: list[Callable[[], object]] = [
    lambda: generators.erdos_renyi(10, 1, 10.0),
    lambda: generators.watts_strogatz(10, 1, 3.0, 0.1),
    lambda: generators.watts_strogatz(10, 1, 2.0, 1.1),
    lambda: generators.barabasi_albert(10, 1, 10),
    lambda: generators.configuration(10, 1, {2: 0.5}),
    lambda: generators.configuration(10, 1, [2, 2]),
    lambda: generators.block(10, 1, [4, 4], 2.0, 1.0),
    lambda: generators.block(10, 1, [5, 5], 20.0, 1.0),
    lambda: build_default_world(0, 1),
    lambda: ties_from_edges(
        np.array([0, 5]), np.array([-1]), level=0, key=np.arange(2, dtype=np.uint64),
        channels=np.zeros(2, np.uint8), directed=True,
    ),
    lambda: read_network(io.StringIO("a b\n")),  # type: ignore[arg-type]
    lambda: read_text("a b\n", columns={"giver": "source"}),
    lambda: read_text("a b\n", columns={"source": "giver"}),
    lambda: read_text("<graphml/>", columns={"source": "giver"}),
    lambda: read_text("a b\n", max_bytes=2),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(IMPOSSIBLE)))
def test_a_network_that_cannot_be_is_told_in_chinese(number: int) -> None:
    with pytest.raises(NetworkError) as caught:
        IMPOSSIBLE[number]()
    in_chinese(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_scenario_is_told_in_chinese(name: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        from_dict(parse_yaml(HOSTILE[name][0], "hostile.yaml"))
    in_chinese(caught.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [case[:2] for case in BROKEN_FIELDS],
    ids=[f"{number} {case[0]}" for number, case in enumerate(BROKEN_FIELDS)],
)
def test_a_broken_field_is_told_in_chinese(path: str, value: object) -> None:
    with pytest.raises(ScenarioError) as caught:
        from_dict(with_field(path, value))
    in_chinese(caught.value)


def test_english_is_what_the_error_says() -> None:
    error = ScenarioError("a.yaml", [Problem("line 2", "yaml", "is odd"), Problem("", "x", "is")])
    assert say_error(error, "en") == str(error) == "a.yaml: 2 problems\n  line 2: is odd\n  is"
    assert say(error.problems[0], "en") == "is odd"
    assert place(error.problems[0], "en") == "line 2"


def test_the_whole_message_names_source_number_and_places() -> None:
    bounds: dict[str, object] = {"ge": 0, "le": 1, "got": "1.2"}
    error = ScenarioError("a.yaml", [
        Problem("line 2", "missing", "is missing"),
        Problem("message.ease", "out_of_range", "must be between 0 and 1, got 1.2", bounds),
        Problem("", "encoding", "is not UTF-8"),
    ])  # fmt: skip
    assert say_error(error, "zh") == (
        "a.yaml：3个问题\n"
        "  第2行：缺少这一项，它没有默认值。\n"
        "  message.ease：必须在0到1之间，这里是1.2。\n"
        "  不是UTF-8编码的文本，请把文件另存为UTF-8。"
    )


@pytest.mark.parametrize(("limits", "told"), [
    ({"ge": 0, "le": 1}, "必须在0到1之间"), ({"gt": 0, "le": 730}, "必须大于0且不超过730"),
    ({"ge": 1}, "必须至少为1"), ({"gt": 0.0}, "必须大于0"), ({"lt": 2**63}, f"必须小于{2**63}"),
    ({"ge": 0.01, "le": 1e9}, "必须在0.01到1000000000之间"),
    ({"le": float("inf")}, "必须不超过inf"),
])  # fmt: skip
def test_bounds_are_told_in_chinese(limits: dict[str, object], told: str) -> None:
    problem = Problem("x", "out_of_range", "must be …", {**limits, "got": "x"})
    assert say(problem, "zh") == f"{told}，这里是x。"


@pytest.mark.parametrize("none", [{}, {"suggestion": ""}, {"suggestion": None}])
def test_a_suggestion_is_told_where_there_is_one(none: dict[str, object]) -> None:
    values: dict[str, object] = {"allowed": ["luck", "world"], "got": "'lick'"}
    problem = Problem("vary", "unknown_word", "must be …", {**values, **none})
    assert say(problem, "zh") == "只能是luck、world，这里是'lick'。"
    problem = Problem("vary", "unknown_word", "must be …", {**values, "suggestion": "luck"})
    assert say(problem, "zh") == "只能是luck、world，这里是'lick'。是不是想写“luck”？"


def test_without_a_sentence_or_a_value_the_english_one_is_shown() -> None:
    assert say(Problem("x", "no_such_code", "is odd"), "zh") == "is odd"
    assert say(Problem("x", "out_of_range", "is odd", {"got": 3}), "zh") == "is odd"
    assert say_error(ExperimentError("is odd"), "zh") == "is odd"
    assert say_error(ExperimentError("is odd", "no_such_code"), "zh") == "is odd"


def test_an_error_with_one_sentence_is_told_in_chinese() -> None:
    error = ExperimentError("user: got 'x'; give …", "unknown_user", got="x", last=9)
    assert str(error) == say_error(error, "en") == "user: got 'x'; give …"
    assert say_error(error, "zh").startswith("user：这里是“x”。请给出0到9之间的编号")


@pytest.mark.parametrize("value", ["\x1b[2J", "a\nb", "\u202eabc", "\udc80", "\x85", "\0"])
def test_what_a_terminal_would_obey_is_not_repeated(value: str) -> None:
    told = say(Problem("", "label_blank", "", {"label": value}), "zh")
    assert told.isprintable() and "\\" in told
    told.encode()


@pytest.mark.parametrize("value", ["{got}", "{", "[x]", "}{0}", "%s", "“”"])
def test_a_value_is_repeated_as_it_is(value: str) -> None:
    told = say(Problem("", "label_blank", "", {"label": value}), "zh")
    assert told == f"用户名“{value}”的开头或末尾有空格，请改名。"


def test_a_long_value_is_cut() -> None:
    assert len(say(Problem("", "label_blank", "", {"label": "x" * 10**6}), "zh")) < 300
    many = {"allowed": ["x"] * 10**5, "got": 1}
    assert len(say(Problem("", "unknown_word", "", many), "zh")) < 300


def test_a_file_that_cannot_be_read_is_told_in_chinese(tmp_path: Path) -> None:
    for path, why in ((tmp_path, "这是文件夹"), (tmp_path / "none", "没有这个文件或文件夹")):
        with pytest.raises(OSError) as caught:
            path.read_bytes()
        told = say_error(unreadable("n.csv", caught.value), "zh")
        assert told == f"n.csv：1个问题\n  文件无法读取（{why}），请检查文件名和位置。"


# The use of the command line ---------------------------------------------------------------


def example(lang: str) -> argparse.ArgumentParser:
    parser = parser_class(lang)(prog="viralbots")
    run = parser.add_subparsers(metavar="COMMAND").add_parser("run", help="run it")
    add = run.add_argument
    add("scenario", metavar="FILE")
    add("--seed", type=whole)
    add("--n", type=int)
    add("--share", type=float)
    add("--lang", choices=("en", "zh"))
    add("--label", nargs="+")
    add("--pair", nargs=2)
    group = run.add_mutually_exclusive_group()
    group.add_argument("--json", action="store_true")
    group.add_argument("--quiet", action="store_true")
    return parser


def whole(text: str) -> int:
    raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 9, got {text!r}")


MISUSES = {
    "walk": "参数COMMAND：不能是'walk'，可选的有：",
    "run": "缺少参数：FILE",
    "run x --seed": "参数--seed：后面要跟一个值",
    "run x --seed 0": "参数--seed：必须是1到9之间的整数，这里是'0'",
    "run x --n q": "参数--n：必须是整数，这里是'q'",
    "run x --share q": "参数--share：必须是数字，这里是'q'",
    "run x --lang fr": "参数--lang：不能是'fr'，可选的有：",
    "run x --label": "参数--label：后面至少要跟一个值",
    "run x --pair 1": "参数--pair：后面要跟2个值",
    "run x --la zh": "--la不明确，可能是：--lang, --label",
    "run x --json --quiet": "参数--quiet：不能与参数--json同时使用",
    "run x --json=1": "参数--json：后面不能有值，这里是'1'",
    "run x y": "不认识的参数：y",
}


@pytest.mark.parametrize("command", MISUSES)
def test_a_misuse_is_told_in_chinese(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        example("zh").parse_args(command.split())
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert err.startswith("用法：viralbots") and out == ""
    assert f"：错误：{MISUSES[command]}" in err
    assert "error" not in err and "argument" not in err and "usage" not in err


def test_in_english_argparse_speaks_for_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        example("en").parse_args(["run", "x", "y"])
    err = capsys.readouterr().err
    assert err.startswith("usage: ") and "error: unrecognized arguments: y" in err


def test_the_help_has_chinese_headings(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        example("zh").parse_args(["run", "--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("用法：", "参数:", "选项:", "显示这份说明"))
