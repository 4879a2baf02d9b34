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
    "listingimage": "listingImages",
    "listingvideo": "listingVideos",
    "listingasset": "listingAssets",
    "package": "packages",
    "cosellasset": "cosellAssets",
    "leadconfiguration": "leadConfigurations",
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
    store.save(Document("setup", product.id, documents.fresh_setup(offer_type), product.id))
    for module in documents.offer_modules(offer_type):
        for part in _opened(store, product, None, module):
            delay = LISTING_DELAY if part.kind == "listing" else BRANCH_DELAY
            store.save(replace(part, appears_at=_due(store, pace, delay)))


def create_plan_drafts(store: Store, product: Document, variant: Document, pace: Pace) -> None:
    """The three plan-level branches and the documents behind them, all after one delay."""
    for module in ("Availability", "Listing", "Package"):
        for part in _opened(store, product, variant, module):
            store.save(replace(part, appears_at=_due(store, pace, PLAN_DELAY)))


def _due(store: Store, pace: Pace, delay: float) -> float:
    return store.clock() + (delay if pace == "real" else 0)


def _opened(store: Store, product: Document, variant: Document | None, module: str) -> Iterator[Document]:
    """The branch of a module, then the document in its draft instance, if the module has one."""
    owner, plan = (product, "") if variant is None else (variant, variant.id)
    instance = store.ids.shaped()
    branch = documents.fresh_branch(module, instance, plan)
    yield Document("branch", f"{product.id}/{plan}/{module}", branch, product.id, plan, instance, module)
    sub_type = owner.body.get("subType", "")
    resource_type = documents.resource_type(module, product.body["resourceType"], sub_type, plan=bool(plan))
    if resource_type:
        title = owner.body.get("friendlyName" if plan else "name")
        kind = documents.kind(resource_type)
        id, body = _held(store, kind, documents.fresh(resource_type, title, store.ids.guid()), instance)
        yield Document(kind, id, body, product.id, plan, instance, body.get("languageCode", ""))


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
