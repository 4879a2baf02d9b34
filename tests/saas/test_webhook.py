"""Notifications of the marketplace: answered in time, believed as far as they were read back, applied once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import pytest
from provider.tools.hangs import HANG_SECONDS
from sqlalchemy import delete
from tests.saas.deployment import ON_SQLITE, Deployment
from tests.saas.notifications import (
    UNKNOWN,
    act,
    issue,
    last_delivery,
    post,
    serve_recording,
    settle,
    statuses,
    subscribe,
)

from pulumi_partnercenter.errors import NotFound
from pulumi_partnercenter.saas import Decision, Refused, changes, jobs, tables, webhook
from pulumi_partnercenter.saas.tables import Access

CHANGES = {"plan_id": "company"}, {"quantity": 12}


@pytest.fixture
def deployment(emulator, clock, database_url) -> Iterator[Deployment]:
    with serve_recording(emulator, clock, database_url) as deployment:
        yield deployment


@pytest.fixture
def refusing(emulator, clock, database_url) -> Iterator[Deployment]:
    with serve_recording(emulator, clock, database_url, CHANGES="refuse") as deployment:
        yield deployment


@pytest.fixture
def asking(emulator, clock, database_url) -> Iterator[Deployment]:
    with serve_recording(emulator, clock, database_url, CHANGES="ask") as deployment:
        yield deployment


def requests(deployment: Deployment, method: str) -> list[str]:
    """Paths of the service's requests to the marketplace by this method."""
    return [
        request["path"].partition("?")[0]
        for request in deployment.emulator.requests()
        if request["method"] == method and request["path"].startswith("/api/saas/")
    ]


def outcome(deployment: Deployment, operation_id: str) -> tuple[int, str]:
    (row,) = deployment.rows(tables.Webhook, operation_id=operation_id)
    return row.http_status, row.decision


def change(deployment: Deployment, subscription_id: str, **members) -> dict:
    return act(deployment, "change", subscription_id, **(members or {"plan_id": "company"}))


# --- Every action


@pytest.mark.sample(1)
@pytest.mark.parametrize("target", CHANGES, ids=["plan", "quantity"])
def test_a_change_is_accepted_and_believed_once_the_subscription_has_it(deployment, target):
    id = subscribe(deployment, quantity=10)
    delivery = change(deployment, id, **target)
    assert statuses(delivery) == [200]
    assert outcome(deployment, delivery["operation"]) == (200, "accepted")
    row = deployment.row(id)
    assert (row.plan_id, row.quantity) == ("team", 10), "it is applied before the marketplace has it"
    settle(deployment)
    row, expected = deployment.row(id), {"plan_id": "team", "quantity": 10, **target}
    assert {"plan_id": row.plan_id, "quantity": row.quantity} == expected
    assert deployment.marketplace.read_operation(id, delivery["operation"])["status"] == "Succeeded"
    word = "plan" if "plan_id" in target else "quantity"
    assert deployment.history(id)[-2:] == [f"{word} change accepted", f"{word} changed"]
    event = deployment.service.handlers.events[-1]
    assert event.type == f"subscription.{word}_changed"
    assert event.data.items() >= target.items()
    assert event.subscription.plan_id == row.plan_id
    (stored,) = deployment.rows(tables.Webhook)
    assert stored.processed_at is not None


@pytest.mark.sample(1)
def test_a_suspension_restricts_and_a_reinstatement_restores(deployment):
    id = subscribe(deployment, quantity=10)
    assert statuses(act(deployment, "suspend", id)) == [200]
    settle(deployment)
    assert (deployment.row(id).access, deployment.row(id).status) == (Access.RESTRICTED, "Suspended")
    assert deployment.row(id).suspended_at
    delivery = act(deployment, "reinstate", id)
    assert statuses(delivery) == [200]
    settle(deployment)
    assert (deployment.row(id).access, deployment.row(id).status) == (Access.ACTIVE, "Subscribed")
    assert deployment.row(id).suspended_at is None
    assert f"/api/saas/subscriptions/{id}/operations/{delivery['operation']}" in requests(deployment, "PATCH")
    assert deployment.service.handlers.types()[-2:] == ["suspended", "reinstated"]


