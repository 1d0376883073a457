"""The default world: three layers of personal ties and public follows (model §9)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viralbots import draws, exact
from viralbots.errors import NetworkError, Problem
from viralbots.world import layer_kernels as kernels
from viralbots.world.layer_kernels import Plan, Rows
from viralbots.world.places import Places, lay_out_places
from viralbots.world.population import (
    GENERAL_TOPIC,
    build_population,
    interest,
    quantile_index,
    with_leaders,
)
from viralbots.world.shares import DEFAULT_SHARES, PopulationSpec
from viralbots.world.stages import (
    STAGE_CLIQUES_A,
    STAGE_CLIQUES_B,
    STAGE_FOLLOW,
    STAGE_FOLLOWED,
    STAGE_MID,
    STAGE_PROPENSITY,
    STAGE_PULL,
    STAGE_ROUND,
    STAGE_TASTE,
    STAGE_WEAK,
    stage_state,
)
from viralbots.world.world import CLOSE, MAX_USERS, MID, WEAK, Population, Ties, World

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


def _stochastic_floor(value: NDArray[np.float64], seed: int, stage: int) -> NDArray[np.int32]:
    """Round up with the probability of the fraction, one addressed draw per user."""
    state = draws.fold(int(stage_state(seed, STAGE_ROUND)), stage)
    draw = draws.fold_array(state, np.arange(len(value))) >> np.uint64(32)
    return np.floor(value + draw.astype(np.float64) / 2**32).astype(np.int32)


def _lognormal(n_users: int, seed: int, stage: int, mean: float) -> NDArray[np.float64]:
    """Lognormal values with σ = 1, float64[n].

    The product of two table lookups with σ = √½ each, which reaches further into the
    tail than one table of 4096 quantiles could.
    """
    draw = draws.fold_array(int(stage_state(seed, stage)), np.arange(n_users))
    factor = exact.lognormal_quantiles(0.0, float(np.sqrt(0.5)))
    second = ((draw >> np.uint64(40)) & np.uint64(exact.N_QUANTILES - 1)).astype(np.int64)
    median = mean * float(exact.exp(-0.5))
    return median * (factor[quantile_index(draw)] * factor[second])


def weak_tie_propensity(n_users: int, seed: int) -> NDArray[np.float64]:
    """Propensity x of each user of a default world, float64[n] (model §9)."""
    x = _lognormal(n_users, seed, STAGE_PROPENSITY, PROPENSITY_MEAN)
    return np.minimum(x, PROPENSITY_CAP)


def _pareto(n_users: int, seed: int) -> NDArray[np.float64]:
    """Pareto values of at least 1 with density exponent 1.9, float64[n].

    u^(−1/.9) as the product of a table over the binary exponent of u and one over its
    leading 12 bits.
    """
    draw = draws.fold_array(int(stage_state(seed, STAGE_PULL)), np.arange(n_users))
    mantissa, exponent = np.frexp(((draw >> np.uint64(12)).astype(np.float64) + 0.5) / 2**52)
    cell = ((mantissa - 0.5) * (2 * exact.N_QUANTILES)).astype(np.int64)
    by_cell = exact.exp(-exact.log(0.5 + 0.5 * exact.midpoints()) / PULL_EXPONENT)
    by_exponent = exact.exp(np.arange(54) * exact.log(2.0) / PULL_EXPONENT)
    return by_cell[cell] * by_exponent[-exponent]


def _plan(
    address: tuple[int, int],
    places: Places,
    n_draws: NDArray[np.int32],
    weight: NDArray[np.int64],
    scopes: tuple[float, float, float],
) -> Plan:
    """How a layer is drawn; ``address`` is (seed, stage)."""
    n = len(n_draws)
    table = np.empty((3, n), np.uint64)
    starts = (places.community_start, places.region_start, np.array([0, n]))
    for level, start in enumerate(starts):
        kernels.alias_table(weight, start, table[level])
    first = places.community_start[:-1]
    region = places.region[first]
    scope = np.zeros((len(first), 3, 2), np.uint64)
    scope[:, 0] = np.stack([first, np.diff(places.community_start)], axis=1)
    sizes = np.diff(places.region_start)
    scope[:, 1] = np.stack([places.region_start[region], sizes[region]], axis=1)
    scope[:, 2, 1] = n
    unit = 1 << kernels.SCOPE_BITS
    shares = (round(scopes[0] * unit), round((scopes[0] + scopes[1]) * unit))
    return Plan(
        stage_state(*address), n_draws, scope, places.community, table.reshape(-1),
        (np.uint64(shares[0]), np.uint64(shares[1])),
    )  # fmt: skip


def _offsets(count: NDArray[np.integer]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(count, dtype=np.int64)])


def _no_rows(n_users: int) -> Rows:
    return Rows(np.zeros(n_users, np.int32), np.empty(0, np.uint32))


def _drawn(plan: Plan, closer: tuple[Rows, ...]) -> tuple[Rows, NDArray[np.int32]]:
    """Whom each user draws, and by how many each is drawn (int32[n])."""
    n = len(plan.n_draws)
    # One entry more: the kernel writes before it knows whether an entry counts.
    rows = Rows(
        np.empty(n, np.int32), np.empty(int(plan.n_draws.sum(dtype=np.int64)) + 1, np.uint32)
    )
    seen = np.zeros(n, np.uint64)
    kernels.draw_rows(plan, closer, seen, rows)
    return rows, seen.astype(np.uint32).astype(np.int32)


def _mutual_rows(plan: Plan, closer: tuple[Rows, ...]) -> tuple[Rows, Rows]:
    """A layer in which users open ties: whom each draws, and who else draws her."""
    drawn, n_drawers = _drawn(plan, closer)
    n = len(n_drawers)
    offset = _offsets(n_drawers)
    drawers = Rows(n_drawers, np.empty(offset[-1], np.uint32))
    kernels.turn_round(
        (drawn, _no_rows(n)), np.zeros(n, np.uint8), offset[:-1].copy(), drawers.user
    )
    kernels.drop_known(drawn, drawers, np.zeros(n, np.uint32))
    return drawn, drawers


def _close_rows(population: Population, places: Places) -> Rows:
    """All pairs inside cliques of neighbours (A) and of like-minded users (B)."""
    seed, n = population.seed, len(population.key)
    room = np.zeros(n, np.int64)
    partitions = []
    for stage, (low, high), member in (
        (STAGE_CLIQUES_A, CLIQUES_A, np.arange(n)),
        (STAGE_CLIQUES_B, CLIQUES_B, _by_taste(population)),
    ):
        start = np.empty(n + 1, np.int64)
        state = stage_state(seed, stage)
        n_cliques = kernels.clique_starts(places.community_start, low, high, state, start)
        start = np.append(start[:n_cliques], n)
        size = np.diff(start)
        room[member] += np.repeat(size, size)
        partitions.append((member, start))
    offset = _offsets(room)
    rows = Rows(np.empty(n, np.int32), np.empty(offset[-1], np.uint32))
    end = offset[:-1].copy()
    for member, start in partitions:
        kernels.clique_rows(member, start, offset, end, rows.user)
    kernels.close_gaps(offset, end, rows)
    return rows


def _by_taste(population: Population) -> NDArray[np.int64]:
    """Users by community, then by interest with noise, int64[n]."""
    numbers = np.arange(len(population.key))
    draw = draws.fold_array(int(stage_state(population.seed, STAGE_TASTE)), numbers)
    z = exact.normal_quantiles()[quantile_index(draw)]
    # Beta(2, 2) has standard deviation √.05; one unit of interest is 2**12.
    noise = exact.to_fixed(z * TASTE_NOISE * np.sqrt(0.05), exact.ATTR_BITS)
    taste = interest(population, GENERAL_TOPIC).astype(np.int64) + noise + (1 << 14)
    return np.argsort((population.community.astype(np.int64) << 16) + taste, kind="stable")


def _personal_ties(population: Population, places: Places) -> Ties:
    """The close, mid and weak layer (model §9)."""
    seed, n = population.seed, len(population.key)
    none = _no_rows(n)
    close = _close_rows(population, places)
    sociability = exact.lognormal_quantiles(-0.125, 0.5)[population.sociability]
    opened = _stochastic_floor(MID_OPENED * sociability, seed, STAGE_MID)
    ones = np.ones(n, np.int64)
    plan = _plan((seed, STAGE_MID), places, opened, ones, MID_SCOPES)
    mid = _mutual_rows(plan, (close, none, none))
    x = weak_tie_propensity(n, seed)
    opened = _stochastic_floor(x / 2, seed, STAGE_WEAK)
    weight = np.maximum(exact.to_fixed(x, 8), 1)
    plan = _plan((seed, STAGE_WEAK), places, opened, weight, WEAK_SCOPES)
    weak = _mutual_rows(plan, (close, *mid))
    ends = np.cumsum(
        [close.length, mid[0].length + mid[1].length, weak[0].length + weak[1].length],
        axis=0,
        dtype=np.int32,
    )
    offset = _offsets(ends[2])
    word = np.empty(offset[-1], np.uint32)
    for layer, begin in zip(((close, none), mid, weak), (0, ends[0], ends[1]), strict=True):
        kernels.turn_round(layer, population.channels, offset[:-1] + begin, word)
    return Ties(offset, word, np.ascontiguousarray(ends[:2].T), (CLOSE, MID, WEAK))


def _follows(population: Population, places: Places) -> Ties:
    """Heavy-tailed audiences: everyone follows some, drawn by their pull (model §9)."""
    seed, n = population.seed, len(population.key)
    followed = _lognormal(n, seed, STAGE_FOLLOWED, FOLLOWED_MEAN)
    n_draws = _stochastic_floor(followed, seed, STAGE_FOLLOW)
    pull = np.minimum(_pareto(n, seed) * followed, max(1.0, PULL_CAP * n))
    weight = np.maximum(exact.to_fixed(pull, 4), 1)
    plan = _plan((seed, STAGE_FOLLOW), places, n_draws, weight, FOLLOW_SCOPES)
    none = _no_rows(n)
    rows, n_followers = _drawn(plan, (none, none, none))
    offset = _offsets(n_followers)
    word = np.empty(offset[-1], np.uint32)
    kernels.turn_round((rows, none), population.channels, offset[:-1].copy(), word)
    return Ties(offset, word, np.zeros((n, 2), np.int32), (CLOSE, MID, WEAK))


def build_default_world(n_users: int, seed: int, spec: PopulationSpec = DEFAULT_SHARES) -> World:
    """Build the layered world of model §9.

    Numbers are contiguous inside communities and regions. Draws onto oneself, repeats
    and pairs that a closer layer has are dropped, so that small worlds, where there are
    fewer partners than draws, simply become complete.

    Raises
    ------
    NetworkError
        A number of users that no world can have.
    """
    if not 1 <= n_users <= MAX_USERS:
        text = f"must be between 1 and {MAX_USERS}, got {n_users}; choose another number"
        about: dict[str, object] = {"ge": 1, "le": MAX_USERS, "got": n_users}
        raise NetworkError("network", [Problem("network.n_users", "n_users", text, about)])
    places = lay_out_places(n_users, seed)
    population = build_population(seed, spec, places.community, places.region)
    ties = _personal_ties(population, places)
    follows = _follows(population, places)
    population = with_leaders(population, follows.degree, spec.leader_share)
    facts: dict[str, object] = {
        "kind": "default",
        "n_communities": len(places.community_start) - 1,
        "n_regions": len(places.region_start) - 1,
    }
    return World(population, ties, follows, facts=facts)
