"""Offers of the Cloud Partner Portal API, for the export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ..api.portal.client import PortalClient, open_portal
from ..api.portal.operation_models import Stage
from ..api.portal.system import PORTAL
from ..kinds._publishing import digest
from ..kinds.portal._portal_api import is_offer_reference
from ..kinds.portal._published_content import holds_draft
from ..registry import load_kind
from ..resources.portal.publication import Publication
from ..settings import Settings
from .collect import ExportedResource
from .exported_publication import ExportedPublication, publishing_arguments
from .offer_system import FoundOffer

__all__ = ["PortalSystem"]

SLOTS = {Stage.PREVIEW: "preview", Stage.LIVE: "production"}
"""By stage in which an offer's publication rests: the slot with its content."""


class PortalSystem:
    """Offers of the publishers in which this login has rights."""

    name, service, publication = PORTAL.name, "portal", "Publication"

    def __init__(self, client: PortalClient) -> None:
        self.client = client

    @classmethod
    @contextmanager
    def open(cls, settings: Settings) -> Iterator[PortalSystem]:
        with open_portal(settings) as client:
            yield cls(client)

    def find(self, offer_id: str) -> Sequence[FoundOffer]:
        """An offer id is looked up in every publisher, `<publisher>/<offer_id>` in one."""
        if "/" in offer_id:
            references = [offer_id] if is_offer_reference(offer_id) else []
        else:
            candidates = [f"{publisher}/{offer_id}" for publisher in self._publishers()]
            references = [candidate for candidate in candidates if is_offer_reference(candidate)]
        documents = [self.client.offers.find(*reference.split("/")) for reference in references]
        return [
            self._build_offer(document.publisher, document.offer_id) for document in documents if document
        ]

    def all(self) -> Sequence[FoundOffer]:
        return [
            self._build_offer(publisher, summary["id"])
            for publisher in self._publishers()
            for summary in self.client.offers.list(publisher)
        ]

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

    def _build_offer(self, publisher: str, offer_id: str) -> FoundOffer:
        return FoundOffer(self, f"{publisher}/{offer_id}", offer_id, f"{publisher}/{offer_id}")

    def _publishers(self) -> list[str]:
        return sorted(str(publisher.get("id") or "") for publisher in self.client.publishers.list())
