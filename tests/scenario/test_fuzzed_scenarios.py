"""Broken at random: every file is read, or refused in words; nothing else ever happens.

Mutations of the shipped scenarios at three levels (bytes, words, values), each following from
its number. Whatever is accepted survives being dumped and read again.
"""

from __future__ import annotations

import copy
import math
import random
import re
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.documents import WORDS, random_document
from viralbots.errors import ScenarioError
from viralbots.interventions import INTERVENTIONS
from viralbots.problem_words import say_error
from viralbots.scenario import Scenario, dump, from_dict, from_text
from viralbots.scenario.dump import dump_yaml
from viralbots.scenario.file import parse_yaml
from viralbots.scenario.reads import idle, uses_files

ROOT = Path(__file__).resolve().parents[2]
FILES = [*sorted((ROOT / "scenarios").glob("*.yaml")), ROOT / "tests/golden/made_up.yaml"]

BYTES = (
    b"\\0", b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\t",
    b"\r", b"\x85", b"&a ", b"*a", b"!!x ", b"<<: ", b"- ", b"? ", b": ", b"# ", b"|\n", b">-",
    b"'", b'"', b"[", b"]", b"{", b"}", b",", b"---\n", b"...\n", b"%YAML 1.1\n", b"@", b"`",
    b"  ", b"\n", b"1e999", b"~", b"0" * 99,
)  # fmt: skip
TOKENS = ("null", "true", "no", "~", "1e999", ".nan", "-1", "0", "1", "10000000000000", "0.5",
          "''", "[]", "{}", "[x]", "{a: 1}", "letter", "community:7", "leaders", "video", "main",
          "interventions.0.start", "..", "message", "counter", "about", "kind", "2020-01-01",
          "- ", "claims", "check", "is", "more", "reach - reach", "on", "\u202e", "é",
          *INTERVENTIONS)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7, 10**12, 10**30, -(10**30), 0.5, -0.0, 1e308, math.nan,
    math.inf, -math.inf, "", "x", "letter", "a" * 3_000, "\0", "\ud800", "../x", "ñ", [], {}, [[]],
    [None], [1, "x"], {"": 1}, {"x": {}}, {"en": "x", "zh": "y"}, {"kind": "leak"},
    {"kind": "counter"}, {"message": "letter"}, {1: 2}, (1, 2), b"x", {"im": 1}, {"im": math.nan},
    ["im"], ["messages.letter.value"], "message.value", "imported", "configuration", "brand",
)  # fmt: skip


@cache
def sources() -> tuple[bytes, ...]:
    """The shipped files, without most of their long texts, so that more can be tried."""
    found = []
    for path in FILES:
        document: Any = parse_yaml(path.read_bytes(), path.name)
        short = copy.deepcopy(document)
        short |= {"story": {"en": "Short.", "zh": "短。"}, "sources": ["assumed: all of it"]}
        short |= {"look_at": {"en": "x", "zh": "看"}, "tags": ["a"]}
        found += [dump_yaml(short).encode(), path.read_bytes()]
    return (*found[:-2:2] * 12, *found[1::2], *found[-2:])  # long files once in a while


def mutated_bytes(luck: random.Random, data: bytes) -> bytes:
    for _ in range(luck.choice((1, 1, 2, 5, 20))):
        at = luck.randrange(len(data) + 1)
        what = luck.randrange(6)
        if what == 0 and data:
            data = data[:at] + bytes([luck.randrange(256)]) + data[at + 1 :]
        elif what == 1:
            data = data[:at] + luck.choice(BYTES) + data[at:]
        elif what == 2:
            data = data[:at] + data[at + luck.choice((1, 2, 10, 100)) :]
        elif what == 3:
            piece = data[at : at + luck.choice((1, 5, 40, 400))]
            other = luck.randrange(len(data) + 1)
            data = data[:other] + piece + data[other:]
        elif what == 4:
            data = data[:at] + luck.choice(BYTES) * luck.choice((1, 3, 30, 300)) + data[at:]
        else:
            data = data[:at]
    return data


