"""The same run without something: who heard, was deceived or passed it on only because of it?

Every draw has an address, so two runs with one seed share their luck wherever they come to the
same question. What the missing thing does not touch stays the same, byte for byte, and where
the two runs part for somebody there is one delivery at which they do
(`viralbots.experiments.ghost_reasons`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from viralbots import trace as tr
from viralbots.errors import ExperimentError
from viralbots.scenario import Scenario, override
from viralbots.trace import Trace
from viralbots.world.world import World

Without = str | Mapping[str, object]
"""``bots``, ``bots:0``, ``intervention:0``, ``wave:0``, ``paid``, or other values by path."""

DID = ("heard", "read", "deceived", "converted", "forwarded", "complained")
FLAGS = {"heard": tr.HEARD, "read": tr.READ, "deceived": tr.DECEIVED, "converted": tr.CONVERTED}
COMPLAINED = 2  # of the two bits for the reaction in an outcome
LISTS = {"bots": "bots", "intervention": "interventions", "wave": "seeding"}

Bools = NDArray[np.bool_]
Users = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ghost:
    """A run and its ghost.

    Attributes
    ----------
    scenario, ghost : Scenario
        As it is, and without something.
    without : str or mapping
        What the ghost lacks, as it was given.
    seed, replicate : int
        Of both runs.
    world : World
        Of both runs.
    real, other : Trace
        As it went, and as it would have gone; both at level *deliveries*.
    """

    scenario: Scenario
    ghost: Scenario
    without: Without
    seed: int
    replicate: int
    world: World
    real: Trace
    other: Trace

    def only_because(self, word: str, message: str | None = None) -> Users:
        """Users who did something in the run and would not have done it in its ghost.

        Parameters
        ----------
        word : str
            One of `DID`.
        message : str, optional
            With this message; with any without it.

        Raises
        ------
        ExperimentError
            There is no such word or message.
        """
        return np.flatnonzero(did(self.real, word, message) & ~did(self.other, word, message))

    def only_without(self, word: str, message: str | None = None) -> Users:
        """Users who did not, and would have."""
        return np.flatnonzero(~did(self.real, word, message) & did(self.other, word, message))

    def counts(self, message: str | None = None) -> dict[str, tuple[int, int]]:
        """By word: how many did it only because of what is missing, and only without it."""
        return {
            word: (len(self.only_because(word, message)), len(self.only_without(word, message)))
            for word in DID
        }

    @cached_property
    def places(self) -> tuple[tuple[Users, Users], tuple[Users, Users]]:
        """For both runs: deliveries in order of users, and where each user's begin."""
        return _by_user(self.real), _by_user(self.other)


def _by_user(trace: Trace) -> tuple[Users, Users]:
    assert trace.deliveries is not None
    users = trace.deliveries["user"]
    start = np.concatenate([[0], np.cumsum(np.bincount(users, minlength=trace.n_users))])
    return np.argsort(users, kind="stable"), start.astype(np.int64)


def did(trace: Trace, word: str, message: str | None = None) -> Bools:
    """Users who did something, bool[n]; *forwarded* means that they decided to.

    Raises
    ------
    ExperimentError
        There is no such word or message.
    """
    _known(word, DID)
    _known(message, (None, *trace.messages))
    meant = [q for q, name in enumerate(trace.messages) if message in (None, name)]
    found = np.zeros(trace.n_users, bool)
    if word in FLAGS:
        for q in meant:
            found |= trace.flag(FLAGS[word], q)
        return found
    if word == "forwarded":
        rows = trace.adoptions
        rows = rows[np.isin(rows["kind"], (tr.DECIDED, tr.MUTATED))]
    else:
        assert trace.deliveries is not None
        rows = trace.deliveries[trace.deliveries["outcome"] >> 5 & 3 == COMPLAINED]
    found[rows["user"][np.isin(rows["message"], meant)]] = True
    return found


def _known(word: str | None, allowed: tuple[str | None, ...]) -> None:
    if word not in allowed:
        words = [known for known in allowed if known is not None]
        text = f"got {word!r}; give one of: {', '.join(words)}"
        raise ExperimentError(text, "unknown_word", got=word, allowed=words)


# -- the ghost -----------------------------------------------------------------------------


def ghost_of(scenario: Scenario, without: Without) -> Scenario:
    """The scenario without something; nothing else is re-rolled or renumbered.

    Parameters
    ----------
    without : str or mapping
        ``bots``: all accounts run by somebody else; ``bots:0``: the first entry of them;
        ``intervention:0``, ``wave:0``: one of them, counted from 0; ``paid``: the same waves,
        but nobody is paid. A mapping gives other values by path, such as
        ``{"message.disguise": 0}``: the same campaign done openly.

    Raises
    ------
    ExperimentError
        There is nothing of the kind, or the change makes another world or another length.
    ScenarioError
        A path or a value is not allowed.
    """
    if not isinstance(without, str):
        return _changed(scenario, without)
    _known(without, _words(scenario))
    if without == "bots":
        return override(scenario, {"bots": []})
    if without == "paid":
        unpaid = [wave.model_copy(update={"paid": False}) for wave in scenario.seeding]
        return scenario.model_copy(update={"seeding": unpaid})
    kind, _, number = without.partition(":")
    parts = list(getattr(scenario, LISTS[kind]))
    never = {"minute": scenario.horizon}
    if kind != "wave":  # what begins after the end changes nothing, and keeps its number
        never = {"start": scenario.horizon, "trigger": None}  # type: ignore[dict-item]
    parts[int(number)] = parts[int(number)].model_copy(update=never)
    return scenario.model_copy(update={LISTS[kind]: parts})


def _words(scenario: Scenario) -> tuple[str, ...]:
    """What this scenario can be without."""
    found = ["bots"] if scenario.bots else []
    found += ["paid"] if any(wave.paid for wave in scenario.seeding) else []
    found += [f"{kind}:{number}" for kind, field in LISTS.items()
              for number in range(len(getattr(scenario, field)))]  # fmt: skip
    return tuple(found)


def _changed(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    ghost = override(scenario, changes)
    same = ("horizon", "message_names", "brands")
    is_same = all(getattr(ghost, name) == getattr(scenario, name) for name in same)
    if not is_same or ghost.network.dynamic() != scenario.network.dynamic():
        allowed = ["fields of messages", "seeding", "interventions", "bots", "rule"]
        raise ExperimentError(
            f"{', '.join(changes)}: the two runs must have the same people, messages and length; "
            f"change only {', '.join(allowed)}",
            "unknown_word", got=", ".join(changes), allowed=allowed,
        )  # fmt: skip
    return ghost


def ghost_run(
    scenario: Scenario,
    seed: int,
    without: Without,
    replicate: int = 0,
    *,
    world: World | None = None,
) -> Ghost:
    """Run a scenario and its ghost with the same luck.

    Parameters
    ----------
    without : str or mapping
        See `ghost_of`.
    world : World, optional
        A world already built from ``scenario.network``.

    Raises
    ------
    ExperimentError, ScenarioError
        As for `ghost_of`.
    """
    from viralbots.engine.simulate import simulate  # loads the compiler
    from viralbots.world.assemble import build

    ghost = ghost_of(scenario, without)
    world = build(scenario.network) if world is None else world
    real, other = (
        simulate(one, seed, replicate=replicate, world=world, level="deliveries")
        for one in (scenario, ghost)
    )
    return Ghost(scenario, ghost, without, seed, replicate, world, real, other)
