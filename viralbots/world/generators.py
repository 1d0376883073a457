"""Textbook random graphs by name, as lists of undirected edges (model §1).

Configuration and block networks may contain loops or repeats, which `ties_from_edges`
drops and counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from viralbots import draws
from viralbots.errors import NetworkError, Problem
from viralbots.fold import fold_u64
from viralbots.world.stages import (
    STAGE_ATTACH,
    STAGE_DEGREES,
    STAGE_EDGES,
    STAGE_REWIRE,
    STAGE_STUBS,
    stage_state,
)

Edges = tuple[NDArray[np.int64], NDArray[np.int64]]


def _refuse(
    code: str, name: str, value: object, allowed: str, advice: str, **limits: float
) -> NetworkError:
    text = f"must be {allowed}, got {value}; {advice}"
    values = {"got": value, **limits}
    return NetworkError("network", [Problem(f"network.{name}", code, text, values)])


@njit(cache=True, nogil=True)
def _sample_pairs(block, must_cross, first, n, state, slots, source, target):
    """Fill ``source``/``target`` with distinct pairs among users first … first + n − 1.

    block : int32[…], read only where ``must_cross`` asks for pairs of different blocks.
    slots : uint64[2**k] zeros, a hash set of the pairs taken.
    """
    size = np.uint64(n)
    mask = np.uint64(len(slots) - 1)
    made = 0
    counter = np.uint64(0)
    while made < len(source):
        draw = fold_u64(state, counter)
        counter += np.uint64(1)
        a = ((draw >> np.uint64(32)) * size) >> np.uint64(32)
        b = ((draw & np.uint64(0xFFFFFFFF)) * size) >> np.uint64(32)
        if a == b or (must_cross and block[np.int64(a)] == block[np.int64(b)]):
            continue
        low, high = min(a, b), max(a, b)
        code = low * size + high  # never 0, since high > 0
        slot = fold_u64(code, np.uint64(0)) & mask
        while slots[slot] != np.uint64(0) and slots[slot] != code:
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] == np.uint64(0):
            slots[slot] = code
            source[made] = first + np.int64(low)
            target[made] = first + np.int64(high)
            made += 1


def _distinct_pairs(
    first: int, n: int, n_pairs: int, state: np.uint64, block: NDArray[np.int32] | None = None
) -> Edges:
    """``n_pairs`` different pairs of n users, uniformly; with ``block`` only between blocks."""
    possible = n * (n - 1) // 2
    if block is not None:
        sizes = np.bincount(block)
        possible -= int(np.sum(sizes * (sizes - 1) // 2))
    n_pairs = min(n_pairs, possible)
    if possible <= 4 * n_pairs:  # rejection would be slow: order all of them by a draw
        low, high = np.triu_indices(n, 1)
        if block is not None:
            crossing = block[low] != block[high]
            low, high = low[crossing], high[crossing]
        order = np.argsort(draws.fold_array(int(state), low * n + high), kind="stable")
        chosen = np.sort(order[:n_pairs])
        return low[chosen] + first, high[chosen] + first
    source, target = np.empty(n_pairs, np.int64), np.empty(n_pairs, np.int64)
    slots = np.zeros(1 << max(4, (2 * n_pairs).bit_length()), np.uint64)
    labels = np.zeros(1, np.int32) if block is None else block
    _sample_pairs(labels, block is not None, first, n, state, slots, source, target)
    return source, target


def erdos_renyi(n_users: int, seed: int, mean_degree: float) -> Edges:
    """Erdős–Rényi graph with exactly round(n·mean_degree/2) edges.

    This is G(n, m): the number of edges does not vary between seeds as it would in
    G(n, p), all else (Poisson degrees, giant component, thresholds) is the same in the
    limit, and results of different seeds scatter a little less.
    """
    if not 0 <= mean_degree <= max(n_users - 1, 0):
        advice, allowed = "everyone can know at most all others", f"between 0 and {n_users - 1}"
        raise _refuse(
            "too_many_ties", "mean_degree", mean_degree, allowed, advice, ge=0, le=n_users - 1
        )
    n_pairs = round(n_users * mean_degree / 2)
    return _distinct_pairs(0, n_users, n_pairs, stage_state(seed, STAGE_EDGES))


@njit(cache=True, nogil=True)
def _rewire(n, half, threshold, state, slots, target):
    """Move far ends of ring edges (target[i·half + d − 1] = i + d) to random users."""
    size = np.uint64(n)
    mask = np.uint64(len(slots) - 1)
    for edge in range(n * half):
        address = fold_u64(state, np.uint64(edge))
        if address >> np.uint64(32) >= threshold:
            continue
        user = edge // half
        for attempt in range(64):
            draw = fold_u64(address, np.uint64(attempt))
            other = np.int64(((draw >> np.uint64(32)) * size) >> np.uint64(32))
            gap = abs(user - other)
            if min(gap, n - gap) <= half:
                continue  # herself, or a neighbour on the ring
            code = np.uint64(min(user, other)) * size + np.uint64(max(user, other))
            slot = fold_u64(code, np.uint64(0)) & mask
            while slots[slot] != np.uint64(0) and slots[slot] != code:
                slot = (slot + np.uint64(1)) & mask
            if slots[slot] == np.uint64(0):
                slots[slot] = code
                target[edge] = other
                break


def watts_strogatz(n_users: int, seed: int, mean_degree: float, rewire: float) -> Edges:
    """Ring in which everyone knows the nearest; far ends move with probability ``rewire``.

    A moved end never falls on a former ring neighbour or an existing tie (64 attempts,
    then it stays), so the graph is simple and has n·mean_degree/2 edges.
    """
    if mean_degree % 2 or not 0 <= mean_degree < n_users:
        allowed = f"an even number from 0 to {n_users - 1}"
        advice = "neighbours on a ring come in pairs"
        raise _refuse("ring_degree", "mean_degree", mean_degree, allowed, advice, le=n_users - 1)
    if not 0 <= rewire <= 1:
        advice = "it is a probability"
        raise _refuse("probability", "rewire", rewire, "between 0 and 1", advice, ge=0, le=1)
    half = int(mean_degree) // 2
    source = np.repeat(np.arange(n_users, dtype=np.int64), half)
    distance = np.tile(np.arange(1, half + 1, dtype=np.int64), n_users)
    target = (source + distance) % n_users
    slots = np.zeros(1 << max(4, (2 * len(source)).bit_length()), np.uint64)
    threshold = np.uint64(round(rewire * 2**32))
    if half:
        _rewire(n_users, half, threshold, stage_state(seed, STAGE_REWIRE), slots, target)
    return source, target


@njit(cache=True, nogil=True)
def _attach(n, m, state, ends):
    """Preferential attachment; ends[2e], ends[2e + 1] are the ends of edge e."""
    n_ends = 0
    for user in range(m + 1):
        for other in range(user):
            ends[n_ends] = user
            ends[n_ends + 1] = other
            n_ends += 2
    for user in range(m + 1, n):
        own = fold_u64(state, np.uint64(user))
        before = np.uint64(n_ends)  # only ends that existed before she came
        attempt = np.uint64(0)
        found = 0
        while found < m:
            draw = fold_u64(own, attempt) >> np.uint64(32)
            attempt += np.uint64(1)
            other = ends[np.int64((draw * before) >> np.uint64(32))]
            is_new = True
            for i in range(found):
                if ends[n_ends + 2 * i + 1] == other:
                    is_new = False
            if is_new:
                ends[n_ends + 2 * found] = user
                ends[n_ends + 2 * found + 1] = other
                found += 1
        n_ends += 2 * m


def barabasi_albert(n_users: int, seed: int, attach: int) -> Edges:
    """Preferential attachment: each newcomer ties to ``attach`` different users ∝ their degree.

    Starts from attach + 1 users who all know one another.
    """
    m = attach
    if not 1 <= m < n_users:
        allowed, advice = f"between 1 and {n_users - 1}", "newcomers need m others"
        raise _refuse("too_many_attached", "attach", m, allowed, advice, ge=1, le=n_users - 1)
    n_edges = m * (m + 1) // 2 + m * (n_users - m - 1)
    ends = np.empty(2 * n_edges, np.int64)
    _attach(n_users, m, stage_state(seed, STAGE_ATTACH), ends)
    return ends[0::2].copy(), ends[1::2].copy()


@njit(cache=True, nogil=True)
def _shuffle(state, values):
    """Fisher–Yates with addressed draws, in place; values : int64[n]."""
    for last in range(len(values) - 1, 0, -1):
        draw = fold_u64(state, np.uint64(last)) >> np.uint64(32)
        other = np.int64((draw * np.uint64(last + 1)) >> np.uint64(32))
        held = values[last]
        values[last] = values[other]
        values[other] = held


def spread_degrees(n_users: int, seed: int, shares: Mapping[int, float]) -> NDArray[np.int64]:
    """Degrees in the given shares (largest remainders), in random order, int64[n]."""
    wanted = sorted((int(degree), float(share)) for degree, share in shares.items())
    degree = np.array([d for d, _ in wanted], np.int64)
    share = np.array([s for _, s in wanted], np.float64)
    if len(share) == 0 or share.min() < 0 or abs(share.sum() - 1) > 1e-9 or degree.min() < 0:
        allowed, advice = "shares that sum to 1", "mend the shares"
        raise _refuse("degree_shares", "degrees", dict(shares), allowed, advice)
    count = np.floor(share * n_users).astype(np.int64)
    remainder = share * n_users - count
    fullest = np.argsort(-remainder, kind="stable")[: n_users - int(count.sum())]
    count[fullest] += 1
    values = np.repeat(degree, count)
    _shuffle(stage_state(seed, STAGE_DEGREES), values)
    return values


def configuration(n_users: int, seed: int, degrees: Mapping[int, float] | Sequence[int]) -> Edges:
    """Random pairing of stubs: ``{degree: share}`` or one degree per user.

    An odd stub is left over; loops and repeats are dropped when ties are built, which
    at bounded degrees concerns O(1) edges.
    """
    if isinstance(degrees, Mapping):
        wanted = spread_degrees(n_users, seed, degrees)
    else:
        wanted = np.asarray(degrees, np.int64)
    if len(wanted) != n_users or (len(wanted) and wanted.min() < 0):
        allowed = f"{n_users} degrees of at least 0"
        given, advice = len(wanted), "give one per user"
        raise _refuse(
            "degrees_per_user", "degrees", f"{given} degrees", allowed, advice,
            n=n_users, given=given,
        )  # fmt: skip
    stubs = np.repeat(np.arange(n_users, dtype=np.int64), wanted)
    _shuffle(stage_state(seed, STAGE_STUBS), stubs)
    n_edges = len(stubs) // 2
    return stubs[:n_edges].copy(), stubs[n_edges : 2 * n_edges].copy()


def block(
    n_users: int, seed: int, sizes: Sequence[int], degree_inside: float, degree_outside: float
) -> Edges:
    """Stochastic block network: mean number of ties inside one's block and outside it.

    As in `erdos_renyi` the numbers of edges are exact: round(size·degree_inside/2) in each
    block, at most all pairs, and round(n·degree_outside/2) uniformly between blocks.
    """
    if sum(sizes) != n_users or min(sizes, default=0) < 1:
        allowed, advice = f"positive and sum to {n_users}", "mend the sizes"
        raise _refuse("block_sizes", "sizes", list(sizes), allowed, advice, n=n_users)
    for name, value in (("degree_inside", degree_inside), ("degree_outside", degree_outside)):
        if not 0 <= value < n_users:
            allowed = f"between 0 and {n_users - 1}"
            raise _refuse("block_degree", name, value, allowed, "lower it", ge=0, le=n_users - 1)
    state = stage_state(seed, STAGE_EDGES)
    parts = []
    first = 0
    for number, size in enumerate(sizes):
        own = np.uint64(draws.fold(int(state), number + 1))
        parts.append(_distinct_pairs(first, size, round(size * degree_inside / 2), own))
        first += size
    labels = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    between = round(n_users * degree_outside / 2)
    parts.append(
        _distinct_pairs(0, n_users, between, np.uint64(draws.fold(int(state), 0)), labels)
    )
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
