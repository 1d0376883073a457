"""The world: who exists and who hears whom. Frozen arrays, no time (model §1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viralbots.exact import TIE_LEVELS

CHANNELS = ("im", "email", "sms", "forum", "blog", "video", "web")
PUSH_CHANNELS = ("im", "email", "sms")
FEED_CHANNELS = ("forum", "blog", "video")
AGE_BANDS = ("minor", "young", "adult", "elder")
ROLES = ("person", "leader", "operator", "bot")

ID_BITS = 26  # a neighbour word holds the user in 26 bits and her channels in 6
ID_MASK = (1 << ID_BITS) - 1
MAX_USERS = 1 << ID_BITS

CLOSE, MID, WEAK = (round(w * TIE_LEVELS) for w in (0.9, 0.5, 0.15))


@dataclass(frozen=True)
class Population:
    """Attributes that the dynamics read, one entry per user.

    Attributes
    ----------
    key : uint64[n]
        Identity in every draw and every tie-break; the user's number unless imported.
    threat : uint16[n]
        Threat susceptibility η in units of 2**-12 (0 … 4096).
    detection : int32[n]
        Detection skill κ in units of 2**-20.
    reputation : uint16[n]
        Reputation concern ρ in units of 2**-12.
    sociability : uint16[n]
        Index 0 … 4095 into the quantiles of lognormal(−.125, .5): multiplies fan-out.
    activity : uint16[n]
        Index 0 … 4095 into the quantiles of lognormal(0, .7): divides waits.
    age_band : uint8[n]
        Index into `AGE_BANDS`.
    role : uint8[n]
        Index into `ROLES`.
    region, community, circle : int32[n]
        Numbers from 0. A circle is up to 20 members of one community (group chats).
    channels : uint8[n]
        Bit i is set where the user uses ``CHANNELS[i]`` (0 … 5).
    vulnerable, opted_in, uploads_contacts : bool[n]
        Vulnerable: minor, elder or marked.
    seed : int
        Population seed: interests and profiles are hashed from it on demand.
    """

    key: NDArray[np.uint64]
    threat: NDArray[np.uint16]
    detection: NDArray[np.int32]
    reputation: NDArray[np.uint16]
    sociability: NDArray[np.uint16]
    activity: NDArray[np.uint16]
    age_band: NDArray[np.uint8]
    role: NDArray[np.uint8]
    region: NDArray[np.int32]
    community: NDArray[np.int32]
    circle: NDArray[np.int32]
    channels: NDArray[np.uint8]
    vulnerable: NDArray[np.bool_]
    opted_in: NDArray[np.bool_]
    uploads_contacts: NDArray[np.bool_]
    seed: int


@dataclass(frozen=True)
class Ties:
    """Who hears whom, as compressed rows: row u lists the audience of u.

    A row is ordered by layer (close, mid, weak), then by the listener's key. The weight
    of a tie is an integer level, w = level/240. Layered rows (``level`` empty) know it
    from the layer; weighted rows store it.

    Attributes
    ----------
    offset : int64[n + 1]
        Row u is ``word[offset[u]:offset[u + 1]]``.
    word : uint32[m]
        Listener in the low 26 bits, her channel bits above (see `Population.channels`).
    layer_end : int32[n, 2]
        End of the close and of the mid layer, relative to the row's start.
    layer_level : (int, int, int)
        Levels of the three layers.
    level : uint8[m] or uint8[0]
        Level of each tie, 1 … 240; empty where rows are layered.
    cumulative : uint32[m] or uint32[0]
        Inclusive sums of ``level`` inside each row; empty where rows are layered.
    """

    offset: NDArray[np.int64]
    word: NDArray[np.uint32]
    layer_end: NDArray[np.int32]
    layer_level: tuple[int, int, int] = (CLOSE, MID, WEAK)
    level: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    cumulative: NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))

    @property
    def n_ties(self) -> int:
        """Directed entries; an undirected tie counts twice."""
        return len(self.word)

    @property
    def degree(self) -> NDArray[np.int64]:
        """Size of each user's audience, int64[n]."""
        return np.diff(self.offset)

    def row(self, user: int) -> NDArray[np.int64]:
        """Listeners of ``user``, in row order."""
        words = self.word[self.offset[user] : self.offset[user + 1]]
        return (words & np.uint32(ID_MASK)).astype(np.int64)

    def row_levels(self, user: int) -> NDArray[np.int64]:
        """Tie levels of ``user``'s row, in row order."""
        start, end = int(self.offset[user]), int(self.offset[user + 1])
        if len(self.level):
            return self.level[start:end].astype(np.int64)
        close, mid = self.layer_end[user]
        sizes = (close, mid - close, end - start - mid)
        return np.repeat(np.array(self.layer_level, np.int64), sizes)


@dataclass(frozen=True)
class World:
    """Users and networks of one world.

    Attributes
    ----------
    population : Population
    ties : Ties
        Personal ties: push channels.
    follows : Ties
        Public follows: feed channels. The same object as ``ties`` where a network has
        only one kind of tie.
    labels : tuple of str, optional
        Names of the users as written in an imported file; empty otherwise.
    facts : dict
        What the maker wants to tell: dropped self-loops, duplicates, kind, …
    """

    population: Population
    ties: Ties
    follows: Ties
    labels: tuple[str, ...] = ()
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def n_users(self) -> int:
        return len(self.population.key)

    @property
    def n_bytes(self) -> int:
        """Memory of the arrays; `viralbots.world.memory` estimates it before they exist."""
        parts: list[object] = [self.population, self.ties]
        if self.follows is not self.ties:
            parts.append(self.follows)
        arrays = (value for part in parts for value in vars(part).values())
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))

    @cached_property
    def cache(self) -> dict[object, Any]:
        """What has been computed from this world on demand, so that replicates share it."""
        return {}

    @cached_property
    def user_of_label(self) -> dict[str, int]:
        """Number of each label of an imported network."""
        return {label: user for user, label in enumerate(self.labels)}
