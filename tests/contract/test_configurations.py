"""Package configurations: types by offer type and plan type, and their members."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi, error_document

TENANT, PRINCIPAL = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
OWNER = {"principalID": PRINCIPAL, "roleDefinitionID": "Owner"}
PACKAGE = [{"type": "AzureApplicationPackage", "value": "11111111-2222-4333-8444-555555555555"}]
MANAGED = {
    "resourceType": "AzureManagedApplicationPackageConfiguration",
    "version": "1.0.3",
    "allowJitAccess": True,
    "canEnableCustomerActions": True,
    "allowedCustomerActions": ["Microsoft.Storage/*;Microsoft.Insights/*"],
    "allowedDataActions": ["Microsoft.Storage/read"],
    "deploymentMode": "Incremental",
    "publisherManagementMode": "Managed",
    "customerAccessEnableState": "Disabled",
    "publicAzureTenantID": TENANT,
    "publicAzureAuthorizations": [OWNER],
    "azureGovernmentTenantID": "string",
    "azureGovernmentAuthorizations": [],
    "policies": [
        {
            "policyName": "tags",
            "policyDefinitionID": "/providers/contoso/tags",
            "policyParameters": "{}",
            "policySku": "Free",
        }
    ],
    "packageReferences": PACKAGE,
}
OFFERS = [
    (
        "AzureApplication",
        {
            "resourceType": "AzureApplicationPackageConfiguration",
            "azureActiveDirectoryTenantID": TENANT,
            "azureActiveDirectoryApplicationID": PRINCIPAL,
        },
    ),
    (
        "SoftwareAsAService",
        {
            "resourceType": "AzureSoftwareAsAServicePackageConfiguration",
            "landingPageUri": "https://contoso.example/landing",
            "connectionWebhook": "https://contoso.example/hook",
            "azureActiveDirectoryTenantID": TENANT,
            "azureActiveDirectoryApplicationID": PRINCIPAL,
        },
    ),
    (
        "AzureDynamics365BusinessCentral",
        {
            "resourceType": "Dynamics365BusinessCentralPackageConfiguration",
            "packageType": "AddOn",
            "applicationInstallationUri": "https://contoso.example/install",
            "packageReferences": [{"type": "Dynamics365BusinessCentralAddOnExtensionPackage", "value": "x"}],
        },
    ),
    (
        "AzureDynamics365ForCustomerEngagement",
        {
            "resourceType": "Dynamics365CustomerEngagementPackageConfiguration",
            "baseLicenseModel": "User",
            "requireS2SOutboundAndCrmSecureStoreAccess": False,
            "applicationConfigurationUri": "https://contoso.example/configure",
            "packageLocationUri": "https://contoso.example/package",
            "packageRegionAvailabilities": [{"region": "Canada", "isAvailable": True}],
            "multiplePackagesInPackageFile": False,
        },
    ),
    (
        "AzureDynamics365ForOperations",
        {
            "resourceType": "Dynamics365OperationsPackageConfiguration",
            "releaseVersion": "10.0",
            "solutionIdentifier": "contoso",
        },
    ),
]


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


def read_configuration(api: RawApi, product: str, variant: str | None = None) -> tuple[str, dict]:
    document = api.read_draft(product, "Package", "packageConfigurations", variant)
    return f"{product}/packageconfigurations/{document['id']}", document


@pytest.fixture
def managed_configuration(api: RawApi) -> tuple[str, dict]:
    """Path and new document of the package configuration of a managed application's plan."""
    product = api.create_offer()
    return read_configuration(api, product, api.create_plan(product, subType="managed-application")["id"])


