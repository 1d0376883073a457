"""From a description to a world: which builder makes which kind of network."""

from __future__ import annotations

from viralbots.world.default_world import build_default_world
from viralbots.world.importers import read_network, world_from_edges
from viralbots.world.named import build_named_world
from viralbots.world.spec import WorldSpec
from viralbots.world.world import World


def build(spec: WorldSpec) -> World:
    """Build the world that a scenario describes.

    Raises
    ------
    NetworkError
        The file cannot be read, or the parameters do not make a network.
    """
    if spec.kind == "default":
        return build_default_world(spec.n_users, spec.seed, spec.population)
    if spec.kind == "imported":
        edges = read_network(str(spec.path), directed=spec.directed)
        return world_from_edges(edges, seed=spec.seed, spec=spec.population)
    return build_named_world(spec)
