"""Product availabilities, which hold the audience of the preview."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi, error_document

SUBSCRIPTION = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.fixture
def product(api: RawApi) -> str:
    return api.create_offer()


def read_product_availability(api: RawApi, product: str) -> tuple[str, dict]:
    document = api.read_draft(product, "Availability", "productAvailabilities")
    return f"{product}/productavailabilities/{document['id']}", document


def test_a_fresh_availability_is_public_and_without_audience(api, product):
    path, document = read_product_availability(api, product)
    assert document["id"] == api.read_instance_id(product, "Availability")
    assert document["visibility"] == "Public"
    assert document["audiences"] == []
    assert api.get(path) == document
    assert api.get(f"{product}/productavailabilities") == {"value": [document]}


def test_a_put_of_an_availability_stores_every_kind_of_audience_in_any_case(api, product):
    path, before = read_product_availability(api, product)
    body = {
        "resourceType": "ProductAvailability",
        "visibility": "Public",
        "audiences": [{"Type": "PreviewMarketplaceGroup", "Values": [SUBSCRIPTION]}],
        "emailAudiences": [{"ID": "qa@contoso.example", "description": "QA"}],
        "subscriptionAudiences": [{"id": SUBSCRIPTION}],
        "enterpriseLicensing": "Online",
        "hideKeyAudience": "key",
    }
    answer = api.put(path, body, before["@odata.etag"])
    assert answer.status_code == 200
    assert answer.headers["etag"] == answer.json()["@odata.etag"]
    assert api.get(path) == answer.json()
    assert answer.json() == body | {
        "audiences": [{"type": "PreviewMarketplaceGroup", "values": [SUBSCRIPTION]}],
        "subscriptionAudiences": [{"ID": SUBSCRIPTION}],
        "@odata.etag": answer.headers["etag"],
        "id": before["id"],
    }
    empty_document = api.put(path, {"resourceType": "ProductAvailability", "audiences": []}).json()
    assert set(empty_document) == {"resourceType", "audiences", "@odata.etag", "id"}


def test_audiences_that_are_lists_of_lists_are_refused(api, product):
    path, document = read_product_availability(api, product)
    answer = api.put(path, document | {"audiences": [[SUBSCRIPTION]]})
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == ["Audiences"]


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_a_put_of_a_product_availability_needs_a_current_etag(api, product, if_match, status):
    path, document = read_product_availability(api, product)
    assert api.put(path, document, if_match).status_code == status


def test_a_second_product_availability_cannot_be_created(api, product):
    _, document = read_product_availability(api, product)
    assert api.call("POST", f"{product}/productavailabilities", json=document).status_code == 409


def test_the_availability_of_a_plan_is_another_document(api, product):
    variant = api.create_plan(product)["id"]
    instance = api.read_instance_id(product, "Availability", variant)
    collection = f"{product}/productAvailabilities/getByInstanceID(instanceID={instance})"
    assert api.get(collection) == {"value": []}
    plan_availability_id = api.read_availability(product, variant)["id"]
    assert api.call("GET", f"{product}/productavailabilities/{plan_availability_id}").status_code == 404
