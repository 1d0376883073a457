"""How much memory is left to a process: the machine, its control groups, limits, the setting."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from viralbots.errors import ExperimentError
from viralbots.world import machine

GIGABYTE = 10**9


@pytest.fixture(autouse=True)
def _no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(machine.SETTING, raising=False)


def system(root: Path, files: dict[str, str]) -> machine.Room:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = machine.room(root)
    assert found is not None
    return found


MEMINFO = {"proc/meminfo": "MemTotal: 9000000 kB\nMemAvailable:    2000000 kB\n"}


@pytest.mark.skipif(sys.platform == "win32", reason="reads files of Linux")
def test_the_tightest_limit_of_the_machine_counts(tmp_path: Path) -> None:
    assert system(tmp_path, MEMINFO).free == 2_048_000_000
    within = {
        "proc/self/cgroup": "4:cpu,memory:/a/b\n0::/user/c\n",
        "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/a/b/memory.usage_in_bytes": "100\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "1500000000\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "600000000\n",
        "sys/fs/cgroup/memory/memory.stat": "cache 7\ntotal_inactive_file 100000000\n",
        "sys/fs/cgroup/user/c/memory.max": "max\n",
        "sys/fs/cgroup/user/c/memory.current": "700\n",
    }
    first = system(tmp_path, within)
    assert (first.free, first.limit) == (1_000_000_000, "left in this container")
    second = system(tmp_path, {
        "sys/fs/cgroup/user/memory.max": "900000000", "proc/self/statm": "9 3 1",
        "sys/fs/cgroup/user/memory.current": "800000000",
    })  # fmt: skip
    assert second.free == 100_000_000
    assert second.total == second.free + machine.bytes_held(tmp_path)
    assert machine.bytes_held(tmp_path) >= 3 * 4096


@pytest.mark.skipif(sys.platform != "linux", reason="ulimit -v holds on Linux")
def test_a_limit_of_the_address_space_counts(tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    status = {**MEMINFO, "proc/self/status": "Name: x\nVmSize:\t1000000 kB\n"}
    try:
        resource.setrlimit(resource.RLIMIT_AS, (64 * GIGABYTE, before[1]))
        assert system(tmp_path, status).limit == "free on this machine"
        status["proc/meminfo"] = "MemAvailable: 900000000 kB\n"
        found = system(tmp_path, status)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert found.free == 64 * GIGABYTE - 1_024_000_000
    assert "ulimit -v" in found.limit


@pytest.mark.parametrize(
    "text", ["lots", "4 bananas", "4ban", "-4GB", "0", "GB", "1e9", "4GB2", "٤GB"]
)
def test_a_variable_that_is_no_size_says_what_one_looks_like(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(machine.SETTING, text)
    with pytest.raises(ExperimentError, match="VIRALBOTS_MAX_MEMORY must be a size such as 4GB"):
        machine.room()
