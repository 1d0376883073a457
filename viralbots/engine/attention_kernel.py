"""The compiled part of the rule `attention_feed` (docs/attention_feed.md, *A step*)."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from viralbots.fold import fold_u64
from viralbots.trace import COUNTS, FORWARDED, HEARD, READ, REPEAT
from viralbots.world.world import ID_MASK, WEAK

OLDEST = 1000
MOST_SHARES = (1 << 20) - 1
DELIVERED, REACH, READINGS, READERS, SENT, EMITTED = (
    COUNTS.index(name) for name in ("delivered", "reach", "readings", "readers", "sent", "emitted")
)
N_SHIFT, R_SHIFT = 12, 15  # of the words of `viralbots.trace.Trace.state`
MOST_N, MOST_R = 4, 31
FORUM = 3
BELOW = ("engine/attention_kernel.py", "fold.py", "trace.py", "world/world.py")


class Feeds(NamedTuple):
    """Posts in feeds, [user, place].

    Attributes
    ----------
    size : int32[n]
        Posts in each feed; the arrays below are [n, feed_length].
    post : uint64
        Address of the post.
    quality, appeal : int32
        In units of 2**-20.
    shares, entered, via : int32
        Copies that came; step in which it entered; who sent it then.
    hops, by_bot : uint8
    """

    size: NDArray[np.int32]
    post: NDArray[np.uint64]
    quality: NDArray[np.int32]
    appeal: NDArray[np.int32]
    shares: NDArray[np.int32]
    entered: NDArray[np.int32]
    via: NDArray[np.int32]
    hops: NDArray[np.uint8]
    by_bot: NDArray[np.uint8]


class Sent(NamedTuple):
    """What each user sends in a step, [n]; `source` is −1 for a new post."""

    post: NDArray[np.uint64]
    quality: NDArray[np.int32]
    appeal: NDArray[np.int32]
    source: NDArray[np.int32]
    hops: NDArray[np.uint8]
    by_bot: NDArray[np.uint8]
    n_people: NDArray[np.int32]  # who hear it, bots left out


class Audience(NamedTuple):
    """Who hears whom.

    Attributes
    ----------
    offset, word
        Rows of `follows`.
    is_bot : bool[n]
    lists : int32[n + n_bots]
        Targets, other people, bots, each in key order.
    ends : int64[4]
        0 and the ends of the three lists.
    rank : int32[n]
        Number of a bot, −1 for people.
    walk : int64[n_bots, 3, 3]
        Start, stride and number of listeners of each bot in each list.
    key : uint64[n]
    """

    offset: NDArray[np.int64]
    word: NDArray[np.uint32]
    is_bot: NDArray[np.bool_]
    lists: NDArray[np.int32]
    ends: NDArray[np.int64]
    rank: NDArray[np.int32]
    walk: NDArray[np.int64]
    key: NDArray[np.uint64]


@njit(nogil=True, error_model="numpy")
def _pick(feeds, u, draw, recency, step):
    """Place of the post that u reshares."""
    total = np.uint64(0)
    for k in range(feeds.size[u]):
        total += _weight(feeds, u, k, recency, step)
    # (draw · total) >> 32 in 64 bits; total is below 2**48
    high, low = total >> np.uint64(16), total & np.uint64(0xFFFF)
    pick = (draw * high + ((draw * low) >> np.uint64(16))) >> np.uint64(16)
    passed, k = np.uint64(0), 0
    while True:
        passed += _weight(feeds, u, k, recency, step)
        if passed > pick:
            return k
        k += 1


@njit(nogil=True, error_model="numpy")
def _weight(feeds, u, k, recency, step):
    age = min(step - 1 - feeds.entered[u, k], OLDEST)
    catching = max(np.int64(1), (np.int64(feeds.appeal[u, k]) * recency[age]) >> 20)
    return np.uint64(catching * np.int64(feeds.shares[u, k]))


@njit(nogil=True, error_model="numpy")
def _place_of(feeds, v, post):
    for k in range(feeds.size[v]):
        if feeds.post[v, k] == post:
            return k
    return -1


@njit(nogil=True, error_model="numpy")
def _arrive(old, new, sent, u, v, copies, step):
    """One arrival; whether the post enters the feed."""
    post = sent.post[u]
    k = _place_of(old, v, post)
    if k >= 0:
        old.shares[v, k] = min(old.shares[v, k] + copies, MOST_SHARES)
        return False
    k = _place_of(new, v, post)
    if k >= 0:
        new.shares[v, k] = min(new.shares[v, k] + copies, MOST_SHARES)
        return False
    k = new.size[v]
    if k == new.post.shape[1]:
        return False
    new.size[v] = k + 1
    new.post[v, k], new.quality[v, k], new.appeal[v, k] = post, sent.quality[u], sent.appeal[u]
    new.shares[v, k], new.entered[v, k], new.via[v, k] = copies, step, u
    new.hops[v, k] = min(np.int64(sent.hops[u]) + 1, 255)
    new.by_bot[v, k] = sent.by_bot[u]
    return True


@njit(nogil=True, error_model="numpy")
def _count(totals, state, v, q, entered, is_repeat):
    """Write an arrival at a person down."""
    word, row = np.int64(state[v, q]), totals[q]
    row[DELIVERED] += 1
    row[SENT] += 1
    if is_repeat:
        row[EMITTED] += 1
    if word & HEARD == 0:
        row[REACH] += 1
    n = min((word >> N_SHIFT & 7) + 1, MOST_N)
    r = word >> R_SHIFT & 31
    flags = word & 0xFFF00FFF | HEARD
    if entered:
        row[READINGS] += 1
        if word & READ == 0:
            row[READERS] += 1
        flags |= READ
        r = min(r + 1, MOST_R)
    state[v, q] = np.uint32(flags | n << N_SHIFT | r << R_SHIFT)


@njit(nogil=True, error_model="numpy", inline="always")
def _listener(audience, u, i):
    """The i-th who hears u, or −1 where the place is empty."""
    b = audience.rank[u]
    if b < 0:
        v = np.int64(audience.word[audience.offset[u] + i] & np.uint32(ID_MASK))
        return np.int64(-1) if audience.is_bot[v] else v
    for part in range(3):
        start, stride, count = audience.walk[b, part]
        if i < count:
            first = audience.ends[part]
            rank = (start + i * stride) % (audience.ends[part + 1] - first)
            v = np.int64(audience.lists[first + rank])
            return np.int64(-1) if v == u else v
        i -= count
    return np.int64(-1)


@njit(nogil=True, error_model="numpy", inline="always")
def _n_places(audience, u):
    b = audience.rank[u]
    if b < 0:
        return audience.offset[u + 1] - audience.offset[u]
    return audience.walk[b, 0, 2] + audience.walk[b, 1, 2] + audience.walk[b, 2, 2]


def _stamp() -> int:
    """A number that changes with every source compiled in (see `engine.kernel._stamp`)."""
    root = Path(__file__).resolve().parent.parent
    return zlib.crc32(b"".join((root / name).read_bytes() for name in BELOW))


def _compile(stamp):
    """The entry points; a number they close over is part of the key of numba's cache."""

    @njit(cache=True, nogil=True, error_model="numpy")
    def decide(feeds, sent, draws, tables, probs, is_bot, step):
        """Step 1 for everybody.

        Parameters
        ----------
        draws : uint64[6, n]
            P, and ``fold(P, 0)`` … ``fold(P, 4)``.
        tables : (int64[65536], int64[65536], int64[1001])
            Quality, appeal, recency.
        probs : uint64[2]
            new_post and deception in units of 2**-32.
        """
        quality, appeal, recency = tables
        half = np.uint64(32)
        for u in range(len(is_bot)):
            if feeds.size[u] == 0 or draws[1, u] >> half < probs[0]:
                is_charming = is_bot[u] and draws[5, u] >> half < probs[1]
                sent.post[u] = draws[0, u]
                sent.quality[u] = 0 if is_bot[u] else quality[draws[3, u] >> np.uint64(48)]
                sent.appeal[u] = 1 << 20 if is_charming else appeal[draws[4, u] >> np.uint64(48)]
                sent.source[u], sent.hops[u], sent.by_bot[u] = -1, 0, is_bot[u]
            else:
                k = _pick(feeds, u, draws[2, u] >> half, recency, step)
                sent.post[u], sent.quality[u] = feeds.post[u, k], feeds.quality[u, k]
                sent.appeal[u], sent.source[u] = feeds.appeal[u, k], feeds.via[u, k]
                sent.hops[u], sent.by_bot[u] = feeds.hops[u, k], feeds.by_bot[u, k]
        return stamp

    @njit(cache=True, nogil=True, error_model="numpy")
    def spread(audience, old, new, sent, order, counts, log, setting):
        """Steps 2 and 3.

        Parameters
        ----------
        order : int64[n]
            Users in the order in which they send.
        counts : (int64[m, …], uint32[n, m], uint64[2])
            Totals, state, lanes of the digest.
        log : DELIVERY[…]
            Empty, or with room for all deliveries of the step.
        setting : int64[4]
            Step, minute of arrival, flooding, message that stands for the posts of bots.

        Returns
        -------
        int
            Deliveries.
        """
        totals, state, lanes = counts
        step, minute, flooding, bots_message = setting
        n_log = 0
        new.size[:] = 0
        for u in order:
            q = bots_message if sent.by_bot[u] else np.int64(0)
            copies = flooding if audience.is_bot[u] else np.int64(1)
            is_repeat = np.int64(state[u, q]) & FORWARDED != 0
            address = fold_u64(sent.post[u], audience.key[u])
            lanes[1] += fold_u64(address, np.uint64(step))
            n_people = 0
            for i in range(_n_places(audience, u)):
                v = _listener(audience, u, i)
                if v < 0:
                    continue
                entered = _arrive(old, new, sent, u, v, copies, step)
                word = np.uint64(step << 1 | entered)
                lanes[0] += fold_u64(fold_u64(address, audience.key[v]), word)
                if audience.is_bot[v]:
                    continue
                n_people += 1
                _count(totals, state, v, q, entered, is_repeat)
                if len(log):
                    row = log[n_log]
                    row.minute, row.user, row.source, row.message = minute, v, u, q
                    row.outcome = 2 if entered else 1
                    row.channel, row.level = FORUM, WEAK
                    row.flags = REPEAT if is_repeat else 0
                    row.repeat = 0
                n_log += 1
            sent.n_people[u] = n_people
        _push_down(old, new)
        return n_log + 0 * stamp

    return decide, spread


@njit(nogil=True, error_model="numpy")
def _push_down(old, new):
    """Put what entered on top of what was there; what falls out is forgotten."""
    length = old.post.shape[1]
    for v in range(len(old.size)):
        added = new.size[v]
        if added == 0:
            continue
        size = min(length, added + old.size[v])
        for k in range(size - 1, added - 1, -1):
            j = k - added
            old.post[v, k], old.quality[v, k] = old.post[v, j], old.quality[v, j]
            old.appeal[v, k], old.shares[v, k] = old.appeal[v, j], old.shares[v, j]
            old.entered[v, k], old.via[v, k] = old.entered[v, j], old.via[v, j]
            old.hops[v, k], old.by_bot[v, k] = old.hops[v, j], old.by_bot[v, j]
        for k in range(added):
            old.post[v, k], old.quality[v, k] = new.post[v, k], new.quality[v, k]
            old.appeal[v, k], old.shares[v, k] = new.appeal[v, k], new.shares[v, k]
            old.entered[v, k], old.via[v, k] = new.entered[v, k], new.via[v, k]
            old.hops[v, k], old.by_bot[v, k] = new.hops[v, k], new.by_bot[v, k]
        old.size[v] = size


decide, spread = _compile(_stamp())
