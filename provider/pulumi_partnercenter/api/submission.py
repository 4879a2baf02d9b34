"""The Partner Center submission API, in domain words and durable ids.

Drafts, instance ids, etags and pages end here. What is read once in an operation is shared (`Shared`) and dropped
with our own writes; a draft that was read and not written since is written without reading it again, because If-Match
guards it. Source: submission API 2 (conventions), 3 (object model), 5.1 to 5.11 (resources), 10 (oddities).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ..errors import Conflict, ContractError, JobTimeout, NotFound, Stale
from ..settings import Settings
from .auth import SUBMISSION_RESOURCE, TokenSource
from .shared import Shared
from .transport import Door, Waiting
from .wire import Branch, Entity, FeatureAvailability, Listing, Product, TypeValue, Variant

__all__ = ["SubmissionApi", "connect", "disconnect"]

CHILDREN_SECONDS = 60
"""How long children of a new product or plan may stay away (3.3: seconds; D: up to a minute)."""
EXPAND = {"$expand": "MarketStates,PriceSchedules,Trial"}

T = TypeVar("T")
E = TypeVar("E", bound=Entity)

_connected: dict[Settings, SubmissionApi] = {}
_connecting = threading.Lock()


def connect(settings: Settings) -> SubmissionApi:
    """The one client of these settings in this process; made at first use, contacts nobody yet."""
    with _connecting:
        if settings not in _connected:
            source = TokenSource.of(settings, SUBMISSION_RESOURCE)
            _connected[settings] = SubmissionApi(Door(settings, source, settings.submission_url))
        return _connected[settings]


def disconnect() -> None:
    """Close every client; what was shared within the operation is forgotten."""
    with _connecting:
        for api in _connected.values():
            api.close()
        _connected.clear()


class SubmissionApi:
    """Thread-safe. `product` and `variant` are durable GUIDs; `variant=""` means the offer's own level."""

    def __init__(self, door: Door) -> None:
        self._door, self._shared = door, Shared()

    def close(self) -> None:
        self._door.close()

    # ---- offers (5.1)

    def find_product(self, offer_id: str) -> Product | None:
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

    def product(self, product: str) -> Product:
        doing = f"offer {product}: read"

        def fetch() -> Product:
            try:
                return Product.told(self._door.get(f"products/{product}", doing), doing)
            except NotFound as error:
                self._require_account(doing)
                raise Gone(error.doing, said=error.said, status=404) from None

        return self._shared.get((product, "product"), fetch)

    def _require_account(self, doing: str) -> None:
        """With a token for another service everything is a 404 (oddity 46): then nothing is known to be gone."""
        nobody = {"$filter": "externalIDs/Any(i:i/type eq 'AzureOfferId' and i/value eq 'none')"}
        try:
            self._shared.get(("account",), lambda: list(self._door.pages("products", doing, nobody)))
        except NotFound as error:
            raise ContractError(
                f"{doing}: the service answers 404 to everything, so nothing is taken for deleted",
                said=error.said,
                next="check PARTNERCENTER_ENDPOINT, and that the token is for https://api.partner.microsoft.com",
            ) from None

    def create_product(self, offer_id: str, offer_type: str, alias: str) -> Product:
        wanted = Product(
            resource_type=offer_type,
            name=alias,
            external_ids=[TypeValue(type="AzureOfferId", value=offer_id)],
            is_modular_publishing=True,
        )
        doing = f"offer {offer_id!r}: create"
        made = self._door.make("products", doing, wanted, look=lambda: self.find_product(offer_id))
        self._shared.put((made.id, "product"), made)
        return made

    def delete_product(self, product: str) -> None:
        """With all that is in it. The service refuses once the offer has been published."""
        path, doing = f"products/{product}", f"offer {product}: delete"
        self._delete(product, path, doing, lambda: self.product(product))

    # ---- plans (5.10)

    def variants(self, product: str) -> list[Variant]:
        """Every plan of the offer; the historic test-drive pseudo plan is none (oddity 25)."""
        doing = f"offer {product}: list of plans"

        def fetch() -> list[Variant]:
            pages = self._door.pages(f"products/{product}/variants", doing)
            plans = (Variant.told(each, doing) for each in pages)
            return [each for each in plans if each.resource_type == "AzureSkuVariant"]

        return self._below(product, doing, lambda: self._shared.get((product, "variants"), fetch))

    def find_variant(self, product: str, plan_id: str) -> Variant | None:
        return next((each for each in self.variants(product) if each.external_id == plan_id), None)

    def variant(self, product: str, variant: str) -> Variant:
        """Raises NotFound, also when the list of plans is there and the plan is not in it."""
        found = next((each for each in self.variants(product) if each.id == variant), None)
        if found is None:
            raise Gone(f"plan {product}/{variant}: not among the plans of the offer", status=404)
        return found

    def create_variant(self, product: str, wanted: Variant) -> Variant:
        doing = f"plan {wanted.external_id!r} of offer {product}: create"

        def look() -> Variant | None:
            self._shared.forget(product, "variants")
            return self.find_variant(product, wanted.external_id)

        variant = self._door.make(f"products/{product}/variants", doing, wanted, look=look)
        self._shared.change(
            (product, "variants"), lambda known: [each for each in known if each.id != variant.id] + [variant]
        )
        return variant

    def update_variant(self, product: str, variant: str, change: Callable[[Variant], Variant]) -> Variant:
        """`change` makes the wanted members from the plan. If-Match is sent, though not declared (oddity 55)."""
        doing = f"plan {product}/{variant}: write"
        path = f"products/{product}/variants"
        stored = self._rewrite(
            (product, "draft", "Variant", variant),
            read=lambda: Variant.told(self._door.get(f"{path}/{variant}", doing), doing),
            path=path,
            change=change,
            doing=doing,
        )
        self._shared.forget(product, "variants")
        return stored

    def delete_variant(self, product: str, variant: str) -> None:
        path, doing = f"products/{product}/variants/{variant}", f"plan {product}/{variant}: delete"
        self._delete(product, path, doing, lambda: self.variant(product, variant))

    # ---- listings (5.6)

    def listing(self, product: str, language: str, variant: str = "") -> Listing:
        """The draft listing in one language. Raises NotFound when there are listings, but none in this language."""
        doing = f"{_listing(product, language, variant)}: read"
        drafts = self._drafts(product, variant, "Listing", "listings", Listing, doing)
        found = next((each for each in drafts if each.language_code.casefold() == language.casefold()), None)
        if found is None:
            raise NoListing(f"{doing}: there is no listing in this language", status=404)
        self._shared.put((product, "draft", "Listing", variant, language.casefold()), found)
        return found

    def find_listing(self, product: str, language: str, variant: str = "") -> Listing | None:
        try:
            return self.listing(product, language, variant)
        except NoListing:
            return None

    def create_listing(self, product: str, language: str, wanted: Listing, variant: str = "") -> Listing:
        """A further language; the default one exists from the start."""
        doing = f"{_listing(product, language, variant)}: create"
        instance = self._instance(product, variant, "Listing", doing)
        wanted.resource_type, wanted.language_code = "AzureListing", language
        return self._door.make(
            f"products/{product}/listings/createWithInstanceID(instanceID={instance})",
            doing,
            wanted,
            look=lambda: self.find_listing(product, language, variant),
        )

    def write_listing(
        self, product: str, language: str, change: Callable[[Listing], Listing], variant: str = ""
    ) -> Listing:
        """`change` makes the wanted members from the draft, because unknown members of its elements have to survive."""
        return self._rewrite(
            (product, "draft", "Listing", variant, language.casefold()),
            read=lambda: self.listing(product, language, variant),
            path=f"products/{product}/listings",
            change=change,
            doing=f"{_listing(product, language, variant)}: write",
        )

    def delete_listing(self, product: str, language: str, variant: str = "") -> None:
        listing = self.listing(product, language, variant)
        doing = f"{_listing(product, language, variant)}: delete"
        path = f"products/{product}/listings/{listing.id}"
        self._delete(product, path, doing, lambda: self.listing(product, language, variant))

    # ---- pricing and availability of a plan (5.11)

    def availability(self, product: str, variant: str) -> FeatureAvailability:
        """With markets, prices and trial, which the service leaves out unless asked."""
        doing = f"pricing {product}/{variant}: read"
        drafts = self._drafts(
            product, variant, "Availability", "featureAvailabilities", FeatureAvailability, doing, EXPAND
        )
        self._shared.put((product, "draft", "Availability", variant), drafts[0])
        return drafts[0]

    def write_availability(
        self, product: str, variant: str, change: Callable[[FeatureAvailability], FeatureAvailability]
    ) -> FeatureAvailability:
        """`change` as for `write_listing`."""
        return self._rewrite(
            (product, "draft", "Availability", variant),
            read=lambda: self.availability(product, variant),
            path=f"products/{product}/featureavailabilities",
            change=change,
            doing=f"pricing {product}/{variant}: write",
            params=EXPAND,
        )

    # ---- drafts (3.2, 5.3)

    def _drafts(
        self,
        product: str,
        variant: str,
        module: str,
        collection: str,
        model: type[E],
        doing: str,
        params: dict[str, str] | None = None,
    ) -> list[E]:
        """The draft documents of a module: one, or for listings one a language. Waits while there are none yet."""

        def look() -> list[E]:
            instance = self._instance(product, variant, module, doing)
            path = f"products/{product}/{collection}/getByInstanceID(instanceID={instance})"
            return [model.told(each, doing) for each in self._door.pages(path, doing, params)]

        return self._below(product, doing, lambda: self._await(look, doing))

    def _below(self, product: str, doing: str, work: Callable[[], T]) -> T:
        """What lies below a product. A 404 there means gone only once the product is confirmed to be gone."""
        for _ in range(2):
            try:
                return work()
            except Gone:
                raise
            except NotFound as error:
                self._shared.forget(product)  # an instance that was submitted meanwhile, for one
                self.product(product)
                said = error.said
        raise ContractError(f"{doing}: the offer is there and this is not (404)", said=said)

    def _delete(self, product: str, path: str, doing: str, look: Callable[[], object]) -> None:
        """Raises Gone when there was nothing to delete, as `look` confirms."""
        try:
            self._door.delete(path, doing)
            self._shared.forget(product)
        except NotFound as error:
            self._shared.forget(product)
            look()
            raise ContractError(
                f"{doing}: it is there and cannot be deleted (404)", said=error.said
            ) from None

    def _instance(self, product: str, variant: str, module: str, doing: str) -> str:
        """Id of the current draft; volatile, never kept beyond the operation."""
        path = f"products/{product}/branches/getByModule(module={module})"

        def look() -> str:
            fetch = lambda: [Branch.told(each, doing) for each in self._door.pages(path, doing)]  # noqa: E731
            branches = self._shared.get((product, "branches", module), fetch)
            found = next(
                (each.current_draft_instance_id for each in branches if each.variant_id == variant), ""
            )
            if not found:
                self._shared.forget(product, "branches", module)
            return found

        if found := look() or look():  # what is shared may be older than the plan
            return found
        if variant:
            self._shared.forget(product, "variants")
            self.variant(product, variant)  # gone, or only late?
        return self._await(look, doing)

    def _await(self, look: Callable[[], T], doing: str) -> T:
        """What `look` finds, within `CHILDREN_SECONDS`: children of a new product or plan appear late (3.3)."""

        def attempt() -> T:
            if not (found := look()):
                raise _NotYet(f"{doing}: not there yet")
            return found

        patience = Waiting(
            lambda error: isinstance(error, _NotYet),
            sleep=self._door.sleep,
            deadline_seconds=CHILDREN_SECONDS,
        )
        try:
            return patience(attempt)
        except _NotYet:
            raise JobTimeout(
                f"{doing}: the service has not made it within {CHILDREN_SECONDS} s",
                next="run the same command again: what exists is found, and the rest goes on from there",
            ) from None

    def _rewrite(
        self,
        key: tuple[str, ...],
        *,
        read: Callable[[], E],
        path: str,
        change: Callable[[E], E],
        doing: str,
        params: dict[str, str] | None = None,
    ) -> E:
        """Put the members that `change` sets into the draft and leave every other member as it is.

        A stale etag is forgiven as long as nobody changed what we are about to write; a write whose answer was lost
        is recognised by its result. Raises: Stale, naming the members that somebody else changed.
        """

        def latest() -> E:
            found = read()
            self._shared.take(key)  # what was read is shared; this one is about to be written
            return found

        product, draft = key[0], self._shared.take(key) or latest()
        for _ in range(3):
            ours = change(draft)
            wanted, before = draft.changes(ours), draft.members()
            try:
                stored = self._door.put(
                    f"{path}/{draft.id}", doing, before | wanted, etag=draft.etag, params=params
                )
                return type(draft).told(stored, doing)
            except (Stale, Conflict, NotFound) as error:
                self._shared.forget(product, "branches")  # a submission gives every draft another id
                refusal, draft = error, latest()
            there = draft.members()
            if others := _changed_by_others(ours.members().keys(), wanted, before, there):
                raise Stale(
                    f"{doing}: somebody else changed {', '.join(others)} meanwhile",
                    next="run `pulumi refresh` to see the change, then decide and run `pulumi up` again",
                    status=412,
                ) from None
            if all(there.get(name) == value for name, value in wanted.items()):
                return draft
        raise refusal


class Gone(NotFound):
    """Confirmed: a list of the service does not have it, or a product is not there while the account answers."""


class NoListing(Gone):
    """The offer or plan is there, a listing in this language is not."""


class _NotYet(Exception):
    """A child that the service makes by itself is not there yet."""


def _changed_by_others(
    ours: Iterable[str], wanted: dict[str, Any], before: dict[str, Any], there: dict[str, Any]
) -> list[str]:
    """Which of our members are there in another state than before. Absent and empty are one (2.7); what is as we want
    it was written by us, and the answer got lost.
    """
    moved = [name for name in ours if (there.get(name) or None) != (before.get(name) or None)]
    return sorted(name for name in moved if there.get(name) != wanted.get(name))


def _listing(product: str, language: str, variant: str) -> str:
    place = f"plan listing {product}/{variant}" if variant else f"offer listing {product}"
    return f"{place}/{language}"
