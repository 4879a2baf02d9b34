"""What the service changes of a document between a write and a read: defaults, aliases, members that it drops."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .offer_schema import APPLICATION, CORE_VM, LEAD_CONFIGURATIONS, MARKETPLACE, OWN_TEXTS, TEST_DRIVE, VM

__all__ = ["hide", "normalise"]

SECRET = re.compile(r"(connectionstring|password|secret|(?<!public)key)$", re.IGNORECASE)
"""Names of members that no answer has."""
MARKETPLACE_DEFAULTS: Mapping[str, Any] = {
    f"{MARKETPLACE}.categories": [],
    f"{MARKETPLACE}.useEnterpriseContract": False,
    f"{MARKETPLACE}.universalAmendmentTerms": "",
    f"{MARKETPLACE}.customAmendments": None,
    f"{TEST_DRIVE}.enabled": False,
    f"{TEST_DRIVE}.videos": [],
    f"{TEST_DRIVE}.description": None,
    f"{TEST_DRIVE}.accessInformation": None,
    f"{TEST_DRIVE}.userManual": "",
}
MIGRATED_PLAN_DEFAULTS: Mapping[str, Any] = {
    **dict.fromkeys(
        (
            f"{VM}.supportsAcceleratedNetworking",
            f"{VM}.supportsCloudInit",
            f"{VM}.supportsBackup",
            f"{VM}.supportsHibernation",
            f"{VM}.supportsNVMe",
            f"{VM}.isNetworkVirtualAppliance",
            f"{VM}.isLockedDown",
            f"{VM}.isCustomArmTemplateRequired",
        ),
        False,
    ),
    f"{VM}.supportsExtensions": True,
    f"{VM}.allowOnlyManagedDiskDeployments": True,
    f"{VM}.generation": "1",
    f"{VM}.patchOptions": {"supportsHotpatch": False},
}
WINDOWS_OS_TYPE, OS_TYPE = f"{VM}.windowsOSType", f"{VM}.osType"
PRICING, PRICING_V2 = "virtualMachinePricing", "virtualMachinePricingV2"
MIGRATED_CORE_VM = ("legacyOfferId", "legacyPublisherId")


def normalise(offer_type: str, definition: Mapping[str, Any], *, is_migrated: bool) -> dict[str, Any]:
    """Return a definition as the service stores it. Names of members are sorted: their order is not preserved."""
    offer = {**_offer_defaults(offer_type), **definition.get("offer", {})}
    if is_migrated:
        offer.pop(f"{MARKETPLACE}.heroLogo", None)
        if offer.get(f"{MARKETPLACE}.customAmendments") == {}:
            offer[f"{MARKETPLACE}.customAmendments"] = None
    plans = [
        _normalise_plan(offer_type, plan, is_migrated=is_migrated) for plan in definition.get("plans", [])
    ]
    rest = {name: value for name, value in definition.items() if name not in ("offer", "plans")}
    return {**rest, "offer": dict(sorted(offer.items())), "plans": plans}


def _offer_defaults(offer_type: str) -> dict[str, Any]:
    prefix = CORE_VM if offer_type == CORE_VM else MARKETPLACE
    if offer_type not in (VM, APPLICATION, CORE_VM):
        return {}
    leads: dict[str, Any] = {f"{prefix}.{name}": {} for name in LEAD_CONFIGURATIONS}
    leads[f"{prefix}.leadNotificationEmails"] = ""
    if offer_type == CORE_VM:
        return leads
    return {**leads, **MARKETPLACE_DEFAULTS, **{f"{offer_type}.{name}": "" for name in OWN_TEXTS}}


def _normalise_plan(offer_type: str, plan: Mapping[str, Any], *, is_migrated: bool) -> dict[str, Any]:
    stored = dict(plan)
    if offer_type == CORE_VM:
        stored.setdefault("diskGenerations", [])
    elif offer_type == VM:
        stored.setdefault(f"{VM}.certificationsFairfax", [])
        if is_migrated:
            stored = {**MIGRATED_PLAN_DEFAULTS, **stored, f"{VM}.legacyPlanId": plan["planId"]}
            if WINDOWS_OS_TYPE in stored:
                stored.setdefault(OS_TYPE, stored[WINDOWS_OS_TYPE])
                del stored[WINDOWS_OS_TYPE]
            if PRICING in stored:
                stored.setdefault(PRICING_V2, stored[PRICING])
    return dict(sorted(stored.items()))


def hide(
    definition: Mapping[str, Any], *, hides_prices: bool = False, hides_windows_type: bool = False
) -> dict[str, Any]:
    """Return a stored definition without its secrets; without prices by region and the alias of a type if asked."""
    offer = {name: _hide_secrets(name, value) for name, value in definition["offer"].items()}
    offer = {
        name: value
        for name, value in offer.items()
        if not (name.startswith(f"{TEST_DRIVE}.") and SECRET.search(name))
    }
    plans = [
        {
            name: _hide_prices(name, value) if hides_prices else value
            for name, value in plan.items()
            if not (hides_windows_type and name == WINDOWS_OS_TYPE)
        }
        for plan in definition["plans"]
    ]
    return {**definition, "offer": offer, "plans": plans}


def _hide_secrets(name: str, value: Any) -> Any:
    if not name.endswith("LeadConfiguration") or not isinstance(value, dict):
        return value
    return {member: item for member, item in value.items() if not SECRET.search(member)}


def _hide_prices(name: str, value: Any) -> Any:
    if name not in (PRICING, PRICING_V2) or not isinstance(value, dict):
        return value
    return {member: item for member, item in value.items() if member != "regionPrices"}
