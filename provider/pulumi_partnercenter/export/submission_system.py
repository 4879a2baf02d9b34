"""Offers of the submission API, for the export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from ..api.submission.client import open_client
from ..api.submission.models import Product
from ..api.submission.system import SUBMISSION
from ..kinds._submission_api import SubmissionApi
from ..settings import Settings
from .collect import ExportedResource
from .exported_publication import ExportedPublication
from .exported_submission import export_submission, published_ids
from .offer_system import FoundOffer

__all__ = ["SubmissionSystem"]

SHARED_TYPES = ("AzureThirdPartyVirtualMachine",)
"""Types of offers that the Cloud Partner Portal API has too, with plans, prices and images."""


class SubmissionSystem:
    """Products of the account."""

    name, service, publication = SUBMISSION.name, "", "Submission"

    def __init__(self, client: SubmissionApi) -> None:
        self.client = client

    @classmethod
    @contextmanager
    def open(cls, settings: Settings) -> Iterator[Self]:
        with open_client(settings) as client:
            yield cls(client)

    def find(self, offer_id: str) -> Sequence[FoundOffer]:
        product = None if "/" in offer_id else self.client.offers.find(offer_id)
        return [self._build_offer(product)] if product else []

    def all(self) -> Sequence[FoundOffer]:
        return [self._build_offer(product) for product in self.client.offers.all()]

    def _build_offer(self, product: Product) -> FoundOffer:
        is_shared = product.resource_type in SHARED_TYPES
        return FoundOffer(self, product.id, product.offer_id, product.offer_id, is_shared)

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
