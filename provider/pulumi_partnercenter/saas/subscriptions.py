"""Rows of subscriptions, kept equal to the marketplace, and their history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, String, select
from sqlalchemy.orm import Session

from ..fulfillment import Identity, Subscription
from . import tables
from .database import Database, insert_missing
from .tables import HistoryEntry

__all__ = ["add_history", "describe", "describe_people", "find", "find_or_add", "list_ids", "save"]

T = TypeVar("T")
BATCH = 200
"""Ids that `list_ids` reads at once."""


def find(session: Session, subscription_id: str, *, lock: bool = False) -> tables.Subscription | None:
    """Return the row of a subscription; `lock` keeps other transactions from changing it until this one ends."""
    statement = select(tables.Subscription).where(tables.Subscription.id == subscription_id.lower())
    return session.scalar(statement.with_for_update() if lock else statement)


def find_or_add(session: Session, subscription_id: str, *, now: datetime) -> tuple[tables.Subscription, bool]:
    """Return the locked row of a subscription, and whether it is new and has nothing but its id.

    Of transactions that add the same row at the same time one adds it, and the others wait for it.
    """
    values = {"id": subscription_id.lower(), "first_read_at": now, "read_at": now}
    insert = insert_missing(session, tables.Subscription, values, "id").returning(tables.Subscription.id)
    row, is_new = find(session, subscription_id, lock=True), False
    if row is None:
        is_new = session.scalar(insert) is not None
        row = find(session, subscription_id, lock=True)
    assert row is not None, "rows of subscriptions are never deleted"
    return row, is_new


def list_ids(database: Database, *conditions: ColumnElement[bool]) -> Iterator[str]:
    """Yield the ids of subscriptions, in batches and in their order, while the caller changes them."""
    last = ""
    while True:
        with database.reading() as session:
            statement = select(tables.Subscription.id).where(*conditions, tables.Subscription.id > last)
            ids = session.scalars(statement.order_by(tables.Subscription.id).limit(BATCH)).all()
        if not ids:
            return
        yield from ids
        last = ids[-1]


def save(session: Session, row: tables.Subscription, subscription: Subscription, *, now: datetime) -> None:
    """Write the marketplace's description of a subscription into its row, which is locked.

    `access`, contact and the publisher's times stay, and so do persons that were purged. `now` is the time of the
    answer.
    """
    columns = {**describe(subscription), **({} if row.purged_at else describe_people(subscription))}
    for name, value in columns.items():
        setattr(row, name, value)
    row.created_at = subscription.created or row.created_at
    row.read_at = now
    session.flush()


def describe(subscription: Subscription) -> dict[str, Any]:
    """Return the columns of a subscription that the marketplace decides, without those about persons."""
    columns = {
        "name": subscription.name,
        "offer_id": subscription.offer_id,
        "plan_id": subscription.plan_id,
        "quantity": subscription.quantity,
        "status": subscription.status,
        "is_free_trial": subscription.is_free_trial,
        "is_test": subscription.is_test,
        "auto_renew": subscription.auto_renew,
        "term_unit": subscription.term.unit,
        "term_start": subscription.term.start,
        "term_end": subscription.term.end,
        "allowed_customer_operations": sorted(subscription.allowed_customer_operations),  # of no fixed order
    }
    return {name: _fit(name, value) for name, value in columns.items()}


def describe_people(subscription: Subscription) -> dict[str, str]:
    """Return the columns about the customer and the buyer; ids in lower case, as in tokens."""
    columns: dict[str, str] = {}
    for role in ("beneficiary", "purchaser"):
        person: Identity = getattr(subscription, role)
        columns |= {
            f"{role}_email": person.email,
            f"{role}_object_id": person.object_id.lower(),
            f"{role}_tenant_id": person.tenant_id.lower(),
        }
    return {name: _fit(name, value) for name, value in columns.items()}


def _fit(name: str, value: T) -> T:
    """Return a text as its column takes it: no longer, and without what PostgreSQL or UTF-8 does not have."""
    if not isinstance(value, str):
        return value
    type = tables.Subscription.__table__.c[name].type
    assert isinstance(type, String)
    text = value.replace("\0", "").encode(errors="replace").decode()
    return cast("T", text[: type.length])


def add_history(
    session: Session, subscription_id: str, actor: str, action: str, *, now: datetime, details: dict[str, Any]
) -> None:
    """Add a line to a subscription's history."""
    entry = HistoryEntry(subscription_id=subscription_id, at=now, actor=actor, action=action, details=details)
    session.add(entry)
