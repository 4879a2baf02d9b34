"""Runs the jobs of the queue, in threads of this process.

A job runs at least once: a worker that dies leaves a lease behind, and after its end another worker runs the job
again. So what a job does must bear repetition. Several processes may work on the same database.
"""

from __future__ import annotations

import functools
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from tenacity import RetryCallState, Retrying, wait_exponential_jitter

from ..messages import redacted, shown
from . import jobs
from .service import Service
from .tables import Job

__all__ = ["JobKind", "Later", "Worker", "add_periodic_jobs", "run_due"]

logger = logging.getLogger(__name__)
POLL_SECONDS = 1.0
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(hours=1)
_PAUSES = wait_exponential_jitter(initial=1, max=LONGEST_PAUSE.total_seconds(), jitter=1)
MOST_ERROR_CHARACTERS = 1000
LONGEST_CLAIM = timedelta(minutes=1)
"""Time after which a search for due jobs counts as stuck."""
Outcome = Literal["done", "later", "postponed", "dead", "lost"]
"""Of a run. `lost`: it took longer than its lease, and another worker has the job."""
WARNED_OUTCOMES = ("postponed", "dead", "lost")


class Later(Exception):
    """What a job raises that waits for something else: it runs again at `due_at`. That is no failed attempt."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__(f"again at {due_at.isoformat()}")
        self.due_at = due_at


class Abandoned(Exception):
    """A job that is not tried any more: the workers of its attempts died, or it took longer than its lease."""


@dataclass(frozen=True)
class JobKind:
    """What jobs of a name do.

    `run` works without a transaction; whatever it raises is a failed attempt, and after `attempts` of them the job is
    dead. A periodic kind (`every`) has one job, which never dies: it runs again a period later, whatever happened.
    """

    name: str
    run: Callable[[Service, Job], None]
    attempts: int = 12
    lease: timedelta = timedelta(minutes=2)
    """Longer than a run takes: after it another worker runs the job."""
    every: timedelta | None = None
    runs_handlers: bool = False
    """It runs the publisher's code, which may take any time: such jobs leave one thread of a worker to the others."""
    on_death: Callable[[Session, Job, datetime], None] | None = None
    """Called with the dead job, its `last_error` and the time, in the transaction that buries it."""


class Worker:
    """Runs due jobs, at most `threads` at a time."""

    def __init__(self, service: Service, kinds: Sequence[JobKind], *, threads: int = 4) -> None:
        self._service, self._kinds, self._threads = service, {kind.name: kind for kind in kinds}, threads
        self._most_handlers = max(threads - 1, 1)
        self._state = threading.Condition()
        self._running: dict[tuple[str, int], tuple[JobKind, datetime]] = {}
        """Kinds of the jobs that run now, and the ends of their leases, by owner and id."""
        self._claim_began: datetime | None = None
        self._has_news = self._is_stopping = False
        self._pool = ThreadPoolExecutor(threads, "job")
        self._loop = threading.Thread(target=self._run_loop, name="worker", daemon=True)

    def start(self) -> None:
        """Begin to claim jobs; those that this process adds wake it."""
        self._service.database.on_new_jobs = self.notify
        self._loop.start()

    def stop(self) -> None:
        """Claim nothing more, and wait until the running jobs have ended."""
        with self._state:
            self._is_stopping = True
            self._state.notify_all()
        if self._loop.is_alive():
            self._loop.join()
        self._pool.shutdown(wait=True)

    def find_problem(self) -> str:
        """Return why this worker runs no more jobs, or none of a kind; "" if it works.

        A job that overruns its lease holds a thread, and another worker runs it again: one is no reason, all are.
        """
        now = self._service.now()
        with self._state:
            if self._is_stopping or self._loop.ident is None:
                return ""
            if not self._loop.is_alive():
                return "the loop of the jobs has ended"
            if self._claim_began is not None and now - self._claim_began > LONGEST_CLAIM:
                return "the loop of the jobs waits for the database"
            stuck = [kind for kind, until in self._running.values() if until <= now]
        handlers = [kind for kind in stuck if kind.runs_handlers]
        if len(stuck) < self._threads and len(handlers) < self._most_handlers:
            return ""
        return f"jobs are stuck: {', '.join(sorted({kind.name for kind in stuck}))}"

    def notify(self) -> None:
        """Look for due jobs at once."""
        with self._state:
            self._has_news = True
            self._state.notify_all()

    def _run_loop(self) -> None:
        try:
            self._work()
        except Exception:
            logger.exception("jobs: the loop has ended, and this process runs no more jobs; /readyz says so")

    def _work(self) -> None:
        has_periodic_jobs = False
        while (free := self._wait_for_room())[0] > 0:
            leased: list[tuple[JobKind, Job, str]] = []
            self._claim_began = self._service.now()
            try:
                if not has_periodic_jobs:
                    add_periodic_jobs(self._service, [*self._kinds.values()])
                    has_periodic_jobs = True
                leased = _claim(self._service, self._kinds, *free)
            except SQLAlchemyError as error:
                logger.warning("jobs: the database does not answer: %s", type(error).__name__)
            self._claim_began = None
            for kind, job, owner in leased:
                with self._state:
                    self._running[owner, job.id] = kind, self._service.now() + kind.lease
                run = self._pool.submit(_run, self._service, kind, job, owner)
                run.add_done_callback(functools.partial(self._end, owner, job.id))
            if not leased:
                self._wait_for_news()

    def _end(self, owner: str, job_id: int, run: Future[None]) -> None:
        """Make room for the next job. One that could not be settled is leased still, and runs again."""
        error = run.exception()
        if error is not None:
            logger.warning("jobs: the outcome of a job could not be written: %s", type(error).__name__)
        with self._state:
            del self._running[owner, job_id]
            self._has_news = True
            self._state.notify_all()

    def _wait_for_room(self) -> tuple[int, int]:
        """Return how many jobs may start now, and how many that run handlers; zeros when the worker stops."""
        with self._state:
            self._state.wait_for(lambda: self._is_stopping or len(self._running) < self._threads)
            self._has_news = False
            if self._is_stopping:
                return 0, 0
            handling = sum(kind.runs_handlers for kind, _ in self._running.values())
            return self._threads - len(self._running), self._most_handlers - handling

    def _wait_for_news(self) -> None:
        with self._state:
            self._state.wait_for(lambda: self._is_stopping or self._has_news, POLL_SECONDS)


