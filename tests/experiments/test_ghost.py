"""The same run without something: what differs has a cause, and all the rest is the same."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

from tests.experiments.mechanisms import bots, case, mechanism, variants
from viralbots import exact
from viralbots.errors import ExperimentError, ScenarioError
from viralbots.experiments.ghost import DID, Ghost, ghost_of, ghost_run
from viralbots.experiments.ghost_reasons import (
    Parting,
    Reasons,
    deliveries_of,
    parting_of,
    reasons,
    reasons_of,
)
from viralbots.experiments.ghost_words import arithmetic, summary, tell, without_words
from viralbots.interventions.bots import BOTS
from viralbots.scenario import Scenario
from viralbots.trace import FORWARDED, PAID

OPENLY = {"message.disguise": 0.0}


def writers() -> Scenario:
    """150 paid writers praise something on a video site and hide that they are paid."""
    buzz = {"brand": "k", "sponsored": False, "disguise": 0.8, "value": 0.6, "arousal": 0.6,
            "offer": "trial", "channels": {"video": 1.0}}  # fmt: skip
    truth = {"kind": "counter", "about": "buzz", "arousal": 0.6, "channels": {"forum": 1.0}}
    return mechanism(
        {"buzz": buzz, "truth": truth},
        [{"message": "buzz", "count": 150, "paid": True}],
        network={"n_users": 2500},
        rule={"cells": {"forward.const": -2.6, "detect.const": -2.0}},
    )


@cache
def openly() -> Ghost:
    return ghost_run(writers(), 5, OPENLY)


@cache
def unlike() -> dict[int, Reasons]:
    """Ten people who fared otherwise because the writers hide that they are paid."""
    ghost, users = openly(), dict[int, None]()
    for word in ("forwarded", "converted", "complained", "read", "deceived"):
        for found in (ghost.only_because(word), ghost.only_without(word)):
            users.update(dict.fromkeys(found[:2].tolist()))
    return reasons_of(ghost, list(users)[:10])


@cache
def without_bots(kind: str) -> Ghost:
    scenario, world, _ = case(kind)
    return ghost_run(scenario, 5, "bots", world=world)


def partings(ghost: Ghost) -> list[Parting]:
    return [parting_of(ghost, user) for user in range(ghost.world.n_users)]


# -- exactness -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BOTS)
def test_whatever_differs_without_the_bots_began_with_one_of_them(kind: str) -> None:
    ghost = without_bots(kind)
    found = partings(ghost)
    assert {p.kind for p in found} >= {"arrival"}
    for parting in found:
        if parting.kind == "never":
            here, there = deliveries_of(ghost, parting.user)
            assert here.tobytes() == there.tobytes()
        if parting.kind == "decision":  # the same question has the same answer
            pytest.fail(f"user {parting.user} decided otherwise with nothing different before")
        if parting.kind == "arrival" and parting.source is not None:
            sender = found[parting.source]
            assert sender.kind != "never" and sender.minute is not None
            assert parting.minute is not None and sender.minute < parting.minute


def test_people_whom_hidden_pay_does_not_touch_have_the_same_run_byte_for_byte() -> None:
    ghost = openly()
    found = partings(ghost)
    same = [p.user for p in found if p.kind == "never"]
    assert 300 < len(same) < 2500
    for user in same:
        here, there = deliveries_of(ghost, user)
        assert here.tobytes() == there.tobytes()
    for parting in (p for p in found if p.kind == "arrival"):
        assert parting.source is not None and parting.minute is not None
        sender = found[parting.source]
        assert sender.minute is not None and sender.minute < parting.minute


def test_where_nobody_is_paid_only_the_mark_and_what_it_does_differ() -> None:
    ghost = ghost_run(writers(), 5, "paid")
    assert ghost.real.deliveries is not None and ghost.other.deliveries is not None
    assert not (ghost.other.deliveries["flags"] & PAID).any()
    kinds = [p.kind for p in partings(ghost)]
    assert kinds.count("herself") == 150
    assert len(ghost.only_without("converted")) > len(ghost.only_because("converted"))


def test_an_intervention_left_out_re_rolls_no_other() -> None:
    half = {"kind": "filter", "strength": 0.5}
    one, two = ({"kind": "disclosure", "share": 0.3, "start": start} for start in (0, 300))
    lie = {"is_false": True, "arousal": 0.8, "channels": {"im": 1.0}}
    scenario = mechanism(
        {"lie": lie}, [{"message": "lie", "count": 10}], interventions=[one, half, two]
    )
    ghost = ghost_of(scenario, "intervention:0")
    assert len(ghost.interventions) == 3
    assert ghost.interventions[0].start == scenario.horizon
    assert ghost.interventions[1:] == scenario.interventions[1:]
    assert any(ghost_run(scenario, 5, "intervention:0").counts().values())
    again = ghost_run(ghost, 5, "intervention:0")  # it never comes in either of them
    assert again.real.digest == again.other.digest


def test_a_wave_left_out_never_comes() -> None:
    ghost = ghost_run(variants(), 5, "wave:0")
    assert ghost.real.flag(FORWARDED).any() and not ghost.other.flag(FORWARDED).any()
    assert len(ghost.only_because("heard")) == ghost.real.total("reach", 0) + np.sum(
        ghost.real.flag(1 << 20, 1) & ~ghost.real.flag(1 << 20, 0)
    )


# -- ten people ----------------------------------------------------------------------------


def test_ten_people_are_told_at_which_delivery_the_runs_part_and_why() -> None:
    found = unlike()
    assert len(found) == 10
    for user, why in found.items():
        assert why.parting.kind in ("arrival", "decision") and why.delivery is not None
        assert why.turned and (why.only_because or why.only_without)
        assert why.delivery.minute == why.parting.minute <= why.turned[-1].delivery.minute
        both = [{(d.minute, d.source, d.message, d.fate) for d in story.deliveries}
                for story in (why.real, why.other)]  # fmt: skip
        at = why.delivery
        if why.parting.place != "both":
            sides = [(at.minute, at.source, at.message) in {x[:3] for x in side} for side in both]
            assert sides == [why.parting.place == "real", why.parting.place == "other"]
        earlier = [{x for x in side if x[0] < at.minute} for side in both]
        assert earlier[0] == earlier[1], user


def test_the_same_draw_and_other_terms_turn_a_decision() -> None:
    pairs = [t for why in unlike().values() for t in why.turned if t.real and t.other]
    assert pairs
    for turned in pairs:
        assert turned.real is not None and turned.other is not None
        assert turned.real.draw == turned.other.draw
        assert turned.real.outcome != turned.other.outcome
        gap = sum(a - b for _, a, b in turned.differing)
        assert gap == turned.real.log_odds - turned.other.log_odds
        for one in (turned.real, turned.other):
            assert one.succeeded == (one.draw < exact.sigmoid(one.log_odds))


def test_a_way_leads_back_to_somebody_who_began_to_differ() -> None:
    ghost = without_bots("amplifier")
    long = [u for u in range(ghost.world.n_users) if parting_of(ghost, u).kind == "arrival"]
    ways = [way for why in reasons_of(ghost, long[:20]).values() if (way := why.way)]
    assert any(len(way) > 1 for way in ways)
    for way in ways:
        assert parting_of(ghost, way[-1]).kind == "herself"
        assert all(parting_of(ghost, user).kind == "arrival" for user in way[:-1])


# -- words ---------------------------------------------------------------------------------


def test_everything_is_said_in_plain_sentences_of_both_languages() -> None:
    ghost, allowed = openly(), {"message", "disguise", "buzz", "truth", "k"}
    for why in unlike().values():
        en, zh = tell(why, ghost, "en"), tell(why, ghost, "zh")
        assert len(en) == len(zh) >= 3
        assert "with message.disguise at 0" in " ".join(
            en
        ) and "如果message.disguise为0" in "".join(zh)
        assert all(line.endswith(".") for line in en) and all(line.endswith("。") for line in zh)
        rest = "".join(zh)
        for line in en[:2]:  # names stand in both
            for name in re.findall(r"[A-Z][\w'-]+", line):
                rest = rest.replace(name, "")
        words = set(re.findall(r"[a-z]{2,}", rest, re.ASCII))
        assert not {word for word in words if word not in allowed and word not in " ".join(en)}
        assert all(any(line.startswith("→") for line in arithmetic(t, "zh")) for t in why.turned)
    assert len(summary(ghost, "en")) == len(summary(ghost, "zh")) == len(DID)


def test_who_is_one_of_them_and_who_is_untouched_is_said() -> None:
    ghost = without_bots("spammer")
    kinds = {p.kind: p.user for p in partings(ghost)}
    assert "this is where it begins" in tell(reasons(ghost, kinds["herself"]), ghost)[0]
    assert without_words(ghost, "zh") == "如果没有那些由他人操纵的账号"
    still = ghost_run(variants(), 5, {"message.price": 0.0})
    (line,) = tell(reasons(still, 3), still)
    assert line.endswith("everything would have been the same with message.price at 0.")


def test_what_is_not_there_cannot_be_left_out() -> None:
    with pytest.raises(ExperimentError, match="got 'bots'; give one of: wave:0"):
        ghost_of(variants(), "bots")
    with pytest.raises(ExperimentError, match="the same people, messages and length"):
        ghost_of(bots("spammer"), {"horizon_days": 2})
    with pytest.raises(ExperimentError, match="the same people"):
        ghost_of(bots("spammer"), {"network.n_users": 300})
    with pytest.raises(ScenarioError):
        ghost_of(bots("spammer"), {"message.colour": 1})
    with pytest.raises(ExperimentError, match="got 'sang'"):
        without_bots("spammer").only_because("sang")
