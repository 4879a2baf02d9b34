"""Listings: default members, languages, and the conditions of a PUT."""

from __future__ import annotations

import re

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import RawApi, error_document


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


@pytest.mark.parametrize("is_of_plan", [False, True])
def test_a_fresh_listing_has_exactly_the_default_members(api, is_of_plan):
    product = api.create_offer("contoso-1")
    variant = api.create_plan(product, "gold")["id"] if is_of_plan else None
    listing = api.read_listing(product, variant)
    assert listing == {
        "resourceType": "AzureListing",
        "listingUris": [],
        "listingContacts": [],
        "gettingStartedInstructions": "",
        "languageCode": "en-us",
        "title": "Gold" if is_of_plan else "contoso-1 alias",
        "keywords": [],
        "@odata.etag": listing["@odata.etag"],
        "id": listing["id"],
    }
    assert re.fullmatch(r'"[0-9a-f]{8}-0000-0800-0000-[0-9a-f]{8}0000"', listing["@odata.etag"])
    assert listing["id"] != api.read_instance_id(product, "Listing", variant)


def test_a_put_replaces_a_listing_except_for_id_and_language(api):
    product = api.create_offer()
    before = api.read_listing(product)
    body = {
        "ResourceType": "AzureListing",
        "Title": "Contoso",
        "summary": "",
        "listingContacts": [{"type": "Engineering", "EMAIL": "e@example.com"}],
    }
    answer = api.put(f"{product}/listings/{before['id']}", body, before["@odata.etag"])
    after = answer.json()
    assert answer.status_code == 200
    assert after == {
        "resourceType": "AzureListing",
        "summary": "",
        "listingContacts": [{"type": "Engineering", "email": "e@example.com"}],
        "languageCode": "en-us",
        "title": "Contoso",
        "@odata.etag": after["@odata.etag"],
        "id": before["id"],
    }
    assert answer.headers["etag"] == after["@odata.etag"] != before["@odata.etag"]
    read_answer = api.call("GET", f"{product}/listings/{before['id']}")
    assert read_answer.json() == after == api.read_listing(product)
    assert "etag" not in read_answer.headers


def test_a_null_member_of_a_listing_is_removed(api):
    product = api.create_offer()
    listing = api.read_listing(product)
    after = api.put(f"{product}/listings/{listing['id']}", listing | {"title": None, "summary": None}).json()
    assert not {"title", "summary"} & set(after)


def test_an_unchanged_put_of_a_listing_changes_the_etag(api):
    product = api.create_offer()
    listing = api.read_listing(product)
    after = api.put(f"{product}/listings/{listing['id']}", listing, listing["@odata.etag"]).json()
    assert after["@odata.etag"] != listing["@odata.etag"]
    assert after | {"@odata.etag": 0} == listing | {"@odata.etag": 0}


def test_a_put_of_a_listing_without_if_match_is_refused_with_the_recorded_message(api):
    product = api.create_offer()
    listing = api.read_listing(product)
    answer = api.put(f"{product}/listings/{listing['id']}", listing, None)
    assert answer.status_code == 400
    assert answer.json() == "Value cannot be null.\r\nParameter name: IfMatch"


def test_a_put_of_a_listing_with_a_stale_etag_changes_nothing(api):
    product = api.create_offer()
    old = api.read_listing(product)
    new = api.put(f"{product}/listings/{old['id']}", old | {"title": "Ours"}, old["@odata.etag"]).json()
    answer = api.put(f"{product}/listings/{old['id']}", old | {"title": "Theirs"}, old["@odata.etag"])
    assert answer.status_code == 412
    assert answer.json()["statusCode"] == 412
    assert api.read_listing(product) == new


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": 5}, "Title"),
        ({"keywords": "one"}, "Keywords"),
        ({"keywords": [1]}, "Keywords"),
        ({"listingContacts": [{"email": True}]}, "ListingContacts.Email"),
        ({"listingUris": ["https://example.com"]}, "ListingUris"),
        ({"resourceType": "AzureProperty"}, "ResourceType"),
        ({"languageCode": "de-de"}, "LanguageCode"),
    ],
)
def test_a_wrong_type_in_a_listing_is_refused_by_field_and_changes_nothing(api, change, field):
    product = api.create_offer()
    listing = api.read_listing(product)
    answer = api.put(f"{product}/listings/{listing['id']}", listing | change)
    assert answer.status_code == 400
    assert field in error_document(answer)["data"]
    assert api.read_listing(product) == listing


