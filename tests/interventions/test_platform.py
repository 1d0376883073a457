"""What the platform can do, measure by measure: each test fails when its measure does nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.interventions.small import (
    ALONE,
    CALM,
    DAY,
    LIE,
    TRUTH,
    N,
    is_near,
    mail,
    of_class,
    rows,
    run,
    solo,
    stopped,
    story,
    within,
    world,
)
from viralbots.errors import ScenarioError
from viralbots.interventions.levers import members
from viralbots.trace import AWARE, BRAND, DETECTED, FORWARDED, HEARD, MARK_REMOVED
from viralbots.world.world import CHANNELS, FEED_CHANNELS

BOTH = {"value": 0.9, "arousal": 1, "ease": 1, "channels": {"im": 1, "video": 1}}


def test_a_label_opens_eyes_and_slows_what_it_is_put_on_and_nothing_else() -> None:
    plain, labelled = solo(), solo({"kind": "label", "strength": 2, "reluctance": 0.5})
    assert within(plain.flag(DETECTED), labelled.flag(DETECTED))
    shy = solo({"kind": "label", "strength": 0, "reluctance": 0.5})
    assert within(shy.flag(FORWARDED), plain.flag(FORWARDED))
    assert (shy.flag(DETECTED) == plain.flag(DETECTED)).all()
    assert (labelled.flag(FORWARDED, 1) == plain.flag(FORWARDED, 1)).all()
    unread = solo({"kind": "label", "strength": 0, "reluctance": 0})
    assert unread.digest == plain.digest


def test_a_prebunk_opens_eyes() -> None:
    plain, taught = solo(), solo({"kind": "prebunk", "strength": 2})
    assert within(plain.flag(DETECTED), taught.flag(DETECTED))
    assert (taught.flag(FORWARDED, 1) == plain.flag(FORWARDED, 1)).all()


def test_an_accuracy_prompt_stops_forwards_of_what_is_false_alone() -> None:
    plain, asked = solo(), solo({"kind": "accuracy_prompt", "strength": 0.4})
    assert within(asked.flag(FORWARDED), plain.flag(FORWARDED))
    assert is_near(asked.total("forwards"), plain.total("forwards"), 0.6)
    assert (asked.flag(FORWARDED, 1) == plain.flag(FORWARDED, 1)).all()


def test_an_adjustment_holds_for_the_class_it_names() -> None:
    change = {"kind": "adjustment", "cell": "forward.const", "offset": -50, "users": "vulnerable"}
    plain, changed = solo(), solo(change)
    weak = of_class("vulnerable")
    assert plain.flag(FORWARDED)[weak].any() and not changed.flag(FORWARDED)[weak].any()
    assert (changed.flag(FORWARDED) == plain.flag(FORWARDED))[~weak].all()


def test_a_correction_is_read_by_those_it_is_sent_to_who_then_know() -> None:
    truth = {"kind": "correction", "about": "lie", "channels": {"video": 1}}
    send = {"kind": "correction", "message": "truth", "count": 50, "channel": "email"}
    scenario = story({"lie": LIE, "truth": truth}, [mail("lie")], {**send, "start": 60},
                     cells={**ALONE, "detect.const": -50})  # fmt: skip
    found = run(scenario)
    told = rows(found, message=1)
    assert 45 <= len(told) <= 50  # those after the end are missing
    assert found.flag(AWARE).sum() == len(told) and found.flag(AWARE)[told["user"]].all()


def test_a_filter_holds_back_its_share_on_its_channels() -> None:
    seeds = [{"message": "joke", "count": 60}]
    held = {"kind": "filter", "strength": 0.5, "channels": ["im"]}
    found = run(story({"joke": BOTH}, seeds, held))
    assert not stopped(rows(found, channel="video")).any()
    chats = rows(found, channel="im")
    assert is_near(stopped(chats).sum(), len(chats), 0.5)


def test_downranking_touches_feeds_alone() -> None:
    seeds = [{"message": "joke", "count": 60}]
    found = run(story({"joke": BOTH}, seeds, {"kind": "downrank", "strength": 0.5}))
    chats, shown = rows(found, channel="im"), rows(found, channel="video")
    assert len(chats) > 100 and not stopped(chats).any()
    assert is_near(stopped(shown).sum(), len(shown), 0.5)
    assert "video" in FEED_CHANNELS and "im" not in FEED_CHANNELS


def test_a_forward_limit_after_hops_spares_what_has_not_been_forwarded_often() -> None:
    letter = {"threat": 1, "value": 0.9, "arousal": 1, "push_quota": 8, "channels": {"sms": 1}}
    limit = {"kind": "forward_limit", "limit": 1, "after_hops": 3}
    found = run(story({"letter": letter}, [{"message": "letter", "count": 5}], limit))
    sent, hops = found.adoptions["n_sent"], found.adoptions["hops"]
    assert (sent[hops < 3] >= 8).sum() > 5
    assert (hops >= 3).sum() > 20 and sent[hops >= 3].max() == 1


def test_a_rate_limit_thins_what_is_repeated_and_leaves_decisions_alone() -> None:
    look = {"kind": "look_up", "message": "page", "count": 200, "per_day": 4}
    page = {"page": {"channels": {"video": 1}}}
    free = run(story(page, [], look, cells=ALONE))
    capped = run(story(page, [], look, {"kind": "rate_limit", "per_day": 1}, cells=ALONE))
    assert is_near(capped.total("emitted"), free.total("emitted"), 0.25)
    joke, seeds = {"joke": BOTH}, [{"message": "joke", "count": 60}]
    once = run(story(joke, seeds, {"kind": "rate_limit", "per_day": 0}))
    assert once.digest == run(story(joke, seeds)).digest


def test_quarantine_shuts_out_those_who_passed_it_on_until_it_ends() -> None:
    messages = {"spam": {**TRUTH, "value": 0, "arousal": 0}, "news": TRUTH, "later": TRUTH}
    seeds = {"message": "spam", "count": 40, "channel": "email"}
    held = {"kind": "quarantine", "messages": ["spam"], "share": 1, "start": 60, "duration": DAY}
    waves = [seeds, mail("news", 61), mail("later", 60 + DAY)]
    found = run(story(messages, waves, held, cells={**ALONE, "forward.const": -50}))
    guilty = np.zeros(N, bool)
    guilty[found.adoptions["user"]] = True
    assert guilty.sum() == 40
    news = rows(found, message=1)
    news = news[news["minute"] < 60 + DAY]
    assert (stopped(news) == guilty[news["user"]]).all() and guilty[news["user"]].any()
    assert not stopped(rows(found, message=2)).any()


def test_removal_closes_the_accounts_of_a_class() -> None:
    found = solo({"kind": "removal", "who": "elders", "share": 1})
    assert (found.flag(HEARD) == ~of_class("elders")).all()


def test_bot_removal_finds_the_bots_it_is_after() -> None:
    bots = [
        {"kind": "amplifier", "message": "lie", "share": 0.05},
        {"kind": "spammer", "message": "lie", "share": 0.08},
    ]
    hunt = {"kind": "bot_removal", "bots": 1, "share": 1, "mistaken": 0}
    found = run(story({"lie": LIE}, [mail("lie")], hunt, bots=bots))
    assert found.marks is not None
    chosen = story({"lie": LIE}, [], bots=bots).bots[1].chosen
    assert (((found.marks & MARK_REMOVED) > 0) == members(world(), chosen)).all()
    assert not rows(found, source=-1)["user"][~stopped(rows(found, source=-1))].size == N


def test_bot_removal_errs_about_people_every_day() -> None:
    bots = [{"kind": "amplifier", "message": "lie", "share": 0.05}]
    hunt = {"kind": "bot_removal", "share": 0, "mistaken": 0.1}
    found = run(story({"lie": LIE}, [mail("lie")], hunt, bots=bots))
    assert found.marks is not None
    closed = int(((found.marks & MARK_REMOVED) > 0).sum())
    assert is_near(closed, N, 1 - 0.9**4)


@pytest.mark.parametrize(
    ("bots", "which", "code"),
    [([], None, "no_bots"), ([{"kind": "amplifier", "message": "lie"}], 1, "unknown_bots")],
)
def test_bots_that_are_not_there_cannot_be_removed(
    bots: list[dict[str, object]], which: int | None, code: str
) -> None:
    with pytest.raises(ScenarioError) as refused:
        story({"lie": LIE}, [], {"kind": "bot_removal", "bots": which}, bots=bots)
    assert [(p.path, p.code) for p in refused.value.problems] == [("interventions[0].bots", code)]


def test_a_throttle_begins_after_too_many_complaints_and_spares_friends() -> None:
    cells = {"react.const": -2.0, "reaction.opt_out": 0.0, "reaction.filter": 0.0}
    trigger = {"quantity": "complaints_per_1000", "above": 3, "message": "joke"}
    held = {"kind": "throttle", "strength": 0.8, "trigger": trigger}
    joke = {"joke": {**BOTH, "brand": "b", "ad_intensity": 0.5, "channels": {"im": 1}}}
    waves = [mail("joke"), mail("joke", 2 * DAY), {"message": "joke", "count": 50, "minute": DAY}]
    found = run(story(joke, waves, held, cells=cells))
    (start,) = found.started
    assert 0 < start < DAY
    by_brand = rows(found, flags=BRAND)
    late = by_brand[by_brand["minute"] >= start]
    assert not stopped(by_brand[by_brand["minute"] < start]).any()
    assert is_near(stopped(late).sum(), len(late), 0.8)
    friends = rows(found, channel="im")
    assert len(friends) > 50 and not stopped(friends).any()
    calm = run(story(joke, waves, held, cells={**CALM, "reaction.opt_out": 0.0}))
    assert calm.started == (-1,)


def test_nobody_is_refused_once_the_landing_has_been_scaled_up() -> None:
    offer = {"offer": {**TRUTH, "offer": "full", "value": 1, "brand": "b", "sponsored": False}}
    narrow = {"kind": "capacity", "per_hour": 1}
    trigger = {"quantity": "refused_share", "above": 0.2, "message": "offer"}
    wide = {"kind": "autoscale", "per_hour": 1000, "trigger": trigger}
    cells = {**ALONE, "convert.const": 0.0}
    found = run(story(offer, [mail("offer")], narrow, wide, cells=cells))
    start = found.started[1]
    assert start > 0
    refused = found.hourly("refused")
    assert refused[-1] > 0 and refused[-1] == refused[start // 60 + 1]
    assert found.total("converts") > run(story(offer, [mail("offer")], narrow, cells=cells)).total(
        "converts"
    )


def test_nothing_is_scaled_where_nothing_is_bounded() -> None:
    with pytest.raises(ScenarioError, match="nothing bounds the landing"):
        story({"joke": BOTH}, [], {"kind": "autoscale"})


def test_channels_are_named_as_the_tests_mean_them() -> None:
    assert CHANNELS[:6] == ("im", "email", "sms", "forum", "blog", "video")
