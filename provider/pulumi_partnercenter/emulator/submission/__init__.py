"""The submission API: which operations are emulated. Everything else that is below its base answers 501.

Numbers are those of the table in section 4 of the reference: 1-7, 18-22, 38-45.
"""

from __future__ import annotations

import re

from ..service import Operation, Service
from ..state import Document, Store
from . import availabilities, drafts, listings, products, variants

__all__ = ["SERVICE"]

P = "/products/{product}"
EXPAND = ("$expand",)


def locate(store: Store, path: str) -> Document | None:
    """The document at a path below the base, None where there is none: `/products/<id>[/setup|/<kind>/<id>]`."""
    parts = re.split("/", path.strip("/").lower())
    if len(parts) == 2 and parts[0] == "products":
        return store.find("product", parts[1])
    if len(parts) == 3 and parts[2] in ("setup", "resellerconfiguration"):
        found = store.select(parts[2], product=parts[1])
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
        Operation("GET", "/products", products.list_products, ("$filter", "$skipToken")),
        Operation("POST", "/products", products.create_product),
        Operation("GET", P, products.get_product),
        Operation("DELETE", P, products.delete_product),
        Operation("GET", f"{P}/setup", products.get_setup),
        Operation("POST", f"{P}/setup", products.save_setup),
        Operation("GET", f"{P}/branches/getByModule(module={{module}})", products.list_branches),
        Operation("GET", f"{P}/listings/getByInstanceID(instanceID={{instance}})", listings.list_listings),
        Operation(
            "POST", f"{P}/listings/createWithInstanceID(instanceID={{instance}})", listings.create_listing
        ),
        Operation("GET", f"{P}/listings/{{listing}}", listings.get_listing),
        Operation("PUT", f"{P}/listings/{{listing}}", listings.replace_listing),
        Operation("DELETE", f"{P}/listings/{{listing}}", listings.delete_listing),
        Operation("GET", f"{P}/variants", variants.list_variants, ("$skipToken",)),
        Operation("POST", f"{P}/variants", variants.create_variant),
        Operation("GET", f"{P}/variants/{{variant}}", variants.get_variant),
        Operation("PUT", f"{P}/variants/{{variant}}", variants.replace_variant),
        Operation("DELETE", f"{P}/variants/{{variant}}", variants.delete_variant),
        Operation(
            "GET",
            f"{P}/featureAvailabilities/getByInstanceID(instanceID={{instance}})",
            availabilities.list_availabilities,
            EXPAND,
        ),
        Operation(
            "GET", f"{P}/featureavailabilities/{{availability}}", availabilities.get_availability, EXPAND
        ),
        Operation(
            "PUT", f"{P}/featureavailabilities/{{availability}}", availabilities.replace_availability, EXPAND
        ),
    ),
    collections=drafts.COLLECTIONS,
    locate=locate,
)
