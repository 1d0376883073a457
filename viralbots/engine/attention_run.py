"""The rule `attention_feed`, step by step (docs/attention_feed.md).

The compiled parts of a step are in `viralbots.engine.attention_kernel`.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from viralbots.draws import ATTENTION, address, fold_array
from viralbots.engine import attention_kernel as kernel
from viralbots.engine.attention_audience import audience_of
from viralbots.engine.attention_tables import Tables, tables_of
from viralbots.engine.request import Request
from viralbots.errors import Cancelled, ScenarioError
from viralbots.rules.attention_feed import AttentionFeed
from viralbots.scenario.facts import facts_of
from viralbots.trace import (
    ADOPTION,
    COUNTS,
    DECIDED,
    DELIVERY,
    FORWARDED,
    MARK_BOT,
    SEED,
    Trace,
)
from viralbots.world.world import World

ONE = 1 << 40  # of the running mean of quality
TURN = 5  # sub-code of the draw that orders the sends of a step
SEEDS, FORWARDS = COUNTS.index("seeds"), COUNTS.index("forwards")


@dataclass
class _Run:
    """One run under way."""

    request: Request
    rule: AttentionFeed
    audience: kernel.Audience
    tables: Tables
    feeds: kernel.Feeds
    arrived: kernel.Feeds
    sent: kernel.Sent
    totals: NDArray[np.int64]
    state: NDArray[np.uint32]
    series: NDArray[np.int64]
    lanes: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(2, np.uint64))
    adoptions: list[NDArray[np.void]] = field(default_factory=list)
    deliveries: list[NDArray[np.void]] = field(default_factory=list)
    quality: int = ONE
    has_entries: bool = False
    has_converged: bool = False
    steps: int = 0


def run(request: Request) -> Trace:
    """Simulate one run of a scenario with the rule `attention_feed`.

    Raises
    ------
    Cancelled
        ``request.cancel`` was set.
    ScenarioError
        The world has more users than the rule can have.
    """
    state = _prepare(request)
    n_steps = len(state.series) - 1
    while state.steps < n_steps and not state.has_converged:
        if request.cancel is not None and request.cancel.is_set():
            raise Cancelled("the run was stopped before its end", "stopped")
        _step(state)
        if request.progress is not None:
            request.progress(state.steps / n_steps)
    state.series[state.steps + 1 :] = state.totals
    if request.progress is not None:
        request.progress(1.0)
    return _trace(state)


def _prepare(request: Request) -> _Run:
    scenario, world = request.scenario, request.world
    rule = scenario.rule
    assert isinstance(rule, AttentionFeed)
    if problems := list(rule.crowded(world.n_users)):
        raise ScenarioError(scenario.name, problems)
    n, m = world.n_users, len(scenario.messages)
    name = ("attention_feed", rule.bots, rule.infiltration, rule.placement, rule.targeted,
            rule.bot_ties)  # fmt: skip
    if name not in world.cache:
        world.cache[name] = audience_of(world, rule)
    return _Run(
        request, rule, world.cache[name], tables_of(rule),
        _feeds(n, rule.feed_length), _feeds(n, rule.feed_length), _sent(n),
        np.zeros((m, len(COUNTS)), np.int64), np.zeros((n, m), np.uint32),
        np.zeros((-(-scenario.horizon // 60) + 1, m, len(COUNTS)), np.int64),
    )  # fmt: skip


def _feeds(n: int, length: int) -> kernel.Feeds:
    shape = (n, length)
    quality, appeal, shares, entered, via = (np.zeros(shape, np.int32) for _ in range(5))
    hops, by_bot = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    size, post = np.zeros(n, np.int32), np.zeros(shape, np.uint64)
    return kernel.Feeds(size, post, quality, appeal, shares, entered, via, hops, by_bot)


def _sent(n: int) -> kernel.Sent:
    quality, appeal, source, n_people = (np.zeros(n, np.int32) for _ in range(4))
    hops, by_bot = np.zeros(n, np.uint8), np.zeros(n, np.uint8)
    return kernel.Sent(np.zeros(n, np.uint64), quality, appeal, source, hops, by_bot, n_people)


def _step(s: _Run) -> None:
    """Everybody decides, everybody sends, the feeds move on, quality is taken."""
    step, rule, request = s.steps, s.rule, s.request
    keys = s.audience.key
    who = fold_array(fold_array(address(request.run_seed, ATTENTION), keys), step)
    draws = np.stack([who, *(fold_array(who, code) for code in range(5))])
    probs = np.array([_prob(rule.new_post), _prob(rule.deception)], np.uint64)
    kernel.decide(s.feeds, s.sent, draws, s.tables, probs, s.audience.is_bot, step)
    order = np.lexsort((keys, fold_array(who, TURN)))
    log = np.zeros(_room(s.audience) if request.level == "deliveries" else 0, DELIVERY)
    minute = min(60 * step + 59, request.scenario.horizon - 1)
    setting = np.array([step, minute, rule.flooding, len(s.totals) - 1], np.int64)
    n = kernel.spread(s.audience, s.feeds, s.arrived, s.sent, order,
                      (s.totals, s.state, s.lanes), log, setting)  # fmt: skip
    if len(log):
        s.deliveries.append(log[:n].copy())
    _adopt(s)
    s.steps += 1
    s.series[s.steps] = s.totals
    _take_quality(s)


def _prob(share: float) -> int:
    return round(share * 2**32)


def _room(audience: kernel.Audience) -> int:
    """Deliveries that a step can have at most."""
    return max(1, len(audience.word) + int(audience.walk[:, :2, 2].sum()))


def _adopt(s: _Run) -> None:
    """Write down who sent a post of a kind for the first time."""
    q = np.where(s.sent.by_bot != 0, len(s.totals) - 1, 0)
    everybody = np.arange(len(q))
    user = np.flatnonzero(s.state[everybody, q] & np.uint32(FORWARDED) == 0)
    q = q[user]
    s.state[user, q] |= np.uint32(FORWARDED)
    rows = np.zeros(len(user), ADOPTION)
    rows["minute"], rows["user"], rows["message"] = 60 * s.steps, user, q
    rows["source"], rows["hops"] = s.sent.source[user], s.sent.hops[user]
    rows["n_sent"], rows["channel"] = s.sent.n_people[user], kernel.FORUM
    rows["kind"] = np.where(rows["source"] < 0, SEED, DECIDED)
    rows["mark"] = np.where(s.audience.is_bot[user], MARK_BOT, 0)
    rows = rows[np.lexsort((q, s.audience.key[user]))]
    s.adoptions.append(rows)
    for column, kind in ((SEEDS, SEED), (FORWARDS, DECIDED)):
        s.totals[:, column] += np.bincount(
            rows["message"][rows["kind"] == kind], minlength=len(s.totals)
        )


def _take_quality(s: _Run) -> None:
    """The running mean of the quality of what lies in people's feeds, and whether it rests."""
    feeds, rule = s.feeds, s.rule
    size = np.where(s.audience.is_bot, 0, feeds.size)
    n_entries = int(size.sum(dtype=np.int64))
    if n_entries == 0:
        return
    s.has_entries = True
    is_entry = np.arange(feeds.post.shape[1]) < size[:, None]
    mean = (int(feeds.quality[is_entry].sum(dtype=np.int64)) << 20) // n_entries
    weight = round(rule.memory * 2**20)
    before, s.quality = s.quality, (weight * s.quality + (2**20 - weight) * mean) >> 20
    change, limit = abs(s.quality - before), round(rule.tolerance * 10**12)
    s.has_converged = limit > 0 and change * 10**12 <= limit * before


