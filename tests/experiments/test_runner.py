"""Replicates: the same whatever runs them, and stopped without losing what is done."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.experiments.small import small
from viralbots.draws import run_seed
from viralbots.engine.simulate import simulate
from viralbots.errors import ExperimentError, NetworkError
from viralbots.experiments import Result, RunsCancelled, run_all, scenario_with_network
from viralbots.experiments.worlds import Worlds
from viralbots.metrics import describe, evaluate
from viralbots.run import Run, Vary
from viralbots.version import ENGINE_VERSION
from viralbots.world.assemble import build


@pytest.fixture(scope="module")
def result() -> Result:
    return run_all(small(), seed=5, replicates=6)


def assert_equal(a: Result, b: Result) -> None:
    assert a.digest == b.digest and a.seeds == b.seeds
    for name, values in a.values.items():
        np.testing.assert_array_equal(values, b.values[name])
    for name, curve in a.curves.items():
        np.testing.assert_array_equal(curve, b.curves[name])
    assert repr(a.metrics) == repr(b.metrics)  # nan is not equal to itself


@pytest.mark.parametrize("workers", [2, 5])
def test_the_number_of_workers_changes_nothing(result: Result, workers: int) -> None:
    assert_equal(result, run_all(small(), seed=5, replicates=6, workers=workers))


def test_a_world_built_before_gives_the_same(result: Result) -> None:
    scenario = small()
    assert_equal(result, run_all(scenario, seed=5, replicates=6, world=build(scenario.network)))


def test_replicates_are_the_runs_that_simulate_makes(result: Result) -> None:
    scenario = small()
    world = build(scenario.network)
    trace = simulate(scenario, 5, replicate=3, world=world)
    trace.facts["messages"] = describe(scenario.messages)
    for name, value in evaluate(world, trace).items():
        np.testing.assert_equal(result.values[name][3], value)
    assert result.seeds[3] == run_seed(5, 3)


def test_replicates_differ(result: Result) -> None:
    assert len(set(result.seeds)) == 6
    assert len(set(result.values["read"])) > 1


def test_a_result_says_what_it_is_of(result: Result) -> None:
    assert result.identity == small().identity
    assert result.engine_version == ENGINE_VERSION
    assert (result.n_replicates, result.n_users) == (6, 600)
    assert result.replicates == tuple(range(6))
    assert result.metrics["reach"].mean == pytest.approx(result.values["reach"].mean())


def test_curves_end_at_the_final_counts(result: Result) -> None:
    assert result.curves["reach"].shape == (6, 3 * 24 + 1)
    ends = {
        "reach": "reach",
        "adopters": "size",
        "converts": "converts",
        "counter": "counter_size",
        "adopters:truth": "size:truth",
    }
    for curve, metric in ends.items():
        np.testing.assert_array_equal(result.curves[curve][:, -1], result.values[metric])
        assert (np.diff(result.curves[curve], axis=1) >= 0).all()
        assert (result.curves[curve][:, 0] == 0).all()


@pytest.mark.parametrize(("vary", "seeds", "worlds"), [
    ("luck", 3, 1), ("world", 1, 3), ("both", 3, 3),
])  # fmt: skip
def test_what_varies_is_what_was_asked_for(vary: str, seeds: int, worlds: int) -> None:
    result = run_all(small(), replicates=3, vary=vary, workers=2)
    assert len(set(result.seeds)) == seeds
    assert len(set(result.world_seeds)) == worlds
    assert len(set(result.values["read"])) > 1


def test_another_seed_gives_another_digest(result: Result) -> None:
    assert run_all(small(), seed=6, replicates=6).digest != result.digest


def test_progress_never_goes_back_and_ends_complete() -> None:
    reports: list[tuple[float, int, int]] = []
    run_all(small(), replicates=4, workers=2, progress=lambda *report: reports.append(report))
    fractions = [fraction for fraction, _, _ in reports]
    assert fractions == sorted(fractions)
    assert reports[-1] == (1.0, 4, 4)


@pytest.mark.parametrize("workers", [1, 2])
def test_stopping_keeps_the_replicates_that_were_finished(workers: int) -> None:
    cancel = threading.Event()

    def stop_after_two(fraction: float, done: int, total: int) -> None:
        if done >= 2:
            cancel.set()

    with pytest.raises(RunsCancelled) as caught:
        run_all(small(), seed=5, replicates=50, workers=workers, progress=stop_after_two,
                cancel=cancel)  # fmt: skip
    partial = caught.value.partial
    assert partial is not None and 2 <= partial.n_replicates < 50
    assert partial.seeds == tuple(run_seed(5, r) for r in partial.replicates)
    assert "of 50 runs" in str(caught.value)


def test_stopping_before_the_first_run_leaves_nothing() -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(RunsCancelled) as caught:
        run_all(small(), replicates=3, cancel=cancel)
    assert caught.value.partial is None


@pytest.mark.parametrize(("arguments", "message"), [
    ({"replicates": 0}, "replicates must be at least 1, got 0"),
    ({"workers": 0}, "workers must be at least 1, got 0"),
    ({"seed": -1}, "seed must be at least 0, got -1"),
    ({"vary": "all"}, "vary must be one of luck, world, both, got 'all'"),
])  # fmt: skip
def test_wrong_arguments_are_named_with_what_is_allowed(arguments: dict, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        run_all(small(), **arguments)


def test_a_world_that_would_not_be_used_is_refused() -> None:
    scenario = small()
    with pytest.raises(ExperimentError, match="leave it out"):
        run_all(scenario, world=build(scenario.network), vary="world")


def test_a_scenario_moves_to_an_imported_network(tmp_path: Path) -> None:
    file = tmp_path / "ring.txt"
    file.write_text("".join(f"{i} {(i + 1) % 50}\n" for i in range(50)))
    random_graph = small(network={"kind": "erdos_renyi", "n_users": 600, "mean_degree": 4.0})
    moved = scenario_with_network(random_graph, file)
    assert moved.network.kind == "imported" and moved.network.mean_degree is None
    result = run_all(moved, replicates=2)
    assert result.n_users == 50


def test_a_network_file_that_is_missing_is_named(tmp_path: Path) -> None:
    moved = scenario_with_network(small(), tmp_path / "none.txt")
    with pytest.raises(NetworkError, match="none.txt"):
        run_all(moved, replicates=1)


class Drawer:
    """A cache in memory that counts what happens to it."""

    def __init__(self) -> None:
        self.runs: dict[tuple[str, int], Run] = {}
        self.lock = threading.Lock()

    def find(self, identity: str, seed: int) -> Run | None:
        return self.runs.get((identity, seed))

    def keep(self, run: Run) -> None:
        with self.lock:
            assert (run.identity, run.seed) not in self.runs, "kept twice"
            self.runs[run.identity, run.seed] = run


@pytest.mark.parametrize("vary", ["luck", "world", "both"])
def test_what_is_kept_is_not_computed_again(vary: Vary) -> None:
    drawer = Drawer()
    first = run_all(small(), replicates=3, vary=vary, cache=drawer, workers=2)
    again = run_all(small(), replicates=5, vary=vary, cache=drawer)
    assert first.n_known == 0 and again.n_known == 3 and len(drawer.runs) == 5
    assert_equal(again, run_all(small(), replicates=5, vary=vary))
    assert {*zip(again.identities, again.seeds, strict=True)} == drawer.runs.keys()


def test_a_stopped_experiment_goes_on_where_it_ended() -> None:
    drawer, cancel = Drawer(), threading.Event()

    def stop_after_two(fraction: float, done: int, total: int) -> None:
        if done >= 2:
            cancel.set()

    with pytest.raises(RunsCancelled):
        run_all(small(), replicates=6, progress=stop_after_two, cancel=cancel, cache=drawer)
    assert len(drawer.runs) == 2
    whole = run_all(small(), replicates=6, cache=drawer)
    assert whole.n_known == 2
    assert_equal(whole, run_all(small(), replicates=6))


def test_a_fresh_run_is_compared_with_the_kept_one() -> None:
    drawer = Drawer()
    run_all(small(), replicates=3, cache=drawer)
    fresh = run_all(small(), replicates=4, cache=drawer, fresh=True)
    assert (fresh.n_compared, fresh.differing) == (3, ())
    key = fresh.identities[1], fresh.seeds[1]
    values = {**drawer.runs[key].values, "reach": np.nextafter(fresh.values["reach"][1], 0)}
    drawer.runs[key] = replace(drawer.runs[key], values=values)
    assert run_all(small(), replicates=4, cache=drawer, fresh=True).differing == (1,)


def test_a_world_from_elsewhere_is_never_kept_under_the_scenarios_name() -> None:
    with pytest.raises(ExperimentError, match="not both"):
        run_all(small(), world=build(small().network), cache=Drawer())


def test_one_world_is_built_once_for_all_threads_and_calls() -> None:
    worlds, seen = Worlds(), []
    threads = [threading.Thread(target=lambda: seen.append(worlds.of(small().network)))
               for _ in range(6)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(world) for world in seen}) == 1
    assert worlds.of(small(network={"n_users": 601}).network) is not seen[0]
    assert Worlds(source=worlds).of(small().network) is seen[0]


def test_a_world_that_cannot_be_built_is_tried_again(tmp_path: Path) -> None:
    worlds, file = Worlds(), tmp_path / "ties.txt"
    spec = small(network={"kind": "imported", "path": str(file)}).network
    file.write_text("nobody\n")
    with pytest.raises(NetworkError):
        worlds.of(spec)
    file.write_text("ann bob\nbob cy\n")
    assert worlds.of(spec).n_users == 3
