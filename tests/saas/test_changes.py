"""Changes that the publisher, or a customer on the publisher's pages, begins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.saas.deployment import ON_SQLITE, Deployment
from tests.saas.notifications import act, serve_recording, settle, subscribe

from pulumi_partnercenter.errors import InputError
from pulumi_partnercenter.saas import jobs, tables
from pulumi_partnercenter.saas.changes import list_plans, request_change
from pulumi_partnercenter.saas.convergence import converge
from pulumi_partnercenter.saas.tables import Access

ACTOR = "publisher 77777777-7777-4777-8777-777777777771"


@pytest.fixture
def deployment(emulator, clock, database_url) -> Iterator[Deployment]:
    with serve_recording(emulator, clock, database_url) as deployment:
        yield deployment


def actors(deployment: Deployment, id: str) -> dict[str, str]:
    return {entry.action: entry.actor for entry in deployment.rows(tables.HistoryEntry, subscription_id=id)}


def sent(deployment: Deployment, id: str) -> list[str]:
    """Methods of the changes of a subscription that the marketplace got."""
    return [
        request["method"]
        for request in deployment.emulator.requests()
        if request["path"].partition("?")[0] == f"/api/saas/subscriptions/{id}" and request["method"] != "GET"
    ]


def let_change_die(deployment: Deployment) -> tuple[str, tables.Job]:
    """Change the quantity from 10 to 11 while the marketplace stays away. Return the subscription and the dead job."""
    id = subscribe(deployment, quantity=10)
    deployment.service.client._api.wire.pause = lambda _: None
    deployment.emulator.fault(f"PATCH .*/{id}", status=503, times=999)
    assert request_change(deployment.service, id, ACTOR, quantity=11)
    for _ in range(8):
        deployment.advance(minutes=2)
        settle(deployment)
    (job,) = deployment.rows(tables.Job, kind="change")
    assert job.state == "dead"
    return id, job


@pytest.mark.sample(1)
@pytest.mark.parametrize("behaviour", ["documented", "live", "microsoft"])
@pytest.mark.parametrize("target", [{"plan_id": "company"}, {"quantity": 12}], ids=["plan", "quantity"])
@ON_SQLITE
def test_a_change_is_sent_by_a_job_and_believed_at_its_end(deployment, target, behaviour):
    deployment.marketplace.behave(behaviour=behaviour)
    id = subscribe(deployment, quantity=10)
    assert request_change(deployment.service, id, ACTOR, **target)
    assert sent(deployment, id) == [], "no request is made in the page's thread"
    settle(deployment)
    row, word = deployment.row(id), "plan" if "plan_id" in target else "quantity"
    assert {"plan_id": row.plan_id, "quantity": row.quantity}.items() >= target.items()
    assert actors(deployment, id)[f"{word} change requested"] == ACTOR
    assert deployment.history(id).count(f"{word} changed") == 1
    assert deployment.service.handlers.types().count(f"{word}_changed") == 1
    assert not deployment.rows(tables.Job, state="dead")


@pytest.mark.sample(1)
def test_a_cancellation_ends_access(deployment):
    id = subscribe(deployment, "basic")
    assert request_change(deployment.service, id, ACTOR, cancel=True)
    settle(deployment)
    assert deployment.row(id).access == Access.REMOVED
    assert actors(deployment, id)["cancellation requested"] == ACTOR
    assert deployment.service.handlers.types().count("unsubscribed") == 1


@ON_SQLITE
def test_the_outcome_of_a_slow_change_is_waited_for_and_no_other_begins_meanwhile(deployment):
    id = subscribe(deployment, quantity=10)
    deployment.marketplace.behave(delay_seconds=300)
    assert request_change(deployment.service, id, ACTOR, quantity=11)
    assert not request_change(deployment.service, id, ACTOR, quantity=12), "a double click"
    settle(deployment)
    assert not request_change(deployment.service, id, ACTOR, quantity=12)
    assert deployment.row(id).quantity == 10
    for _ in range(4):
        deployment.advance(minutes=5)
        settle(deployment)
    assert deployment.row(id).quantity == 11
    assert deployment.history(id).count("quantity change requested") == 1
    assert request_change(deployment.service, id, ACTOR, quantity=12)


@pytest.mark.sample(1)
@ON_SQLITE
@pytest.mark.parametrize(
    ("members", "change", "word"),
    [
        ({"quantity": 10}, {"plan_id": "nowhere"}, "plan change"),
        ({"quantity": 10}, {"plan_id": "team"}, "plan change"),
        ({"quantity": 10}, {"quantity": 51}, "quantity change"),
        ({"quantity": 10, "csp": True}, {"quantity": 11}, "quantity change"),
        ({"quantity": 10, "csp": True}, {"cancel": True}, "cancellation"),
    ],
    ids=["unknown plan", "same plan", "too many", "partner", "partner cancels"],
)
def test_a_change_that_the_marketplace_refuses_stands_in_the_history(deployment, members, change, word):
    quantity, csp = members["quantity"], members.get("csp", False)
    id = deployment.marketplace.buy("team", quantity=quantity, csp=csp)["subscription"]["id"]
    body = {"planId": "team", "quantity": quantity}
    assert deployment.marketplace.call("POST", f"/{id}/activate", json=body).status_code == 200
    converge(deployment.service, id, is_provisioned=True)
    assert request_change(deployment.service, id, ACTOR, **change)
    settle(deployment)
    (entry,) = [
        entry
        for entry in deployment.rows(tables.HistoryEntry, subscription_id=id)
        if entry.action == f"{word} failed"
    ]
    assert entry.actor == ACTOR
    assert entry.details["error"]
    assert (deployment.row(id).plan_id, deployment.row(id).quantity) == ("team", 10)
    assert not deployment.rows(tables.Job, kind="change", state="waiting")


@pytest.mark.sample(3)
@pytest.mark.parametrize("moment", ["before it was sent", "while it is under way", "after its end"])
@ON_SQLITE
def test_a_change_whose_worker_died_is_made_once(deployment, moment):
    """`kill -9` around the request: the next worker looks before it sends."""
    id = subscribe(deployment, quantity=10)
    delay = 300 if moment == "while it is under way" else 0
    deployment.marketplace.behave(behaviour="documented", delay_seconds=delay)
    assert request_change(deployment.service, id, ACTOR, plan_id="company")
    with deployment.service.database.transaction() as session:
        (job,) = jobs.claim(
            session, "dies", now=deployment.now(), lease=timedelta(minutes=2), kinds=["change"]
        )
    if moment != "before it was sent":
        deployment.service.client.change_plan(id, job.payload["plan_id"])
    for _ in range(6):
        deployment.advance(minutes=3)
        settle(deployment)
    assert sent(deployment, id) == ["PATCH"]
    assert deployment.row(id).plan_id == "company"
    assert "plan change failed" not in deployment.history(id)
    assert deployment.history(id).count("plan changed") == 1


@ON_SQLITE
def test_a_dead_change_that_had_arrived_is_not_sent_again(deployment):
    id, job = let_change_die(deployment)
    deployment.emulator.unfault()
    deployment.service.client.change_quantity(id, 11)  # as the last attempt, of which no answer came back
    settle(deployment)
    deployment.emulator.clear()
    with deployment.service.database.transaction() as session:
        assert jobs.replay(session, job.id, now=deployment.now())
    settle(deployment)
    assert sent(deployment, id) == []
    assert deployment.row(id).quantity == 11
    assert not deployment.history(id)[-1].endswith("failed")


@pytest.mark.soak
@ON_SQLITE
def test_a_marketplace_that_stays_away_is_a_failure_in_the_history(deployment):
    id, _ = let_change_die(deployment)
    assert deployment.history(id)[-1] == "quantity change failed"


@ON_SQLITE
def test_a_change_says_exactly_one_thing(deployment):
    id = subscribe(deployment, quantity=10)
    for change in ({}, {"plan_id": "company", "quantity": 5}, {"quantity": 0}, {"plan_id": " "}):
        with pytest.raises(InputError):
            request_change(deployment.service, id, ACTOR, **change)
    assert not deployment.rows(tables.Job, kind="change")


@pytest.mark.soak
@ON_SQLITE
def test_the_plans_to_choose_from_are_the_marketplaces(deployment):
    id = subscribe(deployment, "basic")
    plans = [plan.plan_id for plan in list_plans(deployment.service, id)]
    assert {"basic", "pro"} <= {*plans}
    assert "hidden" not in plans


@pytest.mark.soak
@ON_SQLITE
def test_a_suspended_subscription_that_is_cancelled_here_is_removed(deployment):
    id = subscribe(deployment, "basic")
    act(deployment, "suspend", id)
    settle(deployment)
    assert request_change(deployment.service, id, ACTOR, cancel=True)
    settle(deployment)
    assert deployment.row(id).access == Access.REMOVED
