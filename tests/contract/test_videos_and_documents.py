"""Listing videos, whose thumbnail is a file, and listing assets, which are documents."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.contents import EXPAND_FILE, GUIDE, THUMBNAIL, VIDEO
from tests.contract.submission import Submission, fault, signed


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.fixture
def listing(api: Submission) -> str:
    product = api.offer()
    return f"{product}/listings/{api.listing(product)['id']}"


def test_the_life_of_a_video(api, listing):
    answer = api.call("POST", f"{listing}/videos", json={**VIDEO, "thumbnail": THUMBNAIL})
    video = answer.json()
    path = f"{listing}/videos/{video['id']}"
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.emulator.api}{path}"
    assert answer.headers["etag"] == video["@odata.etag"]
    assert "fileSasUri" not in video
    assert video["thumbnail"].items() >= {**THUMBNAIL, "state": "PendingUpload"}.items()

    api.upload(video["thumbnail"]["fileSasUri"], b"a still")
    done = {**video, "state": "Uploaded", "thumbnail": {**video["thumbnail"], "state": "Uploaded"}}
    marked = api.put(path, done, None)
    assert marked.status_code == 200
    assert marked.headers["etag"] == marked.json()["@odata.etag"] != video["@odata.etag"]
    assert marked.json()["state"] == marked.json()["thumbnail"]["state"] == "Uploaded"
    address = marked.json()["thumbnail"]["fileSasUri"]
    assert signed(address)[1]["sp"] == "rl"
    assert api.blob("GET", address).content == b"a still"

    (listed,) = api.get(f"{listing}/videos")["value"]
    assert listed["thumbnail"] == {**THUMBNAIL, "state": "Uploaded"}
    expanded = api.get(path, params=EXPAND_FILE)
    assert signed(expanded["thumbnail"]["fileSasUri"]) == signed(address)
    assert api.call("DELETE", path).status_code == 204
    assert api.get(f"{listing}/videos") == {"value": []}


def test_a_video_may_have_no_thumbnail_and_get_one_later(api, listing):
    video = api.post(f"{listing}/videos", VIDEO, 201)
    assert "thumbnail" not in video
    path = f"{listing}/videos/{video['id']}"
    first = api.put(path, {**video, "thumbnail": THUMBNAIL}).json()["thumbnail"]
    api.upload(first["fileSasUri"], b"a still")
    kept = api.put(path, {**video, "thumbnail": {**first, "title": "Other", "state": "Uploaded"}}).json()
    assert signed(kept["thumbnail"]["fileSasUri"])[0] == signed(first["fileSasUri"])[0]
    assert kept["thumbnail"]["title"] == "Other"
    other = api.put(path, {**video, "thumbnail": {"fileName": "other.png"}}).json()["thumbnail"]
    assert signed(other["fileSasUri"])[0] != signed(first["fileSasUri"])[0]
    assert other["state"] == "PendingUpload"
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
def test_a_video_that_says_too_little_is_refused(api, listing, body, field):
    answer = api.call("POST", f"{listing}/videos", json=body)
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == [field]
    assert api.emulator.state()["listingVideos"] == []


def test_the_life_of_a_document(api, listing):
    answer = api.call("POST", f"{listing}/assets", json=GUIDE)
    asset = answer.json()
    path = f"{listing}/assets/{asset['id']}"
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.emulator.api}{path}"
    assert asset.items() >= {**GUIDE, "state": "PendingUpload"}.items()
    api.upload(asset["fileSasUri"], b"%PDF")
    marked = api.put(path, {**GUIDE, "state": "Uploaded", "friendlyName": "First steps"}, None)
    assert marked.status_code == 200
    assert marked.json().items() >= {**GUIDE, "state": "Uploaded", "friendlyName": "First steps"}.items()
    assert "fileSasUri" not in api.get(path)
    (listed,) = api.get(f"{listing}/assets", params=EXPAND_FILE)["value"]
    assert api.blob("GET", listed["fileSasUri"]).content == b"%PDF"
    assert list(fault(api.put(path, {**GUIDE, "fileName": "b.pdf"}))["data"]) == ["FileName"]
    assert api.call("DELETE", path).status_code == 204
    assert api.get(f"{listing}/assets") == {"value": []}


@pytest.mark.parametrize("collection", ["videos", "assets"])
@pytest.mark.parametrize(("if_match", "status"), [(None, 200), ('"stale"', 412), ("*", 200)])
def test_put_is_conditional_only_when_the_header_is_sent(api, listing, collection, if_match, status):
    body = VIDEO if collection == "videos" else GUIDE
    made = api.post(f"{listing}/{collection}", body, 201)
    assert api.put(f"{listing}/{collection}/{made['id']}", body, if_match).status_code == status


def test_the_collections_of_a_listing_know_nothing_of_each_other(api, listing):
    video, asset = api.post(f"{listing}/videos", VIDEO, 201), api.post(f"{listing}/assets", GUIDE, 201)
    assert api.call("GET", f"{listing}/videos/{asset['id']}").status_code == 404
    assert api.call("DELETE", f"{listing}/assets/{video['id']}").status_code == 404
    state = api.emulator.state()
    assert [one["id"] for one in state["listingVideos"]] == [video["id"]]
    assert [one["id"] for one in state["listingAssets"]] == [asset["id"]]
    assert "sig=" not in str(state)
    edited = api.emulator.portal(f"/v1.0/ingestion{listing}/assets/{asset['id']}", friendlyName="Manual")
    assert edited["friendlyName"] == "Manual"
