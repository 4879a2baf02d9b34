"""Branches and documents that the service itself creates: for a new offer or plan, and after a submission."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..service import Pace
from ..state import Document, Store
from . import document_types
from .scopes import instance_of, scope, variant_of, within_product, within_variant

__all__ = [
    "COLLECTIONS",
    "LEGACY_TEST_DRIVE",
    "create_offer_drafts",
    "create_plan_drafts",
    "is_published",
    "rotate",
    "stamp_entity",
]

# Seconds until children appear, under `--pace real`.
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
    "submission": "submissions",
}
# These have the id of their draft instance. Other kinds, and documents below a listing, have their own ids.
INSTANCE_ID = (
    "productavailability",
    "property",
    "packageconfiguration",
    "resellerconfiguration",
    "coselllisting",
    "supplementalcontent",
)
TEST_DRIVE = "testdrive"
LEGACY_TEST_DRIVE = "legacy_test_drive"
"""Name in the store's memory for the control plane's request for test drives."""
NO_ENTITY = "resellerconfiguration"  # without id and etag


def stamp_entity(store: Store, body: dict[str, Any], id: str) -> dict[str, Any]:
    """Return the body as an entity: with a new etag, and its id last, as the service writes them."""
    plain = {name: value for name, value in body.items() if name not in ("@odata.etag", "id")}
    return {**plain, "@odata.etag": store.ids.etag(store.clock()), "id": id}


def _new_id(store: Store, kind: str, instance: str) -> str:
    """Return the id of a new document in a draft instance."""
    return instance if kind in INSTANCE_ID else store.ids.shaped()


def create_offer_drafts(store: Store, product: Document, pace: Pace) -> None:
    """Create the setup at once, branches and the documents behind them after their delays."""
    offer_type = product.body["resourceType"]
    store.save(Document("setup", product.id, document_types.fresh_setup(offer_type), scope(product.id)))
    for module in document_types.offer_modules(offer_type):
        for part in _create_branch(store, product, None, module):
            delay = LISTING_DELAY if part.kind == "listing" else BRANCH_DELAY
            store.save(replace(part, appears_at=_due(store, pace, delay)))
    if offer_type == "AzureApplication" and LEGACY_TEST_DRIVE in store.memory:
        _create_test_drive(store, product)


def create_plan_drafts(store: Store, product: Document, variant: Document, pace: Pace) -> None:
    """Create the three plan-level branches and the documents behind them, all after the same delay."""
    for module in ("Availability", "Listing", "Package"):
        for part in _create_branch(store, product, variant, module):
            store.save(replace(part, appears_at=_due(store, pace, PLAN_DELAY)))


def _create_test_drive(store: Store, product: Document) -> None:
    """Create the pseudo plan that applications had until 2025 (its document is captured, its one module inferred)."""
    pseudo = {"resourceType": "AzureTestDriveVariant", "state": "Inactive", "id": TEST_DRIVE}
    store.save(Document("variant", f"{product.id}/{TEST_DRIVE}", pseudo, scope(product.id, TEST_DRIVE)))
    plan = Document("variant", TEST_DRIVE, {"subType": TEST_DRIVE})
    for part in _create_branch(store, product, plan, "Package"):
        store.save(part)


def _due(store: Store, pace: Pace, delay: float) -> float:
    return store.clock() + (delay if pace == "real" else 0)


def _create_branch(
    store: Store, product: Document, variant: Document | None, module: str
) -> Iterator[Document]:
    """Create the branch of a module, then the documents in its draft instance."""
    owner, plan = (product, "") if variant is None else (variant, variant.id)
    instance = store.ids.shaped()
    owner_scope = scope(product.id, plan, instance)
    branch = document_types.fresh_branch(module, instance, plan)
    yield Document("branch", f"{product.id}/{plan}/{module}", branch, owner_scope, module)
    sub_type = owner.body.get("subType", "")
    title = owner.body.get("friendlyName" if plan else "name")
    for resource_type in document_types.resource_types(
        module, product.body["resourceType"], sub_type, plan=bool(plan)
    ):
        kind = document_types.kind(resource_type)
        id, body = (
            _new_id(store, kind, instance),
            document_types.fresh(resource_type, title, store.ids.guid()),
        )
        body = body if kind == NO_ENTITY else stamp_entity(store, body, id)
        yield Document(kind, id, body, owner_scope, body.get("languageCode", ""))


def is_published(store: Store, product: str, variant: str = "") -> bool:
    """Return whether a document of the product, or of this variant of it, ever reached a preview."""
    owner = within_variant(product, variant) if variant else within_product(product)
    return any(store.select(stage=stage, **owner) for stage in ("published", "superseded"))


def rotate(store: Store, product: str, sent: Collection[str]) -> None:
    """Freeze every draft and replace it by a copy with new ids; `sent` are the submitted instances.

    That drafts are copied with the same files is inferred.
    """
    for branch in store.select("branch", **within_product(product)):
        instance = store.ids.shaped()
        rotated = scope(product, variant_of(branch), instance)
        drafts = [
            draft for draft in store.select(scope=branch.scope, stage="draft") if draft.kind != "branch"
        ]
        renamed = {draft.id: _new_id(store, draft.kind, instance) for draft in drafts}
        for draft in drafts:
            store.save(replace(draft, stage="submitted" if instance_of(branch) in sent else "unsent"))
            store.save(_copy(store, draft, rotated, renamed))
        body = {**branch.body, "currentDraftInstanceID": instance}
        store.save(replace(branch, scope=rotated, body=body))


def _copy(store: Store, draft: Document, rotated: str, renamed: Mapping[str, str]) -> Document:
    """Return the same content with new ids. References to documents that were copied too refer to the copies."""
    id, body = renamed[draft.id], draft.body
    if "assetReferences" in body:
        references = [
            {**reference, "value": renamed.get(reference.get("value"), reference.get("value"))}
            for reference in body["assetReferences"]
        ]
        body = {**body, "assetReferences": references}
    return replace(
        draft,
        id=id,
        scope=rotated,
        natural_key=renamed.get(draft.natural_key, draft.natural_key),
        body=body if draft.kind == NO_ENTITY else stamp_entity(store, body, id),
    )
