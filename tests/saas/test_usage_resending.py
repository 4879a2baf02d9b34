"""Usage that was refused or came too late, and that an operator brings to the marketplace again: charged once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from provider.tools.hangs import HANG_SECONDS
from tests.contract.marketplace import FLAT
from tests.saas.deployment import ON_SQLITE, Deployment
from tests.saas.publisher import OPERATOR, PERSON, PublisherPages, sign_in
from tests.saas.usage_lab import UsageLab

from pulumi_partnercenter.saas.tables import HistoryEntry, UsageRecord, UsageReport
from pulumi_partnercenter.saas.usage_resending import Resent, Way, resend

ACTOR = f"publisher {PERSON}"


@pytest.fixture
def lab(deployment: Deployment) -> UsageLab:
    return UsageLab(deployment)


def open_pages(lab: UsageLab) -> PublisherPages:
    """An operator who signs in now: sessions last an hour."""
    service = lab.deployment.service
    return PublisherPages(lab.deployment.http, service, sign_in(service, OPERATOR))


def refuse(lab: UsageLab, quantity: float = 4) -> UsageRecord:
    """Let an hour be refused for a dimension that the plan does not have."""
    id = lab.subscribe()
    lab.report(id, quantity, dimension="imports")
    lab.end_hour()
    lab.send()
    [record] = lab.records(id)
    assert record.state == "refused"
    return record


def expire(lab: UsageLab, quantity: float = 3) -> UsageRecord:
    """Let an hour become too old before it is sent."""
    id = lab.subscribe()
    lab.report(id, quantity)
    lab.deployment.advance(hours=26)
    lab.send()
    [record] = lab.records(id)
    assert record.state == "expired"
    return record


def mend(lab: UsageLab) -> None:
    """Add the dimension to the plans of the offer."""
    plans = [
        {**plan, "dimensions": [*plan.get("dimensions", []), {"id": "imports"}]} for plan in FLAT["plans"]
    ]
    lab.deployment.marketplace.control("offers", {**FLAT, "plans": plans})


def audit(lab: UsageLab, record: UsageRecord) -> list[str]:
    """What operators did to the record's subscription."""
    entries = lab.deployment.rows(HistoryEntry, subscription_id=record.subscription_id, actor=ACTOR)
    return [entry.action for entry in entries]


def test_a_refused_hour_is_charged_once_after_its_cause_was_mended(lab: UsageLab) -> None:
    record = refuse(lab)
    operator = open_pages(lab)
    assert f'href="/publisher/usage/{record.id}/resend"' in operator.get(f"/usage/{record.id}").text
    path = f"/usage/{record.id}/resend"
    assert "as it is" in operator.get(path).text
    assert lab.states(record.subscription_id) == ["refused"], "looking at the page changes nothing"
    mend(lab)
    token = operator.token(path)
    answers = [operator.send(path, form_token=token, way="again") for _ in range(2)]
    assert [answer.headers.get("location") for answer in answers] == [
        f"/publisher/usage/{record.id}?done=again",
        None,
    ]
    assert "in the next minutes" in operator.get(f"/usage/{record.id}?done=again").text
    for _ in range(3):
        lab.send()
    assert lab.charged(record.subscription_id) == [(record.subscription_id, "imports", record.hour, 4)]
    assert lab.states(record.subscription_id) == ["accepted"]
    assert audit(lab, record) == ["usage resent"]


@ON_SQLITE
def test_a_refused_hour_whose_cause_stays_is_refused_again_and_says_so(lab: UsageLab) -> None:
    record = refuse(lab)
    operator = open_pages(lab)
    for _ in range(2):
        assert operator.post(f"/usage/{record.id}/resend", way="again").status_code == 303
        lab.send()
    assert lab.states(record.subscription_id) == ["refused"]
    assert lab.deployment.history(record.subscription_id).count("usage refused") == 3
    assert [event["type"] for event in lab.events()] == ["usage.refused"] * 3
    assert lab.charged() == []


