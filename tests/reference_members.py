"""Step 5 of a minute: what becomes of who took it up (`tests/reference.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference_levers import bots_of
from tests.reference_sends import send
from tests.reference_streams import carry, remind
from tests.reference_users import BY_A_WAVE, NOWHERE, Adoption, Decided, User
from viralbots.trace import CONVERTED, FORWARDED, INVOLUNTARY, REQUESTED

if TYPE_CHECKING:
    from tests.reference import Reference


def new_members(run: Reference) -> None:
    """Everybody who was converted in this minute."""
    for u, q, decided in run.new_members:
        user, message = run.users[u], run.messages[q]
        source, channel, hops, _ = decided
        row = (run.minute, u, source, q, channel, hops)
        run.convert_log.append(((run.minute, user.key, q), row))
        if is_sent_from(run, user, q):
            adopt_unasked(run, user, q, None, decided)
        if message.footer > 0:
            adopt_unasked(run, user, q, NOWHERE, decided)
            carry(run, user, q)
        if message.reminder_days is not None:
            remind(run, user, q)
        if message.network_effect > 0:
            for v, _ in user.ties:
                run.users[v].users_among[q] += 1
    run.new_members = []


def is_sent_from(run: Reference, user: User, q: int) -> bool:
    """Whether a message is sent from the account of a member."""
    auto = run.messages[q].auto_send
    run.tally["keeps her address book"] += int(
        auto == "address_books" and not user.uploads_contacts
    )
    return auto == "members" or (auto == "address_books" and user.uploads_contacts)


def adopt_unasked(
    run: Reference, user: User, q: int, channel: str | None, decided: Decided
) -> None:
    """She passes it on without deciding, unless she has, or is a bot, or is gone."""
    story = user.stories[run.names[q]]
    if story.flags & FORWARDED or user.is_removed or bots_of(run, user):
        run.tally["member passes nothing on"] += 1
        return
    story.flags |= FORWARDED
    run.count(q, "involuntary")
    run.tally["sent from her account" if channel is None else "rides with her"] += 1
    source, _, hops, by_brand = decided
    send(run, Adoption(user.number, source, q, channel, INVOLUNTARY, by_brand, hops))


def member_wave(run: Reference, q: int, chosen: list[int]) -> None:
    """The chosen users have taken it up already."""
    for u in chosen:
        story = run.users[u].stories[run.names[q]]
        if run.users[u].is_removed or story.flags & (CONVERTED | REQUESTED):
            run.tally["is a member or gone"] += 1
            continue
        story.flags |= CONVERTED
        run.count(q, "seeds")
        run.new_members.append((u, q, BY_A_WAVE))


def using(run: Reference, user: User, q: int) -> int:
    """Share of her contacts who use message q, in units of 2**-16."""
    if not user.ties or run.messages[q].network_effect == 0:
        return 0
    return min(1 << 16, (user.users_among[q] << 16) // len(user.ties))


def network_variables(run: Reference, user: User, q: int) -> dict[str, int]:
    """The three variables of the network effect."""
    mine = using(run, user, q)
    rivals = [using(run, user, other) for other in range(len(run.names)) if other != q]
    has_effect = run.messages[q].network_effect > 0
    is_user = user.stories[run.names[q]].flags & CONVERTED
    run.tally["contacts use it"] += int(mine > 0)
    run.tally["contacts use a rival"] += int(has_effect and max(rivals, default=0) > 0)
    return {
        "using": mine,
        "not_using": (1 << 16) - mine if is_user and has_effect and user.ties else 0,
        "rival_using": max(rivals, default=0) if has_effect else 0,
    }
