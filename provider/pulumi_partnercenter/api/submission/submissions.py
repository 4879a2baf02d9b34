"""Submissions: creation, progress, end.

The service has no idempotency key, and instance ids lose their meaning when they change. So a submission has the
digest of the program's content in the last line of its notes for certification.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...errors import Conflict, ContractError, InputError, Invalid, NotFound
from ..http.blobs import Progress
from ..http.retry import PollPolicy
from ..wire import M
from .drafts import Drafts
from .models import Finding
from .submission_models import (
    Contents,
    PublishOption,
    Report,
    Standing,
    Submission,
    SubmissionRequest,
    Workflow,
    list_instances,
)
from .submission_requests import SubmissionRequests

__all__ = ["Standing", "Submissions"]

EXPAND = {"$expand": "PublishOption"}
CONFIRM_SECONDS = 2
"""Pause before the second look for a submission that seems to be gone."""
PROMOTED_STANDINGS = (Standing.CERTIFYING, Standing.LIVE, Standing.FAILED)


class Submissions:
    """Publishing runs of a product."""

    def __init__(self, drafts: Drafts, requests: SubmissionRequests, progress: Progress) -> None:
        self._drafts, self._client, self._cache = drafts, drafts.client, drafts.cache
        self._requests, self._progress = requests, progress

    def all(self, product: str, id: str | None = None) -> list[Submission]:
        """List the submissions, oldest first; never cached, because they advance by themselves.

        One odd list proves no absence: a second one completes it if it is empty or, after a pause, if it lacks `id`.
        """
        runs = self._list(product)
        is_incomplete = bool(id) and id not in runs
        if is_incomplete:
            self._client.sleep(CONFIRM_SECONDS)
        if is_incomplete or not runs:
            runs |= self._list(product)
        # The order of the service is not reliable.
        return sorted(runs.values(), key=lambda run: (run.release_number, len(run.id), run.id))

    def _list(self, product: str) -> dict[str, Submission]:
        """Read the list once, by id."""
        action = f"submissions of {product}: list"
        path = f"products/{product}/submissions"

        def read() -> list[Submission]:
            items = self._client.list_items(path, action, EXPAND)
            return [Submission.from_json(item, action) for item in items]

        return {run.id: run for run in self._drafts.confirm_missing(product, action, read)}

    def published(self, product: str) -> frozenset[str]:
        """Return the ids of the offer and of each plan that was ever in a preview; cached for the operation."""

        def read() -> frozenset[str]:
            runs = [run for run in self.all(product) if run.was_published]
            plans = {f"{product}/{plan.variant_id}" for run in runs for plan in run.variant_resources}
            return frozenset(plans | ({product} if runs else set()))

        return self._cache.get((product, "published"), read)

    def newest(self, product: str) -> Submission | None:
        """Return the current submission; None if there is none."""
        return next(iter(self.all(product)[-1:]), None)

    def get(self, product: str, id: str) -> Submission:
        action = f"submission {id}: read"
        path = f"products/{product}/submissions/{id}"
        return Submission.from_json(self._client.get(path, action, EXPAND).body, action, id=id)

    def current(self, product: str, id: str) -> Submission | None:
        """Return a submission; None if it is gone: a read, and two lists with a pause between them, lack it.

        The service sometimes answers 404 for a submission in preview (reported by its users).
        """
        try:
            return self.get(product, id)
        except NotFound:
            return next((run for run in self.all(product, id) if run.id == id), None)

    def _build_whole_request(
        self,
        product: str,
        before: list[Submission],
        also: Collection[str],
        needed: Mapping[tuple[str, str], str],
        only: Contents,
    ) -> SubmissionRequest:
        """Build the request of `submit`. Raises ContractError if the lists lack what has to go out."""
        action = f"submission of {product}: create"
        request = self._requests.build(product, before, also, only, action)
        if self._requests.missing(product, request, needed):
            self._cache.forget(product)  # a single odd list proves no absence
            request = self._requests.build(product, before, also, only, action)
            if missing := self._requests.missing(product, request, needed):
                raise ContractError(
                    f"{action}: the service does not list {', '.join(missing)}, which publishes names;"
                    " nothing was submitted",
                    next="run `pulumi refresh` to see what the service has, then run `pulumi up` again",
                )
        if not list_instances(request):
            raise InputError(
                f"{action}: publishes names inactive plans only, which no submission can send",
                next="add another resource of the offer to publishes, or set the plan's state to Active",
            )
        return request

    def submit(
        self,
        product: str,
        before: list[Submission],
        content: str,
        notes: str,
        also: Collection[str],
        needed: Mapping[tuple[str, str], str],
        only: Contents = frozenset(),
    ) -> Submission:
        """Submit the current drafts of the offer and its active plans to preview.

        `before` are all earlier submissions, `content` is the digest of the program's content, `also` names further
        modules (`Cosell`). `needed` names what has to go out, by plan ("" for the offer) and module: a ContractError
        if the service's lists lack one. `only` restricts the submission: other modules stay as they were published. A
        lost POST is repeated only if no new submission has the same digest or instances: the service may return either
        in another form than it was written.
        """
        action = f"submission of {product}: create"
        request = self._build_whole_request(product, before, also, needed, only)
        request.publish_option = PublishOption.with_digest(notes, content)
        earlier_ids = {run.id for run in before}

        def find() -> Submission | None:
            new = [run for run in self.all(product) if run.id not in earlier_ids]
            # Of some offer types, a submission names carried-over modules too.
            sent = {*list_instances(request)}
            own = (run for run in new if run.content == content or sent <= {*list_instances(run)})
            return next(own, None)

        path = f"products/{product}/submissions"
        try:
            return self._client.create(path, action, request.to_json(), Submission, find)
        except (Conflict, Invalid) as error:
            if any(run.id not in earlier_ids for run in self.all(product)):
                error.advise("somebody else submitted it meanwhile: run the same command again")
            raise
        except NotFound as error:
            self._drafts.product(product)
            if submission := find():
                return submission
            raise ContractError(
                f"{action}: the offer exists, and nothing was submitted (404)",
                said=error.said,
                next="run the same command again",
            ) from None
        finally:
            self._cache.forget(product)  # every draft has a new id now

    def wait(self, product: str, submission: Submission, minutes: float) -> Submission:
        """Wait until the submission is no longer on the way to preview, or for `minutes`; read it at least once.

        Certification is not awaited: it takes days. A submission that is gone was cancelled.
        """

        def read() -> Submission:
            current = self.current(product, submission.id)
            if current is None:
                # A cancellation may delete the submission.
                return submission.model_copy(update={"state": "Cancelled"})
            self._progress(f"{current.friendly_name or submission.id}: {current.standing.value}")
            return current

        poll = PollPolicy(
            lambda run: run.standing is not Standing.VALIDATING,
            sleep=self._client.sleep,
            deadline_seconds=minutes * 60,
            max_pause_seconds=30,
        )
        return poll(read)

    def promote(self, product: str, id: str) -> None:
        """Send a preview live, unless it was promoted already."""
        action = f"submission {id}: go live"

        def find() -> Workflow | None:
            submission = self.current(product, id)
            return Workflow() if submission and submission.standing in PROMOTED_STANDINGS else None

        path = f"products/{product}/submissions/{id}/promote"

        def request() -> Workflow:
            return self._client.create(path, action, None, Workflow, find)

        try:
            self._drafts.confirm_missing(product, action, request)
        except Conflict:
            if not find():
                raise

    def cancel(self, product: str, id: str) -> None:
        """Cancel a submission, unless it has ended meanwhile."""
        action = f"submission {id}: cancel"
        try:
            self._client.delete(f"products/{product}/submissions/{id}", action)
        except (Conflict, NotFound) as error:
            submission = self.current(product, id)
            if submission is None or not submission.standing.is_busy:
                return
            if isinstance(error, NotFound):
                raise ContractError(
                    f"{action}: it exists and cannot be cancelled (404)", said=error.said
                ) from None
            raise error.advise("wait until it has ended, then run the same command again") from None

    def findings(self, product: str, id: str) -> list[Finding]:
        return self._list_details(product, id, "validations", Finding)

    def reports(self, product: str, id: str) -> list[Report]:
        return self._list_details(product, id, "reports", Report)

    def workflows(self, product: str, id: str) -> list[Workflow]:
        return self._list_details(product, id, "workflowdetails", Workflow)

    def _list_details(self, product: str, id: str, collection: str, model: type[M]) -> list[M]:
        """List details of a submission. A 404 means that it has none; the submission itself may exist."""
        action = f"submission {id}: {collection}"
        path = f"products/{product}/submissions/{id}/{collection}"
        try:
            return [model.from_json(item, action) for item in self._client.list_items(path, action)]
        except NotFound:
            return []
