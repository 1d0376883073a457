"""The six levers: all that the kernel can be influenced by (model §7).

Interventions, bots and mechanisms translate themselves into these; none of them touches
the kernel. Where a field ``users`` is given, the lever holds for that class of users, where
``messages`` or ``channels`` is empty, for all of them.

A lever may do more than the interventions that ship with the program ask of it: so far none
vetoes a conversion, opts users out or begins with paid writers (waves of seeding do that).
The exactness tests pull those levers all the same.
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
EventKind = Literal["aware", "trust", "opt_out", "remove"]


@dataclass(frozen=True)
class Adjustment:
    """(a) Scale and offset of one cell of the decision table: cell × scale + offset."""

    cell: str
    offset: float = 0.0
    scale: float = 1.0
    users: str = "all"
    messages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Veto:
    """(b) A second draw that stops a delivery, a forward or a conversion."""

    stage: Stage
    prob: float
    name: str
    users: str = "all"
    messages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limit:
    """(c) At most this many chats a push send; the smallest of several limits holds."""

    max_chats: int
    users: str = "all"
    messages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deliveries:
    """(d) Deliveries by a brand or the platform to chosen users (level 0, no sender)."""

    message: str
    who: str
    count: int
    channel: str
    tag: str


@dataclass(frozen=True)
class Adoptions:
    """(d) Chosen users adopt and send without deciding."""

    message: str
    who: str
    count: int
    tag: str
    channel: str | None = None
    is_paid: bool = False


@dataclass(frozen=True)
class UserEvent:
    """(e) Something happens to a share of a class of users at once.

    ``aware`` and ``opt_out`` are about ``message`` (opt_out of its brand if it has one),
    ``trust`` multiplies trust in its brand by 1 − ``amount``, ``remove`` ends all deliveries
    to the users and all their later sends.
    """

    kind: EventKind
    who: str
    share: float
    tag: str
    message: str | None = None
    amount: float = 0.0


@dataclass(frozen=True)
class Capacity:
    """(f) Places of the landing of a message; each is held for an hour."""

    message: str
    per_hour: int


Lever = Adjustment | Veto | Limit | Deliveries | Adoptions | UserEvent | Capacity


CLASSES = ("all", "random", "hubs", "leaders", "vulnerable", "opted_in", "minors", "young",
           "adult", "elders", "person", "leader", "operator", "bot", "minor", "elder")  # fmt: skip


_COMMUNITY = re.compile("community:([0-9]{1,9})")


def is_class(who: str) -> bool:
    """Whether a word names a class of users (see `members`)."""
    return who in CLASSES or _COMMUNITY.fullmatch(who) is not None


def members(world: World, who: str) -> NDArray[np.bool_]:
    """Users of a class: all, a role, an age band, vulnerable, opted_in or community:7.

    Returns
    -------
    bool[n]

    Raises
    ------
    ValueError
        The class is unknown.
    """
    population = world.population
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
    candidates = np.flatnonzero(eligible(world, who))
    keys = world.population.key[candidates]
    if who == "hubs":
        listeners = (world.ties.degree + world.follows.degree)[candidates]
        order = np.lexsort((keys, -listeners))
    else:
        draws = fold_array(address(run_seed, message, SEEDING, name_id(tag)), keys)
        if count < len(draws):  # only the smallest need to be in order
            among = draws <= np.partition(draws, count - 1)[count - 1]
            candidates, keys, draws = candidates[among], keys[among], draws[among]
        order = np.lexsort((keys, draws))
    chosen = candidates[order[:count]]
    return chosen[np.argsort(world.population.key[chosen], kind="stable")].astype(np.int64)


def share_of(world: World, run_seed: int, who: str, tag: str, share: float) -> NDArray[np.int64]:
    """Users of a class, each chosen independently with probability ``share``, in key order."""
    candidates = np.flatnonzero(members(world, who))
    keys = world.population.key[candidates]
    state = fold(fold(run_seed, SEEDING), name_id(tag))
    draws = fold_array(state, keys) >> np.uint64(32)
    chosen = candidates[draws < np.uint64(round(share * 2**32))]
    return chosen[np.argsort(world.population.key[chosen], kind="stable")].astype(np.int64)
