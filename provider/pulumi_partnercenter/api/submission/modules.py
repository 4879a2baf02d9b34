"""Documents that every offer or plan has: with drafts behind a branch, and without drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ...errors import NotFound
from .drafts import Drafts
from .models import Document, Entity
from .plans import Plans

__all__ = ["Module", "Unversioned", "join_ids"]

E = TypeVar("E", bound=Entity)
D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Module(Generic[E]):
    """A module's draft document: one for the offer (`variant=""`) or one for each plan.

    `collection` is its path segment, `branch` its name in `getByModule`, `params` the query of every request.
    """

    drafts: Drafts
    plans: Plans
    noun: str
    branch: str
    collection: str
    model: type[E]
    params: Mapping[str, str] = field(default_factory=dict)

    def exists(self, product: str, variant: str = "") -> bool:
        """Whether the offer or plan has this module yet."""
        action = f"{self.noun} {join_ids(product, variant)}: look-up"
        branches = self.drafts.branches(product, self.branch, action)
        return any(branch.variant_id == variant for branch in branches)

    def get(self, product: str, variant: str = "") -> E:
        """Read the current draft, and wait for a new one. Raises Gone if the offer or plan is gone."""
        action = f"{self.noun} {join_ids(product, variant)}: read"

        def read() -> list[E]:
            instance = self.instance(product, variant, action)
            return self.in_instance(product, instance, action)

        documents = self.drafts.confirm_missing(product, action, lambda: self.drafts.wait_for(read, action))
        self.drafts.cache.put(self._key(product, variant), documents[0])
        return documents[0]

    def write(self, change: Callable[[E], E], product: str, variant: str = "") -> E:
        """Write the members that `change` derives from the draft, so that unmodelled members of its parts survive."""
        return self.drafts.rewrite(
            self._key(product, variant),
            read=lambda: self.get(product, variant),
            path=f"products/{product}/{self.collection}",
            change=change,
            action=f"{self.noun} {join_ids(product, variant)}: write",
            params=self.params,
        )

    def instance(self, product: str, variant: str, action: str) -> str:
        """Wait for the current draft instance and return its id."""

        def confirm() -> None:
            self.plans.confirm(product, variant)

        return self.drafts.instance(product, variant, self.branch, action, confirm)

    def in_instance(self, product: str, instance: str, action: str) -> list[E]:
        """List the documents of an instance, a draft or a submitted one."""
        return self.drafts.in_instance(product, instance, self.collection, self.model, action, self.params)

    def _key(self, product: str, variant: str) -> tuple[str, ...]:
        return (product, "draft", self.noun, variant)


@dataclass(frozen=True)
class Unversioned(Generic[D]):
    """A document of an offer without drafts and etag: POST replaces it as a whole, and may be repeated.

    `may_be_unset`: the document does not exist before the first write. The response is then 404, 204 or null: the
    documentation does not say which, so all three count as an empty document.
    """

    drafts: Drafts
    noun: str
    path: str
    model: type[D]
    may_be_unset: bool = False

    def exists(self, product: str) -> bool:
        """Confirm that the offer exists: every offer has this document."""
        self.drafts.product(product)
        return True

    def get(self, product: str) -> D:
        action = f"{self.noun} {product}: read"
        document = self.drafts.confirm_missing(product, action, lambda: self._read(product, action))
        self.drafts.cache.put((product, "draft", self.noun), document)
        return document

    def write(self, change: Callable[[D], D], product: str) -> D:
        """Write the members that `change` derives from the document; the others stay as they are."""
        current = self.drafts.cache.pop((product, "draft", self.noun)) or self.get(product)
        self.drafts.cache.pop((product, "draft", self.noun))
        desired = change(current)
        body = self._kept_members(current, desired) | current.changed_members(desired)
        action = f"{self.noun} {product}: write"
        answer = self.drafts.client.upsert(f"products/{product}/{self.path}", action, body)
        return self.model.from_json(answer.body, action)

    def _read(self, product: str, action: str) -> D:
        answer = None
        try:
            answer = self.drafts.client.get(f"products/{product}/{self.path}", action).body
        except NotFound:
            if not self.may_be_unset:
                raise
            self.drafts.product(product)
        return self.model.from_json(answer or ({} if self.may_be_unset else answer), action)

    def _kept_members(self, current: D, desired: D) -> dict[str, Any]:
        """Return all members; none if the document has another type, such as a lead destination of another kind."""
        before, after = current.to_json(), desired.to_json()
        return before if after.get("resourceType") in (None, before.get("resourceType")) else {}


def join_ids(product: str, variant: str) -> str:
    return f"{product}/{variant}" if variant else product
