"""Properties: categories with free keys, what survives a replacement, and the operations that nobody uses."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.submission import Submission, fault

AMENDMENT = {
    "name": "Fabrikam",
    "terms": "Thirty days.",
    "tenants": [{"ID": "11111111-2222-4333-8444-555555555555", "description": "Fabrikam"}],
}


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.fixture
def product(api: Submission) -> str:
    return api.offer()


def property_of(api: Submission, product: str) -> tuple[str, dict]:
    document = api.draft(product, "Property", "properties")
    return f"{product}/properties/{document['id']}", document


def test_a_fresh_property_has_the_id_of_its_instance_and_no_category(api, product):
    path, document = property_of(api, product)
    assert document["id"] == api.instance(product, "Property")
    assert document["resourceType"] == "AzureProperty"
    assert document["leveledCategories"] == {}
    assert document["globalAmendmentTerms"] is None
    assert api.get(path) == document


def test_put_replaces_and_keeps_the_callers_own_keys_as_they_are_spelled(api, product):
    path, before = property_of(api, product)
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
    wanted = {
        **{name: value for name, value in body.items() if name != "ResourceType"},
        "resourceType": "AzureProperty",
        "useEnterpriseContract": True,
        "globalAmendmentTerms": None,
        "@odata.etag": after["@odata.etag"],
        "id": before["id"],
    }
    assert after == api.get(path) == wanted


def test_what_the_portal_wrote_survives_a_put_that_sends_it_back(api, product):
    path, _ = property_of(api, product)
    api.emulator.portal(f"/v1.0/ingestion{path}", leveledTags={"a": ["b"]})
    _, document = property_of(api, product)
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
def test_a_wrong_type_is_refused_by_field_and_changes_nothing(api, product, change, field):
    path, document = property_of(api, product)
    answer = api.put(path, document | change)
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == [field]
    assert api.get(path) == document


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_put_is_conditional(api, product, if_match, status):
    path, document = property_of(api, product)
    assert api.put(path, document, if_match).status_code == status


def test_the_collection_is_the_present_draft_and_nothing_can_be_added(api, product):
    _, document = property_of(api, product)
    assert api.get(f"{product}/properties") == {"value": [document]}
    answer = api.call("POST", f"{product}/properties", json=document)
    assert answer.status_code == 409
    assert document["id"] in answer.text
    assert api.call("POST", f"{product}/properties", json={"resourceType": "Other"}).status_code == 400
    assert api.get(f"{product}/properties") == {"value": [document]}


def test_a_published_property_can_be_read_and_not_written(api, product):
    path, document = property_of(api, product)
    api.emulator.publish(product.removeprefix("/products/"))
    following, draft = property_of(api, product)
    assert following != path
    instance = document["id"]
    assert api.get(f"{product}/properties/getByInstanceID(instanceID={instance})")["value"][0] == document
    assert api.put(path, document).status_code == 409
    assert api.put(following, draft).status_code == 200


def test_what_does_not_exist_is_not_found(api, product):
    other = api.offer("fabrikam-app")
    path, document = property_of(api, product)
    assert api.call("GET", f"{other}/properties/{document['id']}").status_code == 404
    assert api.put(path.replace(product, other), document).status_code == 404
    nowhere = f"{product}/properties/getByInstanceID(instanceID=11111111-2222-4333-8444-555555555555)"
    assert api.call("GET", nowhere).status_code == 404
