"""The customer's side of the control plane: offers for sale, sample data, odd members, errors."""

from __future__ import annotations

from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.marketplace import FLAT, SEATS, Marketplace
from tests.contract.publisher import Publisher

TENANT, APPLICATION = "88888888-8888-8888-8888-888888888888", "99999999-9999-9999-9999-999999999999"
CONFIGURATION = {
    "landingPageUri": "https://saas.contoso.example/landing",
    "connectionWebhook": "https://saas.contoso.example/webhook",
    "azureActiveDirectoryTenantID": TENANT,
    "azureActiveDirectoryApplicationID": APPLICATION,
}


@pytest.fixture
def market(emulator: RunningEmulator) -> Marketplace:
    return Marketplace(emulator)


def list_offers(market: Marketplace) -> dict[str, dict[str, Any]]:
    return {offer["offer_id"]: offer for offer in market.control("offers", method="GET")}


def test_a_configured_offer_is_for_sale_and_a_second_replaces_it(market):
    market.sell()
    assert list(list_offers(market)) == [FLAT["offer_id"], SEATS["offer_id"]]
    market.control("offers", {**FLAT, "plans": [{"plan_id": "only"}]})
    offers = list_offers(market)
    assert [plan["plan_id"] for plan in offers[FLAT["offer_id"]]["plans"]] == ["only"]
    assert len(offers) == 2


BAD_OFFERS = [
    ({"offer_id": ""}, "offer_id: "),
    ({"offer_id": None}, "offer_id: "),
    ({"landing_page_url": "ftp://contoso.example"}, "landing_page_url: must be an http or https address"),
    (
        {"landing_page_url": "https://contoso.example/#page"},
        "landing_page_url: must be an http or https address",
    ),
    ({"landing_page_url": "https://"}, "landing_page_url: "),
    ({"landing_page_url": "https://contoso.example:port/"}, "landing_page_url: "),
    ({"webhook_url": "contoso"}, "webhook_url"),
    ({"tenant": "contoso"}, "tenant: must be a GUID"),
    ({"plans": []}, "plans: "),
    ({"plans": [{"plan_id": "a"}, {"plan_id": "a"}]}, "plans: two have the same plan_id"),
    ({"plans": [{"plan_id": "a"}, {"plan_id": "b", "is_price_per_seat": True}]}, "plans: all are per seat"),
    ({"plans": [{"plan_id": "a", "min_quantity": 0}]}, "plans.0.min_quantity: "),
    ({"plans": [{"plan_id": "a", "min_quantity": 9, "max_quantity": 8}]}, "plans.0: min_quantity is above"),
    (
        {"plans": [{"plan_id": "a", "terms": [{"term_unit": "P1W"}]}]},
        "plans.0.terms.0.term_unit: must be a term",
    ),
    ({"plans": [{"plan_id": "a", "terms": [{"price": -1}]}]}, "plans.0.terms.0.price: "),
    ({"plans": [{"plan_id": "a", "terms": [{"price": 10**400}]}]}, "plans.0.terms.0.price: "),
    ({"plans": [{"plan_id": "a", "colour": "red"}]}, "plans.0.colour: "),
    ({"price": 1}, "price: "),
]


@pytest.mark.parametrize(("members", "error"), BAD_OFFERS)
def test_a_bad_offer_is_refused_with_the_member_and_the_rule(market, members, error):
    assert market.refusal("offers", {**FLAT, **members}).startswith(error)
    assert list_offers(market) == {}


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"offer_id": "gold"}, "offer_id: no offer 'gold' is for sale"),
        ({"plan_id": "gold"}, "plan_id: must be one of basic, pro"),
        ({"term_unit": "P2Y"}, "term_unit: must be one of P1M, P1Y, not 'P2Y'"),
        ({"quantity": 1}, "quantity: plan basic has a flat rate"),
        ({"beneficiary": {"tenant_id": "x"}}, "beneficiary.tenant_id: must be a GUID"),
        ({"beneficiary": {"mail": "x"}}, "beneficiary.mail: "),
        ({"csp": "yes"}, "csp: "),
        ({"price": 1}, "price: "),
    ],
)
def test_a_bad_purchase_is_refused_and_buys_nothing(market, members, error):
    market.sell()
    body = {"offer_id": FLAT["offer_id"], "plan_id": "basic", **members}
    assert market.refusal("purchase", body).startswith(error)
    assert market.emulator.state()["saasSubscriptions"] == []


@pytest.mark.parametrize("name", ["token", "suspend", "reinstate", "renew", "cancel", "change"])
def test_an_unknown_subscription_is_named(market, name):
    body = {"subscription": "nobody", **({"quantity": 1} if name == "change" else {})}
    assert market.refusal(name, body).startswith("subscription: must be the id of a subscription that exists")
    assert market.refusal(name, {}).startswith("subscription: ")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"behaviour": "best"}, "behaviour: "),
        ({"page_size": 0}, "page_size: "),
        ({"delay_seconds": -1}, "delay_seconds: "),
        ({"odd_members": "yes"}, "odd_members: "),
        ({"speed": 1}, "speed: "),
    ],
)
def test_a_bad_setting_is_refused_and_changes_nothing(market, body, error):
    before = market.control("behaviour", method="GET")
    assert market.refusal("behaviour", body).startswith(error)
    assert market.control("behaviour", method="GET") == before


