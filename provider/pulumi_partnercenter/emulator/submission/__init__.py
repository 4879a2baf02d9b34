"""The submission API: which operations are emulated. Everything else that is below its base answers 501.

All 78, and how each one is known: the table in `operations.py`.
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
    submissions,
    supplements,
    variants,
)
from .configurations import CONFIGURATIONS
from .media import ASSETS, IMAGES, VIDEOS
from .offers import AUDIENCES, PROPERTIES
from .scopes import product_of, within_product

__all__ = ["SERVICE"]

P = "/products/{product}"
EXPAND = ("$expand",)


INSTANCE = "getByInstanceID(instanceID={instance})"
NEW_IN_INSTANCE = "createWithInstanceID(instanceID={instance})"
ALL_ASSETS, ALL_IMAGES, ALL_VIDEOS = (
    f"listings/{{listing}}/{media.path}" for media in (ASSETS, IMAGES, VIDEOS)
)
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
        found = store.select(parts[2], **within_product(parts[1]), stage="draft")
        return found[0] if found else None
    document = None
    if len(parts) == 4:
        document = store.find(KINDS.get(parts[2], ""), parts[3])
    if len(parts) == 6 and parts[2] == "listings":
        document = store.find(BELOW_LISTINGS.get(parts[4], ""), parts[5])
        if document is not None and document.natural_key != parts[3]:
            return None
    return document if document is not None and product_of(document) == parts[1] else None


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
        Operation(8, "documented", "GET", f"{P}/productavailabilities", AUDIENCES.list_drafts),
        Operation(9, "documented", "POST", f"{P}/productavailabilities", AUDIENCES.create),
        Operation(10, "documented", "GET", f"{P}/productavailabilities/{{id}}", AUDIENCES.get),
        Operation(11, "documented", "PUT", f"{P}/productavailabilities/{{id}}", AUDIENCES.replace),
        Operation(12, "documented", "GET", f"{P}/productAvailabilities/{INSTANCE}", AUDIENCES.list),
        Operation(13, "documented", "GET", f"{P}/properties", PROPERTIES.list_drafts),
        Operation(14, "documented", "POST", f"{P}/properties", PROPERTIES.create),
        Operation(15, "documented", "GET", f"{P}/properties/{{id}}", PROPERTIES.get),
        Operation(16, "documented", "PUT", f"{P}/properties/{{id}}", PROPERTIES.replace),
        Operation(17, "documented", "GET", f"{P}/properties/{INSTANCE}", PROPERTIES.list),
        Operation(18, "documented", "GET", f"{P}/listings/{{listing}}", listings.get_listing),
        Operation(19, "recorded", "PUT", f"{P}/listings/{{listing}}", listings.replace_listing),
        Operation(20, "documented", "DELETE", f"{P}/listings/{{listing}}", listings.delete_listing),
        Operation(21, "recorded", "GET", f"{P}/listings/{INSTANCE}", listings.list_listings),
        Operation(22, "documented", "POST", f"{P}/listings/{NEW_IN_INSTANCE}", listings.create_listing),
        Operation(23, "documented", "GET", f"{P}/{ALL_ASSETS}", ASSETS.list, EXPAND),
        Operation(24, "documented", "POST", f"{P}/{ALL_ASSETS}", ASSETS.create),
        Operation(25, "documented", "GET", f"{P}/{ALL_ASSETS}/{{id}}", ASSETS.get, EXPAND),
        Operation(26, "documented", "DELETE", f"{P}/{ALL_ASSETS}/{{id}}", ASSETS.delete),
        Operation(27, "documented", "PUT", f"{P}/{ALL_ASSETS}/{{id}}", ASSETS.replace),
        Operation(28, "recorded", "GET", f"{P}/{ALL_IMAGES}", IMAGES.list, EXPAND),
        Operation(29, "recorded", "POST", f"{P}/{ALL_IMAGES}", IMAGES.create),
        Operation(30, "documented", "GET", f"{P}/{ALL_IMAGES}/{{id}}", IMAGES.get, EXPAND),
        Operation(31, "recorded", "PUT", f"{P}/{ALL_IMAGES}/{{id}}", IMAGES.replace),
        Operation(32, "recorded", "DELETE", f"{P}/{ALL_IMAGES}/{{id}}", IMAGES.delete),
        Operation(33, "documented", "GET", f"{P}/{ALL_VIDEOS}", VIDEOS.list, EXPAND),
        Operation(34, "documented", "POST", f"{P}/{ALL_VIDEOS}", VIDEOS.create),
        Operation(35, "documented", "GET", f"{P}/{ALL_VIDEOS}/{{id}}", VIDEOS.get, EXPAND),
        Operation(36, "documented", "PUT", f"{P}/{ALL_VIDEOS}/{{id}}", VIDEOS.replace),
        Operation(37, "documented", "DELETE", f"{P}/{ALL_VIDEOS}/{{id}}", VIDEOS.delete),
        Operation(38, "recorded", "GET", f"{P}/variants", variants.list_variants, ("$skipToken",)),
        Operation(39, "recorded", "POST", f"{P}/variants", variants.create_variant),
        Operation(40, "documented", "GET", f"{P}/variants/{{variant}}", variants.get_variant),
        Operation(41, "documented", "PUT", f"{P}/variants/{{variant}}", variants.replace_variant),
        Operation(42, "recorded", "DELETE", f"{P}/variants/{{variant}}", variants.delete_variant),
        Operation(
            43,
            "documented",
            "GET",
            f"{P}/featureAvailabilities/{INSTANCE}",
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
        Operation(46, "documented", "GET", f"{P}/packages", packages.list_packages),
        Operation(47, "documented", "POST", f"{P}/packages", packages.create_package),
        Operation(48, "documented", "GET", f"{P}/packages/{{id}}", packages.get_package),
        Operation(49, "documented", "PUT", f"{P}/packages/{{id}}", packages.replace_package),
        Operation(50, "documented", "DELETE", f"{P}/packages/{{id}}", packages.delete_package),
        Operation(51, "documented", "GET", f"{P}/packageconfigurations/{{id}}", CONFIGURATIONS.get),
        Operation(52, "documented", "PUT", f"{P}/packageconfigurations/{{id}}", CONFIGURATIONS.replace),
        Operation(53, "documented", "GET", f"{P}/packageConfigurations/{INSTANCE}", CONFIGURATIONS.list),
        *submissions.OPERATIONS,
        Operation(62, "documented", "GET", f"{P}/leadconfiguration", leads.get_lead),
        Operation(63, "documented", "POST", f"{P}/leadconfiguration", leads.save_lead),
        Operation(64, "documented", "GET", f"{P}/resellerConfiguration", resellers.get_reseller),
        Operation(65, "documented", "POST", f"{P}/resellerConfiguration", resellers.save_reseller),
        Operation(66, "documented", "GET", f"{P}/supplementalcontents/{INSTANCE}", supplements.list_contents),
        Operation(67, "documented", "GET", f"{P}/supplementalContents/{{id}}", supplements.get_content),
        Operation(68, "documented", "PUT", f"{P}/supplementalContents/{{id}}", supplements.replace_content),
        Operation(
            69, "documented", "POST", f"{P}/supplementalContents/{{id}}/commit", supplements.commit_content
        ),
        Operation(70, "documented", "GET", f"{P}/cosellListing/{{id}}", cosell.LISTINGS.get),
        Operation(71, "documented", "PUT", f"{P}/cosellListing/{{id}}", cosell.LISTINGS.replace),
        Operation(72, "documented", "GET", f"{P}/cosellListing/{INSTANCE}", cosell.LISTINGS.list),
        Operation(73, "documented", "GET", f"{P}/cosellAssets", cosell.list_drafts),
        Operation(74, "documented", "POST", f"{P}/cosellAssets", cosell.create_asset),
        Operation(75, "documented", "GET", f"{P}/cosellAssets/{INSTANCE}", cosell.list_assets),
        Operation(76, "documented", "GET", f"{P}/cosellAssets/{{id}}", cosell.get_asset),
        Operation(77, "documented", "PUT", f"{P}/cosellAssets/{{id}}", cosell.replace_asset),
        Operation(78, "documented", "DELETE", f"{P}/cosellAssets/{{id}}", cosell.delete_asset),
    ),
    collections=drafts.COLLECTIONS,
    locate=locate,
)
