"""Subscriptions and operations as the cells of tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ..printing import Cell, styled

if TYPE_CHECKING:
    from ...fulfillment import Identity, Operation, Subscription

__all__ = [
    "OPERATION_COLUMNS",
    "describe_error",
    "describe_subscription",
    "format_customer",
    "format_day",
    "format_seats",
    "format_time",
    "operation_row",
    "style_status",
    "subscription_facts",
]

OPERATION_COLUMNS = ("OPERATION", "ACTION", "PLAN", "SEATS", "STATUS", "STARTED", "ERROR")
STYLES = {
    "Subscribed": "green",
    "Succeeded": "green",
    "Accepted": "green",
    "Duplicate": "green",
    "PendingFulfillmentStart": "yellow",
    "NotStarted": "yellow",
    "InProgress": "yellow",
    "Submitted": "yellow",
    "Unsubscribed": "dim",
}
"""Colours of statuses; others are red."""


def style_status(status: str) -> Cell:
    return styled(status, STYLES.get(status, "red"))


def format_day(time: dt.datetime | None) -> str:
    return f"{time.astimezone(dt.UTC):%Y-%m-%d}" if time else ""


def format_time(time: dt.datetime | None) -> str:
    return f"{time.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}" if time else ""


def format_seats(quantity: int | None) -> str:
    return "" if quantity is None else str(quantity)


def format_customer(identity: Identity) -> str:
    return identity.email or identity.tenant_id


def describe_subscription(subscription: Subscription) -> str:
    """Describe customer, offer, plan and status in one line."""
    seats = "" if subscription.quantity is None else f", {subscription.quantity} seats"
    offer = f"{subscription.offer_id}, plan {subscription.plan_id}{seats}"
    customer = format_customer(subscription.beneficiary) or "an unnamed customer"
    return f"{subscription.name or subscription.id}: {offer}, {subscription.status}, for {customer}"


def subscription_facts(subscription: Subscription) -> list[list[Cell]]:
    """Build rows of name and value; empty values are left out."""
    term = subscription.term
    days = " to ".join(filter(None, (format_day(term.start), format_day(term.end))))
    customer, purchaser = map(_format_identity, (subscription.beneficiary, subscription.purchaser))
    renewal = "renews" if subscription.auto_renew else "ends with its term"
    facts: list[tuple[str, Cell]] = [
        ("id", subscription.id),
        ("name", subscription.name),
        ("status", style_status(subscription.status)),
        ("offer", subscription.offer_id),
        ("plan", subscription.plan_id),
        ("seats", format_seats(subscription.quantity)),
        ("customer", customer),
        ("purchaser", purchaser if purchaser != customer else ""),
        ("term", ", ".join(filter(None, (days, term.unit, renewal)))),
        ("free trial", "yes" if subscription.is_free_trial else ""),
        ("test", "yes" if subscription.is_test else ""),
        ("customer may", ", ".join(subscription.allowed_customer_operations)),
        ("created", format_time(subscription.created)),
        ("changed", format_time(subscription.last_modified)),
    ]
    return [[name, fact] for name, fact in facts if fact]


def _format_identity(identity: Identity) -> str:
    tenant = f"tenant {identity.tenant_id}" if identity.tenant_id else ""
    return ", ".join(filter(None, (identity.email, tenant)))


def describe_error(operation: Operation) -> str:
    """Return the error of a failed operation in one line; "" without an error."""
    return " ".join(filter(None, (operation.error_status_code, operation.error_message)))


def operation_row(operation: Operation) -> list[Cell]:
    return [
        operation.id,
        operation.action,
        operation.plan_id,
        format_seats(operation.quantity),
        style_status(operation.status),
        format_time(operation.time),
        describe_error(operation),
    ]