def test_sample_data_has_two_offers_and_subscriptions_in_every_state(market):
    sample = market.control("sample", {})
    assert [offer["offer_id"] for offer in sample["offers"]] == ["contoso-analytics", "contoso-seats"]
    states = {subscription["saasSubscriptionStatus"] for subscription in sample["subscriptions"]}
    assert states == {"PendingFulfillmentStart", "Subscribed", "Suspended", "Unsubscribed"}
    listed = [item["id"] for page in market.pages() for item in page]
    assert listed == [subscription["id"] for subscription in sample["subscriptions"]]
    market.control("sample", {"landing_page_url": "http://127.0.0.1:9/landing"})
    assert len(list_offers(market)) == 2
    purchase = market.control("purchase", {"offer_id": "contoso-seats", "plan_id": "team"})
    assert purchase["landing_page"].startswith("http://127.0.0.1:9/landing?token=")


def test_odd_members_are_padded_texts_and_further_ones(market):
    """What documented samples have at times, and a client has to live with."""
    market.sell()
    market.behave(odd_members=True)
    flat, seats = market.subscribe(), market.subscribe("team", quantity=5)
    subscription = market.read(seats)
    assert subscription["saasSubscriptionStatus"] == " Subscribed "
    assert subscription["beneficiary"]["emailId"].startswith(" ")
    assert subscription["lastModified"] == "0001-01-01T00:00:00"
    assert len(subscription["term"]["startDate"]) == len("2027-01-01")
    assert (subscription["quantity"], market.read(flat)["quantity"]) == ("5", "")
    assert "fulfillmentRegion" in subscription
    market.control("change", {"subscription": seats, "quantity": 6})
    (operation,) = market.list_operations(seats)
    assert (operation["quantity"], operation["timeStamp"][-1:]) == ("6", "0")
    market.behave(odd_members=False)
    assert market.read(seats)["quantity"] == 5


# --- Offers of the submission API


def publish_offer(market: Marketplace, configuration: dict[str, str]) -> None:
    """Publish a SaaS offer with two plans, complete or not, as the portal would."""
    publisher = Publisher(market.emulator)
    product = publisher.create_offer("contoso-live", "SoftwareAsAService")
    publisher.edit_module(product, "Package", **configuration)
    for plan_id, amount in (("bronze", 10), ("silver", 20)):
        plan = publisher.create_plan(product, plan_id)["id"]
        publisher.edit(
            product, "listings", publisher.read_listing(product, plan)["id"], title=f"{plan_id} title"
        )
        price = {"openPrice": amount, "currencyCode": "EUR"}
        schedules = [
            {
                "retailPrice": price,
                "pricingModel": "Recurring",
                "priceCadence": {"type": unit, "value": value},
            }
            for unit, value in (("Month", 1), ("Year", 3))
        ]
        publisher.edit(
            product,
            "featureAvailabilities",
            publisher.read_availability(product, plan)["id"],
            visibility="Private" if plan_id == "silver" else "Public",
            tenantAudiences=[{"ID": TENANT, "description": "Fabrikam"}],
            marketStates=[
                {"marketCode": "DE", "state": "Enabled"},
                {"marketCode": "US", "state": "Disabled"},
            ],
            priceSchedules=[{"isBaseSchedule": True, "schedules": schedules}],
            trial={"type": "TimedAccess", "durationType": "Months", "duration": 2},
            customMeters=[
                {
                    "isEnabled": True,
                    "ID": "rows",
                    "displayName": "Rows",
                    "unitOfMeasure": "row",
                    "priceInUsd": 0.25,
                    "includedBaseQuantities": [{"recurringUnit": "Monthly", "quantity": 100}],
                }
            ],
        )
    assert list_offers(market) == {}
    market.emulator.publish(product.rpartition("/")[2])


def test_a_live_saas_offer_is_bought_with_its_configuration_prices_and_meters(market):
    publish_offer(market, CONFIGURATION)
    offer = list_offers(market)["contoso-live"]
    assert (offer["landing_page_url"], offer["webhook_url"]) == (
        CONFIGURATION["landingPageUri"],
        CONFIGURATION["connectionWebhook"],
    )
    assert (offer["tenant"], offer["application"]) == (TENANT, APPLICATION)
    bronze, silver = offer["plans"]
    assert [(term["term_unit"], term["price"], term["currency"]) for term in bronze["terms"]] == [
        ("P1M", 10, "EUR"),
        ("P3Y", 10, "EUR"),
    ]
    assert (bronze["display_name"], bronze["market"], bronze["is_private"]) == ("bronze title", "DE", False)
    assert (bronze["has_free_trial"], bronze["trial_unit"]) == (True, "P2M")
    assert (silver["is_private"], silver["tenants"]) == (True, [TENANT])
    (meter,) = bronze["dimensions"]
    assert (meter["id"], meter["price_per_unit"], meter["included"]) == ("rows", 0.25, 100)
    purchase = market.control(
        "purchase", {"offer_id": "contoso-live", "plan_id": "bronze", "term_unit": "P3Y"}
    )
    assert purchase["landing_page"].startswith(f"{CONFIGURATION['landingPageUri']}?token=")
    assert market.resolve(purchase["token"]).status_code == 403
    market.headers = {"Authorization": f"Bearer {market.sign_in(APPLICATION, tenant=TENANT)}"}
    assert market.resolve(purchase["token"]).json()["planId"] == "bronze"


def test_an_offer_without_landing_page_is_not_for_sale(market):
    publish_offer(market, {name: value for name, value in CONFIGURATION.items() if name != "landingPageUri"})
    assert list_offers(market) == {}
