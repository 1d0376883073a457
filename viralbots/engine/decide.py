"""The decisions about one minute's deliveries (docs/exactness.md, *A delivery*; model §2)."""

from __future__ import annotations

import numpy as np
from numba import njit

from viralbots.engine import state as st
from viralbots.engine import tables as tb
from viralbots.engine.codes import (
    BASE,
    BRAND_KEY,
    C_BY_BRAND,
    C_COMPLAINTS,
    C_CONVERTS,
    C_CORRECTED,
    C_DECEIVED,
    C_DELIVERED,
    C_DETECTIONS,
    C_FILTERS,
    C_FORWARDS,
    C_MINUTES,
    C_MUTATIONS,
    C_OPT_OUTS,
    C_REACH,
    C_READERS,
    C_READINGS,
    C_REQUESTS,
    C_STARTS,
    C_STOPPED,
    C_VETOED,
    CHANNEL_BITS,
    CHANNEL_CODE,
    COMPLAIN,
    COMPLAIN_AWARE,
    CONVERT_AWARE,
    CONVERT_BASE,
    CONVERT_CODE,
    CONVERT_DISTRUST,
    CONVERT_MATCH,
    CONVERT_PAID,
    CONVERT_RIVAL,
    CONVERT_SENDERS,
    CONVERT_TIE,
    CONVERT_USING,
    DETECT_BASE,
    DETECT_CODE,
    DETECT_SENDERS,
    DETECT_SKILL,
    DETECT_TIE,
    DRAW_CHANNEL,
    FILTER_CODE,
    FILTER_SHARE,
    FLAG_BITS,
    FORWARD_AWARE,
    FORWARD_BASE,
    FORWARD_CODE,
    FORWARD_DECEIVED,
    FORWARD_MATCH,
    FORWARD_NAME,
    FORWARD_NAME_AWARE,
    FORWARD_NOT_USING,
    FORWARD_SENDERS,
    FORWARD_THREAT,
    FORWARD_TIE,
    FORWARD_TIRED,
    HOP_BITS,
    LEADER_MATCH,
    MESSAGE_BITS,
    MOST,
    MUTATION_CODE,
    NO_CHANNEL,
    ONE,
    OPT_OUT,
    OPT_OUT_AWARE,
    REACT_AWARE,
    REACT_BASE,
    REACT_CODE,
    REACT_DISTRUST,
    REACT_READ,
    REACT_TIE,
    REACT_TIRED,
    REACTION_CODE,
    READ_BASE,
    READ_CODE,
    READ_FOOTER,
    READ_GROUP,
    READ_REPEATS,
    READ_TIE,
    READ_TIRED,
    REPEAT_MASK,
    SENDER_WORD,
    SHIFT8,
    STEP,
    VETO_CODE,
)  # fmt: skip
from viralbots.engine.inline import distrust_now, draw, halve, key_of, out_channel, sigma, times
from viralbots.fold import fold_u64
from viralbots.trace import (
    AWARE,
    BRAND,
    CONVERTED,
    CORRECTED,
    DECEIVED,
    DETECTED,
    FOOTER,
    FORWARDED,
    GROUP,
    HEARD,
    MUTATED,
    OPTED_OUT,
    PAID,
    REACTED,
    READ,
    REQUESTED,
)  # fmt: skip
from viralbots.world.world import ID_BITS, ID_MASK


