"""What the service makes by itself when an offer or a plan is created, and when drafts are published.

Source: reference 3.2, 3.3, appendix D "State".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..service import Pace
from ..state import Document, Store
from . import documents

__all__ = ["COLLECTIONS", "create_offer_drafts", "create_plan_drafts", "is_published", "publish", "stamped"]

# Seconds until children show, under `--pace real` (appendix D, "State").
BRANCH_DELAY, LISTING_DELAY, PLAN_DELAY = 1.5, 2.0, 2.5

RESOURCE_TYPES = {
    "Property": "AzureProperty",
    "ResellerConfiguration": "ResellerConfiguration",
    "Cosell": "CosellListing",
    "SupplementalContent": "SupplementalContent",
}
COLLECTIONS = {
    "product": "products",
    "setup": "setups",
    "branch": "branches",
    "listing": "listings",
    "variant": "variants",
    "featureavailability": "featureAvailabilities",
    "productavailability": "productAvailabilities",
    "property": "properties",
    "packageconfiguration": "packageConfigurations",
    "resellerconfiguration": "resellerConfigurations",
    "coselllisting": "cosellListings",
    "supplementalcontent": "supplementalContents",
}
OWN_ID = ("listing", "featureavailability")  # the others have the id of their draft instance (3.2)
NO_ENTITY = "resellerconfiguration"  # has neither id nor etag (5.15)


def stamped(store: Store, body: dict[str, Any], id: str) -> dict[str, Any]:
    """The body as an entity: with a new etag, and its id last, as the service writes them."""
    plain = {name: value for name, value in body.items() if name not in ("@odata.etag", "id")}
    return {**plain, "@odata.etag": store.ids.etag(store.clock()), "id": id}


def _held(store: Store, kind: str, body: dict[str, Any], instance: str) -> tuple[str, dict[str, Any]]:
    """Id and body of a document that comes into a draft instance."""
    id = store.ids.shaped() if kind in OWN_ID else instance
    return id, body if kind == NO_ENTITY else stamped(store, body, id)


def create_offer_drafts(store: Store, product: Document, pace: Pace) -> None:
    """Setup at once; branches and the documents behind them after their delays."""
    offer_type = product.body["resourceType"]
    setup = documents.fresh_setup(offer_type)
    store.save(Document("setup", product.id, setup, product=product.id))
    now, real = store.clock(), pace == "real"
    for module in documents.offer_modules(offer_type):
        delay = (LISTING_DELAY if module == "Listing" else BRANCH_DELAY) if real else 0
        parts = _open_branch(store, product, None, module)
        for part in parts:
            part.appears_at = now + (min(delay, BRANCH_DELAY) if part.kind == "branch" else delay)
            store.save(part)


def create_plan_drafts(store: Store, product: Document, variant: Document, pace: Pace) -> None:
    """The three plan-level branches and the documents behind them, all after one delay."""
    appears_at = store.clock() + (PLAN_DELAY if pace == "real" else 0)
    for module in ("Availability", "Listing", "Package"):
        for part in _open_branch(store, product, variant, module):
            part.appears_at = appears_at
            store.save(part)


def _open_branch(
    store: Store, product: Document, variant: Document | None, module: str
) -> Iterator[Document]:
    """The branch of a module, then the document in its draft instance, if the module has one."""
    instance, plan = store.ids.shaped(), "" if variant is None else variant.id
    branch = documents.fresh_branch(module, instance, plan)
    yield Document("branch", f"{product.id}/{plan}/{module}", branch, product.id, plan, instance, module)
    kind, body = _draft(store, product, variant, module)
    if kind:
        language = str(body.get("languageCode", ""))
        id, body = _held(store, kind, body, instance)
        yield Document(kind, id, body, product.id, plan, instance, language)


def _draft(
    store: Store, product: Document, variant: Document | None, module: str
) -> tuple[str, dict[str, Any]]:
    """Kind and fresh document of a module; an empty kind where nothing sits behind the branch."""
    owner = product if variant is None else variant
    if module == "Listing":
        return "listing", documents.fresh_listing(owner.body.get("friendlyName" if variant else "name"))
    if module == "Availability" and variant is not None:
        return "featureavailability", documents.fresh_availability()
    if module == "Availability":
        return "productavailability", documents.fresh_resource("ProductAvailability", "")
    if module == "Package":
        offer_type, sub_type = product.body["resourceType"], owner.body.get("subType")
        of_plan = variant is not None
        resource_type = documents.package_configuration_type(offer_type, sub_type, plan=of_plan)
        return (
            ("packageconfiguration", documents.fresh_resource(resource_type, ""))
            if resource_type
            else ("", {})
        )
    kind = "property" if module == "Property" else RESOURCE_TYPES[module].lower()
    return kind, documents.fresh_resource(RESOURCE_TYPES[module], store.ids.guid())


def is_published(store: Store, **owner: str) -> bool:
    """Whether drafts of this product or variant were ever published."""
    return any(store.select(stage="published", **owner))


def publish(store: Store, product: str) -> None:
    """Freeze the present drafts and go on with copies, all ids new (3.2; "copy" and what is locked: inferred)."""
    for document in store.select(product=product, stage="published"):
        store.save(replace(document, stage="superseded"))
    for branch in store.select("branch", product=product):
        instance = store.ids.shaped()
        for document in store.select(instance=branch.instance, stage="draft"):
            if document.kind == "branch":
                continue
            id, body = _held(store, document.kind, document.body, instance)
            store.save(replace(document, stage="published"))
            store.save(replace(document, id=id, instance=instance, body=body))
        body = {**branch.body, "currentDraftInstanceID": instance}
        store.save(replace(branch, instance=instance, body=body))
