"""What every intervention, every cell of the decision table and every rule must hold to."""

from __future__ import annotations

import inspect
import re
from typing import Any, get_args

import pytest

from viralbots.interventions import INTERVENTIONS
from viralbots.interventions.base import Intervention
from viralbots.interventions.bots import BOTS
from viralbots.interventions.levers import Lever
from viralbots.rules import RULES
from viralbots.rules.constants import CONSTANTS, DECLARED, DEFAULTS
from viralbots.rules.decision_table import CELLS, DECISIONS, VARIABLES, Group, Mark
from viralbots.rules.main_rule import terms
from viralbots.scenario import Scenario, from_dict
from viralbots.scenario.fields import measured
from viralbots.world.message import Message
from viralbots.world.world import CHANNELS

HORIZON_DAYS = 3
N_USERS = 400

# What an intervention cannot do without, beside its kind.
NEEDS: dict[str, dict[str, Any]] = {
    "adjustment": {"cell": "forward.const", "offset": -2.0},
    "correction": {"message": "correction", "count": 20},
    "leak": {"message": "counter", "count": 5},
    "removal": {"who": "all", "share": 0.5},
    "press": {"message": "rumour"},
    "affiliates": {"message": "rumour"},
    "look_up": {"message": "rumour"},
    "breach": {"message": "rumour", "counter": "counter"},
}
BESIDE: dict[str, list[dict[str, Any]]] = {"autoscale": [{"kind": "capacity", "per_hour": 0}]}
"""What stands before an intervention that would have nothing to change without it."""
NATURAL = [kind for kind, made in INTERVENTIONS.items() if made.natural_trigger is not None]


def document(*interventions: dict[str, Any]) -> Scenario:
    """A small scenario in which every intervention has something to do."""
    return from_dict({
        "format": 1,
        "name": "contract",
        "title": {"en": "-", "zh": "-"},
        "story": {"en": "-", "zh": "-"},
        "network": {"n_users": N_USERS, "population": {"operator_share": 0.05}},
        "horizon_days": HORIZON_DAYS,
        "messages": {
            "rumour": {
                "brand": "b", "sponsored": False, "is_false": True, "disguise": 0.5,
                "value": 0.8, "arousal": 1, "ease": 1, "offer": "full",
                "channels": {"im": 1, "video": 1},
            },
            "counter": {"kind": "counter", "about": "rumour", "channels": {"video": 1}},
            "correction": {"kind": "correction", "about": "rumour", "channels": {"video": 1}},
        },
        "seeding": [{"message": "rumour", "count": 30}],
        "bots": [{"kind": "spammer", "message": "rumour", "share": 0.02, "flooding": 2}],
        "interventions": list(interventions),
    })  # fmt: skip


def made(kind: str, **fields: Any) -> Intervention:
    scenario = document(*BESIDE.get(kind, []), {"kind": kind, **NEEDS.get(kind, {}), **fields})
    return scenario.interventions[-1]


@pytest.mark.parametrize("kind", INTERVENTIONS)
def test_an_intervention_says_in_a_sentence_how_it_works(kind: str) -> None:
    assert re.fullmatch(r"[A-Z].{20,150}\.", INTERVENTIONS[kind].how)


@pytest.mark.parametrize("kind", INTERVENTIONS)
def test_a_measured_effect_is_told_in_both_languages_with_where_it_comes_from(kind: str) -> None:
    told = measured(INTERVENTIONS[kind])
    assert bool(told["en"]) == bool(told["zh"])
    if told["en"]:
        assert re.search(r"\d.*\(.+\)\.$", told["en"]) and re.search(r"\d.*（.+）。$", told["zh"])


def test_only_what_was_measured_is_called_measured() -> None:
    told = {kind for kind, made in INTERVENTIONS.items() if made.measured}
    assert told == {"accuracy_prompt", "forward_limit", "prebunk"}


@pytest.mark.parametrize("kind", NATURAL)
def test_its_natural_trigger_is_one(kind: str) -> None:
    quantity, above = INTERVENTIONS[kind].natural_trigger or ("", 0)
    trigger = {"quantity": quantity, "above": above, "message": "rumour"}
    assert made(kind, trigger=trigger).trigger is not None


@pytest.mark.parametrize("kind", INTERVENTIONS)
def test_what_it_costs_changes_no_run(kind: str) -> None:
    free = document(*BESIDE.get(kind, []), {"kind": kind, **NEEDS.get(kind, {})})
    priced = {"kind": kind, **NEEDS.get(kind, {}), "cost": 9, "cost_per_day": 1.5,
              "paid_by": "sponsor"}  # fmt: skip
    dear = document(*BESIDE.get(kind, []), priced)
    assert dear.identity == free.identity
    assert dear.actors[-2][1].levers(dear.messages) == free.actors[-2][1].levers(free.messages)


@pytest.mark.parametrize("kind", INTERVENTIONS)
def test_an_intervention_cites_the_model(kind: str) -> None:
    text = inspect.getdoc(INTERVENTIONS[kind]) or ""
    assert re.search(r"model §\d|\(§\d", text)


@pytest.mark.parametrize("kind", INTERVENTIONS)
def test_the_fields_of_an_intervention_say_what_they_are(kind: str) -> None:
    shared = {"kind", "offset", "scale", "channel"}  # said by the class itself
    silent = [
        name
        for name, field in INTERVENTIONS[kind].model_fields.items()
        if not field.description and name not in shared
    ]
    assert not silent


