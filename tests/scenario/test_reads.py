"""What nothing reads is refused or told, and which files a scenario would read is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.scenario.documents import Document, random_document
from viralbots.errors import NetworkError, ScenarioError
from viralbots.rules import READS, RULES, Reads
from viralbots.scenario import Scenario, Wave, from_dict, load
from viralbots.scenario.problems import path_of
from viralbots.scenario.reads import idle, refuse_files, unread, uses_files
from viralbots.world.message import Message
from viralbots.world.spec import digest_of_file

ROOT = Path(__file__).resolve().parents[2]
FILES = [*sorted((ROOT / "scenarios").glob("*.yaml")), ROOT / "tests/golden/made_up.yaml"]
TEXT = {"en": "-", "zh": "-"}


def story(**fields: Any) -> Scenario:
    return from_dict({
        "format": 1, "name": "story", "title": TEXT, "story": TEXT,
        "messages": {"ad": {"brand": "b", "disguise": 0.5}},
        "seeding": [{"message": "ad"}], **fields,
    })  # fmt: skip


# What a rule reads -------------------------------------------------------------------------


def test_every_rule_says_what_it_reads() -> None:
    assert READS.keys() == RULES.keys()
    for reads in READS.values():
        for names, known in (
            (reads.message, Message.model_fields), (reads.wave, Wave.model_fields),
        ):  # fmt: skip
            assert names == ("*",) or set(names) <= set(known)


def test_what_a_rule_does_not_read_is_found_whatever_the_rule() -> None:
    """A cascade in which every contact has the same chance knows nothing of threats."""
    cascade = Reads(message=("channels", "kind"), wave=("message", "who", "count"),
                    interventions=("removal",), cells=("forward.const", "wait"))  # fmt: skip
    scenario = story(
        messages={"ad": {"threat": 0.5, "ease": 0.5, "channels": {"im": 1}}},
        seeding=[{"message": "ad", "count": 3, "minute": 7}],
        interventions=[{"kind": "prebunk"}, {"kind": "removal"}],
        rule={"cells": {"forward.const": 0, "wait.im": 3, "read.const": 1, "forward.tie": 1}},
    )
    found = {path_of(place): problem.text for place, problem in unread(scenario, cascade)}
    assert list(found) == [
        "messages.ad.threat", "seeding[0].minute", "interventions[0]",
        "rule.cells.read.const", "rule.cells.forward.tie",
    ]  # fmt: skip
    assert found["messages.ad.threat"].endswith("leave it out (it reads: channels, kind)")
    assert not list(unread(scenario, Reads()))


def test_the_main_rule_reads_everything() -> None:
    for number in range(20):
        from_dict(random_document(number))


# Fields without effect -----------------------------------------------------------------------

IDLE: list[tuple[Document, str, str]] = [
    ({"seeding": [{"message": "ad", "by": "brand", "paid": True}]},
     "seeding[0].paid", "idle_paid"),
    ({"messages": {"ad": {"converts": False, "offer": "full"}}},
     "messages.ad.offer", "idle_offer"),
    ({"messages": {"ad": {"converts": False, "price": 3}}}, "messages.ad.price", "idle_offer"),
    ({"messages": {"ad": {"phishing": True, "two_sided": True}}},
     "messages.ad.two_sided", "idle_offer"),
    ({"messages": {"ad": {"push_quota": 3, "channels": {"video": 1}}}},
     "messages.ad.push_quota", "idle_quota"),
    ({"messages": {"ad": {"pace": "marketing", "channels": {"im": 1}}}},
     "messages.ad.pace", "idle_pace"),
    ({"messages": {"ad": {}, "other": {}}}, "messages.other", "idle_no_start"),
    ({"interventions": [{"kind": "accuracy_prompt"}]}, "interventions[0]", "idle_nothing"),
    ({"interventions": [{"kind": "removal", "duration": 5}]},
     "interventions[0].duration", "idle_duration"),
    ({"interventions": [{"kind": "removal", "messages": ["ad"]}]},
     "interventions[0].messages", "idle_removal"),
    ({"messages": {"ad": {"converts": False, "footer": 0.5}}}, "messages.ad.footer",
     "idle_members"),
    ({"messages": {"ad": {"converts": False, "network_effect": 1}}}, "messages.ad.network_effect",
     "idle_members"),
    ({"messages": {"ad": {"auto_contacts": 3}}}, "messages.ad.auto_contacts", "idle_auto"),
    ({"messages": {"ad": {"reminders": 3}}}, "messages.ad.reminders", "idle_reminders"),
    ({"seeding": [{"message": "ad", "by": "members", "paid": True}]},
     "seeding[0].paid", "idle_member_wave"),
    ({"seeding": [{"message": "ad", "by": "operator", "who": "operator"}]},
     "seeding[0].who", "idle_class"),
    ({"interventions": [{"kind": "removal", "who": "bot"}]}, "interventions[0].who", "idle_class"),
    ({"interventions": [{"kind": "rate_limit"}]}, "interventions[0].per_day", "idle_rate"),
    ({"interventions": [{"kind": "look_up", "message": "ad", "messages": ["ad"]}]},
     "interventions[0].messages", "idle_messages"),
    ({"bots": [{"kind": "harvester", "message": "ad", "flooding": 3}]},
     "bots[0].flooding", "idle_bot"),
    ({"bots": [{"kind": "amplifier", "message": "ad", "messages": ["ad"]}]},
     "bots[0].messages", "idle_messages"),
    ({"bots": [{"kind": "harvester", "message": "ad", "duration": 60}]},
     "bots[0].duration", "idle_duration"),
    ({"seeding": [], "bots": [{"kind": "amplifier", "message": "ad"}]},
     "messages.ad", "idle_no_start"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "path", "code"), IDLE, ids=[i[1] for i in IDLE])
def test_a_field_that_changes_nothing_is_told(fields: Document, path: str, code: str) -> None:
    assert [(p.path, p.code) for p in idle(story(**fields))] == [(path, code)]


@pytest.mark.parametrize("fields", [
    {"messages": {"ad": {"price": 3, "reward": 2, "reward_visible": True}}},
    {"messages": {"ad": {"push_quota": 3, "channels": {"video": 1}}},
     "seeding": [{"message": "ad", "channel": "im"}]},
    {"seeding": [{"message": "ad", "channel": "sms"}, {"message": "ad", "minute": 10**6}]},
    {"messages": {"ad": {"is_false": True}, "no": {"kind": "counter", "about": "ad"}}},
    {"messages": {"ad": {"brand": "b", "sponsored": False, "converts": False}}},
    {"messages": {"ad": {"converts": False, "footer": 0.5}},
     "seeding": [{"message": "ad", "by": "members"}]},
    {"seeding": [], "bots": [{"kind": "sockpuppet", "message": "ad"}]},
    {"seeding": [], "interventions": [{"kind": "look_up", "message": "ad"}]},
    {"interventions": [{"kind": "rate_limit"}], "bots": [{"kind": "spammer", "message": "ad"}]},
    {"network": {"population": {"operator_share": 0.1}},
     "seeding": [{"message": "ad", "by": "operator", "who": "operator"}]},
    {"interventions": [{"kind": "filter", "start": 10**6, "duration": 3}]},
])  # fmt: skip
def test_what_may_matter_is_not_called_idle(fields: Document) -> None:
    assert idle(story(**fields)) == []


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_nothing_in_the_library_is_idle(path: Path) -> None:
    assert idle(load(path)) == []


def test_what_is_idle_has_no_effect_in_a_run() -> None:
    from viralbots.engine.simulate import simulate

    small = {"network": {"n_users": 300}, "horizon_days": 2}
    plain: Document = {
        "messages": {"ad": {"brand": "b", "converts": False, "channels": {"video": 1}}},
        "seeding": [{"message": "ad", "by": "brand", "count": 99}],
        "interventions": [{"kind": "removal", "who": "all", "share": 0.2, "start": 300}],
    }
    idle_too: Document = {
        "messages": {"ad": {**plain["messages"]["ad"], "offer": "full", "price": 3,
                            "two_sided": True, "push_quota": 3, "pace": "marketing"},
                     "other": {"value": 1}},
        "seeding": [{**plain["seeding"][0], "paid": True}],
        "interventions": [{**plain["interventions"][0], "duration": 60, "messages": ["ad"]},
                          {"kind": "accuracy_prompt"}],
    }  # fmt: skip
    without, beside = story(**plain, **small), story(**idle_too, **small)
    assert len(idle(beside)) == 10 and idle(without) == []
    assert simulate(without, seed=1).digest == simulate(beside, seed=1).digest


# Files ---------------------------------------------------------------------------------------


def claim(changes: Document) -> list[Document]:
    check = {"metric": "reach", "is": "more", "value": 1, "arm": {"changes": changes}}
    return [{"text": TEXT, "check": [check]}]


@pytest.mark.parametrize("fields", [
    {"network": {"kind": "imported", "path": "/etc/passwd"}},
    {"claims": claim({"network": {"kind": "imported", "path": "/etc/passwd"}})},
    {"claims": claim({"network.path": "/etc/passwd", "network.kind": "imported"})},
    {"claims": claim({"network[path]": "/etc/passwd"})},
])  # fmt: skip
def test_a_scenario_that_would_read_files_is_known_by_it(fields: Document) -> None:
    assert uses_files(story(**fields)) == ["/etc/passwd"]
    with pytest.raises(ScenarioError, match=r"network\.path: a scenario from elsewhere may not"):
        refuse_files(story(**fields), "upload")


def test_a_scenario_without_files_may_come_from_anywhere() -> None:
    for path in FILES:
        assert uses_files(load(path)) == []
        refuse_files(load(path), "upload")


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/stdin", "/", "a\0b", "\ud800", "x" * 4000])
def test_what_is_no_file_is_not_read(path: str) -> None:
    with pytest.raises(NetworkError):
        digest_of_file(path)
