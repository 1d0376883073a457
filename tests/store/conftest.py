"""Where the tests put their databases."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ENOUGH = 100_000_000  # bytes


@pytest.fixture
def tmp_path(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder of a test's own: in memory where there is such a disk, since two hundred new
    databases that each wait a dozen times for a busy disk take most of a minute. Processes are
    killed on a real one."""
    on_disk = request.module.__name__.endswith("test_processes")
    if on_disk or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        yield tmp_path_factory.mktemp("store")
        return
    folder = Path(tempfile.mkdtemp(prefix="viralbots-", dir=MEMORY)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
