"""The entries of the books, one function a subject (model §3; `viralbots.scenario.money`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viralbots.metrics.accounts import Entry, IntArray, Ledger, to_units
from viralbots.metrics.base import (
    adoptions_of,
    description,
    has_footer,
    people,
    sends_of,
    stream_kinds,
)
from viralbots.metrics.referral import referral_entries
from viralbots.trace import BRAND, DECIDED, FOOTER, MARK_BOT, MARK_PAID, MUTATED, REPEAT, SEED
from viralbots.world.world import CHANNELS, ROLES

SMS = CHANNELS.index("sms")


def entries_of(ledger: Ledger, *, is_first: bool) -> Iterator[Entry]:
    """All entries of one message; ``is_first``: with what is counted once a scenario."""
    yield from _planting(ledger)
    yield from _rewards(ledger)
    yield from _revenue(ledger)
    yield from _text_messages(ledger)
    yield from referral_entries(ledger)
    complaints = ledger.trace.total("complaints", ledger.message)
    handling = to_units(ledger.money["outside"]["complaint"]) * complaints
    yield Entry("complaints", "platform", "suppliers", handling)
    if is_first:
        yield from _fixed(ledger)
        yield from _measures(ledger)


def _cost(ledger: Ledger, name: str) -> int:
    return to_units(ledger.money["costs"][name])


def _planting(ledger: Ledger) -> Iterator[Entry]:
    """Planted users and what the brand sends itself; paid writers who are people get the fee."""
    rows = adoptions_of(ledger.trace, ledger.message)
    rows = rows[rows["kind"] == SEED]
    is_hired = ((rows["mark"] & MARK_PAID) != 0) & ((rows["mark"] & MARK_BOT) == 0)
    fee = _cost(ledger, "planted")
    yield ledger.to_people("fees", "sponsor", rows["user"][is_hired], fee)
    yield Entry("planting", "sponsor", "suppliers", fee * int((~is_hired).sum()))
    sent = sends_of(ledger.trace, ledger.message).brand + reminders_of(ledger)
    yield Entry("mailing", "sponsor", "suppliers", _cost(ledger, "brand_delivery") * sent)


def reminders_of(ledger: Ledger) -> int:
    """Reminders sent.

    Exact where nothing else of the message is sent again and again, or where deliveries were
    kept (those that arrived). Otherwise all that were due, whether or not the user had opted
    out by then.
    """
    trace, q = ledger.trace, ledger.message
    about = description(trace, q)
    if not about.get("has_reminders"):
        return 0
    if not has_footer(trace, q) and not stream_kinds(trace, q):
        return trace.total("emitted", q)
    if trace.deliveries is not None:
        rows = trace.deliveries[trace.deliveries["message"] == q]
        mine = rows["flags"] & (BRAND | REPEAT | FOOTER)
        return int((mine == BRAND | REPEAT).sum())
    every = max(1, round(float(str(about["reminder_days"])) * 1440))
    left = np.maximum(trace.horizon - 1 - ledger.joined["minute"].astype(np.int64), 0)
    return int(np.minimum(left // every, int(str(about["reminders"]))).sum())


def _rewards(ledger: Ledger) -> Iterator[Entry]:
    """For passing it on, for winning somebody, for an operator's mention."""
    trace, q, about = ledger.trace, ledger.message, description(ledger.trace, ledger.message)
    rows = adoptions_of(trace, q)
    is_own = np.isin(rows["kind"], (DECIDED, MUTATED)) & ((rows["mark"] & MARK_BOT) == 0)
    each = ledger.money["costs"]["per_forward"]
    reward = to_units(float(str(about.get("reward", 0.0))) if each is None else each)
    yield ledger.to_people("forwarding", "sponsor", rows["user"][is_own], reward)
    joined = ledger.joined[~ledger.from_start]
    winner = joined["source"].astype(np.int64)
    is_person = people(trace)
    through = (winner >= 0) & is_person[winner]
    bonus = _cost(ledger, "per_convert")
    yield ledger.to_people("recruiting", "sponsor", winner[through], bonus)
    if about.get("two_sided"):
        yield ledger.to_people("welcome", "sponsor", joined["user"][through], bonus)
    is_site = through & (ledger.world.population.role[winner] == ROLES.index("operator"))
    yield ledger.to_people("commission", "sponsor", winner[is_site], _cost(ledger, "commission"))


