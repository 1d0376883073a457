"""The registry of jobs: shared, bounded, cancellable."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from viralbots.errors import Cancelled, ExperimentError
from viralbots.experiments.runner import run_all
from viralbots.experiments.worlds import Worlds
from viralbots.scenario import load, override
from viralbots.store import Store
from viralbots.ui import backend, jobs
from viralbots.ui.jobs import Busy, Job, Registry
from viralbots.ui.tasks import Request

SCENARIO = load(Path(__file__).parent / "files" / "chain_letter.yaml")


def request(seed: int = 1, case: str = "chain_letter") -> Request:
    return Request(SCENARIO, seed, 5, case)


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end, "waited ten seconds in vain"
        time.sleep(0.005)


class Gate:
    """A computation that goes on when it is let go."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.calls = 0

    def run(
        self, asked: Request, workers: int, progress: object, cancel: threading.Event,
        show: Callable[[object], None],
    ) -> str:  # fmt: skip
        self.calls += 1
        while not self.open.wait(0.005):
            if cancel.is_set():
                raise Cancelled("stopped")
        return f"result of {asked.seed}"


def running(registry: Registry, *seeds: int) -> list[Job]:
    found = [registry.submit(request(seed)) for seed in seeds]
    until(lambda: all(job.state == "running" for job in found))
    return found


def test_a_job_runs_and_keeps_its_result() -> None:
    gate = Gate()
    registry = Registry(gate.run)
    (job,) = running(registry, 1)
    gate.open.set()
    until(lambda: job.is_over)
    assert (job.state, job.result, job.fraction) == ("done", "result of 1", 1.0)
    assert registry.get(job.id) is job
    assert registry.estimate("chain_letter", 10_000, 5) == pytest.approx(job.seconds)


def test_equal_requests_are_one_job_and_different_ones_are_not() -> None:
    gate = Gate()
    registry = Registry(gate.run)
    assert registry.submit(request(1)) is registry.submit(request(1))
    assert registry.submit(request(1)) is not registry.submit(request(2))
    gate.open.set()


def test_two_jobs_run_at_once_and_the_rest_waits_in_order() -> None:
    gate = Gate()
    registry = Registry(gate.run)
    running(registry, 1, 2)
    third, fourth = registry.submit(request(3)), registry.submit(request(4))
    assert [registry.place(job) for job in (third, fourth)] == [1, 2]
    gate.open.set()
    until(lambda: fourth.state == "done")
    assert registry.place(third) == 0


def test_a_running_and_a_waiting_job_can_be_cancelled_and_begun_again() -> None:
    gate = Gate()
    registry = Registry(gate.run)
    first, _second = running(registry, 1, 2)
    waiting = registry.submit(request(3))
    for job in (first, waiting):
        registry.look(job, "me")
        registry.cancel(job, "me")
    until(lambda: first.state == "cancelled" and waiting.state == "cancelled")
    again = registry.submit(request(1))
    assert again is not first
    gate.open.set()
    until(lambda: again.state == "done")


def test_a_cancelled_job_keeps_the_runs_that_were_finished() -> None:
    def run(asked: Request, workers: int, progress: object, cancel: threading.Event,
            show: object) -> None:  # fmt: skip
        cancel.wait(10)
        stopped = Cancelled("stopped after 2 of 5 runs")
        stopped.partial = "two runs"  # type: ignore[attr-defined]
        raise stopped

    registry = Registry(run)
    (job,) = running(registry, 1)
    assert not job.is_partial
    assert registry.cancel(job, "me")
    until(lambda: job.is_over)
    assert (job.state, job.result, job.is_partial) == ("cancelled", "two runs", True)


def test_a_long_job_shows_its_first_runs_and_then_all_of_them(tmp_path: Path) -> None:
    asked = Request(
        override(SCENARIO, {"network.n_users": 1000}), 1, 3 * backend.FIRST, "chain_letter"
    )
    seen: list[tuple[int, str]] = []

    with Store(tmp_path / "runs.sqlite3") as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(backend, "MUCH_WORK", 1)
        run = backend.runner(Worlds(), store)

        def watched(*given: Any) -> Any:
            def show(result: Any) -> None:
                given[-1](result)
                seen.append((result.n_replicates, "partial" if job.is_partial else job.state))

            return run(*given[:-1], show)

        registry = Registry(watched)
        job = registry.submit(asked)
        until(lambda: job.is_over)
        alone = run_all(asked.scenario, seed=1, replicates=asked.replicates)
    assert seen == [(backend.FIRST, "partial")]
    assert (job.state, job.is_partial, job.result.digest) == ("done", False, alone.digest)
    # Its first runs were found in the database when the others were computed; that is no reason
    # not to learn how long it takes.
    assert registry.estimate("chain_letter", 1000, asked.replicates) == pytest.approx(job.seconds)


