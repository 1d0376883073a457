"""The compiled loop: one minute after the other (docs/exactness.md, *A minute*).

`queue` takes a minute's deliveries out, `decide` handles them one by one, `send` lets the
adopters send, `landing` serves requests. The slow reference in ``tests/reference.py`` follows
the same page; the two must agree delivery by delivery.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from viralbots.engine import state as st
from viralbots.engine import tables as tb
from viralbots.engine.codes import (
    C_BY_BRAND,
    C_COMPLAINTS,
    C_CONVERTS,
    C_DELIVERED,
    C_FORWARDS,
    C_REACH,
    C_REFUSED,
    C_REQUESTS,
    C_SEEDS,
    C_STARTS,
)  # fmt: skip
from viralbots.engine.decide import decide
from viralbots.engine.inline import append
from viralbots.engine.landing import serve
from viralbots.engine.members import welcome
from viralbots.engine.queue import put_in_order, take
from viralbots.engine.send import send

COMPILED_IN = (
    "codes",
    "decide",
    "inline",
    "kernel",
    "landing",
    "members",
    "queue",
    "send",
    "state",
    "streams",
    "tables",
)
BELOW = ("draws.py", "fold.py", "prefetch.py", "trace.py", "world/world.py")


class Triggers(NamedTuple):
    """Interventions that wait for a quantity (`viralbots.interventions.base.Trigger`)."""

    quantity: NDArray[np.int64]  # as in schedule.QUANTITIES
    message: NDArray[np.int64]
    above: NDArray[np.float64]
    fired: NDArray[np.int64]  # 0 waiting, 1 fired


@njit(nogil=True, error_model="numpy", inline="always")
def _has_room(s, n, logging):
    """Whether the growing arrays can take a minute with n events; if not, STATUS says which."""
    control = s.control
    status, need = st.REACHED, np.int64(0)
    if n > len(s.event_word):
        status, need = st.NEED_BUFFER, n
    elif control[st.N_CONVERTS] + n > len(s.convert):
        status, need = st.NEED_CONVERTS, control[st.N_CONVERTS] + n
    elif control[st.N_ADOPTIONS] + 2 * n > len(s.adoption):
        status, need = st.NEED_ADOPTIONS, control[st.N_ADOPTIONS] + 2 * n
    elif logging and control[st.N_LOG] + n > len(s.delivery):
        status, need = st.NEED_LOG, control[st.N_LOG] + n
    elif len(s.watch) > 1 and control[st.N_WATCH] + n > len(s.watch):
        status, need = st.NEED_WATCH, control[st.N_WATCH] + n
    control[st.STATUS], control[st.NEED] = status, need
    return status == st.REACHED


@njit(nogil=True, error_model="numpy")
def look_at_triggers(t, s, triggers):
    """Step 6 of a minute: does any intervention that waits for a quantity begin?"""
    totals, fired = s.totals, np.int64(0)
    n_messages, n_users = len(t.brand), len(s.record)
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
                    if t.about[other] == q and t.flags[other] & tb.COUNTER:
                        adopters += (
                            totals[other, C_FORWARDS]
                            + totals[other, C_SEEDS]
                            + totals[other, C_STARTS]
                        )
                value = adopters / n_users
            elif triggers.quantity[k] == 2:
                if delivered > 0:
                    value = (delivered - totals[q, C_BY_BRAND]) / delivered
            elif triggers.quantity[k] == 3:
                value = totals[q, C_REACH] / n_users
            elif triggers.quantity[k] == 4:
                if totals[q, C_REQUESTS] > 0:
                    value = totals[q, C_REFUSED] / totals[q, C_REQUESTS]
            else:
                value = totals[q, C_CONVERTS] / n_users
            if value > triggers.above[k]:
                triggers.fired[k] = 1
                fired = np.int64(1)
    return fired == 1


def _stamp() -> int:
    """A number that changes with any source which is compiled into `advance`.

    numba looks only at the file of the function itself before it takes machine code from its
    cache; without this, code compiled from an older `decide` would be used again.
    """
    here = Path(__file__).resolve().parent
    files = [*(here / f"{name}.py" for name in COMPILED_IN), *(here.parent / n for n in BELOW)]
    return zlib.crc32(b"".join(file.read_bytes() for file in files if file.exists()))


def _compile(stamp):
    """The two entry points; a number they close over is part of the key of numba's cache."""

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
        control, bucket, record, totals, request = (
            s.control,
            s.bucket,
            s.record,
            s.totals,
            s.request,
        )
        following, events = s.chunk_next, s.chunk_event
        event_word, event_extra, order, key = s.event_word, s.event_extra, s.event_order, w.key
        out = (event_word, event_extra, request, s.emission)
        handled = np.int64(0)
        control[st.STATUS], control[st.BUILD] = st.REACHED, stamp
        while control[st.NOW] < control[st.UNTIL]:
            now = control[st.NOW]
            if control[st.PHASE] == 0:
                if handled >= control[st.BUDGET]:
                    control[st.STATUS] = st.SLICE_DONE
                    return
                n = np.int64(bucket[now, st.SIZE])
                control[st.N_REQUESTS] = 0
                control[st.N_EMISSIONS] = 0
                control[st.EMISSION_CURSOR] = 0
                if n > 0:
                    if not _has_room(s, n, logging):
                        return
                    n_events = take(
                        bucket,
                        following,
                        events,
                        control,
                        record,
                        totals,
                        now,
                        out,
                    )
                    put_in_order(record, event_word, event_extra, order, key, n_events, now)
                    decide(w, t, s, n_events, logging)
                    handled += n_events
                    control[st.N_DELIVERIES] += n_events
                control[st.PHASE] = 1
            is_due = control[st.EMISSION_CURSOR] < control[st.N_EMISSIONS]
            if (is_due or control[st.CURSOR] < control[st.N_ADOPTIONS]) and not send(w, t, s):
                return
            if control[st.N_REQUESTS] > 0 and not serve(w, t, s):
                return
            if control[st.MEMBER_CURSOR] < control[st.N_CONVERTS]:
                if not welcome(w, t, s):
                    return
                if control[st.CURSOR] < control[st.N_ADOPTIONS] and not send(w, t, s):
                    return
            if len(triggers.fired) > 0 and look_at_triggers(t, s, triggers):
                control[st.STATUS] = st.TRIGGERED
            control[st.PHASE] = 0
            control[st.NOW] = now + 1
            if (now + 1) % 60 == 0 or now + 1 == len(bucket):
                s.series[(now + 60) // 60] = s.totals
            if control[st.STATUS] == st.TRIGGERED:
                return

    @njit(cache=True, nogil=True, error_model="numpy")
    def enqueue(s, minutes, words, extras):
        """Put prepared events into the queue; chunks must have been provided for."""
        events = s.chunk_event
        bucket, following, control = s.bucket, s.chunk_next, s.control
        control[st.BUILD] = stamp
        for i in range(len(minutes)):
            append(
                bucket, following, events, control, minutes[i], words[i], extras[i],
            )  # fmt: skip

    return advance, enqueue


advance, enqueue = _compile(_stamp())
