"""The submission API: its 78 operations, all emulated; `operations.py` has the table of them.

Documents are stored under the kinds of `drafts.COLLECTIONS`. `scopes.py` says what their scopes are.
"""

from __future__ import annotations

from ..service import EmulatedService, Operation
from . import (
    automaton,
    availabilities,
    control,
    cosell,
    drafts,
    errors,
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
from .portal import PORTAL
from .scopes import describe_scope

__all__ = ["SERVICE"]

P = "/products/{product}"
EXPAND = ("$expand",)


INSTANCE = "getByInstanceID(instanceID={instance})"
NEW_IN_INSTANCE = "createWithInstanceID(instanceID={instance})"
ALL_ASSETS, ALL_IMAGES, ALL_VIDEOS = (
    f"listings/{{listing}}/{media.path}" for media in (ASSETS, IMAGES, VIDEOS)
)
SERVICE = EmulatedService(
    name="submission",
    base="/v1.0/ingestion",
    audiences=("https://api.partner.microsoft.com",),
    operations=(
        Operation("recorded", "GET", "/products", products.list_products, ("$filter", "$skipToken")),
        Operation("recorded", "POST", "/products", products.create_product),
        Operation("documented", "GET", P, products.get_product),
        Operation("recorded", "DELETE", P, products.delete_product),
        Operation("recorded", "GET", f"{P}/setup", products.get_setup),
        Operation("recorded", "POST", f"{P}/setup", products.save_setup),
        Operation("recorded", "GET", f"{P}/branches/getByModule(module={{module}})", products.list_branches),
        Operation("documented", "GET", f"{P}/productavailabilities", AUDIENCES.list_drafts),
        Operation("documented", "POST", f"{P}/productavailabilities", AUDIENCES.create),
        Operation("documented", "GET", f"{P}/productavailabilities/{{id}}", AUDIENCES.get),
        Operation("documented", "PUT", f"{P}/productavailabilities/{{id}}", AUDIENCES.replace),
        Operation("documented", "GET", f"{P}/productAvailabilities/{INSTANCE}", AUDIENCES.list),
        Operation("documented", "GET", f"{P}/properties", PROPERTIES.list_drafts, ("branchId",)),
        Operation("documented", "POST", f"{P}/properties", PROPERTIES.create),
        Operation("documented", "GET", f"{P}/properties/{{id}}", PROPERTIES.get),
        Operation("documented", "PUT", f"{P}/properties/{{id}}", PROPERTIES.replace),
        Operation("documented", "GET", f"{P}/properties/{INSTANCE}", PROPERTIES.list),
        Operation("documented", "GET", f"{P}/listings/{{listing}}", listings.get_listing),
        Operation("recorded", "PUT", f"{P}/listings/{{listing}}", listings.replace_listing),
        Operation("documented", "DELETE", f"{P}/listings/{{listing}}", listings.delete_listing),
        Operation("recorded", "GET", f"{P}/listings/{INSTANCE}", listings.list_listings),
        Operation("documented", "POST", f"{P}/listings/{NEW_IN_INSTANCE}", listings.create_listing),
        Operation("documented", "GET", f"{P}/{ALL_ASSETS}", ASSETS.list, EXPAND),
        Operation("documented", "POST", f"{P}/{ALL_ASSETS}", ASSETS.create),
        Operation("documented", "GET", f"{P}/{ALL_ASSETS}/{{id}}", ASSETS.get, EXPAND),
        Operation("documented", "DELETE", f"{P}/{ALL_ASSETS}/{{id}}", ASSETS.delete),
        Operation("documented", "PUT", f"{P}/{ALL_ASSETS}/{{id}}", ASSETS.replace),
        Operation("recorded", "GET", f"{P}/{ALL_IMAGES}", IMAGES.list, EXPAND),
        Operation("recorded", "POST", f"{P}/{ALL_IMAGES}", IMAGES.create),
        Operation("documented", "GET", f"{P}/{ALL_IMAGES}/{{id}}", IMAGES.get, EXPAND),
        Operation("recorded", "PUT", f"{P}/{ALL_IMAGES}/{{id}}", IMAGES.replace),
        Operation("recorded", "DELETE", f"{P}/{ALL_IMAGES}/{{id}}", IMAGES.delete),
        Operation("documented", "GET", f"{P}/{ALL_VIDEOS}", VIDEOS.list, EXPAND),
        Operation("documented", "POST", f"{P}/{ALL_VIDEOS}", VIDEOS.create),
        Operation("documented", "GET", f"{P}/{ALL_VIDEOS}/{{id}}", VIDEOS.get, EXPAND),
        Operation("documented", "PUT", f"{P}/{ALL_VIDEOS}/{{id}}", VIDEOS.replace),
        Operation("documented", "DELETE", f"{P}/{ALL_VIDEOS}/{{id}}", VIDEOS.delete),
        Operation("recorded", "GET", f"{P}/variants", variants.list_variants, ("$skipToken",)),
        Operation("recorded", "POST", f"{P}/variants", variants.create_variant),
        Operation("documented", "GET", f"{P}/variants/{{variant}}", variants.get_variant),
        Operation("documented", "PUT", f"{P}/variants/{{variant}}", variants.replace_variant),
        Operation("recorded", "DELETE", f"{P}/variants/{{variant}}", variants.delete_variant),
        Operation(
            "documented",
            "GET",
            f"{P}/featureAvailabilities/{INSTANCE}",
            availabilities.list_availabilities,
            EXPAND,
        ),
        Operation(
            "documented",
            "GET",
            f"{P}/featureavailabilities/{{availability}}",
            availabilities.get_availability,
            EXPAND,
        ),
        Operation(
            "documented",
            "PUT",
            f"{P}/featureavailabilities/{{availability}}",
            availabilities.replace_availability,
            EXPAND,
        ),
        Operation("documented", "GET", f"{P}/packages", packages.list_packages),
        Operation("documented", "POST", f"{P}/packages", packages.create_package),
        Operation("documented", "GET", f"{P}/packages/{{id}}", packages.get_package),
        Operation("documented", "PUT", f"{P}/packages/{{id}}", packages.replace_package),
        Operation("documented", "DELETE", f"{P}/packages/{{id}}", packages.delete_package),
        Operation("documented", "GET", f"{P}/packageconfigurations/{{id}}", CONFIGURATIONS.get),
        Operation("documented", "PUT", f"{P}/packageconfigurations/{{id}}", CONFIGURATIONS.replace),
        Operation("documented", "GET", f"{P}/packageConfigurations/{INSTANCE}", CONFIGURATIONS.list),
        *submissions.OPERATIONS,
        Operation("documented", "GET", f"{P}/leadconfiguration", leads.get_lead),
        Operation("documented", "POST", f"{P}/leadconfiguration", leads.save_lead),
        Operation("documented", "GET", f"{P}/resellerConfiguration", resellers.get_reseller),
        Operation("documented", "POST", f"{P}/resellerConfiguration", resellers.save_reseller),
        Operation("documented", "GET", f"{P}/supplementalcontents/{INSTANCE}", supplements.list_contents),
        Operation("documented", "GET", f"{P}/supplementalContents/{{id}}", supplements.get_content),
        Operation("documented", "PUT", f"{P}/supplementalContents/{{id}}", supplements.replace_content),
        Operation(
            "documented", "POST", f"{P}/supplementalContents/{{id}}/commit", supplements.commit_content
        ),
        Operation("documented", "GET", f"{P}/cosellListing/{{id}}", cosell.LISTINGS.get),
        Operation("documented", "PUT", f"{P}/cosellListing/{{id}}", cosell.LISTINGS.replace),
        Operation("documented", "GET", f"{P}/cosellListing/{INSTANCE}", cosell.LISTINGS.list),
        Operation("documented", "GET", f"{P}/cosellAssets", cosell.list_drafts),
        Operation("documented", "POST", f"{P}/cosellAssets", cosell.create_asset),
        Operation("documented", "GET", f"{P}/cosellAssets/{INSTANCE}", cosell.list_assets),
        Operation("documented", "GET", f"{P}/cosellAssets/{{id}}", cosell.get_asset),
        Operation("documented", "PUT", f"{P}/cosellAssets/{{id}}", cosell.replace_asset),
        Operation("documented", "DELETE", f"{P}/cosellAssets/{{id}}", cosell.delete_asset),
    ),
    errors=errors,
    collections=drafts.COLLECTIONS,
    describe_scope=describe_scope,
    settle=automaton.settle_all,
    reset=control.reset,
    portal=PORTAL,
    control=control.ROUTES,
    decisions=control.DECISIONS,
)