@pytest.mark.soak
@pytest.mark.sample(1)
def test_a_renewal_moves_the_term(deployment):
    id = subscribe(deployment, "basic")
    start = deployment.row(id).term_start
    assert statuses(act(deployment, "renew", id)) == [200]
    settle(deployment)
    assert deployment.row(id).term_start > start
    assert deployment.service.handlers.types()[-1] == "renewed"


@pytest.mark.sample(1)
def test_a_cancellation_ends_access_and_keeps_the_data_for_a_while(deployment):
    id = subscribe(deployment, "basic")
    assert statuses(act(deployment, "cancel", id)) == [200]
    settle(deployment)
    row = deployment.row(id)
    assert (row.access, row.status) == (Access.REMOVED, "Unsubscribed")
    assert (row.purge_at - row.unsubscribed_at).days == deployment.service.settings.retention_days
    assert deployment.service.handlers.types()[-1] == "unsubscribed"


@pytest.mark.sample(1)
def test_a_plan_that_activates_by_itself_is_provisioned(deployment):
    purchase = deployment.marketplace.buy("instant")
    assert statuses(last_delivery(deployment)) == [200]
    settle(deployment)
    id = purchase["subscription"]["id"]
    assert deployment.row(id).access == Access.ACTIVE
    assert deployment.service.handlers.types() == ["activated"]
    assert deployment.history(id) == ["added", "provisioning began", "activated"]


@pytest.mark.sample(1)
def test_an_unknown_action_is_kept_and_reported(deployment):
    id = subscribe(deployment, "basic")
    payload = {"id": UNKNOWN, "subscriptionId": id, "action": "Donate\u0000", "quantity": "several"}
    assert post(deployment, payload).status_code == 200
    settle(deployment)
    (row,) = deployment.rows(tables.Webhook)
    assert (row.action, row.decision) == ("Donate?", "unknown")
    assert row.payload["quantity"] == "several"
    event = deployment.service.handlers.events[-1]
    assert (event.type, event.data["action"]) == ("subscription.unknown_action", "Donate?")


# --- Again, late, out of order, little


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", ["suspend", "cancel", "renew"])
def test_a_repeated_notification_has_no_second_effect(deployment, name):
    id = subscribe(deployment, "basic")
    delivery = act(deployment, name, id)
    settle(deployment)
    history, events = deployment.history(id), deployment.service.handlers.types()
    for _ in range(3):
        deployment.marketplace.control(f"deliveries/{delivery['id']}")
        assert statuses(last_delivery(deployment))[-1] == 200
        settle(deployment)
    assert deployment.history(id) == history
    assert deployment.service.handlers.types() == events
    (row,) = deployment.rows(tables.Webhook)
    assert row.deliveries == 4


def test_deliveries_of_one_notification_at_the_same_time_are_one(deployment):
    """All four have passed the look into the inbox before the first writes its row."""
    id = subscribe(deployment, quantity=10)
    delivery = change(deployment, id)
    with deployment.service.database.transaction() as session:
        session.delete(session.get(tables.Webhook, delivery["operation"]))
        for table in (tables.Job, tables.HistoryEntry):
            session.execute(delete(table))
    barrier, answers, client = threading.Barrier(4), [], deployment.service.client
    read = client.get_operation

    def meet(*arguments, **options):
        operation = read(*arguments, **options)
        barrier.wait(HANG_SECONDS)
        return operation

    client.get_operation = meet
    threads = [
        threading.Thread(target=lambda: answers.append(post(deployment, delivery["payload"]).status_code))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG_SECONDS)
    del client.get_operation
    assert answers == [200] * 4
    (row,) = deployment.rows(tables.Webhook)
    assert row.deliveries == 4
    assert len(deployment.rows(tables.Job, kind="acknowledge")) == 1
    assert deployment.history(id).count("plan change accepted") == 1


@pytest.mark.sample(1)
def test_notifications_that_overtake_each_other_end_at_the_truth(deployment):
    """The service is away while three things happen; they arrive in the wrong order, twice."""
    id = subscribe(deployment, "basic")
    deployment.marketplace.control("webhooks", {"token": "none", "times": 3})
    payloads = [act(deployment, name, id)["payload"] for name in ("renew", "suspend", "cancel")]
    for payload in [*reversed(payloads), *payloads]:
        assert post(deployment, payload).status_code == 200
    settle(deployment)
    row = deployment.row(id)
    assert (row.status, row.access) == ("Unsubscribed", Access.REMOVED)
    assert deployment.service.handlers.types().count("unsubscribed") == 1
    assert "suspended" not in deployment.service.handlers.types(), "it was over before it was read"


