"""Time and memory before a run: what is refused, what would fit, what the words say."""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.experiments.small import small
from viralbots.engine import memory
from viralbots.engine import state as st
from viralbots.errors import Problem, ScenarioError
from viralbots.experiments import trial
from viralbots.experiments.estimate import check_memory, estimate, peak_bytes, words
from viralbots.scenario import Scenario
from viralbots.trace import COUNTS
from viralbots.world import machine
from viralbots.world.memory import kept_bytes, too_many_users
from viralbots.world.spec import WorldSpec

GIGABYTE = 10**9
KINDS: dict[str, dict[str, Any]] = {
    "default": {}, "erdos_renyi": {"mean_degree": 20.0}, "watts_strogatz": {},
    "barabasi_albert": {}, "block": {}, "configuration": {"degrees": {"4": 0.5, "40": 0.5}},
}  # fmt: skip


def with_users(n_users: int, scenario: Scenario | None = None) -> Scenario:
    """A scenario of any size, also of one that its bounds do not allow."""
    scenario = scenario or small()
    network = scenario.network.model_copy(update={"n_users": n_users})
    return scenario.model_copy(update={"network": network})


def on(kind: str, n_users: int) -> Scenario:
    return small(network={"kind": kind, "n_users": n_users, **KINDS[kind]})


def dying(n_users: int) -> Scenario:
    """A message that nobody passes on."""
    quiet = {"value": 0.0, "ease": 0.0, "arousal": 0.0, "channels": {"email": 1.0}}
    return small(network={"n_users": n_users}, messages={"rumour": quiet})


def refusal(scenario: Scenario, **limits: Any) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        check_memory(scenario, **limits)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def count(text: object) -> int:
    return int(str(text).replace(" ", ""))


def test_members_contacts_and_followers_of_bots_take_memory() -> None:
    plain = {"channels": {"im": 1.0, "video": 1.0}, "converts": False}
    n = 100_000

    def needed(more: dict[str, Any], **fields: Any) -> int:
        message = {"rumour": {**plain, **more}}
        return memory.run_bytes(small(messages=message, horizon_days=3, **fields), n)

    without = needed({})
    assert needed({"converts": True}) == without + 16 * n
    assert needed({"network_effect": 1.0}) == without + 4 * n
    assert needed({"footer": 1.0}) == without + 16 * n + memory.STREAM
    nets = [{"kind": "spammer", "message": "rumour", "share": 0.01, "infiltration": 0.1,
             "flooding": 2.0}]  # fmt: skip
    posts = 0.01 * n * 0.1 * n * 0.2 * 2 * 16  # bots × followers × visibility × posts a day
    assert needed({}, bots=nets) > without + posts


# What does not fit --------------------------------------------------------------------------


def test_a_hundred_million_users_are_refused_at_once_and_without_taking_memory() -> None:
    scenario = with_users(100_000_000)
    tracemalloc.start()
    start = time.process_time()
    problem = refusal(scenario, limit=23 * GIGABYTE)
    seconds = time.process_time() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 0.1
    assert peak < 5_000_000
    assert problem.path == "network.n_users"
    assert problem.text.startswith("100 000 000 users need about 113 GB of memory, and 23 GB are ")
    assert problem.text.endswith("; 20 000 000 users would fit")


def test_without_a_limit_the_machine_is_asked() -> None:
    problem = refusal(with_users(10**10))  # 11 TB
    assert str(problem.values["limit"]) in problem.text
    check_memory(with_users(10_000), 2, vary="both")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("vary", ["luck", "both"])
def test_what_is_said_to_fit_fits_and_is_not_much_too_little(kind: str, vary: Any) -> None:
    for workers in (1, 2, 16):
        limit = 5 * GIGABYTE
        problem = refusal(on(kind, 60_000_000), workers=workers, limit=limit, vary=vary)
        fit = count(problem.values["fit"])
        check_memory(on(kind, fit), workers, limit, vary=vary)
        assert peak_bytes(on(kind, fit), workers=workers, vary=vary) <= limit
        assert peak_bytes(on(kind, round(1.11 * fit)), workers=workers, vary=vary) > limit


