"""Step 3 of a minute: by which channel, to whom, and when it is seen (`tests/reference.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

from tests.reference_levers import bots_of, holds
from tests.reference_users import (
    AUTO,
    BRAND,
    BRAND_KEY,
    FOOTER,
    GROUP,
    MASK,
    NOWHERE,
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
from viralbots.trace import INVOLUNTARY
from viralbots.world.world import CHANNELS, FEED_CHANNELS

if TYPE_CHECKING:
    from tests.reference import Reference

Recipients = list[tuple[int, int, int]]
"""(listener, level, flags) of everybody whom a send goes to."""


@dataclass(frozen=True)
class Sending:
    """One send: of an adoption, or an emission of a stream.

    Attributes
    ----------
    A : int
        The address of its draws: of user and message, or of the emission.
    hops : int
        Of the adoption.
    flags : int
        Of every parcel: AUTO from her account, FOOTER where it is carried, REPEAT.
    """

    user: User
    message: int
    A: int
    source: int = -1
    hops: int = 0
    flags: int = 0
    repeat: int = 0


def out_channel(run: Reference, user: User, q: int, A: int) -> str | None:
    """The channel by which a user would pass a message on; None: she uses none."""
    shares = run.messages[q].channels
    whole = sum(shares.values())
    usable = [
        (name, round(shares[name] / whole * 2**20))
        for name in CHANNELS
        if name in shares and name in user.uses
    ]
    total = sum(share for _, share in usable)
    pick = (draw(fold(A, draws.CHANNEL)) * total) >> 32
    sum_so_far = 0
    for name, share in usable:
        sum_so_far += share
        if sum_so_far > pick:
            return name
    return None


def send(run: Reference, adoption: Adoption) -> None:
    """Send one adoption to everybody it goes to, and write it down."""
    user, q = run.users[adoption.user], adoption.message
    A = run.A(user.number, q)
    is_auto = adoption.kind == INVOLUNTARY and adoption.channel != NOWHERE
    flags = AUTO if is_auto else 0
    sending = Sending(user, q, A, adoption.source, adoption.hops, flags)
    channel = adoption.channel or out_channel(run, user, q, A)
    run.tally["removed before sending"] += int(user.is_removed)
    if user.is_removed or channel == NOWHERE:
        channel = None
    run.tally["adopter without a channel"] += int(channel is None)
    n_sent = deliver_to_all(run, sending, channel)
    number = 255 if channel is None else CHANNELS.index(channel)
    run.c = (run.c + lane_c(run, A, number, n_sent)) & MASK
    mark = int(user.is_paid) | 2 * bool(bots_of(run, user))
    row = (run.minute, user.number, adoption.source, n_sent, q, number,
           adoption.kind, adoption.by_brand, adoption.hops, mark)  # fmt: skip
    run.tally["mark of a bot"] += mark >> 1
    run.tally["three hops"] += int(adoption.hops >= 3)
    run.adoption_log.append(((run.minute, user.key, q), row))


def lane_c(run: Reference, A: int, channel: int, n_sent: int) -> int:
    """What a send adds to the digest."""
    return fold(fold(A, draws.FAN_OUT), run.minute << 32 | channel << 24 | n_sent)


def deliver_to_all(run: Reference, sending: Sending, channel: str | None) -> int:
    """Find the recipients of a send, put the parcels on their way, and count them."""
    if channel is None:
        return 0
    if channel in FEED_CHANNELS:
        recipients = feed_recipients(run, sending, channel)
    else:
        recipients = push_recipients(run, sending, channel)
    run.tally["sent by " + channel] += 1
    post(run, sending, channel, recipients)
    return len(recipients)


def feed_recipients(run: Reference, sending: Sending, channel: str) -> Recipients:
    """Everybody who sees a post."""
    state = fold(sending.A, draws.VISIBILITY)
    seen = prob(run.cells[f"visibility.{channel}"])
    return [
        (v, level, 0)
        for v, level in audience(run, sending.user)
        if channel in run.users[v].uses and draw(fold(state, run.users[v].key)) < seen
    ]


def audience(run: Reference, user: User) -> list[tuple[int, int]]:
    """(listener, level) on feeds: who follows her, or whom a bot has infiltrated."""
    levers = bots_of(run, user)
    run.tally["bot by two levers"] += int(len(levers) > 1)
    if levers and levers[-1].infiltration > 0:
        run.tally["infiltrated"] += 1
        return infiltrated(run, user, levers[-1])
    return user.follows


def infiltrated(run: Reference, user: User, lever: lever_kinds.Bots) -> list[tuple[int, int]]:
    """The listeners of a bot's hash."""
    n = len(run.users)
    G = address(run.population_seed, draws.INFILTRATION, user.key)
    start = (draw(fold(G, 0)) * n) >> 32
    stride = 1 + ((draw(fold(G, 1)) * (n - 1)) >> 32)
    while gcd(stride, n) != 1:
        stride = (stride + 1) % n or 1
    in_order = sorted(run.users, key=lambda u: u.key)
    count = round(lever.infiltration * n)
    found = [in_order[(start + i * stride) % n].number for i in range(count)]
    run.tally["infiltrates itself"] += int(user.number in found)
    return [(v, lever.level) for v in found if v != user.number]


