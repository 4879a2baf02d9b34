"""Plans of an offer, which the service calls variants."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from .absences import Gone
from .drafts import Drafts
from .models import Variant

__all__ = ["Plans"]


class Plans:
    """`variant` is the plan's GUID, `plan_id` the publisher's own id."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts, self._client, self._cache = drafts, drafts.client, drafts.cache

    def all(self, product: str) -> list[Variant]:
        """List the plans of the offer, without the historic test-drive pseudo plan."""
        return [variant for variant in self.variants(product) if variant.is_plan]

    def variants(self, product: str) -> list[Variant]:
        """List the plans, and the test-drive pseudo plan of an old offer."""
        action = f"offer {product}: list of plans"

        def fetch() -> list[Variant]:
            items = self._client.list_items(f"products/{product}/variants", action)
            return [Variant.from_json(item, action) for item in items]

        return self._drafts.confirm_missing(
            product, action, lambda: self._cache.get((product, "variants"), fetch)
        )

    def find(self, product: str, plan_id: str) -> Variant | None:
        return next((plan for plan in self.all(product) if plan.external_id == plan_id), None)

    def get(self, product: str, variant: str) -> Variant:
        """Read a plan. Raises Gone if the offer's list of plans lacks it."""

        def find() -> Variant | None:
            return next((plan for plan in self.variants(product) if plan.id == variant), None)

        plan = self._drafts.find_twice(find, product, "variants")
        if plan is None:
            raise Gone(f"plan {product}/{variant}: not among the plans of the offer", status=404)
        return plan

    def confirm(self, product: str, variant: str) -> None:
        """Raise Gone unless the plan exists now."""
        if variant:
            self._cache.forget(product, "variants")
            self.get(product, variant)

    def hold_creation(self, product: str) -> AbstractContextManager[None]:
        """Return a context for the search and creation of a plan: reads of the offer's branches wait for its end."""
        return self._cache.hold_writer(product, "variants")

    def create(self, product: str, desired: Variant) -> Variant:
        action = f"plan {desired.external_id!r} of offer {product}: create"

        def find() -> Variant | None:
            self._cache.forget(product, "variants")
            return self.find(product, desired.external_id)

        body = desired.to_creation_json()
        variant = self._client.create(f"products/{product}/variants", action, body, Variant, find)
        self._cache.update(
            (product, "variants"),
            lambda variants: [other for other in variants if other.id != variant.id] + [variant],
        )
        return variant

    def update(self, product: str, variant: str, change: Callable[[Variant], Variant]) -> Variant:
        """Write the members that `change` derives from the plan.

        If-Match is sent, although the service's description does not declare it.
        """
        action = f"plan {product}/{variant}: write"
        path = f"products/{product}/variants"

        def read() -> Variant:
            return Variant.from_json(self._client.get(f"{path}/{variant}", action).body, action, id=variant)

        key = (product, "draft", "Variant", variant)
        plan = self._drafts.rewrite(key, read=read, path=path, change=change, action=action)
        self._cache.forget(product, "variants")
        return plan

    def delete(self, product: str, variant: str) -> None:
        path, action = f"products/{product}/variants/{variant}", f"plan {product}/{variant}: delete"
        self._drafts.delete(product, path, action, lambda: self.get(product, variant))
