"""Export of offers of the Cloud Partner Portal API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..api.portal.client import PortalClient
from ..api.portal.operation_models import Stage
from ..kinds._publishing import digest
from ..kinds.portal._published_content import holds_draft
from ..registry import load_kind
from ..resources.portal.publication import Publication
from .collect import ExportedResource
from .exported_publication import ExportedPublication, publishing_arguments

__all__ = ["PortalExporter"]

SLOTS = {Stage.PREVIEW: "preview", Stage.LIVE: "production"}
"""By stage in which an offer's publication rests: the slot with its content."""


class PortalExporter:
    publication = "Publication"

    def __init__(self, client: PortalClient) -> None:
        self.client = client

    def export_publication(
        self,
        offer: str,
        resources: Sequence[ExportedResource],
        defaults: Sequence[ExportedResource],  # noqa: ARG002 - an offer is one resource
    ) -> ExportedPublication:
        """Declare a Publication if the draft is what is in preview or live."""
        publisher, _, offer_id = offer.partition("/")
        stage = self.client.operations.status(publisher, offer_id).stage
        if stage is Stage.DRAFT:
            return ExportedPublication(reason="the offer was never published")
        if stage not in SLOTS:
            return ExportedPublication(reason=f"its newest publication is {stage.value}")
        if not holds_draft(self.client, offer, SLOTS[stage]):
            return ExportedPublication(
                reason=f"the draft differs from what is {stage.value}: declare a Publication to publish it"
            )
        kind = load_kind(Publication.schema.known_as)
        target = "live" if stage is Stage.LIVE else "preview"
        arguments = {"offer": offer, "publishes": list(resources), "target": target}
        inputs = {**arguments, **publishing_arguments(resources)}
        if problems := kind.arguments.problems(inputs):
            return ExportedPublication(reason="; ".join(problems))
        current = kind.read(self.client, offer)
        outputs = current.outputs.replace(content=digest(inputs["publishes"]))
        checked = kind.arguments.canonical(inputs)
        return ExportedPublication(
            ExportedResource(Publication, replace(current, outputs=outputs), arguments, checked, arguments)
        )

    def kept(self, offer: str, resources: Sequence[ExportedResource]) -> list[ExportedResource]:  # noqa: ARG002
        return [
            resource
            for resource in resources
            if resource.stays_once_published and resource.current.outputs.published
        ]
