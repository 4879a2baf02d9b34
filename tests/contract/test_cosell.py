"""Co-sell listings, and the files that they refer to."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.contents import PITCH
from tests.contract.submission import Submission, fault, signed

LISTING = {
    "resourceType": "CosellListing",
    "offerPlatforms": ["Azure"],
    "endCustomerSegments": ["Enterprise"],
    "offerType": "Application",
    "solutionAreas": [{"area": "Infrastructure", "subAreas": ["Backup"]}],
    "contacts": [
        {
            "type": "Seller",
            "email": "s@contoso.example",
            "name": "S",
            "jobTitle": "Seller",
            "role": "Sales",
            "regions": ["Europe"],
            "subRegions": [],
        }
    ],
}


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.fixture
def product(api: Submission) -> str:
    return api.offer()


def test_the_listing_is_addressed_by_its_instance(api, product):
    instance = api.instance(product, "Cosell")
    path = f"{product}/cosellListing/{instance}"
    fresh = api.get(path)
    assert fresh == {"resourceType": "CosellListing", "@odata.etag": fresh["@odata.etag"], "id": instance}
    assert api.get(f"{product}/cosellListing/getByInstanceID(instanceID={instance})") == {"value": [fresh]}
    answer = api.put(path, LISTING, None)
    assert answer.status_code == 200
    assert answer.headers["etag"] == answer.json()["@odata.etag"] != fresh["@odata.etag"]
    assert api.get(path) == answer.json() == fresh | LISTING | {"@odata.etag": answer.headers["etag"]}
    assert api.put(path, LISTING, '"stale"').status_code == 412
    assert api.emulator.portal(f"/v1.0/ingestion{path}", offerType="Other")["offerType"] == "Other"


def test_the_life_of_an_asset(api, product):
    answer = api.call("POST", f"{product}/cosellAssets", json=PITCH)
    asset = answer.json()
    path = f"{product}/cosellAssets/{asset['id']}"
    assert answer.status_code == 200
    assert answer.headers["etag"] == asset["@odata.etag"]
    assert asset.items() >= {**PITCH, "state": "PendingUpload"}.items()
    assert signed(asset["fileSasUri"])[1]["sp"] == "rwl"
    api.upload(asset["fileSasUri"], b"a pitch")
    marked = api.put(path, {**PITCH, "state": "Uploaded"}, None).json()
    assert marked["state"] == "Uploaded"
    assert api.blob("GET", marked["fileSasUri"]).content == b"a pitch"
    instance = api.instance(product, "Cosell")
    for every in ("cosellAssets", f"cosellAssets/getByInstanceID(instanceID={instance})"):
        (listed,) = api.get(f"{product}/{every}")["value"]
        assert listed.items() >= {**PITCH, "state": "Uploaded", "id": asset["id"]}.items()
        assert signed(listed["fileSasUri"])[1]["sp"] == "rl"
    assert api.get(path)["id"] == asset["id"]
    assert list(fault(api.put(path, {**PITCH, "type": "OnePager"}))["data"]) == ["Type"]
    assert api.call("DELETE", path).status_code == 204
    assert api.get(f"{product}/cosellAssets") == {"value": []}


def test_an_asset_that_the_listing_refers_to_stays(api, product):
    asset = api.post(f"{product}/cosellAssets", PITCH, 200)
    path = f"{product}/cosellAssets/{asset['id']}"
    listing = f"{product}/cosellListing/{api.instance(product, 'Cosell')}"
    reference = {"type": "CosellAsset", "value": asset["id"]}
    assert api.put(listing, {**LISTING, "assetReferences": [reference]}).status_code == 200
    answer = api.call("DELETE", path)
    assert answer.status_code == 409
    assert asset["id"] in fault(answer)["reasonPhrase"]
    assert api.put(listing, LISTING).status_code == 200
    assert api.call("DELETE", path).status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"fileName": "a.pdf"}, "ResourceType"),
        ({"resourceType": "CosellAsset"}, "FileName"),
        ({**PITCH, "state": "Uploaded"}, "State"),
    ],
)
def test_a_post_that_says_too_little_is_refused(api, product, body, field):
    answer = api.call("POST", f"{product}/cosellAssets", json=body)
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == [field]


def test_an_unknown_instance_is_not_found(api, product):
    instance = api.instance(product, "Property")
    for path in (f"cosellListing/{instance}", f"cosellAssets/getByInstanceID(instanceID={instance})"):
        assert api.call("GET", f"{product}/{path}").status_code == 404
    assert api.call("GET", f"{product}/cosellAssets/{instance}").status_code == 404


def test_the_state_shows_the_instance_of_an_asset_and_no_signature(api, product):
    api.post(f"{product}/cosellAssets", PITCH, 200)
    (held,) = api.emulator.state()["cosellAssets"]
    assert held["instanceID"] == api.instance(product, "Cosell")
    assert "sig=" not in str(held)
