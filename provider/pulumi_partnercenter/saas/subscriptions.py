"""Rows of subscriptions, kept equal to the marketplace, and their history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..fulfillment import Subscription
from . import tables
from .tables import HistoryEntry

__all__ = ["add_history", "find", "save"]


def find(session: Session, subscription_id: str, *, lock: bool = False) -> tables.Subscription | None:
    """Return the row of a subscription; `lock` keeps other transactions from changing it until this one ends."""
    statement = select(tables.Subscription).where(tables.Subscription.id == subscription_id.lower())
    return session.scalar(statement.with_for_update() if lock else statement)


def save(session: Session, subscription: Subscription, *, now: datetime) -> tables.Subscription:
    """Write the marketplace's description of a subscription into its row, which is made where it is missing.

    `access`, contact and the publisher's times stay. `now` is the time of the answer.
    """
    row = find(session, subscription.id, lock=True)
    if row is None:
        row = tables.Subscription(id=subscription.id.lower(), first_read_at=now, read_at=now)
        session.add(row)
    row.name, row.offer_id, row.plan_id = subscription.name, subscription.offer_id, subscription.plan_id
    row.quantity, row.status = subscription.quantity, subscription.status
    row.is_free_trial, row.is_test = subscription.is_free_trial, subscription.is_test
    row.auto_renew = subscription.auto_renew
    row.term_unit, row.term_start, row.term_end = (
        subscription.term.unit,
        subscription.term.start,
        subscription.term.end,
    )
    beneficiary, purchaser = subscription.beneficiary, subscription.purchaser
    row.beneficiary_email, row.purchaser_email = beneficiary.email, purchaser.email
    row.beneficiary_object_id, row.purchaser_object_id = beneficiary.object_id, purchaser.object_id
    row.beneficiary_tenant_id, row.purchaser_tenant_id = beneficiary.tenant_id, purchaser.tenant_id
    row.allowed_customer_operations = subscription.allowed_customer_operations
    row.created_at = subscription.created
    row.read_at = now
    session.flush()
    return row


def add_history(
    session: Session, subscription_id: str, actor: str, action: str, *, now: datetime, details: dict[str, Any]
) -> None:
    """Add a line to a subscription's history."""
    entry = HistoryEntry(subscription_id=subscription_id, at=now, actor=actor, action=action, details=details)
    session.add(entry)
