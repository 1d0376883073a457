"""P(backlash) as simulated, beside 1 − exp(−D·p_c·π) (model §5), over ten campaigns.

    python benchmarks/backlash.py [--runs 200] [--svg docs/backlash.svg]

Both sides come from simulations, but from different ones. *Simulated*: the share of runs whose
counter-message has max(50, 1 % of users) adopters. *Formula*: D·p_c is the number of
counter-messages begun in runs in which nobody ever sees one (a filter stops them all), so that
nobody is made aware by another's; π is the chance that one of them takes off, the fixed point
of the offspring law of counter-messages, told from their first generations. Offspring of a
counter-message are those who pass it on, and those who begin one of their own because they
have read it.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viralbots.engine.simulate import simulate
from viralbots.metrics.base import adoptions_of
from viralbots.metrics.cascade import Forest, grow_forest
from viralbots.metrics.harm import backlash
from viralbots.scenario import Scenario, from_dict, override
from viralbots.trace import COUNTER_START, FATE_READ, Trace
from viralbots.world.assemble import build
from viralbots.world.world import World

FOLDER = Path(__file__).resolve().parent.parent
N_USERS = 10_000
EARLY = 2  # generations whose offspring are counted: later ones meet people who know already
SETTINGS: dict[str, dict[str, object]] = {
    "10 begin it": {},
    "30 begin it": {"seeding[0].count": 30},
    "100 begin it": {"seeding[0].count": 100},
    "300 begin it": {"seeding[0].count": 300},
    "1000 begin it": {"seeding[0].count": 1000},
    "moving": {"messages.campaign.arousal": 0.8},
    "moving, 100 begin it": {"messages.campaign.arousal": 0.8, "seeding[0].count": 100},
    "well hidden": {"messages.campaign.disguise": 1.0, "seeding[0].count": 300},
    "poorly hidden": {"messages.campaign.disguise": 0.1, "seeding[0].count": 30},
    "dull exposure": {"messages.exposure.arousal": 0.4, "seeding[0].count": 1000},
}


@dataclass(frozen=True)
class Point:
    """One campaign: simulated share with its 95 % bracket, and the formula's."""

    name: str
    reach: float
    started: float
    takes_off: float
    predicted: float
    simulated: float
    low: float
    high: float


def campaign() -> Scenario:
    """A false and partly hidden campaign without any leak, and the message against it."""
    return from_dict({
        "format": 1, "name": "campaign", "title": {"en": "-", "zh": "-"},
        "story": {"en": "-", "zh": "-"}, "network": {"n_users": N_USERS},
        "messages": {
            "campaign": {"brand": "b", "sponsored": False, "value": 0.3, "ease": 0.8,
                         "arousal": 0.6, "disguise": 0.6, "is_false": True, "converts": False,
                         "channels": {"video": 1}},
            "exposure": {"kind": "counter", "about": "campaign", "value": 0.6, "ease": 0.8,
                         "arousal": 0.6, "channels": {"video": 1}},
        },
        "seeding": [{"message": "campaign", "count": 10}],
    })  # fmt: skip


def unseen(scenario: Scenario) -> Scenario:
    """The same campaign, in which nobody ever gets to see a counter-message."""
    stop = {"kind": "filter", "strength": 1.0, "messages": ["exposure"]}
    return override(scenario, {"interventions": [stop]})


def extinction(offspring: NDArray[np.int64]) -> float:
    """The smallest root of q = G(q), G being the generating function of the counts."""
    share = np.bincount(offspring) / len(offspring)
    power = np.arange(len(share))
    q = 0.0
    for _ in range(10_000):
        following = float((share * q**power).sum())
        if abs(following - q) < 1e-12:
            break
        q = following
    return q


