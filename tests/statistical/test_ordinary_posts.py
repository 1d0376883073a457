"""Most posts are passed on by nobody, and the few that are look like the real ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.statistical.figures import Figure, check
from tests.statistical.posts import Posts, beta14, post_all
from viralbots.world.assemble import build
from viralbots.world.spec import WorldSpec
from viralbots.world.world import World

N_POSTS = 5000


@pytest.fixture(scope="module")
def world() -> World:
    return build(WorldSpec(n_users=100_000))


def share(name: str, hits: np.ndarray, target: float, within: float = math.inf) -> Figure:
    p = float(hits.mean())
    return Figure(name, p, math.sqrt(p * (1 - p) / len(hits)), target, within, len(hits))


def figures_of(posts: Posts) -> list[Figure]:
    size, shape = posts.size, posts.virality[posts.size >= 10]
    found = [
        share("nobody passed it on", size == 1, 0.901),
        share("10 adopters or more", size >= 10, 0.0058),
        share("100 adopters or more", size >= 100, 0.0002),
        Figure("mean adopters", float(size.mean()), float(size.std() / math.sqrt(len(size)))),
    ]
    for q, target in ((0.05, 2.04), (0.5, 2.44), (0.95, 3.87)):
        name = f"structural virality from 10 on, {q:.0%}"
        found.append(Figure(name, float(np.quantile(shape, q)), 0.0, target))
    return found


def test_properties_of_posts_follow_beta_1_4() -> None:
    found = np.array([beta14(post, "value") for post in range(2000)])
    z = (found.mean() - 0.2) / math.sqrt(4 / 150 / len(found))
    print(f"mean {found.mean():.4f}, should be .2, z = {z:+.2f}")
    assert abs(z) < 4


@pytest.mark.slow
@pytest.mark.parametrize("ease", [0.8, 0.5])
def test_ordinary_posts_go_nowhere(world: World, ease: float) -> None:
    posts = post_all(world, N_POSTS, ease)
    found = figures_of(posts)
    check(f"{N_POSTS} ordinary posts on video, ease {ease:g} (targets: model §9)", found)
    assert 0.88 <= found[0].mean <= 0.935
    assert 0.001 <= found[1].mean <= 0.01
    assert found[2].mean <= 0.002
    assert 2 <= found[5].mean <= 3
