"""What a run did to one user beside her deliveries: adoptions, joining, events of interventions.

A watch log tells of deliveries only; the rest follows from the trace and from addressed draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from viralbots.experiments.case import Case, Pulled, Row
from viralbots.experiments.decision import (
    AdoptionStory,
    DeliveryStory,
    EventStory,
    JoinStory,
    Refusal,
)
from viralbots.interventions.levers import Adoptions, UserEvent
from viralbots.trace import COUNTER_START, INVOLUNTARY, MARK_BOT, MARK_PAID, MUTATED, SEED
from viralbots.world.world import CHANNELS

FORWARDED_BIT, CONVERTED_BIT = 16, 8  # of an outcome
PLANNED = ("seed", "hijacked")  # come before the deliveries of their minute
LATE = ("footer", "joined")  # come after them


# -- adoptions and joining -----------------------------------------------------------------


def adoptions_of(case: Case, user: int) -> tuple[AdoptionStory, ...]:
    """Her adoptions in order of time."""
    rows = case.trace.adoptions
    return tuple(_adoption(case, row) for row in rows[rows["user"] == user])


def _adoption(case: Case, row: np.void) -> AdoptionStory:
    kind, mark = int(row["kind"]), int(row["mark"])
    return AdoptionStory(
        minute=int(row["minute"]),
        message=case.scenario.message_names[int(row["message"])],
        source=int(row["source"]) if row["source"] >= 0 else None,
        channel=_channel(int(row["channel"])),
        kind=_KINDS[kind] if kind != INVOLUNTARY else _involuntary(case, row),  # type: ignore[arg-type]
        n_sent=int(row["n_sent"]),
        is_paid=kind == SEED and bool(mark & MARK_PAID),
        hops=int(row["hops"]),
        is_bot=bool(mark & MARK_BOT),
    )


_KINDS = {0: "decided", SEED: "seed", COUNTER_START: "counter", MUTATED: "mutated"}


def _channel(number: int) -> str | None:
    return CHANNELS[number] if number < len(CHANNELS) else None


def _involuntary(case: Case, row: np.void) -> str:
    """How it came to be sent without her doing: hijacked, joined, or riding as a footer."""
    name = case.scenario.message_names[int(row["message"])]
    for pulled in case.levers:
        lever = pulled.lever
        if isinstance(lever, Adoptions) and lever.is_auto and lever.message == name:
            here = pulled.start == int(row["minute"])
            if here and case.is_chosen(pulled, int(row["user"])):
                return "hijacked"
    return "footer" if case.scenario.messages[name].footer > 0 else "joined"


def joins_of(case: Case, user: int, deliveries: Sequence[DeliveryStory]) -> tuple[JoinStory, ...]:
    """What she took up or fell for, in order of time."""
    rows = case.trace.converts
    told = {(d.minute, d.message) for d in deliveries if d.is_conversion}
    found = []
    for row in rows[rows["user"] == user]:
        name, minute = case.scenario.message_names[int(row["message"])], int(row["minute"])
        source = int(row["source"]) if row["source"] >= 0 else None
        channel = _channel(int(row["channel"]))
        is_told = (minute, name) in told
        found.append(JoinStory(minute, name, source, channel, int(row["hops"]), is_told))
    return tuple(found)


# -- events --------------------------------------------------------------------------------


def events_of(
    case: Case, user: int, adoptions: Sequence[AdoptionStory], rows: Sequence[Row]
) -> list[EventStory]:
    """What interventions did to her, in order of time; what changed nothing is left out."""
    found: list[EventStory] = []
    is_removed, held = False, set[int]()
    for minute, actor, place in sorted(_turns(case)):
        if place < 0:  # the actor ends
            if actor in held and held == {actor} and not is_removed:
                found.append(EventStory(minute, "back", None))
            held.discard(actor)
            continue
        pulled = case.levers[place]
        event, turn = pulled.lever, 0
        assert isinstance(event, UserEvent)
        turn = (minute - pulled.start) // event.every if event.every else 0
        if not case.is_hit(pulled, user, turn):
            continue
        if event.having and not _has_forwarded(case, user, (minute, place), adoptions, rows):
            continue
        is_new = _is_news(case, event, is_removed, bool(held))
        is_removed |= event.kind == "remove"
        if event.kind == "suspend":
            held.add(actor)
        if is_new:
            found.append(EventStory(minute, event.kind, event.message))
    return found


def _turns(case: Case) -> Iterator[tuple[int, int, int]]:
    """Minute, actor and place among the levers of every turn of an event; −1: the actor ends."""
    horizon = case.trace.horizon
    for place, pulled in enumerate(case.levers):
        event = pulled.lever
        if not isinstance(event, UserEvent) or not 0 <= pulled.start < horizon:
            continue
        last = min(pulled.end, horizon) if event.every else pulled.start + 1
        for minute in range(pulled.start, last, event.every or 1):
            yield minute, pulled.actor, place
        if event.kind == "suspend" and pulled.end < horizon:
            yield pulled.end, pulled.actor, -1


def _is_news(case: Case, event: UserEvent, is_removed: bool, is_held: bool) -> bool:
    if event.kind == "remove":
        return not is_removed
    if event.kind == "suspend":
        return not is_removed and not is_held
    if event.kind == "trust":
        return bool(event.message) and case.scenario.messages[str(event.message)].brand is not None
    return True


def _has_forwarded(
    case: Case,
    user: int,
    when: tuple[int, int],
    adoptions: Sequence[AdoptionStory],
    rows: Sequence[Row],
) -> bool:
    """Whether she has passed the message of a lever on when it is its turn."""
    minute, place = when
    event = case.levers[place].lever
    assert isinstance(event, UserEvent)
    name = event.message or case.scenario.message_names[0]
    q = case.scenario.message_names.index(name)
    before = any(a.message == name and a.minute < minute for a in adoptions) or any(
        r["message"] == q and r["minute"] < minute and r["outcome"] & FORWARDED_BIT for r in rows
    )
    here = any(a.message == name and a.minute == minute and a.kind in PLANNED for a in adoptions)
    return before or (here and any(_sets_going(case, p, user, name, minute)
                                   for p in case.levers[:place]))  # fmt: skip


def _sets_going(case: Case, pulled: Pulled, user: int, name: str, minute: int) -> bool:
    """Whether a lever makes a user adopt a message at a minute."""
    lever = pulled.lever
    return (
        isinstance(lever, Adoptions)
        and (pulled.start, lever.message) == (minute, name)
        and case.is_chosen(pulled, user)
    )


# -- how she stands ------------------------------------------------------------------------


@dataclass
class Standing:
    """What she has passed on and taken up by the time of a delivery."""

    case: Case
    adoptions: Sequence[AdoptionStory]
    joins: Sequence[JoinStory]
    forwarded: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def at(self, minute: int) -> None:
        """Take in what was so before the deliveries of a minute."""
        self.forwarded |= {
            a.message for a in self.adoptions
            if a.minute < minute or (a.minute == minute and a.kind in PLANNED)
        }  # fmt: skip
        self.joined |= {
            j.message for j in self.joins
            if j.minute < minute or (j.minute == minute and j.channel is None)
        }  # fmt: skip

    def refusal(self, row: Row) -> Refusal | None:
        """Why she could not decide to pass on what she read, where that is said to people."""
        name, message = self.case.message(row)
        if row["out_channel"] < len(CHANNELS) or row["outcome"] & 3 != 2 or row["is_bot"]:
            return None
        if name in self.forwarded:
            return None
        is_taken = bool(row["outcome"] & CONVERTED_BIT) or name in self.joined | self.asked
        if message.footer > 0:
            return "footer"
        if message.members_only and name not in self.joined:
            return "members_only"
        return "account" if message.auto_send != "nobody" and is_taken else None

    def after(self, delivery: DeliveryStory) -> None:
        """Take in what she did at a delivery."""
        name = delivery.message
        taken, passed = delivery.is_conversion, delivery.decision("forward")
        if taken:
            self.joined.add(name)
        if delivery.is_request:
            self.asked.add(name)
        if passed is not None and passed.outcome:
            self.forwarded.add(name)
            if passed.mutation is not None and passed.mutation.happened:
                self.forwarded.add(passed.mutation.variant)
        if delivery.reaction == "counter":
            names = self.case.scenario.messages.items()
            self.forwarded |= {n for n, m in names if m.kind == "counter" and m.about == name}