def test_fewer_workers_are_advised_where_that_is_enough() -> None:
    problem = refusal(with_users(2_000_000), workers=8, limit=6 * GIGABYTE, vary="world")
    assert problem.values["workers"] == 2
    assert problem.text.endswith(" users would fit, or all of them with 2 workers")
    check_memory(with_users(2_000_000), workers=2, limit=6 * GIGABYTE, vary="world")
    assert "workers" not in refusal(with_users(8_000_000), workers=8, limit=GIGABYTE).values


def test_no_number_of_users_is_named_where_none_would_do() -> None:
    assert "no world of this kind would fit" in refusal(small(), limit=GIGABYTE // 10).text
    seeds = [{"message": "rumour", "count": 900_000}]
    crowd = small(network={"n_users": 1_000_000}, seeding=seeds)
    assert "fit" not in refusal(crowd, limit=GIGABYTE // 2).values


def test_a_network_file_that_is_too_large_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ties.txt"
    path.write_text("1 2\n" * 500_000)
    scenario = small(network={"kind": "imported", "path": str(path)})
    problem = refusal(scenario, limit=GIGABYTE // 5)
    assert problem.path == "network.path"
    assert "a network file of 2 MB needs about 2" in problem.text
    assert problem.text.endswith("take a smaller file")


def test_a_number_of_users_that_no_world_can_have_is_told_with_what_it_would_take() -> None:
    problem = too_many_users(100_000_000)
    assert "at most 67 108 864" in problem.text
    assert "113 GB" in problem.text
    assert count(problem.values["fit"]) <= 67_108_864
    assert len(too_many_users(10**5000).text) < 200


# The formula --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("vary", ["luck", "world"])
def test_more_users_workers_and_replicates_never_need_less(kind: str, vary: Any) -> None:
    def peaks(**given: list[int]) -> list[int]:
        found = []
        for i in range(4):
            n, workers, replicates = (given.get(k, [1, 1, 1, 1])[i] for k in ("n", "w", "r"))
            scenario = on(kind, 1000 * n)
            found.append(peak_bytes(scenario, replicates=replicates, workers=workers, vary=vary))
        return found

    for given in (
        {"n": [1, 2, 50, 500]},
        {"n": [9] * 4, "w": [1, 2, 3, 9], "r": [9] * 4},
        {"r": [1, 2, 30, 4000]},
    ):
        found = peaks(**given)
        assert found == sorted(found)
        assert found[0] < found[-1]


def test_the_constants_are_those_of_the_arrays() -> None:
    assert st._aligned(10).nbytes == 10 * memory.RECORD
    assert memory.CHUNK_BYTES == st.CHUNK * 16
    few, many = small(horizon_days=1), small(horizon_days=11)
    hours, messages = 240, 2
    more = hours * messages * len(COUNTS) * 8 + 14_400 * memory.PER_MINUTE
    assert memory.run_bytes(many, 500) - memory.run_bytes(few, 500) >= more


def test_what_is_kept_of_a_world_is_less_than_its_peak(tmp_path: Path) -> None:
    path = tmp_path / "ties.txt.gz"
    path.write_bytes(b"0" * 1000)
    specs = [on(kind, 50_000).network for kind in KINDS]
    for spec in (*specs, WorldSpec(kind="imported", path=str(path))):
        assert 0 < kept_bytes(spec) < peak_bytes(small(network=spec.model_dump()))


# The setting -------------------------------------------------------------------------------


def test_the_variable_is_obeyed_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(machine.SETTING, "1GB")
    problem = refusal(with_users(5_000_000))
    assert "and 1.0 GB are allowed by VIRALBOTS_MAX_MEMORY" in problem.text
    monkeypatch.setenv(machine.SETTING, " 90 tib ")  # however little the machine has
    check_memory(with_users(1_000_000_000))
    monkeypatch.setenv(machine.SETTING, "")
    left = machine.room()
    assert left is None or machine.SETTING not in left.limit


# Time ---------------------------------------------------------------------------------------


def test_a_message_that_dies_out_has_as_many_deliveries_in_any_world() -> None:
    few, many = (estimate(dying(n), replicates=2) for n in (20_000, 200_000))
    assert few.n_deliveries == pytest.approx(many.n_deliveries, rel=1e-9)
    assert few.basis == "trial"


def test_a_message_that_spreads_has_more_deliveries_in_a_larger_world() -> None:
    few, many = (estimate(with_users(n), replicates=2) for n in (20_000, 200_000))
    assert 7 < many.n_deliveries / few.n_deliveries <= 10.01
    assert few.seconds < many.seconds


def test_a_small_world_is_its_own_trial() -> None:
    from viralbots.engine.simulate import simulate

    found = estimate(small(), replicates=3)
    traces = [simulate(small(), 1, replicate=r) for r in range(3)]
    assert found.basis == "itself"
    assert found.n_deliveries == pytest.approx(sum(t.totals[:, 0].sum() for t in traces))


def test_a_scenario_is_tried_out_once_a_process() -> None:
    estimate(with_users(50_000))
    before = trial._tried.cache_info().misses
    estimate(with_users(500_000), replicates=3, workers=2, vary="both")
    assert trial._tried.cache_info().misses == before


def test_time_grows_with_replicates_and_shrinks_with_workers() -> None:
    scenario = with_users(100_000)
    times = [estimate(scenario, replicates=r).seconds for r in (1, 2, 20, 1000)]
    assert times == sorted(times)
    assert (times[3] - times[2]) / 980 == pytest.approx(times[1] - times[0])
    times = [estimate(scenario, replicates=20, workers=w).seconds for w in (1, 2, 4, 400)]
    assert times == sorted(times, reverse=True)
    assert times[1] < times[0] or os.cpu_count() == 1
    luck, world = (estimate(scenario, replicates=9, vary=v).seconds for v in ("luck", "world"))
    assert luck < world


def test_every_kind_of_network_can_be_estimated(tmp_path: Path) -> None:
    for kind in KINDS:
        assert estimate(on(kind, 30_000), replicates=1).basis == "trial"
    dense = small(network={"kind": "erdos_renyi", "n_users": 90_000, "mean_degree": 5000.0})
    assert estimate(dense, replicates=1).basis == "guess"
    path = tmp_path / "ties.txt"
    path.write_text("".join(f"{i} {i * 7 % 20_000}\n" for i in range(60_000)))
    imported = small(network={"kind": "imported", "path": str(path)})
    found = estimate(imported, replicates=1)
    assert found.basis == "guess"
    assert 0 < found.seconds < 20


def test_waves_that_are_large_beside_a_small_world_keep_their_share() -> None:
    everybody = small(
        network={"n_users": 500_000},
        seeding=[{"message": "rumour", "count": 400_000, "by": "brand", "channel": "im"}],
    )
    found = estimate(everybody, replicates=1)
    assert 300_000 < found.n_deliveries < 20_000_000


# Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "n_bytes", "english", "chinese"),
    [
        (0.3, 201e6, "less than a second, about 201 MB of memory", "不到1秒，约需201 MB内存"),
        (12.4, 1.31e9, "about 12 s and 1.3 GB of memory", "约12秒，1.3 GB内存"),
        (89.6, 23.4e9, "about 90 s and 23 GB of memory", "约90秒，23 GB内存"),
        (200.0, 118e9, "about 3 min and 118 GB of memory", "约3分钟，118 GB内存"),
        (7200.0, 999e6, "about 2 h and 1.0 GB of memory", "约2小时，1.0 GB内存"),
        (1e6, 2.26e12, "about 12 days and 2.3 TB of memory", "约12天，2.3 TB内存"),
    ],
)
def test_estimates_in_words(seconds: float, n_bytes: float, english: str, chinese: str) -> None:
    found: Any = SimpleNamespace(seconds=seconds, bytes_peak=n_bytes)
    assert (words(found), words(found, "zh")) == (english, chinese)
