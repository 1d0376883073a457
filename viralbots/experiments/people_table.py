"""What a table of people shows: a row about each user, and from whom she had it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.people import (
    DID,
    Query,
    adoptions_about,
    caused,
    first_places,
    messages_meant,
    who_did,
)
from viralbots.experiments.person import Who, who_are
from viralbots.trace import DELIVERY, FATE_STOPPED, Trace
from viralbots.world.world import World

KINDS = ("decided", "seed", "counter")
FATE_BITS = 3  # of an outcome


@dataclass(frozen=True)
class Row:
    """A user in a table of people.

    Attributes
    ----------
    who : Who
    did : tuple of str
        Of `DID`, what she did.
    heard_at : int or None
        Minute at which she first heard; None where she did not, or where the trace kept no
        deliveries.
    heard_from : Who or None
        From whom; None also where a brand or the platform sent it.
    adopted_at : int or None
        Minute of her first adoption; of a counter-message where the query asks who is against.
    adopted_from : Who or None
        From whom; None for seeds, where it came from a brand, and for a counter-message begun.
    message, kind : str or None
        What she adopted, and how: decided, seed or counter (a counter-message begun).
    n_caused : int
        Adopters who had it from her.
    """

    who: Who
    did: tuple[str, ...]
    heard_at: int | None
    heard_from: Who | None
    adopted_at: int | None
    adopted_from: Who | None
    message: str | None
    kind: str | None
    n_caused: int


def rows(world: World, trace: Trace, query: Query, users: NDArray[np.int64]) -> list[Row]:
    """A row about each of some users (int64[k]), about the messages that a query means.

    Parameters
    ----------
    query : Query
        As it was given to `viralbots.experiments.people.find`.

    Raises
    ------
    ValueError
        The trace was kept at level *series*.
    """
    about = adoptions_about(trace, query)
    adopted = _first_of(about, users, world.n_users)
    heard = _first_of(_arrivals(trace, query, users), users, world.n_users)
    n_caused = caused(about, world.n_users)[users].tolist()
    did = {word: who_did(trace, word, query.message)[users] for word in DID}
    known = _introduced(world, users, [*adopted.values(), *heard.values()])
    return [
        Row(
            known[user],
            tuple(word for word in DID if did[word][place]),
            *_whence(known, heard.get(user)),
            *_whence(known, adopted.get(user)),
            *_what(trace, adopted.get(user)),
            n_caused[place],
        )
        for place, user in enumerate(users.tolist())
    ]


def _arrivals(trace: Trace, query: Query, users: NDArray[np.int64]) -> NDArray[np.void]:
    """Deliveries that reached some users, of the messages meant; none where none were kept."""
    if trace.deliveries is None:
        return np.empty(0, DELIVERY)
    is_asked = np.zeros(trace.n_users, bool)
    is_asked[users] = True
    found = trace.deliveries[is_asked[trace.deliveries["user"]]]
    is_meant = np.isin(found["message"], messages_meant(trace, query.message))
    return found[is_meant & (found["outcome"] & FATE_BITS != FATE_STOPPED)]


def _first_of(
    records: NDArray[np.void], users: NDArray[np.int64], n_users: int
) -> dict[int, np.void]:
    """The first record of each of some users, where there is one."""
    places = first_places(records["user"], n_users)[users]
    pairs = zip(users.tolist(), places.tolist(), strict=True)
    return {user: records[place] for user, place in pairs if place >= 0}


def _introduced(world: World, users: NDArray[np.int64], records: list[np.void]) -> dict[int, Who]:
    """Some users and those from whom they had something."""
    sources = [int(record["source"]) for record in records if record["source"] >= 0]
    everybody = np.unique(np.array([*users.tolist(), *sources], np.int64))
    return {who.user: who for who in who_are(world, everybody)}


def _whence(known: dict[int, Who], record: np.void | None) -> tuple[int | None, Who | None]:
    """When and from whom."""
    if record is None:
        return None, None
    return int(record["minute"]), known.get(int(record["source"]))


def _what(trace: Trace, record: np.void | None) -> tuple[str | None, str | None]:
    """Which message, and how she came to adopt it."""
    if record is None:
        return None, None
    return trace.messages[int(record["message"])], KINDS[int(record["kind"])]