@ON_SQLITE
@pytest.mark.parametrize("form", ["minimal", "obsolete"])
def test_a_change_is_read_back_whatever_little_its_notification_says(deployment, form):
    deployment.marketplace.control("webhooks", {"payload": form})
    id = subscribe(deployment, quantity=10)
    delivery = change(deployment, id)
    assert statuses(delivery) == [200]
    settle(deployment)
    assert deployment.row(id).plan_id == "company"
    assert deployment.marketplace.read_operation(id, delivery["operation"])["status"] == "Succeeded"


@ON_SQLITE
@pytest.mark.soak
@pytest.mark.parametrize("form", ["minimal", "obsolete"])
@pytest.mark.parametrize("behaviour", ["documented", "live", "microsoft"])
def test_every_action_works_with_little_in_every_behaviour(deployment, form, behaviour):
    deployment.marketplace.behave(behaviour=behaviour, odd_members=True)
    deployment.marketplace.control("webhooks", {"payload": form})
    id = subscribe(deployment, "basic")
    for name in ("renew", "suspend", "reinstate", "suspend", "cancel"):
        assert statuses(act(deployment, name, id)) == [200]
        settle(deployment)
        deployment.advance(hours=1)
    types = deployment.service.handlers.types()
    assert types[-5:] == ["renewed", "suspended", "reinstated", "suspended", "unsubscribed"]


@pytest.mark.soak
@pytest.mark.sample(1)
def test_a_subscription_that_the_service_has_never_read_is_added(deployment):
    id = deployment.marketplace.subscribe("basic")
    assert statuses(act(deployment, "suspend", id)) == [200]
    settle(deployment)
    assert deployment.row(id).status == "Suspended"


@ON_SQLITE
def test_a_change_of_a_subscription_that_the_service_does_not_have_is_refused_and_repaired(deployment):
    id = deployment.marketplace.subscribe("team", quantity=5)
    deployment.marketplace.control("change", {"subscription": id, "quantity": 6})
    refused, revert = deployment.marketplace.control("deliveries", method="GET")
    assert (statuses(refused), statuses(revert)) == ([400], [200])
    settle(deployment)
    assert deployment.row(id).quantity == 5


@ON_SQLITE
def test_a_notice_about_what_the_marketplace_does_not_know_ends_quietly(deployment):
    assert (
        post(deployment, {"id": UNKNOWN, "subscriptionId": UNKNOWN, "action": "Suspend"}).status_code == 200
    )
    settle(deployment)
    assert deployment.row(UNKNOWN) is None
    assert not deployment.rows(tables.Job, state="dead")
    assert not deployment.rows(tables.Job, state="waiting")


# --- Decisions


@pytest.mark.sample(1)
@pytest.mark.parametrize("target", CHANGES, ids=["plan", "quantity"])
def test_a_publisher_who_refuses_changes_keeps_the_old_and_accepts_the_revert(refusing, target):
    id = subscribe(refusing, quantity=10)
    refusing.marketplace.control("change", {"subscription": id, **target})
    refused, revert = refusing.marketplace.control("deliveries", method="GET")[-2:]
    assert statuses(refused) == [400]
    assert outcome(refusing, refused["operation"]) == (400, "refused")
    assert statuses(revert) == [200]
    assert outcome(refusing, revert["operation"]) == (200, "reverted")
    settle(refusing)
    row = refusing.row(id)
    assert (row.plan_id, row.quantity) == ("team", 10)
    assert refusing.marketplace.read(id)["planId"] == "team"
    word = "plan" if "plan_id" in target else "quantity"
    assert refusing.history(id)[-1] == f"{word} change refused"


