"""Listings of offers and plans, one for each language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar

from ..api.submission.models import Listing
from ..kind import Current
from ..model import Arguments, Outputs
from ._drafts import build_document, list_parents, preserve_spelling, read_arguments
from ._rules import DEFAULT_LANGUAGE
from ._submission_api import SubmissionApi, SubmissionApiKind

__all__ = ["ListingKind"]

I = TypeVar("I", bound=Arguments)  # noqa: E741


class ListingKind(SubmissionApiKind[I, Outputs], Generic[I]):
    """Operations on a listing. The default language exists from the start, with the name of its offer or plan."""

    outputs = Outputs
    parent: ClassVar[str]
    """The argument with the `.id` of the offer or plan. The id of this resource is `<parent>/<language>`."""

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        return [
            f"{parent}/{language}"
            for parent in list_parents(api, offer, self.parent)
            for language in api.listings.languages(*parent.split("/"))
        ]

    def find(self, api: SubmissionApi, desired: I) -> Current[Outputs] | None:
        """Found by its language."""
        parent, language = self._place(desired)
        listing = api.listings.find(*_address(parent, language))
        return self._current(api, parent, listing) if listing else None

    def create(self, api: SubmissionApi, desired: I) -> Current[Outputs]:
        """Create the listing of a further language; the default one always exists."""
        parent, language = self._place(desired)
        product, language, variant = _address(parent, language)
        listing = api.listings.create(product, language, self._build_document(desired, Listing()), variant)
        return self._written(parent, listing)

    def read(self, api: SubmissionApi, id: str) -> Current[Outputs]:
        parent, language = id.rsplit("/", 1)
        return self._current(api, parent, api.listings.get(*_address(parent, language)))

    def update(self, api: SubmissionApi, id: str, desired: I) -> Current[Outputs]:
        parent, language = id.rsplit("/", 1)
        product, language, variant = _address(parent, language)

        def change(draft: Listing) -> Listing:
            current = self._written(parent, draft).arguments
            return preserve_spelling(
                desired, current, draft, lambda given: self._build_document(given, draft)
            )

        return self._written(parent, api.listings.write(product, language, change, variant))

    def delete(self, api: SubmissionApi, id: str) -> None:
        """A further language is deleted. The default language stays as it is, because every offer or plan has it."""
        parent, language = id.rsplit("/", 1)
        if language != DEFAULT_LANGUAGE:
            api.listings.delete(*_address(parent, language))

    def _place(self, desired: Any) -> tuple[str, str]:
        return getattr(desired, self.parent), desired.language

    def _build_document(self, desired: I, draft: Listing) -> Listing:
        return build_document(desired, draft, resource_type="AzureListing")

    def _written(self, parent: str, listing: Listing) -> Current[Outputs]:
        """Return the listing as current. It is fresh if it has only a title."""
        fresh = {self.parent: parent, "language": listing.language_code, "title": listing.title}
        id = f"{parent}/{listing.language_code.lower()}"
        return self.build_current(id, read_arguments(self.arguments, listing), fresh)

    def _current(self, api: SubmissionApi, parent: str, listing: Listing) -> Current[Outputs]:
        """Return the listing as current. It is fresh only if its title is the name of its offer or plan."""
        current = self._written(parent, listing)
        may_be_fresh = current.is_fresh and current.arguments["language"] == DEFAULT_LANGUAGE
        return replace(current, is_fresh=may_be_fresh and current.arguments["title"] == _name(api, parent))


def _name(api: SubmissionApi, parent: str) -> str:
    """Return the title that the service gives to a new listing."""
    product, _, variant = parent.partition("/")
    return api.plans.get(product, variant).friendly_name if variant else api.offers.get(product).name


def _address(parent: str, language: str) -> tuple[str, str, str]:
    """Return the arguments by which the client finds a listing."""
    product, _, variant = parent.partition("/")
    return product, language, variant
