"""Where the users of a film are drawn, and the ties that are drawn between them."""

from __future__ import annotations

import hashlib
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.film_sample import network_of, ties_among
from viralbots.world.world import World

Picture = tuple[NDArray[np.int32], NDArray[np.float32]]
FORM = 1
"""Raised whenever `viralbots.world.layout` puts the same users elsewhere."""


class Places(Protocol):
    """Somewhere the places of users are kept; `viralbots.store.Store` is one."""

    def find_layout(
        self, world: str, name: str
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]] | None:
        """Positions and users kept under this name, if any."""

    def keep_layout(
        self, world: str, name: str, positions: NDArray[np.float32], users: NDArray[np.int64]
    ) -> None:
        """Keep positions and users."""


def picture(
    world: World, rows: NDArray[np.void], users: NDArray[np.int64], carried: NDArray[np.int32],
    places: Places | None,
) -> Picture:  # fmt: skip
    """Ties to draw and positions.

    Where everybody is shown they depend on the world alone, so that the pictures of two runs
    can be laid side by side; else the ways hold together what was drawn by lot.
    """
    ties = network_of(world, rows)
    whole = len(users) == world.n_users
    known = ("film", ties is world.follows)
    if whole and known in world.cache:
        found: Picture = world.cache[known]
        return found
    pairs = ties_among(world, ties, users)
    drawn = pairs if whole else np.concatenate((pairs, carried[:, :2]))
    position = _position(world, users, drawn.astype(np.int64), places)
    if whole:
        world.cache[known] = pairs, position
    return pairs, position


def _position(
    world: World, users: NDArray[np.int64], drawn: NDArray[np.int64], places: Places | None
) -> NDArray[np.float32]:
    """Positions, from where they are kept or computed and kept.

    They are kept under everything that they follow from, so what is found is what would come.
    """
    people = world.population
    key, community = people.key[users], people.community[users].astype(np.int64)
    whose, what = _digest(people.seed, key, community), _digest(FORM, drawn)
    found = None if places is None else places.find_layout(whose, what)
    if found is not None and np.array_equal(found[1], users):
        return found[0]
    # Loaded here: the compiler takes half a second, and words of a film need none.
    from viralbots.world.layout import place_users

    position = place_users(key, drawn, community, people.seed)
    if places is not None:
        places.keep_layout(whose, what, position, users)
    return position


def _digest(number: int, *arrays: NDArray[np.generic]) -> str:
    found = hashlib.sha256(str(number).encode())
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:32]