@ON_SQLITE
def test_a_refused_change_that_is_delivered_again_is_refused_again(refusing):
    id = subscribe(refusing, quantity=10)
    refusing.marketplace.control("change", {"subscription": id, "quantity": 11})
    refused = refusing.marketplace.control("deliveries", method="GET")[-2]
    refusing.marketplace.control(f"deliveries/{refused['id']}")
    again = refusing.marketplace.control("deliveries", method="GET")[-2]
    assert statuses(again) == [400, 400]
    assert again["attempts"][0]["reason"] == again["attempts"][1]["reason"]


@ON_SQLITE
def test_a_revert_that_waits_for_an_answer_is_accepted(refusing):
    """The old plan as the target of a pending operation, as the marketplace may send it after a refusal."""
    id = subscribe(refusing, quantity=10)
    refusing.marketplace.control("webhooks", {"token": "none"})
    refusing.marketplace.control("offers", {**_seats(refusing), "webhook_url": ""})
    operation = refusing.marketplace.control("change", {"subscription": id, "plan_id": "company"})
    get = refusing.service.client.get_operation
    refusing.service.client.get_operation = lambda *arguments, **options: get(
        *arguments, **options
    ).model_copy(update={"plan_id": "team"})
    payload = {"id": operation["id"], "subscriptionId": id, "action": "ChangePlan", "planId": "team"}
    assert post(refusing, payload).status_code == 200
    assert outcome(refusing, operation["id"]) == (200, "reverted")


def _seats(deployment: Deployment) -> dict:
    (offer,) = [
        offer
        for offer in deployment.marketplace.control("offers", method="GET")
        if offer["offer_id"] == "contoso-seats"
    ]
    return offer


@ON_SQLITE
def test_a_handler_decides_with_what_is_asked_for_before_it(asking):
    id = subscribe(asking, quantity=10)
    assert statuses(change(asking, id)) == [200]
    settle(asking)
    assert asking.row(id).plan_id == "company"
    (question,) = asking.service.handlers.questions
    assert question.type == "subscription.change_requested"
    assert question.data == {"action": "ChangePlan", "plan_id": "company", "former_plan_id": "team"}
    assert question.subscription.plan_id == "team"


@ON_SQLITE
@pytest.mark.parametrize(
    "refusal", [Decision(accepted=False, reason="no room"), Refused("no room")], ids=["decision", "exception"]
)
def test_a_handler_refuses_with_its_reason(asking, refusal):
    id = subscribe(asking, quantity=10)
    handlers = asking.service.handlers
    if isinstance(refusal, Decision):
        handlers.decision = refusal
    else:
        handlers.error = refusal
    asking.marketplace.control("change", {"subscription": id, "quantity": 20})
    refused = asking.marketplace.control("deliveries", method="GET")[-2]
    assert statuses(refused) == [400]
    assert refused["attempts"][0]["reason"] == "no room"
    settle(asking)
    assert asking.row(id).quantity == 10
    (row,) = asking.rows(tables.Webhook, decision="refused")
    assert row.reason == "no room"
    assert len(handlers.questions) == 1, "the revert is no question"


@ON_SQLITE
def test_a_handler_that_fails_is_asked_again_later(asking):
    id = subscribe(asking, quantity=10)
    asking.service.handlers.error = RuntimeError("out of order")
    delivery = change(asking, id)
    assert statuses(delivery) == [503]
    assert not asking.rows(tables.Webhook)
    asking.service.handlers.error = None
    asking.advance(seconds=30)
    assert statuses(last_delivery(asking)) == [503, 200]
    settle(asking)
    assert asking.row(id).plan_id == "company"


@ON_SQLITE
def test_a_handler_that_takes_too_long_is_asked_again_later(asking):
    id = subscribe(asking, quantity=10)
    release = threading.Event()
    asking.service.handlers.decide = lambda _: release.wait(HANG_SECONDS)
    with mock.patch.object(webhook, "DECISION_SECONDS", 0.05):
        assert statuses(change(asking, id)) == [503]
    release.set()


# --- The look back


@pytest.mark.sample(1)
@ON_SQLITE
@pytest.mark.parametrize("behaviour", ["documented", "live"])
def test_a_forged_operation_is_refused_and_leaves_no_trace(deployment, behaviour):
    """404 as documented, 400 as the live service answers."""
    deployment.marketplace.behave(behaviour=behaviour)
    id = subscribe(deployment, quantity=10)
    history = deployment.history(id)
    payload = {"id": UNKNOWN, "subscriptionId": id, "action": "ChangeQuantity", "quantity": 50}
    assert post(deployment, payload).status_code == 400
    settle(deployment)
    assert not deployment.rows(tables.Webhook)
    assert (deployment.row(id).quantity, deployment.history(id)) == (10, history)


