"""Lead configurations: the destinations of an offer's leads.

Secrets are stored and never returned (inferred). A client cannot send back what it cannot read, so a secret that is
not sent stays (inferred).
"""

from __future__ import annotations

from typing import Any

from ..service import Answer, Call
from ..state import Document
from . import errors, schemas
from .entities import sent
from .products import require_product
from .scopes import scope

__all__ = ["get_lead", "save_lead"]

SECRETS = ("connectionString", "password", "applicationKey")


def get_lead(call: Call) -> Answer:
    """Return the configuration; 404 while there is none (inferred)."""
    product = require_product(call)
    document = call.store.find("leadconfiguration", product.id)
    if document is None:
        raise errors.not_found(f"Lead configuration of {product.id}")
    return Answer(200, _render(document.body))


def save_lead(call: Call) -> Answer:
    """Create or replace the configuration: 200. Only secrets that are not sent stay, if the type is the same."""
    product, resource_type = require_product(call), sent(call, "resourceType") or ""
    if resource_type not in schemas.LEADS:
        words = (
            "The field ResourceType is invalid." if resource_type else "Missing required field ResourceType."
        )
        raise errors.invalid({"ResourceType": words})
    before = call.store.find("leadconfiguration", product.id)
    is_same = before is not None and before.body.get("resourceType") == resource_type
    body = call.bind(schemas.LEADS[resource_type], before.body if before and is_same else None)
    if before is not None and is_same:
        body = {name: before.body[name] for name in SECRETS if name in before.body} | body
    call.store.save(Document("leadconfiguration", product.id, body, scope(product.id)))
    return Answer(200, _render(body))


def _render(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in SECRETS}
