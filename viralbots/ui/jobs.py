"""Runs in the background: a bounded registry of jobs, worked off by a few threads.

Pages submit a `Request` and look at the `Job`; nothing here calls Streamlit, because worker
threads must not. Two equal requests are one job, so a class that opens the same case
computes it once, and a reloaded page finds its job by the id in its address.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from viralbots.errors import Cancelled, ViralbotsError
from viralbots.ui.tasks import Task

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
ABANDONED_SECONDS = 300.0
"""A job that no page has looked at for so long is stopped; a hidden tab looks once a minute."""
LOOK_SECONDS = (0.25, 2.0)
"""Between two looks of a waiting page at its job, at least and at most."""
LOOKS = 40
"""A second, of all waiting pages together: looking takes time from computing."""
GUESSED_RATE = 2e-5  # seconds per user and run, until a job has been timed
FAR = 10
"""Times as much work as was timed, from which on a time says little: a short job only begins."""
LOOK_FOR_ABANDONED = 1.0
"""Seconds between two looks for jobs that nobody wants any more."""

Runner = Callable[..., Any]


@dataclass
class Job:
    """One request and how far it is; written by its worker, read by pages.

    A running job has a result when its first runs are there, and a cancelled one if some of its
    runs were finished. It is unwanted when somebody cancelled it whom another page kept from it.
    """

    request: Any  # a Task
    state: State = "waiting"
    fraction: float = 0.0
    done_runs: int = 0
    started_at: float = 0.0
    seconds: float = 0.0
    result: Any = None
    is_early: bool = False
    n_known: int = 0
    error: Exception | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    seen: dict[str, float] = field(default_factory=dict)
    asked_at: float = field(default_factory=time.monotonic)
    is_abandoned: bool = False
    is_unwanted: bool = False

    @property
    def id(self) -> str:
        return self.request.id

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "cancelled", "failed")

    def report(self, fraction: float, done: int, total: int) -> None:
        """Progress, as `viralbots.experiments.runner.run_all` reports it."""
        self.fraction, self.done_runs = min(1.0, max(0.0, fraction)), done

    def show(self, result: Any) -> None:
        """Take over the result of the first runs, while the others go on."""
        self.n_known = getattr(result, "n_known", 0)
        self.result, self.is_early = result, True

    @property
    def is_partial(self) -> bool:
        """Not all runs are in the result: stopped, failed or still going on."""
        return self.state != "done" and self.result is not None

    @property
    def unseen_seconds(self) -> float:
        """Seconds since a page looked at it, or since it was asked for."""
        return time.monotonic() - max([self.asked_at, *list(self.seen.values())])

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
        ``run(request, workers, progress, cancel, show)`` → result; it may show the result of
        the first runs before.
    warm_up : callable, optional
        Called once before the first job, in the background.
    """

    def __init__(self, run: Runner, warm_up: Callable[[], None] | None = None) -> None:
        self._run = run
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._queue: deque[Job] = deque()
        self._changed = threading.Condition()
        self._rates: dict[str, tuple[float, int]] = {}  # and the work that was timed
        self.ready = threading.Event()
        threading.Thread(target=self._prepare, args=(warm_up,), daemon=True).start()
        for number in range(SLOTS):
            threading.Thread(target=self._work, name=f"job-{number}", daemon=True).start()
        threading.Thread(target=self._watch, name="abandoned", daemon=True).start()
        threading.Thread(target=self._stop_at_end, name="end", daemon=True).start()

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
                    job.asked_at, job.is_unwanted = time.monotonic(), False
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

    def look_seconds(self) -> float:
        """Seconds that a waiting page should let pass before it looks at its job again."""
        with self._changed:
            n_open = sum(not job.is_over for job in self._jobs.values())
        return min(max(n_open / LOOKS, LOOK_SECONDS[0]), LOOK_SECONDS[1])

    def cancel(self, job: Job, viewer: str) -> bool:
        """Stop a job, unless another page is looking at it; whether it stops."""
        job.seen.pop(viewer, None)
        recent = time.monotonic() - UNSEEN_SECONDS
        if any(at > recent for at in list(job.seen.values())):
            job.is_unwanted = True  # that page may be gone already, by a reload for example
            return False
        with self._changed:
            self._stop(job)
        return True

    def _stop(self, job: Job) -> None:
        job.cancel.set()
        if job in self._queue:
            self._queue.remove(job)
            job.state = "cancelled"

    def stop_abandoned(self) -> list[Job]:
        """Stop the jobs that no page has looked at for long; which they are.

        Their finished runs are kept, so who comes back and asks again loses little.
        """
        with self._changed:
            old = [
                job for job in self._jobs.values()
                if not job.is_over and not job.cancel.is_set()
                and job.unseen_seconds > (UNSEEN_SECONDS if job.is_unwanted else ABANDONED_SECONDS)
            ]  # fmt: skip
            for job in old:
                job.is_abandoned = True
                self._stop(job)
        return old

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_FOR_ABANDONED)
            self.stop_abandoned()

    def stop_all(self) -> None:
        """Stop every job; what is finished of them is kept."""
        with self._changed:
            for job in self._jobs.values():
                if not job.is_over:
                    self._stop(job)

    def _stop_at_end(self) -> None:
        """The program ends when its main thread does, and should not wait for computations."""
        threading.main_thread().join()
        self.stop_all()

    def estimate(self, case: str, n_users: int, replicates: int) -> float:
        """Seconds that a request will take, from a job of the same case, or of any."""
        work = n_users * replicates
        rate, timed = self._rates.get(case, self._rates.get("", (GUESSED_RATE, work)))
        return work * (min(rate, GUESSED_RATE) if work > FAR * timed else rate)

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
            job.result = self._run(job.request, workers, job.report, job.cancel, job.show)
        except Cancelled as stop:
            partial = getattr(stop, "partial", None)  # the runs that were finished
            job.result, job.state = partial or job.result, "cancelled"
        except Exception as error:  # said on the page; a worker must not die of it
            if not isinstance(error, ViralbotsError):
                logging.getLogger(__name__).exception("job %s failed", job.id)
            job.error, job.state = error, "failed"
        else:
            job.seconds = time.monotonic() - job.started_at
            self._learn(job)
            job.fraction, job.state = 1.0, "done"

    def _learn(self, job: Job) -> None:
        # The first runs, shown before, were computed by this very job.
        if job.n_known if job.is_early else getattr(job.result, "n_known", 0):
            return  # answered from the database: that says nothing about computing
        work = job.request.work
        for name in (job.request.case, *([] if job.request.is_heavy else [""])):
            if work * FAR >= self._rates.get(name, (0.0, 0))[1]:  # a tiny run tells nothing new
                self._rates[name] = (job.seconds / work, work)
