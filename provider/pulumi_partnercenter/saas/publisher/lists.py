"""The lists of the publisher's pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..languages import translatable
from ..tables import HistoryEntry, Job, Subscription, UsageRecord, Webhook
from .list_pages import Column, Filter, ListPage

__all__ = ["HISTORY", "JOBS", "LISTS", "ROOT", "SUBSCRIPTIONS", "USAGE", "WEBHOOKS"]

ROOT = "/publisher"


def _link(folder: str, attribute: str) -> Callable[[Any], str]:
    """Return a function from a row to the page about one of its ids; "" for an empty id."""

    def address(row: Any) -> str:
        value = getattr(row, attribute)
        return f"{ROOT}/{folder}/{value}" if value else ""

    return address


_subscription = _link("subscriptions", "subscription_id")
_SUBSCRIPTION_COLUMN = Column("subscription_id", translatable("Subscription"), "code", address=_subscription)

SUBSCRIPTIONS = ListPage(
    "subscriptions",
    translatable("Subscriptions"),
    translatable("There are no subscriptions."),
    model=Subscription,
    order=(Subscription.first_read_at, Subscription.id),
    columns=(
        Column("name", translatable("Name"), address=_link("subscriptions", "id")),
        Column("beneficiary_email", translatable("Customer")),
        Column("offer_id", translatable("Offer")),
        Column("plan_id", translatable("Plan")),
        Column("quantity", translatable("Seats"), "number"),
        Column("status", translatable("Status"), "word", "status"),
        Column("access", translatable("Access"), "word", "access"),
        Column("term_end", translatable("Term ends"), "day"),
        Column("first_read_at", translatable("Since"), "day"),
    ),
    exported=(
        "id",
        "name",
        "offer_id",
        "plan_id",
        "quantity",
        "status",
        "access",
        "is_free_trial",
        "is_test",
        "auto_renew",
        "term_unit",
        "term_start",
        "term_end",
        "beneficiary_email",
        "beneficiary_object_id",
        "beneficiary_tenant_id",
        "purchaser_email",
        "purchaser_object_id",
        "purchaser_tenant_id",
        "contact",
        "created_at",
        "first_read_at",
        "activated_at",
        "suspended_at",
        "unsubscribed_at",
        "purge_at",
        "purged_at",
        "read_at",
    ),
    filters=(
        Filter("status", translatable("Status"), Subscription.status, "status"),
        Filter("access", translatable("Access"), Subscription.access, "access"),
        Filter("offer", translatable("Offer"), Subscription.offer_id, suggests=True),
        Filter("plan", translatable("Plan"), Subscription.plan_id, suggests=True),
    ),
    searched=(
        Subscription.id,
        Subscription.name,
        Subscription.beneficiary_email,
        Subscription.purchaser_email,
        Subscription.beneficiary_tenant_id,
        Subscription.purchaser_tenant_id,
    ),
)

WEBHOOKS = ListPage(
    "webhooks",
    translatable("Webhooks"),
    translatable("The marketplace has sent no webhooks."),
    model=Webhook,
    order=(Webhook.received_at, Webhook.operation_id),
    columns=(
        Column("received_at", translatable("Received"), "time", address=_link("webhooks", "operation_id")),
        Column("action", translatable("Action"), "word", "action"),
        _SUBSCRIPTION_COLUMN,
        Column("decision", translatable("Decision"), "word", "decision"),
        Column("http_status", translatable("Answer")),
        Column("deliveries", translatable("Deliveries"), "number"),
        Column("processed_at", translatable("Processed"), "time"),
    ),
    exported=(
        "operation_id",
        "subscription_id",
        "action",
        "source",
        "received_at",
        "deliveries",
        "http_status",
        "decision",
        "reason",
        "processed_at",
    ),
    filters=(
        Filter("subscription", translatable("Subscription"), Webhook.subscription_id, is_id=True),
        Filter("action", translatable("Action"), Webhook.action, "action"),
        Filter("decision", translatable("Decision"), Webhook.decision, "decision"),
    ),
)

JOBS = ListPage(
    "jobs",
    translatable("Jobs and events"),
    translatable("There are no jobs."),
    model=Job,
    order=(Job.id,),
    columns=(
        Column("id", translatable("Number"), address=_link("jobs", "id")),
        Column("kind", translatable("Kind"), "code"),
        _SUBSCRIPTION_COLUMN,
        Column("state", translatable("State"), "word", "job"),
        Column("attempts", translatable("Attempts"), "number"),
        Column("due_at", translatable("Due"), "time"),
        Column("ended_at", translatable("Ended"), "time"),
        Column("last_error", translatable("Error")),
    ),
    exported=(
        "id",
        "kind",
        "key",
        "subscription_id",
        "state",
        "attempts",
        "created_at",
        "due_at",
        "ended_at",
        "last_error",
    ),
    filters=(
        Filter("state", translatable("State"), Job.state, "job"),
        Filter("kind", translatable("Kind"), Job.kind),
        Filter("subscription", translatable("Subscription"), Job.subscription_id, is_id=True),
    ),
)

USAGE = ListPage(
    "usage",
    translatable("Usage"),
    translatable("No usage has been reported."),
    model=UsageRecord,
    order=(UsageRecord.id,),
    columns=(
        Column("hour", translatable("Hour"), "time", address=_link("usage", "id")),
        _SUBSCRIPTION_COLUMN,
        Column("dimension", translatable("Dimension")),
        Column("plan_id", translatable("Plan")),
        Column("quantity", translatable("Quantity"), "number"),
        Column("accepted_quantity", translatable("Accepted quantity"), "number"),
        Column("state", translatable("State"), "word", "usage"),
        Column("error", translatable("Error")),
    ),
    exported=(
        "id",
        "subscription_id",
        "dimension",
        "hour",
        "plan_id",
        "quantity",
        "state",
        "accepted_quantity",
        "usage_event_id",
        "attempts",
        "error",
        "settled_at",
    ),
    filters=(
        Filter("state", translatable("State"), UsageRecord.state, "usage"),
        Filter("subscription", translatable("Subscription"), UsageRecord.subscription_id, is_id=True),
        Filter("dimension", translatable("Dimension"), UsageRecord.dimension),
    ),
)

HISTORY = ListPage(
    "history",
    translatable("History"),
    translatable("Nothing has happened yet."),
    model=HistoryEntry,
    order=(HistoryEntry.id,),
    columns=(
        Column("at", translatable("Time"), "time"),
        _SUBSCRIPTION_COLUMN,
        Column("action", translatable("What happened"), "word", "history"),
        Column("actor", translatable("Who"), "actor"),
        Column("details", translatable("Details"), "details"),
    ),
    exported=("id", "subscription_id", "at", "actor", "action", "details"),
    filters=(Filter("subscription", translatable("Subscription"), HistoryEntry.subscription_id, is_id=True),),
)

LISTS = (SUBSCRIPTIONS, WEBHOOKS, JOBS, USAGE, HISTORY)
"""In the order of the navigation."""
