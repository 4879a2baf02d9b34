"""Progress of submissions by clock and by decisions, and the live submission meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from provider.tools.emulators import RunningEmulator, in_process
from tests.contract.publisher import Publisher
from tests.contract.raw_api import error_document

SUBMITTED, READY = ("InProgress", "Submitted"), ("Published", "ReadyToPublish")
PUBLISHING, LIVE = ("Published", "Publishing"), ("Published", "InStore")
FAILED, REJECTED = ("InProgress", "Failed"), ("Published", "FailedInCertification")
NEVER = "0001-01-01T00:00:00"
START = 1_800_000_000.0


@pytest.fixture
def api(emulator: RunningEmulator) -> Publisher:
    return Publisher(emulator)


@pytest.fixture
def api_at_real_pace() -> Iterator[Publisher]:
    """A publisher at real pace, with a clock that only `advance` moves."""
    with in_process(pace="real", now=lambda: START) as emulator:
        yield Publisher(emulator)


def test_a_submission_reaches_preview_and_store_at_their_times(api_at_real_pace):
    product = api_at_real_pace.create_complete_offer()
    path = api_at_real_pace.submit(product)
    api_at_real_pace.emulator.advance(239)
    assert api_at_real_pace.read_state(path) == SUBMITTED
    api_at_real_pace.emulator.advance(600)
    assert api_at_real_pace.read_state(path) == SUBMITTED
    api_at_real_pace.emulator.advance(1)
    assert api_at_real_pace.read_state(path) == READY
    api_at_real_pace.emulator.advance(10**6)
    assert api_at_real_pace.read_state(path) == READY
    assert api_at_real_pace.promote(path).status_code == 200
    api_at_real_pace.emulator.advance(10799)
    assert api_at_real_pace.read_state(path) == PUBLISHING
    assert api_at_real_pace.get(path)["publishedTimeInUtc"] == "1601-01-01T00:00:00Z"
    api_at_real_pace.emulator.advance(1)
    assert api_at_real_pace.read_state(path) == LIVE
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", api_at_real_pace.get(path)["publishedTimeInUtc"]
    )


def test_workflow_details_have_the_times_of_past_steps(api_at_real_pace):
    product = api_at_real_pace.create_complete_offer()
    path = api_at_real_pace.submit(product)
    api_at_real_pace.emulator.advance(3600)
    (preview, live) = api_at_real_pace.get(f"{path}/workflowdetails")["value"]
    # Eight seconds of package processing, four minutes of validation, ten minutes of preview creation.
    times = [f"2027-01-15T08:{minute}:08.0000000" for minute in ("00", "04", "14")]
    assert preview == {
        "type": "Push",
        "state": "InProgress",
        "targetEnvironment": "Preview",
        "startDateTimeInUtc": times[0],
        "completeDateTimeInUtc": NEVER,
        "workflowSteps": [
            build_step("Automated validation", "Success", times[0], times[1]),
            build_step("Preview Creation", "Success", times[1], times[2]),
            build_step("Publisher Signoff", "InProgress", times[2], NEVER),
        ],
    }
    steps = [build_step(name, "NotStarted", NEVER, NEVER) for name in ("Certification", "Publish")]
    assert live["workflowSteps"] == steps
    assert (live["state"], live["startDateTimeInUtc"]) == ("NotStarted", NEVER)


def build_step(name, state, start, end):
    return {
        "name": name,
        "state": state,
        "startDateTimeInUtc": start,
        "completeDateTimeInUtc": end,
    }


def test_workflow_details_follow_a_submission_to_the_end(api):
    product = api.create_complete_offer()
    path = api.submit(product)
    assert workflow_states(api, path) == [
        ("InProgress", ["Success", "Success", "InProgress"]),
        ("NotStarted", 2),
    ]
    api.emulator.decide("certification", "hold")
    detail = api.promote(path).json()
    assert (detail["targetEnvironment"], detail["state"]) == ("Live", "InProgress")
    assert api.get(f"{path}/workflowdetails")["value"][1] == detail
    api.emulator.decide("certification", "pass")
    assert workflow_states(api, path) == [("Success", 3), ("Success", 2)]
    (preview, live) = api.get(f"{path}/workflowdetails")["value"]
    assert preview["completeDateTimeInUtc"] == preview["workflowSteps"][-1]["completeDateTimeInUtc"]
    assert NEVER not in str((preview, live))


def workflow_states(api, path):
    """States of the workflows and their steps. Steps in the state of their workflow are only counted."""
    details = api.get(f"{path}/workflowdetails")["value"]
    steps = [[step["state"] for step in detail["workflowSteps"]] for detail in details]
    return [
        (detail["state"], len(step_states) if set(step_states) == {detail["state"]} else step_states)
        for detail, step_states in zip(details, steps, strict=True)
    ]


def test_a_failed_validation_has_both_workflows_and_validation_items(api):
    product = api.create_complete_offer()
    item = {"errorCode": "Listing-1", "severity": "Error", "message": "Too loud.", "resource": "Listing"}
    api.emulator.decide("validation", "fail", items=[item])
    path = api.submit(product)
    assert api.read_state(path) == FAILED
    assert workflow_states(api, path) == [
        ("Failed", ["Failed", "NotStarted", "NotStarted"]),
        ("NotStarted", 2),
    ]
    assert api.get(f"{path}/validations") == {"value": [item]}
    assert api.get(f"{path}/reports") == {"value": []}
    assert api.go_live(product)


def test_a_failed_validation_always_has_an_item(api):
    product = api.create_complete_offer()
    api.emulator.decide("validation", "fail")
    assert len(api.read_problems(api.submit(product))) == 1


def test_a_decision_to_pass_overrules_missing_modules(api):
    product = api.create_offer()
    warning = {"errorCode": "L-1", "severity": "Warning", "message": "Short.", "resource": "Listing"}
    api.emulator.decide("validation", "pass", items=[warning])
    path = api.submit(product)
    assert api.read_state(path) == READY
    assert api.get(f"{path}/validations")["value"] == [warning]


def test_a_failed_certification_has_a_report(api):
    product = api.create_complete_offer()
    path = api.submit(product)
    api.emulator.decide("certification", "fail", report="The logo is upside down.")
    api.promote(path)
    assert api.read_state(path) == REJECTED
    assert api.get(path)["pendingUpdateInfo"]["status"] == "Failed"
    assert workflow_states(api, path) == [("Success", 3), ("Failed", ["Failed", "NotStarted"])]
    (report,) = api.get(f"{path}/reports")["value"]
    assert report["status"] == "Failed"
    assert report["fileUri"].startswith(api.emulator.url)
    report_file = api.emulator.client.get(report["fileUri"], headers={"Authorization": ""})
    assert (report_file.status_code, report_file.text) == (200, "The logo is upside down.")
    assert api.emulator.client.get(f"{report['fileUri']}0").status_code == 404
    assert api.go_live(product)


def test_a_successful_certification_has_no_report(api):
    product = api.create_complete_offer()
    path = api.go_live(product)
    assert api.get(f"{path}/reports") == {"value": []}
    report_path = f"/_emulator/reports/{path.rpartition('/')[2]}"
    assert api.emulator.client.get(report_path).status_code == 404


def test_a_decision_applies_to_the_next_submission_only(api):
    product, other_product = (
        api.create_complete_offer("contoso-one"),
        api.create_complete_offer("contoso-two"),
    )
    api.emulator.decide("validation", "fail", product=other_product.rpartition("/")[2])
    api.emulator.decide("validation", "hold")
    assert len(read_decisions(api)) == 2
    assert api.read_state(api.submit(product)) == SUBMITTED
    assert api.read_state(api.submit(other_product)) == FAILED
    assert read_decisions(api) == []
    assert api.read_state(api.submit(other_product)) == READY


def read_decisions(api):
    return api.emulator.client.get("/_emulator/decide").json()


def test_decisions_can_be_deleted_and_end_with_a_reset(api):
    product = api.create_complete_offer()
    api.emulator.decide("validation", "fail")
    api.emulator.client.delete("/_emulator/decide")
    assert read_decisions(api) == []
    assert api.read_state(api.submit(product)) == READY
    api.emulator.decide("validation", "fail")
    api.emulator.reset()
    assert read_decisions(api) == []


@pytest.mark.parametrize(("outcome", "state"), [("pass", READY), ("fail", FAILED)])
def test_a_running_validation_can_be_held_and_decided_later(api_at_real_pace, outcome, state):
    product = api_at_real_pace.create_complete_offer()
    path = api_at_real_pace.submit(product)
    api_at_real_pace.emulator.advance(100)
    api_at_real_pace.emulator.decide("validation", "hold")
    api_at_real_pace.emulator.advance(10**6)
    assert api_at_real_pace.read_state(path) == SUBMITTED
    api_at_real_pace.emulator.decide("validation", outcome)
    api_at_real_pace.emulator.advance(600)
    assert api_at_real_pace.read_state(path) == state
    assert read_decisions(api_at_real_pace) == []


def test_a_decision_ends_a_running_stage_early(api_at_real_pace):
    product = api_at_real_pace.create_complete_offer()
    path = api_at_real_pace.submit(product)
    api_at_real_pace.emulator.decide("validation", "pass")
    api_at_real_pace.emulator.advance(600)
    assert api_at_real_pace.read_state(path) == READY
    api_at_real_pace.promote(path)
    api_at_real_pace.emulator.decide("certification", "pass")
    assert api_at_real_pace.read_state(path) == LIVE


def test_preview_creation_can_be_cancelled_and_not_decided(api_at_real_pace):
    product = api_at_real_pace.create_complete_offer()
    path = api_at_real_pace.submit(product)
    api_at_real_pace.emulator.advance(300)
    api_at_real_pace.emulator.decide("validation", "fail")
    assert api_at_real_pace.read_state(path) == SUBMITTED
    assert api_at_real_pace.call("DELETE", path).status_code == 204
    assert workflow_states(api_at_real_pace, path)[0] == ("Cancelled", ["Success", "Cancelled", "NotStarted"])
    assert len(read_decisions(api_at_real_pace)) == 1


def test_a_new_submission_replaces_a_preview(api):
    product = api.create_complete_offer()
    old, new = api.submit(product), api.submit(product)
    assert api.read_state(old)[0] == "Archived"
    assert api.read_state(new) == READY
    answer = api.promote(old)
    assert answer.status_code == 409
    assert "not ready" in error_document(answer)["reasonPhrase"]
    assert workflow_states(api, old)[0] == ("Cancelled", ["Success", "Success", "Cancelled"])


def test_the_live_submission_stays_live_until_another_goes_live(api):
    product = api.create_complete_offer()
    live = api.go_live(product)
    for stage in ("validation", "certification"):
        api.emulator.decide(stage, "fail")
        path = api.submit(product)
        api.promote(path)
        assert api.read_state(live) == LIVE
    path = api.submit(product)
    assert (api.read_state(live), api.read_state(path)) == (LIVE, READY)
    api.promote(path)
    assert api.read_state(path) == LIVE
    assert api.read_state(live)[0] == "Archived"


def test_a_partial_submission_keeps_the_other_modules(api):
    product = api.create_complete_offer()
    api.go_live(product)
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    api.edit_module(product, "Package", plan, packageReferences=[])
    api.edit(product, "listings", api.read_listing(product)["id"], summary="Keeps more")
    path = api.go_live(product, api.build_request(product, ["Listing"]))
    assert [resource["type"] for resource in api.get(path)["resources"]] == ["Listing"]
    failed_submission = api.submit(product, api.build_request(product, ["Package"]))
    assert api.read_problems(failed_submission) == ["Package-20002"]


def test_the_first_submission_needs_every_module(api):
    product = api.create_complete_offer()
    path = api.submit(product, api.build_request(product, ["Property"]))
    assert api.read_state(path) == FAILED
    missing = ["Availability-20000", "Listing-20000", "Package-20000", "Resell-20007", "Variant-20001"]
    assert sorted(api.read_problems(path)) == missing


def test_prices_are_locked_by_a_preview_and_not_by_a_failed_submission(api):
    product = api.create_complete_offer()
    plan = api.get(f"{product}/variants")["value"][0]["id"]
    api.emulator.decide("validation", "fail")
    api.submit(product)
    for status in (200, 400):
        availability = api.read_availability(product, plan)
        (schedule,) = availability["priceSchedules"][0]["schedules"]
        schedule["retailPrice"]["openPrice"] += 1
        path = f"{product}/featureavailabilities/{availability['id']}"
        assert api.put(path, availability).status_code == status
        api.submit(product)
        assert api.read_state(api.newest_submission(product)) == READY


def test_a_submission_of_the_portal_is_live_at_once(api):
    product = api.create_offer()
    api.emulator.publish(product.rpartition("/")[2])
    (submission,) = api.get(f"{product}/submissions")["value"]
    assert (submission["state"], submission["substate"]) == LIVE
    api.emulator.decide("validation", "hold")
    api.submit(product)
    answer = api.emulator.client.post("/_emulator/publish", json={"product": product.rpartition("/")[2]})
    assert answer.status_code == 400
    assert "in progress" in answer.json()["error"]


def test_a_restarted_emulator_continues_its_submissions(tmp_path):
    with in_process(data=tmp_path, now=lambda: START) as emulator:
        api = Publisher(emulator)
        product = api.create_complete_offer()
        api.emulator.decide("certification", "hold")
        path = api.submit(product)
        api.promote(path)
        api.emulator.decide("validation", "fail")
    with in_process(data=tmp_path, now=lambda: START) as emulator:
        api = Publisher(emulator)
        assert api.read_state(path) == PUBLISHING
        api.emulator.decide("certification", "pass")
        assert api.read_state(path) == LIVE
        second = api.submit(product)
        assert api.read_state(second) == FAILED
        assert int(second.rpartition("/")[2]) > int(path.rpartition("/")[2])
