"""Where users lie in a picture: told apart, in one piece, the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from viralbots.world.layout import place_users

NO_TIES = np.zeros((0, 2), np.int64)


def keys(n: int) -> NDArray[np.uint64]:
    return np.arange(n, dtype=np.uint64)


def ring(n: int) -> NDArray[np.int64]:
    user = np.arange(n)
    return np.stack((user, (user + 1) % n), axis=1)


def blocks(n_blocks: int, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rings with chords, each linked to the next by one tie; and the block of each user."""
    user = np.arange(n_blocks * size)
    block = user // size
    ties = [
        np.stack((user, block * size + (user * 7 + step) % size), axis=1) for step in (1, 3, 5)
    ]
    bridges = np.stack((user[::size], np.roll(user[::size], -1) + 1), axis=1)
    return np.concatenate((*ties, bridges)), block


def nearest(at: NDArray[np.float32]) -> NDArray[np.float64]:
    """Distance of each user to the next one."""
    gap = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1).astype(np.float64))
    np.fill_diagonal(gap, np.inf)
    return gap.min(axis=1)


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_and_one_lie_in_the_middle(n: int) -> None:
    at = place_users(keys(n), NO_TIES, np.zeros(n, np.int64), 1)
    assert at.shape == (n, 2)
    assert at.dtype == np.float32
    assert not at.any()


@pytest.mark.parametrize("ties", [NO_TIES, np.array([[0, 1]]), np.array([[1, 1], [0, 0]])])
def test_two_lie_apart(ties: NDArray[np.int64]) -> None:
    at = place_users(keys(2), ties, np.zeros(2, np.int64), 1)
    assert np.isfinite(at).all()
    assert np.hypot(*(at[0] - at[1])) > 0.5


def cases() -> dict[str, tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]]:
    ties, block = blocks(6, 40)
    return {
        "ring": (keys(300), ring(300), np.zeros(300, np.int64)),
        "blocks": (keys(240), ties, block),
        "no ties": (keys(200), NO_TIES, np.arange(200)),
        "loose pieces": (keys(200), ring(20), np.arange(200)),
        "equal keys": (np.zeros(200, np.uint64), NO_TIES, np.zeros(200, np.int64)),
        "a star": (
            keys(200),
            np.stack((np.zeros(199, int), np.arange(1, 200)), 1),
            np.arange(200),
        ),
        "repeated": (keys(100), np.tile(ring(100), (30, 1)), np.zeros(100, np.int64)),
        "many groups": (keys(3000), ring(3000), np.arange(3000)),
    }


@pytest.mark.parametrize("name", cases())
def test_everybody_has_a_place_of_her_own_in_the_frame(name: str) -> None:
    key, ties, community = cases()[name]
    at = place_users(key, ties, community, 1)
    assert at.shape == (len(key), 2)
    assert np.isfinite(at).all()
    assert np.abs(at).max() == pytest.approx(1)
    assert np.allclose(at.min(axis=0) + at.max(axis=0), 0, atol=1e-5)
    assert np.abs(at).max(axis=0).min() > 0.2  # not on one line
    # Nobody lies upon another, and few so near that they could not be told apart.
    apart = nearest(at) * np.sqrt(len(at))
    assert apart.min() > 0.005
    assert np.quantile(apart, 0.05) > 0.2


def test_the_same_users_lie_at_the_same_places() -> None:
    ties, block = blocks(6, 40)
    first, again = (place_users(keys(240), ties, block, 1) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != place_users(keys(240), ties, block, 2).tobytes()


def test_neither_order_nor_direction_nor_repetition_of_ties_counts() -> None:
    ties, block = blocks(6, 40)
    turned = np.concatenate((ties[::-1, ::-1], ties[:50]))
    both = [place_users(keys(240), t, block, 1).tobytes() for t in (ties, turned)]
    assert both[0] == both[1]


def spread(at: NDArray[np.float32], group: NDArray[np.int64]) -> float:
    """Mean distance to the middle of the own group, in units of that between the groups."""
    middle = np.array([at[group == g].mean(axis=0) for g in range(group.max() + 1)])
    own = np.hypot(*(at - middle[group]).T).mean()
    pairs = np.triu_indices(len(middle), 1)
    return float(own / np.hypot(*(middle[pairs[0]] - middle[pairs[1]]).T).mean())


def test_communities_lie_apart() -> None:
    ties, block = blocks(8, 60)
    assert spread(place_users(keys(480), ties, block, 1), block) < 0.35


def test_communities_that_nobody_named_are_found() -> None:
    ties, block = blocks(8, 60)
    assert spread(place_users(keys(480), ties, np.zeros(480, np.int64), 1), block) < 0.35


def test_communities_that_the_ties_do_not_know_do_not_count() -> None:
    made_up = np.arange(480) % 8
    assert spread(place_users(keys(480), ring(480), made_up, 1), made_up) > 1


def test_ties_pull_inside_a_community() -> None:
    ties, block = blocks(6, 40)
    at = place_users(keys(240), ties, block, 1)
    inside = ties[block[ties[:, 0]] == block[ties[:, 1]]]
    tied = np.hypot(*(at[inside[:, 0]] - at[inside[:, 1]]).T).mean()
    first, second = np.triu_indices(240, 1)
    together = block[first] == block[second]
    anybody = np.hypot(*(at[first[together]] - at[second[together]]).T)
    assert tied < 0.8 * anybody.mean()


def test_whoever_is_tied_lies_nearer_than_others() -> None:
    at = place_users(keys(300), ring(300), np.zeros(300, np.int64), 1)
    tied = np.hypot(*(at - np.roll(at, -1, axis=0)).T).mean()
    others = np.hypot(*(at - np.roll(at, -100, axis=0)).T).mean()
    assert tied < 0.25 * others
