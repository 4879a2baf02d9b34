"""Co-sell listings, and the assets that they refer to."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.contents import PITCH
from tests.contract.raw_api import RawApi, error_document, split_signature

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
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.fixture
def product(api: RawApi) -> str:
    return api.create_offer()


def test_a_cosell_listing_has_the_id_of_its_instance(api, product):
    instance = api.read_instance_id(product, "Cosell")
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


def test_a_cosell_asset_is_created_uploaded_listed_and_deleted(api, product):
    answer = api.call("POST", f"{product}/cosellAssets", json=PITCH)
    asset = answer.json()
    path = f"{product}/cosellAssets/{asset['id']}"
    assert answer.status_code == 200
    assert answer.headers["etag"] == asset["@odata.etag"]
    assert asset.items() >= {**PITCH, "state": "PendingUpload"}.items()
    assert split_signature(asset["fileSasUri"])[1]["sp"] == "rwl"
    api.upload(asset["fileSasUri"], b"a pitch")
    uploaded_asset = api.put(path, {**PITCH, "state": "Uploaded"}, None).json()
    assert uploaded_asset["state"] == "Uploaded"
    assert api.blob("GET", uploaded_asset["fileSasUri"]).content == b"a pitch"
    instance = api.read_instance_id(product, "Cosell")
    for collection in ("cosellAssets", f"cosellAssets/getByInstanceID(instanceID={instance})"):
        (listed_asset,) = api.get(f"{product}/{collection}")["value"]
        assert listed_asset.items() >= {**PITCH, "state": "Uploaded", "id": asset["id"]}.items()
        assert split_signature(listed_asset["fileSasUri"])[1]["sp"] == "rl"
    assert api.get(path)["id"] == asset["id"]
    assert list(error_document(api.put(path, {**PITCH, "type": "OnePager"}))["data"]) == ["Type"]
    assert api.call("DELETE", path).status_code == 204
    assert api.get(f"{product}/cosellAssets") == {"value": []}


def test_a_cosell_asset_that_the_listing_refers_to_cannot_be_deleted(api, product):
    asset = api.post(f"{product}/cosellAssets", PITCH, 200)
    path = f"{product}/cosellAssets/{asset['id']}"
    listing = f"{product}/cosellListing/{api.read_instance_id(product, 'Cosell')}"
    reference = {"type": "CosellAsset", "value": asset["id"]}
    assert api.put(listing, {**LISTING, "assetReferences": [reference]}).status_code == 200
    answer = api.call("DELETE", path)
    assert answer.status_code == 409
    assert asset["id"] in error_document(answer)["reasonPhrase"]
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
def test_an_incomplete_cosell_asset_is_refused(api, product, body, field):
    answer = api.call("POST", f"{product}/cosellAssets", json=body)
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == [field]


def test_an_unknown_instance_of_a_cosell_listing_is_not_found(api, product):
    instance = api.read_instance_id(product, "Property")
    for path in (f"cosellListing/{instance}", f"cosellAssets/getByInstanceID(instanceID={instance})"):
        assert api.call("GET", f"{product}/{path}").status_code == 404
    assert api.call("GET", f"{product}/cosellAssets/{instance}").status_code == 404


def test_the_state_shows_the_instance_of_a_cosell_asset_and_no_signature(api, product):
    api.post(f"{product}/cosellAssets", PITCH, 200)
    (stored,) = api.emulator.state()["cosellAssets"]
    assert stored["instanceID"] == api.read_instance_id(product, "Cosell")
    assert "sig=" not in str(stored)