def test_a_job_that_nobody_looks_at_is_stopped_and_can_be_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()
    registry = Registry(gate.run)
    left, watched = running(registry, 1, 2)
    waiting = registry.submit(request(3))
    monkeypatch.setattr(jobs, "ABANDONED_SECONDS", 0.05)
    time.sleep(0.06)
    registry.look(watched, "me")
    assert registry.stop_abandoned() == [left, waiting]
    until(lambda: left.is_over)
    assert (left.state, waiting.state, watched.state) == ("cancelled", "cancelled", "running")
    assert left.is_abandoned and not watched.is_abandoned
    gate.open.set()
    again = registry.submit(request(1))
    until(lambda: again.state == "done")


def test_a_job_cancelled_after_a_reload_stops_when_the_old_page_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "LOOK_FOR_ABANDONED", 0.01)
    monkeypatch.setattr(jobs, "UNSEEN_SECONDS", 0.2)
    registry = Registry(Gate().run)
    kept, job = running(registry, 1, 2)
    registry.look(job, "before the reload")
    assert not registry.cancel(job, "me")
    assert job.state == "running"
    until(lambda: job.state == "cancelled")
    assert kept.state == "running"
    registry.cancel(kept, "me")


def test_all_jobs_stop_when_the_program_ends() -> None:
    registry = Registry(Gate().run)
    found = running(registry, 1, 2)
    found.append(registry.submit(request(3)))
    registry.stop_all()
    until(lambda: all(job.state == "cancelled" for job in found))


def test_a_tiny_run_says_little_about_a_large_one() -> None:
    registry = Registry(lambda *_: time.sleep(0.05))
    tiny = override(SCENARIO, {"network.n_users": 1000})
    job = registry.submit(Request(tiny, 1, 1, "chain_letter"))
    until(lambda: job.is_over)
    assert registry.estimate("chain_letter", 1000, 1) == pytest.approx(job.seconds)
    assert registry.estimate("chain_letter", 10_000, 20) == jobs.GUESSED_RATE * 200_000
    large = registry.submit(Request(SCENARIO, 1, 50, "chain_letter"))
    until(lambda: large.is_over)
    told = registry.estimate("chain_letter", 10_000, 20)
    again = registry.submit(Request(tiny, 2, 1, "chain_letter"))
    until(lambda: again.is_over)
    assert registry.estimate("chain_letter", 10_000, 20) == told


def test_pages_look_less_often_where_many_wait() -> None:
    gate = Gate()
    registry = Registry(gate.run)
    fastest, slowest = jobs.LOOK_SECONDS
    assert registry.look_seconds() == fastest
    for seed in range(30):
        registry.submit(request(seed))
    assert fastest < registry.look_seconds() <= slowest
    assert 30 / registry.look_seconds() <= jobs.LOOKS
    gate.open.set()


def test_a_job_goes_on_while_somebody_else_looks_at_it() -> None:
    gate = Gate()
    registry = Registry(gate.run)
    (job,) = running(registry, 1)
    registry.look(job, "me")
    registry.look(job, "another")
    assert not registry.cancel(job, "me")
    gate.open.set()
    until(lambda: job.state == "done")


def test_a_page_that_is_gone_does_not_keep_a_job_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "UNSEEN_SECONDS", 0.0)
    registry = Registry(Gate().run)
    (job,) = running(registry, 1)
    registry.look(job, "gone")
    registry.cancel(job, "me")
    until(lambda: job.state == "cancelled")


def test_a_failure_becomes_the_state_of_the_job_and_the_worker_lives_on() -> None:
    def fail(*_: object) -> None:
        raise ExperimentError("no")

    registry = Registry(fail)
    found = [registry.submit(request(seed)) for seed in range(4)]
    until(lambda: all(job.is_over for job in found))
    assert {job.state for job in found} == {"failed"}
    assert str(found[0].error) == "no"


def test_the_queue_and_the_memory_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "KEPT", 3)
    gate = Gate()
    registry = Registry(gate.run)
    running(registry, 1, 2)
    for seed in range(3, 3 + jobs.MAX_WAITING):
        registry.submit(request(seed))
    with pytest.raises(Busy):
        registry.submit(request(999))
    gate.open.set()
    last = registry.submit(request(22))
    until(lambda: last.state == "done")
    until(lambda: registry.submit(request(1000)).state == "done")
    assert registry.get(request(3).id) is None


def test_jobs_wait_for_the_warm_up_even_if_it_fails() -> None:
    gate, warm = Gate(), threading.Event()

    def warm_up() -> None:
        warm.wait(10)
        raise ExperimentError("no")

    registry = Registry(gate.run, warm_up)
    job = registry.submit(request(1))
    time.sleep(0.03)
    assert (gate.calls, registry.ready.is_set()) == (0, False)
    warm.set()
    gate.open.set()
    until(lambda: job.state == "done")


def test_remaining_time_is_told_only_when_it_is_known() -> None:
    job = Job(request())
    assert job.seconds_left is None
    job.state, job.started_at = "running", time.monotonic() - 10
    assert job.seconds_left is None
    job.report(0.25, 1, 5)
    assert job.seconds_left == pytest.approx(30, rel=0.05)
