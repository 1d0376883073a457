"""The six levers: all that the kernel can be influenced by (model §7).

Interventions, bots and mechanisms translate themselves into these; none of them touches
the kernel. Where a field ``users`` is given, the lever holds for that class of users, where
``messages`` or ``channels`` is empty, for all of them.

A lever may do more than what ships with the program asks of it; the exactness tests pull
every lever all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import SEEDING, address, fold, fold_array, name_id
from viralbots.world.world import AGE_BANDS, ROLES, World

Stage = Literal["deliver", "forward", "convert"]
EventKind = Literal["aware", "trust", "opt_out", "remove", "suspend"]
Mark = Literal["paid", "group", "footer", "brand", "repeat", "auto"]


@dataclass(frozen=True)
class Chosen:
    """Users taken once for a world, whatever the run: a share of all users, out of a class.

    Attributes
    ----------
    who : str
        The class (see `members`); ``hubs`` takes those with most listeners.
    share : float
        Of all users.
    tag : str
        Name of the choice, so that two choices differ.
    """

    who: str
    share: float
    tag: str


Users = str | Chosen


@dataclass(frozen=True)
class Adjustment:
    """(a) Scale and offset of one cell of the decision table: cell × scale + offset."""

    cell: str
    offset: float = 0.0
    scale: float = 1.0
    users: Users = "all"
    messages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Veto:
    """(b) A second draw that stops a delivery, a forward or a conversion.

    Where ``marks`` are given, only at deliveries that carry one of them.
    """

    stage: Stage
    prob: float
    name: str
    users: Users = "all"
    messages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Limit:
    """(c) At most this many chats a push send; the smallest of several limits holds.

    Holds for copies that have ``after_hops`` forwards or more behind them.
    """

    max_chats: int
    users: Users = "all"
    messages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    after_hops: int = 0


@dataclass(frozen=True)
class RateLimit:
    """(c) At most so many emissions a day of one user and message, on average."""

    per_day: float
    users: Users = "all"
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deliveries:
    """(d) Deliveries by a brand or the platform to chosen users (level 0, no sender).

    With ``to_contacts`` they go to everybody in the rows of ties of the chosen users instead.
    ``count`` is not read for `Chosen` users: all of them are taken.
    """

    message: str
    who: Users
    count: int
    channel: str
    tag: str
    to_contacts: bool = False


@dataclass(frozen=True)
class Adoptions:
    """(d) Chosen users adopt and send without deciding.

    ``is_auto``: it is sent from their accounts to their contacts (kind INVOLUNTARY). ``count``
    is not read for `Chosen` users: all of them are taken.
    """

    message: str
    who: Users
    count: int
    tag: str
    channel: str | None = None
    is_paid: bool = False
    is_auto: bool = False


@dataclass(frozen=True)
class Posts:
    """(d) Chosen users send a message again and again, or look it up (*Streams*).

    Attributes
    ----------
    who : str or Chosen
        A class, of which ``count`` are taken; or `Chosen` users, all of them.
    count : int
        How many; not read for `Chosen` users.
    per_day : float or None
        Emissions a day, at random; or else
    every : int or None
        minutes from one to the next.
    kind : {"post", "look"}
        Sent as a message is sent; or looked up by the user herself, on the web.
    channel : str or None
        Channel of a post; the message's shares decide otherwise.
    """

    message: str
    who: Users
    tag: str
    count: int = 0
    per_day: float | None = None
    every: int | None = None
    kind: Literal["post", "look"] = "post"
    channel: str | None = None


@dataclass(frozen=True)
class Bots:
    """Users who are accounts run by somebody else: they read nothing and pass on (*A bot*).

    Attributes
    ----------
    users : Chosen
    infiltration : float
        Share of all users who follow each of them on feeds; 0: those who follow her anyway.
    level : int
        Tie level, 0 … 240, at which these followers hear them.
    """

    users: Chosen
    infiltration: float = 0.0
    level: int = 36


@dataclass(frozen=True)
class UserEvent:
    """(e) Something happens to a share of a class of users at once.

    ``aware`` and ``opt_out`` are about ``message`` (opt_out of its brand if it has one),
    ``trust`` multiplies trust in its brand by 1 − ``amount``, ``remove`` ends all deliveries
    to the users and all their later sends, ``suspend`` does so until the intervention ends.

    Attributes
    ----------
    having : bool
        Only those who have forwarded ``message`` by then.
    every : int or None
        Minutes after which it acts again, while the intervention holds.
    """

    kind: EventKind
    who: Users
    share: float
    tag: str
    message: str | None = None
    amount: float = 0.0
    having: bool = False
    every: int | None = None


@dataclass(frozen=True)
class Capacity:
    """(f) Places of the landing of a message; each is held for an hour.

    One that ``raises`` holds where it is larger than those that do not.
    """

    message: str
    per_hour: int
    raises: bool = False


Lever = (
    Adjustment | Veto | Limit | RateLimit | Deliveries | Adoptions | Posts | Bots | UserEvent
    | Capacity
)  # fmt: skip


CLASSES = ("all", "random", "hubs", "leaders", "vulnerable", "opted_in", "uninvited", "minors",
           "young", "adult", "elders", "person", "leader", "operator", "bot", "minor",
           "elder")  # fmt: skip


_COMMUNITY = re.compile("community:([0-9]{1,9})")


def is_class(who: str) -> bool:
    """Whether a word names a class of users (see `members`)."""
    return who in CLASSES or _COMMUNITY.fullmatch(who) is not None


def members(world: World, who: Users) -> NDArray[np.bool_]:
    """Users of a class: all, a role, an age band, vulnerable, opted_in or community:7.

    ``uninvited`` are those who have not opted in.

    Returns
    -------
    bool[n]

    Raises
    ------
    ValueError
        The class is unknown.
    """
    population = world.population
    if isinstance(who, Chosen):
        return _chosen(world, who)
    if who == "uninvited":
        return ~population.opted_in
    if who in ("all", "random", "hubs"):
        return np.ones(world.n_users, bool)
    if who in ("leaders", "leader"):
        return population.role == ROLES.index("leader")
    if who in ROLES:
        return population.role == ROLES.index(who)
    singular = {"minors": "minor", "elders": "elder"}.get(who, who)
    if singular in AGE_BANDS:
        return population.age_band == AGE_BANDS.index(singular)
    if who in ("vulnerable", "opted_in"):
        return np.asarray(getattr(population, who))
    if found := _COMMUNITY.fullmatch(who):
        return population.community == int(found[1])
    raise ValueError(f"unknown class of users {who!r}")


def eligible(world: World, who: str) -> NDArray[np.bool_]:
    """Members of a class who can take part: at least one tie or listener."""
    return members(world, who) & ((world.ties.degree > 0) | (world.follows.degree > 0))


def _chosen(world: World, chosen: Chosen) -> NDArray[np.bool_]:
    """The users of a choice that is made once for a world (docs/exactness.md, *Bots*)."""
    state = address(world.population.seed, SEEDING, name_id(chosen.tag))
    found = np.zeros(world.n_users, bool)
    found[_first(world, chosen.who, state, round(chosen.share * world.n_users))] = True
    return found


def choose(
    world: World, run_seed: int, message: int, who: str, tag: str, count: int
) -> NDArray[np.int64]:
    """The ``count`` eligible users with the smallest draws, in key order.

    Parameters
    ----------
    message : int
        Message id.
    who : str
        Class of users; ``hubs`` takes those with most listeners instead of a draw.
    tag : str
        Name of the choice, so that two choices differ.

    Returns
    -------
    int64[≤ count]
    """
    return _first(world, who, address(run_seed, message, SEEDING, name_id(tag)), count)


def _first(world: World, who: str, state: int, count: int) -> NDArray[np.int64]:
    """The ``count`` eligible users of a class with the smallest draws, in key order."""
    candidates = np.flatnonzero(eligible(world, who))
    keys = world.population.key[candidates]
    if who == "hubs":
        listeners = (world.ties.degree + world.follows.degree)[candidates]
        order = np.lexsort((keys, -listeners))
    else:
        draws = fold_array(state, keys)
        if count < len(draws):  # only the smallest need to be in order
            among = draws <= np.partition(draws, count - 1)[count - 1]
            candidates, keys, draws = candidates[among], keys[among], draws[among]
        order = np.lexsort((keys, draws))
    chosen = candidates[order[:count]]
    return chosen[np.argsort(world.population.key[chosen], kind="stable")].astype(np.int64)


def share_of(world: World, run_seed: int, who: Users, tag: str, share: float) -> NDArray[np.int64]:
    """Users of a class, each chosen independently with probability ``share``, in key order."""
    candidates = np.flatnonzero(members(world, who))
    keys = world.population.key[candidates]
    state = fold(fold(run_seed, SEEDING), name_id(tag))
    draws = fold_array(state, keys) >> np.uint64(32)
    chosen = candidates[draws < np.uint64(round(share * 2**32))]
    return chosen[np.argsort(world.population.key[chosen], kind="stable")].astype(np.int64)