def test_reports_of_an_hour_that_is_too_old_are_charged_once_in_the_next_open_hour(lab: UsageLab) -> None:
    record = expire(lab)
    operator = open_pages(lab)
    path = f"/usage/{record.id}/resend"
    assert "more than 24 hours" in operator.get(path).text
    token = operator.token(path)
    assert operator.send(path, form_token=token, way="later").status_code == 303
    assert operator.send(path, form_token=token, way="later").status_code == 409
    [report] = lab.deployment.rows(UsageReport)
    assert lab.deployment.now() - report.hour < timedelta(hours=22)
    for _ in range(2):
        lab.end_hour()
        lab.send()
    assert lab.charged() == [(record.subscription_id, "reports", report.hour, 3)]
    assert lab.states(record.subscription_id) == ["moved", "accepted"]
    assert audit(lab, record) == ["usage moved"]
    text = open_pages(lab).get(f"/usage/{record.id}").text
    assert "Moved to a later hour" in text
    assert "/resend" not in text


def test_a_refused_hour_becomes_too_old_while_its_page_is_open(lab: UsageLab) -> None:
    record = refuse(lab)
    operator = open_pages(lab)
    path = f"/usage/{record.id}/resend"
    token = operator.token(path)
    lab.deployment.advance(hours=21)
    answer = open_pages(lab).send(path, form_token=token, way="again")
    assert (answer.status_code, 'value="later"' in answer.text) == (409, True)
    assert lab.states(record.subscription_id) == ["refused"]
    assert audit(lab, record) == []


@ON_SQLITE
def test_an_hour_that_the_marketplace_may_have_after_all_is_not_charged_in_another_one(lab: UsageLab) -> None:
    """It was sent, its answer was lost, and what was sent later was too old: the marketplace has it."""
    id, hour = lab.subscribe(), lab.hour
    lab.report(id, 3)
    lab.report(id, 5, dimension="exports")
    event = {"resourceId": id, "dimension": "reports", "planId": "pro", "quantity": 3.0}
    event["effectiveStartTime"] = hour.isoformat()
    assert lab.deployment.marketplace.send("POST", "/api/usageEvent", json=event).status_code == 200
    lab.deployment.advance(hours=26)
    lab.send()
    operator = open_pages(lab)
    answers = {
        record.dimension: operator.post(f"/usage/{record.id}/resend", way="later")
        for record in lab.records(id)
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {"reports": 409, "exports": 303}
    assert "may be charged already" in answers["reports"].text
    assert {record.dimension: record.state for record in lab.records(id) if record.hour == hour} == {
        "reports": "expired",
        "exports": "moved",
    }
    lab.end_hour()
    lab.send()
    assert sorted(lab.quantities(id)) == [3, 5]


@ON_SQLITE
def test_a_marketplace_that_does_not_answer_leaves_the_hour_as_it_is(lab: UsageLab) -> None:
    record = expire(lab)
    operator = open_pages(lab)
    lab.deployment.emulator.fault("GET .*/usageEvents", status=403, times=0)
    answer = operator.post(f"/usage/{record.id}/resend", way="later")
    assert (answer.status_code, 'role="alert"' in answer.text) == (409, True)
    assert lab.states(record.subscription_id) == ["expired"]


@ON_SQLITE
def test_an_hour_that_is_charged_or_on_its_way_is_not_sent_again(lab: UsageLab) -> None:
    id = lab.subscribe()
    lab.report(id, 3)
    [record] = lab.records(id)
    for state in ("open", "accepted"):
        assert lab.states(id) == [state]
        operator = open_pages(lab)
        own = operator.token("/subscriptions")
        assert "/resend" not in operator.get(f"/usage/{record.id}").text
        for way in ("again", "later", ""):
            answer = operator.send(f"/usage/{record.id}/resend", form_token=own, way=way)
            assert (answer.status_code, "is charged, or is being sent" in answer.text) == (409, True)
        lab.end_hour()
        lab.send()
    assert lab.quantities(id) == [3]
    assert open_pages(lab).get("/usage/77/resend").status_code == 404


@pytest.mark.parametrize("way", list(Way))
def test_operators_at_the_same_time_resend_an_hour_once(lab: UsageLab, way: Way) -> None:
    make: Callable[[UsageLab], UsageRecord] = {Way.AGAIN: refuse, Way.LATER: expire}[way]
    record = make(lab)
    mend(lab)
    barrier = threading.Barrier(4)

    def press(_: int) -> Resent:
        barrier.wait(HANG_SECONDS)
        return resend(lab.deployment.service, record.id, way, ACTOR)

    with ThreadPoolExecutor(4) as pool:
        outcomes = [*pool.map(press, range(4))]
    assert sorted(outcomes) == [Resent.DONE, *[Resent.UNCHANGED] * 3]
    lab.end_hour()
    lab.send()
    assert lab.quantities(record.subscription_id) == [record.quantity]
