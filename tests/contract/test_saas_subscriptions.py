"""Purchases, resolve, activate, get, list, available plans; who may ask."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.marketplace import DAY, FLAT, NOBODY, VERSION, Marketplace

OTHER = "77777777-7777-7777-7777-777777777777"


@pytest.fixture
def market(emulator: RunningEmulator) -> Marketplace:
    market = Marketplace(emulator)
    market.sell()
    return market


def test_a_purchase_is_pending_and_is_resolved_by_the_token_of_its_landing_page(market):
    purchase = market.buy("team", quantity=7, name="Seats")
    address, token = purchase["landing_page"], purchase["token"]
    assert parse_qs(urlsplit(address).query)["token"] == [token]
    answer = market.resolve(token)
    assert answer.status_code == 200
    resolved = answer.json()
    subscription = purchase["subscription"]
    assert resolved["id"] == resolved["subscription"]["id"] == subscription["id"]
    assert (resolved["subscriptionName"], resolved["offerId"]) == ("Seats", "contoso-seats")
    assert (resolved["planId"], resolved["quantity"]) == ("team", 7)
    assert resolved["subscription"]["saasSubscriptionStatus"] == "PendingFulfillmentStart"
    assert resolved["subscription"]["term"] == {"termUnit": "P1M"}
    assert market.read(subscription["id"])["quantity"] == 7


def test_tokens_are_opaque_and_need_encoding(market):
    for _ in range(10):
        purchase = market.buy()
        assert all(character in purchase["token"] for character in "+/=")
        assert purchase["landing_page"] == (
            f"https://saas.contoso.example/landing?from=marketplace&token={quote(purchase['token'], safe='')}"
        )


@pytest.mark.parametrize("spoil", [quote, str.swapcase, lambda token: token[:-8], lambda token: f"{token} x"])
def test_a_token_that_was_changed_is_refused(market, spoil):
    answer = market.resolve(spoil(market.buy()["token"]))
    assert answer.status_code == 400
    assert answer.json()["target"] == "token"


def test_resolve_without_token_names_the_header(market):
    answer = market.call("POST", "/resolve")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "HeaderNotPresent",
        "message": "Mandatory header missing",
        "target": "x-ms-marketplace-token",
    }


def test_a_token_is_for_many_resolves_within_24_hours(market):
    purchase = market.buy()
    market.emulator.advance(DAY - 60)
    assert [market.resolve(purchase["token"]).status_code for _ in range(2)] == [200, 200]
    market.emulator.advance(60)
    assert market.resolve(purchase["token"]).status_code == 400
    fresh = market.control("token", {"subscription": purchase["subscription"]["id"]})
    assert fresh["token"] != purchase["token"]
    assert market.resolve(fresh["token"]).status_code == 200


def test_a_subscription_is_resolved_in_every_state(market):
    purchase = market.buy()
    id = purchase["subscription"]["id"]
    steps = [
        lambda: market.call("POST", f"/{id}/activate", json={"planId": "basic"}),
        lambda: market.control("suspend", {"subscription": id}),
        lambda: market.control("cancel", {"subscription": id}),
    ]
    states = []
    for step in steps:
        step()
        states.append(market.resolve(purchase["token"]).json()["subscription"]["saasSubscriptionStatus"])
    assert states == ["Subscribed", "Suspended", "Unsubscribed"]


def test_activation_begins_the_term_and_has_no_body(market):
    id = market.buy("team", quantity=7)["subscription"]["id"]
    assert "startDate" not in market.read(id)["term"]
    answer = market.call("POST", f"/{id}/activate", json={"planId": "team", "quantity": 7})
    assert (answer.status_code, answer.content) == (200, b"")
    subscription = market.read(id)
    assert subscription["saasSubscriptionStatus"] == "Subscribed"
    assert set(subscription["term"]) == {"startDate", "endDate", "termUnit"}
    assert market.actions(id) == []


@pytest.mark.parametrize(
    ("plan", "body", "target"),
    [
        ("basic", {}, "activate"),
        ("basic", None, "activate"),
        ("basic", {"planId": "basic", "quantity": 0}, "quantity"),
        ("team", {"planId": "team", "quantity": 3}, "quantity"),
        ("team", {"planId": "team", "quantity": "2"}, "quantity"),
    ],
)
def test_an_activation_that_does_not_fit_the_purchase_is_refused(market, plan, body, target):
    id = market.buy(plan)["subscription"]["id"]
    answer = market.call("POST", f"/{id}/activate", json=body)
    assert answer.status_code == 400
    assert answer.json()["target"] == target
    assert market.status(id) == "PendingFulfillmentStart"


def test_a_cancelled_or_unknown_subscription_cannot_be_activated(market):
    id = market.subscribe()
    market.control("cancel", {"subscription": id})
    for subscription in (id, NOBODY):
        answer = market.call("POST", f"/{subscription}/activate", json={"planId": "basic"})
        assert answer.status_code == 404
    assert market.status(id) == "Unsubscribed"


def test_an_unknown_subscription_is_not_found(market):
    answer = market.call("GET", f"/{NOBODY}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "EntityNotFound"
    assert NOBODY in answer.json()["message"]


def test_a_list_has_every_state_and_keeps_what_was_cancelled(market):
    assert market.call("GET").json() == {"subscriptions": []}
    ids = [market.subscribe(), market.subscribe("team"), market.buy()["subscription"]["id"]]
    market.control("cancel", {"subscription": ids[0]})
    answer = market.call("GET", "/")
    assert answer.status_code == 200
    listed = answer.json()["subscriptions"]
    assert [item["id"] for item in listed] == ids
    assert [item["saasSubscriptionStatus"] for item in listed] == [
        "Unsubscribed",
        "Subscribed",
        "PendingFulfillmentStart",
    ]
    assert "@nextLink" not in answer.json()


def test_pages_of_a_list_have_their_size_and_lead_to_the_end(market):
    ids = [market.buy()["subscription"]["id"] for _ in range(7)]
    market.behave(page_size=3)
    pages = list(market.pages())
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [item["id"] for page in pages for item in page] == ids
    market.behave(page_size=7)
    assert len(list(market.pages())) == 1


def test_a_continuation_token_survives_one_encoding_only(market):
    for _ in range(3):
        market.buy()
    market.behave(page_size=1)
    link = market.call("GET").json()["@nextLink"]
    token = parse_qs(urlsplit(link).query)["continuationToken"][0]
    assert "+" in token
    assert market.call("GET", params={"continuationToken": token}).status_code == 200
    for spoiled in (
        quote(token),
        token.replace("+", " "),
        "{}",
        "[]",
        "[{}]",
        '[{"token":"+RID:eA=="}]',
        "[1]",
    ):
        answer = market.call("GET", params={"continuationToken": spoiled})
        assert (answer.status_code, answer.json()["target"]) == (400, "continuationToken"), spoiled


def test_available_plans_are_those_that_the_customer_sees_with_the_present_one(market):
    id = market.subscribe()
    plans = market.call("GET", f"/{id}/listAvailablePlans").json()["plans"]
    assert [plan["planId"] for plan in plans] == ["basic", "pro", "instant", "secret"]
    basic = plans[0]
    assert (basic["isPricePerSeat"], basic["hasFreeTrials"], basic["isPrivate"]) == (False, True, False)
    monthly, yearly = basic["planComponents"]["recurrentBillingTerms"]
    assert (monthly["price"], monthly["termUnit"], yearly["price"]) == (50, "P1M", 500)
    assert monthly["meteredQuantityIncluded"] == [{"dimensionId": "reports", "units": "10"}]
    assert basic["planComponents"]["meteringDimensions"][0]["pricePerUnit"] == 0.5
    chosen = market.call("GET", f"/{id}/listAvailablePlans", params={"planId": "pro"}).json()["plans"]
    assert chosen == [plan for plan in plans if plan["planId"] == "pro"]


def test_private_plans_are_for_the_tenants_of_their_audience(market):
    stranger = {"tenant_id": OTHER}
    id = market.subscribe(beneficiary=stranger)
    plans = market.call("GET", f"/{id}/listAvailablePlans").json()["plans"]
    assert [plan["planId"] for plan in plans] == ["basic", "pro", "instant"]
    answer = market.call("PATCH", f"/{id}", json={"planId": "secret"})
    assert (answer.status_code, answer.json()["target"]) == (400, "update")
    error = market.refusal(
        "purchase", {"offer_id": FLAT["offer_id"], "plan_id": "secret", "beneficiary": stranger}
    )
    assert error.startswith("plan_id: secret is private")


def test_seats_of_a_plan_have_its_limits(market):
    (team, company) = market.call("GET", f"/{market.subscribe('team')}/listAvailablePlans").json()["plans"]
    assert (team["minQuantity"], team["maxQuantity"], team["isPricePerSeat"]) == (2, 50, True)
    assert (company["minQuantity"], company["maxQuantity"]) == (10, 1_000_000)


# --- Version, ids, tokens

REQUESTS = [
    ("POST", "/api/saas/subscriptions/resolve"),
    ("GET", "/api/saas/subscriptions"),
    ("GET", f"/api/saas/subscriptions/{NOBODY}"),
    ("PATCH", f"/api/saas/subscriptions/{NOBODY}"),
    ("DELETE", f"/api/saas/subscriptions/{NOBODY}"),
    ("POST", f"/api/saas/subscriptions/{NOBODY}/activate"),
    ("GET", f"/api/saas/subscriptions/{NOBODY}/listAvailablePlans"),
    ("GET", f"/api/saas/subscriptions/{NOBODY}/operations"),
    ("GET", f"/api/saas/subscriptions/{NOBODY}/operations/{NOBODY}"),
    ("PATCH", f"/api/saas/subscriptions/{NOBODY}/operations/{NOBODY}"),
    ("POST", "/api/usageEvent"),
    ("POST", "/api/batchUsageEvent"),
    ("GET", "/api/usageEvents"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_every_operation_needs_the_version_of_the_api(market, method, path):
    client = market.emulator.client
    missing = client.request(method, path)
    other = client.request(method, path, params={"api-version": "2019-01-01"})
    assert [answer.status_code for answer in (missing, other)] == [400, 400]
    codes = [answer.json()["Error"]["Code"] for answer in (missing, other)]
    assert codes == ["ApiVersionUnspecified", "UnsupportedApiVersion"]
    assert "2019-01-01" in other.json()["Error"]["Message"]
    assert client.request(method, path, params=VERSION).status_code != 501


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_every_operation_needs_a_token_for_the_service(market, method, path):
    statuses = []
    for token in ("nonsense", market.sign_in(OTHER, "https://graph.microsoft.com"), market.sign_in(OTHER)):
        answer = market.send(method, path, headers={"Authorization": f"Bearer {token}"})
        statuses.append(answer.status_code)
    assert statuses[:2] == [401, 401]
    assert statuses[2] != 401


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_every_answer_has_the_ids_of_its_request_or_new_ones(market, method, path):
    ids = {"x-ms-requestid": "request-1", "x-ms-correlationid": "correlation-1"}
    answer = market.send(method, path, headers=ids)
    assert {name: answer.headers[name] for name in ids} == ids
    first, second = (market.send(method, path).headers["x-ms-requestid"] for _ in range(2))
    assert first != second


def test_unknown_paths_and_queries_are_not_emulated(market):
    for path in ("/api/saas/nothing", "/api/saas/subscriptions/a/b/c", "/api/usageEvents/a"):
        answer = market.send("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (501, "NotEmulated")
    assert market.call("GET", params={"$filter": "x"}).status_code == 501


def test_a_path_belongs_to_the_service_of_its_first_segment(market):
    market.emulator.clear()
    for path in (
        "/api/publishers/contoso/offers",
        "/api/offers",
        "/api/usage",
        "/api/saas/subscriptions",
        "/api/usageEvents",
    ):
        market.send("GET", path)
    services = [entry["service"] for entry in market.emulator.requests()]
    assert services == ["portal", "unknown", "unknown", "fulfillment", "metering"]


def test_an_application_serves_the_offers_whose_configuration_names_it(market):
    own, token = market.subscribe(), market.sign_in(OTHER)
    market.headers = {"Authorization": f"Bearer {token}"}
    assert market.call("GET").status_code == 403
    assert market.call("GET", f"/{own}").status_code == 403
    market.control("offers", {**FLAT, "offer_id": "fabrikam-app", "application": OTHER})
    other = market.control("purchase", {"offer_id": "fabrikam-app", "plan_id": "basic"})
    assert [item["id"] for item in market.call("GET").json()["subscriptions"]] == [
        other["subscription"]["id"]
    ]
    assert market.resolve(other["token"]).status_code == 200
    market.headers = {}
    assert [item["id"] for item in market.call("GET").json()["subscriptions"]] == [own]
    answer = market.resolve(other["token"])
    assert answer.status_code == 403
    assert isinstance(answer.json(), str)
