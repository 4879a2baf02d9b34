"""Offers of the publishers in which this login has rights, in the Cloud Partner Portal API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from ..api.portal.system import PORTAL
from ..errors import NotFound
from ..kinds.portal._portal_api import PortalClient, is_offer_reference
from ..settings import Settings
from .offers import FoundOffer

__all__ = ["PortalOffers"]


class PortalOffers:
    name, service = PORTAL.name, "portal"

    def __init__(self, client: PortalClient) -> None:
        self.client = client

    @classmethod
    @contextmanager
    def open(cls, settings: Settings) -> Iterator[Self]:
        from ..api.portal.client import open_portal

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

    def _build_offer(self, publisher: str, offer_id: str) -> FoundOffer:
        return FoundOffer(self, f"{publisher}/{offer_id}", offer_id, f"{publisher}/{offer_id}")

    def _publishers(self) -> list[str]:
        """Return the ids of publishers. Raises NotFound if this login has none: without one, no offer can be found."""
        publishers = self.client.publishers.list()
        ids = sorted(str(publisher["id"]) for publisher in publishers if publisher.get("id"))
        if not ids:
            raise NotFound("this login sees no publisher", next=PORTAL.empty_probe_hint, status=404)
        return ids
