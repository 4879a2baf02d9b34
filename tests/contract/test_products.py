"""Products, their setup and their branches."""

from __future__ import annotations

import re

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi, error_document

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
BY_OFFER_ID = "externalIDs/Any(i:i/type eq 'AzureOfferId' and i/value eq '{}')"


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


def test_a_new_product_is_read_in_any_case_and_its_offer_id_is_canonical(api):
    body = {
        "resourceType": "AzureContainer",
        "name": "contoso alias",
        "externalIds": [{"type": "AzureOfferID", "value": "contoso-1"}],
        "ID": "contoso-1",
        "isModularPublishing": True,
    }
    answer = api.call("POST", "/products", json=body)
    product = answer.json()
    assert answer.status_code == 201
    assert product == {
        "resourceType": "AzureContainer",
        "name": "contoso alias",
        "externalIDs": [{"type": "AzureOfferId", "value": "contoso-1"}],
        "isModularPublishing": True,
        "id": product["id"],
    }
    assert GUID.fullmatch(product["id"])
    assert answer.headers["location"] == f"{api.emulator.api}/products/{product['id']}"
    assert "etag" not in answer.headers
    assert api.get(f"/products/{product['id']}") == product


@pytest.mark.parametrize(
    "expression",
    [
        BY_OFFER_ID.format("contoso-1"),
        "ExternalIDs/Any(i:i/Type eq 'AzureOfferId' and i/Value eq 'contoso-1')",
        "resourceType eq 'AzureContainer'",
        "resourceType eq 'AzureContainer' or resourceType eq 'SoftwareAsAService'",
    ],
)
@pytest.mark.parametrize("blank", ["+", "%20"])
def test_a_filter_of_products_lists_a_new_product_at_once_and_no_other(api, expression, blank):
    api.create_offer("contoso-2")
    product = api.create_offer("contoso-1", "AzureContainer")
    answer = api.get("/products?$filter=" + expression.replace(" ", blank))
    assert [f"/products/{listed_product['id']}" for listed_product in answer["value"]] == [product]


def test_a_filter_by_an_unknown_offer_id_answers_an_empty_list(api):
    product = api.create_offer("contoso-1")
    assert api.call("DELETE", product).status_code == 204
    assert api.get("/products", params={"$filter": BY_OFFER_ID.format("contoso-1")}) == {"value": []}


@pytest.mark.parametrize(
    "expression",
    [
        "name eq 'contoso'",
        "contains(name,'contoso')",
        "externalIDs/Any(i:i/value eq 'a')",
        "resourceType ne 'AzureContainer'",
        "externalIDs/Any(i:j/type eq 'AzureOfferId' and i/value eq 'a')",
    ],
)
def test_a_filter_of_products_of_another_form_is_refused(api, expression):
    answer = api.call("GET", "/products", params={"$filter": expression})
    assert answer.status_code == 400
    assert "Filter" in error_document(answer)["data"]


def test_a_second_product_with_the_same_offer_id_is_a_conflict_and_changes_nothing(api):
    api.create_offer("contoso-1")
    state = api.emulator.state()
    body = {
        "resourceType": "AzureContainer",
        "name": "other",
        "externalIDs": [{"type": "AzureOfferId", "value": "contoso-1"}],
    }
    answer = api.call("POST", "/products", json=body)
    assert answer.status_code == 409
    assert "contoso-1" in error_document(answer)["reasonPhrase"]
    assert api.emulator.state() == state


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "Name"),
        ({"name": 5}, "Name"),
        ({"resourceType": None}, "ResourceType"),
        ({"externalIDs": []}, "ExternalIDs"),
        ({"externalIDs": [{"type": "AzureOfferId", "value": "Contoso App"}]}, "ExternalIDs"),
        ({"externalIDs": [{"type": "AzureOfferId", "value": "c" * 51}]}, "ExternalIDs"),
        ({"externalIDs": [{"type": "AzureOfferId", "value": 7}]}, "ExternalIDs.Value"),
        ({"isModularPublishing": "maybe"}, "IsModularPublishing"),
    ],
)
def test_a_product_that_breaks_a_rule_is_refused_by_field(api, change, field):
    body = {
        "resourceType": "AzureApplication",
        "name": "contoso",
        "externalIDs": [{"type": "AzureOfferId", "value": "contoso"}],
    }
    answer = api.call("POST", "/products", json=body | change)
    assert answer.status_code == 400
    assert field in error_document(answer)["data"]
    assert not any(api.emulator.state().values())


def test_deleting_a_product_deletes_its_documents_and_no_others(api):
    other_product = api.create_offer("contoso-kept")
    state = api.emulator.state()
    product = api.create_offer("contoso-gone")
    api.create_plan(product)
    answer = api.call("DELETE", product)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["content-length"] == "0"
    assert api.emulator.state() == state
    assert api.call("GET", product).status_code == 404
    assert api.call("GET", other_product).status_code == 200


