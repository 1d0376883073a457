"""The files that come with the program: the scenarios and the page of the app.

In a checkout they lie beside the package, in an installed program under
``share/viralbots`` of the environment.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parent.parent
_PAGE = "app.py"


@cache
def home() -> Path:
    """Folder in which ``app.py`` and ``scenarios/`` are."""
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _CHECKOUT
    try:
        installed = files("viralbots") or []
    except PackageNotFoundError:
        installed = []
    pages = (file for file in installed if file.parts[-2:] == ("viralbots", _PAGE))
    return next((Path(str(page.locate())).resolve().parent for page in pages), _CHECKOUT)


def page() -> Path:
    """The script that streamlit runs."""
    return home() / _PAGE


def scenario_folder() -> Path:
    """Where the scenarios are: VIRALBOTS_SCENARIOS, or those that come with the program."""
    named = os.environ.get("VIRALBOTS_SCENARIOS")
    return Path(named) if named else home() / "scenarios"


def scenario_files() -> dict[str, Path]:
    """The scenarios by name; empty where the folder is missing."""
    return {path.stem: path for path in sorted(scenario_folder().glob("*.yaml"))}
