"""What happens by the clock: each reminder once, in time, and the purge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from tests.saas.deployment import ON_SQLITE, Deployment
from tests.saas.notifications import act, serve_recording, settle, subscribe

from pulumi_partnercenter.saas import jobs, tables
from pulumi_partnercenter.saas.convergence import converge
from pulumi_partnercenter.saas.events import build_event
from pulumi_partnercenter.saas.job_kinds import JOB_KINDS
from pulumi_partnercenter.saas.reconciliation import reconcile
from pulumi_partnercenter.saas.reminders import clean_up, remind
from pulumi_partnercenter.saas.tables import JobState
from pulumi_partnercenter.saas.worker import add_periodic_jobs


@pytest.fixture
def deployment(emulator, clock, database_url) -> Iterator[Deployment]:
    with serve_recording(emulator, clock, database_url) as deployment:
        yield deployment


def look(deployment: Deployment, *days: int) -> list[tuple[int, str, object]]:
    """Look on these days from now, twice each; return day, type and days left of each reminder."""
    reminders, handlers, passed = [], deployment.service.handlers, 0
    for day in days:
        deployment.advance(days=day - passed)
        passed, before = day, len(handlers.events)
        for _ in range(2):
            remind(deployment.service)
        deployment.run_jobs()
        reminders += [
            (day, event.type.removeprefix("subscription."), event.data.get("days_left"))
            for event in handlers.events[before:]
        ]
    return reminders


@pytest.mark.sample(1)
def test_a_purchase_that_nobody_activates_is_reminded_of_three_times(deployment):
    id = deployment.marketplace.buy("basic")["subscription"]["id"]
    converge(deployment.service, id)
    expected = [(7, 23), (20, 10), (28, 2)]
    reminders = look(deployment, 1, 6, 7, 8, 19, 20, 21, 27, 28, 29)
    assert reminders == [(day, "activation_pending", left) for day, left in expected]


@ON_SQLITE
def test_of_reminders_that_were_missed_the_last_comes(deployment):
    id = deployment.marketplace.buy("basic")["subscription"]["id"]
    converge(deployment.service, id)
    assert look(deployment, 25) == [(25, "activation_pending", 5)]


@pytest.mark.soak
@ON_SQLITE
def test_a_suspension_is_reminded_of_before_it_ends_and_every_suspension_is(deployment):
    id = subscribe(deployment, "basic")
    for _ in range(2):
        act(deployment, "suspend", id)
        settle(deployment)
        expected = [(23, "suspension_ending", 7), (29, "suspension_ending", 1)]
        assert look(deployment, 1, 22, 23, 24, 28, 29) == expected
        act(deployment, "reinstate", id)
        settle(deployment)


@pytest.mark.soak
@ON_SQLITE
def test_what_is_active_is_not_reminded_of(deployment):
    subscribe(deployment, "basic")
    assert look(deployment, 7, 20, 28) == []


@pytest.mark.sample(1)
def test_the_data_of_a_cancelled_customer_is_purged_after_the_retention(deployment):
    id = subscribe(deployment, "basic")
    with deployment.service.database.transaction() as session:
        session.get(tables.Subscription, id).contact = {"phone": "+49 30 1234"}
    delivery = act(deployment, "cancel", id)
    settle(deployment)
    assert look(deployment, 7, 29) == []
    assert deployment.row(id).contact
    assert look(deployment, 1, 2) == [(1, "purge_due", None)]
    event = deployment.service.handlers.events[-1]
    assert event.subscription.contact == {"phone": "+49 30 1234"}, "the publisher has to know whose data"
    assert "dana@fabrikam.example" not in write_down(deployment), (
        "the event's own job keeps whose data it was"
    )
    row = deployment.row(id)
    assert (row.contact, row.beneficiary_email, row.purchaser_email) == ({}, "", "")
    assert row.beneficiary_object_id, "ids stay"
    (webhook,) = deployment.rows(tables.Webhook, operation_id=delivery["operation"])
    assert webhook.payload == {}
    reconcile(deployment.service)
    converge(deployment.service, id)
    assert deployment.row(id).beneficiary_email == "", "the marketplace's list brings it back"


@ON_SQLITE
def test_nothing_about_persons_outlives_the_retention_not_in_failed_events_nor_of_who_left_before(deployment):
    """The marketplace lists cancelled subscriptions for ever, those too that ended before the service came."""
    former = deployment.marketplace.subscribe("basic")
    deployment.marketplace.control("webhooks", {"token": "none"})
    act(deployment, "cancel", former)
    deployment.marketplace.control("webhooks", {"token": "valid"})
    reconcile(deployment.service)
    id = subscribe(deployment, "basic")
    act(deployment, "cancel", id)
    settle(deployment)
    with deployment.service.database.transaction() as session:
        event = build_event(
            "subscription.renewed", session.get(tables.Subscription, id), now=deployment.now(), key="x"
        )
        jobs.add(
            session,
            "event",
            "failed",
            now=deployment.now(),
            subscription_id=id,
            payload=event.model_dump(mode="json"),
        )
        session.execute(update(tables.Job).where(tables.Job.key == "failed").values(state=JobState.DEAD))
    assert "dana@fabrikam.example" in write_down(deployment)
    assert [type for _, type, _ in look(deployment, 31)] == ["purge_due", "purge_due"]
    assert "dana@fabrikam.example" not in write_down(deployment)
    (failed,) = deployment.rows(tables.Job, key="failed")
    with deployment.service.database.transaction() as session:
        jobs.replay(session, failed.id, now=deployment.now())
    deployment.run_jobs()
    assert deployment.service.handlers.types()[-1] == "renewed"


def write_down(deployment) -> str:
    """All rows of all tables, as text."""
    models = (tables.Subscription, tables.Webhook, tables.HistoryEntry, tables.Job)
    return "\n".join(
        str(getattr(row, column.name))
        for model in models
        for row in deployment.rows(model)
        for column in model.__table__.columns
    )


@pytest.mark.soak
@ON_SQLITE
def test_a_reinstated_or_running_subscription_is_never_purged(deployment):
    id = subscribe(deployment, "basic")
    act(deployment, "suspend", id)
    settle(deployment)
    deployment.advance(days=5)
    act(deployment, "reinstate", id)
    settle(deployment)
    deployment.advance(days=60)
    remind(deployment.service)
    assert deployment.row(id).purged_at is None


@ON_SQLITE
def test_secrets_that_expire_are_reminded_of_in_time(emulator, clock, database_url):
    expiry = datetime.fromtimestamp(clock(), UTC) + timedelta(days=33)
    settings = {"SECRET_EXPIRES_AT": expiry.isoformat()}
    with serve_recording(emulator, clock, database_url, **settings) as deployment:
        days = [(day, left) for day, _, left in look(deployment, *range(2, 5), 18, *range(19, 35))]
    assert days == [(3, 29), (19, 13), (26, 6), (30, 2), (32, 0), (33, 0)]


@ON_SQLITE
def test_old_rows_go_and_what_is_needed_stays(deployment):
    service, now = deployment.service, deployment.now()
    id = subscribe(deployment, "basic")
    with service.database.transaction() as session:
        jobs.add(session, "event", "dead", now=now)
        (job,) = jobs.claim(session, "me", now=now, lease=JOB_KINDS[0].lease, kinds=["event"])
        jobs.bury(session, job, "me", now=now, error="no")
        session.add(tables.Session(id_hash="old", audience="customer", created_at=now, expires_at=now))
        visit = {"id": "old", "session_hash": "old", "token": "x"}
        session.add(tables.LandingVisit(**visit, created_at=now, expires_at=now))
    add_periodic_jobs(service, JOB_KINDS)
    deployment.advance(days=89)
    clean_up(service)
    assert deployment.rows(tables.Job, state="done")
    assert not deployment.rows(tables.Session)
    assert not deployment.rows(tables.LandingVisit)
    deployment.advance(days=2)
    clean_up(service)
    assert not deployment.rows(tables.Job, state="done")
    assert [job.key for job in deployment.rows(tables.Job, state="dead")] == ["dead"]
    assert {job.kind for job in deployment.rows(tables.Job)} >= {"reconcile", "remind", "clean_up"}
    assert deployment.history(id)


@ON_SQLITE
def test_the_periodic_jobs_run_by_themselves(deployment):
    id = deployment.marketplace.buy("basic")["subscription"]["id"]
    add_periodic_jobs(deployment.service, JOB_KINDS)
    deployment.run_jobs()
    assert deployment.row(id).status == "PendingFulfillmentStart"
    deployment.advance(days=7)
    deployment.run_jobs()
    assert deployment.service.handlers.types() == ["activation_pending"]
