"""Messages about publications: what a preview announces, and errors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...api.portal.operation_models import OfferStatus, Stage, plain_text
from ...errors import ApiError, JobTimeout, Rejected
from ...messages import redacted
from ...values import holds_unknown
from .._publishing import digest, has_reached

__all__ = [
    "busy_error",
    "cancelled_error",
    "describe_next_up",
    "describe_publication",
    "refusal",
    "rejection",
]


def describe_publication(was: Mapping[str, Any], desired: Mapping[str, Any]) -> str:
    """Describe for a preview what `up` publishes, and how far. Both may hold unknowns."""
    if holds_unknown(desired["offer"]):
        offer = "the replaced offer" if was else "a new offer"
    else:
        offer = f"offer {desired['offer']}"
    far = "to preview, then live" if desired["target"] == "live" else "to preview"
    if was.get("offer") != desired["offer"]:
        return f"{offer}: will be published {far}, unless the service holds its content already"
    if holds_unknown(desired["publishes"]) or digest(was.get("publishes")) != digest(desired["publishes"]):
        return f"{offer}: it changed: what differs from its publication goes {far}"
    if was.get("content") != digest(was.get("publishes")):
        return (
            f"{offer}: its publication is not the one of this stack: what differs from its draft goes {far}"
        )
    return f"{offer}: {_describe_next(was.get('state'), desired['target'], far)}"


def _describe_next(state: object, target: object, far: str) -> str:
    """Describe the next step of a publication with the program's content."""
    if has_reached(state, target):
        return f"it is {state}: nothing is published"
    steps: dict[object, str] = {
        Stage.FAILED.value: "its publication failed: it is published again only after a change",
        Stage.CANCELLED.value: f"its publication was cancelled: it is published {far}",
        Stage.PREVIEW.value: "its preview goes live",
    }
    return steps.get(state, f"it is {state}: continues to {target}")


def describe_next_up(stage: Stage, same: Collection[str], *, is_draft_older: bool) -> str:
    """Describe what `up` does of a program that has the draft.

    `same`: stages, of `preview` and `live`, with the content of the draft. `is_draft_older`: than the publication.
    """
    publishes, is_previewed = "publishes the draft to preview", "preview" in same
    if stage is Stage.FAILED and is_draft_older and "live" not in same:
        return "reports this failure again; it publishes once the draft is changed"
    steps = {
        Stage.VALIDATING: "waits for the preview, then replaces it if the draft differs",
        Stage.PREVIEW: "sends the preview live with target `live`; with `preview` it publishes nothing"
        if is_previewed
        else f"cancels this preview and {publishes}, because the draft differs",
        Stage.GOING_LIVE: "reports the progress to live; it publishes nothing"
        if is_previewed
        else "fails: the draft differs, and nothing is published until this has ended",
    }
    return steps.get(stage) or ("publishes nothing: the draft is live" if "live" in same else publishes)


def busy_error(id: str, stage: Stage) -> JobTimeout:
    return JobTimeout(
        f"publication of offer {id}: one with other content is {stage.value}, and until it has ended nothing else can"
        " be published",
        next="run `pulumi up` again once it has ended, in hours or days, or cancel it in Partner Center",
    )


def rejection(id: str, status: OfferStatus) -> Rejected:
    """Build the error with every message of the failed steps."""
    return Rejected(
        f"publication of offer {id}: it failed",
        [redacted(problem) for problem in status.problems()],
        next="correct the offer and run `pulumi up` again: changed content is published",
    )


def refusal(id: str, error: ApiError) -> Rejected:
    """Build the error for a draft that the service does not begin to publish, with a line for each of its modules."""
    lines = [f"{name}: {text}" for name, texts in error.fields.items() for text in texts]
    return Rejected(
        f"publication of offer {id}: the service refuses the draft ({error.status}); nothing was started",
        [plain_text(redacted(line)) for line in lines or [error.said]],
        next="correct the offer and run `pulumi up` again",
    )


def cancelled_error(id: str) -> Rejected:
    """Build the error for a publication that another client cancelled during `up`."""
    return Rejected(
        f"publication of offer {id}: it was cancelled before it reached its target",
        ["canceled"],
        next="run `pulumi up` again to publish the same content anew",
    )
