"""Bots, their targets and who hears whom under `attention_feed` (docs/attention_feed.md)."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import INFILTRATION, address, fold
from viralbots.engine.attention_kernel import Audience
from viralbots.interventions.levers import Chosen, members
from viralbots.rules.attention_feed import AttentionFeed
from viralbots.world.world import World


def audience_of(world: World, rule: AttentionFeed) -> Audience:
    """Who hears whom in a world; the same in every run."""
    is_bot = members(world, Chosen("random", rule.bots, "attention_feed:bots"))
    is_target = np.zeros(world.n_users, np.bool_)
    if rule.placement not in ("random", "all"):
        chosen = Chosen(rule.placement, rule.targeted, "attention_feed:targets")
        is_target = members(world, chosen) & ~is_bot
    key = world.population.key
    by_key = np.argsort(key, kind="stable").astype(np.int32)
    kinds = (is_target, ~is_bot & ~is_target, is_bot)
    parts = [by_key[kind[by_key]] for kind in kinds]
    sizes = [len(part) for part in parts]
    rank = np.full(world.n_users, -1, np.int32)
    rank[parts[2]] = np.arange(sizes[2], dtype=np.int32)
    follows = world.follows
    return Audience(
        follows.offset, follows.word, is_bot, np.concatenate(parts),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), rank,
        _walks(world, parts[2], sizes, rule), key,
    )  # fmt: skip


def _walks(
    world: World, bots: NDArray[np.int32], sizes: list[int], rule: AttentionFeed
) -> NDArray[np.int64]:
    """Start, stride and number of listeners of each bot in each list, int64[n_bots, 3, 3]."""
    count = round(rule.infiltration * (sizes[0] + sizes[1]))
    targets = min(count, sizes[0])
    counts = (targets, count - targets, min(rule.bot_ties, sizes[2]))
    found = np.zeros((len(bots), 3, 3), np.int64)
    for number, bot in enumerate(bots):
        state = address(world.population.seed, INFILTRATION, int(world.population.key[bot]))
        for part, (n, taken) in enumerate(zip(sizes, counts, strict=True)):
            if taken:
                found[number, part] = (*_walk(state, 2 * part, n), taken)
    return found


def _walk(state: int, code: int, n: int) -> tuple[int, int]:
    """Start and stride of a walk that meets each of n once."""
    start = ((fold(state, code) >> 32) * n) >> 32
    stride = 1 + (((fold(state, code + 1) >> 32) * (n - 1)) >> 32)
    while gcd(stride, n) != 1:
        stride = (stride + 1) % n or 1
    return start, stride
