"""``viralbots doctor``: what is installed, what is missing, and what the database holds."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from viralbots.cli.compiled import COMPILE_SECONDS, is_compiled
from viralbots.cli.options import add_command, add_output
from viralbots.cli.storage import database_of, open_store
from viralbots.errors import StoreError
from viralbots.library import scenario_files, scenario_folder
from viralbots.problem_words import say, say_error
from viralbots.version import ENGINE_VERSION, __version__

SICK = 1
PROGRAMS = (
    "numpy", "numba", "pydantic", "PyYAML", "sqlite-utils", "streamlit", "altair", "faker",
)  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge", "firefox")


def add_parsers(commands: Any) -> None:
    """Register the word."""
    told = "say what is installed, what is missing and whether the database is sound"
    doctor = add_command(commands, "doctor", run_doctor, told)
    add = doctor.add_argument
    add("--db", metavar="FILE", help="the database")
    add("--mend", action="store_true", help="drop runs that are damaged; they are computed again "
        "when needed")  # fmt: skip
    add_output(doctor)


def run_doctor(arguments: argparse.Namespace) -> int:
    """Print a line for each thing looked at; 1 where something has to be mended."""
    found: dict[str, Any] = {
        "viralbots": __version__,
        "engine": ENGINE_VERSION,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "programs": {program: _version(program) for program in PROGRAMS},
        "compiled": is_compiled(),
        "browser": next((b for name in BROWSERS if (b := shutil.which(name))), None),
        "scenarios": {"folder": str(scenario_folder()), "number": len(scenario_files())},
        "database": _database(arguments),
    }
    problems = [f"{name} is missing: pip install -r requirements.txt"
                for name, number in found["programs"].items() if number is None]  # fmt: skip
    problems += found["database"].pop("problems")
    found["problems"] = problems
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _tell(found)
    return SICK if problems else 0


def _version(program: str) -> str | None:
    try:
        return version(program)
    except PackageNotFoundError:
        return None


def _database(arguments: argparse.Namespace) -> dict[str, Any]:
    """Where it is, how large, and what a check of every digest finds."""
    from viralbots.store import sqlite_version

    path = database_of(arguments)
    about: dict[str, Any] = {"sqlite": sqlite_version(), "problems": [], "file": str(path)}
    about["exists"] = path.exists()
    if not path.exists():
        return about
    try:
        with open_store(arguments) as store:
            if arguments.mend:
                store.mend()
            problems = [f"{problem.path}: {say(problem, arguments.lang)}"
                        for problem in store.check()]  # fmt: skip
            return {**about, **asdict(store.size()), "problems": problems}
    except StoreError as error:
        return {**about, "problems": [say_error(error, arguments.lang)]}


def _tell(found: dict[str, Any]) -> None:
    print(f"viralbots {found['viralbots']}, engine {found['engine']}")
    print(f"python {found['python']} on {found['system']}, {found['processors']} processors")
    print(", ".join(f"{name} {number or 'missing'}" for name, number in found["programs"].items()))
    ready = "yes" if found["compiled"] else f"no; the first run takes {COMPILE_SECONDS} s longer"
    print(f"compiled engine: {ready}")
    print(f"browser: {found['browser'] or 'none found; the browser tests need chromium'}")
    print(f"scenarios: {found['scenarios']['number']} in {found['scenarios']['folder']}")
    database = found["database"]
    print(f"SQLite {database['sqlite']}")
    if not database["exists"]:
        print(f"database: {database['file']} (made when something is first kept)")
    elif "runs" in database:
        print(f"database: {database['file']}, {database['bytes'] / 1e6:.1f} MB, "
              f"{database['runs']} runs, {database['results']} saved results, "
              f"{database['scenarios']} saved scenarios")  # fmt: skip
    for problem in found["problems"]:
        print(f"! {problem}")
    if found["problems"]:
        print("Mend what is marked with !; damaged runs: viralbots doctor --mend")
    else:
        print("All is well.")
