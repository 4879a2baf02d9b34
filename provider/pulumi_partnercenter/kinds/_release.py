"""The way of content to its target: room for a new submission, then preview and live."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from ..api.submission.submission_models import Contents, Standing
from ..api.submission.submission_models import Submission as Run
from ..kind import Current
from ..model import Arguments, Outputs
from ._findings import Published, require_success
from ._publishing import (
    busy_error,
    current_submission,
    digest,
    find_own,
    has_reached,
    recorded_content,
)
from ._submission_api import SubmissionApi, SubmissionApiKind

__all__ = [
    "Release",
    "ReleaseKind",
    "deadline_after",
    "is_corrected",
    "make_room",
    "reach_target",
    "with_cancelled",
]

A = TypeVar("A", bound=Arguments)
O = TypeVar("O", bound=Outputs)  # noqa: E741


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
    sent: str | None = None
    """Id of the submission that the resource sent, if state has it."""
    replaces_sent: bool = False
    """Whether that submission may be cancelled for newer content."""

    def wait(self, api: SubmissionApi, run: Run) -> Run:
        """Wait for the end of a submission's way to preview, for the rest of the time."""
        return api.submissions.wait(self.product, run, (self.deadline - time.monotonic()) / 60)


def deadline_after(minutes: float) -> float:
    return time.monotonic() + minutes * 60


def make_room(api: SubmissionApi, release: Release, runs: Sequence[Run]) -> Run | None:
    """Return the newest submission, or the live one that has the content already; it does not block another one.

    A submission of other content that is still on its way is awaited, or cancelled if the release replaces it. Raises
    JobTimeout if it blocks for longer.
    """
    run = current_submission(runs, release.holds)
    if run is None or not run.standing.is_busy:
        return run
    holds = release.holds(run)
    if holds and run.content == release.content:
        return run
    is_own = run.id == release.sent
    if is_own and release.replaces_sent and run.standing is Standing.VALIDATING and not holds:
        api.submissions.cancel(release.product, run.id)
    run = release.wait(api, run)
    if run.standing.is_busy and not holds:
        raise busy_error(release.product, run, is_own=is_own)
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


def is_corrected(api: SubmissionApi, product: str, run: Run, only: Contents, runs: Sequence[Run]) -> bool:
    """Whether drafts have changed since a submission failed, perhaps in Partner Center.

    A partial submission, of the modules in `only`, sends nothing that others correct.
    """
    is_whole_failure = run.standing is Standing.FAILED and not only
    return is_whole_failure and bool(api.contents.changed_modules(product, run, only, runs))


def _find_cancelled(state: Mapping[str, Any], runs: Sequence[Run]) -> str | None:
    """Return the id of the submission that this resource sent if it is gone: the service may list no cancelled one."""
    own = find_own(state)
    return None if own in {run.id for run in runs} else own


def with_cancelled(
    current: Current[O], state: Mapping[str, Any], runs: Sequence[Run], unshown: Mapping[str, object] = {}
) -> Current[O]:
    """Return the outputs of the submission that this resource sent, if it was cancelled; else `current`.

    `unshown`: outputs that the service does not show of it.
    """
    if (cancelled := _find_cancelled(state, runs)) is None:
        return current
    shown = {"state": Standing.CANCELLED.value, "submission": cancelled, "content": state["content"]}
    return replace(current, outputs=current.outputs.replace(**{**shown, **unshown}))


class ReleaseKind(SubmissionApiKind[A, O], Generic[A, O]):
    """Verbs of a resource that publishes content of an offer; its `id` is the offer's.

    Its arguments have `offer`, `target` and `publishes`: fingerprints of the content, whose digest is in the notes of
    the submission and in the output `content`.
    """

    keeps_draft = True

    def subject(self, arguments: Mapping[str, Any]) -> str:
        """Return what messages are about."""
        return f"offer {arguments['offer']}"

    def describe_progress(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
        is_news = old.get("state") != new["state"]
        return [f"{self.subject(new)}: {new['state']}"] if is_news and self.is_settled(new) else []

    def advance(
        self, api: SubmissionApi, id: str, desired: A, runs: list[Run], state: Mapping[str, Any]
    ) -> Current[O]:
        """Advance as far as the service allows. Raises Rejected with all findings, JobTimeout if another one blocks.

        `runs` are all submissions.
        """
        raise NotImplementedError

    def find(self, api: SubmissionApi, desired: A) -> Current[O] | None:  # noqa: ARG002
        """`create` continues from the service's state, and submits nothing that it has already."""
        return None

    def create(self, api: SubmissionApi, desired: A) -> Current[O]:
        offer: str = desired.to_json()["offer"]
        return self.advance(api, offer, desired, api.submissions.all(offer), {})

    def read(self, api: SubmissionApi, id: str) -> Current[O]:
        return self.refresh(api, id, {})

    def update(self, api: SubmissionApi, id: str, desired: A) -> Current[O]:
        return self.amend(api, id, desired, {})

    def amend(self, api: SubmissionApi, id: str, desired: A, state: Mapping[str, Any]) -> Current[O]:
        runs = api.submissions.all(id, state.get("submission"))
        if (cancelled := _find_cancelled(state, runs)) and state.get("state") != Standing.CANCELLED.value:
            api.host.message(f"offer {id}: submission {cancelled}, which this stack sent, was cancelled")
        return self.advance(api, id, desired, runs, state)

    def delete(self, api: SubmissionApi, id: str) -> None:
        """A submission of this stack is cancelled if that is still possible. Content in preview or live stays."""
        self.remove(api, id, {})

    def remove(self, api: SubmissionApi, id: str, state: Mapping[str, Any]) -> None:
        """Cancel a submission of this stack if it can still be cancelled: its digest must be that of the state.

        Content in preview or live stays, and so do submissions of other clients.
        """
        runs = api.submissions.all(id, state.get("submission"))
        if not runs or not runs[-1].content or runs[-1].content != recorded_content(state):
            return
        run = runs[-1]
        if run.standing is Standing.VALIDATING:
            api.submissions.cancel(id, run.id)
        if run.standing is Standing.CERTIFYING:
            api.host.message(
                f"offer {id}: {run.friendly_name} ({run.id}) is in certification and cannot be cancelled"
            )

    def is_settled(self, state: Mapping[str, Any]) -> bool:
        """Also False for other content: of an interrupted run, or of another person."""
        is_ours = state.get("content") == digest(state.get("publishes"))
        return is_ours and has_reached(state.get("state"), state.get("target"))
