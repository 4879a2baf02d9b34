"""Types of the submission API's documents, and the documents that the service itself creates.

"Captured" documents are exact, from recorded traffic; the others are inferred. `schemas.py` has the members of types.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ..binding import order_members
from .schemas import LISTING

__all__ = [
    "BUSINESS_CENTRAL",
    "DYNAMICS",
    "LISTED_ONLY",
    "MARKETS",
    "OFFER_TYPES",
    "fresh",
    "fresh_branch",
    "fresh_setup",
    "kind",
    "offer_modules",
    "resource_types",
]

BUSINESS_CENTRAL = "AzureDynamics365BusinessCentral"
CUSTOMER_ENGAGEMENT, OPERATIONS = "AzureDynamics365ForCustomerEngagement", "AzureDynamics365ForOperations"
DYNAMICS = (BUSINESS_CENTRAL, CUSTOMER_ENGAGEMENT, OPERATIONS)
"""Types with markets of the offer itself, and with other answers about submissions: as clients of Business Central
report; for the other two inferred."""
LISTED_ONLY = (BUSINESS_CENTRAL, OPERATIONS)
"""Types that Microsoft never sells, so that they have no plans (documented for the portal)."""

# The 141 markets of commercial-marketplace offers, from the public documentation.
MARKETS: tuple[str, ...] = tuple(
    """
    AD AE AF AL AM AO AR AT AU AZ BA BB BD BE BG BH BM BN BO BR BW BY BZ CA CH CI CL CM CO CR CV CW CY
    CZ DE DK DO DZ EC EE EG ES ET FI FJ FO FR GB GE GH GR GT HK HN HR HU ID IE IL IN IQ IS IT JM JO JP
    KE KG KN KR KW KY KZ LB LI LK LT LU LV LY MA MC MD ME MK MN MO MT MU MX MY NA NG NI NL NO NP NZ OM
    PA PE PH PK PL PR PS PT PY QA RO RS RU RW SA SE SG SI SK SN SV TH TJ TM TN TR TT TW TZ UA UG US UY
    UZ VA VE VI VN YE ZA ZM ZW
    """.split()  # noqa: SIM905 - 141 quoted literals would be a page
)

# The technical configuration of the offer itself, by offer type; types that are not listed have none.
OFFER_CONFIGURATIONS = {
    "AzureApplication": "AzureApplicationPackageConfiguration",
    "SoftwareAsAService": "AzureSoftwareAsAServicePackageConfiguration",
    BUSINESS_CENTRAL: "Dynamics365BusinessCentralPackageConfiguration",
    CUSTOMER_ENGAGEMENT: "Dynamics365CustomerEngagementPackageConfiguration",
    OPERATIONS: "Dynamics365OperationsPackageConfiguration",
}
PLAN_CONFIGURATIONS = {
    "solution-template": "AzureSolutionTemplatePackageConfiguration",
    "managed-application": "AzureManagedApplicationPackageConfiguration",
    "testdrive": "AzureResourceManagerTestDrivePackageConfiguration",
}

# Without the types of the Store's applications, which this emulator does not have.
OFFER_TYPES = (
    "AzureApplication",
    "AzureDeveloperService",
    "AzureThirdPartyVirtualMachine",
    "AzureContainer",
    "AzureVisualStudioExtension",
    *DYNAMICS,
    "SoftwareAsAService",
    "AzureConsultingService",
    "AzureIoTEdgeModule",
    "AzureManagedService",
    "AzurePowerBIApp",
    "AzurePowerBIVisual",
)


def offer_modules(offer_type: str) -> tuple[str, ...]:
    """Return the modules with an offer-level branch (the last three: inferred).

    Offers of Business Central have no page for resellers (documented).
    """
    reseller = () if offer_type == BUSINESS_CENTRAL else ("ResellerConfiguration",)
    supplement = ("SupplementalContent",) if offer_type in DYNAMICS else ()
    return ("Availability", "Property", "Listing", "Package", *reseller, "Cosell", *supplement)


def resource_types(module: str, offer_type: str, sub_type: str, *, plan: bool) -> tuple[str, ...]:
    """Return the types of the documents behind a branch."""
    if module == "Package":
        configuration = PLAN_CONFIGURATIONS.get(sub_type) if plan else OFFER_CONFIGURATIONS.get(offer_type)
        return (configuration,) if configuration else ()
    if module == "Availability":
        if plan:
            return ("FeatureAvailability",)
        markets = ("FeatureAvailability",) if offer_type in DYNAMICS else ()
        return ("ProductAvailability", *markets)
    names = {"Listing": "AzureListing", "Property": "AzureProperty", "Cosell": "CosellListing"}
    return (names.get(module, module),)


def kind(resource_type: str) -> str:
    """Return the kind under which documents of a type are stored: the singular of their path segment, in lower case."""
    if resource_type.endswith("PackageConfiguration"):
        return "packageconfiguration"
    return resource_type.removeprefix("Azure").lower()


def fresh_setup(offer_type: str) -> dict[str, Any]:
    """Return a new setup. Captured for applications, machines and containers; inferred for the other types.

    Clients of Business Central rely on `packageType`; its first value is inferred.
    """
    reseller = "Enabled" if offer_type == "AzureContainer" else "Disabled"
    is_central = offer_type == BUSINESS_CENTRAL
    setup = {
        "resourceType": "AzureProductSetup",
        "sellingOption": "ListingOnly" if offer_type in DYNAMICS else "ListAndSell",
        "trialUri": "",
        "enableTestDrive": False,
        "channelStates": [] if is_central else [{"type": "Reseller", "value": reseller}],
    }
    return {**setup, "packageType": "AddOn"} if is_central else setup


def fresh_branch(module: str, instance: str, variant: str) -> dict[str, Any]:
    """Return a new branch. Captured. Offer-level branches have no `variantID` member."""
    branch = {
        "resourceType": "Branch",
        "friendlyName": "Main",
        "type": "Main",
        "module": module,
        "currentDraftInstanceID": instance,
    }
    return {**branch, "variantID": variant} if variant else branch


def fresh(resource_type: str, title: str | None, submission_version: str) -> dict[str, Any]:
    """Return a new draft of a type, without etag and id; `title` and `submission_version` if the type has them.

    Listings are captured; all others are inferred from documented members.
    """
    document = {"resourceType": resource_type, **copy.deepcopy(FRESH.get(resource_type, {}))}
    if resource_type == "AzureListing" and title is not None:
        document["title"] = title
    if resource_type == "AzureProperty":
        document["submissionVersion"] = submission_version
    return order_members(LISTING, document) if resource_type == "AzureListing" else document


FRESH: Mapping[str, dict[str, Any]] = {
    "AzureListing": {
        "listingUris": [],
        "listingContacts": [],
        "gettingStartedInstructions": "",
        "languageCode": "en-us",
        "keywords": [],
    },
    "FeatureAvailability": {
        "visibility": "Public",
        "isHidden": False,
        "properties": [],
        "subscriptionAudiences": [],
        "tenantAudiences": [],
        "customMeters": [],
        "marketStates": [{"marketCode": code, "state": "Disabled"} for code in MARKETS],
        "priceSchedules": [],
        "trial": {"type": "NoTrial"},
    },
    "ProductAvailability": {"visibility": "Public", "audiences": []},
    "AzureProperty": {
        "industries": [],
        "leveledIndustries": {},
        "leveledCategories": {},
        "categories": [],
        "additionalCategories": [],
        "applicableProducts": [],
        "hideKeys": [],
        "productTags": [],
        "submissionVersion": "",
        "appVersion": "",
        "useEnterpriseContract": False,
        "termsOfUse": "",
        "globalAmendmentTerms": None,
        "customAmendments": [],
        "extendedProperties": [],
        "marketingOnlyChange": False,
    },
    "AzureManagedApplicationPackageConfiguration": {
        "allowJitAccess": False,
        "canEnableCustomerActions": False,
        "allowedCustomerActions": [],
        "azureGovernmentAuthorizations": [],
        "publicAzureAuthorizations": [],
        "policies": [],
        "packageReferences": [],
        "publisherManagementMode": "Managed",
        "customerAccessEnableState": "Disabled",
    },
    "AzureSolutionTemplatePackageConfiguration": {"packageReferences": []},
    # As users of its clients print it; the first value is inferred.
    "Dynamics365BusinessCentralPackageConfiguration": {"packageType": "AddOn", "packageReferences": []},
    "ResellerConfiguration": {"resellerChannelState": "Disabled", "tenantIds": []},
}
