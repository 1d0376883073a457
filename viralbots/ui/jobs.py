"""Runs in the background: a bounded registry of jobs, worked off by a few threads.

Pages submit a `Request` and look at the `Job`; nothing here calls Streamlit, because worker
threads must not. Two equal requests are one job, so a class that opens the same case
computes it once, and a reloaded page finds its job by the id in its address.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from viralbots.errors import Cancelled, ViralbotsError
from viralbots.scenario import Scenario

State = Literal["waiting", "running", "done", "cancelled", "failed"]
SLOTS = 2
"""Jobs computed at once."""
MAX_WAITING = 60
KEPT = 40
"""Finished jobs remembered."""
HEAVY_KEPT = 4
"""Of those, the ones that hold a whole world and its trace."""
UNSEEN_SECONDS = 5.0
"""A page that has not looked at its job for so long is gone."""
GUESSED_RATE = 2e-5  # seconds per user and run, until a job has been timed

Runner = Callable[..., Any]


class Task(Protocol):
    """Something to compute; equal ones have the same ``id``.

    Attributes
    ----------
    id : str
        16 hexadecimal digits.
    case : str
        Name under which its time is learnt.
    work : int
        Users × runs.
    is_heavy : bool
        Its result takes much memory.
    """

    @property
    def id(self) -> str: ...
    @property
    def case(self) -> str: ...
    @property
    def work(self) -> int: ...
    @property
    def is_heavy(self) -> bool: ...


@dataclass(frozen=True)
class Request:
    """What to compute: a scenario, a random seed and how many replicates.

    Attributes
    ----------
    scenario : Scenario
    seed : int
        Random seed, at least 0.
    replicates : int
        Number of runs, at least 1.
    case : str
        Name of the case in the library that it comes from.
    """

    scenario: Scenario
    seed: int
    replicates: int
    case: str
    is_heavy = False

    @property
    def id(self) -> str:
        """Equal for equal results: 16 hexadecimal digits."""
        return _id(self.scenario.identity, self.seed, self.replicates, self.case)

    @property
    def work(self) -> int:
        return self.scenario.network.n_users * self.replicates


@dataclass(frozen=True)
class OneRun:
    """One run with its world and its trace, to be watched and asked about.

    Attributes
    ----------
    scenario : Scenario
    seed, luck : int
        Random seed, and which replicate of it.
    """

    scenario: Scenario
    seed: int
    luck: int
    is_heavy = True

    @property
    def id(self) -> str:
        """Equal for equal runs."""
        return _id("run", self.scenario.identity, self.seed, self.luck)

    @property
    def case(self) -> str:
        return f"run of {self.scenario.name}"

    @property
    def work(self) -> int:
        return self.scenario.network.n_users


def _id(*parts: object) -> str:
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:16]


@dataclass
class Job:
    """One request and how far it is; written by its worker, read by pages.

    A cancelled job has a result if some of its runs were finished.
    """

    request: Any  # a Task
    state: State = "waiting"
    fraction: float = 0.0
    done_runs: int = 0
    started_at: float = 0.0
    seconds: float = 0.0
    result: Any = None
    error: Exception | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    seen: dict[str, float] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.request.id

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "cancelled", "failed")

    def report(self, fraction: float, done: int, total: int) -> None:
        """Progress, as `viralbots.experiments.runner.run_all` reports it."""
        self.fraction, self.done_runs = min(1.0, max(0.0, fraction)), done

    @property
    def is_partial(self) -> bool:
        """Stopped, but some runs were finished."""
        return self.state == "cancelled" and self.result is not None

    @property
    def seconds_left(self) -> float | None:
        """Remaining seconds from the progress so far; None while that says nothing."""
        spent = time.monotonic() - self.started_at
        if self.state != "running" or self.fraction < 0.02 or spent < 0.5:
            return None
        return spent / self.fraction * (1 - self.fraction)


class Busy(ViralbotsError):
    """Too many jobs are waiting already."""


class Registry:
    """Jobs of this server.

    Parameters
    ----------
    run : callable
        ``run(request, workers, progress, cancel)`` → result.
    warm_up : callable, optional
        Called once before the first job, in the background.
    """

    def __init__(self, run: Runner, warm_up: Callable[[], None] | None = None) -> None:
        self._run = run
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._queue: deque[Job] = deque()
        self._changed = threading.Condition()
        self._rates: dict[str, float] = {}
        self.ready = threading.Event()
        threading.Thread(target=self._prepare, args=(warm_up,), daemon=True).start()
        for number in range(SLOTS):
            threading.Thread(target=self._work, name=f"job-{number}", daemon=True).start()

    def submit(self, request: Task) -> Job:
        """The job of a request; an equal one that is not cancelled or failed is shared.

        Raises
        ------
        Busy
            `MAX_WAITING` jobs are waiting.
        """
        with self._changed:
            job = self._jobs.get(request.id)
            if job is not None and job.state in ("waiting", "running", "done"):
                if not job.cancel.is_set():
                    self._jobs.move_to_end(job.id)
                    return job
            if len(self._queue) >= MAX_WAITING:
                text = f"{MAX_WAITING} runs are waiting already; try again in a minute"
                raise Busy(text, "busy", waiting=MAX_WAITING)
            job = Job(request)
            self._jobs[job.id] = job
            self._jobs.move_to_end(job.id)
            self._queue.append(job)
            self._forget_old()
            self._changed.notify()
            return job

    def get(self, job_id: str) -> Job | None:
        with self._changed:
            return self._jobs.get(job_id)

    def place(self, job: Job) -> int:
        """Place in the queue, 1 the next; 0: not waiting."""
        with self._changed:
            return next((i for i, other in enumerate(self._queue, 1) if other is job), 0)

    def look(self, job: Job, viewer: str) -> None:
        """Note that a page is looking at a job."""
        job.seen[viewer] = time.monotonic()

    def cancel(self, job: Job, viewer: str) -> bool:
        """Stop a job, unless another page is looking at it; whether it stops."""
        job.seen.pop(viewer, None)
        recent = time.monotonic() - UNSEEN_SECONDS
        if any(at > recent for at in list(job.seen.values())):
            return False
        with self._changed:
            job.cancel.set()
            if job in self._queue:
                self._queue.remove(job)
                job.state = "cancelled"
        return True

    def estimate(self, case: str, n_users: int, replicates: int) -> float:
        """Seconds that a request will take, from the last job of the same case."""
        rate = self._rates.get(case, self._rates.get("", GUESSED_RATE))
        return rate * n_users * replicates

    def _forget_old(self) -> None:
        over = [job for job in self._jobs.values() if job.is_over]
        heavy = [job for job in over if job.request.is_heavy]
        light = [job for job in over if not job.request.is_heavy]
        n_open = len(self._jobs) - len(over)
        for old in (*heavy[: -HEAVY_KEPT or None], *light[: max(0, n_open + len(light) - KEPT)]):
            del self._jobs[old.id]

    def _prepare(self, warm_up: Callable[[], None] | None) -> None:
        try:
            if warm_up is not None:
                warm_up()
        except Exception:  # the first job will meet it again and say so on the page
            logging.getLogger(__name__).exception("warm-up failed")
        finally:
            self.ready.set()

    def _work(self) -> None:
        self.ready.wait()
        while True:
            with self._changed:
                while not self._queue:
                    self._changed.wait()
                job = self._queue.popleft()
                job.state, job.started_at = "running", time.monotonic()
            self._do(job)

    def _do(self, job: Job) -> None:
        """Run one job to its end; whatever goes wrong becomes its state."""
        try:
            with self._changed:
                running = sum(other.state == "running" for other in self._jobs.values())
            workers = max(1, (os.cpu_count() or 1) // max(1, running))
            job.result = self._run(job.request, workers, job.report, job.cancel)
        except Cancelled as stop:
            job.result = getattr(stop, "partial", None)  # the runs that were finished
            job.state = "cancelled"
        except Exception as error:  # said on the page; a worker must not die of it
            if not isinstance(error, ViralbotsError):
                logging.getLogger(__name__).exception("job %s failed", job.id)
            job.error, job.state = error, "failed"
        else:
            job.seconds = time.monotonic() - job.started_at
            self._learn(job)
            job.fraction, job.state = 1.0, "done"

    def _learn(self, job: Job) -> None:
        if getattr(job.result, "n_known", 0):
            return  # answered from the database: that says nothing about computing
        rate = job.seconds / job.request.work
        self._rates[job.request.case] = rate
        if not job.request.is_heavy:
            self._rates[""] = rate
