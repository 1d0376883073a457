"""The calendar queue: taking a minute out (docs/exactness.md)."""

from __future__ import annotations

import numpy as np
from numba import njit

from viralbots.engine import state as st
from viralbots.engine.codes import (
    BRAND_KEY,
    C_REQUESTS,
    CHANNEL_BITS,
    FLAG_BITS,
    HOP_BITS,
    MESSAGE_BITS,
    OTHER_CHANNEL,
    REPEAT_MASK,
)  # fmt: skip
from viralbots.prefetch import prefetch_row
from viralbots.trace import BRAND, REPEAT
from viralbots.world.world import ID_BITS, ID_MASK


@njit(nogil=True, error_model="numpy")
def take(bucket, following, events, control, record, totals, now, out):
    """Copy the events of a minute out of their bucket and ask for their users' records.

    ``out`` is (event_word, event_extra, request, emission). Requests that return to the landing
    go to ``request``, emissions that are due to ``emission``. Returns the number of deliveries.
    Arrays come one by one because handing over a whole `State` costs as much as a dozen
    deliveries, every minute.
    """
    event_word, event_extra, request, emission = out
    n = np.int64(bucket[now, st.SIZE])
    chunk = np.int64(bucket[now, st.HEAD])
    i = np.int64(0)
    control[st.N_REQUESTS] = 0
    control[st.N_EMISSIONS] = 0
    control[st.EMISSION_CURSOR] = 0
    n_events = np.int64(0)
    while i < n:
        size = min(np.int64(64), n - i)
        for k in range(size):
            word = events[chunk, 2 * k]
            if (np.int64(word >> np.uint64(CHANNEL_BITS)) & 7) == OTHER_CHANNEL:
                extra = np.int64(events[chunk, 2 * k + 1])
                source = np.int64(word >> np.uint64(ID_BITS)) & ID_MASK
                flags = np.int64(word >> np.uint64(FLAG_BITS))
                if flags & REPEAT:
                    row = control[st.N_EMISSIONS]
                    emission[row, 0] = np.int64(word & np.uint64(ID_MASK))
                    emission[row, 1] = source
                    emission[row, 2] = (extra >> 8) & REPEAT_MASK
                    control[st.N_EMISSIONS] = row + 1
                    continue
                row = control[st.N_REQUESTS]
                request[row, st.R_USER] = np.int64(word & np.uint64(ID_MASK))
                request[row, st.R_MESSAGE] = np.int64(word >> np.uint64(MESSAGE_BITS)) & 7
                request[row, st.R_ATTEMPT] = (extra >> 8) & REPEAT_MASK
                request[row, st.R_SOURCE] = np.int64(-1) if flags & BRAND else source
                request[row, st.R_CHANNEL] = extra & 255
                request[row, st.R_HOPS] = extra >> HOP_BITS
                control[st.N_REQUESTS] = row + 1
                totals[request[row, st.R_MESSAGE], C_REQUESTS] += 1
                continue
            prefetch_row(record, np.int64(word & np.uint64(ID_MASK)))
            event_word[n_events] = word
            event_extra[n_events] = np.uint32(events[chunk, 2 * k + 1])
            n_events += 1
        i += size
        later = np.int64(following[chunk])
        following[chunk] = control[st.FREE]
        control[st.FREE] = chunk
        chunk = later
    return n_events


@njit(nogil=True)
def _sort_conflicts(chosen, event_word, event_extra, key):
    """Order events to the same users by (message, sender key, channel, repeat, flags)."""
    n = len(chosen)
    rank = np.empty(n, np.int64)
    sender = np.empty(n, np.uint64)
    place = np.empty(n, np.int64)
    for i in range(n):
        word = event_word[chosen[i]]
        flags = np.int64(word >> np.uint64(FLAG_BITS))
        channel = np.int64(word >> np.uint64(CHANNEL_BITS)) & 7
        repeat = np.int64(event_extra[chosen[i]] >> np.uint32(8)) & REPEAT_MASK
        rank[i] = (channel << 40) | (repeat << 8) | flags
        source = np.int64(word >> np.uint64(ID_BITS)) & ID_MASK
        sender[i] = (
            BRAND_KEY if flags & BRAND else (key[source] if len(key) else np.uint64(source))
        )
        message = np.int64(word >> np.uint64(MESSAGE_BITS)) & 7
        place[i] = (np.int64(word & np.uint64(ID_MASK)) << 3) | message
    order = np.argsort(rank, kind="mergesort")
    order = order[np.argsort(sender[order], kind="mergesort")]
    order = order[np.argsort(place[order], kind="mergesort")]
    return chosen[order]


@njit(nogil=True, error_model="numpy")
def put_in_order(record, event_word, event_extra, order, key, n_events, now):
    """Fill ``order``: users with several deliveries in this minute come last, sorted."""
    n_conflicts = 0
    stamp = np.uint32(now + 1)
    for i in range(n_events):
        u = np.int64(event_word[i] & np.uint64(ID_MASK))
        if record[u, st.MARK] == stamp:
            record[u, st.WHO] |= np.uint32(st.CONFLICT)
            n_conflicts += 1
        record[u, st.MARK] = stamp
    if n_conflicts == 0:
        for i in range(n_events):
            order[i] = i
    else:
        n_plain = np.int64(0)
        put_aside = np.int64(0)
        for i in range(n_events):
            u = np.int64(event_word[i] & np.uint64(ID_MASK))
            if record[u, st.WHO] & np.uint32(st.CONFLICT):
                put_aside += 1
                order[n_events - put_aside] = i
            else:
                order[n_plain] = i
                n_plain += 1
        sorted_events = _sort_conflicts(
            order[n_plain:n_events].copy(), event_word, event_extra, key
        )
        for i in range(put_aside):
            order[n_plain + i] = sorted_events[i]
            u = np.int64(event_word[sorted_events[i]] & np.uint64(ID_MASK))
            record[u, st.WHO] &= np.uint32(0xFFFFFFFF ^ st.CONFLICT)
