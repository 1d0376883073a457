"""With its features switched off the main rule is an independent cascade (model §4).

A post that everybody reads and passes on, shown to each listener with probability p, is bond
percolation. On an Erdős–Rényi network of mean degree z a cascade that takes off reaches the
share S = 1 − exp(−c S) of all users with c = z p, and takes off with probability S.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.statistical.figures import Figure, figure, show
from viralbots.engine.simulate import simulate
from viralbots.scenario import Scenario, from_dict, override
from viralbots.world.assemble import build

MEAN_DEGREE = 10.0
GIANT = {1.25: 0.371370, 1.5: 0.582812, 2.0: 0.796812, 2.5: 0.892645, 3.0: 0.940480, 4.0: 0.980173}
_TEXT = {"en": "percolation", "zh": "渗流"}
_CERTAIN = {"read.const": 50.0, "forward.const": 50.0, "react.const": -50.0, "wait.video": 1.0}


def cascade(c: float, n_users: int) -> Scenario:
    """One seed, every listener with probability c/10, nobody loses interest."""
    return from_dict(
        {
            "format": 1,
            "name": "percolation",
            "title": _TEXT,
            "story": _TEXT,
            "network": {
                "kind": "erdos_renyi",
                "n_users": n_users,
                "mean_degree": MEAN_DEGREE,
                "population": {"video": 1.0, "leader_share": 0.0},
            },
            "messages": {"post": {"channels": {"video": 1.0}, "converts": False}},
            "seeding": [{"message": "post", "count": 1}],
            "rule": {"cells": {**_CERTAIN, "visibility.video": c / MEAN_DEGREE}},
        }
    )


def sizes(c: float, n_users: int, n_worlds: int, n_runs: int) -> np.ndarray:
    """Final sizes, int64[worlds, runs]."""
    found = np.empty((n_worlds, n_runs), np.int64)
    for row in range(n_worlds):
        scenario = override(cascade(c, n_users), {"network.seed": row + 1})
        world = build(scenario.network)
        for run in range(n_runs):
            found[row, run] = len(simulate(scenario, 1, replicate=run, world=world).adoptions)
    return found


def figures_of(c: float, n_users: int, n_worlds: int, n_runs: int) -> list[Figure]:
    """Share reached by cascades that took off, and how many did."""
    share = sizes(c, n_users, n_worlds, n_runs) / n_users
    large = share > 0.01
    reached = [row[taken].mean() for row, taken in zip(share, large, strict=True) if taken.any()]
    p, n = float(large.mean()), large.size
    luck = math.sqrt(GIANT[c] * (1 - GIANT[c]) / n)
    return [
        figure(f"c = {c:g}: share reached", reached, GIANT[c]),
        Figure(f"c = {c:g}: taken off", p, luck, GIANT[c], n=n),
    ]


def assert_near(title: str, figures: list[Figure]) -> None:
    show(title, figures)
    far = [f"{f.name}: z = {f.z:+.1f}" for f in figures if not abs(f.z) < 4]
    assert not far, "; ".join(far)


def test_a_cascade_reaches_the_giant_component() -> None:
    assert_near("Percolation, 5000 users, 6 worlds × 10 runs", figures_of(2.0, 5000, 6, 10))


@pytest.mark.slow
@pytest.mark.parametrize("c", GIANT)
def test_cascades_of_any_strength_reach_the_giant_component(c: float) -> None:
    n_users = 100_000 if c < 1.5 else 20_000
    title = f"Percolation, {n_users} users, 10 worlds × 10 runs"
    assert_near(title, figures_of(c, n_users, 10, 10))


@pytest.mark.slow
@pytest.mark.parametrize("c", [0.3, 0.5, 0.7])
def test_weak_cascades_have_the_size_of_a_branching_process(c: float) -> None:
    found = sizes(c, 20_000, 10, 100)
    aim = 1 / (1 - c)
    assert_near("Below the threshold", [figure(f"c = {c:g}: mean size", found.mean(axis=1), aim)])
