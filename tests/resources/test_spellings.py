"""Equivalent values are no change, whether in the program, in the state or in the service's response."""

from __future__ import annotations

from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.examples import MANAGED, OFFERS, PLANS
from tests.resources.harness import Declaration, Program, Ref, Stack

from pulumi_partnercenter import OfferListing, PlanListing, PlanPricing

GUID = "11111111-2222-4333-8444-aaaaaaaaaaaa"
OTHER = "22222222-3333-4444-8555-bbbbbbbbbbbb"
PRICING: dict[str, Any] = {
    "plan": Ref("plan"),
    "visibility": "Private",
    "markets": ["CA", "DE", "US"],
    "prices": [
        {"amount": 49},
        {"amount": 490, "per": "year"},
        {"amount": 45, "currency": "EUR", "markets": ["DE"]},
    ],
    "meters": [
        {
            "id": "a",
            "name": "A",
            "unit": "GB",
            "price_in_usd": 1,
            "included": [{"per": "month", "quantity": 1}, {"per": "year", "quantity": 10}],
        },
        {"id": "b", "name": "B", "unit": "GB", "price_in_usd": 2},
    ],
    "subscriptions": [GUID, OTHER],
    "subtype": MANAGED,
}
EUROS = {"amount": 45, "currency": "EUR", "markets": ["DE"]}
MONTHLY, YEARLY = {"amount": 49}, {"amount": 490, "per": "year"}

EQUIVALENT_PRICING: dict[str, dict[str, Any]] = {
    "markets in another order": {"markets": ["US", "DE", "CA"]},
    "markets twice": {"markets": ["US", "DE", "CA", "US"]},
    "markets in lower case": {"markets": ["us", "de", "ca"]},
    "amount with a fraction of zero": {"prices": [{"amount": 49.0}, YEARLY, EUROS]},
    "amount as text": {"prices": [{"amount": "49.00"}, YEARLY, EUROS]},
    "defaults said": {
        "prices": [{"amount": 49, "currency": "USD", "per": "month", "every": 1}, YEARLY, EUROS]
    },
    "prices in another order": {"prices": [EUROS, YEARLY, MONTHLY]},
    "override that equals the base": {
        "prices": [MONTHLY, YEARLY, EUROS, MONTHLY | {"markets": ["CA"]}, YEARLY | {"markets": ["CA"]}]
    },
    "market in lower case in a price": {"prices": [MONTHLY, YEARLY, EUROS | {"markets": ["de"]}]},
    "meters in another order": {"meters": list(reversed(PRICING["meters"]))},
    "included quantities in another order": {
        "meters": [
            PRICING["meters"][0] | {"included": list(reversed(PRICING["meters"][0]["included"]))},
            PRICING["meters"][1],
        ]
    },
    "price of a meter as text": {
        "meters": [PRICING["meters"][0] | {"price_in_usd": "1.00"}, PRICING["meters"][1]]
    },
    "audience in capitals": {"subscriptions": [GUID.upper(), OTHER]},
    "audience in another order": {"subscriptions": [OTHER, GUID]},
    "audience as objects": {"subscriptions": [{"id": GUID}, {"id": OTHER, "description": ""}]},
    "audience in braces": {"subscriptions": [f"{{{GUID}}}", OTHER]},
    "no trial said": {"trial": {"type": "NoTrial"}},
    "empty trial": {"trial": {}},
    "empty lists": {"tenants": []},
    "none": {"tenants": None, "trial": None},
    "adopt": {"adopt": True},
}


def pricing(**changes: Any) -> Program:
    return {**PLANS, "pricing": Declaration(PlanPricing, {**PRICING, **changes})}


@pytest.mark.sample(6)
@pytest.mark.parametrize("spelling", EQUIVALENT_PRICING)
def test_an_equivalent_pricing_is_no_change(spelling: str, stack: Stack, emulator: RunningEmulator) -> None:
    stack.up(pricing())
    emulator.clear()
    assert stack.up(pricing(**EQUIVALENT_PRICING[spelling])) == {}
    assert emulator.requests() == []


