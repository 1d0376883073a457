"""``viralbots diff``: what two scenarios have different, field by field."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from viralbots.cli.options import add_command, add_output, add_store, find
from viralbots.cli.terminal import columns, fit

if TYPE_CHECKING:
    from viralbots.scenario.difference import Change


def add_parsers(commands: Any) -> None:
    """Register the word."""
    told = "say what two scenarios have different, field by field"
    diff = add_command(commands, "diff", run_diff, told)
    diff.add_argument("first", metavar="SCENARIO", help="a file, a name or a saved one")
    diff.add_argument("second", metavar="SCENARIO")
    diff.add_argument("--texts", action="store_true", help="titles, stories and sources as well")
    add_store(diff)
    add_output(diff)


def run_diff(arguments: argparse.Namespace) -> int:
    """Print a line for each field."""
    from viralbots.scenario.difference import difference

    first, second = (find(name, arguments).scenario
                     for name in (arguments.first, arguments.second))  # fmt: skip
    found = difference(first, second)
    texts = [change for change in found if change.is_text]
    shown = found if arguments.texts or arguments.json else [c for c in found if not c.is_text]
    if arguments.json:
        data = {"changes": [change.as_data() for change in shown]}
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return 0
    print(*fit([line_of(change) for change in shown], columns(), indent=4), sep="\n", end="")
    print("\n" * bool(shown) + _rest(len(shown), len(texts), arguments))
    return 0


def line_of(change: Change) -> str:
    """``path: before → after``; what one side lacks is ``–``."""
    before, after = (_short(value) for value in (change.before, change.after))
    return f"{change.path}: {before} → {after}"


def _short(value: object) -> str:
    from viralbots.scenario.difference import ABSENT

    if value is ABSENT:
        return "–"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _rest(n_shown: int, n_texts: int, arguments: argparse.Namespace) -> str:
    """What was left out, and whether the two are the same."""
    zh = arguments.lang == "zh"
    if arguments.texts:
        if n_shown:
            return ""
        return "两者没有不同。" if zh else "They are the same."
    if not n_shown:
        same = "两者的规则相同" if zh else "Nothing that matters for the result"
        if not n_texts:
            return "两者没有不同。" if zh else "They are the same."
        more = f"，只有{n_texts}处文字不同（--texts）。" if zh else f"; {n_texts} texts (--texts)."
        return same + more
    if n_texts:
        return f"另有{n_texts}处文字不同（--texts）。" if zh else f"and {n_texts} texts (--texts)."
    return ""
