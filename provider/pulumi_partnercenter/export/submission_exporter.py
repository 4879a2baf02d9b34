"""Export of offers of the submission API."""

from __future__ import annotations

from collections.abc import Sequence

from ..kinds._submission_api import SubmissionApi
from .collect import ExportedResource
from .exported_publication import ExportedPublication
from .exported_submission import export_submission, published_ids

__all__ = ["SubmissionExporter"]


class SubmissionExporter:
    publication = "Submission"

    def __init__(self, client: SubmissionApi) -> None:
        self.client = client

    def export_publication(
        self, offer: str, resources: Sequence[ExportedResource], defaults: Sequence[ExportedResource]
    ) -> ExportedPublication:
        return export_submission(self.client, offer, resources, defaults)

    def kept(self, offer: str, resources: Sequence[ExportedResource]) -> list[ExportedResource]:
        """A plan may be newer than the publication of its offer."""
        published = published_ids(self.client, offer) if resources else set()
        plans = {f"{offer}/{plan.id}" for plan in self.client.plans.all(offer)}
        if offer not in published:
            return []
        drafts = plans - published
        return [
            resource for resource in resources if resource.stays_once_published and resource.id not in drafts
        ]
