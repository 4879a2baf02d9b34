"""Usage: what is reported is charged once, in its hour, and what is not charged is shown."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.saas.deployment import ON_SQLITE, Deployment, serve_deployment
from tests.saas.usage_lab import HEADERS, UsageLab

from pulumi_partnercenter.saas.tables import HistoryEntry, UsageRecord, UsageReport
from pulumi_partnercenter.saas.usage_sending import send_usage


@pytest.fixture
def lab(deployment: Deployment) -> UsageLab:
    return UsageLab(deployment)


# --- Reports


def test_reports_of_an_hour_are_charged_as_their_sum(lab: UsageLab) -> None:
    id, other = lab.subscribe(), lab.subscribe()
    for quantity in (0.1, 0.2, 0.3, 1):
        lab.report(id, quantity)
    lab.report(id, 5, dimension="exports")
    lab.report(other, 7)
    hour = lab.hour
    lab.send()
    assert lab.charged() == []  # the hour is not over
    lab.end_hour()
    lab.send()
    assert lab.charged(id) == [(id, "exports", hour, 5), (id, "reports", hour, 1.6)]
    assert lab.charged(other) == [(other, "reports", hour, 7)]
    assert lab.states(id) == ["accepted", "accepted"]
    lab.send()
    assert len(lab.charged()) == 3


def test_a_repeated_report_counts_once_and_other_content_is_a_conflict(lab: UsageLab) -> None:
    report = lab.build(lab.subscribe(), 3)
    answers = [lab.post(report), lab.post(report), lab.post({**report, "quantity": 4})]
    assert [(answer.status_code, answer.json()["outcome"]) for answer in answers] == [
        (200, "accepted"),
        (200, "repeated"),
        (409, "conflicting"),
    ]
    [record] = lab.records(report["subscription_id"])
    assert record.quantity == 3


def test_a_list_has_a_result_for_each_report(lab: UsageLab) -> None:
    id = lab.subscribe()
    first = lab.build(id, 1)
    reports = [
        first,
        first,
        {**first, "quantity": 9},
        lab.build(id, 2, dimension="exports"),
        lab.build(id, -1),
        lab.build("22222222-2222-4222-8222-222222222222"),
        "no report",
    ]
    answer = lab.post(reports)
    results = answer.json()["results"]
    assert answer.status_code == 207
    assert [result["outcome"] for result in results] == [
        "accepted",
        "repeated",
        "conflicting",
        "accepted",
        "invalid",
        "invalid",
        "invalid",
    ]
    assert [result["id"] for result in results[:3]] == [first["id"]] * 3
    assert sorted(record.quantity for record in lab.records(id)) == [1, 2]


@ON_SQLITE
@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": -0.5}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"quantity": "many"}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"quantity": 1e13}, "quantity"),
        ({"id": ""}, "id"),
        ({"id": "a b"}, "id"),
        ({"id": "x" * 256}, "id"),
        ({"id": "nul\x00"}, "id"),
        ({"id": "line\n"}, "id"),
        ({"id": 7}, "id"),
        ({"dimension": ""}, "dimension"),
        ({"dimension": "a\nb"}, "dimension"),
        ({"subscription_id": "../../subscriptions"}, "subscription_id"),
        ({"subscription_id": "33333333-3333-4333-8333-333333333333"}, "subscription_id"),
        ({"used_at": "2026-05-18T08:30:00"}, "used_at"),
        ({"used_at": 1779093000}, "used_at"),
        ({"used_at": "yesterday"}, "used_at"),
        ({"used_at": "9999-12-31T23:59:59-23:59"}, "used_at"),
        ({"used_at": "2999-01-01T00:00:00Z"}, "used_at"),
        ({"used_at": "2001-01-01T00:00:00Z"}, "used_at"),
        ({"plan_id": "pro"}, "plan_id"),
    ],
)
def test_a_wrong_report_is_refused_and_nothing_is_kept(
    lab: UsageLab, members: dict[str, Any], problem: str
) -> None:
    answer = lab.post({**lab.build(lab.subscribe()), **members})
    result = answer.json()
    assert (answer.status_code, result["outcome"]) == (422, "invalid")
    assert result["message"].startswith(f"{problem}: ")
    assert (lab.deployment.rows(UsageReport), lab.deployment.rows(UsageRecord)) == ([], [])


@ON_SQLITE
@pytest.mark.parametrize("name", ["id", "subscription_id", "dimension", "quantity", "used_at"])
def test_every_member_is_required(lab: UsageLab, name: str) -> None:
    report = lab.build(lab.subscribe())
    del report[name]
    assert lab.post(report).json()["message"] == f"{name}: is required"


@ON_SQLITE
@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"quantity": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "text/plain", 400),
        (b"{}", "application/x-www-form-urlencoded", 400),
        (b"id,id\n1,2\n", "text/csv", 400),
        (b'id\n"1\n', "text/csv", 400),
        (b"id,quantity\n1\n", "text/csv", 400),
        (json.dumps([{}] * 1001).encode(), "application/json", 400),
        (b'"' + b"x" * 1_000_001, "application/json", 413),
        (b"7", "application/json", 422),
    ],
)
def test_a_body_that_is_none_is_refused(
    lab: UsageLab, content: bytes, content_type: str, status: int
) -> None:
    headers = {**HEADERS, "Content-Type": content_type}
    answer = lab.deployment.http.post("/usage", content=content, headers=headers)
    assert answer.status_code == status
    assert lab.deployment.rows(UsageReport) == []


def test_csv_is_read_by_the_names_of_its_columns(lab: UsageLab) -> None:
    id, now = lab.subscribe(), lab.deployment.now().isoformat()
    lines = [
        "\ufeffquantity, id ,dimension,used_at,subscription_id",
        f"2.5,a,reports,{now},{id.upper()}",
        "",
        f'1,"b",exports,{now},{id}',
        f"NaN,c,exports,{now},{id}",
    ]
    headers = {**HEADERS, "Content-Type": "text/csv; charset=utf-8"}
    answer = lab.deployment.http.post("/usage", content="\r\n".join(lines), headers=headers)
    results = answer.json()["results"]
    assert [(result["id"], result["outcome"]) for result in results] == [
        ("a", "accepted"),
        ("b", "accepted"),
        ("c", "invalid"),
    ]
    assert sorted(record.quantity for record in lab.records(id)) == [1, 2.5]


@ON_SQLITE
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong-key-of-the-usage"},
        {"Authorization": HEADERS["Authorization"].replace("Bearer", "Basic")},
        {"Authorization": HEADERS["Authorization"][:-1]},
        {"Authorization": "Bearer"},
    ],
)
def test_reports_need_a_key(lab: UsageLab, headers: dict[str, str]) -> None:
    answer = lab.deployment.http.post("/usage", json=lab.build(lab.subscribe()), headers=headers)
    assert answer.status_code == 401
    assert lab.deployment.rows(UsageReport) == []


@ON_SQLITE
def test_every_key_of_the_settings_is_taken_and_without_one_the_api_is_off(
    lab: UsageLab, database_url: str
) -> None:
    deployment = lab.deployment
    for keys, status in (("new-key-of-the-usage, old-key-of-the-usage", 422), ("", 404)):
        with serve_deployment(
            deployment.emulator, deployment.clock, database_url, settings={"USAGE_KEYS": keys}
        ) as other:
            for key in ("new-key-of-the-usage", "old-key-of-the-usage"):
                answer = other.http.post("/usage", json={}, headers={"Authorization": f"Bearer {key}"})
                assert answer.status_code == status


# --- Hours


def test_a_late_report_is_charged_in_its_hour_as_long_as_that_was_not_sent(lab: UsageLab) -> None:
    id, hour = lab.subscribe(), lab.hour
    lab.deployment.advance(hours=5)
    result = lab.report(id, 4, used_at=(hour + timedelta(minutes=59)).isoformat())
    assert (result["hour"], result["is_moved"]) == (hour.isoformat().replace("+00:00", "Z"), False)
    lab.send()
    assert lab.charged(id) == [(id, "reports", hour, 4)]


def test_a_report_for_an_hour_that_was_sent_is_charged_in_the_next_open_one(lab: UsageLab) -> None:
    id, hour = lab.subscribe(), lab.hour
    lab.report(id, 1)
    lab.end_hour()
    lab.report(id, 2)
    lab.send()
    late = lab.build(id, 4, used_at=(hour + timedelta(minutes=1)).isoformat())
    result = lab.post(late).json()
    assert (result["outcome"], result["is_moved"]) == ("accepted", True)
    assert lab.post(late).json()["hour"] == result["hour"]
    lab.end_hour()
    lab.send()
    assert lab.charged(id) == [(id, "reports", hour, 1), (id, "reports", hour + timedelta(hours=1), 6)]


def test_usage_older_than_the_marketplace_takes_is_charged_in_a_later_hour(lab: UsageLab) -> None:
    id, hour = lab.subscribe(), lab.hour
    lab.deployment.advance(hours=30)
    assert lab.report(id, 4, used_at=hour.isoformat())["is_moved"]
    lab.send()
    [(_, _, charged_hour, quantity)] = lab.charged(id)
    assert quantity == 4
    assert lab.deployment.now() - charged_hour < timedelta(hours=23)


def test_reports_are_added_to_an_hour_until_its_grace_ends(lab: UsageLab) -> None:
    id, hour = lab.subscribe(), lab.hour
    lab.report(id, 1)
    lab.deployment.advance(minutes=40)  # ten minutes after the hour
    lab.send()
    assert not lab.report(id, 2, used_at=hour.isoformat())["is_moved"]
    lab.deployment.advance(minutes=10)
    lab.send()
    assert lab.charged(id) == [(id, "reports", hour, 3)]


def test_the_plan_is_the_one_of_the_hour(lab: UsageLab) -> None:
    id = lab.subscribe("basic")
    lab.report(id, 1)
    first = lab.hour
    lab.end_hour()
    lab.report(id, 2)
    lab.change_plan(id, "pro")
    lab.report(id, 3, dimension="exports")  # a dimension of the new plan, in the hour of the change
    lab.end_hour()
    lab.report(id, 4)
    late = first + timedelta(minutes=2)
    lab.report(id, 5, dimension="reports", used_at=late.isoformat())
    lab.end_hour()
    lab.send()
    lab.send()
    plans = {(record.hour, record.dimension): record.plan_id for record in lab.records(id)}
    hours = [first + timedelta(hours=number) for number in range(3)]
    assert plans == {
        (hours[0], "reports"): "basic",
        (hours[1], "reports"): "basic",
        (hours[1], "exports"): "pro",
        (hours[2], "reports"): "pro",
    }
    assert sorted(lab.quantities(id)) == [2, 3, 4, 6]


# --- Results


def test_an_answer_that_was_lost_charges_nothing_twice(lab: UsageLab) -> None:
    id = lab.subscribe()
    lab.report(id, 3)
    lab.end_hour()
    lab.deployment.emulator.fault("batchUsageEvent", drop="after", times=1)
    lab.send()
    assert lab.quantities(id) == [3]
    assert lab.states(id) == ["duplicate"]


def test_a_worker_that_died_after_sending_leaves_an_hour_that_the_next_one_settles(
    lab: UsageLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = lab.subscribe()
    lab.report(id, 3)
    lab.end_hour()

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("pulumi_partnercenter.saas.usage_sending._settle", die)
        with pytest.raises(Killed):
            send_usage(lab.deployment.service, None)  # type: ignore[arg-type]
    assert lab.states(id) == ["sending"]
    lab.send()
    assert lab.states(id) == ["sending"]  # leased
    lab.deployment.advance(minutes=6)
    lab.send()
    assert (lab.states(id), lab.quantities(id)) == (["duplicate"], [3])


def test_another_quantity_at_the_marketplace_is_a_conflict_that_is_shown(lab: UsageLab) -> None:
    id = lab.subscribe()
    lab.report(id, 3)
    event = {"resourceId": id, "dimension": "reports", "planId": "pro", "quantity": 2.0}
    event["effectiveStartTime"] = lab.hour.isoformat()
    assert lab.deployment.marketplace.send("POST", "/api/usageEvent", json=event).status_code == 200
    lab.end_hour()
    lab.send()
    [record] = lab.records(id)
    assert (record.state, record.accepted_quantity) == ("conflict", 2)
    assert lab.deployment.history(id) == ["usage conflict"]
    [event] = lab.events()
    assert event["type"] == "usage.refused"
    assert event["data"]["accepted_quantity"] == 2
    lab.send()
    assert len(lab.events()) == 1


def test_an_unknown_dimension_is_refused_and_the_others_of_its_batch_are_charged(lab: UsageLab) -> None:
    id = lab.subscribe()
    lab.report(id, 3)
    lab.report(id, 4, dimension="imports")
    lab.end_hour()
    lab.send()
    assert {record.dimension: record.state for record in lab.records(id)} == {
        "reports": "accepted",
        "imports": "refused",
    }
    assert lab.deployment.history(id) == ["usage refused"]


def test_usage_of_a_suspended_customer_waits_for_the_reinstatement(lab: UsageLab) -> None:
    id = lab.subscribe()
    lab.report(id, 3)
    lab.deployment.marketplace.control("suspend", {"subscription": id})
    lab.read(id, suspended_at=lab.deployment.now())
    refused = lab.post(lab.build(id)).json()
    assert refused["outcome"] == "invalid"
    lab.end_hour()
    lab.send()
    assert lab.states(id) == ["sending"]
    operation = lab.deployment.marketplace.control("reinstate", {"subscription": id})["id"]
    assert lab.deployment.marketplace.update(id, operation, "Success").status_code == 200
    lab.read(id, suspended_at=None)
    lab.end_hour()
    lab.send()
    assert (lab.states(id), lab.quantities(id)) == (["accepted"], [3])


def test_usage_from_before_a_cancellation_is_charged(lab: UsageLab) -> None:
    id = lab.subscribe()
    used_at = lab.deployment.now()
    lab.deployment.advance(minutes=5)
    lab.deployment.service.client.cancel_and_wait(id)
    lab.read(id, unsubscribed_at=lab.deployment.now())
    lab.report(id, 3, used_at=used_at.isoformat())
    assert lab.post(lab.build(id)).json()["outcome"] == "invalid"
    lab.end_hour()
    lab.send()
    assert lab.quantities(id) == [3]


def test_an_hour_that_the_marketplace_takes_no_more_is_shown_as_expired(lab: UsageLab) -> None:
    id = lab.subscribe()
    lab.report(id, 3)
    lab.deployment.advance(hours=26)
    lab.send()
    assert (lab.states(id), lab.quantities(id)) == (["expired"], [])
    assert lab.deployment.history(id) == ["usage expired"]


def test_usage_is_sent_again_after_an_outage(lab: UsageLab, no_pauses: None) -> None:
    id = lab.subscribe()
    for number in range(30):
        lab.report(id, number + 1, dimension="reports" if number % 2 else "exports")
    lab.end_hour()
    lab.deployment.emulator.fault("batchUsageEvent", status=503, times=100)
    lab.send()
    assert lab.states(id) == ["sending", "sending"]
    assert all("503" in record.error or "service" in record.error for record in lab.records(id))
    lab.deployment.emulator.unfault()
    lab.send()
    assert sorted(lab.quantities(id)) == [225, 240]


@pytest.fixture
def no_pauses(lab: UsageLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client repeat without waiting."""

    async def skip(_wire: object, _seconds: float) -> None:
        return

    monkeypatch.setattr("pulumi_partnercenter.api.http.async_client.BlockingWire.sleep", skip)


