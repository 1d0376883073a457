"""``viralbots claims``: decide on replicates what scenarios claim of themselves."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from viralbots.cli.compiled import announce_compilation
from viralbots.cli.options import add_command, add_output, add_store, find, whole
from viralbots.cli.run import INTERRUPTED, stoppable
from viralbots.cli.storage import store_for_runs
from viralbots.cli.terminal import Bar, columns, fit
from viralbots.errors import Cancelled
from viralbots.library import scenario_files

if TYPE_CHECKING:
    from viralbots.experiments.claims import Court, DecidedClaim
    from viralbots.scenario import Scenario

FAILED = 1
MARKS = {"holds": "✓", "does_not_hold": "✗", "undecided": "?", "not_checked": "–"}


def add_parsers(commands: Any) -> None:
    """Register the word."""
    told = "decide on replicates what scenarios claim of themselves"
    claims = add_command(commands, "claims", run_claims, told)
    add = claims.add_argument
    add("scenarios", nargs="*", metavar="SCENARIO",
        help="files, names or saved ones; none: the whole library")  # fmt: skip
    add("--most", type=whole(64, 1024), default=1024, metavar="N",
        help="look at no more than so many runs (64, 256 or 1024)")  # fmt: skip
    add("--seed", type=whole(0), default=1, metavar="S", help="random seed (default 1)")
    add("--workers", type=whole(1, 1000), default=os.cpu_count() or 1, metavar="N",
        help="threads (default: one per processor); the result is the same")  # fmt: skip
    add("--no-store", action="store_true", help="neither look up nor keep anything")
    add_store(claims)
    add_output(claims)


def run_claims(arguments: argparse.Namespace) -> int:
    """Decide, tell; 1 where a claim does not hold."""
    names = arguments.scenarios or [*scenario_files()]
    announce_compilation(arguments.lang)
    verdicts: list[str] = []
    data: dict[str, Any] = {}
    with store_for_runs(arguments) as store, stoppable() as cancel:
        for name in names:
            scenario = find(name, arguments).scenario
            with Bar(sys.stderr, f"{scenario.name} ") as bar:
                court = _court(arguments, store, cancel, bar)
                try:
                    decided = list(_decided(scenario, court, arguments.most))
                except Cancelled:
                    bar.close()
                    print(_stopped(arguments.lang), file=sys.stderr)
                    return INTERRUPTED
            verdicts += [claim.verdict for claim in decided]
            if arguments.json:
                from viralbots.experiments.claim_words import as_data

                data[scenario.name] = [as_data(claim) for claim in decided]
            else:
                _show(scenario, decided, arguments)
    if arguments.json:
        print(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print(*fit([_sum(verdicts, arguments.lang)], columns()), sep="\n")
    return FAILED if "does_not_hold" in verdicts else 0


def _court(arguments: argparse.Namespace, store: Any, cancel: Any, bar: Any) -> Court:
    from viralbots.experiments.claim_samples import Means
    from viralbots.experiments.claims import Court, library_of

    paths = {name: str(path) for name, path in scenario_files().items()}
    return Court(library_of(paths), Means(arguments.seed, arguments.workers, store, cancel, bar))


def _decided(scenario: Scenario, court: Court, most: int) -> Iterator[DecidedClaim]:
    from viralbots.experiments.claims import LOOKS, decide

    yield from decide(scenario, court, [look for look in LOOKS if look <= most])


def _show(scenario: Scenario, decided: list[DecidedClaim], arguments: argparse.Namespace) -> None:
    from viralbots.experiments.claim_words import check_words, verdict_words

    lang, width = arguments.lang, columns()
    print(*fit([f"{getattr(scenario.title, lang)} ({scenario.name})"], width), sep="\n")
    for claim in decided:
        told = getattr(claim.claim.text, lang)
        verdict = verdict_words(claim, lang)
        text = f"  {MARKS[claim.verdict]} {verdict}  {told}"
        print(*fit([text], width, indent=4), sep="\n")
        for check in claim.checks:
            print(*fit([f"      {check_words(check, lang)}"], width, indent=8), sep="\n")
    print()


def _sum(verdicts: list[str], lang: str) -> str:
    from viralbots.experiments.claim_words import VERDICTS

    counts = [
        f"{verdicts.count(verdict)} {words[lang]}"
        for verdict, words in VERDICTS.items()
        if verdict in verdicts
    ]
    if lang == "zh":
        return f"共{len(verdicts)}条论断：" + "，".join(counts).replace(" ", "条")
    return f"{len(verdicts)} claims: " + ", ".join(counts)


def _stopped(lang: str) -> str:
    if lang == "zh":
        return "viralbots: 已停止；已完成的运行都已保存，再次调用即可接着做"
    return "viralbots: stopped; what was finished is kept, call again to go on"
