"""The worker: every job runs to its end once, in its order, whatever fails or dies meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from provider.tools.hangs import HANG_SECONDS
from sqlalchemy import select

from pulumi_partnercenter.fulfillment import FulfillmentClient
from pulumi_partnercenter.saas import Handlers, ServiceSettings, SignIn, events, jobs, tables
from pulumi_partnercenter.saas.database import Database
from pulumi_partnercenter.saas.job_kinds import JOB_KINDS
from pulumi_partnercenter.saas.service import Service
from pulumi_partnercenter.saas.tables import Job, JobState
from pulumi_partnercenter.saas.worker import JobKind, Later, Worker, add_periodic_jobs, compute_pause, run_due
from pulumi_partnercenter.settings import AzureCli, Settings

SETTINGS = ServiceSettings(
    public_url="https://saas.contoso.example",
    fulfillment=Settings(AzureCli(), endpoint="http://127.0.0.1:9"),
    tenant_id="11111111-1111-1111-1111-111111111111",
    client_id="22222222-2222-2222-2222-222222222222",
    customers=SignIn("common", "77777777-7777-7777-7777-777777777777", "a secret of the tests"),
    keys=["a key for the tests only"],
)


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 5, 18, 9, tzinfo=UTC)
        self.moved_by = ContextVar("moved_by", default=timedelta())  # each thread has its own

    def __call__(self) -> datetime:
        return self.time + self.moved_by.get()

    def advance(self, **period: float) -> None:
        self.time += timedelta(**period)

    @contextmanager
    def moved(self, **period: float) -> Iterator[None]:
        """Let it be later in this thread: a worker does not claim again what it runs."""
        token = self.moved_by.set(timedelta(**period))
        yield
        self.moved_by.reset(token)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(tmp_path: Path, clock: Clock) -> Iterator[Service]:
    database = Database(f"sqlite:///{tmp_path}/saas.db")
    database.migrate()
    service = Service(SETTINGS, database, FulfillmentClient(SETTINGS.fulfillment), Handlers(), clock)
    yield service
    service.close()


def add(service: Service, key: str, kind: str = "work", **options: object) -> None:
    with service.database.transaction() as session:
        assert jobs.add(session, kind, key, now=service.now(), **options)


def read(service: Service, key: str) -> Job:
    with service.database.reading() as session:
        return session.scalars(select(Job).where(Job.key == key)).one()


class Log:
    """Keys of the jobs that ran, and what the next runs raise."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.keys: list[str] = []
        self.outcomes = [*outcomes]

    def run(self, _service: Service, job: Job) -> None:
        self.keys.append(job.key)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome


def test_a_job_runs_once(service):
    log = Log()
    add(service, "a")
    assert run_due(service, [JobKind("work", log.run)]) == 1
    assert run_due(service, [JobKind("work", log.run)]) == 0
    assert log.keys == ["a"]
    assert read(service, "a").state == JobState.DONE


def test_a_job_that_fails_runs_again_after_growing_pauses_and_is_dead_in_the_end(service, clock):
    log, deaths = Log(*[RuntimeError("no room")] * 3), []
    kind = JobKind(
        "work",
        log.run,
        attempts=3,
        on_death=lambda _, job, now: deaths.append((job.key, job.last_error, now)),
    )
    add(service, "a")
    for attempt in (1, 2, 3):
        assert run_due(service, [kind]) == 1
        assert run_due(service, [kind]) == 0, "it runs again at once"
        assert len(log.keys) == attempt
        clock.advance(seconds=2**attempt + 1)
    job = read(service, "a")
    assert (job.state, job.last_error) == (JobState.DEAD, "RuntimeError: no room")
    assert [death[:2] for death in deaths] == [("a", "RuntimeError: no room")]


def test_a_dead_job_that_is_replayed_has_all_its_attempts_again(service):
    log = Log(RuntimeError(), None)
    kind = JobKind("work", log.run, attempts=1)
    add(service, "a")
    run_due(service, [kind])
    with service.database.transaction() as session:
        assert jobs.replay(session, read(service, "a").id, now=service.now())
    assert run_due(service, [kind]) == 1
    assert read(service, "a").state == JobState.DONE


