"""Which seeds were paid writers: a trace does not say, the scenario does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import run_seed
from viralbots.interventions.levers import Adoptions, choose
from viralbots.scenario import Scenario
from viralbots.trace import SEED, Trace
from viralbots.world.message import message_id
from viralbots.world.world import World


class _Choice(NamedTuple):
    """Users chosen to adopt without deciding."""

    minute: int
    message: str
    who: str
    tag: str
    n_wanted: int
    is_paid: bool


def paid_seeds(
    scenario: Scenario, world: World, trace: Trace, rows: NDArray[np.void]
) -> NDArray[np.bool_]:
    """Which adoptions are those of paid writers, bool[len(rows)].

    A seed is paid where the first choice that fell on her at that minute was of paid ones:
    interventions come before waves, both in file order, as in the engine.

    Parameters
    ----------
    rows : ADOPTION[k]
        Some of ``trace.adoptions``.
    """
    seed, names = run_seed(trace.seed, trace.replicate), scenario.message_names
    paid, waiting = np.zeros(len(rows), bool), rows["kind"] == SEED
    for choice in _choices(scenario, trace):
        is_of_message = rows["message"] == names.index(choice.message)
        here = waiting & (rows["minute"] == choice.minute) & is_of_message
        if not here.any():
            continue
        identity = message_id(choice.message)
        chosen = choose(world, seed, identity, choice.who, choice.tag, choice.n_wanted)
        is_chosen = np.zeros(world.n_users, bool)
        is_chosen[chosen] = True
        here &= is_chosen[rows["user"]]
        waiting &= ~here
        if choice.is_paid:
            paid |= here
    return paid


def _choices(scenario: Scenario, trace: Trace) -> Iterator[_Choice]:
    """Every choice of users who adopt, in the order in which the engine looks at them."""
    both = zip(scenario.interventions, trace.started, strict=True)
    for number, (intervention, start) in enumerate(both):
        for lever in intervention.levers(scenario.messages):
            if isinstance(lever, Adoptions):
                tag = f"{lever.tag}:{number}"
                yield _Choice(start, lever.message, lever.who, tag, lever.count, lever.is_paid)
    for number, wave in enumerate(scenario.seeding):
        if wave.by != "brand":
            tag = f"wave:{number}"
            yield _Choice(wave.minute, wave.message, wave.who, tag, wave.count, wave.paid)
