"""Product availabilities: who sees the preview."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.submission import Submission, fault

SUBSCRIPTION = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.fixture
def product(api: Submission) -> str:
    return api.offer()


def availability_of(api: Submission, product: str) -> tuple[str, dict]:
    document = api.draft(product, "Availability", "productAvailabilities")
    return f"{product}/productavailabilities/{document['id']}", document


def test_a_fresh_availability_is_public_and_without_audience(api, product):
    path, document = availability_of(api, product)
    assert document["id"] == api.instance(product, "Availability")
    assert document["visibility"] == "Public"
    assert document["audiences"] == []
    assert api.get(path) == document
    assert api.get(f"{product}/productavailabilities") == {"value": [document]}


def test_put_stores_every_kind_of_audience_whatever_the_case_of_its_members(api, product):
    path, before = availability_of(api, product)
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
    emptied = api.put(path, {"resourceType": "ProductAvailability", "audiences": []}).json()
    assert set(emptied) == {"resourceType", "audiences", "@odata.etag", "id"}


def test_audiences_are_not_lists_of_lists_though_the_documents_say_so(api, product):
    path, document = availability_of(api, product)
    answer = api.put(path, document | {"audiences": [[SUBSCRIPTION]]})
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == ["Audiences"]


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_put_is_conditional(api, product, if_match, status):
    path, document = availability_of(api, product)
    assert api.put(path, document, if_match).status_code == status


def test_another_one_cannot_be_made(api, product):
    _, document = availability_of(api, product)
    assert api.call("POST", f"{product}/productavailabilities", json=document).status_code == 409


def test_the_availability_of_a_plan_is_another_document(api, product):
    variant = api.plan(product)["id"]
    instance = api.instance(product, "Availability", variant)
    every = f"{product}/productAvailabilities/getByInstanceID(instanceID={instance})"
    assert api.get(every) == {"value": []}
    feature = api.availability(product, variant)["id"]
    assert api.call("GET", f"{product}/productavailabilities/{feature}").status_code == 404
