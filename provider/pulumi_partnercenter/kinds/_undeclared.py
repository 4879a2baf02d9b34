"""Undeclared content of a submission: plans and drafts that the program does not publish."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ..api.submission.models import Variant
from ..api.submission.submission_models import Submission as Run
from ..errors import InputError, NotFound
from ..messages import Host
from ._publishing import Published
from ._submission_api import SubmissionApi, SubmissionApiKind
from .listing_document import ListingDocumentKind
from .listing_image import ListingImageKind
from .listing_video import ListingVideoKind
from .offer_listing import OfferListingKind
from .offer_properties import OfferPropertiesKind
from .offer_technical_configuration import OfferTechnicalConfigurationKind
from .plan_listing import PlanListingKind
from .plan_package import PlanPackageKind
from .plan_pricing import PlanPricingKind
from .preview_audience import PreviewAudienceKind

__all__ = [
    "require_nothing_undeclared",
    "undeclared_content",
    "undeclared_plans",
]


OF_OFFER: dict[str, SubmissionApiKind[Any, Any]] = {
    "OfferListing": OfferListingKind(),
    "OfferProperties": OfferPropertiesKind(),
    "PreviewAudience": PreviewAudienceKind(),
    "OfferTechnicalConfiguration": OfferTechnicalConfigurationKind(),
    "ListingImage": ListingImageKind(),
    "ListingVideo": ListingVideoKind(),
    "ListingDocument": ListingDocumentKind(),
}
OF_PLANS: dict[str, SubmissionApiKind[Any, Any]] = {
    "PlanListing": PlanListingKind(),
    "PlanPricing": PlanPricingKind(),
    "PlanPackage": PlanPackageKind(),
}
NOT_IN_A_REFRESH = ("ListingVideo", "ListingDocument")
REMEDY = (
    "declare them and add them to publishes, delete them in Partner Center, or allow them with"
    " undeclared='warn'"
)


def undeclared_content(
    api: SubmissionApi, product: str, published: Sequence[Published], *, is_refresh: bool = False
) -> list[str]:
    """Return active plans, and changed documents and files, without a resource in `published`.

    A refresh leaves out videos and documents, which it does not read otherwise.
    Without `published` the result is empty. Unchanged drafts of the service do not count.
    """
    if not published or api.offers.is_new(product):
        return []
    plans = {f"{product}/{plan.id}": plan for plan in api.plans.all(product) if _is_active(plan)}
    strangers = _without_resources(plans, published)
    names = [_plan_name(plans[id]) for id in strangers]
    declared = {(resource.kind, resource.id) for resource in published}
    for name, kind in {**OF_OFFER, **OF_PLANS}.items():
        if is_refresh and name in NOT_IN_A_REFRESH:
            continue
        for id in kind.list_ids(api, product):
            plan = "/".join(id.split("/")[:2])
            if name in OF_PLANS and (plan not in plans or plan in strangers):
                continue
            if (name, id) not in declared and not _is_fresh(api, kind, id):
                names.append(_name(kind.noun, id, plans))
    return names


def undeclared_plans(api: SubmissionApi, product: str, run: Run, published: Sequence[Published]) -> list[str]:
    """Return the plans of a submission without a resource in `published`."""
    sent = {f"{product}/{plan.variant_id}" for plan in run.variant_resources}
    strangers = _without_resources(sent, published) if published else []
    plans = {f"{product}/{plan.id}": plan for plan in api.plans.all(product)} if strangers else {}
    return [_plan_name(plans[id]) for id in strangers if id in plans]


def require_nothing_undeclared(host: Host, product: str, names: Sequence[str], policy: str) -> None:
    """Show undeclared content. Raises InputError under the policy `refuse`."""
    if not names:
        return
    beside = f"the submission also sends what publishes does not name: {', '.join(names)}"
    if policy == "refuse":
        raise InputError(
            f"submission of offer {product}: undeclared is 'refuse', and {beside}; nothing was published",
            next=REMEDY,
        )
    host.message(f"offer {product}: {beside}")


def _without_resources(plans: Collection[str], published: Sequence[Published]) -> list[str]:
    """Return the ids of plans without a published resource."""
    return sorted(
        plan for plan in plans if not any(f"{resource.id}/".startswith(f"{plan}/") for resource in published)
    )


def _is_active(plan: Variant) -> bool:
    return plan.state.casefold() == "active"


def _is_fresh(api: SubmissionApi, kind: Any, id: str) -> bool:
    try:
        return bool(kind.read(api, id).is_fresh)
    except NotFound:  # another client deleted it meanwhile
        return True


def _plan_name(plan: Variant) -> str:
    return f"plan {plan.external_id!r}"


def _name(noun: str, id: str, plans: dict[str, Variant]) -> str:
    """Return the name of undeclared content: `offer listing de-de`, `plan pricing of plan 'gold'`."""
    product, _, rest = id.partition("/")
    variant, _, inner = rest.partition("/")
    plan = plans.get(f"{product}/{variant}")
    if plan is None:
        return f"{noun} {rest}".rstrip()
    return f"{noun} {inner}".rstrip() + f" of {_plan_name(plan)}"
