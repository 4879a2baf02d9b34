"""Drafts of a product: their place, the meaning of a 404 below a product, and writes of a draft.

Reads are cached for the operation (`OperationCache`); the provider's own writes drop them. A cached draft that was not
written since is written without another read, because If-Match guards it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ...errors import ODD_ANSWER, Conflict, ContractError, JobTimeout, NotFound, Stale
from ..http.client import ApiClient
from ..http.retry import PollPolicy
from ..operation_cache import OperationCache
from .absences import Gone
from .models import Branch, Entity, Product
from .submission_models import PLAN_MODULES
from .system import NO_OFFER

__all__ = ["Drafts"]

CHILDREN_SECONDS = 60
"""Maximum delay after which children of a new product or plan appear; usually seconds."""

T = TypeVar("T")
E = TypeVar("E", bound=Entity)


class Drafts:
    """Thread-safe. `product` and `variant` are durable GUIDs; `variant=""` means the offer itself."""

    def __init__(self, client: ApiClient) -> None:
        self.client, self.cache = client, OperationCache()

    def product(self, product: str) -> Product:
        """Read a product. Raises Gone only if the account responds and two reads lack the product."""
        action = f"offer {product}: read"

        def read() -> Product:
            return Product.from_json(self.client.get(f"products/{product}", action).body, action, id=product)

        def fetch() -> Product:
            try:
                return read()
            except NotFound:
                self._require_account(action)
            try:
                return read()
            except NotFound as error:
                raise Gone(error.doing, said=error.said, status=404) from None

        return self.cache.get((product, "product"), fetch)

    def _require_account(self, action: str) -> None:
        """Raise ContractError if every request is a 404, as with a token for another service."""
        try:
            self.cache.get(("account",), lambda: list(self.client.list_items("products", action, NO_OFFER)))
        except NotFound as error:
            raise ContractError(
                f"{action}: the service answers every request with 404, so no object is treated as deleted",
                said=error.said,
                next=f"check PARTNERCENTER_ENDPOINT, and that the token is for {self.client.system.audience}",
            ) from None

    def find_twice(self, find: Callable[[], T | None], *cache_key: str) -> T | None:
        """Search a cached list, and again without the cache: a single odd list proves no absence."""
        match = find()
        if match is None:
            self.cache.forget(*cache_key)
            match = find()
        return match

    def confirm_missing(self, product: str, action: str, request: Callable[[], T]) -> T:
        """Run a request below a product. A 404 raises Gone only after the product is confirmed to be gone."""
        for _ in range(2):
            try:
                return request()
            except Gone:
                raise
            except NotFound as error:
                self.cache.forget(product)  # e.g. an instance that was submitted meanwhile
                self.product(product)
                message = error.said
        raise ContractError(f"{action}: the offer exists, but this object does not (404)", said=message)

    def delete(self, product: str, path: str, action: str, read: Callable[[], object]) -> None:
        """Delete an object. Raises Gone if it did not exist, as `read` confirms."""
        try:
            self.client.delete(path, action)
            self.cache.forget(product)
        except NotFound as error:
            self.cache.forget(product)
            read()
            raise ContractError(f"{action}: it exists and cannot be deleted (404)", said=error.said) from None

    def branches(self, product: str, module: str, action: str) -> list[Branch]:
        """List the branches of a module: the offer's and its plans'. Empty if there are none yet."""
        path = f"products/{product}/branches/getByModule(module={module})"

        def fetch() -> list[Branch]:
            # A plan that another thread is creating would be missing in the response.
            if module in PLAN_MODULES:
                self.cache.wait_for_writers(product, "variants")
            items = self.confirm_missing(product, action, lambda: list(self.client.list_items(path, action)))
            branches = [Branch.from_json(item, action) for item in items]
            places = [(branch.type, branch.variant_id) for branch in branches]
            if len(set(places)) != len(places):
                raise ContractError(
                    f"{action}: the answer has two drafts of the {module} module instead of one",
                    next=ODD_ANSWER,
                )
            return branches

        return self.cache.get((product, "branches", module), fetch)

    def instance(
        self, product: str, variant: str, module: str, action: str, confirm: Callable[[], object]
    ) -> str:
        """Return the id of the current draft; volatile, never used beyond the operation.

        Waits until the service has created it, after `confirm` has not raised Gone for the plan.
        """

        def find() -> str:
            branches = self.branches(product, module, action)
            instances = [
                branch.current_draft_instance_id for branch in branches if branch.variant_id == variant
            ]
            if not any(instances):
                self.cache.forget(product, "branches", module)
            return next(iter(instances), "")

        if instance := find() or find():  # the cached branches may be older than the plan
            return instance
        confirm()
        return self.wait_for(find, action)

    def in_instance(
        self,
        product: str,
        instance: str,
        collection: str,
        model: type[E],
        action: str,
        params: Mapping[str, str] | None = None,
    ) -> list[E]:
        """List the documents of an instance, a draft or a submitted one."""
        path = f"products/{product}/{collection}/getByInstanceID(instanceID={instance})"
        return [model.from_json(item, action) for item in self.client.list_items(path, action, params)]

    def wait_for(self, find: Callable[[], T], action: str) -> T:
        """Wait up to `CHILDREN_SECONDS` for a result: children of a new product or plan appear late."""
        poll = PollPolicy(
            bool,
            sleep=self.client.sleep,
            deadline_seconds=CHILDREN_SECONDS,
            action=f"{action}: not there yet",
        )
        if result := poll(find):
            return result
        raise JobTimeout(
            f"{action}: the service has not created it within {CHILDREN_SECONDS} s",
            next="run the same command again: it finds what exists and continues from there",
        )

    def rewrite(
        self,
        key: tuple[str, ...],
        *,
        read: Callable[[], E],
        path: str,
        change: Callable[[E], E],
        action: str,
        params: Mapping[str, str] | None = None,
    ) -> E:
        """Put the members that `change` sets into the draft, and keep every other member.

        A stale etag is no error as long as nobody changed the written members. A write whose response was lost is
        recognised
        by its result. Raises: Stale, with the members that another client changed.
        """

        def read_latest() -> E:
            latest = read()
            self.cache.pop(key)  # `read` caches the draft, which the write changes
            return latest

        product, draft = key[0], self.cache.pop(key) or read_latest()
        for _ in range(3):
            changed = change(draft)
            desired, before = draft.changed_members(changed), draft.to_json()
            try:
                answer = self.client.put(
                    f"{path}/{draft.id}", action, before | desired, etag=draft.etag, params=params
                )
                return type(draft).from_json(answer.body, action, id=draft.id)
            except (Stale, Conflict, NotFound) as error:
                self.cache.forget(product, "branches")  # a submission gives every draft a new id
                refusal, draft = error, read_latest()
            actual = draft.to_json()
            moved = _moved_members(changed.to_json().keys(), before, actual)
            foreign = [
                name for name in moved if name not in desired or not _holds(actual.get(name), desired[name])
            ]
            if not foreign and all(_holds(actual.get(name), value) for name, value in desired.items()):
                return draft
            if moved:  # the write changes all desired members, so this partial result is another client's
                raise Stale(
                    f"{action}: somebody else changed {', '.join(sorted(foreign or moved))} meanwhile",
                    next="run `pulumi refresh` to see the change, then decide and run `pulumi up` again",
                    status=412,
                ) from None
        raise refusal


def _moved_members(names: Iterable[str], before: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    """Return the names whose value differs from before. Absent and empty are equal."""
    return [name for name in names if (actual.get(name) or None) != (before.get(name) or None)]


def _holds(actual: Any, desired: Any) -> bool:
    """Whether a value is the desired one as the service stores it: with its own ids and empty members."""
    if isinstance(desired, dict) and isinstance(actual, dict):
        added = [value for name, value in actual.items() if name not in desired and not _is_computed(name)]
        is_map = all(isinstance(value, list) for value in actual.values())  # of categories: each key counts
        return not (added if is_map else any(added)) and all(
            _holds(actual.get(name), value) for name, value in desired.items()
        )
    if isinstance(desired, list) and isinstance(actual, list):
        return len(desired) == len(actual) and all(map(_holds, actual, desired))
    return bool(actual == desired or not (actual or desired))


def _is_computed(name: str) -> bool:
    """Whether only the service sets such a member."""
    return name.lower() in ("id", "assetid", "filesasuri") or name.startswith("@odata.")