# --- Comparison with the marketplace


def test_usage_that_differs_at_the_marketplace_is_shown_once(lab: UsageLab) -> None:
    id, other = lab.subscribe(), lab.subscribe()
    lab.report(id, 3)
    lab.report(other, 5)
    event = {"resourceId": other, "dimension": "exports", "planId": "pro", "quantity": 2.0}
    event["effectiveStartTime"] = lab.hour.isoformat()
    lab.end_hour()
    lab.send()
    assert lab.deployment.marketplace.send("POST", "/api/usageEvent", json=event).status_code == 200
    for _ in range(3):
        lab.deployment.advance(days=1)
        lab.send()
    assert lab.deployment.history(id) == []
    [entry] = lab.deployment.rows(HistoryEntry, subscription_id=other)
    assert (entry.action, entry.details["state"], entry.details["submitted"]) == (
        "usage differs",
        "not in file",
        2,
    )


def test_metrics_count_reports_and_results(lab: UsageLab) -> None:
    id = lab.subscribe()
    report = lab.build(id)
    lab.post([report, report, lab.build(id, -1)])
    lab.end_hour()
    lab.send()
    answer: httpx.Response = lab.deployment.http.get(
        "/metrics", headers={"Authorization": "Bearer key-of-the-metrics"}
    )
    for line in (
        'partnercenter_saas_usage_reports_total{outcome="accepted",source="api"} 1.0',
        'partnercenter_saas_usage_reports_total{outcome="repeated",source="api"} 1.0',
        'partnercenter_saas_usage_reports_total{outcome="invalid",source="api"} 1.0',
        'partnercenter_saas_usage_results_total{state="accepted"} 1.0',
        'partnercenter_saas_usage_records{state="accepted"} 1.0',
    ):
        assert line in answer.text.splitlines()
