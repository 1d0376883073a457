"""Where the users of a film are drawn is kept, and only found for the very same drawing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.random_worlds import random_case
from viralbots.engine.simulate import simulate
from viralbots.experiments.film import film
from viralbots.store import Store
from viralbots.trace import Trace
from viralbots.world import layout
from viralbots.world.assemble import build
from viralbots.world.world import World


def run() -> tuple[World, Trace]:
    """A random case in a world that nobody has drawn."""
    scenario, _ = random_case(3)
    world = build(scenario.network)
    return world, simulate(scenario, 3, level="deliveries", world=world)


@pytest.mark.parametrize("n_shown", [9, 10_000])
def test_a_picture_is_found_again_by_another_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_shown: int
) -> None:
    world, trace = run()
    with Store(tmp_path / "a.sqlite3") as store:
        first = film(world, trace, n_shown=n_shown, places=store)
    monkeypatch.setattr(layout, "place_users", None)  # nothing is placed any more
    world, trace = run()
    with Store(tmp_path / "a.sqlite3") as store:
        again = film(world, trace, n_shown=n_shown, places=store)
        with pytest.raises(TypeError):  # another drawing was never kept
            film(world, trace, n_shown=5, places=store)
    assert np.array_equal(first.position, again.position)
