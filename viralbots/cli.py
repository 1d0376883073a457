"""The command ``viralbots``: run · list · app · doctor."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from viralbots.cli_why import add_parser as add_why
from viralbots.errors import Problem, ScenarioError, ViralbotsError
from viralbots.version import ENGINE_VERSION, __version__

if TYPE_CHECKING:
    from viralbots.experiments.summary import Result
    from viralbots.scenario import Scenario

ROOT = Path(__file__).resolve().parent.parent
COMPILE_SECONDS = 60
FAILED, INTERRUPTED = 2, 130
_PROGRAMS = ("numpy", "numba", "pydantic", "PyYAML", "streamlit", "altair", "faker")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge", "firefox")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0 fine, 2 a mistake in the input, 130 Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except ViralbotsError as error:
        print(f"viralbots: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("viralbots: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe, e.g. `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="viralbots",
        description="Simulated experiments on how messages spread. Nothing is ever posted.",
    )
    version = f"viralbots {__version__} (engine {ENGINE_VERSION})"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run a scenario and tell what became of it")
    run.set_defaults(command=_run)
    add = run.add_argument
    add("scenario", metavar="FILE|NAME", help="a scenario file, or a name from `viralbots list`")
    add("--seed", type=_whole(0), default=1, help="random seed (default 1)")
    add("--replicates", type=_whole(1), default=20, metavar="N", help="runs (default 20)")
    add("--vary", choices=("luck", "world", "both"), default="luck",
        help="what differs between runs (default luck)")  # fmt: skip
    add("--network", metavar="FILE", help="use this network: edge list, CSV or GraphML")
    add("--set", action="append", default=[], metavar="PATH=VALUE", dest="changes",
        help="change a field, e.g. message.ad_intensity=.2 (repeatable)")  # fmt: skip
    add("--workers", type=_whole(1), default=1, metavar="N", help="threads (default 1)")
    add("--json", action="store_true", help="print one JSON object and nothing else")
    add("--lang", choices=("en", "zh"), default="en", help="language of the outcome")
    add_why(commands)
    listing = commands.add_parser("list", help="list the scenarios that come with it")
    listing.add_argument("--lang", choices=("en", "zh"), default="en")
    listing.set_defaults(command=_list)
    commands.add_parser("app", help="open the app in the browser").set_defaults(command=_app)
    doctor = commands.add_parser("doctor", help="say what is installed and what is missing")
    doctor.set_defaults(command=_doctor)
    return parser


def _whole(low: int):  # type: ignore[no-untyped-def]
    def whole_number(text: str) -> int:
        value = int(text)
        if value < low:
            raise argparse.ArgumentTypeError(f"must be at least {low}, got {value}")
        return value

    return whole_number


# Scenarios by name -----------------------------------------------------------------------


def scenario_files() -> dict[str, Path]:
    """The scenarios that come with the program, by name."""
    for folder in (ROOT / "scenarios", Path("scenarios")):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {}


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


# run -------------------------------------------------------------------------------------


class _Bar:
    """A progress bar with the remaining time; silent where nobody looks at a terminal."""

    def __init__(self, stream: TextIO):
        self.stream, self.start, self.shown = stream, time.monotonic(), -1.0
        self.is_on = stream.isatty()

    def __call__(self, fraction: float, done: int, total: int) -> None:
        now = time.monotonic()
        if not self.is_on or (now - self.shown < 0.1 and done < total):
            return
        self.shown = now
        filled = int(30 * fraction)
        left = (now - self.start) * (1 - fraction) / fraction if fraction > 0 else 0.0
        bar = f"\r[{'#' * filled}{'.' * (30 - filled)}] {fraction:4.0%}  {done}/{total} runs"
        self.stream.write(f"{bar}  {left:.0f} s left   ")
        self.stream.flush()

    def close(self) -> None:
        """Wipe the bar."""
        if self.is_on and self.shown >= 0:
            self.stream.write("\r" + " " * 79 + "\r")
            self.stream.flush()


def is_compiled() -> bool:
    """Whether compiled kernels of the engine lie in numba's cache."""
    if folder := os.environ.get("NUMBA_CACHE_DIR"):
        return any(Path(folder).rglob("kernel.advance*.nbc"))
    return any((ROOT / "viralbots" / "engine" / "__pycache__").glob("kernel.advance*.nbc"))


