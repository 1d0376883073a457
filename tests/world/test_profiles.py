"""Profiles agree with the arrays, and the search finds exactly what it should."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from viralbots.world import personas
from viralbots.world.network import ties_from_edges
from viralbots.world.population import build_population
from viralbots.world.profiles import (
    AGES,
    LOCALES,
    Profile,
    name_indices,
    profile_of,
    profiles_of,
    search_names,
    tables_of,
)
from viralbots.world.shares import PopulationSpec
from viralbots.world.world import AGE_BANDS, ROLES, World

N = 3000


def make_world(n: int = N, seed: int = 7) -> World:
    """Ten regions; user 0 knows everybody, the last hundred know only her."""
    number = np.arange(n, dtype=np.int32)
    population = build_population(seed, PopulationSpec(), number // 100, number * 10 // n)
    ring = np.arange(n - 100)
    source = np.concatenate([np.zeros(n - 1, np.int64), ring])
    target = np.concatenate([np.arange(1, n), (ring + 1) % (n - 100)])
    ties = ties_from_edges(
        source, target, level=84, key=population.key, channels=population.channels,
        directed=False,
    ).ties  # fmt: skip
    return World(population, ties, ties)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def people(world) -> list[Profile]:
    return profiles_of(world, np.arange(N))


def test_one_profile_is_the_same_as_among_many(world, people):
    assert [profile_of(world, user) for user in range(0, N, 97)] == people[::97]


def test_ages_agree_with_the_age_band_and_use_its_whole_range(world, people):
    for band, (low, high) in enumerate(AGES):
        ages = [p.age for p in people if world.population.age_band[p.user] == band]
        assert set(ages) <= set(range(low, high + 1))
        assert len(set(ages)) > (high - low) * 0.8


def test_minors_go_to_school_and_most_elders_are_retired(world, people):
    band = world.population.age_band
    minors = [p for p in people if AGE_BANDS[band[p.user]] == "minor"]
    elders = [p for p in people if AGE_BANDS[band[p.user]] == "elder"]
    assert all(p.job in personas.SCHOOLS[p.locale] for p in minors)
    retired = [p for p in elders if p.job.startswith(("retired ", "退休"))]
    assert 0.75 < len(retired) / len(elders) < 0.95
    assert not any(p.job.startswith(("retired", "退休")) for p in people if p.age <= 65)


def test_jobs_follow_from_roles_and_ties(world):
    adult = np.full(N, AGE_BANDS.index("adult"), np.uint8)
    role = np.zeros(N, np.uint8)
    role[1:4] = [ROLES.index(name) for name in ("leader", "operator", "bot")]
    world = replace(world, population=replace(world.population, age_band=adult, role=role))
    people = profiles_of(world, np.arange(N))
    assert people[0].job in personas.MEETS_MANY[people[0].locale]
    assert all(p.job in personas.MEETS_FEW[p.locale] for p in people[-100:])
    for p, name in zip(people[1:4], ("leader", "operator", "bot"), strict=True):
        assert p.job in personas.BY_ROLE[name][p.locale]
    assert people[3].portrait == "🤖" != people[2].portrait
    ordinary = [p.job in tables_of(p.locale).jobs for p in people[4:-101]]
    assert all(ordinary)


def test_a_region_speaks_one_language_and_the_share_is_kept():
    n = 2000
    number = np.arange(n, dtype=np.int32)
    population = build_population(3, PopulationSpec(), number // 2, number // 2)
    locale = name_indices(population, np.arange(n), 0.3).locale
    assert (locale[::2] == locale[1::2]).all() and 0.25 < locale.mean() < 0.35
    assert name_indices(population, np.arange(n), 0.0).locale.max() == 0
    assert name_indices(population, np.arange(n), 1.0).locale.min() == 1
    with pytest.raises(ValueError, match="zh_share must be between 0 and 1"):
        name_indices(population, np.arange(n), 1.5)


def test_names_follow_the_key_not_the_number(world):
    population = world.population
    order = np.arange(N)[::-1]
    turned = replace(population, key=population.key[::-1], region=population.region[::-1])
    for there, here in zip(
        name_indices(turned, order, 0.5), name_indices(population, np.arange(N), 0.5), strict=True
    ):
        assert np.array_equal(there, here)


def test_names_are_varied_and_another_seed_gives_other_people(people):
    names = {p.name for p in people}
    assert len(names) > 0.75 * N
    other = profiles_of(make_world(seed=8), np.arange(N))
    assert sum(a.name == b.name for a, b in zip(people, other, strict=True)) < 0.02 * N


def test_tables_are_large_distinct_and_without_contact_data():
    for locale in LOCALES:
        tables = tables_of(locale)
        for table in (*tables.given, tables.family, tables.cities, tables.jobs):
            assert len(set(table)) == len(table) >= 50
            assert not any(mark in text for text in table for mark in "@0123456789\n")
    assert set(Profile.__dataclass_fields__) == {
        "user", "name", "age", "gender", "city", "job", "portrait", "locale", "words",
    }  # fmt: skip


def test_chinese_names_are_family_name_first_without_a_blank(people):
    zh = [p for p in people if p.locale == "zh_CN"]
    en = [p for p in people if p.locale == "en_US"]
    assert zh and en
    families = set(tables_of("zh_CN").family)
    assert all(p.name[:1] in families or p.name[:2] in families for p in zh)
    assert not any(" " in p.name for p in zh) and all(p.name.count(" ") == 1 for p in en)


def queries(people: list[Profile]) -> list[str]:
    zh = next(p.name for p in people if p.locale == "zh_CN")
    en = next(p.name for p in people if p.locale == "en_US")
    given, family = en.split(" ")
    return [
        zh, zh[:1], zh[1:], zh[:2], en, en.upper(), given, family[:3],
        given[-2:] + " " + family[:2],
        f"  {given}   {family} ", " " + family, given[-1] + " ", "王", "an", "E", "z q", "nobody1",
        "n " + "s", "李秀",
    ]  # fmt: skip


def test_the_search_finds_what_reading_every_name_finds(world, people):
    for query in queries(people):
        wanted = " ".join(query.split()).casefold()
        expected = [p for p in people if wanted in p.name.casefold()]
        assert search_names(world, query, limit=N) == expected, query
        assert search_names(world, query, limit=3) == expected[:3]


def test_an_empty_or_endless_query_finds_nobody(world):
    assert search_names(world, "  ") == search_names(world, "a" * 500) == []
    assert search_names(world, "a", limit=0) == []


def test_a_million_users_are_searched_in_less_than_two_seconds():
    n = 1_000_000
    number = np.arange(n, dtype=np.int32)
    population = build_population(7, PopulationSpec(), number // 100, number // 20_000)
    ring = np.arange(n)
    ties = ties_from_edges(
        ring, (ring + 1) % n, level=84, key=population.key, channels=population.channels,
        directed=False,
    ).ties  # fmt: skip
    world = World(population, ties, ties)
    tables_of("en_US"), tables_of("zh_CN")
    begin = time.perf_counter()
    found = search_names(world, "zzyzx")
    assert found == [] and time.perf_counter() - begin < 2
    name = profile_of(world, n - 1).name
    assert any(p.user == n - 1 for p in search_names(world, name, limit=n))


def test_faker_is_imported_only_when_a_profile_is_wanted():
    code = "import sys, viralbots.world.profiles; sys.exit('faker' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
