"""Why did she forward it? The same seed again, with some users watched.

Every draw has an address, so nothing needs to be logged in advance: `replay` runs the
scenario once more, takes the inputs that the kernel logged for the watched users, and works
every decision out a second time from the decision table, term by term. A sum, a draw or a
veto that is not exactly the kernel's is an error of the program.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from viralbots import draws, exact
from viralbots.draws import address
from viralbots.engine.simulate import simulate
from viralbots.engine.state import WATCH_COLUMNS
from viralbots.errors import ExperimentError
from viralbots.experiments.decision import (
    AdoptionStory,
    Decision,
    DeliveryStory,
    EventStory,
    Fate,
    TermValue,
    UserStory,
    VetoStory,
)
from viralbots.experiments.explain import (
    Case,
    ReplayMismatch,
    Row,
    check_veto,
    decisions_of,
    vetoes_of,
)
from viralbots.experiments.flips import Flip, what_would_change
from viralbots.interventions.levers import (
    Adoptions,
    Capacity,
    UserEvent,
    choose,
    share_of,
)
from viralbots.scenario import Scenario
from viralbots.trace import DECIDED, FLAGS, HEARD
from viralbots.world.assemble import build
from viralbots.world.message import message_id
from viralbots.world.world import CHANNELS, World

__all__ = [
    "AdoptionStory", "Decision", "DeliveryStory", "EventStory", "Flip", "ReplayMismatch",
    "TermValue", "UserStory", "VetoStory", "find_user", "replay", "what_would_change",
]  # fmt: skip

FATES: tuple[Fate, ...] = ("stopped", "ignored", "read")
CLOSED = ("opt_out", "filter_installed", "removed")
REACTIONS = (None, "opt_out", "complain", "counter")


def replay(
    scenario: Scenario,
    seed: int,
    users: Iterable[int],
    *,
    replicate: int = 0,
    world: World | None = None,
) -> dict[int, UserStory]:
    """The stories of some users in one run, from the same seed.

    Parameters
    ----------
    users : iterable of int
    replicate : int
    world : World, optional
        A world already built from ``scenario.network``.

    Raises
    ------
    ExperimentError
        There is no such user.
    ReplayMismatch
        A recomputed sum, draw or veto differs from what the kernel logged.
    """
    wanted = tuple(dict.fromkeys(int(user) for user in users))
    world = build(scenario.network) if world is None else world
    trace = simulate(scenario, seed, replicate=replicate, watch=wanted, world=world)
    case = Case(scenario, world, draws.run_seed(seed, replicate), trace)
    rows: dict[int, list[Row]] = {user: [] for user in wanted}
    if trace.watch_log is not None:
        for line in trace.watch_log.tolist():
            row = dict(zip(WATCH_COLUMNS, line, strict=True))
            rows[row["user"]].append(row)
    return {user: _user(case, user, rows[user]) for user in wanted}


def find_user(
    scenario: Scenario,
    world: World,
    text: str,
    *,
    seed: int,
    replicate: int = 0,
    message: str | None = None,
) -> int:
    """The user meant by a number, a label, ``adopter`` or ``random``.

    ``adopter`` is the first who decided to pass ``message`` on (any message if None),
    ``random`` somebody whom it reached, always the same one for a seed.

    Raises
    ------
    ExperimentError
        Nobody is meant.
    """
    if text in world.user_of_label:
        return world.user_of_label[text]
    if text.isdigit() and int(text) < world.n_users:
        return int(text)
    if text not in ("adopter", "random"):
        known = f"a number from 0 to {world.n_users - 1}, a label, `adopter` or `random`"
        raise ExperimentError(
            f"user: got {text!r}; give {known}", "unknown_user", got=text, last=world.n_users - 1
        )
    trace = simulate(scenario, seed, replicate=replicate, world=world)
    numbers = [q for q, name in enumerate(trace.messages) if message in (None, name)]
    if text == "adopter":
        decided = trace.adoptions["kind"] == DECIDED
        found = trace.adoptions["user"][decided & np.isin(trace.adoptions["message"], numbers)]
    else:
        heard = np.any([trace.flag(HEARD, q) for q in numbers], axis=0)
        found = np.flatnonzero(heard)
        draw = address(draws.run_seed(seed, replicate), draws.name_id("why")) >> 32
        found = found[(draw * len(found)) >> 32 :]
    if not len(found):
        is_adopter = text == "adopter"
        what = "decided to pass it on" if is_adopter else "was reached"
        code = "no_adopter" if is_adopter else "nobody_reached"
        raise ExperimentError(f"user: nobody {what} in this run; try another seed", code)
    return int(found[0])


# -- one delivery --------------------------------------------------------------------------


def _user(case: Case, user: int, rows: list[Row]) -> UserStory:
    deliveries: list[DeliveryStory] = []
    events = _events(case, user)
    for row in rows:
        stopped_by = _stopped_by(case, row, deliveries, events)
        deliveries.append(_delivery(case, row, stopped_by))
    adoptions = case.trace.adoptions[case.trace.adoptions["user"] == user]
    return UserStory(
        user, tuple(deliveries), tuple(_adoption(case, row) for row in adoptions), tuple(events)
    )


def _delivery(case: Case, row: Row, stopped_by: str | None) -> DeliveryStory:
    name, _ = case.message(row)
    outcome, channel = row["outcome"], CHANNELS[row["channel"]]
    fate = FATES[outcome & 3]
    is_closed = stopped_by in CLOSED
    vetoes = () if is_closed else vetoes_of(case, row, "deliver", channel)
    check_veto(row, vetoes, row["stop_veto"])
    capacities = [a for a in case.active(row["minute"]) if isinstance(a, Capacity)]
    decisions = () if fate == "stopped" else decisions_of(case, row)
    return DeliveryStory(
        minute=row["minute"],
        source=row["source"] if row["source"] >= 0 else None,
        message=name,
        channel=channel,
        tie=row["level"] / exact.TIE_LEVELS,
        repeat=row["repeat"],
        flags=tuple(word for word, bit in FLAGS.items() if row["flags"] & bit),
        fate=fate,
        stopped_by=stopped_by,
        vetoes=vetoes,
        decisions=decisions,
        knew=row["informed"] == 1,
        reaction=REACTIONS[(outcome >> 5) & 3],
        has_filtered=bool(outcome >> 7 & 1),
        is_request=bool(outcome >> 3 & 1) and any(a.message == name for a in capacities),
        out_channel=CHANNELS[row["out_channel"]] if 0 <= row["out_channel"] < 7 else None,
    )


def _stopped_by(
    case: Case, row: Row, earlier: list[DeliveryStory], events: list[EventStory]
) -> str | None:
    """What stopped a delivery: a veto's name or one of `CLOSED`; None where nothing did."""
    if row["outcome"] & 3:
        return None
    if row["stop_veto"] >= 0:
        return case.slots[row["stop_veto"] - 1].name
    name, message = case.message(row)
    before = [event for event in events if event.minute <= row["minute"]]
    if any(event.kind == "remove" for event in before):
        return "removed"
    refused = {event.message for event in before if event.kind == "opt_out"}
    refused |= {past.message for past in earlier if past.reaction == "opt_out"}
    brands = {case.scenario.messages[word].brand for word in refused if word}
    is_refused = name in refused if message.brand is None else message.brand in brands
    return "opt_out" if is_refused else "filter_installed"


