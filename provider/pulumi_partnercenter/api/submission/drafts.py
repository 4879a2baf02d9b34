"""The floor below every noun: where drafts are, what a 404 means there, and how a draft is written.

What is read once in an operation is shared (`Shared`) and dropped with our own writes; a draft that was read and not
written since is written without reading it again, because If-Match guards it. Source: submission API 2, 3, 5.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ...errors import ODD_ANSWER, Conflict, ContractError, JobTimeout, NotFound, Stale
from ..http.client import Door
from ..http.retry import Waiting
from ..operation_cache import Shared
from .models import Branch, Entity, Product

__all__ = ["Drafts", "Gone"]

CHILDREN_SECONDS = 60
"""How long children of a new product or plan may stay away (3.3: seconds; D: up to a minute)."""
PLANS_HAVE = frozenset({"Listing", "Availability", "Package"})
"""Modules of which each plan has a branch beside the offer's (3.2)."""
NOBODY = {"$filter": "externalIDs/Any(i:i/type eq 'AzureOfferId' and i/value eq 'none')"}

T = TypeVar("T")
E = TypeVar("E", bound=Entity)


class Gone(NotFound):
    """Confirmed: a list of the service does not have it, or a product is not there while the account answers."""


class Drafts:
    """Thread-safe. `product` and `variant` are durable GUIDs; `variant=""` means the offer's own level."""

    def __init__(self, door: Door) -> None:
        self.door, self.shared = door, Shared()

    def product(self, product: str) -> Product:
        """Raises Gone only when the account answers and the product does not."""
        doing = f"offer {product}: read"

        def fetch() -> Product:
            try:
                return Product.told(self.door.get(f"products/{product}", doing), doing, id=product)
            except NotFound as error:
                self._require_account(doing)
                raise Gone(error.doing, said=error.said, status=404) from None

        return self.shared.get((product, "product"), fetch)

    def _require_account(self, doing: str) -> None:
        """With a token for another service everything is a 404 (oddity 46): then nothing is known to be gone."""
        try:
            self.shared.get(("account",), lambda: list(self.door.pages("products", doing, NOBODY)))
        except NotFound as error:
            raise ContractError(
                f"{doing}: the service answers 404 to everything, so nothing is taken for deleted",
                said=error.said,
                next="check PARTNERCENTER_ENDPOINT, and that the token is for https://api.partner.microsoft.com",
            ) from None

    def looked_twice(self, look: Callable[[], T | None], *shared: str) -> T | None:
        """What `look` finds in a list that is shared under this key; a single odd list proves nothing gone."""
        found = look()
        if found is None:
            self.shared.forget(*shared)
            found = look()
        return found

    def below(self, product: str, doing: str, work: Callable[[], T]) -> T:
        """What lies below a product. A 404 there means gone only once the product is confirmed to be gone."""
        for _ in range(2):
            try:
                return work()
            except Gone:
                raise
            except NotFound as error:
                self.shared.forget(product)  # an instance that was submitted meanwhile, for one
                self.product(product)
                said = error.said
        raise ContractError(f"{doing}: the offer is there and this is not (404)", said=said)

    def delete(self, product: str, path: str, doing: str, look: Callable[[], object]) -> None:
        """Raises Gone when there was nothing to delete, as `look` confirms."""
        try:
            self.door.delete(path, doing)
            self.shared.forget(product)
        except NotFound as error:
            self.shared.forget(product)
            look()
            raise ContractError(
                f"{doing}: it is there and cannot be deleted (404)", said=error.said
            ) from None

    def branches(self, product: str, module: str, doing: str) -> list[Branch]:
        """The offer's branch of a module and its plans'; empty where the offer has no such module, or not yet."""
        path = f"products/{product}/branches/getByModule(module={module})"

        def fetch() -> list[Branch]:
            if module in PLANS_HAVE:  # what a plan that is being made would lack has to be asked for again
                self.shared.settled(product, "variants")
            found = [Branch.told(each, doing) for each in self.door.pages(path, doing)]
            places = [(each.type, each.variant_id) for each in found]
            if len(set(places)) != len(places):
                raise ContractError(
                    f"{doing}: the answer has two drafts of one {module} module, so that nobody knows which is which",
                    next=ODD_ANSWER,
                )
            return found

        return self.shared.get((product, "branches", module), fetch)

    def instance(
        self, product: str, variant: str, module: str, doing: str, confirm: Callable[[], object]
    ) -> str:
        """Id of the current draft; volatile, never kept beyond the operation.

        Waits until the service has made it, once `confirm` has not raised Gone for the plan.
        """

        def look() -> str:
            found = next(
                (
                    each.current_draft_instance_id
                    for each in self.branches(product, module, doing)
                    if each.variant_id == variant
                ),
                "",
            )
            if not found:
                self.shared.forget(product, "branches", module)
            return found

        if found := look() or look():  # what is shared may be older than the plan
            return found
        confirm()
        return self.wait_for(look, doing)

    def in_instance(
        self,
        product: str,
        instance: str,
        collection: str,
        model: type[E],
        doing: str,
        params: Mapping[str, str] | None = None,
    ) -> list[E]:
        """The documents of a draft instance, or of one that was submitted."""
        path = f"products/{product}/{collection}/getByInstanceID(instanceID={instance})"
        return [model.told(each, doing) for each in self.door.pages(path, doing, params)]

    def wait_for(self, look: Callable[[], T], doing: str) -> T:
        """What `look` finds, within `CHILDREN_SECONDS`: children of a new product or plan appear late (3.3)."""
        patience = Waiting(
            bool, sleep=self.door.sleep, deadline_seconds=CHILDREN_SECONDS, doing=f"{doing}: not there yet"
        )
        if found := patience(look):
            return found
        raise JobTimeout(
            f"{doing}: the service has not made it within {CHILDREN_SECONDS} s",
            next="run the same command again: what exists is found, and the rest goes on from there",
        )

    def rewrite(
        self,
        key: tuple[str, ...],
        *,
        read: Callable[[], E],
        path: str,
        change: Callable[[E], E],
        doing: str,
        params: Mapping[str, str] | None = None,
    ) -> E:
        """Put the members that `change` sets into the draft and leave every other member as it is.

        A stale etag is forgiven as long as nobody changed what we are about to write; a write whose answer was lost
        is recognised by its result. Raises: Stale, naming the members that somebody else changed.
        """

        def latest() -> E:
            found = read()
            self.shared.take(key)  # what was read is shared; this one is about to be written
            return found

        product, draft = key[0], self.shared.take(key) or latest()
        for _ in range(3):
            ours = change(draft)
            wanted, before = draft.changes(ours), draft.members()
            try:
                stored = self.door.put(
                    f"{path}/{draft.id}", doing, before | wanted, etag=draft.etag, params=params
                )
                return type(draft).told(stored, doing, id=draft.id)
            except (Stale, Conflict, NotFound) as error:
                self.shared.forget(product, "branches")  # a submission gives every draft another id
                refusal, draft = error, latest()
            there = draft.members()
            moved = _moved(ours.members().keys(), before, there)
            others = [
                name for name in moved if name not in wanted or not _holds(there.get(name), wanted[name])
            ]
            if not others and all(_holds(there.get(name), value) for name, value in wanted.items()):
                return draft
            if moved:  # also to what we want, as long as it is not all of it: then it was not our write
                raise Stale(
                    f"{doing}: somebody else changed {', '.join(sorted(others or moved))} meanwhile",
                    next="run `pulumi refresh` to see the change, then decide and run `pulumi up` again",
                    status=412,
                ) from None
        raise refusal


def _moved(ours: Iterable[str], before: dict[str, Any], there: dict[str, Any]) -> list[str]:
    """Our members that are in another state than before. Absent and empty are one (2.7)."""
    return [name for name in ours if (there.get(name) or None) != (before.get(name) or None)]


def _holds(there: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one as the service keeps it: with ids and empty members of its own."""
    if isinstance(wanted, dict) and isinstance(there, dict):
        added = [value for name, value in there.items() if name not in wanted and not _is_own(name)]
        return not any(added) and all(_holds(there.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(there, list):
        return len(wanted) == len(there) and all(map(_holds, there, wanted))
    return bool(there == wanted or not (there or wanted))


def _is_own(name: str) -> bool:
    """Whether only the service gives such a member."""
    return name.lower() in ("id", "assetid", "filesasuri") or name.startswith("@odata.")
