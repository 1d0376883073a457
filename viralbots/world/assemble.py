"""From a `WorldSpec` to a `World`: names of the file to arguments of the builders."""

from __future__ import annotations

from typing import Any

from viralbots.errors import NetworkError, Problem
from viralbots.world.default_world import build_world
from viralbots.world.importers import read_network, world_from_edges
from viralbots.world.population import PopulationSpec
from viralbots.world.spec import WorldSpec
from viralbots.world.world import World

DEFAULT_DEGREE = 10.0
DEFAULT_BLOCKS = 10


def assemble(spec: WorldSpec) -> World:
    """Build the world that a scenario describes (`viralbots.world.spec.build`)."""
    population = PopulationSpec(**spec.population.model_dump())
    if spec.kind == "imported":
        edges = read_network(str(spec.path), directed=spec.directed)
        return world_from_edges(edges, seed=spec.seed, spec=population)
    params = _parameters(spec)
    if spec.tie_strength is not None:
        params["tie_strength"] = spec.tie_strength
    return build_world(spec.kind, spec.n_users, spec.seed, params, population)


def _parameters(spec: WorldSpec) -> dict[str, Any]:
    """Arguments of the generator in its own words."""
    degree = DEFAULT_DEGREE if spec.mean_degree is None else spec.mean_degree
    if spec.kind == "erdos_renyi":
        return {"mean_degree": degree}
    if spec.kind == "watts_strogatz":
        return {"k": _even(degree), "rewire": 0.1 if spec.rewire is None else spec.rewire}
    if spec.kind == "barabasi_albert":
        return {"m": spec.attach or 5}
    if spec.kind == "configuration":
        return {"degrees": _degrees(spec.degrees or {})}
    if spec.kind == "block":
        blocks = min(spec.blocks or DEFAULT_BLOCKS, spec.n_users)
        sizes = [spec.n_users * (b + 1) // blocks - spec.n_users * b // blocks for b in range(blocks)]
        inside = 8.0 if spec.degree_inside is None else spec.degree_inside
        outside = 2.0 if spec.degree_outside is None else spec.degree_outside
        return {"sizes": sizes, "degree_inside": inside, "degree_outside": outside}
    return {}


def _even(degree: float) -> int:
    """Neighbours on a ring come in pairs."""
    if degree % 2:
        text = f"must be an even whole number for watts_strogatz, got {degree:g}"
        raise NetworkError("network", [Problem("network.mean_degree", "out_of_range", text)])
    return int(degree)


def _degrees(shares: dict[str, float]) -> dict[int, float]:
    """Degrees are names in YAML; they must be whole numbers."""
    for degree in shares:
        if not degree.isdigit():
            text = f"names must be whole numbers of ties, got {degree!r}"
            raise NetworkError("network", [Problem("network.degrees", "invalid", text)])
    return {int(degree): share for degree, share in shares.items()}
