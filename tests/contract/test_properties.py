"""Properties: categories with free keys, unknown members, and published properties."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi, error_document

AMENDMENT = {
    "name": "Fabrikam",
    "terms": "Thirty days.",
    "tenants": [{"ID": "11111111-2222-4333-8444-555555555555", "description": "Fabrikam"}],
}


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.fixture
def product(api: RawApi) -> str:
    return api.create_offer()


def read_property(api: RawApi, product: str) -> tuple[str, dict]:
    document = api.read_draft(product, "Property", "properties")
    return f"{product}/properties/{document['id']}", document


def test_a_fresh_property_has_the_id_of_its_instance_and_no_category(api, product):
    path, document = read_property(api, product)
    assert document["id"] == api.read_instance_id(product, "Property")
    assert document["resourceType"] == "AzureProperty"
    assert document["leveledCategories"] == {}
    assert document["globalAmendmentTerms"] is None
    assert api.get(path) == document


def test_a_put_of_a_property_replaces_it_and_keeps_the_spelling_of_free_keys(api, product):
    path, before = read_property(api, product)
    categories = {"storage-azure-apps": ["backup-and-recovery"], "Some-Key": []}
    body = {
        "ResourceType": "AzureProperty",
        "leveledCategories": categories,
        "useEnterpriseContract": "true",
        "industries": [""],
        "customAmendments": [AMENDMENT],
        "appVersion": "1.4.0",
    }
    answer = api.put(path, body, before["@odata.etag"])
    after = answer.json()
    assert answer.status_code == 200
    assert answer.headers["etag"] == after["@odata.etag"] != before["@odata.etag"]
    expected = {
        **{name: value for name, value in body.items() if name != "ResourceType"},
        "resourceType": "AzureProperty",
        "useEnterpriseContract": True,
        "globalAmendmentTerms": None,
        "@odata.etag": after["@odata.etag"],
        "id": before["id"],
    }
    assert after == api.get(path) == expected


def test_a_member_that_the_portal_wrote_survives_a_put_of_a_property(api, product):
    path, _ = read_property(api, product)
    api.emulator.portal(f"/v1.0/ingestion{path}", leveledTags={"a": ["b"]})
    _, document = read_property(api, product)
    assert api.put(path, {**document, "appVersion": "2"}).json()["leveledTags"] == {"a": ["b"]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"leveledCategories": []}, "LeveledCategories"),
        ({"leveledCategories": {"web": "blogs"}}, "LeveledCategories"),
        ({"leveledIndustries": {"retail": [1]}}, "LeveledIndustries"),
        ({"useEnterpriseContract": 1}, "UseEnterpriseContract"),
        ({"resourceType": "AzureListing"}, "ResourceType"),
    ],
)
def test_a_wrong_type_in_a_property_is_refused_by_field_and_changes_nothing(api, product, change, field):
    path, document = read_property(api, product)
    answer = api.put(path, document | change)
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == [field]
    assert api.get(path) == document


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_a_put_of_a_property_needs_a_current_etag(api, product, if_match, status):
    path, document = read_property(api, product)
    assert api.put(path, document, if_match).status_code == status


def test_the_collection_of_properties_is_the_draft_and_nothing_can_be_added(api, product):
    _, document = read_property(api, product)
    assert api.get(f"{product}/properties") == {"value": [document]}
    answer = api.call("POST", f"{product}/properties", json=document)
    assert answer.status_code == 409
    assert document["id"] in answer.text
    assert api.call("POST", f"{product}/properties", json={"resourceType": "Other"}).status_code == 400
    assert api.get(f"{product}/properties") == {"value": [document]}


def test_a_published_property_can_be_read_and_not_written(api, product):
    path, document = read_property(api, product)
    api.emulator.publish(product.removeprefix("/products/"))
    draft_path, draft = read_property(api, product)
    assert draft_path != path
    instance = document["id"]
    assert api.get(f"{product}/properties/getByInstanceID(instanceID={instance})")["value"][0] == document
    assert api.put(path, document).status_code == 409
    assert api.put(draft_path, draft).status_code == 200


def test_unknown_properties_are_not_found(api, product):
    other = api.create_offer("fabrikam-app")
    path, document = read_property(api, product)
    assert api.call("GET", f"{other}/properties/{document['id']}").status_code == 404
    assert api.put(path.replace(product, other), document).status_code == 404
    nowhere = f"{product}/properties/getByInstanceID(instanceID=11111111-2222-4333-8444-555555555555)"
    assert api.call("GET", nowhere).status_code == 404
