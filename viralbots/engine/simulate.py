"""From a scenario and a seed to a trace.

The loop, whose steps docs/exactness.md describes one by one:

1. build the world (or take the one given) and lay it out;
2. at a *boundary* (an intervention starts or ends, a wave is due, a trigger fired) do what
   is planned (`schedule.act`);
3. let the kernel run minutes up to the next boundary, in slices of about two million
   deliveries (`kernel.advance`), growing arrays whenever it asks;
4. between slices tell the caller how far it is, and stop if asked;
5. at the horizon fold the digest and hand out the `Trace`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from threading import Event

import numpy as np
from numpy.typing import NDArray

from viralbots import draws, exact
from viralbots.engine import codes, kernel, schedule
from viralbots.engine import state as st
from viralbots.engine.other_rules import SIMULATORS
from viralbots.engine.request import Request
from viralbots.errors import Cancelled, ExperimentError
from viralbots.interventions.levers import Bots, members
from viralbots.scenario import Scenario
from viralbots.scenario.facts import facts_of
from viralbots.trace import LEVELS, MARK_BOT, MARK_PAID, MARK_REMOVED, Trace
from viralbots.world.assemble import build
from viralbots.world.world import World

SLICE = 500_000  # deliveries; about a tenth of a second, so that a cancel is felt at once

_GROWING = {
    st.NEED_CHUNKS: ("chunk_event", "chunk_next"),
    st.NEED_BUFFER: ("event_word", "event_extra", "event_order", "request", "emission"),
    st.NEED_CONVERTS: ("convert",),
    st.NEED_ADOPTIONS: ("adoption",),
    st.NEED_LOG: ("delivery",),
    st.NEED_WATCH: ("watch",),
}


def simulate(
    scenario: Scenario,
    seed: int = 1,
    *,
    replicate: int = 0,
    level: str = "adoptions",
    watch: Iterable[int] = (),
    world: World | None = None,
    progress: Callable[[float], None] | None = None,
    cancel: Event | None = None,
) -> Trace:
    """Simulate one run.

    Parameters
    ----------
    scenario : Scenario
    seed, replicate : int
        Together the random seed of the run; everything else about a replicate is the same.
    level : str
        How much is kept: *series*, *adoptions* or *deliveries* (`viralbots.trace`). The
        digest is the same at every level.
    watch : iterable of int
        Users whose decisions are logged (`viralbots.experiments.replay`).
    world : World, optional
        A world built before; the scenario's network is built otherwise.
    progress : callable, optional
        Called between slices with the simulated share of the horizon, 0 … 1.
    cancel : threading.Event, optional
        Set it to stop within a slice.

    Raises
    ------
    Cancelled
        ``cancel`` was set.
    ExperimentError
        An unknown level, or a watched user who does not exist.
    """
    if level not in LEVELS:
        raise ExperimentError(
            f"level must be one of {', '.join(LEVELS)}, got {level!r}", "unknown_level",
            allowed=LEVELS, got=level,
        )  # fmt: skip
    world = build(scenario.network) if world is None else world
    watched = tuple(int(u) for u in watch)
    if any(not 0 <= u < world.n_users for u in watched):
        raise ExperimentError(
            f"watch: users are numbered 0 … {world.n_users - 1}, got {watched}", "unknown_watched",
            last=world.n_users - 1, got=watched,
        )  # fmt: skip
    if (other := SIMULATORS.get(scenario.rule.kind)) is not None:
        return other(Request(scenario, world, seed, replicate, level, progress, cancel))
    run = schedule.prepare(scenario, world, draws.run_seed(seed, replicate), watched)
    now = 0
    while now < scenario.horizon:
        schedule.act(run, now)
        until = min(schedule.next_boundary(run, now), scenario.horizon)
        _advance(run, until, level == "deliveries", progress, cancel)
        now = int(run.state.control[st.NOW])
        schedule.fire(run, now)
    return _trace(run, scenario.identity, seed, replicate, level)


def _advance(
    run: schedule.Run,
    until: int,
    logging: bool,
    progress: Callable[[float], None] | None,
    cancel: Event | None,
) -> None:
    """Let the kernel run up to a boundary, slice by slice."""
    run.state.control[st.UNTIL] = until
    while True:
        run.state.control[st.BUDGET] = SLICE
        kernel.advance(run.arrays, run.tables, run.state, run.triggers, logging)
        status = int(run.state.control[st.STATUS])
        if status in _GROWING:
            run.state = st.grow(run.state, _GROWING[status], int(run.state.control[st.NEED]))
            continue
        if cancel is not None and cancel.is_set():
            raise Cancelled("the run was stopped before its end", "stopped")
        if progress is not None:
            progress(int(run.state.control[st.NOW]) / run.scenario.horizon)
        if status in (st.REACHED, st.TRIGGERED):
            return


def _digest(run: schedule.Run) -> str:
    s = run.state
    counts = [int(s.control[st.N_DELIVERIES]), int(s.control[st.N_CENSORED])]
    words = [run.run_seed, *(int(lane) for lane in s.lanes), *counts]
    return hashlib.sha256(b"".join(word.to_bytes(8, "little") for word in words)).hexdigest()


def _distrust(s: st.State, horizon: int) -> NDArray[np.int32]:
    """Distrust as of the horizon (docs/exactness.md, step 2)."""
    if not s.distrust.any():
        return s.distrust
    left = s.distrust.astype(np.int64)
    elapsed = np.where(left > 0, (horizon - s.distrust_at) // 30, 0)
    days = elapsed // 1440
    halved = (left * exact.halving_table()[elapsed - days * 1440]) >> np.minimum(30 + days, 62)
    return halved.astype(np.int32)


def _in_order(run: schedule.Run, adoptions: NDArray[np.void]) -> NDArray[np.int64]:
    """Order by minute, user key and message; a log is in order of minutes already."""
    minute, user = adoptions["minute"].astype(np.int64), adoptions["user"].astype(np.int64)
    if len(run.arrays.key):
        return np.lexsort((adoptions["message"], run.arrays.key[user], minute))
    return np.argsort(minute << 32 | user << 3 | adoptions["message"], kind="stable")


def _marks(run: schedule.Run) -> NDArray[np.uint8] | None:
    """Who was paid, is a bot or was removed; None where nobody is."""
    who = run.state.record[:, st.WHO]
    marks = np.where(who & np.uint32(st.PAID_USER), MARK_PAID, 0)
    marks |= np.where(who & np.uint32(st.REMOVED), MARK_REMOVED, 0)
    for begins, levers in zip(run.starts, run.levers, strict=True):
        for lever in levers:
            if isinstance(lever, Bots) and begins < run.scenario.horizon:
                marks |= np.where(members(run.world, lever.users), MARK_BOT, 0)
    return marks.astype(np.uint8) if marks.any() else None


def _trace(run: schedule.Run, identity: str, seed: int, replicate: int, level: str) -> Trace:
    s, scenario, n = run.state, run.scenario, run.world.n_users
    still = s.totals[:, codes.C_DECEIVED] - s.totals[:, codes.C_CORRECTED]
    s.totals[:, codes.C_MINUTES] += still * scenario.horizon
    adoptions = s.adoption[: int(s.control[st.N_ADOPTIONS])]
    order = _in_order(run, adoptions)
    converts = s.convert[: int(s.control[st.N_CONVERTS])]
    n_messages = len(scenario.messages)
    keep = level != "series"
    return Trace(
        identity=identity,
        seed=seed,
        replicate=replicate,
        messages=scenario.message_names,
        n_users=n,
        horizon=scenario.horizon,
        digest=_digest(run),
        totals=s.totals,
        series=s.series,
        state=s.record[:, st.MESSAGES : st.MESSAGES + n_messages].copy() if keep else None,
        distrust=_distrust(s, scenario.horizon),
        brands=scenario.brands,
        adoptions=adoptions[order] if keep else adoptions[:0].copy(),
        converts=converts[_in_order(run, converts)] if keep else converts[:0].copy(),
        marks=_marks(run),
        deliveries=s.delivery[: int(s.control[st.N_LOG])] if level == "deliveries" else None,
        watch_log=s.watch[: int(s.control[st.N_WATCH])]
        if (s.record[:, st.WHO] & np.uint32(st.WATCHED)).any()
        else None,
        facts=facts_of(scenario, run.world, run.run_seed),
        started=tuple(-1 if at == schedule.NEVER else at for at in run.starts),
    )
