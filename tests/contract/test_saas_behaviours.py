"""Where documentation, live service and Microsoft's emulator differ: each case, observed under each of the three.

The first 16 rows are the published comparison of the three; what it does not know of one is inferred.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator, in_process, serve
from tests.contract.marketplace import NOBODY, SEATS, Marketplace

OTHER = "77777777-7777-7777-7777-777777777777"
BEHAVIOURS = ("documented", "live", "microsoft")
Observation = Callable[[Marketplace], object]


def activate(market: Marketplace, id: str, **body: Any) -> tuple[int, str]:
    status = market.call("POST", f"/{id}/activate", json=body).status_code
    return status, market.status(id)


def activate_another_plan(market: Marketplace) -> object:
    return activate(market, market.buy("basic")["subscription"]["id"], planId="pro")


def activate_wrong_quantity(market: Marketplace) -> object:
    return activate(market, market.buy("team")["subscription"]["id"], planId="team", quantity=9)


def activate_subscribed(market: Marketplace) -> object:
    return activate(market, market.subscribe(), planId="basic")


def activate_suspended(market: Marketplace) -> object:
    id = market.subscribe()
    market.control("suspend", {"subscription": id})
    return activate(market, id, planId="basic")


def operations_of_unknown(market: Marketplace) -> object:
    answer = market.call("GET", f"/{NOBODY}/operations")
    return answer.status_code, answer.json().get("operations")


def get_unknown_operation(market: Marketplace) -> object:
    paths = (f"/{market.subscribe()}/operations/{NOBODY}", f"/{NOBODY}/operations/{NOBODY}")
    return [market.call("GET", path).status_code for path in paths]


def update_unknown_operation(market: Marketplace) -> object:
    ids = (market.subscribe(), NOBODY)
    return [market.update(id, NOBODY, "Success").status_code for id in ids]


def update_any_status(market: Marketplace) -> object:
    """Whether a misspelled refusal is taken, and what becomes of the change."""
    id = market.subscribe("team", quantity=4)
    operation = market.control("change", {"subscription": id, "quantity": 5})["id"]
    status = market.update(id, operation, "Failed").status_code
    market.emulator.advance(10)
    return status, market.read(id)["quantity"]


def update_partner_operation(market: Marketplace) -> object:
    market.behave(delay_seconds=30)
    id = market.subscribe()
    market.emulator.advance(30)
    operation = market.call("PATCH", f"/{id}", json={"planId": "pro"}).headers["operation-id"]
    answer = market.update(id, operation, "Success")
    return answer.status_code, answer.headers.get("content-type", "").partition(";")[0]


def update_notification(market: Marketplace) -> object:
    statuses = []
    for name in ("renew", "suspend", "cancel"):
        id = market.subscribe()
        operation = market.control(name, {"subscription": id})["id"]
        statuses.append(market.update(id, operation, "Success").status_code)
    return statuses


def update_decided(market: Marketplace) -> object:
    id = market.subscribe("team")
    operation = market.control("change", {"subscription": id, "quantity": 5})["id"]
    market.update(id, operation, "Success")
    answers = [
        market.update(id, operation, "Success", headers=headers) for headers in ({}, {"x-ms-requestid": "r"})
    ]
    assert {answer.status_code for answer in answers} == {409}
    own = {"message": answers[0].headers["x-ms-requestid"]}
    return ["own" if answers[0].json() == own else answers[0].json(), answers[1].json()]


def operations_body(market: Marketplace) -> object:
    id = market.subscribe("team")
    market.control("change", {"subscription": id, "quantity": 5})
    return type(market.call("GET", f"/{id}/operations").json()).__name__


def plans_of_unknown(market: Marketplace) -> object:
    answer = market.call("GET", f"/{NOBODY}/listAvailablePlans")
    return answer.status_code, answer.text


def list_paging(market: Marketplace) -> object:
    market.behave(page_size=2)
    for _ in range(3):
        market.buy()
    return [len(page) for page in market.pages()]


def csp_enforced(market: Marketplace) -> object:
    id = market.subscribe("team", csp=True)
    statuses = [market.call("PATCH", f"/{id}", json={"quantity": 5}).status_code]
    return [*statuses, market.call("DELETE", f"/{id}").status_code]


def partner_webhook(market: Marketplace) -> object:
    market.control("offers", {**SEATS, "webhook_url": "http://127.0.0.1:9/webhook"})
    id = market.subscribe("team")
    market.call("PATCH", f"/{id}", json={"quantity": 5})
    market.call("DELETE", f"/{id}")
    deliveries = market.control("deliveries", method="GET")
    return [delivery["action"] for delivery in deliveries if delivery["subscription"] == id]


def empty_list(market: Marketplace) -> object:
    answer = market.call("GET")
    return answer.status_code, answer.text


def empty_answers(market: Marketplace) -> object:
    id = market.buy()["subscription"]["id"]
    activation = market.call("POST", f"/{id}/activate", json={"planId": "basic"})
    change = market.call("PATCH", f"/{id}", json={"planId": "pro"})
    unknown = market.call("POST", f"/{NOBODY}/activate", json={"planId": "basic"})
    return [
        activation.text,
        change.text,
        "Not Found" if unknown.text == "Not Found" else unknown.json()["code"],
    ]


def foreign_subscription(market: Marketplace) -> object:
    id = market.subscribe()
    market.control("offers", {**SEATS, "offer_id": "other", "application": OTHER})
    market.headers = {"Authorization": f"Bearer {market.sign_in(OTHER)}"}
    return market.call("GET", f"/{id}").status_code


def source_member(market: Marketplace) -> object:
    operation = market.control("renew", {"subscription": market.subscribe()})
    return [name for name in operation if name.endswith("Source")]


def reinstate(market: Marketplace) -> object:
    id = market.subscribe()
    market.control("suspend", {"subscription": id})
    status = market.control("reinstate", {"subscription": id})["status"]
    return status, market.status(id)


def revert(market: Marketplace) -> object:
    """Webhooks after a change that the publisher rejected: a second one sets the old value again."""
    id = market.subscribe("team", quantity=4)
    operation = market.control("change", {"subscription": id, "quantity": 5})["id"]
    market.update(id, operation, "Failure")
    deliveries = market.control("deliveries", method="GET")
    return [delivery["payload"].get("quantity") for delivery in deliveries if delivery["subscription"] == id]


def cancel_again(market: Marketplace) -> object:
    id = market.subscribe()
    return [market.call("DELETE", f"/{id}").status_code for _ in range(2)], market.status(id)


def cancel_pending(market: Marketplace) -> object:
    id = market.buy()["subscription"]["id"]
    return market.call("DELETE", f"/{id}").status_code, market.status(id)


def seat_limits(market: Marketplace) -> object:
    id = market.subscribe("team")
    return [market.call("PATCH", f"/{id}", json={"quantity": seats}).status_code for seats in (51, 1_000_001)]


def fresh_operations(market: Marketplace) -> object:
    id = market.subscribe("team")
    market.behave(delay_seconds=30)
    operation = market.call("PATCH", f"/{id}", json={"quantity": 5}).headers["operation-id"]
    listed = market.call("GET", f"/{id}/operations").json()
    listed = listed if isinstance(listed, list) else listed["operations"]
    return market.call("GET", f"/{id}/operations/{operation}").status_code, len(listed)


def created_member(market: Marketplace) -> object:
    return "created" in market.read(market.subscribe())


def webhook_form(market: Marketplace) -> object:
    """Members of operations in a payload, and the state of its subscription after a cancellation."""
    id = market.subscribe("team")
    market.control("cancel", {"subscription": id})
    (payload,) = [
        delivery["payload"]
        for delivery in market.control("deliveries", method="GET")
        if delivery["subscription"] == id
    ]
    return "errorMessage" in payload, "quantity" in payload, payload["subscription"]["saasSubscriptionStatus"]


PENDING, ACTIVE, SUSPENDED = "PendingFulfillmentStart", "Subscribed", "Suspended"
EMPTY_OBJECT = (200, '{"subscriptions":[]}')
OURS, THEIRS = ["operationRequestSource"], ["operationRequestedSource"]
CASES: list[tuple[Observation, object, object, object]] = [
    (activate_another_plan, (400, PENDING), (200, ACTIVE), (400, PENDING)),
    (activate_wrong_quantity, (400, PENDING), (400, PENDING), (200, ACTIVE)),
    (activate_subscribed, (400, ACTIVE), (200, ACTIVE), (200, ACTIVE)),
    (activate_suspended, (400, SUSPENDED), (400, SUSPENDED), (200, ACTIVE)),
    (operations_of_unknown, (404, None), (200, []), (404, None)),
    (get_unknown_operation, [404, 404], [400, 400], [404, 404]),
    (update_unknown_operation, [404, 404], [400, 400], [404, 404]),
    (update_any_status, (400, 5), (200, 5), (400, 5)),
    (update_partner_operation, (200, ""), (500, "application/json"), (500, "text/html")),
    (update_notification, [409, 409, 409], [409, 409, 409], [400, 400, 400]),
    (update_decided, ["own", {"message": "r"}], ["own", {"message": "r"}], [{}, {"message": "r"}]),
    (operations_body, "dict", "dict", "list"),
    (plans_of_unknown, (200, ""), (200, ""), (200, "[]")),
    (list_paging, [2, 1], [2, 1], [3]),
    (csp_enforced, [400, 400], [400, 400], [202, 202]),
    (partner_webhook, ["ChangeQuantity", "Unsubscribe"], ["ChangeQuantity", "Unsubscribe"], []),
    (empty_list, (200, ""), EMPTY_OBJECT, EMPTY_OBJECT),
    (empty_answers, ["", "", "EntityNotFound"], ["", "", "EntityNotFound"], ["OK", "Accepted", "Not Found"]),
    (foreign_subscription, 403, 403, 404),
    (source_member, OURS, OURS, THEIRS),
    (reinstate, ("InProgress", SUSPENDED), ("InProgress", SUSPENDED), ("Succeeded", ACTIVE)),
    (revert, [5, 4], [5, 4], [5]),
    (cancel_again, ([202, 200], "Unsubscribed"), ([202, 200], "Unsubscribed"), ([202, 202], "Unsubscribed")),
    (cancel_pending, (202, "Unsubscribed"), (202, "Unsubscribed"), (202, PENDING)),
    (fresh_operations, (200, 1), (400, 0), (200, 1)),
    (created_member, True, True, False),
    (webhook_form, (False, True, "Unsubscribed"), (False, True, "Unsubscribed"), (True, False, ACTIVE)),
    (seat_limits, [400, 400], [400, 400], [202, 202]),
]


@pytest.fixture(params=BEHAVIOURS)
def market(request: pytest.FixtureRequest, emulator: RunningEmulator) -> Marketplace:
    market = Marketplace(emulator)
    market.sell()
    market.behave(behaviour=request.param)
    return market


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_a_case_is_as_the_chosen_behaviour_has_it(market, case):
    observe, *expected = case
    behaviour = market.control("behaviour", method="GET")["behaviour"]
    assert observe(market) == expected[BEHAVIOURS.index(behaviour)]


def test_every_case_of_the_switch_is_observed(emulator):
    cases = Marketplace(emulator).control("behaviour", method="GET")["cases"]
    assert list(cases) == [observe.__name__ for observe, *_ in CASES]
    for name, case in cases.items():
        values = [case[behaviour] for behaviour in BEHAVIOURS]
        assert all(values), name


@pytest.mark.parametrize("behaviour", [None, *BEHAVIOURS])
def test_the_emulator_starts_with_a_behaviour(behaviour):
    with in_process(saas_behaviour=behaviour) as emulator:
        market = Marketplace(emulator)
        assert market.control("behaviour", method="GET")["behaviour"] == (behaviour or "live")
        market.behave(behaviour="microsoft")
        emulator.reset()
        assert market.control("behaviour", method="GET")["behaviour"] == (behaviour or "live")


def test_a_real_pace_delays_changes():
    with serve(pace="real") as emulator:
        market = Marketplace(emulator)
        assert market.control("behaviour", method="GET")["delay_seconds"] > 0
        market.sell()
        assert market.status(market.subscribe()) == PENDING
