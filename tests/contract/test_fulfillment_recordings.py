"""Recorded answers of Microsoft's SaaS emulator, and its webhooks, read by both clients.

The recordings are kept beside the checkout (`../shared`), not in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.unit.fulfillment_clients import KINDS, Client, open_scripted
from tests.unit.scripted_server import Answer

from pulumi_partnercenter import AuthError, Conflict, Invalid, NotFound, PartnerCenterError, Unavailable
from pulumi_partnercenter.fulfillment import (
    AvailablePlan,
    Operation,
    ResolvedSubscription,
    Subscription,
    WebhookEvent,
)

RECORDINGS = Path(__file__).parents[3] / "shared" / "reference" / "saas-recordings"
ABSENT = "no recordings: ../shared/reference/saas-recordings is not beside this checkout"
ERRORS: dict[int, type[PartnerCenterError]] = {
    400: Invalid,
    401: AuthError,
    404: NotFound,
    409: Conflict,
    500: Unavailable,
}


def _read(name: str) -> list[dict[str, Any]]:
    path = RECORDINGS / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


EXCHANGES, WEBHOOKS = _read("emulator.jsonl"), _read("webhooks.jsonl")


def test_recordings_beside_the_checkout_are_read():
    """Recordings beside the checkout are never skipped, in CI or elsewhere."""
    if not RECORDINGS.is_dir():
        pytest.skip(ABSENT)
    assert (len(EXCHANGES), len(WEBHOOKS)) == (60, 9)


def _operation(exchange: dict[str, Any]) -> tuple[str, Callable[[Client], Any]]:
    """The operation that sends such a request, and its call.

    The recorded request may be one that the client refuses to send, such as a misspelled status: the answer is read by
    the same operation with arguments that it takes.
    """
    url = urlsplit(exchange["url"])
    path = url.path.removeprefix("/api/saas/").removeprefix("/api/webhook/")
    first, *ids = [part for part in path.split("/") if re.fullmatch(r"[0-9a-f-]{36}", part)] or [""]
    operation = ids[0] if ids else "00000000-0000-4000-8000-000000000001"
    shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", f"{exchange['method']} {path}")
    body = exchange["request_body"] if isinstance(exchange["request_body"], dict) else {}
    plan = body.get("planId", "flat-rate-1")
    picked = parse_qs(url.query).get("planId", [""])[0]
    changes_quantity = "quantity" in body
    calls: dict[str, tuple[str, Callable[[Client], Any]]] = {
        "GET subscriptions": ("list", lambda client: client.list_subscriptions()),
        "POST subscriptions/resolve": ("resolve", lambda client: client.resolve("marketplace-token+/=")),
        "GET subscriptions/ID": ("get", lambda client: client.get_subscription(first)),
        "GET subscriptions/ID/listAvailablePlans": (
            "plans",
            lambda client: client.list_available_plans(first, picked),
        ),
        "POST subscriptions/ID/activate": ("activate", lambda client: client.activate(first, plan)),
        "PATCH subscriptions/ID": (
            "change",
            lambda client: (
                client.change_quantity(first, 12) if changes_quantity else client.change_plan(first, plan)
            ),
        ),
        "GET subscriptions/ID/operations": ("operations", lambda client: client.list_operations(first)),
        "GET subscriptions/ID/operations/ID": (
            "operation",
            lambda client: client.get_operation(first, operation),
        ),
        "PATCH subscriptions/ID/operations/ID": (
            "update",
            lambda client: client.update_operation(first, operation, "Success"),
        ),
    }
    return calls[shape.replace("subscription/", "subscriptions/")]


def _answer(exchange: dict[str, Any]) -> Answer:
    headers = {
        name: value for name, value in exchange["response_headers"].items() if name != "content-length"
    }
    body = exchange["response_body"]
    is_text = "json" not in headers.get("content-type", "")
    return Answer(exchange["status"], str(body or "").encode() if is_text else body, headers)


def _require_result(name: str, result: Any, exchange: dict[str, Any]) -> None:
    body = exchange["response_body"]
    if name == "list":
        assert [item.id for item in result] == [item["id"] for item in body["subscriptions"]]
    elif name == "resolve":
        assert isinstance(result, ResolvedSubscription)
        assert (result.id, result.quantity) == (body["id"], body.get("quantity"))
        assert result.subscription
        assert result.subscription.status == body["subscription"]["saasSubscriptionStatus"]
        assert result.subscription.beneficiary.email == body["subscription"]["beneficiary"]["emailId"]
    elif name == "get":
        assert isinstance(result, Subscription)
        assert (result.id, result.plan_id, result.status) == (
            body["id"],
            body["planId"],
            body["saasSubscriptionStatus"],
        )
    elif name == "plans":
        assert all(isinstance(plan, AvailablePlan) and plan.billing_terms for plan in result)
        assert len(result) == (len(body["plans"]) if body else 0)
    elif name == "change":
        assert isinstance(result, Operation)
        assert f"/operations/{result.id}" in exchange["response_headers"]["operation-location"]
    elif name == "operations":
        assert [item.id for item in result] == [item["id"] for item in body]
    elif name == "operation":
        assert (result.action, result.status, result.source) == (
            body["action"],
            body["status"],
            body["operationRequestedSource"],
        )
    else:
        assert result is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange["note"])
def test_every_recorded_answer_is_a_result_or_a_typed_error(kind: str, exchange: dict[str, Any]):
    name, call = _operation(exchange)
    answers = [_answer(exchange)]
    if name == "activate" and exchange["status"] == 400:  # it may be active already: the subscription is read
        pending = next(item for item in EXCHANGES if item["note"] == "get, pending")
        answers.append(_answer(pending))
    if (
        name == "update" and exchange["status"] == 500
    ):  # Partner's operations answer so: the operation is read
        partner = next(item for item in EXCHANGES if item["note"] == "get operation")
        answers.append(_answer(partner))
    with open_scripted(kind, *answers) as (client, script):
        if exchange["status"] < 400 or (name, exchange["status"]) == ("update", 409):
            _require_result(name, call(client), exchange)
            return
        with pytest.raises(ERRORS[exchange["status"]]) as caught:
            call(client)
    error: Any = caught.value
    assert error.status == exchange["status"]
    ids = {**script.requests[0].headers, **exchange["response_headers"]}  # not every answer has them
    assert (error.request_id, error.correlation_id) == (ids["x-ms-requestid"], ids["x-ms-correlationid"])
    body = exchange["response_body"]
    if isinstance(body, dict):
        message = body.get("message") or body["Error"]["Message"]
        assert message[:60] in error.said
        assert getattr(error, "code", "") == body.get("code", body.get("Error", {}).get("Code", ""))


@pytest.mark.parametrize("webhook", WEBHOOKS, ids=lambda webhook: webhook["request_body"]["id"][-4:])
def test_every_recorded_webhook_is_read(webhook: dict[str, Any]):
    body = webhook["request_body"]
    event = WebhookEvent.from_json(body, "webhook")
    assert (event.id, event.subscription_id, event.action, event.status, event.source) == (
        body["id"],
        body["subscriptionId"],
        body["action"],
        body["status"],
        body["operationRequestedSource"],
    )
    assert event.subscription
    assert event.subscription.plan_id == body["subscription"]["planId"]
    assert event.time
    assert event.time.tzinfo
