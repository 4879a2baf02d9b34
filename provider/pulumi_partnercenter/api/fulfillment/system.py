"""The record of the SaaS fulfillment and metering services. Source: Microsoft's OpenAPI descriptions of both."""

from __future__ import annotations

import json
import uuid
from typing import Any

from ..system import Paging, ServiceError, System

__all__ = ["API_VERSION", "AUDIENCE", "CORRELATION_HEADER", "FULFILLMENT", "REQUEST_HEADER", "parse_error"]

API_VERSION = "2018-08-31"
"""Value of `api-version`, which every request carries."""
AUDIENCE = "20e940b3-4c77-4b0b-9a53-9e16a1b010a7"
"""Application id of the marketplace: audience of tokens, and caller of webhooks."""
REQUEST_HEADER, CORRELATION_HEADER = "x-ms-requestid", "x-ms-correlationid"


def parse_error(text: str) -> ServiceError:
    """Read an error body: an object in upper or lower camel case, one inside `error`, a string, or plain text.

    `details` is a list, an object, or absent. A page of a gateway is no message.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return ServiceError(message="" if text.lstrip()[:1] == "<" else " ".join(text.split()))
    if isinstance(body, str):
        return ServiceError(message=body.strip())
    if not isinstance(body, dict):
        return ServiceError()
    body = _lower_keys(body)
    if isinstance(body.get("error"), dict):
        body = _lower_keys(body["error"])
    elif isinstance(body.get("error"), str):
        body = {"message": body["error"], **body}
    fields: dict[str, list[str]] = {}
    details = body.get("details")
    for detail in details if isinstance(details, list) else [details]:
        if isinstance(detail, dict):
            members = _lower_keys(detail)
            if message := _text(members, "message"):
                name = _text(members, "target") or _text(members, "code") or "details"
                fields.setdefault(name, []).append(message)
    return ServiceError(
        code=_text(body, "code"), message=_text(body, "message"), fields=fields, target=_text(body, "target")
    )


def _lower_keys(body: dict[str, Any]) -> dict[str, Any]:
    return {key.strip().lower(): value for key, value in body.items()}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""


FULFILLMENT = System(
    name="SaaS fulfillment API",
    owner="the commercial marketplace",
    base="https://marketplaceapi.microsoft.com/api",
    audience=AUDIENCE,
    parse_error=parse_error,
    request_headers=lambda: {REQUEST_HEADER: str(uuid.uuid4())},
    request_id_header=REQUEST_HEADER,
    account_hint=(
        "use the tenant and application of the offer's technical configuration, as it was published; the application"
        " needs a service principal in that tenant, and a secret that has not expired"
    ),
    role_hint=(
        "use the tenant and application of the offer's technical configuration, as it was published; a subscription"
        " belongs to the publisher of its offer"
    ),
    probe_path="saas/subscriptions",
    probe_params={"api-version": API_VERSION},
    role_text="this application may read the publisher's subscriptions",
    paging=Paging(items="subscriptions", next_links=("@nextLink", "nextLink")),
    refusal_text="which may not do this",
    correlation_id_header=CORRELATION_HEADER,
    renewing_statuses=frozenset({401, 403}),
    transient_statuses=frozenset({408, 429, 500, 502, 503, 504}),
)
"""Paths begin with `saas/` for fulfillment; those of metering do not."""
