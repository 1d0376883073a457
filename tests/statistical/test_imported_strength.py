"""A tie without a weight is as strong as the calibration campaign needs it (model §1).

ego-Facebook (SNAP) is not part of this project. ``VIRALBOTS_DATA`` names a folder with
``ego_facebook/facebook_combined.txt``; without it the tests are skipped.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.statistical.figures import check, figure, show
from viralbots.experiments.runner import run_all
from viralbots.scenario import Scenario, load
from viralbots.world.importers import IMPORTED_TIE_STRENGTH, read_network, world_from_edges
from viralbots.world.shares import DEFAULT_SHARES

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("VIRALBOTS_DATA", ROOT.parent / "shared" / "data"))
FILE = DATA / "ego_facebook" / "facebook_combined.txt"
FORWARD = 0.0879

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.is_file(), reason=f"no {FILE.name}; set VIRALBOTS_DATA"),
]


@pytest.fixture(scope="module")
def campaign(root: Path) -> Scenario:
    return load(root / "scenarios" / "tell_a_friend.yaml")


def forward_probabilities(campaign: Scenario, strength: float, populations: int) -> np.ndarray:
    """Mean of 200 runs in each of some populations on ego-Facebook, float64[populations]."""
    edges = read_network(FILE)
    edges = replace(edges, weight=np.full(len(edges.source), strength))
    found = []
    for seed in range(1, populations + 1):
        world = world_from_edges(edges, seed=seed, spec=DEFAULT_SHARES)
        result = run_all(campaign, replicates=200, world=world)
        found.append(result.metrics["forward_probability"].mean)
    return np.array(found)


def test_the_campaign_keeps_its_forward_probability(campaign: Scenario) -> None:
    found = forward_probabilities(campaign, IMPORTED_TIE_STRENGTH, 20)
    name = f"forward probability at w = {IMPORTED_TIE_STRENGTH:g}"
    check("ego-Facebook, 20 populations × 200 runs", [figure(name, found, FORWARD, 0.004)])


def test_stronger_ties_carry_it_further(campaign: Scenario) -> None:
    grid = (0.1, 0.3, 0.5, 0.7, 0.9)
    found = [figure(f"w = {w:g}", forward_probabilities(campaign, w, 4)) for w in grid]
    show("Forward probability on ego-Facebook, 4 populations × 200 runs", found)
    means = [f.mean for f in found]
    assert means == sorted(means)
    assert means[0] < FORWARD < means[-1]
