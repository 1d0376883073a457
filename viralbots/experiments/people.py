"""The users of one run: searched, filtered and sorted, and a row about each for a table.

Everything is a mask or a sort over arrays, so a million users take a fraction of a second, and
names are made only for the rows that are shown (`viralbots.experiments.people_table`). One user
in full is `viralbots.experiments.person`.

Who started the backlash? ``Query(did=("against",), sort="minute")``. Who won over most
people? ``Query(did=("adopted",), sort="caused")``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from viralbots import trace as tr
from viralbots.errors import ExperimentError
from viralbots.experiments.paid import paid_seeds
from viralbots.interventions.levers import members
from viralbots.metrics.base import counters_of
from viralbots.scenario import Scenario
from viralbots.trace import Trace
from viralbots.world import personas, profiles
from viralbots.world.world import World

Sort = Literal["number", "minute", "caused", "ties"]
SORTS: tuple[Sort, ...] = ("number", "minute", "caused", "ties")
GROUPS = ("vulnerable", "minor", "elder", "seed", "paid")
DID = ("heard", "read", "deceived", "converted", "adopted", "reacted", "against")
ROLES = ("leader", "operator", "bot")
PERSONAS = (*(word for trait in personas.WORDS for word in trait[:2]), *ROLES)
FLAGS = {"heard": tr.HEARD, "read": tr.READ, "deceived": tr.DECEIVED, "converted": tr.CONVERTED,
         "adopted": tr.FORWARDED}  # fmt: skip
PAGE = 50
MAX_DIGITS = 9  # a user's number has at most eight

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Query:
    """Whom to look for; every condition must hold.

    Attributes
    ----------
    text : str
        A number (``17`` or ``#17``), part of a label, or part of an invented name.
    message : str or None
        The message that ``did``, ``seed`` and ``paid`` are about; None: any. With *against* it
        may be the counter-message itself.
    persona : str or None
        One of `PERSONAS`: an outer fifth of an attribute, or a role.
    groups : tuple of str
        Of `GROUPS`: who she is, or how she came to it (a seed; a paid one).
    did : tuple of str
        Of `DID`: *reacted* complained or opted out, *against* passed on a counter-message
        about it.
    community : int or None
    sort : str
        By number; by the minute of adoption, the earliest first and then those who did not
        adopt; by the adopters caused or by personal ties, most first. Equal ones by number.
        With *against* among ``did``, minute and adopters are those of the counter-messages.
    """

    text: str = ""
    message: str | None = None
    persona: str | None = None
    groups: tuple[str, ...] = ()
    did: tuple[str, ...] = ()
    community: int | None = None
    sort: Sort = "number"


@dataclass(frozen=True)
class Found:
    """A page of what was found.

    Attributes
    ----------
    users : int64[≤ limit]
    total : int
        How many fit, on all pages together.
    offset : int
        Place of the first one among them.
    """

    users: Ints
    total: int
    offset: int


def find(
    world: World,
    trace: Trace,
    query: Query,
    *,
    scenario: Scenario | None = None,
    offset: int = 0,
    limit: int = PAGE,
) -> Found:
    """A page of the users who fit a query.

    Parameters
    ----------
    trace : Trace
        Kept at level *adoptions* or *deliveries*.
    scenario : Scenario, optional
        Not looked at: the trace tells all that is asked.
    offset, limit : int
        Where the page begins, and how many users it has at most.

    Raises
    ------
    ExperimentError
        A word of the query is unknown.
    ValueError
        The trace was kept at level *series*.
    """
    _check(trace, query)
    users = np.flatnonzero(_mask(world, trace, query))
    text = " ".join(query.text.split()).casefold()
    if text:
        users = users[_named(world, users, text)]
    page = slice(max(0, offset), max(0, offset) + limit)
    return Found(users[_order(world, trace, query, users)][page], len(users), max(0, offset))


def _check(trace: Trace, query: Query) -> None:
    """Refuse words that nobody knows."""
    asked: tuple[tuple[str, Iterable[str | None], Sequence[str]], ...] = (
        ("message", (query.message,), trace.messages),
        ("persona", (query.persona,), PERSONAS),
        ("groups", query.groups, GROUPS),
        ("did", query.did, DID),
        ("sort", (query.sort,), SORTS),
    )
    for name, given, known in asked:
        for word in given:
            if word is not None and word not in known:
                allowed = ", ".join(known)
                text = f"{name}: got {word!r}; give one of: {allowed}"
                raise ExperimentError(text, "unknown_word", got=word, allowed=allowed)


# -- conditions ----------------------------------------------------------------------------


def _mask(world: World, trace: Trace, query: Query) -> Bools:
    """Users who fulfil all conditions but the text, bool[n]."""
    mask = np.ones(world.n_users, bool)
    if query.persona is not None:
        mask &= _persona(world, trace, query.persona)
    if query.community is not None:
        mask &= world.population.community == query.community
    for word in query.did:
        mask &= who_did(trace, word, query.message)
    for group in query.groups:
        if group not in ("seed", "paid"):
            mask &= members(world, group)
            continue
        rows = adoptions_about(trace, query)
        rows = rows[rows["kind"] == tr.SEED]
        if group == "paid":
            rows = rows[paid_seeds(rows)]
        mask &= _are(rows["user"], world.n_users)
    return mask


def _are(users: NDArray[np.int32], n_users: int) -> Bools:
    """A list of users as a mask."""
    mask = np.zeros(n_users, bool)
    mask[users] = True
    return mask


def _persona(world: World, trace: Trace, word: str) -> Bools:
    """Users of whom a word of their profile or a role holds, bool[n].

    Accounts run by somebody else in this run are bots, whatever their role.
    """
    for low_word, high_word, name, low, high in personas.WORDS:
        if word in (low_word, high_word):
            value = getattr(world.population, name)
            return value <= low if word == low_word else value >= high
    found = members(world, word)
    if word == "bot" and trace.marks is not None:
        found = found | (trace.marks & tr.MARK_BOT > 0)
    return found


def messages_meant(trace: Trace, message: str | None) -> list[int]:
    """The messages meant by a name: that one, or all."""
    return [q for q, name in enumerate(trace.messages) if message in (None, name)]


def _counters(trace: Trace, message: str | None) -> list[int]:
    """The counter-messages about a message, or about any; of a counter-message that itself."""
    every = {c for q in range(len(trace.messages)) for c in counters_of(trace, q)}
    meant = set(messages_meant(trace, message))
    return sorted({c for q in meant for c in counters_of(trace, q)} | (every & meant))


def _adopting(trace: Trace, query: Query) -> list[int]:
    """The messages whose adoptions a query is about."""
    meant = _counters if "against" in query.did else messages_meant
    return meant(trace, query.message)


def adoptions_about(trace: Trace, query: Query) -> NDArray[np.void]:
    """The adoptions that a query is about, in order of minute."""
    return trace.adoptions[np.isin(trace.adoptions["message"], _adopting(trace, query))]


def _any_flag(trace: Trace, flag: int, numbers: Iterable[int]) -> Bools:
    found = np.zeros(trace.n_users, bool)
    for q in numbers:
        found |= trace.flag(flag, q)
    return found


def who_did(trace: Trace, word: str, message: str | None) -> Bools:
    """Users who did something about a message, bool[n]."""
    if word == "against":
        return _any_flag(trace, tr.FORWARDED, _counters(trace, message))
    if word != "reacted":
        return _any_flag(trace, FLAGS[word], messages_meant(trace, message))
    found = np.zeros(trace.n_users, bool)
    for q in messages_meant(trace, message):
        found |= _complained(trace, q)
    return found


def _complained(trace: Trace, q: int) -> Bools:
    """Users who reacted to a message otherwise than by beginning a counter-message.

    Of somebody who would have begun the counter-message, but was sending it already, the
    state does not tell; she counts as well.
    """
    rows = trace.adoptions
    begun = (rows["kind"] == tr.COUNTER_START) & np.isin(rows["message"], counters_of(trace, q))
    return trace.flag(tr.REACTED, q) & ~_are(rows["user"][begun], trace.n_users)


def _named(world: World, users: Ints, text: str) -> Bools:
    """Which users are meant by a number, a label or a name (case-folded), bool[k]."""
    digits = text.removeprefix("#")
    if len(text) > profiles.MAX_QUERY:
        return np.zeros(len(users), bool)
    found = np.zeros(len(users), bool)
    if not world.labels:  # else nobody has an invented name
        found |= profiles.matches(profiles.name_indices(world.population, users, 0.5), text)
    if digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS:
        found |= users == int(digits)
    if world.labels:
        labels = (world.labels[user] for user in users.tolist())
        found |= np.fromiter((text in label.casefold() for label in labels), bool, len(users))
    return found


# -- order ---------------------------------------------------------------------------------


def _order(world: World, trace: Trace, query: Query, users: Ints) -> NDArray[np.intp]:
    """The order of some users, given by number."""
    if query.sort == "number":
        return np.arange(len(users))
    if query.sort == "ties":
        key = -world.ties.degree[users]
    elif query.sort == "caused":
        key = -caused(adoptions_about(trace, query), world.n_users)[users]
    else:
        first = first_places(adoptions_about(trace, query)["user"], world.n_users)[users]
        key = np.where(first < 0, len(trace.adoptions), first)
    return np.argsort(key, kind="stable")


def first_places(users: NDArray[np.int32], n_users: int) -> Ints:
    """Place of each user's first entry in a list, int64[n]; −1: none."""
    place = np.full(n_users, -1, np.int64)
    place[users[::-1]] = np.arange(len(users))[::-1]  # the last one written stays
    return place


def caused(rows: NDArray[np.void], n_users: int) -> Ints:
    """Adopters whom each user caused, int64[n]."""
    source = rows["source"]
    return np.bincount(source[source >= 0], minlength=n_users)
