"""A plan's listing in one language. Source: submission API 5.6 (plan use), limits 9.1."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import pulumi
from annotated_types import MaxLen, MinLen
from pulumi import Input

from .._resource import Immutable, Inputs, Kind, Outputs, Provider, Resource, Seen
from ._drafts import sparing
from ._rules import DEFAULT_LANGUAGE, Language, PlanReference, trimmed

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Listing

__all__ = ["PlanListing"]


class PlanListingInputs(Inputs):
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


PlanListingSeen = Seen[PlanListingOutputs]


def _seen(plan: str, listing: Listing) -> PlanListingSeen:
    fresh = {"plan": plan, "language": listing.language_code, "title": listing.title}
    text = {"summary": listing.short_description, "description": listing.description}
    told = PlanListingInputs.canonical(fresh | text)
    return PlanListingSeen(f"{plan}/{told['language']}", told, PlanListingOutputs(), not any(text.values()))


def _wanted(want: PlanListingInputs) -> Listing:
    """A plan's summary travels as `shortDescription`; `summary` belongs to offers."""
    from ..api.submission.models import Listing

    return Listing(
        resource_type="AzureListing",
        title=want.title,
        short_description=want.summary,
        description=want.description,
    )


class PlanListingKind(Kind[PlanListingInputs, PlanListingOutputs]):
    noun, id_form, inputs, outputs = (
        "plan listing",
        "<product>/<variant>/<language>",
        PlanListingInputs,
        PlanListingOutputs,
    )

    def ids_in(self, api: SubmissionApi, offer: str) -> list[str]:
        plans = [each.id for each in api.plans.all(offer)]
        return [f"{offer}/{plan}/{each}" for plan in plans for each in api.listings.languages(offer, plan)]

    def find(self, api: SubmissionApi, want: PlanListingInputs) -> PlanListingSeen | None:
        """By its language."""
        product, language, variant = _place(want.plan, want.language)
        listing = api.listings.find(product, language, variant)
        if listing is None:
            return None
        return self._judged(api, _seen(want.plan, listing))

    def create(self, api: SubmissionApi, want: PlanListingInputs) -> PlanListingSeen:
        """A further language; the default one is always found."""
        product, language, variant = _place(want.plan, want.language)
        return _seen(want.plan, api.listings.create(product, language, _wanted(want), variant))

    def read(self, api: SubmissionApi, id: str) -> PlanListingSeen:
        plan, language = id.rsplit("/", 1)
        return self._judged(api, _seen(plan, api.listings.get(*_place(plan, language))))

    def _judged(self, api: SubmissionApi, seen: PlanListingSeen) -> PlanListingSeen:
        """The service gives a fresh listing the plan's name for a title (3.3); any other was written by somebody."""
        plan, language, title = (seen.inputs[name] for name in ("plan", "language", "title"))
        may_be = seen.is_fresh and language == DEFAULT_LANGUAGE
        return replace(seen, is_fresh=may_be and title == api.plans.get(*plan.split("/")).friendly_name)

    def update(self, api: SubmissionApi, id: str, want: PlanListingInputs) -> PlanListingSeen:
        plan, language = id.rsplit("/", 1)
        product, language, variant = _place(plan, language)

        def change(draft: Listing) -> Listing:
            return sparing(want, _seen(plan, draft).inputs, draft, _wanted)

        return _seen(plan, api.listings.write(product, language, change, variant))

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Further languages go; the default language stays as it is, because a plan always has it."""
        plan, language = id.rsplit("/", 1)
        if language != DEFAULT_LANGUAGE:
            api.listings.delete(*_place(plan, language))


def _place(plan: str, language: str) -> tuple[str, str, str]:
    product, variant = plan.split("/")
    return product, language, variant


class PlanListingProvider(Provider):
    kind, known_as = PlanListingKind(), "PlanListing"


class PlanListing(Resource, module="partnercenter", name="PlanListing"):
    """What customers read about a plan; its `id` is `<plan>/<language>`. Arguments: `PlanListingInputs`."""

    provider = PlanListingProvider

    def __init__(
        self,
        resource_name: str,
        *,
        plan: Input[str],
        title: Input[str],
        language: Input[str] | None = None,
        summary: Input[str] | None = None,
        description: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments = {
            "plan": plan,
            "title": title,
            "language": language,
            "summary": summary,
            "description": description,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
