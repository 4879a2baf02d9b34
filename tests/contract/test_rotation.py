"""What happens to files when their drafts are sent: copies under new ids go on, what was sent keeps its bytes."""

from __future__ import annotations

from typing import Any

import pytest
from provider.tools.emulators import Serving, in_process
from tests.contract.complete import Publisher
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


@pytest.fixture
def api(emulator: Serving) -> Publisher:
    return Publisher(emulator)


@pytest.fixture
def product(api: Publisher) -> str:
    return api.complete()


def below(api: Publisher, product: str, collection: str) -> str:
    """The path of a collection below the present draft's listing."""
    return f"{product}/listings/{api.listing(product)['id']}/{collection}"


def files(api: Publisher, path: str) -> dict[str, bytes]:
    """The bytes of each file of a collection, by the id of its document."""
    how = {} if "cosell" in path else {"params": EXPAND_FILE}
    return {
        one["id"]: api.blob("GET", one.get("thumbnail", one)["fileSasUri"]).content
        for one in api.get(path, **how)["value"]
    }


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """Without what a copy has of its own."""
    return {name: value for name, value in document.items() if name not in ("id", "@odata.etag")}


@pytest.mark.parametrize(
    ("collection", "body"), [("images", {**LOGO, "type": "AzureLogoSmall"}), ("assets", GUIDE)]
)
def test_files_below_a_listing_go_on_under_new_ids_and_the_old_ones_keep_theirs(
    api, product, collection, body
):
    before = below(api, product, collection)
    added = api.add_file(before, body, b"an addition")
    held, documents = files(api, before), api.get(before)
    assert held[added["id"]] == b"an addition"
    api.submit(product)
    after = below(api, product, collection)
    assert after != before
    assert api.get(before) == documents
    assert files(api, before) == held
    assert not files(api, after).keys() & held.keys()
    assert list(files(api, after).values()) == list(held.values())
    copies = api.get(after)["value"]
    assert [plain(copy) for copy in copies] == [plain(one) for one in documents["value"]]
    for path, status in ((f"{before}/{added['id']}", 409), (f"{after}/{copies[-1]['id']}", 204)):
        assert api.call("DELETE", path).status_code == status
    assert files(api, before) == held


def test_videos_go_on_with_their_thumbnails(api, product):
    before = below(api, product, "videos")
    video = api.call("POST", before, json={**VIDEO, "thumbnail": THUMBNAIL}).json()
    api.upload(video["thumbnail"]["fileSasUri"], b"a still")
    done = {**video, "state": "Uploaded", "thumbnail": {**video["thumbnail"], "state": "Uploaded"}}
    assert api.put(f"{before}/{video['id']}", done).status_code == 200
    api.submit(product)
    after = below(api, product, "videos")
    assert files(api, before) == {video["id"]: b"a still"}
    ((copy, still),) = files(api, after).items()
    assert (copy != video["id"], still) == (True, b"a still")
    assert api.put(f"{before}/{video['id']}", done).status_code == 409
    path = f"{after}/{copy}"
    other = api.put(path, {**api.get(path), "thumbnail": {"fileName": "other.png"}}).json()
    api.upload(other["thumbnail"]["fileSasUri"], b"another still")
    assert files(api, after) == {copy: b"another still"}
    assert files(api, before) == {video["id"]: b"a still"}


def test_cosell_assets_go_on_and_their_references_follow(api, product):
    every = f"{product}/cosellAssets"
    asset = api.add_file(every, PITCH, b"a pitch")
    instance = api.instance(product, "Cosell")
    path = f"{product}/cosellListing/{instance}"
    references = [{"type": "CosellAsset", "value": asset["id"]}]
    body = {"resourceType": "CosellListing", "assetReferences": references}
    assert api.put(path, body).status_code == 200
    api.submit(product)
    ((copy, content),) = files(api, every).items()
    assert (copy != asset["id"], content) == (True, b"a pitch")
    draft = api.get(f"{product}/cosellListing/{api.instance(product, 'Cosell')}")
    assert draft["assetReferences"] == [{"type": "CosellAsset", "value": copy}]
    assert api.get(path)["assetReferences"] == references
    assert files(api, f"{every}/getByInstanceID(instanceID={instance})") == {asset["id"]: b"a pitch"}
    assert api.call("DELETE", f"{every}/{asset['id']}").status_code == 409


def test_supplemental_content_goes_on_with_its_assets(api):
    product = api.offer("contoso-central", "AzureDynamics365BusinessCentral")
    path = f"{product}/supplementalContents/{api.instance(product, 'SupplementalContent')}"
    body = {"resourceType": "SupplementalContent", "assets": [{"fileName": "script.docx"}]}
    (asset,) = api.put(path, body).json()["assets"]
    api.upload(asset["fileSasUri"], b"a script")
    assert api.call("POST", f"{path}/commit").status_code == 200
    api.emulator.publish(product.removeprefix("/products/"))
    draft = f"{product}/supplementalContents/{api.instance(product, 'SupplementalContent')}"
    assert draft != path
    for one in (path, draft):
        (shown,) = api.get(one)["assets"]
        assert shown["assetID"] == asset["assetID"]
        assert api.blob("GET", shown["fileSasUri"]).content == b"a script"
    assert api.put(path, body).status_code == 409
    assert api.call("POST", f"{path}/commit").status_code == 409


