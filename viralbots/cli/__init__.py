"""The command ``viralbots``; a file here for each of its words."""

from viralbots.cli.main import main

__all__ = ["main"]