def test_a_listing_without_a_resource_type_is_refused_as_missing(api):
    product = api.create_offer()
    answer = api.put(f"{product}/listings/{api.read_listing(product)['id']}", {"title": "Contoso"})
    assert answer.status_code == 400
    assert "Missing" in answer.text


@pytest.mark.parametrize("members", [{"tittle": "x"}, {"listingUris": [{"url": "https://example.com"}]}])
def test_an_unknown_member_of_a_listing_is_not_emulated(api, members):
    product = api.create_offer()
    listing = api.read_listing(product)
    answer = api.put(f"{product}/listings/{listing['id']}", listing | members)
    assert answer.status_code == 501
    assert "not emulated" in answer.text
    assert api.read_listing(product) == listing


def test_members_of_a_listing_that_the_portal_wrote_may_be_sent_back(api):
    product = api.create_offer()
    listing = api.read_listing(product)
    path = f"{product}/listings/{listing['id']}"
    document = api.emulator.portal(
        f"/v1.0/ingestion{path}", hidden="x", listingUris=[{"type": "A", "more": 1}]
    )
    assert document["@odata.etag"] != listing["@odata.etag"]
    assert api.put(path, document, listing["@odata.etag"]).status_code == 412
    after = api.put(path, document, document["@odata.etag"]).json()
    assert after | {"@odata.etag": 0} == document | {"@odata.etag": 0}
    assert after["hidden"] == "x"
    assert after["listingUris"] == [{"type": "A", "more": 1}]


def test_a_language_of_a_listing_can_be_added_read_and_removed(api):
    product = api.create_offer()
    first, instance = api.read_listing(product), api.read_instance_id(product, "Listing")
    create = f"{product}/listings/createWithInstanceID(instanceID={instance})"
    body = {"resourceType": "AzureListing", "languageCode": "de-de", "title": "Contoso"}
    answer = api.call("POST", create, json=body)
    second = answer.json()
    assert answer.status_code == 201
    assert answer.headers["etag"] == second["@odata.etag"]
    assert answer.headers["location"] == f"{api.emulator.api}{product}/listings/{second['id']}"
    assert api.call("POST", create, json=body | {"languageCode": "DE-de"}).status_code == 409
    collection = f"{product}/listings/getByInstanceID(instanceID={instance})"
    assert api.get(collection) == {"value": [first, second]}
    assert api.call("DELETE", f"{product}/listings/{second['id']}").status_code == 204
    assert api.get(collection) == {"value": [first]}


def test_the_default_language_of_a_listing_cannot_be_removed(api):
    product = api.create_offer()
    listing = api.read_listing(product)
    assert api.call("DELETE", f"{product}/listings/{listing['id']}").status_code == 409
    assert api.read_listing(product) == listing


def test_a_new_listing_needs_a_language_code(api):
    product = api.create_offer()
    create = f"{product}/listings/createWithInstanceID(instanceID={api.read_instance_id(product, 'Listing')})"
    answer = api.call("POST", create, json={"resourceType": "AzureListing"})
    assert answer.status_code == 400
    assert "LanguageCode" in error_document(answer)["data"]


def test_a_listing_is_not_found_below_another_product(api):
    product, other_product = api.create_offer("contoso-1"), api.create_offer("contoso-2")
    listing, instance = api.read_listing(product), api.read_instance_id(product, "Listing")
    for path in (f"listings/{listing['id']}", f"listings/getByInstanceID(instanceID={instance})"):
        assert api.call("GET", f"{other_product}/{path}").status_code == 404
    assert api.put(f"{other_product}/listings/{listing['id']}", listing).status_code == 404
    package = api.read_instance_id(product, "Package")
    assert api.call("GET", f"{product}/listings/getByInstanceID(instanceID={package})").status_code == 404
