"""Where a run and its ghost part for one user, and which of her decisions then differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.decision import Decision, DeliveryStory, UserStory
from viralbots.experiments.ghost import DID, Ghost, did
from viralbots.experiments.replay import replay
from viralbots.trace import INVOLUNTARY, MARK_BOT, PAID, SEED, Trace

Place = Literal["real", "other", "both"]
BRAND_KEY = (1 << 64) - 1
FROM_START = 255  # channel of members from the start
UNPAID = 255 ^ PAID  # flags but that one
MOST_STEPS = 100  # of a way
DECISIONS = ("read", "detect", "convert", "fall", "forward", "react")


@dataclass(frozen=True)
class Parting:
    """The first thing that is not the same for a user in both runs.

    Attributes
    ----------
    user : int
    kind : str
        *never*: everything is the same. *herself*: she is part of what is missing (run by
        somebody else, set going, paid). *arrival*: a delivery is there in one run only.
        *decision*: the same delivery comes in both, and she does something else.
    minute : int or None
    place : str
        Where the delivery is: real (the run), other (its ghost) or both.
    source : int or None
        Who sent it.
    """

    user: int
    kind: Literal["never", "herself", "arrival", "decision"]
    minute: int | None = None
    place: Place = "both"
    source: int | None = None


@dataclass(frozen=True)
class Turned:
    """A decision that fell otherwise in the two runs, or was taken in one only.

    Attributes
    ----------
    name : str
        As of `Decision`.
    delivery : DeliveryStory
        At which it was taken; of the run where it is in both.
    place : str
        Where the delivery is.
    real, other : Decision or None
        In the run and in its ghost.
    """

    name: str
    delivery: DeliveryStory
    place: Place
    real: Decision | None
    other: Decision | None

    @property
    def differing(self) -> tuple[tuple[str, int, int], ...]:
        """Cells whose contribution differs, with both; they make up the whole difference."""
        if self.real is None or self.other is None:
            return ()
        both = [_sums(decision) for decision in (self.real, self.other)]
        cells = dict.fromkeys([*both[0], *both[1]])
        pairs = ((cell, both[0].get(cell, 0), both[1].get(cell, 0)) for cell in cells)
        return tuple(pair for pair in pairs if pair[1] != pair[2])


def _sums(decision: Decision) -> dict[str, int]:
    found: dict[str, int] = {}
    for term in decision.terms:
        found[term.cell] = found.get(term.cell, 0) + term.contribution
    return found


@dataclass(frozen=True)
class Reasons:
    """Why a user fared otherwise than she would have without something.

    Attributes
    ----------
    user : int
    parting : Parting
    delivery : DeliveryStory or None
        At which the two runs part for her.
    way : tuple of int
        For a delivery that came in one run only: her source, the source's source …, back to
        somebody who is part of what is missing, or decided otherwise at what both runs brought.
    turned : tuple of Turned
        Her decisions that differ, in order of time.
    only_because, only_without : tuple of str
        Of `DID`: what she did in the run only, and in its ghost only.
    real, other : UserStory
        Her story in both.
    """

    user: int
    parting: Parting
    delivery: DeliveryStory | None
    way: tuple[int, ...]
    turned: tuple[Turned, ...]
    only_because: tuple[str, ...]
    only_without: tuple[str, ...]
    real: UserStory
    other: UserStory


def reasons(ghost: Ghost, user: int) -> Reasons:
    """`reasons_of` one user."""
    return reasons_of(ghost, [user])[user]


def reasons_of(ghost: Ghost, users: Iterable[int]) -> dict[int, Reasons]:
    """Where the two runs part for some users, and which of their decisions differ.

    Both runs are made once more with these users watched; every decision is worked out again
    from the decision table (`viralbots.experiments.replay`).

    Raises
    ------
    ExperimentError
        There is no such user.
    """
    wanted = list(dict.fromkeys(users))
    real, other = (
        replay(scenario, ghost.seed, wanted, replicate=ghost.replicate, world=ghost.world)
        for scenario in (ghost.scenario, ghost.ghost)
    )
    does = {word: (did(ghost.real, word), did(ghost.other, word)) for word in DID}
    found = {}
    for user in wanted:
        turned = _turned(real[user], other[user])
        parting, delivery = _earliest(parting_of(ghost, user), turned)
        if delivery is None:
            delivery = _delivery_at(parting, real[user], other[user], ghost)
        found[user] = Reasons(
            user, parting, delivery, way_of(ghost, parting), turned,
            tuple(word for word, (a, b) in does.items() if a[user] and not b[user]),
            tuple(word for word, (a, b) in does.items() if b[user] and not a[user]),
            real[user], other[user],
        )  # fmt: skip
    return found


# -- where they part -----------------------------------------------------------------------


def parting_of(ghost: Ghost, user: int) -> Parting:
    """The first thing that is not the same for a user; found in the traces alone."""
    rows = deliveries_of(ghost, user)
    place = _first_difference(*rows)
    herself = _herself(ghost, user)
    if place is None:
        return Parting(user, "never") if herself is None else Parting(user, "herself", herself)
    pair = [row[place] if place < len(row) else None for row in rows]
    minute = min(int(row["minute"]) for row in pair if row is not None)
    if herself is not None and herself <= minute:
        return Parting(user, "herself", herself)
    if pair[0] is not None and pair[1] is not None and _arrival(pair[0]) == _arrival(pair[1]):
        return Parting(user, "decision", minute, "both", _source(pair[0]))
    is_real = pair[1] is None or (
        pair[0] is not None and _order(ghost, pair[0]) < _order(ghost, pair[1])
    )
    row = pair[0] if is_real else pair[1]
    assert row is not None
    return Parting(user, "arrival", minute, "real" if is_real else "other", _source(row))


def deliveries_of(ghost: Ghost, user: int) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Her deliveries in both runs."""
    found = []
    for trace, (order, start) in zip((ghost.real, ghost.other), ghost.places, strict=True):
        assert trace.deliveries is not None
        found.append(trace.deliveries[order[start[user] : start[user + 1]]])
    return found[0], found[1]


