"""Types of the submission API: the members that clients write.

`described_types.py` has the types of the service's OpenAPI description. This module has the differences of the service.
Answers have their members in the order of a schema: the recorded order where traffic was captured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ..binding import Keyed, Scalar, Schema
from .described_types import DESCRIBED_TYPES

__all__ = [
    "COSELL_ASSET",
    "COSELL_LISTING",
    "FEATURE_AVAILABILITY",
    "LEADS",
    "LISTING",
    "LISTING_ASSET",
    "LISTING_IMAGE",
    "LISTING_VIDEO",
    "PACKAGE",
    "PACKAGE_CONFIGURATIONS",
    "PRODUCT",
    "PRODUCT_AVAILABILITY",
    "PROPERTY",
    "RESELLER",
    "SETUP",
    "SETUP_OF_BUSINESS_CENTRAL",
    "SUBMISSION_REQUEST",
    "SUPPLEMENTAL_CONTENT",
    "VARIANT",
]

STRING, IGNORED = Scalar.STRING, Scalar.IGNORED
ASSIGNED = ("@odata.etag", "id", "fileSasUri")
"""Members that the service assigns at any depth: clients may send them, but they are not stored."""
FRACTIONS = ("lowerUnit", "upperUnit")
"""Members that are fractions in traffic, and integers in the description."""
NOTHING: Mapping[str, Schema] = MappingProxyType({})


def _type(
    model: str,
    members: Mapping[str, Schema] = NOTHING,
    *,
    without: Sequence[str] = (),
    order: Sequence[str] = (),
) -> Mapping[str, Schema]:
    """Return a described type with replaced or additional `members`; those of `order` come first, in that order."""
    described = {name: _correct(name, member) for name, member in DESCRIBED_TYPES[model].items()}
    own = {name: member for name, member in described.items() if name not in (*ASSIGNED, *without)}
    schema = {**own, **members}
    assigned = {name: described[name] for name in ASSIGNED if name in described}
    return {name: schema[name] for name in order} | schema | assigned


def _correct(name: str, member: Schema) -> Schema:
    if name in ASSIGNED:
        return IGNORED
    if name in FRACTIONS:
        return Scalar.NUMBER
    if isinstance(member, Mapping):
        return {inner: _correct(inner, schema) for inner, schema in member.items()}
    if isinstance(member, list):
        return [_correct("", item) for item in member]
    return member


TYPE_VALUE: Mapping[str, Schema] = {"type": STRING, "value": STRING}
CERTIFICATION: Mapping[str, Schema] = {
    "title": STRING,
    "uri": STRING,
    "validationResults": [{"memberNames": [STRING], "errorMessage": STRING}],
}
TEXTS = ("title", "productDisplayName", "publisherName", "description", "shortDescription", "keywords")

# The spelling of `offerMarketingUrlIDentifier` in traffic was never recorded, so it is missing.
PRODUCT = _type(
    "AzureProduct",
    without=("externalIds", "offerMarketingUrlIDentifier"),
    order=("resourceType", "name", "externalIDs", "isModularPublishing"),
)
SETUP = _type("AzureProductSetup")
SETUP_OF_BUSINESS_CENTRAL = _type("AzureProductSetup", {"packageType": STRING})
LISTING = _type(
    "AzureListing",
    order=(
        "resourceType",
        "summary",
        "listingUris",
        "listingContacts",
        "accessInformation",
        "gettingStartedInstructions",
        "allowOnlyManagedDiskDeployments",
        "compatibleProducts",
        "languageCode",
        *TEXTS,
    ),
)

# Recorded: `subType`, and another name of the certifications.
VARIANT = _type(
    "AzureSkuVariant",
    {"certificationsAzureGovernment": [CERTIFICATION], "subType": STRING},
    without=("azureGovernmentCertifications",),
    order=(
        "resourceType",
        "state",
        "friendlyName",
        "conversionPaths",
        "leadGenID",
        "externalID",
        "referenceVariantID",
        "certificationsAzureGovernment",
        "cloudAvailabilities",
        "subType",
    ),
)

# `markets` occurs only in responses.
FEATURE_AVAILABILITY = _type(
    "FeatureAvailability",
    {"markets": IGNORED},
    order=(
        "resourceType",
        "visibility",
        "isHidden",
        "properties",
        "subscriptionAudiences",
        "tenantAudiences",
        "customMeters",
        "marketStates",
        "priceSchedules",
        "trial",
    ),
)

# The elements of `audiences` are those that first-party clients send; the description has lists of strings.
PRODUCT_AVAILABILITY = _type("ProductAvailability", {"audiences": [{"type": STRING, "values": [STRING]}]})

# Keys of categories are open: the service has more keys than the description.
PROPERTY = _type(
    "AzureProperty",
    {
        "leveledIndustries": Keyed([STRING]),
        "leveledCategories": Keyed([STRING]),
        "applicableProducts": [STRING],
        "extendedProperties": [TYPE_VALUE],
    },
    order=(
        "resourceType",
        "industries",
        "leveledIndustries",
        "leveledCategories",
        "categories",
        "additionalCategories",
        "applicableProducts",
        "hideKeys",
        "productTags",
        "submissionVersion",
        "appVersion",
        "useEnterpriseContract",
        "termsOfUse",
        "globalAmendmentTerms",
        "customAmendments",
        "extendedProperties",
    ),
)
LISTING_IMAGE = _type("ListingImage", order=("resourceType", "fileName", "type", "state", "order"))
LISTING_VIDEO = _type("ListingVideo")
LISTING_ASSET = _type("ListingAsset")

# The service sets the results of processing.
PACKAGE = _type(
    "AzurePackage",
    dict.fromkeys(("fileSize", "isEmpty", "isCertified", "validationItems", "publishTargets"), IGNORED),
)

# By resource type. The test drive is that of applications before 2025; others are withdrawn.
PACKAGE_CONFIGURATIONS: Mapping[str, Mapping[str, Schema]] = {
    "AzureResourceManagerTestDrivePackageConfiguration": _type(
        "AzureResourceManagerTestDrivePackageConfiguration"
    ),
    "AzureManagedApplicationPackageConfiguration": _type(
        "AzureManagedApplicationPackageConfiguration",
        {
            "allowedDataActions": [STRING],
            "deploymentMode": STRING,
            "publisherManagementMode": STRING,
            "customerAccessEnableState": STRING,
        },
        order=(
            "resourceType",
            "version",
            "allowJitAccess",
            "canEnableCustomerActions",
            "allowedCustomerActions",
            "allowedDataActions",
            "deploymentMode",
            "publisherManagementMode",
            "customerAccessEnableState",
        ),
    ),
    "AzureSolutionTemplatePackageConfiguration": _type("AzureSolutionTemplatePackageConfiguration"),
    "AzureApplicationPackageConfiguration": _type("AzureApplicationPackageConfiguration"),
    "AzureSoftwareAsAServicePackageConfiguration": {  # newer than the description
        "resourceType": STRING,
        "landingPageUri": STRING,
        "connectionWebhook": STRING,
        "azureActiveDirectoryTenantID": STRING,
        "azureActiveDirectoryApplicationID": STRING,
        "@odata.etag": IGNORED,
        "id": IGNORED,
    },
    "Dynamics365BusinessCentralPackageConfiguration": _type("Dynamics365BusinessCentralPackageConfiguration"),
    "Dynamics365CustomerEngagementPackageConfiguration": _type(
        "Dynamics365CustomerEngagementPackageConfiguration"
    ),
    "Dynamics365OperationsPackageConfiguration": _type("Dynamics365OperationsPackageConfiguration"),
}
RESELLER = _type("ResellerConfiguration")

# By resource type.
LEADS: Mapping[str, Mapping[str, Schema]] = {
    model: _type(model)
    for model in (
        "AzureTableLeadConfiguration",
        "AzureBlobLeadConfiguration",
        "DynamicsCustomerRelationshipManagementLeadConfiguration",
        "HttpsEndpointLeadConfiguration",
        "MarketoLeadConfiguration",
        "SalesForceLeadConfiguration",
    )
}
COSELL_LISTING = _type("CosellListing")
COSELL_ASSET = _type("CosellAsset")
SUPPLEMENTAL_CONTENT = _type("SupplementalContent")
SUBMISSION_REQUEST = _type("SubmissionCreationRequest")
