"""Webhooks of the emulated marketplace: what a publisher receives, and what its answers lead to."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from provider.tools.emulators import RunningEmulator, serve
from provider.tools.hangs import HANG_SECONDS
from tests.contract.webhook_receiver import (
    DECISION_SECONDS,
    GOLD,
    LAST_ATTEMPT_SECONDS,
    OFFER,
    SILVER,
    Marketplace,
    Receiver,
    Reply,
    serve_receiver,
)

SHORT = 0.2
"""Real seconds that a receiver may take, in tests of one that takes longer."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serve_receiver() as receiver:
        yield receiver


@pytest.fixture
def marketplace(emulator: RunningEmulator, receiver: Receiver) -> Marketplace:
    return Marketplace(emulator, receiver)


@pytest.fixture(scope="module")
def running_emulator() -> Iterator[RunningEmulator]:
    with serve() as emulator:
        yield emulator


@pytest.fixture
def served(running_emulator: RunningEmulator, receiver: Receiver) -> Marketplace:
    """A marketplace on a port, which works on between two requests."""
    running_emulator.reset()
    return Marketplace(running_emulator, receiver)


# --- What answers lead to


def test_a_change_that_the_publisher_hears_of_and_leaves_alone_succeeds_ten_seconds_later(marketplace):
    subscription = marketplace.subscribe()
    operation = marketplace.change_plan(subscription)
    delivery = marketplace.delivery()
    assert (delivery["outcome"], delivery["operation"], delivery["action"]) == (
        "accepted",
        operation,
        "ChangePlan",
    )
    assert marketplace.operation(subscription, operation)["status"] == "InProgress"
    assert marketplace.plan(subscription) == SILVER
    marketplace.emulator.advance(DECISION_SECONDS)
    assert marketplace.operation(subscription, operation)["status"] == "Succeeded"
    assert marketplace.plan(subscription) == GOLD


@pytest.mark.parametrize(("decision", "plan"), [("Success", GOLD), ("Failure", SILVER)])
def test_the_publisher_decides_a_change_after_its_answer(marketplace, decision, plan):
    subscription = marketplace.subscribe()
    operation = marketplace.change_plan(subscription)
    assert marketplace.delivery()["outcome"] == "accepted"
    marketplace.api("PATCH", f"{subscription}/operations/{operation}", {"status": decision})
    marketplace.emulator.advance(DECISION_SECONDS)
    assert marketplace.plan(subscription) == plan


@pytest.mark.parametrize("status", [400, 404, 499])
def test_a_client_error_refuses_a_change_and_a_notification_sets_the_old_value_back(
    marketplace, receiver, status
):
    subscription = marketplace.subscribe()
    receiver.replies = [Reply(status, body=b"not this plan")]
    operation = marketplace.change_plan(subscription)
    refused, revert = marketplace.deliveries()
    assert (refused["outcome"], refused["attempts"][0]["reason"]) == ("refused", "not this plan")
    assert marketplace.operation(subscription, operation)["status"] == "Failed"
    assert (revert["action"], revert["outcome"]) == ("ChangePlan", "accepted")
    payload = receiver.notifications[1].payload
    assert payload["planId"] == payload["subscription"]["planId"] == SILVER
    marketplace.emulator.advance(DECISION_SECONDS)
    assert marketplace.plan(subscription) == SILVER


def test_a_publisher_that_refuses_everything_is_notified_of_the_old_value_only_once(marketplace, receiver):
    subscription = marketplace.subscribe()
    receiver.replies = [Reply(400)] * 10
    marketplace.change_plan(subscription)
    assert [delivery["outcome"] for delivery in marketplace.deliveries()] == ["refused", "refused"]
    assert len(receiver.notifications) == 2


def test_a_server_error_is_tried_again_until_an_answer_accepts(marketplace, receiver):
    subscription = marketplace.subscribe()
    receiver.replies = [Reply(503), Reply(500), Reply(302, {"Location": "/elsewhere"})]
    operation = marketplace.change_plan(subscription)
    for attempts in (1, 2, 3):
        delivery = marketplace.delivery()
        assert (len(delivery["attempts"]), delivery["outcome"]) == (attempts, "pending")
        assert marketplace.operation(subscription, operation)["status"] == "InProgress"
        marketplace.emulator.advance(60)
    assert marketplace.statuses() == [503, 500, 302, 200]
    assert len({str(notification.payload) for notification in receiver.notifications}) == 1
    marketplace.emulator.advance(DECISION_SECONDS)
    assert marketplace.plan(subscription) == GOLD