def _revenue(ledger: Ledger) -> Iterator[Entry]:
    """What comes in by the offer, for addresses and from victims of a trap."""
    terms, about = ledger.money["revenue"], description(ledger.trace, ledger.message)
    new = ~ledger.from_start
    n_addresses = int(new.sum()) + _given_away(ledger)
    worth = to_units(terms["address"]) * n_addresses
    yield Entry("addresses", "advertisers", "sponsor", worth)
    if about.get("phishing"):
        loss = to_units(terms["victim_loss"])
        yield ledger.by_people("loot", "sponsor", ledger.joined["user"][new], loss)
    elif about.get("offer") == "full":
        rate, time = to_units(terms["advertising"]), _earning_minutes(ledger)
        yield Entry("advertising", "advertisers", "sponsor", sum_of_days(rate, time))
    else:
        price = to_units(float(str(about.get("price", 0.0))))
        buys = new & (_earning_minutes(ledger) > 0) & _buys(ledger)
        yield ledger.by_people("sales", "sponsor", ledger.joined["user"][buys], price)


def sum_of_days(rate: int, minutes: IntArray) -> int:
    """A daily rate over so many minutes each, every user's rounded down to a unit.

    >>> sum_of_days(10, np.array([1440, 2160, 100]))
    25
    """
    days, rest = minutes // 1440, minutes % 1440
    return int(days.sum()) * rate + int((rest * rate // 1440).sum())


def _earning_minutes(ledger: Ledger) -> IntArray:
    """Minutes from the first money to the end, of each who joined; 0 where it comes later."""
    delay = round(ledger.money["revenue"]["after_days"] * 1440)
    left: IntArray = ledger.trace.horizon - delay - ledger.joined["minute"].astype(np.int64)
    return np.maximum(left, 0)


def _buys(ledger: Ledger) -> NDArray[np.bool_]:
    """Who of those who joined pays, by their own luck and the terms of the offer."""
    terms, trace = ledger.money["revenue"], ledger.trace
    offer = description(trace, ledger.message).get("offer", "none")
    if offer == "partial":
        return ledger.lucky("upgrade", terms["upgrade_share"])
    if offer == "trial":
        assert trace.state is not None
        times = (trace.state[ledger.joined["user"], ledger.message] >> np.uint32(15)) & 31
        later = np.maximum(times.astype(np.int64) - 1, 0)  # the first made her try it
        return ledger.lucky("keep", terms["keep_share"] + terms["keep_per_reading"] * later)
    if offer == "free_copy":
        minute = ledger.joined["minute"].astype(np.int64)
        then = minute + round(terms["after_days"] * 1440)
        base = np.searchsorted(minute, then, side="right")
        return ledger.lucky("pay", terms["paid_share"] * base / max(1, int(people(trace).sum())))
    return np.ones(len(ledger.joined), np.bool_)


def _given_away(ledger: Ledger) -> int:
    from viralbots.metrics.harm.privacy import exposed  # it counts people, this counts addresses

    return int(exposed(ledger.world, ledger.trace, ledger.message).sum())


def _text_messages(ledger: Ledger) -> Iterator[Entry]:
    """Text messages of adopters; what rides on personal ones costs nothing more."""
    rows = adoptions_of(ledger.trace, ledger.message)
    rows = rows[rows["channel"] == SMS]
    price, sent = _cost(ledger, "sms"), rows["n_sent"].astype(np.int64)
    pays = (rows["mark"] & MARK_BOT) == 0
    if ledger.money["costs"]["sms_paid_by"] == "sponsor":
        pays[:] = False
    yield ledger.by_people("text messages", "suppliers", rows["user"][pays], sent[pays] * price)
    rest = price * int(sent[~pays].sum())
    yield Entry("sponsored text messages", "sponsor", "suppliers", rest)


def _fixed(ledger: Ledger) -> Iterator[Entry]:
    yield Entry("fixed", "sponsor", "suppliers", _cost(ledger, "fixed"))
    running = _cost(ledger, "per_day") * ledger.trace.horizon // 1440
    yield Entry("running", "sponsor", "suppliers", running)


def _measures(ledger: Ledger) -> Iterator[Entry]:
    """Interventions and bots that began: once, by the day, and fines."""
    trace = ledger.trace
    known: Any = trace.facts.get("measures", ())
    for measure, start in zip(known, trace.started, strict=True):
        if not 0 <= start < trace.horizon:
            continue
        lasts = trace.horizon - start
        if measure["duration"] is not None:
            lasts = min(lasts, measure["duration"])
        amount = to_units(measure["cost"]) + to_units(measure["cost_per_day"]) * lasts // 1440
        yield Entry("measures", str(measure["paid_by"]), "suppliers", amount)
        yield Entry("fines", "sponsor", "state", to_units(measure["fine"]))
