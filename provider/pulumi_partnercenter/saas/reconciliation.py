"""Compares all subscriptions with the marketplace's, and repairs what a missed notification has left different.

The list is read page by page and compared in batches, so that memory does not grow with it. It can be older than what a
notification has brought meanwhile: a subscription that differs is read by itself, and only one that is new is taken
from the list.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import select, update

from ..fulfillment import Subscription, SubscriptionStatus
from . import convergence, subscriptions, tables
from .service import Service
from .worker import JobKind

__all__ = ["KINDS", "reconcile"]

logger = logging.getLogger(__name__)
BATCH = 200
ACTOR = "service"
NOT_STATED: tuple[Any, ...] = (None, "", [])
"""Values in a list that leave open what the subscription has."""


def reconcile(service: Service, _job: tables.Job | None = None) -> None:
    """Compare all subscriptions, and repair those that differ: the periodic job `reconcile`."""
    start, count = service.now(), 0
    for batch in _split(service.client.list_subscriptions()):
        _reconcile_batch(service, batch, start)
        count += len(batch)
    for subscription_id in _list_unlisted(service, start):
        _repair(service, subscription_id)
    logger.info("all subscriptions were compared", extra={"count": count})


def _split(items: Iterable[Subscription]) -> Iterator[list[Subscription]]:
    iterator = iter(items)
    while batch := [*islice(iterator, BATCH)]:
        yield batch


def _reconcile_batch(service: Service, batch: list[Subscription], start: datetime) -> None:
    answers = {subscription.id.lower(): subscription for subscription in batch}
    with service.database.reading() as session:
        rows = session.scalars(select(tables.Subscription).where(tables.Subscription.id.in_(answers)))
        by_id = {row.id: row for row in rows}
    _add(service, [answer for id, answer in answers.items() if id not in by_id], start)
    different = [id for id, row in by_id.items() if _differs(row, answers[id])]
    for subscription_id in different:
        _repair(service, subscription_id)
    with service.database.transaction() as session:
        session.execute(
            update(tables.Subscription)
            .where(
                tables.Subscription.id.in_(by_id.keys() - {*different}), tables.Subscription.read_at < start
            )
            .values(read_at=start)
        )


def _add(service: Service, answers: list[Subscription], start: datetime) -> None:
    """Add subscriptions that the service does not have. The start of the list is a time before it was read."""
    if not answers:
        return
    with service.database.transaction() as session:
        changes = [
            convergence.save_answer(service, session, answer, read_at=start, actor=ACTOR)
            for answer in answers
        ]
    for change in changes:
        if not change.is_outdated:
            service.metrics.repairs.labels("added").inc()


def _repair(service: Service, subscription_id: str) -> None:
    """Read one subscription, and save what has changed."""
    change = convergence.read_and_save(service, subscription_id, actor=ACTOR)
    if change is None:
        service.metrics.repairs.labels("missing").inc()
        return
    for action in change.actions:
        service.metrics.repairs.labels(action.replace(" ", "_")).inc()


def _differs(row: tables.Subscription, answer: Subscription) -> bool:
    columns = subscriptions.describe(answer)
    if row.purged_at is None:
        columns |= subscriptions.describe_people(answer)
    return any(value not in NOT_STATED and value != getattr(row, name) for name, value in columns.items())


def _list_unlisted(service: Service, start: datetime) -> Iterator[str]:
    """Yield subscriptions that may still be used and that the list did not have."""
    return subscriptions.list_ids(
        service.database,
        tables.Subscription.read_at < start,
        tables.Subscription.status != SubscriptionStatus.UNSUBSCRIBED,
    )


KINDS = (JobKind("reconcile", reconcile, attempts=5, lease=timedelta(hours=1), every=timedelta(hours=6)),)
