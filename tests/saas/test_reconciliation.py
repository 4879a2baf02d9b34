"""Reconciliation: whatever was missed is found, once, in memory that does not grow with the list."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, insert, select
from tests.saas.deployment import ON_SQLITE, Deployment
from tests.saas.notifications import serve_recording, settle, subscribe

from pulumi_partnercenter.errors import NotFound
from pulumi_partnercenter.fulfillment import Subscription
from pulumi_partnercenter.saas import reconciliation, tables
from pulumi_partnercenter.saas.convergence import converge
from pulumi_partnercenter.saas.reconciliation import reconcile
from pulumi_partnercenter.saas.tables import Access


@pytest.fixture
def deployment(emulator, clock, database_url) -> Iterator[Deployment]:
    """A service that no notification reaches."""
    with serve_recording(emulator, clock, database_url) as deployment:
        for offer in deployment.marketplace.control("offers", method="GET"):
            deployment.marketplace.control("offers", {**offer, "webhook_url": ""})
        yield deployment


def repairs(deployment: Deployment) -> dict[str, float]:
    """Repairs by their kind."""
    samples = [
        sample
        for metric in deployment.service.metrics.repairs.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    ]
    return {sample.labels["kind"]: sample.value for sample in samples}


def do(deployment: Deployment, name: str, id: str, **members: object) -> None:
    deployment.marketplace.control(name, {"subscription": id, **members})
    deployment.advance(seconds=15)


@pytest.mark.sample(1)
def test_everything_that_was_missed_is_repaired_once(deployment):
    names = ("suspend", "cancel", "renew", "change", "nothing")
    ids = {name: subscribe(deployment, quantity=10) for name in names}
    for name in ("suspend", "cancel", "renew"):
        do(deployment, name, ids[name])
    do(deployment, "change", ids["change"], plan_id="company")
    do(deployment, "change", ids["change"], quantity=12)
    before = deployment.service.handlers.types()
    for _ in range(2):
        reconcile(deployment.service)
        settle(deployment)
    types = deployment.service.handlers.types()[len(before) :]
    assert sorted(types) == ["plan_changed", "quantity_changed", "renewed", "suspended", "unsubscribed"]
    rows = {name: deployment.row(id) for name, id in ids.items()}
    assert rows["suspend"].access == Access.RESTRICTED
    assert rows["cancel"].access == Access.REMOVED
    assert (rows["change"].plan_id, rows["change"].quantity) == ("company", 12)
    assert deployment.history(ids["nothing"]) == ["added", "activated"]
    assert {entry.actor for entry in deployment.rows(tables.HistoryEntry, action="suspended")} == {"service"}
    expected = {"plan_changed": 1, "quantity_changed": 1, "renewed": 1, "suspended": 1, "unsubscribed": 1}
    assert repairs(deployment) == expected


@pytest.mark.sample(1)
def test_subscriptions_that_the_service_does_not_have_are_added(deployment):
    pending = deployment.marketplace.buy("basic")["subscription"]["id"]
    active = deployment.marketplace.subscribe("basic")
    suspended = deployment.marketplace.subscribe("basic")
    cancelled = deployment.marketplace.subscribe("basic")
    do(deployment, "suspend", suspended)
    do(deployment, "cancel", cancelled)
    reconcile(deployment.service)
    access = {id: deployment.row(id).access for id in (pending, active, suspended, cancelled)}
    assert access == {
        pending: Access.NONE,
        active: Access.PROVISIONING,
        suspended: Access.RESTRICTED,
        cancelled: Access.REMOVED,
    }
    assert [job.subscription_id for job in deployment.rows(tables.Job, kind="activate")] == [active]
    assert repairs(deployment) == {"added": 4}
    settle(deployment)
    assert "unsubscribed" not in deployment.service.handlers.types(), "nobody has ever served it"


@pytest.mark.soak
@ON_SQLITE
def test_a_whole_table_that_was_lost_comes_back_page_by_page(deployment):
    deployment.marketplace.behave(page_size=2)
    ids = {subscribe(deployment, "basic") for _ in range(5)}
    with deployment.service.database.transaction() as session:
        session.execute(delete(tables.Subscription))
    reconcile(deployment.service)
    assert {row.id for row in deployment.rows(tables.Subscription)} == ids


@ON_SQLITE
def test_what_equals_the_marketplaces_is_not_read_again(deployment):
    ids = [subscribe(deployment, "basic") for _ in range(3)]
    deployment.emulator.clear()
    before = deployment.now()
    reconcile(deployment.service)
    paths = [request["path"].partition("?")[0] for request in deployment.emulator.requests()]
    assert paths == ["/api/saas/subscriptions"]
    assert all(deployment.row(id).read_at >= before for id in ids)


@ON_SQLITE
def test_a_list_that_is_older_than_a_notification_undoes_nothing(deployment):
    """The list says Subscribed; the subscription was suspended and read meanwhile."""
    id, client = subscribe(deployment, "basic"), deployment.service.client
    outdated = [*client.list_subscriptions()]
    do(deployment, "suspend", id)
    reconcile(deployment.service)
    history = deployment.history(id)
    client.list_subscriptions = lambda: iter(outdated)
    reconcile(deployment.service)
    assert deployment.row(id).status == "Suspended"
    assert deployment.history(id) == history


@ON_SQLITE
def test_a_new_subscription_that_a_notification_brought_first_stays_as_it_is(deployment, monkeypatch):
    """It was added after the look at the table and before the row from the list: the older answer is left out."""
    id, client = deployment.marketplace.subscribe("basic"), deployment.service.client
    outdated, add = [*client.list_subscriptions()], reconciliation._add

    def add_late(service, answers, start):
        do(deployment, "suspend", id)
        assert converge(service, id).status == "Suspended"
        add(service, answers, start)

    monkeypatch.setattr(reconciliation, "_add", add_late)
    client.list_subscriptions = lambda: iter(outdated)
    reconcile(deployment.service)
    assert deployment.row(id).status == "Suspended"
    assert repairs(deployment) == {}


@ON_SQLITE
def test_a_subscription_that_the_list_lacks_is_read_by_itself(deployment):
    id, client = subscribe(deployment, "basic"), deployment.service.client
    do(deployment, "suspend", id)
    client.list_subscriptions = lambda: iter([])
    reconcile(deployment.service)
    assert deployment.row(id).status == "Suspended"
    client.get_subscription = lambda _: _raise_not_found()
    deployment.advance(hours=6)
    reconcile(deployment.service)
    assert repairs(deployment)["missing"] == 1
    assert deployment.row(id).status == "Suspended", "what is missing is not deleted"


def _raise_not_found():
    raise NotFound("look-up", status=404)


@ON_SQLITE
def test_members_that_the_list_leaves_out_are_no_difference(deployment):
    id, client = subscribe(deployment, quantity=10), deployment.service.client
    answer = client.get_subscription(id)
    bare = answer.to_json()
    for name in ("created", "beneficiary", "purchaser", "term", "quantity", "allowedCustomerOperations"):
        bare.pop(name, None)
    client.list_subscriptions = lambda: iter([Subscription.from_json(bare, "list")])
    deployment.emulator.clear()
    reconcile(deployment.service)
    assert deployment.emulator.requests() == []
    assert deployment.row(id).quantity == 10


@ON_SQLITE
def test_the_order_of_allowed_operations_is_no_difference(deployment):
    id, client = subscribe(deployment, "basic"), deployment.service.client
    answer = client.get_subscription(id)
    operations = answer.allowed_customer_operations[::-1]
    client.list_subscriptions = lambda: iter(
        [answer.model_copy(update={"allowed_customer_operations": operations})]
    )
    deployment.emulator.clear()
    reconcile(deployment.service)
    assert deployment.emulator.requests() == []


@pytest.mark.parametrize("count", [600, pytest.param(100_000, marks=pytest.mark.soak)])
@ON_SQLITE
def test_memory_does_not_grow_with_the_number_of_subscriptions(deployment, count):
    now, client = deployment.now(), deployment.service.client
    template = subscribe(deployment, "basic")
    answer = client.get_subscription(template)
    row = deployment.row(template)
    columns = {column.name: getattr(row, column.name) for column in tables.Subscription.__table__.columns}
    with deployment.service.database.transaction() as session:
        for start in range(0, count, 200):
            values = [{**columns, "id": f"s-{number:06}"} for number in range(start, start + 200)]
            session.execute(insert(tables.Subscription), values)

    def read_list():
        yield answer
        for number in range(count):
            yield answer.model_copy(update={"id": f"s-{number:06}"})

    client.list_subscriptions = read_list
    deployment.advance(seconds=5)
    tracemalloc.start()
    reconcile(deployment.service)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert repairs(deployment) == {}
    with deployment.service.database.reading() as session:
        read = select(func.count()).where(tables.Subscription.read_at > now + timedelta(seconds=4))
        assert session.scalar(read) == count + 1
    assert peak < 16 << 20
    assert reconciliation.BATCH <= 1000
