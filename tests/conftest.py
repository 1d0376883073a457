"""What all tests share: profiles, small worlds, golden results, the browser."""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HINT = "no Chromium found: apt-get install chromium, or set VIRALBOTS_CHROMIUM to its path"

# The same examples on every machine and day: a failure can be repeated.
settings.register_profile("same", derandomize=True, deadline=None, max_examples=40, database=None)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write tests/golden/*.json instead of comparing",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Never touch the database of whoever runs the tests."""
    folder = tempfile.mkdtemp(prefix="viralbots-tests-")
    os.environ["VIRALBOTS_DB"] = os.path.join(folder, "viralbots.sqlite3")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder with the Makefile."""
    return ROOT


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, dict[str, object]], None]:
    """Compare a summary with tests/golden/NAME.json (floats to 1e-9), or write it."""

    def compare(name: str, summary: dict[str, object]) -> None:
        path = ROOT / "tests" / "golden" / f"{name}.json"
        got = json.loads(json.dumps(summary))
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            text = json.dumps(got, indent=1, sort_keys=True, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")
            return
        if not path.exists():
            pytest.fail(f"{path.relative_to(ROOT)} is missing: run `make golden`")
        stored = json.loads(path.read_text(encoding="utf-8"))
        wrong = [
            f"  {key}: stored {stored.get(key)!r}, got {got.get(key)!r}"
            for key in sorted(stored.keys() | got.keys())
            if not _same(stored.get(key), got.get(key))
        ]
        if wrong:
            remedy = "if that is meant: `make golden`, and a line under Results in CHANGELOG.md"
            pytest.fail("\n".join([f"{name} has other results; {remedy}", *wrong]))

    return compare


def _same(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return a == b


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium; without one browser tests are skipped, in CI they fail."""
    named = os.environ.get("VIRALBOTS_CHROMIUM")
    path = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(HINT)
    return path


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app, served for this test session on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("app") / "server.log"
    options = {
        "server.headless": "true",
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += [f"--{name}={value}" for name, value in options.items()]
    with log.open("wb") as out, subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out) as app:
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", app, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()


def _wait_until_healthy(url: str, app: subprocess.Popen[bytes], log: Path) -> None:
    # Straight to the server: a proxy of the environment is not meant for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        if app.poll() is not None:
            break
        try:
            with opener.open(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")
