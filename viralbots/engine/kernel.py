"""The compiled loop: one minute after the other, one delivery after the other.

The numbered comments are the steps of docs/exactness.md, which the slow reference in
``tests/reference.py`` follows as well; the two must agree delivery by delivery.

Only scalars go through helpers that are not inlined: a helper that takes arrays costs an
atomic reference count a call (25–30 % of the time).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from viralbots import draws
from viralbots.draws import fold_u64
from viralbots.engine import state as st
from viralbots.engine import tables as tb
from viralbots.prefetch import prefetch_row
from viralbots.trace import (
    AWARE,
    CONVERTED,
    CORRECTED,
    COUNTS,
    DECEIVED,
    DETECTED,
    FORWARDED,
    HEARD,
    OPTED_OUT,
    REACTED,
    READ,
    REQUESTED,
)  # fmt: skip
from viralbots.world.world import ID_BITS, ID_MASK, MID

# Event word: recipient 0–25, source 26–51, channel 52–54, message 55–57, flags 58–61.
# Event extra: tie level 0–7, repeat 8–23.
CHANNEL_BITS, MESSAGE_BITS, FLAG_BITS = 52, 55, 58
PAID, GROUP, FOOTER, BRAND = 1, 2, 4, 8
LANDING_CHANNEL = 7  # an event that is a request returning to the landing
DRAW_CHANNEL = 254  # adoption whose channel is not decided yet
NO_CHANNEL = 255
BRAND_KEY = np.uint64(0xFFFFFFFFFFFFFFFF)

COUNT = {name: number for number, name in enumerate(COUNTS)}
C_DELIVERED, C_STOPPED, C_REACH = COUNT["delivered"], COUNT["stopped"], COUNT["reach"]
C_READINGS, C_READERS, C_DETECTIONS = COUNT["readings"], COUNT["readers"], COUNT["detections"]
C_DECEIVED, C_CORRECTED, C_MINUTES = (
    COUNT["deceived"],
    COUNT["corrected"],
    COUNT["deceived_minutes"],
)
C_CONVERTS, C_FORWARDS, C_STARTS = COUNT["converts"], COUNT["forwards"], COUNT["counter_starts"]
C_OPT_OUTS, C_COMPLAINTS, C_FILTERS = COUNT["opt_outs"], COUNT["complaints"], COUNT["filters"]
C_SENT, C_CENSORED, C_REQUESTS = COUNT["sent"], COUNT["censored"], COUNT["requests"]
C_REFUSED, C_VETOED, C_BY_BRAND = COUNT["refused"], COUNT["vetoed_forwards"], COUNT["by_brand"]
C_SEEDS = COUNT["seeds"]

S = tb.SLOT
READ_BASE, READ_TIE, READ_TIRED = S["read", None], S["read", "tie"], S["read", "fatigue"]
READ_REPEATS, READ_GROUP, READ_FOOTER = (
    S["read", "repeats"],
    S["read", "group"],
    S["read", "footer"],
)
DETECT_BASE, DETECT_SKILL = S["detect", None], S["detect", "skill"]
DETECT_SENDERS, DETECT_TIE = S["detect", "senders"], S["detect", "tie"]
CONVERT_BASE, CONVERT_MATCH = S["convert", None], S["convert", "match"]
CONVERT_SENDERS, CONVERT_TIE = S["convert", "senders"], S["convert", "tie"]
CONVERT_AWARE, CONVERT_PAID = S["convert", "aware"], S["convert", "paid_distance"]
CONVERT_DISTRUST, FORWARD_BASE = S["convert", "distrust"], S["forward", None]
FORWARD_MATCH, FORWARD_TIE = S["forward", "match"], S["forward", "tie"]
FORWARD_SENDERS, FORWARD_AWARE = S["forward", "senders"], S["forward", "aware"]
FORWARD_THREAT, FORWARD_TIRED = S["forward", "threat"], S["forward", "fatigue"]
FORWARD_NAME, FORWARD_NAME_AWARE = S["forward", "reputation"], S["forward", "reputation_aware"]
FORWARD_DECEIVED, REACT_BASE = S["forward", "deceived"], S["react", None]
REACT_AWARE, REACT_TIRED = S["react", "aware"], S["react", "fatigue"]
REACT_READ, REACT_TIE = S["react", "was_read"], S["react", "tie"]
REACT_DISTRUST = S["react", "distrust"]

(BASE, STEP, MOST, OBEYED, GROUP_PROB, OPT_OUT, COMPLAIN, OPT_OUT_AWARE, COMPLAIN_AWARE,
 FILTER_SHARE, REFUSED_LOSS, RETRY_PROB) = range(len(tb.CONSTANT))  # fmt: skip

ONE = 1 << 20
LEADER_MATCH = 2048
READ_CODE, DETECT_CODE = np.uint64(draws.READ), np.uint64(draws.DETECT)
CONVERT_CODE, FORWARD_CODE = np.uint64(draws.CONVERT), np.uint64(draws.FORWARD)
REACT_CODE, REACTION_CODE = np.uint64(draws.REACT), np.uint64(draws.REACTION)
FILTER_CODE, CHANNEL_CODE = np.uint64(draws.FILTER), np.uint64(draws.CHANNEL)
FAN_OUT_CODE, QUOTA_CODE = np.uint64(draws.FAN_OUT), np.uint64(draws.QUOTA)
GROUP_CODE, RECIPIENT_CODE = np.uint64(draws.GROUP), np.uint64(draws.RECIPIENT)
WAIT_CODE, VISIBILITY_CODE = np.uint64(draws.WAIT), np.uint64(draws.VISIBILITY)
LANDING_CODE, RETRY_CODE = np.uint64(draws.LANDING), np.uint64(draws.RETRY)
VETO_CODE, SENDER_WORD = np.uint64(draws.VETO), np.uint64(draws.SENDER)
SHIFT8, SHIFT32 = np.uint64(8), np.uint64(32)


class Triggers(NamedTuple):
    """Interventions that wait for a quantity (`viralbots.interventions.base.Trigger`)."""

    quantity: NDArray[np.int64]  # 0 complaints, 1 counter, 2 organic, 3 reach
    message: NDArray[np.int64]
    above: NDArray[np.float64]
    fired: NDArray[np.int64]  # 0 waiting, 1 fired


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _sigma(table, x):
    """Probability in units of 2**-32 of log-odds x in units of 2**-20 (`exact.sigmoid`)."""
    p = np.int64(0)
    if x >= 16 << 20:
        p = np.int64(1) << 32
    elif x >= -(16 << 20):
        position = x + (16 << 20)
        low = table[position >> 14]
        p = low + (((table[(position >> 14) + 1] - low) * (position & 16383)) >> 14)
    return p


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _times(coefficient, value, bits):
    """`exact.term`."""
    return (coefficient * value + (np.int64(1) << (bits - 1))) >> bits


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _halve(table, value, elapsed):
    """`exact.halve`."""
    days = elapsed // 1440
    left = np.int64(0)
    if days <= 30:
        left = (value * table[elapsed - days * 1440]) >> (30 + days)
    return left


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _draw(state, code):
    return np.int64(fold_u64(state, code) >> SHIFT32)


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _append(bucket, following, words, extras, control, minute, word, extra):
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
    words[chunk * 64 + place] = word
    extras[chunk * 64 + place] = extra
    bucket[minute, st.SIZE] = size + 1


@njit(cache=True, nogil=True)
def enqueue(s, minutes, words, extras):
    """Put prepared events into the queue; chunks must have been provided for."""
    bucket, following = s.bucket, s.chunk_next
    chunk_word, chunk_extra = s.chunk_word.reshape(-1), s.chunk_extra.reshape(-1)
    control = s.control
    for i in range(len(minutes)):
        _append(
            bucket, following, chunk_word, chunk_extra, control,
            minutes[i], words[i], extras[i],
        )  # fmt: skip


@njit(cache=True, nogil=True)
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
        rank[i] = (channel << 40) | (np.int64(event_extra[chosen[i]] >> np.uint32(8)) << 8) | flags
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


@njit(cache=True, nogil=True, error_model="numpy")
def advance(w, t, s, triggers, logging):
    """Simulate until ``control[UNTIL]``; ``control[STATUS]`` says why it came back.

    Parameters
    ----------
    w : WorldArrays
    t : Tables
    s : State
        Changed in place. When the status is NEED_…, ``control[NEED]`` says how many rows the
        array must have; grow it and call again.
    triggers : Triggers
    logging : bool
        Keep every delivery.
    """
    # Arrays are taken out of their tuples once: every access inside a loop would count a
    # reference, atomically.
    control, record, totals = s.control, s.record, s.totals
    event_word, event_extra, order = s.event_word, s.event_extra, s.event_order
    s_adoption = s.adoption
    s_arrival = s.recipient_at
    bucket = s.bucket
    s_chunk_extra = s.chunk_extra.reshape(-1)
    s_chunk_next = s.chunk_next
    s_chunk_word = s.chunk_word.reshape(-1)
    s_delivery = s.delivery
    s_distrust = s.distrust
    s_distrust_at = s.distrust_at
    s_lanes = s.lanes
    s_message_seed = s.message_seed
    s_recipient = s.recipient
    s_recipient_level = s.recipient_level
    s_request = s.request
    s_series = s.series
    s_served = s.served
    s_served_at = s.served_at
    s_watch = s.watch
    t_about = t.about
    t_brand = t.brand
    t_capacity = t.capacity
    t_coefficient = t.coefficient.reshape(-1, t.coefficient.shape[3])
    t_constant = t.constant
    t_counter = t.counter
    t_dispersion = t.dispersion
    t_flags = t.flags
    t_informs = t.informs
    t_limit = t.limit
    t_loss = t.loss
    t_p0 = t.p0
    t_quota = t.quota
    t_ratio = t.ratio
    t_share = t.share
    t_stage_slots = t.stage_slots
    t_veto = t.veto
    t_visibility = t.visibility
    t_wait = t.wait
    w_activity = w.activity
    w_circle = w.circle
    w_circle_member = w.circle_member
    w_circle_offset = w.circle_offset
    w_clock_inverse = w.clock_inverse
    w_clock_sum = w.clock_sum
    w_follow_layer_end = w.follow_layer_end
    w_follow_layer_level = w.follow_layer_level
    w_follow_level = w.follow_level
    w_follow_offset = w.follow_offset
    w_follow_word = w.follow_word
    w_halving = w.halving
    w_inverse_activity = w.inverse_activity
    w_key = w.key
    w_ln_n = w.ln_n
    w_sigmoid = w.sigmoid
    w_sociability = w.sociability
    w_tie_cumulative = w.tie_cumulative
    w_tie_layer_end = w.tie_layer_end
    w_tie_layer_level = w.tie_layer_level
    w_tie_level = w.tie_level
    w_tie_offset = w.tie_offset
    w_tie_value = w.tie_value
    w_tie_word = w.tie_word
    n_messages = len(t_brand)
    horizon = len(bucket)
    has_keys = len(w_key) > 0
    n_users = len(record)
    base, step, most = t_constant[BASE], t_constant[STEP], t_constant[MOST]
    handled = np.int64(0)
    control[st.STATUS] = st.REACHED

    while control[st.NOW] < control[st.UNTIL]:
        now = control[st.NOW]
        if control[st.PHASE] == 0:
            if handled >= control[st.BUDGET]:
                control[st.STATUS] = st.SLICE_DONE
                return
            n = np.int64(bucket[now, st.SIZE])
            if n > len(event_word):
                control[st.STATUS], control[st.NEED] = st.NEED_BUFFER, n
                return
            if control[st.N_ADOPTIONS] + 2 * n > len(s_adoption):
                control[st.STATUS] = st.NEED_ADOPTIONS
                control[st.NEED] = control[st.N_ADOPTIONS] + 2 * n
                return
            if logging and control[st.N_LOG] + n > len(s_delivery):
                control[st.STATUS], control[st.NEED] = st.NEED_LOG, control[st.N_LOG] + n
                return
            if len(s_watch) > 1 and control[st.N_WATCH] + n > len(s_watch):
                control[st.STATUS], control[st.NEED] = st.NEED_WATCH, control[st.N_WATCH] + n
                return

            # 2. The minute's events are copied out and their users' records asked for.
            chunk = np.int64(bucket[now, st.HEAD])
            i = np.int64(0)
            control[st.N_REQUESTS] = 0
            n_events = np.int64(0)
            while i < n:
                size = min(np.int64(64), n - i)
                for k in range(size):
                    word = s_chunk_word[chunk * 64 + k]
                    if (np.int64(word >> np.uint64(CHANNEL_BITS)) & 7) == LANDING_CHANNEL:
                        row = control[st.N_REQUESTS]
                        s_request[row, 0] = np.int64(word & np.uint64(ID_MASK))
                        s_request[row, 1] = np.int64(word >> np.uint64(MESSAGE_BITS)) & 7
                        s_request[row, 2] = np.int64(s_chunk_extra[chunk * 64 + k]) >> 8
                        control[st.N_REQUESTS] = row + 1
                        totals[s_request[row, 1], C_REQUESTS] += 1
                        continue
                    prefetch_row(record, np.int64(word & np.uint64(ID_MASK)))
                    event_word[n_events] = word
                    event_extra[n_events] = s_chunk_extra[chunk * 64 + k]
                    n_events += 1
                i += size
                following = np.int64(s_chunk_next[chunk])
                s_chunk_next[chunk] = control[st.FREE]
                control[st.FREE] = chunk
                chunk = following

            # Users with several deliveries in this minute are put aside, to be sorted.
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
                    order[n_plain:n_events].copy(), event_word, event_extra, w_key
                )
                for i in range(put_aside):
                    order[n_plain + i] = sorted_events[i]
                    u = np.int64(event_word[sorted_events[i]] & np.uint64(ID_MASK))
                    record[u, st.WHO] &= np.uint32(0xFFFFFFFF ^ st.CONFLICT)

            lane_a, lane_b = s_lanes[0], s_lanes[1]
            for turn in range(n_events):
                word = event_word[order[turn]]
                extra = event_extra[order[turn]]
                u = np.int64(word & np.uint64(ID_MASK))
                source = np.int64(word >> np.uint64(ID_BITS)) & ID_MASK
                channel = np.int64(word >> np.uint64(CHANNEL_BITS)) & 7
                q = np.int64(word >> np.uint64(MESSAGE_BITS)) & 7
                flags = np.int64(word >> np.uint64(FLAG_BITS))
                level = np.int64(extra & np.uint32(255))
                repeat = np.int64(extra >> np.uint32(8))
                from_brand = (flags & BRAND) != 0
                key = np.uint64(record[u, st.KEY_LOW]) | (
                    np.uint64(record[u, st.KEY_HIGH]) << SHIFT32
                )
                a_word = fold_u64(s_message_seed[q], key)
                if from_brand:
                    sender_key = BRAND_KEY
                    source = np.int64(-1)
                elif has_keys:
                    sender_key = w_key[source]
                else:
                    sender_key = np.uint64(source)
                pair = fold_u64(a_word ^ SENDER_WORD, sender_key)
                occasion = np.uint64(repeat) << SHIFT8
                who = np.int64(record[u, st.WHO])
                user_class = who & 255
                mine = np.int64(record[u, st.MESSAGES + q])
                brand = t_brand[q]
                kind = t_flags[q]
                totals[q, C_DELIVERED] += 1
                if from_brand:
                    totals[q, C_BY_BRAND] += 1
                watched = (who & st.WATCHED) != 0
                outcome = np.int64(0)

                # 2.1 Stopped?
                stopped = (who & st.REMOVED) != 0
                if brand >= 0:
                    stopped |= ((who >> (st.OPT_OUT_SHIFT + brand)) & 1) != 0 or (
                        who & st.FILTERS
                    ) != 0
                else:
                    stopped |= (mine & OPTED_OUT) != 0
                stop_veto = np.int64(-1)
                if not stopped:
                    for k in range(t_stage_slots[0, 0]):
                        slot = t_stage_slots[0, 1 + k]
                        limit = t_veto[slot, user_class, q, channel]
                        if (
                            limit > 0
                            and _draw(pair, occasion | (VETO_CODE + np.uint64(slot))) < limit
                        ):
                            stopped = True
                            stop_veto = slot
                            break
                if watched:
                    row = control[st.N_WATCH]
                    control[st.N_WATCH] = row + 1
                    for k in range(s_watch.shape[1]):
                        s_watch[row, k] = -1
                    s_watch[row, 0] = now
                    s_watch[row, 1] = u
                    s_watch[row, 2] = source
                    s_watch[row, 3] = q
                    s_watch[row, 4] = channel
                    s_watch[row, 5] = level
                    s_watch[row, 6] = repeat
                    s_watch[row, 7] = flags
                    s_watch[row, 8] = 0
                    s_watch[row, 9] = user_class
                    s_watch[row, 31] = stop_veto
                if stopped:
                    totals[q, C_STOPPED] += 1
                else:
                    # 2.2 Decay
                    elapsed = now - np.int64(record[u, st.LAST])
                    tired = np.int64(record[u, st.FATIGUE])
                    if elapsed > 0:
                        tired = base + _halve(w_halving, tired - base, elapsed)
                    # 2.3 Count
                    n_senders = (mine >> 12) & 7
                    if not from_brand and repeat == 0 and n_senders < 4:
                        n_senders += 1
                    ln_n = w_ln_n[max(np.int64(1), n_senders)]
                    readings = (mine >> 15) & 31
                    if not mine & HEARD:
                        totals[q, C_REACH] += 1
                    mine = (mine & ~np.int64(7 << 12)) | (n_senders << 12) | HEARD
                    match = mine & 4095
                    tie = w_tie_value[level]
                    c = (user_class * n_messages + q) * 8 + channel  # row of the decision table

                    # 2.4 Read
                    x_read = np.int64(0)
                    d_read = np.int64(-1)
                    if kind & tb.PHISHING:
                        was_read = True
                    else:
                        x_read = (
                            t_coefficient[c, READ_BASE]
                            + _times(t_coefficient[c, READ_TIE], tie, 16)
                            + _times(t_coefficient[c, READ_TIRED], tired, 20)
                            + t_coefficient[c, READ_REPEATS] * max(np.int64(0), readings - 2)
                        )
                        if flags & GROUP:
                            x_read += t_coefficient[c, READ_GROUP]
                        elif flags & FOOTER:
                            x_read += t_coefficient[c, READ_FOOTER]
                        d_read = _draw(pair, occasion | READ_CODE)
                        was_read = d_read < _sigma(w_sigmoid, x_read)
                    if was_read:
                        outcome = 2
                        totals[q, C_READINGS] += 1
                        if not mine & READ:
                            totals[q, C_READERS] += 1
                            mine |= READ
                        if t_about[q] >= 0:
                            for other in range(n_messages):
                                if t_informs[q, other]:
                                    theirs = np.int64(record[u, st.MESSAGES + other])
                                    if other == q:
                                        theirs = mine
                                    if theirs & DECEIVED and not theirs & CORRECTED:
                                        theirs |= CORRECTED
                                        totals[other, C_CORRECTED] += 1
                                        totals[other, C_MINUTES] += now
                                    theirs |= AWARE
                                    if other == q:
                                        mine = theirs
                                    record[u, st.MESSAGES + other] = np.uint32(theirs)
                            for b in range(t_loss.shape[1]):
                                if t_loss[q, b] > 0:
                                    left = _halve(
                                        w_halving,
                                        np.int64(s_distrust[u, b]),
                                        (now - np.int64(s_distrust_at[u, b])) // 30,
                                    )
                                    s_distrust[u, b] = min(np.int64(ONE), left + t_loss[q, b])
                                    s_distrust_at[u, b] = now
                                    who |= st.DISTRUSTS
                                    record[u, st.WHO] |= np.uint32(st.DISTRUSTS)
                    else:
                        outcome = 1
                    informed = np.int64((mine & AWARE) != 0)
                    distrust = np.int64(0)
                    if who & st.DISTRUSTS and brand >= 0:
                        distrust = _halve(
                            w_halving,
                            np.int64(s_distrust[u, brand]),
                            (now - np.int64(s_distrust_at[u, brand])) // 30,
                        )

                    # 2.5 Detect
                    x_detect = np.int64(0)
                    d_detect = np.int64(-1)
                    if was_read and kind & tb.DECEPTIVE and not mine & AWARE:
                        skill = np.int64(np.int32(record[u, st.SKILL]))
                        x_detect = (
                            t_coefficient[c, DETECT_BASE]
                            + _times(t_coefficient[c, DETECT_SKILL], skill, 20)
                            + _times(t_coefficient[c, DETECT_SENDERS], ln_n, 20)
                            + _times(t_coefficient[c, DETECT_TIE], tie, 16)
                        )
                        d_detect = _draw(pair, occasion | DETECT_CODE)
                        if d_detect < _sigma(w_sigmoid, x_detect):
                            outcome |= 4
                            totals[q, C_DETECTIONS] += 1
                            if mine & DECEIVED and not mine & CORRECTED:
                                mine |= CORRECTED
                                totals[q, C_CORRECTED] += 1
                                totals[q, C_MINUTES] += now
                            mine |= AWARE | DETECTED
                        elif not mine & DECEIVED:
                            mine |= DECEIVED
                            totals[q, C_DECEIVED] += 1
                            totals[q, C_MINUTES] -= now
                    aware = np.int64((mine & AWARE) != 0)

                    # 2.6 Convert
                    x_convert = np.int64(0)
                    d_convert = np.int64(-1)
                    convert_veto = np.int64(-1)
                    if (
                        was_read
                        and kind & tb.CONVERTIBLE
                        and not mine & (CONVERTED | REQUESTED)
                        and not (kind & tb.PHISHING and aware)
                    ):
                        x_convert = (
                            t_coefficient[c, CONVERT_BASE]
                            + _times(t_coefficient[c, CONVERT_MATCH], match, 12)
                            + _times(t_coefficient[c, CONVERT_SENDERS], ln_n, 20)
                            + _times(t_coefficient[c, CONVERT_TIE], tie, 16)
                            + t_coefficient[c, CONVERT_AWARE] * aware
                            + _times(t_coefficient[c, CONVERT_DISTRUST], distrust, 20)
                        )
                        if flags & PAID:
                            x_convert += _times(t_coefficient[c, CONVERT_PAID], 65536 - tie, 16)
                        d_convert = _draw(pair, occasion | CONVERT_CODE)
                        if d_convert < _sigma(w_sigmoid, x_convert):
                            for k in range(t_stage_slots[1, 0]):
                                slot = t_stage_slots[1, 1 + k]
                                limit = t_veto[slot, user_class, q, channel]
                                if (
                                    limit > 0
                                    and _draw(pair, occasion | (VETO_CODE + np.uint64(slot)))
                                    < limit
                                ):
                                    convert_veto = slot
                                    break
                            if convert_veto < 0:
                                outcome |= 8
                                if t_capacity[q] < 0:
                                    mine |= CONVERTED
                                    totals[q, C_CONVERTS] += 1
                                else:
                                    mine |= REQUESTED
                                    totals[q, C_REQUESTS] += 1
                                    row = control[st.N_REQUESTS]
                                    s_request[row, 0] = u
                                    s_request[row, 1] = q
                                    s_request[row, 2] = 0
                                    control[st.N_REQUESTS] = row + 1

                    # 2.7 Forward
                    out = np.int64(NO_CHANNEL)
                    x_forward = np.int64(0)
                    d_forward = np.int64(-1)
                    forward_veto = np.int64(-1)
                    deceived = np.int64(0)
                    if t_about[q] >= 0:
                        theirs = np.int64(record[u, st.MESSAGES + t_about[q]])
                        deceived = np.int64((theirs & (DECEIVED | DETECTED)) != 0)
                    if (
                        was_read
                        and not mine & FORWARDED
                        and not (who & st.LEADER and match < LEADER_MATCH)
                    ):
                        uses = (who >> st.CHANNEL_SHIFT) & 63
                        total = np.int64(0)
                        for k in range(6):
                            if (uses >> k) & 1:
                                total += t_share[q, k]
                        if total > 0:
                            pick = (_draw(a_word, CHANNEL_CODE) * total) >> 32
                            for k in range(6):
                                if (uses >> k) & 1:
                                    pick -= t_share[q, k]
                                    if pick < 0:
                                        out = np.int64(k)
                                        break
                    if out != NO_CHANNEL:
                        f = (user_class * n_messages + q) * 8 + out
                        traits = np.int64(record[u, st.TRAITS])
                        name = traits >> 16
                        x_forward = (
                            t_coefficient[f, FORWARD_BASE]
                            + _times(t_coefficient[f, FORWARD_MATCH], match, 12)
                            + _times(t_coefficient[f, FORWARD_TIE], tie, 16)
                            + _times(t_coefficient[f, FORWARD_SENDERS], ln_n, 20)
                            + t_coefficient[f, FORWARD_AWARE] * aware
                            + _times(t_coefficient[f, FORWARD_THREAT], traits & 0xFFFF, 12)
                            + _times(t_coefficient[f, FORWARD_TIRED], tired, 20)
                            + _times(t_coefficient[f, FORWARD_NAME], name, 12)
                            + _times(t_coefficient[f, FORWARD_NAME_AWARE], name * aware, 12)
                            + t_coefficient[f, FORWARD_DECEIVED] * deceived
                        )
                        d_forward = _draw(pair, FORWARD_CODE)
                        if d_forward < _sigma(w_sigmoid, x_forward):
                            for k in range(t_stage_slots[2, 0]):
                                slot = t_stage_slots[2, 1 + k]
                                limit = t_veto[slot, user_class, q, out]
                                if limit > 0 and _draw(pair, VETO_CODE + np.uint64(slot)) < limit:
                                    forward_veto = slot
                                    break
                            if forward_veto >= 0:
                                totals[q, C_VETOED] += 1
                            else:
                                outcome |= 16
                                mine |= FORWARDED
                                totals[q, C_FORWARDS] += 1
                                adopted = s_adoption[control[st.N_ADOPTIONS]]
                                adopted.minute = now
                                adopted.user = u
                                adopted.source = source
                                adopted.n_sent = 0
                                adopted.message = q
                                adopted.channel = out
                                adopted.kind = 0
                                adopted.by_brand = from_brand
                                control[st.N_ADOPTIONS] += 1

                    # 2.8 React
                    x_react = np.int64(0)
                    d_react = np.int64(-1)
                    if not mine & REACTED:
                        x_react = (
                            t_coefficient[c, REACT_BASE]
                            + t_coefficient[c, REACT_AWARE] * aware
                            + _times(t_coefficient[c, REACT_TIRED], tired, 20)
                            + t_coefficient[c, REACT_READ] * np.int64(was_read)
                            + _times(t_coefficient[c, REACT_TIE], tie, 16)
                            + _times(t_coefficient[c, REACT_DISTRUST], distrust, 20)
                        )
                        d_react = _draw(pair, occasion | REACT_CODE)
                        if d_react < _sigma(w_sigmoid, x_react):
                            mine |= REACTED
                            first, second = t_constant[OPT_OUT], t_constant[COMPLAIN]
                            if aware:
                                first, second = (
                                    t_constant[OPT_OUT_AWARE],
                                    t_constant[COMPLAIN_AWARE],
                                )
                            d_kind = _draw(pair, occasion | REACTION_CODE)
                            counter = t_counter[q]
                            if d_kind < first:
                                outcome |= 1 << 5
                                totals[q, C_OPT_OUTS] += 1
                                if brand >= 0:
                                    record[u, st.WHO] |= np.uint32(1 << (st.OPT_OUT_SHIFT + brand))
                                else:
                                    mine |= OPTED_OUT
                                if _draw(pair, occasion | FILTER_CODE) < t_constant[FILTER_SHARE]:
                                    outcome |= 1 << 7
                                    totals[q, C_FILTERS] += 1
                                    record[u, st.WHO] |= np.uint32(st.FILTERS)
                            elif d_kind < second or counter < 0:
                                outcome |= 2 << 5
                                totals[q, C_COMPLAINTS] += 1
                            else:
                                outcome |= 3 << 5
                                theirs = np.int64(record[u, st.MESSAGES + counter])
                                if counter == q:
                                    theirs = mine
                                if not theirs & FORWARDED:
                                    record[u, st.MESSAGES + counter] = np.uint32(
                                        theirs | FORWARDED
                                    )
                                    if counter == q:
                                        mine |= FORWARDED
                                    totals[counter, C_STARTS] += 1
                                    adopted = s_adoption[control[st.N_ADOPTIONS]]
                                    adopted.minute = now
                                    adopted.user = u
                                    adopted.source = -1
                                    adopted.n_sent = 0
                                    adopted.message = counter
                                    adopted.channel = DRAW_CHANNEL
                                    adopted.kind = 2
                                    adopted.by_brand = 0
                                    control[st.N_ADOPTIONS] += 1

                    # 2.9 Tire
                    if was_read and readings < 31:
                        mine = (mine & ~np.int64(31 << 15)) | ((readings + 1) << 15)
                    record[u, st.MESSAGES + q] = np.uint32(mine)
                    record[u, st.FATIGUE] = np.uint32(min(most, tired + step))
                    record[u, st.LAST] = np.uint32(now)
                    if watched:
                        row = control[st.N_WATCH] - 1
                        s_watch[row, 8] = outcome
                        s_watch[row, 10] = max(np.int64(1), n_senders)
                        s_watch[row, 11] = readings
                        s_watch[row, 12] = tired
                        s_watch[row, 13] = distrust
                        s_watch[row, 14] = aware
                        s_watch[row, 15] = informed
                        s_watch[row, 16] = deceived
                        s_watch[row, 17] = np.int64(was_read)
                        s_watch[row, 18] = x_read
                        s_watch[row, 19] = d_read
                        s_watch[row, 20] = x_detect
                        s_watch[row, 21] = d_detect
                        s_watch[row, 22] = x_convert
                        s_watch[row, 23] = d_convert
                        s_watch[row, 24] = convert_veto
                        s_watch[row, 25] = out
                        s_watch[row, 26] = x_forward
                        s_watch[row, 27] = d_forward
                        s_watch[row, 28] = forward_veto
                        s_watch[row, 29] = x_react
                        s_watch[row, 30] = d_react

                fingerprint = fold_u64(
                    pair,
                    np.uint64(now | channel << 24 | flags << 27 | outcome << 33 | repeat << 44),
                )
                lane_a += fingerprint
                lane_b += fold_u64(fingerprint, np.uint64(level))
                if logging:
                    line = s_delivery[control[st.N_LOG]]
                    line.minute = now
                    line.user = u
                    line.source = source
                    line.outcome = outcome
                    line.repeat = repeat
                    line.message = q
                    line.channel = channel
                    line.level = level
                    line.flags = flags
                    control[st.N_LOG] += 1
            s_lanes[0], s_lanes[1] = lane_a, lane_b
            control[st.N_DELIVERIES] += n_events
            handled += n_events
            control[st.PHASE] = 1

        # 3. Sends of this minute's adoptions; everything arrives later.
        while control[st.CURSOR] < control[st.N_ADOPTIONS]:
            ahead = control[st.CURSOR] + 6
            if ahead < control[st.N_ADOPTIONS]:
                later = np.int64(s_adoption[ahead].user)
                prefetch_row(w_tie_offset, later)
                prefetch_row(w_tie_layer_end, later)
                prefetch_row(w_follow_offset, later)
                prefetch_row(w_sociability, later)
                prefetch_row(w_circle, later)
            ahead -= 3
            if ahead < control[st.N_ADOPTIONS]:
                later = w_tie_offset[np.int64(s_adoption[ahead].user)]
                for i in range(0, 128, 16):
                    prefetch_row(w_tie_word, min(later + i, len(w_tie_word) - 1))
            adopted = s_adoption[control[st.CURSOR]]
            u = np.int64(adopted.user)
            q = np.int64(adopted.message)
            source = np.int64(adopted.source)
            who = np.int64(record[u, st.WHO])
            user_class = who & 255
            uses = (who >> st.CHANNEL_SHIFT) & 63
            key = np.uint64(record[u, st.KEY_LOW]) | (np.uint64(record[u, st.KEY_HIGH]) << SHIFT32)
            a_word = fold_u64(s_message_seed[q], key)
            channel = np.int64(adopted.channel)
            if who & st.REMOVED:  # between adopting and sending
                channel = np.int64(NO_CHANNEL)
                adopted.channel = channel
            elif channel == DRAW_CHANNEL:
                channel = np.int64(NO_CHANNEL)
                total = np.int64(0)
                for k in range(6):
                    if (uses >> k) & 1:
                        total += t_share[q, k]
                if total > 0:
                    pick = (_draw(a_word, CHANNEL_CODE) * total) >> 32
                    for k in range(6):
                        if (uses >> k) & 1:
                            pick -= t_share[q, k]
                            if pick < 0:
                                channel = np.int64(k)
                                break
                adopted.channel = channel
            n_sent = np.int64(0)
            n_group = np.int64(0)
            if channel != NO_CHANNEL and channel >= 3:
                # Feed: every follower on the channel may see it.
                start, end = w_follow_offset[u], w_follow_offset[u + 1]
                seen = t_visibility[channel]
                chance = fold_u64(a_word, VISIBILITY_CODE)
                close, mid = np.int64(w_follow_layer_end[u, 0]), np.int64(w_follow_layer_end[u, 1])
                for i in range(start, end):
                    word = np.int64(w_follow_word[i])
                    v = word & ID_MASK
                    if not (word >> (ID_BITS + channel)) & 1:
                        continue
                    listener = w_key[v] if has_keys else np.uint64(v)
                    if _draw(chance, listener) >= seen:
                        continue
                    s_recipient[n_sent] = v
                    if len(w_follow_level) > 0:
                        s_recipient_level[n_sent] = np.int64(w_follow_level[i])
                    elif i - start < close:
                        s_recipient_level[n_sent] = w_follow_layer_level[0]
                    elif i - start < mid:
                        s_recipient_level[n_sent] = w_follow_layer_level[1]
                    else:
                        s_recipient_level[n_sent] = w_follow_layer_level[2]
                    n_sent += 1
            elif channel != NO_CHANNEL:
                # Push: a number of chats, one of them perhaps a group.
                start, end = w_tie_offset[u], w_tie_offset[u + 1]
                social = np.int64(w_sociability[u])
                chance_u = (_draw(a_word, FAN_OUT_CODE) + 0.5) / 4294967296.0
                p = t_p0[social]
                below = p
                k = np.int64(0)
                while chance_u > below and k < 1000:
                    p = p * ((k + t_dispersion) / (k + 1.0)) * t_ratio[social]
                    below = below + p
                    k += 1
                k += 1
                if t_quota[q] > 0 and _draw(a_word, QUOTA_CODE) < t_constant[OBEYED]:
                    k = t_quota[q]
                k = min(k, t_limit[user_class, q, channel], end - start)
                ring = np.int64(w_circle[u])
                ring_start, ring_end = w_circle_offset[ring], w_circle_offset[ring + 1]
                in_group = (
                    channel == 0
                    and k >= 1
                    and ring_end - ring_start > 1
                    and _draw(a_word, GROUP_CODE) < t_constant[GROUP_PROB]
                )
                if in_group:
                    k -= 1
                    for i in range(ring_start, ring_end):
                        v = np.int64(w_circle_member[i])
                        if v != u and (np.int64(record[v, st.WHO]) >> st.CHANNEL_SHIFT) & 1:
                            s_recipient[n_sent] = v
                            s_recipient_level[n_sent] = MID
                            n_sent += 1
                    n_group = n_sent
                close, mid = np.int64(w_tie_layer_end[u, 0]), np.int64(w_tie_layer_end[u, 1])
                level0, level1 = w_tie_layer_level[0], w_tie_layer_level[1]
                level2 = w_tie_layer_level[2]
                is_weighted = len(w_tie_level) > 0
                if is_weighted:
                    total = np.int64(w_tie_cumulative[end - 1]) if end > start else np.int64(0)
                else:
                    total = close * level0 + (mid - close) * level1 + (end - start - mid) * level2
                attempts = 8 * k + 64
                chance = fold_u64(a_word, RECIPIENT_CODE)
                j = np.int64(0)
                n_chosen = np.int64(0)
                while n_chosen < k and j < attempts:
                    pick = (_draw(chance, np.uint64(j)) * total) >> 32
                    j += 1
                    if is_weighted:
                        low, high = start, end - 1
                        while low < high:
                            middle = (low + high) >> 1
                            if np.int64(w_tie_cumulative[middle]) > pick:
                                high = middle
                            else:
                                low = middle + 1
                        place = low
                        level = np.int64(w_tie_level[place])
                    elif pick < close * level0:
                        place = start + pick // level0
                        level = level0
                    elif pick < close * level0 + (mid - close) * level1:
                        place = start + close + (pick - close * level0) // level1
                        level = level1
                    else:
                        place = (
                            start
                            + mid
                            + (pick - close * level0 - (mid - close) * level1) // level2
                        )
                        level = level2
                    word = np.int64(w_tie_word[place])
                    v = word & ID_MASK
                    if v == source or not (word >> (ID_BITS + channel)) & 1:
                        continue
                    if in_group and w_circle[v] == ring:
                        continue
                    known = False
                    for i in range(n_group, n_sent):
                        if s_recipient[i] == v:
                            known = True
                            break
                    if known:
                        continue
                    s_recipient[n_sent] = v
                    s_recipient_level[n_sent] = level
                    n_sent += 1
                    n_chosen += 1

            if control[st.N_CHUNKS] + n_sent > len(s_chunk_next):
                control[st.STATUS], control[st.NEED] = (
                    st.NEED_CHUNKS,
                    control[st.N_CHUNKS] + n_sent,
                )
                return
            if n_sent > 0:
                wait = fold_u64(a_word, WAIT_CODE)
                day = now // 1440
                clock = day * 14400 + w_clock_sum[now - day * 1440]
                paid = np.uint64(PAID if who & st.PAID_USER else 0)
                head = (
                    (np.uint64(u) << np.uint64(ID_BITS))
                    | (np.uint64(channel) << np.uint64(CHANNEL_BITS))
                    | (np.uint64(q) << np.uint64(MESSAGE_BITS))
                    | (paid << np.uint64(FLAG_BITS))
                )
                n_late = np.int64(0)
                for i in range(n_sent):
                    v = s_recipient[i]
                    listener = w_key[v] if has_keys else np.uint64(v)
                    quantile = np.int64(fold_u64(wait, listener) >> np.uint64(52))
                    pace = np.int64(w_inverse_activity[w_activity[v]])
                    units = max(
                        np.int64(10), (np.int64(t_wait[q, channel, quantile]) * pace) >> 16
                    )
                    target = clock + units
                    full = target // 14400
                    arrival = max(
                        now + 1, full * 1440 + np.int64(w_clock_inverse[target - full * 14400])
                    )
                    s_arrival[i] = arrival
                    if arrival < horizon:
                        place = np.int64(bucket[arrival, st.TAIL]) * 64
                        place = max(np.int64(0), place + (np.int64(bucket[arrival, st.SIZE]) & 63))
                        prefetch_row(s_chunk_word, place)
                        prefetch_row(s_chunk_extra, place)
                for i in range(n_sent):
                    arrival = s_arrival[i]
                    if arrival >= horizon:
                        n_late += 1
                        continue
                    mark = (
                        np.uint64(GROUP) << np.uint64(FLAG_BITS) if i < n_group else np.uint64(0)
                    )
                    _append(
                        bucket, s_chunk_next,
                        s_chunk_word, s_chunk_extra, control, arrival,
                        head | mark | np.uint64(s_recipient[i]), np.uint32(s_recipient_level[i]),
                    )  # fmt: skip
                totals[q, C_CENSORED] += n_late
                control[st.N_CENSORED] += n_late
            totals[q, C_SENT] += n_sent
            adopted.n_sent = n_sent
            s_lanes[2] += fold_u64(
                fold_u64(a_word, FAN_OUT_CODE), np.uint64(now << 32 | channel << 24 | n_sent)
            )
            control[st.CURSOR] += 1

        # 4. Landing: requests of this minute, smallest draw first.
        n_requests = control[st.N_REQUESTS]
        if n_requests > 0:
            if control[st.N_CHUNKS] + n_requests > len(s_chunk_next):
                control[st.STATUS] = st.NEED_CHUNKS
                control[st.NEED] = control[st.N_CHUNKS] + n_requests
                return
            first = np.empty(n_requests, np.uint64)
            keys = np.empty(n_requests, np.uint64)
            for i in range(n_requests):
                u = s_request[i, 0]
                keys[i] = np.uint64(record[u, st.KEY_LOW]) | (
                    np.uint64(record[u, st.KEY_HIGH]) << SHIFT32
                )
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
                else:
                    totals[q, C_REFUSED] += 1
                    brand = t_brand[q]
                    if brand >= 0:
                        left = _halve(
                            w_halving,
                            np.int64(s_distrust[u, brand]),
                            (now - np.int64(s_distrust_at[u, brand])) // 30,
                        )
                        s_distrust[u, brand] = min(np.int64(ONE), left + t_constant[REFUSED_LOSS])
                        s_distrust_at[u, brand] = now
                        record[u, st.WHO] |= np.uint32(st.DISTRUSTS)
                    if (
                        _draw(fold_u64(a_word, RETRY_CODE), np.uint64(attempt))
                        < t_constant[RETRY_PROB]
                    ):
                        if now + 1440 < horizon:
                            back = (
                                np.uint64(u)
                                | (np.uint64(LANDING_CHANNEL) << np.uint64(CHANNEL_BITS))
                                | (np.uint64(q) << np.uint64(MESSAGE_BITS))
                            )
                            _append(
                                bucket,
                                s_chunk_next,
                                s_chunk_word,
                                s_chunk_extra,
                                control,
                                now + 1440,
                                back,
                                np.uint32((attempt + 1) << 8),
                            )
                    else:
                        mine &= ~np.int64(REQUESTED)
                record[u, st.MESSAGES + q] = np.uint32(mine)
                s_lanes[0] += fold_u64(
                    fold_u64(fold_u64(a_word, LANDING_CODE), np.uint64(attempt)),
                    np.uint64(now << 1 | np.int64(is_served)),
                )
            control[st.N_REQUESTS] = 0

        # 5. Triggers, then the next minute.
        for k in range(len(triggers.fired)):
            if triggers.fired[k] == 0:
                q = triggers.message[k]
                delivered = totals[q, C_DELIVERED]
                value = 0.0
                if triggers.quantity[k] == 0:
                    if delivered > 0:
                        value = 1000.0 * totals[q, C_COMPLAINTS] / delivered
                elif triggers.quantity[k] == 1:
                    adopters = np.int64(0)
                    for other in range(n_messages):
                        if t_about[other] == q and t_flags[other] & tb.COUNTER:
                            adopters += (
                                totals[other, C_FORWARDS]
                                + totals[other, C_SEEDS]
                                + totals[other, C_STARTS]
                            )
                    value = adopters / n_users
                elif triggers.quantity[k] == 2:
                    if delivered > 0:
                        value = (delivered - totals[q, C_BY_BRAND]) / delivered
                else:
                    value = totals[q, C_REACH] / n_users
                if value > triggers.above[k]:
                    triggers.fired[k] = 1
                    control[st.STATUS] = st.TRIGGERED
        control[st.PHASE] = 0
        control[st.NOW] = now + 1
        if (now + 1) % 60 == 0 or now + 1 == horizon:
            s_series[(now + 60) // 60] = totals
        if control[st.STATUS] == st.TRIGGERED:
            return
