"""Types of the submission API: the members that each one has, in the order of the recordings where there are any.

Section numbers are those of the submission API's reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..binding import Keyed, Scalar, Schema

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
    "SUPPLEMENTAL_CONTENT",
    "VARIANT",
]

TEXT, FLAG, WHOLE, NUMBER, IGNORED = Scalar.TEXT, Scalar.FLAG, Scalar.WHOLE, Scalar.NUMBER, Scalar.IGNORED
ENTITY: Mapping[str, Schema] = {"@odata.etag": IGNORED, "id": IGNORED}
TYPE_VALUE: Mapping[str, Schema] = {"type": TEXT, "value": TEXT}
AUDIENCE: Mapping[str, Schema] = {"ID": TEXT, "description": TEXT}

# 5.1. The wire's own spelling of offerMarketingUrlIdentifier was never seen, so it is not here.
PRODUCT: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "name": TEXT,
    "externalIDs": [TYPE_VALUE],
    "isModularPublishing": FLAG,
    "id": IGNORED,
}

# 5.2. No id and no etag.
SETUP: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "sellingOption": TEXT,
    "callToAction": TEXT,
    "trialUri": TEXT,
    "enableTestDrive": FLAG,
    "testDriveType": TEXT,
    "channelStates": [TYPE_VALUE],
}

# 5.6
LISTING: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "summary": TEXT,
    "listingUris": [{"type": TEXT, "subtype": TEXT, "displayText": TEXT, "uri": TEXT}],
    "listingContacts": [{"type": TEXT, "email": TEXT, "name": TEXT, "phone": TEXT, "uri": TEXT}],
    "accessInformation": TEXT,
    "gettingStartedInstructions": TEXT,
    "allowOnlyManagedDiskDeployments": FLAG,
    "compatibleProducts": [TEXT],
    "languageCode": TEXT,
    "title": TEXT,
    "productDisplayName": TEXT,
    "publisherName": TEXT,
    "description": TEXT,
    "shortDescription": TEXT,
    "keywords": [TEXT],
    **ENTITY,
}

# 5.10. `subType` and `certificationsAzureGovernment` are in no document, only on the wire.
VARIANT: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "state": TEXT,
    "friendlyName": TEXT,
    "conversionPaths": TEXT,
    "leadGenID": TEXT,
    "externalID": TEXT,
    "referenceVariantID": TEXT,
    "certificationsAzureGovernment": [
        {"title": TEXT, "uri": TEXT, "validationResults": [{"memberNames": [TEXT], "errorMessage": TEXT}]}
    ],
    "cloudAvailabilities": [TEXT],
    "subType": TEXT,
    "extendedProperties": [TYPE_VALUE],
    **ENTITY,
}

LOCALIZED_TIME: Mapping[str, Schema] = {"localizePerMarket": FLAG, "dateTimeInUtc": TEXT}
TIME_RANGE: Mapping[str, Schema] = {"startAt": LOCALIZED_TIME, "endAt": LOCALIZED_TIME}
PRICING_UNIT: Mapping[str, Schema] = {
    "name": TEXT,
    "unitType": TEXT,
    "isUnlimitedUnit": FLAG,
    "lowerUnit": NUMBER,
    "upperUnit": NUMBER,
}
PRICE_SCHEDULE: Mapping[str, Schema] = {
    "retailPrice": {"openPrice": NUMBER, "currencyCode": TEXT, "priceTierID": TEXT},
    "pricingModel": TEXT,
    "priceCadence": {"type": TEXT, "value": WHOLE},
    "pricingUnits": [PRICING_UNIT],
    "dateTimeRange": TIME_RANGE,
}
CUSTOM_METER: Mapping[str, Schema] = {
    "isEnabled": FLAG,
    "ID": TEXT,
    "uniqueID": TEXT,
    "displayName": TEXT,
    "unitOfMeasure": TEXT,
    "priceInUsd": NUMBER,
    "includedBaseQuantities": [{"recurringUnit": TEXT, "isInfinite": FLAG, "quantity": NUMBER}],
}

# 5.11. `markets` occurs in responses only.
FEATURE_AVAILABILITY: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "visibility": TEXT,
    "isHidden": FLAG,
    "properties": [TYPE_VALUE],
    "subscriptionAudiences": [AUDIENCE],
    "tenantAudiences": [AUDIENCE],
    "customMeters": [CUSTOM_METER],
    "marketStates": [{"marketCode": TEXT, "state": TEXT}],
    "priceSchedules": [
        {"isBaseSchedule": FLAG, "marketCodes": [TEXT], "friendlyName": TEXT, "schedules": [PRICE_SCHEDULE]}
    ],
    "trial": {"type": TEXT, "durationType": TEXT, "duration": WHOLE, "dateTimeRange": TIME_RANGE},
    "markets": IGNORED,
    **ENTITY,
}

# 5.4. The element of `audiences` is what clients send, not what the documents say (10, oddity 13).
PRODUCT_AVAILABILITY: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "visibility": TEXT,
    "enterpriseLicensing": TEXT,
    "audiences": [{"type": TEXT, "values": [TEXT]}],
    "emailAudiences": [AUDIENCE],
    "subscriptionAudiences": [AUDIENCE],
    "hideKeyAudience": TEXT,
    **ENTITY,
}

# 5.5. Keys of categories are open (disagreements there).
PROPERTY: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "industries": [TEXT],
    "leveledIndustries": Keyed([TEXT]),
    "leveledCategories": Keyed([TEXT]),
    "categories": [TEXT],
    "additionalCategories": [TEXT],
    "applicableProducts": [TEXT],
    "hideKeys": [TEXT],
    "productTags": [TEXT],
    "submissionVersion": TEXT,
    "appVersion": TEXT,
    "useEnterpriseContract": FLAG,
    "termsOfUse": TEXT,
    "globalAmendmentTerms": TEXT,
    "customAmendments": [{"name": TEXT, "terms": TEXT, "tenants": [AUDIENCE]}],
    "extendedProperties": [TYPE_VALUE],
    "marketingOnlyChange": FLAG,
    **ENTITY,
}

# 5.7 to 5.9. Where a file is belongs to the service: what is sent as its address is not stored.
LISTING_IMAGE: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "fileName": TEXT,
    "type": TEXT,
    "state": TEXT,
    "order": WHOLE,
    "description": TEXT,
    "fileSasUri": IGNORED,
    **ENTITY,
}
LISTING_VIDEO: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "fileName": TEXT,
    "fileSasUri": IGNORED,
    "streamingUri": TEXT,
    "state": TEXT,
    "thumbnail": {
        "fileName": TEXT,
        "title": TEXT,
        "description": TEXT,
        "publisherDefinedSasUri": TEXT,
        "state": TEXT,
        "fileSasUri": IGNORED,
    },
    **ENTITY,
}
LISTING_ASSET: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "fileName": TEXT,
    "type": TEXT,
    "publisherDefinedSasUri": TEXT,
    "state": TEXT,
    "description": TEXT,
    "friendlyName": TEXT,
    "fileSasUri": IGNORED,
    **ENTITY,
}

# 5.12. All but the first three members are the service's.
PACKAGE: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "fileName": TEXT,
    "state": TEXT,
    "fileSasUri": IGNORED,
    "fileSize": IGNORED,
    "isEmpty": IGNORED,
    "isCertified": IGNORED,
    "validationItems": IGNORED,
    "publishTargets": IGNORED,
    **ENTITY,
}

AUTHORIZATION: Mapping[str, Schema] = {"principalID": TEXT, "roleDefinitionID": TEXT}
POLICY: Mapping[str, Schema] = {
    "policyName": TEXT,
    "policyDefinitionID": TEXT,
    "policyParameters": TEXT,
    "policySku": TEXT,
}
REGION: Mapping[str, Schema] = {"region": TEXT, "isAvailable": FLAG, "applicationConfigurationUri": TEXT}

# 5.13, by resource type. Of the test drives, which are withdrawn (5.14), only those of old applications have something
# behind their type.
PACKAGE_CONFIGURATIONS: Mapping[str, Mapping[str, Schema]] = {
    "AzureResourceManagerTestDrivePackageConfiguration": {
        "resourceType": TEXT,
        "azureActiveDirectoryTenantID": TEXT,
        "azureActiveDirectoryApplicationID": TEXT,
        "azureActiveDirectoryApplicationKey": TEXT,
        "testDriveDuration": WHOLE,
        "regions": [TEXT],
        "hotInstances": WHOLE,
        "warmInstances": WHOLE,
        "coldInstances": WHOLE,
        "azureSubscriptionID": TEXT,
        **ENTITY,
    },
    "AzureManagedApplicationPackageConfiguration": {
        "resourceType": TEXT,
        "version": TEXT,
        "allowJitAccess": FLAG,
        "canEnableCustomerActions": FLAG,
        "allowedCustomerActions": [TEXT],
        "allowedDataActions": [TEXT],
        "deploymentMode": TEXT,
        "publisherManagementMode": TEXT,
        "customerAccessEnableState": TEXT,
        "publicAzureTenantID": TEXT,
        "publicAzureAuthorizations": [AUTHORIZATION],
        "azureGovernmentTenantID": TEXT,
        "azureGovernmentAuthorizations": [AUTHORIZATION],
        "policies": [POLICY],
        "packageReferences": [TYPE_VALUE],
        **ENTITY,
    },
    "AzureSolutionTemplatePackageConfiguration": {
        "resourceType": TEXT,
        "version": TEXT,
        "packageReferences": [TYPE_VALUE],
        **ENTITY,
    },
    "AzureApplicationPackageConfiguration": {
        "resourceType": TEXT,
        "azureActiveDirectoryTenantID": TEXT,
        "azureActiveDirectoryApplicationID": TEXT,
        **ENTITY,
    },
    "AzureSoftwareAsAServicePackageConfiguration": {
        "resourceType": TEXT,
        "landingPageUri": TEXT,
        "connectionWebhook": TEXT,
        "azureActiveDirectoryTenantID": TEXT,
        "azureActiveDirectoryApplicationID": TEXT,
        **ENTITY,
    },
    "Dynamics365BusinessCentralPackageConfiguration": {
        "resourceType": TEXT,
        "packageType": TEXT,
        "applicationInstallationUri": TEXT,
        "packageReferences": [TYPE_VALUE],
        **ENTITY,
    },
    "Dynamics365CustomerEngagementPackageConfiguration": {
        "resourceType": TEXT,
        "baseLicenseModel": TEXT,
        "requireS2SOutboundAndCrmSecureStoreAccess": FLAG,
        "applicationConfigurationUri": TEXT,
        "packageLocationUri": TEXT,
        "packageRegionAvailabilities": [REGION],
        "multiplePackagesInPackageFile": FLAG,
        **ENTITY,
    },
    "Dynamics365OperationsPackageConfiguration": {
        "resourceType": TEXT,
        "releaseVersion": TEXT,
        "solutionIdentifier": TEXT,
        **ENTITY,
    },
}

# 5.15. No id and no etag.
RESELLER: Mapping[str, Schema] = {"resourceType": TEXT, "resellerChannelState": TEXT, "tenantIds": [TEXT]}

LEAD: Mapping[str, Schema] = {"resourceType": TEXT, "dailyDigestEmailContacts": [TEXT], "contactEmail": TEXT}

# 5.16, by resource type. No id and no etag.
LEADS: Mapping[str, Mapping[str, Schema]] = {
    "AzureTableLeadConfiguration": {**LEAD, "connectionString": TEXT},
    "AzureBlobLeadConfiguration": {**LEAD, "connectionString": TEXT, "containerName": TEXT},
    "DynamicsCustomerRelationshipManagementLeadConfiguration": {
        **LEAD,
        "uri": TEXT,
        "authentication": TEXT,
        "userName": TEXT,
        "password": TEXT,
        "applicationID": TEXT,
        "applicationKey": TEXT,
        "directoryID": TEXT,
    },
    "HttpsEndpointLeadConfiguration": {**LEAD, "httpsEndpointUri": TEXT},
    "MarketoLeadConfiguration": {**LEAD, "serverID": TEXT, "munchkinAccountID": TEXT, "formID": TEXT},
    "SalesForceLeadConfiguration": {**LEAD, "objectIdentifier": TEXT},
}

# 5.17
CONTACT: Mapping[str, Schema] = {
    "type": TEXT,
    "email": TEXT,
    "name": TEXT,
    "jobTitle": TEXT,
    "role": TEXT,
    "regions": [TEXT],
    "subRegions": [TEXT],
}
COSELL_LISTING: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "offerPlatforms": [TEXT],
    "endCustomerSegments": [TEXT],
    "offerType": TEXT,
    "solutionAreas": [{"area": TEXT, "subAreas": [TEXT]}],
    "contacts": [CONTACT],
    "assetReferences": [TYPE_VALUE],
    **ENTITY,
}
COSELL_ASSET: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "fileName": TEXT,
    "type": TEXT,
    "fileSasUri": IGNORED,
    "state": TEXT,
    **ENTITY,
}

# 5.18
SUPPLEMENTAL_CONTENT: Mapping[str, Schema] = {
    "resourceType": TEXT,
    "targetRelease": TEXT,
    "supportedEditions": [TEXT],
    "assets": [{"assetID": TEXT, "fileName": TEXT, "type": TEXT, "fileSasUri": IGNORED}],
    **ENTITY,
}