def _digest(s: _Run) -> str:
    n_deliveries = int(s.totals[:, kernel.DELIVERED].sum())
    words = [s.request.run_seed, *map(int, s.lanes), s.quality, s.steps, n_deliveries]
    return hashlib.sha256(b"".join(word.to_bytes(8, "little") for word in words)).hexdigest()


def _marks(s: _Run) -> NDArray[np.uint8] | None:
    is_bot = s.audience.is_bot
    return np.where(is_bot, MARK_BOT, 0).astype(np.uint8) if is_bot.any() else None


def _facts(s: _Run, world: World) -> dict[str, object]:
    return {
        **facts_of(s.request.scenario, world, s.request.run_seed),
        "rule": {
            "kind": s.rule.kind,
            "quality": s.quality / ONE if s.has_entries else math.nan,
            "steps": s.steps,
            "converged": s.has_converged,
            "bots": int(s.audience.is_bot.sum()),
        },
    }


def _trace(s: _Run) -> Trace:
    request, scenario = s.request, s.request.scenario
    keep, n = request.level != "series", request.world.n_users
    return Trace(
        identity=scenario.identity,
        seed=request.seed,
        replicate=request.replicate,
        messages=scenario.message_names,
        n_users=n,
        horizon=scenario.horizon,
        digest=_digest(s),
        totals=s.totals,
        series=s.series,
        state=s.state if keep else None,
        distrust=np.zeros((n, max(1, len(scenario.brands))), np.int32),
        brands=scenario.brands,
        adoptions=np.concatenate(s.adoptions) if keep else np.zeros(0, ADOPTION),
        marks=_marks(s),
        deliveries=np.concatenate(s.deliveries) if request.level == "deliveries" else None,
        facts=_facts(s, request.world),
    )
