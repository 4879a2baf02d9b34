"""Listings: golden test 2 of the reference's appendix D, languages, and the conditions of every PUT."""

from __future__ import annotations

import re

import pytest
from provider.tools.emulators import Serving
from tests.contract.submission import Submission, fault


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


@pytest.mark.parametrize("of_plan", [False, True])
def test_a_fresh_listing_has_exactly_the_default_members(api, of_plan):
    product = api.offer("contoso-1")
    variant = api.plan(product, "gold")["id"] if of_plan else None
    listing = api.listing(product, variant)
    assert listing == {
        "resourceType": "AzureListing",
        "listingUris": [],
        "listingContacts": [],
        "gettingStartedInstructions": "",
        "languageCode": "en-us",
        "title": "Gold" if of_plan else "contoso-1 alias",
        "keywords": [],
        "@odata.etag": listing["@odata.etag"],
        "id": listing["id"],
    }
    assert re.fullmatch(r'"[0-9a-f]{8}-0000-0800-0000-[0-9a-f]{8}0000"', listing["@odata.etag"])
    assert listing["id"] != api.instance(product, "Listing", variant)


def test_put_replaces_and_keeps_only_id_and_language(api):
    product = api.offer()
    before = api.listing(product)
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
    got = api.call("GET", f"{product}/listings/{before['id']}")
    assert got.json() == after == api.listing(product)
    assert "etag" not in got.headers


def test_null_is_absence(api):
    product = api.offer()
    listing = api.listing(product)
    after = api.put(f"{product}/listings/{listing['id']}", listing | {"title": None, "summary": None}).json()
    assert not {"title", "summary"} & set(after)


def test_an_unchanged_put_changes_the_etag(api):
    product = api.offer()
    listing = api.listing(product)
    after = api.put(f"{product}/listings/{listing['id']}", listing, listing["@odata.etag"]).json()
    assert after["@odata.etag"] != listing["@odata.etag"]
    assert after | {"@odata.etag": 0} == listing | {"@odata.etag": 0}


def test_put_without_if_match_is_refused_with_the_recorded_words(api):
    product = api.offer()
    listing = api.listing(product)
    answer = api.put(f"{product}/listings/{listing['id']}", listing, None)
    assert answer.status_code == 400
    assert answer.json() == "Value cannot be null.\r\nParameter name: IfMatch"


def test_put_with_a_stale_etag_changes_nothing(api):
    product = api.offer()
    old = api.listing(product)
    new = api.put(f"{product}/listings/{old['id']}", old | {"title": "Ours"}, old["@odata.etag"]).json()
    answer = api.put(f"{product}/listings/{old['id']}", old | {"title": "Theirs"}, old["@odata.etag"])
    assert answer.status_code == 412
    assert answer.json()["statusCode"] == 412
    assert api.listing(product) == new


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
def test_put_with_a_wrong_type_is_refused_by_field_and_changes_nothing(api, change, field):
    product = api.offer()
    listing = api.listing(product)
    answer = api.put(f"{product}/listings/{listing['id']}", listing | change)
    assert answer.status_code == 400
    assert field in fault(answer)["data"]
    assert api.listing(product) == listing


def test_a_missing_resource_type_is_called_missing(api):
    product = api.offer()
    answer = api.put(f"{product}/listings/{api.listing(product)['id']}", {"title": "Contoso"})
    assert answer.status_code == 400
    assert "Missing" in answer.text


@pytest.mark.parametrize("members", [{"tittle": "x"}, {"listingUris": [{"url": "https://example.com"}]}])
def test_an_unknown_member_is_not_emulated(api, members):
    product = api.offer()
    listing = api.listing(product)
    answer = api.put(f"{product}/listings/{listing['id']}", listing | members)
    assert answer.status_code == 501
    assert "not emulated" in answer.text
    assert api.listing(product) == listing


def test_what_the_portal_wrote_may_travel_back(api):
    product = api.offer()
    listing = api.listing(product)
    path = f"{product}/listings/{listing['id']}"
    edited = api.emulator.portal(f"/v1.0/ingestion{path}", hidden="x", listingUris=[{"type": "A", "more": 1}])
    assert edited["@odata.etag"] != listing["@odata.etag"]
    assert api.put(path, edited, listing["@odata.etag"]).status_code == 412
    after = api.put(path, edited, edited["@odata.etag"]).json()
    assert after | {"@odata.etag": 0} == edited | {"@odata.etag": 0}
    assert after["hidden"] == "x"
    assert after["listingUris"] == [{"type": "A", "more": 1}]


def test_a_language_can_be_added_once_read_and_removed(api):
    product = api.offer()
    first, instance = api.listing(product), api.instance(product, "Listing")
    create = f"{product}/listings/createWithInstanceID(instanceID={instance})"
    body = {"resourceType": "AzureListing", "languageCode": "de-de", "title": "Contoso"}
    answer = api.call("POST", create, json=body)
    second = answer.json()
    assert answer.status_code == 201
    assert answer.headers["etag"] == second["@odata.etag"]
    assert answer.headers["location"] == f"{api.emulator.api}{product}/listings/{second['id']}"
    assert api.call("POST", create, json=body | {"languageCode": "DE-de"}).status_code == 409
    every = f"{product}/listings/getByInstanceID(instanceID={instance})"
    assert api.get(every) == {"value": [first, second]}
    assert api.call("DELETE", f"{product}/listings/{second['id']}").status_code == 204
    assert api.get(every) == {"value": [first]}


def test_the_default_language_cannot_be_removed(api):
    product = api.offer()
    listing = api.listing(product)
    assert api.call("DELETE", f"{product}/listings/{listing['id']}").status_code == 409
    assert api.listing(product) == listing


def test_a_language_needs_a_code(api):
    product = api.offer()
    create = f"{product}/listings/createWithInstanceID(instanceID={api.instance(product, 'Listing')})"
    answer = api.call("POST", create, json={"resourceType": "AzureListing"})
    assert answer.status_code == 400
    assert "LanguageCode" in fault(answer)["data"]


def test_a_listing_belongs_to_its_product_alone(api):
    one, other = api.offer("contoso-1"), api.offer("contoso-2")
    listing, instance = api.listing(one), api.instance(one, "Listing")
    for path in (f"listings/{listing['id']}", f"listings/getByInstanceID(instanceID={instance})"):
        assert api.call("GET", f"{other}/{path}").status_code == 404
    assert api.put(f"{other}/listings/{listing['id']}", listing).status_code == 404
    package = api.instance(one, "Package")
    assert api.call("GET", f"{one}/listings/getByInstanceID(instanceID={package})").status_code == 404
