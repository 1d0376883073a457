"""Small pieces of the kernels, inlined where they are used.

A helper that takes arrays and is *not* inlined costs an atomic reference count a call
(25–30 % of the time).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from viralbots.engine import state as st
from viralbots.engine.codes import NO_CHANNEL, SHIFT32
from viralbots.fold import fold_u64


@njit(nogil=True, inline="always", error_model="numpy")
def sigma(table, x):
    """Probability in units of 2**-32 of log-odds x in units of 2**-20 (`exact.sigmoid`)."""
    p = np.int64(0)
    if x >= 16 << 20:
        p = np.int64(1) << 32
    elif x >= -(16 << 20):
        position = x + (16 << 20)
        low = table[position >> 14]
        p = low + (((table[(position >> 14) + 1] - low) * (position & 16383)) >> 14)
    return p


@njit(nogil=True, inline="always", error_model="numpy")
def times(coefficient, value, bits):
    """`exact.term`."""
    return (coefficient * value + (np.int64(1) << (bits - 1))) >> bits


@njit(nogil=True, inline="always", error_model="numpy")
def halve(table, value, elapsed):
    """`exact.halve`."""
    days = elapsed // 1440
    left = np.int64(0)
    if days <= 30:
        left = (value * table[elapsed - days * 1440]) >> (30 + days)
    return left


@njit(nogil=True, inline="always", error_model="numpy")
def draw(state, code):
    return np.int64(fold_u64(state, code) >> SHIFT32)


@njit(nogil=True, inline="always", error_model="numpy")
def append(bucket, following, events, control, minute, word, extra):
    """Put an event into its bucket; there must be a free chunk."""
    size = np.int64(bucket[minute, st.SIZE])
    place = size & 63
    chunk = np.int64(bucket[minute, st.TAIL])
    if place == 0:
        old = chunk
        chunk = control[st.FREE]
        if chunk >= 0:
            control[st.FREE] = following[chunk]
        else:
            chunk = control[st.N_CHUNKS]
            control[st.N_CHUNKS] = chunk + 1
        following[chunk] = -1
        if size == 0:
            bucket[minute, st.HEAD] = chunk
        else:
            following[old] = chunk
        bucket[minute, st.TAIL] = chunk
    events[chunk, 2 * place] = word
    events[chunk, 2 * place + 1] = extra
    bucket[minute, st.SIZE] = size + 1


@njit(nogil=True, inline="always", error_model="numpy")
def key_of(record, u):
    """The 64-bit key of a user."""
    return np.uint64(record[u, st.KEY_LOW]) | (np.uint64(record[u, st.KEY_HIGH]) << SHIFT32)


@njit(nogil=True, inline="always", error_model="numpy")
def out_channel(share, q, uses, number):
    """Channel drawn by the message's shares among those used; `NO_CHANNEL` if there is none."""
    total = np.int64(0)
    for k in range(6):
        if (uses >> k) & 1:
            total += share[q, k]
    channel = np.int64(NO_CHANNEL)
    if total > 0:
        pick = (number * total) >> 32
        for k in range(6):
            if (uses >> k) & 1:
                pick -= share[q, k]
                if pick < 0:
                    channel = np.int64(k)
                    break
    return channel


@njit(nogil=True, inline="always", error_model="numpy")
def distrust_now(halving, distrust, distrust_at, u, brand, now):
    """Distrust of a brand as of a minute: what is lost halves in 30 days (model §5)."""
    elapsed = (now - np.int64(distrust_at[u, brand])) // 30
    return halve(halving, np.int64(distrust[u, brand]), elapsed)
