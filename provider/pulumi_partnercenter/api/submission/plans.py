"""Plans. Source: submission API 5.10."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from .drafts import Drafts, Gone
from .models import Variant

__all__ = ["Plans"]


class Plans:
    """`variant` is the plan's GUID, `plan_id` the publisher's own id."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts, self._door, self._shared = drafts, drafts.door, drafts.shared

    def all(self, product: str) -> list[Variant]:
        """Every plan of the offer; the historic test-drive pseudo plan is none (oddity 25)."""
        return [each for each in self.variants(product) if each.is_plan]

    def variants(self, product: str) -> list[Variant]:
        """The plans, and the test-drive pseudo plan of an old offer."""
        doing = f"offer {product}: list of plans"

        def fetch() -> list[Variant]:
            pages = self._door.pages(f"products/{product}/variants", doing)
            return [Variant.told(each, doing) for each in pages]

        return self._drafts.below(product, doing, lambda: self._shared.get((product, "variants"), fetch))

    def find(self, product: str, plan_id: str) -> Variant | None:
        return next((each for each in self.all(product) if each.external_id == plan_id), None)

    def get(self, product: str, variant: str) -> Variant:
        """Raises Gone, also when the list of plans is there and the plan is not in it."""

        def look() -> Variant | None:
            return next((each for each in self.variants(product) if each.id == variant), None)

        found = self._drafts.looked_twice(look, product, "variants")
        if found is None:
            raise Gone(f"plan {product}/{variant}: not among the plans of the offer", status=404)
        return found

    def confirm(self, product: str, variant: str) -> None:
        """Raises Gone unless the plan is there now."""
        if variant:
            self._shared.forget(product, "variants")
            self.get(product, variant)

    def making(self, product: str) -> AbstractContextManager[None]:
        """From looking for a plan to having made it: look-ups of the offer's drafts wait for the end of that."""
        return self._shared.changing(product, "variants")

    def create(self, product: str, wanted: Variant) -> Variant:
        doing = f"plan {wanted.external_id!r} of offer {product}: create"

        def look() -> Variant | None:
            self._shared.forget(product, "variants")
            return self.find(product, wanted.external_id)

        variant = self._door.make(f"products/{product}/variants", doing, wanted.filled(), Variant, look)
        self._shared.change(
            (product, "variants"), lambda known: [each for each in known if each.id != variant.id] + [variant]
        )
        return variant

    def update(self, product: str, variant: str, change: Callable[[Variant], Variant]) -> Variant:
        """`change` makes the wanted members from the plan. If-Match is sent, though not declared (oddity 55)."""
        doing = f"plan {product}/{variant}: write"
        path = f"products/{product}/variants"
        stored = self._drafts.rewrite(
            (product, "draft", "Variant", variant),
            read=lambda: Variant.told(self._door.get(f"{path}/{variant}", doing), doing, id=variant),
            path=path,
            change=change,
            doing=doing,
        )
        self._shared.forget(product, "variants")
        return stored

    def delete(self, product: str, variant: str) -> None:
        path, doing = f"products/{product}/variants/{variant}", f"plan {product}/{variant}: delete"
        self._drafts.delete(product, path, doing, lambda: self.get(product, variant))
