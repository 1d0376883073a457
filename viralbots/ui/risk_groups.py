"""Who was hurt: groups of people, and how often each of them was; no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viralbots.metrics.base import people
from viralbots.metrics.groups import PER_PERSON
from viralbots.trace import Trace
from viralbots.world import personas
from viralbots.world.world import AGE_BANDS, World

Bools = NDArray[np.bool_]
FIGURES = ("victims", "deceived", "distress", "time", "reach")
"""By which people can be compared, the gravest first."""
FEWEST = 20  # people: of fewer nothing is said in words
CLEAR = 1.05
DID = {"deceived": ["deceived"], "victims": ["converted"], "distress": ["read"], "time": ["read"],
       "reach": ["heard"]}  # fmt: skip
OUTER = ("trusting", "anxious", "sociable", "quick")
"""Outer fifths of an attribute; who is quick is a heavy user."""


@dataclass(frozen=True)
class Group:
    """Some people of a world.

    Attributes
    ----------
    name : str
        Key of the texts ``risk.group``.
    who : callable
        World → bool[n].
    filters : dict
        What the page of people must be asked to list them; empty where it cannot.
    """

    name: str
    who: Callable[[World], Bools]
    filters: dict[str, Any] = field(default_factory=dict)


def _band(number: int) -> Callable[[World], Bools]:
    return lambda world: np.asarray(world.population.age_band == number)


def _outer(word: str) -> Callable[[World], Bools]:
    def who(world: World) -> Bools:
        for low_word, high_word, name, low, high in personas.WORDS:
            if word in (low_word, high_word):
                value = getattr(world.population, name)
                return np.asarray(value <= low if word == low_word else value >= high)
        raise KeyError(word)

    return who


GROUPS = (
    *(Group(name, _band(number), {"groups": [name]} if name in ("minor", "elder") else {})
      for number, name in enumerate(AGE_BANDS)),
    Group("vulnerable", lambda world: np.asarray(world.population.vulnerable),
          {"groups": ["vulnerable"]}),
    *(Group(word, _outer(word), {"persona": word}) for word in OUTER),
)  # fmt: skip


@dataclass(frozen=True)
class Hurt:
    """How one group fared.

    Attributes
    ----------
    group : Group
    n : int
        People in it.
    mean : float
        Of the figure, per person of the group.
    total : float
        Over all of them.
    times : float
        ``mean`` / mean of everybody; nan where nobody was hurt.
    is_clear : bool
        It is hit more than chance alone would explain: two standard errors, and 5 %.
    """

    group: Group
    n: int
    mean: float
    total: float
    times: float
    is_clear: bool


def hurt(figure: str, world: World, trace: Trace, message: int = 0) -> tuple[float, list[Hurt]]:
    """The mean of a figure over all people, and every group that somebody is in."""
    amount, counts = PER_PERSON[figure](world, trace, message), people(trace)
    everybody = float(amount[counts].mean()) if counts.any() else float("nan")
    found = []
    for group in GROUPS:
        member = group.who(world) & counts
        n = int(member.sum())
        if n:
            mean = float(amount[member].mean())
            times = mean / everybody if everybody else float("nan")
            error = float(amount[member].std()) / n**0.5
            is_clear = n >= FEWEST and times >= CLEAR and mean - everybody > 2 * error
            found.append(Hurt(group, n, mean, float(amount[member].sum()), times, is_clear))
    return everybody, found


def figures_of(world: World, trace: Trace, message: int = 0) -> list[str]:
    """Figures by which somebody was hurt."""
    return [name for name in FIGURES if PER_PERSON[name](world, trace, message).any()]


def hardest_hit(groups: list[Hurt]) -> Hurt | None:
    """The group hit most often, of those that stand out; None where nobody does."""
    return max((one for one in groups if one.is_clear), key=lambda one: one.times, default=None)


def figure_for(harm: str, possible: list[str]) -> str | None:
    """The figure by group that belongs to a figure of the ledger."""
    wanted = {"deceived": "deceived", "deceived_person_hours": "deceived", "converts": "victims",
              "distress": "distress", "distress_minors": "distress"}.get(harm, "time")  # fmt: skip
    return wanted if wanted in possible else next(iter(possible), None)
