"""Streams: what a user, or the brand towards her, sends again and again (`tests/reference.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.reference_levers import is_member
from tests.reference_sends import (
    Sending,
    deliver_to_all,
    lane_c,
    main_channel,
    out_channel,
    post_one,
    put,
)
from tests.reference_users import (
    BRAND,
    BRAND_KEY,
    FOOTER,
    MASK,
    REPEAT,
    Parcel,
    User,
    active,
    draw,
    idx,
    minute_of,
    prob,
)
from viralbots import draws, exact
from viralbots.draws import address, fold, name_id
from viralbots.interventions import levers as lever_kinds
from viralbots.world.world import CHANNELS, FEED_CHANNELS

if TYPE_CHECKING:
    from tests.reference import Reference

MOST = 60_000  # emissions of a stream
BY_THE_BRAND = 1024  # repeat number of the first


@dataclass(frozen=True)
class Stream:
    """A user, a message, a kind, and when it comes.

    Attributes
    ----------
    kind : str
        carry, remind, post or look.
    E0 : int
        Its address.
    interval : int or None
        Minutes from one emission to the next; None: at random, ``per_day`` on average.
    number : int
        Emissions after which it ends.
    actor : int or None
        Whose lever it is of.
    """

    user: User
    message: int
    kind: str
    E0: int
    interval: int | None
    per_day: float
    number: int
    actor: int | None
    channel: str | None


def carry(run: Reference, user: User, q: int) -> None:
    """She begins to carry a message as a footer."""
    E0 = address(run.A(user.number, q), draws.EMISSION, name_id("carry"))
    per_day = run.messages[q].footer
    begin(run, Stream(user, q, "carry", E0, None, per_day, MOST, None, None))


def remind(run: Reference, user: User, q: int) -> None:
    """The brand begins to remind her."""
    message = run.messages[q]
    E0 = address(run.A(user.number, q), draws.EMISSION, name_id("remind"))
    interval = max(1, round((message.reminder_days or 0) * 1440))
    number = min(MOST, message.reminders)
    begin(
        run,
        Stream(user, q, "remind", E0, interval, 1440 / interval, number, None, None),
    )  # fmt: skip


def begin_posts(run: Reference, lever: lever_kinds.Posts, tag: str, actor: int, u: int) -> None:
    """A lever lets a user post or look, unless she is gone."""
    user, q = run.users[u], run.names.index(lever.message)
    if user.is_removed:
        run.tally["removed before posting"] += 1
        return
    E0 = address(run.A(u, q), draws.EMISSION, name_id(tag))
    interval = None if lever.per_day is not None else lever.every
    per_day = 1440 / interval if interval else float(lever.per_day or 0)
    begin(
        run,
        Stream(user, q, lever.kind, E0, interval, per_day, MOST, actor, lever.channel),
    )  # fmt: skip


def begin(run: Reference, stream: Stream) -> None:
    run.tally[f"{stream.kind} begins"] += 1
    plan(run, stream, 0)


def plan(run: Reference, stream: Stream, j: int) -> None:
    """When emission ``j`` comes, counted from now."""
    t = run.minute
    if j >= stream.number:
        run.tally["last of a stream"] += 1
        return
    if stream.interval is not None:
        minute = t + stream.interval
    else:
        luck = fold(fold(stream.E0, draws.INTERVAL), j)
        units = max(10, intervals(run, stream.per_day)[idx(luck)])
        minute = max(t + 1, minute_of(active(t) + units))
    if minute < run.horizon:
        run.emissions[minute].append((stream, j))


def intervals(run: Reference, per_day: float) -> list[int]:
    """Quantiles of the time between emissions, in tenths of active minutes."""
    if per_day not in run.interval_tables:
        quantiles = -(14_400 / per_day) * exact.log(1.0 - exact.midpoints())
        run.interval_tables[per_day] = exact.to_fixed(quantiles, 0).tolist()
    return run.interval_tables[per_day]


def emissions(run: Reference) -> None:
    """All emissions that are due in this minute."""
    for stream, j in run.emissions.pop(run.minute, []):
        if has_ended(run, stream):
            run.tally[f"{stream.kind} ended"] += 1
            continue
        plan(run, stream, j + 1)
        E = fold(stream.E0, j)
        if is_left_out(run, stream, E):
            run.tally["emission left out"] += 1
            continue
        channel, n = emit(run, stream, j, E)
        number = 255 if channel is None else CHANNELS.index(channel)
        run.c = (run.c + lane_c(run, E, number, n)) & MASK
        run.count(stream.message, "emitted", n)
        run.tally[f"{stream.kind} emitted"] += n
        run.tally[f"{stream.kind} without a channel"] += int(channel is None)


def has_ended(run: Reference, stream: Stream) -> bool:
    """Whether nothing comes of it any more."""
    user, q = stream.user, stream.message
    if user.is_removed:
        run.tally["stream of a removed user"] += 1
        return True
    if stream.actor is not None and stream.actor not in run.holding:
        return True
    if stream.kind != "remind":
        return False
    has_brand = run.messages[q].brand is not None
    return run.opt_out_name(q) in user.opted_out or (user.has_filter and has_brand)


def is_left_out(run: Reference, stream: Stream, E: int) -> bool:
    """Whether a rate limit holds this emission back."""
    allowed = [
        one.lever.per_day
        for one in run.active
        if isinstance(one.lever, lever_kinds.RateLimit)
        and is_member(run, stream.user, one.lever.users)
        and (not one.lever.messages or run.names[stream.message] in one.lever.messages)
    ]
    if not allowed:
        return False
    passes = min(1.0, min(allowed) / stream.per_day)
    return draw(fold(E, draws.VETO)) < prob(1 - passes)


def emit(run: Reference, stream: Stream, j: int, E: int) -> tuple[str | None, int]:
    """One emission; returns its channel and to how many it went."""
    user, q = stream.user, stream.message
    if stream.kind == "look":
        flags = BRAND | FOOTER | REPEAT
        web = CHANNELS.index("web")
        parcel = Parcel(q, BRAND_KEY, web, BY_THE_BRAND + j, flags, -1, 0, 0)
        put(run, user.number, parcel, run.minute + 1)
        return "web", 1
    if stream.kind == "remind":
        name = main_channel(run, q)
        if name not in user.uses:
            return None, 0
        number, flags = CHANNELS.index(name), BRAND | REPEAT
        parcel = Parcel(q, BRAND_KEY, number, BY_THE_BRAND + j, flags, -1, 0, 0)
        post_one(run, user.number, parcel, fold(E, draws.WAIT))
        return name, 1
    channel = stream.channel or out_channel(run, user, q, E)
    flags = REPEAT
    if stream.kind == "carry":
        flags |= FOOTER
        if channel in FEED_CHANNELS:
            run.tally["nothing to carry it"] += 1
            channel = None
    sending = Sending(user, q, E, flags=flags, repeat=j + 1)
    return channel, deliver_to_all(run, sending, channel)
