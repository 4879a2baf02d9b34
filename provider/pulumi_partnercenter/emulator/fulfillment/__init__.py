"""The SaaS fulfillment and metering services: subscriptions to a publisher's offers, and their usage."""

from __future__ import annotations

from ..service import EmulatedService
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
    subscriptions,
)

__all__ = ["FULFILLMENT", "METERING"]

AUDIENCES = ("20e940b3-4c77-4b0b-9a53-9e16a1b010a7", "https://marketplaceapi.microsoft.com")
IDS = ("x-ms-requestid", "x-ms-correlationid")

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
    },
    needs_account=False,
    echoed_headers=IDS,
    start=behaviour.start,
    settle=events.settle_all,
    reset=behaviour.reset,
    control=control.ROUTES,
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
