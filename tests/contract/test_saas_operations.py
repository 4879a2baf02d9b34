"""Changes of plan and seats, cancellation, operations and their decisions."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.marketplace import NOBODY, VERSION, Marketplace


@pytest.fixture
def market(emulator: RunningEmulator) -> Marketplace:
    market = Marketplace(emulator)
    market.sell()
    return market


CHANGES = [
    ({"plan_id": "company"}, {"planId": "company"}, "ChangePlan"),
    ({"quantity": 30}, {"quantity": 30}, "ChangeQuantity"),
]


def read_target(market: Marketplace, id: str) -> tuple[str, int]:
    subscription = market.read(id)
    return subscription["planId"], subscription["quantity"]


# --- Begun by the publisher


@pytest.mark.parametrize(("_", "body", "action"), CHANGES)
def test_a_change_of_the_publisher_is_accepted_and_succeeds_by_itself(market, _, body, action):
    id = market.subscribe("team", quantity=20)
    answer = market.call("PATCH", f"/{id}", json=body)
    assert (answer.status_code, answer.content) == (202, b"")
    location = answer.headers["operation-location"]
    assert location.startswith(f"{market.emulator.url}/api/saas/subscriptions/{id}/operations/")
    assert urlsplit(location).query == "api-version=2018-08-31"
    operation = market.emulator.client.get(location).json()
    assert operation["id"] == answer.headers["operation-id"]
    assert (operation["action"], operation["status"]) == (action, "Succeeded")
    assert operation["operationRequestSource"] == "Partner"
    expected = {"planId": "team", "quantity": 20} | body
    assert read_target(market, id) == (expected["planId"], expected["quantity"])
    assert market.status(id) == "Subscribed"


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({}, "update"),
        (None, None),
        ({"planId": ""}, "update"),
        ({"planId": "team"}, None),
        ({"planId": "nothing"}, "update"),
        ({"planId": "basic"}, "update"),
        ({"planId": "company"}, "quantity"),
        ({"quantity": 4}, None),
        ({"quantity": 0}, "update"),
        ({"quantity": 1}, "quantity"),
        ({"quantity": -5}, "quantity"),
        ({"quantity": 51}, "quantity"),
        ({"quantity": 1_000_001}, None),
        ({"quantity": "5"}, "quantity"),
        ({"planId": "company", "quantity": 20}, None),
    ],
)
def test_a_change_that_the_offer_does_not_have_is_refused(market, body, target):
    id = market.subscribe("team", quantity=4)
    answer = market.call("PATCH", f"/{id}", json=body)
    assert answer.status_code == 400
    assert answer.json().get("target") == target
    assert answer.json()["message"]
    assert read_target(market, id) == ("team", 4)
    assert market.actions(id) == []


def test_a_flat_rate_has_no_seats_to_change(market):
    answer = market.call("PATCH", f"/{market.subscribe()}", json={"quantity": 2})
    assert (answer.status_code, answer.json()["target"]) == (400, "quantity")


@pytest.mark.parametrize("state", ["pending", "suspended", "cancelled"])
def test_only_active_subscriptions_are_changed(market, state):
    id = market.buy("team")["subscription"]["id"] if state == "pending" else market.subscribe("team")
    if state != "pending":
        market.control("suspend" if state == "suspended" else "cancel", {"subscription": id})
    for body in ({"planId": "company"}, {"quantity": 30}):
        answer = market.call("PATCH", f"/{id}", json=body)
        assert answer.status_code == 400
        assert answer.json()["target"] == "update"
    for body in ({"plan_id": "company"}, {"quantity": 30}):
        assert "must be Subscribed" in market.refusal("change", {"subscription": id, **body})


@pytest.mark.parametrize("state", ["pending", "active", "suspended"])
def test_the_publisher_cancels_in_every_state_and_for_ever(market, state):
    id = market.buy("team")["subscription"]["id"] if state == "pending" else market.subscribe("team")
    if state == "suspended":
        market.control("suspend", {"subscription": id})
    answer = market.call("DELETE", f"/{id}")
    assert answer.status_code == 202
    operation = market.read_operation(id, answer.headers["operation-id"])
    assert (operation["action"], operation["status"]) == ("Unsubscribe", "Succeeded")
    assert market.status(id) == "Unsubscribed"
    again = market.call("DELETE", f"/{id}")
    assert (again.status_code, again.content) == (200, b"")
    assert "operation-location" not in again.headers
    for name in ("suspend", "reinstate", "renew", "cancel"):
        assert "it is Unsubscribed" in market.refusal(name, {"subscription": id})


def test_a_purchase_of_a_reseller_is_changed_by_the_reseller_alone(market):
    id = market.subscribe("team", csp=True)
    subscription = market.read(id)
    assert subscription["allowedCustomerOperations"] == ["Read"]
    assert subscription["beneficiary"]["tenantId"] != subscription["purchaser"]["tenantId"]
    for method, body in (("PATCH", {"quantity": 9}), ("DELETE", None)):
        answer = market.call(method, f"/{id}", json=body)
        assert answer.status_code == 400
        assert "not an allowed operation" in answer.json()["message"]
    market.control("change", {"subscription": id, "quantity": 9})
    market.emulator.advance(10)
    assert market.read(id)["quantity"] == 9
    market.control("cancel", {"subscription": id})
    assert market.status(id) == "Unsubscribed"


def test_unknown_subscriptions_are_not_changed(market):
    for method, body in (("PATCH", {"quantity": 9}), ("DELETE", None)):
        answer = market.call(method, f"/{NOBODY}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "EntityNotFound")


# --- Begun by the customer


@pytest.mark.parametrize(("change", "body", "action"), CHANGES)
@pytest.mark.parametrize("decision", ["Success", "Failure", "silence"])
def test_a_change_of_the_customer_is_decided_by_the_publisher_or_its_silence(
    market, change, body, action, decision
):
    id = market.subscribe("team", quantity=20)
    operation = market.control("change", {"subscription": id, **change})
    assert (operation["action"], operation["status"]) == (action, "InProgress")
    assert operation["operationRequestSource"] == "Azure"
    assert market.list_operations(id) == [operation]
    assert market.read_operation(id, operation["id"]) == operation
    assert read_target(market, id) == ("team", 20)
    if decision == "silence":
        market.emulator.advance(9)
        assert len(market.list_operations(id)) == 1
        market.emulator.advance(1)
    else:
        answer = market.update(id, operation["id"], decision)
        assert (answer.status_code, answer.content) == (200, b"")
    ended = market.read_operation(id, operation["id"])
    assert ended["status"] == ("Failed" if decision == "Failure" else "Succeeded")
    assert bool(ended["errorMessage"]) is (decision == "Failure")
    assert market.list_operations(id) == []
    expected = {"planId": "team", "quantity": 20} | ({} if decision == "Failure" else body)
    assert read_target(market, id) == (expected["planId"], expected["quantity"])


def test_a_decision_is_final(market):
    id = market.subscribe("team", quantity=20)
    operation = market.control("change", {"subscription": id, "quantity": 21})
    assert market.update(id, operation["id"], "Failure").status_code == 200
    for status in ("Success", "Failure"):
        answer = market.update(id, operation["id"], status, headers={"x-ms-requestid": "request-7"})
        assert (answer.status_code, answer.json()) == (409, {"message": "request-7"})
    answer = market.update(id, operation["id"], "Success")
    assert answer.json() == {"message": answer.headers["x-ms-requestid"]}
    assert market.read(id)["quantity"] == 20


def test_a_change_in_progress_locks_others_out_but_not_a_cancellation(market):
    id = market.subscribe("team", quantity=20)
    operation = market.control("change", {"subscription": id, "quantity": 21})
    for body in ({"quantity": 22}, {"planId": "company"}):
        answer = market.call("PATCH", f"/{id}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "Failed")
        assert "locked" in answer.json()["message"]
    assert f"ChangeQuantity {operation['id']}" in market.refusal(
        "change", {"subscription": id, "quantity": 22}
    )
    assert market.call("DELETE", f"/{id}").status_code == 202
    assert market.read_operation(id, operation["id"])["status"] == "Failed"
    market.emulator.advance(20)
    subscription = market.read(id)
    assert (subscription["saasSubscriptionStatus"], subscription["quantity"]) == ("Unsubscribed", 20)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({}, "plan_id, quantity: exactly one"),
        ({"plan_id": "company", "quantity": 5}, "plan_id, quantity: exactly one"),
        ({"plan_id": "team"}, "plan_id: it is team already"),
        ({"plan_id": "gold"}, "plan_id: must be one of team, company"),
        ({"plan_id": "company"}, "quantity: must be from 10 to 1000000, not 4"),
        ({"quantity": 4}, "quantity: it is 4 already"),
        ({"quantity": 51}, "quantity: must be from 2 to 50, not 51"),
        ({"quantity": "5"}, "quantity: "),
        ({"seats": 5}, "seats: "),
    ],
)
def test_the_customer_is_offered_what_the_offer_has(market, change, error):
    id = market.subscribe("team", quantity=4)
    assert market.refusal("change", {"subscription": id, **change}).startswith(error)
    assert market.actions(id) == []


def test_a_suspended_subscription_is_reinstated_by_the_publisher_or_its_silence(market):
    for decision, status in (("Success", "Subscribed"), ("Failure", "Suspended"), ("", "Subscribed")):
        id = market.subscribe()
        notification = market.control("suspend", {"subscription": id})
        assert (notification["action"], notification["status"]) == ("Suspend", "Succeeded")
        assert market.status(id) == "Suspended"
        operation = market.control("reinstate", {"subscription": id})
        assert (operation["action"], operation["status"]) == ("Reinstate", "InProgress")
        assert market.status(id) == "Suspended"
        if decision:
            assert market.update(id, operation["id"], decision).status_code == 200
        else:
            market.emulator.advance(10)
        assert market.status(id) == status


def test_a_reinstatement_is_refused_by_a_cancellation(market):
    id = market.subscribe()
    market.control("suspend", {"subscription": id})
    operation = market.control("reinstate", {"subscription": id})
    assert market.call("DELETE", f"/{id}").status_code == 202
    assert market.read_operation(id, operation["id"])["status"] == "Failed"
    market.emulator.advance(20)
    assert market.status(id) == "Unsubscribed"


@pytest.mark.parametrize("status", ["", None, "Succes", "success", 1])
def test_a_decision_has_one_of_two_words(market, status):
    market.behave(behaviour="documented")
    id = market.subscribe("team", quantity=20)
    operation = market.control("change", {"subscription": id, "quantity": 21})
    answer = market.update(id, operation["id"], status)
    assert answer.status_code == 400
    assert market.read_operation(id, operation["id"])["status"] == "InProgress"


def test_an_operation_belongs_to_its_subscription(market):
    market.behave(behaviour="documented")
    id, other = market.subscribe("team", quantity=20), market.subscribe("team")
    operation = market.control("change", {"subscription": id, "quantity": 21})["id"]
    assert market.call("GET", f"/{other}/operations/{operation}").status_code == 404
    assert market.update(other, operation, "Success").status_code == 404
    assert market.read_operation(id, operation)["status"] == "InProgress"


def test_changes_show_late_where_they_are_delayed(market):
    """Until then reads show the subscription as it was, and fresh operations are missing; the lock holds at once."""
    market.behave(delay_seconds=30)
    id = market.subscribe("team", quantity=20)
    assert market.status(id) == "PendingFulfillmentStart"
    assert "startDate" not in market.read(id)["term"]
    market.emulator.advance(30)
    assert market.status(id) == "Subscribed"
    answer = market.call("PATCH", f"/{id}", json={"quantity": 25})
    location = answer.headers["operation-location"]
    assert market.call("PATCH", f"/{id}", json={"quantity": 26}).status_code == 400
    assert market.emulator.client.get(location).status_code == 400
    assert market.list_operations(id) == []
    market.emulator.advance(29.5)
    assert market.read(id)["quantity"] == 20
    market.emulator.advance(0.5)
    assert market.emulator.client.get(location, params=VERSION).json()["status"] == "Succeeded"
    assert market.read(id)["quantity"] == 20
    market.emulator.advance(30)
    assert market.read(id)["quantity"] == 25


def test_a_cancellation_in_progress_is_answered_with_itself(market):
    market.behave(delay_seconds=30)
    id = market.subscribe()
    first, second = (market.call("DELETE", f"/{id}") for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.headers["operation-id"] == second.headers["operation-id"]
    market.emulator.advance(100)
    assert market.status(id) == "Unsubscribed"
    assert market.actions(id).count("Unsubscribe") == 1
