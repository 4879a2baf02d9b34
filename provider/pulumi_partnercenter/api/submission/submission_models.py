"""Documents around a submission, as typed views. Source: submission API 5.19."""

from __future__ import annotations

import re
from enum import Enum
from typing import ClassVar, Self

from pydantic import Field

from ..wire import Id, Wire
from .models import TypeValue

__all__ = [
    "PendingUpdate",
    "PublishOption",
    "Report",
    "Standing",
    "Submission",
    "SubmissionRequest",
    "VariantResources",
    "Workflow",
    "WorkflowStep",
]


_MARK = re.compile(r"\s*\[content (?P<digest>[0-9a-f]{16})\]\s*$")


class Standing(Enum):
    """Where a submission stands (6.1), in the words that people read."""

    VALIDATING = "on the way to preview"
    PREVIEW = "preview"
    CERTIFYING = "in certification"
    LIVE = "live"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"

    @property
    def is_busy(self) -> bool:
        """Nothing else can be submitted until it has ended."""
        return self in (Standing.VALIDATING, Standing.CERTIFYING)


class VariantResources(Wire):
    needed: ClassVar[tuple[str, ...]] = ("variant_id",)
    variant_id: Id = Field("", alias="variantID")
    resources: list[TypeValue] = []


class PublishOption(Wire):
    is_manual_publish: bool = True
    certification_notes: str = ""

    @classmethod
    def marked(cls, notes: str, content: str) -> Self:
        """Published by hand, with a last line in the notes that tells what content it is."""
        return cls(is_manual_publish=True, certification_notes=f"{notes}\n[content {content}]".strip())


class PendingUpdate(Wire):
    status: str = ""
    failure_reason: str = ""


class SubmissionRequest(Wire):
    """What goes out: an instance of each module, of the offer and of each plan (5.19)."""

    resource_type: str = ""
    targets: list[TypeValue] = []
    resources: list[TypeValue] = []
    variant_resources: list[VariantResources] = []
    publish_option: PublishOption = PublishOption()
    extended_properties: list[TypeValue] = []


class Submission(Wire):
    """A publishing run as the service has it (5.19). Ids are decimal text beyond 2^53."""

    needed: ClassVar[tuple[str, ...]] = ("id", "state")
    id: Id = ""
    resource_type: str = ""
    state: str = ""
    substate: str = ""
    targets: list[TypeValue] = []
    resources: list[TypeValue] = []
    variant_resources: list[VariantResources] = []
    publish_option: PublishOption = PublishOption()
    """Only with `$expand=PublishOption`."""
    pending_update_info: PendingUpdate = PendingUpdate()
    extended_properties: list[TypeValue] = []
    release_number: int = 0
    friendly_name: str = ""

    @property
    def standing(self) -> Standing:
        """Where it stands, by the rules of 6.1."""
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
        goes_live = any(each.value.casefold() == "live" for each in self.targets)
        return Standing.CERTIFYING if state == "published" or goes_live else Standing.VALIDATING

    @property
    def was_published(self) -> bool:
        """Whether it was ever in a preview (6.1, 6.2): what was is never deleted."""
        state, substate = self.state.casefold(), self.substate.casefold()
        return state in ("published", "archived", "rolledback") or substate == "failedincertification"

    @property
    def content(self) -> str:
        """The digest that a program left in the notes, "" when something else submitted it."""
        found = _MARK.search(self.publish_option.certification_notes)
        return found["digest"] if found else ""

    @property
    def notes(self) -> str:
        """The notes without that."""
        return _MARK.sub("", self.publish_option.certification_notes)


class Report(Wire):
    """A `CertificationReport`."""

    status: str = ""
    file_uri: str = ""


class WorkflowStep(Wire):
    name: str = ""
    state: str = ""
    start_date_time_in_utc: str = ""
    complete_date_time_in_utc: str = ""

    @property
    def started(self) -> str:
        """In UTC with seconds, "" for not yet."""
        return _moment(self.start_date_time_in_utc)

    @property
    def completed(self) -> str:
        return _moment(self.complete_date_time_in_utc)


class Workflow(Wire):
    """A `WorkflowDetail`: the steps towards `Preview` or `Live`."""

    state: str = ""
    target_environment: str = ""
    workflow_steps: list[WorkflowStep] = []


def _moment(text: str) -> str:
    """The service writes no zone, 7 digits of a second, and year 1 for never (oddity 32)."""
    return "" if text.startswith(("0001-", "1601-")) or not text else f"{text[:19]}Z"
