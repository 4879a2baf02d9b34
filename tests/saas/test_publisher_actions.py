"""What operators do on the publisher's pages: with confirmation, protected, and written into the history."""

from __future__ import annotations

import pytest
from tests.saas.deployment import ON_SQLITE, Deployment
from tests.saas.publisher import OPERATOR, PERSON, PublisherPages, add_everything, sign_in

from pulumi_partnercenter.saas import tables
from pulumi_partnercenter.saas.tables import Access, Job


@pytest.fixture
def operator(deployment: Deployment) -> PublisherPages:
    return PublisherPages(deployment.http, deployment.service, sign_in(deployment.service, OPERATOR))


def subscribe(deployment: Deployment, plan_id: str = "team", **members: object) -> str:
    """A subscription that is active on both sides."""
    id = deployment.marketplace.subscribe(plan_id, **members)
    deployment.read(id, access=Access.ACTIVE)
    return id


def history(deployment: Deployment, id: str) -> list[tuple[str, str]]:
    """Actor and action of each entry, oldest first."""
    return [(entry.actor, entry.action) for entry in deployment.rows(tables.HistoryEntry, subscription_id=id)]


def finish(deployment: Deployment) -> None:
    """Let jobs and marketplace work until the change has its outcome."""
    for _ in range(4):
        deployment.run_jobs()
        deployment.advance(seconds=30)
    deployment.run_jobs()


ACTOR = f"publisher {PERSON}"


def test_a_plan_is_chosen_confirmed_changed_and_written_into_the_history(deployment, operator):
    id = subscribe(deployment, "basic")
    path = f"/subscriptions/{id}/plan"
    choice = operator.get(path).text
    assert '<option value="pro">' in choice
    assert '<option value="basic">' not in choice
    assert "must have agreed" in operator.get(path, plan_id="pro").text
    assert not deployment.rows(Job), "looking at the page changes nothing"
    answer = operator.post(f"{path}?plan_id=pro", plan_id="pro", former="basic")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/publisher/subscriptions/{id}?done=plan",
    )
    assert "has been requested" in operator.get(f"/subscriptions/{id}?done=plan").text
    finish(deployment)
    assert deployment.marketplace.read(id)["planId"] == "pro"
    assert deployment.row(id).plan_id == "pro"
    assert ACTOR in [actor for actor, _ in history(deployment, id)]


def test_seats_are_entered_confirmed_and_changed_within_the_bounds_of_the_plan(deployment, operator):
    id = subscribe(deployment, quantity=5)
    path = f"/subscriptions/{id}/quantity"
    assert "2 to 50 seats" in operator.get(path).text
    for text in ("1", "51", "5", "0", "-3", "1e1", "٣", "x", "9" * 12):
        answer = operator.get(path, quantity=text)
        assert answer.status_code == 409, text
        assert "Enter a whole number" in answer.text
        assert operator.post(f"{path}?quantity=7", quantity=text, former="5").status_code == 409, text
    assert operator.post(f"{path}?quantity=7", quantity="7", former="4").status_code == 409
    assert not deployment.rows(Job)
    assert operator.post(f"{path}?quantity=7", quantity="7", former="5").status_code == 303
    finish(deployment)
    assert deployment.marketplace.read(id)["quantity"] == 7
    assert deployment.row(id).quantity == 7


def test_a_cancellation_has_to_be_confirmed_and_ends_the_subscription(deployment, operator):
    id = subscribe(deployment)
    path = f"/subscriptions/{id}/cancel"
    assert "cannot be undone" in operator.get(path).text
    assert operator.post(path).status_code == 409
    assert operator.post(path, confirmed="yes").status_code == 303
    finish(deployment)
    assert deployment.marketplace.status(id) == "Unsubscribed"
    assert deployment.row(id).access == Access.REMOVED
    assert (ACTOR, "cancellation requested") in history(deployment, id)
    for action in ("activate", "plan", "quantity", "cancel"):
        answer = operator.get(f"/subscriptions/{id}/{action}")
        assert answer.status_code == 409, action
        assert 'method="post"' not in answer.text.partition("<main")[2], action
        assert operator.post(f"/subscriptions/{id}/{action}", confirmed="yes").status_code != 303


