"""Step 4 of a minute: whom the landing serves and whom it refuses (`tests/reference.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference_users import MASK, draw, prob
from viralbots import draws
from viralbots.draws import address, fold
from viralbots.interventions import levers as lever_kinds
from viralbots.trace import CONVERTED, REQUESTED

if TYPE_CHECKING:
    from tests.reference import Reference


def capacity(run: Reference, q: int) -> int | None:
    """Places of the landing of a message; None: no limit."""
    held = [
        one.lever
        for one in run.active
        if isinstance(one.lever, lever_kinds.Capacity) and one.lever.message == run.names[q]
    ]
    fewest = min((lever.per_hour for lever in held if not lever.raises), default=None)
    raised = max((lever.per_hour for lever in held if lever.raises), default=None)
    if raised is None:
        return fewest
    run.tally["capacity raised"] += int(fewest is not None and raised > fewest)
    return raised if fewest is None else max(fewest, raised)


def landing(run: Reference) -> None:
    """Answer the requests of this minute, message by message."""
    t = run.minute
    if t not in run.requests:
        return
    asking = run.requests.pop(t)
    for q in range(len(run.names)):
        mine = [(u, attempt) for u, m, attempt in asking if m == q]
        mine.sort(key=lambda x: (landing_draw(run, x[0], q, x[1]), run.users[x[0]].key))
        places = capacity(run, q)
        taken = sum(1 for at in run.served[q] if t - 59 <= at <= t - 1)
        free = len(mine) if places is None else max(0, places - taken)
        for place, (u, attempt) in enumerate(mine):
            answer(run, u, q, attempt, place < free)


def landing_draw(run: Reference, u: int, q: int, attempt: int) -> int:
    """Place in the queue: the smallest is served first."""
    return address(run.A(u, q), draws.LANDING, attempt)


def answer(run: Reference, u: int, q: int, attempt: int, is_served: bool) -> None:
    """Serve or refuse one request."""
    user, t = run.users[u], run.minute
    story, brand = user.stories[run.names[q]], run.messages[q].brand
    run.count(q, "requests")
    run.a = (run.a + fold(landing_draw(run, u, q, attempt), t << 1 | is_served)) & MASK
    run.tally["retry"] += int(attempt > 0)
    if is_served:
        run.tally["served"] += 1
        story.flags = story.flags & ~REQUESTED | CONVERTED
        run.count(q, "converts")
        run.served[q].append(t)
        run.new_members.append((u, q, story.decided))
        return
    run.count(q, "refused")
    run.tally["refused"] += 1
    if brand is not None:
        run.lose_trust(user, brand, run.fixed("trust.refused_loss"))
    if draw(address(run.A(u, q), draws.RETRY, attempt)) < prob(run.cells["landing.retry"]):
        run.requests[t + 1440].append((u, q, attempt + 1))
    else:
        story.flags &= ~REQUESTED
