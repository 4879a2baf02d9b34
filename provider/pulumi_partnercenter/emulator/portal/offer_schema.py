"""Members of offer documents: envelope, virtual machine offers and their plans.

Documents are flat objects whose names have dots. The members of other offer types are undocumented and taken as they
are. Names come from the service's documentation and from fixtures of public clients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..binding import Keyed, Scalar, Schema

__all__ = [
    "APPLICATION",
    "CORE_VM",
    "LEAD_CONFIGURATIONS",
    "MARKETPLACE",
    "OWN_TEXTS",
    "TEST_DRIVE",
    "VM",
    "envelope",
]

VM, CORE_VM, APPLICATION = (
    "microsoft-azure-virtualmachines",
    "microsoft-azure-corevm",
    "microsoft-azure-applications",
)
MARKETPLACE, TEST_DRIVE = "microsoft-azure-marketplace", "microsoft-azure-marketplace-testdrive"
LEAD_CONFIGURATIONS = tuple(
    f"{name}LeadConfiguration" for name in ("table", "blob", "salesForce", "crm", "httpsEndpoint", "marketo")
)
ANY, BOOLEAN, INTEGER, NUMBER, STRING = (
    Scalar.ANY,
    Scalar.BOOLEAN,
    Scalar.INTEGER,
    Scalar.NUMBER,
    Scalar.STRING,
)
OBJECT = Keyed(ANY)
READ_ONLY = (
    "eTag",
    "version",
    "status",
    "changedTime",
    "pcMigrationStatus",
    "pcRedirectUri",
    "isvUpgradeRequest",
    "lockStatus",
    "offerTypeChanges",
    "pricingNotRecalculatedRegions",
    "offerTypeVersionsOverride",
    "offerTypeVersions",
)
"""Members that may be sent and are not stored."""
MARKETPLACE_TEXTS = (
    "title",
    "summary",
    "longSummary",
    "description",
    "offerMarketingUrlIdentifier",
    "smallLogo",
    "mediumLogo",
    "largeLogo",
    "wideLogo",
    "heroLogo",
    "leadDestination",
    "leadNotificationEmails",
    "privacyURL",
    "termsOfUse",
    "universalAmendmentTerms",
    "engineeringContactName",
    "engineeringContactEmail",
    "engineeringContactPhone",
    "supportContactName",
    "supportContactEmail",
    "supportContactPhone",
    "publicAzureSupportUrl",
    "fairfaxSupportUrl",
)
OFFER: Mapping[str, Schema] = {
    **{f"{MARKETPLACE}.{name}": STRING for name in MARKETPLACE_TEXTS},
    **{f"{MARKETPLACE}.{name}": OBJECT for name in LEAD_CONFIGURATIONS},
    f"{MARKETPLACE}.cspOfferOptIn": BOOLEAN,
    f"{MARKETPLACE}.useEnterpriseContract": BOOLEAN,
    f"{MARKETPLACE}.allowedSubscriptions": [STRING],
    f"{MARKETPLACE}.usefulLinks": [{"linkTitle": STRING, "linkUrl": STRING}],
    f"{MARKETPLACE}.categoryMap": [OBJECT],
    f"{MARKETPLACE}.categories": [STRING],
    f"{MARKETPLACE}.screenshots": [ANY],
    f"{MARKETPLACE}.videos": [ANY],
    f"{MARKETPLACE}.customAmendments": OBJECT,
    f"{TEST_DRIVE}.enabled": BOOLEAN,
}
"""Members of all offers of the marketplace."""
OWN_TEXTS = ("managerContactName", "managerContactEmail", "managerContactPhone", "gtmMaterials")
"""Members of an offer with the prefix of its type."""
PRICING: Mapping[str, Schema] = {
    "isByol": BOOLEAN,
    "freeTrialDurationInMonths": INTEGER,
    "coreMultiplier": {"currency": STRING, "single": NUMBER, "individually": Keyed(NUMBER)},
    "regionPrices": OBJECT,
    "spreadSheetPricing": {"uri": STRING},
}
IMAGE: Mapping[str, Schema] = {
    "osVhdUrl": STRING,
    "lunVhdDetails": [ANY],
    "label": STRING,
    "mediaName": STRING,
    "publishedDate": STRING,
    "description": STRING,
    "showInGui": BOOLEAN,
}
PLAN_TEXTS = (
    "legacyPlanId",
    "skuTitle",
    "skuSummary",
    "skuDescription",
    "operatingSystemFamily",
    "windowsOSType",
    "osType",
    "operationSystem",
    "operatingSystem",
    "generation",
)
PLAN_FLAGS = (
    "hideSKUForSolutionTemplate",
    "supportsAcceleratedNetworking",
    "supportsCloudInit",
    "supportsBackup",
    "supportsHibernation",
    "supportsNVMe",
    "isNetworkVirtualAppliance",
    "isLockedDown",
    "isCustomArmTemplateRequired",
    "requiresCustomARMTemplateForDeployment",
    "supportsExtensions",
    "allowOnlyManagedDiskDeployments",
)
PLAN: Mapping[str, Schema] = {
    "planId": STRING,
    **{f"{VM}.{name}": STRING for name in PLAN_TEXTS},
    **{f"{VM}.{name}": BOOLEAN for name in PLAN_FLAGS},
    f"{VM}.cloudAvailability": [STRING],
    f"{VM}.certificationsFairfax": [ANY],
    f"{VM}.recommendedVMSizes": [STRING],
    f"{VM}.openPorts": [ANY],
    f"{VM}.vmImages": Keyed(IMAGE),
    f"{VM}.patchOptions": OBJECT,
    "regions": [STRING],
    "virtualMachinePricing": PRICING,
    "virtualMachinePricingV2": PRICING,
    "restrictedAudience": {
        "manualEntries": [{"type": STRING, "id": STRING, "description": STRING}],
        "uploadedCsvUri": STRING,
    },
    "diskGenerations": [OBJECT],
}


def envelope(body: Mapping[str, Any]) -> Mapping[str, Schema]:
    """Return the schema of a document, by its offer type. Undocumented members of a kind are all taken."""
    definition: dict[str, Schema] = {"displayText": STRING, "offer": OBJECT, "plans": [OBJECT]}
    offer_type = str(body.get("offerTypeId", "")).lower()
    if offer_type in (VM, APPLICATION):
        own = {f"{offer_type}.{name}": STRING for name in OWN_TEXTS}
        prefixes = (TEST_DRIVE,) if offer_type == VM else (TEST_DRIVE, APPLICATION)
        definition["offer"] = {**_undocumented(body, prefixes), **OFFER, **own}
    if offer_type == VM:
        definition["plans"] = [PLAN]
    return {
        "publisherId": STRING,
        "offerTypeId": STRING,
        "id": STRING,
        "definition": definition,
        **dict.fromkeys(READ_ONLY, Scalar.IGNORED),
    }


def _undocumented(body: Mapping[str, Any], prefixes: Sequence[str]) -> Mapping[str, Schema]:
    """Return the schema of the offer's members with these prefixes."""
    definition = body.get("definition")
    offer = definition.get("offer") if isinstance(definition, dict) else None
    names = offer if isinstance(offer, dict) else ()
    return {name: ANY for name in names if name.startswith(tuple(f"{prefix}." for prefix in prefixes))}