@ON_SQLITE
def test_an_operation_is_believed_not_the_notification_of_it(deployment):
    """A genuine id with another subscription, another action, or another plan."""
    id, other = subscribe(deployment, quantity=10), subscribe(deployment, quantity=5)
    deployment.marketplace.control("webhooks", {"token": "none"})
    deployment.marketplace.control("offers", {**_seats(deployment), "webhook_url": ""})
    operation = deployment.marketplace.control("change", {"subscription": id, "plan_id": "company"})
    genuine = {"id": operation["id"], "subscriptionId": id, "action": "ChangePlan"}
    assert post(deployment, {**genuine, "subscriptionId": other}).status_code == 400
    assert post(deployment, {**genuine, "action": "ChangeQuantity"}).status_code == 400
    assert not deployment.rows(tables.Webhook)
    assert post(deployment, {**genuine, "planId": "basic", "quantity": 999}).status_code == 200
    settle(deployment)
    assert (deployment.row(id).plan_id, deployment.row(id).quantity) == ("company", 10)


@pytest.mark.sample(1)
@ON_SQLITE
@pytest.mark.parametrize("status", [500, 503, 429, 401, 403])
def test_a_marketplace_in_trouble_refuses_no_change(deployment, status):
    """The deadline is too short for a second attempt, so that nothing waits."""
    id = subscribe(deployment, quantity=10)
    deployment.emulator.fault(f"GET .*/{id}/operations/", status=status, times=99)
    with mock.patch.object(webhook, "LOOK_BACK_SECONDS", 0.2):
        assert statuses(change(deployment, id)) == [503]
    assert not deployment.rows(tables.Webhook)
    deployment.emulator.unfault()
    deployment.advance(seconds=30)
    assert statuses(last_delivery(deployment)) == [503, 200]
    settle(deployment)
    assert deployment.row(id).plan_id == "company"


@ON_SQLITE
def test_a_marketplace_that_does_not_answer_holds_up_no_answer(deployment):
    id = subscribe(deployment, quantity=10)
    release = threading.Event()
    deployment.service.client.get_operation = lambda *_, **__: release.wait(HANG_SECONDS)
    with mock.patch.object(webhook, "LOOK_BACK_SECONDS", 0.05):
        assert statuses(change(deployment, id)) == [503]
    release.set()


# --- The answer and what follows


@ON_SQLITE
def test_an_operation_is_acknowledged_by_a_job_after_the_answer(deployment):
    id = subscribe(deployment, quantity=10)
    delivery = change(deployment, id)
    assert requests(deployment, "PATCH") == []
    (job,) = deployment.rows(tables.Job, kind="acknowledge")
    assert (job.state, job.attempts) == ("waiting", 0)
    settle(deployment)
    assert requests(deployment, "PATCH") == [
        f"/api/saas/subscriptions/{id}/operations/{delivery['operation']}"
    ]


@pytest.mark.soak
@pytest.mark.sample(1)
@ON_SQLITE
@pytest.mark.parametrize("status", [400, 404, 409])
def test_an_operation_that_takes_no_answer_is_followed_all_the_same(deployment, status):
    id = subscribe(deployment, quantity=10)
    deployment.emulator.fault("PATCH .*/operations/", status=status, times=1)
    change(deployment, id)
    settle(deployment)
    deployment.advance(seconds=15)  # silence accepts
    settle(deployment)
    assert deployment.row(id).plan_id == "company"
    assert not deployment.rows(tables.Job, state="dead")


@ON_SQLITE
def test_a_change_that_fails_in_the_end_stands_in_the_history(deployment):
    id = subscribe(deployment, quantity=10)
    change(deployment, id)
    act(deployment, "suspend", id)  # revokes the change
    settle(deployment)
    deployment.advance(minutes=5)
    settle(deployment)
    assert deployment.row(id).plan_id == "team"
    assert "plan change failed" in deployment.history(id)