@njit(nogil=True, error_model="numpy")
def decide(w, t, s, n_events, logging):
    """Step 2 of a minute: every delivery, one after the other (numbers as in the page).

    Prefixes tell where an array belongs: ``w_`` world, ``t_`` tables, ``s_`` state. Arrays are
    taken out of their tuples once: every access inside the loop would count a reference.
    """
    now = s.control[st.NOW]
    s_adoption = s.adoption
    s_convert = s.convert
    s_delivery = s.delivery
    s_distrust = s.distrust
    s_distrust_at = s.distrust_at
    s_lanes = s.lanes
    s_message_seed = s.message_seed
    s_request = s.request
    s_using = s.using
    s_watch = s.watch
    t_about = t.about
    t_auto_whose = t.auto_whose
    t_bot_level = t.bot_level
    t_brand = t.brand
    t_capacity = t.capacity
    t_coefficient = t.coefficient.reshape(-1, t.coefficient.shape[3])
    t_constant = t.constant
    t_counter = t.counter
    t_flags = t.flags
    t_informs = t.informs
    t_loss = t.loss
    t_mutation = t.mutation
    t_network = t.network
    t_share = t.share
    t_stage_slots = t.stage_slots
    t_variant = t.variant
    t_veto = t.veto
    t_veto_marks = t.veto_marks
    w_halving = w.halving
    w_key = w.key
    w_ln_n = w.ln_n
    w_sigmoid = w.sigmoid
    w_tie_offset = w.tie_offset
    w_tie_value = w.tie_value
    control = s.control
    record = s.record
    totals = s.totals
    event_word = s.event_word
    event_extra = s.event_extra
    order = s.event_order
    n_messages = len(t.brand)
    has_keys = len(w.key) > 0
    base = t.constant[BASE]
    step = t.constant[STEP]
    most = t.constant[MOST]
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
        repeat = np.int64(extra >> np.uint32(8)) & REPEAT_MASK
        hops = np.int64(extra >> np.uint32(HOP_BITS))
        from_brand = (flags & BRAND) != 0
        key = key_of(record, u)
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
        is_bot = t_bot_level[user_class] >= 0
        outcome = np.int64(0)

        # 2.1 Stopped?
        stopped = (who & st.REMOVED) != 0
        if brand >= 0:
            stopped |= ((who >> (st.OPT_OUT_SHIFT + brand)) & 1) != 0 or (who & st.FILTERS) != 0
        else:
            stopped |= (mine & OPTED_OUT) != 0
        stop_veto = np.int64(-1)
        if not stopped:
            for k in range(t_stage_slots[0, 0]):
                slot = t_stage_slots[0, 1 + k]
                limit = t_veto[slot, user_class, q, channel]
                if t_veto_marks[slot] and not flags & t_veto_marks[slot]:
                    continue
                if limit > 0 and draw(pair, occasion | (VETO_CODE + np.uint64(slot))) < limit:
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
            s_watch[row, 35] = hops
            s_watch[row, 36] = np.int64(is_bot)
        if stopped:
            totals[q, C_STOPPED] += 1
        else:
            # 2.2 Decay
            elapsed = now - np.int64(record[u, st.LAST])
            tired = np.int64(record[u, st.FATIGUE])
            if elapsed > 0:
                tired = base + halve(w_halving, tired - base, elapsed)
            # 2.3 Count
            n_senders = (mine >> 12) & 7
            if not from_brand and repeat == 0 and n_senders < 4:
                n_senders += 1
            ln_n = w_ln_n[max(np.int64(1), n_senders)]
            readings = (mine >> 15) & 31
            mine = (mine & ~np.int64(7 << 12)) | (n_senders << 12)
            if not is_bot:
                if not mine & HEARD:
                    totals[q, C_REACH] += 1
                mine |= HEARD
            match = mine & 4095
            tie = w_tie_value[level]
            c = (user_class * n_messages + q) * 8 + channel  # row of the decision table

            # 2.4 Read
            x_read = np.int64(0)
            d_read = np.int64(-1)
            if is_bot or kind & tb.PHISHING:
                was_read = True
            else:
                x_read = (
                    t_coefficient[c, READ_BASE]
                    + times(t_coefficient[c, READ_TIE], tie, 16)
                    + times(t_coefficient[c, READ_TIRED], tired, 20)
                    + t_coefficient[c, READ_REPEATS] * max(np.int64(0), readings - 2)
                )
                if flags & GROUP:
                    x_read += t_coefficient[c, READ_GROUP]
                elif flags & FOOTER:
                    x_read += t_coefficient[c, READ_FOOTER]
                d_read = draw(pair, occasion | READ_CODE)
                was_read = d_read < sigma(w_sigmoid, x_read)
            if is_bot:
                outcome = 2
            elif was_read:
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
                            left = distrust_now(w_halving, s_distrust, s_distrust_at, u, b, now)
                            s_distrust[u, b] = min(np.int64(ONE), left + t_loss[q, b])
                            s_distrust_at[u, b] = now
                            who |= st.DISTRUSTS
                            record[u, st.WHO] |= np.uint32(st.DISTRUSTS)
            else:
                outcome = 1
            informed = np.int64((mine & AWARE) != 0)
            distrust = np.int64(0)
            if who & st.DISTRUSTS and brand >= 0:
                distrust = distrust_now(w_halving, s_distrust, s_distrust_at, u, brand, now)

            # 2.5 Detect
            x_detect = np.int64(0)
            d_detect = np.int64(-1)
            if was_read and kind & tb.DECEPTIVE and not mine & AWARE and not is_bot:
                skill = np.int64(np.int32(record[u, st.SKILL]))
                x_detect = (
                    t_coefficient[c, DETECT_BASE]
                    + times(t_coefficient[c, DETECT_SKILL], skill, 20)
                    + times(t_coefficient[c, DETECT_SENDERS], ln_n, 20)
                    + times(t_coefficient[c, DETECT_TIE], tie, 16)
                )
                d_detect = draw(pair, occasion | DETECT_CODE)
                if d_detect < sigma(w_sigmoid, x_detect):
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
            using, rival_using, not_using = np.int64(0), np.int64(0), np.int64(0)
            n_ties = np.int64(0)
            if t_network[q] >= 0:
                n_ties = w_tie_offset[u + 1] - w_tie_offset[u]
            if n_ties > 0:
                for other in range(n_messages):
                    if t_network[other] >= 0:
                        users = np.int64(s_using[u, t_network[other]])
                        share = min(np.int64(65536), (users << 16) // n_ties)
                        if other == q:
                            using = share
                        else:
                            rival_using = max(rival_using, share)
            if (
                was_read
                and not is_bot
                and kind & tb.CONVERTIBLE
                and not mine & (CONVERTED | REQUESTED)
                and not (kind & tb.PHISHING and aware)
            ):
                x_convert = (
                    t_coefficient[c, CONVERT_BASE]
                    + times(t_coefficient[c, CONVERT_MATCH], match, 12)
                    + times(t_coefficient[c, CONVERT_SENDERS], ln_n, 20)
                    + times(t_coefficient[c, CONVERT_TIE], tie, 16)
                    + t_coefficient[c, CONVERT_AWARE] * aware
                    + times(t_coefficient[c, CONVERT_DISTRUST], distrust, 20)
                    + times(t_coefficient[c, CONVERT_USING], using, 16)
                    + times(t_coefficient[c, CONVERT_RIVAL], rival_using, 16)
                )
                if flags & PAID:
                    x_convert += times(t_coefficient[c, CONVERT_PAID], 65536 - tie, 16)
                d_convert = draw(pair, occasion | CONVERT_CODE)
                if d_convert < sigma(w_sigmoid, x_convert):
                    for k in range(t_stage_slots[1, 0]):
                        slot = t_stage_slots[1, 1 + k]
                        limit = t_veto[slot, user_class, q, channel]
                        if t_veto_marks[slot] and not flags & t_veto_marks[slot]:
                            continue
                        if (
                            limit > 0
                            and draw(pair, occasion | (VETO_CODE + np.uint64(slot))) < limit
                        ):
                            convert_veto = slot
                            break
                    if convert_veto < 0:
                        outcome |= 8
                        if t_capacity[q] < 0:
                            mine |= CONVERTED
                            totals[q, C_CONVERTS] += 1
                            joined = s_convert[control[st.N_CONVERTS]]
                            joined.minute = now
                            joined.user = u
                            joined.source = source
                            joined.message = q
                            joined.channel = channel
                            joined.hops = hops
                            control[st.N_CONVERTS] += 1
                        else:
                            mine |= REQUESTED
                            totals[q, C_REQUESTS] += 1
                            row = control[st.N_REQUESTS]
                            s_request[row, st.R_USER] = u
                            s_request[row, st.R_MESSAGE] = q
                            s_request[row, st.R_ATTEMPT] = 0
                            s_request[row, st.R_SOURCE] = source
                            s_request[row, st.R_CHANNEL] = channel
                            s_request[row, st.R_HOPS] = hops
                            control[st.N_REQUESTS] = row + 1
            if n_ties > 0 and mine & CONVERTED:
                not_using = 65536 - using

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
                and not kind & tb.RIDES
                and not (kind & tb.MEMBERS_ONLY and not mine & CONVERTED)
                and not (t_auto_whose[q] > 0 and mine & (CONVERTED | REQUESTED))
                and (is_bot or not (who & st.LEADER and match < LEADER_MATCH))
            ):
                uses = (who >> st.CHANNEL_SHIFT) & 63
                out = out_channel(t_share, q, uses, draw(a_word, CHANNEL_CODE))
            if out != NO_CHANNEL:
                f = (user_class * n_messages + q) * 8 + out
                traits = np.int64(record[u, st.TRAITS])
                name = traits >> 16
                x_forward = (
                    t_coefficient[f, FORWARD_BASE]
                    + times(t_coefficient[f, FORWARD_MATCH], match, 12)
                    + times(t_coefficient[f, FORWARD_TIE], tie, 16)
                    + times(t_coefficient[f, FORWARD_SENDERS], ln_n, 20)
                    + t_coefficient[f, FORWARD_AWARE] * aware
                    + times(t_coefficient[f, FORWARD_THREAT], traits & 0xFFFF, 12)
                    + times(t_coefficient[f, FORWARD_TIRED], tired, 20)
                    + times(t_coefficient[f, FORWARD_NAME], name, 12)
                    + times(t_coefficient[f, FORWARD_NAME_AWARE], name * aware, 12)
                    + t_coefficient[f, FORWARD_DECEIVED] * deceived
                    + times(t_coefficient[f, FORWARD_NOT_USING], not_using, 16)
                )
                d_forward = draw(pair, FORWARD_CODE)
                if d_forward < sigma(w_sigmoid, x_forward):
                    for k in range(t_stage_slots[2, 0]):
                        slot = t_stage_slots[2, 1 + k]
                        limit = t_veto[slot, user_class, q, out]
                        if t_veto_marks[slot] and not flags & t_veto_marks[slot]:
                            continue
                        if limit > 0 and draw(pair, VETO_CODE + np.uint64(slot)) < limit:
                            forward_veto = slot
                            break
                    if forward_veto >= 0:
                        totals[q, C_VETOED] += 1
                    else:
                        outcome |= 16
                        mine |= FORWARDED
                        sent = q
                        if t_variant[q] >= 0 and draw(a_word, MUTATION_CODE) < t_mutation[q]:
                            theirs = np.int64(record[u, st.MESSAGES + t_variant[q]])
                            if not theirs & FORWARDED:
                                sent = t_variant[q]
                                record[u, st.MESSAGES + sent] = np.uint32(theirs | FORWARDED)
                                totals[q, C_MUTATIONS] += 1
                        totals[sent, C_FORWARDS] += 1
                        adopted = s_adoption[control[st.N_ADOPTIONS]]
                        adopted.minute = now
                        adopted.user = u
                        adopted.source = source
                        adopted.n_sent = 0
                        adopted.message = sent
                        adopted.channel = out if sent == q else DRAW_CHANNEL
                        adopted.kind = 0 if sent == q else MUTATED
                        adopted.by_brand = from_brand
                        adopted.hops = hops
                        control[st.N_ADOPTIONS] += 1

            # 2.8 React
            x_react = np.int64(0)
            d_react = np.int64(-1)
            if not mine & REACTED and not is_bot:
                x_react = (
                    t_coefficient[c, REACT_BASE]
                    + t_coefficient[c, REACT_AWARE] * aware
                    + times(t_coefficient[c, REACT_TIRED], tired, 20)
                    + t_coefficient[c, REACT_READ] * np.int64(was_read)
                    + times(t_coefficient[c, REACT_TIE], tie, 16)
                    + times(t_coefficient[c, REACT_DISTRUST], distrust, 20)
                )
                d_react = draw(pair, occasion | REACT_CODE)
                if d_react < sigma(w_sigmoid, x_react):
                    mine |= REACTED
                    first, second = t_constant[OPT_OUT], t_constant[COMPLAIN]
                    if aware:
                        first, second = (
                            t_constant[OPT_OUT_AWARE],
                            t_constant[COMPLAIN_AWARE],
                        )
                    d_kind = draw(pair, occasion | REACTION_CODE)
                    counter = t_counter[q]
                    if d_kind < first:
                        outcome |= 1 << 5
                        totals[q, C_OPT_OUTS] += 1
                        if brand >= 0:
                            record[u, st.WHO] |= np.uint32(1 << (st.OPT_OUT_SHIFT + brand))
                        else:
                            mine |= OPTED_OUT
                        if draw(pair, occasion | FILTER_CODE) < t_constant[FILTER_SHARE]:
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
                            record[u, st.MESSAGES + counter] = np.uint32(theirs | FORWARDED)
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
                            adopted.hops = 0
                            control[st.N_ADOPTIONS] += 1

            # 2.9 Tire
            if was_read and readings < 31 and not is_bot:
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
                s_watch[row, 32] = using
                s_watch[row, 33] = not_using
                s_watch[row, 34] = rival_using

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
