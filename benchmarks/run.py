"""Time world building and the engine; prints Markdown tables and JSON.

``python benchmarks/run.py [--quick] [--rounds 3] [--json FILE]``

Every case runs in a fresh process, and cases take turns within a round, so that a machine
that becomes slower slows all of them. Times are processor seconds of one thread; what is shown
is the median over rounds.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

MEASURE = Path(__file__).resolve().parent / "measure.py"
BASE = "adoptions"  # the level that ratios refer to
Measured = dict[str, Any]


class Case(NamedTuple):
    """One line of the table."""

    workload: str
    n_users: int
    level: str


def cases(quick: bool) -> list[Case]:
    """What is timed; all three trace levels for the chain letter."""
    sizes = (100_000,) if quick else (100_000, 1_000_000)
    return [
        case
        for n in sizes
        for case in (
            Case("push", n, "series"),
            Case("push", n, "adoptions"),
            Case("push", n, "deliveries"),
            Case("feed", n, "adoptions"),
        )
    ]


def measure(case: Case) -> Measured:
    """Run one case in a process of its own."""
    command = [sys.executable, str(MEASURE), case.workload, str(case.n_users), case.level]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    found: Measured = json.loads(done.stdout.splitlines()[-1])
    return found


def median_of(rounds: Sequence[Measured]) -> Measured:
    """Medians of the numbers of one case; words as they are."""
    return {
        name: value if isinstance(value, str) else statistics.median(r[name] for r in rounds)
        for name, value in rounds[0].items()
    }


def ratio_to_base(case: Case, measured: dict[Case, list[Measured]]) -> float:
    """Median over rounds of this case's run time by that of its base in the same round."""
    base = measured[case._replace(level=BASE)]
    pairs = zip(measured[case], base, strict=True)
    return float(statistics.median(one["run_s"] / other["run_s"] for one, other in pairs))


def table(measured: dict[Case, list[Measured]]) -> str:
    """A Markdown table, a line per case."""
    lines = [
        "| workload | users | ties | level | world s | run s | M deliveries/s | reach | peak MB"
        " | time / adoptions |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for case, rounds in measured.items():
        m = median_of(rounds)
        speed = m["deliveries_per_s"] / 1e6
        lines.append(
            f"| {case.workload} | {case.n_users} | {m['n_ties'] / 1e6:.1f} M | {case.level} "
            f"| {m['build_s']:.2f} | {m['run_s']:.3f} | {speed:.1f} | {m['reach_share']:.3f} "
            f"| {m['peak_mb']:.0f} | {ratio_to_base(case, measured):.2f} |"
        )
    return "\n".join(lines)


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    from importlib.metadata import version

    from viralbots.version import ENGINE_VERSION, __version__

    return {
        "viralbots": __version__,
        "engine": str(ENGINE_VERSION),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
        "machine": f"{platform.system()} {platform.machine()}",
    }


def main() -> None:
    """Measure all cases in turn, round after round."""
    parser = argparse.ArgumentParser(description="Time world building and the engine.")
    parser.add_argument("--quick", action="store_true", help="only 100 000 users")
    parser.add_argument("--rounds", type=int, default=3, help="times each case is measured")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {options.rounds}")
    measured: dict[Case, list[Measured]] = {case: [] for case in cases(options.quick)}
    for number in range(options.rounds):
        for case in measured:
            shown = f"round {number + 1}/{options.rounds}: {case.workload}, {case.n_users} users"
            print(f"{shown}, {case.level} …", file=sys.stderr, flush=True)
            measured[case].append(measure(case))
    lines = [row for rounds in measured.values() for row in rounds]
    found = json.dumps({"machine": machine(), "measured": lines}, indent=1)
    print(table(measured), found, sep="\n\n")
    if options.json:
        options.json.write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
