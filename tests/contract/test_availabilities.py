"""Feature availabilities: expansion, replacement, and what publishing locks."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.contract.submission import EXPAND, Submission, fault

EXPANDED = {"marketStates", "priceSchedules", "trial"}


@pytest.fixture
def api(emulator: Serving) -> Submission:
    return Submission(emulator)


def prices(amount: float, currency: str = "USD") -> list[dict]:
    cadence = {"type": "Month", "value": 1}
    price = {"openPrice": amount, "currencyCode": currency}
    return [{"retailPrice": price, "pricingModel": "Recurring", "priceCadence": cadence}]


def sold(document: dict, *markets: str) -> list[dict]:
    codes = [entry["marketCode"] for entry in document["marketStates"]]
    return [{"marketCode": code, "state": "Enabled" if code in markets else "Disabled"} for code in codes]


def pricing(document: dict) -> dict:
    """A managed application's: two markets, a base price, an override for Canada."""
    base = {"isBaseSchedule": True, "friendlyName": "Default", "schedules": prices(49.5)}
    canada = {"isBaseSchedule": False, "marketCodes": ["CA"], "friendlyName": "ca", "schedules": prices(0)}
    return document | {"marketStates": sold(document, "US", "CA"), "priceSchedules": [base, canada]}


def test_a_fresh_availability_knows_every_market_and_sells_in_none(api):
    product = api.offer()
    document = api.availability(product, api.plan(product)["id"])
    assert len(document["marketStates"]) == 141
    assert {entry["state"] for entry in document["marketStates"]} == {"Disabled"}
    assert document["priceSchedules"] == []
    assert document["trial"] == {"type": "NoTrial"}
    assert document["visibility"] == "Public"


@pytest.mark.parametrize(
    ("expand", "shown"),
    [
        (None, set()),
        ("MarketStates", {"marketStates"}),
        ("priceschedule, trial", {"priceSchedules", "trial"}),
        ("MarketStates,PriceSchedules,Trial", EXPANDED),
    ],
)
def test_three_members_show_only_when_expanded(api, expand, shown):
    product = api.offer()
    variant = api.plan(product)["id"]
    full, instance = api.availability(product, variant), api.instance(product, "Availability", variant)
    params = {} if expand is None else {"$expand": expand}
    path = f"{product}/featureavailabilities/{full['id']}"
    wanted = {name: value for name, value in full.items() if name not in EXPANDED - shown}
    assert api.get(path, params=params) == wanted
    every = f"{product}/featureAvailabilities/getByInstanceID(instanceID={instance})"
    assert api.get(every, params=params) == {"value": [wanted]}
    after = api.put(path, full, params=params)
    assert EXPANDED & set(after.json()) == shown
    assert api.availability(product, variant)["marketStates"] == full["marketStates"]


def test_an_unknown_expansion_is_not_emulated(api):
    product = api.offer()
    document = api.availability(product, api.plan(product)["id"])
    path = f"{product}/featureavailabilities/{document['id']}"
    answer = api.call("GET", path, params={"$expand": "Prices"})
    assert answer.status_code == 501
    assert "not emulated" in answer.text


def test_put_replaces_all_of_it_and_answers_what_it_stored(api):
    product = api.offer()
    variant = api.plan(product)["id"]
    before = api.availability(product, variant)
    body = pricing(before) | {
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
    wanted = body | {"subscriptionAudiences": audience, "@odata.etag": after["@odata.etag"]}
    assert after == {
        name: value for name, value in wanted.items() if name not in ("SubscriptionAudiences", "markets")
    }
    assert api.availability(product, variant) == after


@pytest.mark.parametrize(("if_match", "status"), [(None, 400), ('"stale"', 412), ("*", 200)])
def test_put_is_conditional(api, if_match, status):
    product = api.offer()
    document = api.availability(product, api.plan(product)["id"])
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
def test_a_wrong_type_is_refused_by_field_and_changes_nothing(api, change, field):
    product = api.offer()
    variant = api.plan(product)["id"]
    document = api.availability(product, variant)
    answer = api.put(f"{product}/featureavailabilities/{document['id']}", document | change)
    assert answer.status_code == 400
    assert list(fault(answer)["data"]) == [field]
    assert api.availability(product, variant) == document


def test_booleans_may_come_as_text(api):
    product = api.offer()
    document = api.availability(product, api.plan(product)["id"])
    answer = api.put(f"{product}/featureavailabilities/{document['id']}", document | {"isHidden": "True"})
    assert answer.json()["isHidden"] is True


def published(api: Submission) -> tuple[str, dict]:
    """The path and document of the draft that follows a published one with prices."""
    product = api.offer()
    variant = api.plan(product, subType="managed-application")["id"]
    draft = api.availability(product, variant)
    assert api.put(f"{product}/featureavailabilities/{draft['id']}", pricing(draft)).status_code == 200
    api.emulator.publish(product.removeprefix("/products/"))
    following = api.availability(product, variant)
    return f"{product}/featureavailabilities/{following['id']}", following


def dearer(document: dict) -> dict:
    base, canada = document["priceSchedules"]
    return {"priceSchedules": [base | {"schedules": prices(50)}, canada]}


def without_override(document: dict) -> dict:
    return {"priceSchedules": document["priceSchedules"][:1]}


def other_model(document: dict) -> dict:
    base, canada = document["priceSchedules"]
    return {"priceSchedules": [base | {"schedules": [prices(49.5)[0] | {"pricingModel": "Usage"}]}, canada]}


@pytest.mark.parametrize(
    ("change", "field", "named"),
    [
        (dearer, "PriceSchedules", "US"),
        (without_override, "PriceSchedules", "CA"),
        (other_model, "PriceSchedules", "US"),
        (lambda document: {"marketStates": sold(document, "US")}, "MarketStates", "CA"),
        (lambda _: {"visibility": "Private"}, "Visibility", "private"),
    ],
)
def test_what_publishing_locked_is_refused_in_words(api, change, field, named):
    path, document = published(api)
    answer = api.put(path, document | change(document))
    assert answer.status_code == 400
    ((where, (words,)),) = fault(answer)["data"].items()
    assert where == field
    assert named in words
    assert api.get(path, params=EXPAND) == document


def test_what_publishing_did_not_lock_may_change(api):
    path, document = published(api)
    germany = {"isBaseSchedule": False, "marketCodes": ["DE"], "schedules": prices(45, "EUR")}
    change = {
        "marketStates": sold(document, "US", "CA", "DE"),
        "priceSchedules": [*document["priceSchedules"], germany],
        "isHidden": True,
    }
    answer = api.put(path, document | change, params=EXPAND)
    assert answer.status_code == 200
    assert answer.json() | {"@odata.etag": 0} == document | change | {"@odata.etag": 0}
