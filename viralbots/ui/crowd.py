"""Why the many did it: what pushed and what held back most when they decided to pass it on.

Read off the decisions of some people of the typical run, who are watched while it is run again.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import streamlit as st

from viralbots.errors import ViralbotsError
from viralbots.scenario import Scenario
from viralbots.trace import READ
from viralbots.ui.backend import worlds
from viralbots.ui.i18n import Texts
from viralbots.ui.jobs import Job
from viralbots.ui.why_steps import is_start

WATCHED = 60
"""People watched; with so many it takes about a fifth of a second."""
LARGEST = 20_000
"""Users up to which a run is repeated for this: the page waits for it."""
FEWEST = 10  # readers, of whom a mean says something
KEPT = 300

Crowd = tuple[int, str | None, str | None]
"""How many were watched, the cell that pushed most, and the one that held back most."""


def say(t: Texts, job: Job) -> None:
    """One sentence in the card of the result; nothing where it cannot be had quickly."""
    scenario = job.request.scenario
    if scenario.network.n_users > LARGEST:
        return
    luck = _typical(job)
    found = _crowd((scenario.identity, job.request.seed, luck), scenario)
    if found is None:
        return
    n, push, brake = found
    names = {"push": push, "brake": brake}
    known = {which: t(f"term.{cell.split('.')[1]}") for which, cell in names.items() if cell}
    if known:
        key = "result.crowd" if len(known) == 2 else f"result.crowd_{next(iter(known))}"
        st.markdown(f"**{t(key, **known)}**", help=t("result.crowd_help", n=n))


def _typical(job: Job) -> int:
    """Number of the run in the middle."""
    reach = job.result.values["reach"]
    order = np.argsort(reach, kind="stable")
    return int(job.result.replicates[int(order[len(order) // 2])])


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _crowd(key: tuple[str, int, int], _scenario: Scenario) -> Crowd | None:
    _, seed, luck = key
    try:
        return crowd(_scenario, seed, luck)
    except ViralbotsError:  # a network file that is gone; the page says so where it matters
        return None


def crowd(scenario: Scenario, seed: int, luck: int) -> Crowd | None:
    """What moved those who read the first message; None where hardly anybody did."""
    from viralbots.experiments.replay import replay  # loads the compiler
    from viralbots.experiments.replicate import Replicate, trace_of

    world = worlds().of(scenario.network)
    trace = trace_of(Replicate(luck, scenario, seed, luck), world, level="adoptions")
    readers = np.flatnonzero(trace.flag(READ, 0))
    if len(readers) < FEWEST:
        return None
    chosen = readers[np.linspace(0, len(readers) - 1, min(WATCHED, len(readers))).astype(int)]
    first, adds, n = scenario.message_names[0], defaultdict[str, int](int), 0
    for story in replay(scenario, seed, chosen.tolist(), replicate=luck, world=world).values():
        taken = [d for delivery, d in story.decisions("forward") if delivery.message == first]
        n += bool(taken)
        for decision in taken[:1]:  # one each: who is reached often counts no more
            for term in decision.terms:
                adds[term.cell] += 0 if is_start(term.cell) else term.contribution
    push, brake = (pick(adds, key=lambda cell: adds[cell], default=None) for pick in (max, min))
    return (
        n,
        push if push and adds[push] > 0 else None,
        brake if brake and adds[brake] < 0 else None,
    )
