"""Types of the submission API: the members that each one has, in the order of the recordings where there are any."""

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

STRING, BOOLEAN, INTEGER, NUMBER, IGNORED = (
    Scalar.STRING,
    Scalar.BOOLEAN,
    Scalar.INTEGER,
    Scalar.NUMBER,
    Scalar.IGNORED,
)
ENTITY: Mapping[str, Schema] = {"@odata.etag": IGNORED, "id": IGNORED}
TYPE_VALUE: Mapping[str, Schema] = {"type": STRING, "value": STRING}
AUDIENCE: Mapping[str, Schema] = {"ID": STRING, "description": STRING}

# `offerMarketingUrlIdentifier` is missing: its spelling on the wire was never recorded.
PRODUCT: Mapping[str, Schema] = {
    "resourceType": STRING,
    "name": STRING,
    "externalIDs": [TYPE_VALUE],
    "isModularPublishing": BOOLEAN,
    "id": IGNORED,
}

# No id and no etag.
SETUP: Mapping[str, Schema] = {
    "resourceType": STRING,
    "sellingOption": STRING,
    "callToAction": STRING,
    "trialUri": STRING,
    "enableTestDrive": BOOLEAN,
    "testDriveType": STRING,
    "channelStates": [TYPE_VALUE],
}

LISTING: Mapping[str, Schema] = {
    "resourceType": STRING,
    "summary": STRING,
    "listingUris": [{"type": STRING, "subtype": STRING, "displayText": STRING, "uri": STRING}],
    "listingContacts": [{"type": STRING, "email": STRING, "name": STRING, "phone": STRING, "uri": STRING}],
    "accessInformation": STRING,
    "gettingStartedInstructions": STRING,
    "allowOnlyManagedDiskDeployments": BOOLEAN,
    "compatibleProducts": [STRING],
    "languageCode": STRING,
    "title": STRING,
    "productDisplayName": STRING,
    "publisherName": STRING,
    "description": STRING,
    "shortDescription": STRING,
    "keywords": [STRING],
    **ENTITY,
}

# `subType` and `certificationsAzureGovernment` are recorded, and in no document.
VARIANT: Mapping[str, Schema] = {
    "resourceType": STRING,
    "state": STRING,
    "friendlyName": STRING,
    "conversionPaths": STRING,
    "leadGenID": STRING,
    "externalID": STRING,
    "referenceVariantID": STRING,
    "certificationsAzureGovernment": [
        {
            "title": STRING,
            "uri": STRING,
            "validationResults": [{"memberNames": [STRING], "errorMessage": STRING}],
        }
    ],
    "cloudAvailabilities": [STRING],
    "subType": STRING,
    "extendedProperties": [TYPE_VALUE],
    **ENTITY,
}

LOCALIZED_TIME: Mapping[str, Schema] = {"localizePerMarket": BOOLEAN, "dateTimeInUtc": STRING}
TIME_RANGE: Mapping[str, Schema] = {"startAt": LOCALIZED_TIME, "endAt": LOCALIZED_TIME}
PRICING_UNIT: Mapping[str, Schema] = {
    "name": STRING,
    "unitType": STRING,
    "isUnlimitedUnit": BOOLEAN,
    "lowerUnit": NUMBER,
    "upperUnit": NUMBER,
}
PRICE_SCHEDULE: Mapping[str, Schema] = {
    "retailPrice": {"openPrice": NUMBER, "currencyCode": STRING, "priceTierID": STRING},
    "pricingModel": STRING,
    "priceCadence": {"type": STRING, "value": INTEGER},
    "pricingUnits": [PRICING_UNIT],
    "dateTimeRange": TIME_RANGE,
}
CUSTOM_METER: Mapping[str, Schema] = {
    "isEnabled": BOOLEAN,
    "ID": STRING,
    "uniqueID": STRING,
    "displayName": STRING,
    "unitOfMeasure": STRING,
    "priceInUsd": NUMBER,
    "includedBaseQuantities": [{"recurringUnit": STRING, "isInfinite": BOOLEAN, "quantity": NUMBER}],
}

# `markets` occurs in responses only.
FEATURE_AVAILABILITY: Mapping[str, Schema] = {
    "resourceType": STRING,
    "visibility": STRING,
    "isHidden": BOOLEAN,
    "properties": [TYPE_VALUE],
    "subscriptionAudiences": [AUDIENCE],
    "tenantAudiences": [AUDIENCE],
    "customMeters": [CUSTOM_METER],
    "marketStates": [{"marketCode": STRING, "state": STRING}],
    "priceSchedules": [
        {
            "isBaseSchedule": BOOLEAN,
            "marketCodes": [STRING],
            "friendlyName": STRING,
            "schedules": [PRICE_SCHEDULE],
        }
    ],
    "trial": {"type": STRING, "durationType": STRING, "duration": INTEGER, "dateTimeRange": TIME_RANGE},
    "markets": IGNORED,
    **ENTITY,
}

