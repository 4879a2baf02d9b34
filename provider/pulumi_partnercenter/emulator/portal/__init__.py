"""The Cloud Partner Portal API: offers that were onboarded by it, virtual machines above all."""

from __future__ import annotations

from uuid import uuid4

from .. import account
from ..service import EmulatedService
from ..state import Store
from . import api, behaviour, control, errors, offers, operations, page, publishers, spreadsheets

__all__ = ["OPERATIONS", "PORTAL"]

OPERATIONS = api.OPERATIONS


def _response_headers() -> dict[str, str]:
    """Return the headers that a public client recorded in 2019."""
    return {
        "cache-control": "no-cache",
        "pragma": "no-cache",
        "expires": "-1",
        "x-ms-correlation-request-id": str(uuid4()),
        "x-aspnet-version": "4.0.30319",
        "x-powered-by": "ASP.NET",
        "x-content-type-options": "nosniff",
    }


def _reset(store: Store) -> None:
    behaviour.reset(store)
    spreadsheets.reset(store)


PORTAL = EmulatedService(
    name="portal",
    base="/api",
    audiences=("https://cloudpartner.azure.com",),
    operations=(*OPERATIONS, api.REFUSED),
    errors=errors,
    collections={
        offers.KIND: "portalOffers",
        offers.SLOT: "portalSlots",
        offers.VERSION: "portalVersions",
        operations.KIND: "portalOperations",
        publishers.KIND: "portalPublishers",
        account.KIND: "portalProducts",
    },
    describe_scope=offers.describe_scope,
    sections=("publishers", "operations", "offerTypes"),
    unassociated_status=403,
    response_headers=_response_headers,
    settle=operations.settle_all,
    reset=_reset,
    portal=control.PORTAL,
    control=control.ROUTES,
    decisions=control.DECISIONS,
    pages=page.pages,
)
