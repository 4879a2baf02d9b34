"""The queue: work that survives a crash, runs once at a time, and is repeated until it succeeds or is dead.

A job is added in the transaction that makes it necessary. A worker claims it (one statement on both databases, then a
commit), works without a transaction, and settles it if the lease is still its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from . import leases
from .database import NEW_JOBS, insert_missing
from .tables import Job, JobState

__all__ = ["add", "bury", "claim", "complete", "hasten", "postpone", "replay"]


def add(
    session: Session,
    kind: str,
    key: str,
    *,
    now: datetime,
    due_at: datetime | None = None,
    subscription_id: str = "",
    ordering_key: str = "",
    payload: Mapping[str, Any] | None = None,
) -> bool:
    """Add a job that is due now, or at `due_at`. Return False if there is one with this key, in whatever state."""
    row = {
        "kind": kind,
        "key": key,
        "ordering_key": ordering_key,
        "subscription_id": subscription_id,
        "payload": dict(payload or {}),
        "state": JobState.WAITING,
        "due_at": due_at or now,
        "created_at": now,
    }
    statement = insert_missing(session, Job, row, "key")
    is_new = session.scalar(statement.returning(Job.id)) is not None
    if is_new:
        session.info[NEW_JOBS] = True
    return is_new


def claim(
    session: Session,
    owner: str,
    *,
    now: datetime,
    lease: timedelta,
    limit: int = 1,
    kinds: Sequence[str] = (),
) -> list[Job]:
    """Lease due jobs to `owner` and return them, each with one attempt more. Commit before working on them.

    A job waits for those before it with the same ordering key. `kinds` restricts the search.
    """
    earlier = aliased(Job)
    is_first = or_(
        Job.ordering_key == "",
        ~exists().where(
            earlier.ordering_key == Job.ordering_key,
            earlier.id < Job.id,
            earlier.state.in_([JobState.WAITING, JobState.LEASED]),
        ),
    )
    # Two statements, because each then walks along an index and stops: one with `or` would sort all that are due.
    is_lost = (Job.state == JobState.LEASED) & (Job.leased_until <= now)
    is_waiting = Job.state == JobState.WAITING
    claimed: list[Job] = []
    for is_ready in (is_lost, is_waiting):
        if len(claimed) == limit:
            break
        pick = select(Job.id).where(is_ready, Job.due_at <= now, is_first)
        if kinds:
            pick = pick.where(Job.kind.in_(kinds))
        pick = pick.order_by(Job.due_at).limit(limit - len(claimed))
        claimed += leases.lease(session, Job, pick, owner, now + lease, state=JobState.LEASED)
    return sorted(claimed, key=lambda job: job.id)


def complete(session: Session, job: Job, owner: str, *, now: datetime) -> bool:
    """Mark a job as done. Return False if another worker has it now."""
    return leases.settle(session, job, owner, {"state": JobState.DONE, "ended_at": now, "last_error": ""})


def postpone(
    session: Session, job: Job, owner: str, due_at: datetime, *, error: str = "", attempts: int | None = None
) -> bool:
    """Let a job wait until `due_at`, with the error of its attempt. Return False if another worker has it now.

    `attempts` replaces the number of those that count.
    """
    values = {"state": JobState.WAITING, "due_at": due_at, "last_error": error}
    return leases.settle(
        session, job, owner, values if attempts is None else {**values, "attempts": attempts}
    )


def bury(session: Session, job: Job, owner: str, *, now: datetime, error: str) -> bool:
    """End a job without success: a dead letter. Return False if another worker has it now."""
    return leases.settle(session, job, owner, {"state": JobState.DEAD, "ended_at": now, "last_error": error})


def hasten(session: Session, key: str, *, now: datetime) -> None:
    """Let a job that waits be due now."""
    session.execute(
        update(Job).where(Job.key == key, Job.state == JobState.WAITING, Job.due_at > now).values(due_at=now)
    )
    session.info[NEW_JOBS] = True


def replay(session: Session, job_id: int, *, now: datetime) -> bool:
    """Let a dead job wait again, with all its attempts. Return False if it is not dead."""
    statement = (
        update(Job)
        .where(Job.id == job_id, Job.state == JobState.DEAD)
        .values(state=JobState.WAITING, due_at=now, ended_at=None, attempts=0)
    )
    session.info[NEW_JOBS] = True
    return leases.changes_one_row(session, statement)
