"""JSON from a stranger: bounded in size, depth and number of values before it is parsed."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

import numpy as np

from viralbots.errors import Problem

MAX_BYTES = 50_000_000
MAX_DEPTH = 20
# Parsing takes some 60 bytes for a number and 250 for a block: with these, 350 MB at most.
MAX_VALUES = 4_000_000
MAX_BLOCKS = 500_000
MAX_TEXTS = 500_000

_TEXT = re.compile(rb'"[^"]*"')
_NO_NUMBER = re.compile(rb"NaN|Infinity")
_NOT_BRACKETS = bytes(b for b in range(256) if b not in b"[]{}")


class _Refused(ValueError):
    """Carries a problem out of the parser."""

    def __init__(self, problem: Problem):
        super().__init__(problem.text)
        self.problem = problem


def parse_json(data: bytes) -> object:
    """The document, or the `Problem` for which it is refused.

    Beyond the bounds, JSON is taken strictly: UTF-8, no name twice in a block, no NaN and no
    number that is infinite.
    """
    problem = _out_of_bounds(data)
    if problem is not None:
        return problem
    try:
        return json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_block, parse_float=_finite,
            parse_constant=_no_number,
        )  # fmt: skip
    except _Refused as error:
        return error.problem
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return Problem(f"line {line}", "not_utf8", "is not UTF-8 text; save the file as UTF-8",
                       {"given": data[error.start], "line": line})  # fmt: skip
    except json.JSONDecodeError as error:
        text = f"is not valid JSON ({error.msg}, column {error.colno}); export it again"
        values: dict[str, object] = {"why": error.msg, "column": error.colno, "line": error.lineno}
        return Problem(f"line {error.lineno}", "json", text, values)
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits
        return Problem("", "json_value", f"a value cannot be read: {error}", {"why": str(error)})


def _out_of_bounds(data: bytes) -> Problem | None:
    """Bounds that can be seen without parsing. Texts are left out of account first."""
    if len(data) > MAX_BYTES:
        return _too_much("bytes", MAX_BYTES)
    bare = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    if bare.count(b'"') > 2 * MAX_TEXTS:
        return _too_much("texts", MAX_TEXTS)
    bare = _TEXT.sub(b"", bare)
    if bare.count(b",") > MAX_VALUES:
        return _too_much("values", MAX_VALUES)
    brackets = np.frombuffer(bare.translate(None, _NOT_BRACKETS), np.uint8)
    opens = (brackets == ord("[")) | (brackets == ord("{"))
    if opens.sum() > MAX_BLOCKS:
        return _too_much("blocks", MAX_BLOCKS)
    depth = np.cumsum(np.where(opens, 1, -1)).max(initial=0)
    if depth > MAX_DEPTH:
        text = f"nested deeper than {MAX_DEPTH} levels; no export is"
        return Problem("", "json_depth", text, {"limit": MAX_DEPTH})
    found = _NO_NUMBER.search(bare)
    if found:
        line, word = bare.count(b"\n", 0, found.start()) + 1, found.group().decode()
        return _no_number_at(f"line {line}", word)
    return None


def _too_much(noun: str, limit: int) -> Problem:
    text = f"has more than {limit} {noun}, the most that is read; no export has as many"
    return Problem("", "json_large", text, {"noun": noun, "limit": limit})


def _no_number_at(path: str, word: str) -> Problem:
    text = f"{word} is no number in JSON; an undefined number is null"
    return Problem(path, "json_number", text, {"got": word})


def _no_number(word: str) -> NoReturn:
    raise _Refused(_no_number_at("", word))


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Refused(_no_number_at("", text[:40]))
    return value


def _block(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            shown = ascii(name)[1:-1][:80]
            text = f"{shown!r} is given twice in one block; keep one"
            raise _Refused(Problem(shown, "json_twice", text, {"name": shown}))
        found[name] = value
    return found
