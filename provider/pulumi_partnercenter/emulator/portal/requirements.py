"""What a draft needs for its publication, and what may not change after it. Texts are inferred.

Required members and limits are those of the portal's own forms, as documented. They are known for offers of virtual
machines; of applications, only what all offers of the marketplace have is checked, and nothing of other types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..state import Document, Store
from . import offers, price_rules
from .offer_schema import APPLICATION, CORE_VM, MARKETPLACE, TEST_DRIVE, VM

__all__ = ["IMAGES", "find_missing_images", "find_problems", "has_test_drive", "is_private"]

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
PLAN_ID = re.compile(r"[a-z0-9]([a-z0-9_-]{0,48}[a-z0-9_])?")
VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
LOGOS = ("smallLogo", "mediumLogo", "largeLogo", "wideLogo")
LISTING = {
    "title": 50,
    "summary": 100,
    "longSummary": 256,
    "description": 3000,
    "offerMarketingUrlIdentifier": 50,
}
"""Required texts of the listing and their longest lengths."""
CONTACTS = tuple(
    f"{kind}Contact{detail}" for kind in ("engineering", "support") for detail in ("Name", "Email", "Phone")
)
PLAN_TEXTS = {
    "skuTitle": 50,
    "skuSummary": 100,
    "skuDescription": 3000,
    "operatingSystemFamily": 50,
    "operationSystem": 200,
}
MOST_SUBSCRIPTIONS, MOST_MANUAL_ENTRIES, MOST_SIZES, MOST_DISKS, MOST_SCREENSHOTS = 100, 10, 6, 15, 5
LONGEST_ID, LONGEST_LABEL = 50, 50
IMAGES = {VM: f"{VM}.vmImages", CORE_VM: f"{CORE_VM}.vmImagesPublicAzure"}
"""Member with the image versions of a plan, by the type of its offer."""


def has_test_drive(offer: Document) -> bool:
    return bool(offer.body["definition"]["offer"].get(f"{TEST_DRIVE}.enabled"))


def find_problems(store: Store, offer: Document) -> list[str]:
    """Return why the draft cannot be published, empty if it can."""
    offer_type, definition = offer.body["offerTypeId"].lower(), offer.body["definition"]
    problems: list[str] = []
    if offer_type in (VM, APPLICATION):
        problems += _find_listing_problems(definition["offer"])
    if not definition["plans"]:
        problems.append("The offer has no plan.")
    if offer_type == VM:
        for plan in definition["plans"]:
            problems += [f"Plan {plan['planId']} {problem}." for problem in _find_plan_problems(plan)]
    return [*problems, *_find_changes(store, offer)]


def find_missing_images(content: Document) -> list[str]:
    """Return the messages of certification about plans without an image."""
    name = IMAGES.get(content.body["offerTypeId"].lower())
    return [
        f"No virtual machine image was found for the plan {plan['planId']}."
        for plan in content.body["definition"]["plans"]
        if name and not _has_image(plan.get(name))
    ]


def _has_image(images: Any) -> bool:
    """Whether every version has a disk, and there is one."""
    if not isinstance(images, dict) or not images:
        return False
    return all(isinstance(image, dict) and image.get("osVhdUrl") for image in images.values())


def _find_listing_problems(offer: Mapping[str, Any]) -> Iterator[str]:
    values = {
        name.removeprefix(f"{MARKETPLACE}."): value
        for name, value in offer.items()
        if name.startswith(f"{MARKETPLACE}.")
    }
    required = [*LISTING, *LOGOS, "privacyURL", *CONTACTS, "allowedSubscriptions"]
    if not values.get("useEnterpriseContract"):
        required.append("termsOfUse")
    if not values.get("categories"):
        required.append("categoryMap")
    for name in required:
        if not values.get(name):
            yield f"The property '{MARKETPLACE}.{name}' is required."
    for name, most in LISTING.items():
        if len(values.get(name) or "") > most:
            yield f"The property '{MARKETPLACE}.{name}' is longer than {most} characters."
    subscriptions = values.get("allowedSubscriptions") or []
    if len(subscriptions) > MOST_SUBSCRIPTIONS or not all(GUID.fullmatch(id) for id in subscriptions):
        yield f"The property '{MARKETPLACE}.allowedSubscriptions' must be 1 to {MOST_SUBSCRIPTIONS} GUIDs."
    if len(values.get("screenshots") or []) > MOST_SCREENSHOTS:
        yield f"The property '{MARKETPLACE}.screenshots' has more than {MOST_SCREENSHOTS} items."


def _find_plan_problems(plan: Mapping[str, Any]) -> Iterator[str]:
    if len(plan["planId"]) > LONGEST_ID or not PLAN_ID.fullmatch(plan["planId"]):
        yield "has an id other than at most 50 lowercase letters, digits and dashes"
    for name, most in PLAN_TEXTS.items():
        if len(plan.get(f"{VM}.{name}", "")) > most:
            yield f"has a {name} of more than {most} characters"
    required = [*PLAN_TEXTS, "cloudAvailability", "recommendedVMSizes"]
    yield from (f"has no {name}" for name in required if not plan.get(f"{VM}.{name}"))
    # A boolean, which may be false.
    present = ("hideSKUForSolutionTemplate",)
    yield from (f"has no {name}" for name in present if f"{VM}.{name}" not in plan)
    if len(plan.get(f"{VM}.recommendedVMSizes", [])) > MOST_SIZES:
        yield f"recommends more than {MOST_SIZES} sizes"
    if plan.get(f"{VM}.operatingSystemFamily", "") not in ("", "Windows", "Linux"):
        yield "has an operatingSystemFamily other than Windows or Linux"
    if not plan.get("regions"):
        yield "has no regions"
    yield from price_rules.find_incomplete_prices(plan)
    yield from _find_audience_problems(plan.get("restrictedAudience", {}))
    yield from _find_image_problems(plan.get(f"{VM}.vmImages", {}))


def _find_audience_problems(audience: Mapping[str, Any]) -> Iterator[str]:
    entries = audience.get("manualEntries", [])
    if entries and audience.get("uploadedCsvUri"):
        yield "has both a list and a file of its private audience"
    if len(entries) > MOST_MANUAL_ENTRIES:
        yield f"has more than {MOST_MANUAL_ENTRIES} entries in its private audience"
    for entry in entries:
        if entry.get("type") != "subscriptionId" or not GUID.fullmatch(entry.get("id", "")):
            yield "has an entry in its private audience that is no subscription"


def _find_image_problems(images: Mapping[str, Any]) -> Iterator[str]:
    for version, image in images.items():
        if not VERSION.fullmatch(version):
            yield f"has the image version {version}, which is not of the form X.Y.Z"
        if len(image.get("lunVhdDetails", [])) > MOST_DISKS:
            yield f"has more than {MOST_DISKS} data disks in version {version}"
        if len(image.get("label", "")) > LONGEST_LABEL:
            yield f"has a label of more than {LONGEST_LABEL} characters in version {version}"


# --- Changes after publication


def _find_changes(store: Store, offer: Document) -> Iterator[str]:
    """Yield the differences from production that a publication may not have."""
    production = offers.find_slot(store, offer, "production")
    if production is None:
        return
    was, is_now = production.body["definition"], offer.body["definition"]
    hero = f"{MARKETPLACE}.heroLogo"
    if was["offer"].get(hero) and not is_now["offer"].get(hero):
        yield f"The property '{hero}' cannot be removed."
    lives = store.select(offers.VERSION, scope=offer.scope, stage="live")
    drafts = {plan["planId"].lower(): plan for plan in is_now["plans"]}
    for before in was["plans"]:
        id = before["planId"]
        plan = drafts.get(id.lower())
        if plan is None:
            yield f"Plan {id} is published and cannot be removed."
            continue
        published = [
            copy
            for live in lives
            for copy in live.body["definition"]["plans"]
            if copy["planId"].lower() == id.lower()
        ]
        if offer.body["offerTypeId"].lower() == VM:
            changes = _find_plan_changes(plan, before, published or [before])
            yield from (f"Plan {id} {change}." for change in changes)


def _find_plan_changes(
    plan: Mapping[str, Any], before: Mapping[str, Any], published: list[Mapping[str, Any]]
) -> Iterator[str]:
    if price_rules.is_byol(plan) != price_rules.is_byol(before):
        yield "changes its licence model"
    if is_private(plan) and not is_private(before):
        yield "is public and cannot become private"
    counts = _disk_counts(before)
    if counts and any(count not in counts for count in _disk_counts(plan)):
        yield "changes its number of data disks"
    yield from price_rules.find_price_changes(plan, published)


def is_private(plan: Mapping[str, Any]) -> bool:
    """Whether only an audience of its own sees the plan."""
    audience = plan.get("restrictedAudience")
    return isinstance(audience, dict) and bool(
        audience.get("manualEntries") or audience.get("uploadedCsvUri")
    )


def _disk_counts(plan: Mapping[str, Any]) -> set[int]:
    images = plan.get(f"{VM}.vmImages")
    return (
        {len(image.get("lunVhdDetails", [])) for image in images.values()}
        if isinstance(images, dict)
        else set()
    )
