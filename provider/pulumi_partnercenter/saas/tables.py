"""Tables of the SaaS service. `migrations/` creates them; `make test` compares the two.

Every time is UTC and aware. Ids of subscriptions and operations are the marketplace's, in lower case.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Double,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

__all__ = [
    "Access",
    "Base",
    "HistoryEntry",
    "Job",
    "JobState",
    "LandingVisit",
    "Session",
    "Subscription",
    "UsageRecord",
    "UsageReport",
    "UsageState",
    "Webhook",
]

Id = String(64)
Name = String(255)
RowId = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself in SQLite


class UtcTime(TypeDecorator[datetime]):
    """An aware time. SQLite keeps no time zone: UTC is put back when a row is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Raises ValueError for a time without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Metadata of all tables."""

    type_annotation_map = {datetime: UtcTime(), dict[str, Any]: JSON(), list[str]: JSON(), float: Double()}


class Access(StrEnum):
    """What a customer may use now: the publisher's side, beside the marketplace's status."""

    NONE = "none"
    """Bought, not confirmed on the landing page."""
    PROVISIONING = "provisioning"
    """Confirmed; the publisher's handler and the activation are not done."""
    FAILED = "failed"
    """The handler or the activation failed for good; the publisher can try again."""
    ACTIVE = "active"
    RESTRICTED = "restricted"
    """Suspended: the payment failed. Everything can be restored."""
    REMOVED = "removed"
    """Cancelled. Data may be purged after `purge_at`."""


class Subscription(Base):
    """A subscription as the marketplace last described it, and what the publisher did with it."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index("ix_subscriptions_order", "first_read_at", "id"),
        Index("ix_subscriptions_status_order", "status", "first_read_at", "id"),
        Index("ix_subscriptions_access_order", "access", "first_read_at", "id"),
        Index("ix_subscriptions_offer_order", "offer_id", "first_read_at", "id"),
        Index("ix_subscriptions_plan_order", "plan_id", "first_read_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(Name, default="")
    offer_id: Mapped[str] = mapped_column(Name, default="")
    plan_id: Mapped[str] = mapped_column(Name, default="")
    quantity: Mapped[int | None]
    status: Mapped[str] = mapped_column(Id, default="")
    """The marketplace's word: one of `SubscriptionStatus`, or a new value."""
    access: Mapped[str] = mapped_column(Id, default=Access.NONE)
    is_free_trial: Mapped[bool] = mapped_column(default=False)
    is_test: Mapped[bool] = mapped_column(default=False)
    auto_renew: Mapped[bool] = mapped_column(default=True)
    term_unit: Mapped[str] = mapped_column(Id, default="")
    term_start: Mapped[datetime | None]
    term_end: Mapped[datetime | None]
    beneficiary_email: Mapped[str] = mapped_column(Name, default="")
    beneficiary_object_id: Mapped[str] = mapped_column(Id, default="", index=True)
    beneficiary_tenant_id: Mapped[str] = mapped_column(Id, default="")
    purchaser_email: Mapped[str] = mapped_column(Name, default="")
    purchaser_object_id: Mapped[str] = mapped_column(Id, default="", index=True)
    purchaser_tenant_id: Mapped[str] = mapped_column(Id, default="")
    allowed_customer_operations: Mapped[list[str]] = mapped_column(default=list)
    contact: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the customer entered on the landing page, by the names of its fields."""
    created_at: Mapped[datetime | None]
    """Purchase, in the marketplace's words."""
    first_read_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]
    purge_at: Mapped[datetime | None]
    """Earliest time at which the customer's data may go."""
    purged_at: Mapped[datetime | None]
    read_at: Mapped[datetime]
    """Time of the answer that this row shows."""
    version: Mapped[int] = mapped_column(default=0)

    __mapper_args__ = {"version_id_col": version}


class Webhook(Base):
    """A notification of the marketplace and its outcome. `operation_id` is the key: a repeated one finds its row."""

    __tablename__ = "webhooks"
    __table_args__ = (
        Index("ix_webhooks_order", "received_at", "operation_id"),
        Index("ix_webhooks_subscription_order", "subscription_id", "received_at", "operation_id"),
    )

    operation_id: Mapped[str] = mapped_column(Id, primary_key=True)
    subscription_id: Mapped[str] = mapped_column(Id)
    action: Mapped[str] = mapped_column(Id)
    source: Mapped[str] = mapped_column(Id, default="")
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    deliveries: Mapped[int] = mapped_column(default=1)
    """Times that it arrived."""
    http_status: Mapped[int]
    """The answer, which a repeated delivery gets again."""
    decision: Mapped[str] = mapped_column(Id)
    """`accepted`, `refused`, `reverted`, `noted` or `unknown`."""
    reason: Mapped[str] = mapped_column(Text, default="")
    processed_at: Mapped[datetime | None]