@pytest.mark.parametrize(("offer_type", "body"), OFFERS, ids=[offer_type for offer_type, _ in OFFERS])
def test_the_configuration_of_an_offer_has_the_members_of_its_type(api, offer_type, body):
    product = api.create_offer("contoso-app", offer_type)
    path, before = read_configuration(api, product)
    assert before["id"] == api.read_instance_id(product, "Package")
    assert before["resourceType"] == body["resourceType"]
    answer = api.put(path, body, before["@odata.etag"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == answer.json()["@odata.etag"]
    assert answer.json() == body | {"@odata.etag": answer.headers["etag"], "id": before["id"]}
    assert api.get(path) == answer.json()


def test_the_configuration_of_a_managed_application_has_all_documented_members(api, managed_configuration):
    path, before = managed_configuration
    assert before.items() >= {"allowJitAccess": False, "publisherManagementMode": "Managed"}.items()
    answer = api.put(path, MANAGED, before["@odata.etag"])
    assert answer.status_code == 200, answer.text
    assert api.get(path) == MANAGED | {"@odata.etag": answer.headers["etag"], "id": before["id"]}
    document = api.put(path, {**MANAGED, "canEnableCustomerActions": "false"}).json()
    assert document["canEnableCustomerActions"] is False


def test_the_configuration_of_a_solution_template_has_a_version_and_a_package(api):
    product = api.create_offer()
    path, before = read_configuration(api, product, api.create_plan(product)["id"])
    body = {"resourceType": "AzureSolutionTemplatePackageConfiguration", "version": "2.0.1"}
    assert before["packageReferences"] == []
    after = api.put(path, {**body, "packageReferences": PACKAGE}).json()
    assert after.items() >= {**body, "packageReferences": PACKAGE}.items()
    assert "packageReferences" not in api.put(path, body).json()
    assert api.call("PUT", path, json={**MANAGED}, headers={"If-Match": "*"}).status_code == 501


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"publicAzureTenantID": "contoso.example"}, "PublicAzureTenantID"),
        ({"publicAzureTenantID": "string"}, "PublicAzureTenantID"),
        ({"azureGovernmentTenantID": "contoso.example"}, "AzureGovernmentTenantID"),
        (
            {"publicAzureAuthorizations": [OWNER, {**OWNER, "principalID": "someone"}]},
            "PublicAzureAuthorizations.PrincipalID",
        ),
        (
            {"azureGovernmentAuthorizations": [{"roleDefinitionID": "Owner"}]},
            "AzureGovernmentAuthorizations.PrincipalID",
        ),
    ],
)
def test_tenants_and_principals_of_a_configuration_must_be_guids(api, managed_configuration, change, field):
    path, before = managed_configuration
    answer = api.put(path, MANAGED | change)
    assert answer.status_code == 400
    assert "Enter a valid GUID" in answer.text
    assert list(error_document(answer)["data"]) == [field]
    assert api.get(path) == before


@pytest.mark.parametrize("version", ["1.0", "1.0.0.0", "v1.0.0", "1.0.0-beta", "1.0.x", " 1.0.0"])
def test_the_version_of_a_configuration_must_be_three_numbers(api, managed_configuration, version):
    path, before = managed_configuration
    answer = api.put(path, MANAGED | {"version": version})
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == ["Version"]
    assert api.get(path) == before
    assert api.put(path, MANAGED | {"version": ""}).json()["version"] == ""


@pytest.mark.parametrize("resource_type", [None, "AzureSolutionTemplatePackageConfiguration"])
def test_a_configuration_of_another_type_is_refused(api, managed_configuration, resource_type):
    path, _ = managed_configuration
    answer = api.put(path, {"resourceType": resource_type, "version": "1.0.0"})
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == ["ResourceType"]


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_a_put_of_a_configuration_needs_a_current_etag(api, managed_configuration, if_match, status):
    path, document = managed_configuration
    assert api.put(path, document, if_match).status_code == status


def test_an_offer_type_without_a_configuration_answers_an_empty_list(api):
    product = api.create_offer("contoso-machine", "AzureThirdPartyVirtualMachine")
    instance = api.read_instance_id(product, "Package")
    path = f"{product}/packageConfigurations/getByInstanceID(instanceID={instance})"
    assert api.get(path) == {"value": []}


def test_an_application_created_before_2025_has_a_test_drive(api):
    """A test drive is a pseudo plan of the offer, with its own configuration."""
    assert len(api.get(f"{api.create_offer()}/variants")["value"]) == 0
    api.emulator.legacy_test_drive()
    product = api.create_offer("fabrikam-app")
    test_drive = {"resourceType": "AzureTestDriveVariant", "state": "Inactive", "id": "testdrive"}
    assert api.get(f"{product}/variants")["value"] == [test_drive]
    (branch,) = [
        branch
        for branch in api.get(f"{product}/branches/getByModule(module=Package)")["value"]
        if branch.get("variantID") == "testdrive"
    ]
    path = f"{product}/packageConfigurations/{branch['currentDraftInstanceID']}"
    document = api.get(path)
    body = {**document, "testDriveDuration": 4, "regions": ["westeurope"], "azureSubscriptionID": TENANT}
    assert (
        api.put(path, body).json().items() >= {"testDriveDuration": 4, "azureSubscriptionID": TENANT}.items()
    )
    assert api.call("DELETE", product).status_code == 204
    api.emulator.reset()
    assert api.get(f"{api.create_offer('fabrikam-app')}/variants")["value"] == []
