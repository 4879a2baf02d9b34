"""The standing of a submission, from its state, substate, target and pending update."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_partnercenter.api.submission.submission_models import Standing, Submission

PREVIEW, LIVE = "Preview", "Live"
COMPLETED = {"updateType": "Create", "status": "Completed"}


def failed_update(update_type: str) -> dict[str, str]:
    return {"updateType": update_type, "status": "Failed", "failureReason": "Something broke."}


STANDINGS: list[tuple[str, str, str, dict[str, str], Standing, bool]] = [
    # columns: state, substate, target, pendingUpdateInfo, standing, whether it blocks another submission
    (
        "InProgress",
        "InDraft",
        PREVIEW,
        {"updateType": "Create", "status": "Running"},
        Standing.VALIDATING,
        True,
    ),
    ("InProgress", "Submitted", PREVIEW, COMPLETED, Standing.VALIDATING, True),
    ("InProgress", "Submitted", PREVIEW, {}, Standing.VALIDATING, True),
    ("InProgress", "Publishing", PREVIEW, COMPLETED, Standing.VALIDATING, True),
    (
        "InProgress",
        "Submitted",
        LIVE,
        {"updateType": "Promote", "status": "Running"},
        Standing.CERTIFYING,
        True,
    ),
    ("Published", "Publishing", PREVIEW, COMPLETED, Standing.CERTIFYING, True),
    (
        "Published",
        "Publishing",
        LIVE,
        {"updateType": "Promote", "status": "Running"},
        Standing.CERTIFYING,
        True,
    ),
    ("Published", "Published", LIVE, {}, Standing.CERTIFYING, True),
    ("Published", "ReadyToPublish", PREVIEW, COMPLETED, Standing.PREVIEW, False),
    ("Published", "InStore", LIVE, {"updateType": "Promote", "status": "Completed"}, Standing.LIVE, False),
    ("Published", "InStore", PREVIEW, COMPLETED, Standing.LIVE, False),
    ("InProgress", "Failed", PREVIEW, COMPLETED, Standing.FAILED, False),
    ("InProgress", "Failed", PREVIEW, {}, Standing.FAILED, False),
    ("Published", "FailedInCertification", LIVE, {}, Standing.FAILED, False),
    ("Published", "FailedInCertification", LIVE, failed_update("Promote"), Standing.FAILED, False),
    ("InProgress", "Submitted", PREVIEW, failed_update("Create"), Standing.FAILED, False),
    ("InProgress", "Submitted", PREVIEW, failed_update("Validate"), Standing.FAILED, False),
    ("Published", "Publishing", LIVE, failed_update("Promote"), Standing.FAILED, False),
    ("Cancelled", "Cancelled", PREVIEW, COMPLETED, Standing.CANCELLED, False),
    ("Cancelled", "Submitted", PREVIEW, COMPLETED, Standing.CANCELLED, False),
    ("Deleted", "InDraft", PREVIEW, {}, Standing.CANCELLED, False),
    ("InProgress", "Cancelled", PREVIEW, {}, Standing.CANCELLED, False),
    ("Archived", "ReadyToPublish", PREVIEW, COMPLETED, Standing.ARCHIVED, False),
    ("Archived", "InStore", LIVE, {}, Standing.ARCHIVED, False),
    ("RolledBack", "InStore", LIVE, {}, Standing.ARCHIVED, False),
]


@pytest.mark.parametrize(
    "change_case", [str, str.upper, str.lower], ids=["documented case", "upper case", "lower case"]
)
@pytest.mark.parametrize(("state", "substate", "target", "pending", "standing", "is_busy"), STANDINGS)
def test_the_standing_of_a_submission_follows_from_the_services_answer(
    state: str,
    substate: str,
    target: str,
    pending: dict[str, str],
    standing: Standing,
    is_busy: bool,
    change_case: Any,
) -> None:
    body = {
        "id": "1152921505690000001",
        "state": change_case(state),
        "substate": change_case(substate),
        "targets": [{"type": "Scope", "value": change_case(target)}],
        "pendingUpdateInfo": {name: change_case(value) for name, value in pending.items()},
    }
    submission = Submission.from_json(body, "submission: read")
    assert submission.standing is standing
    assert submission.standing.is_busy is is_busy
