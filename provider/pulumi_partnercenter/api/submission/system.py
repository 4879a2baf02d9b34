"""The record of the Partner Center submission API. Reference: its OpenAPI description."""

from __future__ import annotations

import uuid

from ..system import System
from .error_bodies import parse_error

__all__ = ["NO_OFFER", "SUBMISSION"]

NO_OFFER = {"$filter": "externalIDs/Any(i:i/type eq 'AzureOfferId' and i/value eq 'none')"}
"""Query of a list of products that is always empty."""

SUBMISSION = System(
    name="submission API",
    owner="Partner Center",
    base="https://api.partner.microsoft.com/v1.0/ingestion",
    audience="https://api.partner.microsoft.com",
    parse_error=parse_error,
    request_headers=lambda: {"Client-Request-ID": str(uuid.uuid4())},
    request_id_header="request-id",
    account_hint=(
        "in Partner Center, associate the tenant with the account (Account settings, Tenants) and add the"
        " application (User management, Microsoft Entra applications), then run again"
    ),
    role_hint="in Partner Center, give it the role Manager (Account settings, User management)",
    probe_path="products",
    probe_params=NO_OFFER,
    role_text="the account lets this login read its offers",
)