# -- adoptions and events ------------------------------------------------------------------


def _adoption(case: Case, row: np.void) -> AdoptionStory:
    name = case.scenario.message_names[int(row["message"])]
    kind = ("decided", "seed", "counter")[int(row["kind"])]
    return AdoptionStory(
        minute=int(row["minute"]),
        message=name,
        source=int(row["source"]) if row["source"] >= 0 else None,
        channel=CHANNELS[int(row["channel"])] if row["channel"] < len(CHANNELS) else None,
        kind=kind,  # type: ignore[arg-type]
        n_sent=int(row["n_sent"]),
        is_paid=kind == "seed" and _is_paid(case, name, int(row["user"]), int(row["minute"])),
    )


def _is_paid(case: Case, name: str, user: int, minute: int) -> bool:
    """Whether the first choice of this minute that fell on her was of paid writers."""
    for start, _, number, lever in case.levers:
        if isinstance(lever, Adoptions) and lever.message == name and start == minute:
            identity, tag = message_id(name), f"{lever.tag}:{number}"
            chosen = choose(case.world, case.run_seed, identity, lever.who, tag, lever.count)
            if user in chosen:
                return lever.is_paid
    for number, wave in enumerate(case.scenario.seeding):
        if wave.message == name and wave.minute == minute and wave.by != "brand":
            identity, tag = message_id(name), f"wave:{number}"
            chosen = choose(case.world, case.run_seed, identity, wave.who, tag, wave.count)
            if user in chosen:
                return wave.paid
    return False


def _events(case: Case, user: int) -> list[EventStory]:
    """What interventions did to her, in order of time."""
    found = []
    for start, _, number, lever in case.levers:
        if isinstance(lever, UserEvent) and start < case.trace.horizon:
            tag = f"{lever.tag}:{number}"
            if user in share_of(case.world, case.run_seed, lever.who, tag, lever.share):
                found.append(EventStory(start, lever.kind, lever.message))
    return sorted(found, key=lambda event: event.minute)
