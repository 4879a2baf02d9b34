"""Products of the account, in the submission API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from ..api.submission.models import Product
from ..api.submission.system import SUBMISSION
from ..kinds._submission_api import SubmissionApi
from ..settings import Settings
from .offers import FoundOffer

__all__ = ["SubmissionOffers"]

SHARED_TYPES = ("AzureThirdPartyVirtualMachine",)
"""Types of offers that the Cloud Partner Portal API has too, with plans, prices and images."""


class SubmissionOffers:
    name, service = SUBMISSION.name, ""

    def __init__(self, client: SubmissionApi) -> None:
        self.client = client

    @classmethod
    @contextmanager
    def open(cls, settings: Settings) -> Iterator[Self]:
        from ..api.submission.client import open_client

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
