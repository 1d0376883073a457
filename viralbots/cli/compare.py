"""``viralbots compare``: scenarios side by side, with the same luck."""

from __future__ import annotations

import argparse
import json
import re
from typing import TYPE_CHECKING, Any

from viralbots.cli.options import (
    Chosen,
    add_changes,
    add_command,
    add_experiment,
    add_output,
    add_store,
    changed,
    choose,
    parse_changes,
)
from viralbots.cli.run import INTERRUPTED, experiment, same_bytes, settle, what_was_run
from viralbots.cli.storage import store_for_runs
from viralbots.cli.terminal import columns, fit
from viralbots.errors import ExperimentError

if TYPE_CHECKING:
    from viralbots.experiments.summary import Result

REPLICATES = 30
MOST_ARMS = 6
DIFFERS = 1
LETTERS = "ABCDEF"
MOST_DIFFERENCES = 12
_NEXT = re.compile(r",(?=\s*[A-Za-z_][\w.\[\]]*=)")


def add_parsers(commands: Any) -> None:
    """Register the word."""
    told = "run scenarios with the same luck and say whether they differ"
    compare = add_command(commands, "compare", run_compare, told)
    add = compare.add_argument
    add("scenarios", nargs="+", metavar="SCENARIO",
        help="files, names or saved ones; the first is what the others are compared with"
        )  # fmt: skip
    add("--with", action="append", default=[], dest="arms", metavar="PATH=VALUE[,PATH=VALUE]",
        help="one more to compare: the first scenario with these changes; repeatable"
        )  # fmt: skip
    add("--all", action="store_true", help="show every metric")
    add_changes(compare)
    add_experiment(compare, REPLICATES)
    add_store(compare)
    add_output(compare)


def run_compare(arguments: argparse.Namespace) -> int:
    """Run all arms with common seeds, compare, tell."""
    from viralbots.experiments.comparison import compare

    arms = _arms(arguments)
    results: list[Result] = []
    with store_for_runs(arguments) as store:
        for letter, arm in zip(LETTERS, arms, strict=False):
            result = experiment(arm, arguments, store, prefix=f"{letter} ")
            if result is None or result.n_replicates < arguments.replicates:
                return INTERRUPTED
            results.append(result)
    comparison = compare(results)
    if arguments.json:
        from viralbots.experiments.comparison_table import as_data

        print(json.dumps(as_data(comparison), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        _show(arms, results, comparison, arguments)
    return DIFFERS if any(result.differing for result in results) else 0


def _arms(arguments: argparse.Namespace) -> list[Chosen]:
    chosen = [choose(name, arguments) for name in arguments.scenarios]
    settle(arguments, chosen[0], REPLICATES)
    for arm in arguments.arms:
        changes = parse_changes(_NEXT.split(arm), "--with")
        chosen.append(changed(chosen[0], changes))
    if not 2 <= len(chosen) <= MOST_ARMS:
        raise ExperimentError(
            f"compare takes 2 to {MOST_ARMS} scenarios, got {len(chosen)}; name another one, or "
            "add a changed one with --with PATH=VALUE",
            "compare_arms", ge=2, le=MOST_ARMS, got=len(chosen),
        )  # fmt: skip
    return chosen


def _show(
    arms: list[Chosen], results: list[Result], comparison: Any, arguments: argparse.Namespace
) -> None:
    from viralbots.experiments.comparison_table import table
    from viralbots.experiments.comparison_words import sentences

    lang, width = arguments.lang, columns()
    for letter, result in zip(LETTERS, results, strict=False):
        title = getattr(result.scenario.title, lang)
        print(*fit([f"{letter}  {title}"], width, indent=3), sep="\n")
    for letter, arm in zip(LETTERS[1:], arms[1:], strict=False):
        print(*fit(_differences(arms[0], arm, letter, lang), width, indent=3), sep="\n")
    print()
    print(*fit(sentences(comparison, lang), width), sep="\n")
    print()
    print(table(comparison, lang, width, is_whole=arguments.all))
    print()
    for letter, result in zip(LETTERS, results, strict=False):
        print(*fit([f"{letter}  {what_was_run(result, lang)}"], width, indent=3), sep="\n")
        print(*same_bytes(result, lang), sep="\n", end="\n" * bool(result.n_compared))


def _differences(first: Chosen, other: Chosen, letter: str, lang: str) -> list[str]:
    """What the second scenario has different, as far as it matters for the result."""
    from viralbots.cli.diff import line_of
    from viralbots.scenario.difference import difference

    found = [c for c in difference(first.scenario, other.scenario) if not c.is_text]
    lines = [f"   {line_of(change)}" for change in found[:MOST_DIFFERENCES]]
    if len(found) > MOST_DIFFERENCES:
        more = len(found) - MOST_DIFFERENCES
        lines.append(f"   （另有{more}处）" if lang == "zh" else f"   … and {more} more")
    if not lines:
        same = "与A的规则完全相同" if lang == "zh" else "decides exactly as A does"
        lines = [f"   {same}"]
    head = f"{letter} 与 A 的不同：" if lang == "zh" else f"{letter} differs from A in:"
    return [head, *lines]
