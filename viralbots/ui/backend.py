"""The one place where the app starts a computation and opens the database."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from viralbots.errors import StoreError
from viralbots.experiments.worlds import Worlds
from viralbots.store import Store
from viralbots.trace import Trace
from viralbots.ui.jobs import Registry
from viralbots.ui.tasks import OneRun, Request
from viralbots.world.world import MAX_USERS, World

FIRST = 4
"""Runs after which a long job shows its first result."""
MUCH_WORK = 100_000
"""Users × runs above which a job is long."""
EVERY_DELIVERY = 100_000
"""Users up to which a run to be watched keeps every delivery; above, adoptions only."""


@dataclass(frozen=True)
class Seen:
    """One run, to be watched and asked about."""

    world: World
    trace: Trace


class Shelf:
    """The database of this server; None where it cannot be used, and why."""

    def __init__(self) -> None:
        self.store: Store | None = None
        self.error: StoreError | None = None
        try:
            self.store = Store()
        except StoreError as error:
            self.error = error


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """The database, opened once for all visitors."""
    return Shelf()


def runner(worlds: Worlds, store: Store | None) -> Callable[..., Any]:
    """What the registry computes with; see `viralbots.ui.jobs.Registry`."""

    def run(
        task: Request | OneRun,
        workers: int,
        progress: Callable[[float, int, int], None],
        cancel: threading.Event,
        show: Callable[[Any], None],
    ) -> Any:
        if isinstance(task, OneRun):
            return _see(task, worlds, progress, cancel)
        from viralbots.experiments.runner import run_all

        held = Worlds(1, MAX_USERS, worlds)  # one world however large for both parts
        told = partial(
            run_all, task.scenario, seed=task.seed, workers=workers, worlds=held, cancel=cancel,
            cache=store,
        )  # fmt: skip
        total, is_long = task.replicates, task.work > MUCH_WORK and task.replicates > 2 * FIRST
        if store is not None and is_long:  # the second part finds the runs of the first there
            show(told(
                replicates=FIRST,
                progress=lambda part, done, _: progress(part * FIRST / total, done, total),
            ))  # fmt: skip
        return told(replicates=total, progress=progress)

    return run


def _see(
    task: OneRun,
    worlds: Worlds,
    progress: Callable[[float, int, int], None],
    cancel: threading.Event,
) -> Seen:
    from viralbots.experiments.replicate import Replicate, trace_of

    world = worlds.of(task.scenario.network)
    level = "deliveries" if world.n_users <= EVERY_DELIVERY else "adoptions"
    trace = trace_of(
        Replicate(task.luck, task.scenario, task.seed, task.luck), world, level=level,
        cancel=cancel, progress=lambda fraction: progress(fraction, 0, 1),
    )  # fmt: skip
    return Seen(world, trace)


def warm_up() -> None:
    """Compile everything once on a tiny run, so that nobody's first run has to wait for it."""
    from viralbots.experiments.warmup import warm_up as compile_all

    compile_all()
    gc.collect()
    gc.freeze()  # what is loaded by now stays: no later collection has to go through it


@st.cache_resource(show_spinner=False)
def worlds() -> Worlds:
    """The networks used last, shared by all computations of this server."""
    return Worlds()


@st.cache_resource(show_spinner=False)
def registry() -> Registry:
    """The jobs of this server, shared by all its visitors."""
    return Registry(runner(worlds(), shelf().store), warm_up)