@pytest.mark.parametrize(
    ("offer_type", "reseller"), [("AzureApplication", "Disabled"), ("AzureContainer", "Enabled")]
)
def test_a_fresh_setup_depends_on_the_offer_type(api, offer_type, reseller):
    assert api.get(f"{api.create_offer('contoso-1', offer_type)}/setup") == {
        "resourceType": "AzureProductSetup",
        "sellingOption": "ListAndSell",
        "trialUri": "",
        "enableTestDrive": False,
        "channelStates": [{"type": "Reseller", "value": reseller}],
    }


def test_a_post_replaces_the_setup_and_answers_200_without_etag_or_location(api):
    product = api.create_offer()
    body = {
        "resourceType": "AzureProductSetup",
        "sellingOption": "ListOnly",
        "enableTestDrive": False,
        "trialUri": "https://contoso.example.com/try",
        "channelStates": [{"type": "Reseller", "value": "Enabled"}],
    }
    answer = api.call("POST", f"{product}/setup", json=body)
    assert answer.status_code == 200
    assert answer.json() == api.get(f"{product}/setup") == body
    assert not {"etag", "location"} & set(answer.headers)


def test_a_setup_with_test_drive_is_refused_with_the_recorded_error(api):
    product = api.create_offer()
    before = api.get(f"{product}/setup")
    answer = api.call("POST", f"{product}/setup", json=before | {"enableTestDrive": True})
    assert answer.status_code == 400
    error = error_document(answer)
    assert error["reasonPhrase"] == "Request validation failed."
    assert error["data"] == {"FeatureName": ["The field FeatureName is invalid."]}
    assert GUID.fullmatch(error["correlationId"])
    assert api.get(f"{product}/setup") == before


def test_every_module_of_an_application_has_one_offer_level_branch(api):
    product = api.create_offer()
    instances = set()
    for module in ("Availability", "Property", "Listing", "Package", "ResellerConfiguration"):
        (branch,) = api.get(f"{product}/branches/getByModule(module={module.lower()})")["value"]
        instances.add(branch["currentDraftInstanceID"])
        assert branch == {
            "resourceType": "Branch",
            "friendlyName": "Main",
            "type": "Main",
            "module": module,
            "currentDraftInstanceID": branch["currentDraftInstanceID"],
        }
    assert len(instances) == 5
    assert api.get(f"{product}/branches/getByModule(module=SupplementalContent)") == {"value": []}


def test_branches_of_an_unknown_module_are_refused(api):
    answer = api.call("GET", f"{api.create_offer()}/branches/getByModule(module=Nonsense)")
    assert answer.status_code == 400
    assert "Module" in error_document(answer)["data"]


def test_documents_of_fresh_drafts_exist_and_have_the_ids_of_their_instances(api):
    product = api.create_offer()
    api.create_plan(product, subType="managed-application")
    state = api.emulator.state()
    for collection in ("properties", "productAvailabilities", "packageConfigurations"):
        assert state[collection]
        assert all(document["id"] == document["instanceID"] for document in state[collection])
    for collection in ("listings", "featureAvailabilities"):
        assert all(document["id"] != document["instanceID"] for document in state[collection])
    assert [document["resourceType"] for document in state["packageConfigurations"]] == [
        "AzureApplicationPackageConfiguration",
        "AzureManagedApplicationPackageConfiguration",
    ]


def test_a_published_product_cannot_be_deleted(api):
    product = api.create_offer()
    api.emulator.publish(product.removeprefix("/products/"))
    answer = api.call("DELETE", product)
    assert answer.status_code == 409
    assert "published" in error_document(answer)["reasonPhrase"]
    assert api.call("GET", product).status_code == 200


def test_publishing_gives_every_module_a_new_draft_with_the_same_content(api):
    product = api.create_offer()
    before = {module: api.read_instance_id(product, module) for module in ("Listing", "Property", "Package")}
    old = api.read_listing(product)
    api.emulator.publish(product.removeprefix("/products/"))
    for module, instance in before.items():
        assert api.read_instance_id(product, module) != instance
    new = api.read_listing(product)
    assert (new["id"], new["@odata.etag"]) != (old["id"], old["@odata.etag"])
    assert new | {"id": 0, "@odata.etag": 0} == old | {"id": 0, "@odata.etag": 0}
    published_listings = f"{product}/listings/getByInstanceID(instanceID={before['Listing']})"
    assert api.get(published_listings) == {"value": [old]}
    assert api.put(f"{product}/listings/{old['id']}", old).status_code == 409