def mutated_words(luck: random.Random, data: bytes) -> bytes:
    parts = re.split(r"(\s+|[\w.]+)", data.decode())
    for _ in range(luck.choice((1, 1, 2, 4))):
        at = luck.randrange(len(parts))
        if luck.random() < 0.2:
            parts[at] = parts[luck.randrange(len(parts))]
        elif luck.random() < 0.2:
            parts[at] = ""
        else:
            parts[at] = luck.choice(TOKENS)
    return "".join(parts).encode("utf-8", "surrogatepass")


def places(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    found = []
    for key, value in entries:
        found.append((*at, key))
        if isinstance(value, dict | list):
            found += places(value, (*at, key))
    return found


def mutated_values(luck: random.Random, document: Any) -> Any:
    document = copy.deepcopy(document)
    for _ in range(luck.choice((1, 1, 2, 4))):
        at = luck.choice(places(document) or [("x",)])
        node = document
        for part in at[:-1]:
            node = node[part]
        value = copy.deepcopy(luck.choice((*VALUES, *WORDS, *INTERVENTIONS)))
        if luck.random() < 0.15 and isinstance(node, dict):
            node[luck.choice(("x", "", "kind", "is", "messages", "a\u202e", at[-1]))] = value
        elif luck.random() < 0.15 and isinstance(node, dict):
            del node[at[-1]]
        else:
            node[at[-1]] = value
    return document


@cache
def parsed(data: bytes) -> Any:
    return parse_yaml(data, "source")


def read_at_random(number: int) -> Scenario | None:
    """Scenario number so and so, or None where it is refused."""
    luck = random.Random(number)
    level = luck.randrange(6)
    data = luck.choice(sources())
    try:
        if level < 2:
            return from_dict(parse_yaml(mutated_bytes(luck, data), "fuzz"))
        if level < 4:
            return from_dict(parse_yaml(mutated_words(luck, data), "fuzz"))
        start = parsed(data) if luck.random() < 0.5 else random_document(luck.randrange(500))
        return from_dict(mutated_values(luck, start))
    except ScenarioError as error:
        told = str(error)
        assert len(told.encode()) < 20_000 and error.problems
        say_error(error, "zh").encode()
        return None


def fuzz(first: int, n: int) -> int:
    """Try so many inputs; how many of them are accepted."""
    accepted = 0
    for number in range(first, first + n):
        try:
            scenario = read_at_random(number)
            if scenario is not None:
                accepted += 1
                if number % 10 == 0:
                    check_accepted(scenario)
        except Exception as error:
            raise AssertionError(f"input {number}: {type(error).__name__}: {error}") from error
    return accepted


def check_accepted(scenario: Scenario) -> None:
    """What is accepted can be written, read again, hashed and looked through."""
    again = from_text(dump(scenario))
    not_equal_to_itself = "nan" in repr(scenario.claims)  # what an arm changes may be anything
    assert again == scenario or not_equal_to_itself
    assert again.message_names == scenario.message_names
    if not uses_files(scenario):
        assert again.identity == scenario.identity
    idle(scenario)


@pytest.mark.parametrize("first", range(0, 3_000, 600))
def test_files_broken_at_random_are_read_or_refused(first: int) -> None:
    assert 0 < fuzz(first, 600) < 500


MANY = 200_000


@pytest.mark.slow
def test_two_hundred_thousand_files_broken_at_random() -> None:
    with ProcessPoolExecutor(2) as pool:
        chunks = range(1_000_000, 1_000_000 + MANY, 2_000)
        accepted = sum(pool.map(fuzz, chunks, [2_000] * len(chunks)))
    print(f"\n{MANY} inputs, {accepted} accepted, the others refused; nothing unexpected")
    assert accepted > MANY // 100
