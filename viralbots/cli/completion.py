"""``viralbots completion``: a script that lets the shell complete words and options."""

from __future__ import annotations

import argparse
from typing import Any

from viralbots.cli.options import add_command


def add_parsers(commands: Any) -> None:
    """Register the word."""
    told = "print a script for your shell that completes words and options"
    completion = add_command(commands, "completion", run_completion, told)
    completion.add_argument("shell", choices=("bash", "zsh"))
    completion.epilog = 'bash: eval "$(viralbots completion bash)", in ~/.bashrc to keep it'


def run_completion(arguments: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    from viralbots.cli.main import parser

    print(shtab.complete(parser(), arguments.shell))
    return 0
