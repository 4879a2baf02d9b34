"""Supplemental content of Dynamics 365 offers: new assets, upload, commit."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi, error_document, split_signature

CONTENT = {
    "resourceType": "SupplementalContent",
    "targetRelease": "2026 wave 2",
    "supportedEditions": ["Essentials"],
}
SCRIPT = {"fileName": "script.docx", "type": "FunctionalTest"}


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.fixture
def content(api: RawApi) -> str:
    """Path of the supplemental content of a new offer."""
    product = api.create_offer("contoso-central", "AzureDynamics365BusinessCentral")
    return f"{product}/supplementalContents/{api.read_instance_id(product, 'SupplementalContent')}"


def test_fresh_supplemental_content_is_empty_and_has_the_id_of_its_instance(api, content):
    product, instance = content.split("/supplementalContents/")
    fresh = api.get(content)
    assert fresh == {
        "resourceType": "SupplementalContent",
        "@odata.etag": fresh["@odata.etag"],
        "id": instance,
    }
    collection = f"{product}/supplementalcontents/getByInstanceID(instanceID={instance})"
    assert api.get(collection) == {"value": [fresh]}
    assert api.post(f"{content}/commit", None, 200)["id"] == instance


def test_an_asset_of_supplemental_content_is_added_uploaded_and_committed(api, content):
    answer = api.put(content, {**CONTENT, "assets": [SCRIPT]}, api.get(content)["@odata.etag"])
    assert answer.status_code == 200
    assert answer.headers["etag"] == answer.json()["@odata.etag"]
    (asset,) = answer.json()["assets"]
    assert asset["assetID"]
    assert asset.items() >= SCRIPT.items()
    address, query = split_signature(asset["fileSasUri"])
    assert query["sp"] == "rwl"

    answer_to_commit = api.call("POST", f"{content}/commit")
    assert answer_to_commit.status_code == 409
    assert "script.docx" in error_document(answer_to_commit)["reasonPhrase"]
    api.upload(asset["fileSasUri"], b"a script")
    (committed_asset,) = api.post(f"{content}/commit", None, 200)["assets"]
    assert split_signature(committed_asset["fileSasUri"]) == (address, {**query, "sp": "rl"})
    (stored_asset,) = api.get(content)["assets"]
    assert api.blob("GET", stored_asset["fileSasUri"]).content == b"a script"


def test_an_asset_of_supplemental_content_that_is_sent_back_keeps_its_file(api, content):
    (first,) = api.put(content, {**CONTENT, "assets": [SCRIPT]}).json()["assets"]
    api.upload(first["fileSasUri"], b"a script")
    api.post(f"{content}/commit", None, 200)
    second = {**SCRIPT, "fileName": "notes.docx"}
    first_again, second_asset = api.put(content, {**CONTENT, "assets": [first, second]}).json()["assets"]
    assert first_again["assetID"] == first["assetID"] != second_asset["assetID"]
    assert [split_signature(asset["fileSasUri"])[1]["sp"] for asset in (first_again, second_asset)] == [
        "rl",
        "rwl",
    ]
    assert "assets" not in api.put(content, CONTENT).json()


@pytest.mark.parametrize(
    ("assets", "field"),
    [
        ([{"type": "FunctionalTest"}], "FileName"),
        ([{**SCRIPT, "assetID": "unknown"}], "Assets"),
        ([{**SCRIPT, "fileName": 5}], "Assets.FileName"),
    ],
)
def test_an_invalid_asset_of_supplemental_content_is_refused_and_changes_nothing(api, content, assets, field):
    before = api.get(content)
    answer = api.put(content, {**CONTENT, "assets": assets})
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == [field]
    assert api.get(content) == before


def test_the_file_name_of_an_asset_of_supplemental_content_is_immutable(api, content):
    (asset,) = api.put(content, {**CONTENT, "assets": [SCRIPT]}).json()["assets"]
    answer = api.put(content, {**CONTENT, "assets": [{**asset, "fileName": "other.docx"}]})
    assert list(error_document(answer)["data"]) == ["Assets.FileName"]


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_a_put_of_supplemental_content_needs_a_current_etag(api, content, if_match, status):
    assert api.put(content, CONTENT, if_match).status_code == status


def test_other_offer_types_have_no_supplemental_content(api):
    product = api.create_offer()
    assert api.get(f"{product}/branches/getByModule(module=SupplementalContent)") == {"value": []}
    path = f"{product}/supplementalContents/{api.read_instance_id(product, 'Listing')}"
    assert api.call("GET", path).status_code == 404
    assert api.call("POST", f"{path}/commit").status_code == 404


def test_published_supplemental_content_is_read_only_and_the_state_shows_no_signature(api, content):
    api.put(content, {**CONTENT, "assets": [SCRIPT]})
    assert "sig=" not in str(api.emulator.state())
    api.emulator.publish(content.split("/")[2])
    assert api.put(content, CONTENT).status_code == 409
    assert api.call("POST", f"{content}/commit").status_code == 409
    assert api.get(content)["targetRelease"] == "2026 wave 2"
