"""Differences between the emulator's answers and the service's OpenAPI description, with their reasons.

Numbers are sections of `../shared/reference/submission-api.md`. The test fails if an entry is not needed.
"""

from __future__ import annotations

SETUP = "POST /products/{productID}/setup"
VARIANT, LEAD = (
    "PUT /products/{productID}/variants/{variantID}",
    "POST /products/{productID}/leadconfiguration",
)
ONLY_SUCCESS = "Only 200 is documented, and there is no operation that cannot be refused (2.8)."
NO_OFFSET = "Times of workflow details have no Z and no offset (recording, 2.7)."
OLDER = "The service has learnt more since the document was exported"

STATUSES = {
    "412": "The document has If-Match and no answer to a stale one (2.4, inferred).",
    "501": "Our own: what is not emulated says so instead of guessing (appendix D).",
    f"200 of {SETUP}": "An upsert, answered with 200 where the document says 201 (recording, 2.8).",
    **{
        f"{status} of {operation}": ONLY_SUCCESS
        for status in (400, 401, 404)
        for operation in (VARIANT, LEAD)
    },
}

SHAPES = {
    "401: not of type string": "The gateway in front of the service answers objects (2.9).",
    "PagedCollection.nextLink: not a member": "The document says @odata.nextLink (recording, 2.5).",
    "PagedCollection.value[]: none of the documented types": f"{OLDER}: SaaS offers (5.13).",
    "200: none of the documented types": f"{OLDER}: SaaS offers (5.13).",
    "AzureProduct.resourceType: not one of its values": f"{OLDER}: SaaS offers (5.1, appendix A).",
    "AzureProductSetup.packageType: not a member": f"{OLDER}: clients of Business Central rely on it (appendix I).",
    "Branch.module: not one of its values": f"{OLDER}: the module ResellerConfiguration (5.3).",
    "PreviewMarketplaceGroup: not of type array": "Objects of type and values (5.4, appendix A).",
    "AzureSkuVariant.subType: not a member": f"{OLDER}: sub-types of plans (recording, 5.10).",
    "AzureSkuVariant.certificationsAzureGovernment: not a member": (
        "The document says azureGovernmentCertifications (recording, 5.10)."
    ),
    "AzureManagedApplicationPackageConfiguration.publisherManagementMode: not a member": f"{OLDER} (5.13).",
    "AzureManagedApplicationPackageConfiguration.customerAccessEnableState: not a member": f"{OLDER} (5.13).",
    "AzureProperty.applicableProducts: not a member": f"{OLDER} (5.5).",
    "AzureProperty.extendedProperties: not a member": f"{OLDER} (5.5).",
    "AzureProperty.leveledIndustries: not a member": f"{OLDER} (5.5).",
    "AzureProperty.globalAmendmentTerms: not of type string": "Properties are answered with nulls (2.7).",
    "Submission.state: not one of its values": "Archived and Cancelled are words of 6.1.",
    "Submission.substate: not one of its values": "Cancelled is a word of 6.1.",
    "WorkflowDetail.startDateTimeInUtc: not a date-time": NO_OFFSET,
    "WorkflowDetail.completeDateTimeInUtc: not a date-time": NO_OFFSET,
    "WorkflowStepDetail.startDateTimeInUtc: not a date-time": NO_OFFSET,
    "WorkflowStepDetail.completeDateTimeInUtc: not a date-time": NO_OFFSET,
}

NEVER_SUCCESSFUL = {
    "POST /products/{productID}/productavailabilities": "The one there can be is made by the service (3.3): 409.",
    "POST /products/{productID}/properties": "The one there can be is made by the service (3.3): 409.",
    SETUP: "It is done, with another status: see above.",
}
"""Operations without a documented success status."""
