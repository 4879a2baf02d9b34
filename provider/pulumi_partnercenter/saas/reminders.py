"""What happens by the clock: reminders before the marketplace acts by itself, the purge, and old rows.

| Event                             | When                                                                      |
|-----------------------------------|---------------------------------------------------------------------------|
| `subscription.activation_pending` | 7, 20 and 28 days after the purchase; after 30 the marketplace voids it   |
| `subscription.suspension_ending`  | 7 days and 1 day before the 30 days of a suspension end in a cancellation |
| `subscription.purge_due`          | the customer's data may go; the service removes its own                   |
| `secret.expiring`                 | 30, 14, 7, 3 and 1 days before the secrets expire, and when they have     |

Each comes once. Of several that are due at once, the last comes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from ..fulfillment import SubscriptionStatus
from . import events, subscriptions, tables
from .handlers import EventType
from .service import Service
from .tables import Access, Job, JobState, Subscription
from .worker import JobKind

__all__ = ["KINDS", "clean_up", "remind"]

BATCH = 200
DAY = timedelta(days=1)
PENDING_DAYS, LONGEST_PENDING = (7, 20, 28), 30
SUSPENDED_DAYS, LONGEST_SUSPENSION = (23, 29), 30
SECRET_DAYS = (30, 14, 7, 3, 1, 0)
KEPT_JOBS = timedelta(days=90)
"""Time for which finished jobs stay: they are the record of what was sent, and keep events from coming twice."""


def remind(service: Service, _job: tables.Job | None = None) -> None:
    """Emit the reminders that are due, and purge what may go: the periodic job `remind`."""
    reminders = {
        SubscriptionStatus.PENDING: _describe_pending,
        SubscriptionStatus.SUSPENDED: _describe_suspended,
    }
    for status, describe in reminders.items():
        for subscription_id in subscriptions.list_ids(service.database, Subscription.status == status):
            _remind(service, subscription_id, describe)
    for subscription_id in subscriptions.list_ids(service.database, *_is_purgeable(service.now())):
        _purge(service, subscription_id)
    _remind_of_secrets(service)


def clean_up(service: Service, _job: tables.Job | None = None) -> None:
    """Delete finished jobs, sessions and visits of the landing page that are old: the periodic job `clean_up`."""
    now = service.now()
    _delete(service, Job, Job.id, Job.state == JobState.DONE, Job.ended_at < now - KEPT_JOBS)
    _delete(service, tables.Session, tables.Session.id_hash, tables.Session.expires_at < now)
    _delete(service, tables.LandingVisit, tables.LandingVisit.id, tables.LandingVisit.expires_at < now)


# --- Reminders

Reminder = tuple[EventType, str, dict[str, Any]]
"""Type, key and data of an event."""


def _remind(
    service: Service, subscription_id: str, describe: Callable[[Subscription, datetime], Reminder | None]
) -> None:
    now = service.now()
    with service.database.transaction() as session:
        row = subscriptions.find(session, subscription_id, lock=True)
        reminder = describe(row, now) if row is not None else None
        if reminder is not None:
            type, key, data = reminder
            events.emit(session, type, row, now=now, key=key, data=data)


def _describe_pending(row: Subscription, now: datetime) -> Reminder | None:
    if row.status != SubscriptionStatus.PENDING:
        return None
    age = now - (row.created_at or row.first_read_at)
    day = max((day for day in PENDING_DAYS if age >= day * DAY), default=None)
    if day is None or age > (LONGEST_PENDING + 1) * DAY:
        return None
    data = {"days_pending": age // DAY, "days_left": max(LONGEST_PENDING - age // DAY, 0)}
    return "subscription.activation_pending", f"{row.id}:{day}", data


def _describe_suspended(row: Subscription, now: datetime) -> Reminder | None:
    if row.status != SubscriptionStatus.SUSPENDED or row.suspended_at is None:
        return None
    age = now - row.suspended_at
    day = max((day for day in SUSPENDED_DAYS if age >= day * DAY), default=None)
    if day is None or age > (LONGEST_SUSPENSION + 1) * DAY:
        return None
    key = f"{row.id}:{row.suspended_at.date().isoformat()}:{day}"
    return "subscription.suspension_ending", key, {"days_left": max(LONGEST_SUSPENSION - age // DAY, 0)}


def _remind_of_secrets(service: Service) -> None:
    expiry, now = service.settings.secret_expires_at, service.now()
    if expiry is None:
        return
    due = [day for day in SECRET_DAYS if expiry - now <= day * DAY]
    if due:
        data = {"days_left": max((expiry - now) // DAY, 0), "expires_at": expiry.isoformat()}
        key = f"{expiry.isoformat()}:{min(due)}"
        with service.database.transaction() as session:
            events.emit(session, "secret.expiring", None, now=now, key=key, data=data)


# --- Purge


def _is_purgeable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Subscription.access == Access.REMOVED,
        Subscription.purge_at <= now,
        Subscription.purged_at.is_(None),
    )


def _purge(service: Service, subscription_id: str) -> None:
    """Remove what the service has about persons but their ids, and let the publisher remove the rest."""
    now = service.now()
    with service.database.transaction() as session:
        row = session.scalar(
            select(Subscription)
            .where(Subscription.id == subscription_id, *_is_purgeable(now))
            .with_for_update()
        )
        if row is None:
            return
        events.forget_people(session, row.id)
        events.emit(session, "subscription.purge_due", row, now=now, key=row.id)
        subscriptions.add_history(session, row.id, "service", "purged", now=now, details={})
        row.purged_at, row.contact, row.beneficiary_email, row.purchaser_email = now, {}, "", ""
        of_subscription = tables.Webhook.subscription_id == row.id
        session.execute(update(tables.Webhook).where(of_subscription).values(payload={}))


# --- Rows in batches


def _delete(
    service: Service,
    table: type[tables.Base],
    key: InstrumentedAttribute[Any],
    *conditions: ColumnElement[bool],
) -> None:
    """Delete rows in batches, so that nobody waits long for the write lock."""
    while True:
        with service.database.transaction() as session:
            keys = session.scalars(select(key).where(*conditions).limit(BATCH)).all()
            session.execute(delete(table).where(key.in_(keys)))
        if len(keys) < BATCH:
            return


LEASE = timedelta(minutes=10)
KINDS = (
    JobKind("remind", remind, attempts=5, lease=LEASE, every=timedelta(hours=1)),
    JobKind("clean_up", clean_up, attempts=5, lease=LEASE, every=DAY),
)
