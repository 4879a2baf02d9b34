"""Listing images: made, uploaded, marked, listed, deleted; and whose address can do what."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.contents import EXPAND_FILE, LOGO
from tests.contract.submission import Submission, fault, signed

WRITES, READS = {"sv": "2018-03-28", "sr": "b", "sp": "rwl"}, {"sv": "2018-03-28", "sr": "b", "sp": "rl"}


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.fixture
def images(api: Submission) -> str:
    """The path of a fresh listing's images."""
    product = api.offer()
    return f"{product}/listings/{api.listing(product)['id']}/images"


def bare(image: dict) -> dict:
    return {name: value for name, value in image.items() if name != "fileSasUri"}


def test_the_life_of_an_image(api, images):
    answer = api.call("POST", images, json={**LOGO, "state": "PendingUpload", "id": "mine"})
    image = answer.json()
    path = f"{images}/{image['id']}"
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.emulator.api}{path}"
    assert answer.headers["etag"] == image["@odata.etag"]
    assert image["id"] != "mine"
    assert image | LOGO | {"state": "PendingUpload"} == image
    address, query = signed(image["fileSasUri"])
    assert address.startswith(f"{api.emulator.url}/_blob/file/")
    assert query == WRITES

    api.upload(image["fileSasUri"], b"a logo")
    answer = api.put(path, {**image, "state": "Uploaded"}, image["@odata.etag"])
    marked = answer.json()
    assert answer.status_code == 200
    assert answer.headers["etag"] == marked["@odata.etag"] != image["@odata.etag"]
    assert marked["state"] == "Uploaded"
    assert signed(marked["fileSasUri"]) == (address, READS)
    assert api.blob("GET", marked["fileSasUri"]).content == b"a logo"

    assert api.get(images) == {"value": [bare(marked)]}
    assert api.get(path) == bare(marked)
    (listed,) = api.get(images, params=EXPAND_FILE)["value"]
    assert bare(listed) == bare(marked)
    assert (
        signed(listed["fileSasUri"])
        == signed(api.get(path, params=EXPAND_FILE)["fileSasUri"])
        == (address, READS)
    )

    gone = api.call("DELETE", path)
    assert gone.status_code == 204
    assert gone.headers["content-length"] == "0"
    assert api.get(images) == {"value": []}
    assert api.call("GET", path).status_code == 404


def test_a_pending_image_shows_an_address_that_can_still_be_written(api, images):
    image = api.post(images, LOGO, 201)
    again = api.get(f"{images}/{image['id']}", params=EXPAND_FILE)
    assert signed(again["fileSasUri"]) == signed(image["fileSasUri"])
    api.upload(again["fileSasUri"], b"a logo")


def test_the_doubled_expand_is_taken_and_shows_no_address(api, images):
    image = api.post(images, LOGO, 201)
    assert api.get(images, params={"$expand": "$expand=FileSasUri"}) == {"value": [bare(image)]}
    assert api.call("GET", images, params={"$expand": "Everything"}).status_code == 501


def test_images_of_one_type_and_name_pile_up(api, images):
    made = [api.post(images, LOGO, 201) for _ in range(2)]
    assert api.get(images) == {"value": [bare(image) for image in made]}
    assert made[0]["fileSasUri"] != made[1]["fileSasUri"]


def test_only_order_and_description_can_change(api, images):
    image = api.post(images, {**LOGO, "description": "before"}, 201)
    path = f"{images}/{image['id']}"
    after = api.put(path, {"resourceType": "ListingImage", "order": 3}).json()
    assert {**LOGO, "order": 3, "state": "PendingUpload"}.items() <= after.items()
    assert "description" not in after
    for change, field in (
        ({"fileName": "other.png"}, "FileName"),
        ({"type": "AzureLogoSmall"}, "Type"),
        ({"state": "Processed"}, "State"),
    ):
        answer = api.put(path, {**image, **change})
        assert answer.status_code == 400
        assert list(fault(answer)["data"]) == [field]
    assert api.get(path) == bare(after)


def test_uploaded_is_final_and_needs_no_blob(api, images):
    image = api.post(images, LOGO, 201)
    path = f"{images}/{image['id']}"
    assert api.put(path, {**image, "state": "Uploaded"}).json()["state"] == "Uploaded"
    assert api.put(path, {**image, "state": "PendingUpload"}).status_code == 400
    assert api.put(path, {**image, "state": "Uploaded"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"fileName": "a.png", "type": "AzureLogoLarge"}, "ResourceType"),
        ({"resourceType": "ListingImage", "type": "AzureLogoLarge"}, "FileName"),
        ({"resourceType": "ListingImage", "fileName": "a.png"}, "Type"),
        ({**LOGO, "state": "Uploaded"}, "State"),
        ({**LOGO, "order": "first"}, "Order"),
    ],
)
def test_a_post_that_says_too_little_or_too_much_is_refused(api, images, body, field):
    answer = api.call("POST", images, json=body)
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == [field]
    assert api.get(images) == {"value": []}


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_put_is_conditional(api, images, if_match, status):
    image = api.post(images, LOGO, 201)
    assert api.put(f"{images}/{image['id']}", image, if_match).status_code == status


def test_an_image_is_found_below_its_own_listing_only(api, images):
    product = images.partition("/listings")[0]
    variant = api.plan(product)["id"]
    other = f"{product}/listings/{api.listing(product, variant)['id']}/images"
    image = api.post(images, LOGO, 201)
    assert api.get(other) == {"value": []}
    assert api.call("GET", f"{other}/{image['id']}").status_code == 404
    assert api.call("DELETE", f"{other}/{image['id']}").status_code == 404
    assert api.call("GET", images.replace("/listings/", "/listings/x")).status_code == 404
    assert api.get(f"{images}/{image['id'].upper()}") == bare(image)


def test_a_listing_takes_its_images_along(api):
    product = api.offer()
    instance = api.instance(product, "Listing")
    body = {"resourceType": "AzureListing", "languageCode": "de-de", "title": "Contoso"}
    listing = api.post(f"{product}/listings/createWithInstanceID(instanceID={instance})", body, 201)
    path = f"{product}/listings/{listing['id']}"
    api.post(f"{path}/images", LOGO, 201)
    assert api.call("DELETE", path).status_code == 204
    assert api.emulator.state()["listingImages"] == []


def test_the_images_of_a_published_listing_are_read_only(api, images):
    product = images.partition("/listings")[0]
    api.emulator.publish(product.removeprefix("/products/"))
    assert api.get(images) == {"value": []}
    assert api.call("POST", images, json=LOGO).status_code == 409


def test_the_state_shows_where_an_image_belongs_and_no_signature(api, images):
    image = api.post(images, LOGO, 201)
    product = images.split("/")[2]
    (held,) = api.emulator.state()["listingImages"]
    assert held["productID"] == product
    assert held["instanceID"] == api.instance(f"/products/{product}", "Listing")
    assert held["id"] == image["id"]
    assert "sig=" not in str(api.emulator.state())
    assert "fileSasUri" not in held


def test_the_portal_can_change_an_image(api, images):
    image = api.post(images, LOGO, 201)
    path = f"{images}/{image['id']}"
    changed = api.emulator.portal(f"/v1.0/ingestion{path}", description="by hand")
    assert changed["@odata.etag"] != image["@odata.etag"]
    assert api.get(path) == bare(image) | {
        "description": "by hand",
        "@odata.etag": changed["@odata.etag"],
    }