def the_package(api, product):
    (package,) = api.get(f"{product}/packages")["value"]
    return f"{product}/packages/{package['id']}"


def use_another(api, product):
    """Name a new package of a higher version, in place of the present one."""
    (plan,) = api.get(f"{product}/variants")["value"]
    other = api.add_file(f"{product}/packages", APPLICATION, GOOD)
    references = [{"type": "AzureApplicationPackage", "value": other["id"]}]
    api.edit_module(product, "Package", plan["id"], version="1.0.1", packageReferences=references)


def failed(api, product):
    api.emulator.decide("validation", "fail")
    api.submit(product)


def cancelled(api, product):
    api.emulator.decide("validation", "hold")
    path = api.submit(product)
    assert api.call("DELETE", path).status_code == 204


def unsent(api, product):
    api.emulator.decide("validation", "pass")
    api.submit(product, api.request(product, ["Listing"]))


def held(api, product):
    api.emulator.decide("validation", "hold")
    api.submit(product)


def certifying(api, product):
    path = api.submit(product)
    api.emulator.decide("certification", "hold")
    api.promote(path)


def rejected(api, product):
    path = api.submit(product)
    api.emulator.decide("certification", "fail")
    api.promote(path)


SENT = [
    (failed, 204),
    (cancelled, 204),
    (unsent, 204),
    (held, 409),
    (Publisher.submit, 409),
    (certifying, 409),
    (rejected, 409),
    (Publisher.go_live, 409),
]


@pytest.mark.parametrize(("sent", "status"), SENT, ids=[each.__name__ for each, _ in SENT])
def test_a_package_may_go_when_nobody_will_look_at_it_again(api, product, sent, status):
    package = the_package(api, product)
    sent(api, product)
    assert api.call("DELETE", package).status_code == 409, "the draft names it"
    use_another(api, product)
    assert api.call("DELETE", package).status_code == status
    assert api.call("GET", package).status_code == (404 if status == 204 else 200)


def test_what_failed_holds_no_package_while_another_submission_is_on_its_way(api, product):
    package = the_package(api, product)
    failed(api, product)
    use_another(api, product)
    held(api, product)
    assert api.call("DELETE", package).status_code == 204


def test_a_package_is_held_until_another_one_is_live(api, product):
    package = the_package(api, product)
    api.go_live(product)
    use_another(api, product)
    api.submit(product)
    assert api.call("DELETE", package).status_code == 409
    api.promote(api.newest(product))
    assert api.call("DELETE", package).status_code == 204


@pytest.mark.parametrize(("early", "codes"), [(3, []), (2.5, ["Package-20004"])])
@pytest.mark.parametrize("late", [0, 500])
def test_a_package_is_judged_as_it_stood_when_validation_ended(early, codes, late):
    """However late somebody looks."""
    with in_process(pace="real", now=lambda: 1_800_000_000.0) as emulator:
        api = Publisher(emulator)
        product = api.complete()
        (plan,) = api.get(f"{product}/variants")["value"]
        package = api.call("POST", f"{product}/packages", json=APPLICATION).json()
        references = [{"type": "AzureApplicationPackage", "value": package["id"]}]
        api.edit_module(product, "Package", plan["id"], packageReferences=references)
        path = api.submit(product)
        api.upload(package["fileSasUri"], GOOD)
        emulator.advance(240 - early)
        answer = api.put(f"{product}/packages/{package['id']}", {**package, "state": "Uploaded"})
        assert answer.json()["state"] == "InProcessing"
        emulator.advance(early + late)
        assert api.problems(path) == codes


def test_a_package_in_processing_fails_a_validation_that_is_decided_at_once():
    with in_process(pace="real", now=lambda: 1_800_000_000.0) as emulator:
        api = Publisher(emulator)
        product = api.complete()
        use_another(api, product)
        path = api.submit(product)
        emulator.decide("validation", "fail")
        (item,) = api.get(f"{path}/validations")["value"]
        assert item["errorCode"] == "Package-20004"
        assert "InProcessing" in item["message"]


def test_a_package_that_failed_says_so_in_the_validation(api, product):
    (plan,) = api.get(f"{product}/variants")["value"]
    bad = api.add_file(f"{product}/packages", APPLICATION, NO_DIALOG)
    references = [{"type": "AzureApplicationPackage", "value": bad["id"]}]
    api.edit_module(product, "Package", plan["id"], packageReferences=references)
    (item,) = api.get(f"{api.submit(product)}/validations")["value"]
    assert bad["id"] in item["message"]
    assert "ProcessFailed" in item["message"]
