"""A campaign against the mailing that its money would have paid for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.experiments.small import small
from viralbots.engine.simulate import simulate
from viralbots.errors import ExperimentError
from viralbots.experiments.broadcast import against_broadcast, broadcast_of
from viralbots.metrics import evaluate
from viralbots.scenario import Scenario, override
from viralbots.world.assemble import build

OFFER = {"brand": "Acme", "sponsored": False, "value": 0.9, "arousal": 0.9, "ease": 1.0,
         "offer": "none", "price": 30.0, "reward": 1.0, "channels": {"im": 1.0}}  # fmt: skip


def campaign(**money: Any) -> Scenario:
    """Seeds who are paid, a bot net, a footer elsewhere: whatever a mailing has not."""
    costs = {
        "planted": 1.0,
        "brand_delivery": 0.5,
        "fixed": 20.0,
        "per_day": 1.0,
        "per_forward": 0,
    }
    return small(
        messages={"offer": OFFER, "other": {"footer": 1.0, "channels": {"email": 1}}},
        seeding=[{"message": "offer", "count": 60}, {"message": "other", "count": 5}],
        interventions=[{"kind": "capacity", "per_hour": 1}],
        bots=[{"kind": "spammer", "message": "offer", "share": 0.01}],
        rule={"cells": {"convert.const": 0.0}},
        money={"costs": costs, **money},
    )


def test_a_mailing_reaches_whom_it_pays_for_and_nobody_passes_it_on() -> None:
    mailing = broadcast_of(campaign(), 100.0)
    assert mailing.message_names == ("offer",) and not mailing.bots and not mailing.interventions
    run = simulate(mailing, 3)
    assert run.total("sent") == run.total("by_brand") + run.total("censored")
    assert mailing.seeding[0].count == 222  # nine in ten use mail
    assert run.total("sent") == pytest.approx(200, abs=20)
    assert run.total("forwards") == 0 == len(run.adoptions) and run.total("converts") > 0
    value = evaluate(build(mailing.network), run)
    assert value["cost"] == run.total("sent") * 0.5 + 20 + 3


def test_a_mailing_ends_where_there_is_nobody_left() -> None:
    assert broadcast_of(campaign(), 1e6).seeding[0].count == 600
    assert broadcast_of(campaign(), 1e6, n_users=77).seeding[0].count == 77


def test_the_difference_is_that_of_runs_with_the_same_seeds() -> None:
    scenario = campaign()
    found = against_broadcast(scenario, seed=5, replicates=6)
    assert found.budget == pytest.approx(60.0) and found.n_chosen == 133
    difference = found.comparison.treatments[0].differences["profit"]
    world = build(scenario.network)
    by_hand = [
        evaluate(world, simulate(scenario, 5, replicate=r, world=world))["profit"]
        - evaluate(world, simulate(broadcast_of(scenario, 60.0), 5, replicate=r, world=world))[
            "profit"
        ]
        for r in range(6)
    ]
    assert difference.values.tolist() == by_hand and np.ptp(by_hand) > 0
    assert difference.bracket.low < np.mean(by_hand) < difference.bracket.high
    costs = found.comparison.treatments[0].differences["cost"]
    assert abs(costs.mean) < 4  # the same money, but for how many of the chosen use mail


@pytest.mark.parametrize(
    ("scenario", "budget", "code"),
    [
        (small(), 10.0, "no_money"),
        (override(campaign(), {"money.costs.brand_delivery": 0.0}), 10.0, "free_mailing"),
        (campaign(), 0.4, "budget_too_small"),
    ],
)
def test_a_mailing_that_cannot_be_is_refused(scenario: Scenario, budget: float, code: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        broadcast_of(scenario, budget)
    assert caught.value.code == code
