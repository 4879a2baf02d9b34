"""Publishing of a portal's offer: how far it goes, and where the service stands. Source: Cloud Partner Portal API."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from annotated_types import Ge, MinLen

from ...api.portal.operation_models import (
    OfferStatus,
    Operation,
    OperationReference,
    Progress,
    Stage,
)
from ...errors import Conflict, Invalid, JobTimeout, NotFound
from ...kind import Current
from ...markers import Accepts, Boolean, Configured, Derived, Immutable, Local, Number, Unordered, WriteOnly
from ...model import Arguments, Outputs, Part
from .._findings import Published
from .._publishing import digest, has_reached
from .._rules import Email
from ._portal_api import PortalClient, PortalKind, PortalOfferReference, split_offer_id
from ._publication_messages import (
    busy_error,
    cancelled_error,
    describe_publication,
    refusal,
    rejection,
)
from ._published_content import holds_draft, is_draft_older

CANCEL_MINUTES = 10
"""Maximum wait for a cancellation, which takes the service one to three minutes."""
OFFER = "portal.Offer"


def _publishes_only_its_offer(desired: Any) -> str | None:
    """`publishes` holds the Offer that `offer` names, and nothing else."""
    for resource in desired.published:
        if resource.kind != OFFER:
            return f"publishes: {resource.kind} {resource.name} — must be a {OFFER}"
        if resource.id.casefold() != desired.offer.casefold():
            return f"publishes: {OFFER} {resource.name} is {resource.id}, and offer is {desired.offer}"
    return None


class PublicationArguments(Arguments):
    """Arguments of a publication. It publishes when the content of the offer changes, never because of a new name."""

    rules = (_publishes_only_its_offer,)

    offer: Annotated[PortalOfferReference, Immutable]
    """`.id` of the portal.Offer."""
    publishes: Annotated[list[str], Accepts("Sequence[Resource]", only=True), Unordered, WriteOnly, MinLen(1)]
    """The portal.Offer, as an object, in a list. A change of it is published."""
    sends: Annotated[list[str], Local, Derived] = []
    """Classes and names of `publishes`, for messages; set by the constructor."""
    published: Annotated[list[Published], Local, Derived] = []
    """Classes, names and ids of `publishes`; set by the constructor."""
    target: Annotated[Literal["preview", "live"], Configured, WriteOnly]
    """`preview`, visible to the preview audience, or `live`. Every `up` advances as far as the service allows."""
    notification_emails: Annotated[list[Email], Unordered, Local] = []
    """Mail addresses that the service tells about progress; ignored for offers that have moved to Partner Center. After
    a failure, a change of them publishes unchanged content again, once there is a state."""
    wait_minutes: Annotated[Number, Ge(0), Local] = 60
    """Maximum wait of an `up` for the preview, or for another publication of the offer. 0: no wait. Certification may
    take days: a later `up` continues, and reports its result."""
    replaces_running: Annotated[Boolean, Local] = False
    """Whether a publication of this stack that is on the way to preview is cancelled when the offer has newer content.
    Otherwise `up` waits until it has ended."""
    adopt: Boolean = False
    """No effect: a publication continues from the service's state anyway."""


class PublicationStep(Part):
    """A step of the service's work. `changed` is the time of its last message in UTC; empty before it."""

    name: str
    state: str
    changed: str


class PublicationOutputs(Outputs):
    """Computed outputs."""

    state: str
    """`draft`, `on the way to preview`, `preview`, `in certification` (on the way to live), `live`, `failed` or
    `cancelled`."""
    operation: str
    """Id of the operation that made the preview; empty for one of somebody else that was not looked up."""
    is_own: bool
    """Whether this resource started that operation, so that its deletion may cancel it."""
    content: str
    """Digest of the published content; empty for a publication of somebody else that was not compared yet."""
    steps: list[PublicationStep]
    """`{"name", "state", "changed"}` of every step of the service's work."""
    preview_links: list[str]
    """Addresses of the preview, where the service gives them."""


