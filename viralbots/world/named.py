"""Worlds on textbook graphs, as a scenario describes them (model §1)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from viralbots.errors import NetworkError, Problem
from viralbots.exact import TIE_LEVELS
from viralbots.world import generators
from viralbots.world.generators import Edges
from viralbots.world.network import ties_from_edges
from viralbots.world.places import REGION_USERS
from viralbots.world.population import build_population, with_leaders
from viralbots.world.spec import WorldSpec
from viralbots.world.world import World

BLOCK_COMMUNITY = 150  # users per community in graphs without blocks


def build_named_world(spec: WorldSpec) -> World:
    """Build a world on one of the graphs in `GENERATORS`.

    Returns
    -------
    World
        ``follows`` is the same object as ``ties``. Communities are the blocks of
        ``block``, else runs of 150 users; regions are runs of 20 000.

    Raises
    ------
    NetworkError
        Values that make no graph of this size.
    """
    source, target = GENERATORS[spec.kind](spec)
    number = np.arange(spec.n_users, dtype=np.int32)
    community = _blocks(spec) if spec.kind == "block" else number // BLOCK_COMMUNITY
    population = build_population(spec.seed, spec.population, community, number // REGION_USERS)
    ties, n_loops, n_duplicates = ties_from_edges(
        source,
        target,
        level=max(1, round(spec.parameter("tie_strength") * TIE_LEVELS)),
        key=population.key,
        channels=population.channels,
        directed=False,
    )
    population = with_leaders(population, ties.degree, spec.population.leader_share)
    facts: dict[str, object] = {
        "kind": spec.kind,
        "self_loops": n_loops,
        "duplicates": n_duplicates,
    }
    return World(population, ties, ties, facts=facts)


def _erdos_renyi(spec: WorldSpec) -> Edges:
    return generators.erdos_renyi(spec.n_users, spec.seed, spec.parameter("mean_degree"))


def _watts_strogatz(spec: WorldSpec) -> Edges:
    return generators.watts_strogatz(
        spec.n_users, spec.seed, spec.parameter("mean_degree"), spec.parameter("rewire")
    )


def _barabasi_albert(spec: WorldSpec) -> Edges:
    return generators.barabasi_albert(spec.n_users, spec.seed, spec.parameter("attach"))


def _configuration(spec: WorldSpec) -> Edges:
    shares = spec.degrees or {}
    for degree in shares:  # names in a file are text
        if not degree.isdecimal():
            text = f"names must be whole numbers of ties, got {degree!r}; mend the name"
            problem = Problem("network.degrees", "degree_name", text, {"got": degree})
            raise NetworkError("network", [problem])
    degrees = {int(degree): share for degree, share in shares.items()}
    return generators.configuration(spec.n_users, spec.seed, degrees)


def _blocks(spec: WorldSpec) -> NDArray[np.int32]:
    """Block of each user, int32[n]: runs of equal length, as far as that goes."""
    n_blocks = min(spec.parameter("blocks"), spec.n_users)
    bounds = np.arange(n_blocks + 1) * spec.n_users // n_blocks
    return np.repeat(np.arange(n_blocks, dtype=np.int32), np.diff(bounds))


def _block(spec: WorldSpec) -> Edges:
    inside, outside = spec.parameter("degree_inside"), spec.parameter("degree_outside")
    sizes = np.bincount(_blocks(spec)).tolist()
    return generators.block(spec.n_users, spec.seed, sizes, inside, outside)


GENERATORS: dict[str, Callable[[WorldSpec], Edges]] = {
    "erdos_renyi": _erdos_renyi,
    "watts_strogatz": _watts_strogatz,
    "barabasi_albert": _barabasi_albert,
    "configuration": _configuration,
    "block": _block,
}
"""Graph of each kind of network that is neither ``default`` nor ``imported``."""
