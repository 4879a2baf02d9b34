"""The submission API: which operations are emulated. Everything else that is below its base answers 501.

Numbers are those of the table in section 4 of the reference: 1-53, 62-78.
"""

from __future__ import annotations

from ..service import Operation, Service
from ..state import Document, Store
from . import (
    availabilities,
    cosell,
    drafts,
    leads,
    listings,
    packages,
    products,
    resellers,
    supplements,
    variants,
)
from .configurations import CONFIGURATIONS
from .media import ASSETS, IMAGES, VIDEOS, Media
from .offers import AUDIENCES, PROPERTIES

__all__ = ["SERVICE"]

P = "/products/{product}"
EXPAND = ("$expand",)


INSTANCE = "getByInstanceID(instanceID={instance})"
SINGLE = ("setup", "resellerconfiguration", "leadconfiguration")
KINDS = {collection.lower(): kind for kind, collection in drafts.COLLECTIONS.items()} | {
    "coselllisting": "coselllisting"  # its path is no plural
}
BELOW_LISTINGS = {media.path: media.kind for media in (ASSETS, IMAGES, VIDEOS)}


def locate(store: Store, path: str) -> Document | None:
    """The document at a path below the base as the API addresses it, None where there is none."""
    parts = path.strip("/").lower().split("/")
    if len(parts) == 2 and parts[0] == "products":
        return store.find("product", parts[1])
    if len(parts) == 3 and parts[2] in SINGLE:
        found = store.select(parts[2], product=parts[1], stage="draft")
        return found[0] if found else None
    document = None
    if len(parts) == 4:
        document = store.find(KINDS.get(parts[2], ""), parts[3])
    if len(parts) == 6 and parts[2] == "listings":
        document = store.find(BELOW_LISTINGS.get(parts[4], ""), parts[5])
        if document is not None and document.natural_key != parts[3]:
            return None
    return document if document is not None and document.product == parts[1] else None


def _media(media: Media) -> tuple[Operation, ...]:
    all_of_them, one = (
        f"{P}/listings/{{listing}}/{media.path}",
        f"{P}/listings/{{listing}}/{media.path}/{{id}}",
    )
    return (
        Operation("GET", all_of_them, media.list, EXPAND),
        Operation("POST", all_of_them, media.create),
        Operation("GET", one, media.get, EXPAND),
        Operation("PUT", one, media.replace),
        Operation("DELETE", one, media.delete),
    )


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
        Operation("GET", f"{P}/productavailabilities", AUDIENCES.list_drafts),
        Operation("POST", f"{P}/productavailabilities", AUDIENCES.create),
        Operation("GET", f"{P}/productavailabilities/{{id}}", AUDIENCES.get),
        Operation("PUT", f"{P}/productavailabilities/{{id}}", AUDIENCES.replace),
        Operation("GET", f"{P}/productAvailabilities/{INSTANCE}", AUDIENCES.list),
        Operation("GET", f"{P}/properties", PROPERTIES.list_drafts),
        Operation("POST", f"{P}/properties", PROPERTIES.create),
        Operation("GET", f"{P}/properties/{{id}}", PROPERTIES.get),
        Operation("PUT", f"{P}/properties/{{id}}", PROPERTIES.replace),
        Operation("GET", f"{P}/properties/{INSTANCE}", PROPERTIES.list),
        Operation("GET", f"{P}/listings/getByInstanceID(instanceID={{instance}})", listings.list_listings),
        Operation(
            "POST", f"{P}/listings/createWithInstanceID(instanceID={{instance}})", listings.create_listing
        ),
        Operation("GET", f"{P}/listings/{{listing}}", listings.get_listing),
        Operation("PUT", f"{P}/listings/{{listing}}", listings.replace_listing),
        Operation("DELETE", f"{P}/listings/{{listing}}", listings.delete_listing),
        *_media(ASSETS),
        *_media(IMAGES),
        *_media(VIDEOS),
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
        Operation("GET", f"{P}/packages", packages.list_packages),
        Operation("POST", f"{P}/packages", packages.create_package),
        Operation("GET", f"{P}/packages/{{id}}", packages.get_package),
        Operation("PUT", f"{P}/packages/{{id}}", packages.replace_package),
        Operation("DELETE", f"{P}/packages/{{id}}", packages.delete_package),
        Operation("GET", f"{P}/packageconfigurations/{{id}}", CONFIGURATIONS.get),
        Operation("PUT", f"{P}/packageconfigurations/{{id}}", CONFIGURATIONS.replace),
        Operation("GET", f"{P}/packageConfigurations/{INSTANCE}", CONFIGURATIONS.list),
        Operation("GET", f"{P}/leadconfiguration", leads.get_lead),
        Operation("POST", f"{P}/leadconfiguration", leads.save_lead),
        Operation("GET", f"{P}/resellerConfiguration", resellers.get_reseller),
        Operation("POST", f"{P}/resellerConfiguration", resellers.save_reseller),
        Operation("GET", f"{P}/supplementalcontents/{INSTANCE}", supplements.list_contents),
        Operation("GET", f"{P}/supplementalContents/{{id}}", supplements.get_content),
        Operation("PUT", f"{P}/supplementalContents/{{id}}", supplements.replace_content),
        Operation("POST", f"{P}/supplementalContents/{{id}}/commit", supplements.commit_content),
        Operation("GET", f"{P}/cosellListing/{{id}}", cosell.LISTINGS.get),
        Operation("PUT", f"{P}/cosellListing/{{id}}", cosell.LISTINGS.replace),
        Operation("GET", f"{P}/cosellListing/{INSTANCE}", cosell.LISTINGS.list),
        Operation("GET", f"{P}/cosellAssets", cosell.list_drafts),
        Operation("POST", f"{P}/cosellAssets", cosell.create_asset),
        Operation("GET", f"{P}/cosellAssets/{INSTANCE}", cosell.list_assets),
        Operation("GET", f"{P}/cosellAssets/{{id}}", cosell.get_asset),
        Operation("PUT", f"{P}/cosellAssets/{{id}}", cosell.replace_asset),
        Operation("DELETE", f"{P}/cosellAssets/{{id}}", cosell.delete_asset),
    ),
    collections=drafts.COLLECTIONS,
    locate=locate,
)
