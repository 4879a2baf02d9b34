"""Lead configurations: where an offer's leads go. Source: reference 5.16.

Secrets are stored and never answered (inferred; H7 and 5.13 leave open whether they are masked).
"""

from __future__ import annotations

from typing import Any

from .. import errors
from ..binding import bind
from ..service import Answer, Call
from ..state import Document
from . import schemas
from .entities import require_type, sent
from .products import require_product

__all__ = ["get_lead", "save_lead"]

SECRETS = ("connectionString", "password", "applicationKey")


def get_lead(call: Call) -> Answer:
    """404 while there is none (inferred, H7)."""
    product = require_product(call)
    document = call.store.find("leadconfiguration", product.id)
    if document is None:
        raise errors.not_found(f"Lead configuration of {product.id}")
    return Answer(200, _shown(document.body))


def save_lead(call: Call) -> Answer:
    """An upsert: 200. It replaces all of it, another type and the secrets included."""
    product = require_product(call)
    resource_type = sent(call, "resourceType")
    if resource_type is not None and resource_type not in schemas.LEADS:
        raise errors.invalid({"ResourceType": "The field ResourceType is invalid."})
    schema = schemas.LEADS[resource_type] if resource_type else schemas.LEAD
    stored = call.store.find("leadconfiguration", product.id)
    body = bind(schema, call.body, stored.body if stored is not None else None)
    require_type(body, resource_type or "")
    call.store.save(Document("leadconfiguration", product.id, body, product.id))
    return Answer(200, _shown(body))


def _shown(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in SECRETS}
