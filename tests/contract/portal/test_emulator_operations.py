"""Publication over the clock: steps, decisions, cancellation, go live, and what each answer says meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator, in_process
from tests.contract.portal.cpp import (
    DAY,
    HOUR,
    MARKETPLACE,
    PUBLISHER,
    STEPS,
    CppApi,
    definition,
    envelope,
)

OFFER = "gateway-vm"
STAGES = dict(
    zip(
        (*STEPS[:4], "live"),
        (
            "portal_validation",
            "portal_certification",
            "portal_provisioning",
            "portal_packaging",
            "portal_live",
        ),
        strict=True,
    )
)


@pytest.fixture
def cpp(emulator: RunningEmulator) -> CppApi:
    cpp = CppApi(emulator)
    cpp.make(OFFER, definition=definition())
    return cpp


@pytest.fixture
def slow() -> Iterator[CppApi]:
    """An offer in an emulator of the real pace."""
    with in_process(pace="real") as emulator:
        cpp = CppApi(emulator)
        cpp.make(OFFER, definition=definition())
        yield cpp


def test_at_the_real_pace_a_preview_takes_days_and_so_does_going_live(slow):
    slow.publish(OFFER)
    assert slow.steps(OFFER)["displaydummycertify"] == "inProgress"
    slow.emulator.advance(HOUR)
    assert slow.steps(OFFER)["displaycertify"] == "inProgress"
    slow.emulator.advance(3 * DAY)
    assert slow.status(OFFER) == "waitingForPublisherReview"
    slow.go_live(OFFER)
    slow.emulator.advance(DAY)
    assert slow.status(OFFER) == "running"
    slow.emulator.advance(2 * DAY)
    assert slow.status(OFFER) == "succeeded"


def test_a_preview_waits_for_the_publisher_without_limit(slow):
    slow.publish(OFFER)
    slow.emulator.advance(400 * DAY)
    assert slow.status(OFFER) == "waitingForPublisherReview"


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_every_answer_has_the_status_of_its_time(slow, method):
    slow.publish(OFFER)
    document = slow.read(OFFER)
    assert slow.emulator.store is not None
    with (
        slow.emulator.store.transaction()
    ):  # without the control plane, which brings operations up to the clock
        slow.emulator.store.advance(10 * DAY)
    answer = slow.put(OFFER, document, "*") if method == "PUT" else slow.offer("GET", OFFER)
    assert answer.json()["status"] == "waitingForPublisherReview"


def test_an_asynchronous_cancellation_takes_two_minutes_at_the_real_pace(slow):
    location = slow.publish(OFFER)
    answer = slow.offer("POST", OFFER, "/cancel")
    assert answer.status_code == 202
    slow.emulator.advance(60)
    assert slow.follow(location)["status"] == "running"
    assert slow.offer("POST", OFFER, "/publish").status_code == 409
    assert slow.offer("POST", OFFER, "/cancel").status_code == 202
    slow.emulator.advance(61)
    assert slow.follow(answer.headers["location"])["status"] == "canceled"
    slow.publish(OFFER)


def test_a_preview_that_is_being_cancelled_cannot_go_live(slow):
    slow.publish(OFFER)
    slow.emulator.advance(10 * DAY)
    slow.offer("POST", OFFER, "/cancel")
    assert slow.offer("POST", OFFER, "/golive").status_code == 400
    slow.emulator.advance(DAY)
    assert slow.status(OFFER) == "canceled"


def test_one_advance_moves_an_operation_through_all_its_steps_in_their_own_time(slow):
    slow.publish(OFFER)
    slow.emulator.advance(30 * DAY)
    times = [step["messages"][0]["timestamp"] for step in slow.read(OFFER, "/status")["steps"][:4]]
    assert times == sorted(set(times))


@pytest.mark.sample(5)
@pytest.mark.parametrize("step", STAGES)
@pytest.mark.parametrize(
    ("outcome", "status"), [("hold", "inProgress"), ("block", "blocked"), ("approval", "waitingForApproval")]
)
def test_a_step_can_be_held_in_every_state_until_a_later_decision(cpp, step, outcome, status):
    cpp.emulator.decide(STAGES[step], outcome, messages=["Look here."])
    location = cpp.publish(OFFER)
    if step == "live":
        assert cpp.status(OFFER) == "waitingForPublisherReview"
        location = cpp.go_live(OFFER)
    cpp.emulator.advance(400 * DAY)
    operation = cpp.follow(location)
    (held,) = [item for item in operation["steps"] if item["id"] == step]
    assert (operation["status"], held["status"]) == ("running", status)
    assert held["messages"][0]["messageHtml"] == "Look here."
    assert held["messages"][0]["level"] == "error"
    assert cpp.status(OFFER) == "running"
    cpp.emulator.decide(STAGES[step], "pass")
    assert cpp.status(OFFER) == ("succeeded" if step == "live" else "waitingForPublisherReview")


@pytest.mark.sample(5)
@pytest.mark.parametrize("step", STAGES)
@pytest.mark.parametrize(("outcome", "status"), [("fail", "blocked"), ("reject", "rejected")])
def test_a_step_that_fails_ends_the_operation_and_a_new_publication_can_follow(cpp, step, outcome, status):
    cpp.emulator.decide(STAGES[step], outcome, messages=["The logo is hard to read."])
    location = cpp.publish(OFFER)
    if step == "live":
        location = cpp.go_live(OFFER)
    operation = cpp.follow(location)
    statuses = {item["id"]: item["status"] for item in operation["steps"]}
    assert (operation["status"], statuses[step]) == ("failed", status)
    assert list(statuses.values())[: STEPS.index(step)] == ["complete"] * STEPS.index(step)
    assert cpp.status(OFFER) == cpp.read(OFFER)["status"] == "failed"
    assert "cancellationRequestState" not in operation
    assert cpp.offer("GET", OFFER, "/slot/production").status_code == 404
    cpp.publish(OFFER)
    cpp.go_live(OFFER)
    assert cpp.status(OFFER) == "succeeded"


def test_a_decision_is_used_once_and_by_its_offer_only(cpp):
    cpp.make("other-vm", definition=definition())
    cpp.emulator.decide("portal_certification", "fail", offer=f"{PUBLISHER}/{OFFER}")
    cpp.publish("other-vm")
    assert cpp.status("other-vm") == "waitingForPublisherReview"
    cpp.publish(OFFER)
    assert cpp.status(OFFER) == "failed"
    cpp.publish(OFFER)
    assert cpp.status(OFFER) == "waitingForPublisherReview"


def test_a_decision_to_pass_certification_overlooks_missing_images(cpp):
    content = definition()
    content["plans"][0]["microsoft-azure-virtualmachines.vmImages"] = {}
    cpp.put(OFFER, envelope(OFFER, content), "*")
    cpp.emulator.decide("portal_certification", "pass")
    cpp.publish(OFFER)
    assert cpp.status(OFFER) == "waitingForPublisherReview"


def test_a_test_drive_has_a_step_of_its_own(cpp):
    content = definition()
    content["offer"][f"{MARKETPLACE}-testdrive.enabled"] = True
    cpp.put(OFFER, envelope(OFFER, content), "*")
    cpp.emulator.decide("portal_test_drive", "reject")
    cpp.publish(OFFER)
    assert list(cpp.steps(OFFER).values()) == ["complete", "rejected", *["notStarted"] * 5]


def test_an_offer_that_was_never_published_has_a_status_without_beginnings(cpp):
    status = cpp.read(OFFER, "/status")
    assert status["status"] == "neverPublished"
    assert {step["status"] for step in status["steps"]} == {"notStarted"}
    assert cpp.read(OFFER, "/submissions") == []


def test_the_draft_can_be_written_while_an_operation_runs_and_the_preview_has_the_content_of_its_beginning(
    cpp,
):
    cpp.emulator.decide("portal_validation", "hold")
    cpp.publish(OFFER)
    cpp.put(OFFER, envelope(OFFER, definition("Later")), "*")
    cpp.emulator.decide("portal_validation", "pass")
    assert cpp.read(OFFER, "/slot/preview")["definition"]["displayText"] == "Gateway"
    cpp.put(OFFER, envelope(OFFER, definition("Later still")), "*")
    cpp.go_live(OFFER)
    assert cpp.read(OFFER, "/slot/production")["definition"]["displayText"] == "Gateway"
    assert cpp.read(OFFER)["definition"]["displayText"] == "Later still"


def test_operations_are_listed_newest_first_with_one_running_at_most(cpp):
    cpp.publish(OFFER)
    cpp.go_live(OFFER)
    cpp.publish(OFFER)
    listed = cpp.read(OFFER, "/submissions/")
    assert [(item["submissionType"], item["submissionState"]) for item in listed] == [
        ("publish", "running"),
        ("goLive", "completed"),
        ("publish", "completed"),
    ]
    assert [item["publishingVersion"] for item in listed] == [2, 1, 1]
    versions = [item["version"] for item in listed]
    assert versions == sorted(versions, reverse=True)
    assert all(version > 2**53 for version in versions)


@pytest.mark.parametrize(
    ("state", "count"),
    [
        ("running", 1),
        ("completed", 2),
        ("Complete", 2),
        ("canceled", 1),
        ("cancelled", 1),
        ("failed", 0),
        ("not started", 0),
    ],
)
def test_operations_are_filtered_by_state_in_every_spelling(cpp, state, count):
    cpp.publish(OFFER)
    cpp.go_live(OFFER)
    cpp.publish(OFFER)
    cpp.offer("POST", OFFER, "/cancel")
    cpp.publish(OFFER)
    for name in ("status", "submissionState"):
        assert len(cpp.read(OFFER, "/submissions/", **{name: state})) == count


@pytest.mark.parametrize("is_array", [False, True])
def test_an_operation_is_an_object_or_an_array_of_one(cpp, is_array):
    cpp.set(operation_as_array=is_array)
    answer = cpp.emulator.client.get(cpp.publish(OFFER)).json()
    assert isinstance(answer, list) is is_array
    assert len(answer) == (1 if is_array else 9)


@pytest.mark.parametrize("is_migrated", [False, True])
@pytest.mark.parametrize("chosen", [None, False, True])
def test_names_of_steps_are_their_ids_after_migration_or_as_set(cpp, is_migrated, chosen):
    cpp.set(step_name_equals_id=chosen)
    cpp.make("other-vm", is_migrated=is_migrated, definition=definition())
    for step in cpp.read("other-vm", "/status")["steps"]:
        has_id = is_migrated if chosen is None else chosen
        assert (step["stepName"] == step["id"]) is has_id


def test_an_operation_is_found_below_its_own_offer_only(cpp):
    cpp.make("other-vm", definition=definition())
    cpp.publish(OFFER)
    (submission,) = cpp.read(OFFER, "/submissions/")
    assert cpp.offer("GET", OFFER, f"/operations/{submission['id']}/").status_code == 200
    assert cpp.offer("GET", "other-vm", f"/operations/{submission['id']}").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "x",
        f"{PUBLISHER}${OFFER}$1",
        f"{PUBLISHER}${OFFER}$2$preview",
        f"{PUBLISHER}${OFFER}$1$production",
        f"{PUBLISHER}$other$1$preview",
        f"nobody${OFFER}$1$preview",
        f"{PUBLISHER}${OFFER}$1$preview$",
    ],
)
def test_a_name_of_no_operation_is_404(cpp, name):
    cpp.publish(OFFER)
    assert cpp.call("GET", f"/operations/{PUBLISHER}${OFFER}$1$preview").status_code == 200
    assert cpp.call("GET", f"/operations/{name}").status_code == 404


def test_both_headers_name_the_operation_relative_to_the_host(cpp):
    answer = cpp.offer("POST", OFFER, "/publish")
    assert answer.headers["location"] == answer.headers["operation-location"]
    assert answer.headers["location"].startswith("/api/")


def test_going_live_repeats_the_addresses_of_the_publication_unless_it_has_its_own(cpp):
    for emails in ("ops@fabrikam.example", "release@fabrikam.example"):
        cpp.publish(OFFER, "ops@fabrikam.example")
        body = {"metadata": {"notification-emails": emails}}
        answer = cpp.offer("POST", OFFER, "/golive", json=body if emails.startswith("release") else None)
        assert cpp.follow(answer.headers["location"])["notificationEmails"] == emails


def test_a_cancelled_publication_leaves_production_as_it_is(cpp):
    cpp.publish(OFFER)
    cpp.go_live(OFFER)
    before = cpp.read(OFFER, "/slot/production")
    cpp.put(OFFER, envelope(OFFER, definition("Second")), "*")
    cpp.publish(OFFER)
    cpp.offer("POST", OFFER, "/cancel")
    assert cpp.status(OFFER) == "canceled"
    after = cpp.read(OFFER, "/slot/production")
    assert after["version"] == before["version"] == 1
    assert after["definition"]["displayText"] == "Gateway"
    assert cpp.read(OFFER)["version"] == 2


@pytest.mark.parametrize("body", [[], "x", {"metadata": 1}, {"metadata": {"notification-emails": ["a"]}}])
@pytest.mark.parametrize("verb", ["publish", "golive", "cancel"])
def test_a_body_of_the_wrong_type_is_400_and_starts_nothing(cpp, verb, body):
    if verb != "publish":
        cpp.publish(OFFER)
    before = cpp.read(OFFER, "/submissions/")
    assert cpp.offer("POST", OFFER, f"/{verb}", json=body).status_code == 400
    assert cpp.read(OFFER, "/submissions/") == before


def members(*names: str) -> set[str]:
    return set(names)


def test_answers_have_the_members_of_the_documentation(cpp):
    operation: Any = cpp.follow(cpp.publish(OFFER))
    status = cpp.read(OFFER, "/status")
    lists = members("messages", "steps", "previewLinks", "liveLinks")
    assert set(status) == lists | members("status", "notificationEmails")
    assert set(operation) == lists | members(
        "status", "publishingVersion", "offerVersion", "cancellationRequestState", "notificationEmails"
    )
    for step in operation["steps"]:
        optional = members() if step["id"] == "publisher-signoff" else members("estimatedTimeFrame")
        assert set(step) == optional | members(
            "id", "stepName", "description", "status", "messages", "progressPercentage"
        )
    (submission,) = cpp.read(OFFER, "/submissions/")
    assert set(submission) == members(
        "id", "offerId", "offerVersion", "offerTypeId", "publisherId", "submissionType", "submissionState"
    ) | members("publishingVersion", "slot", "version", "definition", "changedTime")