def test_pauses_end_at_an_hour():
    pauses = [compute_pause(attempts) for attempts in range(1, 25)]
    assert all(timedelta(seconds=1) <= pause <= timedelta(hours=1) for pause in pauses)
    assert pauses[-1] == timedelta(hours=1)


def test_a_job_that_waits_for_something_else_never_dies_of_it(service, clock):
    waits = [Later(clock.time + timedelta(minutes=number)) for number in range(1, 6)]
    log = Log(*waits, RuntimeError("a failure after all that waiting"))
    add(service, "a")
    kind = JobKind("work", log.run, attempts=2)
    for number in range(1, 8):
        assert run_due(service, [kind]) == 1, number
        clock.advance(minutes=1)
    assert read(service, "a").state == JobState.DONE


def test_a_secret_in_an_error_is_not_kept(service):
    token = "eyJhbGciOiJub25lIn0aaaa.eyJzdWIiOiJkYW5hIn0aaaaaaaa.c2lnbmF0dXJl"
    add(service, "a")
    run_due(service, [JobKind("work", Log(RuntimeError(f"refused: {token}")).run)])
    error = read(service, "a").last_error
    assert error.startswith("RuntimeError: refused:")
    assert token not in error


def test_jobs_with_the_same_ordering_key_wait_for_the_first(service, clock):
    log = Log(RuntimeError())
    for key in ("a", "b"):
        add(service, key, ordering_key="subscription")
    add(service, "c", ordering_key="another")
    kind = JobKind("work", log.run)
    run_due(service, [kind])
    assert log.keys == ["a", "c"]
    clock.advance(minutes=1)
    run_due(service, [kind])
    assert log.keys == ["a", "c", "a", "b"]


def test_a_job_of_a_worker_that_died_runs_again_when_its_lease_ends_and_is_settled_once(service, clock):
    add(service, "a")
    with service.database.transaction() as session:
        (stale,) = jobs.claim(session, "dead", now=clock(), lease=timedelta(minutes=2))
    log = Log()
    kind = JobKind("work", log.run)
    assert run_due(service, [kind]) == 0, "it is leased"
    clock.advance(minutes=3)
    assert run_due(service, [kind]) == 1
    with service.database.transaction() as session:
        assert not jobs.bury(session, stale, "dead", now=clock(), error="late")
    assert read(service, "a").state == JobState.DONE


def test_a_job_whose_workers_all_die_is_dead_in_the_end_and_runs_no_more(service, clock):
    """One that kills its process, or always takes longer than its lease, would run for ever."""
    add(service, "a")
    log, buried = Log(), []
    kind = JobKind("work", log.run, attempts=3, on_death=lambda _session, job, _now: buried.append(job.key))
    for _ in range(kind.attempts):
        with service.database.transaction() as session:
            assert jobs.claim(session, "dies", now=clock(), lease=kind.lease)
        clock.advance(minutes=3)
    run_due(service, [kind])
    row = read(service, "a")
    assert (row.state, log.keys, buried) == (JobState.DEAD, [], ["a"])
    assert "3 times without an outcome" in row.last_error


def test_a_kind_decides_how_long_its_lease_is(service, clock):
    leases = []

    def run(_service: Service, job: Job) -> None:
        leases.append(read(service, job.key).leased_until)

    add(service, "a")
    run_due(service, [JobKind("work", run, lease=timedelta(minutes=30)), JobKind("other", run)])
    assert leases == [clock.time + timedelta(minutes=30)]


def test_a_periodic_job_exists_once_and_never_dies(service, clock):
    log = Log(*[RuntimeError()] * 3)
    kind = JobKind("nightly", log.run, attempts=2, every=timedelta(days=1))
    for _ in range(2):
        add_periodic_jobs(service, [kind])
    assert run_due(service, [kind]) == 1
    clock.advance(seconds=10)
    assert run_due(service, [kind]) == 1
    assert read(service, "periodic:nightly").last_error == "RuntimeError: "
    clock.advance(hours=23)
    assert run_due(service, [kind]) == 0, "after its attempts it waits for the next period"
    for _ in range(3):
        clock.advance(days=1)
        assert run_due(service, [kind]) == 1
    assert read(service, "periodic:nightly").last_error == ""