@pytest.mark.parametrize("kind", INTERVENTIONS)
def test_an_intervention_speaks_in_levers(kind: str) -> None:
    scenario = document(*BESIDE.get(kind, []), {"kind": kind, **NEEDS.get(kind, {})})
    levers = scenario.actors[-2][1].levers(scenario.messages)  # the last one are the bots
    assert levers
    assert all(isinstance(lever, get_args(Lever)) for lever in levers)


@pytest.mark.parametrize("kind", INTERVENTIONS)
def test_its_kind_is_the_word_in_the_table(kind: str) -> None:
    assert get_args(INTERVENTIONS[kind].model_fields["kind"].annotation) == (kind,)
    assert made(kind, start=60).start == 60


@pytest.mark.parametrize("kind", INTERVENTIONS)
def test_an_intervention_that_starts_after_the_end_changes_nothing(kind: str) -> None:
    from viralbots.engine.simulate import simulate

    before = BESIDE.get(kind, [])
    late = document(*before, {"kind": kind, "start": HORIZON_DAYS * 1440, **NEEDS.get(kind, {})})
    without, with_it = simulate(document(*before), seed=7), simulate(late, seed=7)
    assert with_it.digest == without.digest
    assert (with_it.series == without.series).all()
    assert (with_it.adoptions == without.adoptions).all()


@pytest.mark.parametrize("kind", INTERVENTIONS)
def test_an_intervention_from_the_start_changes_something(kind: str) -> None:
    from viralbots.engine.simulate import simulate

    strong: dict[str, dict[str, Any]] = {
        "bot_removal": {"share": 1}, "rate_limit": {"per_day": 0.1},
        "cooling_off": {"strength": 1}, "capacity": {"per_hour": 0}, "forward_limit": {"limit": 1},
        "prebunk": {"strength": 5},
        "accuracy_prompt": {"strength": 1}, "scandal": {"share": 1, "amount": 1},
    }  # fmt: skip
    fields = {**NEEDS.get(kind, {}), **strong.get(kind, {})}
    before = BESIDE.get(kind, [])
    changed = simulate(document(*before, {"kind": kind, **fields}), seed=7)
    assert changed.digest != simulate(document(*before), seed=7).digest


@pytest.mark.parametrize("kind", BOTS)
def test_a_kind_of_bots_says_how_it_works_and_speaks_in_levers(kind: str) -> None:
    assert re.fullmatch(r"[A-Z].{20,150}\.", BOTS[kind].how)
    assert re.search(r"model §\d|\(§\d", inspect.getdoc(BOTS[kind]) or "")
    assert get_args(BOTS[kind].model_fields["kind"].annotation) == (kind,)
    assert set(BOTS[kind].uses) <= {"infiltration", "deception", "flooding"}
    levers = BOTS[kind](kind=kind, message="rumour").levers(document().messages)
    assert levers and all(isinstance(lever, get_args(Lever)) for lever in levers)


@pytest.mark.parametrize("name", DECLARED)
def test_a_cell_is_declared_in_full(name: str) -> None:
    cell = DECLARED[name]
    assert cell.name == name
    assert cell.low <= cell.default <= cell.high
    assert cell.low < cell.high
    assert cell.group in get_args(Group)
    assert cell.mark in get_args(Mark)
    assert re.fullmatch(r"[A-Z].{10,150}\.", cell.sentence)
    assert cell.source.strip()


@pytest.mark.parametrize("name", DECLARED)
def test_an_assumption_is_not_dressed_up_as_a_finding(name: str) -> None:
    cell = DECLARED[name]
    if cell.source == "no measurement found":
        assert cell.mark == "assumed"


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_belongs_to_a_decision(name: str) -> None:
    assert CELLS[name].decision in DECISIONS


def test_no_constant_hides_a_cell() -> None:
    assert not set(CELLS) & set(CONSTANTS)
    assert set(DEFAULTS) == set(CELLS) | set(CONSTANTS)


def test_every_cell_is_read_by_its_decision() -> None:
    """A cell that nothing reads could be overridden without any effect."""
    used = {"read.footer", "read.group"}  # take the place of read.const
    for offer in ("none", "trial", "partial", "full", "free_copy"):
        message = Message(
            kind="counter", about="x", offer=offer, reward=1, price=1, status=1, novelty=0.5,
            ad_intensity=0.5, disguise=0.5, is_false=True, threat=1, reward_visible=True,
            network_effect=1,
        )  # fmt: skip
        cells = {**DEFAULTS, "forward.public": 1.0}
        for decision in DECISIONS:
            used |= {term.cell for c in CHANNELS for term in terms(decision, message, c, cells)}
    assert used == set(CELLS)


@pytest.mark.parametrize("decision", DECISIONS)
def test_the_terms_of_a_decision_are_its_own(decision: str) -> None:
    for term in terms(decision, Message(), "email", DEFAULTS):
        assert CELLS[term.cell].decision == decision
        assert term.variable is None or term.variable in VARIABLES


@pytest.mark.parametrize("kind", RULES)
def test_a_rule_says_what_it_is_and_where_it_is_specified(kind: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kind)
    assert re.search(r"model §\d", inspect.getdoc(RULES[kind]) or "")
