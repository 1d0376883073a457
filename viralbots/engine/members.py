"""What begins when somebody joins (docs/exactness.md, *Members*; model §1, §3, §7)."""

from __future__ import annotations

import numpy as np
from numba import njit

from viralbots.engine import state as st
from viralbots.engine import tables as tb
from viralbots.engine.codes import (
    C_INVOLUNTARY,
    CHANNEL_BITS,
    DRAW_CHANNEL,
    EMISSION_CODE,
    FLAG_BITS,
    INTERVAL_CODE,
    NO_CHANNEL,
    OTHER_CHANNEL,
)  # fmt: skip
from viralbots.engine.inline import append, key_of
from viralbots.fold import fold_u64
from viralbots.trace import FORWARDED, INVOLUNTARY, REPEAT
from viralbots.world.world import ID_BITS, ID_MASK


@njit(nogil=True, error_model="numpy")
def welcome(w, t, s):
    """Step 5 of a minute: what its new members set going; false if an array is too small.

    ``control[MEMBER_CURSOR]`` is the next of them, so the caller may grow it and call again.
    """
    control, record, totals, bucket = s.control, s.record, s.totals, s.bucket
    now, horizon = control[st.NOW], len(s.bucket)
    day = now // 1440
    clock = day * 14400 + w.clock_sum[now - day * 1440]
    while control[st.MEMBER_CURSOR] < control[st.N_CONVERTS]:
        if control[st.N_CHUNKS] + 2 > len(s.chunk_next):
            control[st.STATUS] = st.NEED_CHUNKS
            control[st.NEED] = control[st.N_CHUNKS] + 2
            return False
        if control[st.N_ADOPTIONS] + 1 > len(s.adoption):
            control[st.STATUS] = st.NEED_ADOPTIONS
            control[st.NEED] = control[st.N_ADOPTIONS] + 1
            return False
        joined = s.convert[control[st.MEMBER_CURSOR]]
        u, q = np.int64(joined.user), np.int64(joined.message)
        who = np.int64(record[u, st.WHO])
        rides = t.flags[q] & tb.RIDES != 0
        is_sent = t.auto_whose[q] == 1 or (t.auto_whose[q] == 2 and who & st.UPLOADS != 0)
        may_send = who & st.REMOVED == 0 and t.bot_level[who & 255] < 0
        if (rides or is_sent) and may_send and not record[u, st.MESSAGES + q] & FORWARDED:
            record[u, st.MESSAGES + q] |= np.uint32(FORWARDED)
            totals[q, C_INVOLUNTARY] += 1
            adopted = s.adoption[control[st.N_ADOPTIONS]]
            adopted.minute = now
            adopted.user = u
            adopted.source = joined.source
            adopted.n_sent = 0
            adopted.message = q
            adopted.channel = DRAW_CHANNEL if is_sent else NO_CHANNEL
            adopted.kind = INVOLUNTARY
            adopted.by_brand = joined.source < 0 and joined.channel != NO_CHANNEL
            adopted.hops = joined.hops
            control[st.N_ADOPTIONS] += 1
        if t.network[q] >= 0:
            for i in range(w.tie_offset[u], w.tie_offset[u + 1]):
                s.using[np.int64(w.tie_word[i]) & ID_MASK, t.network[q]] += 1
        for stream in (t.carry[q], t.remind[q]):
            if stream < 0:
                continue
            first = now + t.streams.every[stream]
            if t.streams.every[stream] == 0:
                begun = fold_u64(fold_u64(s.message_seed[q], key_of(record, u)), EMISSION_CODE)
                begun = fold_u64(fold_u64(begun, t.streams.word[stream]), INTERVAL_CODE)
                quantile = np.int64(fold_u64(begun, np.uint64(0)) >> np.uint64(52))
                units = np.int64(t.streams.interval[stream, quantile])
                target = clock + max(np.int64(10), units)
                full = target // 14400
                first = full * 1440 + np.int64(w.clock_inverse[target - full * 14400])
                first = max(now + 1, first)
            if first < horizon:
                append(
                    bucket, s.chunk_next, s.chunk_event, control, first,
                    np.uint64(u) | (np.uint64(stream) << np.uint64(ID_BITS))
                    | (np.uint64(OTHER_CHANNEL) << np.uint64(CHANNEL_BITS))
                    | (np.uint64(REPEAT) << np.uint64(FLAG_BITS)),
                    np.uint64(0),
                )  # fmt: skip
        control[st.MEMBER_CURSOR] += 1
    return True
