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
    JoinStory,
    MutationStory,
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
from viralbots.experiments.history import Standing, adoptions_of, events_of, joins_of
from viralbots.interventions.levers import Capacity
from viralbots.scenario import Scenario
from viralbots.trace import DECIDED, FLAGS, HEARD, MUTATED
from viralbots.world.assemble import build
from viralbots.world.world import CHANNELS, World

__all__ = [
    "AdoptionStory", "Decision", "DeliveryStory", "EventStory", "Flip", "JoinStory",
    "MutationStory", "ReplayMismatch", "TermValue", "UserStory", "VetoStory", "find_user",
    "replay", "what_would_change",
]  # fmt: skip

FATES: tuple[Fate, ...] = ("stopped", "ignored", "read")
CLOSED = ("opt_out", "filter_installed", "removed", "suspended")
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
        decided = np.isin(trace.adoptions["kind"], (DECIDED, MUTATED))
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
    adoptions = adoptions_of(case, user)
    events = events_of(case, user, adoptions, rows)
    standing = Standing(case, adoptions, joins_of(case, user, ()))
    for row in rows:
        standing.at(row["minute"])
        stopped_by = _stopped_by(case, row, deliveries, events)
        deliveries.append(_delivery(case, row, stopped_by, standing))
        standing.after(deliveries[-1])
    joins = joins_of(case, user, deliveries)
    story = UserStory(user, tuple(deliveries), adoptions, tuple(events), joins)
    _check_adoptions(story)
    return story


def _check_adoptions(story: UserStory) -> None:
    """What she passed on must be what the engine has as her adoptions."""
    found = []
    for delivery, decision in story.decisions("forward"):
        if decision.outcome:
            turned = decision.mutation is not None and decision.mutation.happened
            name = decision.mutation.variant if turned and decision.mutation else delivery.message
            found.append((delivery.minute, name, "mutated" if turned else "decided"))
    had = [(a.minute, a.message, a.kind) for a in story.adoptions
           if a.kind in ("decided", "mutated")]  # fmt: skip
    if sorted(found) != sorted(had):
        raise ReplayMismatch(
            f"replay of user {story.user}: she passed on {found}, but the engine had {had}; "
            "please report this with the scenario and the seed"
        )


def _delivery(case: Case, row: Row, stopped_by: str | None, standing: Standing) -> DeliveryStory:
    name, _ = case.message(row)
    outcome, channel = row["outcome"], CHANNELS[row["channel"]]
    fate = FATES[outcome & 3]
    is_closed = stopped_by in CLOSED
    vetoes = () if is_closed else vetoes_of(case, row, "deliver", channel)
    check_veto(row, vetoes, row["stop_veto"])
    is_stopped = fate == "stopped"
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
        decisions=() if is_stopped else decisions_of(case, row, standing.forwarded),
        knew=row["informed"] == 1,
        reaction=REACTIONS[(outcome >> 5) & 3],
        has_filtered=bool(outcome >> 7 & 1),
        is_request=_is_request(case, row),
        out_channel=CHANNELS[row["out_channel"]] if 0 <= row["out_channel"] < 7 else None,
        hops=row["hops"],
        is_bot=row["is_bot"] == 1,
        is_from_bot=row["source"] >= 0 and case.is_bot(row["source"], row["minute"]),
        refusal=None if is_stopped else standing.refusal(row),
    )


def _is_request(case: Case, row: Row) -> bool:
    """Whether she took it up, and the landing has a capacity."""
    if not row["outcome"] >> 3 & 1:
        return False
    name, _ = case.message(row)
    return any(isinstance(lever, Capacity) and lever.message == name
               for lever in case.active(row["minute"]))  # fmt: skip


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
    account = [event.kind for event in before if event.kind in ("remove", "suspend", "back")]
    if account and account[-1] != "back":
        return "removed" if account[-1] == "remove" else "suspended"
    refused = {event.message for event in before if event.kind == "opt_out"}
    refused |= {past.message for past in earlier if past.reaction == "opt_out"}
    brands = {case.scenario.messages[word].brand for word in refused if word}
    is_refused = name in refused if message.brand is None else message.brand in brands
    return "opt_out" if is_refused else "filter_installed"
