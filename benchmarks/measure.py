"""Time one case in a fresh process and print it as one line of JSON; `run.py` calls this."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from viralbots.engine.simulate import simulate
from viralbots.experiments.warmup import warm_up
from viralbots.scenario import Scenario, from_dict, load, override
from viralbots.trace import LEVELS
from viralbots.world.assemble import build

ROOT = Path(__file__).resolve().parent.parent
RUNS = 3  # in one process, on one world


def push(n_users: int) -> Scenario:
    """The chain letter: chosen recipients on three channels, nearly everybody reached."""
    letter = load(ROOT / "scenarios" / "chain_letter.yaml")
    return override(letter, {"network.n_users": n_users})


def feed(n_users: int) -> Scenario:
    """A film that everybody passes on: whole audiences on one channel."""
    text = {"en": "film", "zh": "短片"}
    film = {"value": 1.0, "ease": 1.0, "arousal": 1.0, "channels": {"video": 1.0}}
    return from_dict(
        {
            "format": 1,
            "name": "film",
            "title": text,
            "story": text,
            "network": {"n_users": n_users},
            "messages": {"film": {**film, "converts": False}},
            "seeding": [{"message": "film", "count": 100}],
        }
    )


WORKLOADS = {"push": push, "feed": feed}


def peak_megabytes() -> float:
    """Largest memory of this process so far; nan where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def measure(workload: str, n_users: int, level: str) -> dict[str, object]:
    """Processor seconds of one case, compilation and loading of kernels left out."""
    warm_up()
    scenario = WORKLOADS[workload](n_users)
    start = time.process_time()
    world = build(scenario.network)
    build_s = time.process_time() - start
    run_s, deliveries, reach = [], 0, 0.0
    for replicate in range(RUNS):
        start = time.process_time()
        trace = simulate(scenario, 1, replicate=replicate, level=level, world=world)
        run_s.append(time.process_time() - start)
        deliveries += trace.total("delivered")
        reach += trace.total("reach") / n_users / RUNS
        del trace
    return {
        "workload": workload,
        "n_users": n_users,
        "level": level,
        "n_ties": world.ties.n_ties + world.follows.n_ties,
        "build_s": build_s,
        "run_s": sum(run_s) / RUNS,
        "deliveries": deliveries / RUNS,
        "reach_share": reach,
        "deliveries_per_s": deliveries / sum(run_s),
        "peak_mb": peak_megabytes(),
        "world_mb": world.n_bytes / 2**20,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("n_users", type=int)
    parser.add_argument("level", choices=LEVELS)
    chosen = parser.parse_args()
    print(json.dumps(measure(chosen.workload, chosen.n_users, chosen.level)))
