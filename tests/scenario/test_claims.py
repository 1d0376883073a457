"""Claims: what can be said of a scenario so that runs can decide it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from viralbots.errors import ScenarioError
from viralbots.metrics import METRICS
from viralbots.scenario import Scenario, from_dict, load, override
from viralbots.scenario import claims as scenario_claims
from viralbots.scenario.claims import Check, parts_of
from viralbots.scenario.file import parse_yaml

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = sorted((ROOT / "scenarios").glob("*.yaml"))
TEXT = {"en": "It spreads.", "zh": "它会传开。"}


def story(*checks: dict[str, Any], **fields: Any) -> Scenario:
    return from_dict({
        "format": 1, "name": "story", "title": TEXT, "story": TEXT,
        "messages": {"letter": {}, "denial": {"kind": "counter", "about": "letter"}},
        "seeding": [{"message": "letter"}],
        "claims": [{"text": TEXT, "check": list(checks)}], **fields,
    })  # fmt: skip


# Each kind of claim of the library, as it is written.
CLAIMS: dict[str, list[str]] = {
    "a threat makes it far larger": [
        "{metric: reach, is: more, factor: 5, against: {changes: {messages.letter.threat: 0}}}"],
    "trees of equal size have nearly equal shapes": [
        "{metric: structural_virality, trees: [20, 100], is: nearly_equal, by: 0.25, "
        "against: {scenario: calm_truth}}"],
    "a limit kills it": [
        "{metric: mean_cascade_size, is: less, value: 2, "
        "arm: {changes: {interventions: [{kind: forward_limit, limit: 1}]}}}"],
    "a slow start": ["{metric: t50 - t10, is: more, against: {metric: t90 - t50}}"],
    "the later the offer, the fewer take it": [
        "{metric: converts, is: more, arm: {changes: {seeding.0.minute: 60}}, "
        "against: {changes: {seeding.0.minute: 6000}}}",
        "{metric: converts, is: more, arm: {changes: {seeding.0.minute: 6000}}, "
        "against: {changes: {seeding.0.minute: 60000}}}"],
    "most runs adopt nearly all": [
        "{metric: reach_share, of: median, is: more, value: 0.9}"],
    "one effect is like another": [
        "{metric: reach, is: less, factor: 1.5, baseline: {}, arm: {changes: {message.ease: 1}}, "
        "against: {changes: {message.value: 1}}}"],
    "complaints of all runs": [
        "{metric: complaints / reach, of: pooled, is: more, against: {scenario: disclosed}}"],
    "the answer is heard by more in nearly every run": [
        '{metric: "reach:denial", of: share_of_runs, share: 0.9, is: more, '
        "against: {metric: reach}}"],
    "deep where it takes off": ["{metric: depth, given: take_off, is: at_least, value: 10}"],
    "what some gain others lose": [
        "{metric: converts, is: nearly_equal, by: 1, factor: -1, against: {metric: deceived}}"],
    "a prompt cuts more than its share": [
        "{metric: size, is: less, factor: 0.9, against: {}, "
        "arm: {changes: {interventions: [{kind: accuracy_prompt}]}}}"],
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_the_claims_of_the_library_can_be_written(name: str) -> None:
    checks = [parse_yaml(line.encode(), name) for line in CLAIMS[name]]
    found = story(*checks).claims[0].check  # type: ignore[arg-type]
    assert len(found) == len(checks)
    for check, written in zip(found, checks, strict=True):
        assert check.relation == written["is"]  # type: ignore[index]


def test_the_examples_in_the_documentation_are_valid() -> None:
    text = ast.get_docstring(ast.parse(Path(scenario_claims.__file__).read_text("utf-8"))) or ""
    examples = re.findall(r"^    (\{.*?\})$", text, re.M | re.S)
    found = [parse_yaml(e.replace("…", "horizon_days").encode(), e) for e in examples]
    assert len(found) == 10
    for written in found:
        Check.model_validate(written)


def test_a_claim_without_a_check_is_told_and_not_checked() -> None:
    assert story().claims[0].check == []


@pytest.mark.parametrize(("check", "problem"), [
    ({"is": "more", "value": 1}, "claims[0].check[0].metric: is missing"),
    ({"metric": "reach", "value": 1}, "claims[0].check[0].is: is missing"),
    ({"metric": "reach", "is": "more"}, "claims[0].check[0]: what is it compared with"),
    ({"metric": "reach", "is": "more", "value": 1, "against": {}},
     "claims[0].check[0]: give either against or value, not both"),
    ({"metric": "reach", "is": "bigger", "value": 1}, "claims[0].check[0].is: must be one of "),
    ({"metric": "Reach", "is": "more", "value": 1}, "claims[0].check[0].metric: must be a metric"),
    ({"metric": "a - b - c", "is": "more", "value": 1}, "claims[0].check[0].metric: must be a"),
    ({"metric": "reach", "is": "nearly_equal", "value": 1}, "claims[0].check[0].by: is missing"),
    ({"metric": "reach", "is": "more", "value": 1, "share": 0.5},
     "claims[0].check[0].share: belongs to"),
    ({"metric": "reach", "is": "more", "value": 1, "of": "share_of_runs"},
     "claims[0].check[0].share: belongs to"),
    ({"metric": "reach", "is": "more", "value": 1, "trees": [9, 3]},
     "claims[0].check[0].trees: must not fall"),
    ({"metric": "reach", "is": "more", "value": 1, "trees": [9]},
     "claims[0].check[0].trees: must have at least 2 entries, got 1"),
    ({"metric": "reach", "is": "more", "against": {"changes": {"messages.leter.value": 1}}},
     "claims[0].check[0].against.changes: messages.leter.value: unknown field in messages; did"),
    ({"metric": "reach", "is": "more", "against": {"changes": {"interventions.0.start": 1}}},
     "claims[0].check[0].against.changes: interventions.0.start: interventions is empty"),
    ({"metric": "reach", "is": "more", "against": {"scenario": "../x"}},
     "claims[0].check[0].against.scenario: must be a name"),
    ({"metric": "reach", "relation": "more", "value": 1},
     "claims[0].check[0].relation: unknown field"),
])  # fmt: skip
def test_a_check_that_says_nothing_is_refused(check: dict[str, Any], problem: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        story(check)
    assert any(str(p).startswith(problem) for p in caught.value.problems), str(caught.value)


def test_changes_of_another_scenario_are_not_looked_up_here() -> None:
    other = {"scenario": "other", "changes": {"messages.film.value": 1}}
    story({"metric": "reach", "is": "more", "against": other})


def test_a_change_that_takes_the_field_away_takes_the_check_with_it() -> None:
    start = {"changes": {"interventions.0.start": 60}}
    found = story(
        {"metric": "reach", "is": "more", "against": start},
        interventions=[{"kind": "prebunk"}], controls=["interventions.0.strength", "message.ease"],
    )  # fmt: skip
    bare = override(found, {"interventions": []})
    assert bare.controls == ["message.ease"]
    assert bare.claims[0].text == found.claims[0].text and bare.claims[0].check == []
    with pytest.raises(ScenarioError, match=r"controls\[0\]: interventions\.0\.start"):
        override(found, {"interventions": [], "controls": ["interventions.0.start"]})


@pytest.mark.parametrize("path", LIBRARY, ids=[path.stem for path in LIBRARY])
def test_every_claim_of_the_library_can_be_checked(path: Path) -> None:
    scenario = load(path)
    assert scenario.claims
    for claim in scenario.claims:
        assert claim.check and re.search("[\u4e00-\u9fff]", claim.text.zh)
        for check in claim.check:
            arms = dict(check.arms())
            quantities = [check.metric, check.given, *(arm.metric for arm in arms.values())]
            for quantity in filter(None, quantities):
                for metric in filter(None, parts_of(quantity)[::2]):
                    assert metric.split(":")[0] in METRICS, metric
            for arm in arms.values():
                assert arm.scenario is None or (ROOT / f"scenarios/{arm.scenario}.yaml").exists()
                of = scenario if arm.scenario is None else load(
                    ROOT / f"scenarios/{arm.scenario}.yaml")  # fmt: skip
                override(of, arm.changes)
