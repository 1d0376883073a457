"""``viralbots run``: run a scenario and tell what became of it."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from viralbots.cli.compiled import announce_compilation
from viralbots.cli.options import (
    Chosen,
    add_changes,
    add_command,
    add_experiment,
    add_output,
    add_scenario,
    add_store,
    choose,
)
from viralbots.cli.storage import store_for_runs, workspace_of
from viralbots.cli.terminal import Bar, columns, fit
from viralbots.problem_words import say

if TYPE_CHECKING:
    from viralbots.experiments.summary import Result
    from viralbots.run import Recipe
    from viralbots.store import Store

REPLICATES = 20
DIFFERS, INTERRUPTED = 1, 130

_VARY = {
    "luck": {"en": "one network, other luck each", "zh": "同一网络，每次运气不同"},
    "world": {"en": "another network each, same luck", "zh": "每次网络不同，运气相同"},
    "both": {"en": "another network and other luck each", "zh": "每次网络和运气都不同"},
}


def add_parsers(commands: Any) -> None:
    """Register the word."""
    run = add_command(commands, "run", run_run, "run a scenario and tell what became of it")
    add_scenario(run)
    add_changes(run)
    add_experiment(run, REPLICATES)
    run.add_argument("--estimate", action="store_true",
                     help="only say how long it would take and how much memory")  # fmt: skip
    add_labels(run)
    add_store(run)
    add_output(run)


def add_labels(parser: argparse.ArgumentParser) -> None:
    """How to find the saved thing again."""
    add = parser.add_argument
    add("--name", help="name under which it is saved")
    add("--note", metavar="TEXT", help="a note to keep with it")
    add("--tag", action="append", default=[], dest="tags", help="a tag; repeatable")


def run_run(arguments: argparse.Namespace) -> int:
    """Run the replicates, keep them, show them."""
    chosen = choose(arguments.scenario, arguments)
    settle(arguments, chosen, REPLICATES)
    tell_idle(chosen, arguments.lang)
    if arguments.estimate:
        return _estimate(chosen, arguments)
    with store_for_runs(arguments) as store:
        result = experiment(chosen, arguments, store)
        if result is None:
            return INTERRUPTED
        saved = _save(store, chosen, result, arguments)
        is_whole = result.n_replicates == arguments.replicates
    if arguments.json:
        _print_json(result, saved)
    else:
        _show(result, saved, arguments)
    if not is_whole:
        return INTERRUPTED
    return DIFFERS if result.differing else 0


def tell_idle(chosen: Chosen, lang: str) -> None:
    """Say which fields certainly have no effect; nobody should wonder why nothing changed."""
    from viralbots.scenario.reads import idle

    for problem in idle(chosen.scenario):
        print(f"viralbots: {problem.path}: {say(problem, lang)}", file=sys.stderr)


def settle(arguments: argparse.Namespace, chosen: Chosen, replicates: int) -> None:
    """Fill in what was not said: as in the saved run, or the defaults."""
    saved = chosen.saved
    if arguments.seed is None:
        arguments.seed = saved.seed if saved else 1
    if arguments.vary is None:
        arguments.vary = saved.vary if saved else "luck"
    if arguments.replicates is None:
        arguments.replicates = saved.n_wanted if saved else replicates


def experiment(
    chosen: Chosen, arguments: argparse.Namespace, store: Store | None, prefix: str = ""
) -> Result | None:
    """Run with a bar and a gentle Ctrl-C.

    Returns
    -------
    Result or None
        What was finished; None where it was stopped before the first run was.
    """
    from viralbots.experiments.runner import RunsCancelled, run_all

    announce_compilation(arguments.lang)
    with stoppable() as cancel, Bar(sys.stderr, prefix) as bar:
        try:
            return run_all(
                chosen.scenario, seed=arguments.seed, replicates=arguments.replicates,
                workers=arguments.workers, vary=arguments.vary, progress=bar, cancel=cancel,
                cache=store, fresh=arguments.fresh,
            )  # fmt: skip
        except RunsCancelled as stopped:
            bar.close()
            done, total = (stopped.partial.n_replicates if stopped.partial else 0), stopped.total
            print(f"viralbots: {_stopped(done, total, store, arguments.lang)}", file=sys.stderr)
            return stopped.partial


def _stopped(done: int, total: int, store: Store | None, lang: str) -> str:
    if lang == "zh":
        kept = "；已完成的都已保存，再次运行即可接着做" if store else ""
        return f"已停止：完成{done}次，共{total}次{kept}"
    kept = "; what was finished is kept, call again to go on" if store else ""
    return f"stopped after {done} of {total} runs{kept}"


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """Ctrl-C asks the runs to stop; a second one ends the program."""
    cancel = threading.Event()

    def handler(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = signal.signal(signal.SIGINT, handler)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)


def _estimate(chosen: Chosen, arguments: argparse.Namespace) -> int:
    from viralbots.experiments.estimate import estimate, words

    announce_compilation(arguments.lang)
    found = estimate(
        chosen.scenario, replicates=arguments.replicates, workers=arguments.workers,
        vary=arguments.vary,
    )  # fmt: skip
    if arguments.json:
        print(json.dumps({"seconds": found.seconds, "bytes": found.bytes_peak}))
    else:
        print(words(found, arguments.lang))
    return 0


def _save(
    store: Store | None, chosen: Chosen, result: Result, arguments: argparse.Namespace
) -> str | None:
    """Remember which runs belong together; their number, such as ``r3``."""
    if store is None:
        return None
    return save_result(store, result.recipe(chosen.document, arguments.replicates), arguments)


def save_result(store: Store, recipe: Recipe, arguments: argparse.Namespace) -> str:
    """Save a result under the labels given; one that is there keeps those that are not."""
    workspace = workspace_of(store, arguments)
    changed = [*getattr(arguments, "changes", []), *filter(None, [arguments.network])]
    name = " · ".join([recipe.title[arguments.lang], *changed])
    number = store.save_result(workspace, recipe, name=arguments.name or name)
    given = {"name": arguments.name, "notes": arguments.note, "tags": arguments.tags or None}
    if any(value is not None for value in given.values()):
        store.annotate_result(workspace, number, **given)
    return f"r{number}"


def _print_json(result: Result, saved: str | None) -> None:
    from viralbots.experiments.table import as_data

    data = {**as_data(result), "saved": saved}
    if result.n_compared:
        data["same_bytes"] = not result.differing
    print(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1))


def _show(result: Result, saved: str | None, arguments: argparse.Namespace) -> None:
    show_result(result, arguments.lang)
    print(*fit(_kept(result, saved, arguments.lang), columns()), sep="\n")


def show_result(result: Result, lang: Any) -> None:
    """Title, outcome in words, table and what was run."""
    from viralbots.experiments.table import table
    from viralbots.experiments.words import network, outcome

    scenario, width = result.scenario, columns()
    print(getattr(scenario.title, lang), end="\n\n")
    print(*fit([*network(result, lang), *outcome(result, lang)], width), sep="\n")
    print()
    print(table(result, lang, width))
    print()
    print(*fit([what_was_run(result, lang)], width), sep="\n")


def what_was_run(result: Result, lang: Any) -> str:
    """One line: scenario, seed, replicates and what differs between them, engine, digest."""
    n, vary = result.n_replicates, _VARY[result.vary][lang]
    end = f"engine {result.engine_version} · digest {result.digest[:16]}"
    if lang == "zh":
        return (f"{result.scenario.name} · 随机种子{result.seed} · 运行{n}次"
                f"（{vary}） · {end}")  # fmt: skip
    runs = "1 run" if n == 1 else f"{n} runs"
    return f"{result.scenario.name} · seed {result.seed} · {runs} ({vary}) · {end}"


def same_bytes(result: Result, lang: Any) -> Iterator[str]:
    """What came of computing kept runs again; nothing where none was."""
    n = result.n_compared
    if not n:
        return
    if lang == "zh":
        same = "是" if not result.differing else f"否（运行 {_numbers(result)}）"
        yield f"重新计算了{n}次已保存的运行。字节相同：{same}"
    else:
        same = "yes" if not result.differing else f"no (replicates {_numbers(result)})"
        yield f"{n} kept runs computed again. Same bytes: {same}"


def _kept(result: Result, saved: str | None, lang: Any) -> Iterator[str]:
    yield from same_bytes(result, lang)
    n, known = result.n_replicates, result.n_known
    is_looked_up = known and not result.n_compared
    if saved and lang == "zh":
        before = f"，其中{known}次以前算过" if is_looked_up else ""
        yield f"已保存为 {saved}{before}。看某人的经历：viralbots why {saved} adopter"
    elif saved:
        before = f" ({known} of {n} runs were there already)" if is_looked_up else ""
        yield f"Saved as {saved}{before}. One user's story: viralbots why {saved} adopter"


def _numbers(result: Result) -> str:
    return ", ".join(str(number) for number in result.differing)
