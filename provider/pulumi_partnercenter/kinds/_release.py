"""The way of content to its target: room for a new submission, then preview and live."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..api.submission.submission_models import Standing
from ..api.submission.submission_models import Submission as Run
from ._publishing import (
    Published,
    busy_error,
    current_submission,
    recorded_content,
    require_success,
)
from ._submission_api import SubmissionApi

__all__ = ["Release", "cancel_own", "deadline_after", "find_own", "make_room", "reach_target"]


@dataclass(frozen=True)
class Release:
    """What a resource publishes, and how far."""

    product: str
    content: str
    """Digest of the content, in the notes of its submission."""
    holds: Callable[[Run], bool]
    """Whether a submission has this content, perhaps beside content of other clients."""
    target: str
    deadline: float
    """End of all waits, as a value of `time.monotonic`; see `deadline_after`."""
    published: Sequence[Published] = ()
    """Possible subjects of findings."""
    replaceable: str | None = None
    """Id of a submission that may be cancelled for newer content."""

    def wait(self, api: SubmissionApi, run: Run) -> Run:
        """Wait for the end of a submission's way to preview, for the rest of the time."""
        return api.submissions.wait(self.product, run, (self.deadline - time.monotonic()) / 60)


def deadline_after(minutes: float) -> float:
    return time.monotonic() + minutes * 60


def make_room(api: SubmissionApi, release: Release, runs: Sequence[Run]) -> Run | None:
    """Return the newest submission, or the live one that has the content already; it does not block another one.

    A submission of other content that is still on its way is awaited, or cancelled if it is replaceable. Raises
    JobTimeout if it blocks for longer.
    """
    run = current_submission(runs, release.holds)
    if run is None or not run.standing.is_busy or run.content == release.content:
        return run
    holds = release.holds(run)
    if run.id == release.replaceable and run.standing is Standing.VALIDATING and not holds:
        api.submissions.cancel(release.product, run.id)
    run = release.wait(api, run)
    if run.standing.is_busy and not holds:
        raise busy_error(release.product, run)
    return run


def reach_target(
    api: SubmissionApi, release: Release, run: Run, before_promotion: Callable[[Run], None]
) -> Run:
    """Wait for the preview, and promote it if the target is live. Certification, which takes days, is not awaited.

    `before_promotion` may refuse. Raises Rejected for a submission that failed or was cancelled, with all findings.
    """
    if run.standing is Standing.VALIDATING:
        run = release.wait(api, run)
    if run.standing is Standing.PREVIEW and release.target == "live":
        before_promotion(run)
        api.submissions.promote(release.product, run.id)
        run = api.submissions.wait(release.product, run, 0)
    require_success(api, release.product, run, release.published)
    return run


def find_own(state: Mapping[str, Any]) -> str | None:
    """Return the id of the submission that this resource sent, as state has it."""
    return state.get("submission") if state.get("content") == recorded_content(state) else None


def cancel_own(api: SubmissionApi, product: str, content: str) -> None:
    """Cancel the newest submission if it can still be cancelled and has this content, which this resource sent."""
    run = api.submissions.newest(product)
    is_ours = run is not None and bool(run.content) and run.content == content
    if run and is_ours and run.standing is Standing.VALIDATING:
        api.submissions.cancel(product, run.id)
    if run and is_ours and run.standing is Standing.CERTIFYING:
        api.host.message(
            f"offer {product}: {run.friendly_name} ({run.id}) is in certification and cannot be cancelled"
        )
