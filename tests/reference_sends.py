"""Step 3 of a minute: by which channel, to whom, and when it is seen (`tests/reference.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference_levers import holds
from tests.reference_users import (
    BRAND,
    BRAND_KEY,
    GROUP,
    MASK,
    PAID,
    Adoption,
    Parcel,
    User,
    active,
    draw,
    idx,
    minute_of,
    prob,
)
from viralbots import draws
from viralbots.draws import address, fold
from viralbots.interventions import levers as lever_kinds
from viralbots.rules import main_rule
from viralbots.world.world import CHANNELS, FEED_CHANNELS

if TYPE_CHECKING:
    from tests.reference import Reference


def out_channel(run: Reference, user: User, q: int) -> str | None:
    """The channel by which a user would pass a message on; None: she uses none."""
    shares = run.messages[q].channels
    whole = sum(shares.values())
    usable = [
        (name, round(shares[name] / whole * 2**20))
        for name in CHANNELS
        if name in shares and name in user.uses
    ]
    total = sum(share for _, share in usable)
    pick = (draw(fold(run.A(user.number, q), draws.CHANNEL)) * total) >> 32
    sum_so_far = 0
    for name, share in usable:
        sum_so_far += share
        if sum_so_far > pick:
            return name
    return None


def send(run: Reference, adoption: Adoption) -> None:
    """Send one adoption to everybody it goes to, and write it down."""
    user, q = run.users[adoption.user], adoption.message
    channel = adoption.channel or out_channel(run, user, q)
    if user.is_removed:
        channel = None
    recipients: list[tuple[int, int, int]] = []
    run.tally["removed before sending"] += int(user.is_removed)
    if channel is None:
        run.tally["adopter without a channel"] += 1
    elif channel in FEED_CHANNELS:
        recipients = feed_recipients(run, user, q, channel)
    else:
        recipients = push_recipients(run, user, q, channel, adoption.source)
    if channel is not None:
        run.tally["sent by " + channel] += 1
        post(run, user, q, channel, recipients)
    number = 255 if channel is None else CHANNELS.index(channel)
    n_sent = len(recipients)
    word = run.minute << 32 | number << 24 | n_sent
    run.c = (run.c + fold(fold(run.A(user.number, q), draws.FAN_OUT), word)) & MASK
    row = (run.minute, user.number, adoption.source, n_sent, q, number,
           adoption.kind, adoption.by_brand)  # fmt: skip
    run.adoption_log.append(((run.minute, user.key, q), row))


def feed_recipients(
    run: Reference, user: User, q: int, channel: str
) -> list[tuple[int, int, int]]:
    """(listener, level, flags) of everybody who sees a post."""
    state = fold(run.A(user.number, q), draws.VISIBILITY)
    seen = prob(run.cells[f"visibility.{channel}"])
    return [
        (v, level, 0)
        for v, level in user.follows
        if channel in run.users[v].uses and draw(fold(state, run.users[v].key)) < seen
    ]


def push_recipients(
    run: Reference, user: User, q: int, channel: str, source: int
) -> list[tuple[int, int, int]]:
    """(listener, level, flags) of the people chosen for a send."""
    A = run.A(user.number, q)
    k = n_chats(run, user, q, channel, A)
    chosen: list[tuple[int, int, int]] = []
    others = [v for v in run.users if v.circle == user.circle and v is not user]
    is_group = draw(fold(A, draws.GROUP)) < prob(run.cells["group.prob"])
    if channel == "im" and others and is_group and k >= 1:
        run.tally["group"] += 1
        others.sort(key=lambda v: v.key)
        chosen = [(v.number, 120, GROUP) for v in others if "im" in v.uses]
        k -= 1
    total = sum(level for _, level in user.ties)
    n_individuals = 0
    for j in range(8 * k + 64):
        if n_individuals == k:
            break
        pick = (draw(fold(fold(A, draws.RECIPIENT), j)) * total) >> 32
        v, level = tie_at(run, user, pick)
        if v == source:
            run.tally["not back to the source"] += 1
        elif channel in run.users[v].uses and v not in [w for w, _, _ in chosen]:
            chosen.append((v, level, 0))
            n_individuals += 1
    run.tally["attempts used up"] += int(n_individuals < k)
    return chosen


def tie_at(run: Reference, user: User, pick: int) -> tuple[int, int]:
    """The tie whose inclusive cumulative level first exceeds ``pick``."""
    total = 0
    for v, level in user.ties:
        total += level
        if total > pick:
            return v, level
    raise AssertionError("pick is below the total")


def n_chats(run: Reference, user: User, q: int, channel: str, A: int) -> int:
    """How many chats a push send goes to at most (k)."""
    p0, ratio = (table[user.sociability] for table in run.fan_out)
    luck = draw(fold(A, draws.FAN_OUT))
    k = main_rule.fan_out(luck, p0, ratio, run.cells["fan_out.dispersion"])
    quota = run.messages[q].push_quota
    if quota is not None and draw(fold(A, draws.QUOTA)) < prob(run.cells["quota.obeyed"]):
        k = quota
        run.tally["quota obeyed"] += 1
    for one in run.active:
        lever = one.lever
        if isinstance(lever, lever_kinds.Limit) and holds(run, lever, user, q, channel):
            run.tally["limit binding"] += int(k > lever.max_chats)
            k = min(k, lever.max_chats)
    return min(k, len(user.ties))


def post(
    run: Reference, user: User, q: int, channel: str, recipients: list[tuple[int, int, int]]
) -> None:
    """Put the deliveries of one send on their way."""
    wait = fold(run.A(user.number, q), draws.WAIT)
    for v, level, flags in recipients:
        if user.is_paid:
            flags |= PAID
            run.tally["paid"] += 1
        parcel = Parcel(q, user.key, CHANNELS.index(channel), 0, flags, user.number, level)
        post_one(run, v, parcel, wait)


def post_one(run: Reference, v: int, parcel: Parcel, wait: int) -> None:
    """Send one parcel to user v; censored where it would arrive after the end."""
    t, user, channel = run.minute, run.users[v], CHANNELS[parcel.channel]
    table = wait_table(run, channel, run.messages[parcel.message].mail_pace)
    quantile = int(table[idx(fold(wait, user.key))])
    units = max(10, (quantile * user.inverse_activity) >> 16)
    arrival = max(t + 1, minute_of(active(t) + units))
    run.count(parcel.message, "sent")
    if arrival >= run.horizon:
        run.count(parcel.message, "censored")
        run.tally["censored"] += 1
    else:
        run.arrivals[arrival].append((v, parcel))


def wait_table(run: Reference, channel: str, pace: str) -> list[int]:
    """`main_rule.wait_table` as a list of Python integers."""
    if (channel, pace) not in run.wait_tables:
        made = main_rule.wait_table(channel, pace, run.cells).tolist()
        run.wait_tables[channel, pace] = made
    return run.wait_tables[channel, pace]


def brand_wave(
    run: Reference, q: int, chosen: list[int], channel: str | None, repeat: int
) -> None:
    """Deliveries without a sender to the chosen users who are on the channel."""
    wait = address(run.M[q], draws.SEEDING, repeat, draws.WAIT)
    if channel is None:
        shares = run.messages[q].channels
        channel = next(name for name in shares if shares[name] == max(shares.values()))
    for v in chosen:
        if channel in run.users[v].uses:
            parcel = Parcel(q, BRAND_KEY, CHANNELS.index(channel), repeat, BRAND, -1, 0)
            post_one(run, v, parcel, wait)
            run.tally["brand delivery"] += 1