def test_jobs_of_a_kind_that_this_version_does_not_have_stay(service):
    add(service, "a", kind="newer")
    assert run_due(service, [JobKind("work", Log().run)]) == 0
    assert read(service, "a").state == JobState.WAITING


def run_worker(service: Service, kinds: list[JobKind], until: threading.Event, threads: int = 4) -> None:
    worker = Worker(service, kinds, threads=threads)
    worker.start()
    try:
        assert until.wait(HANG_SECONDS)
    finally:
        worker.stop()


def test_a_worker_runs_jobs_side_by_side_and_ends_those_that_run(service):
    """Four jobs meet at a barrier, which no three of them could pass; the fifth is added meanwhile."""
    barrier, is_done, is_waiting = threading.Barrier(4), threading.Event(), threading.Event()

    def run(_service: Service, job: Job) -> None:
        if job.key == "late":
            is_done.set()
            assert is_waiting.wait(HANG_SECONDS)
        elif barrier.wait(HANG_SECONDS) == 0:
            add(service, "late")

    for number in range(4):
        add(service, f"{number}")
    worker = Worker(service, [JobKind("work", run)])
    worker.start()
    assert is_done.wait(HANG_SECONDS)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    assert read(service, "late").state == JobState.LEASED
    is_waiting.set()
    stopping.join(HANG_SECONDS)
    assert {read(service, key).state for key in ("0", "1", "2", "3", "late")} == {JobState.DONE}


def test_handlers_that_hang_leave_room_for_the_other_jobs(service):
    """Five handlers wait for a job that is added after them: one thread of four is free for it."""
    are_hanging, is_done = threading.Barrier(4), threading.Event()
    for number in range(5):
        add(service, f"handler {number}", kind="handle")

    def hang(_service: Service, job: Job) -> None:
        if job.key in ("handler 0", "handler 1", "handler 2"):
            are_hanging.wait(HANG_SECONDS)
        assert is_done.wait(HANG_SECONDS), "nothing else ran"

    worker = Worker(
        service, [JobKind("handle", hang, runs_handlers=True), JobKind("work", lambda *_: is_done.set())]
    )
    worker.start()
    are_hanging.wait(HANG_SECONDS)
    add(service, "other")
    assert is_done.wait(HANG_SECONDS)
    worker.stop()
    assert read(service, "other").state == JobState.DONE


def test_a_job_that_a_transaction_adds_wakes_the_worker(service, monkeypatch):
    """With a poll that never comes, only the news can start it."""
    monkeypatch.setattr("pulumi_partnercenter.saas.worker.POLL_SECONDS", 3600)
    is_idle, is_done = threading.Event(), threading.Event()
    runs: dict[str, Callable[[], None]] = {"first": is_idle.set, "second": is_done.set}

    def run(_service: Service, job: Job) -> None:
        runs[job.key]()

    add(service, "first")
    worker = Worker(service, [JobKind("work", run)])
    worker.start()
    assert is_idle.wait(HANG_SECONDS)
    add(service, "second")
    assert is_done.wait(HANG_SECONDS)
    worker.stop()


def test_a_worker_lives_on_while_the_database_is_away(tmp_path, clock):
    """Its tables are missing at first: no claim succeeds."""
    database = Database(f"sqlite:///{tmp_path}/late.db")
    service = Service(SETTINGS, database, FulfillmentClient(SETTINGS.fulfillment), Handlers(), clock)
    is_done = threading.Event()
    worker = Worker(service, [JobKind("work", lambda *_: is_done.set(), every=timedelta(days=1))])
    worker.start()
    worker.notify()
    database.migrate()
    worker.notify()
    assert is_done.wait(HANG_SECONDS)
    worker.stop()
    service.close()


def test_a_worker_that_never_started_stops(service):
    Worker(service, []).stop()


# --- What a probe hears


