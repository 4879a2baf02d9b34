"""The queue of jobs, on both databases: who may run a job, in which order, and what a lost worker leaves."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from pulumi_partnercenter.saas import jobs
from pulumi_partnercenter.saas.tables import Job, JobState

NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)
WORKERS, ROWS = 8, 2000


def add(database, *keys, **options):
    with database.transaction() as session:
        return [jobs.add(session, "test", key, now=NOW, **options) for key in keys]


def claim(database, owner, now=NOW, **options):
    with database.transaction() as session:
        return jobs.claim(session, owner, now=now, lease=LEASE, **options)


def keys(claimed):
    return [job.key for job in claimed]


def claim_everything(database, batch):
    """Let threads claim until nothing is left. Return the keys that each of them got."""
    barrier, claimed = threading.Barrier(WORKERS), [list[str]() for _ in range(WORKERS)]

    def work(number):
        barrier.wait()
        while leased := claim(database, f"worker {number}", limit=batch):
            claimed[number] += keys(leased)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return claimed


PLANS = ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize")


def test_a_claim_takes_no_more_than_its_limit_however_the_database_plans_it(database):
    """PostgreSQL without these steps reads the search for due jobs anew for each job."""
    add(database, *(f"job {number}" for number in range(9)))
    for number in (1, 2, 3):
        with database.transaction() as session:
            for name in PLANS if not database.is_sqlite else ():
                session.execute(text(f"set local enable_{name} = off"))
            assert len(jobs.claim(session, "a", now=NOW, lease=LEASE, limit=2)) == 2, number


def test_no_job_is_claimed_by_two_of_eight_workers(database):
    with database.transaction() as session:
        session.add_all(
            Job(kind="test", key=f"job {number}", due_at=NOW, created_at=NOW) for number in range(ROWS)
        )
    claimed = claim_everything(database, batch=50)
    counts = Counter(key for of_worker in claimed for key in of_worker)
    assert len(counts) == ROWS
    assert set(counts.values()) == {1}


def test_a_job_is_added_once_for_its_key(database):
    assert add(database, "a", "b", "a") == [True, True, False]
    assert keys(claim(database, "worker", limit=10)) == ["a", "b"]


def test_only_due_jobs_of_the_kinds_asked_for_are_claimed(database):
    add(database, "later", due_at=NOW + LEASE)
    add(database, "now")
    assert claim(database, "worker", kinds=["other"]) == []
    assert keys(claim(database, "worker", limit=10, kinds=["test"])) == ["now"]
    assert keys(claim(database, "other", now=NOW + LEASE, limit=10)) == ["later", "now"]


def test_jobs_with_an_ordering_key_run_one_after_the_other(database):
    add(database, "first", "second", ordering_key="subscription")
    add(database, "elsewhere", ordering_key="other")
    claimed = claim(database, "worker", limit=10)
    assert keys(claimed) == ["first", "elsewhere"]
    assert claim(database, "other", limit=10) == []
    with database.transaction() as session:
        assert jobs.complete(session, claimed[0], "worker", now=NOW)
    assert keys(claim(database, "other", limit=10)) == ["second"]


def test_a_postponed_job_holds_up_those_after_it_and_a_dead_one_does_not(database):
    add(database, "first", "second", ordering_key="subscription")
    (first,) = claim(database, "worker")
    with database.transaction() as session:
        assert jobs.postpone(session, first, "worker", NOW + LEASE, error="503")
    assert claim(database, "worker", limit=10) == []
    (first,) = claim(database, "worker", now=NOW + LEASE)
    assert (first.key, first.attempts, first.last_error) == ("first", 2, "503")
    with database.transaction() as session:
        assert jobs.bury(session, first, "worker", now=NOW, error="gone")
    assert keys(claim(database, "worker", now=NOW + LEASE)) == ["second"]


@pytest.mark.parametrize("settle", ["complete", "postpone", "bury"])
def test_a_worker_whose_lease_ended_settles_nothing(database, settle):
    add(database, "job")
    (slow,) = claim(database, "slow")
    assert claim(database, "other") == []
    (again,) = claim(database, "other", now=NOW + LEASE)
    with database.transaction() as session:
        settled = {
            "complete": lambda: jobs.complete(session, slow, "slow", now=NOW),
            "postpone": lambda: jobs.postpone(session, slow, "slow", NOW),
            "bury": lambda: jobs.bury(session, slow, "slow", now=NOW, error="slow"),
        }[settle]()
    assert not settled
    with database.transaction() as session:
        assert jobs.complete(session, again, "other", now=NOW)


def test_a_worker_that_claims_its_own_job_again_settles_only_the_newest_attempt(database):
    add(database, "job")
    (first,) = claim(database, "worker")
    (second,) = claim(database, "worker", now=NOW + LEASE)
    with database.transaction() as session:
        assert not jobs.complete(session, first, "worker", now=NOW)
        assert jobs.complete(session, second, "worker", now=NOW)


def test_only_a_dead_job_is_replayed_and_it_has_all_its_attempts(database):
    add(database, "job")
    (job,) = claim(database, "worker")
    with database.transaction() as session:
        assert not jobs.replay(session, job.id, now=NOW)
        assert jobs.bury(session, job, "worker", now=NOW, error="gone")
        assert jobs.replay(session, job.id, now=NOW)
    (job,) = claim(database, "worker")
    assert (job.state, job.attempts, job.ended_at) == (JobState.LEASED, 1, None)


def test_a_transaction_that_fails_leaves_no_job(database):
    class Crash(Exception):
        pass

    def crash():
        with database.transaction() as session:
            jobs.add(session, "test", "job", now=NOW)
            raise Crash

    with pytest.raises(Crash):
        crash()
    assert claim(database, "worker") == []
