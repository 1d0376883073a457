"""What the same money would have bought as a plain mailing: the paired comparison (model §8).

The brand writes once to as many users as the money pays for; nobody passes it on, nothing else
happens. The campaign then stands against it with the same seeds.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

from viralbots.errors import ExperimentError
from viralbots.experiments.comparison import Comparison, compare
from viralbots.experiments.runner import run_all
from viralbots.experiments.worlds import Worlds
from viralbots.rules import MainRule
from viralbots.scenario import Scenario, override
from viralbots.world.message import ChannelName

NEVER = -50.0  # log-odds; the lowest that a cell may have


@dataclass(frozen=True, eq=False)
class AgainstBroadcast:
    """A campaign and the mailing for the same money.

    Attributes
    ----------
    budget : float
        What the sponsor may spend on the mailing.
    n_chosen : int
        Users chosen, of whom those who use the channel are written to; fewer than the money
        would pay for where there are no more.
    comparison : Comparison
        The mailing is the baseline A, the campaign B: ``comparison.treatments[0].differences``
        gives campaign − mailing of every figure with its 95 % bracket.
    """

    budget: float
    n_chosen: int
    comparison: Comparison


def broadcast_of(
    scenario: Scenario,
    budget: float,
    *,
    n_users: int | None = None,
    channel: ChannelName = "email",
) -> Scenario:
    """The mailing that the same message would be.

    Parameters
    ----------
    budget : float
        Money for it, at ``money.costs.brand_delivery`` a message.
    n_users : int, optional
        Users of the world, where a network file says how many; the scenario's otherwise.
    channel : str
        By which the brand writes.

    Returns
    -------
    Scenario
        The first message alone, delivered once by the brand; nobody forwards, carries or sends
        it on, and there are no interventions and no bots. Offer, price, reward and all
        decisions of readers stay what they are; a reward for passing it on is paid to nobody.
        Of the users chosen those who do not use the channel get nothing and cost nothing; so
        many more are chosen that the budget is spent in the mean.

    Raises
    ------
    ExperimentError
        The scenario counts no money, its mails cost nothing, it has another rule than the main
        one, or the money does not pay for one message.
    """
    each = _price(scenario)
    uses = getattr(scenario.network.population, channel)
    count = 0 if budget < each or not uses else round(budget / each / uses)
    count = min(count, n_users or scenario.network.n_users)
    if count < 1:
        raise ExperimentError(
            f"budget: {budget:g} does not pay for one message at {each:g}; give more",
            "budget_too_small", got=budget, each=each,
        )  # fmt: skip
    name = scenario.message_names[0]
    message = scenario.messages[name].model_copy(update={
        "about": None, "kind": "message", "footer": 0.0, "auto_send": "nobody",
        "reminder_days": None, "variant": None, "mutation": 0.0,
    })  # fmt: skip
    assert isinstance(scenario.rule, MainRule) and scenario.money is not None
    return override(scenario, {
        "messages": {name: message.model_dump(mode="python")},
        "seeding": [{"message": name, "count": count, "by": "brand", "channel": channel}],
        "interventions": [],
        "bots": [],
        "rule": {"kind": "main", "cells": {**scenario.rule.cells, "forward.const": NEVER}},
        "money": {**scenario.money.model_dump(), "messages": [], "referral": None},
        "controls": [],
        "claims": [],
    })  # fmt: skip


def _price(scenario: Scenario) -> float:
    """What one message of the brand costs."""
    if scenario.money is None:
        raise ExperimentError(
            f"{scenario.name}: it counts no money; give it `money`, even if empty", "no_money"
        )
    if not isinstance(scenario.rule, MainRule):
        kind = str(getattr(scenario.rule, "kind", ""))
        raise ExperimentError(
            f"rule: {kind!r} knows no mailing by a brand; only scenarios of rule 'main' do",
            "no_mailing", rule=kind,
        )  # fmt: skip
    if scenario.money.costs.brand_delivery <= 0:
        raise ExperimentError(
            "money.costs.brand_delivery: is 0, so that any budget pays for any mailing; give what "
            "one message costs",
            "free_mailing",
        )
    return scenario.money.costs.brand_delivery


def against_broadcast(
    scenario: Scenario,
    *,
    budget: float | None = None,
    seed: int = 1,
    replicates: int = 20,
    workers: int = 1,
    cancel: threading.Event | None = None,
) -> AgainstBroadcast:
    """Run a campaign and the mailing for the same money with the same seeds.

    Parameters
    ----------
    budget : float, optional
        Money for the mailing; what the campaign cost in the mean of its runs, beside what both
        cost alike (fixed and running costs), otherwise.
    seed, replicates, workers, cancel
        As of `viralbots.experiments.run_all`, for each of the two.

    Raises
    ------
    ExperimentError
        See `broadcast_of`.
    """
    _price(scenario)
    worlds = Worlds(1)
    campaign = run_all(
        scenario, seed=seed, replicates=replicates, workers=workers, cancel=cancel, worlds=worlds
    )
    if budget is None:
        assert scenario.money is not None
        costs = scenario.money.costs
        both = costs.fixed + costs.per_day * scenario.horizon / 1440
        budget = math.fsum(campaign.values["cost"]) / campaign.n_replicates - both
    mailing = broadcast_of(scenario, budget, n_users=campaign.n_users)
    plain = run_all(
        mailing, seed=seed, replicates=replicates, workers=workers, cancel=cancel, worlds=worlds
    )
    return AgainstBroadcast(budget, mailing.seeding[0].count, compare([plain, campaign]))