def test_an_operation_fails_once_its_webhook_was_not_accepted_for_eight_hours(marketplace, receiver):
    subscription = marketplace.subscribe()
    receiver.replies = [Reply(503)] * 3
    operation = marketplace.change_plan(subscription)
    marketplace.emulator.advance(LAST_ATTEMPT_SECONDS / 2)
    assert marketplace.delivery()["outcome"] == "pending"
    marketplace.emulator.advance(LAST_ATTEMPT_SECONDS / 2)
    assert (marketplace.delivery()["outcome"], marketplace.statuses()) == ("undelivered", [503] * 3)
    assert marketplace.operation(subscription, operation)["status"] == "Failed"
    marketplace.emulator.advance(LAST_ATTEMPT_SECONDS)
    assert marketplace.plan(subscription) == SILVER
    assert len(receiver.notifications) == 3


@pytest.mark.soak
def test_at_most_five_hundred_attempts_are_made(marketplace, receiver):
    subscription = marketplace.subscribe()
    receiver.replies = [Reply(500)] * 1000
    marketplace.change_plan(subscription)
    for _ in range(600):
        marketplace.emulator.advance(58)
    assert 490 < len(receiver.notifications) <= 500
    assert marketplace.delivery()["outcome"] == "undelivered"


@pytest.mark.parametrize(
    ("address", "error"),
    [("http://127.0.0.1:1/webhook", "ConnectError"), ("http://xn--a/webhook", "InvalidCodepoint")],
)
def test_a_receiver_that_cannot_be_reached_is_tried_again(marketplace, receiver, address, error):
    subscription = marketplace.subscribe()
    marketplace.configure(webhook_url=address)
    marketplace.change_plan(subscription)
    (attempt,) = marketplace.delivery()["attempts"]
    assert (attempt["status"], attempt["reason"].partition(":")[0]) == (0, error)
    marketplace.configure()
    marketplace.emulator.advance(60)
    assert marketplace.delivery()["outcome"] == "accepted"
    assert marketplace.delivery()["url"].startswith(receiver.url)


def test_a_receiver_that_never_answers_ends_its_operation_as_failed(marketplace, receiver):
    subscription = marketplace.subscribe()
    marketplace.send(answer_seconds=SHORT)
    receiver.held = Reply(is_held=True)
    operation = marketplace.change_plan(subscription)
    (attempt,) = marketplace.delivery()["attempts"]
    assert (attempt["status"], attempt["reason"]) == (0, "no answer within 0.2 s")
    assert marketplace.operation(subscription, operation)["status"] == "InProgress"
    marketplace.emulator.advance(LAST_ATTEMPT_SECONDS)
    assert marketplace.delivery()["outcome"] == "silent"
    assert marketplace.operation(subscription, operation)["status"] == "Failed"


def test_an_answer_that_comes_too_late_refuses_nothing(marketplace, receiver):
    subscription = marketplace.subscribe()
    marketplace.send(answer_seconds=SHORT)
    receiver.held = Reply(400, is_held=True)
    marketplace.change_plan(subscription)
    assert marketplace.delivery()["outcome"] == "pending"
    receiver.release()
    marketplace.send(answer_seconds=HANG_SECONDS)
    marketplace.emulator.advance(60)
    assert marketplace.statuses() == [0, 200]
    marketplace.emulator.advance(DECISION_SECONDS)
    assert marketplace.plan(subscription) == GOLD


def test_a_client_error_to_a_notification_is_no_refusal(marketplace, receiver):
    subscription = marketplace.subscribe()
    receiver.replies = [Reply(400)]
    marketplace.do("suspend", subscription)
    assert marketplace.delivery()["outcome"] == "pending"
    assert marketplace.status(subscription) == "Suspended"
    marketplace.emulator.advance(60)
    assert (marketplace.delivery()["outcome"], marketplace.statuses()) == ("accepted", [400, 200])


def test_a_late_notification_does_not_undo_a_later_one(marketplace, receiver):
    subscription = marketplace.subscribe()
    receiver.replies = [Reply(503)]
    marketplace.do("suspend", subscription)
    assert marketplace.delivery()["outcome"] == "pending"
    marketplace.do("reinstate", subscription)
    marketplace.deliveries()
    marketplace.emulator.advance(60)
    assert receiver.actions() == ["Suspend", "Reinstate", "Suspend"]
    assert [delivery["outcome"] for delivery in marketplace.deliveries()] == ["accepted", "accepted"]
    assert marketplace.status(subscription) == "Subscribed"


