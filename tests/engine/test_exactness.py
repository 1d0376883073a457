"""The compiled kernel and the slow reference agree exactly, delivery by delivery."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.random_worlds import random_case
from tests.reference import ReferenceRun, simulate_reference
from tests.reference_users import IGNORED, STOPPED, WAS_READ
from viralbots.engine.simulate import simulate
from viralbots.trace import (
    ADOPTION,
    CONVERT,
    CONVERTED,
    COUNTER_START,
    COUNTS,
    DECIDED,
    DELIVERY,
    FORWARDED,
    INVOLUNTARY,
    LEVELS,
    MUTATED,
    SEED,
    Trace,
)
from viralbots.world.world import World

N_CASES = 520
CHUNK = 10
NO_CHANNEL = 255
OFTEN = 10  # each mechanism must have occurred so many times

MECHANISMS = (
    "read", "ignored", "phishing read", "third reading", "n at its limit",
    "stopped: opted out", "stopped: filter", "stopped: removed", "stopped: veto",
    "detected", "deceived", "corrected", "variant",
    "converted", "fell", "the aware do not fall", "recall veto", "convert veto",
    "forwarded", "forwarded after a brand's delivery", "forward veto", "leader refuses",
    "no channel", "adopter without a channel", "removed before sending",
    "quota obeyed", "limit binding", "group", "attempts used up", "not back to the source",
    "delivered by im", "delivered by email", "delivered by sms", "delivered by forum",
    "delivered by blog", "delivered by video", "paid", "censored",
    "wave by users", "wave by operator", "wave by brand", "wave left out", "brand delivery",
    "seed has adopted before", "leak", "correction sent",
    "opt-out", "filter installed", "complaint", "counter started", "counter begun before",
    "trust lost", "spill-over", "requested", "served", "refused", "retry",
    "trigger fired", "lever ended", "Adjustment starts", "Veto starts", "Limit starts",
    "Capacity starts", "event aware", "event remove", "event trust", "event opt_out",
    "novelty fades", "two deliveries to one user in one minute",
    "sent from her account", "from her account to all", "from her account to some",
    "from her account, not to the source", "keeps her address book",
    "it is sent from her account", "members only", "nobody forwards a footer",
    "rides with her", "carry emitted", "carry without a channel", "member passes nothing on",
    "remind emitted", "remind ended", "remind without a channel", "last of a stream",
    "post emitted", "post ended", "post without a channel", "look emitted", "look ended",
    "delivered by web", "emission left out", "stream of a removed user",
    "removed before posting",
    "mutated", "variant passed on before", "contacts use it", "contacts use a rival",
    "wave by members", "is a member or gone", "hijacked", "to contacts", "chosen for the world",
    "delivery to a bot", "bot forwarded", "bot by two levers", "mark of a bot", "infiltrated",
    "infiltrates itself", "three hops", "limit after hops", "limit only after more hops",
    "veto sees a mark", "veto sees no mark", "event repeated", "event suspend", "came back",
    "still removed", "event for who has passed it on", "capacity raised", "Bots starts",
    "RateLimit starts", "trigger refused_share", "trigger converts_share", "trigger by chance",
)  # fmt: skip


@cache
def reference_of(number: int) -> ReferenceRun:
    """The reference's run of a case; kept, since it is the slow half of several tests."""
    scenario, world = random_case(number)
    return simulate_reference(scenario, world, number)


def logged(trace: Trace, world: World) -> list[tuple[int, ...]]:
    """The deliveries of a trace in the order of the reference's."""
    assert trace.deliveries is not None
    log, key = trace.deliveries, world.population.key
    sender = np.where(log["source"] < 0, np.uint64(2**64 - 1), key[log["source"]])
    columns = (log["repeat"], log["channel"], sender, log["message"], log["user"], log["minute"])
    last = (log["outcome"], log["level"], log["flags"])
    rows = log[np.lexsort((*last, *columns))].tolist()
    return [tuple(int(value) for value in row) for row in rows]