# The element of `audiences` is what clients send, not what the documents say.
PRODUCT_AVAILABILITY: Mapping[str, Schema] = {
    "resourceType": STRING,
    "visibility": STRING,
    "enterpriseLicensing": STRING,
    "audiences": [{"type": STRING, "values": [STRING]}],
    "emailAudiences": [AUDIENCE],
    "subscriptionAudiences": [AUDIENCE],
    "hideKeyAudience": STRING,
    **ENTITY,
}

# Keys of categories are open.
PROPERTY: Mapping[str, Schema] = {
    "resourceType": STRING,
    "industries": [STRING],
    "leveledIndustries": Keyed([STRING]),
    "leveledCategories": Keyed([STRING]),
    "categories": [STRING],
    "additionalCategories": [STRING],
    "applicableProducts": [STRING],
    "hideKeys": [STRING],
    "productTags": [STRING],
    "submissionVersion": STRING,
    "appVersion": STRING,
    "useEnterpriseContract": BOOLEAN,
    "termsOfUse": STRING,
    "globalAmendmentTerms": STRING,
    "customAmendments": [{"name": STRING, "terms": STRING, "tenants": [AUDIENCE]}],
    "extendedProperties": [TYPE_VALUE],
    "marketingOnlyChange": BOOLEAN,
    **ENTITY,
}

# Where a file is belongs to the service: what is sent as its address is not stored.
LISTING_IMAGE: Mapping[str, Schema] = {
    "resourceType": STRING,
    "fileName": STRING,
    "type": STRING,
    "state": STRING,
    "order": INTEGER,
    "description": STRING,
    "fileSasUri": IGNORED,
    **ENTITY,
}
LISTING_VIDEO: Mapping[str, Schema] = {
    "resourceType": STRING,
    "fileName": STRING,
    "fileSasUri": IGNORED,
    "streamingUri": STRING,
    "state": STRING,
    "thumbnail": {
        "fileName": STRING,
        "title": STRING,
        "description": STRING,
        "publisherDefinedSasUri": STRING,
        "state": STRING,
        "fileSasUri": IGNORED,
    },
    **ENTITY,
}
LISTING_ASSET: Mapping[str, Schema] = {
    "resourceType": STRING,
    "fileName": STRING,
    "type": STRING,
    "publisherDefinedSasUri": STRING,
    "state": STRING,
    "description": STRING,
    "friendlyName": STRING,
    "fileSasUri": IGNORED,
    **ENTITY,
}

# All but the first three members are the service's.
PACKAGE: Mapping[str, Schema] = {
    "resourceType": STRING,
    "fileName": STRING,
    "state": STRING,
    "fileSasUri": IGNORED,
    "fileSize": IGNORED,
    "isEmpty": IGNORED,
    "isCertified": IGNORED,
    "validationItems": IGNORED,
    "publishTargets": IGNORED,
    **ENTITY,
}

AUTHORIZATION: Mapping[str, Schema] = {"principalID": STRING, "roleDefinitionID": STRING}
POLICY: Mapping[str, Schema] = {
    "policyName": STRING,
    "policyDefinitionID": STRING,
    "policyParameters": STRING,
    "policySku": STRING,
}
REGION: Mapping[str, Schema] = {
    "region": STRING,
    "isAvailable": BOOLEAN,
    "applicationConfigurationUri": STRING,
}

