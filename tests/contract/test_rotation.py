"""Files of submitted drafts: the next draft has copies with new ids; the submission keeps its own bytes."""

from __future__ import annotations

from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator, in_process
from tests.contract.contents import (
    APPLICATION,
    EXPAND_FILE,
    GOOD,
    GUIDE,
    LOGO,
    NO_DIALOG,
    PITCH,
    THUMBNAIL,
    VIDEO,
)
from tests.contract.publisher import Publisher


@pytest.fixture
def api(emulator: RunningEmulator) -> Publisher:
    return Publisher(emulator)


@pytest.fixture
def product(api: Publisher) -> str:
    return api.create_complete_offer()


def collection_path(api: Publisher, product: str, collection: str) -> str:
    """Path of a collection below the listing of the present draft."""
    return f"{product}/listings/{api.read_listing(product)['id']}/{collection}"


def read_files(api: Publisher, path: str) -> dict[str, bytes]:
    """Read the files of a collection, by the ids of their documents."""
    options = {} if "cosell" in path else {"params": EXPAND_FILE}
    return {
        document["id"]: api.blob("GET", document.get("thumbnail", document)["fileSasUri"]).content
        for document in api.get(path, **options)["value"]
    }


def comparable(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without the members in which a copy differs."""
    return {name: value for name, value in document.items() if name not in ("id", "@odata.etag")}


@pytest.mark.parametrize(
    ("collection", "body"), [("images", {**LOGO, "type": "AzureLogoSmall"}), ("assets", GUIDE)]
)
def test_files_of_a_listing_are_copied_to_the_next_draft_and_the_submitted_ones_stay(
    api, product, collection, body
):
    before = collection_path(api, product, collection)
    document = api.add_file(before, body, b"an addition")
    files_before, documents = read_files(api, before), api.get(before)
    assert files_before[document["id"]] == b"an addition"
    api.submit(product)
    after = collection_path(api, product, collection)
    assert after != before
    assert api.get(before) == documents
    assert read_files(api, before) == files_before
    assert not read_files(api, after).keys() & files_before.keys()
    assert list(read_files(api, after).values()) == list(files_before.values())
    copies = api.get(after)["value"]
    assert [comparable(copy) for copy in copies] == [comparable(document) for document in documents["value"]]
    for path, status in ((f"{before}/{document['id']}", 409), (f"{after}/{copies[-1]['id']}", 204)):
        assert api.call("DELETE", path).status_code == status
    assert read_files(api, before) == files_before


def test_videos_are_copied_to_the_next_draft_with_their_thumbnails(api, product):
    before = collection_path(api, product, "videos")
    video = api.call("POST", before, json={**VIDEO, "thumbnail": THUMBNAIL}).json()
    api.upload(video["thumbnail"]["fileSasUri"], b"a still")
    uploaded_video = {**video, "state": "Uploaded", "thumbnail": {**video["thumbnail"], "state": "Uploaded"}}
    assert api.put(f"{before}/{video['id']}", uploaded_video).status_code == 200
    api.submit(product)
    after = collection_path(api, product, "videos")
    assert read_files(api, before) == {video["id"]: b"a still"}
    ((copy, content),) = read_files(api, after).items()
    assert (copy != video["id"], content) == (True, b"a still")
    assert api.put(f"{before}/{video['id']}", uploaded_video).status_code == 409
    path = f"{after}/{copy}"
    changed_video = api.put(path, {**api.get(path), "thumbnail": {"fileName": "other.png"}}).json()
    api.upload(changed_video["thumbnail"]["fileSasUri"], b"another still")
    assert read_files(api, after) == {copy: b"another still"}
    assert read_files(api, before) == {video["id"]: b"a still"}


def test_cosell_assets_and_references_to_them_are_copied_to_the_next_draft(api, product):
    collection = f"{product}/cosellAssets"
    asset = api.add_file(collection, PITCH, b"a pitch")
    instance = api.read_instance_id(product, "Cosell")
    path = f"{product}/cosellListing/{instance}"
    references = [{"type": "CosellAsset", "value": asset["id"]}]
    body = {"resourceType": "CosellListing", "assetReferences": references}
    assert api.put(path, body).status_code == 200
    api.submit(product)
    ((copy, content),) = read_files(api, collection).items()
    assert (copy != asset["id"], content) == (True, b"a pitch")
    draft = api.get(f"{product}/cosellListing/{api.read_instance_id(product, 'Cosell')}")
    assert draft["assetReferences"] == [{"type": "CosellAsset", "value": copy}]
    assert api.get(path)["assetReferences"] == references
    assert read_files(api, f"{collection}/getByInstanceID(instanceID={instance})") == {
        asset["id"]: b"a pitch"
    }
    assert api.call("DELETE", f"{collection}/{asset['id']}").status_code == 409


def test_supplemental_content_is_copied_to_the_next_draft_with_its_assets(api):
    product = api.create_offer("contoso-central", "AzureDynamics365BusinessCentral")
    path = f"{product}/supplementalContents/{api.read_instance_id(product, 'SupplementalContent')}"
    body = {"resourceType": "SupplementalContent", "assets": [{"fileName": "script.docx"}]}
    (asset,) = api.put(path, body).json()["assets"]
    api.upload(asset["fileSasUri"], b"a script")
    assert api.call("POST", f"{path}/commit").status_code == 200
    api.emulator.publish(product.removeprefix("/products/"))
    draft = f"{product}/supplementalContents/{api.read_instance_id(product, 'SupplementalContent')}"
    assert draft != path
    for content_path in (path, draft):
        (asset_of_path,) = api.get(content_path)["assets"]
        assert asset_of_path["assetID"] == asset["assetID"]
        assert api.blob("GET", asset_of_path["fileSasUri"]).content == b"a script"
    assert api.put(path, body).status_code == 409
    assert api.call("POST", f"{path}/commit").status_code == 409


def only_package(api, product):
    (package,) = api.get(f"{product}/packages")["value"]
    return f"{product}/packages/{package['id']}"


def replace_package(api, product):
    """Replace the package of a plan with a new package of a higher version."""
    (plan,) = api.get(f"{product}/variants")["value"]
    package = api.add_file(f"{product}/packages", APPLICATION, GOOD)
    references = [{"type": "AzureApplicationPackage", "value": package["id"]}]
    api.edit_module(product, "Package", plan["id"], version="1.0.1", packageReferences=references)


def fail_validation(api, product):
    api.emulator.decide("validation", "fail")
    api.submit(product)


def cancel_submission(api, product):
    api.emulator.decide("validation", "hold")
    path = api.submit(product)
    assert api.call("DELETE", path).status_code == 204


def submit_listing_only(api, product):
    api.emulator.decide("validation", "pass")
    api.submit(product, api.build_request(product, ["Listing"]))


def held_at_validation(api, product):
    api.emulator.decide("validation", "hold")
    api.submit(product)


def hold_certification(api, product):
    path = api.submit(product)
    api.emulator.decide("certification", "hold")
    api.promote(path)


def fail_certification(api, product):
    path = api.submit(product)
    api.emulator.decide("certification", "fail")
    api.promote(path)


SUBMISSIONS = [
    (fail_validation, 204),
    (cancel_submission, 204),
    (submit_listing_only, 204),
    (held_at_validation, 409),
    (Publisher.submit, 409),
    (hold_certification, 409),
    (fail_certification, 409),
    (Publisher.go_live, 409),
]


@pytest.mark.parametrize(
    ("submit", "status"), SUBMISSIONS, ids=[submit.__name__ for submit, _ in SUBMISSIONS]
)
def test_a_package_can_be_deleted_only_when_no_draft_and_no_open_submission_uses_it(
    api, product, submit, status
):
    package = only_package(api, product)
    submit(api, product)
    assert api.call("DELETE", package).status_code == 409, "the draft uses it"
    replace_package(api, product)
    assert api.call("DELETE", package).status_code == status
    assert api.call("GET", package).status_code == (404 if status == 204 else 200)


def test_a_failed_submission_does_not_hold_its_package_while_another_one_runs(api, product):
    package = only_package(api, product)
    fail_validation(api, product)
    replace_package(api, product)
    held_at_validation(api, product)
    assert api.call("DELETE", package).status_code == 204


def test_a_live_package_cannot_be_deleted_until_another_one_is_live(api, product):
    package = only_package(api, product)
    api.go_live(product)
    replace_package(api, product)
    api.submit(product)
    assert api.call("DELETE", package).status_code == 409
    api.promote(api.newest_submission(product))
    assert api.call("DELETE", package).status_code == 204


@pytest.mark.parametrize(("seconds_before_end", "codes"), [(3, []), (2.5, ["Package-20004"])])
@pytest.mark.parametrize("seconds_after_end", [0, 500])
def test_validation_checks_the_state_of_a_package_at_the_end_of_validation(
    seconds_before_end, codes, seconds_after_end
):
    """The result does not depend on when a request reads it."""
    with in_process(pace="real", now=lambda: 1_800_000_000.0) as emulator:
        api = Publisher(emulator)
        product = api.create_complete_offer()
        (plan,) = api.get(f"{product}/variants")["value"]
        package = api.call("POST", f"{product}/packages", json=APPLICATION).json()
        references = [{"type": "AzureApplicationPackage", "value": package["id"]}]
        api.edit_module(product, "Package", plan["id"], packageReferences=references)
        path = api.submit(product)
        api.upload(package["fileSasUri"], GOOD)
        emulator.advance(240 - seconds_before_end)
        answer = api.put(f"{product}/packages/{package['id']}", {**package, "state": "Uploaded"})
        assert answer.json()["state"] == "InProcessing"
        emulator.advance(seconds_before_end + seconds_after_end)
        assert api.read_problems(path) == codes


def test_a_package_in_processing_fails_a_validation_that_is_decided_to_fail():
    with in_process(pace="real", now=lambda: 1_800_000_000.0) as emulator:
        api = Publisher(emulator)
        product = api.create_complete_offer()
        replace_package(api, product)
        path = api.submit(product)
        emulator.decide("validation", "fail")
        (item,) = api.get(f"{path}/validations")["value"]
        assert item["errorCode"] == "Package-20004"
        assert "InProcessing" in item["message"]


def test_a_failed_package_fails_validation_with_its_id(api, product):
    (plan,) = api.get(f"{product}/variants")["value"]
    failed_package = api.add_file(f"{product}/packages", APPLICATION, NO_DIALOG)
    references = [{"type": "AzureApplicationPackage", "value": failed_package["id"]}]
    api.edit_module(product, "Package", plan["id"], packageReferences=references)
    (item,) = api.get(f"{api.submit(product)}/validations")["value"]
    assert failed_package["id"] in item["message"]
    assert "ProcessFailed" in item["message"]
