"""What each kind of bots does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.interventions.small import CALM, LIE, N, rows, run, story, world
from viralbots.errors import ScenarioError
from viralbots.interventions.levers import members
from viralbots.trace import (
    BRAND,
    DECIDED,
    FORWARDED,
    HEARD,
    INVOLUNTARY,
    MARK_BOT,
    MARK_PAID,
    REPEAT,
    SEED,
)
from viralbots.world.world import CHANNELS, ID_MASK

MEEK = {**CALM, "forward.const": -50.0}
"""No person passes anything on."""


def net(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "message": "lie", "share": 0.05, **fields}


def of(bots: dict[str, Any]) -> NDArray[np.bool_]:
    chat = {**LIE, "channels": {"sms": 1}}
    return members(world(), story({"lie": chat}, [], bots=[bots]).bots[0].chosen)


def test_an_amplifier_passes_on_whatever_reaches_it() -> None:
    bots = net("amplifier", share=0.1)
    found = run(story({"lie": LIE}, [{"message": "lie", "count": 60}], bots=[bots], cells=MEEK))
    amplifier, reached = of(bots), np.zeros(N, bool)
    reached[rows(found)["user"]] = True
    seeds = np.zeros(N, bool)
    seeds[found.adoptions["user"][found.adoptions["kind"] == SEED]] = True
    assert (found.flag(FORWARDED) == (reached & amplifier) | seeds).all()
    decided = found.adoptions[found.adoptions["kind"] == DECIDED]
    assert len(decided) > 3 and (decided["mark"] & MARK_BOT).all()
    assert not found.flag(HEARD)[amplifier & ~seeds].any(), "bots are not people"


def test_a_spammer_posts_at_its_rate() -> None:
    bots = net("spammer", flooding=4)
    found = run(story({"lie": LIE}, [], bots=[bots], cells={**MEEK, "visibility.video": 1.0}))
    posts = rows(found, flags=REPEAT)
    assert of(bots)[np.unique(posts["source"])].all()
    followed = of(bots) & (world().follows.degree > 20)
    some = [set(posts["repeat"][posts["source"] == u]) for u in np.flatnonzero(followed)]
    made = sum(map(len, some))  # some of the last day are seen after the end
    assert len(some) > 5 and 0.7 * len(some) * 16 < made < 1.2 * len(some) * 16


def test_a_sockpuppet_begins_it_for_money() -> None:
    bots = net("sockpuppet")
    found = run(story({"lie": LIE}, [], bots=[bots], cells=MEEK))
    began = found.adoptions
    assert (began["kind"] == SEED).all() and (began["minute"] == 0).all()
    assert set(began["user"]) == set(np.flatnonzero(of(bots)))
    assert (began["mark"] & MARK_PAID).all() and len(rows(found, flags=REPEAT)) > 0


def test_a_harvester_has_everybody_written_to_who_is_in_the_address_books() -> None:
    bots = net("harvester", share=0.01)
    found = run(story({"lie": LIE}, [], bots=[bots], cells=MEEK, horizon_days=60))
    ties = world().ties
    known = set()
    for u in np.flatnonzero(of(bots)):
        known |= set(
            (ties.word[ties.offset[u] : ties.offset[u + 1]] & np.uint32(ID_MASK)).tolist()
        )
    written = rows(found, flags=BRAND)
    assert sorted(written["user"]) == sorted(known)
    assert (written["channel"] == CHANNELS.index("email")).all()


def test_hijacked_accounts_write_to_all_their_contacts_against_their_will() -> None:
    bots, chat = net("hijacked"), {**LIE, "channels": {"sms": 1}}
    found = run(story({"lie": chat}, [], bots=[bots], cells=MEEK))
    sent = found.adoptions
    assert (sent["kind"] == INVOLUNTARY).all() and found.total("involuntary") == len(sent)
    assert set(sent["user"]) == set(np.flatnonzero(of(bots)))
    assert (sent["n_sent"] == world().ties.degree[sent["user"]]).all()
    with pytest.raises(ScenarioError) as refused:
        story({"lie": LIE}, [], bots=[bots])  # on a feed there are no contacts
    assert [(p.path, p.code) for p in refused.value.problems] == [
        ("bots[0].message", "needs_push")
    ]


def test_a_recruiter_presses_contacts_on_its_channel() -> None:
    bots = net("recruiter", flooding=3)
    found = run(story({"lie": LIE}, [], bots=[bots], cells=MEEK))
    pressed = rows(found, flags=REPEAT)
    assert len(pressed) > 100 and (pressed["channel"] == CHANNELS.index("im")).all()
    assert of(bots)[pressed["source"]].all()


def test_infiltration_brings_followers_and_deception_brings_closeness() -> None:
    def heard(**fields: Any) -> Any:
        bots = net("spammer", **fields)
        return run(story({"lie": LIE}, [], bots=[bots], cells=MEEK))

    few, many = heard(infiltration=0.02), heard(infiltration=0.2)
    assert many.total("reach") > 1.3 * few.total("reach")
    close = heard(infiltration=0.2, deception=1)
    assert (rows(many, flags=REPEAT)["level"] == 36).all()
    assert (rows(close, flags=REPEAT)["level"] == 216).all()
    assert close.total("readings") > 1.2 * many.total("readings")
