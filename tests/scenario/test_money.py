"""Money decides figures, never what happens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.experiments.small import small
from viralbots.engine.simulate import simulate
from viralbots.errors import ScenarioError
from viralbots.experiments import run_all
from viralbots.run import Run
from viralbots.scenario import Scenario, dump, from_text, override
from viralbots.scenario.difference import difference
from viralbots.scenario.template import template


def with_money(**fields: Any) -> Scenario:
    return small(money=fields)


def test_money_changes_no_run_and_no_identity() -> None:
    plain, rich = small(), with_money(costs={"fixed": 1e6}, referral={"join_fee": 10})
    assert plain.identity == rich.identity
    assert simulate(plain, 2).digest == simulate(rich, 2).digest


def test_figures_are_kept_apart_where_money_differs() -> None:
    one, other = with_money(costs={"fixed": 5}), with_money(costs={"fixed": 6})
    assert small().figures_identity == small().identity
    assert len({s.figures_identity for s in (small(), one, other, with_money())}) == 4
    fined = small(money={}, interventions=[{"kind": "accuracy_prompt", "cost": 3}])
    free = small(money={}, interventions=[{"kind": "accuracy_prompt"}])
    assert fined.identity == free.identity and fined.figures_identity != free.figures_identity


def test_a_kept_run_is_not_taken_for_one_with_other_money() -> None:
    class Shelf:
        def __init__(self) -> None:
            self.runs: dict[tuple[str, int], Run] = {}

        def find(self, identity: str, seed: int) -> Run | None:
            return self.runs.get((identity, seed))

        def keep(self, run: Run) -> None:
            assert self.runs.setdefault((run.identity, run.seed), run) is run

    shelf = Shelf()
    costs = [
        run_all(with_money(costs={"fixed": fixed}), replicates=2, cache=shelf).metrics["cost"].mean
        for fixed in (5.0, 6.0, 5.0)
    ]
    assert costs == [5.0, 6.0, 5.0] and len(shelf.runs) == 4


def test_a_message_whose_money_is_counted_must_exist() -> None:
    with pytest.raises(ScenarioError, match=r"money.messages\[1\]: no message is called 'rumor'"):
        with_money(messages=["rumour", "rumor"])


def test_amounts_are_bounded_and_never_negative() -> None:
    for costs in ({"planted": -1.0}, {"planted": 1e6}, {"fixed": float("inf")}):
        with pytest.raises(ScenarioError, match="money.costs"):
            with_money(costs=costs)


def test_money_is_written_compared_and_set_by_path() -> None:
    scenario = with_money(costs={"sms": 0.1}, referral={"levels": 3})
    assert from_text(dump(scenario)).money == scenario.money
    changed = override(scenario, {"money.referral.levels": 4})
    (change,) = difference(scenario, changed)
    assert (change.path, change.before, change.after) == ("money.referral.levels", 3, 4)
    assert not change.is_text and change.note is not None and change.note.unit == "count"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_money_of_a_full_template_can_be_set(lang: Any) -> None:
    document = template("a", lang, full=True)
    start = document.index("# money:")
    block = document[start : document.index("\n\n", start)]
    assert from_text(document).money is None
    shown = "\n".join(line[2:] for line in block.splitlines())
    money = from_text(document.replace(block, shown)).money
    assert money is not None and money.referral is not None and money.costs.per_forward == 0.5


def test_the_cases_own_harm_is_a_text_and_one_of_sixteen() -> None:
    assert small(own_harm="H9").identity == small().identity
    with pytest.raises(ScenarioError, match="own_harm"):
        small(own_harm="H17")
