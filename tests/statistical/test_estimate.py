"""Estimates against what fresh processes really take; `-s` prints the table."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from viralbots.experiments.estimate import Estimate, estimate
from viralbots.experiments.warmup import warm_up
from viralbots.scenario import Scenario, load, override

ROOT = Path(__file__).resolve().parent.parent.parent
CASES = {
    "chain_letter": ("chain_letter", {}),  # reaches nearly everybody
    "tell_a_friend": ("tell_a_friend", {}),  # dies out
    "fake_ad_backlash": ("fake_ad_backlash", {}),  # on a feed, two messages
    "random graph": ("chain_letter", {"network.kind": "erdos_renyi"}),
}
SIZES = (10_000, 100_000, 1_000_000)
CLEARLY = 1.0  # seconds from which a time is compared; below it the start of a process counts

# A process of its own that tells its largest memory. Not `ru_maxrss`: that begins with the
# memory of the process that started it.
CHILD = """
import json, re, sys, time
from viralbots import load, override, run_all
path, changes, options = json.loads(sys.argv[1])
scenario = override(load(path), changes)
run_all(override(scenario, {"network.n_users": 300}), replicates=1)  # loads the engine
start, cpu = time.perf_counter(), time.process_time()
run_all(scenario, **options)
seconds = time.perf_counter() - start, time.process_time() - cpu
peak = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
print(json.dumps([int(peak[1]) * 1024, *seconds]))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc"),
]


@cache
def compiled() -> None:
    """Compile once: a process that compiles takes 160 MB more."""
    warm_up()


def measured(
    case: str, n_users: int, replicates: int, workers: int, vary: Any = "luck"
) -> tuple[int, float, float, Estimate]:
    """Peak in bytes, seconds and processor seconds of a fresh process, and the estimate."""
    compiled()
    name, changes = CASES[case]
    path, changes = (
        str(ROOT / "scenarios" / f"{name}.yaml"),
        {**changes, "network.n_users": n_users},
    )
    options = {"replicates": replicates, "workers": workers, "vary": vary}
    command = [sys.executable, "-c", CHILD, json.dumps([path, changes, options])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    peak, seconds, cpu = json.loads(done.stdout)
    scenario: Scenario = override(load(path), changes)
    found = estimate(scenario, replicates=replicates, workers=workers, vary=vary)
    print(
        f"{case:17} {n_users:9} users {replicates} runs {workers} workers {vary:5}: "
        f"{peak / 1e6:6.0f} MB, estimate {100 * (found.bytes_peak / peak - 1):+3.0f} %; "
        f"{seconds:6.2f} s ({cpu:6.2f} of processors), estimate {found.seconds:6.2f} s"
    )
    return peak, seconds, cpu, found


@pytest.mark.parametrize("n_users", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_memory_and_time_of_one_run_after_another_are_known_before(
    case: str, n_users: int
) -> None:
    for replicates in (1, 2):
        peak, _, cpu, found = measured(case, n_users, replicates, workers=1)
        assert 0.9 * peak <= found.bytes_peak <= 1.3 * peak
        if cpu > CLEARLY:  # of the processor, so that a busy machine does not count
            assert cpu / 2 <= found.seconds <= 2 * cpu


@pytest.mark.parametrize("n_users", SIZES)
@pytest.mark.parametrize("case", CASES)
def test_memory_of_two_runs_side_by_side_is_known_before(case: str, n_users: int) -> None:
    peak, _, _, found = measured(case, n_users, replicates=2, workers=2)
    assert 0.9 * peak <= found.bytes_peak <= 1.3 * peak


@pytest.mark.parametrize("case", CASES)
def test_memory_of_worlds_side_by_side_is_known_before(case: str) -> None:
    peak, _, _, found = measured(case, 300_000, replicates=2, workers=2, vary="both")
    assert 0.9 * peak <= found.bytes_peak <= 1.3 * peak
