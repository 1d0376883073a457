"""The comparison with the reference notices small errors in the kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.mutations import MUTATIONS

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def noticed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """First case that shows each mutation, by its name."""
    folder = tmp_path_factory.mktemp("mutants")
    command = [sys.executable, "-m", "tests.engine.mutations", str(folder)]
    # The file-based cache tells sources apart by path and time, so the folder has its own.
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(line.rsplit(": ", 1) for line in done.stdout.splitlines())


def test_the_kernel_as_it_is_shows_no_difference(noticed: dict[str, str]) -> None:
    assert noticed["none"] == "unnoticed"


@pytest.mark.parametrize("name", [mutation.name for mutation in MUTATIONS])
def test_a_mutation_is_noticed(name: str, noticed: dict[str, str]) -> None:
    assert noticed[name] != "unnoticed"
