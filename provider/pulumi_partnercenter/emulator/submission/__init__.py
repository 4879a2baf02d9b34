"""The submission API: which operations are emulated. Everything else that is below its base answers 501.

All 78, and how each one is known: the table in `operations.py`.
"""

from __future__ import annotations

import re

from ..service import Operation, Service
from ..state import Document, Store
from . import availabilities, drafts, listings, products, submissions, variants

__all__ = ["SERVICE"]

P = "/products/{product}"
EXPAND = ("$expand",)


def locate(store: Store, path: str) -> Document | None:
    """The document at a path below the base, None where there is none: `/products/<id>[/setup|/<kind>/<id>]`."""
    parts = re.split("/", path.strip("/").lower())
    if len(parts) == 2 and parts[0] == "products":
        return store.find("product", parts[1])
    if len(parts) == 3 and parts[2] in ("setup", "resellerconfiguration"):
        found = store.select(parts[2], product=parts[1], stage="draft")
        return found[0] if found else None
    kinds = {collection.lower(): kind for kind, collection in drafts.COLLECTIONS.items()}
    if len(parts) == 4 and parts[2] in kinds:
        document = store.find(kinds[parts[2]], parts[3])
        return document if document is not None and document.product == parts[1] else None
    return None


SERVICE = Service(
    name="submission",
    base="/v1.0/ingestion",
    audience="https://api.partner.microsoft.com",
    operations=(
        Operation(1, "recorded", "GET", "/products", products.list_products, ("$filter", "$skipToken")),
        Operation(2, "recorded", "POST", "/products", products.create_product),
        Operation(3, "documented", "GET", P, products.get_product),
        Operation(4, "recorded", "DELETE", P, products.delete_product),
        Operation(5, "recorded", "GET", f"{P}/setup", products.get_setup),
        Operation(6, "recorded", "POST", f"{P}/setup", products.save_setup),
        Operation(
            7, "recorded", "GET", f"{P}/branches/getByModule(module={{module}})", products.list_branches
        ),
        Operation(
            21,
            "recorded",
            "GET",
            f"{P}/listings/getByInstanceID(instanceID={{instance}})",
            listings.list_listings,
        ),
        Operation(
            22,
            "documented",
            "POST",
            f"{P}/listings/createWithInstanceID(instanceID={{instance}})",
            listings.create_listing,
        ),
        Operation(18, "documented", "GET", f"{P}/listings/{{listing}}", listings.get_listing),
        Operation(19, "recorded", "PUT", f"{P}/listings/{{listing}}", listings.replace_listing),
        Operation(20, "documented", "DELETE", f"{P}/listings/{{listing}}", listings.delete_listing),
        Operation(38, "recorded", "GET", f"{P}/variants", variants.list_variants, ("$skipToken",)),
        Operation(39, "recorded", "POST", f"{P}/variants", variants.create_variant),
        Operation(40, "documented", "GET", f"{P}/variants/{{variant}}", variants.get_variant),
        Operation(41, "documented", "PUT", f"{P}/variants/{{variant}}", variants.replace_variant),
        Operation(42, "recorded", "DELETE", f"{P}/variants/{{variant}}", variants.delete_variant),
        Operation(
            43,
            "documented",
            "GET",
            f"{P}/featureAvailabilities/getByInstanceID(instanceID={{instance}})",
            availabilities.list_availabilities,
            EXPAND,
        ),
        Operation(
            44,
            "documented",
            "GET",
            f"{P}/featureavailabilities/{{availability}}",
            availabilities.get_availability,
            EXPAND,
        ),
        Operation(
            45,
            "documented",
            "PUT",
            f"{P}/featureavailabilities/{{availability}}",
            availabilities.replace_availability,
            EXPAND,
        ),
        *submissions.OPERATIONS,
    ),
    collections=drafts.COLLECTIONS,
    locate=locate,
)
