"""To whom is sent, and when they see it (docs/exactness.md, *A send*, *Streams*; model §2.5).

Adoptions and emissions take the same way: an emission has another address, and says whether it
goes to one contact, is a whole send, or comes to the user herself.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from viralbots.engine import state as st
from viralbots.engine.codes import (
    C_CENSORED,
    C_EMITTED,
    C_SENT,
    CHANNEL_BITS,
    CHANNEL_CODE,
    DRAW_CHANNEL,
    EMISSION_CODE,
    FAN_OUT_CODE,
    FLAG_BITS,
    GROUP_CODE,
    GROUP_PROB,
    HOP_BITS,
    INFILTRATION_CODE,
    INTERVAL_CODE,
    MESSAGE_BITS,
    MOST_HOPS,
    NO_CHANNEL,
    OBEYED,
    OTHER_CHANNEL,
    QUOTA_CODE,
    RECIPIENT_CODE,
    VETO_CODE,
    VISIBILITY_CODE,
    WAIT_CODE,
)  # fmt: skip
from viralbots.engine.inline import append, draw, key_of, out_channel
from viralbots.engine.streams import BRAND_REPEATS, CARRY, LOOK, POST, REMIND
from viralbots.fold import fold_u64
from viralbots.prefetch import prefetch_row
from viralbots.trace import (
    AUTO,
    BRAND,
    FOOTER,
    GROUP,
    INVOLUNTARY,
    MARK_BOT,
    MARK_PAID,
    OPTED_OUT,
    PAID,
    REPEAT,
)  # fmt: skip
from viralbots.world.world import ID_BITS, ID_MASK, MID


@njit(nogil=True, error_model="numpy")
def send(w, t, s):
    """Step 3 of a minute: adopters and streams send; false if there are too few chunks.

    ``control[CURSOR]`` is the next adoption, ``control[EMISSION_CURSOR]`` the next emission, so
    the caller may add chunks and call again.
    """
    now = s.control[st.NOW]
    s_adoption = s.adoption
    s_arrival = s.recipient_at
    bucket = s.bucket
    s_chunk_next = s.chunk_next
    s_chunk_event = s.chunk_event
    s_emission = s.emission
    s_event_flat = s.chunk_event.reshape(-1)
    s_lanes = s.lanes
    s_message_seed = s.message_seed
    s_recipient = s.recipient
    s_recipient_level = s.recipient_level
    t_auto = t.auto
    t_bot_audience = t.bot_audience
    t_bot_level = t.bot_level
    t_brand = t.brand
    t_constant = t.constant
    t_dispersion = t.dispersion
    t_hop_bound = t.hop_bound
    t_limit = t.limit
    t_p0 = t.p0
    t_quota = t.quota
    t_ratio = t.ratio
    t_share = t.share
    t_stream_channel = t.streams.channel
    t_stream_every = t.streams.every
    t_stream_interval = t.streams.interval
    t_stream_kind = t.streams.kind
    t_stream_message = t.streams.message
    t_stream_most = t.streams.most
    t_stream_on = t.streams.is_on
    t_stream_veto = t.streams.veto
    t_stream_word = t.streams.word
    t_visibility = t.visibility
    t_wait = t.wait
    w_activity = w.activity
    w_by_key = w.by_key
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
    w_inverse_activity = w.inverse_activity
    w_key = w.key
    w_sociability = w.sociability
    w_tie_cumulative = w.tie_cumulative
    w_tie_layer_end = w.tie_layer_end
    w_tie_layer_level = w.tie_layer_level
    w_tie_level = w.tie_level
    w_tie_offset = w.tie_offset
    w_tie_word = w.tie_word
    control = s.control
    record = s.record
    totals = s.totals
    horizon = len(s.bucket)
    has_keys = len(w.key) > 0
    n_users = np.int64(len(s.record))
    population = w.population_seed[0]
    while (
        control[st.CURSOR] < control[st.N_ADOPTIONS]
        or control[st.EMISSION_CURSOR] < control[st.N_EMISSIONS]
    ):
        is_emission = control[st.CURSOR] >= control[st.N_ADOPTIONS]
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
        row = min(control[st.CURSOR], control[st.N_ADOPTIONS] - 1)
        stream, number, kind = np.int64(-1), np.int64(0), np.int64(POST)
        begun, is_auto = np.uint64(0), False
        hops = np.int64(0)
        if is_emission:
            u = s_emission[control[st.EMISSION_CURSOR], 0]
            stream = s_emission[control[st.EMISSION_CURSOR], 1]
            number = s_emission[control[st.EMISSION_CURSOR], 2]
            q = t_stream_message[stream]
            kind = t_stream_kind[stream]
            source = np.int64(-1)
        else:
            u = np.int64(s_adoption[row].user)
            q = np.int64(s_adoption[row].message)
            source = np.int64(s_adoption[row].source)
            hops = np.int64(s_adoption[row].hops)
            is_auto = s_adoption[row].kind == INVOLUNTARY
        who = np.int64(record[u, st.WHO])
        user_class = who & 255
        uses = (who >> st.CHANNEL_SHIFT) & 63
        key = key_of(record, u)
        a_word = fold_u64(s_message_seed[q], key)
        is_left_out = False
        if is_emission:
            begun = fold_u64(fold_u64(a_word, EMISSION_CODE), t_stream_word[stream])
            a_word = fold_u64(begun, np.uint64(number))
            if (who & st.REMOVED) != 0 or t_stream_on[stream] == 0:
                control[st.EMISSION_CURSOR] += 1
                continue
            if kind == REMIND:
                brand = t_brand[q]
                gone = (record[u, st.MESSAGES + q] & np.uint32(OPTED_OUT)) != 0
                if brand >= 0:
                    gone = ((who >> (st.OPT_OUT_SHIFT + brand)) & 1) != 0
                    gone = gone or (who & st.FILTERS) != 0
                if gone:
                    control[st.EMISSION_CURSOR] += 1
                    continue
            veto = t_stream_veto[user_class, stream]
            is_left_out = veto > 0 and draw(a_word, VETO_CODE) < veto
        channel = np.int64(DRAW_CHANNEL)
        if is_left_out:
            channel = np.int64(NO_CHANNEL)
        elif is_emission:
            if t_stream_channel[stream] >= 0:
                channel = t_stream_channel[stream]
        elif who & st.REMOVED:  # between adopting and sending
            channel = np.int64(NO_CHANNEL)
        else:
            channel = np.int64(s_adoption[row].channel)
        to_herself = is_emission and (kind == REMIND or kind == LOOK)
        if channel == DRAW_CHANNEL and not to_herself:
            channel = out_channel(t_share, q, uses, draw(a_word, CHANNEL_CODE))
            if kind == CARRY and channel >= 3:
                channel = np.int64(NO_CHANNEL)
        n_sent = np.int64(0)
        n_group = np.int64(0)
        if to_herself:
            if kind == LOOK:
                channel = np.int64(6)
            else:
                channel = t_stream_channel[stream]
                if not (uses >> channel) & 1:
                    channel = np.int64(NO_CHANNEL)
            if is_left_out:
                channel = np.int64(NO_CHANNEL)
            if channel != NO_CHANNEL:
                s_recipient[0] = u
                s_recipient_level[0] = 0
                n_sent = np.int64(1)
        elif (
            channel != NO_CHANNEL
            and channel >= 3
            and t_bot_level[user_class] >= 0
            and t_bot_audience[user_class] >= 0
        ):
            # A bot that has followers of its own: every so many-th user, by the hash of the bot.
            seen = t_visibility[channel]
            chance = fold_u64(a_word, VISIBILITY_CODE)
            own = fold_u64(fold_u64(population, INFILTRATION_CODE), key)
            place = (draw(own, np.uint64(0)) * n_users) >> 32
            stride = 1 + ((draw(own, np.uint64(1)) * (n_users - 1)) >> 32)
            while True:
                a, b = stride, n_users
                while b:
                    a, b = b, a % b
                if a == 1:
                    break
                stride = max(np.int64(1), (stride + 1) % n_users)
            for _ in range(t_bot_audience[user_class]):
                v = np.int64(w_by_key[place]) if has_keys else place
                place = (place + stride) % n_users
                if v == u or not (np.int64(record[v, st.WHO]) >> (st.CHANNEL_SHIFT + channel)) & 1:
                    continue
                listener = w_key[v] if has_keys else np.uint64(v)
                if draw(chance, listener) >= seen:
                    continue
                s_recipient[n_sent] = v
                s_recipient_level[n_sent] = t_bot_level[user_class]
                n_sent += 1
        elif channel != NO_CHANNEL and channel >= 3:
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
                if draw(chance, listener) >= seen:
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
            chance_u = (draw(a_word, FAN_OUT_CODE) + 0.5) / 4294967296.0
            p = t_p0[social]
            below = p
            k = np.int64(0)
            while chance_u > below and k < 1000:
                p = p * ((k + t_dispersion) / (k + 1.0)) * t_ratio[social]
                below = below + p
                k += 1
            k += 1
            if t_quota[q] > 0 and draw(a_word, QUOTA_CODE) < t_constant[OBEYED]:
                k = t_quota[q]
            if is_auto:
                k = t_auto[q]
            if kind == CARRY:
                k = np.int64(1)
            else:
                k = min(k, t_limit[t_hop_bound[hops], user_class, q, channel])
            k = min(k, end - start)
            ring = np.int64(w_circle[u])
            ring_start, ring_end = w_circle_offset[ring], w_circle_offset[ring + 1]
            in_group = (
                channel == 0
                and k >= 1
                and not is_auto
                and kind != CARRY
                and ring_end - ring_start > 1
                and draw(a_word, GROUP_CODE) < t_constant[GROUP_PROB]
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
            if is_auto and k == end - start:
                for i in range(start, end):
                    word = np.int64(w_tie_word[i])
                    v = word & ID_MASK
                    if v == source or not (word >> (ID_BITS + channel)) & 1:
                        continue
                    s_recipient[n_sent] = v
                    if is_weighted:
                        s_recipient_level[n_sent] = np.int64(w_tie_level[i])
                    elif i - start < close:
                        s_recipient_level[n_sent] = level0
                    elif i - start < mid:
                        s_recipient_level[n_sent] = level1
                    else:
                        s_recipient_level[n_sent] = level2
                    n_sent += 1
                attempts = np.int64(0)
            while n_chosen < k and j < attempts:
                pick = (draw(chance, np.uint64(j)) * total) >> 32
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
                        start + mid + (pick - close * level0 - (mid - close) * level1) // level2
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

        if control[st.N_CHUNKS] + n_sent + 1 > len(s_chunk_next):
            control[st.STATUS], control[st.NEED] = (
                st.NEED_CHUNKS,
                control[st.N_CHUNKS] + n_sent + 1,
            )
            return False
        day = now // 1440
        clock = day * 14400 + w_clock_sum[now - day * 1440]
        if n_sent > 0:
            wait = fold_u64(a_word, WAIT_CODE)
            flags = np.int64(0)
            if to_herself:
                flags = np.int64(BRAND | REPEAT | FOOTER if kind == LOOK else BRAND | REPEAT)
            else:
                if who & st.PAID_USER:
                    flags |= PAID
                if is_auto:
                    flags |= AUTO
                if is_emission:
                    flags |= REPEAT | FOOTER if kind == CARRY else REPEAT
            head = (
                (np.uint64(channel) << np.uint64(CHANNEL_BITS))
                | (np.uint64(q) << np.uint64(MESSAGE_BITS))
                | (np.uint64(flags) << np.uint64(FLAG_BITS))
            )
            tail = np.int64(0)
            if to_herself:
                tail = (BRAND_REPEATS + number) << 8
            else:
                head |= np.uint64(u) << np.uint64(ID_BITS)
                tail = min(np.int64(MOST_HOPS), hops + 1) << HOP_BITS
                if is_emission:
                    tail |= (number + 1) << 8
            n_late = np.int64(0)
            for i in range(n_sent):
                v = s_recipient[i]
                listener = w_key[v] if has_keys else np.uint64(v)
                quantile = np.int64(fold_u64(wait, listener) >> np.uint64(52))
                pace = np.int64(w_inverse_activity[w_activity[v]])
                units = max(np.int64(10), (np.int64(t_wait[q, channel, quantile]) * pace) >> 16)
                target = clock + units
                full = target // 14400
                arrival = max(
                    now + 1, full * 1440 + np.int64(w_clock_inverse[target - full * 14400])
                )
                if to_herself and kind == LOOK:
                    arrival = now + 1
                s_arrival[i] = arrival
                if arrival < horizon:
                    place = np.int64(bucket[arrival, st.TAIL]) * 64
                    place = max(np.int64(0), place + (np.int64(bucket[arrival, st.SIZE]) & 63))
                    prefetch_row(s_event_flat, 2 * place)
            for i in range(n_sent):
                arrival = s_arrival[i]
                if arrival >= horizon:
                    n_late += 1
                    continue
                mark = np.uint64(GROUP) << np.uint64(FLAG_BITS) if i < n_group else np.uint64(0)
                append(
                    bucket, s_chunk_next,
                    s_chunk_event, control, arrival,
                    head | mark | np.uint64(s_recipient[i]),
                    np.uint64(s_recipient_level[i] | tail),
                )  # fmt: skip
            totals[q, C_CENSORED] += n_late
            control[st.N_CENSORED] += n_late
        totals[q, C_SENT] += n_sent
        if not is_left_out:
            s_lanes[2] += fold_u64(
                fold_u64(a_word, FAN_OUT_CODE), np.uint64(now << 32 | channel << 24 | n_sent)
            )
        if not is_emission:
            s_adoption[row].channel = channel
            s_adoption[row].n_sent = n_sent
            marks = np.int64(MARK_PAID if who & st.PAID_USER else 0)
            if t_bot_level[user_class] >= 0:
                marks |= MARK_BOT
            s_adoption[row].mark = marks
            control[st.CURSOR] += 1
            continue
        totals[q, C_EMITTED] += n_sent
        control[st.EMISSION_CURSOR] += 1
        number += 1
        if number >= t_stream_most[stream]:
            continue
        arrival = now + t_stream_every[stream]
        if t_stream_every[stream] == 0:
            quantile = np.int64(
                fold_u64(fold_u64(begun, INTERVAL_CODE), np.uint64(number)) >> np.uint64(52)
            )
            target = clock + max(np.int64(10), np.int64(t_stream_interval[stream, quantile]))
            full = target // 14400
            arrival = max(now + 1, full * 1440 + np.int64(w_clock_inverse[target - full * 14400]))
        if arrival < horizon:
            append(
                bucket, s_chunk_next, s_chunk_event, control, arrival,
                np.uint64(u) | (np.uint64(stream) << np.uint64(ID_BITS))
                | (np.uint64(OTHER_CHANNEL) << np.uint64(CHANNEL_BITS))
                | (np.uint64(REPEAT) << np.uint64(FLAG_BITS)),
                np.uint64(number << 8),
            )  # fmt: skip
    return True
