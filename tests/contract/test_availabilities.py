"""Feature availabilities: expansion, replacement, and members that publishing locks."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.raw_api import EXPAND, RawApi, error_document

EXPANDABLE = {"marketStates", "priceSchedules", "trial"}


@pytest.fixture
def api(emulator: RunningEmulator) -> RawApi:
    return RawApi(emulator)


def prices(amount: float, currency: str = "USD") -> list[dict]:
    cadence = {"type": "Month", "value": 1}
    price = {"openPrice": amount, "currencyCode": currency}
    return [{"retailPrice": price, "pricingModel": "Recurring", "priceCadence": cadence}]


def market_states(document: dict, *markets: str) -> list[dict]:
    codes = [entry["marketCode"] for entry in document["marketStates"]]
    return [{"marketCode": code, "state": "Enabled" if code in markets else "Disabled"} for code in codes]


def with_prices(document: dict) -> dict:
    """Prices of a managed application: two markets, a base price, an override for Canada."""
    base = {"isBaseSchedule": True, "friendlyName": "Default", "schedules": prices(49.5)}
    canada = {"isBaseSchedule": False, "marketCodes": ["CA"], "friendlyName": "ca", "schedules": prices(0)}
    return document | {"marketStates": market_states(document, "US", "CA"), "priceSchedules": [base, canada]}


def test_a_fresh_availability_lists_every_market_as_disabled(api):
    product = api.create_offer()
    document = api.read_availability(product, api.create_plan(product)["id"])
    assert len(document["marketStates"]) == 141
    assert {entry["state"] for entry in document["marketStates"]} == {"Disabled"}
    assert document["priceSchedules"] == []
    assert document["trial"] == {"type": "NoTrial"}
    assert document["visibility"] == "Public"


@pytest.mark.parametrize(
    ("expand", "expanded"),
    [
        (None, set()),
        ("MarketStates", {"marketStates"}),
        ("priceschedule, trial", {"priceSchedules", "trial"}),
        ("MarketStates,PriceSchedules,Trial", EXPANDABLE),
    ],
)
def test_markets_prices_and_trial_show_only_when_expanded(api, expand, expanded):
    product = api.create_offer()
    variant = api.create_plan(product)["id"]
    document, instance = (
        api.read_availability(product, variant),
        api.read_instance_id(product, "Availability", variant),
    )
    params = {} if expand is None else {"$expand": expand}
    path = f"{product}/featureavailabilities/{document['id']}"
    expected = {name: value for name, value in document.items() if name not in EXPANDABLE - expanded}
    assert api.get(path, params=params) == expected
    collection = f"{product}/featureAvailabilities/getByInstanceID(instanceID={instance})"
    assert api.get(collection, params=params) == {"value": [expected]}
    after = api.put(path, document, params=params)
    assert EXPANDABLE & set(after.json()) == expanded
    assert api.read_availability(product, variant)["marketStates"] == document["marketStates"]


def test_an_unknown_expansion_of_an_availability_is_not_emulated(api):
    product = api.create_offer()
    document = api.read_availability(product, api.create_plan(product)["id"])
    path = f"{product}/featureavailabilities/{document['id']}"
    answer = api.call("GET", path, params={"$expand": "Prices"})
    assert answer.status_code == 501
    assert "not emulated" in answer.text


def test_a_put_replaces_an_availability_and_returns_it(api):
    product = api.create_offer()
    variant = api.create_plan(product)["id"]
    before = api.read_availability(product, variant)
    body = with_prices(before) | {
        "visibility": "Private",
        "SubscriptionAudiences": [{"id": "11111111-2222-4333-8444-555555555555", "description": "QA"}],
        "customMeters": [
            {
                "isEnabled": True,
                "ID": "gigabytes",
                "displayName": "Gigabytes",
                "unitOfMeasure": "GB",
                "priceInUsd": 0.02,
                "includedBaseQuantities": [{"recurringUnit": "Monthly", "isInfinite": False, "quantity": 10}],
            }
        ],
        "trial": {"type": "TimedAccess", "durationType": "Months", "duration": 1},
        "markets": [{"marketCode": "US", "friendlyName": "United States"}],
    }
    del body["subscriptionAudiences"], body["properties"]
    path = f"{product}/featureavailabilities/{before['id']}"
    answer = api.put(path, body, before["@odata.etag"], params=EXPAND)
    after = answer.json()
    assert answer.status_code == 200
    assert answer.headers["etag"] == after["@odata.etag"] != before["@odata.etag"]
    audience = [{"ID": "11111111-2222-4333-8444-555555555555", "description": "QA"}]
    expected = body | {"subscriptionAudiences": audience, "@odata.etag": after["@odata.etag"]}
    assert after == {
        name: value for name, value in expected.items() if name not in ("SubscriptionAudiences", "markets")
    }
    assert api.read_availability(product, variant) == after


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_a_put_of_an_availability_needs_a_current_etag(api, if_match, status):
    product = api.create_offer()
    document = api.read_availability(product, api.create_plan(product)["id"])
    path = f"{product}/featureavailabilities/{document['id']}"
    assert api.put(path, document, if_match).status_code == status


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"isHidden": "perhaps"}, "IsHidden"),
        ({"marketStates": {}}, "MarketStates"),
        ({"priceSchedules": [{"schedules": prices("49")}]}, "PriceSchedules.Schedules.RetailPrice.OpenPrice"),
        (
            {"priceSchedules": [{"schedules": [{"priceCadence": {"value": 1.5}}]}]},
            "PriceSchedules.Schedules.PriceCadence.Value",
        ),
        ({"trial": "NoTrial"}, "Trial"),
    ],
)
def test_a_wrong_type_in_an_availability_is_refused_by_field_and_changes_nothing(api, change, field):
    product = api.create_offer()
    variant = api.create_plan(product)["id"]
    document = api.read_availability(product, variant)
    answer = api.put(f"{product}/featureavailabilities/{document['id']}", document | change)
    assert answer.status_code == 400
    assert list(error_document(answer)["data"]) == [field]
    assert api.read_availability(product, variant) == document


def test_a_boolean_of_an_availability_may_be_sent_as_a_string(api):
    product = api.create_offer()
    document = api.read_availability(product, api.create_plan(product)["id"])
    answer = api.put(f"{product}/featureavailabilities/{document['id']}", document | {"isHidden": "True"})
    assert answer.json()["isHidden"] is True


def publish_with_prices(api: RawApi) -> tuple[str, dict]:
    """Publish an availability with prices. Return path and document of the following draft."""
    product = api.create_offer()
    variant = api.create_plan(product, subType="managed-application")["id"]
    first_draft = api.read_availability(product, variant)
    assert (
        api.put(f"{product}/featureavailabilities/{first_draft['id']}", with_prices(first_draft)).status_code
        == 200
    )
    api.emulator.publish(product.removeprefix("/products/"))
    draft = api.read_availability(product, variant)
    return f"{product}/featureavailabilities/{draft['id']}", draft


def raise_price(document: dict) -> dict:
    base, canada = document["priceSchedules"]
    return {"priceSchedules": [base | {"schedules": prices(50)}, canada]}


def remove_override(document: dict) -> dict:
    return {"priceSchedules": document["priceSchedules"][:1]}


def change_pricing_model(document: dict) -> dict:
    base, canada = document["priceSchedules"]
    return {"priceSchedules": [base | {"schedules": [prices(49.5)[0] | {"pricingModel": "Usage"}]}, canada]}


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        (raise_price, "PriceSchedules", "US"),
        (remove_override, "PriceSchedules", "CA"),
        (change_pricing_model, "PriceSchedules", "US"),
        (lambda document: {"marketStates": market_states(document, "US")}, "MarketStates", "CA"),
        (lambda _: {"visibility": "Private"}, "Visibility", "private"),
    ],
)
def test_a_change_that_publishing_locked_is_refused_with_the_reason(api, change, field, word):
    path, document = publish_with_prices(api)
    answer = api.put(path, document | change(document))
    assert answer.status_code == 400
    ((error_field, (message,)),) = error_document(answer)["data"].items()
    assert error_field == field
    assert word in message
    assert api.get(path, params=EXPAND) == document


def test_a_change_that_publishing_did_not_lock_is_accepted(api):
    path, document = publish_with_prices(api)
    germany = {"isBaseSchedule": False, "marketCodes": ["DE"], "schedules": prices(45, "EUR")}
    change = {
        "marketStates": market_states(document, "US", "CA", "DE"),
        "priceSchedules": [*document["priceSchedules"], germany],
        "isHidden": True,
    }
    answer = api.put(path, document | change, params=EXPAND)
    assert answer.status_code == 200
    assert answer.json() | {"@odata.etag": 0} == document | change | {"@odata.etag": 0}
