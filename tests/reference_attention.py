"""The rule `attention_feed` the slow, obvious way, from docs/attention_feed.md alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from math import gcd
from typing import Any

import numpy as np

from viralbots import exact
from viralbots.draws import ATTENTION, INFILTRATION, fold
from viralbots.draws import run_seed as seed_of
from viralbots.interventions.levers import Chosen, members
from viralbots.scenario import Scenario
from viralbots.trace import COUNTS, FORWARDED, HEARD, READ
from viralbots.world.world import World

MASK = (1 << 64) - 1


@dataclass
class Post:
    """A post as it lies in one feed, or as somebody sends it."""

    name: int
    quality: int
    appeal: int
    by_bot: bool
    hops: int = 0
    shares: int = 0
    entered: int = -1
    via: int = -1


@dataclass
class Result:
    """What a run gave, in the columns of a trace."""

    digest: str = ""
    quality: float = float("nan")
    steps: int = 0
    converged: bool = False
    totals: list[dict[str, int]] = field(default_factory=list)
    series: list[list[dict[str, int]]] = field(default_factory=list)
    adoptions: list[tuple[int, ...]] = field(default_factory=list)
    deliveries: list[tuple[int, ...]] = field(default_factory=list)
    state: dict[tuple[int, int], int] = field(default_factory=dict)
    bots: set[int] = field(default_factory=set)


def draw(address: int) -> int:
    return address >> 32


def walk(state: int, code: int, people: list[int], count: int) -> list[int]:
    """`count` of a list, by start and stride."""
    n = len(people)
    if count == 0:
        return []
    start = (draw(fold(state, code)) * n) >> 32
    stride = 1 + ((draw(fold(state, code + 1)) * (n - 1)) >> 32)
    while gcd(stride, n) != 1:
        stride = (stride + 1) % n
        if stride == 0:
            stride = 1
    return [people[(start + i * stride) % n] for i in range(count)]


def number(x: Any) -> int:
    return int(exact.to_fixed(x, 20))


class Simulation:
    def __init__(self, scenario: Scenario, world: World, seed: int, replicate: int) -> None:
        self.rule: Any = scenario.rule
        self.scenario, self.world = scenario, world
        self.seed = seed_of(seed, replicate)
        self.key = [int(k) for k in world.population.key]
        self.n = world.n_users
        self.lanes = [0, 0]
        self.q, self.has_entries = 1 << 40, False
        self.feed: list[list[Post]] = [[] for _ in range(self.n)]
        self.result = Result()
        self.result.totals = [dict.fromkeys(COUNTS, 0) for _ in scenario.messages]
        self.heard_by = self.listeners()

    def listeners(self) -> list[list[int]]:
        rule, world = self.rule, self.world
        chosen = members(world, Chosen("random", rule.bots, "attention_feed:bots"))
        bots = self.result.bots = {int(u) for u in np.flatnonzero(chosen)}
        targets: set[int] = set()
        if rule.placement not in ("random", "all"):
            wanted = Chosen(rule.placement, rule.targeted, "attention_feed:targets")
            targets = {int(u) for u in np.flatnonzero(members(world, wanted))} - bots
        order = sorted(range(self.n), key=lambda u: self.key[u])
        t = [u for u in order if u in targets]
        r = [u for u in order if u not in targets and u not in bots]
        b = [u for u in order if u in bots]
        count = round(rule.infiltration * (len(t) + len(r)))
        found = []
        for u in range(self.n):
            if u not in bots:
                found.append([int(v) for v in world.follows.row(u) if int(v) not in bots])
                continue
            g = fold(fold(world.population.seed, INFILTRATION), self.key[u])
            first = min(count, len(t))
            heard = walk(g, 0, t, first) + walk(g, 2, r, count - first)
            heard += [v for v in walk(g, 4, b, min(rule.bot_ties, len(b))) if v != u]
            found.append(heard)
        return found

    def quality_of(self, index: int) -> int:
        u, s = (index + 0.5) / 65536, self.rule.quality_slope
        return number(exact.log(1.0 + u * (exact.exp(s) - 1.0)) / s if s else u)

    def appeal_of(self, index: int) -> int:
        u, a = (index + 0.5) / 65536, self.rule.appeal_exponent
        return number(1.0 - exact.exp(exact.log(1.0 - u) / (1.0 + a)))

    def recency_of(self, age: int) -> int:
        t = min(age, 1000)
        return number(exact.exp(-0.4 * (exact.exp(0.4 * exact.log(float(t))) if t else 0.0)))

    def address(self, user: int, step: int) -> int:
        return fold(fold(fold(self.seed, ATTENTION), self.key[user]), step)

    def decide(self, user: int, step: int) -> Post:
        """What a user sends; `via` is −1 for something new."""
        rule, p, feed = self.rule, self.address(user, step), self.feed[user]
        if not feed or draw(fold(p, 0)) < round(rule.new_post * 2**32):
            is_bot = user in self.result.bots
            quality = 0 if is_bot else self.quality_of(fold(p, 2) >> 48)
            appeal = self.appeal_of(fold(p, 3) >> 48)
            if is_bot and draw(fold(p, 4)) < round(rule.deception * 2**32):
                appeal = 1 << 20
            return Post(p, quality, appeal, is_bot)
        weights = []
        for post in feed:
            recency = self.recency_of(step - 1 - post.entered)
            weights.append(max(1, (post.appeal * recency) >> 20) * post.shares)
        pick, passed = (draw(fold(p, 1)) * sum(weights)) >> 32, 0
        for post, weight in zip(feed, weights, strict=True):
            passed += weight
            if passed > pick:
                return Post(post.name, post.quality, post.appeal, post.by_bot, post.hops,
                            via=post.via)  # fmt: skip
        raise AssertionError("nothing was picked")

    def message_of(self, post: Post) -> int:
        return len(self.scenario.messages) - 1 if post.by_bot else 0

    def step(self, step: int) -> None:
        result, rule = self.result, self.rule
        sent = [self.decide(user, step) for user in range(self.n)]
        entering: list[list[Post]] = [[] for _ in range(self.n)]
        adopted = []
        turns = sorted(range(self.n),
                       key=lambda u: (fold(self.address(u, step), 5), self.key[u]))  # fmt: skip
        for user in turns:
            post, q = sent[user], self.message_of(sent[user])
            is_first = not result.state.get((user, q), 0) & FORWARDED
            name = fold(post.name, self.key[user])
            self.lanes[1] = (self.lanes[1] + fold(name, step)) & MASK
            for listener in self.heard_by[user]:
                copies = rule.flooding if user in result.bots else 1
                entered = self.arrive(listener, user, post, copies, step, entering[listener])
                word = fold(fold(name, self.key[listener]), step << 1 | entered)
                self.lanes[0] = (self.lanes[0] + word) & MASK
                if listener not in result.bots:
                    self.note(listener, user, q, entered, is_first, step)
            people = [v for v in self.heard_by[user] if v not in result.bots]
            if is_first:
                adopted.append((user, q, post, len(people)))
        for user, q, post, n_people in adopted:
            result.state[user, q] = result.state.get((user, q), 0) | FORWARDED
            kind = 1 if post.via < 0 else 0
            result.totals[q]["seeds" if kind else "forwards"] += 1
            mark = 2 if user in result.bots else 0
            result.adoptions.append((60 * step, self.key[user], q, user, post.via, n_people, 3,
                                     kind, 0, post.hops, mark))  # fmt: skip
        for user in range(self.n):
            self.feed[user] = (entering[user] + self.feed[user])[: rule.feed_length]

    def arrive(self, v: int, u: int, post: Post, copies: int, step: int, entering: list[Post]
               ) -> bool:  # fmt: skip
        for known in (*self.feed[v], *entering):
            if known.name == post.name:
                known.shares = min(known.shares + copies, 2**20 - 1)
                return False
        if len(entering) == self.rule.feed_length:
            return False
        entering.append(Post(post.name, post.quality, post.appeal, post.by_bot,
                             min(255, post.hops + 1), copies, step, u))  # fmt: skip
        return True

    def note(self, v: int, u: int, q: int, entered: bool, is_first: bool, step: int) -> None:
        total, word = self.result.totals[q], self.result.state.get((v, q), 0)
        n, r = word >> 12 & 7, word >> 15 & 31
        total["delivered"] += 1
        total["sent"] += 1
        total["emitted"] += not is_first
        total["reach"] += not word & HEARD
        total["readings"] += entered
        total["readers"] += entered and not word & READ
        word = word & FORWARDED | HEARD | word & READ | (READ if entered else 0)
        word |= min(4, n + 1) << 12 | min(31, r + entered) << 15
        self.result.state[v, q] = word
        minute = min(60 * step + 59, self.scenario.horizon - 1)
        flags = 0 if is_first else 16
        self.result.deliveries.append((minute, v, u, 2 if entered else 1, 0, q, 3, 36, flags))

    def rests(self) -> bool:
        rule = self.rule
        entries = [post.quality for user in range(self.n) if user not in self.result.bots
                   for post in self.feed[user]]  # fmt: skip
        if not entries:
            return False
        self.has_entries = True
        mean = (sum(entries) << 20) // len(entries)
        r, before = round(rule.memory * 2**20), self.q
        self.q = (r * before + (2**20 - r) * mean) >> 20
        limit = round(rule.tolerance * 10**12)
        return rule.tolerance > 0 and abs(self.q - before) * 10**12 <= limit * before


def simulate_slowly(scenario: Scenario, world: World, seed: int, replicate: int = 0) -> Result:
    """A whole run."""
    it = Simulation(scenario, world, seed, replicate)
    result = it.result
    result.series.append([dict(t) for t in result.totals])
    step = 0
    while 60 * step < scenario.horizon:
        if not result.converged:
            it.step(step)
            result.steps = step + 1
            result.converged = it.rests()
        result.series.append([dict(t) for t in result.totals])
        step += 1
    result.adoptions.sort(key=lambda row: row[:3])
    if it.has_entries:
        result.quality = it.q / 2**40
    n_deliveries = sum(total["delivered"] for total in result.totals)
    words = [it.seed, *it.lanes, it.q, result.steps, n_deliveries]
    data = b"".join(word.to_bytes(8, "little") for word in words)
    result.digest = hashlib.sha256(data).hexdigest()
    return result
