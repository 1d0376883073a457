"""One run with everything in it beside a plain one, on the same world: time and memory.

    python benchmarks/features.py [--users 1000000] [--rounds 3]

*Plain* is a false campaign on video and instant messaging with the message against it. *Full*
adds bots of six kinds, a message that rides as a footer, one with a network effect and a variant,
reminders, a landing of limited capacity, and every intervention that can hold beside the others.
Processor time is taken by turns; memory is what the run has taken when it ends (its arrays), as
the peak of a process tells of its largest run only.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from typing import Any

from viralbots.engine.simulate import simulate
from viralbots.scenario import Scenario, from_dict
from viralbots.world.assemble import build
from viralbots.world.world import World

CAMPAIGN: dict[str, Any] = {
    "brand": "b", "sponsored": False, "value": 0.4, "ease": 0.8, "arousal": 1.0, "disguise": 0.6,
    "is_false": True, "offer": "full", "channels": {"video": 1, "im": 1},
}  # fmt: skip
EXPOSURE = {"kind": "counter", "about": "campaign", "value": 0.6, "ease": 0.8, "arousal": 0.6,
            "channels": {"video": 1}}  # fmt: skip


def document(n_users: int, **more: Any) -> Scenario:
    return from_dict({
        "format": 1, "name": "features", "title": {"en": "-", "zh": "-"},
        "story": {"en": "-", "zh": "-"}, "network": {"n_users": n_users},
        "messages": {"campaign": CAMPAIGN, "exposure": EXPOSURE},
        "seeding": [{"message": "campaign", "count": n_users // 100}], **more,
    })  # fmt: skip


def plain(n_users: int) -> Scenario:
    return document(n_users)


def full(n_users: int) -> Scenario:
    """The same campaign with everything beside it."""
    campaign = {**CAMPAIGN, "variant": "remix", "mutation": 0.05, "network_effect": 1.0,
                "reminder_days": 7, "reminders": 3}  # fmt: skip
    messages = {
        "campaign": campaign,
        "exposure": EXPOSURE,
        "remix": {**CAMPAIGN, "brand": None, "sponsored": None},
        "mail": {"footer": 0.5, "value": 0.7, "offer": "full", "channels": {"email": 1}},
        "truth": {"kind": "correction", "about": "campaign", "channels": {"video": 1}},
    }
    bots = [
        {"kind": kind, "message": "campaign", "share": 0.0005, "infiltration": 20 / n_users,
         "deception": 0.3, "flooding": 1.0}
        for kind in ("amplifier", "spammer", "sockpuppet", "harvester", "hijacked", "recruiter")
    ]  # fmt: skip
    interventions = [
        {"kind": "forward_limit", "limit": 5, "start": 1440},
        {"kind": "accuracy_prompt", "start": 2880},
        {"kind": "prebunk", "start": 0},
        {"kind": "label", "messages": ["campaign"], "start": 2880},
        {"kind": "correction", "message": "truth", "count": 1000, "start": 4320},
        {"kind": "filter", "strength": 0.2, "start": 1440},
        {"kind": "rate_limit", "start": 1440},
        {"kind": "downrank", "messages": ["campaign"], "start": 2880},
        {"kind": "leak", "message": "exposure", "count": 50, "start": 2880},
        {"kind": "disclosure", "messages": ["campaign"], "start": 5760},
    ]
    seeding = [{"message": "campaign", "count": n_users // 100},
               {"message": "mail", "count": 300, "by": "members"}]  # fmt: skip
    return document(n_users, messages=messages, bots=bots, interventions=interventions,
                    seeding=seeding)  # fmt: skip


def one(scenario: Scenario, world: World) -> tuple[float, int, int]:
    """Processor seconds, deliveries and bytes kept of one run."""
    start = time.process_time()
    trace = simulate(scenario, 1, world=world)
    seconds = time.process_time() - start
    kept = sum(a.nbytes for a in (trace.state, trace.distrust, trace.adoptions, trace.converts)
               if a is not None)  # fmt: skip
    return seconds, sum(trace.total("delivered", q) for q in range(len(trace.messages))), kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("plain", "full"), help="one run; prints its peak")
    given = parser.parse_args()
    for make in (plain, full):  # compile
        simulate(make(2_000), 1)
    world = build(plain(given.users).network)
    if given.only:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        one({"plain": plain, "full": full}[given.only](given.users), world)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(
            f"{given.only}: peak {after / 1e6:.2f} GB, with the world alone {before / 1e6:.2f} GB"
        )
        return
    times: dict[str, list[tuple[float, int, int]]] = {"plain": [], "full": []}
    for _ in range(given.rounds):
        times["plain"].append(one(plain(given.users), world))
        times["full"].append(one(full(given.users), world))
    for name, runs in times.items():
        seconds = statistics.median(run[0] for run in runs)
        deliveries, kept = runs[0][1], runs[0][2]
        print(
            f"{name:5}  {seconds:6.2f} s  {deliveries / 1e6:6.1f} M deliveries  "
            f"{deliveries / seconds / 1e6:5.2f} M/s  {kept / 1e6:6.0f} MB of results"
        )
    ratios = [
        f[0] / f[1] / (p[0] / p[1]) for p, f in zip(times["plain"], times["full"], strict=True)
    ]
    print(f"time a delivery, full / plain: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
