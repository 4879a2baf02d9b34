"""Package configurations: which type is where, and what each one takes."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.submission import Submission, fault

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
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


def configuration(api: Submission, product: str, variant: str | None = None) -> tuple[str, dict]:
    document = api.draft(product, "Package", "packageConfigurations", variant)
    return f"{product}/packageconfigurations/{document['id']}", document


@pytest.fixture
def managed(api: Submission) -> tuple[str, dict]:
    """Path and fresh document of a managed application's plan."""
    product = api.offer()
    return configuration(api, product, api.plan(product, subType="managed-application")["id"])


@pytest.mark.parametrize(("offer_type", "body"), OFFERS, ids=[one for one, _ in OFFERS])
def test_an_offers_configuration_is_of_its_type_and_takes_all_of_it(api, offer_type, body):
    product = api.offer("contoso-app", offer_type)
    path, before = configuration(api, product)
    assert before["id"] == api.instance(product, "Package")
    assert before["resourceType"] == body["resourceType"]
    answer = api.put(path, body, before["@odata.etag"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == answer.json()["@odata.etag"]
    assert answer.json() == body | {"@odata.etag": answer.headers["etag"], "id": before["id"]}
    assert api.get(path) == answer.json()


def test_a_managed_applications_configuration_takes_all_of_it(api, managed):
    path, before = managed
    assert before.items() >= {"allowJitAccess": False, "publisherManagementMode": "Managed"}.items()
    answer = api.put(path, MANAGED, before["@odata.etag"])
    assert answer.status_code == 200, answer.text
    assert api.get(path) == MANAGED | {"@odata.etag": answer.headers["etag"], "id": before["id"]}
    as_text = api.put(path, {**MANAGED, "canEnableCustomerActions": "false"}).json()
    assert as_text["canEnableCustomerActions"] is False


def test_a_solution_templates_configuration_is_a_version_and_a_package(api):
    product = api.offer()
    path, before = configuration(api, product, api.plan(product)["id"])
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
def test_tenants_and_principals_are_guids(api, managed, change, field):
    path, before = managed
    answer = api.put(path, MANAGED | change)
    assert answer.status_code == 400
    assert "Enter a valid GUID" in answer.text
    assert list(fault(answer)["data"]) == [field]
    assert api.get(path) == before


@pytest.mark.parametrize("version", ["1.0", "1.0.0.0", "v1.0.0", "1.0.0-beta", "1.0.x", " 1.0.0"])
def test_a_version_is_three_numbers(api, managed, version):
    path, before = managed
    answer = api.put(path, MANAGED | {"version": version})
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == ["Version"]
    assert api.get(path) == before
    assert api.put(path, MANAGED | {"version": ""}).json()["version"] == ""


@pytest.mark.parametrize("resource_type", [None, "AzureSolutionTemplatePackageConfiguration"])
def test_another_type_is_refused(api, managed, resource_type):
    path, _ = managed
    answer = api.put(path, {"resourceType": resource_type, "version": "1.0.0"})
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == ["ResourceType"]


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_put_is_conditional(api, managed, if_match, status):
    path, document = managed
    assert api.put(path, document, if_match).status_code == status


def test_there_is_nothing_where_a_type_has_no_configuration(api):
    product = api.offer("contoso-machine", "AzureThirdPartyVirtualMachine")
    instance = api.instance(product, "Package")
    path = f"{product}/packageConfigurations/getByInstanceID(instanceID={instance})"
    assert api.get(path) == {"value": []}


def test_an_application_from_before_2025_has_a_test_drive(api):
    """The pseudo plan is recorded (3.3), the members are documented (5.13)."""
    assert len(api.get(f"{api.offer()}/variants")["value"]) == 0
    api.emulator.legacy_test_drive()
    product = api.offer("fabrikam-app")
    pseudo = {"resourceType": "AzureTestDriveVariant", "state": "Inactive", "id": "testdrive"}
    assert api.get(f"{product}/variants")["value"] == [pseudo]
    (branch,) = [
        each
        for each in api.get(f"{product}/branches/getByModule(module=Package)")["value"]
        if each.get("variantID") == "testdrive"
    ]
    path = f"{product}/packageConfigurations/{branch['currentDraftInstanceID']}"
    document = api.get(path)
    wanted = {**document, "testDriveDuration": 4, "regions": ["westeurope"], "azureSubscriptionID": TENANT}
    assert (
        api.put(path, wanted).json().items()
        >= {"testDriveDuration": 4, "azureSubscriptionID": TENANT}.items()
    )
    assert api.call("DELETE", product).status_code == 204
    api.emulator.reset()
    assert api.get(f"{api.offer('fabrikam-app')}/variants")["value"] == []