def _first_difference(a: NDArray[np.void], b: NDArray[np.void]) -> int | None:
    """Place of the first delivery that is not the same with the same outcome."""
    n = min(len(a), len(b))
    differs = np.zeros(n, bool)
    for column in ("minute", "source", "message", "channel", "repeat", "level", "outcome"):
        differs |= a[column][:n] != b[column][:n]
    differs |= (a["flags"][:n] ^ b["flags"][:n]) & UNPAID > 0
    if differs.any():
        return int(differs.argmax())
    return None if len(a) == len(b) else n


def _arrival(row: np.void) -> tuple[int, ...]:
    """What makes a delivery the same in both runs; whether its sender is paid does not."""
    words = ("minute", "source", "message", "channel", "repeat", "level")
    return *(int(row[word]) for word in words), int(row["flags"]) & UNPAID


def _order(ghost: Ghost, row: np.void) -> tuple[int, ...]:
    """The order in which one user's deliveries are handled (docs/exactness.md)."""
    source = int(row["source"])
    key = int(ghost.world.population.key[source]) if source >= 0 else BRAND_KEY
    words = ("channel", "repeat", "flags")
    return int(row["minute"]), int(row["message"]), key, *(int(row[word]) for word in words)


def _source(row: np.void) -> int | None:
    return int(row["source"]) if row["source"] >= 0 else None


def _herself(ghost: Ghost, user: int) -> int | None:
    """Minute from which on she is another one: set going, paid, or run by somebody else."""
    both = [_planned(trace, user) for trace in (ghost.real, ghost.other)]
    minutes = [minute for minute, *_ in both[0] ^ both[1]]
    is_bot = [trace.marks is not None and bool(trace.marks[user] & MARK_BOT)
              for trace in (ghost.real, ghost.other)]  # fmt: skip
    if is_bot[0] != is_bot[1]:
        minutes.append(0)
    return min(minutes, default=None)


def _planned(trace: Trace, user: int) -> set[tuple[int, ...]]:
    """What was done with her without asking, at the start of a minute."""
    rows = trace.adoptions[trace.adoptions["user"] == user]
    rows = rows[(rows["kind"] == SEED) | ((rows["kind"] == INVOLUNTARY) & (rows["source"] < 0))]
    found = {
        (int(r["minute"]), int(r["message"]), int(r["kind"]), int(r["mark"]))
        for r in rows if not r["by_brand"]
    }  # fmt: skip
    joined = trace.converts[trace.converts["user"] == user]
    joined = joined[joined["channel"] == FROM_START]
    return found | {(int(r["minute"]), int(r["message"]), -1, 0) for r in joined}


def way_of(ghost: Ghost, parting: Parting) -> tuple[int, ...]:
    """From whom it came, and to her from whom, as long as a delivery is what parts the runs."""
    found: list[int] = []
    while parting.kind == "arrival" and parting.source is not None:
        if parting.source in found or len(found) == MOST_STEPS:
            break
        found.append(parting.source)
        parting = parting_of(ghost, parting.source)
    return tuple(found)


# -- which decisions differ ----------------------------------------------------------------

Key = tuple[object, ...]


def _key(delivery: DeliveryStory) -> Key:
    flags = tuple(flag for flag in delivery.flags if flag != "paid")
    return (delivery.minute, delivery.source, delivery.message, delivery.channel,
            delivery.repeat, delivery.tie, flags)  # fmt: skip


def _delivery_at(
    parting: Parting, real: UserStory, other: UserStory, ghost: Ghost
) -> DeliveryStory | None:
    """The delivery of a parting, as replayed."""
    if parting.kind not in ("arrival", "decision"):
        return None
    place = _first_difference(*deliveries_of(ghost, parting.user))
    assert place is not None
    return (other if parting.place == "other" else real).deliveries[place]


def _earliest(
    parting: Parting, turned: tuple[Turned, ...]
) -> tuple[Parting, DeliveryStory | None]:
    """The parting; an earlier one that leaves no mark in the trace, with its delivery.

    Whoever does not see through something is deceived only where there is something to see.
    """
    first = next((t for t in turned if t.place == "both"), None)
    if first is not None and (parting.minute is None or first.delivery.minute < parting.minute):
        at = first.delivery
        return Parting(parting.user, "decision", at.minute, "both", at.source), at
    return parting, None


def _turned(real: UserStory, other: UserStory) -> tuple[Turned, ...]:
    """Decisions that fell otherwise; of those taken in one run only, what came about."""
    both = [{_key(d): d for d in story.deliveries} for story in (real, other)]
    keys = sorted(dict.fromkeys([*both[0], *both[1]]), key=lambda key: int(str(key[0])))
    found = []
    for key in keys:
        here, there = both[0].get(key), both[1].get(key)
        place: Place = "both" if here and there else "real" if here else "other"
        delivery = here or there
        assert delivery is not None
        for name in DECISIONS:
            a = here.decision(name) if here else None
            b = there.decision(name) if there else None
            if _differs(a, b):
                found.append(Turned(name, delivery, place, a, b))
    return tuple(found)


def _differs(a: Decision | None, b: Decision | None) -> bool:
    if a is not None and b is not None:
        return a.outcome != b.outcome
    one = a or b
    return one is not None and (one.outcome or one.name == "detect")
