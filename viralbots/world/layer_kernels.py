"""Compiled steps of building the default world (model §9).

Rows are lists of users, one behind another without gaps: ``length : int32[n]`` and
``user : uint32[m]``, row u beginning where row u − 1 ends. Two facts make them fast.
Visiting users in order and writing each into the rows of those in *her* row turns rows
round and leaves every new row ordered by number. And what will be visited in random
order is known some steps before, so it is fetched ahead.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from viralbots.fold import fold_u64
from viralbots.prefetch import prefetch_row
from viralbots.world.world import ID_BITS

SCOPE_BITS = 12  # of each draw: which scope
ALIAS_BITS = 20  # of each draw: a cell's own user or her alias
AHEAD = 32  # entries between two stages of fetching


class Rows(NamedTuple):
    """Rows of users, one behind another.

    Attributes
    ----------
    length : int32[n]
    user : uint32[m]
        May be longer than the rows need.
    """

    length: NDArray[np.int32]
    user: NDArray[np.uint32]


class Plan(NamedTuple):
    """How the partners of a layer are drawn.

    Attributes
    ----------
    state : uint64
        From which addresses are folded.
    n_draws : int32[n]
    scope : uint64[c, 3, 2]
        First user and size of each community, of its region, and of the world.
    community : int32[n]
    table : uint64[3 n]
        Alias tables by community, by region, over all; see `alias_table`.
    shares : (uint64, uint64)
        Share of draws inside the community, and inside community or region, in units
        of 2**-12.
    """

    state: np.uint64
    n_draws: NDArray[np.int32]
    scope: NDArray[np.uint64]
    community: NDArray[np.int32]
    table: NDArray[np.uint64]
    shares: tuple[np.uint64, np.uint64]


@njit(cache=True, nogil=True)
def clique_starts(start, low, high, state, out):
    """Cut every group into cliques of low … high members; return their number.

    start : int64[g + 1]
        First member of each group; ``out`` receives the first member of each clique.
    A rest too small for a clique is shared with its neighbour, so that sizes stay in
    low … high wherever the group allows it.
    """
    n_cliques = 0
    for group in range(len(start) - 1):
        place = start[group]
        while place < start[group + 1]:
            out[n_cliques] = place
            n_cliques += 1
            left = start[group + 1] - place
            if left <= high:
                break
            draw = fold_u64(state, np.uint64(place)) >> np.uint64(32)
            size = low + np.int64((draw * np.uint64(high - low + 1)) >> np.uint64(32))
            if left - size < low:
                size = left - low if left >= 2 * low else left // 2
            place += size
    return n_cliques


@njit(cache=True, nogil=True)
def alias_table(weight, start, table):
    """Alias tables (Walker, Vose) of consecutive groups, in integers.

    weight : int64[n], at least 1; weight × group size below 2**63.
    start : int64[g + 1], first user of each group.
    table : uint64[n], out: 2**-20 units of keeping the cell's user << 32 | alias.
    """
    n = len(weight)
    scaled = np.empty(n, np.int64)
    work = np.empty(n, np.int64)
    one = 1 << ALIAS_BITS
    for group in range(len(start) - 1):
        first, end = start[group], start[group + 1]
        total = np.int64(0)
        for user in range(first, end):
            total += weight[user]
        n_small, large = first, end  # small from below, large from above
        for user in range(first, end):
            scaled[user] = weight[user] * (end - first)
            if scaled[user] < total:
                work[n_small] = user
                n_small += 1
            else:
                large -= 1
                work[large] = user
        while n_small > first and large < end:
            n_small -= 1
            small, big = work[n_small], work[large]
            keep = np.int64(scaled[small] / total * one)
            table[small] = (np.uint64(keep) << np.uint64(32)) | np.uint64(big)
            scaled[big] -= total - scaled[small]
            if scaled[big] < total:
                large += 1
                work[n_small] = big
                n_small += 1
        for i in range(first, n_small):
            table[work[i]] = (np.uint64(one) << np.uint64(32)) | np.uint64(work[i])
        for i in range(large, end):
            table[work[i]] = (np.uint64(one) << np.uint64(32)) | np.uint64(work[i])


@njit(cache=True, nogil=True)
def clique_rows(member, start, offset, cursor, user):
    """Write all pairs of each clique member[start[i]:start[i + 1]] into both rows.

    offset, cursor : int64[n]
        Begin of each row in ``user`` and of its free part, which is moved on. Who is in
        the row already is not written again.
    """
    for clique in range(len(start) - 1):
        for i in range(start[clique], start[clique + 1]):
            begin, end = offset[member[i]], cursor[member[i]]
            place = end
            for j in range(start[clique], start[clique + 1]):
                is_new = i != j
                for known in range(begin, end):
                    is_new &= user[known] != member[j]
                user[place] = member[j]
                place += np.int64(is_new)
            cursor[member[i]] = place


@njit(cache=True, nogil=True)
def close_gaps(offset, end, rows):
    """Move rows offset[u] … end[u] − 1 of ``rows.user`` up to one another, in place."""
    place = 0
    for own in range(len(end)):
        begin = place
        for i in range(offset[own], end[own]):
            rows.user[place] = rows.user[i]
            place += 1
        rows.length[own] = place - begin


@njit(cache=True, nogil=True)
def draw_rows(plan, closer, seen, rows):
    """Draw the partners of every user, without herself, repeats and pairs of closer layers.

    plan : Plan
    closer : tuple of Rows
        Layers whose pairs are left out.
    seen : uint64[n], zeros
        Out: in the low 32 bits, how many rows each user is in; above, a stamp of the last.
    rows : Rows, out
    """
    state, n_draws, scope, community, table, shares = plan
    n = len(n_draws)
    low_bits = np.uint64(0xFFFFFFFF)
    scope_mask = np.uint64((1 << SCOPE_BITS) - 1)
    alias_mask = np.uint64((1 << ALIAS_BITS) - 1)
    most = 0
    for user in range(n):
        most = max(most, n_draws[user])
    drawn = np.empty(most, np.uint64)
    cell = np.empty(most, np.uint32)
    index = np.empty(most, np.uint32)
    closer_place = np.zeros(len(closer), np.int64)
    place = 0
    for user in range(n):
        stamp = np.uint64(user + 1) << np.uint64(32)
        seen[user] = stamp | (seen[user] & low_bits)
        k = 0
        for known in closer:
            begin = closer_place[k]
            end = begin + known.length[user]
            for i in range(begin, end):
                other = known.user[i]
                seen[other] = stamp | (seen[other] & low_bits)
            closer_place[k] = end
            k += 1
        own = fold_u64(state, np.uint64(user))
        here = scope[community[user]]
        for i in range(n_draws[user]):
            draw = fold_u64(own, np.uint64(i))
            kind = draw & scope_mask
            level = np.int64(kind >= shares[0]) + np.int64(kind >= shares[1])
            number = here[level, 0] + (((draw >> np.uint64(32)) * here[level, 1]) >> np.uint64(32))
            row = np.int64(number) + level * n
            prefetch_row(table, row)
            drawn[i] = draw
            cell[i] = np.uint32(number)
            index[i] = np.uint32(row)
        for i in range(n_draws[user]):
            entry = table[index[i]]
            coin = (drawn[i] >> np.uint64(SCOPE_BITS)) & alias_mask
            other = cell[i] if coin < entry >> np.uint64(32) else np.uint32(entry & low_bits)
            prefetch_row(seen, np.int64(other))
            cell[i] = other
        begin = place
        for i in range(n_draws[user]):
            other = cell[i]
            entry = seen[other]
            is_new = np.uint64((entry & ~low_bits) != stamp)
            seen[other] = stamp | ((entry & low_bits) + is_new)
            rows.user[place] = other
            place += np.int64(is_new)
        rows.length[user] = place - begin


@njit(cache=True, nogil=True)
def drop_known(first, second, seen):
    """Take out of every row of ``second`` who is in the same row of ``first``, in place.

    first, second : Rows
    seen : uint32[n], zeros
    """
    first_place, read, place = 0, 0, 0
    for own in range(len(first.length)):
        stamp = np.uint32(own + 1)
        for i in range(first_place, first_place + first.length[own]):
            seen[first.user[i]] = stamp
        first_place += first.length[own]
        begin, end = place, read + second.length[own]
        for i in range(read, end):
            other = second.user[i]
            second.user[place] = other
            place += np.int64(seen[other] != stamp)
        read = end
        second.length[own] = place - begin


@njit(cache=True, nogil=True)
def turn_round(parts, channels, cursor, word):
    """Write every user, with her channel bits, into the rows of those in her rows.

    parts : tuple of Rows
    channels : uint8[n]
    cursor : int64[n]
        Begin of each row in ``word``; is moved on to its end.
    word : uint32[m], out
    """
    place = np.zeros(len(parts), np.int64)
    last = np.empty(len(parts), np.int64)
    k = 0
    for rows in parts:
        last[k] = rows.length.sum() - 1
        k += 1
    for user in range(len(channels)):
        own = np.uint32(user) | (np.uint32(channels[user]) << np.uint32(ID_BITS))
        k = 0
        for rows in parts:
            end = place[k] + rows.length[user]
            for i in range(place[k], end):
                prefetch_row(cursor, np.int64(rows.user[min(i + 2 * AHEAD, last[k])]))
                prefetch_row(word, cursor[rows.user[min(i + AHEAD, last[k])]])
                other = rows.user[i]
                word[cursor[other]] = own
                cursor[other] += 1
            place[k] = end
            k += 1
