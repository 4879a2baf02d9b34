"""Events for the publisher's handlers. They leave the service through the queue: at least once, in order."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from . import jobs, tables
from .handlers import Event, EventType, SubscriptionSnapshot
from .service import Service

__all__ = ["build_event", "deliver", "emit", "forget_people"]

NAMESPACE = uuid.UUID("6d1b8f52-0c5e-4d56-9a0e-3f6f4c8a7b21")
"""Of the ids of events, which are derived from their keys."""


def emit(
    session: Session,
    type: EventType,
    subscription: tables.Subscription | None,
    *,
    now: datetime,
    key: str,
    data: Mapping[str, Any] | None = None,
) -> bool:
    """Add an event to the queue, in the transaction of the change that it reports.

    `key` names what happened: a second event with the same type and key is not added, and the result is False.
    Handlers get the events of a subscription in the order in which they were added.
    """
    event = build_event(type, subscription, now=now, key=key, data=data)
    subscription_id = subscription.id if subscription else ""
    return jobs.add(
        session,
        "event",
        f"event:{type}:{key}",
        now=now,
        subscription_id=subscription_id,
        ordering_key=f"events:{subscription_id}" if subscription_id else "",
        payload=event.model_dump(mode="json"),
    )


def build_event(
    type: EventType,
    subscription: tables.Subscription | None,
    *,
    now: datetime,
    key: str,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Return an event. Its id depends on type and key only, so that a repeated one is recognised."""
    return Event(
        id=str(uuid.uuid5(NAMESPACE, f"{type}:{key}")),
        type=type,
        time=now,
        subscription=SubscriptionSnapshot.of(subscription) if subscription else None,
        data=dict(data or {}),
    )


def deliver(service: Service, job: tables.Job) -> None:
    """Give an event to the handlers: the job `event`. Whatever they raise repeats it."""
    event = Event.model_validate(job.payload)
    service.handlers.handle(event)
    service.metrics.events.labels(event.type).inc()
    if event.type == "subscription.purge_due":  # the last one that says whose data it is
        with service.database.transaction() as session:
            forget_people(session, event.subscription.id if event.subscription else "")


def forget_people(session: Session, subscription_id: str) -> None:
    """Remove from the kept jobs of a subscription what they have about persons but their ids."""
    of_subscription = tables.Job.subscription_id == subscription_id
    is_done = tables.Job.state == tables.JobState.DONE
    session.execute(update(tables.Job).where(of_subscription, is_done).values(payload={}))
    for job in session.scalars(
        select(tables.Job).where(of_subscription, ~is_done, tables.Job.kind == "event")
    ):
        snapshot = job.payload["subscription"]
        people = {role: {**snapshot[role], "email": ""} for role in ("beneficiary", "purchaser")}
        job.payload = {**job.payload, "subscription": {**snapshot, **people, "contact": {}}}
