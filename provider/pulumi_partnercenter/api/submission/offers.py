"""Offers, which the service calls products."""

from __future__ import annotations

from ...errors import ContractError
from .drafts import Drafts
from .models import PRODUCT_TYPES, Product, TypeValue

__all__ = ["Offers"]


class Offers:
    """`product` is the product's GUID, `offer_id` the publisher's own id."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts, self._client, self._cache = drafts, drafts.client, drafts.cache

    def find(self, offer_id: str) -> Product | None:
        """Find by offer id, compared exactly: the filter's rules for upper and lower case are not documented."""
        action = f"offer {offer_id!r}: look-up"
        query = f"externalIDs/Any(i:i/type eq 'AzureOfferId' and i/value eq '{offer_id}')"
        matches = [
            product for product in self._list({"$filter": query}, action) if product.offer_id == offer_id
        ]
        if len(matches) > 1:
            ids = ", ".join(product.id for product in matches)
            raise ContractError(f"{action}: {len(matches)} products have this id: {ids}")
        for product in matches:
            self._cache.put((product.id, "product"), product)
        return matches[0] if matches else None

    def of_type(self, offer_type: str) -> list[Product]:
        """List the offers of a type. For some accounts, the list fails without a filter."""
        return self._list(
            {"$filter": f"resourceType eq '{offer_type}'"}, f"offers of type {offer_type}: list"
        )

    def _list(self, params: dict[str, str], action: str) -> list[Product]:
        items = self._client.list_items("products", action, params)
        return [Product.from_json(item, action) for item in items]

    def all(self) -> list[Product]:
        """List the offers of every type of the commercial marketplace."""
        return [product for offer_type in PRODUCT_TYPES for product in self.of_type(offer_type)]

    def get(self, product: str) -> Product:
        return self._drafts.product(product)

    def create(self, offer_id: str, offer_type: str, alias: str) -> Product:
        existing: list[Product] = []

        def find() -> Product | None:
            """Find the product of a POST whose response was lost."""
            product = self.find(offer_id)
            existing.extend([product] if product else [])
            return product

        desired = Product(
            resource_type=offer_type,
            name=alias,
            external_ids=[TypeValue(type="AzureOfferId", value=offer_id)],
            is_modular_publishing=True,
        )
        action = f"offer {offer_id!r}: create"
        product = self._client.create("products", action, desired.to_creation_json(), Product, find)
        self._cache.put((product.id, "product"), product)
        # No other client has the id yet, so the offer has no plans, packages and submissions.
        if not existing:
            self._cache.put((product.id, "variants"), [])
            self._cache.put((product.id, "published"), frozenset())
            self._cache.put((product.id, "files", "", "packages"), [])
            self._cache.put(("new offer", product.id), True)
        return product

    def is_new(self, product: str) -> bool:
        """Whether this operation created the offer, so that it has no content of other clients."""
        return bool(self._cache.get(("new offer", product), lambda: False))

    def delete(self, product: str) -> None:
        """Delete the offer with its contents. The service refuses this for a published offer."""
        path, action = f"products/{product}", f"offer {product}: delete"
        self._drafts.delete(product, path, action, lambda: self.get(product))
