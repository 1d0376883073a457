"""Options that several commands share, and the scenario that they describe."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from viralbots.errors import Problem, ScenarioError
from viralbots.library import scenario_files

if TYPE_CHECKING:
    from viralbots.scenario import Scenario
    from viralbots.store import SavedResult

Command = Callable[[argparse.Namespace], int]
Lang = Literal["en", "zh"]
LANGUAGES = ("en", "zh")
SAVED = re.compile(r"([rs])([1-9][0-9]{0,17})")
"""How a saved run (``r3``) and a saved scenario (``s3``) are called."""


def language_of(given: Sequence[str]) -> Lang:
    """The language asked for, known before the command line is parsed.

    >>> language_of(["run", "x", "--lang", "zh"]), language_of(["run", "--lang=zh"])
    ('zh', 'zh')
    """
    for place, word in enumerate(given):
        value = word.partition("=")[2] if "=" in word else "".join(given[place + 1 : place + 2])
        if word.partition("=")[0] == "--lang" and value in LANGUAGES:
            return "zh" if value == "zh" else "en"
    return "zh" if os.environ.get("VIRALBOTS_LANG") == "zh" else "en"


LARGEST_SEED = 10**18 - 1
MOST_RUNS = 1_000_000


def whole(low: int, high: int = LARGEST_SEED) -> Callable[[str], int]:
    """A reader of whole numbers from ``low`` to ``high``, for argparse."""

    def read(text: str) -> int:
        if not text.isdecimal() or len(text) > 18 or not low <= int(text) <= high:
            problem = f"must be a whole number from {low} to {high}, got {text[:40]!r}"
            raise argparse.ArgumentTypeError(problem)
        return int(text)

    return read


def add_command(commands: Any, name: str, command: Command, told: str) -> argparse.ArgumentParser:
    """Register one word of the command line with its one-line explanation."""
    added: argparse.ArgumentParser = commands.add_parser(
        name, help=told, description=f"{told[0].upper()}{told[1:]}.", allow_abbrev=False
    )
    added.set_defaults(command=command)
    return added


def add_language(parser: argparse.ArgumentParser) -> None:
    """``--lang``: English or Chinese."""
    parser.add_argument(
        "--lang", choices=LANGUAGES, default=language_of([]),
        help="language of the output (default en, or the environment's VIRALBOTS_LANG)",
    )  # fmt: skip


def add_output(parser: argparse.ArgumentParser) -> None:
    """``--json`` and ``--lang``."""
    parser.add_argument("--json", action="store_true",
                        help="print one JSON object and nothing else")  # fmt: skip
    add_language(parser)


def add_store(parser: argparse.ArgumentParser) -> None:
    """Which database, and whose part of it."""
    add = parser.add_argument
    add("--db", metavar="FILE", help="the database (default: in your data folder, see "
        "`viralbots doctor`; or the environment's VIRALBOTS_DB)")  # fmt: skip
    add("--workspace", metavar="ID", default=os.environ.get("VIRALBOTS_WORKSPACE"),
        help="whose saved scenarios and runs (default: the command line's own)")  # fmt: skip


def add_changes(parser: argparse.ArgumentParser) -> None:
    """``--set`` and ``--network``."""
    add = parser.add_argument
    add("--set", action="append", default=[], metavar="PATH=VALUE", dest="changes",
        help="change a field of the scenario file, e.g. network.n_users=2000, "
        "message.ad_intensity=.2 (message: the first one), seeding.0.count=50; repeatable"
        )  # fmt: skip
    add("--network", metavar="FILE", help="use this network: edge list, CSV or GraphML")


def add_experiment(parser: argparse.ArgumentParser, replicates: int) -> None:
    """Seed, number and kind of the replicates; None where a saved run may say so."""
    add = parser.add_argument
    add("--replicates", type=whole(1, MOST_RUNS), metavar="N", help=f"runs (default {replicates})")
    add("--seed", type=whole(0), metavar="S", help="random seed (default 1)")
    add("--vary", choices=("luck", "world", "both"),
        help="what differs between runs (default luck: one network, other chances)"
        )  # fmt: skip
    add("--workers", type=whole(1, 1000), default=os.cpu_count() or 1, metavar="N",
        help="threads (default: one per processor); the result is the same")  # fmt: skip
    add("--fresh", action="store_true",
        help="compute kept runs again and say whether the bytes are the same")  # fmt: skip
    add("--no-store", action="store_true", help="neither look up nor keep anything")


@dataclass(frozen=True)
class Chosen:
    """The scenario that a command line names.

    Attributes
    ----------
    scenario : Scenario
        With all changes made.
    document : str
        Its text: the file's own where nothing was changed.
    saved : SavedResult or None
        The saved run it was taken from.
    """

    scenario: Scenario
    document: str
    saved: SavedResult | None = None


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """The scenario itself, by file or by name."""
    parser.add_argument(
        "scenario", metavar="SCENARIO",
        help="a scenario file, a name from `viralbots list`, a saved scenario (s1) or the "
        "scenario of a saved run (r1)",
    )  # fmt: skip


def choose(name: str, arguments: argparse.Namespace) -> Chosen:
    """The scenario named, on the network of ``--network`` and changed by ``--set``.

    Raises
    ------
    ScenarioError
        There is none of that name, a file is not valid, or a change is not possible.
    """
    found = find(name, arguments)
    network = getattr(arguments, "network", None)
    return changed(found, parse_changes(getattr(arguments, "changes", [])), network)


def changed(chosen: Chosen, changes: dict[str, object], network: str | None = None) -> Chosen:
    """A scenario with fields changed; unchanged it keeps its own text."""
    if not changes and not network:
        return chosen
    from viralbots.scenario import dump, override

    scenario = chosen.scenario
    if network:
        from viralbots.experiments.runner import scenario_with_network

        # In full: what is saved must be found again from another folder.
        scenario = scenario_with_network(scenario, Path(network).resolve())
    scenario = override(scenario, changes)
    return Chosen(scenario, dump(scenario), chosen.saved)


def find(text: str, arguments: argparse.Namespace) -> Chosen:
    """Look a scenario up by the path of its file, by its name, or by the number of a saved one.

    Raises
    ------
    ScenarioError
        There is neither such a file nor such a name, or the file is not valid.
    StoreError
        There is no such saved scenario or run.
    """
    from viralbots.scenario import read

    path = Path(text)
    is_path = path.is_file() or path.suffix in (".yaml", ".yml") or len(path.parts) > 1
    if not is_path and SAVED.fullmatch(text):
        return _saved(text, arguments)
    known = scenario_files()
    if not is_path and text not in known:
        from viralbots.scenario.file import suggest, suggestion

        sentence = f"no file and no scenario is called {text!r}{suggest(text, known)}"
        values = {"name": text, **suggestion(text, known)}
        raise ScenarioError(text, [Problem("", "unknown_scenario", sentence, values)])
    scenario, document = read(path if is_path else known[text])
    return Chosen(scenario, document)


def _saved(text: str, arguments: argparse.Namespace) -> Chosen:
    """The scenario of ``s3`` or ``r3``."""
    from viralbots.cli.storage import open_store, workspace_of
    from viralbots.scenario import from_text

    number = int(text[1:])
    with open_store(arguments) as store:
        workspace = workspace_of(store, arguments)
        if text.startswith("s"):
            document = store.scenario(workspace, number).document
            return Chosen(from_text(document, text), document)
        saved = store.result(workspace, number)
    return Chosen(from_text(saved.document, text), saved.document, saved)


def parse_changes(changes: Sequence[str], option: str = "--set") -> dict[str, object]:
    """``path=value`` pairs; values are read as YAML.

    >>> parse_changes(["network.n_users=1000", "message.is_false=true", "message.brand=Acme"])
    {'network.n_users': 1000, 'message.is_false': True, 'message.brand': 'Acme'}
    """
    from viralbots.scenario.file import parse_yaml

    parsed: dict[str, object] = {}
    for change in changes:
        path, equals, value = change.partition("=")
        if not equals or not path.strip():
            sentence = f"got {change!r}; write PATH=VALUE, e.g. network.n_users=1000"
            raise ScenarioError(option, [Problem("", "not_a_change", sentence, {"got": change})])
        parsed[path.strip()] = parse_yaml(value.encode(), f"{option} {path}")
    return parsed
