"""Listing images: creation, upload, order, deletion, and the permissions of their addresses."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.contents import EXPAND_FILE, LOGO
from tests.contract.raw_api import RawApi, error_document, split_signature

WRITE_QUERY, READ_QUERY = (
    {"sv": "2018-03-28", "sr": "b", "sp": "rwl"},
    {"sv": "2018-03-28", "sr": "b", "sp": "rl"},
)


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.fixture
def images(api: RawApi) -> str:
    """Path of the images of a new listing."""
    product = api.create_offer()
    return f"{product}/listings/{api.read_listing(product)['id']}/images"


def without_address(image: dict) -> dict:
    return {name: value for name, value in image.items() if name != "fileSasUri"}


def test_an_image_is_created_uploaded_listed_and_deleted(api, images):
    answer = api.call("POST", images, json={**LOGO, "state": "PendingUpload", "id": "mine"})
    image = answer.json()
    path = f"{images}/{image['id']}"
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.emulator.api}{path}"
    assert answer.headers["etag"] == image["@odata.etag"]
    assert image["id"] != "mine"
    assert image | LOGO | {"state": "PendingUpload"} == image
    address, query = split_signature(image["fileSasUri"])
    assert address.startswith(f"{api.emulator.url}/_blob/file/")
    assert query == WRITE_QUERY

    api.upload(image["fileSasUri"], b"a logo")
    answer = api.put(path, {**image, "state": "Uploaded"}, image["@odata.etag"])
    uploaded_image = answer.json()
    assert answer.status_code == 200
    assert answer.headers["etag"] == uploaded_image["@odata.etag"] != image["@odata.etag"]
    assert uploaded_image["state"] == "Uploaded"
    assert split_signature(uploaded_image["fileSasUri"]) == (address, READ_QUERY)
    assert api.blob("GET", uploaded_image["fileSasUri"]).content == b"a logo"

    assert api.get(images) == {"value": [without_address(uploaded_image)]}
    assert api.get(path) == without_address(uploaded_image)
    (listed_image,) = api.get(images, params=EXPAND_FILE)["value"]
    assert without_address(listed_image) == without_address(uploaded_image)
    assert (
        split_signature(listed_image["fileSasUri"])
        == split_signature(api.get(path, params=EXPAND_FILE)["fileSasUri"])
        == (address, READ_QUERY)
    )

    deletion = api.call("DELETE", path)
    assert deletion.status_code == 204
    assert deletion.headers["content-length"] == "0"
    assert api.get(images) == {"value": []}
    assert api.call("GET", path).status_code == 404


def test_the_address_of_a_pending_image_can_be_written(api, images):
    image = api.post(images, LOGO, 201)
    expanded_image = api.get(f"{images}/{image['id']}", params=EXPAND_FILE)
    assert split_signature(expanded_image["fileSasUri"]) == split_signature(image["fileSasUri"])
    api.upload(expanded_image["fileSasUri"], b"a logo")


def test_a_repeated_expand_in_the_query_of_images_is_accepted_and_shows_no_address(api, images):
    image = api.post(images, LOGO, 201)
    assert api.get(images, params={"$expand": "$expand=FileSasUri"}) == {"value": [without_address(image)]}
    assert api.call("GET", images, params={"$expand": "Everything"}).status_code == 501


def test_several_images_may_have_the_same_type_and_name(api, images):
    created_images = [api.post(images, LOGO, 201) for _ in range(2)]
    assert api.get(images) == {"value": [without_address(image) for image in created_images]}
    assert created_images[0]["fileSasUri"] != created_images[1]["fileSasUri"]


def test_only_order_and_description_of_an_image_can_change(api, images):
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
        assert list(error_document(answer)["data"]) == [field]
    assert api.get(path) == without_address(after)


def test_the_state_uploaded_of_an_image_is_final_and_needs_no_blob(api, images):
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
def test_an_invalid_new_image_is_refused(api, images, body, field):
    answer = api.call("POST", images, json=body)
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == [field]
    assert api.get(images) == {"value": []}


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_a_put_of_an_image_needs_a_current_etag(api, images, if_match, status):
    image = api.post(images, LOGO, 201)
    assert api.put(f"{images}/{image['id']}", image, if_match).status_code == status


def test_an_image_is_not_found_below_another_listing(api, images):
    product = images.partition("/listings")[0]
    variant = api.create_plan(product)["id"]
    other = f"{product}/listings/{api.read_listing(product, variant)['id']}/images"
    image = api.post(images, LOGO, 201)
    assert api.get(other) == {"value": []}
    assert api.call("GET", f"{other}/{image['id']}").status_code == 404
    assert api.call("DELETE", f"{other}/{image['id']}").status_code == 404
    assert api.call("GET", images.replace("/listings/", "/listings/x")).status_code == 404
    assert api.get(f"{images}/{image['id'].upper()}") == without_address(image)


def test_images_are_deleted_with_their_listing(api):
    product = api.create_offer()
    instance = api.read_instance_id(product, "Listing")
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


def test_the_state_shows_product_and_instance_of_an_image_and_no_signature(api, images):
    image = api.post(images, LOGO, 201)
    product = images.split("/")[2]
    (stored,) = api.emulator.state()["listingImages"]
    assert stored["productID"] == product
    assert stored["instanceID"] == api.read_instance_id(f"/products/{product}", "Listing")
    assert stored["id"] == image["id"]
    assert "sig=" not in str(api.emulator.state())
    assert "fileSasUri" not in stored


def test_the_portal_can_change_an_image(api, images):
    image = api.post(images, LOGO, 201)
    path = f"{images}/{image['id']}"
    changed_image = api.emulator.portal(f"/v1.0/ingestion{path}", description="by hand")
    assert changed_image["@odata.etag"] != image["@odata.etag"]
    assert api.get(path) == without_address(image) | {
        "description": "by hand",
        "@odata.etag": changed_image["@odata.etag"],
    }
