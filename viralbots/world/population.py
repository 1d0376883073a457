"""Who exists: the attributes of users, every one a hash of seed and key (model §1)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from viralbots import draws, exact
from viralbots.world.shares import PopulationSpec
from viralbots.world.world import AGE_BANDS, CHANNELS, ROLES, Population

CIRCLE_SIZE = 20  # model §1: a group chat is a community circle of up to 20
LEADER_COMMUNITY = 20  # from this size on a community has at least one leader
VULNERABLE_THREAT = 0.3  # model §1 [a]
VULNERABLE_DETECTION = -1.5  # model §1 [a]
INTEREST_COMMUNITY_SHARE = 0.3  # of the variance of an interest, model §1 [a]
GENERAL_TOPIC = "general"  # the interest by which friends find one another (model §9)


def _attribute(seed: int, code: int, key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One addressed draw per user, uint64[n]."""
    return draws.fold_array(draws.fold(seed & (2**64 - 1), code), key)


def quantile_index(draw: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Upper 12 bits of draws: an index into the quantile tables of `exact`."""
    return (draw >> np.uint64(52)).astype(np.int64)


def _below(draw: NDArray[np.uint64], share: float) -> NDArray[np.bool_]:
    """Whether the upper 32 bits of each draw fall below a share."""
    return (draw >> np.uint64(32)) < np.uint64(round(share * 2**exact.PROB_BITS))


def _age_band(seed: int, key: NDArray[np.uint64], spec: PopulationSpec) -> NDArray[np.uint8]:
    draw = _attribute(seed, draws.AGE, key)
    band = np.full(len(key), AGE_BANDS.index("adult"), np.uint8)
    # From the widest bound to the narrowest, so that the narrowest has the last word.
    bounds = (
        ("elder", spec.minor + spec.young + spec.elder),
        ("young", spec.minor + spec.young),
        ("minor", spec.minor),
    )
    for name, bound in bounds:
        band[_below(draw, min(bound, 1.0))] = AGE_BANDS.index(name)
    return band


def _susceptibility(
    seed: int, key: NDArray[np.uint64], vulnerable: NDArray[np.bool_]
) -> tuple[NDArray[np.uint16], NDArray[np.int32]]:
    """Threat susceptibility η and detection skill κ, both worse for the vulnerable."""
    threat = exact.beta_threat_quantiles()[quantile_index(_attribute(seed, draws.THREAT, key))]
    threat = threat + vulnerable * round(VULNERABLE_THREAT * 2**exact.ATTR_BITS)
    normal = exact.to_fixed(exact.normal_quantiles(), exact.LOG_ODDS_BITS)
    skill = normal[quantile_index(_attribute(seed, draws.DETECTION, key))]
    skill = skill + vulnerable * round(VULNERABLE_DETECTION * 2**exact.LOG_ODDS_BITS)
    return np.minimum(threat, 1 << exact.ATTR_BITS).astype(np.uint16), skill.astype(np.int32)


def _operators(seed: int, key: NDArray[np.uint64], share: float) -> NDArray[np.uint8]:
    """Roles before leaders are chosen: an operator who has a large audience becomes a leader."""
    role = np.zeros(len(key), np.uint8)
    role[_below(_attribute(seed, draws.OPERATES, key), share)] = ROLES.index("operator")
    return role


def _channels(seed: int, key: NDArray[np.uint64], spec: PopulationSpec) -> NDArray[np.uint8]:
    bits = np.zeros(len(key), np.uint8)
    for number, name in enumerate(CHANNELS[:6]):
        draw = draws.fold_array(draws.address(seed, draws.USES, number), key)
        bits |= _below(draw, getattr(spec, name)).astype(np.uint8) << np.uint8(number)
    return bits


def _community_order(community: NDArray[np.int32], key: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Users by community, then key; the identity in worlds that are built in that order."""
    step = np.diff(community)
    if np.all((step > 0) | ((step == 0) & (key[1:] > key[:-1]))):
        return np.arange(len(key))
    return np.lexsort((key, community))


def _rank_in_community(in_order: NDArray[np.int32]) -> NDArray[np.int64]:
    """Position of each entry inside its run of equal communities."""
    position = np.arange(len(in_order))
    first = np.ones(len(in_order), bool)
    first[1:] = in_order[1:] != in_order[:-1]
    return position - np.maximum.accumulate(np.where(first, position, 0))


def circles(community: NDArray[np.int32], key: NDArray[np.uint64]) -> NDArray[np.int32]:
    """Circle of each user, int32[n]: blocks of 20 members of a community in key order.

    >>> circles(np.zeros(41, np.int32), np.arange(41, dtype=np.uint64))[[0, 19, 20, 40]].tolist()
    [0, 0, 1, 2]
    """
    order = _community_order(community, key)
    starts = _rank_in_community(community[order]) % CIRCLE_SIZE == 0
    result = np.empty(len(key), np.int32)
    result[order] = np.cumsum(starts) - 1
    return result


def with_leaders(
    population: Population, n_followers: NDArray[np.int64], leader_share: float
) -> Population:
    """The same users, the most followed of each community being leaders (model §1).

    A community of 20 or more has at least one; ties are broken by key; nobody without
    followers leads.
    """
    community = population.community
    order = _community_order(community, population.key)
    widest = int(n_followers.max(initial=0))
    code = community[order].astype(np.int64) * (widest + 1) + (widest - n_followers[order])
    order = order[np.argsort(code, kind="stable")]
    size = np.bincount(community)
    quota = np.floor(size * leader_share + 0.5).astype(np.int64)
    if leader_share > 0:
        quota = np.maximum(quota, size >= LEADER_COMMUNITY)
    ordered = community[order]
    leads = (_rank_in_community(ordered) < quota[ordered]) & (n_followers[order] > 0)
    role = population.role.copy()
    role[order[leads]] = ROLES.index("leader")
    return replace(population, role=role)


def build_population(
    seed: int,
    spec: PopulationSpec,
    community: NDArray[np.int32],
    region: NDArray[np.int32],
    *,
    key: NDArray[np.uint64] | None = None,
    n_followers: NDArray[np.int64] | None = None,
) -> Population:
    """Draw every attribute by its address (seed, attribute, key) (model §1).

    Parameters
    ----------
    seed : int
        Population seed.
    spec : PopulationSpec
    community, region : int32[n]
    key : uint64[n], optional
        Identities; the users' numbers if missing.
    n_followers : int64[n], optional
        Sizes of audiences, from which leaders are chosen; without it there are none.
    """
    community = np.asarray(community, np.int32)
    key = np.arange(len(community), dtype=np.uint64) if key is None else key
    age_band = _age_band(seed, key, spec)
    vulnerable = _below(_attribute(seed, draws.MARKED, key), spec.marked)
    vulnerable |= (age_band == AGE_BANDS.index("minor")) | (age_band == AGE_BANDS.index("elder"))
    threat, skill = _susceptibility(seed, key, vulnerable)
    reputation = quantile_index(_attribute(seed, draws.REPUTATION, key))
    population = Population(
        key=key,
        threat=threat,
        detection=skill,
        reputation=exact.beta22_quantiles()[reputation].astype(np.uint16),
        sociability=quantile_index(_attribute(seed, draws.SOCIABILITY, key)).astype(np.uint16),
        activity=quantile_index(_attribute(seed, draws.ACTIVITY, key)).astype(np.uint16),
        age_band=age_band,
        role=_operators(seed, key, spec.operator_share),
        region=np.asarray(region, np.int32),
        community=community,
        circle=circles(community, key),
        channels=_channels(seed, key, spec),
        vulnerable=vulnerable,
        opted_in=_below(_attribute(seed, draws.OPTED_IN, key), spec.opted_in),
        uploads_contacts=_below(_attribute(seed, draws.UPLOADS, key), spec.uploads_contacts),
        seed=seed,
    )
    if n_followers is None:
        return population
    return with_leaders(population, n_followers, spec.leader_share)


def interest(population: Population, topic: str) -> NDArray[np.uint16]:
    """Interest m of every user in a topic, uint16[n] in units of 2**-12 (model §1).

    The Beta(2, 2) quantile of √.3·z(community, topic) + √.7·z(user, topic); neither
    depends on the other users, so a topic can be looked up whenever it is needed.
    """
    normal = exact.normal_quantiles()
    name = draws.name_id(topic)
    shared = draws.address(population.seed, draws.INTEREST_COMMUNITY, name)
    own = draws.address(population.seed, draws.INTEREST_USER, name)
    numbers = np.arange(int(population.community.max(initial=-1)) + 1)
    of_community = normal[quantile_index(draws.fold_array(shared, numbers))]
    of_user = normal[quantile_index(draws.fold_array(own, population.key))]
    z = np.sqrt(INTEREST_COMMUNITY_SHARE) * of_community[population.community]
    z = z + np.sqrt(1.0 - INTEREST_COMMUNITY_SHARE) * of_user
    # Φ by counting table entries; the cells end halfway between neighbouring midpoints.
    cell = np.searchsorted((normal[1:] + normal[:-1]) * 0.5, z)
    m: NDArray[np.uint16] = exact.beta22_quantiles().astype(np.uint16)[cell]
    return m
