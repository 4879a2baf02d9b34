"""Listings of offers and plans, one per language."""

from __future__ import annotations

from collections.abc import Callable

from .absences import NoListing
from .drafts import Drafts
from .models import Listing
from .modules import Module, join_ids
from .plans import Plans

__all__ = ["Listings"]


class Listings:
    """`variant=""` means the offer's own listings; languages compare without case."""

    def __init__(self, drafts: Drafts, plans: Plans) -> None:
        self._drafts, self._client, self._cache = drafts, drafts.client, drafts.cache
        self.module = Module(drafts, plans, "listing", "Listing", "listings", Listing)

    def all(self, product: str, variant: str = "") -> list[Listing]:
        """List the draft listings, one per language; cached for the operation."""
        action = f"listings {join_ids(product, variant)}: read"

        def fetch() -> list[Listing]:
            instance = self.module.instance(product, variant, action)
            return self.module.in_instance(product, instance, action)

        def read() -> list[Listing]:
            listings = self._cache.get((product, "listings", variant), fetch)
            if not listings:
                self._cache.forget(product, "listings", variant)
            return listings

        return self._drafts.confirm_missing(product, action, lambda: self._drafts.wait_for(read, action))

    def languages(self, product: str, variant: str = "") -> list[str]:
        """Return the codes in lower case, sorted; none if the offer or plan has no listing."""
        listings = self.all(product, variant) if self.module.exists(product, variant) else []
        return sorted(listing.language_code.lower() for listing in listings)

    def get(self, product: str, language: str, variant: str = "") -> Listing:
        """Read a listing. Raises NoListing if the offer or plan has listings, but none in this language."""

        def find() -> Listing | None:
            return self.find(product, language, variant)

        listing = self._drafts.find_twice(find, product, "listings", variant)
        if listing is None:
            raise NoListing(
                f"{_describe(product, language, variant)}: there is no listing in this language", status=404
            )
        return listing

    def find(self, product: str, language: str, variant: str = "") -> Listing | None:
        listings = self.all(product, variant)
        return next((listing for listing in listings if _has_language(listing, language)), None)

    def create(self, product: str, language: str, desired: Listing, variant: str = "") -> Listing:
        """Create a further language; the default one exists from the start."""
        action = f"{_describe(product, language, variant)}: create"
        instance = self.module.instance(product, variant, action)
        desired.resource_type, desired.language_code = "AzureListing", language

        def find() -> Listing | None:
            self._cache.forget(product, "listings", variant)
            return self.find(product, language, variant)

        path = f"products/{product}/listings/createWithInstanceID(instanceID={instance})"
        listing = self._client.create(path, action, desired.to_creation_json(), Listing, find)
        self._update_cache(product, variant, listing)
        return listing

    def write(
        self, product: str, language: str, change: Callable[[Listing], Listing], variant: str = ""
    ) -> Listing:
        """Write the members that `change` derives from the draft, so that unmodelled members of its parts survive."""

        def read_latest() -> Listing:
            self._cache.forget(product, "listings", variant)
            return self.get(product, language, variant)

        key = (product, "draft", "listing", variant, language.casefold())
        self._cache.put(key, self.get(product, language, variant))
        listing = self._drafts.rewrite(
            key,
            read=read_latest,
            path=f"products/{product}/listings",
            change=change,
            action=f"{_describe(product, language, variant)}: write",
        )
        self._update_cache(product, variant, listing)
        return listing

    def delete(self, product: str, language: str, variant: str = "") -> None:
        listing = self.get(product, language, variant)
        action = f"{_describe(product, language, variant)}: delete"

        def read() -> Listing:
            return self.get(product, language, variant)

        self._drafts.delete(product, f"products/{product}/listings/{listing.id}", action, read)

    def _update_cache(self, product: str, variant: str, listing: Listing) -> None:
        language = listing.language_code
        self._cache.update(
            (product, "listings", variant),
            lambda listings: [other for other in listings if not _has_language(other, language)] + [listing],
        )


def _has_language(listing: Listing, language: str) -> bool:
    return listing.language_code.casefold() == language.casefold()


def _describe(product: str, language: str, variant: str) -> str:
    return f"{'plan' if variant else 'offer'} listing {join_ids(product, variant)}/{language}"
