"""Entities of a product: found by id or by draft instance, replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..binding import Schema
from ..service import Call
from ..state import Document
from . import conditions, errors
from .drafts import stamp_entity
from .products import require_product
from .scopes import instance_of, product_of, within_instance, within_product

__all__ = [
    "bind_replacement",
    "list_in_instance",
    "replace_body",
    "require_branch",
    "require_draft",
    "require_entity",
    "require_type",
    "sent",
]


def require_entity(call: Call, kind: str, parameter: str) -> Document:
    """Return the document that the path names below its product; 404 if there is none."""
    product, id = require_product(call), call.path[parameter]
    document = call.store.find(kind, id)
    if document is None or product_of(document) != product.id or document.appears_at > call.store.clock():
        raise errors.not_found(f"{kind.capitalize()} {id}")
    return document


def require_branch(call: Call, module: str) -> Document:
    """Return the branch whose current draft is the instance in the path; 404 if there is none."""
    product, instance = require_product(call), call.path["instance"].lower()
    for branch in call.store.select("branch", **within_product(product.id), natural_key=module):
        if instance_of(branch) == instance:
            return branch
    raise errors.not_found(f"Instance {call.path['instance']}")


def list_in_instance(call: Call, kind: str, module: str) -> list[Document]:
    """Return the documents of a draft or published instance; empty while they have not appeared, 404 if unknown."""
    product, instance = require_product(call), call.path["instance"].lower()
    documents = call.store.visible(kind, **within_instance(product.id, instance))
    if not documents and not call.store.select(kind, **within_instance(product.id, instance)):
        require_branch(call, module)
    return documents


def require_draft(document: Document) -> Document:
    """Return the document; 409 unless it is a draft, because published instances are read-only (inferred)."""
    if document.stage != "draft":
        raise errors.conflict(f"{document.kind.capitalize()} {document.id} belongs to a published instance.")
    return document


def sent(call: Call, name: str) -> str | None:
    """Return a string of the unbound body, without regard to case; None if it is absent."""
    body = call.body if isinstance(call.body, dict) else {}
    values = [value for key, value in body.items() if key.lower() == name.lower()]
    return values[0] if values and isinstance(values[0], str) else None


def require_type(body: dict[str, Any], expected: str) -> None:
    """Require this `resourceType`. Clients look for the word `Missing` in the refusal."""
    if "resourceType" not in body:
        raise errors.invalid({"ResourceType": "Missing required field ResourceType."})
    if body["resourceType"] != expected:
        raise errors.invalid({"ResourceType": "The field ResourceType is invalid."})


def bind_replacement(
    call: Call, document: Document, schema: Mapping[str, Schema], *, if_match_required: bool
) -> dict[str, Any]:
    """Check the condition of a PUT, and return its bound body."""
    conditions.check(call.if_match, document.body["@odata.etag"], required=if_match_required)
    require_draft(document)
    body = call.bind(schema, document.body)
    require_type(body, document.body["resourceType"])
    return body


def replace_body(call: Call, document: Document, body: dict[str, Any]) -> dict[str, Any]:
    """Replace the stored body: same id, new etag, even without a change (recording)."""
    document.body = stamp_entity(call.store, body, document.id)
    call.store.save(document)
    return document.body
