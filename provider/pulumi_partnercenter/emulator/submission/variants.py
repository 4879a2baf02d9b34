"""Variants: the plans of an offer."""

from __future__ import annotations

import re
from typing import Any

from ..binding import order_members
from ..service import Answer, Call
from ..state import Document
from . import automaton, document_types, drafts, errors, schemas
from .entities import bind_replacement, replace_body, require_entity, require_type
from .products import require_product
from .scopes import product_of, scope, within_product, within_variant

__all__ = ["create_variant", "delete_variant", "get_variant", "list_variants", "replace_variant"]

PLAN_ID_FORM = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")  # documented
SUB_TYPES = ("managed-application", "solution-template")


def list_variants(call: Call) -> Answer:
    """Return all plans in a page (no paging was captured); a continuation token is always invalid."""
    product = require_product(call)
    if call.query.get("$skipToken"):
        raise errors.not_found("Page")
    return Answer(
        200, {"value": [plan.body for plan in call.store.select("variant", **within_product(product.id))]}
    )


def get_variant(call: Call) -> Answer:
    return Answer(200, require_entity(call, "variant", "variant").body)


def create_variant(call: Call) -> Answer:
    """Create a plan: 201. Branches, listing, availability and configuration appear later under `--pace real`."""
    product = require_product(call)
    if product.body["resourceType"] in document_types.LISTED_ONLY:
        raise errors.not_applicable()
    body = call.bind(schemas.VARIANT)
    require_type(body, "AzureSkuVariant")
    plan_id = _require_plan_id(body)
    if call.store.select("variant", **within_product(product.id), natural_key=plan_id):
        raise errors.conflict(f"A variant with the external ID {plan_id} exists already.")
    id = call.store.ids.guid()
    stored = drafts.stamp_entity(call.store, _add_defaults(body, product.body["resourceType"]), id)
    variant = Document("variant", id, stored, scope(product.id, id), plan_id)
    call.store.save(variant)
    drafts.create_plan_drafts(call.store, product, variant, call.pace)
    return Answer(201, stored, etag=stored["@odata.etag"], location=f"/products/{product.id}/variants/{id}")


def _require_plan_id(body: dict[str, Any]) -> str:
    plan_id = body.get("externalID")
    if not plan_id:
        raise errors.invalid({"ExternalID": "Missing required field ExternalID."})
    if not PLAN_ID_FORM.fullmatch(plan_id):
        raise errors.invalid({"ExternalID": "The field ExternalID is invalid."})
    return str(plan_id)


def _add_defaults(body: dict[str, Any], offer_type: str) -> dict[str, Any]:
    """Add recorded defaults. Only applications have a `subType`; for other types it is dropped (inferred)."""
    defaults: dict[str, Any] = {
        "state": "Active",
        "conversionPaths": "*",
        "certificationsAzureGovernment": [],
        "cloudAvailabilities": ["public-azure"],
        "extendedProperties": [],
    }
    if offer_type == "AzureApplication":
        defaults["subType"] = "solution-template"
        if body.get("subType", "solution-template") not in SUB_TYPES:
            raise errors.invalid({"SubType": "The field SubType is invalid."})
    complete = {**defaults, **body}
    if offer_type != "AzureApplication":
        complete.pop("subType", None)
    return order_members(schemas.VARIANT, complete)


def replace_variant(call: Call) -> Answer:
    """Replace everything but the immutable members; `If-Match` is checked only if it is sent."""
    variant = require_entity(call, "variant", "variant")
    body = bind_replacement(call, variant, schemas.VARIANT, if_match_required=False)
    unchanged: dict[str, Any] = {
        name: variant.body[name] for name in ("externalID", "subType") if name in variant.body
    }
    for name, value in unchanged.items():
        if body.get(name, value) != value:  # the member is immutable; refusal and text are inferred
            raise errors.invalid({name[0].upper() + name[1:]: "The field cannot be changed."})
    stored = replace_body(call, variant, order_members(schemas.VARIANT, {**body, **unchanged}))
    return Answer(200, stored, etag=stored["@odata.etag"])


def delete_variant(call: Call) -> Answer:
    """Delete a plan with its contents: 204; refused while a submission contains it, and once it was published."""
    variant = require_entity(call, "variant", "variant")
    product = product_of(variant)
    automaton.require_not_submitted(call.store, product, variant.id)
    if drafts.is_published(call.store, product, variant.id):
        raise errors.conflict(
            "The variant was published and cannot be deleted. Stop its distribution instead."
        )
    call.store.delete(**within_variant(product, variant.id))
    return Answer(204)
