"""Listing videos, whose thumbnails are files, and listing assets, which are documents."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.contents import EXPAND_FILE, GUIDE, THUMBNAIL, VIDEO
from tests.contract.raw_api import RawApi, error_document, split_signature


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.fixture
def listing(api: RawApi) -> str:
    product = api.create_offer()
    return f"{product}/listings/{api.read_listing(product)['id']}"


def test_a_video_is_created_uploaded_listed_and_deleted(api, listing):
    answer = api.call("POST", f"{listing}/videos", json={**VIDEO, "thumbnail": THUMBNAIL})
    video = answer.json()
    path = f"{listing}/videos/{video['id']}"
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.emulator.api}{path}"
    assert answer.headers["etag"] == video["@odata.etag"]
    assert "fileSasUri" not in video
    assert video["thumbnail"].items() >= {**THUMBNAIL, "state": "PendingUpload"}.items()

    api.upload(video["thumbnail"]["fileSasUri"], b"a still")
    uploaded_video = {**video, "state": "Uploaded", "thumbnail": {**video["thumbnail"], "state": "Uploaded"}}
    answer_to_put = api.put(path, uploaded_video, None)
    assert answer_to_put.status_code == 200
    assert answer_to_put.headers["etag"] == answer_to_put.json()["@odata.etag"] != video["@odata.etag"]
    assert answer_to_put.json()["state"] == answer_to_put.json()["thumbnail"]["state"] == "Uploaded"
    address = answer_to_put.json()["thumbnail"]["fileSasUri"]
    assert split_signature(address)[1]["sp"] == "rl"
    assert api.blob("GET", address).content == b"a still"

    (listed_document,) = api.get(f"{listing}/videos")["value"]
    assert listed_document["thumbnail"] == {**THUMBNAIL, "state": "Uploaded"}
    expanded_video = api.get(path, params=EXPAND_FILE)
    assert split_signature(expanded_video["thumbnail"]["fileSasUri"]) == split_signature(address)
    assert api.call("DELETE", path).status_code == 204
    assert api.get(f"{listing}/videos") == {"value": []}


def test_the_thumbnail_of_a_video_can_be_added_replaced_and_removed(api, listing):
    video = api.post(f"{listing}/videos", VIDEO, 201)
    assert "thumbnail" not in video
    path = f"{listing}/videos/{video['id']}"
    first_thumbnail = api.put(path, {**video, "thumbnail": THUMBNAIL}).json()["thumbnail"]
    api.upload(first_thumbnail["fileSasUri"], b"a still")
    changed_video = api.put(
        path, {**video, "thumbnail": {**first_thumbnail, "title": "Other", "state": "Uploaded"}}
    ).json()
    assert (
        split_signature(changed_video["thumbnail"]["fileSasUri"])[0]
        == split_signature(first_thumbnail["fileSasUri"])[0]
    )
    assert changed_video["thumbnail"]["title"] == "Other"
    other_thumbnail = api.put(path, {**video, "thumbnail": {"fileName": "other.png"}}).json()["thumbnail"]
    assert (
        split_signature(other_thumbnail["fileSasUri"])[0] != split_signature(first_thumbnail["fileSasUri"])[0]
    )
    assert other_thumbnail["state"] == "PendingUpload"
    assert "thumbnail" not in api.put(path, video).json()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"resourceType": "ListingVideo"}, "StreamingUri"),
        ({**VIDEO, "thumbnail": {"title": "Nameless"}}, "FileName"),
        ({**VIDEO, "thumbnail": {**THUMBNAIL, "state": "Uploaded"}}, "State"),
        ({**VIDEO, "thumbnail": "still.png"}, "Thumbnail"),
        ({**VIDEO, "resourceType": "ListingAsset"}, "ResourceType"),
    ],
)
def test_an_incomplete_video_is_refused(api, listing, body, field):
    answer = api.call("POST", f"{listing}/videos", json=body)
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == [field]
    assert api.emulator.state()["listingVideos"] == []


def test_a_document_is_created_uploaded_listed_and_deleted(api, listing):
    answer = api.call("POST", f"{listing}/assets", json=GUIDE)
    asset = answer.json()
    path = f"{listing}/assets/{asset['id']}"
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.emulator.api}{path}"
    assert asset.items() >= {**GUIDE, "state": "PendingUpload"}.items()
    api.upload(asset["fileSasUri"], b"%PDF")
    answer_to_put = api.put(path, {**GUIDE, "state": "Uploaded", "friendlyName": "First steps"}, None)
    assert answer_to_put.status_code == 200
    assert (
        answer_to_put.json().items() >= {**GUIDE, "state": "Uploaded", "friendlyName": "First steps"}.items()
    )
    assert "fileSasUri" not in api.get(path)
    (listed_document,) = api.get(f"{listing}/assets", params=EXPAND_FILE)["value"]
    assert api.blob("GET", listed_document["fileSasUri"]).content == b"%PDF"
    assert list(error_document(api.put(path, {**GUIDE, "fileName": "b.pdf"}))["data"]) == ["FileName"]
    assert api.call("DELETE", path).status_code == 204
    assert api.get(f"{listing}/assets") == {"value": []}


@pytest.mark.parametrize("collection", ["videos", "assets"])
@pytest.mark.parametrize(("if_match", "status"), [(None, 200), ('"stale"', 412), ("*", 200)])
def test_a_put_of_a_video_or_document_checks_an_etag_only_when_sent(
    api, listing, collection, if_match, status
):
    body = VIDEO if collection == "videos" else GUIDE
    document = api.post(f"{listing}/{collection}", body, 201)
    assert api.put(f"{listing}/{collection}/{document['id']}", body, if_match).status_code == status


def test_videos_and_documents_of_a_listing_are_separate_collections(api, listing):
    video, asset = api.post(f"{listing}/videos", VIDEO, 201), api.post(f"{listing}/assets", GUIDE, 201)
    assert api.call("GET", f"{listing}/videos/{asset['id']}").status_code == 404
    assert api.call("DELETE", f"{listing}/assets/{video['id']}").status_code == 404
    state = api.emulator.state()
    assert [document["id"] for document in state["listingVideos"]] == [video["id"]]
    assert [document["id"] for document in state["listingAssets"]] == [asset["id"]]
    assert "sig=" not in str(state)
    changed_asset = api.emulator.portal(
        f"/v1.0/ingestion{listing}/assets/{asset['id']}", friendlyName="Manual"
    )
    assert changed_asset["friendlyName"] == "Manual"
