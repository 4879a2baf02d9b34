"""A plan's listing in one language. Source: Partner Center submission API."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from annotated_types import MaxLen, MinLen

from ..api.submission import SubmissionApi
from ..api.submission.models import Listing
from ..kind import Current
from ..markers import Immutable
from ..model import Arguments, Outputs
from ._drafts import preserve_spelling
from ._rules import DEFAULT_LANGUAGE, Language, PlanReference, trimmed
from ._submission_api import SubmissionApiKind


class PlanListingArguments(Arguments):
    """What a program may set. What it leaves out is empty, also when the portal had written something there."""

    plan: Annotated[PlanReference, Immutable]
    """`.id` of the plan."""
    language: Annotated[Language, Immutable] = DEFAULT_LANGUAGE
    """Language code; every plan has `en-us` from the start."""
    title: Annotated[str, MinLen(1), MaxLen(100), trimmed]
    """Public name of the plan, at most 100 characters."""
    summary: Annotated[str, MaxLen(100), trimmed] = ""
    """Short summary, at most 100 characters."""
    description: Annotated[str, MaxLen(2000), trimmed] = ""
    """HTML with basic formatting, at most 2,000 characters with its tags."""


class PlanListingOutputs(Outputs):
    """What the service decides: only the `id`."""


PlanListingCurrent = Current[PlanListingOutputs]


def _read_current(plan: str, listing: Listing) -> PlanListingCurrent:
    fresh = {"plan": plan, "language": listing.language_code, "title": listing.title}
    text = {"summary": listing.short_description, "description": listing.description}
    arguments = PlanListingArguments.canonical(fresh | text)
    return PlanListingCurrent(
        f"{plan}/{arguments['language']}", arguments, PlanListingOutputs(), not any(text.values())
    )


def _build_document(desired: PlanListingArguments) -> Listing:
    """A plan's summary travels as `shortDescription`; `summary` belongs to offers."""
    return Listing(
        resource_type="AzureListing",
        title=desired.title,
        short_description=desired.summary,
        description=desired.description,
    )


class PlanListingKind(SubmissionApiKind[PlanListingArguments, PlanListingOutputs]):
    """What customers read about a plan; its `id` is `<plan>/<language>`."""

    noun, id_form, arguments, outputs = (
        "plan listing",
        "<product>/<variant>/<language>",
        PlanListingArguments,
        PlanListingOutputs,
    )

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        plans = [variant.id for variant in api.plans.all(offer)]
        return [
            f"{offer}/{plan}/{language}" for plan in plans for language in api.listings.languages(offer, plan)
        ]

    def find(self, api: SubmissionApi, desired: PlanListingArguments) -> PlanListingCurrent | None:
        """By its language."""
        product, language, variant = _place(desired.plan, desired.language)
        listing = api.listings.find(product, language, variant)
        if listing is None:
            return None
        return self._with_freshness(api, _read_current(desired.plan, listing))

    def create(self, api: SubmissionApi, desired: PlanListingArguments) -> PlanListingCurrent:
        """A further language; the default one is always found."""
        product, language, variant = _place(desired.plan, desired.language)
        return _read_current(
            desired.plan, api.listings.create(product, language, _build_document(desired), variant)
        )

    def read(self, api: SubmissionApi, id: str) -> PlanListingCurrent:
        plan, language = id.rsplit("/", 1)
        return self._with_freshness(api, _read_current(plan, api.listings.get(*_place(plan, language))))

    def _with_freshness(self, api: SubmissionApi, current: PlanListingCurrent) -> PlanListingCurrent:
        """Fresh only with the plan's name for a title: the service gives it, and somebody wrote any other."""
        plan, language, title = (current.arguments[name] for name in ("plan", "language", "title"))
        may_be = current.is_fresh and language == DEFAULT_LANGUAGE
        return replace(current, is_fresh=may_be and title == api.plans.get(*plan.split("/")).friendly_name)

    def update(self, api: SubmissionApi, id: str, desired: PlanListingArguments) -> PlanListingCurrent:
        plan, language = id.rsplit("/", 1)
        product, language, variant = _place(plan, language)

        def change(draft: Listing) -> Listing:
            return preserve_spelling(desired, _read_current(plan, draft).arguments, draft, _build_document)

        return _read_current(plan, api.listings.write(product, language, change, variant))

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Further languages go; the default language stays as it is, because a plan always has it."""
        plan, language = id.rsplit("/", 1)
        if language != DEFAULT_LANGUAGE:
            api.listings.delete(*_place(plan, language))


def _place(plan: str, language: str) -> tuple[str, str, str]:
    product, variant = plan.split("/")
    return product, language, variant
