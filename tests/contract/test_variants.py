"""Variants: defaults, rules, changes and deletion of plans."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi, error_document


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.mark.parametrize(
    ("offer_type", "sub_type"),
    [
        ("AzureApplication", {"subType": "solution-template"}),
        ("AzureContainer", {}),
        ("AzureThirdPartyVirtualMachine", {}),
    ],
)
def test_a_minimal_plan_gets_the_recorded_defaults(api, offer_type, sub_type):
    product = api.create_offer("contoso", offer_type)
    body = {"resourceType": "AzureSkuVariant", "friendlyName": "Gold plan", "externalID": "gold"}
    answer = api.call("POST", f"{product}/variants", json=body)
    plan = answer.json()
    assert answer.status_code == 201
    assert plan == {
        "resourceType": "AzureSkuVariant",
        "state": "Active",
        "friendlyName": "Gold plan",
        "conversionPaths": "*",
        "externalID": "gold",
        "certificationsAzureGovernment": [],
        "cloudAvailabilities": ["public-azure"],
        **sub_type,
        "extendedProperties": [],
        "@odata.etag": plan["@odata.etag"],
        "id": plan["id"],
    }
    assert answer.headers["etag"] == plan["@odata.etag"]
    assert answer.headers["location"] == f"{api.emulator.api}{product}/variants/{plan['id']}"
    assert api.get(f"{product}/variants") == {"value": [plan]}
    read_answer = api.call("GET", f"{product}/variants/{plan['id']}")
    assert read_answer.json() == plan
    assert "etag" not in read_answer.headers


def test_members_of_a_new_plan_replace_the_defaults(api):
    members = {
        "SubType": "managed-application",
        "State": "Inactive",
        "cloudAvailabilities": ["public-azure", "azure-government"],
        "leadGenID": "contoso.gold",
    }
    plan = api.create_plan(api.create_offer(), "gold", **members)
    assert plan["subType"] == "managed-application"
    assert plan["state"] == "Inactive"
    assert plan["cloudAvailabilities"] == ["public-azure", "azure-government"]
    assert plan["leadGenID"] == "contoso.gold"


def test_a_product_without_plans_answers_an_empty_list(api):
    assert api.get(f"{api.create_offer()}/variants") == {"value": []}
    assert api.get(f"{api.create_offer('contoso-2')}/variants", params={"$skipToken": ""}) == {"value": []}


def test_a_plan_has_three_branches_of_its_own_beside_the_offers(api):
    product = api.create_offer()
    plan = api.create_plan(product)["id"]
    for module in ("Availability", "Listing", "Package"):
        assert api.read_instance_id(product, module, plan) != api.read_instance_id(product, module)
    (branch,) = api.get(f"{product}/branches/getByModule(module=Property)")["value"]
    assert "variantID" not in branch


def test_a_second_plan_with_the_same_id_in_an_offer_is_a_conflict(api):
    product, other_product = api.create_offer("contoso-1"), api.create_offer("contoso-2")
    api.create_plan(product, "gold")
    api.create_plan(other_product, "gold")
    body = {"resourceType": "AzureSkuVariant", "friendlyName": "Again", "externalID": "gold"}
    answer = api.call("POST", f"{product}/variants", json=body)
    assert answer.status_code == 409
    assert "gold" in error_document(answer)["reasonPhrase"]
    assert len(api.get(f"{product}/variants")["value"]) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"externalID": None}, "ExternalID"),
        ({"externalID": "Gold Plan"}, "ExternalID"),
        ({"externalID": "g" * 51}, "ExternalID"),
        ({"resourceType": "AzureTestDriveVariant"}, "ResourceType"),
        ({"subType": "managed"}, "SubType"),
        ({"cloudAvailabilities": "public-azure"}, "CloudAvailabilities"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_refused_by_field(api, change, field):
    product = api.create_offer()
    body = {"resourceType": "AzureSkuVariant", "friendlyName": "Gold", "externalID": "gold"} | change
    answer = api.call("POST", f"{product}/variants", json=body)
    assert answer.status_code == 400
    assert field in error_document(answer)["data"]
    assert api.get(f"{product}/variants") == {"value": []}


def test_a_put_replaces_a_plan_except_for_its_immutable_members(api):
    product = api.create_offer()
    plan = api.create_plan(product, "gold", subType="managed-application", leadGenID="contoso.gold")
    body = {"resourceType": "AzureSkuVariant", "friendlyName": "Golden", "state": "Inactive"}
    answer = api.put(f"{product}/variants/{plan['id']}", body, None)
    after = answer.json()
    assert answer.status_code == 200
    assert after == body | {
        "externalID": "gold",
        "subType": "managed-application",
        "@odata.etag": after["@odata.etag"],
        "id": plan["id"],
    }
    assert answer.headers["etag"] == after["@odata.etag"] != plan["@odata.etag"]
    assert api.get(f"{product}/variants") == {"value": [after]}


def test_a_put_of_a_plan_with_a_stale_etag_is_refused(api):
    product = api.create_offer()
    plan = api.create_plan(product)
    path = f"{product}/variants/{plan['id']}"
    assert api.put(path, plan, plan["@odata.etag"]).status_code == 200
    assert api.put(path, plan, plan["@odata.etag"]).status_code == 412


@pytest.mark.parametrize(
    ("change", "field"),
    [({"externalID": "silver"}, "ExternalID"), ({"subType": "managed-application"}, "SubType")],
)
def test_the_id_and_sub_type_of_a_plan_are_immutable(api, change, field):
    product = api.create_offer()
    plan = api.create_plan(product)
    answer = api.put(f"{product}/variants/{plan['id']}", plan | change)
    assert answer.status_code == 400
    assert field in error_document(answer)["data"]
    assert api.get(f"{product}/variants/{plan['id']}") == plan


def test_deleting_a_plan_deletes_all_its_documents_and_frees_its_id(api):
    product = api.create_offer()
    state = api.emulator.state()
    plan = api.create_plan(product, "gold")
    answer = api.call("DELETE", f"{product}/variants/{plan['id']}", headers={"If-Match": "*"})
    assert (answer.status_code, answer.headers["content-length"]) == (204, "0")
    assert api.emulator.state() == state
    assert api.call("GET", f"{product}/variants/{plan['id']}").status_code == 404
    assert api.create_plan(product, "gold")["id"] != plan["id"]


def test_a_published_plan_cannot_be_deleted_and_a_draft_plan_can(api):
    product = api.create_offer()
    published_plan = api.create_plan(product, "gold")["id"]
    api.emulator.publish(product.removeprefix("/products/"))
    draft_plan = api.create_plan(product, "silver")["id"]
    answer = api.call("DELETE", f"{product}/variants/{published_plan}")
    assert answer.status_code == 409
    assert "published" in error_document(answer)["reasonPhrase"]
    assert api.call("DELETE", f"{product}/variants/{draft_plan}").status_code == 204


def test_a_plan_is_not_found_below_another_product(api):
    product, other_product = api.create_offer("contoso-1"), api.create_offer("contoso-2")
    plan = api.create_plan(product)
    for method in ("GET", "DELETE"):
        assert api.call(method, f"{other_product}/variants/{plan['id']}").status_code == 404
    assert api.put(f"{other_product}/variants/{plan['id']}", plan).status_code == 404
    assert api.get(f"{product}/variants") == {"value": [plan]}
