"""The human side of users: name, age, city, job, portrait (model §1, *Users*).

Nothing here decides anything. Tables are filled once per locale; which entries belong to
a user is a hash of (population seed, her key), consistent with the arrays of the
population. No e-mail address, phone number or street is ever made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from viralbots import draws
from viralbots.world import personas
from viralbots.world.name_search import contains
from viralbots.world.world import AGE_BANDS, ROLES, Population, World

LOCALES = ("en_US", "zh_CN")
GENDERS = ("female", "male")
AGES = ((8, 17), (18, 29), (30, 65), (66, 90))  # of each age band, both included
RETIRED_PERCENT = 85  # of elders [a]
MAX_QUERY = 80  # characters
_FAKER_SEED = 20_240_229  # fixes the tables, not the users
_N_GIVEN, _N_FAMILY, _N_CITIES, _N_JOBS = 400, 600, 300, 300
_BATCH = 1 << 18

# Fields of a profile. Numbers are part of every profile: never renumber, only append.
_GENDER, _GIVEN, _FAMILY, _AGE, _CITY, _JOB, _RETIRED, _PORTRAIT = range(8)

Bits = NDArray[np.uint64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Profile:
    """A synthetic person.

    Attributes
    ----------
    user : int
    name, city, job : str
        In the language of ``locale``.
    age : int
        Years.
    gender : str
        One of `GENDERS`.
    portrait : str
        An emoji.
    locale : str
        One of `LOCALES`.
    words : tuple of str
        What is striking about her, as identifiers to be translated: reserved, sociable,
        slow, quick, trusting, alert, calm, anxious, carefree, careful, vulnerable.
    """

    user: int
    name: str
    age: int
    gender: str
    city: str
    job: str
    portrait: str
    locale: str
    words: tuple[str, ...]

    def job_in(self, lang: str) -> str:
        """Her job, where it has a name in this language; else nothing."""
        return self.job if self.locale.startswith(lang) else ""


class Tables(NamedTuple):
    """What profiles of one locale are made of; ``given`` by gender."""

    given: tuple[tuple[str, ...], tuple[str, ...]]
    family: tuple[str, ...]
    cities: tuple[str, ...]
    jobs: tuple[str, ...]


@cache
def tables_of(locale: str) -> Tables:
    """Tables of a locale, filled by Faker with a seed of their own."""
    from faker import Faker  # slow to import and needed by few

    fake = Faker(locale)
    fake.seed_instance(_FAKER_SEED)
    city: Callable[[], str] = fake.city_name if locale == "zh_CN" else fake.city
    return Tables(
        given=(
            _distinct(fake.first_name_female, _N_GIVEN),
            _distinct(fake.first_name_male, _N_GIVEN),
        ),
        family=_distinct(fake.last_name, _N_FAMILY),
        cities=_distinct(city, _N_CITIES),
        jobs=_distinct(lambda: personas.plain_job(fake.job()), _N_JOBS),
    )


def _distinct(make: Callable[[], str], wanted: int) -> tuple[str, ...]:
    """Different non-empty texts in the order of their making, ``wanted`` if there are so many."""
    found: dict[str, None] = {}
    for _ in range(30 * wanted):
        found[make()] = None
        if len(found) > wanted:
            break
    found.pop("", None)
    return tuple(found)[:wanted]


def table_index(draw: Bits, size: int) -> IntArray:
    """Entry of a table of ``size`` for each draw, int64[k]: its upper 32 bits times size.

    >>> table_index(np.array([0, 2**63, 2**64 - 1], np.uint64), 10).tolist()
    [0, 5, 9]
    """
    return (((draw >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32)).astype(np.int64)


def _field(population: Population, field: int, words: NDArray[Any]) -> Bits:
    """Draws of one profile field, uint64[k]."""
    return draws.fold_array(draws.address(population.seed, draws.PROFILE, field), words)


def _is_zh(population: Population, users: IntArray, zh_share: float) -> NDArray[np.bool_]:
    """Whether each user's region speaks Chinese."""
    if not 0.0 <= zh_share <= 1.0:
        raise ValueError(f"zh_share must be between 0 and 1, got {zh_share}; give a share")
    state = draws.address(population.seed, draws.LOCALE)
    draw = draws.fold_array(state, population.region[users])
    return (draw >> np.uint64(32)) < np.uint64(round(zh_share * 2**32))


class Names(NamedTuple):
    """Where the names of some users stand in the tables, all int64[k]."""

    locale: IntArray
    gender: IntArray
    given: IntArray
    family: IntArray


def name_indices(population: Population, users: IntArray, zh_share: float) -> Names:
    """Table entries of the names of ``users`` (int64[k]); for one user or a million."""
    key = population.key[users]
    locale = _is_zh(population, users, zh_share).astype(np.int64)
    gender = table_index(_field(population, _GENDER, key), len(GENDERS))
    n_given = np.array([[len(names) for names in tables_of(name).given] for name in LOCALES])
    n_family = np.array([len(tables_of(name).family) for name in LOCALES])
    given_draw = _field(population, _GIVEN, key)
    family_draw = _field(population, _FAMILY, key)
    given, family = np.zeros(len(key), np.int64), np.zeros(len(key), np.int64)
    for i in range(len(LOCALES)):
        here = locale == i
        family[here] = table_index(family_draw[here], int(n_family[i]))
        for j in range(len(GENDERS)):
            both = here & (gender == j)
            given[both] = table_index(given_draw[both], int(n_given[i, j]))
    return Names(locale, gender, given, family)


