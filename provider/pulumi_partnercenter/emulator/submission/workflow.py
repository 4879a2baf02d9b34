"""Workflow details of a submission, derived from its past phases."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ..state import Document

__all__ = ["details", "time"]

PREVIEW = {
    "Automated validation": "validating",
    "Preview Creation": "creating",
    "Publisher Signoff": "previewed",
}
LIVE = {"Certification": "certifying", "Publish": "live"}
NEVER = "0001-01-01T00:00:00"
# Status of a step, by the phase after it; the spellings are inferred.
BAD_ENDS = {"failed": "Failed", "rejected": "Failed", "cancelled": "Cancelled", "superseded": "Cancelled"}


def details(publication: Document) -> list[dict[str, Any]]:
    """Return the workflows to the preview and to the store: both, after a failed validation too.

    A lost submission has none (reported).
    """
    if publication.stage == "lost":
        return []
    history: list[list[Any]] = publication.body["history"]
    return [_detail("Preview", PREVIEW, history), _detail("Live", LIVE, history)]


def _detail(target: str, phases: dict[str, str], history: list[list[Any]]) -> dict[str, Any]:
    steps = [_step(name, phase, history) for name, phase in phases.items()]
    states = [step["state"] for step in steps]
    bad = [state for state in states if state in BAD_ENDS.values()]
    over = bool(bad) or set(states) == {"Success"}
    state = bad[0] if bad else states[0] if len(set(states)) == 1 else "InProgress"
    return {
        "type": "Push",
        "state": state,
        "targetEnvironment": target,
        "startDateTimeInUtc": steps[0]["startDateTimeInUtc"],
        "completeDateTimeInUtc": max(step["completeDateTimeInUtc"] for step in steps) if over else NEVER,
        "workflowSteps": steps,
    }


def _step(name: str, phase: str, history: list[list[Any]]) -> dict[str, str]:
    at = next((number for number, (entered, _) in enumerate(history) if entered == phase), None)
    if at is None:
        return _describe_step(name, "NotStarted", NEVER, NEVER)
    began = time(history[at][1])
    if phase == "live":  # certified content is live at once
        return _describe_step(name, "Success", began, began)
    if at + 1 == len(history):
        return _describe_step(name, "InProgress", began, NEVER)
    after, ended = history[at + 1]
    return _describe_step(name, BAD_ENDS.get(after, "Success"), began, time(ended))


def _describe_step(name: str, state: str, began: str, ended: str) -> dict[str, str]:
    return {"name": name, "state": state, "startDateTimeInUtc": began, "completeDateTimeInUtc": ended}


def time(seconds: float) -> str:
    """Return a time with seven digits of a second and no zone, as .NET writes it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0")
