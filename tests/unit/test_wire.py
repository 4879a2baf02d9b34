"""Wire models keep unknown members. Error bodies are parsed down to their innermost message."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_partnercenter.api.submission.error_bodies import parse_error
from pulumi_partnercenter.api.submission.models import (
    AudienceMember,
    Branch,
    Listing,
    ListingContact,
    Product,
    Variant,
)
from pulumi_partnercenter.api.submission.pricing_models import FeatureAvailability
from pulumi_partnercenter.api.wire import merge_lists

LISTING: dict[str, Any] = {
    "resourceType": "AzureListing",
    "listingUris": [{"type": "PrivacyUri", "uri": "https://contoso.example.com", "portal": {"a": [1]}}],
    "listingContacts": [],
    "languageCode": "en-us",
    "title": "Contoso",
    "isSomethingNew": None,
    "@odata.etag": '"0x8D"',
    "id": "1152",
}
AVAILABILITY: dict[str, Any] = {
    "resourceType": "FeatureAvailability",
    "visibility": "Public",
    "marketStates": [{"marketCode": "US", "state": "Enabled", "portal": 1}],
    "priceSchedules": [
        {
            "isBaseSchedule": True,
            "friendlyName": "Default",
            "schedules": [
                {
                    "retailPrice": {"openPrice": 49.99, "currencyCode": "USD"},
                    "priceCadence": {"type": "Month", "value": 1},
                    "pricingModel": "Recurring",
                    "dateTimeRange": {"startAt": {"dateTimeInUtc": "2026-12-01T00:00:00Z", "portal": True}},
                }
            ],
        }
    ],
    "trial": {"type": "NoTrial"},
    "subscriptionAudiences": [{"ID": "11111111-2222-4333-8444-555555555555"}],
    "properties": [{"type": "a", "value": "b"}],
    "@odata.etag": '"1"',
    "id": "1",
}


@pytest.mark.parametrize(("model", "document"), [(Listing, LISTING), (FeatureAvailability, AVAILABILITY)])
def test_a_document_is_written_as_it_was_read(model: type[Any], document: dict[str, Any]) -> None:
    assert model.model_validate(document).to_json() == document
    assert json.loads(json.dumps(model.model_validate(document).to_json())) == document


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(st.text("abcdefghij", min_size=12, max_size=14), JSON, max_size=4))
def test_unknown_members_of_a_document_are_kept_at_every_depth(extra: dict[str, Any]) -> None:
    document = {**LISTING, **extra, "listingContacts": [{"type": "Engineering", **extra}]}
    assert Listing.model_validate(document).to_json() == document


@pytest.mark.parametrize("name", ["externalIDs", "externalIds"])
@pytest.mark.parametrize("kind", ["AzureOfferId", "AzureOfferID"])
def test_the_offer_id_is_read_in_every_spelling_of_its_member(name: str, kind: str) -> None:
    ids = [{"type": "Legacy", "value": "wrong"}, {"type": kind, "value": "contoso"}]
    product = Product.model_validate({"resourceType": "AzureApplication", "name": "A", name: ids, "id": "1"})
    assert product.offer_id == "contoso"


@pytest.mark.parametrize("name", ["id", "ID"])
def test_ids_are_read_in_both_spellings(name: str) -> None:
    assert Variant.model_validate({name: "1"}).id == "1"
    assert AudienceMember.model_validate({name: "1"}).id == "1"


def test_the_branch_of_an_offer_has_no_variant() -> None:
    assert Branch.model_validate({"currentDraftInstanceID": "1"}).variant_id == ""
    assert Branch.model_validate({"currentDraftInstanceID": "1", "variantID": "2"}).variant_id == "2"


class TestChangedMembers:
    def test_only_members_that_are_set_are_sent(self) -> None:
        draft = Listing.model_validate(LISTING)
        assert draft.changed_members(Listing(title="Fabrikam")) == {"title": "Fabrikam"}

    def test_an_empty_value_is_sent_only_to_clear_a_member(self) -> None:
        draft = Listing.model_validate(LISTING)
        desired = Listing(
            title="", summary="", keywords=[], listing_uris=[], allow_only_managed_disk_deployments=False
        )
        assert draft.changed_members(desired) == {"title": "", "listingUris": []}


class TestMerge:
    def test_desired_members_replace_current_members_and_the_rest_stays(self) -> None:
        current = ListingContact.model_validate({"type": "Engineering", "name": "A", "portal": "kept"})
        merged = current.merge(ListingContact(type="Engineering", name="B", phone="1"))
        assert merged.to_json() == {"type": "Engineering", "name": "B", "phone": "1", "portal": "kept"}

    def test_nested_objects_are_merged(self) -> None:
        schedules = FeatureAvailability.model_validate(AVAILABILITY).price_schedules[0].schedules
        current = schedules[0].retail_price
        current.__pydantic_extra__["portal"] = "kept"  # type: ignore[index]
        desired = schedules[0].model_copy(update={"retail_price": type(current)(open_price=59)})
        assert schedules[0].merge(desired).to_json()["retailPrice"] == {
            "openPrice": 59.0,
            "currencyCode": "USD",
            "portal": "kept",
        }

    def test_elements_of_lists_are_merged_by_key_in_the_desired_order(self) -> None:
        current = [ListingContact.model_validate({"type": name, "portal": name}) for name in ("A", "B", "C")]
        desired = [ListingContact(type="C", name="c"), ListingContact(type="D"), ListingContact(type="A")]
        merged = [
            contact.to_json() for contact in merge_lists(current, desired, key=lambda contact: contact.type)
        ]
        assert merged == [
            {"type": "C", "portal": "C", "name": "c"},
            {"type": "D"},
            {"type": "A", "portal": "A"},
        ]

    def test_merging_does_not_change_the_current_document(self) -> None:
        current = ListingContact(type="A", name="a")
        current.merge(ListingContact(name="b"))
        assert current.name == "a"


ERROR_BODIES: dict[str, tuple[Any, str, str, dict[str, list[str]]]] = {
    "fault in a string": (
        (
            'ICH50400 - Unable to complete request. {"faultCode":50400,"reasonPhrase":"Request validation failed.",'
            '"correlationId":"c","data":{"FeatureName":["The field FeatureName is invalid."]}}'
        ),
        "ICH50400",
        "Request validation failed.",
        {"FeatureName": ["The field FeatureName is invalid."]},
    ),
    "fault without details": (
        'ICH50404 - Unable to complete request. {"faultCode":50404,"reasonPhrase":"Not found."}',
        "ICH50404",
        "Not found.",
        {},
    ),
    "exception with problem details": (
        (
            "Microsoft.Client.RestClientException: Product request failed, API=GetProduct, HttpStatusCode=BadRequest, "
            'ResponseContent={"errors":{"x-ms-publisherId":["is required"]},"title":"One or more errors."}'
        ),
        "",
        "One or more errors.",
        {"x-ms-publisherId": ["is required"]},
    ),
    "sentence": ("Value cannot be null.", "", "Value cannot be null.", {}),
    "gateway": (
        {"statusCode": 401, "message": "Access token is missing or invalid."},
        "401",
        "Access token is missing or invalid.",
        {},
    ),
    "older object": (
        {
            "code": "InvalidState",
            "message": "Busy.",
            "details": [],
            "innererror": {},
            "data": [],
            "source": "x",
        },
        "InvalidState",
        "Busy.",
        {},
    ),
    "nested error": ({"error": {"code": "a", "message": "b"}}, "a", "b", {}),
}


@pytest.mark.parametrize("name", ERROR_BODIES)
def test_error_bodies_of_every_shape_are_parsed(name: str) -> None:
    body, code, message, fields = ERROR_BODIES[name]
    error = parse_error(json.dumps(body))
    assert (error.code, error.message, error.fields) == (code, message, fields)
    for word in (message, *fields, *(text for texts in fields.values() for text in texts)):
        assert word in str(error)


def test_an_error_body_that_is_not_json_is_its_own_message() -> None:
    assert parse_error("Service unavailable").message == "Service unavailable"
    assert str(parse_error("")) == ""


@given(st.text(max_size=40) | JSON.map(json.dumps) | JSON.map(lambda value: json.dumps(json.dumps(value))))
def test_any_error_body_has_a_message(text: str) -> None:
    assert isinstance(str(parse_error(text)), str)


@given(JSON, st.sampled_from(["data", "errors", "details", "message", "code", "error"]))
def test_an_error_body_with_a_member_of_any_type_has_a_message(value: Any, name: str) -> None:
    inner = {"reasonPhrase": "x", name: value}
    for body in (inner, f"ICH50400 - Unable. {json.dumps(inner)}", {"error": inner}):
        assert isinstance(str(parse_error(json.dumps(body))), str)
