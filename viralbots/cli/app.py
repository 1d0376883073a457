"""``viralbots app``: the app in the browser."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from viralbots.cli.options import add_command, whole
from viralbots.library import page

FAILED = 2


def add_parsers(commands: Any) -> None:
    """Register the word."""
    app = add_command(commands, "app", run_app, "open the app in the browser (Ctrl-C ends it)")
    app.add_argument("--port", type=whole(1, 65_535), metavar="N", help="port (default 8501)")
    app.add_argument("--address", metavar="HOST", help="who may connect: localhost (default) or "
                     "0.0.0.0 for a class; nobody has to log in")  # fmt: skip
    app.add_argument("--db", metavar="FILE", help="the database")


def run_app(arguments: argparse.Namespace) -> int:
    """Start streamlit on the page and wait for its end."""
    import subprocess

    script = page()
    if not script.is_file():
        print(f"viralbots: {script} is missing; install the program again", file=sys.stderr)
        return FAILED
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.port={arguments.port}"] if arguments.port else []
    command += [f"--server.address={arguments.address}"] if arguments.address else []
    environment = dict(os.environ)
    if arguments.db:
        environment["VIRALBOTS_DB"] = os.path.abspath(arguments.db)
    # From its own folder, so that streamlit finds its settings.
    return subprocess.call(
        [*command, "--browser.gatherUsageStats=false"], cwd=script.parent, env=environment
    )