@pytest.mark.sample(6)
@pytest.mark.parametrize("spelling", EQUIVALENT_PRICING)
def test_an_equivalent_pricing_is_created_identically(
    spelling: str, stack: Stack, emulator: RunningEmulator
) -> None:
    stack.up(pricing(**EQUIVALENT_PRICING[spelling]))
    assert stack.refresh() == {}
    assert stack.up(pricing()) == {}


def test_a_list_of_every_market_equals_all(stack: Stack, emulator: RunningEmulator) -> None:
    stack.up(pricing(markets="all"))
    assert stack.refresh() == {}
    codes = [entry["marketCode"] for entry in emulator.state()["featureAvailabilities"][0]["marketStates"]]
    assert len(codes) == 141
    assert stack.up(pricing(markets=codes)) == {}
    assert stack.state["pricing"].outputs["markets"] == "all"


def test_schedules_split_by_the_service_are_no_drift(stack: Stack, emulator: RunningEmulator) -> None:
    """Two overrides with the same prices may be one schedule or two, with market codes in any order."""
    prices = [MONTHLY, YEARLY, EUROS | {"markets": ["DE", "CA"]}]
    stack.up(pricing(prices=prices))
    (document,) = [
        availability
        for availability in emulator.state()["featureAvailabilities"]
        if availability["priceSchedules"]
    ]
    base, euro = document["priceSchedules"]
    split_schedules = [
        euro | {"marketCodes": ["DE"]},
        base,
        euro | {"marketCodes": ["CA"], "friendlyName": "other"},
    ]
    path = f"/v1.0/ingestion/products/{document['productID']}/featureAvailabilities/{document['id']}"
    emulator.portal(path, priceSchedules=split_schedules)
    assert stack.refresh() == {}
    assert stack.up(pricing(prices=prices)) == {}
    states = list(reversed(document["marketStates"]))
    emulator.portal(path, marketStates=states)
    assert stack.refresh() == {}


LISTING: dict[str, Any] = {
    "offer": Ref("offer"),
    "language": "de-de",
    "title": "Contoso Backup",
    "keywords": ["backup", "restore"],
    "contacts": [{"type": "CustomerSupport", "name": "Desk"}, {"type": "Engineering", "name": "Team"}],
}
EQUIVALENT_LISTING: dict[str, dict[str, Any]] = {
    "keywords in another order": {"keywords": ["restore", "backup"]},
    "language in another case": {"language": "de-DE"},
    "contacts in another order": {"contacts": list(reversed(LISTING["contacts"]))},
    "empty texts": {"summary": "", "description": ""},
    "nothing": {"summary": None, "links": None},
}


@pytest.mark.parametrize("spelling", EQUIVALENT_LISTING)
def test_an_equivalent_listing_is_no_change(spelling: str, stack: Stack, emulator: RunningEmulator) -> None:
    def listing(**changes: Any) -> Program:
        return {**OFFERS, "listing": Declaration(OfferListing, {**LISTING, **changes})}

    stack.up(listing())
    emulator.clear()
    assert stack.up(listing(**EQUIVALENT_LISTING[spelling])) == {}
    assert emulator.requests() == []
    assert stack.refresh() == {}


def test_the_case_of_a_language_code_is_no_drift(stack: Stack, emulator: RunningEmulator) -> None:
    """The portal may have created the listing, with another spelling of the language."""
    program = {
        **PLANS,
        "listing": Declaration(PlanListing, {"plan": Ref("plan"), "language": "de-de", "title": "Gold"}),
    }
    stack.up(PLANS)
    variant = stack.state["plan"].id.split("/")[1]
    (existing,) = [listing for listing in emulator.state()["listings"] if listing.get("variantID") == variant]
    listings = f"/v1.0/ingestion/products/{existing['productID']}/listings"
    path = f"{listings}/createWithInstanceID(instanceID={existing['instanceID']})"
    body = {"resourceType": "AzureListing", "languageCode": "de-DE", "title": "Gold"}
    emulator.client.post(path, json=body).raise_for_status()
    emulator.clear()
    assert stack.up(program) == {"listing": "create"}
    assert [request for request in emulator.requests() if request["method"] != "GET"] == []
    assert stack.refresh() == {}
    assert stack.up(program) == {}
    assert stack.up(PLANS) == {"listing": "delete"}
