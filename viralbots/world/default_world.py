"""The default world: three layers of personal ties and public follows (model §9)."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots import draws, exact
from viralbots.errors import NetworkError, Problem
from viralbots.world import generators as build
from viralbots.world.network import ties_from_edges
from viralbots.world.population import (
    GENERAL_TOPIC,
    PopulationSpec,
    build_population,
    interest,
    quantile_index,
    with_leaders,
)
from viralbots.world.world import CLOSE, MAX_USERS, MID, WEAK, Population, Ties, World

COMMUNITY_LOW, COMMUNITY_HIGH = 60, 2000  # density ∝ x^-2 between
REGION_USERS = 20_000
CLIQUES_A, CLIQUES_B = (4, 6), (6, 9)
TASTE_NOISE = 0.5  # standard deviations of interest
MID_OPENED = 9.4  # × sociability
PROPENSITY_MEAN, PROPENSITY_CAP = 99.1, 5000.0
FOLLOWED_MEAN, PULL_EXPONENT = 70.0, 0.9
# With a cap of .2 n the largest of 100 000 audiences is 2 150, with 2 n it is 9 100; the
# tail of model §9 (145, 688, 6 038, 10 712) needs the latter.
PULL_CAP = 2.0  # × number of users
MID_SCOPES = (0.80, 0.20, 0.0)  # own community, own region, anywhere
WEAK_SCOPES = (0.30, 0.50, 0.20)
FOLLOW_SCOPES = (0.40, 0.30, 0.30)
BLOCK_COMMUNITY = 150  # users per community in generated graphs without blocks
DEFAULT_STRENGTH = 0.5  # w of a generated tie

Rows = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint32]]


class Places(NamedTuple):
    """Communities and regions as ranges of user numbers.

    Attributes
    ----------
    community_start : int64[c + 1]
    region_start : int64[r + 1]
        First users; a region begins where a community does.
    community, region : int32[n]
    """

    community_start: NDArray[np.int64]
    region_start: NDArray[np.int64]
    community: NDArray[np.int32]
    region: NDArray[np.int32]


def _number_ranges(start: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))


def lay_out_places(n_users: int, seed: int) -> Places:
    """Communities of 60 … 2000 users with density ∝ x⁻², in regions of about 20 000.

    A rest below 60 users joins the last community, one below half a region the last
    region; a world of fewer than 60 users is one community.
    """
    counter = np.arange(n_users // COMMUNITY_LOW + 1)
    draw = draws.fold_array(int(build.stage_state(seed, build.STAGE_SIZES)), counter)
    u = (draw >> np.uint64(11)).astype(np.float64) / 2**53
    size = 1.0 / (1.0 / COMMUNITY_LOW - u * (1.0 / COMMUNITY_LOW - 1.0 / COMMUNITY_HIGH))
    start = np.concatenate([[0], np.cumsum(np.floor(size + 0.5).astype(np.int64))])
    start = start[start <= max(0, n_users - COMMUNITY_LOW)]
    bound = np.searchsorted(start, np.arange(0, n_users, REGION_USERS))
    region_start = np.unique(start[bound[bound < len(start)]])
    if len(region_start) > 1 and n_users - region_start[-1] < REGION_USERS // 2:
        region_start = region_start[:-1]
    start = np.append(start, n_users)
    region_start = np.append(region_start, n_users)
    return Places(start, region_start, _number_ranges(start), _number_ranges(region_start))


def _stochastic_floor(value: NDArray[np.float64], seed: int, stage: int) -> NDArray[np.int32]:
    """Round up with the probability of the fraction, one addressed draw per user."""
    state = draws.fold(int(build.stage_state(seed, build.STAGE_ROUND)), stage)
    draw = draws.fold_array(state, np.arange(len(value))) >> np.uint64(32)
    return np.floor(value + draw.astype(np.float64) / 2**32).astype(np.int32)


def _lognormal(n_users: int, seed: int, stage: int, mean: float) -> NDArray[np.float64]:
    """Lognormal values with σ = 1, float64[n].

    The product of two table lookups with σ = √½ each, which reaches further into the
    tail than one table of 4096 quantiles could.
    """
    draw = draws.fold_array(int(build.stage_state(seed, stage)), np.arange(n_users))
    factor = exact.lognormal_quantiles(0.0, float(np.sqrt(0.5)))
    second = ((draw >> np.uint64(40)) & np.uint64(exact.N_QUANTILES - 1)).astype(np.int64)
    median = mean * float(exact.exp(-0.5))
    return median * (factor[quantile_index(draw)] * factor[second])


def weak_tie_propensity(n_users: int, seed: int) -> NDArray[np.float64]:
    """Propensity x of each user of a default world, float64[n] (model §9)."""
    x = _lognormal(n_users, seed, build.STAGE_PROPENSITY, PROPENSITY_MEAN)
    return np.minimum(x, PROPENSITY_CAP)


def _pareto(n_users: int, seed: int) -> NDArray[np.float64]:
    """Pareto values of at least 1 with density exponent 1.9, float64[n].

    u^(−1/.9) as the product of a table over the binary exponent of u and one over its
    leading 12 bits.
    """
    draw = draws.fold_array(int(build.stage_state(seed, build.STAGE_PULL)), np.arange(n_users))
    mantissa, exponent = np.frexp(((draw >> np.uint64(12)).astype(np.float64) + 0.5) / 2**52)
    cell = ((mantissa - 0.5) * (2 * exact.N_QUANTILES)).astype(np.int64)
    by_cell = exact.exp(-exact.log(0.5 + 0.5 * exact.midpoints()) / PULL_EXPONENT)
    by_exponent = exact.exp(np.arange(54) * exact.log(2.0) / PULL_EXPONENT)
    return by_cell[cell] * by_exponent[-exponent]


def _plan(
    seed: int,
    stage: int,
    places: Places,
    n_draws: NDArray[np.int32],
    weight: NDArray[np.int64],
    scopes: tuple[float, float, float],
) -> tuple[tuple[object, ...], NDArray[np.uint32]]:
    """What `generators.draw_partners` reads, and its buffer."""
    n = len(n_draws)
    table = np.empty((3, n), np.uint64)
    starts = (places.community_start, places.region_start, np.array([0, n]))
    for level, start in enumerate(starts):
        build.alias_table(weight, start, table[level])
    first = places.community_start[:-1]
    region = places.region[first]
    region_size = np.diff(places.region_start)
    scope = np.stack(
        [first, np.diff(places.community_start), places.region_start[region], region_size[region]],
        axis=1,
    )
    unit = 1 << build.SCOPE_BITS
    shares = (round(scopes[0] * unit), round((scopes[0] + scopes[1]) * unit))
    most = np.add.reduceat(n_draws, np.arange(0, n, build.BLOCK_USERS)).max()
    state = build.stage_state(seed, stage)
    return (state, n_draws, scope, places.community, table, shares), np.empty(most, np.uint32)


def _offsets(count: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(count, dtype=np.int64)])


def _no_rows(n_users: int) -> Rows:
    return np.zeros(n_users + 1, np.int64), np.zeros(n_users, np.int32), np.empty(0, np.uint32)


def _without_repeats(
    offset: NDArray[np.int64], neighbour: NDArray[np.uint32], close: Rows, mid: Rows
) -> Rows:
    given = np.diff(offset).astype(np.int32)
    length = np.empty(len(given), np.int32)
    build.drop_repeats((offset, given, neighbour), close, mid, length)
    return offset, length, neighbour


def _close_rows(population: Population, places: Places) -> Rows:
    """All pairs inside cliques of neighbours (A) and of like-minded users (B)."""
    seed, n = population.seed, len(population.key)
    taste_draw = draws.fold_array(int(build.stage_state(seed, build.STAGE_TASTE)), np.arange(n))
    z = exact.normal_quantiles()[quantile_index(taste_draw)]
    # Beta(2, 2) has standard deviation √.05; one unit of interest is 2**12.
    noise = exact.to_fixed(z * TASTE_NOISE * np.sqrt(0.05), exact.ATTR_BITS)
    taste = interest(population, GENERAL_TOPIC).astype(np.int64) + noise + (1 << 14)
    like_minded = np.argsort((population.community.astype(np.int64) << 16) + taste, kind="stable")
    count = np.zeros(n, np.int64)
    partitions = []
    for stage, (low, high), member in (
        (build.STAGE_CLIQUES_A, CLIQUES_A, np.arange(n)),
        (build.STAGE_CLIQUES_B, CLIQUES_B, like_minded),
    ):
        start = np.empty(n + 1, np.int64)
        state = build.stage_state(seed, stage)
        n_cliques = build.clique_starts(places.community_start, low, high, state, start)
        start = np.append(start[:n_cliques], n)
        size = np.diff(start)
        count[member] += np.repeat(size - 1, size)
        partitions.append((member, start))
    offset = _offsets(count)
    neighbour = np.empty(offset[-1], np.uint32)
    cursor = offset[:-1].copy()
    for member, start in partitions:
        build.fill_cliques(member, start, cursor, neighbour)
    return _without_repeats(offset, neighbour, _no_rows(n), _no_rows(n))


def _mutual_rows(
    plan: tuple[object, ...], buffer: NDArray[np.uint32], close: Rows, mid: Rows
) -> Rows:
    """Rows of a layer in which users open ties, without pairs of closer layers."""
    count = np.zeros(len(close[1]), np.int32)
    build.count_mutual(plan, buffer, count)
    offset = _offsets(count)
    neighbour = np.empty(offset[-1], np.uint32)
    build.fill_mutual(plan, buffer, offset[:-1].copy(), neighbour)
    return _without_repeats(offset, neighbour, close, mid)


def _personal_ties(population: Population, places: Places) -> Ties:
    """The close, mid and weak layer (model §9)."""
    seed, n = population.seed, len(population.key)
    close = _close_rows(population, places)
    sociability = exact.lognormal_quantiles(-0.125, 0.5)[population.sociability]
    opened = _stochastic_floor(MID_OPENED * sociability, seed, build.STAGE_MID)
    plan = _plan(seed, build.STAGE_MID, places, opened, np.ones(n, np.int64), MID_SCOPES)
    mid = _mutual_rows(*plan, close, _no_rows(n))
    x = weak_tie_propensity(n, seed)
    opened = _stochastic_floor(x / 2, seed, build.STAGE_WEAK)
    weight = np.maximum(exact.to_fixed(x, 8), 1)
    plan = _plan(seed, build.STAGE_WEAK, places, opened, weight, WEAK_SCOPES)
    weak = _mutual_rows(*plan, close, mid)
    sizes = np.cumsum([close[1], mid[1], weak[1]], axis=0, dtype=np.int32)
    offset = _offsets(sizes[2])
    word = np.empty(offset[-1], np.uint32)
    for rows, before in zip((close, mid, weak), (0, sizes[0], sizes[1]), strict=True):
        build.place_layer(rows, population.channels, offset[:-1] + before, word)
    layer_end = np.ascontiguousarray(sizes[:2].T)
    return Ties(offset, word, layer_end, (CLOSE, MID, WEAK))


def _follows(population: Population, places: Places) -> Ties:
    """Heavy-tailed audiences: everyone follows some, drawn by their pull (model §9)."""
    seed, n = population.seed, len(population.key)
    followed = _lognormal(n, seed, build.STAGE_FOLLOWED, FOLLOWED_MEAN)
    n_draws = _stochastic_floor(followed, seed, build.STAGE_FOLLOW)
    pull = np.minimum(_pareto(n, seed) * followed, max(1.0, PULL_CAP * n))
    weight = np.maximum(exact.to_fixed(pull, 4), 1)
    plan, buffer = _plan(seed, build.STAGE_FOLLOW, places, n_draws, weight, FOLLOW_SCOPES)
    audience = np.zeros(n, np.uint64)
    build.count_follows(plan, buffer, audience)
    offset = _offsets(audience & np.uint64(2**32 - 1))
    audience[:] = offset[:-1]
    word = np.empty(offset[-1], np.uint32)
    build.fill_follows(plan, buffer, population.channels, audience, word)
    layer_end = np.stack([np.zeros(n, np.int32), np.zeros(n, np.int32)], axis=1)
    return Ties(offset, word, layer_end, (CLOSE, MID, WEAK))


def build_default_world(n_users: int, seed: int, spec: PopulationSpec = PopulationSpec()) -> World:
    """Build the layered world of model §9.

    Numbers are contiguous inside communities and regions. Draws onto oneself, repeats
    and pairs that a closer layer has are dropped, so that small worlds, where there are
    fewer partners than draws, simply become complete.
    """
    check_size(n_users)
    places = lay_out_places(n_users, seed)
    population = build_population(n_users, seed, spec, places.community, places.region)
    ties = _personal_ties(population, places)
    follows = _follows(population, places)
    population = with_leaders(population, follows.degree, spec.leader_share)
    facts: dict[str, object] = {
        "kind": "default",
        "n_communities": len(places.community_start) - 1,
        "n_regions": len(places.region_start) - 1,
    }
    return World(population, ties, follows, facts=facts)


GENERATORS: dict[str, Callable[..., build.Edges]] = {
    "erdos_renyi": build.erdos_renyi,
    "watts_strogatz": build.watts_strogatz,
    "barabasi_albert": build.barabasi_albert,
    "configuration": build.configuration,
    "block": build.block,
}


def check_size(n_users: int) -> None:
    """Refuse a number of users that no world can have."""
    if not 1 <= n_users <= MAX_USERS:
        text = f"must be between 1 and {MAX_USERS}, got {n_users}; choose another number"
        raise NetworkError("network", [Problem("network.n_users", "out_of_range", text)])


def _suggest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean '{close[0]}'?" if close else f"choose from {', '.join(sorted(known))}"


def _check_request(kind: str, params: Mapping[str, object]) -> None:
    """Raise a `NetworkError` with every unknown or missing name, and what exists."""
    kinds = ("default", *GENERATORS)
    if kind not in kinds:
        text = f"no network is called '{kind}'; {_suggest(kind, kinds)}"
        raise NetworkError("network", [Problem("network.kind", "unknown_name", text)])
    wanted = [] if kind == "default" else list(inspect.signature(GENERATORS[kind]).parameters)[2:]
    known = [*wanted, "tie_strength"] if wanted else []
    problems = []
    for name in params:
        if name not in known:
            advice = _suggest(name, known) if known else "the default world has none"
            text = f"unknown field of '{kind}'; {advice}"
            problems.append(Problem(f"network.{name}", "unknown_field", text))
    for name in wanted:
        if name not in params:
            text = f"is missing; '{kind}' needs {', '.join(wanted)}"
            problems.append(Problem(f"network.{name}", "missing", text))
    strength = params.get("tie_strength", DEFAULT_STRENGTH)
    if not (isinstance(strength, int | float) and 0 < strength <= 1):
        text = f"must be above 0 and at most 1, got {strength}; give a tie strength w"
        problems.append(Problem("network.tie_strength", "out_of_range", text))
    if problems:
        raise NetworkError("network", problems)


def build_world(
    kind: str,
    n_users: int,
    seed: int,
    params: Mapping[str, Any] | None = None,
    spec: PopulationSpec = PopulationSpec(),
) -> World:
    """Build a world by the name of its network (model §1).

    Parameters
    ----------
    kind : str
        ``default`` or a name in `GENERATORS`.
    n_users, seed : int
    params : mapping, optional
        The generator's own parameters, and ``tie_strength`` (w, .5 unless given). The
        default world has none.
    spec : PopulationSpec

    Returns
    -------
    World
        In generated worlds ``follows`` is the same object as ``ties``. Communities are
        the blocks of ``block``, else runs of 150 users; regions are runs of 20 000.

    Raises
    ------
    NetworkError
        Unknown names, missing parameters, values out of range.
    """
    params = dict(params or {})
    check_size(n_users)
    _check_request(kind, params)
    if kind == "default":
        return build_default_world(n_users, seed, spec)
    strength = params.pop("tie_strength", DEFAULT_STRENGTH)
    source, target = GENERATORS[kind](n_users, seed, **params)
    number = np.arange(n_users, dtype=np.int32)
    community = number // BLOCK_COMMUNITY
    if kind == "block":
        community = np.repeat(np.arange(len(params["sizes"]), dtype=np.int32), params["sizes"])
    population = build_population(n_users, seed, spec, community, number // REGION_USERS)
    ties, n_loops, n_duplicates = ties_from_edges(
        n_users,
        source,
        target,
        level=max(1, round(strength * exact.TIE_LEVELS)),
        key=population.key,
        channels=population.channels,
        directed=False,
    )
    population = with_leaders(population, ties.degree, spec.leader_share)
    facts: dict[str, object] = {
        "kind": kind,
        "n_self_loops": n_loops,
        "n_duplicates": n_duplicates,
    }
    return World(population, ties, ties, facts=facts)
