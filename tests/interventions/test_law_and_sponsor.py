"""What the law, the sponsor and the world outside can do, measure by measure."""

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
)
from viralbots.errors import ScenarioError
from viralbots.trace import (
    AWARE,
    BRAND,
    CONVERTED,
    FORWARDED,
    MARK_PAID,
    REPEAT,
    SEED,
)
from viralbots.world.world import CHANNELS

JOKE = {"value": 0.9, "arousal": 1, "ease": 1, "channels": {"im": 1}}
COUNTER = {"kind": "counter", "about": "lie", "channels": {"video": 1}}
OFFER = {**TRUTH, "offer": "full", "value": 1, "brand": "b", "sponsored": False}
EAGER = {**ALONE, "convert.const": 0.0}


def test_disclosure_tells_its_share() -> None:
    found = solo({"kind": "disclosure", "share": 0.5}, cells={"detect.const": -50})
    assert is_near(found.flag(AWARE).sum(), N, 0.5)
    assert not found.flag(AWARE, 1).any(), "there is nothing to tell about the truth"


def test_opt_in_keeps_advertising_from_the_uninvited_and_lets_friends_talk() -> None:
    waves = [mail("joke"), {"message": "joke", "count": 50}]
    found = run(story({"joke": JOKE}, waves, {"kind": "opt_in_only"}))
    by_brand, friends = rows(found, flags=BRAND), rows(found, channel="im")
    agreed = of_class("opted_in")[by_brand["user"]]
    assert agreed.any() and (stopped(by_brand) == ~agreed).all()
    assert len(friends) > 50 and not stopped(friends).any()


def test_opt_in_does_not_keep_anybody_from_corrections_or_looking_up() -> None:
    messages = {"lie": LIE, "truth": {"kind": "correction", "about": "lie"}}
    send = {"kind": "correction", "message": "truth", "count": 50, "channel": "email"}
    look = {"kind": "look_up", "message": "lie", "count": 50}
    found = run(story(messages, [], {"kind": "opt_in_only"}, send, look, cells=ALONE))
    assert found.total("delivered") > 20 and found.total("delivered", 1) > 20
    assert not stopped(rows(found)).any()


def test_cooling_off_keeps_its_share_from_taking_it_up_and_nobody_from_passing_it_on() -> None:
    eager = {"convert.const": 0.0}
    plain, slow = solo(cells=eager), solo({"kind": "cooling_off", "strength": 0.3}, cells=eager)
    assert within(slow.flag(CONVERTED), plain.flag(CONVERTED))
    assert is_near(slow.total("converts"), plain.total("converts"), 0.7)
    assert (slow.flag(FORWARDED) == plain.flag(FORWARDED)).all()


def test_a_regulator_stops_the_sponsor_and_not_the_people() -> None:
    joke = {**JOKE, "disguise": 0.5}
    waves = [mail("joke"), {"message": "joke", "count": 50, "paid": True},
             {"message": "joke", "count": 50, "minute": DAY, "who": "random"}]  # fmt: skip
    stop = {"kind": "regulator_stop", "start": DAY, "share": 1, "fine": 1e7}
    found = run(story({"joke": joke}, waves, stop))
    everything = rows(found)
    bought = (everything["flags"] & (BRAND | 1)) != 0
    late = everything["minute"] >= DAY
    assert (stopped(everything) == (bought & late)).all()
    assert (bought & late).any() and (~bought & late).any()
    assert found.flag(AWARE).all()


def test_a_season_makes_people_pass_on_while_it_lasts() -> None:
    plain = solo()
    festive = solo({"kind": "season", "strength": 1})
    assert within(plain.flag(FORWARDED), festive.flag(FORWARDED))
    over = solo({"kind": "season", "strength": 1, "duration": 1})  # nobody has anything yet
    assert over.digest == plain.digest


