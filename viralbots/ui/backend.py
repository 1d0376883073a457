"""The one place where the app starts a computation: the experiment runner, and its warm-up."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import streamlit as st

from viralbots.ui.jobs import Registry, Request

WORLDS_KEPT = 3
LARGEST_KEPT = 100_000  # users; larger worlds are built anew


class Worlds:
    """The worlds used last, so that changing a slider does not build the network again."""

    def __init__(self) -> None:
        self._worlds: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, spec: Any) -> Any:
        """The world that a scenario's network describes."""
        import json

        from viralbots.world.assemble import build

        key = json.dumps(spec.dynamic(), sort_keys=True)
        with self._lock:
            if key in self._worlds:
                self._worlds.move_to_end(key)
                return self._worlds[key]
        world = build(spec)
        with self._lock:
            if world.n_users <= LARGEST_KEPT:
                self._worlds[key] = world
            while len(self._worlds) > WORLDS_KEPT:
                self._worlds.popitem(last=False)
        return world


def _runner(worlds: Worlds) -> Callable[..., Any]:
    def run(
        request: Request,
        workers: int,
        progress: Callable[[float, int, int], None],
        cancel: threading.Event,
    ) -> Any:
        from viralbots.experiments.runner import run_all

        return run_all(
            request.scenario, seed=request.seed, replicates=request.replicates, workers=workers,
            world=worlds.of(request.scenario.network), progress=progress, cancel=cancel,
        )  # fmt: skip

    return run


def warm_up() -> None:
    """Compile everything once on a tiny run, so that nobody's first run has to wait for it."""
    from viralbots.experiments.warmup import warm_up as compile_all

    compile_all()


@st.cache_resource(show_spinner=False)
def registry() -> Registry:
    """The jobs of this server, shared by all its visitors."""
    return Registry(_runner(Worlds()), warm_up)
