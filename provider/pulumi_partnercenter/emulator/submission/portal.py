"""Changes of documents in the portal: found by their path in the API, with the marks of a write."""

from __future__ import annotations

from typing import Any

from ..service import Portal
from ..state import Document, Store
from .drafts import COLLECTIONS, stamp_entity
from .media import ASSETS, IMAGES, VIDEOS
from .scopes import product_of, within_product

__all__ = ["PORTAL"]

SINGLE = ("setup", "resellerconfiguration", "leadconfiguration")
KINDS = {collection.lower(): kind for kind, collection in COLLECTIONS.items()} | {
    "coselllisting": "coselllisting"  # its path has no plural
}
BELOW_LISTINGS = {media.path: media.kind for media in (ASSETS, IMAGES, VIDEOS)}


def find_document(store: Store, path: str) -> Document | None:
    """Return the document at a path below the base, None if there is none."""
    parts = path.strip("/").lower().split("/")
    if len(parts) == 2 and parts[0] == "products":
        return store.find("product", parts[1])
    if len(parts) == 3 and parts[2] in SINGLE:
        drafts = store.select(parts[2], **within_product(parts[1]), stage="draft")
        return drafts[0] if drafts else None
    document = None
    if len(parts) == 4:
        document = store.find(KINDS.get(parts[2], ""), parts[3])
    if len(parts) == 6 and parts[2] == "listings":
        document = store.find(BELOW_LISTINGS.get(parts[4], ""), parts[5])
        if document is not None and document.natural_key != parts[3]:
            return None
    return document if document is not None and product_of(document) == parts[1] else None


def stamp(store: Store, document: Document) -> dict[str, Any]:
    """Return the body with a new etag, if the document has one."""
    if "@odata.etag" not in document.body:
        return document.body
    return stamp_entity(store, document.body, document.id)


PORTAL = Portal(find_document, ("@odata.etag", "id"), stamp)