def test_the_press_broadcasts_once_it_is_talked_about() -> None:
    trigger = {"quantity": "reach_share", "above": 0.1, "message": "joke"}
    press = {"kind": "press", "message": "joke", "count": 7, "trigger": trigger}
    joke = {**JOKE, "channels": {"video": 1}}
    found = run(story({"joke": joke}, [{"message": "joke", "count": 20}], press))
    (start,) = found.started
    assert start > 0
    assert found.hourly("reach")[start // 60] <= 0.1 * N + 20
    began = found.adoptions[(found.adoptions["kind"] == SEED) & (found.adoptions["minute"] > 0)]
    assert (began["minute"] == start).all()
    assert 5 <= len(began) <= 7  # less those who had passed it on already
    assert of_class("operator")[began["user"]].all()


@pytest.mark.parametrize("kind", ["press", "affiliates"])
def test_what_needs_operators_says_so_where_there_are_none(kind: str) -> None:
    entry = {"kind": kind, "message": "joke"}
    with pytest.raises(ScenarioError) as refused:
        story({"joke": JOKE}, [], entry, network={"n_users": N})
    assert [(p.path, p.code) for p in refused.value.problems] == [
        ("interventions[0].who", "no_operators")
    ]
    story({"joke": JOKE}, [], {**entry, "who": "leaders"}, network={"n_users": N})


def test_operators_are_drawn_by_their_share_and_change_nobody_else() -> None:
    from viralbots.world.assemble import build
    from viralbots.world.spec import WorldSpec

    none, some = (
        build(WorldSpec.model_validate({"n_users": 5000, "population": {"operator_share": share}}))
        for share in (0.0, 0.1)
    )
    roles, before = some.population.role, none.population.role
    operates = roles == 2
    assert not (before == 2).any() and is_near(operates.sum(), (before == 0).sum(), 0.1)
    assert (roles[~operates] == before[~operates]).all() and (before[operates] == 0).all()


def test_affiliates_carry_it_again_and_again_and_are_paid_only_for_a_share() -> None:
    entry = {"kind": "affiliates", "message": "joke", "count": 20, "per_day": 3}
    joke = {"joke": {**JOKE, "channels": {"video": 1}}}
    paid = run(story(joke, [], entry))
    began = paid.adoptions[paid.adoptions["kind"] == SEED]
    assert len(began) == 20 and of_class("operator")[began["user"]].all()
    assert (began["mark"] & MARK_PAID).all()
    again = rows(paid, flags=REPEAT)
    assert set(again["source"]) <= set(began["user"]) and len(again) > 100
    news = run(story(joke, [], {**entry, "terms": "news"}))
    assert not (news.adoptions["mark"] & MARK_PAID).any()
    assert len(rows(run(story(joke, [], {**entry, "per_day": 0})), flags=REPEAT)) == 0


def test_a_page_is_looked_up_at_its_rate_and_has_no_sender() -> None:
    look = {"kind": "look_up", "message": "page", "count": 200, "per_day": 4}
    found = run(story({"page": {"channels": {"video": 1}}}, [], look, cells=ALONE))
    visits = rows(found)
    assert (visits["source"] == -1).all()
    assert (visits["channel"] == CHANNELS.index("web")).all()
    assert len(np.unique(visits["user"])) == 200
    expected = 200 * 4 * 4  # users × a day × days
    assert abs(len(visits) - expected) < 4 * expected**0.5


def test_a_landing_serves_no_more_than_its_capacity() -> None:
    found = run(story({"offer": OFFER}, [mail("offer")], {"kind": "capacity", "per_hour": 3},
                      cells=EAGER))  # fmt: skip
    served = np.sort(found.converts["minute"])
    assert found.total("refused") > 0 and len(served) > 20
    assert (served[3:] - served[:-3] >= 60).all()


def test_a_breach_shuts_the_landing_costs_trust_and_is_told() -> None:
    messages = {"lie": {**OFFER, "channels": {"video": 1}}, "warning": COUNTER}
    breach = {"kind": "breach", "message": "lie", "counter": "warning", "count": 8, "start": 60,
              "duration": 300, "share": 1, "amount": 0.5}  # fmt: skip
    found = run(story(messages, [mail("lie")], breach, cells={**EAGER, "trust.refused_loss": 0}))
    at = found.converts["minute"]
    assert not ((at >= 60) & (at < 360)).any()
    assert (at < 60).any() and (at >= 360).any() and found.total("refused") > 0
    assert (found.distrust[:, 0] > 0.4 * 2**20).all()
    assert found.total("seeds", 1) == 8
    free = run(story(messages, [mail("lie")], cells=EAGER)).converts["minute"]
    assert ((free >= 60) & (free < 360)).any()


def test_the_hazard_of_a_breach_grows_with_reach() -> None:
    trigger = {"quantity": "reach_share", "above": 0.3, "message": "lie", "by_chance": True}
    breach = {"kind": "breach", "message": "lie", "trigger": trigger}
    scenario = story({"lie": OFFER}, [mail("lie")], breach, cells=ALONE)
    reach = []
    for seed in range(40):
        found = run(scenario, seed)
        if found.started[0] >= 0:
            seen = rows(found)
            reach.append(len(np.unique(seen["user"][seen["minute"] < found.started[0]])) / N)
    # An exponential with mean .3: 1 − exp(−1/.3) = 96 % before everybody has it.
    assert is_near(len(reach), 40, 0.964)
    assert is_near((np.array(reach) < 0.3 * np.log(2)).sum(), 40, 0.5)


def test_a_scandal_costs_its_part_of_trust() -> None:
    scandal = {"kind": "scandal", "share": 0.5, "amount": 0.4, "start": 4 * DAY - 1}
    found = run(story({"offer": OFFER}, [mail("offer")], scandal, cells=ALONE))
    lost = found.distrust[:, 0] / 2**20
    assert is_near((lost > 0).sum(), N, 0.5)
    assert np.allclose(lost[lost > 0], 0.4, atol=1e-4)


def test_a_leak_is_begun_by_leaders() -> None:
    leak = {"kind": "leak", "message": "warning", "count": 4, "start": 30}
    found = run(story({"lie": LIE, "warning": COUNTER}, [mail("lie")], leak, cells=CALM))
    began = found.adoptions[found.adoptions["kind"] == SEED]
    assert len(began) == 4 and (began["minute"] == 30).all()
    assert of_class("leaders")[began["user"]].all()


def test_there_is_no_leak_where_nothing_is_hidden() -> None:
    leak = {"kind": "leak", "message": "warning", "count": 4}
    with pytest.raises(ScenarioError) as refused:
        story({"lie": TRUTH, "warning": COUNTER}, [mail("lie")], leak)
    assert [p.code for p in refused.value.problems] == ["nothing_to_leak"]
    breach = {"kind": "breach", "message": "lie", "counter": "warning"}
    story({"lie": TRUTH, "warning": COUNTER}, [mail("lie")], breach)  # stolen data are news
