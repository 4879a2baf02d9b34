"""Whatever happens in whatever order, lost, repeated and interrupted: both sides end equal, and events tell the way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from provider.tools.hangs import HANG_SECONDS
from tests.saas.deployment import Deployment
from tests.saas.notifications import post, serve_recording, settle, subscribe

from pulumi_partnercenter.saas import Event, jobs, tables
from pulumi_partnercenter.saas.changes import request_change
from pulumi_partnercenter.saas.reconciliation import reconcile
from pulumi_partnercenter.saas.tables import Access

STEPS = 12
ACCESS = {
    "subscription.activated": Access.ACTIVE,
    "subscription.suspended": Access.RESTRICTED,
    "subscription.reinstated": Access.ACTIVE,
    "subscription.unsubscribed": Access.REMOVED,
}
FAULTS = (
    {"match": "GET .*/api/saas/", "status": 503, "times": 2},
    {"match": "GET .*/api/saas/", "drop": "before", "times": 1},
    {"match": "PATCH .*/operations/", "drop": "after", "times": 1},
    {"match": "PATCH .*/operations/", "status": 500, "times": 1},
    {"match": "(PATCH|DELETE) .*/api/saas/", "drop": "after", "times": 1},
)


@pytest.fixture
def deployment(emulator, clock, database_url) -> Iterator[Deployment]:
    with serve_recording(emulator, clock, database_url) as deployment:
        deployment.service.client._api.wire.pause = lambda _: None
        yield deployment


@pytest.mark.sample(2)
@pytest.mark.parametrize("seed", range(60))
def test_both_sides_end_equal(deployment, seed):
    chance = random.Random(seed)
    id = subscribe(deployment, quantity=10)
    for _ in range(STEPS):
        _act(deployment, id, chance)
        _disturb(deployment, chance)
    deployment.emulator.unfault()
    deliveries = deployment.marketplace.control("deliveries", method="GET")
    for delivery in chance.sample(deliveries, len(deliveries)):
        post(deployment, delivery["payload"])
    for _ in range(3):
        deployment.advance(minutes=40)
        settle(deployment)
        reconcile(deployment.service)
    settle(deployment)
    _compare(deployment, id)


def _act(deployment: Deployment, id: str, chance: random.Random) -> None:
    """Let somebody do something; what the state of the subscription does not allow is refused."""
    plan, quantity = chance.choice(["team", "company"]), chance.randint(10, 50)
    names = ["change", "change", "suspend", "reinstate", "renew", "publisher", "publisher"]
    name = chance.choice([*names, "cancel"] if chance.random() < 0.2 else names)
    if name == "publisher":
        target = chance.choice([{"plan_id": plan}, {"quantity": quantity}])
        request_change(deployment.service, id, "publisher somebody", **target)
        return
    members = chance.choice([{"plan_id": plan}, {"quantity": quantity}]) if name == "change" else {}
    deployment.emulator.client.post(f"/_emulator/saas/{name}", json={"subscription": id, **members})


def _disturb(deployment: Deployment, chance: random.Random) -> None:
    """Lose or repeat notifications, run some jobs, kill a worker, break the connection to the marketplace."""
    settings = {"token": chance.choice(["valid", "valid", "none"]), "times": 1}
    deployment.marketplace.control("webhooks", settings)
    if chance.random() < 0.4:
        fault = {**chance.choice(FAULTS)}
        deployment.emulator.fault(fault.pop("match"), **fault)
    deliveries = deployment.emulator.client.get("/_emulator/saas/deliveries").json()
    if deliveries and chance.random() < 0.3:
        again = chance.choice(deliveries)
        deployment.emulator.client.post(f"/_emulator/saas/deliveries/{again['id']}")
    if chance.random() < 0.3:
        with deployment.service.database.transaction() as session:
            jobs.claim(session, "dies", now=deployment.now(), lease=timedelta(minutes=2))
    if chance.random() < 0.6:
        deployment.advance(seconds=chance.choice([2, 20, 200]))
        deployment.run_jobs()


def _compare(deployment: Deployment, id: str) -> None:
    row, truth = deployment.row(id), deployment.service.client.get_subscription(id)
    assert (row.status, row.plan_id, row.quantity) == (truth.status, truth.plan_id, truth.quantity)
    assert row.term_start == truth.term.start
    state = _replay(deployment.service.handlers.events)
    assert state == {"access": row.access, "plan_id": row.plan_id, "quantity": row.quantity}
    assert not deployment.rows(tables.Job, state="waiting")
    assert not deployment.rows(tables.Job, state="leased")
    assert httpx.get(f"{deployment.url}/healthz", trust_env=False, timeout=HANG_SECONDS).is_success


def _replay(events: list[Event]) -> dict[str, object]:
    """Return what a handler that only hears the events has; each begins where the one before it ended."""
    state: dict[str, object] = {"access": Access.NONE, "plan_id": "team", "quantity": 10}
    assert len({event.id for event in events}) == len(events)
    for event in events:
        for name in ("plan_id", "quantity"):
            if f"former_{name}" in event.data:
                assert event.data[f"former_{name}"] == state[name]
                state[name] = event.data[name]
        if event.type in ACCESS:
            assert state["access"] != ACCESS[event.type], "it happens twice"
            state["access"] = ACCESS[event.type]
    return state