def wilson(k: int, n: int) -> tuple[float, float]:
    """95 % interval of a share."""
    z2 = 1.959964**2
    middle = (k + z2 / 2) / (n + z2)
    half = 1.959964 / (n + z2) * math.sqrt(k * (n - k) / n + z2 / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def counter_forest(trace: Trace) -> Forest:
    """The forest of the counter-message; who began one after reading another is its child."""
    rows = adoptions_of(trace, 1).copy()
    assert trace.deliveries is not None
    log = trace.deliveries
    read = log[(log["message"] == 1) & ((log["outcome"] & 3) == FATE_READ) & (log["source"] >= 0)]
    users, first = np.unique(read["user"], return_index=True)  # the log is in order of minutes
    place = np.minimum(np.searchsorted(users, rows["user"]), max(0, len(users) - 1))
    if len(users):
        known = read[first[place]]
        began = (rows["kind"] == COUNTER_START) & (known["user"] == rows["user"])
        began &= known["minute"] <= rows["minute"]
        rows["source"] = np.where(began, known["source"], rows["source"])
    return grow_forest(rows, trace.n_users)


def point(name: str, changes: dict[str, object], world: World, runs: int, seed: int = 1) -> Point:
    """Simulate one campaign both ways."""
    scenario = override(campaign(), changes)
    hidden = unseen(scenario)
    started, reach, happened = [], [], 0
    first: list[NDArray[np.int64]] = []
    early: list[NDArray[np.int64]] = []
    for replicate in range(runs):
        alone = simulate(hidden, seed, replicate=replicate, world=world)
        started.append(len(adoptions_of(alone, 1)))
        reach.append(alone.total("reach") / world.n_users)
        trace = simulate(scenario, seed + 1, replicate=replicate, world=world, level="deliveries")
        happened += int(backlash(world, trace, 0))
        forest = counter_forest(trace)
        first.append(forest.n_children[forest.generation == 0])
        is_early = forest.generation <= EARLY
        early.append(forest.n_children[is_early])
    q = extinction(np.concatenate(early)) if sum(map(len, early)) else 1.0
    own = np.concatenate(first)
    share = np.bincount(own) / len(own) if len(own) else np.ones(1)
    pi = 1.0 - float((share * q ** np.arange(len(share))).sum())
    predicted = float(np.mean([1.0 - math.exp(-n * pi) for n in started]))
    low, high = wilson(happened, runs)
    return Point(name, float(np.mean(reach)), float(np.mean(started)), pi, predicted,
                 happened / runs, low, high)  # fmt: skip


def table(points: list[Point]) -> str:
    """As Markdown."""
    lines = ["| campaign | reach | begun a run | take-off π | formula | simulated |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {p.name} | {p.reach:.3f} | {p.started:.2f} | {p.takes_off:.3f} | {p.predicted:.3f} "
        f"| {p.simulated:.3f} [{p.low:.3f}, {p.high:.3f}] |"
        for p in points
    ]
    return "\n".join(lines)


def drawing(points: list[Point]) -> str:
    """Simulated against formula, as SVG: on the line they agree."""
    side, edge = 320, 46

    def at(x: float, y: float) -> tuple[float, float]:
        return edge + side * x, 12 + side * (1 - y)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side + 70} {side + 70}" '
        'font-family="sans-serif" font-size="11" fill="#444"><rect width="100%" height="100%" '
        'fill="#fff"/>',
        f'<path d="M{edge},12 V{12 + side} H{edge + side}" fill="none" stroke="#999"/>',
        f'<path d="M{edge},{12 + side} L{edge + side},12" stroke="#999" stroke-dasharray="4 4"/>',
    ]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = at(tick, tick)
        parts.append(f'<text x="{x}" y="{28 + side}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{edge - 8}" y="{y + 4}" text-anchor="end">{tick:g}</text>')
    for p in points:
        x, low = at(p.predicted, p.low)
        _, high = at(p.predicted, p.high)
        _, y = at(p.predicted, p.simulated)
        parts.append(f'<path d="M{x:.1f},{low:.1f} V{high:.1f}" stroke="#b5422c"/>')
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#b5422c"/>')
    middle = edge + side / 2
    parts.append(f'<text x="{middle}" y="{48 + side}" text-anchor="middle">formula</text>')
    turned = f'transform="rotate(-90 12 {side / 2})"'
    parts.append(f'<text x="12" y="{side / 2}" text-anchor="middle" {turned}>simulated</text>')
    return "".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--svg", type=Path)
    given = parser.parse_args()
    world = build(campaign().network)
    points = [point(name, changes, world, given.runs) for name, changes in SETTINGS.items()]
    print(table(points))
    if given.svg:
        given.svg.write_text(drawing(points), encoding="utf-8")


if __name__ == "__main__":
    main()
