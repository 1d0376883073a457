"""Compile everything once, visibly: ``python -m viralbots.experiments.warmup``."""

from __future__ import annotations

import sys
import time

from viralbots.experiments.film import film
from viralbots.experiments.replicate import replicate_of, trace_of
from viralbots.experiments.runner import run_all
from viralbots.experiments.worlds import Worlds
from viralbots.scenario import from_dict

TEXTS = {"en": "warm-up", "zh": "预热"}
DOCUMENT = {
    "format": 1,
    "name": "warm_up",
    "title": TEXTS,
    "story": TEXTS,
    "network": {"n_users": 300},
    "messages": {"note": {"channels": {"im": 1.0, "video": 1.0}, "brand": "x"}},
    "seeding": [
        {"message": "note", "count": 5},
        {"message": "note", "count": 5, "by": "brand", "channel": "email"},
    ],
    "horizon_days": 1,
}


def warm_up() -> float:
    """Run a tiny case so that every kernel is compiled or loaded; returns seconds taken."""
    start = time.perf_counter()
    scenario = from_dict(DOCUMENT)
    worlds = Worlds()
    run_all(scenario, replicates=1, worlds=worlds)
    world = worlds.of(scenario.network)
    trace = trace_of(replicate_of(scenario, 1, 0, "luck"), world, level="deliveries")
    film(world, trace, n_shown=50)
    return time.perf_counter() - start


if __name__ == "__main__":
    print("Compiling (about half a minute the first time, a second afterwards) …", flush=True)
    print(f"Ready after {warm_up():.1f} s.")
    sys.exit(0)
