"""Five thousand ordinary posts: what most of what is posted comes to (model §9)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import address, name_id
from viralbots.engine.simulate import simulate
from viralbots.metrics.cascade import forest_of, trees_of
from viralbots.scenario import Scenario, from_dict
from viralbots.trace import Trace
from viralbots.world.world import World

TOGETHER = 8  # messages a run can hold
TOPICS = 64
_TEXT = {"en": "ordinary posts", "zh": "普通帖子"}


class Posts(NamedTuple):
    """Cascades of many posts, each begun by one random user.

    Attributes
    ----------
    size : int64[posts]
        Adopters, the one who posted included.
    virality : float64[posts]
        Structural virality; nan where nobody passed it on.
    """

    size: NDArray[np.int64]
    virality: NDArray[np.float64]


def beta14(post: int, quantity: str) -> float:
    """A draw from Beta(1, 4) by hashing: 1 − (1 − u)^¼."""
    u = ((address(name_id(quantity), post) >> 32) + 0.5) / 2**32
    return 1.0 - float(np.sqrt(np.sqrt(1.0 - u)))


def scenario_of(first: int, ease: float, n_users: int) -> Scenario:
    """Eight posts on video with properties of their own, and a seed for each."""
    messages = {
        f"post_{post}": {
            "topic": f"topic {post % TOPICS}",
            "value": beta14(post, "value"),
            "arousal": beta14(post, "arousal"),
            "ad_intensity": beta14(post, "ad_intensity"),
            "ease": ease,
            "converts": False,
            "channels": {"video": 1.0},
        }
        for post in range(first, first + TOGETHER)
    }
    return from_dict(
        {
            "format": 1,
            "name": "ordinary_posts",
            "title": _TEXT,
            "story": _TEXT,
            "network": {"n_users": n_users},
            "messages": messages,
            "seeding": [{"message": name, "count": 1} for name in messages],
        }
    )


def post_all(world: World, n_posts: int, ease: float) -> Posts:
    """Let ``n_posts`` posts (a multiple of eight) run, eight at a time."""
    size, virality = [], []
    for first in range(0, n_posts, TOGETHER):
        trace = simulate(scenario_of(first, ease, world.n_users), first, world=world)
        for message in range(TOGETHER):
            tree = tree_of(trace, message)
            size.append(tree[0])
            virality.append(tree[1])
    return Posts(np.array(size), np.array(virality))


def tree_of(trace: Trace, message: int) -> tuple[int, float]:
    """Size and structural virality of the only cascade of a message."""
    trees = trees_of(forest_of(trace, message))
    assert len(trees.size) == 1, "one seed begins one cascade"
    return int(trees.size[0]), float(trees.virality[0])
