"""The slow, obvious simulator: ``docs/exactness.md`` in plain Python, one step after another.

It shares with the compiled kernel only what fixes the numbers: the integer tables
(`viralbots.exact`), the addressed draws (`viralbots.draws`), the decision table
(`main_rule.terms`) and the translation of interventions into levers. Everything else, above
all the order of events, is written here a second time, with objects, dicts and lists.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass

from tests.reference_decisions import Decisions
from tests.reference_landing import landing
from tests.reference_levers import Active, Occasion, adjusted_cells, bots_of, is_member, vetoed
from tests.reference_members import new_members
from tests.reference_schedule import boundary_actions, look_at_triggers, plan_interventions
from tests.reference_sends import send
from tests.reference_streams import Stream, emissions
from tests.reference_users import (
    FOOTER,
    GROUP,
    MASK,
    STOPPED,
    UNIT,
    WAS_READ,
    Adoption,
    Decided,
    Parcel,
    User,
    make_users,
)
from viralbots import draws, exact
from viralbots.draws import fold
from viralbots.interventions.levers import Bots, Chosen, Lever
from viralbots.rules import main_rule
from viralbots.rules.main_rule import Term
from viralbots.scenario import Scenario
from viralbots.trace import AWARE, CORRECTED, COUNTS, DECEIVED, HEARD
from viralbots.world.message import Message, message_id
from viralbots.world.world import CHANNELS, World


@dataclass
class ReferenceRun:
    """Everything of a run that a `Trace` can be compared with.

    Attributes
    ----------
    deliveries : list of tuple
        (minute, user, source, outcome, repeat, message, channel, level, flags) in the order
        of (minute, user, message, sender key, channel, repeat, flags).
    adoptions : list of tuple
        (minute, user, source, n_sent, message, channel, kind, by_brand, hops, mark) in the
        order of (minute, user key, message).
    converts : list of tuple
        (minute, user, source, message, channel, hops) in the same order.
    totals, series : list
        Counts per message in the order of `COUNTS`; the series also per hour.
    state : list of list of int
        State word per user and message, as in `Trace.state`.
    distrust : list of list of int
        Per user and brand.
    marks : list of int
        As in `Trace.marks`.
    tally : Counter
        How often each mechanism occurred.
    """

    digest: str
    deliveries: list[tuple[int, ...]]
    adoptions: list[tuple[int, ...]]
    converts: list[tuple[int, ...]]
    totals: list[list[int]]
    series: list[list[list[int]]]
    state: list[list[int]]
    distrust: list[list[int]]
    marks: list[int]
    tally: Counter[str]


def simulate_reference(
    scenario: Scenario, world: World, seed: int, replicate: int = 0
) -> ReferenceRun:
    """Run a scenario slowly; must agree with `viralbots.engine.simulate.simulate`."""
    return Reference(scenario, world, draws.run_seed(seed, replicate)).run()


class Reference:
    """State of one run; `run` is the loop over minutes."""

    def __init__(self, scenario: Scenario, world: World, run_seed: int):
        self.scenario, self.run_seed, self.horizon = scenario, run_seed, scenario.horizon
        self.cells, self.actors = scenario.cells, scenario.actors
        self.names = list(scenario.messages)
        self.messages: list[Message] = list(scenario.messages.values())
        self.M = [fold(run_seed, message_id(name)) for name in self.names]
        self.base = self.fixed("fatigue.base")
        self.users = make_users(world, {m.topic for m in self.messages}, self.base)
        self.minute = 0
        self.arrivals: dict[int, list[tuple[int, Parcel]]] = defaultdict(list)
        self.requests: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self.emissions: dict[int, list[tuple[Stream, int]]] = defaultdict(list)
        self.adoptions_now: list[Adoption] = []
        self.new_members: list[tuple[int, int, Decided]] = []
        self.served: list[list[int]] = [[] for _ in self.names]
        self.active: list[Active] = []
        self.begins: dict[int, list[int]] = defaultdict(list)
        self.ends: dict[int, list[int]] = defaultdict(list)
        self.holding: dict[int, int] = {}
        self.repeating: set[int] = set()
        self.thresholds: dict[str, float] = {}
        self.fired: set[int] = set()
        self.begun: set[int] = set()
        self.counts = [Counter[str]() for _ in self.names]
        self.tally: Counter[str] = Counter()
        self.a = self.b = self.c = 0
        self.log: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        self.adoption_log: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        self.convert_log: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        self.series: list[list[list[int]]] = [self.snapshot()]
        self.cell_cache: dict[tuple[Lever, ...], tuple[tuple[str, float], ...]] = {}
        self.term_cache: dict[tuple[object, ...], list[Term]] = {}
        self.wait_tables: dict[tuple[str, str], list[int]] = {}
        self.interval_tables: dict[float, list[int]] = {}
        self.chosen_cache: dict[Chosen, frozenset[int]] = {}
        self.population_seed = world.population.seed
        self.fan_out = main_rule.fan_out_table(self.cells)
        self.levers: list[list[Active]] = []
        plan_interventions(self)

    def fixed(self, cell: str) -> int:
        """A constant of the rule in units of 2**-20."""
        return int(exact.to_fixed(self.cells[cell], exact.LOG_ODDS_BITS))

    def count(self, q: int, name: str, amount: int = 1) -> None:
        """Add to one of `COUNTS` of message q."""
        self.counts[q][name] += amount

    def snapshot(self) -> list[list[int]]:
        """The counts so far, per message in the order of `COUNTS`."""
        return [[counts[name] for name in COUNTS] for counts in self.counts]

    def A(self, u: int, q: int) -> int:
        """Address of user u and message q."""
        return fold(self.M[q], self.users[u].key)

    def S(self, u: int, q: int, sender_key: int) -> int:
        """Address of user u, message q and the sender."""
        return fold(self.A(u, q) ^ draws.SENDER, sender_key)

    def opt_out_name(self, q: int) -> str:
        """What a user opts out of: the brand of q, or q itself where it has none."""
        brand = self.messages[q].brand
        return f"brand {brand}" if brand else f"message {q}"

    def distrust(self, user: User, brand: str | None) -> int:
        """Distrust now: halves in 30 days since the last loss."""
        if brand is None or brand not in user.distrust:
            return 0
        value, at = user.distrust[brand]
        return exact.halve(value, (self.minute - at) // 30)

    def lose_trust(self, user: User, brand: str, amount: int) -> None:
        """Write a loss down; even one of 0 sets the time from which it halves."""
        self.tally["trust lost"] += 1
        now = self.distrust(user, brand)
        user.distrust[brand] = (min(UNIT, now + amount), self.minute)

    def become_aware(self, user: User, q: int) -> None:
        """Set AWARE, and CORRECTED where the message had deceived her."""
        story = user.stories[self.names[q]]
        if story.flags & AWARE:
            return
        story.flags |= AWARE
        if story.flags & DECEIVED:
            story.flags |= CORRECTED
            story.corrected_at = self.minute
            self.count(q, "corrected")
            self.tally["corrected"] += 1

    def run(self) -> ReferenceRun:
        """All minutes, each in the six steps of ``docs/exactness.md``."""
        for minute in range(self.horizon):
            self.minute = minute
            boundary_actions(self)
            arrived = sorted(self.arrivals.pop(self.minute, []))
            if len({u for u, _ in arrived}) < len(arrived):
                self.tally["two deliveries to one user in one minute"] += 1
            for u, parcel in arrived:
                self.deliver(self.users[u], parcel)
            for adoption in self.adoptions_now:
                send(self, adoption)
            self.adoptions_now = []
            emissions(self)
            landing(self)
            new_members(self)
            look_at_triggers(self)
            if (self.minute + 1) % 60 == 0:
                self.series.append(self.snapshot())
        if self.horizon % 60:
            self.series.append(self.snapshot())
        return self.result()

    def deliver(self, user: User, parcel: Parcel) -> None:
        """Steps 1 to 3 and 9 of one delivery; the rest is `Decisions`."""
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
            is_bot = bool(bots_of(self, user))
            if not is_bot:
                self.count(q, "reach", int(not story.flags & HEARD))
                story.flags |= HEARD
            outcome = Decisions(self, user, parcel, story, S).take()
            user.fatigue = min(
                self.fixed("fatigue.max"), user.fatigue + self.fixed("fatigue.step")
            )
            if outcome & 3 == WAS_READ and not is_bot:
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
        """Step 1: whether nothing happens."""
        q = parcel.message
        if user.is_removed:
            self.tally["stopped: removed"] += 1
        elif self.opt_out_name(q) in user.opted_out:
            self.tally["stopped: opted out"] += 1
        elif user.has_filter and self.messages[q].brand is not None:
            self.tally["stopped: filter"] += 1
        elif vetoed(
            self, "deliver", user, q, CHANNELS[parcel.channel],
            Occasion(S, parcel.repeat << 8, parcel.flags),
        ):  # fmt: skip
            self.tally["stopped: veto"] += 1
        else:
            return False
        return True

    def terms(self, decision: str, user: User, parcel: Parcel, channel: str) -> list[Term]:
        """Terms of a decision; in a group chat or a footer with its own constant."""
        q, novelty = parcel.message, self.novelty(parcel.message)
        pairs = adjusted_cells(self, user, q, channel)
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

    def result(self) -> ReferenceRun:
        """Close the accounts at the horizon."""
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
            converts=[row for _, row in sorted(self.convert_log)],
            totals=self.snapshot(),
            series=self.series,
            state=[[self.word(u, q) for q in range(len(self.names))] for u in self.users],
            distrust=[[self.distrust(u, b) for b in brands] for u in self.users],
            marks=[self.mark(u) for u in self.users],
            tally=self.tally,
        )

    def mark(self, user: User) -> int:
        """Bits of `Trace.marks`; a bot is whoever was one at some minute."""
        began = [a for number in self.begun for a in self.levers[number]]
        bots = [a.lever for a in began if isinstance(a.lever, Bots)]
        is_bot = any(is_member(self, user, lever.users) for lever in bots)
        return user.is_paid | is_bot << 1 | user.is_removed << 2

    def word(self, user: User, q: int) -> int:
        """A user and message as in `Trace.state`."""
        story = user.stories[self.names[q]]
        return user.match[self.messages[q].topic] | story.n << 12 | story.r << 15 | story.flags
