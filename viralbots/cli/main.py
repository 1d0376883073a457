"""The command ``viralbots``: reads the command line and runs one of its words."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from viralbots.cli import (
    app,
    claims,
    compare,
    completion,
    diff,
    doctor,
    new,
    run,
    show,
    transfer,
    upkeep,
    why,
)
from viralbots.cli.errors import parser_class
from viralbots.cli.options import language_of
from viralbots.errors import ViralbotsError
from viralbots.problem_words import say_error
from viralbots.version import ENGINE_VERSION, __version__

FAILED, INTERRUPTED = 2, 130
WORDS = (run, compare, claims, show, why, diff, new, transfer, upkeep, doctor, app, completion)
"""Modules that each add one or more words, in the order of the help."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns
    -------
    int
        0 fine; 1 a check that failed (``run --fresh``, ``doctor``); 2 a mistake in the input;
        130 Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = list(sys.argv[1:] if argv is None else argv)
    lang = language_of(given)
    try:
        arguments = parser(lang).parse_args(given)
        code = int(arguments.command(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()  # a full disk shows here, not when the program has ended
        return code
    except ViralbotsError as error:
        print(f"viralbots: {say_error(error, lang)}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("viralbots: 已中断" if lang == "zh" else "viralbots: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe, e.g. `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"viralbots: {error.strerror or error}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what could not be written is given up
        return FAILED


def parser(lang: str = "en") -> argparse.ArgumentParser:
    """The command line; mistakes in it are told in the language given."""
    made = parser_class(lang)(
        prog="viralbots",
        allow_abbrev=False,
        description="Simulated experiments on how messages spread. Nothing is ever posted.",
        epilog="Begin with: viralbots list, viralbots run chain_letter, viralbots app. "
        "`viralbots COMMAND --help` tells more.",
    )
    version = f"viralbots {__version__} (engine {ENGINE_VERSION})"
    made.add_argument("--version", action="version", version=version)
    made.set_defaults(command=lambda arguments: _help(made))
    commands = made.add_subparsers(metavar="COMMAND")
    for module in WORDS:
        module.add_parsers(commands)
    return made


def _help(made: argparse.ArgumentParser) -> int:
    """A command was left out: say which there are."""
    made.print_help(sys.stderr)
    return FAILED
