"""Findings of a submission, and the published resources that each may concern."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..api.submission.models import Finding
from ..api.submission.submission_models import Standing
from ..api.submission.submission_models import Submission as Run
from ..errors import Rejected
from ..messages import redacted
from ..model import Part
from ._submission_api import SubmissionApi

__all__ = ["ABOUT", "Published", "findings_of", "reports_of", "require_success"]

ABOUT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Listing": {
        "OfferListing": (),
        "PlanListing": ("plan",),
        "ListingImage": ("logo", "image", "screenshot"),
        "ListingVideo": ("video", "thumbnail"),
        "ListingDocument": ("document", "pdf"),
    },
    "Availability": {
        "PreviewAudience": ("preview",),
        "OfferMarkets": ("market",),
        "PlanPricing": ("plan", "market", "price", "private"),
    },
    "Property": {"OfferProperties": ()},
    "Package": {
        "Package": ("file", "zip", "processed"),
        "PlanPackage": ("plan", "version", "tenant", "authorization"),
        "OfferTechnicalConfiguration": (
            "metering",
            "application",
            "landingpage",
            "webhook",
            "azureactivedirectory",
            "package location",
            "solution identifier",
            "installation",
            "main app",
        ),
    },
    "Resell": {"ResellerChannel": ()},
    "ResellerConfiguration": {"ResellerChannel": ()},
    "Cosell": {"CosellListing": ()},
    "SupplementalContent": {"SupplementalContent": ()},
    "Setup": {"OfferSetup": ()},
    "Variant": {"Plan": ()},
}
"""By a finding's `resource`, a module's name: the classes it may concern, with words that indicate each class."""
METERED_BY = "OfferTechnicalConfiguration"
"""The class that plans with meters require."""
LANGUAGE = re.compile(r"\b[a-z]{2}-[a-z]{2}(?:-[a-z]+)?\b")


class Published(Part):
    """A published resource: its class, its name in the program, its `id`."""

    kind: str
    name: str
    id: str


@dataclass(frozen=True)
class Subjects:
    """Possible subjects of findings: published resources, and the offer's plan ids by `id`."""

    published: Sequence[Published]
    plans: Mapping[str, str]


def require_success(api: SubmissionApi, product: str, run: Run, published: Sequence[Published]) -> None:
    """Raise Rejected for a submission that failed, was cancelled or archived."""
    if run.standing is Standing.FAILED:
        raise rejection(api, product, run, published)
    if run.standing in (Standing.CANCELLED, Standing.ARCHIVED):
        raise ended_early(product, run)


def rejection(api: SubmissionApi, product: str, run: Run, published: Sequence[Published]) -> Rejected:
    """Build the error with every failed step and finding, and the resources that each finding may concern."""
    workflows = api.submissions.workflows(product, run.id)
    is_certified = run.substate.casefold() == "failedincertification" or any(
        workflow.failed_steps and workflow.target_environment.casefold() == "live" for workflow in workflows
    )
    when = "certification" if is_certified else "validation"
    failed = [f"{step.name}: {step.state}" for workflow in workflows for step in workflow.failed_steps]
    steps = f" ({', '.join(failed)})" if failed else ""
    return Rejected(
        f"submission of offer {product}: {run.friendly_name} ({run.id}) failed in {when}{steps}",
        [*findings_of(api, product, run, published), *reports_of(api, product, run)],
        next="correct it and run `pulumi up` again: changed content, or other notes, are submitted",
    )


def ended_early(product: str, run: Run) -> Rejected:
    """Build the error for a submission that another client ended during `up`."""
    what = "was cancelled" if run.standing is Standing.CANCELLED else "was archived by the service"
    return Rejected(
        f"submission of offer {product}: {run.friendly_name} ({run.id}) {what} before it reached its target",
        [f"state {run.state}, {run.substate}"],
        next="run `pulumi up` again to submit the same content anew",
    )


def findings_of(api: SubmissionApi, product: str, run: Run, published: Sequence[Published] = ()) -> list[str]:
    """Return findings of the service, a line each: its errors, or all findings if none is an error. Last the failure
    reason.

    They may quote the service's content, and are redacted.
    """
    findings = api.submissions.findings(product, run.id)
    plans = api.plans.all(product) if published and findings else []
    subjects = Subjects(published, {f"{product}/{plan.id}": plan.external_id for plan in plans})
    errors = [finding for finding in findings if finding.severity.casefold() == "error"]
    lines = []
    for finding in errors or findings:
        about = _about(finding, subjects)
        where = f" (see {', '.join(about)})" if about else ""
        lines.append(f"{finding.resource} {finding.error_code}: {finding.message}{where}")
    reason = run.pending_update_info.failure_reason
    return [redacted(line) for line in ([*lines, reason] if reason else lines)]


def reports_of(api: SubmissionApi, product: str, run: Run) -> list[str]:
    """Return certification reports, a line each with its link."""
    reports = api.submissions.reports(product, run.id)
    return [
        f"report ({report.status}): {_unsigned(report.file_uri)}" for report in reports if report.file_uri
    ]


def _unsigned(address: str) -> str:
    """Drop the query of an address, which may be a credential: logs keep messages for long."""
    place, asks, _ = address.partition("?")
    return f"{place} (complete in Partner Center)" if asks else place


def _about(finding: Finding, subjects: Subjects) -> list[str]:
    """Return published resources that a finding concerns, by the plan, language or id in its text.

    If a class has several candidates, none is returned, to name no resource without a problem.
    """
    classes, text = ABOUT.get(finding.resource, {}), finding.message.casefold()
    meant = {name for name, words in classes.items() if any(word in text for word in words)}
    meant = meant or {name for name, words in classes.items() if not words}
    if finding.resource == "Package" and "meter" in text:
        meant = {METERED_BY}
        if not any(resource.kind == METERED_BY for resource in subjects.published):
            return [f"an {METERED_BY} with tenant and application, which publishes does not name"]
    if meant == {"ResellerChannel"} and not any(resource.kind in meant for resource in subjects.published):
        return ["a ResellerChannel, which publishes does not name"]
    plans = [id for id, plan_id in subjects.plans.items() if _names(text, plan_id)]
    candidates = [resource for resource in subjects.published if resource.kind in meant]
    if plans:
        candidates = [
            resource
            for resource in candidates
            if _is_below(resource.id, plans) or resource.kind == METERED_BY
        ]
    languages = LANGUAGE.findall(text)
    if languages:
        candidates = [
            resource for resource in candidates if set(languages) & set(resource.id.casefold().split("/"))
        ]
    groups = [[resource for resource in candidates if resource.kind == kind] for kind in classes]
    return [f"{group[0].kind} {group[0].name}" for group in groups if len(group) == 1]


def _names(text: str, plan_id: str) -> bool:
    """Whether a text names a plan: as a word after the word plan, or in quotes."""
    name = re.escape(plan_id.casefold())
    return bool(re.search(rf"(?:\bplan:? ['\"]?|['\"]){name}(?![\w-])", text))


def _is_below(id: str, plans: Sequence[str]) -> bool:
    return any(f"{id}/".startswith(f"{plan}/") for plan in plans)