def push_recipients(run: Reference, sending: Sending, channel: str) -> Recipients:
    """The people chosen for a send."""
    user, A = sending.user, sending.A
    k = n_chats(run, sending, channel)
    if sending.flags & AUTO and k == len(user.ties):
        run.tally["from her account to all"] += 1
        run.tally["from her account, not to the source"] += int(
            sending.source in [v for v, _ in user.ties]
        )
        return [
            (v, level, 0)
            for v, level in user.ties
            if channel in run.users[v].uses and v != sending.source
        ]
    run.tally["from her account to some"] += int(bool(sending.flags & AUTO))
    chosen: Recipients = []
    others = [v for v in run.users if v.circle == user.circle and v is not user]
    is_group = draw(fold(A, draws.GROUP)) < prob(run.cells["group.prob"])
    may_group = not sending.flags & (AUTO | FOOTER)
    if may_group and channel == "im" and others and is_group and k >= 1:
        run.tally["group"] += 1
        others.sort(key=lambda v: v.key)
        chosen = [(v.number, 120, GROUP) for v in others if "im" in v.uses]
        k -= 1
    return chosen + individuals(run, sending, channel, k, {v for v, _, _ in chosen})


def individuals(
    run: Reference, sending: Sending, channel: str, k: int, skipped: set[int]
) -> Recipients:
    """Up to ``k`` contacts, attempt by attempt."""
    total = sum(level for _, level in sending.user.ties)
    found: Recipients = []
    for j in range(8 * k + 64):
        if len(found) == k:
            break
        pick = (draw(fold(fold(sending.A, draws.RECIPIENT), j)) * total) >> 32
        v, level = tie_at(sending.user, pick)
        if v == sending.source:
            run.tally["not back to the source"] += 1
        elif channel in run.users[v].uses and v not in skipped | {w for w, _, _ in found}:
            found.append((v, level, 0))
    run.tally["attempts used up"] += int(len(found) < k)
    return found


def tie_at(user: User, pick: int) -> tuple[int, int]:
    """The tie whose inclusive cumulative level first exceeds ``pick``."""
    total = 0
    for v, level in user.ties:
        total += level
        if total > pick:
            return v, level
    raise AssertionError("pick is below the total")


def n_chats(run: Reference, sending: Sending, channel: str) -> int:
    """How many chats a push send goes to at most (k)."""
    user, q, A = sending.user, sending.message, sending.A
    if sending.flags & FOOTER:
        return min(1, len(user.ties))
    if sending.flags & AUTO:
        k = run.messages[q].auto_contacts or len(user.ties)
    else:
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
            if lever.after_hops > sending.hops:
                run.tally["limit only after more hops"] += 1
                continue
            run.tally["limit after hops"] += int(lever.after_hops > 0)
            run.tally["limit binding"] += int(k > lever.max_chats)
            k = min(k, lever.max_chats)
    return min(k, len(user.ties))


def post(run: Reference, sending: Sending, channel: str, recipients: Recipients) -> None:
    """Put the deliveries of one send on their way."""
    user, wait = sending.user, fold(sending.A, draws.WAIT)
    for v, level, flags in recipients:
        flags |= sending.flags
        if user.is_paid:
            flags |= PAID
            run.tally["paid"] += 1
        parcel = Parcel(
            sending.message, user.key, CHANNELS.index(channel), sending.repeat, flags,
            user.number, level, min(255, sending.hops + 1),
        )  # fmt: skip
        post_one(run, v, parcel, wait)


def post_one(run: Reference, v: int, parcel: Parcel, wait: int) -> None:
    """Send one parcel to user v after the wait of its channel."""
    t, user, channel = run.minute, run.users[v], CHANNELS[parcel.channel]
    table = wait_table(run, channel, run.messages[parcel.message].mail_pace)
    quantile = int(table[idx(fold(wait, user.key))])
    units = max(10, (quantile * user.inverse_activity) >> 16)
    put(run, v, parcel, max(t + 1, minute_of(active(t) + units)))


def put(run: Reference, v: int, parcel: Parcel, arrival: int) -> None:
    """Let a parcel arrive at a minute; censored where that is after the end."""
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
    channel = channel or main_channel(run, q)
    for v in chosen:
        if channel in run.users[v].uses:
            parcel = Parcel(q, BRAND_KEY, CHANNELS.index(channel), repeat, BRAND, -1, 0, 0)
            post_one(run, v, parcel, wait)
            run.tally["brand delivery"] += 1


def main_channel(run: Reference, q: int) -> str:
    """The channel with the largest share, the first in the file among equals."""
    shares = run.messages[q].channels
    return next(name for name in shares if shares[name] == max(shares.values()))
