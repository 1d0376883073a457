"""The command ``viralbots``: run · why · list · app · doctor."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from viralbots.cli_options import (
    add_language,
    add_scenario,
    add_scenario_options,
    chosen_scenario,
    whole,
)
from viralbots.cli_terminal import Bar, columns, fit
from viralbots.cli_why import add_parser as add_why
from viralbots.errors import ViralbotsError
from viralbots.library import page, scenario_files, scenario_folder
from viralbots.version import ENGINE_VERSION, __version__

if TYPE_CHECKING:
    from viralbots.experiments.summary import Result

Command = Callable[[argparse.Namespace], int]
COMPILE_SECONDS = 30
COMPILED = ("codes", "decide", "inline", "kernel", "landing", "queue", "send", "state", "tables")
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
        epilog="Begin with: viralbots list, viralbots run chain_letter, viralbots app. "
        "`viralbots COMMAND --help` tells more.",
    )
    version = f"viralbots {__version__} (engine {ENGINE_VERSION})"
    parser.add_argument("--version", action="version", version=version)
    parser.set_defaults(command=lambda arguments: _help(parser))
    commands = parser.add_subparsers(metavar="COMMAND")
    _add_run(commands)
    add_why(commands)
    listing = _add(commands, "list", _list, "list the scenarios that come with it")
    add_language(listing)
    _add(commands, "app", _app, "open the app in the browser (Ctrl-C ends it)")
    _add(commands, "doctor", _doctor, "say what is installed and what is missing")
    return parser


def _add(commands: Any, name: str, command: Command, told: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=told, description=f"{told[0].upper()}{told[1:]}."
    )
    parser.set_defaults(command=command)
    return parser


def _add_run(commands: Any) -> None:
    run = _add(commands, "run", _run, "run a scenario and tell what became of it")
    add_scenario(run)
    add = run.add_argument
    add("--replicates", type=whole(1), default=20, metavar="N", help="runs (default 20)")
    add("--vary", choices=("luck", "world", "both"), default="luck",
        help="what differs between runs (default luck)")  # fmt: skip
    add("--workers", type=whole(1), default=1, metavar="N", help="threads (default 1)")
    add_scenario_options(run)


def _help(parser: argparse.ArgumentParser) -> int:
    """A command was left out: say which there are."""
    parser.print_help(sys.stderr)
    return FAILED


# run -------------------------------------------------------------------------------------


def is_compiled() -> bool:
    """Whether machine code of the engine as it stands lies in numba's cache."""
    engine = Path(__file__).parent / "engine"
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or engine / "__pycache__")
    newest = max((engine / f"{name}.py").stat().st_mtime for name in COMPILED)
    return any(code.stat().st_mtime > newest for code in folder.rglob("kernel.*advance*.nbc"))


def _run(arguments: argparse.Namespace) -> int:
    scenario = chosen_scenario(arguments)
    if not is_compiled():
        wait = f"Compiling the engine once (about {COMPILE_SECONDS} s) …"
        print(wait, file=sys.stderr, flush=True)
    from viralbots.experiments.runner import RunsCancelled, run_all

    cancel, bar = threading.Event(), Bar(sys.stderr)
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


def _stop_gently(cancel: threading.Event) -> Callable[[int, FrameType | None], None]:
    """Ctrl-C asks the runs to stop; a second one ends the program."""

    def handler(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    return handler


def _show(result: Result, arguments: argparse.Namespace) -> None:
    from viralbots.experiments.table import as_data, table
    from viralbots.experiments.words import network, outcome

    if arguments.json:
        print(json.dumps(as_data(result), ensure_ascii=False, allow_nan=False, indent=1))
        return
    scenario, lang, width = result.scenario, arguments.lang, columns()
    print(getattr(scenario.title, lang), end="\n\n")
    print(*fit([*network(result, lang), *outcome(result, lang)], width), sep="\n")
    print()
    print(table(result, lang, width))
    print(f"\n{scenario.name} · seed {result.seed} · {result.n_replicates} × · engine "
          f"{result.engine_version} · digest {result.digest[:16]}")  # fmt: skip


# list, app, doctor -----------------------------------------------------------------------


def _list(arguments: argparse.Namespace) -> int:
    from viralbots.scenario import load

    for name, path in scenario_files().items():
        print(f"{name:24} {getattr(load(path).title, arguments.lang)}")
    if scenario_files():
        return 0
    print(f"viralbots: no scenarios in {scenario_folder()}; give the path of a file",
          file=sys.stderr)  # fmt: skip
    return FAILED


def _app(arguments: argparse.Namespace) -> int:
    import subprocess

    script = page()
    if not script.is_file():
        print(f"viralbots: {script} is missing; install the program again", file=sys.stderr)
        return FAILED
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    # From its own folder, so that streamlit finds its settings.
    return subprocess.call([*command, "--browser.gatherUsageStats=false"], cwd=script.parent)


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
    print(f"scenarios: {len(scenario_files())} in {scenario_folder()}")
    return FAILED if missing else 0
