"""One user of one run, told in full: who she is, her story, every decision with its arithmetic.

Her decisions are not logged in advance: `person` runs the same seed once more with her on a
watch list (`viralbots.experiments.replay`). That costs one run, so keep what it returns: a
`PersonView` is frozen, and the same for the same (`Scenario.identity`, seed, luck, user, message).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viralbots.experiments.decision import AdoptionStory, Decision, DeliveryStory, UserStory
from viralbots.experiments.story import story
from viralbots.experiments.words import Lang
from viralbots.scenario import Scenario
from viralbots.world.profiles import Profile, profiles_of
from viralbots.world.world import AGE_BANDS, ROLES, World

Taken = tuple[DeliveryStory, Decision]


@dataclass(frozen=True)
class Who:
    """A user as one would introduce her.

    Attributes
    ----------
    profile : Profile
    label : str
        Her name in an imported network; empty where the network has no names.
    age_band, role : str
        Of `AGE_BANDS` and `ROLES`.
    community : int
    n_ties : int
        Size of her audience among personal ties.
    n_followers : int or None
        Size of her public audience; None where one network serves for both.
    """

    profile: Profile
    label: str
    age_band: str
    role: str
    community: int
    n_ties: int
    n_followers: int | None

    @property
    def user(self) -> int:
        return self.profile.user

    @property
    def name(self) -> str:
        """Her label in an imported network, which is her own name there; else an invented one."""
        return self.label or self.profile.name


def who_are(world: World, users: NDArray[np.int64]) -> list[Who]:
    """The persons behind some users (int64[k]), in their order."""
    people, ties, follows = world.population, world.ties.offset, world.follows.offset
    has_two = world.follows is not world.ties
    return [
        Who(
            profile,
            world.labels[profile.user] if world.labels else "",
            AGE_BANDS[people.age_band[profile.user]],
            ROLES[people.role[profile.user]],
            int(people.community[profile.user]),
            int(ties[profile.user + 1] - ties[profile.user]),
            int(follows[profile.user + 1] - follows[profile.user]) if has_two else None,
        )
        for profile in profiles_of(world, users)
    ]


@dataclass(frozen=True)
class PersonView:
    """Everything there is to tell about one user of one run.

    Attributes
    ----------
    who : Who
    message : str or None
        The message that it is about; None: all of them.
    told : UserStory
        Her deliveries, adoptions and events.
    story : dict
        Her story in sentences, by language.
    """

    who: Who
    message: str | None
    told: UserStory
    story: Mapping[Lang, tuple[str, ...]]

    @property
    def decisions(self) -> tuple[Taken, ...]:
        """All her decisions in order of time, each with the delivery at which it was taken."""
        return tuple((d, decision) for d in self.told.deliveries for decision in d.decisions)


def person(
    scenario: Scenario,
    world: World,
    seed: int,
    luck: int,
    user: int,
    message: str | None = None,
) -> PersonView:
    """Run the seed again with a user watched, and tell her story.

    Parameters
    ----------
    world : World
        Built from ``scenario.network``.
    seed, luck : int
        Random seed and replicate of the run.
    user : int
    message : str, optional
        Tell of this message only.

    Raises
    ------
    ExperimentError
        There is no such user.
    """
    from viralbots.experiments.replay import replay  # loads the compiler

    told = replay(scenario, seed, [user], replicate=luck, world=world)[user]
    return view_of(about(told, message), world, scenario, message)


def view_of(
    told: UserStory, world: World, scenario: Scenario, message: str | None = None
) -> PersonView:
    """What there is to tell of a user who has been replayed already."""
    (who,) = who_are(world, np.array([told.user]))
    languages: tuple[Lang, ...] = ("en", "zh")
    sentences = {lang: tuple(story(told, world, scenario, lang)) for lang in languages}
    return PersonView(who, message, told, sentences)


def about(told: UserStory, message: str | None) -> UserStory:
    """The part of a story that is about one message; all of it for None.

    A counter-message may have begun with her turning against what another message brought, and
    a variant with her passing on another message: that delivery belongs to its story, too.
    """
    if message is None:
        return told
    adoptions = tuple(a for a in told.adoptions if a.message == message)
    begun = {a.minute for a in adoptions if a.kind == "counter"}

    def belongs(delivery: DeliveryStory) -> bool:
        passed = delivery.decision("forward")
        mutation = passed.mutation if passed else None
        return (
            delivery.message == message
            or (delivery.reaction == "counter" and delivery.minute in begun)
            or (mutation is not None and mutation.happened and mutation.variant == message)
        )

    return dataclasses.replace(
        told,
        deliveries=tuple(d for d in told.deliveries if belongs(d)),
        adoptions=_with_variants(told, message),
        events=tuple(e for e in told.events if e.message in (None, message)),
        joins=tuple(j for j in told.joins if j.message == message),
    )


def _with_variants(told: UserStory, message: str) -> tuple[AdoptionStory, ...]:
    """Adoptions of a message, and those of variants into which it turned."""
    turned = {
        (d.minute, decision.mutation.variant)
        for d, decision in told.decisions("forward")
        if decision.mutation is not None and decision.mutation.happened and d.message == message
    }
    return tuple(
        a for a in told.adoptions
        if a.message == message or (a.kind == "mutated" and (a.minute, a.message) in turned)
    )  # fmt: skip


def turning_point(taken: Sequence[Taken], counters: Sequence[str]) -> int | None:
    """Place of the decision by which she first turned against it; None where there is none.

    Parameters
    ----------
    counters : sequence of str
        The counter-messages: she began one, or passed one on.
    """
    for place, (delivery, decision) in enumerate(taken):
        begun = decision.name == "react" and delivery.reaction == "counter"
        passed_on = decision.name == "forward" and delivery.message in counters
        if decision.outcome and (begun or passed_on):
            return place
    return None


def most_telling(taken: Sequence[Taken]) -> int:
    """Place of the decision to be explained first; 0 where there is none.

    Whether she passed it on, rather where she did, rather where it was a close call.
    """
    return min(range(len(taken)), key=lambda place: _dullness(taken[place][1]), default=0)


def _dullness(decision: Decision) -> tuple[bool, bool, bool, int]:
    is_dull = decision.name == "react" and not decision.outcome
    margin = abs(decision.draw - decision.probability)
    return decision.name != "forward", is_dull, not decision.outcome, margin
