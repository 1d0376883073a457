"""Requests at a landing with few places (docs/exactness.md, *Landing*; model §3)."""

from __future__ import annotations

import numpy as np
from numba import njit

from viralbots.engine import state as st
from viralbots.engine.codes import (
    C_CONVERTS,
    C_REFUSED,
    CHANNEL_BITS,
    FLAG_BITS,
    HOP_BITS,
    LANDING_CODE,
    MESSAGE_BITS,
    ONE,
    OTHER_CHANNEL,
    REFUSED_LOSS,
    RETRY_CODE,
    RETRY_PROB,
)  # fmt: skip
from viralbots.engine.inline import append, distrust_now, draw, key_of
from viralbots.fold import fold_u64
from viralbots.trace import BRAND, CONVERTED, REQUESTED
from viralbots.world.world import ID_BITS


@njit(nogil=True, error_model="numpy")
def serve(w, t, s):
    """Step 4 of a minute: requests, smallest draw first; false if there are too few chunks."""
    now = s.control[st.NOW]
    bucket = s.bucket
    s_chunk_next = s.chunk_next
    s_chunk_event = s.chunk_event
    s_convert = s.convert
    s_distrust = s.distrust
    s_distrust_at = s.distrust_at
    s_lanes = s.lanes
    s_message_seed = s.message_seed
    s_request = s.request
    s_served = s.served
    s_served_at = s.served_at
    t_brand = t.brand
    t_capacity = t.capacity
    t_constant = t.constant
    w_halving = w.halving
    control = s.control
    record = s.record
    totals = s.totals
    horizon = len(s.bucket)
    n_requests = control[st.N_REQUESTS]
    if n_requests > 0:
        if control[st.N_CHUNKS] + n_requests > len(s_chunk_next):
            control[st.STATUS] = st.NEED_CHUNKS
            control[st.NEED] = control[st.N_CHUNKS] + n_requests
            return False
        first = np.empty(n_requests, np.uint64)
        keys = np.empty(n_requests, np.uint64)
        for i in range(n_requests):
            u = s_request[i, 0]
            keys[i] = key_of(record, u)
            a_word = fold_u64(s_message_seed[s_request[i, 1]], keys[i])
            first[i] = fold_u64(fold_u64(a_word, LANDING_CODE), np.uint64(s_request[i, 2]))
        by_key = np.argsort(keys, kind="mergesort")
        line = by_key[np.argsort(first[by_key], kind="mergesort")]
        for i in range(n_requests):
            u, q, attempt = s_request[line[i], 0], s_request[line[i], 1], s_request[line[i], 2]
            a_word = fold_u64(s_message_seed[q], keys[line[i]])
            mine = np.int64(record[u, st.MESSAGES + q])
            busy = np.int64(0)
            for k in range(60):
                if s_served_at[q, k] > now - 60 and s_served_at[q, k] < now:
                    busy += s_served[q, k]
            place = now % 60
            if s_served_at[q, place] != now:
                s_served_at[q, place] = now
                s_served[q, place] = 0
            is_served = t_capacity[q] < 0 or busy + s_served[q, place] < t_capacity[q]
            if is_served:
                s_served[q, place] += 1
                mine = (mine | CONVERTED) & ~np.int64(REQUESTED)
                totals[q, C_CONVERTS] += 1
                joined = s_convert[control[st.N_CONVERTS]]
                joined.minute = now
                joined.user = u
                joined.source = s_request[line[i], st.R_SOURCE]
                joined.message = q
                joined.channel = s_request[line[i], st.R_CHANNEL]
                joined.hops = s_request[line[i], st.R_HOPS]
                control[st.N_CONVERTS] += 1
            else:
                totals[q, C_REFUSED] += 1
                brand = t_brand[q]
                if brand >= 0:
                    left = distrust_now(w_halving, s_distrust, s_distrust_at, u, brand, now)
                    s_distrust[u, brand] = min(np.int64(ONE), left + t_constant[REFUSED_LOSS])
                    s_distrust_at[u, brand] = now
                    record[u, st.WHO] |= np.uint32(st.DISTRUSTS)
                if draw(fold_u64(a_word, RETRY_CODE), np.uint64(attempt)) < t_constant[RETRY_PROB]:
                    if now + 1440 < horizon:
                        source = s_request[line[i], st.R_SOURCE]
                        back = (
                            np.uint64(u)
                            | (np.uint64(OTHER_CHANNEL) << np.uint64(CHANNEL_BITS))
                            | (np.uint64(q) << np.uint64(MESSAGE_BITS))
                        )
                        if source < 0:
                            back |= np.uint64(BRAND) << np.uint64(FLAG_BITS)
                        else:
                            back |= np.uint64(source) << np.uint64(ID_BITS)
                        extra = s_request[line[i], st.R_CHANNEL] | ((attempt + 1) << 8)
                        extra |= s_request[line[i], st.R_HOPS] << HOP_BITS
                        append(
                            bucket,
                            s_chunk_next,
                            s_chunk_event,
                            control,
                            now + 1440,
                            back,
                            np.uint64(extra),
                        )
                else:
                    mine &= ~np.int64(REQUESTED)
            record[u, st.MESSAGES + q] = np.uint32(mine)
            s_lanes[0] += fold_u64(
                fold_u64(fold_u64(a_word, LANDING_CODE), np.uint64(attempt)),
                np.uint64(now << 1 | np.int64(is_served)),
            )
        control[st.N_REQUESTS] = 0
    return True