def _run(arguments: argparse.Namespace) -> int:
    from viralbots.scenario import override

    scenario = override(find_scenario(arguments.scenario), parse_changes(arguments.changes))
    if not is_compiled():
        wait = f"Compiling the engine once (about {COMPILE_SECONDS} s) …"
        print(wait, file=sys.stderr, flush=True)
    from viralbots.experiments.runner import RunsCancelled, run_all, scenario_with_network

    if arguments.network:
        scenario = scenario_with_network(scenario, arguments.network)
    cancel, bar = threading.Event(), _Bar(sys.stderr)
    before = signal.signal(signal.SIGINT, _stop_gently(cancel))
    try:
        result = run_all(
            scenario, seed=arguments.seed, replicates=arguments.replicates,
            workers=arguments.workers, vary=arguments.vary, progress=bar, cancel=cancel,
        )  # fmt: skip
    except RunsCancelled as stopped:
        bar.close()
        print(f"viralbots: {stopped}", file=sys.stderr)
        if stopped.partial is not None:
            _show(stopped.partial, arguments)
        return INTERRUPTED
    finally:
        bar.close()
        signal.signal(signal.SIGINT, before)
    _show(result, arguments)
    return 0


def _stop_gently(cancel: threading.Event):  # type: ignore[no-untyped-def]
    """Ctrl-C asks the runs to stop; a second one ends the program."""

    def handler(number: int, frame: object) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    return handler


def _show(result: Result, arguments: argparse.Namespace) -> None:
    from viralbots.experiments.table import as_data, table
    from viralbots.experiments.words import outcome

    if arguments.json:
        print(json.dumps(as_data(result), ensure_ascii=False, allow_nan=False, indent=1))
        return
    scenario, lang = result.scenario, arguments.lang
    print(getattr(scenario.title, lang), end="\n\n")
    print(*outcome(result, lang), sep="\n")
    print()
    print(table(result, lang))
    print(f"\n{scenario.name} · seed {result.seed} · {result.n_replicates} × · engine "
          f"{result.engine_version} · digest {result.digest[:16]}")  # fmt: skip


# list, app, doctor -----------------------------------------------------------------------


def _list(arguments: argparse.Namespace) -> int:
    from viralbots.scenario import load

    files = scenario_files()
    if not files:
        print("viralbots: no folder `scenarios` found; give the path of a file", file=sys.stderr)
    for name, path in files.items():
        print(f"{name:32} {getattr(load(path).title, arguments.lang)}")
    return 0


def _app(arguments: argparse.Namespace) -> int:
    import subprocess

    page = ROOT / "app.py"
    if not page.is_file():
        print(f"viralbots: {page} is missing; start from a checkout", file=sys.stderr)
        return FAILED
    command = [sys.executable, "-m", "streamlit", "run", str(page)]
    return subprocess.call([*command, "--browser.gatherUsageStats=false"])


def _doctor(arguments: argparse.Namespace) -> int:
    import platform
    import shutil
    from importlib.metadata import PackageNotFoundError, version

    print(f"viralbots {__version__}, engine {ENGINE_VERSION}")
    print(f"python {platform.python_version()} on {platform.system()} {platform.machine()}, "
          f"{os.cpu_count()} processors")  # fmt: skip
    missing = 0
    for program in _PROGRAMS:
        try:
            print(f"{program} {version(program)}")
        except PackageNotFoundError:
            missing += 1
            print(f"{program} is missing: pip install -r requirements.txt")
    ready = "yes" if is_compiled() else f"no; the first run takes about {COMPILE_SECONDS} s longer"
    print(f"compiled engine: {ready}")
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    print(f"browser: {browser or 'none found; the browser tests need chromium'}")
    print(f"scenarios: {len(scenario_files())}")
    return FAILED if missing else 0
