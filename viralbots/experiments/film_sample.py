"""Who is shown in a film of a run, and which of their ties.

A network of a million cannot be drawn. Whoever is shown must make the spread understandable,
so nobody appears without the one she had it from: *paths* are drawn, not users. All luck is
addressed by the population seed and the user's key, so two films of one world prefer the same
people.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots import draws
from viralbots.experiments.film_moments import Moments
from viralbots.metrics.cascade import grow_forest
from viralbots.trace import SEED
from viralbots.world.world import CHANNELS, FEED_CHANNELS, ID_MASK, Ties, World

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

TIES_EACH = 4  # ties that a user contributes to the picture
MOST_LISTENERS = 2000  # of one user who are looked at for ties and company
MOST_SEEDS = 0.25  # share of the places that seeds have before others


class Groups(NamedTuple):
    """Users by what became of them, each user in one group, all int64 and ascending.

    Attributes
    ----------
    adopters : int64[a]
        Who passed on the message or a counter-message.
    heard : int64[b]
        Who heard of it, and passed nothing on.
    others : int64[c]
    """

    adopters: IntArray
    heard: IntArray
    others: IntArray


def sample(
    world: World, rows: NDArray[np.void], message: int, told: Moments, n_shown: int
) -> Groups:
    """Choose at most ``n_shown`` users.

    Adopters get half the places, half of the rest goes to those who heard of it, unless their
    share of the others is larger; places that a group cannot fill go to the next one.

    Parameters
    ----------
    rows : ADOPTION[n]
        Adoptions of the message and of the counter-messages about it.
    message : int
    told : Moments
        Who heard of it, and from whom first.
    """
    n = world.n_users
    draw = draws.fold_array(draws.address(world.population.seed, draws.name_id("film")),
                            world.population.key)  # fmt: skip
    passed = np.zeros(n, bool)
    passed[passed_by(rows)] = True
    heard, told_by = told.heard_at >= 0, told.told_by
    if n <= n_shown:
        return Groups(*(np.flatnonzero(m) for m in (passed, heard & ~passed, ~heard & ~passed)))
    n_passed, n_heard = int(passed.sum()), int((heard & ~passed).sum())
    n_rest = n - n_passed - n_heard
    places = min(n_passed, max(n_shown // 2, n_shown - n_heard - n_rest))
    adopters = _whole_paths(rows, message, draw, places)
    left = n_shown - len(adopters)
    wanted = max(left // 2, round(left * n_heard / max(1, n_heard + n_rest)), left - n_rest)
    ties = network_of(world, rows)
    chosen = np.zeros(n, bool)
    chosen[adopters] = True
    from_them = np.flatnonzero(heard & ~passed & (told_by >= 0) & chosen[told_by])
    first = from_them[np.argsort(draw[from_them], kind="stable")][:wanted]
    chosen[first] = True
    more = _company(ties, chosen, heard & ~passed & ~chosen, wanted - len(first), draw)
    listeners = np.concatenate((first, more))
    chosen[listeners] = True
    others = _company(ties, chosen, ~heard & ~passed, left - len(listeners), draw)
    return Groups(np.sort(adopters), np.sort(listeners), np.sort(others))


def network_of(world: World, rows: NDArray[np.void]) -> Ties:
    """The network on which most adopters passed it on: follows for feeds, else personal ties."""
    feeds = [CHANNELS.index(name) for name in FEED_CHANNELS]
    is_feed = np.isin(rows["channel"], feeds)
    return world.follows if 2 * int(is_feed.sum()) > len(rows) else world.ties


def _whole_paths(
    rows: NDArray[np.void], message: int, draw: NDArray[np.uint64], places: int
) -> IntArray:
    """Users in whole paths to where it began, as many paths as there are places for.

    Adopters of the message come with its path; those who only passed on a counter-message with
    the path of that, and whoever on it passed on the message as well with that one too.
    """
    own, counter = rows[rows["message"] == message], rows[rows["message"] != message]
    passed = passed_by(rows)
    # Seeds first, up to a share of the places; otherwise by draw.
    by_draw = passed[np.argsort(draw[passed], kind="stable")]
    is_seed = np.isin(by_draw, rows["user"][rows["kind"] == SEED])
    is_seed &= np.cumsum(is_seed) <= max(1, int(MOST_SEEDS * places))
    rank = np.full(len(draw), len(passed), np.int64)
    rank[np.concatenate((by_draw[is_seed], by_draw[~is_seed]))] = np.arange(len(passed))
    by_counter = rank.copy()
    by_counter[passed_by(own)] = len(passed)
    _draw_sources_along(counter, by_counter)
    rank = np.minimum(rank, by_counter)
    _draw_sources_along(own, rank)
    needed = passed[np.argsort(rank[passed], kind="stable")]
    end = min(places, len(needed))
    while 0 < end < len(needed) and rank[needed[end]] == rank[needed[end - 1]]:
        end -= 1  # the rest of this path has no place
    return np.sort(needed[:end])


def passed_by(rows: NDArray[np.void]) -> IntArray:
    """Users who passed something on, and sources who never decided to, ascending."""
    users = np.concatenate((rows["user"], rows["source"][rows["source"] >= 0]))
    return np.unique(users).astype(np.int64)


def _draw_sources_along(rows: NDArray[np.void], rank: IntArray) -> None:
    """Give every source the smallest rank of those who need her, in place.

    From the last generation to the first, so that one round suffices for one message; ways of
    two messages may need each other to and fro.
    """
    generation = _generation(rows, len(rank))
    by_generation = np.argsort(generation, kind="stable")
    by_generation = by_generation[rows["source"][by_generation] >= 0]
    user, source = rows["user"][by_generation], rows["source"][by_generation]
    cuts = np.flatnonzero(np.diff(generation[by_generation])) + 1
    parts = list(zip(np.split(user, cuts), np.split(source, cuts), strict=True))[::-1]
    while True:
        before = rank[source]
        for users, sources in parts:
            np.minimum.at(rank, sources, rank[users])
        if np.array_equal(before, rank[source]):
            return


def _generation(rows: NDArray[np.void], n_users: int) -> IntArray:
    """Generation of each row; messages are forests of their own, on copies of the users."""
    if not len(rows):
        return np.zeros(0, np.int64)
    shift = rows["message"].astype(np.int64) * n_users
    order = np.argsort(rows["minute"], kind="stable")
    copies = np.zeros(
        len(rows), [("minute", "i8"), ("user", "i8"), ("source", "i8"), ("kind", "u1")]
    )
    copies["minute"], copies["user"] = rows["minute"], rows["user"] + shift
    copies["kind"] = rows["kind"]
    copies["source"] = np.where(rows["source"] < 0, -1, rows["source"] + shift)
    found = np.empty(len(rows), np.int64)
    n_messages = int(rows["message"].max()) + 1
    found[order] = grow_forest(copies[order], n_users * n_messages).generation
    return found


def _company(
    ties: Ties, chosen: BoolArray, eligible: BoolArray, wanted: int, draw: NDArray[np.uint64]
) -> IntArray:
    """Users to go with the chosen: listeners of theirs, then listeners of those, then anybody."""
    taken = chosen.copy()
    found: list[IntArray] = []
    newest = np.flatnonzero(chosen)
    while wanted > 0:
        near = np.unique(listeners_of(ties, newest)[1])
        near = near[eligible[near] & ~taken[near]]
        if not len(near):
            near = np.flatnonzero(eligible & ~taken)
            if not len(near):
                break
        newest = near[np.argsort(draw[near], kind="stable")][:wanted]
        taken[newest] = True
        wanted -= len(newest)
        found.append(newest)
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def listeners_of(ties: Ties, users: IntArray) -> tuple[IntArray, IntArray]:
    """Places in ``users`` and their listeners, of nobody more than `MOST_LISTENERS`."""
    start = ties.offset[users]
    length = np.minimum(ties.offset[users + 1] - start, MOST_LISTENERS)
    owner = np.repeat(np.arange(len(users)), length)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    words = ties.word[np.repeat(start, length) + place]
    return owner, (words & np.uint32(ID_MASK)).astype(np.int64)


def ties_among(world: World, ties: Ties, users: IntArray) -> NDArray[np.int32]:
    """Ties to draw, int32[m, 2], pairs of places in ``users``, which ascend.

    Every user contributes the `TIES_EACH` of hers with the smallest draws.
    """
    owner, listener = listeners_of(ties, users)
    place = np.minimum(np.searchsorted(users, listener), max(0, len(users) - 1))
    here = users[place] == listener if len(users) else np.zeros(0, bool)
    owner, place = owner[here], place[here]
    k = np.int64(len(users))
    code = np.unique(np.minimum(owner, place) * k + np.maximum(owner, place))
    pair = np.stack((code // max(k, 1), code % max(k, 1)), axis=1)
    pair = pair[pair[:, 0] != pair[:, 1]]
    key = world.population.key[users]
    state = draws.address(world.population.seed, draws.name_id("film ties"))
    # The same for both directions, and for whoever else is shown.
    draw = draws.fold_array(state, key[pair[:, 0]]) ^ draws.fold_array(state, key[pair[:, 1]])
    end = pair.T.ravel()
    order = np.lexsort((np.concatenate((draw, draw)), end))
    rank = np.arange(len(end)) - np.searchsorted(end[order], end[order])
    kept = np.unique(order[rank < TIES_EACH] % max(1, len(pair)))
    return pair[kept].astype(np.int32)