def test_an_offer_without_a_webhook_accepts_changes_by_silence(marketplace, receiver):
    subscription = marketplace.subscribe()
    marketplace.configure(webhook_url="")
    operation = marketplace.change_plan(subscription)
    delivery = marketplace.delivery()
    assert (delivery["outcome"], delivery["attempts"], delivery["url"]) == ("no_address", [], "")
    marketplace.emulator.advance(DECISION_SECONDS)
    assert marketplace.operation(subscription, operation)["status"] == "Succeeded"
    assert receiver.notifications == []


def test_a_delivery_is_repeated_on_request_and_changes_nothing_twice(marketplace, receiver):
    subscription = marketplace.subscribe()
    marketplace.change_plan(subscription)
    marketplace.emulator.advance(DECISION_SECONDS)
    receiver.replies = [Reply(400)]
    delivery = marketplace.delivery()
    marketplace.control("POST", f"deliveries/{delivery['id']}")
    assert (marketplace.delivery()["outcome"], marketplace.statuses()) == ("accepted", [200, 400])
    first, second = receiver.notifications
    assert first.payload == second.payload
    assert marketplace.plan(subscription) == GOLD
    marketplace.emulator.advance(LAST_ATTEMPT_SECONDS)
    assert len(receiver.notifications) == 2


# --- What is sent


def test_a_webhook_shows_the_subscription_before_the_change(marketplace, receiver):
    subscription = marketplace.subscribe()
    operation = marketplace.change_plan(subscription)
    (delivery,) = marketplace.deliveries()
    (notification,) = receiver.notifications
    payload = notification.payload
    assert notification.path == "/webhook?code=1"
    assert notification.headers["content-type"] == "application/json"
    assert payload == delivery["payload"]
    assert (payload["id"], payload["status"], payload["operationRequestSource"]) == (
        operation,
        "InProgress",
        "Azure",
    )
    assert (payload["planId"], payload["subscription"]["planId"]) == (GOLD, SILVER)


def test_minimal_and_obsolete_payloads_are_sent_as_often_as_ordered(marketplace, receiver):
    subscription = marketplace.subscribe()
    for form in ("minimal", "obsolete"):
        marketplace.send(payload=form, times=1)
        marketplace.do("renew", subscription)
        marketplace.deliveries()
    marketplace.do("renew", subscription)
    marketplace.deliveries()
    minimal, obsolete, full = (notification.payload for notification in receiver.notifications)
    assert set(minimal) == {
        "id",
        "activityId",
        "operationRequestSource",
        "subscriptionId",
        "timeStamp",
        "action",
    }
    assert obsolete == {"subscriptionId": subscription, "operationType": "Renew"}
    assert full["subscription"]["id"] == subscription


def test_no_cookie_and_no_credentials_of_an_address_are_sent(marketplace, receiver):
    subscription = marketplace.subscribe()
    address = receiver.url.replace("//", "//dana:secret@")
    marketplace.configure(webhook_url=f"{address}/webhook")
    receiver.replies = [Reply(503, {"Set-Cookie": "session=1; Path=/"})]
    marketplace.do("renew", subscription)
    marketplace.deliveries()
    marketplace.emulator.advance(60)
    assert len(receiver.notifications) == 2
    for notification in receiver.notifications:
        assert notification.headers["authorization"].startswith("Bearer ")
        assert "cookie" not in notification.headers


def test_redirects_are_not_followed(marketplace, receiver):
    subscription = marketplace.subscribe()
    receiver.replies = [Reply(307, {"Location": f"{receiver.url}/elsewhere"})]
    marketplace.do("renew", subscription)
    assert marketplace.statuses() == [307]
    assert [notification.path for notification in receiver.notifications] == ["/webhook?code=1"]


def test_https_addresses_need_an_authority_that_is_trusted(emulator, tmp_path, monkeypatch):
    authority, tls = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with serve_receiver(tls) as receiver:
        marketplace = Marketplace(emulator, receiver)
        marketplace.do("renew", marketplace.subscribe())
        (attempt,) = marketplace.delivery()["attempts"]
        assert (attempt["status"], "CERTIFICATE_VERIFY_FAILED" in attempt["reason"]) == (0, True)
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        emulator.advance(60)
        assert marketplace.statuses() == [0, 200]


def test_an_endless_answer_counts_by_its_status(marketplace, receiver):
    subscription = marketplace.subscribe()
    receiver.replies = [Reply(200, is_endless=True)]
    marketplace.do("renew", subscription)
    (attempt,) = marketplace.delivery()["attempts"]
    assert (attempt["status"], len(attempt["reason"])) == (200, 500)