@ON_SQLITE
def test_an_operation_is_followed_until_it_has_ended(deployment):
    """The marketplace takes minutes over it, while a suspension comes and goes."""
    id, client = subscribe(deployment, quantity=10), deployment.service.client
    read, reads = client.get_operation, []

    def read_in_progress(*arguments, **options):
        reads.append(arguments)
        return read(*arguments, **options).model_copy(update={"status": "InProgress"})

    client.get_operation = read_in_progress
    change(deployment, id)
    for _ in range(4):
        settle(deployment)
        deployment.advance(minutes=2)
    assert 5 <= len(reads) <= 15
    act(deployment, "suspend", id)
    settle(deployment)
    assert deployment.row(id).access == Access.RESTRICTED, "it waits for the change"
    del client.get_operation
    deployment.advance(minutes=6)
    settle(deployment)
    assert deployment.row(id).plan_id == "company"
    assert not deployment.rows(tables.Job, kind="follow", state="waiting")


@pytest.mark.sample(1)
@ON_SQLITE
@pytest.mark.parametrize("name", ["suspend", "renew", "cancel", "change"])
def test_what_the_marketplace_shows_late_is_read_again(deployment, name):
    id = subscribe(deployment, quantity=10)
    start = deployment.row(id).term_start
    deployment.marketplace.behave(behaviour="documented", delay_seconds=120)
    members = {"plan_id": "company"} if name == "change" else {}
    assert statuses(act(deployment, name, id, **members)) == [200]
    settle(deployment)
    row = deployment.row(id)
    assert (row.access, row.plan_id, row.term_start) == (Access.ACTIVE, "team", start)
    for _ in range(4):
        deployment.advance(minutes=2)
        settle(deployment)
    row = deployment.row(id)
    expected = {
        "suspend": row.access == Access.RESTRICTED,
        "renew": row.term_start > start,
        "cancel": row.access == Access.REMOVED,
        "change": row.plan_id == "company",
    }
    assert expected[name]
    assert {job.state for job in deployment.rows(tables.Job, subscription_id=id)} == {"done"}


@ON_SQLITE
def test_an_operation_that_shows_late_is_looked_up_once_more(deployment):
    """The marketplace's notification can be there before its operation is."""
    id, client = subscribe(deployment, quantity=10), deployment.service.client
    read, misses = client.get_operation, [NotFound("look-up", status=404)]

    def read_late(*arguments, **options):
        if misses:
            raise misses.pop()
        return read(*arguments, **options)

    client.get_operation = read_late
    assert statuses(change(deployment, id)) == [200]
    assert misses == []


@ON_SQLITE
def test_a_worker_that_died_after_the_acknowledgement_leaves_the_rest_to_another(deployment):
    """Its lease ends, then another one acknowledges again (409), and the history has everything once."""
    id = subscribe(deployment, quantity=10)
    change(deployment, id)
    deployment.advance(seconds=2)
    with deployment.service.database.transaction() as session:
        (job,) = jobs.claim(
            session, "dies", now=deployment.now(), lease=timedelta(minutes=2), kinds=["acknowledge"]
        )
    deployment.service.client.update_operation(id, job.payload["operation_id"], "Success")
    settle(deployment)
    assert deployment.row(id).plan_id == "team", "nobody else has the job yet"
    deployment.advance(minutes=3)
    settle(deployment)
    assert deployment.row(id).plan_id == "company"
    assert deployment.history(id).count("plan changed") == 1
    assert deployment.service.handlers.types().count("plan_changed") == 1
    assert changes.KINDS[0].lease >= timedelta(minutes=2)


@ON_SQLITE
def test_every_refusal_and_every_answer_is_counted(deployment):
    id = subscribe(deployment, "basic")
    act(deployment, "suspend", id)
    post(deployment, {"subscriptionId": id, "action": "Renew"}, token=issue(deployment, "expired"))
    post(deployment, b"{")
    metrics = deployment.service.metrics.registry
    value = metrics.get_sample_value
    assert value("partnercenter_saas_webhooks_total", {"action": "Suspend", "decision": "noted"}) == 1
    assert value("partnercenter_saas_webhook_refusals_total", {"reason": "token_expired"}) == 1
    assert value("partnercenter_saas_webhook_refusals_total", {"reason": "malformed"}) == 1
