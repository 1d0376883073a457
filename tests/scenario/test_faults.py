"""All problems at once: of fields, of fields that do not fit together, and none invented."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenario.documents import Document, random_document
from viralbots.errors import ScenarioError
from viralbots.scenario import from_dict, from_text
from viralbots.scenario.problems import MAX_PROBLEMS

TEXT = {"en": "-", "zh": "-"}
MANY = """\
format: 1
name: Mine
title: {en: A letter}
network: {n_users: 50, n_user: 3, mean_degree: 4, path: x.csv}
messages:
  letter: {value: 7, brand: acme, about: denial, category: cars}
  denial: {kind: counter}
  other: {brand: acme, category: shoes}
seeding:
  - {message: leter, who: lawyers, count: 60, minute: -1}
  - {message: denial, count: 50}
  - 7
interventions:
  - {kind: leak, message: letter, messages: [letter, x], start: 1,
     trigger: {quantity: reach_share, above: 0.5, message: y}}
  - {kind: nothing}
  - {kind: removal, who: nobody}
rule: {cells: {forward.tie: 99, forward.ti: 1, reaction.opt_out_aware: 0.9}}
controls: [messages.letter.valu, interventions.2.share]
"""


def problems_of(document: object) -> dict[str, str]:
    with pytest.raises(ScenarioError) as caught:
        from_dict(document)
    return {problem.path: problem.code for problem in caught.value.problems}


def test_what_does_not_fit_together_is_told_beside_wrong_fields() -> None:
    with pytest.raises(ScenarioError) as caught:
        from_text(MANY)
    assert {(p.path, p.code) for p in caught.value.problems} == {
        ("name", "bad_name"),
        ("title.zh", "missing"),
        ("story", "missing"),
        ("network.n_user", "unknown_field"),
        ("messages.letter.value", "out_of_range"),
        ("messages.denial.about", "about_missing"),
        ("messages.other.category", "two_categories"),
        ("seeding[0].minute", "out_of_range"),
        ("seeding[0].message", "unknown_message"),
        ("seeding[0].who", "unknown_class"),
        ("seeding[0].count", "count_over_users"),
        ("seeding[2]", "wrong_type"),
        ("interventions[1].kind", "unknown_word"),
        ("interventions[0]", "both_given"),
        ("interventions[2].who", "unknown_class"),
        ("rule.cells.forward.tie", "out_of_range"),
        ("rule.cells.forward.ti", "unknown_cell"),
        ("rule.cells", "reactions_over_one"),
        ("controls[0]", "unknown_field"),
    }


def test_two_checks_of_a_block_are_told_at_once() -> None:
    document = random_document(1) | {"network": {"mean_degree": 4, "path": "x", "rewire": 0.1}}
    found = problems_of(document)
    assert [p for p in found if p.startswith("network")] == [
        "network.mean_degree", "network.rewire", "network.path",
    ]  # fmt: skip


def base() -> Document:
    return {
        "format": 1, "name": "mine", "title": TEXT, "story": TEXT,
        "network": {"n_users": 50},
        "messages": {"ad": {"brand": "b"}, "denial": {"kind": "counter", "about": "ad"}},
        "seeding": [{"message": "ad", "count": 5}],
        "interventions": [{"kind": "leak", "message": "denial"}],
    }  # fmt: skip


@pytest.mark.parametrize(("path", "value", "only"), [
    # The number of users is wrong, so nothing is said of a wave that is too large for it.
    ("network.n_users", -1, {"network.n_users": "out_of_range",
                             "interventions[0].message": "nothing_to_leak"}),
    # The kind is wrong, so nothing is said of parameters that it does not read.
    ("network", {"kind": "erdos", "mean_degree": 3}, {"network.kind": "unknown_word",
                             "interventions[0].message": "nothing_to_leak"}),
    # The message is there, only wrong, so nobody misses it.
    ("messages.ad", 7, {"messages.ad": "wrong_type"}),
    ("messages.ad", {"valu": 1}, {"messages.ad.valu": "unknown_field"}),
    # Whether it hides something cannot be known.
    ("messages.ad.disguise", 7, {"messages.ad.disguise": "out_of_range"}),
    ("messages.denial.about", 7, {"messages.denial.about": "wrong_type"}),
    ("seeding.0.count", 10**9, {"seeding[0].count": "count_over_users",
                                "interventions[0].message": "nothing_to_leak"}),
    ("seeding.0", {}, {"seeding[0].message": "missing",
                       "interventions[0].message": "nothing_to_leak"}),
    ("interventions.0", {"kind": "leak"}, {"interventions[0].message": "missing"}),
    ("interventions.0.kind", None, {"interventions[0].kind": "unknown_word"}),
    ("messages", {}, {"messages": "too_few_entries"}),
    ("messages", None, {"messages": "wrong_type"}),
])  # fmt: skip
def test_nothing_is_said_that_rests_on_a_wrong_field(
    path: str, value: object, only: dict[str, str]
) -> None:
    document: Any = base()
    *parents, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    node = document
    for part in parents:
        node = node[part]
    node[last] = value
    assert problems_of(document) == only


def test_a_sound_document_has_none_of_it() -> None:
    document = base()
    document["messages"]["ad"]["disguise"] = 0.5
    assert from_dict(document).name == "mine"


def test_the_list_of_problems_is_bounded() -> None:
    document = base()
    document["controls"] = ["x" * 10_000] * 5
    document["seeding"] = [{"message": "m" * 10_000, "who": "w" * 40, "count": 99}] * 199
    with pytest.raises(ScenarioError) as caught:
        from_dict(document)
    assert len(caught.value.problems) <= MAX_PROBLEMS + 1
    assert caught.value.problems[-1].code == "more"
    assert len(str(caught.value)) < 20_000


def test_invisible_text_is_refused_from_python_as_from_a_file() -> None:
    document = base() | {"tags": ["a\u202eb"]}
    assert problems_of(document)["tags[0]"] == "invisible"