@pytest.mark.parametrize(
    "body",
    [
        {"token": "stolen"},
        {"token_version": 3},
        {"token_version": True},
        {"payload": "half"},
        {"times": -1},
        {"answer_seconds": 0},
        {"answer_seconds": 1e9},
        {"tokens": "valid"},
        {"keys_address": "https://elsewhere.example.com"},
    ],
)
def test_settings_of_webhooks_are_checked(emulator, body):
    answer = emulator.client.post("/_emulator/saas/webhooks", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(next(iter(body)))


def test_an_unknown_delivery_cannot_be_repeated(emulator):
    answer = emulator.client.post("/_emulator/saas/deliveries/nothing")
    assert (answer.status_code, answer.json()) == (400, {"error": "id: no delivery nothing"})


# --- Beside other work


def test_a_subscription_is_sent_one_webhook_at_a_time_and_holds_up_no_other(served, receiver):
    first, second = served.subscribe(), served.subscribe()
    receiver.replies = [Reply(is_held=True)]
    for _ in range(3):
        served.do("renew", first)
    receiver.wait_for(1)
    served.do("renew", second)
    receiver.wait_for(2)
    assert [notification.payload["subscriptionId"] for notification in receiver.notifications] == [
        first,
        second,
    ]
    receiver.release()
    assert [delivery["outcome"] for delivery in served.deliveries()] == ["accepted"] * 4
    assert receiver.most_at_once == 1


def test_a_publisher_may_ask_the_service_before_it_answers(served, receiver):
    subscription = served.subscribe()
    receiver.replies = [Reply(is_held=True)]
    operation = served.change_plan(subscription)
    receiver.wait_for(1)
    assert served.operation(subscription, operation)["status"] == "InProgress"
    served.api("PATCH", f"{subscription}/operations/{operation}", {"status": "Success"})
    receiver.release()
    assert served.delivery()["outcome"] == "accepted"
    assert served.plan(subscription) == GOLD


def test_a_reset_breaks_off_what_is_under_way(served, receiver):
    subscription = served.subscribe()
    receiver.replies = [Reply(is_held=True)]
    served.do("renew", subscription)
    served.do("renew", subscription)
    receiver.wait_for(1)
    served.emulator.reset()
    assert served.deliveries() == []
    receiver.release()
    served.configure()
    served.do("renew", served.subscribe())
    assert served.delivery()["outcome"] == "accepted"
    assert len(receiver.notifications) == 2


@contextmanager
def own_process(data: Path) -> Iterator[tuple[subprocess.Popen[str], RunningEmulator]]:
    """An emulator in a process of its own, which ends with the context if it has not before."""
    command = [sys.executable, "-m", "pulumi_partnercenter.emulator", "--data", str(data)]
    with ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        stack.callback(process.kill)
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("listening on ").strip()
        headers = {"Authorization": "Bearer emulator"}
        client = stack.enter_context(
            httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=HANG_SECONDS)
        )
        yield process, RunningEmulator(address, client)


def test_a_webhook_that_a_stop_interrupts_is_sent_again_by_the_next_start(tmp_path, receiver):
    receiver.replies = [Reply(is_held=True), Reply(is_held=True)]
    with own_process(tmp_path) as (process, emulator):
        marketplace = Marketplace(emulator, receiver)
        marketplace.send(answer_seconds=3600)
        subscription = marketplace.subscribe()
        operation = marketplace.change_plan(subscription)
        receiver.wait_for(1)
        process.terminate()
        assert process.wait(HANG_SECONDS) == 0
    with own_process(tmp_path) as (process, emulator):
        receiver.wait_for(2)
        process.kill()
        process.wait(HANG_SECONDS)
    with own_process(tmp_path) as (process, emulator):
        receiver.wait_for(3)
        marketplace = Marketplace(emulator, receiver)
        assert marketplace.statuses() == [200]
        emulator.advance(DECISION_SECONDS)
        assert marketplace.operation(subscription, operation)["status"] == "Succeeded"


def test_settings_and_deliveries_end_with_a_reset(marketplace: Any):
    marketplace.send(token="none", payload="minimal", answer_seconds=1)
    marketplace.emulator.reset()
    assert marketplace.control("GET", "webhooks") == {
        "token": "valid",
        "token_version": 2,
        "payload": "full",
        "times": 0,
        "answer_seconds": 10.0,
    }
    assert marketplace.control("GET", "offers") == []
    assert OFFER not in str(marketplace.emulator.state())
