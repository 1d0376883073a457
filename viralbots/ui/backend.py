"""The one place where the app starts a computation: the experiment runner, and its warm-up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import streamlit as st

from viralbots.experiments.worlds import Worlds
from viralbots.ui.jobs import Registry, Request


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
            worlds=worlds, progress=progress, cancel=cancel,
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
