"""How submissions go on: by the clock, by decisions, and what stays live meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from provider.tools.emulators import Serving, in_process
from tests.contract.complete import Publisher
from tests.contract.submission import fault

SUBMITTED, READY = ("InProgress", "Submitted"), ("Published", "ReadyToPublish")
PUBLISHING, LIVE = ("Published", "Publishing"), ("Published", "InStore")
FAILED, REJECTED = ("InProgress", "Failed"), ("Published", "FailedInCertification")
NEVER = "0001-01-01T00:00:00"
STARTS = 1_800_000_000.0


@pytest.fixture
def api(emulator: Serving) -> Publisher:
    return Publisher(emulator)


@pytest.fixture
def slow() -> Iterator[Publisher]:
    """Under the real pace, on a clock that stands still but for `advance`."""
    with in_process(pace="real", now=lambda: STARTS) as emulator:
        yield Publisher(emulator)


def test_the_clock_takes_a_submission_to_its_preview_and_to_the_store(slow):
    product = slow.complete()
    path = slow.submit(product)
    slow.emulator.advance(239)
    assert slow.stands(path) == SUBMITTED
    slow.emulator.advance(600)
    assert slow.stands(path) == SUBMITTED
    slow.emulator.advance(1)
    assert slow.stands(path) == READY
    slow.emulator.advance(10**6)
    assert slow.stands(path) == READY
    assert slow.promote(path).status_code == 200
    slow.emulator.advance(10799)
    assert slow.stands(path) == PUBLISHING
    assert slow.get(path)["publishedTimeInUtc"] == "1601-01-01T00:00:00Z"
    slow.emulator.advance(1)
    assert slow.stands(path) == LIVE
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", slow.get(path)["publishedTimeInUtc"])


def test_who_looks_late_sees_when_it_happened(slow):
    product = slow.complete()
    path = slow.submit(product)
    slow.emulator.advance(3600)
    (preview, live) = slow.get(f"{path}/workflowdetails")["value"]
    # Eight seconds for the offer to appear and its package to be processed, then four minutes, then ten.
    times = [f"2027-01-15T08:{minute}:08.0000000" for minute in ("00", "04", "14")]
    assert preview == {
        "type": "Push",
        "state": "InProgress",
        "targetEnvironment": "Preview",
        "startDateTimeInUtc": times[0],
        "completeDateTimeInUtc": NEVER,
        "workflowSteps": [
            step("Automated validation", "Success", times[0], times[1]),
            step("Preview Creation", "Success", times[1], times[2]),
            step("Publisher Signoff", "InProgress", times[2], NEVER),
        ],
    }
    steps = [step(name, "NotStarted", NEVER, NEVER) for name in ("Certification", "Publish")]
    assert live["workflowSteps"] == steps
    assert (live["state"], live["startDateTimeInUtc"]) == ("NotStarted", NEVER)


def step(name, state, began, ended):
    return {
        "name": name,
        "state": state,
        "startDateTimeInUtc": began,
        "completeDateTimeInUtc": ended,
    }


def test_workflow_details_follow_to_the_end(api):
    product = api.complete()
    path = api.submit(product)
    assert states(api, path) == [("InProgress", ["Success", "Success", "InProgress"]), ("NotStarted", 2)]
    api.emulator.decide("certification", "hold")
    detail = api.promote(path).json()
    assert (detail["targetEnvironment"], detail["state"]) == ("Live", "InProgress")
    assert api.get(f"{path}/workflowdetails")["value"][1] == detail
    api.emulator.decide("certification", "pass")
    assert states(api, path) == [("Success", 3), ("Success", 2)]
    (preview, live) = api.get(f"{path}/workflowdetails")["value"]
    assert preview["completeDateTimeInUtc"] == preview["workflowSteps"][-1]["completeDateTimeInUtc"]
    assert NEVER not in str((preview, live))


def states(api, path):
    """State of each way and of its steps; their number where they are all in the state of the way."""
    details = api.get(f"{path}/workflowdetails")["value"]
    steps = [[one["state"] for one in detail["workflowSteps"]] for detail in details]
    return [
        (detail["state"], len(each) if set(each) == {detail["state"]} else each)
        for detail, each in zip(details, steps, strict=True)
    ]


def test_a_failed_validation_has_one_way_and_says_why(api):
    product = api.complete()
    item = {"errorCode": "Listing-1", "severity": "Error", "message": "Too loud.", "resource": "Listing"}
    api.emulator.decide("validation", "fail", items=[item])
    path = api.submit(product)
    assert api.stands(path) == FAILED
    assert states(api, path) == [("Failed", ["Failed", "NotStarted", "NotStarted"])]
    assert api.get(f"{path}/validations") == {"value": [item]}
    assert api.get(f"{path}/reports") == {"value": []}
    assert api.go_live(product)


def test_a_failed_validation_is_never_without_a_reason(api):
    product = api.complete()
    api.emulator.decide("validation", "fail")
    assert len(api.problems(api.submit(product))) == 1


def test_a_pass_is_given_whatever_is_missing(api):
    product = api.offer()
    warning = {"errorCode": "L-1", "severity": "Warning", "message": "Short.", "resource": "Listing"}
    api.emulator.decide("validation", "pass", items=[warning])
    path = api.submit(product)
    assert api.stands(path) == READY
    assert api.get(f"{path}/validations")["value"] == [warning]


def test_a_failed_certification_has_a_report(api):
    product = api.complete()
    path = api.submit(product)
    api.emulator.decide("certification", "fail", report="The logo is upside down.")
    api.promote(path)
    assert api.stands(path) == REJECTED
    assert api.get(path)["pendingUpdateInfo"]["status"] == "Failed"
    assert states(api, path) == [("Success", 3), ("Failed", ["Failed", "NotStarted"])]
    (report,) = api.get(f"{path}/reports")["value"]
    assert report["status"] == "Failed"
    assert report["fileUri"].startswith(api.emulator.url)
    fetched = api.emulator.client.get(report["fileUri"], headers={"Authorization": ""})
    assert (fetched.status_code, fetched.text) == (200, "The logo is upside down.")
    assert api.emulator.client.get(f"{report['fileUri']}0").status_code == 404
    assert api.go_live(product)


def test_there_is_no_report_without_a_failed_certification(api):
    product = api.complete()
    path = api.go_live(product)
    assert api.get(f"{path}/reports") == {"value": []}
    where = f"/_emulator/reports/{path.rpartition('/')[2]}"
    assert api.emulator.client.get(where).status_code == 404


def test_a_decision_is_for_the_next_one_and_only_that(api):
    one, other = api.complete("contoso-one"), api.complete("contoso-two")
    api.emulator.decide("validation", "fail", product=other.rpartition("/")[2])
    api.emulator.decide("validation", "hold")
    assert len(decisions(api)) == 2
    assert api.stands(api.submit(one)) == SUBMITTED
    assert api.stands(api.submit(other)) == FAILED
    assert decisions(api) == []
    assert api.stands(api.submit(other)) == READY


def decisions(api):
    return api.emulator.client.get("/_emulator/decide").json()


def test_decisions_can_be_forgotten_and_end_with_a_reset(api):
    product = api.complete()
    api.emulator.decide("validation", "fail")
    api.emulator.client.delete("/_emulator/decide")
    assert decisions(api) == []
    assert api.stands(api.submit(product)) == READY
    api.emulator.decide("validation", "fail")
    api.emulator.reset()
    assert decisions(api) == []


@pytest.mark.parametrize(("outcome", "after"), [("pass", READY), ("fail", FAILED)])
def test_a_running_validation_can_be_held_and_let_go(slow, outcome, after):
    product = slow.complete()
    path = slow.submit(product)
    slow.emulator.advance(100)
    slow.emulator.decide("validation", "hold")
    slow.emulator.advance(10**6)
    assert slow.stands(path) == SUBMITTED
    slow.emulator.decide("validation", outcome)
    slow.emulator.advance(600)
    assert slow.stands(path) == after
    assert decisions(slow) == []


def test_a_decision_ends_what_runs_before_its_time(slow):
    product = slow.complete()
    path = slow.submit(product)
    slow.emulator.decide("validation", "pass")
    slow.emulator.advance(600)
    assert slow.stands(path) == READY
    slow.promote(path)
    slow.emulator.decide("certification", "pass")
    assert slow.stands(path) == LIVE


def test_preview_creation_can_be_cancelled_and_not_decided(slow):
    product = slow.complete()
    path = slow.submit(product)
    slow.emulator.advance(300)
    slow.emulator.decide("validation", "fail")
    assert slow.stands(path) == SUBMITTED
    assert slow.call("DELETE", path).status_code == 204
    assert states(slow, path)[0] == ("Cancelled", ["Success", "Cancelled", "NotStarted"])
    assert len(decisions(slow)) == 1


def test_a_new_submission_takes_the_place_of_a_preview(api):
    product = api.complete()
    old, new = api.submit(product), api.submit(product)
    assert api.stands(old)[0] == "Archived"
    assert api.stands(new) == READY
    refused = api.promote(old)
    assert refused.status_code == 409
    assert "not ready" in fault(refused)["reasonPhrase"]
    assert states(api, old)[0] == ("Cancelled", ["Success", "Success", "Cancelled"])


def test_what_is_live_stays_live_until_another_is(api):
    product = api.complete()
    live = api.go_live(product)
    for stage in ("validation", "certification"):
        api.emulator.decide(stage, "fail")
        path = api.submit(product)
        api.promote(path)
        assert api.stands(live) == LIVE
    path = api.submit(product)
    assert (api.stands(live), api.stands(path)) == (LIVE, READY)
    api.promote(path)
    assert api.stands(path) == LIVE
    assert api.stands(live)[0] == "Archived"


def test_a_partial_submission_carries_the_rest_over(api):
    product = api.complete()
    api.go_live(product)
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    api.edit_module(product, "Package", plan, packageReferences=[])
    api.edit(product, "listings", api.listing(product)["id"], summary="Keeps more")
    path = api.go_live(product, api.request(product, ["Listing"]))
    assert [one["type"] for one in api.get(path)["resources"]] == ["Listing"]
    failing = api.submit(product, api.request(product, ["Package"]))
    assert api.problems(failing) == ["Package-20002"]


def test_the_first_submission_needs_every_module(api):
    product = api.complete()
    path = api.submit(product, api.request(product, ["Property"]))
    assert api.stands(path) == FAILED
    missing = ["Availability-20000", "Listing-20000", "Package-20000", "Resell-20007", "Variant-20001"]
    assert sorted(api.problems(path)) == missing


def test_prices_are_locked_once_a_preview_shows_them_and_not_before(api):
    product = api.complete()
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    api.emulator.decide("validation", "fail")
    api.submit(product)
    for status in (200, 400):
        availability = api.availability(product, plan)
        (schedule,) = availability["priceSchedules"][0]["schedules"]
        schedule["retailPrice"]["openPrice"] += 1
        path = f"{product}/featureavailabilities/{availability['id']}"
        assert api.put(path, availability).status_code == status
        api.submit(product)
        assert api.stands(api.newest(product)) == READY


def test_what_the_portal_publishes_is_live_at_once(api):
    product = api.offer()
    api.emulator.publish(product.rpartition("/")[2])
    (submission,) = api.get(f"{product}/submissions")["value"]
    assert (submission["state"], submission["substate"]) == LIVE
    api.emulator.decide("validation", "hold")
    api.submit(product)
    refused = api.emulator.client.post("/_emulator/publish", json={"product": product.rpartition("/")[2]})
    assert refused.status_code == 400
    assert "in progress" in refused.json()["error"]


def test_a_restarted_emulator_goes_on_where_it_was(tmp_path):
    with in_process(data=tmp_path, now=lambda: STARTS) as emulator:
        api = Publisher(emulator)
        product = api.complete()
        api.emulator.decide("certification", "hold")
        path = api.submit(product)
        api.promote(path)
        api.emulator.decide("validation", "fail")
    with in_process(data=tmp_path, now=lambda: STARTS) as emulator:
        api = Publisher(emulator)
        assert api.stands(path) == PUBLISHING
        api.emulator.decide("certification", "pass")
        assert api.stands(path) == LIVE
        second = api.submit(product)
        assert api.stands(second) == FAILED
        assert int(second.rpartition("/")[2]) > int(path.rpartition("/")[2])
