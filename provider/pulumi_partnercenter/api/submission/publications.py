"""Documents around a submission, as typed views. Source: submission API 5.19."""

from __future__ import annotations

from pydantic import Field

from ..wire import Wire
from .documents import TypeValue

__all__ = [
    "PendingUpdate",
    "PublishOption",
    "Report",
    "Submission",
    "SubmissionRequest",
    "VariantResources",
    "Workflow",
    "WorkflowStep",
]


class VariantResources(Wire):
    variant_id: str = Field("", alias="variantID")
    resources: list[TypeValue] = []


class PublishOption(Wire):
    release_time_in_utc: str = ""
    is_manual_publish: bool = True
    is_auto_promote: bool = False
    certification_notes: str = ""


class PendingUpdate(Wire):
    update_type: str = ""
    status: str = ""
    failure_reason: str = ""


class SubmissionRequest(Wire):
    """What goes out: an instance of each module, of the offer and of each plan (5.19)."""

    resource_type: str = "SubmissionCreationRequest"
    targets: list[TypeValue] = []
    resources: list[TypeValue] = []
    variant_resources: list[VariantResources] = []
    publish_option: PublishOption = PublishOption()
    extended_properties: list[TypeValue] = []


class Submission(Wire):
    """A publishing run as the service has it (5.19). Ids are decimal text beyond 2^53."""

    id: str = ""
    resource_type: str = ""
    state: str = ""
    substate: str = ""
    targets: list[TypeValue] = []
    resources: list[TypeValue] = []
    variant_resources: list[VariantResources] = []
    publish_option: PublishOption = PublishOption()
    """Only with `$expand=PublishOption`."""
    published_time_in_utc: str = ""
    pending_update_info: PendingUpdate = PendingUpdate()
    extended_properties: list[TypeValue] = []
    release_number: int = 0
    friendly_name: str = ""


class Report(Wire):
    """A `CertificationReport`."""

    report_time_in_utc: str = ""
    status: str = ""
    file_uri: str = ""


class WorkflowStep(Wire):
    name: str = ""
    state: str = ""
    start_date_time_in_utc: str = ""
    complete_date_time_in_utc: str = ""


class Workflow(Wire):
    """A `WorkflowDetail`: the steps towards `Preview` or `Live`."""

    state: str = ""
    target_environment: str = ""
    workflow_steps: list[WorkflowStep] = []
