"""Offers. Source: submission API 5.1."""

from __future__ import annotations

from ...errors import ContractError
from .drafts import Drafts
from .models import Product, TypeValue

__all__ = ["Offers"]

TYPES = (
    "AzureApplication",
    "AzureConsultingService",
    "AzureContainer",
    "AzureDeveloperService",
    "AzureDynamics365BusinessCentral",
    "AzureDynamics365ForCustomerEngagement",
    "AzureDynamics365ForOperations",
    "AzureIoTEdgeModule",
    "AzureManagedService",
    "AzurePowerBIApp",
    "AzurePowerBIVisual",
    "AzureThirdPartyVirtualMachine",
    "AzureVisualStudioExtension",
    "SoftwareAsAService",
)
"""Those of the commercial marketplace that were ever seen (5.1)."""


class Offers:
    """`product` is the product's GUID, `offer_id` the publisher's own id."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts, self._door, self._shared = drafts, drafts.door, drafts.shared

    def find(self, offer_id: str) -> Product | None:
        """By offer id, compared exactly: how the service's filter treats case is not known."""
        doing = f"offer {offer_id!r}: look-up"
        query = f"externalIDs/Any(i:i/type eq 'AzureOfferId' and i/value eq '{offer_id}')"
        pages = self._door.pages("products", doing, {"$filter": query})
        found = [each for each in (Product.told(each, doing) for each in pages) if each.offer_id == offer_id]
        if len(found) > 1:
            ids = ", ".join(each.id for each in found)
            raise ContractError(f"{doing}: {len(found)} products have this id: {ids}")
        for each in found:
            self._shared.put((each.id, "product"), each)
        return found[0] if found else None

    def of_type(self, offer_type: str) -> list[Product]:
        """Every offer of a type. Always filtered: without a filter the list fails for some accounts (0.3)."""
        doing = f"offers of type {offer_type}: list"
        pages = self._door.pages("products", doing, {"$filter": f"resourceType eq '{offer_type}'"})
        return [Product.told(each, doing) for each in pages]

    def all(self) -> list[Product]:
        """Of every type that is known."""
        return [each for offer_type in TYPES for each in self.of_type(offer_type)]

    def get(self, product: str) -> Product:
        return self._drafts.product(product)

    def create(self, offer_id: str, offer_type: str, alias: str) -> Product:
        found: list[Product] = []
        wanted = Product(
            resource_type=offer_type,
            name=alias,
            external_ids=[TypeValue(type="AzureOfferId", value=offer_id)],
            is_modular_publishing=True,
        )
        doing = f"offer {offer_id!r}: create"
        made = self._door.make(
            "products", doing, wanted.filled(), Product, look=lambda: self._there(offer_id, found)
        )
        self._shared.put((made.id, "product"), made)
        if not found:  # nobody else knows the id yet: it has no plans (5.10), packages and submissions
            self._shared.put((made.id, "variants"), [])
            self._shared.put((made.id, "published"), frozenset())
            self._shared.put((made.id, "files", "", "packages"), [])
            self._shared.put(("new offer", made.id), True)
        return made

    def is_new(self, product: str) -> bool:
        """Whether this operation made the offer, so that it holds nothing of anybody else."""
        return bool(self._shared.get(("new offer", product), lambda: False))

    def _there(self, offer_id: str, found: list[Product]) -> Product | None:
        """What a POST whose answer was lost has made, if it has."""
        there = self.find(offer_id)
        found.extend([there] if there else [])
        return there

    def delete(self, product: str) -> None:
        """With all that is in it. The service refuses once the offer has been published."""
        path, doing = f"products/{product}", f"offer {product}: delete"
        self._drafts.delete(product, path, doing, lambda: self.get(product))
