"""Keeps the row of a subscription equal to the marketplace's, and says what has changed.

Notifications can be late, repeated and out of order, so none is applied: the subscription is read, and the difference
to its row becomes access, times, history and events, once. By the marketplace's status:

| Status       | Access becomes                                                                          |
|--------------|-----------------------------------------------------------------------------------------|
| Subscribed   | active after the provisioning and after a suspension; `none` begins the job `activate`  |
| Suspended    | restricted, if it was active or the subscription is new                                 |
| Unsubscribed | removed; the customer's data may be purged after the retention                          |
| another      | stays                                                                                   |
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..fulfillment import Subscription, SubscriptionStatus
from . import events, jobs, subscriptions, tables
from .handlers import EventType
from .service import Service
from .tables import Access, Job, JobState

__all__ = ["MARKETPLACE", "Change", "add_activation", "converge", "read_and_save", "save_answer"]

logger = logging.getLogger(__name__)
MOST_READS = 3
MARKETPLACE = "marketplace"
CLOCK_SKEW = timedelta(minutes=5)
"""Clocks of replicas may differ by so much."""


@dataclass(frozen=True)
class Change:
    """What an answer of the marketplace changed: words for history and metrics, empty if nothing."""

    row: tables.Subscription
    actions: tuple[str, ...] = ()
    is_outdated: bool = False
    """Whether a newer answer has been saved already, so that this one was left out."""


def converge(
    service: Service, subscription_id: str, *, actor: str = MARKETPLACE, is_provisioned: bool = False
) -> tables.Subscription | None:
    """Read a subscription and save it. Return its row; None if the marketplace does not know it.

    `is_provisioned`: the publisher's handler has prepared the product, so that access may become active.
    """
    change = read_and_save(service, subscription_id, actor=actor, is_provisioned=is_provisioned)
    return change.row if change else None


def read_and_save(
    service: Service, subscription_id: str, *, actor: str, is_provisioned: bool = False
) -> Change | None:
    """Do the same as `converge`, and return what has changed."""
    for _ in range(MOST_READS):
        read_at = service.now()
        try:
            answer = service.client.get_subscription(subscription_id)
        except NotFound:
            fields = {"subscription_id": subscription_id}
            logger.warning("a subscription is unknown to the marketplace", extra=fields)
            return None
        with service.database.transaction() as session:
            change = save_answer(
                service, session, answer, read_at=read_at, actor=actor, is_provisioned=is_provisioned
            )
        if not change.is_outdated:
            break
    return change


def save_answer(
    service: Service,
    session: Session,
    answer: Subscription,
    *,
    read_at: datetime,
    actor: str = MARKETPLACE,
    is_provisioned: bool = False,
) -> Change:
    """Save the marketplace's description of a subscription, in a transaction of the caller.

    `read_at` is a time before the request: an answer never replaces one that was asked for later. One of the future was
    asked for by a clock that was wrong, and counts for nothing.
    """
    row, is_new = subscriptions.find_or_add(session, answer.id, now=read_at)
    if read_at < row.read_at <= service.now() + CLOCK_SKEW:
        return Change(row, is_outdated=True)
    former = None if is_new else _Former.of(row)
    subscriptions.save(session, row, answer, now=read_at)
    recorder = _Recorder(session, row, actor, service.now())
    if former is None:
        recorder.add("added", {"status": row.status, "plan_id": row.plan_id})
    else:
        _compare(former, recorder)
    _change_access(service, former, recorder, is_provisioned=is_provisioned)
    session.flush()
    return Change(row, tuple(recorder.actions))


@dataclass(frozen=True)
class _Former:
    """What a row said before."""

    status: str
    plan_id: str
    quantity: int | None
    term_start: datetime | None

    @classmethod
    def of(cls, row: tables.Subscription) -> _Former:
        return cls(row.status, row.plan_id, row.quantity, row.term_start)


class _Recorder:
    """History and events of one change. The version of the row tells one change from the next."""

    def __init__(self, session: Session, row: tables.Subscription, actor: str, now: datetime) -> None:
        self.session, self.row, self.actor, self.now = session, row, actor, now
        self.actions: list[str] = []
        self._key = f"{row.id}:{row.version}"
        self._events: list[tuple[EventType, dict[str, Any]]] = []

    def add(self, action: str, details: Mapping[str, Any], event: EventType | None = None) -> None:
        self.actions.append(action)
        subscriptions.add_history(
            self.session, self.row.id, self.actor, action, now=self.now, details={**details}
        )
        if event is not None:
            self._events.append((event, {**details}))

    def emit(self) -> None:
        """Add the events, which show the row as it is in the end."""
        for type, data in self._events:
            events.emit(self.session, type, self.row, now=self.now, key=self._key, data=data)


def _compare(former: _Former, recorder: _Recorder) -> None:
    row = recorder.row
    if row.plan_id != former.plan_id:
        details = {"plan_id": row.plan_id, "former_plan_id": former.plan_id}
        recorder.add("plan changed", details, "subscription.plan_changed")
    if row.quantity != former.quantity:
        seats = {"quantity": row.quantity, "former_quantity": former.quantity}
        recorder.add("quantity changed", seats, "subscription.quantity_changed")
    is_later = bool(former.term_start and row.term_start and row.term_start > former.term_start)
    if is_later and row.status == SubscriptionStatus.SUBSCRIBED and row.plan_id == former.plan_id:
        term_end = row.term_end.isoformat() if row.term_end else None
        recorder.add("renewed", {"term_end": term_end}, "subscription.renewed")


def _change_access(
    service: Service, former: _Former | None, recorder: _Recorder, *, is_provisioned: bool
) -> None:
    row = recorder.row
    match row.status:
        case SubscriptionStatus.SUBSCRIBED:
            _grant(recorder, is_provisioned=is_provisioned)
        case SubscriptionStatus.SUSPENDED if former is None or former.status != row.status:
            if former is None or row.access == Access.ACTIVE:
                row.access = Access.RESTRICTED
            row.suspended_at = recorder.now
            recorder.add("suspended", {}, "subscription.suspended")
        case SubscriptionStatus.UNSUBSCRIBED if row.access != Access.REMOVED:
            row.access, row.unsubscribed_at = Access.REMOVED, recorder.now
            row.purge_at = recorder.now + timedelta(days=service.settings.retention_days)
            # Nothing was set up for a subscription that had been cancelled before the service read it.
            if former is not None:
                recorder.add(
                    "unsubscribed", {"purge_at": row.purge_at.isoformat()}, "subscription.unsubscribed"
                )
    recorder.emit()


def _grant(recorder: _Recorder, *, is_provisioned: bool) -> None:
    row = recorder.row
    if row.suspended_at is not None:
        row.suspended_at = None
        recorder.add("reinstated", {}, "subscription.reinstated")
    if row.access == Access.RESTRICTED:
        row.access = Access.ACTIVE
    elif is_provisioned and row.access != Access.ACTIVE:
        row.access, row.activated_at = Access.ACTIVE, row.activated_at or recorder.now
        recorder.add("activated", {"plan_id": row.plan_id}, "subscription.activated")
    elif row.access == Access.NONE:
        row.access = Access.PROVISIONING
        recorder.add("provisioning began", {})
        add_activation(recorder.session, row.id, recorder.actor, now=recorder.now)


def add_activation(session: Session, subscription_id: str, actor: str, *, now: datetime) -> None:
    """Add the job `activate`, or let the one that failed run again."""
    last = session.scalar(
        select(Job)
        .where(Job.kind == "activate", Job.subscription_id == subscription_id)
        .order_by(Job.id.desc())
        .limit(1)
    )
    payload = {"actor": actor}
    if last is not None and last.state == JobState.DEAD:
        last.payload = {**last.payload, **payload}
        jobs.replay(session, last.id, now=now)
        return
    suffix = f":{last.id}" if last is not None and last.state == JobState.DONE else ""
    jobs.add(
        session,
        "activate",
        f"activate:{subscription_id}{suffix}",
        now=now,
        subscription_id=subscription_id,
        payload=payload,
    )
