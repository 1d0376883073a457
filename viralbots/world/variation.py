"""Worlds that differ from a given one without a new draw: for exact laws (model §1)."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viralbots.errors import NetworkError, Problem
from viralbots.world.population import build_population
from viralbots.world.shares import DEFAULT_SHARES, PopulationSpec
from viralbots.world.world import ID_MASK, Population, Ties, World


def _per_user(population: Population) -> list[str]:
    """Names of the fields that hold one entry per user."""
    return [f.name for f in fields(population) if f.name != "seed"]


def _relabel_ties(ties: Ties, new: NDArray[np.int64], old: NDArray[np.int64]) -> Ties:
    """Move rows and rename listeners; rows keep their order, since keys move along."""
    degree = ties.degree[old]
    offset = np.concatenate([[0], np.cumsum(degree)])
    entry = np.arange(len(ties.word)) + np.repeat(ties.offset[old] - offset[:-1], degree)
    word = ties.word[entry]
    listener = new[(word & np.uint32(ID_MASK)).astype(np.int64)].astype(np.uint32)
    return replace(
        ties,
        offset=offset,
        word=(word & ~np.uint32(ID_MASK)) | listener,
        layer_end=ties.layer_end[old],
        level=ties.level[entry] if len(ties.level) else ties.level,
        cumulative=ties.cumulative[entry] if len(ties.cumulative) else ties.cumulative,
    )


def relabel(world: World, permutation: NDArray[np.int64]) -> World:
    """The same world with other numbers: user u becomes ``permutation[u]``.

    Keys and all attributes move with the users, so every result must move with them.

    Raises
    ------
    NetworkError
        If ``permutation`` does not name every number once.
    """
    new = np.asarray(permutation, np.int64)
    n = world.n_users
    if not np.array_equal(np.sort(new), np.arange(n)):
        text = f"must hold every number from 0 to {n - 1} once, got {len(new)} entries; mend it"
        about: dict[str, object] = {"last": n - 1, "got": len(new)}
        raise NetworkError("relabel", [Problem("permutation", "not_a_permutation", text, about)])
    old = np.empty(n, np.int64)
    old[new] = np.arange(n)
    moved = {name: getattr(world.population, name)[old] for name in _per_user(world.population)}
    ties = _relabel_ties(world.ties, new, old)
    follows = ties if world.follows is world.ties else _relabel_ties(world.follows, new, old)
    labels = tuple(world.labels[user] for user in old) if world.labels else ()
    return World(replace(world.population, **moved), ties, follows, labels, dict(world.facts))


def _with_empty_row(ties: Ties) -> Ties:
    layer_end = np.concatenate([ties.layer_end, np.zeros((1, 2), ties.layer_end.dtype)])
    return replace(ties, offset=np.append(ties.offset, ties.offset[-1]), layer_end=layer_end)


def add_isolated_user(world: World, spec: PopulationSpec = DEFAULT_SHARES) -> World:
    """The same world with one more user, last in number and key, whom nobody knows.

    She has a community and a circle of her own, so she cannot change anybody else.
    """
    population = world.population
    key = population.key.max() + np.uint64(1)
    if key == 0:
        text = f"must be below {2**64 - 1}, got {2**64 - 1}; give users smaller keys"
        about: dict[str, object] = {"lt": 2**64 - 1, "got": 2**64 - 1}
        raise NetworkError("add_isolated_user", [Problem("key", "key_too_large", text, about)])
    community = population.community.max(keepdims=True) + np.int32(1)
    one = build_population(
        population.seed, spec, community, population.region[-1:], key=np.array([key])
    )
    one = replace(one, circle=population.circle.max(keepdims=True) + np.int32(1))
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(population, name), getattr(one, name)])
        for name in _per_user(population)
    }
    ties = _with_empty_row(world.ties)
    follows = ties if world.follows is world.ties else _with_empty_row(world.follows)
    labels = (*world.labels, f"user {key}") if world.labels else ()
    return World(replace(population, **joined), ties, follows, labels, dict(world.facts))
