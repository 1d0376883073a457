"""The installed program: a wheel in an empty folder runs a case and serves the app."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that nothing is left in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    for name in files.stdout.splitlines():
        if (ROOT / name).is_file():
            copy = folder / "source" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir",
               str(folder), str(folder / "source")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("viralbots-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in a fresh environment that borrows the libraries of this one."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)],
                   check=True, capture_output=True)  # fmt: skip
    site = next((folder / "venv" / "lib").glob("python3*/site-packages"))
    # The checkout's own libraries, but not the checkout itself.
    libraries = sysconfig.get_paths()["purelib"]
    code = f"import sys; sys.path.append({libraries!r})"
    (site / "borrowed.pth").write_text(code + "\n", encoding="utf-8")
    return folder / "venv" / "bin" / "viralbots"


def environment(folder: Path) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("VIRALBOTS", "PYTHONPATH"))}
    return {**clean, "VIRALBOTS_DB": str(folder / "db.sqlite3")}


def test_everything_that_is_not_code_is_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tracked = subprocess.run(["git", "ls-files", "viralbots"], cwd=ROOT, capture_output=True,
                             text=True).stdout.splitlines()  # fmt: skip
    assert [name for name in tracked if (ROOT / name).is_file() and name not in names] == []
    for file in ("app.py", "scenarios/chain_letter.yaml", ".streamlit/config.toml"):
        assert any(name.endswith(f"share/viralbots/{file}") for name in names), file


def test_a_case_runs_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    command = [str(installed), "run", "chain_letter", "--replicates", "1",
               "--set", "network.n_users=1000"]  # fmt: skip
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True,
                          env=environment(tmp_path))  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "Saved as r1" in said.stdout
    place = [str(installed.parent / "python"), "-c", "import viralbots; print(viralbots.__file__)"]
    where = subprocess.run(place, cwd=tmp_path, capture_output=True, text=True).stdout
    assert str(installed.parent.parent) in where


def test_the_app_is_served_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(installed), "app", "--port", str(port), "--address", "127.0.0.1"]
    environ = {**environment(tmp_path), "STREAMLIT_SERVER_HEADLESS": "true"}
    with open(tmp_path / "log", "wb") as log:
        server = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log,
                                  env=environ, start_new_session=True)  # fmt: skip
    try:
        assert answers(f"http://127.0.0.1:{port}/_stcore/health"), (tmp_path / "log").read_text()
        assert answers(f"http://127.0.0.1:{port}/")
    finally:
        os.killpg(server.pid, 15)
        server.wait(timeout=20)


def answers(url: str) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False
