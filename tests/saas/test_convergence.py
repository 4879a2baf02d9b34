"""A row follows the marketplace, whoever reads it and however many do so at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from provider.tools.hangs import HANG_SECONDS
from tests.saas.deployment import ON_SQLITE, Deployment
from tests.saas.notifications import act, serve_recording, settle, subscribe

from pulumi_partnercenter.saas import tables
from pulumi_partnercenter.saas.convergence import converge
from pulumi_partnercenter.saas.reconciliation import reconcile
from pulumi_partnercenter.saas.tables import Access

TOGETHER = 4


@pytest.fixture
def deployment(emulator, clock, database_url) -> Iterator[Deployment]:
    with serve_recording(emulator, clock, database_url) as deployment:
        yield deployment


def converge_together(deployment: Deployment, id: str) -> None:
    """Let threads converge that all have their answer before the first of them writes."""
    barrier, client, waited, rows = threading.Barrier(TOGETHER), deployment.service.client, set(), []
    get = client.get_subscription

    def meet(subscription_id: str):
        answer, thread = get(subscription_id), threading.get_ident()
        if thread not in waited:
            waited.add(thread)
            barrier.wait(HANG_SECONDS)
        return answer

    client.get_subscription = meet
    work = [
        threading.Thread(target=lambda: rows.append(converge(deployment.service, id)))
        for _ in range(TOGETHER)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join(HANG_SECONDS)
    del client.get_subscription
    assert len(rows) == TOGETHER


def test_what_several_read_at_once_is_added_once(deployment):
    id = deployment.marketplace.subscribe("basic")
    deployment.marketplace.control("webhooks", {"token": "none"})
    act(deployment, "suspend", id)
    converge_together(deployment, id)
    deployment.run_jobs()
    assert deployment.history(id) == ["added", "suspended"]
    assert deployment.service.handlers.types() == ["suspended"]


@pytest.mark.sample(1)
def test_what_several_read_at_once_changes_once(deployment):
    id = subscribe(deployment, quantity=10)
    deployment.marketplace.control("webhooks", {"token": "none"})
    act(deployment, "cancel", id)
    converge_together(deployment, id)
    deployment.run_jobs()
    assert deployment.history(id).count("unsubscribed") == 1
    assert deployment.service.handlers.types().count("unsubscribed") == 1


@ON_SQLITE
def test_an_answer_that_was_asked_for_earlier_does_not_replace_a_later_one(deployment):
    """It was on its way while the subscription was suspended and read by somebody else."""
    id, client = subscribe(deployment, "basic"), deployment.service.client
    get, is_first = client.get_subscription, [True]

    def read_slowly(subscription_id: str):
        answer = get(subscription_id)
        if is_first.pop() if is_first else False:
            act(deployment, "suspend", id)
            converge(deployment.service, id)
        return answer

    client.get_subscription = read_slowly
    assert converge(deployment.service, id).status == "Suspended"
    settle(deployment)
    assert deployment.history(id)[-1] == "suspended"
    assert deployment.service.handlers.types().count("suspended") == 1
    assert "reinstated" not in deployment.history(id)


@ON_SQLITE
def test_a_clock_that_was_ahead_holds_up_no_change_once_it_is_right(deployment):
    id = subscribe(deployment, "basic")
    deployment.clock.offset_seconds += 86_400
    converge(deployment.service, id)
    deployment.clock.offset_seconds -= 86_400
    act(deployment, "suspend", id)
    assert converge(deployment.service, id).status == "Suspended"


@ON_SQLITE
def test_access_begins_with_the_provisioning_not_with_the_status(deployment):
    id = deployment.marketplace.buy("basic")["subscription"]["id"]
    assert converge(deployment.service, id).access == Access.NONE
    assert converge(deployment.service, id, is_provisioned=True).access == Access.NONE, "it is not active yet"
    deployment.marketplace.call("POST", f"/{id}/activate", json={"planId": "basic"})
    with deployment.service.database.transaction() as session:
        session.get(tables.Subscription, id).access = Access.PROVISIONING
    assert converge(deployment.service, id).access == Access.PROVISIONING
    row = converge(deployment.service, id, is_provisioned=True)
    assert (row.access, row.status) == (Access.ACTIVE, "Subscribed")
    assert row.activated_at is not None
    for _ in range(2):
        converge(deployment.service, id, is_provisioned=True)
    assert deployment.history(id) == ["added", "activated"]


@ON_SQLITE
@pytest.mark.sample(2)
@pytest.mark.parametrize("access", [Access.NONE, Access.PROVISIONING, Access.FAILED, Access.RESTRICTED])
def test_a_suspension_ends_with_the_reinstatement_however_far_the_provisioning_is(deployment, access):
    """Usage is charged again only then."""
    id = deployment.marketplace.subscribe("basic")
    deployment.read(id, access=access, suspended_at=deployment.now())
    converge(deployment.service, id)
    assert deployment.row(id).suspended_at is None
    assert deployment.history(id).count("reinstated") == 1
    settle(deployment)
    assert deployment.service.handlers.types().count("reinstated") == 1


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "\ud800", "\U0001f600" * 200])
def test_a_text_that_no_column_takes_holds_up_no_subscription(deployment, name):
    odd, other = [deployment.marketplace.subscribe("basic") for _ in range(2)]
    client = deployment.service.client
    get = client.get_subscription
    client.get_subscription = lambda key: get(key).model_copy(update={"name": name} if key == odd else {})
    client.list_subscriptions = lambda: iter([client.get_subscription(odd), client.get_subscription(other)])
    for _ in range(2):
        reconcile(deployment.service)
        converge(deployment.service, odd)
    assert [deployment.row(id).status for id in (odd, other)] == ["Subscribed", "Subscribed"]
    assert deployment.history(odd).count("added") == 1
    assert 1 <= len(deployment.row(odd).name) <= 255


@ON_SQLITE
def test_a_subscription_that_is_unknown_to_the_marketplace_has_no_row(deployment):
    assert converge(deployment.service, "00000000-0000-4000-8000-000000000000") is None
    assert deployment.rows(tables.Subscription) == []
