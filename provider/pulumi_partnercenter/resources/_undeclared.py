"""What a submission would send beside what a program publishes: plans and drafts of other people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from .._program import declarations
from .._resource import Resource
from .._shown import shown
from ..errors import InputError, NotFound
from ._publishing import Published
from .listing_document import ListingDocument
from .listing_image import ListingImage
from .listing_video import ListingVideo
from .offer_listing import OfferListing
from .offer_properties import OfferProperties
from .offer_technical_configuration import OfferTechnicalConfiguration
from .plan_listing import PlanListing
from .plan_package import PlanPackage
from .plan_pricing import PlanPricing
from .preview_audience import PreviewAudience

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Variant
    from ..api.submission.submission_models import Submission as Run

__all__ = [
    "omitted_resources",
    "require_nothing_undeclared",
    "undeclared_content",
    "undeclared_plans",
]


OF_OFFER: tuple[type[Resource], ...] = (
    OfferListing,
    OfferProperties,
    PreviewAudience,
    OfferTechnicalConfiguration,
    ListingImage,
    ListingVideo,
    ListingDocument,
)
NOT_IN_A_REFRESH = (ListingVideo, ListingDocument)
OF_PLANS: tuple[type[Resource], ...] = (PlanListing, PlanPricing, PlanPackage)
BESIDE = ("Offer", "Submission")
"""Classes whose resources a submission does not send."""
REMEDY = (
    "declare them and name them in publishes, take them out in Partner Center, or let them go out with"
    " undeclared='warn'"
)


def undeclared_content(
    api: SubmissionApi, product: str, published: Sequence[Published], *, is_refresh: bool = False
) -> list[str]:
    """Active plans, and documents and files that somebody wrote, of which `published` declares none.

    A refresh leaves out videos and documents, for which nothing else in it asks.
    Without `published` nothing can be said. What the service made and nobody wrote does not count.
    """
    if not published or api.offers.is_new(product):
        return []
    plans = {f"{product}/{plan.id}": plan for plan in api.plans.all(product) if _is_active(plan)}
    strangers = _without_resources(plans, published)
    names = [_plan_name(plans[id]) for id in strangers]
    declared = {(one.kind, one.id) for one in published}
    for resource in (*OF_OFFER, *OF_PLANS):
        if is_refresh and resource in NOT_IN_A_REFRESH:
            continue
        kind = resource.provider.kind
        for id in kind.ids_in(api, product):
            plan = "/".join(id.split("/")[:2])
            if resource in OF_PLANS and (plan not in plans or plan in strangers):
                continue
            if (resource.__name__, id) not in declared and not _is_fresh(api, kind, id):
                names.append(_name(kind.noun, id, plans))
    return names


def undeclared_plans(api: SubmissionApi, product: str, run: Run, published: Sequence[Published]) -> list[str]:
    """Plans in a submission of which `published` declares nothing."""
    sent = {f"{product}/{plan.variant_id}" for plan in run.variant_resources}
    strangers = _without_resources(sent, published) if published else []
    plans = {f"{product}/{plan.id}": plan for plan in api.plans.all(product)} if strangers else {}
    return [_plan_name(plans[id]) for id in strangers if id in plans]


def require_nothing_undeclared(product: str, names: Sequence[str], policy: str) -> None:
    """Say what goes out beside what the program publishes. Raises: InputError under the policy `refuse`."""
    if not names:
        return
    beside = f"beside what the program publishes goes out: {', '.join(names)}"
    if policy == "refuse":
        raise InputError(
            f"submission of offer {product}: undeclared is 'refuse', and {beside}; nothing was published",
            next=REMEDY,
        )
    print(shown(f"offer {product}: {beside}"), flush=True)


def omitted_resources(offer: Any, publishes: Sequence[Resource]) -> list[str]:
    """Class and name of the program's resources of this offer that are not in `publishes`.

    References are compared by identity, because nothing here may wait for a resource.
    """
    parents = {
        id(reference): plan.arguments.get("offer")
        for plan in declarations()
        if (reference := vars(plan.resource).get("id")) is not None
    }
    names = []
    for declaration in declarations():
        resource, arguments = declaration.resource, declaration.arguments
        kind = type(resource).__name__
        if kind in BESIDE or any(resource is one for one in publishes):
            continue
        reference = arguments.get("offer")
        if reference is None:
            plan = arguments.get("plan")
            reference = plan.split("/")[0] if isinstance(plan, str) else parents.get(id(plan))
        if reference is offer or (isinstance(reference, str) and reference == offer):
            names.append(f"{kind} {resource.pulumi_resource_name}")
    return names


def _without_resources(plans: Collection[str], published: Sequence[Published]) -> list[str]:
    """Of the ids of plans those to which no published resource belongs."""
    return sorted(plan for plan in plans if not any(f"{one.id}/".startswith(f"{plan}/") for one in published))


def _is_active(plan: Variant) -> bool:
    return plan.state.casefold() == "active"


def _is_fresh(api: SubmissionApi, kind: Any, id: str) -> bool:
    try:
        return bool(kind.read(api, id).is_fresh)
    except NotFound:  # somebody took it out meanwhile
        return True


def _plan_name(plan: Variant) -> str:
    return f"plan {plan.external_id!r}"


def _name(noun: str, id: str, plans: dict[str, Variant]) -> str:
    """`offer listing de-de`, `plan pricing of plan 'gold'`."""
    product, _, rest = id.partition("/")
    variant, _, inner = rest.partition("/")
    plan = plans.get(f"{product}/{variant}")
    if plan is None:
        return f"{noun} {rest}".rstrip()
    return f"{noun} {inner}".rstrip() + f" of {_plan_name(plan)}"
