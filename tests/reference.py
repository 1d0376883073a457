"""The slow, obvious simulator: ``docs/exactness.md`` in plain Python, one step after another.

It shares with the compiled kernel only what fixes the numbers: the integer tables
(`viralbots.exact`), the addressed draws (`viralbots.draws`), the decision table
(`main_rule.terms`) and the translation of interventions into levers. Everything else, above
all the order of events, is written here a second time, with objects, dicts and lists.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from viralbots import draws, exact
from viralbots.draws import address, fold
from viralbots.interventions import levers as lever_kinds
from viralbots.interventions.levers import Lever
from viralbots.rules import main_rule
from viralbots.rules.main_rule import Term
from viralbots.scenario import Scenario
from viralbots.trace import (
    AWARE,
    CONVERTED,
    CORRECTED,
    COUNTS,
    DECEIVED,
    DETECTED,
    FORWARDED,
    HEARD,
    OPTED_OUT,
    REACTED,
    READ,
    REQUESTED,
)
from viralbots.world.message import Message, message_id
from viralbots.world.population import interest
from viralbots.world.world import AGE_BANDS, CHANNELS, FEED_CHANNELS, ROLES, World

MASK = (1 << 64) - 1
UNIT = 1 << exact.LOG_ODDS_BITS
BRAND_KEY = MASK
PAID, GROUP, FOOTER, BRAND = 1, 2, 4, 8
STOPPED, IGNORED, WAS_READ = 0, 1, 2
OPTS_OUT, COMPLAINS, COUNTERS = 1, 2, 3
HALF_INTEREST = 2048


def draw(address_word: int) -> int:
    """The upper 32 bits of an address."""
    return address_word >> 32


def idx(address_word: int) -> int:
    """Index of an address into a quantile table: its upper 12 bits."""
    return address_word >> 52


def prob(p: float) -> int:
    """A probability in units of 2**-32."""
    return round(p * 2**32)


@lru_cache(maxsize=1)
def day_curve() -> tuple[int, ...]:
    """Active tenths of minutes before each minute of a day that starts at 08:00."""
    total, sums = 0, [0]
    for minute in range(1440):
        hour = (8 + minute // 60) % 24
        total += 2 if hour < 6 else 13 if hour < 18 else 12
        sums.append(total)
    return tuple(sums)


def active(minute: int) -> int:
    """Λ: active tenths of minutes before a minute (minute 0 is 08:00)."""
    days, rest = divmod(minute, 1440)
    return days * day_curve()[-1] + day_curve()[rest]


def minute_of(units: int) -> int:
    """Inverse Λ: the first minute before which there are at least so many active units."""
    days, rest = divmod(units, day_curve()[-1])
    return days * 1440 + bisect_left(day_curve(), rest)


@dataclass
class Story:
    """What one user has to do with one message."""

    n: int = 0
    r: int = 0
    flags: int = 0
    deceived_at: int | None = None
    corrected_at: int | None = None


@dataclass
class User:
    """One user: attributes in fixed point, and what has happened to her."""

    number: int
    key: int
    kappa: int
    eta: int
    rho: int
    sociability: int
    inverse_activity: int
    role: str
    age_band: str
    community: int
    vulnerable: bool
    opted_in: bool
    circle: int
    uses: frozenset[str]
    ties: list[tuple[int, int]]
    follows: list[tuple[int, int]]
    fatigue: int
    match: dict[str, int]
    fatigue_at: int = 0
    is_removed: bool = False
    has_filter: bool = False
    is_paid: bool = False
    distrust: dict[str, tuple[int, int]] = field(default_factory=dict)
    opted_out: set[str] = field(default_factory=set)
    stories: dict[str, Story] = field(default_factory=lambda: defaultdict(Story))


class Parcel(NamedTuple):
    """One delivery on its way; sorts in the order in which a user handles them."""

    message: int
    sender_key: int
    channel: int
    repeat: int
    flags: int
    source: int
    level: int


class Adoption(NamedTuple):
    """An adoption that waits for its send at the end of the minute."""

    user: int
    source: int
    message: int
    channel: str | None
    kind: int
    by_brand: int


@dataclass
class Active:
    """A lever in force: which intervention it is of, and its veto slot if it has one."""

    intervention: int
    slot: int
    lever: Lever


@dataclass
class ReferenceRun:
    """Everything of a run that a `Trace` can be compared with.

    Attributes
    ----------
    deliveries : list of tuple
        (minute, user, source, outcome, repeat, message, channel, level, flags) in the order
        of (minute, user, message, sender key, channel, repeat, flags).
    adoptions : list of tuple
        (minute, user, source, n_sent, message, channel, kind, by_brand) in the order of
        (minute, user key, message).
    totals, series : list
        Counts per message in the order of `COUNTS`; the series also per hour.
    state : list of list of int
        State word per user and message, as in `Trace.state`.
    distrust : list of list of int
        Per user and brand.
    tally : Counter
        How often each mechanism occurred.
    """

    digest: str
    deliveries: list[tuple[int, ...]]
    adoptions: list[tuple[int, ...]]
    totals: list[list[int]]
    series: list[list[list[int]]]
    state: list[list[int]]
    distrust: list[list[int]]
    tally: Counter[str]


def simulate_reference(
    scenario: Scenario, world: World, seed: int, replicate: int = 0
) -> ReferenceRun:
    """Run a scenario slowly; must agree with `viralbots.engine.simulate.simulate`."""
    return Reference(scenario, world, draws.run_seed(seed, replicate)).run()


def make_users(world: World, topics: set[str], base: int) -> list[User]:
    """One object per user, with her rows as lists of (listener, level)."""
    p = world.population
    interests = {topic: interest(p, topic) for topic in topics}
    inverse = main_rule.inverse_activity()
    users = []
    for u in range(world.n_users):
        bits = int(p.channels[u])
        rows = [
            list(zip(ties.row(u).tolist(), ties.row_levels(u).tolist(), strict=True))
            for ties in (world.ties, world.follows)
        ]
        users.append(
            User(
                number=u, key=int(p.key[u]), kappa=int(p.detection[u]), eta=int(p.threat[u]),
                rho=int(p.reputation[u]), sociability=int(p.sociability[u]),
                inverse_activity=int(inverse[p.activity[u]]), role=ROLES[p.role[u]],
                age_band=AGE_BANDS[p.age_band[u]], community=int(p.community[u]),
                vulnerable=bool(p.vulnerable[u]), opted_in=bool(p.opted_in[u]),
                circle=int(p.circle[u]),
                uses=frozenset(c for i, c in enumerate(CHANNELS[:6]) if bits >> i & 1),
                ties=rows[0], follows=rows[1], fatigue=base,
                match={topic: int(values[u]) for topic, values in interests.items()},
            )
        )  # fmt: skip
    return users


class Reference:
    """State of one run; `run` is the loop over minutes."""

    def __init__(self, scenario: Scenario, world: World, run_seed: int):
        self.scenario, self.run_seed, self.horizon = scenario, run_seed, scenario.horizon
        self.cells = scenario.cells
        self.names = list(scenario.messages)
        self.messages: list[Message] = list(scenario.messages.values())
        self.M = [fold(run_seed, message_id(name)) for name in self.names]
        self.base = self.fixed("fatigue.base")
        self.users = make_users(world, {m.topic for m in self.messages}, self.base)
        self.minute = 0
        self.arrivals: dict[int, list[tuple[int, Parcel]]] = defaultdict(list)
        self.requests: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self.adoptions_now: list[Adoption] = []
        self.served: list[list[int]] = [[] for _ in self.names]
        self.active: list[Active] = []
        self.begins: dict[int, list[int]] = defaultdict(list)
        self.ends: dict[int, list[int]] = defaultdict(list)
        self.fired: set[int] = set()
        self.counts = [Counter[str]() for _ in self.names]
        self.tally: Counter[str] = Counter()
        self.a = self.b = self.c = 0
        self.log: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        self.adoption_log: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        self.series: list[list[list[int]]] = [self.snapshot()]
        self.cell_cache: dict[tuple[Lever, ...], tuple[tuple[str, float], ...]] = {}
        self.term_cache: dict[tuple[object, ...], list[Term]] = {}
        self.wait_tables: dict[tuple[str, str], list[int]] = {}
        self.fan_out = main_rule.fan_out_table(self.cells)
        self.plan_interventions()

    # -- small helpers ---------------------------------------------------------------------

    def fixed(self, cell: str) -> int:
        """A constant of the rule in units of 2**-20."""
        return int(exact.to_fixed(self.cells[cell], exact.LOG_ODDS_BITS))

    def count(self, q: int, name: str, amount: int = 1) -> None:
        self.counts[q][name] += amount

    def snapshot(self) -> list[list[int]]:
        return [[counts[name] for name in COUNTS] for counts in self.counts]

    def A(self, u: int, q: int) -> int:
        return fold(self.M[q], self.users[u].key)

    def S(self, u: int, q: int, sender_key: int) -> int:
        return fold(self.A(u, q) ^ draws.SENDER, sender_key)

    def opt_out_name(self, q: int) -> str:
        brand = self.messages[q].brand
        return f"brand {brand}" if brand else f"message {q}"

    def distrust(self, user: User, brand: str | None) -> int:
        """Distrust now: halves in 30 days since the last loss."""
        if brand is None or brand not in user.distrust:
            return 0
        value, at = user.distrust[brand]
        return exact.halve(value, (self.minute - at) // 30)

    def lose_trust(self, user: User, brand: str, amount: int) -> None:
        self.tally["trust lost"] += 1
        now = self.distrust(user, brand)
        user.distrust[brand] = (min(UNIT, now + amount), self.minute)

    def become_aware(self, user: User, q: int) -> None:
        story = user.stories[self.names[q]]
        if story.flags & AWARE:
            return
        story.flags |= AWARE
        if story.flags & DECEIVED:
            story.flags |= CORRECTED
            story.corrected_at = self.minute
            self.count(q, "corrected")
            self.tally["corrected"] += 1

    # -- the loop --------------------------------------------------------------------------

    def run(self) -> ReferenceRun:
        for minute in range(self.horizon):
            self.minute = minute
            self.boundary_actions()
            arrived = sorted(self.arrivals.pop(self.minute, []))
            if len({u for u, _ in arrived}) < len(arrived):
                self.tally["two deliveries to one user in one minute"] += 1
            for u, parcel in arrived:
                self.deliver(self.users[u], parcel)
            for adoption in self.adoptions_now:
                self.send(adoption)
            self.adoptions_now = []
            self.landing()
            self.look_at_triggers()
            if (self.minute + 1) % 60 == 0:
                self.series.append(self.snapshot())
        if self.horizon % 60:
            self.series.append(self.snapshot())
        return self.result()

    # -- step 1: boundary actions ----------------------------------------------------------

    def plan_interventions(self) -> None:
        """Levers of all interventions, their veto slots, and who begins when."""
        self.levers: list[list[Active]] = []
        slot = 0
        for number, intervention in enumerate(self.scenario.interventions):
            mine = []
            for lever in intervention.levers(self.scenario.messages):
                slot += int(isinstance(lever, lever_kinds.Veto))
                mine.append(Active(number, slot, lever))
            self.levers.append(mine)
            if intervention.trigger is None:
                self.begins[intervention.start or 0].append(number)

    def boundary_actions(self) -> None:
        t = self.minute
        for number in self.ends[t]:
            self.active = [a for a in self.active if a.intervention != number]
            self.tally["lever ended"] += 1
        for number in sorted(self.begins[t]):
            self.start_intervention(number)
        self.active.sort(key=lambda a: a.intervention)
        for number, wave in enumerate(self.scenario.seeding):
            if wave.minute == t:
                self.seed_wave(number)

    def start_intervention(self, number: int) -> None:
        for one in self.levers[number]:
            lever = one.lever
            if isinstance(lever, lever_kinds.UserEvent):
                self.user_event(lever, f"{lever.tag}:{number}")
            elif isinstance(lever, lever_kinds.Adoptions):
                q = self.names.index(lever.message)
                for u in self.choose(q, lever.who, f"{lever.tag}:{number}", lever.count):
                    self.adopt_as_seed(u, q, lever.channel, lever.is_paid)
                    self.tally["leak"] += 1
            elif isinstance(lever, lever_kinds.Deliveries):
                q = self.names.index(lever.message)
                chosen = self.choose(q, lever.who, f"{lever.tag}:{number}", lever.count)
                repeat = len(self.scenario.seeding) + number
                self.brand_wave(q, chosen, lever.channel, repeat)
                self.tally["correction sent"] += 1
            else:
                self.active.append(one)
                self.tally[f"{type(lever).__name__} starts"] += 1
        duration = self.scenario.interventions[number].duration
        if duration is not None:
            self.ends[self.minute + duration].append(number)

    def is_member(self, user: User, who: str) -> bool:
        """Whether a user belongs to a class (model §1)."""
        if who in ("all", "random", "hubs"):
            return True
        if who.startswith("community:"):
            return user.community == int(who.split(":")[1])
        if who == "vulnerable":
            return user.vulnerable
        if who == "opted_in":
            return user.opted_in
        name = {"leaders": "leader", "minors": "minor", "elders": "elder"}.get(who, who)
        return name in (user.role, user.age_band)

    def choose(self, q: int, who: str, tag: str, count: int) -> list[int]:
        """Users for a wave or a leak, in key order."""
        able = [u for u in self.users if self.is_member(u, who) and (u.ties or u.follows)]
        state = address(self.M[q], draws.SEEDING, draws.name_id(tag))
        if who == "hubs":
            able.sort(key=lambda u: (-len(u.ties) - len(u.follows), u.key))
        else:
            able.sort(key=lambda u: (fold(state, u.key), u.key))
        return [u.number for u in sorted(able[:count], key=lambda u: u.key)]

    def user_event(self, event: lever_kinds.UserEvent, tag: str) -> None:
        state = address(self.run_seed, draws.SEEDING, draws.name_id(tag))
        for user in self.users:
            if not self.is_member(user, event.who):
                continue
            if not draw(fold(state, user.key)) < prob(event.share):
                continue
            self.tally[f"event {event.kind}"] += 1
            if event.kind == "remove":
                user.is_removed = True
            elif event.kind == "aware":
                self.become_aware(user, self.names.index(str(event.message)))
            elif event.kind == "opt_out":
                q = self.names.index(str(event.message))
                user.opted_out.add(self.opt_out_name(q))
                if self.messages[q].brand is None:
                    user.stories[self.names[q]].flags |= OPTED_OUT
            elif (brand := self.scenario.messages[str(event.message)].brand) is not None:
                kept = UNIT - self.distrust(user, brand)
                share = int(exact.to_fixed(event.amount, exact.LOG_ODDS_BITS))
                self.lose_trust(user, brand, kept * share >> exact.LOG_ODDS_BITS)

    def seed_wave(self, number: int) -> None:
        wave = self.scenario.seeding[number]
        q = self.names.index(wave.message)
        if wave.until_organic_share is not None:
            if self.organic_share(q) > wave.until_organic_share:
                self.tally["wave left out"] += 1
                return
        chosen = self.choose(q, wave.who, f"wave:{number}", wave.count)
        self.tally[f"wave by {wave.by}"] += 1
        if wave.by == "brand":
            self.brand_wave(q, chosen, wave.channel, number)
            return
        for u in chosen:
            self.adopt_as_seed(u, q, wave.channel, wave.paid)

    def adopt_as_seed(self, u: int, q: int, channel: str | None, is_paid: bool) -> None:
        story = self.users[u].stories[self.names[q]]
        if self.users[u].is_removed or story.flags & FORWARDED:
            self.tally["seed has adopted before"] += 1
            return
        story.flags |= FORWARDED
        self.users[u].is_paid |= is_paid
        self.count(q, "seeds")
        self.adoptions_now.append(Adoption(u, -1, q, channel, 1, 0))

    def organic_share(self, q: int) -> float:
        delivered = self.counts[q]["delivered"]
        people = delivered - self.counts[q]["by_brand"]
        return people / delivered if delivered else 0.0

    # -- step 2: deliveries ----------------------------------------------------------------

    def deliver(self, user: User, parcel: Parcel) -> None:
        q, t = parcel.message, self.minute
        message, story = self.messages[q], user.stories[self.names[q]]
        S = self.S(user.number, q, parcel.sender_key)
        self.count(q, "delivered")
        self.count(q, "by_brand", int(parcel.source < 0))
        self.tally["delivered by " + CHANNELS[parcel.channel]] += 1
        outcome = STOPPED
        if self.is_stopped(user, parcel, S):
            self.count(q, "stopped")
        else:
            user.fatigue = self.base + exact.halve(user.fatigue - self.base, t - user.fatigue_at)
            user.fatigue_at = t
            if parcel.source >= 0 and parcel.repeat == 0:
                story.n = min(4, story.n + 1)
                self.tally["n at its limit"] += int(story.n == 4)
            if not story.flags & HEARD:
                self.count(q, "reach")
            story.flags |= HEARD
            outcome = Decisions(self, user, parcel, story, S).take()
            user.fatigue = min(
                self.fixed("fatigue.max"), user.fatigue + self.fixed("fatigue.step")
            )
            if outcome & 3 == WAS_READ:
                story.r = min(31, story.r + 1)
                self.tally["third reading"] += int(story.r == 3)
        self.record(user, parcel, S, outcome, message)

    def record(self, user: User, parcel: Parcel, S: int, outcome: int, message: Message) -> None:
        """Fold a delivery into the digest and write it down."""
        word = self.minute | parcel.channel << 24 | parcel.flags << 27
        word |= outcome << 33 | parcel.repeat << 44
        h = fold(S, word)
        self.a = (self.a + h) & MASK
        self.b = (self.b + fold(h, parcel.level)) & MASK
        row = (self.minute, user.number, parcel.source, outcome, parcel.repeat,
               parcel.message, parcel.channel, parcel.level, parcel.flags)  # fmt: skip
        self.log.append(((self.minute, user.number, *parcel), row))

    def is_stopped(self, user: User, parcel: Parcel, S: int) -> bool:
        q = parcel.message
        if user.is_removed:
            self.tally["stopped: removed"] += 1
        elif self.opt_out_name(q) in user.opted_out:
            self.tally["stopped: opted out"] += 1
        elif user.has_filter and self.messages[q].brand is not None:
            self.tally["stopped: filter"] += 1
        elif self.vetoed("deliver", user, q, CHANNELS[parcel.channel], S, parcel.repeat << 8):
            self.tally["stopped: veto"] += 1
        else:
            return False
        return True

    def holds(self, lever: Lever, user: User, q: int, channel: str) -> bool:
        """Whether a lever holds for a user, a message and a channel."""
        return (
            self.is_member(user, lever.users)
            and (not lever.messages or self.names[q] in lever.messages)
            and (not lever.channels or channel in lever.channels)
        )

    def vetoed(self, stage: str, user: User, q: int, channel: str, S: int, occasion: int) -> bool:
        """Whether one of the vetoes in force at a stage succeeds."""
        for one in self.active:
            lever = one.lever
            if not isinstance(lever, lever_kinds.Veto) or lever.stage != stage:
                continue
            if self.holds(lever, user, q, channel):
                if draw(fold(S, occasion | draws.VETO + one.slot)) < prob(lever.prob):
                    return True
        return False

    def adjusted_cells(self, user: User, q: int, channel: str) -> tuple[tuple[str, float], ...]:
        """The cells with the adjustments in force for this user (model §7 a)."""
        held = tuple(
            one.lever
            for one in self.active
            if isinstance(one.lever, lever_kinds.Adjustment)
            and self.holds(one.lever, user, q, channel)
        )
        if held not in self.cell_cache:
            cells = dict(self.cells)
            for lever in held:
                cells[lever.cell] = cells[lever.cell] * lever.scale + lever.offset
            self.cell_cache[held] = tuple(cells.items())
        return self.cell_cache[held]

    def terms(self, decision: str, user: User, parcel: Parcel, channel: str) -> list[Term]:
        """Terms of a decision; in a group chat or a footer with its own constant."""
        q, novelty = parcel.message, self.novelty(parcel.message)
        pairs = self.adjusted_cells(user, q, channel)
        key = (decision, q, channel, parcel.flags & (GROUP | FOOTER), id(pairs), novelty)
        if key not in self.term_cache:
            cells = dict(pairs)
            made = main_rule.terms(decision, self.messages[q], channel, cells, novelty)
            for flag, cell in ((GROUP, "read.group"), (FOOTER, "read.footer")):
                if decision == "read" and parcel.flags & flag:
                    constant = int(exact.to_fixed(cells[cell], exact.LOG_ODDS_BITS))
                    made = [x for x in made if x.cell != "read.const"] + [Term(cell, constant)]
            self.term_cache[key] = made
        return self.term_cache[key]

    def novelty(self, q: int) -> float | None:
        """Novelty of a message now."""
        message = self.messages[q]
        if message.novelty_half_life_days is None:
            return None
        self.tally["novelty fades"] += 1
        halvings = (self.minute // 60) * 60 / (1440 * message.novelty_half_life_days)
        return message.novelty * float(exact.exp(-halvings * exact.log(2.0)))

    def out_channel(self, user: User, q: int) -> str | None:
        """The channel by which a user would pass a message on; None: she uses none."""
        shares = self.messages[q].channels
        whole = sum(shares.values())
        usable = [
            (name, round(shares[name] / whole * 2**20))
            for name in CHANNELS
            if name in shares and name in user.uses
        ]
        total = sum(share for _, share in usable)
        pick = (draw(fold(self.A(user.number, q), draws.CHANNEL)) * total) >> 32
        sum_so_far = 0
        for name, share in usable:
            sum_so_far += share
            if sum_so_far > pick:
                return name
        return None

    # -- step 3: sends ---------------------------------------------------------------------

    def send(self, adoption: Adoption) -> None:
        user, q = self.users[adoption.user], adoption.message
        channel = adoption.channel or self.out_channel(user, q)
        if user.is_removed:
            channel = None
        recipients: list[tuple[int, int, int]] = []
        self.tally["removed before sending"] += int(user.is_removed)
        if channel is None:
            self.tally["adopter without a channel"] += 1
        elif channel in FEED_CHANNELS:
            recipients = self.feed_recipients(user, q, channel)
        else:
            recipients = self.push_recipients(user, q, channel, adoption.source)
        if channel is not None:
            self.tally["sent by " + channel] += 1
            self.post(user, q, channel, recipients)
        number = 255 if channel is None else CHANNELS.index(channel)
        n_sent = len(recipients)
        word = self.minute << 32 | number << 24 | n_sent
        self.c = (self.c + fold(fold(self.A(user.number, q), draws.FAN_OUT), word)) & MASK
        row = (self.minute, user.number, adoption.source, n_sent, q, number,
               adoption.kind, adoption.by_brand)  # fmt: skip
        self.adoption_log.append(((self.minute, user.key, q), row))

    def feed_recipients(self, user: User, q: int, channel: str) -> list[tuple[int, int, int]]:
        """(listener, level, flags) of everybody who sees a post."""
        state = fold(self.A(user.number, q), draws.VISIBILITY)
        seen = prob(self.cells[f"visibility.{channel}"])
        return [
            (v, level, 0)
            for v, level in user.follows
            if channel in self.users[v].uses and draw(fold(state, self.users[v].key)) < seen
        ]

    def push_recipients(
        self, user: User, q: int, channel: str, source: int
    ) -> list[tuple[int, int, int]]:
        """(listener, level, flags) of the people chosen for a send."""
        A = self.A(user.number, q)
        k = self.n_chats(user, q, channel, A)
        chosen: list[tuple[int, int, int]] = []
        others = [v for v in self.users if v.circle == user.circle and v is not user]
        is_group = draw(fold(A, draws.GROUP)) < prob(self.cells["group.prob"])
        if channel == "im" and others and is_group and k >= 1:
            self.tally["group"] += 1
            others.sort(key=lambda v: v.key)
            chosen = [(v.number, 120, GROUP) for v in others if "im" in v.uses]
            k -= 1
        total = sum(level for _, level in user.ties)
        n_individuals = 0
        for j in range(8 * k + 64):
            if n_individuals == k:
                break
            pick = (draw(fold(fold(A, draws.RECIPIENT), j)) * total) >> 32
            v, level = self.tie_at(user, pick)
            if v == source:
                self.tally["not back to the source"] += 1
            elif channel in self.users[v].uses and v not in [w for w, _, _ in chosen]:
                chosen.append((v, level, 0))
                n_individuals += 1
        self.tally["attempts used up"] += int(n_individuals < k)
        return chosen

    def tie_at(self, user: User, pick: int) -> tuple[int, int]:
        """The tie whose inclusive cumulative level first exceeds ``pick``."""
        total = 0
        for v, level in user.ties:
            total += level
            if total > pick:
                return v, level
        raise AssertionError("pick is below the total")

    def n_chats(self, user: User, q: int, channel: str, A: int) -> int:
        p0, ratio = (table[user.sociability] for table in self.fan_out)
        luck = draw(fold(A, draws.FAN_OUT))
        k = main_rule.fan_out(luck, p0, ratio, self.cells["fan_out.dispersion"])
        quota = self.messages[q].push_quota
        if quota is not None and draw(fold(A, draws.QUOTA)) < prob(self.cells["quota.obeyed"]):
            k = quota
            self.tally["quota obeyed"] += 1
        for one in self.active:
            lever = one.lever
            if isinstance(lever, lever_kinds.Limit) and self.holds(lever, user, q, channel):
                self.tally["limit binding"] += int(k > lever.max_chats)
                k = min(k, lever.max_chats)
        return min(k, len(user.ties))

    def post(
        self, user: User, q: int, channel: str, recipients: list[tuple[int, int, int]]
    ) -> None:
        """Put the deliveries of one send on their way."""
        wait = fold(self.A(user.number, q), draws.WAIT)
        for v, level, flags in recipients:
            if user.is_paid:
                flags |= PAID
                self.tally["paid"] += 1
            parcel = Parcel(q, user.key, CHANNELS.index(channel), 0, flags, user.number, level)
            self.post_one(v, parcel, wait)

    def post_one(self, v: int, parcel: Parcel, wait: int) -> None:
        """Send one parcel to user v; censored where it would arrive after the end."""
        t, user, channel = self.minute, self.users[v], CHANNELS[parcel.channel]
        table = self.wait_table(channel, self.messages[parcel.message].pace)
        quantile = int(table[idx(fold(wait, user.key))])
        units = max(10, (quantile * user.inverse_activity) >> 16)
        arrival = max(t + 1, minute_of(active(t) + units))
        self.count(parcel.message, "sent")
        if arrival >= self.horizon:
            self.count(parcel.message, "censored")
            self.tally["censored"] += 1
        else:
            self.arrivals[arrival].append((v, parcel))

    def wait_table(self, channel: str, pace: str) -> list[int]:
        """`main_rule.wait_table` as a list of Python integers."""
        if (channel, pace) not in self.wait_tables:
            made = main_rule.wait_table(channel, pace, self.cells).tolist()
            self.wait_tables[channel, pace] = made
        return self.wait_tables[channel, pace]

    def brand_wave(self, q: int, chosen: list[int], channel: str | None, repeat: int) -> None:
        """Deliveries without a sender to the chosen users who are on the channel."""
        wait = address(self.M[q], draws.SEEDING, repeat, draws.WAIT)
        if channel is None:
            shares = self.messages[q].channels
            channel = next(name for name in shares if shares[name] == max(shares.values()))
        for v in chosen:
            if channel in self.users[v].uses:
                parcel = Parcel(q, BRAND_KEY, CHANNELS.index(channel), repeat, BRAND, -1, 0)
                self.post_one(v, parcel, wait)
                self.tally["brand delivery"] += 1

    # -- step 4: landing -------------------------------------------------------------------

    def capacity(self, q: int) -> int | None:
        """Places of the landing of a message, as the last in the file says; None: no limit."""
        held = [
            one.lever.per_hour
            for one in self.active
            if isinstance(one.lever, lever_kinds.Capacity) and one.lever.message == self.names[q]
        ]
        return held[-1] if held else None

    def landing(self) -> None:
        t = self.minute
        if t not in self.requests:
            return
        asking = self.requests.pop(t)
        for q in range(len(self.names)):
            mine = [(u, attempt) for u, m, attempt in asking if m == q]
            mine.sort(key=lambda x: (self.landing_draw(x[0], q, x[1]), self.users[x[0]].key))
            places = self.capacity(q)
            taken = sum(1 for at in self.served[q] if t - 59 <= at <= t - 1)
            free = len(mine) if places is None else max(0, places - taken)
            for place, (u, attempt) in enumerate(mine):
                self.answer(u, q, attempt, place < free)

    def landing_draw(self, u: int, q: int, attempt: int) -> int:
        return address(self.A(u, q), draws.LANDING, attempt)

    def answer(self, u: int, q: int, attempt: int, is_served: bool) -> None:
        """Serve or refuse one request."""
        user, t = self.users[u], self.minute
        story, brand = user.stories[self.names[q]], self.messages[q].brand
        self.count(q, "requests")
        self.a = (self.a + fold(self.landing_draw(u, q, attempt), t << 1 | is_served)) & MASK
        self.tally["retry"] += int(attempt > 0)
        if is_served:
            self.tally["served"] += 1
            story.flags = story.flags & ~REQUESTED | CONVERTED
            self.count(q, "converts")
            self.served[q].append(t)
            return
        self.count(q, "refused")
        self.tally["refused"] += 1
        if brand is not None:
            self.lose_trust(user, brand, self.fixed("trust.refused_loss"))
        if draw(address(self.A(u, q), draws.RETRY, attempt)) < prob(self.cells["landing.retry"]):
            self.requests[t + 1440].append((u, q, attempt + 1))
        else:
            story.flags &= ~REQUESTED

    # -- step 5: triggers ------------------------------------------------------------------

    def look_at_triggers(self) -> None:
        for number, intervention in enumerate(self.scenario.interventions):
            trigger = intervention.trigger
            if trigger is None or number in self.fired:
                continue
            if self.quantity(trigger.quantity, self.names.index(trigger.message)) > trigger.above:
                self.fired.add(number)
                self.begins[self.minute + 1].append(number)
                self.tally["trigger fired"] += 1

    def quantity(self, name: str, q: int) -> float:
        """What a trigger looks at, after the minute."""
        if name == "organic_share":
            return self.organic_share(q)
        if name == "reach_share":
            return self.counts[q]["reach"] / len(self.users)
        if name == "complaints_per_1000":
            delivered = self.counts[q]["delivered"]
            return 1000 * self.counts[q]["complaints"] / delivered if delivered else 0.0
        adopters = 0
        for other, message in enumerate(self.messages):
            if message.kind == "counter" and message.about == self.names[q]:
                c = self.counts[other]
                adopters += c["forwards"] + c["seeds"] + c["counter_starts"]
        return adopters / len(self.users)

    # -- the end ---------------------------------------------------------------------------

    def result(self) -> ReferenceRun:
        for q, name in enumerate(self.names):
            stories = [u.stories[name] for u in self.users]
            for story in stories:
                if story.deceived_at is not None:
                    end = self.horizon if story.corrected_at is None else story.corrected_at
                    self.count(q, "deceived_minutes", end - story.deceived_at)
        n_deliveries = sum(c["delivered"] for c in self.counts)
        n_censored = sum(c["censored"] for c in self.counts)
        words = (self.run_seed, self.a, self.b, self.c, n_deliveries, n_censored)
        digest = hashlib.sha256(b"".join(w.to_bytes(8, "little") for w in words)).hexdigest()
        self.minute = self.horizon
        brands = self.scenario.brands
        return ReferenceRun(
            digest=digest,
            deliveries=[row for _, row in sorted(self.log)],
            adoptions=[row for _, row in sorted(self.adoption_log)],
            totals=self.snapshot(),
            series=self.series,
            state=[[self.word(u, q) for q in range(len(self.names))] for u in self.users],
            distrust=[[self.distrust(u, b) for b in brands] for u in self.users],
            tally=self.tally,
        )

    def word(self, user: User, q: int) -> int:
        story = user.stories[self.names[q]]
        return user.match[self.messages[q].topic] | story.n << 12 | story.r << 15 | story.flags


class Decisions:
    """Steps 4 to 8 of one delivery."""

    def __init__(self, run: Reference, user: User, parcel: Parcel, story: Story, S: int):
        self.run, self.user, self.parcel, self.story, self.S = run, user, parcel, story, S
        self.q = parcel.message
        self.message = run.messages[self.q]
        self.name = run.names[self.q]
        self.channel = CHANNELS[parcel.channel]
        self.occasion = parcel.repeat << 8
        self.is_read = False

    def take(self) -> int:
        """All decisions in order; returns the outcome bits."""
        outcome = WAS_READ if self.read() else IGNORED
        detected = converted = forwarded = False
        if self.is_read:
            detected = self.detect()
            converted = self.convert()
            forwarded = self.forward()
        reaction, installs = self.react()
        return (
            outcome
            | detected << 2
            | converted << 3
            | forwarded << 4
            | reaction << 5
            | installs << 7
        )

    def chance(self, decision: str, channel: str) -> int:
        """Probability of a decision in units of 2**-32."""
        values = self.variables()
        made = self.run.terms(decision, self.user, self.parcel, channel)
        log_odds = sum(term.value(values) for term in made)
        return exact.sigmoid(log_odds)

    def variables(self) -> dict[str, int]:
        """The table of variables in ``docs/exactness.md``."""
        user, flags = self.user, self.story.flags
        tie = main_rule.tie_value(self.parcel.level)
        is_aware = int(bool(flags & AWARE))
        about = self.message.about
        taken_in = about is not None and user.stories[about].flags & (DECEIVED | DETECTED)
        return {
            "tie": tie,
            "fatigue": user.fatigue,
            "repeats": max(0, self.story.r - 2),
            "skill": user.kappa,
            "senders": main_rule.senders_value(max(1, self.story.n)),
            "match": user.match[self.message.topic],
            "aware": is_aware,
            "paid_distance": (1 << 16) - tie if self.parcel.flags & PAID else 0,
            "distrust": self.run.distrust(user, self.message.brand),
            "threat": user.eta,
            "reputation": user.rho,
            "reputation_aware": user.rho if is_aware else 0,
            "deceived": int(bool(taken_in)),
            "was_read": int(self.is_read),
        }

    def read(self) -> bool:
        run = self.run
        if self.message.phishing:
            self.is_read = True
            run.tally["phishing read"] += 1
        else:
            luck = draw(fold(self.S, self.occasion | draws.READ))
            self.is_read = luck < self.chance("read", self.channel)
        if not self.is_read:
            run.tally["ignored"] += 1
            return False
        run.tally["read"] += 1
        run.count(self.q, "readings")
        if not self.story.flags & READ:
            run.count(self.q, "readers")
        self.story.flags |= READ
        if self.message.about is not None:
            self.learn_the_truth(run.names.index(self.message.about))
        return True

    def learn_the_truth(self, about: int) -> None:
        """Reading a counter-message or a correction (step 4)."""
        run, original = self.run, self.run.messages[about]
        for q, message in enumerate(run.messages):
            is_variant = (
                message.kind == "message"
                and message.brand is not None
                and (message.brand, message.topic) == (original.brand, original.topic)
                and message.is_deceptive
            )
            if q == about or is_variant:
                run.become_aware(self.user, q)
                run.tally["variant"] += int(q != about)
        if self.message.kind != "counter" or original.brand is None:
            return
        loss = run.cells["trust.counter_loss"]
        if loss > 0:
            run.lose_trust(self.user, original.brand, int(exact.to_fixed(loss, 20)))
        spilled = int(exact.to_fixed(loss * run.cells["trust.spill"], 20))
        if original.category is None or spilled == 0:
            return
        trade = {m.brand for m in run.messages if m.brand and m.category == original.category}
        for brand in sorted(trade - {original.brand}):
            run.tally["spill-over"] += 1
            run.lose_trust(self.user, brand, spilled)

    def detect(self) -> bool:
        run, story = self.run, self.story
        if not self.message.is_deceptive or story.flags & AWARE:
            return False
        luck = draw(fold(self.S, self.occasion | draws.DETECT))
        if luck < self.chance("detect", self.channel):
            run.tally["detected"] += 1
            run.count(self.q, "detections")
            story.flags |= DETECTED
            run.become_aware(self.user, self.q)
            return True
        if not story.flags & DECEIVED:
            story.deceived_at = run.minute
            run.count(self.q, "deceived")
            run.tally["deceived"] += 1
        story.flags |= DECEIVED
        return False

    def convert(self) -> bool:
        run, flags, message = self.run, self.story.flags, self.message
        if not message.is_convertible or flags & (CONVERTED | REQUESTED):
            return False
        if message.phishing and flags & AWARE:
            run.tally["the aware do not fall"] += 1
            return False
        luck = draw(fold(self.S, self.occasion | draws.CONVERT))
        if not luck < self.chance("fall" if message.phishing else "convert", self.channel):
            return False
        if message.is_campaign:
            d = message.ad_intensity
            forgets = prob(1 - d / (d + run.cells["recall.half"]))
            if draw(fold(self.S, self.occasion | draws.VETO)) < forgets:
                run.tally["recall veto"] += 1
                return False
        if run.vetoed("convert", self.user, self.q, self.channel, self.S, self.occasion):
            run.tally["convert veto"] += 1
            return False
        if run.capacity(self.q) is None:
            self.story.flags |= CONVERTED
            run.count(self.q, "converts")
            run.tally["fell" if message.phishing else "converted"] += 1
        else:
            self.story.flags |= REQUESTED
            run.requests[run.minute].append((self.user.number, self.q, 0))
            run.tally["requested"] += 1
        return True

    def forward(self) -> bool:
        run, user = self.run, self.user
        if self.story.flags & FORWARDED:
            return False
        channel = run.out_channel(user, self.q)
        if channel is None:
            run.tally["no channel"] += 1
            return False
        if user.role == "leader" and user.match[self.message.topic] < HALF_INTEREST:
            run.tally["leader refuses"] += 1
            return False
        if not draw(fold(self.S, draws.FORWARD)) < self.chance("forward", channel):
            return False
        if run.vetoed("forward", user, self.q, channel, self.S, 0):
            run.tally["forward veto"] += 1
            run.count(self.q, "vetoed_forwards")
            return False
        run.tally["forwarded"] += 1
        by_brand = int(self.parcel.source < 0)
        run.tally["forwarded after a brand's delivery"] += by_brand
        self.adopt(self.q, self.parcel.source, 0, by_brand)
        run.count(self.q, "forwards")
        return True

    def adopt(self, q: int, source: int, kind: int, by_brand: int) -> None:
        self.user.stories[self.run.names[q]].flags |= FORWARDED
        number = self.user.number
        self.run.adoptions_now.append(Adoption(number, source, q, None, kind, by_brand))

    def react(self) -> tuple[int, bool]:
        """What she does against it, and whether she installs a filter."""
        run, story = self.run, self.story
        if story.flags & REACTED:
            return 0, False
        luck = draw(fold(self.S, self.occasion | draws.REACT))
        if not luck < self.chance("react", self.channel):
            return 0, False
        story.flags |= REACTED
        kind = self.kind_of_reaction()
        counter = self.counter_message()
        if kind == COUNTERS and counter is None:
            kind = COMPLAINS
        if kind == OPTS_OUT:
            return kind, self.opt_out()
        if kind == COMPLAINS:
            run.count(self.q, "complaints")
            run.tally["complaint"] += 1
        elif counter is not None:
            self.start_counter(counter)
        return kind, False

    def kind_of_reaction(self) -> int:
        cells = self.run.cells
        if self.story.flags & AWARE:
            first = cells["reaction.opt_out_aware"]
            second = first + cells["reaction.complain_aware"]
        else:
            first, second = cells["reaction.opt_out"], 1.0
        d = draw(fold(self.S, self.occasion | draws.REACTION))
        return OPTS_OUT if d < prob(first) else COMPLAINS if d < prob(second) else COUNTERS

    def counter_message(self) -> int | None:
        """The first counter-message about this message in the file."""
        for q, message in enumerate(self.run.messages):
            if message.kind == "counter" and message.about == self.name:
                return q
        return None

    def opt_out(self) -> bool:
        run = self.run
        self.user.opted_out.add(run.opt_out_name(self.q))
        if self.message.brand is None:
            self.story.flags |= OPTED_OUT
        run.count(self.q, "opt_outs")
        run.tally["opt-out"] += 1
        luck = draw(fold(self.S, self.occasion | draws.FILTER))
        if luck < prob(run.cells["reaction.filter"]):
            self.user.has_filter = True
            run.count(self.q, "filters")
            run.tally["filter installed"] += 1
            return True
        return False

    def start_counter(self, counter: int) -> None:
        run = self.run
        if self.user.stories[run.names[counter]].flags & FORWARDED:
            run.tally["counter begun before"] += 1
            return
        run.count(counter, "counter_starts")
        run.tally["counter started"] += 1
        self.adopt(counter, -1, 2, 0)
