"""How much memory a run needs beside its world, known before any of it is taken.

Measured as the growth of whole processes with one, two and four runs side by side (see
`viralbots.experiments.estimate`). Arrays are taken as full as in a spread that reaches nearly
everybody: a message that dies out needs less, since memory that is never written to costs
nothing.
"""

from __future__ import annotations

from viralbots.engine.streams import rates
from viralbots.scenario import Scenario
from viralbots.trace import CONVERT, COUNTS
from viralbots.world.world import FEED_CHANNELS

RECORD = 64  # bytes a user, before a run (once a world) and in it
CIRCLES = 8  # a user, once a world
CHOOSING = 60  # a user: temporary arrays of seeding, of the digest and of metrics
PER_MESSAGE = 28  # a user: flags in the trace, adoptions, deliveries waiting in the queue
PER_CONVERT = CONVERT.itemsize  # a user and message that can be taken up
PER_CONTACT_COUNT = 4  # a user and message with a network effect
PER_EVENT = 16  # in the queue: a delivery, or an emission that is due
PER_BRAND = 8  # a user
TABLES = 1_500_000  # decision table, waits, buffers
WAITS = 150_000  # a message
STREAM = 16_400  # a stream: the times from one emission to the next
PER_MINUTE = 16  # of the horizon

CHUNK_BYTES = 1024
COPIES = 2.2  # chunks are copied as they grow, and the allocator keeps the old place
SPREAD_MINUTES = 43_200  # waits are days, so more minutes than these never wait together
# A share of minutes has a chunk of its own that is not full, and no more than a share of users.
PARTIAL = {"push": (8, 4), "feed": (4, 2)}


def shared_bytes(n_users: int) -> int:
    """What the runs on one world share."""
    return n_users * (RECORD + CIRCLES)


def run_bytes(scenario: Scenario, n_users: int) -> int:
    """What one run takes at its peak, shared arrays and the world not counted.

    Parameters
    ----------
    n_users : int
        Users of the world (the scenario knows only those of a world that is not imported).
    """
    n_messages, horizon = len(scenario.messages), scenario.horizon
    by_user = (
        _by_what_members_do(scenario)
        + RECORD
        + CHOOSING
        + PER_MESSAGE * n_messages
        + PER_BRAND * len(scenario.brands)
    )
    series = (horizon // 60 + 2) * n_messages * len(COUNTS) * 8
    fixed = TABLES + WAITS * n_messages + series + PER_MINUTE * horizon
    fixed += STREAM * len(rates(scenario)) + _posts(scenario, n_users)
    return round(n_users * by_user + fixed + COPIES * _partial_chunks(scenario, n_users))


def _by_what_members_do(scenario: Scenario) -> int:
    """Bytes a user for joining, for counting contacts who did, and for emissions that wait."""
    found = 0
    for message in scenario.messages.values():
        found += PER_CONVERT * (message.is_convertible or message.phishing)
        found += PER_CONTACT_COUNT * (message.network_effect > 0)
        found += PER_EVENT * ((message.footer > 0) + (message.reminder_days is not None))
    return found


def _posts(scenario: Scenario, n_users: int) -> int:
    """Bytes of what accounts run by somebody else have waiting in the queue for their followers.

    Everything that they post in a day waits at once, and so does what they pass on.
    """
    cells, found = scenario.cells, 0.0
    seen = max(cells[f"visibility.{channel}"] for channel in FEED_CHANNELS)
    for bots in scenario.bots:
        accounts, followers = bots.share * n_users, bots.infiltration * n_users
        found += accounts * (1 + followers * seen * max(1.0, bots.flooding)) * PER_EVENT
    return round(COPIES * found)


def _partial_chunks(scenario: Scenario, n_users: int) -> int:
    """Bytes of the chunks that wait in the queue half empty."""
    channels = {channel for message in scenario.messages.values() for channel in message.channels}
    of_minutes, of_users = PARTIAL["feed" if channels & set(FEED_CHANNELS) else "push"]
    minutes = min(scenario.horizon, SPREAD_MINUTES)
    return min(minutes // of_minutes, n_users // of_users) * CHUNK_BYTES