def test_a_loop_that_has_ended_is_a_problem_until_the_worker_stops(service, monkeypatch, caplog):
    monkeypatch.setattr("pulumi_partnercenter.saas.worker._claim", end_loop)
    worker = Worker(service, [])
    assert worker.find_problem() == ""
    worker.start()
    worker._loop.join(HANG_SECONDS)
    assert worker.find_problem() == "the loop of the jobs has ended"
    assert "a fault of the loop" in caplog.text
    worker.stop()
    assert worker.find_problem() == ""


def end_loop(*_: object) -> None:
    raise RuntimeError("a fault of the loop")


def test_a_database_that_never_answers_is_a_problem(service, clock, monkeypatch):
    is_claiming, is_over = threading.Event(), threading.Event()

    def hang(*_: object) -> list[object]:
        is_claiming.set()
        assert is_over.wait(HANG_SECONDS)
        return []

    monkeypatch.setattr("pulumi_partnercenter.saas.worker._claim", hang)
    worker = Worker(service, [])
    worker.start()
    assert is_claiming.wait(HANG_SECONDS)
    assert worker.find_problem() == ""
    clock.advance(minutes=2)
    assert worker.find_problem() == "the loop of the jobs waits for the database"
    is_over.set()
    worker.stop()


@pytest.mark.parametrize(("runs_handlers", "capacity"), [(False, 4), (True, 3)])
def test_jobs_that_overrun_their_leases_are_a_problem_when_no_room_is_left(
    service, clock, monkeypatch, runs_handlers, capacity
):
    """Every one but one has room beside it: the fewest that fill their threads are a problem."""
    monkeypatch.setattr("pulumi_partnercenter.saas.worker.LONGEST_CLAIM", timedelta(days=1))
    are_running, is_over = threading.Semaphore(0), threading.Event()

    def hang(_service: Service, _job: Job) -> None:
        are_running.release()
        assert is_over.wait(HANG_SECONDS)

    worker = Worker(service, [JobKind("work", hang, runs_handlers=runs_handlers)])
    worker.start()
    for number in range(capacity):
        add(service, f"{number}")
        assert are_running.acquire(timeout=HANG_SECONDS)
        assert worker.find_problem() == ""
        if number < capacity - 1:
            with clock.moved(minutes=3):
                assert worker.find_problem() == ""
    with clock.moved(minutes=3):
        assert worker.find_problem() == "jobs are stuck: work"
    is_over.set()
    worker.stop()


# --- Events


class Recorder(Handlers):
    def __init__(self, *outcomes: Exception | None) -> None:
        self.events: list[str] = []
        self.outcomes = [*outcomes]

    def handle(self, event) -> None:
        self.events.append(f"{event.type} {event.id} {event.data}")
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome


def emit(service: Service, type: str, key: str, **data: object) -> bool:
    with service.database.transaction() as session:
        row = session.get(tables.Subscription, "s-1") or tables.Subscription(
            id="s-1", quantity=3, first_read_at=service.now(), read_at=service.now()
        )
        session.add(row)
        session.flush()
        return events.emit(session, type, row, now=service.now(), key=key, data=data)


def test_events_reach_the_handlers_in_their_order_and_a_repeated_one_has_the_same_id(service, clock):
    handlers = Recorder(ConnectionError("away"))
    service = Service(service.settings, service.database, service.client, handlers, clock)
    assert emit(service, "subscription.activated", "1")
    assert emit(service, "subscription.plan_changed", "2", plan_id="gold")
    assert not emit(service, "subscription.plan_changed", "2", plan_id="gold")
    run_due(service, JOB_KINDS)
    assert len(handlers.events) == 1, "the second waits for the first"
    clock.advance(minutes=1)
    run_due(service, JOB_KINDS)
    first, again, second = handlers.events
    assert first == again
    assert second.startswith("subscription.plan_changed")
    assert second.endswith("{'plan_id': 'gold'}")


def test_an_event_without_subscription_waits_for_nobody(service, clock):
    handlers = Recorder()
    service = Service(service.settings, service.database, service.client, handlers, clock)
    with service.database.transaction() as session:
        events.emit(session, "secret.expiring", None, now=clock(), key="a", data={"days_left": 3})
    assert run_due(service, JOB_KINDS) == 1
    assert handlers.events[0].endswith("{'days_left': 3}")
