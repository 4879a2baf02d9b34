"""Differences between the emulator's answers and the service's OpenAPI description, with their reasons.

`recording`: recorded traffic shows it. The test fails if an entry is not needed.
"""

from __future__ import annotations

SETUP = "POST /products/{productID}/setup"
VARIANT, LEAD = (
    "PUT /products/{productID}/variants/{variantID}",
    "POST /products/{productID}/leadconfiguration",
)
ONLY_SUCCESS = "Only 200 is documented, and there is no operation that cannot be refused."
NO_OFFSET = "Times of workflow details have no Z and no offset (recording)."
OLDER = "The service has learnt more since the document was exported"

STATUSES = {
    "412": "The document has If-Match and no answer to a stale one (inferred).",
    "501": "Our own: what is not emulated says so instead of guessing.",
    f"200 of {SETUP}": "An upsert, answered with 200 where the document says 201 (recording).",
    **{
        f"{status} of {operation}": ONLY_SUCCESS
        for status in (400, 401, 404)
        for operation in (VARIANT, LEAD)
    },
}

SHAPES = {
    "401: not of type string": "The gateway in front of the service answers objects.",
    "PagedCollection.nextLink: not a member": "The document says @odata.nextLink (recording).",
    "PagedCollection.value[]: none of the documented types": f"{OLDER}: SaaS offers.",
    "200: none of the documented types": f"{OLDER}: SaaS offers.",
    "AzureProduct.resourceType: not one of its values": f"{OLDER}: SaaS offers.",
    "AzureProductSetup.packageType: not a member": f"{OLDER}: clients of Business Central rely on it.",
    "Branch.module: not one of its values": f"{OLDER}: the module ResellerConfiguration.",
    "PreviewMarketplaceGroup: not of type array": "Objects of type and values.",
    "AzureSkuVariant.subType: not a member": f"{OLDER}: sub-types of plans (recording).",
    "AzureSkuVariant.certificationsAzureGovernment: not a member": (
        "The document says azureGovernmentCertifications (recording)."
    ),
    "AzureManagedApplicationPackageConfiguration.publisherManagementMode: not a member": f"{OLDER}.",
    "AzureManagedApplicationPackageConfiguration.customerAccessEnableState: not a member": f"{OLDER}.",
    "AzureProperty.applicableProducts: not a member": f"{OLDER}.",
    "AzureProperty.extendedProperties: not a member": f"{OLDER}.",
    "AzureProperty.leveledIndustries: not a member": f"{OLDER}.",
    "AzureProperty.globalAmendmentTerms: not of type string": "Properties are answered with nulls.",
    "Submission.state: not one of its values": "Microsoft's own clients know Archived and Cancelled.",
    "Submission.substate: not one of its values": "Microsoft's own clients know Cancelled.",
    "WorkflowDetail.startDateTimeInUtc: not a date-time": NO_OFFSET,
    "WorkflowDetail.completeDateTimeInUtc: not a date-time": NO_OFFSET,
    "WorkflowStepDetail.startDateTimeInUtc: not a date-time": NO_OFFSET,
    "WorkflowStepDetail.completeDateTimeInUtc: not a date-time": NO_OFFSET,
}

NEVER_SUCCESSFUL = {
    "POST /products/{productID}/productavailabilities": "The one there can be is made by the service: 409.",
    "POST /products/{productID}/properties": "The one there can be is made by the service: 409.",
    SETUP: "It is done, with another status: see above.",
}
"""Operations without a documented success status."""
