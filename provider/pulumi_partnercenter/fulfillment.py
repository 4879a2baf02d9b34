"""Client of Microsoft's SaaS fulfillment APIs (version 2) and of marketplace metering, for any Python back end.

    from pulumi_partnercenter.fulfillment import FulfillmentClient, read_token

    with FulfillmentClient() as client:
        purchase = client.resolve(token)
        client.activate(purchase.id, purchase.plan_id, purchase.quantity)

`AsyncFulfillmentClient` has the same operations as coroutines. Settings come from the environment
(`Settings.load_fulfillment`); failures raise the errors of `pulumi_partnercenter.errors`. Neither Pulumi nor its engine
is loaded.
"""

from __future__ import annotations

from .api.fulfillment.blocking_client import FulfillmentClient
from .api.fulfillment.client import AsyncFulfillmentClient
from .api.fulfillment.marketplace_tokens import read_token
from .api.fulfillment.models import (
    Action,
    AvailablePlan,
    BillingTerm,
    Identity,
    IncludedQuantity,
    MeteringDimension,
    Operation,
    OperationSource,
    OperationStatus,
    ResolvedSubscription,
    Subscription,
    SubscriptionStatus,
    Term,
    WebhookEvent,
)
from .api.fulfillment.reconciliation import DailyUsage, reconcile, usage_days
from .api.fulfillment.usage import UsageEvent, UsageRecord, UsageResult, UsageStatus
from .settings import Settings

__all__ = [
    "Action",
    "AsyncFulfillmentClient",
    "AvailablePlan",
    "BillingTerm",
    "DailyUsage",
    "FulfillmentClient",
    "Identity",
    "IncludedQuantity",
    "MeteringDimension",
    "Operation",
    "OperationSource",
    "OperationStatus",
    "ResolvedSubscription",
    "Settings",
    "Subscription",
    "SubscriptionStatus",
    "Term",
    "UsageEvent",
    "UsageRecord",
    "UsageResult",
    "UsageStatus",
    "WebhookEvent",
    "read_token",
    "reconcile",
    "usage_days",
]