PublicationCurrent = Current[PublicationOutputs]


@dataclass(frozen=True)
class Run:
    """The newest publication of an offer, and what the state records about it.

    `content` is "" if nobody knows what it holds.
    """

    status: OfferStatus
    stage: Stage
    content: str = ""
    operation: str = ""
    is_own: bool = False


class PublicationKind(PortalKind[PublicationArguments, PublicationOutputs]):
    """Publishes a portal's offer to preview or live; its `id` is the offer's."""

    noun, id_form = "publication", "<publisher>/<offer_id>"
    arguments, outputs = PublicationArguments, PublicationOutputs

    def find(self, api: PortalClient, desired: PublicationArguments) -> PublicationCurrent | None:  # noqa: ARG002
        """`create` continues from the service's state, and publishes nothing that is there."""
        return None

    def create(self, api: PortalClient, desired: PublicationArguments) -> PublicationCurrent:
        return self.amend(api, desired.offer, desired, {})

    def read(self, api: PortalClient, id: str) -> PublicationCurrent:
        return self.refresh(api, id, {})

    def refresh(self, api: PortalClient, id: str, state: Mapping[str, Any]) -> PublicationCurrent:
        run = read_run(api, id, state)
        if run.stage is Stage.DRAFT:
            raise NotFound(f"publication {id}: nothing was ever published", status=404)
        is_noticed = [step.to_json() for step in steps_of(run.status)] == state.get("steps")
        if is_noticed and run.content and state.get("state") == Stage.LIVE.value:
            run = replace(run, stage=Stage.LIVE)  # whatever happened after it to other content
        target = "live" if run.stage in (Stage.GOING_LIVE, Stage.LIVE) else "preview"
        return build_current(id, run, {"offer": id, "publishes": [], "target": target})

    def update(self, api: PortalClient, id: str, desired: PublicationArguments) -> PublicationCurrent:
        return self.amend(api, id, desired, {})

    def amend(
        self, api: PortalClient, id: str, desired: PublicationArguments, state: Mapping[str, Any]
    ) -> PublicationCurrent:
        """Advance as far as the service allows.

        Raises: Rejected with all messages of the service, JobTimeout if another publication blocks.
        """
        return Advance(api, id, desired, state).run()

    def delete(self, api: PortalClient, id: str) -> None:
        """A publication that this resource started is cancelled on its way to preview. Content in preview or live
        stays.
        """
        self.remove(api, id, {})

    def remove(self, api: PortalClient, id: str, state: Mapping[str, Any]) -> None:
        if not state.get("is_own") or not state.get("operation"):
            return
        publisher, offer_id = split_offer_id(id)
        operation = api.operations.get(publisher, offer_id, state["operation"])
        if operation.is_running and operation.stage in (Stage.VALIDATING, Stage.FAILED):
            cancel_running(api, id)

    def is_settled(self, state: Mapping[str, Any]) -> bool:
        """Also False for other content: of an interrupted run, or of another person."""
        is_ours = state.get("content") == digest(state.get("publishes"))
        return is_ours and has_reached(state.get("state"), state.get("target"))

    def describe_change(self, old: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        return [describe_publication(old, desired)]

    def describe_progress(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
        is_news = old.get("state") != new["state"]
        return [f"offer {new['offer']}: {new['state']}"] if is_news and self.is_settled(new) else []


class Advance:
    """A run of the program that advances a publication."""

    def __init__(
        self, api: PortalClient, id: str, desired: PublicationArguments, state: Mapping[str, Any]
    ) -> None:
        self._api, self._id, self._desired, self._state = api, id, desired, state
        self._publisher, self._offer_id = split_offer_id(id)
        self._content, self._began = digest(desired.publishes), time.monotonic()
        self._emails = ",".join(desired.notification_emails)

    def run(self) -> PublicationCurrent:
        run = read_run(self._api, self._id, self._state)
        if self._is_replaceable(run):
            run = self._cancel(run)
        if run.stage.is_busy:
            run = self._finish_other(run)
        elif run.stage is Stage.FAILED and self._is_reported_again(run):
            raise rejection(self._id, run.status)
        else:
            run = self._publish_unless_held(run)
        if run.stage is Stage.PREVIEW and run.content == self._content and self._desired.target == "live":
            run = self._go_live(run)
        self._require_success(run)
        return build_current(self._id, run, self._desired.to_json())

    def _is_replaceable(self, run: Run) -> bool:
        """Whether this resource has started it, with other content, and the program does not want to wait for it."""
        is_own = run.is_own and run.content != self._content
        return self._desired.replaces_running and is_own and run.stage is Stage.VALIDATING

    def _cancel(self, run: Run) -> Run:
        self._api.host.message(
            f"publication of offer {self._id}: the one with other content ({run.stage.value}) is cancelled"
        )
        cancel_running(self._api, self._id)
        status = self._status()
        return Run(status, status.stage)

    def _finish_other(self, run: Run) -> Run:
        """Wait for a running publication, which may be of an earlier run, and publish afterwards if it is another.

        Raises: JobTimeout if it holds other content and does not end.
        """
        if run.stage is Stage.VALIDATING:
            reference = self._reference(run)
            run = self._wait(replace(run, operation=reference.id), reference)
        if run.stage.is_busy:
            is_other = run.content not in ("", self._content)
            if run.stage is Stage.GOING_LIVE and not run.content:
                is_other = not holds_draft(self._api, self._id, "preview")
                run = replace(run, content="" if is_other else self._content)
            if is_other:
                raise busy_error(self._id, run.stage)
            return run
        if run.stage in (Stage.FAILED, Stage.CANCELLED) and run.content in ("", self._content):
            return run  # the publication of an earlier run has ended now, and is reported
        return self._publish_unless_held(run)

    def _publish_unless_held(self, run: Run) -> Run:
        if not self._holds(run):
            return self._publish(run)
        # Content that is live stays live after a failed or cancelled publication of other content.
        stage = Stage.LIVE if run.stage in (Stage.FAILED, Stage.CANCELLED) else run.stage
        return replace(run, stage=stage, content=self._content)

    def _reference(self, run: Run) -> OperationReference:
        if run.operation:
            return OperationReference.from_id(self._publisher, self._offer_id, run.operation)
        running = self._api.operations.find_running(self._publisher, self._offer_id)
        return running or OperationReference("")

    def _holds(self, run: Run) -> bool:
        """Whether the preview or live offer has the program's content: as recorded, or as its documents show."""
        is_shown = run.stage in (Stage.PREVIEW, Stage.LIVE)
        if run.stage is Stage.DRAFT or (is_shown and run.content == self._content):
            return is_shown
        slot = "preview" if run.stage is Stage.PREVIEW else "production"
        is_other = self._state.get("content") not in (None, "", self._content)
        if is_other and is_shown and not run.content:  # perhaps of an interrupted run, which had the draft
            is_other = not self._is_draft_older(run)
        return holds_draft(self._api, self._id, slot, has_new_secrets=is_other)

    def _is_reported_again(self, run: Run) -> bool:
        """Whether a failed publication had the content of the program, so that another would fail as well.

        Other mail addresses than the recorded ones publish it again; a resource without a state has recorded none.
        """
        emails = self._state.get("notification_emails")
        if emails is not None and {*emails} != {*self._desired.notification_emails}:
            return False
        return self._is_draft_older(run) and not self._holds(run)

    def _is_draft_older(self, run: Run) -> bool:
        draft = self._api.offers.slot(self._publisher, self._offer_id, "draft")
        return is_draft_older(draft, run.status)

    def _publish(self, run: Run) -> Run:
        if run.status.is_running:  # a preview of other content, or a step that cannot go on
            run = self._cancel(run)
        try:
            reference = self._api.operations.publish(self._publisher, self._offer_id, self._emails)
        except (Invalid, Conflict) as error:
            if (status := self._status()).is_running:  # of somebody else, since the status was read
                raise busy_error(self._id, status.stage) from None
            raise refusal(self._id, error) from None
        started = replace(run, operation=reference.id, content=self._content, is_own=True)
        return self._wait(started, reference)

    def _go_live(self, run: Run) -> Run:
        try:
            self._api.operations.go_live(self._publisher, self._offer_id, self._emails)
        except (Conflict, Invalid):
            if self._status().is_waiting:
                raise
        status = self._status()
        # The status may still be that of the moment before.
        stage = Stage.GOING_LIVE if status.stage is Stage.PREVIEW else status.stage
        return replace(run, status=status, stage=stage)

    def _wait(self, run: Run, reference: OperationReference) -> Run:
        """Wait until the operation is no longer on the way to preview, then read the status."""
        minutes = self._desired.wait_minutes - (time.monotonic() - self._began) / 60
        ended = self._api.operations.wait(
            self._publisher,
            self._offer_id,
            reference,
            minutes,
            lambda current: current.stage is not Stage.VALIDATING,
            self._report,
        )
        status = ended if isinstance(ended, OfferStatus) else self._status()
        is_behind = status.stage in (Stage.VALIDATING, Stage.DRAFT)
        return replace(run, status=status, stage=ended.stage if is_behind else status.stage)

    def _report(self, current: Operation | OfferStatus) -> None:
        self._api.host.progress(f"{self._id}: {current.stage.value}")

    def _status(self) -> OfferStatus:
        return self._api.operations.status(self._publisher, self._offer_id)

    def _require_success(self, run: Run) -> None:
        if run.stage is Stage.FAILED:
            raise rejection(self._id, run.status)
        if run.stage is Stage.CANCELLED:
            raise cancelled_error(self._id)


def read_run(api: PortalClient, id: str, state: Mapping[str, Any]) -> Run:
    """Read the newest publication. What the state records about it is valid as long as it is the same.

    Only changed steps need a second request, for the list of operations.
    """
    publisher, offer_id = split_offer_id(id)
    status = api.operations.status(publisher, offer_id)
    content, operation = str(state.get("content", "")), str(state.get("operation", ""))
    recorded = Run(status, status.stage, content, operation, bool(state.get("is_own")))
    if not content or [step.to_json() for step in steps_of(status)] == state.get("steps"):
        return recorded
    try:
        newest = next((item for item in api.operations.list(publisher, offer_id) if item.is_publish), None)
    except NotFound:
        newest = None
    if newest is None:
        return recorded if operation else Run(status, status.stage)
    if operation and OperationReference.from_id(publisher, offer_id, operation).is_same(newest):
        return recorded
    return Run(status, status.stage, operation=newest.id)


def steps_of(progress: Progress) -> list[PublicationStep]:
    return [
        PublicationStep(name=step.name, state=step.status, changed=step.changed) for step in progress.steps
    ]


def build_current(id: str, run: Run, arguments: Mapping[str, Any]) -> PublicationCurrent:
    outputs = PublicationOutputs(
        state=run.stage.value,
        operation=run.operation,
        is_own=run.is_own,
        content=run.content,
        steps=steps_of(run.status),
        preview_links=run.status.links(),
    )
    return PublicationCurrent(id, PublicationArguments.canonical(arguments), outputs)


def cancel_running(api: PortalClient, id: str) -> None:
    """Cancel the running operation, and wait until it has ended. Raises: JobTimeout."""
    publisher, offer_id = split_offer_id(id)
    api.operations.cancel(publisher, offer_id)
    if api.operations.wait_for_end(publisher, offer_id, CANCEL_MINUTES).is_running:
        raise JobTimeout(
            f"publication of offer {id}: it is not cancelled after {CANCEL_MINUTES} minutes",
            next="run the same command again: it continues from there",
        )