def assert_equal(trace: Trace, reference: ReferenceRun, world: World) -> None:
    """Everything that both simulators know."""
    assert DELIVERY.names == ("minute", "user", "source", "outcome", "repeat", "message",
                              "channel", "level", "flags")  # fmt: skip
    assert ADOPTION.names == ("minute", "user", "source", "n_sent", "message", "channel",
                              "kind", "by_brand", "hops", "mark")  # fmt: skip
    assert CONVERT.names == ("minute", "user", "source", "message", "channel", "hops")
    assert logged(trace, world) == reference.deliveries
    assert [tuple(map(int, row)) for row in trace.adoptions.tolist()] == reference.adoptions
    assert [tuple(map(int, row)) for row in trace.converts.tolist()] == reference.converts
    marks = [0] * world.n_users if trace.marks is None else trace.marks.tolist()
    assert marks == reference.marks
    named = [dict(zip(COUNTS, row, strict=True)) for row in trace.totals.tolist()]
    assert named == [dict(zip(COUNTS, row, strict=True)) for row in reference.totals]
    assert trace.state is not None
    assert trace.state.tolist() == reference.state
    n_brands = len(trace.brands)
    assert trace.distrust[:, :n_brands].tolist() == reference.distrust
    assert trace.digest == reference.digest


@pytest.mark.parametrize("first", range(0, N_CASES, CHUNK))
def test_kernel_and_reference_agree_delivery_by_delivery(first: int) -> None:
    for number in range(first, first + CHUNK):
        scenario, world = random_case(number)
        reference = reference_of(number)
        trace = simulate(scenario, number, world=world, level="deliveries")
        assert_equal(trace, reference, world)


@pytest.mark.parametrize("first", range(0, N_CASES, 10 * CHUNK))
def test_the_hourly_series_agree(first: int) -> None:
    known = [column for column, name in enumerate(COUNTS) if name != "deceived_minutes"]
    for number in range(first, first + CHUNK):
        scenario, world = random_case(number)
        reference = np.array(reference_of(number).series)
        series = simulate(scenario, number, world=world).series
        assert np.array_equal(series[:, :, known], reference[:, :, known])


@pytest.mark.parametrize("number", range(0, N_CASES, 30))
def test_the_digest_is_the_same_at_every_level(number: int) -> None:
    scenario, world = random_case(number)
    digests = {simulate(scenario, 5, world=world, level=level).digest for level in LEVELS}
    assert len(digests) == 1


@settings(max_examples=25, deadline=None)
@given(
    number=st.integers(N_CASES, 10**6),
    seed=st.integers(0, 2**63 - 1),
    replicate=st.integers(0, 2**31),
)
def test_they_agree_for_any_case_seed_and_replicate(
    number: int, seed: int, replicate: int
) -> None:
    scenario, world = random_case(number)
    reference = simulate_reference(scenario, world, seed, replicate)
    trace = simulate(scenario, seed, replicate=replicate, world=world, level="deliveries")
    assert_equal(trace, reference, world)


@pytest.mark.parametrize("first", range(0, N_CASES, 10 * CHUNK))
def test_nothing_is_lost_and_nothing_invented(first: int) -> None:
    for number in range(first, first + CHUNK):
        reference = reference_of(number)
        assert {row[3] & 3 for row in reference.deliveries} <= {STOPPED, IGNORED, WAS_READ}
        for q, row in enumerate(reference.totals):
            total = dict(zip(COUNTS, row, strict=True))
            kinds = Counter(a[6] for a in reference.adoptions if a[4] == q)
            adopters = [a[1] for a in reference.adoptions if a[4] == q]
            has = Counter(bit for word in reference.state for bit in _flags(word[q]))
            arrived = sum(d[5] == q for d in reference.deliveries)
            assert total["delivered"] == arrived == total["sent"] - total["censored"]
            assert total["emitted"] <= total["sent"]
            assert len(adopters) == len(set(adopters)) == has[FORWARDED] - total["mutations"]
            assert total["forwards"] == kinds[DECIDED] + kinds[MUTATED]
            assert total["involuntary"] == kinds[INVOLUNTARY]
            assert total["counter_starts"] == kinds[COUNTER_START]
            joined = [c for c in reference.converts if c[3] == q]
            assert len({c[1] for c in joined}) == has[CONVERTED]
            assert total["converts"] == sum(c[4] != NO_CHANNEL for c in joined)
            assert total["seeds"] == kinds[SEED] + sum(c[4] == NO_CHANNEL for c in joined)


def _flags(word: int) -> list[int]:
    return [flag for flag in (FORWARDED, CONVERTED) if word & flag]


def test_every_mechanism_occurs_in_the_cases() -> None:
    tally: Counter[str] = Counter()
    for number in range(N_CASES):
        tally += reference_of(number).tally
    rare = {name: tally[name] for name in MECHANISMS if tally[name] < OFTEN}
    assert not rare, f"occurred fewer than {OFTEN} times: {rare}"
