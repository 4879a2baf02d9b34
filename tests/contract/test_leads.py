"""Lead configurations: every destination, and secrets, which the service stores and never returns."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi, error_document

CONNECTION = "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=none"
DYNAMICS = {
    "resourceType": "DynamicsCustomerRelationshipManagementLeadConfiguration",
    "uri": "https://contoso.example",
    "authentication": "AzureAD",
    "userName": "leads",
    "password": "secret one",
    "applicationID": "aaaaaaaa-0000-4000-8000-000000000001",
    "applicationKey": "secret two",
    "directoryID": "bbbbbbbb-0000-4000-8000-000000000002",
}
DESTINATIONS = [
    {"resourceType": "AzureTableLeadConfiguration", "connectionString": CONNECTION},
    {
        "resourceType": "AzureBlobLeadConfiguration",
        "connectionString": CONNECTION,
        "containerName": "leads",
    },
    DYNAMICS,
    {"resourceType": "HttpsEndpointLeadConfiguration", "httpsEndpointUri": "https://contoso.example/leads"},
    {
        "resourceType": "MarketoLeadConfiguration",
        "serverID": "app-01",
        "munchkinAccountID": "000-AAA-000",
        "formID": "7",
    },
    {"resourceType": "SalesForceLeadConfiguration", "objectIdentifier": "00D000000000000"},
]
SECRETS = {"connectionString", "password", "applicationKey"}
HTTPS = DESTINATIONS[3]


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.fixture
def path(api: RawApi) -> str:
    return f"{api.create_offer()}/leadconfiguration"


def test_a_fresh_offer_has_no_lead_configuration(api, path):
    assert api.call("GET", path).status_code == 404
    assert api.emulator.state()["leadConfigurations"] == []


@pytest.mark.parametrize("body", DESTINATIONS, ids=lambda body: body["resourceType"])
def test_every_lead_destination_is_stored_and_returned_without_its_secrets(api, path, body):
    complete = {**body, "contactEmail": "leads@contoso.example", "dailyDigestEmailContacts": []}
    answer = api.call("POST", path, json=complete)
    readable = {name: value for name, value in complete.items() if name not in SECRETS}
    assert answer.status_code == 200
    assert answer.json() == api.get(path) == readable
    assert not {"etag", "location"} & set(answer.headers)
    (stored,) = api.emulator.state()["leadConfigurations"]
    assert stored.items() >= complete.items()


def test_a_second_post_replaces_the_lead_configuration(api, path):
    api.post(path, DYNAMICS, 200)
    api.post(path, {**HTTPS, "contactEmail": "leads@contoso.example"}, 200)
    assert api.post(path, HTTPS, 200) == api.get(path) == HTTPS
    (stored,) = api.emulator.state()["leadConfigurations"]
    assert not SECRETS & set(stored)


def test_a_secret_of_a_lead_configuration_that_is_not_sent_again_stays(api, path):
    api.post(path, DYNAMICS, 200)
    readable = {name: value for name, value in DYNAMICS.items() if name not in SECRETS}
    api.post(path, {**readable, "userName": "others", "password": "secret three"}, 200)
    (stored,) = api.emulator.state()["leadConfigurations"]
    assert stored.items() >= {**DYNAMICS, "userName": "others", "password": "secret three"}.items()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"contactEmail": "leads@contoso.example"}, "ResourceType"),
        ({"connectionString": CONNECTION}, "ResourceType"),
        ({**HTTPS, "resourceType": []}, "ResourceType"),
        ({"resourceType": "CarrierPigeonLeadConfiguration"}, "ResourceType"),
        ({**HTTPS, "httpsEndpointUri": 5}, "HttpsEndpointUri"),
    ],
)
def test_an_invalid_lead_configuration_is_refused(api, path, body, field):
    answer = api.call("POST", path, json=body)
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == [field]
    assert api.call("GET", path).status_code == 404


@pytest.mark.parametrize("body", [[], "text", None])
def test_a_lead_configuration_that_is_not_an_object_is_refused(api, path, body):
    assert api.call("POST", path, json=body).status_code == 400


def test_a_member_of_another_lead_destination_is_not_emulated(api, path):
    api.post(path, DESTINATIONS[4], 200)
    assert api.call("POST", path, json={**HTTPS, "formID": "7"}).status_code == 501


def test_member_names_of_a_lead_configuration_have_any_case_and_the_portal_may_change_it(api, path):
    api.post(path, {"ResourceType": HTTPS["resourceType"], "HTTPSENDPOINTURI": "https://a.example"}, 200)
    changed = api.emulator.portal(f"/v1.0/ingestion{path}", contactEmail="qa@contoso.example")
    assert changed == api.get(path)
    assert changed["httpsEndpointUri"] == "https://a.example"


def test_a_lead_configuration_is_deleted_with_its_product(api, path):
    api.post(path, HTTPS, 200)
    assert api.call("DELETE", path.removesuffix("/leadconfiguration")).status_code == 204
    assert api.call("GET", path).status_code == 404
    assert api.emulator.state()["leadConfigurations"] == []
