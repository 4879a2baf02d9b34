"""Listings of offers and plans, one a language. Source: submission API 5.6."""

from __future__ import annotations

from collections.abc import Callable

from .drafts import Drafts, Gone
from .models import Listing
from .modules import Module, place
from .plans import Plans

__all__ = ["Listings", "NoListing"]


class NoListing(Gone):
    """The offer or plan is there, a listing in this language is not."""


class Listings:
    """`variant=""` means the offer's own listings; languages compare without case."""

    def __init__(self, drafts: Drafts, plans: Plans) -> None:
        self._drafts, self._door, self._shared = drafts, drafts.door, drafts.shared
        self.module = Module(drafts, plans, "listing", "Listing", "listings", Listing)

    def all(self, product: str, variant: str = "") -> list[Listing]:
        """The draft listings, one a language; shared within the operation."""
        doing = f"listings {place(product, variant)}: read"

        def fetch() -> list[Listing]:
            instance = self.module.instance(product, variant, doing)
            return self.module.in_instance(product, instance, doing)

        def look() -> list[Listing]:
            found = self._shared.get((product, "listings", variant), fetch)
            if not found:
                self._shared.forget(product, "listings", variant)
            return found

        return self._drafts.below(product, doing, lambda: self._drafts.wait_for(look, doing))

    def languages(self, product: str, variant: str = "") -> list[str]:
        """Codes in lower case, by code; none where the offer or plan has no listing."""
        found = self.all(product, variant) if self.module.is_there(product, variant) else []
        return sorted(each.language_code.lower() for each in found)

    def get(self, product: str, language: str, variant: str = "") -> Listing:
        """Raises NoListing when there are listings, but none in this language."""

        def look() -> Listing | None:
            return self.find(product, language, variant)

        found = self._drafts.looked_twice(look, product, "listings", variant)
        if found is None:
            raise NoListing(
                f"{_named(product, language, variant)}: there is none in this language", status=404
            )
        return found

    def find(self, product: str, language: str, variant: str = "") -> Listing | None:
        return next((each for each in self.all(product, variant) if _is_in(each, language)), None)

    def create(self, product: str, language: str, wanted: Listing, variant: str = "") -> Listing:
        """A further language; the default one exists from the start."""
        doing = f"{_named(product, language, variant)}: create"
        instance = self.module.instance(product, variant, doing)
        wanted.resource_type, wanted.language_code = "AzureListing", language

        def look() -> Listing | None:
            self._shared.forget(product, "listings", variant)
            return self.find(product, language, variant)

        path = f"products/{product}/listings/createWithInstanceID(instanceID={instance})"
        made = self._door.make(path, doing, wanted.filled(), Listing, look)
        self._know(product, variant, made)
        return made

    def write(
        self, product: str, language: str, change: Callable[[Listing], Listing], variant: str = ""
    ) -> Listing:
        """`change` makes the wanted members from the draft, because unknown members of its elements have to survive."""

        def latest() -> Listing:
            self._shared.forget(product, "listings", variant)
            return self.get(product, language, variant)

        key = (product, "draft", "listing", variant, language.casefold())
        self._shared.put(key, self.get(product, language, variant))
        stored = self._drafts.rewrite(
            key,
            read=latest,
            path=f"products/{product}/listings",
            change=change,
            doing=f"{_named(product, language, variant)}: write",
        )
        self._know(product, variant, stored)
        return stored

    def delete(self, product: str, language: str, variant: str = "") -> None:
        listing = self.get(product, language, variant)
        doing = f"{_named(product, language, variant)}: delete"

        def look() -> Listing:
            return self.get(product, language, variant)

        self._drafts.delete(product, f"products/{product}/listings/{listing.id}", doing, look)

    def _know(self, product: str, variant: str, listing: Listing) -> None:
        """Keep what is shared true after our own write."""
        self._shared.change(
            (product, "listings", variant),
            lambda known: [each for each in known if not _is_in(each, listing.language_code)] + [listing],
        )


def _is_in(listing: Listing, language: str) -> bool:
    return listing.language_code.casefold() == language.casefold()


def _named(product: str, language: str, variant: str) -> str:
    return f"{'plan' if variant else 'offer'} listing {place(product, variant)}/{language}"