def run_due(service: Service, kinds: Sequence[JobKind]) -> int:
    """Run every job that is due now, and those that become due by it, in this thread. Return how many ran.

    Periodic jobs run as well, once they were added (`add_periodic_jobs`).
    """
    by_name, count = {kind.name: kind for kind in kinds}, 0
    while leased := _claim(service, by_name, 1, 1):
        for kind, job, owner in leased:
            _run(service, kind, job, owner)
            count += 1
    return count


def add_periodic_jobs(service: Service, kinds: Sequence[JobKind]) -> None:
    """Add the jobs of periodic kinds where they are missing, due now."""
    with service.database.transaction() as session:
        for kind in kinds:
            if kind.every is not None:
                jobs.add(session, kind.name, f"periodic:{kind.name}", now=service.now())


def _claim(
    service: Service, kinds: dict[str, JobKind], limit: int, most_handlers: int
) -> list[tuple[JobKind, Job, str]]:
    """Lease due jobs. Jobs of other kinds, which a newer version may have added, stay.

    Each claim has an owner of its own, so that a late one never settles what another has leased since.
    """
    owner, now, claimed = secrets.token_hex(16), service.now(), list[Job]()
    with service.database.transaction() as session:
        for runs_handlers, most in ((False, limit), (True, most_handlers)):
            names = sorted(kind.name for kind in kinds.values() if kind.runs_handlers == runs_handlers)
            room = min(limit - len(claimed), most)
            if names and room > 0:
                claimed += jobs.claim(session, owner, now=now, lease=JobKind.lease, limit=room, kinds=names)
        for job in claimed:
            job.leased_until = now + kinds[job.kind].lease
    return [(kinds[job.kind], job, owner) for job in claimed]


def _run(service: Service, kind: JobKind, job: Job, owner: str) -> None:
    """Run a leased job once, and settle it. Raises: SQLAlchemyError if its outcome could not be written."""
    start = time.monotonic()
    try:
        _check_attempts(kind, job)
        kind.run(service, job)
    except Later as later:
        outcome = _postpone(service, job, owner, later)
    except Exception as error:  # noqa: BLE001 - handlers are the publisher's code: whatever they raise is an attempt
        outcome = _fail(service, kind, job, owner, error)
    else:
        outcome = _complete(service, kind, job, owner)
    seconds = time.monotonic() - start
    service.metrics.jobs.labels(kind.name, outcome).observe(seconds)
    fields = {
        "job": job.kind,
        "job_id": job.id,
        "attempts": job.attempts,
        "outcome": outcome,
        "seconds": round(seconds, 3),
        "subscription_id": job.subscription_id or None,
    }
    logger.log(logging.WARNING if outcome in WARNED_OUTCOMES else logging.INFO, "job", extra=fields)


def _check_attempts(kind: JobKind, job: Job) -> None:
    """Raises: Abandoned for a job of which every attempt ended without an outcome."""
    if job.attempts > kind.attempts and kind.every is None:
        raise Abandoned(f"it ended {kind.attempts} times without an outcome")


def _complete(service: Service, kind: JobKind, job: Job, owner: str) -> Outcome:
    now = service.now()
    with service.database.transaction() as session:
        if kind.every is None:
            is_settled = jobs.complete(session, job, owner, now=now)
        else:
            is_settled = jobs.postpone(session, job, owner, now + kind.every, attempts=0)
    return "done" if is_settled else "lost"


def _postpone(service: Service, job: Job, owner: str, later: Later) -> Outcome:
    due_at = max(later.due_at, service.now() + SHORTEST_PAUSE)
    with service.database.transaction() as session:
        is_settled = jobs.postpone(session, job, owner, due_at, attempts=job.attempts - 1)
    return "later" if is_settled else "lost"


def _fail(service: Service, kind: JobKind, job: Job, owner: str, error: Exception) -> Outcome:
    """Let a job wait for its next attempt, or bury it."""
    now, text = service.now(), _describe(error)
    outcome: Outcome = "postponed"
    with service.database.transaction() as session:
        if job.attempts < kind.attempts:
            is_settled = jobs.postpone(session, job, owner, now + compute_pause(job.attempts), error=text)
        elif kind.every is not None:
            is_settled = jobs.postpone(session, job, owner, now + kind.every, error=text, attempts=0)
        else:
            is_settled, outcome = jobs.bury(session, job, owner, now=now, error=text), "dead"
            if is_settled and kind.on_death is not None:
                job.last_error = text
                kind.on_death(session, job, now)
    return outcome if is_settled else "lost"


def compute_pause(attempts: int) -> timedelta:
    """Return the pause after that many failed attempts: about 1, 2, 4 … seconds, at most an hour."""
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = attempts
    return timedelta(seconds=_PAUSES(state))


def _describe(error: Exception) -> str:
    return shown(redacted(f"{type(error).__name__}: {error}"))[:MOST_ERROR_CHARACTERS]
