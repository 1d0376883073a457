"""Options that several commands share, and the scenario that they describe."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from viralbots.errors import Problem, ScenarioError
from viralbots.library import scenario_files

if TYPE_CHECKING:
    from viralbots.scenario import Scenario


def whole(low: int) -> Callable[[str], int]:
    """A reader of whole numbers from ``low`` on, for argparse."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < low:
            problem = f"must be a whole number from {low} on, got {text!r}"
            raise argparse.ArgumentTypeError(problem)
        return int(text)

    return read


def add_scenario_options(parser: argparse.ArgumentParser) -> None:
    """Which scenario, changed how, on which network, with which luck, told how."""
    add = parser.add_argument
    add("--seed", type=whole(0), default=1, metavar="N", help="random seed (default 1)")
    add("--set", action="append", default=[], metavar="PATH=VALUE", dest="changes",
        help="change a field of the scenario file, e.g. network.n_users=2000, "
        "message.ad_intensity=.2 (message: the first one), seeding.0.count=50; repeatable"
        )  # fmt: skip
    add("--network", metavar="FILE", help="use this network: edge list, CSV or GraphML")
    add("--json", action="store_true", help="print one JSON object and nothing else")
    add_language(parser)


def add_language(parser: argparse.ArgumentParser) -> None:
    """``--lang``: English or Chinese."""
    parser.add_argument(
        "--lang", choices=("en", "zh"), default="en", help="language of the output"
    )


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """The scenario itself, by file or by name."""
    parser.add_argument(
        "scenario", metavar="FILE|NAME", help="a scenario file, or a name from `viralbots list`"
    )


def chosen_scenario(arguments: argparse.Namespace) -> Scenario:
    """The scenario named, on the network of ``--network`` and changed by ``--set``.

    Raises
    ------
    ScenarioError
        There is none of that name, a file is not valid, or a change is not possible.
    """
    from viralbots.scenario import override

    scenario = find_scenario(arguments.scenario)
    if arguments.network:
        from viralbots.experiments.runner import scenario_with_network

        scenario = scenario_with_network(scenario, arguments.network)
    return override(scenario, parse_changes(arguments.changes))


def find_scenario(text: str) -> Scenario:
    """Load a scenario by the path of its file or by its name.

    Raises
    ------
    ScenarioError
        There is neither such a file nor such a name, or the file is not valid.
    """
    from viralbots.scenario import load
    from viralbots.scenario_file import suggest

    path = Path(text)
    if path.is_file() or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return load(path)
    known = scenario_files()
    if text not in known:
        problem = f"no file and no scenario is called {text!r}{suggest(text, known)}"
        raise ScenarioError(text, [Problem("", "unknown_scenario", problem)])
    return load(known[text])


def parse_changes(changes: Sequence[str]) -> dict[str, object]:
    """``path=value`` pairs; values are read as YAML.

    >>> parse_changes(["network.n_users=1000", "message.is_false=true", "message.brand=Acme"])
    {'network.n_users': 1000, 'message.is_false': True, 'message.brand': 'Acme'}
    """
    from viralbots.scenario_file import parse_yaml

    parsed: dict[str, object] = {}
    for change in changes:
        path, equals, value = change.partition("=")
        if not equals or not path.strip():
            problem = f"got {change!r}; write PATH=VALUE, e.g. network.n_users=1000"
            raise ScenarioError("--set", [Problem("", "not_a_change", problem)])
        parsed[path.strip()] = parse_yaml(value.encode(), f"--set {path}")
    return parsed
