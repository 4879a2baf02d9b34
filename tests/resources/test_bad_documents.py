"""Invalid documents of an offer fail in `check` with a message, before any request."""

from __future__ import annotations

from typing import Any

import pytest
from tests.resources.harness import UNKNOWN, CheckFailed, Plugin
from tests.resources.test_bad_input import GUID, assert_rule_message

from pulumi_partnercenter import (
    CosellListing,
    LeadDestination,
    OfferProperties,
    OfferSetup,
    PreviewAudience,
    ResellerChannel,
)
from pulumi_partnercenter import TestDrive as Drive

AMENDMENT = {"name": "Local law", "terms": "The law of the customer's seat."}
AMENDED: dict[str, Any] = {"uses_standard_contract": True}
HTTPS = {"url": "https://contoso.example.com"}

INVALID: dict[str, tuple[Any, dict[str, Any], list[str]]] = {
    "a call to action where Microsoft sells": (
        OfferSetup,
        {"call_to_action": "free"},
        ["call_to_action", "sells_through_microsoft=False"],
    ),
    "another call to action": (
        OfferSetup,
        {"sells_through_microsoft": False, "call_to_action": "buy"},
        ["call_to_action", "'buy'", "contact-me"],
    ),
    "a trial without an address": (
        OfferSetup,
        {"sells_through_microsoft": False, "call_to_action": "free-trial"},
        ["trial_url", "address"],
    ),
    "a trial without an address, offer unknown": (
        OfferSetup,
        {"offer": UNKNOWN, "sells_through_microsoft": False, "call_to_action": "free-trial"},
        ["trial_url", "address"],
    ),
    "a trial in the clear": (
        OfferSetup,
        {"trial_url": "http://contoso.example.com"},
        ["trial_url", "https://"],
    ),
    "three categories": (OfferProperties, {"categories": {"a": [], "b": [], "c": []}}, ["categories", "2"]),
    "three subcategories": (
        OfferProperties,
        {"categories": {"web": ["a", "b", "c"]}},
        ["categories.web", "at most 2"],
    ),
    "both contracts": (
        OfferProperties,
        {"uses_standard_contract": True, "terms_of_use": "Own."},
        ["terms_of_use", "standard contract"],
    ),
    "terms too long": (OfferProperties, {"terms_of_use": "a" * 10_001}, ["terms_of_use", "10000"]),
    "amendment too long": (OfferProperties, AMENDED | {"amendment": "a" * 10_001}, ["amendment", "10000"]),
    "amendments of nothing": (
        OfferProperties,
        {"amendment": "More.", "custom_amendments": [AMENDMENT]},
        ["amendment, custom_amendments", "uses_standard_contract=True"],
    ),
    "eleven amendments": (
        OfferProperties,
        AMENDED | {"custom_amendments": [AMENDMENT | {"name": str(n)} for n in range(11)]},
        ["custom_amendments", "at most 10"],
    ),
    "amendments of one name": (
        OfferProperties,
        AMENDED | {"custom_amendments": [AMENDMENT, AMENDMENT]},
        ["custom_amendments", "Local law", "twice"],
    ),
    "twenty-one tenants": (
        OfferProperties,
        AMENDED | {"custom_amendments": [AMENDMENT | {"tenants": [GUID] * 21}]},
        ["custom_amendments[0].tenants", "at most 20"],
    ),
    "a tenant by name": (
        OfferProperties,
        AMENDED | {"custom_amendments": [AMENDMENT | {"tenants": ["contoso"]}]},
        ["custom_amendments[0].tenants[0].id", "'contoso'", "GUID"],
    ),
    "amendment without terms": (
        OfferProperties,
        AMENDED | {"custom_amendments": [{"name": "Local law"}]},
        ["custom_amendments[0].terms", "required"],
    ),
    "a subscription by name": (PreviewAudience, {"subscriptions": ["test"]}, ["subscriptions[0]", "'test'"]),
    "too many subscriptions": (PreviewAudience, {"subscriptions": [GUID] * 101}, ["subscriptions", "100"]),
    "no address": (PreviewAudience, {"emails": ["ann"]}, ["emails[0]", "'ann'", "e-mail"]),
    "reseller state": (ResellerChannel, {"state": "OptOut"}, ["state", "'OptOut'", "PartialOptIn"]),
    "some partners, none named": (ResellerChannel, {"state": "PartialOptIn"}, ["tenants", "PartialOptIn"]),
    "all partners, some named": (
        ResellerChannel,
        {"tenants": [GUID]},
        ["tenants", "Enabled", "leave them out"],
    ),
    "a partner by name": (
        ResellerChannel,
        {"state": "PartialOptIn", "tenants": ["fabrikam"]},
        ["tenants[0]", "'fabrikam'", "GUID"],
    ),
    "no destination": (
        LeadDestination,
        {"https": None},
        ["azure_table", "salesforce", "one of these is required"],
    ),
    "an empty destination": (LeadDestination, {"https": {}}, ["azure_table", "one of these is required"]),
    "two destinations": (
        LeadDestination,
        {"salesforce": {"object_identifier": "00D"}},
        ["https, salesforce", "keep one"],
    ),
    "two destinations, another unknown inside": (
        LeadDestination,
        {"marketo": {"server_id": UNKNOWN, "munchkin_account_id": "a", "form_id": "7"}},
        ["https, marketo", "keep one"],
    ),
    "two destinations beside an unknown one": (
        LeadDestination,
        {"salesforce": {"object_identifier": "00D"}, "marketo": UNKNOWN},
        ["https, salesforce", "keep one"],
    ),
    "no address, the destination unknown inside": (
        LeadDestination,
        {
            "https": None,
            "marketo": {"server_id": UNKNOWN, "munchkin_account_id": "a", "form_id": "7"},
            "contact_email": "ann",
        },
        ["contact_email", "e-mail"],
    ),
    "amendments of one name, beside an unknown one": (
        OfferProperties,
        AMENDED | {"custom_amendments": [UNKNOWN, AMENDMENT, AMENDMENT | {"terms": UNKNOWN}]},
        ["custom_amendments[2].name", "Local law", "twice"],
    ),
    "a document that is not there, beside an unknown one": (
        CosellListing,
        {
            "documents": [
                {"kind": "PitchDeck", "source": UNKNOWN},
                {"kind": "PitchDeck", "source": "no/such.pdf"},
            ]
        },
        ["documents[1].source", "no such file", "no/such.pdf"],
    ),
    "no container": (
        LeadDestination,
        {"https": None, "azure_blob": {"connection_string": "AccountName=contoso;AccountKey=YWJj"}},
        ["azure_blob.container", "required"],
    ),
    "an application by name": (
        LeadDestination,
        {"https": None, "dynamics": {**HTTPS, "application_id": "leads"}},
        ["dynamics.application_id", "GUID"],
    ),
    "leads in the clear": (
        LeadDestination,
        {"https": {"url": "http://contoso.example.com"}},
        ["https.url", "https://"],
    ),
    "a test drive of minus one hour": (Drive, {"duration_hours": -1}, ["duration_hours", "-1"]),
    "a subscription for test drives by name": (
        Drive,
        {"subscription": "test"},
        ["subscription", "'test'", "GUID"],
    ),
    "a seller without a type": (
        CosellListing,
        {"contacts": [{"name": "Ann"}]},
        ["contacts[0].type", "required"],
    ),
    "an area without a name": (
        CosellListing,
        {"solution_areas": [{"area": ""}]},
        ["solution_areas[0].area", "''"],
    ),
    "a document that is not there": (
        CosellListing,
        {"documents": [{"kind": "PitchDeck", "source": "no/such.pdf"}]},
        ["documents[0].source", "no such file", "no/such.pdf"],
    ),
    "a document without a kind": (
        CosellListing,
        {"documents": [{"source": "no/such.pdf"}]},
        ["documents[0].kind", "required"],
    ),
    "a text without a name": (
        CosellListing,
        {"documents": [{"kind": "PitchDeck", "source": {"text": "a"}}]},
        ["documents[0].file_name", "required"],
    ),
    "a document twice": (
        CosellListing,
        {"documents": [{"kind": "PitchDeck", "source": {"text": "a"}, "file_name": "a.pdf"}] * 2},
        ["documents", "PitchDeck a.pdf", "twice"],
    ),
    "a document in a folder": (
        CosellListing,
        {"documents": [{"kind": "PitchDeck", "source": {"text": "a"}, "file_name": "a/a.pdf"}]},
        ["documents[0].file_name", "'a/a.pdf'", "folders"],
    ),
    "misspelled member": (
        LeadDestination,
        {"https": {"uri": "https://contoso.example.com", **HTTPS}},
        ["https.uri", "did you mean url?"],
    ),
}


@pytest.mark.parametrize("case", INVALID)
def test_a_broken_document_rule_is_named_in_a_short_message(case: str, offline: None) -> None:
    assert_rule_message(*INVALID[case])


def test_messages_about_broken_rules_show_no_secret(offline: None) -> None:
    """Includes the message of a rule that another argument breaks."""
    dynamics = {
        "url": "contoso",
        "password": "s3cret-one",
        "application_key": "s3cret-two",
        "key": "s3cret-three",
    }
    with pytest.raises(CheckFailed) as failure:
        Plugin({}).check(LeadDestination, {}, {"offer": GUID, "dynamics": dynamics})
    assert "dynamics.url" in str(failure.value)
    assert "s3cret" not in str(failure.value)
