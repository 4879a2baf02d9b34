"""Usage events: what is accepted, once; batches; what was reported."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.marketplace import DAY, FLAT, NOBODY, Marketplace

OTHER = "77777777-7777-7777-7777-777777777777"
HOUR = 3600.0


@pytest.fixture
def market(emulator: RunningEmulator) -> Marketplace:
    market = Marketplace(emulator)
    market.sell()
    return market


@pytest.fixture
def id(market: Marketplace) -> str:
    return market.subscribe("pro")


def now(market: Marketplace) -> float:
    answer = market.emulator.client.post("/_emulator/clock", json={"advance_seconds": 0})
    return float(answer.json()["now"])


def iso(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat().replace("+00:00", "Z")


def event_of(market: Marketplace, id: str, ago: float = 60, **members: Any) -> dict[str, Any]:
    """An event that began some seconds ago; None removes a member."""
    event = {
        "resourceId": id,
        "quantity": 3.5,
        "dimension": "exports",
        "effectiveStartTime": iso(now(market) - ago),
        "planId": "pro",
        **members,
    }
    return {name: value for name, value in event.items() if value is not None}


def report(market: Marketplace, event: Any) -> Any:
    return market.send("POST", "/api/usageEvent", json=event)


def report_batch(market: Marketplace, *events: Any) -> list[dict[str, Any]]:
    answer = market.send("POST", "/api/batchUsageEvent", json={"request": events})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["count"] == len(body["result"]) == len(events)
    results: list[dict[str, Any]] = body["result"]
    return results


def list_usage(market: Marketplace, **query: str) -> list[dict[str, Any]]:
    answer = market.send("GET", "/api/usageEvents", params={"usageStartDate": "2020-01-01", **query})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()
    return rows


def test_an_event_is_accepted_with_an_id_and_its_own_members(market, id):
    event = event_of(market, id)
    answer = report(market, event)
    assert answer.status_code == 200
    accepted = answer.json()
    assert accepted.items() >= event.items()
    assert accepted["status"] == "Accepted"
    assert len(accepted["usageEventId"]) == len(NOBODY)


def test_a_second_event_of_an_hour_is_a_duplicate_that_shows_the_first(market, id):
    market.emulator.advance(HOUR - now(market) % HOUR + 1800)  # the middle of an hour
    first = report(market, event_of(market, id)).json()
    for event in (event_of(market, id), event_of(market, id, 1700, quantity=99)):
        answer = report(market, event)
        assert (answer.status_code, answer.json()["code"]) == (409, "Conflict")
        assert answer.json()["additionalInfo"]["acceptedMessage"] == {**first, "status": "Duplicate"}
    for event in (event_of(market, id, 2 * HOUR), event_of(market, id, dimension="reports")):
        assert report(market, event).status_code == 200
    assert sum(row["submittedCount"] for row in list_usage(market, dimension="exports")) == 2


PROBLEMS = [
    ({"resourceId": None}, "BadArgument", "ResourceId"),
    ({"resourceUri": "/subscriptions/1"}, "BadArgument", "ResourceId"),
    ({"resourceId": None, "resourceUri": "/subscriptions/1"}, "ResourceNotFound", "ResourceUri"),
    ({"resourceId": NOBODY}, "ResourceNotFound", "ResourceId"),
    ({"quantity": None}, "InvalidQuantity", "Quantity"),
    ({"quantity": 0}, "InvalidQuantity", "Quantity"),
    ({"quantity": -1.5}, "InvalidQuantity", "Quantity"),
    ({"quantity": 1e300}, "InvalidQuantity", "Quantity"),
    ({"quantity": 10**400}, "InvalidQuantity", "Quantity"),
    ({"dimension": None}, "BadArgument", "Dimension"),
    ({"dimension": "gold"}, "InvalidDimension", "Dimension"),
    ({"effectiveStartTime": None}, "BadArgument", "EffectiveStartTime"),
    ({"effectiveStartTime": "yesterday"}, "BadArgument", "EffectiveStartTime"),
    ({"effectiveStartTime": "2020-01-01T00:00:00"}, "Expired", "EffectiveStartTime"),
    ({"effectiveStartTime": "9000-01-01T00:00:00Z"}, "BadArgument", "EffectiveStartTime"),
    ({"planId": None}, "BadArgument", "PlanId"),
    ({"planId": "basic"}, "BadArgument", "PlanId"),
]


@pytest.mark.parametrize(("members", "status", "target"), PROBLEMS)
def test_an_event_that_breaks_a_rule_is_refused_alone_and_in_a_batch(market, id, members, status, target):
    event = event_of(market, id, **members)
    answer = report(market, event)
    assert answer.status_code == 400
    body = answer.json()
    assert (body["code"], body["target"]) == ("BadArgument", "usageEventRequest")
    (detail,) = body["details"]
    assert (detail["code"], detail["target"]) == (status, target)
    refused, accepted = report_batch(market, event, event_of(market, id))
    assert (refused["status"], refused["error"]["target"]) == (status, target)
    assert refused["messageTime"] == "0001-01-01T00:00:00"
    assert "usageEventId" not in refused
    assert accepted["status"] == "Accepted"


@pytest.mark.parametrize("content", [b"", b"[]", b'"x"', b"{", b"{}"])
@pytest.mark.parametrize("path", ["/api/usageEvent", "/api/batchUsageEvent"])
def test_a_body_that_is_no_event_is_refused(market, path, content):
    answer = market.send("POST", path, content=content)
    assert (answer.status_code, answer.json()["code"]) == (400, "BadArgument")


@pytest.mark.parametrize("member", ["quantity", "dimension", "resourceId", "effectiveStartTime"])
def test_a_member_of_the_wrong_type_is_named(market, id, member):
    event = event_of(market, id) | {member: "3" if member == "quantity" else 3}
    answer = report(market, event)
    assert answer.status_code == 400
    assert [detail["target"] for detail in answer.json()["details"]] == [member]


def test_an_event_has_24_hours(market, id):
    assert report(market, event_of(market, id, DAY - 5)).status_code == 200
    assert report_batch(market, event_of(market, id, DAY + 5))[0]["status"] == "Expired"
    assert report(market, event_of(market, id, -5)).status_code == 400


def test_usage_is_of_active_subscriptions_and_from_before_a_cancellation(market, id):
    pending = market.buy("pro")["subscription"]["id"]
    assert report_batch(market, event_of(market, pending))[0]["status"] == "ResourceNotActive"
    market.control("suspend", {"subscription": id})
    assert report_batch(market, event_of(market, id))[0]["status"] == "ResourceNotActive"
    other = market.subscribe("pro")
    market.emulator.advance(2 * HOUR)
    market.control("cancel", {"subscription": other})
    market.emulator.advance(2 * HOUR)
    before, after = event_of(market, other, 3 * HOUR), event_of(market, other, HOUR)
    assert [result["status"] for result in report_batch(market, before, after)] == [
        "Accepted",
        "ResourceNotActive",
    ]
    market.emulator.advance(DAY)
    assert report_batch(market, {**before, "dimension": "reports"})[0]["status"] == "Expired"
    never = market.buy("pro")["subscription"]["id"]
    event = event_of(market, never, 0)
    market.control("cancel", {"subscription": never})
    assert report_batch(market, event)[0]["status"] == "ResourceNotActive"


def test_usage_before_a_change_of_plan_is_of_the_old_plan(market, id):
    market.emulator.advance(2 * HOUR)
    market.call("PATCH", f"/{id}", json={"planId": "basic"})
    market.emulator.advance(2 * HOUR)
    events = [
        event_of(market, id, ago, dimension="reports", planId=plan)
        for ago in (3.5 * HOUR, 0.5 * HOUR)
        for plan in ("pro", "basic")
    ]
    statuses = [result["status"] for result in report_batch(market, *events)]
    assert statuses == ["Accepted", "BadArgument", "BadArgument", "Accepted"]


def test_a_batch_has_1_to_25_events_each_with_its_own_status(market, id):
    events = [event_of(market, id, hour * HOUR) for hour in range(23)]
    assert {result["status"] for result in report_batch(market, *events)} == {"Accepted"}
    again = report_batch(market, events[0], {**events[0], "dimension": "reports"}, events[0])
    assert [result["status"] for result in again] == ["Duplicate", "Accepted", "Duplicate"]
    assert again[0]["error"]["additionalInfo"]["acceptedMessage"]["status"] == "Duplicate"
    twins = [event_of(market, id, dimension="reports", effectiveStartTime=iso(now(market) - 5 * HOUR))] * 2
    assert [result["status"] for result in report_batch(market, *twins)] == ["Accepted", "Duplicate"]
    for batch in ([], events[:13] * 2):
        answer = market.send("POST", "/api/batchUsageEvent", json={"request": batch})
        assert answer.status_code == 400


def test_usage_of_another_publisher_is_refused_and_not_shown(market, id):
    report(market, event_of(market, id))
    market.control("offers", {**FLAT, "offer_id": "other", "application": OTHER})
    market.headers = {"Authorization": f"Bearer {market.sign_in(OTHER)}"}
    assert report(market, event_of(market, id)).status_code == 403
    assert report_batch(market, event_of(market, id))[0]["status"] == "ResourceNotAuthorized"
    assert list_usage(market) == []


def test_reported_usage_is_summed_by_day_subscription_plan_and_dimension(market, id):
    market.emulator.advance(DAY - now(market) % DAY + 3 * HOUR)  # three in the morning
    report_batch(
        market,
        event_of(market, id, 0, quantity=1),
        event_of(market, id, HOUR, quantity=2),
        event_of(market, id, HOUR, quantity=4, dimension="reports"),
        event_of(market, id, 4 * HOUR, quantity=8),
    )
    rows = list_usage(market)
    today = iso(now(market))[:10]
    assert [(row["submittedQuantity"], row["submittedCount"]) for row in rows] == [(8, 1), (3, 2), (4, 1)]
    yesterday, exports, reports = rows
    assert (exports["usageDate"][:10], exports["dimension"]) == (today, "exports")
    assert exports["usageResourceId"] == id
    assert (exports["offerId"], exports["planId"]) == ("contoso-reports", "pro")
    assert [row["reconStatus"] for row in rows] == ["Accepted", "Submitted", "Submitted"]
    assert (yesterday["processedQuantity"], exports["processedQuantity"]) == (8, 0)
    assert list_usage(market, dimension="reports") == [reports]
    assert list_usage(market, reconStatus="Accepted") == [yesterday]
    assert list_usage(market, usageStartDate=today) == [exports, reports]
    assert list_usage(market, usageEndDate=yesterday["usageDate"]) == [yesterday]
    assert list_usage(market, UsageEndDate=yesterday["usageDate"]) == [yesterday]
    assert list_usage(market, planId="basic") == []
    market.emulator.advance(DAY)
    assert [row["processedQuantity"] for row in list_usage(market)] == [8, 3, 4]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"usageStartDate": ""},
        {"usageStartDate": "x"},
        {"usageStartDate": "2020-01-01", "usageEndDate": "x"},
    ],
)
def test_reported_usage_needs_dates(market, query):
    answer = market.send("GET", "/api/usageEvents", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "BadArgument")