# By resource type. Of the test drives, which are withdrawn, only those of old applications have something
# behind their type.
PACKAGE_CONFIGURATIONS: Mapping[str, Mapping[str, Schema]] = {
    "AzureResourceManagerTestDrivePackageConfiguration": {
        "resourceType": STRING,
        "azureActiveDirectoryTenantID": STRING,
        "azureActiveDirectoryApplicationID": STRING,
        "azureActiveDirectoryApplicationKey": STRING,
        "testDriveDuration": INTEGER,
        "regions": [STRING],
        "hotInstances": INTEGER,
        "warmInstances": INTEGER,
        "coldInstances": INTEGER,
        "azureSubscriptionID": STRING,
        **ENTITY,
    },
    "AzureManagedApplicationPackageConfiguration": {
        "resourceType": STRING,
        "version": STRING,
        "allowJitAccess": BOOLEAN,
        "canEnableCustomerActions": BOOLEAN,
        "allowedCustomerActions": [STRING],
        "allowedDataActions": [STRING],
        "deploymentMode": STRING,
        "publisherManagementMode": STRING,
        "customerAccessEnableState": STRING,
        "publicAzureTenantID": STRING,
        "publicAzureAuthorizations": [AUTHORIZATION],
        "azureGovernmentTenantID": STRING,
        "azureGovernmentAuthorizations": [AUTHORIZATION],
        "policies": [POLICY],
        "packageReferences": [TYPE_VALUE],
        **ENTITY,
    },
    "AzureSolutionTemplatePackageConfiguration": {
        "resourceType": STRING,
        "version": STRING,
        "packageReferences": [TYPE_VALUE],
        **ENTITY,
    },
    "AzureApplicationPackageConfiguration": {
        "resourceType": STRING,
        "azureActiveDirectoryTenantID": STRING,
        "azureActiveDirectoryApplicationID": STRING,
        **ENTITY,
    },
    "AzureSoftwareAsAServicePackageConfiguration": {
        "resourceType": STRING,
        "landingPageUri": STRING,
        "connectionWebhook": STRING,
        "azureActiveDirectoryTenantID": STRING,
        "azureActiveDirectoryApplicationID": STRING,
        **ENTITY,
    },
    "Dynamics365BusinessCentralPackageConfiguration": {
        "resourceType": STRING,
        "packageType": STRING,
        "applicationInstallationUri": STRING,
        "packageReferences": [TYPE_VALUE],
        **ENTITY,
    },
    "Dynamics365CustomerEngagementPackageConfiguration": {
        "resourceType": STRING,
        "baseLicenseModel": STRING,
        "requireS2SOutboundAndCrmSecureStoreAccess": BOOLEAN,
        "applicationConfigurationUri": STRING,
        "packageLocationUri": STRING,
        "packageRegionAvailabilities": [REGION],
        "multiplePackagesInPackageFile": BOOLEAN,
        **ENTITY,
    },
    "Dynamics365OperationsPackageConfiguration": {
        "resourceType": STRING,
        "releaseVersion": STRING,
        "solutionIdentifier": STRING,
        **ENTITY,
    },
}

# No id and no etag.
RESELLER: Mapping[str, Schema] = {
    "resourceType": STRING,
    "resellerChannelState": STRING,
    "tenantIds": [STRING],
}

LEAD: Mapping[str, Schema] = {
    "resourceType": STRING,
    "dailyDigestEmailContacts": [STRING],
    "contactEmail": STRING,
}

# By resource type. No id and no etag.
LEADS: Mapping[str, Mapping[str, Schema]] = {
    "AzureTableLeadConfiguration": {**LEAD, "connectionString": STRING},
    "AzureBlobLeadConfiguration": {**LEAD, "connectionString": STRING, "containerName": STRING},
    "DynamicsCustomerRelationshipManagementLeadConfiguration": {
        **LEAD,
        "uri": STRING,
        "authentication": STRING,
        "userName": STRING,
        "password": STRING,
        "applicationID": STRING,
        "applicationKey": STRING,
        "directoryID": STRING,
    },
    "HttpsEndpointLeadConfiguration": {**LEAD, "httpsEndpointUri": STRING},
    "MarketoLeadConfiguration": {**LEAD, "serverID": STRING, "munchkinAccountID": STRING, "formID": STRING},
    "SalesForceLeadConfiguration": {**LEAD, "objectIdentifier": STRING},
}

CONTACT: Mapping[str, Schema] = {
    "type": STRING,
    "email": STRING,
    "name": STRING,
    "jobTitle": STRING,
    "role": STRING,
    "regions": [STRING],
    "subRegions": [STRING],
}
COSELL_LISTING: Mapping[str, Schema] = {
    "resourceType": STRING,
    "offerPlatforms": [STRING],
    "endCustomerSegments": [STRING],
    "offerType": STRING,
    "solutionAreas": [{"area": STRING, "subAreas": [STRING]}],
    "contacts": [CONTACT],
    "assetReferences": [TYPE_VALUE],
    **ENTITY,
}
COSELL_ASSET: Mapping[str, Schema] = {
    "resourceType": STRING,
    "fileName": STRING,
    "type": STRING,
    "fileSasUri": IGNORED,
    "state": STRING,
    **ENTITY,
}

SUPPLEMENTAL_CONTENT: Mapping[str, Schema] = {
    "resourceType": STRING,
    "targetRelease": STRING,
    "supportedEditions": [STRING],
    "assets": [{"assetID": STRING, "fileName": STRING, "type": STRING, "fileSasUri": IGNORED}],
    **ENTITY,
}
