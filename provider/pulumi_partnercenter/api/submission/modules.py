"""Documents that an offer or a plan always has: drafts behind a branch, and those without drafts.

Source: submission API 3.2 to 3.4, 5.2, 5.4, 5.5, 5.11 to 5.18.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ...errors import NotFound
from ..wire import Wire
from .drafts import Drafts
from .models import Entity
from .plans import Plans

__all__ = ["Module", "Unversioned"]

E = TypeVar("E", bound=Entity)
W = TypeVar("W", bound=Wire)


@dataclass(frozen=True)
class Module(Generic[E]):
    """A module's draft document: one for the offer (`variant=""`) or one for each plan.

    `collection` is its path segment, `branch` the name that `getByModule` knows, `params` what every request needs.
    """

    drafts: Drafts
    plans: Plans
    noun: str
    branch: str
    collection: str
    model: type[E]
    params: Mapping[str, str] = field(default_factory=dict)

    def is_there(self, product: str, variant: str = "") -> bool:
        """Whether the offer or plan has this module, as far as the service has come with it."""
        doing = f"{self.noun} {place(product, variant)}: look-up"
        found = self.drafts.branches(product, self.branch, doing)
        return any(each.variant_id == variant for each in found)

    def get(self, product: str, variant: str = "") -> E:
        """The current draft. Raises Gone for an offer or plan that is gone; waits for one that is new."""
        doing = f"{self.noun} {place(product, variant)}: read"

        def look() -> list[E]:
            instance = self.instance(product, variant, doing)
            return self.in_instance(product, instance, doing)

        found = self.drafts.below(product, doing, lambda: self.drafts.wait_for(look, doing))[0]
        self.drafts.shared.put(self._key(product, variant), found)
        return found

    def write(self, change: Callable[[E], E], product: str, variant: str = "") -> E:
        """`change` makes the wanted members from the draft, because unknown members of its elements have to survive."""
        return self.drafts.rewrite(
            self._key(product, variant),
            read=lambda: self.get(product, variant),
            path=f"products/{product}/{self.collection}",
            change=change,
            doing=f"{self.noun} {place(product, variant)}: write",
            params=self.params,
        )

    def instance(self, product: str, variant: str, doing: str) -> str:
        """Id of the current draft instance, once there is one."""
        confirm = lambda: self.plans.confirm(product, variant)  # noqa: E731
        return self.drafts.instance(product, variant, self.branch, doing, confirm)

    def in_instance(self, product: str, instance: str, doing: str) -> list[E]:
        """The documents of an instance, the current or one that was submitted."""
        return self.drafts.in_instance(product, instance, self.collection, self.model, doing, self.params)

    def _key(self, product: str, variant: str) -> tuple[str, ...]:
        return (product, "draft", self.noun, variant)


@dataclass(frozen=True)
class Unversioned(Generic[W]):
    """A document of an offer without drafts and etag: POST replaces it whole, and may be repeated.

    `may_be_unset`: the service has none until somebody writes it (5.16; whether it then answers 404, 204 or null is
    open question 7, so all three count as an empty document).
    """

    drafts: Drafts
    noun: str
    path: str
    model: type[W]
    may_be_unset: bool = False

    def is_there(self, product: str) -> bool:
        """Every offer that is there has one."""
        self.drafts.product(product)
        return True

    def get(self, product: str) -> W:
        doing = f"{self.noun} {product}: read"
        found = self.drafts.below(product, doing, lambda: self._stored(product, doing))
        self.drafts.shared.put((product, "draft", self.noun), found)
        return found

    def write(self, change: Callable[[W], W], product: str) -> W:
        """`change` makes the wanted members from the document; those that it does not set stay as they are."""
        there = self.drafts.shared.take((product, "draft", self.noun)) or self.get(product)
        self.drafts.shared.take((product, "draft", self.noun))
        wanted = change(there)
        body = self._kept(there, wanted) | there.changes(wanted)
        doing = f"{self.noun} {product}: write"
        answer = self.drafts.door.upsert(f"products/{product}/{self.path}", doing, body)
        return self.model.told(answer, doing)

    def _stored(self, product: str, doing: str) -> W:
        try:
            answer = self.drafts.door.get(f"products/{product}/{self.path}", doing)
        except NotFound:
            if not self.may_be_unset:
                raise
            self.drafts.product(product)
            answer = None
        return self.model.told(answer or ({} if self.may_be_unset else answer), doing)

    def _kept(self, there: W, wanted: W) -> dict[str, Any]:
        """What stays: all of it, or nothing of a document of another type (a lead destination of another kind)."""
        before, after = there.members(), wanted.members()
        return before if after.get("resourceType") in (None, before.get("resourceType")) else {}


def place(product: str, variant: str) -> str:
    return f"{product}/{variant}" if variant else product
