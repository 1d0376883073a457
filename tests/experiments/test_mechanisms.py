"""Footers, joining, reminders, bots, variants: replayed to the last bit, told in two languages."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import numpy as np
import pytest

from tests.experiments.mechanisms import NAMES, case, trace_of
from viralbots import exact
from viralbots.engine.simulate import simulate
from viralbots.engine.state import WATCH_COLUMNS
from viralbots.experiments.decision import Decision, DeliveryStory
from viralbots.experiments.flips import what_would_change
from viralbots.experiments.people import Query, find
from viralbots.experiments.people_table import rows as rows_of
from viralbots.experiments.person import about
from viralbots.experiments.story import changes, story, why
from viralbots.rules.decision_table import VARIABLES
from viralbots.trace import MARK_BOT
from viralbots.world.profiles import profile_of
from viralbots.world.world import CHANNELS

N_EACH = 30
MOST_TOLD, MOST_PEOPLE = 12, 40
BITS = {"detect": 2, "convert": 3, "fall": 3, "forward": 4}  # of an outcome


def some(name: str) -> list[tuple[int, DeliveryStory, Decision]]:
    """Up to thirty decisions of each kind in a scenario."""
    kinds: dict[str, list[tuple[int, DeliveryStory, Decision]]] = {}
    for user, told in case(name)[2].items():
        for delivery in told.deliveries:
            for decision in delivery.decisions:
                kinds.setdefault(decision.name, []).append((user, delivery, decision))
    luck = np.random.default_rng(3)
    return [kind[k] for kind in kinds.values() for k in luck.permutation(len(kind))[:N_EACH]]


@pytest.mark.parametrize("name", NAMES)
def test_sums_draws_and_vetoes_are_those_of_the_engine(name: str) -> None:
    scenario, world, _ = case(name)
    log = simulate(scenario, 5, world=world, watch=range(world.n_users)).watch_log
    assert log is not None
    had = {}
    for line in log.tolist():
        row = dict(zip(WATCH_COLUMNS, line, strict=True))
        place = ("minute", "user", "source", "message", "channel", "repeat", "flags")
        had[tuple(row[word] for word in place)] = row
    flags = {"paid": 1, "group": 2, "footer": 4, "brand": 8, "repeat": 16, "auto": 32}
    for user, delivery, decision in some(name):
        source = -1 if delivery.source is None else delivery.source
        row = had[delivery.minute, user, source, scenario.message_names.index(delivery.message),
                  CHANNELS.index(delivery.channel), delivery.repeat,
                  sum(flags[flag] for flag in delivery.flags)]  # fmt: skip
        word = "convert" if decision.name == "fall" else decision.name
        assert decision.log_odds == sum(t.contribution for t in decision.terms) == row[f"{word}_x"]
        assert decision.draw == row[f"{word}_draw"]
        assert decision.succeeded == (decision.draw < exact.sigmoid(decision.log_odds))
        vetoed = [veto.slot for veto in decision.vetoes if veto.succeeded]
        if decision.succeeded and f"{word}_veto" in row:
            assert (vetoed or [-1])[0] == row[f"{word}_veto"]
        if decision.name in BITS:
            assert decision.outcome == bool(row["outcome"] >> BITS[decision.name] & 1)
        assert delivery.hops == row["hops"] and delivery.is_bot == bool(row["is_bot"])
        assert set(decision.variables) == {*VARIABLES, "paid"}


@pytest.mark.parametrize("name", NAMES)
def test_adoptions_joining_and_bots_are_those_of_the_trace(name: str) -> None:
    scenario, _, stories = case(name)
    trace = trace_of(name)
    kinds = {"decided": 0, "seed": 1, "counter": 2, "footer": 3, "joined": 3, "hijacked": 3,
             "mutated": 4}  # fmt: skip
    adopted = {(a.minute, u, a.message, kinds[a.kind], a.hops, a.is_bot)
               for u, told in stories.items() for a in told.adoptions}  # fmt: skip
    assert adopted == {
        (r["minute"], r["user"], scenario.message_names[r["message"]], r["kind"], r["hops"],
         bool(r["mark"] & MARK_BOT)) for r in trace.adoptions
    }  # fmt: skip
    joined = {(j.minute, u, j.message, j.source if j.source is not None else -1, j.hops)
              for u, told in stories.items() for j in told.joins}  # fmt: skip
    assert joined == {
        (r["minute"], r["user"], scenario.message_names[r["message"]], r["source"], r["hops"])
        for r in trace.converts
    }
    sent_by_bots = {
        d.source for told in stories.values() for d in told.deliveries if d.is_from_bot
    }
    if sent_by_bots:
        assert trace.marks is not None
        assert all(trace.marks[user] & MARK_BOT for user in sent_by_bots)


def test_every_new_thing_happened_in_these_runs() -> None:
    happened: Counter[str | None] = Counter()
    for name in NAMES:
        for told in case(name)[2].values():
            happened.update(d.way for d in told.deliveries)
            happened.update(f"refused: {d.refusal}" for d in told.deliveries)
            happened.update(d.stopped_by for d in told.deliveries)
            happened.update(a.kind for a in told.adoptions)
            happened.update(e.kind for e in told.events)
            happened.update("granted" for j in told.joins if j.channel and not j.is_told)
            happened.update("to bot" for d in told.deliveries if d.is_bot)
            happened.update("by bot" for d in told.deliveries if d.is_from_bot)
            happened.update(
                f"mutation {d.mutation.happened} {d.mutation.draw < d.mutation.probability}"
                for _, d in told.decisions("forward") if d.mutation
            )  # fmt: skip
    for thing in ("sent", "post", "account", "footer", "brand", "reminder", "look", "suspended",
                  "removed", "opt_in_only", "refused: footer", "refused: members_only",
                  "refused: account", "decided", "seed", "footer", "joined", "hijacked", "mutated",
                  "suspend", "back", "remove", "granted", "to bot", "by bot",
                  "mutation True True", "mutation False True",
                  "mutation False False"):  # fmt: skip
        assert happened[thing], thing


def test_what_contacts_use_moves_decisions_and_can_be_imagined_different() -> None:
    moved, imagined = set(), set()
    for _, _, decision in some("rivals"):
        moved |= {term.variable for term in decision.terms if term.contribution}
        for flip in what_would_change(decision):
            if flip.step is not None and flip.quantity in ("using", "not_using", "rival_using"):
                imagined.add(flip.quantity)
                assert flip.amount is not None and 0 <= flip.amount <= 1
    assert {"using", "not_using", "rival_using"} <= moved
    assert imagined


def test_a_suspended_user_gets_nothing_until_she_is_back() -> None:
    for name in ("trial", "amplifier"):
        for told in case(name)[2].values():
            for event in told.events:
                if event.kind != "suspend":
                    continue
                ends = [e.minute for e in told.events if e.kind == "back"]
                end = next((m for m in ends if m >= event.minute), 1 << 30)
                during = [d for d in told.deliveries if event.minute <= d.minute < end]
                assert all(d.stopped_by in ("suspended", "removed") for d in during)


# -- words ---------------------------------------------------------------------------------


@cache
def told_in(name: str, lang: str) -> str:
    """The stories of those to whom not too much happened."""
    scenario, world, stories = case(name)
    short = [told for told in stories.values() if len(told.deliveries) <= MOST_TOLD][:MOST_PEOPLE]
    return "\n".join("\n".join(story(told, world, scenario, lang)) for told in short)


@pytest.mark.parametrize(
    ("name", "en", "zh"),
    [
        ("footer", r"with the message at its foot", "末尾带着原消息"),
        ("footer", r"From then on the message rode at the foot of", "从此，.发出的信息末尾"),
        ("footer", r"had taken the message up from the start\.", "从一开始就在用原消息。"),
        ("footer", r"looked the message up on the web\.", "在网上查看了原消息。"),
        ("footer", r"since nobody decides to pass on a footer", "附在末尾的话不靠人主动转发"),
        ("trap", r"from the account of .*, who had not sent it", "原消息，但并非本人所发"),
        ("trap", r"Without asking \w+, the message went on", "原消息没有征求.的意见，就从.的账号"),
        ("trial", r"got a reminder of the message by .* from the brand k", "原消息的提醒"),
        ("trial", r"asked for, the message, which .*, was granted\.", "申请的原消息.*获得批准。"),
        ("trial", r"could not pass it on, as only members can", "只有会员才能转发"),
        ("trial", r"account was suspended for the time being\.", "的账号被暂停使用。"),
        ("trial", r"came back: the suspension of \w+ account was", "的账号解封，.又回来"),
        ("trial", r"it may go only to those who asked for it", "它只能发给主动要求接收的人"),
        ("variants", r"passed it on as its variant “b”: ", "转发时把它变成了“b”："),
        ("spammer", r"run by somebody else\), who keeps posting it", "操纵的账号）反复发布的"),
        ("sockpuppet", r"\(an account run by somebody else for pay\)", "（由收钱的人操纵的账号）"),
        ("amplifier", r"It passed it on: ", "它转发了它："),
        ("hijacked", r"Somebody else used \w+ account: without \w+ doing", "有人盗用了.*的账号"),
    ],
)  # fmt: skip
def test_it_is_told_in_both_languages(name: str, en: str, zh: str) -> None:
    assert re.search(en, told_in(name, "en"))
    assert re.search(zh, told_in(name, "zh"))


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_whole_and_chinese_ones_have_no_english_words(name: str) -> None:
    scenario, world, stories = case(name)
    known = {*scenario.message_names, *scenario.brands}
    for user in stories:
        profile = profile_of(world, user)
        known |= {*profile.name.split(), *profile.job.split()}
    for lang in ("en", "zh"):
        text = told_in(name, lang)
        assert "\0" not in text and "{" not in text and "None" not in text
    words = set(re.findall(r"[A-Za-z_][\w'-]*", told_in(name, "zh"), re.ASCII))
    assert not [word for word in words if not any(word in one for one in known)]


def test_the_arithmetic_says_what_became_of_a_variant() -> None:
    lines = {lang: [line for _, _, decision in some("variants") if decision.mutation
                    for line in why(decision, lang)] for lang in ("en", "zh")}  # fmt: skip
    for lang, told in (("en", "passed on as its variant"), ("zh", "作为变体")):
        assert any(told in line for line in lines[lang])
    for _, _, decision in some("amplifier"):
        assert len(changes(decision, "en")) <= 3


def test_a_variant_belongs_to_the_story_of_what_it_was() -> None:
    _, _, stories = case("variants")
    found = 0
    for told in stories.values():
        for delivery, decision in told.decisions("forward"):
            if decision.mutation is not None and decision.mutation.happened:
                found += 1
                for message in (delivery.message, decision.mutation.variant):
                    part = about(told, message)
                    assert delivery in part.deliveries
                    assert any(a.kind == "mutated" for a in part.adoptions)
    assert found


def test_a_table_of_people_says_through_whom_they_joined_and_what_they_are() -> None:
    for name, kind in (("footer", "involuntary"), ("variants", "mutated"), ("spammer", "seed")):
        _, world, stories = case(name)
        trace = trace_of(name)
        table = rows_of(world, trace, Query(), np.arange(world.n_users))
        assert any(row.kind == kind for row in table)
        for row in table:
            told = stories[row.who.user]
            first = told.joins[0] if told.joins else None
            assert row.joined_at == (first and first.minute)
            assert (row.joined_from and row.joined_from.user) == (first and first.source)
            assert row.hops == (told.adoptions[0].hops if told.adoptions else None)
            assert ("bot" in row.marks) == (name == "spammer" and told.is_bot)


def test_accounts_run_by_somebody_else_are_found_as_bots() -> None:
    scenario, world, _ = case("recruiter")
    trace = trace_of("recruiter")
    assert trace.marks is not None
    found = find(world, trace, Query(persona="bot"), scenario=scenario)
    assert found.users.tolist() == np.flatnonzero(trace.marks & MARK_BOT).tolist()
    assert found.total == round(scenario.bots[0].share * world.n_users)