def _joined(locale: int, given: str, family: str) -> str:
    return family + given if LOCALES[locale] == "zh_CN" else f"{given} {family}"


def profile_of(world: World, user: int, *, zh_share: float = 0.5) -> Profile:
    """The person behind a user.

    Parameters
    ----------
    world : World
    user : int
    zh_share : float
        Probability that a region speaks Chinese.
    """
    return profiles_of(world, np.array([user]), zh_share=zh_share)[0]


def profiles_of(world: World, users: IntArray, *, zh_share: float = 0.5) -> list[Profile]:
    """The persons behind several users (int64[k]), as `profile_of` gives each."""
    users = np.asarray(users, np.int64)
    population = world.population
    names = name_indices(population, users, zh_share)
    key = population.key[users]
    draw = {i: _field(population, i, key) for i in (_AGE, _JOB, _RETIRED, _PORTRAIT)}
    draw[_CITY] = _field(population, _CITY, population.community[users])
    meets = _meets(world, users)
    return [
        _profile(population, int(user), [int(column[i]) for column in names],
                 {name: values[i : i + 1] for name, values in draw.items()}, int(meets[i]))
        for i, user in enumerate(users)
    ]  # fmt: skip


def _meets(world: World, users: IntArray) -> IntArray:
    """1 for users in the top tenth by number of ties, −1 in the bottom tenth, else 0."""
    degree = world.ties.degree
    n = len(degree)
    places = (n // 10, n // 2, n - 1 - n // 10)
    low, middle, high = np.partition(degree, places)[list(places)]
    own = degree[users]
    result = np.zeros(len(users), np.int64)
    result[(own >= high) & (own > middle)] = 1
    result[(own <= low) & (own < middle)] = -1
    return result


def _profile(
    population: Population, user: int, names: list[int], draw: dict[int, Bits], meets: int
) -> Profile:
    """Put one person together; ``draw`` holds one-element arrays."""
    locale, gender, given, family = names
    tables = tables_of(LOCALES[locale])
    band = int(population.age_band[user])
    role = ROLES[population.role[user]]
    youngest, oldest = AGES[band]
    age = youngest + int(table_index(draw[_AGE], oldest - youngest + 1)[0])
    portraits = personas.PORTRAITS[band][gender]
    portrait = portraits[int(table_index(draw[_PORTRAIT], len(portraits))[0])]
    choice = personas.choice_of(LOCALES[locale], role, meets) or tables.jobs
    job = choice[int(table_index(draw[_JOB], len(choice))[0])]
    if AGE_BANDS[band] == "minor":
        job = personas.school_of(LOCALES[locale], age)
    elif AGE_BANDS[band] == "elder" and role in ("person", "leader"):
        if int(table_index(draw[_RETIRED], 100)[0]) < RETIRED_PERCENT:
            job = personas.retired(LOCALES[locale], job)
    return Profile(
        user=user,
        name=_joined(locale, tables.given[gender][given], tables.family[family]),
        age=age,
        gender=GENDERS[gender],
        city=tables.cities[int(table_index(draw[_CITY], len(tables.cities))[0])],
        job=job,
        portrait=personas.BOT_PORTRAIT if role == "bot" else portrait,
        locale=LOCALES[locale],
        words=personas.persona_words(population, user),
    )


def search_names(
    world: World, text: str, limit: int = 50, *, zh_share: float = 0.5
) -> list[Profile]:
    """Users whose full name contains a text, whatever its case, by user number.

    Scans hashes, not names: first which table entries match, then who has them.
    """
    text = " ".join(text.split()).casefold()
    if not text or len(text) > MAX_QUERY or limit < 1:
        return []
    found: list[IntArray] = []
    missing = limit
    for start in range(0, world.n_users, _BATCH):
        users = np.arange(start, min(start + _BATCH, world.n_users))
        hits = users[matches(name_indices(world.population, users, zh_share), text)][:missing]
        found.append(hits)
        missing -= len(hits)
        if missing == 0:
            break
    return profiles_of(world, np.concatenate(found), zh_share=zh_share) if found else []


def matches(names: Names, text: str) -> NDArray[np.bool_]:
    """Whether the name of each user contains ``text`` (case-folded), bool[k]."""
    result = np.zeros(len(names.gender), bool)
    for i, locale in enumerate(LOCALES):
        tables = tables_of(locale)
        for j in range(len(GENDERS)):
            here = np.flatnonzero((names.locale == i) & (names.gender == j))
            given = (tables.given[j], names.given[here])
            family = (tables.family, names.family[here])
            if locale == "zh_CN":
                result[here] = contains(family, given, "", text)
            else:
                result[here] = contains(given, family, " ", text)
    return result
