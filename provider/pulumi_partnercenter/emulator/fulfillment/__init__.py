"""The SaaS fulfillment and metering services: subscriptions to a publisher's offers, and their usage."""

from __future__ import annotations

from ..service import EmulatedService
from ..state import Store
from . import (
    api,
    behaviour,
    catalog,
    control,
    errors,
    events,
    metering,
    metering_errors,
    operations,
    page,
    subscriptions,
    webhooks,
)
from .webhook_sender import WebhookSender

__all__ = ["FULFILLMENT", "METERING"]

AUDIENCES = ("20e940b3-4c77-4b0b-9a53-9e16a1b010a7", "https://marketplaceapi.microsoft.com")
IDS = ("x-ms-requestid", "x-ms-correlationid")


def _reset(store: Store) -> None:
    behaviour.reset(store)
    webhooks.reset(store)


FULFILLMENT = EmulatedService(
    name="fulfillment",
    base=api.BASE,
    audiences=AUDIENCES,
    operations=api.OPERATIONS,
    errors=errors,
    collections={
        catalog.KIND: "saasOffers",
        subscriptions.KIND: "saasSubscriptions",
        operations.KIND: "saasOperations",
        webhooks.KIND: "saasDeliveries",
    },
    needs_account=False,
    echoed_headers=IDS,
    start=behaviour.start,
    settle=events.settle_all,
    reset=_reset,
    control=(*control.ROUTES, *webhooks.ROUTES),
    pages=page.pages,
    background=WebhookSender,
)
METERING = EmulatedService(
    name="metering",
    base="/api",
    audiences=AUDIENCES,
    operations=metering.OPERATIONS,
    errors=metering_errors,
    collections={metering.KIND: "usageEvents"},
    sections=("usageEvent", "batchUsageEvent", "usageEvents"),
    needs_account=False,
    echoed_headers=IDS,
)
