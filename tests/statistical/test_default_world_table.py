"""The default world at its reference size, row by row beside the table of model §9."""

from __future__ import annotations

import numpy as np
import pytest

from tests.statistical.figures import Figure, check, figure
from viralbots.world.assemble import build
from viralbots.world.default_world import weak_tie_propensity
from viralbots.world.population import interest
from viralbots.world.spec import WorldSpec
from viralbots.world.world import CHANNELS, ID_MASK, World

N, SEEDS = 100_000, (1, 2, 3)
FOLLOWERS = {25: 0, 50: 11, 95: 145, 99: 688, 99.9: 6038, 100: 10_712}
USES = {"im": 0.95, "email": 0.9, "sms": 0.98, "forum": 0.7, "blog": 0.4, "video": 0.9}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [build(WorldSpec(n_users=N, seed=seed)) for seed in SEEDS]


def close_pairs(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of every close tie."""
    size = world.ties.layer_end[:, 0].astype(np.int64)
    source = np.repeat(np.arange(N), size)
    first = np.repeat(world.ties.offset[:-1] - (np.cumsum(size) - size), size)
    word = world.ties.word[first + np.arange(len(source))]
    return source, (word & np.uint32(ID_MASK)).astype(np.int64)


def likeness(world: World) -> float:
    """Correlation of the interests of close friends."""
    source, target = close_pairs(world)
    m = interest(world.population, "general").astype(np.float64)
    return float(np.corrcoef(m[source], m[target])[0, 1])


def clustering(world: World) -> float:
    """Share of a user's pairs of close friends who are close themselves, every 20th user."""
    source, target = close_pairs(world)
    known = np.split(target, np.cumsum(np.bincount(source, minlength=N))[:-1])
    local = []
    for user in range(0, N, 20):
        friends = known[user]
        links = sum(len(np.intersect1d(friends, known[f], assume_unique=True)) for f in friends)
        local.append(links / (len(friends) * (len(friends) - 1)))
    return float(np.mean(local))


def test_personal_ties_have_the_sizes_of_the_table(worlds: list[World]) -> None:
    close, mid, every = (
        [world.ties.layer_end[:, 0].mean() for world in worlds],
        [world.ties.layer_end[:, 1].mean() for world in worlds],
        [world.ties.degree.mean() for world in worlds],
    )
    propensity = [weak_tie_propensity(N, seed).mean() for seed in SEEDS]
    check(
        f"Personal ties among {N} users, {len(SEEDS)} worlds",
        [
            figure("close", close, 10.7, 0.2),
            figure("close and mid", mid, 28.3, 0.5),
            figure("close, mid and weak", every, 118, 2),
            figure("mid", np.subtract(mid, close), 17.6, 0.3),
            figure("weak", np.subtract(every, mid), 90, 2),
            figure("weak-tie propensity", propensity, 99.1, 2),
            figure("clustering of close ties", [clustering(w) for w in worlds], 0.505, 0.01),
            figure("likeness of close friends", [likeness(w) for w in worlds], 0.62, 0.03),
        ],
    )


def test_communities_and_channels_have_the_shares_of_the_table(worlds: list[World]) -> None:
    sizes = np.concatenate([np.bincount(world.population.community) for world in worlds])
    people = [world.population for world in worlds]
    found = [
        # The density x⁻² on [60, 2000] has its median at 2/(1/60 + 1/2000).
        Figure("median community", float(np.median(sizes)), 0.0, 116.5, 15),
        Figure("smallest community", float(sizes.min()), 0.0, 60, 0),
        Figure("largest community", float(sizes.max()), 0.0, 2000, 250),
        figure("vulnerable", [p.vulnerable.mean() for p in people], 0.20, 0.01),
    ]
    for bit, name in enumerate(CHANNELS[:6]):
        uses = [((p.channels >> bit) & 1).mean() for p in people]
        found.append(figure(f"uses {name}", uses, USES[name], 0.005))
    check(f"Communities and channels among {N} users", found)


def test_audiences_have_the_sizes_of_the_table(worlds: list[World]) -> None:
    audiences = [world.follows.degree for world in worlds]
    # Few users make the end of the tail, so it is the loosest; the quarter with fewest
    # followers has 4, not 0: nobody's pull is below 1 time what she follows.
    allowed = {25: 5, 50: 2, 95: 15, 99: 70, 99.9: 900, 100: 2500}
    found = [
        figure(f"followers, {q:g} %", [np.percentile(a, q) for a in audiences], target, allowed[q])
        for q, target in FOLLOWERS.items()
    ]
    found.append(figure("followers, mean", [a.mean() for a in audiences], 50, 5))
    check(f"Audiences among {N} users, {len(SEEDS)} worlds", found)
