"""Variants: golden test 3 of the reference's appendix D, and the life of a plan."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.submission import Submission, fault


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.mark.parametrize(
    ("offer_type", "sub_type"),
    [
        ("AzureApplication", {"subType": "solution-template"}),
        ("AzureContainer", {}),
        ("AzureThirdPartyVirtualMachine", {}),
    ],
)
def test_a_minimal_plan_gets_the_recorded_defaults(api, offer_type, sub_type):
    product = api.offer("contoso", offer_type)
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
    got = api.call("GET", f"{product}/variants/{plan['id']}")
    assert got.json() == plan
    assert "etag" not in got.headers


def test_members_that_are_sent_win_over_defaults(api):
    sent = {
        "SubType": "managed-application",
        "State": "Inactive",
        "cloudAvailabilities": ["public-azure", "azure-government"],
        "leadGenID": "contoso.gold",
    }
    plan = api.plan(api.offer(), "gold", **sent)
    assert plan["subType"] == "managed-application"
    assert plan["state"] == "Inactive"
    assert plan["cloudAvailabilities"] == ["public-azure", "azure-government"]
    assert plan["leadGenID"] == "contoso.gold"


def test_a_product_without_plans_answers_an_empty_list(api):
    assert api.get(f"{api.offer()}/variants") == {"value": []}
    assert api.get(f"{api.offer('contoso-2')}/variants", params={"$skipToken": ""}) == {"value": []}


def test_a_plan_gets_three_branches_of_its_own_beside_the_offers(api):
    product = api.offer()
    plan = api.plan(product)["id"]
    for module in ("Availability", "Listing", "Package"):
        assert api.instance(product, module, plan) != api.instance(product, module)
    (only,) = api.get(f"{product}/branches/getByModule(module=Property)")["value"]
    assert "variantID" not in only


def test_a_plan_id_exists_once_in_an_offer(api):
    one, other = api.offer("contoso-1"), api.offer("contoso-2")
    api.plan(one, "gold")
    api.plan(other, "gold")
    body = {"resourceType": "AzureSkuVariant", "friendlyName": "Again", "externalID": "gold"}
    answer = api.call("POST", f"{one}/variants", json=body)
    assert answer.status_code == 409
    assert "gold" in fault(answer)["reasonPhrase"]
    assert len(api.get(f"{one}/variants")["value"]) == 1


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
    product = api.offer()
    body = {"resourceType": "AzureSkuVariant", "friendlyName": "Gold", "externalID": "gold"} | change
    answer = api.call("POST", f"{product}/variants", json=body)
    assert answer.status_code == 400
    assert field in fault(answer)["data"]
    assert api.get(f"{product}/variants") == {"value": []}


def test_put_replaces_a_plan_but_for_what_it_keeps_for_life(api):
    product = api.offer()
    plan = api.plan(product, "gold", subType="managed-application", leadGenID="contoso.gold")
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


def test_a_stale_etag_is_refused_where_it_is_sent(api):
    product = api.offer()
    plan = api.plan(product)
    path = f"{product}/variants/{plan['id']}"
    assert api.put(path, plan, plan["@odata.etag"]).status_code == 200
    assert api.put(path, plan, plan["@odata.etag"]).status_code == 412


@pytest.mark.parametrize(
    ("change", "field"),
    [({"externalID": "silver"}, "ExternalID"), ({"subType": "managed-application"}, "SubType")],
)
def test_plan_id_and_sub_type_are_immutable(api, change, field):
    product = api.offer()
    plan = api.plan(product)
    answer = api.put(f"{product}/variants/{plan['id']}", plan | change)
    assert answer.status_code == 400
    assert field in fault(answer)["data"]
    assert api.get(f"{product}/variants/{plan['id']}") == plan


def test_deleting_a_plan_deletes_all_of_it_and_frees_its_id(api):
    product = api.offer()
    held = api.emulator.state()
    plan = api.plan(product, "gold")
    answer = api.call("DELETE", f"{product}/variants/{plan['id']}", headers={"If-Match": "*"})
    assert (answer.status_code, answer.headers["content-length"]) == (204, "0")
    assert api.emulator.state() == held
    assert api.call("GET", f"{product}/variants/{plan['id']}").status_code == 404
    assert api.plan(product, "gold")["id"] != plan["id"]


def test_a_published_plan_stays_and_a_new_one_beside_it_may_go(api):
    product = api.offer()
    sold = api.plan(product, "gold")["id"]
    api.emulator.publish(product.removeprefix("/products/"))
    draft = api.plan(product, "silver")["id"]
    refused = api.call("DELETE", f"{product}/variants/{sold}")
    assert refused.status_code == 409
    assert "published" in fault(refused)["reasonPhrase"]
    assert api.call("DELETE", f"{product}/variants/{draft}").status_code == 204


def test_a_plan_belongs_to_its_product_alone(api):
    one, other = api.offer("contoso-1"), api.offer("contoso-2")
    plan = api.plan(one)
    for method in ("GET", "DELETE"):
        assert api.call(method, f"{other}/variants/{plan['id']}").status_code == 404
    assert api.put(f"{other}/variants/{plan['id']}", plan).status_code == 404
    assert api.get(f"{one}/variants") == {"value": [plan]}