class HistoryEntry(Base):
    """What happened to a subscription, when, and who did it: the audit log."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_subscription_order", "subscription_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    subscription_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(Name)
    """`marketplace`, `service`, `customer <object id>` or `publisher <object id>`."""
    action: Mapped[str] = mapped_column(Id)
    """`activated`, `plan changed` …"""
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class JobState(StrEnum):
    """States of a job. A leased job whose lease ended is waiting again."""

    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    """Its attempts ended. The publisher can replay it."""


class Job(Base):
    """Work to be done once: the outbox, and the periodic jobs, whose `due_at` moves on."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_state_due_at", "state", "due_at"),
        Index("ix_jobs_state_order", "state", "id"),
        Index("ix_jobs_ordering_key_state", "ordering_key", "state"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(Id)
    key: Mapped[str] = mapped_column(Name, unique=True)
    """What makes it the same job: a second one with this key is not added."""
    ordering_key: Mapped[str] = mapped_column(Name, default="")
    """Jobs with the same key run in the order of their ids, one at a time; "" has no order."""
    subscription_id: Mapped[str] = mapped_column(Id, default="", index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(Id, default=JobState.WAITING)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease_owner: Mapped[str] = mapped_column(Id, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class UsageReport(Base):
    """Usage that the publisher's application reported. `id` is its own: a repeated report finds its row."""

    __tablename__ = "usage_reports"
    __table_args__ = (Index("ix_usage_reports_record", "subscription_id", "dimension", "hour"),)

    id: Mapped[str] = mapped_column(Name, primary_key=True)
    subscription_id: Mapped[str] = mapped_column(Id)
    dimension: Mapped[str] = mapped_column(Name)
    quantity: Mapped[float]
    used_at: Mapped[datetime]
    hour: Mapped[datetime]
    """Start of the hour that it is charged in: of `used_at`, or a later one if that hour was sent already."""
    source: Mapped[str] = mapped_column(Id)
    """`api` or `file`."""
    received_at: Mapped[datetime] = mapped_column(index=True)


class UsageState(StrEnum):
    """States of an hour's usage."""

    OPEN = "open"
    """Reports are still added."""
    SENDING = "sending"
    """Its quantity is fixed; it was sent, or is about to be."""
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    """The service had it already, with the same quantity."""
    CONFLICT = "conflict"
    """The service has another quantity for the same hour."""
    EXPIRED = "expired"
    REFUSED = "refused"
    MOVED = "moved"
    """The publisher let its reports be charged in a later hour: nothing of it is charged."""


class UsageRecord(Base):
    """Usage of a subscription and dimension in an hour: what is sent to the metering service, once."""

    __tablename__ = "usage_records"
    __table_args__ = (
        UniqueConstraint("subscription_id", "dimension", "hour"),
        Index("ix_usage_records_state_hour", "state", "hour"),
        Index("ix_usage_records_state_order", "state", "id"),
        Index("ix_usage_records_subscription_order", "subscription_id", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    subscription_id: Mapped[str] = mapped_column(Id)
    dimension: Mapped[str] = mapped_column(Name)
    hour: Mapped[datetime]
    plan_id: Mapped[str] = mapped_column(Name, default="")
    quantity: Mapped[float] = mapped_column(default=0.0)
    """Sum of the reports; fixed once the state is not `open`."""
    state: Mapped[str] = mapped_column(Id, default=UsageState.OPEN)
    leased_until: Mapped[datetime | None]
    lease_owner: Mapped[str] = mapped_column(Id, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    usage_event_id: Mapped[str] = mapped_column(Id, default="")
    accepted_quantity: Mapped[float | None]
    error: Mapped[str] = mapped_column(Text, default="")
    settled_at: Mapped[datetime | None]


class Session(Base):
    """A visitor of the pages. The cookie holds a random id, the table its SHA-256."""

    __tablename__ = "sessions"

    id_hash: Mapped[str] = mapped_column(Id, primary_key=True)
    audience: Mapped[str] = mapped_column(Id)
    """`customer` or `publisher`: the sign-in that `user` came from."""
    user: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Claims of the signed-in user; empty before the sign-in."""
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """State of a sign-in, and the secret of the forms."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LandingVisit(Base):
    """A marketplace token that a customer arrived with. It never leaves the server again."""

    __tablename__ = "landing_visits"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    session_hash: Mapped[str] = mapped_column(Id, index=True)
    """The session that may use it."""
    token: Mapped[str] = mapped_column(Text)
    """Encrypted."""
    subscription_id: Mapped[str] = mapped_column(Id, default="")
    """Empty until the token was resolved."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
