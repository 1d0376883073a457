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
from viralbots.trace import DELIVERY, FATE_STOPPED, MARK_BOT, MARK_PAID, MARK_REMOVED, Trace
from viralbots.world.world import World

KINDS = ("decided", "seed", "counter", "involuntary", "mutated")
MARKS = {"paid": MARK_PAID, "bot": MARK_BOT, "removed": MARK_REMOVED}
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
        Of a mutated one she had another message from there.
    message, kind : str or None
        What she adopted, and how: one of `KINDS`.
    n_caused : int
        Adopters who had it from her.
    joined_at : int or None
        Minute at which she first took one of the messages up, or fell for it.
    joined_from : Who or None
        Through whom; None where a brand offered it, and for members from the start.
    hops : int or None
        Forwards behind the copy at which she adopted.
    marks : tuple of str
        Of `MARKS`: a paid writer, an account run by somebody else, closed at the end of the run.
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
    joined_at: int | None = None
    joined_from: Who | None = None
    hops: int | None = None
    marks: tuple[str, ...] = ()


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
    joining = trace.converts[
        np.isin(trace.converts["message"], messages_meant(trace, query.message))
    ]
    joined = _first_of(joining, users, world.n_users)
    n_caused = caused(about, world.n_users)[users].tolist()
    did = {word: who_did(trace, word, query.message)[users] for word in DID}
    known = _introduced(world, users, [*adopted.values(), *heard.values(), *joined.values()])
    return [
        Row(
            known[user],
            tuple(word for word in DID if did[word][place]),
            *_whence(known, heard.get(user)),
            *_whence(known, adopted.get(user)),
            *_what(trace, adopted.get(user)),
            n_caused[place],
            *_whence(known, joined.get(user)),
            int(adopted[user]["hops"]) if user in adopted else None,
            _marks(trace, user),
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


def _marks(trace: Trace, user: int) -> tuple[str, ...]:
    if trace.marks is None:
        return ()
    return tuple(word for word, bit in MARKS.items() if trace.marks[user] & bit)


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