def test_a_subscription_that_nobody_confirmed_is_activated(deployment, operator):
    id = deployment.marketplace.buy("team", quantity=5)["subscription"]["id"]
    deployment.read(id, access=Access.NONE)
    assert operator.post(f"/subscriptions/{id}/activate").status_code == 303
    finish(deployment)
    assert deployment.marketplace.status(id) == "Subscribed"
    assert deployment.row(id).access == Access.ACTIVE
    assert ACTOR in [actor for actor, _ in history(deployment, id)]


@ON_SQLITE
def test_a_second_change_waits_for_the_outcome_of_the_first(deployment, operator):
    id = subscribe(deployment, quantity=5)
    path = f"/subscriptions/{id}/quantity?quantity=7"
    assert operator.post(path, quantity="7", former="5").headers["location"].endswith("done=quantity")
    assert operator.post(path, quantity="7", former="5").headers["location"].endswith("done=busy")
    assert len(deployment.rows(Job, kind="change")) == 1


@ON_SQLITE
def test_no_plan_that_the_marketplace_does_not_offer_is_requested(deployment, operator):
    id = subscribe(deployment, "basic")
    path = f"/subscriptions/{id}/plan"
    for plan_id in ("hidden", "basic", "<b>", "x" * 300):
        assert operator.get(path, plan_id=plan_id).status_code == 409, plan_id
        assert operator.post(f"{path}?plan_id=pro", plan_id=plan_id, former="basic").status_code == 409, (
            plan_id
        )
    assert operator.post(f"{path}?plan_id=pro", former="basic").status_code == 409
    assert operator.post(f"{path}?plan_id=pro", plan_id="pro", former="other").status_code == 409
    assert not deployment.rows(Job)


@ON_SQLITE
def test_a_marketplace_that_does_not_answer_is_a_problem_on_the_page(deployment, operator):
    id = subscribe(deployment, "basic")
    deployment.emulator.fault(r"GET .*/(listAvailablePlans|operations)", status=403, times=0)
    for path in ("plan", "operations"):
        answer = operator.get(f"/subscriptions/{id}/{path}")
        assert answer.status_code in {409, 502}
        assert 'role="alert"' in answer.text
        assert "Traceback" not in answer.text
    assert operator.get(f"/subscriptions/{id}").status_code == 200


@ON_SQLITE
def test_outstanding_operations_are_read_from_the_marketplace(deployment, operator):
    id = subscribe(deployment, "basic")
    assert "No operation waits" in operator.get(f"/subscriptions/{id}/operations").text
    deployment.marketplace.control("change", {"subscription": id, "plan_id": "pro"})
    text = operator.get(f"/subscriptions/{id}/operations").text
    assert "Change of plan" in text
    assert deployment.marketplace.list_operations(id)[0]["id"] in text


@ON_SQLITE
def test_a_failed_event_is_tried_again_once_and_that_stands_in_the_history(deployment, operator):
    add_everything(deployment.service.database)
    (job,) = deployment.rows(Job)
    assert "Try again" in operator.get(f"/jobs/{job.id}").text
    assert (
        operator.post(f"/jobs/{job.id}/replay", form_page=f"/jobs/{job.id}")
        .headers["location"]
        .endswith("done=replay")
    )
    (job,) = deployment.rows(Job)
    assert (job.state, job.attempts) == ("waiting", 0)
    again = operator.post(f"/jobs/{job.id}/replay", form_page=f"/jobs/{job.id}")
    assert again.headers["location"].endswith("done=unchanged")
    assert history(deployment, job.subscription_id)[1:] == [(ACTOR, "job replayed")]
    assert operator.post("/jobs/77/replay", form_page=f"/jobs/{job.id}").status_code == 404
