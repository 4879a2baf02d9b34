"""Documents come out as they went in; errors are told by their innermost words."""

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
def test_what_was_read_goes_out_as_it_came(model: type[Any], document: dict[str, Any]) -> None:
    assert model.model_validate(document).to_json() == document
    assert json.loads(json.dumps(model.model_validate(document).to_json())) == document


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(st.text("abcdefghij", min_size=12, max_size=14), JSON, max_size=4))
def test_members_that_nobody_knows_are_kept_at_every_depth(extra: dict[str, Any]) -> None:
    document = {**LISTING, **extra, "listingContacts": [{"type": "Engineering", **extra}]}
    assert Listing.model_validate(document).to_json() == document


@pytest.mark.parametrize("name", ["externalIDs", "externalIds"])
@pytest.mark.parametrize("kind", ["AzureOfferId", "AzureOfferID"])
def test_the_offer_id_is_found_among_others_in_every_spelling(name: str, kind: str) -> None:
    ids = [{"type": "Legacy", "value": "wrong"}, {"type": kind, "value": "contoso"}]
    product = Product.model_validate({"resourceType": "AzureApplication", "name": "A", name: ids, "id": "1"})
    assert product.offer_id == "contoso"


@pytest.mark.parametrize("name", ["id", "ID"])
def test_ids_are_found_in_both_spellings(name: str) -> None:
    assert Variant.model_validate({name: "1"}).id == "1"
    assert AudienceMember.model_validate({name: "1"}).id == "1"


def test_the_offers_own_branch_has_no_variant() -> None:
    assert Branch.model_validate({"currentDraftInstanceID": "1"}).variant_id == ""
    assert Branch.model_validate({"currentDraftInstanceID": "1", "variantID": "2"}).variant_id == "2"


class TestChanges:
    def test_only_what_is_set_is_sent(self) -> None:
        draft = Listing.model_validate(LISTING)
        assert draft.changed_members(Listing(title="Fabrikam")) == {"title": "Fabrikam"}

    def test_emptiness_is_sent_only_where_there_is_something_to_empty(self) -> None:
        draft = Listing.model_validate(LISTING)
        wanted = Listing(
            title="", summary="", keywords=[], listing_uris=[], allow_only_managed_disk_deployments=False
        )
        assert draft.changed_members(wanted) == {"title": "", "listingUris": []}


class TestOver:
    def test_what_is_wanted_wins_and_the_rest_stays(self) -> None:
        have = ListingContact.model_validate({"type": "Engineering", "name": "A", "portal": "kept"})
        laid = have.merge(ListingContact(type="Engineering", name="B", phone="1"))
        assert laid.to_json() == {"type": "Engineering", "name": "B", "phone": "1", "portal": "kept"}

    def test_nested_objects_are_laid_over_as_well(self) -> None:
        schedules = FeatureAvailability.model_validate(AVAILABILITY).price_schedules[0].schedules
        have = schedules[0].retail_price
        have.__pydantic_extra__["portal"] = "kept"  # type: ignore[index]
        wanted = schedules[0].model_copy(update={"retail_price": type(have)(open_price=59)})
        assert schedules[0].merge(wanted).to_json()["retailPrice"] == {
            "openPrice": 59.0,
            "currencyCode": "USD",
            "portal": "kept",
        }

    def test_elements_meet_by_key_and_come_in_the_wanted_order(self) -> None:
        have = [ListingContact.model_validate({"type": each, "portal": each}) for each in ("A", "B", "C")]
        want = [ListingContact(type="C", name="c"), ListingContact(type="D"), ListingContact(type="A")]
        laid = [each.to_json() for each in merge_lists(have, want, key=lambda each: each.type)]
        assert laid == [
            {"type": "C", "portal": "C", "name": "c"},
            {"type": "D"},
            {"type": "A", "portal": "A"},
        ]

    def test_the_original_is_untouched(self) -> None:
        have = ListingContact(type="A", name="a")
        have.merge(ListingContact(name="b"))
        assert have.name == "a"


FAULTS: dict[str, tuple[Any, str, str, dict[str, list[str]]]] = {
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


@pytest.mark.parametrize("shape", FAULTS)
def test_each_shape_of_error_is_understood(shape: str) -> None:
    body, code, message, fields = FAULTS[shape]
    fault = parse_error(json.dumps(body))
    assert (fault.code, fault.message, fault.fields) == (code, message, fields)
    for word in (message, *fields, *(text for texts in fields.values() for text in texts)):
        assert word in str(fault)


def test_what_is_no_json_is_told_as_it_is() -> None:
    assert parse_error("Service unavailable").message == "Service unavailable"
    assert str(parse_error("")) == ""


@given(st.text(max_size=40) | JSON.map(json.dumps) | JSON.map(lambda each: json.dumps(json.dumps(each))))
def test_no_body_is_too_strange_to_be_told(text: str) -> None:
    assert isinstance(str(parse_error(text)), str)


@given(JSON, st.sampled_from(["data", "errors", "details", "message", "code", "error"]))
def test_no_member_is_too_strange_to_be_told(value: Any, name: str) -> None:
    inner = {"reasonPhrase": "x", name: value}
    for body in (inner, f"ICH50400 - Unable. {json.dumps(inner)}", {"error": inner}):
        assert isinstance(str(parse_error(json.dumps(body))), str)
