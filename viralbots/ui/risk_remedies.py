"""What would have stopped it: measures that fit a case, and what each of them changes.

No Streamlit here. A measure is one more intervention at the end of the list, so that nothing
else is numbered anew and both runs have the same luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from viralbots.errors import ScenarioError
from viralbots.experiments.difference import Difference, difference_of
from viralbots.interventions import INTERVENTIONS
from viralbots.rules import MainRule
from viralbots.scenario import Scenario, override
from viralbots.ui import later

REMEDIES = (
    "accuracy_prompt", "prebunk", "label", "correction", "disclosure", "leak", "forward_limit",
    "downrank", "filter", "rate_limit", "quarantine", "bot_removal", "opt_in_only", "throttle",
    "cooling_off", "regulator_stop", "autoscale",
)  # fmt: skip
"""Kinds meant to hold something back or to help people; the others are events."""
STARTS = ("now", "six", "day", "trigger")
HOURS = {"now": 0, "six": 6, "day": 24}
USUAL_TRIGGER = ("complaints_per_1000", 1.0)
"""Where a kind has none of its own: the level at which mail providers begin to look."""
CORRECTION = "platform_correction"
DAY = 1440  # minutes


def on_offer(scenario: Scenario) -> list[str]:
    """Kinds that can do something against this case."""
    if not isinstance(scenario.rule, MainRule):  # no network rule asks interventions
        return []
    known = set(later.on_offer(scenario))
    found = [kind for kind in REMEDIES if kind in known]
    if "correction" not in known and _wants_correction(scenario):
        found.insert(min(3, len(found)), "correction")
    return found


def _wants_correction(scenario: Scenario) -> bool:
    is_one = any(m.kind == "correction" for m in scenario.messages.values())
    return main_of(scenario).is_false and not is_one and len(scenario.messages) < 8


def main_of(scenario: Scenario) -> Any:
    """The message that a case is about."""
    return next(iter(scenario.messages.values()))


def trigger_of(kind: str) -> tuple[str, float]:
    """What sets a kind off: its own trigger, or the usual one."""
    return INTERVENTIONS[kind].natural_trigger or USUAL_TRIGGER


def with_remedy(scenario: Scenario, kind: str, when: str) -> Scenario:
    """The scenario with a measure at its default strength.

    Parameters
    ----------
    when : str
        Of `STARTS`.

    Raises
    ------
    ScenarioError
        It makes no sense there.
    """
    changed: dict[str, object] = {}
    entry = later.entry(scenario, later.Later(kind, 0))
    if kind == "correction" and not entry["message"]:
        entry["message"] = CORRECTION
        messages = {n: m.model_dump(mode="python") for n, m in scenario.messages.items()}
        first = scenario.message_names[0]
        message = scenario.messages[first]
        messages[CORRECTION] = {"kind": "correction", "about": first, "topic": message.topic,
                                "channels": dict(message.channels)}  # fmt: skip
        changed["messages"] = messages
    if kind in ("correction", "leak"):
        main = scenario.messages[scenario.message_names[0]]
        if kind == "correction":
            entry["channel"] = main.main_channel
            entry["count"] = max(1, scenario.network.n_users // 10)
    if when == "trigger":
        quantity, above = trigger_of(kind)
        entry.pop("start")
        entry["trigger"] = {
            "quantity": quantity, "above": above, "message": scenario.message_names[0],
        }  # fmt: skip
    else:
        entry["start"] = HOURS[when] * 60
    before = [one.model_dump(mode="python") for one in scenario.interventions]
    return override(scenario, {**changed, "interventions": [*before, entry]})


def arms(scenario: Scenario, when: str) -> dict[str, Scenario]:
    """Every measure on offer, by kind."""
    found = {}
    for kind in on_offer(scenario):
        try:
            found[kind] = with_remedy(scenario, kind, when)
        except ScenarioError:
            continue
    return found


@dataclass(frozen=True)
class Effect:
    """What one measure changed, pair by pair.

    Attributes
    ----------
    kind : str
    harm, benefit : Difference
        With − without.
    cost : float
        Of the measure, as its cost was set.
    """

    kind: str
    harm: Difference
    benefit: Difference
    cost: float

    @property
    def avoided(self) -> float:
        """Harm avoided, in the unit of the harm; below 0 where there is more of it."""
        return -self.harm.mean

    @property
    def is_known(self) -> bool:
        """The bracket says which way."""
        return self.harm.verdict in ("more", "less", "constant", "small")


def effect_of(
    kind: str, baseline: Any, result: Any, figures: tuple[str, str], cost: float
) -> Effect | None:
    """Compare a measure with the runs of the same luck without it; None without pairs."""
    both = sorted(set(baseline.replicates) & set(result.replicates))
    if not both:
        return None
    differences = []
    for name in figures:
        columns = [
            np.array([one.values[name][one.replicates.index(r)] for r in both])
            for one in (baseline, result)
        ]
        differences.append(difference_of(name, *columns))
    return Effect(kind, differences[0], differences[1], cost)


def ranked(effects: Sequence[Effect]) -> list[Effect]:
    """By harm avoided for what it costs; what costs nothing by harm avoided, before the rest."""

    def key(effect: Effect) -> tuple[int, float]:
        avoided = effect.avoided
        if avoided != avoided or avoided <= 0:
            return 2, -avoided if avoided == avoided else float("inf")
        return (1, -avoided / effect.cost) if effect.cost else (0, -avoided)

    return sorted(effects, key=key)


def relative(difference: Difference) -> tuple[float, float, float]:
    """Mean, low and high of a difference in % of what it is without the measure.

    No figure compared here can be negative, so none ends below −100.
    """
    if not difference.n or not difference.baseline:
        return (float("nan"),) * 3
    by = 100 / abs(difference.baseline)
    bracket = difference.bracket
    low = bracket.low * by
    return difference.mean * by, low if low != low else max(-100.0, low), bracket.high * by


def cost_of(costs: Mapping[str, tuple[float, float]], kind: str, when: str, days: float) -> float:
    """What a measure costs in all: once, and for each day on which it holds (at most)."""
    once, per_day = costs.get(kind, (0.0, 0.0))
    return once + per_day * max(0.0, days - HOURS.get(when, 0) / 24)


def given_costs(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Costs that the case itself names."""
    return {
        str(getattr(one, "kind", "")): (one.cost, one.cost_per_day)
        for one in scenario.interventions
        if one.cost or one.cost_per_day
    }
