"""Documents around a submission, as typed views."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import ClassVar, Self

from pydantic import Field

from ..wire import Id
from .models import Document, TypeValue

__all__ = [
    "PLAN_MODULES",
    "RESELLER",
    "Contents",
    "PendingUpdate",
    "PublishOption",
    "Report",
    "Standing",
    "Submission",
    "SubmissionRequest",
    "VariantResources",
    "Workflow",
    "WorkflowStep",
    "find_live",
    "list_instances",
]

PLAN_MODULES = ("Availability", "Package", "Listing")
"""Modules of which each plan has a branch in addition to the offer's."""
RESELLER = "ResellerConfiguration"
Contents = frozenset[tuple[str, str]]
"""Modules of an offer ("") and its plans: pairs of a variant id and a module."""

_DIGEST_LINE = re.compile(r"\s*\[content (?P<digest>[0-9a-f]{16})\]\s*$")


class Standing(Enum):
    """Stage of a submission, with its name for people."""

    VALIDATING = "on the way to preview"
    PREVIEW = "preview"
    CERTIFYING = "in certification"
    LIVE = "live"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"

    @property
    def is_busy(self) -> bool:
        """Whether it blocks another submission until it has ended."""
        return self in (Standing.VALIDATING, Standing.CERTIFYING)

    @property
    def is_shown(self) -> bool:
        """Whether the preview audience or customers see its content."""
        return self in (Standing.PREVIEW, Standing.CERTIFYING, Standing.LIVE)

    @property
    def has_ended(self) -> bool:
        """Whether its content is not, or no longer, on the way or shown."""
        return self in (Standing.FAILED, Standing.CANCELLED, Standing.ARCHIVED)


class VariantResources(Document):
    required_members: ClassVar[tuple[str, ...]] = ("variant_id",)
    variant_id: Id = Field("", alias="variantID")
    resources: list[TypeValue] = []


class PublishOption(Document):
    is_manual_publish: bool = True
    certification_notes: str = ""

    @classmethod
    def with_digest(cls, notes: str, content: str) -> Self:
        """Manual publication, with the digest of the content in the last line of the notes."""
        return cls(is_manual_publish=True, certification_notes=f"{notes}\n[content {content}]".strip())


class PendingUpdate(Document):
    status: str = ""
    failure_reason: str = ""


class SubmissionRequest(Document):
    """Request of a submission: an instance of each module, of the offer and of each plan."""

    resource_type: str = ""
    targets: list[TypeValue] = []
    resources: list[TypeValue] = []
    variant_resources: list[VariantResources] = []
    publish_option: PublishOption = PublishOption()
    extended_properties: list[TypeValue] = []


class Submission(Document):
    """A publishing run. Ids are decimal strings beyond 2^53."""

    required_members: ClassVar[tuple[str, ...]] = ("id", "state")
    id: Id = ""
    resource_type: str = ""
    state: str = ""
    substate: str = ""
    targets: list[TypeValue] = []
    resources: list[TypeValue] = []
    variant_resources: list[VariantResources] = []
    publish_option: PublishOption = PublishOption()
    """Present only with `$expand=PublishOption`."""
    pending_update_info: PendingUpdate = PendingUpdate()
    extended_properties: list[TypeValue] = []
    release_number: int = 0
    friendly_name: str = ""

    @property
    def standing(self) -> Standing:
        """Stage, from state, substate and target."""
        state, substate = self.state.casefold(), self.substate.casefold()
        is_failed = self.pending_update_info.status.casefold() == "failed"
        if substate in ("failed", "failedincertification") or is_failed:
            return Standing.FAILED
        if state in ("cancelled", "deleted") or substate == "cancelled":
            return Standing.CANCELLED
        if state in ("archived", "rolledback"):
            return Standing.ARCHIVED
        if (state, substate) == ("published", "readytopublish"):
            return Standing.PREVIEW
        if (state, substate) == ("published", "instore"):
            return Standing.LIVE
        goes_live = any(target.value.casefold() == "live" for target in self.targets)
        return Standing.CERTIFYING if state == "published" or goes_live else Standing.VALIDATING

    @property
    def was_published(self) -> bool:
        """Whether it was ever in a preview. The service never deletes published objects."""
        state, substate = self.state.casefold(), self.substate.casefold()
        return state in ("published", "archived", "rolledback") or substate == "failedincertification"

    @property
    def content(self) -> str:
        """Digest of the content in the notes; "" if another client submitted it."""
        match = _DIGEST_LINE.search(self.publish_option.certification_notes)
        return match["digest"] if match else ""

    @property
    def notes(self) -> str:
        """Notes without the digest."""
        return _DIGEST_LINE.sub("", self.publish_option.certification_notes)


def find_live(runs: Sequence[Submission]) -> Submission | None:
    """Return the newest of these submissions, oldest first, that is live."""
    return next((run for run in reversed(runs) if run.standing is Standing.LIVE), None)


def list_instances(run: Submission | SubmissionRequest) -> list[tuple[str, str, str]]:
    """Return plan ("" for the offer), module and instance of everything in it, sorted."""
    instances = [("", resource.type, resource.value) for resource in run.resources]
    for plan in run.variant_resources:
        instances += [(plan.variant_id, resource.type, resource.value) for resource in plan.resources]
    return sorted(instances)


class Report(Document):
    """A `CertificationReport`."""

    status: str = ""
    file_uri: str = ""


UNFAILED = ("", "notstarted", "inprogress", "success")


class WorkflowStep(Document):
    name: str = ""
    state: str = ""
    start_date_time_in_utc: str = ""
    complete_date_time_in_utc: str = ""

    @property
    def started(self) -> str:
        """Start in UTC with seconds; "" before it."""
        return _normalise_time(self.start_date_time_in_utc)

    @property
    def completed(self) -> str:
        """End in UTC with seconds; "" before it."""
        return _normalise_time(self.complete_date_time_in_utc)


class Workflow(Document):
    """A `WorkflowDetail`: the steps towards `Preview` or `Live`."""

    state: str = ""
    target_environment: str = ""
    workflow_steps: list[WorkflowStep] = []

    @property
    def failed_steps(self) -> list[WorkflowStep]:
        """Steps that failed. The spelling of failures is not known, so these are all with another word."""
        return [step for step in self.workflow_steps if step.state.casefold() not in UNFAILED]


def _normalise_time(text: str) -> str:
    """Normalise a time: the service writes no zone, 7 digits of a second, and year 1 for a time that has not come."""
    return "" if text.startswith(("0001-", "1601-")) or not text else f"{text[:19]}Z"
