"""Undeclared content of a submission: plans and drafts that the program does not publish."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ..api.submission.models import Variant
from ..api.submission.submission_models import Contents
from ..api.submission.submission_models import Submission as Run
from ..errors import InputError, NotFound
from ..messages import Host
from ._files import FileKind
from ._findings import Published
from ._publishing import MODULE_OF, left_out, sent_too
from ._submission_api import SubmissionApi, SubmissionApiKind
from .listing_document import ListingDocumentKind
from .listing_image import ListingImageKind
from .listing_video import ListingVideoKind
from .offer_listing import OfferListingKind
from .offer_markets import OfferMarketsKind
from .offer_properties import OfferPropertiesKind
from .offer_technical_configuration import OfferTechnicalConfigurationKind
from .plan_listing import PlanListingKind
from .plan_package import PlanPackageKind
from .plan_pricing import PlanPricingKind
from .preview_audience import PreviewAudienceKind

__all__ = [
    "name_carried",
    "name_left",
    "require_nothing_undeclared",
    "separate_changes",
    "undeclared_content",
    "undeclared_plans",
]


OF_OFFER: dict[str, SubmissionApiKind[Any, Any]] = {
    "OfferListing": OfferListingKind(),
    "OfferProperties": OfferPropertiesKind(),
    "PreviewAudience": PreviewAudienceKind(),
    "OfferMarkets": OfferMarketsKind(),
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
KINDS = OF_OFFER | OF_PLANS
CLASSES = {
    "Listing": ("OfferListing", "PlanListing"),
    "ListingImage": ("ListingImage", ""),
    "ListingVideo": ("ListingVideo", ""),
    "ListingAsset": ("ListingDocument", ""),
    "Property": ("OfferProperties", ""),
    "ProductAvailability": ("PreviewAudience", ""),
    "FeatureAvailability": ("OfferMarkets", "PlanPricing"),
    "PackageConfiguration": ("OfferTechnicalConfiguration", "PlanPackage"),
}
"""By document of the service: the class that declares it for an offer, and for a plan."""
NOT_IN_A_REFRESH = ("ListingVideo", "ListingDocument")
REMEDY = (
    "declare them and add them to publishes, delete them in Partner Center, or allow them with"
    " undeclared='warn'"
)


def undeclared_content(
    api: SubmissionApi,
    product: str,
    published: Sequence[Published],
    only: Contents,
    runs: Sequence[Run],
    *,
    is_refresh: bool = False,
) -> list[str]:
    """Return active plans, and changed documents and files, without a resource in `published`.

    `only` restricts it to these modules, which a partial submission sends, and to what differs there from the newest
    preview or live submission. A refresh leaves out videos and documents, which it does not read otherwise. Without
    `published` the result is empty. Unchanged drafts of the service do not count.
    """
    if not published or api.offers.is_new(product):
        return []
    plans = {f"{product}/{plan.id}": plan for plan in api.plans.all(product) if _is_active(plan)}
    strangers = _without_resources(plans, published)
    declared = {(resource.kind, resource.id) for resource in published}
    places = {
        (name, id): place
        for name, id, place in _places(api, product, only, plans, is_refresh=is_refresh)
        if (name, id) not in declared and "/".join(id.split("/")[:2]) not in strangers
    }
    if only:
        changed = _changed_ids(api, product, runs, frozenset(places.values()))
        places = {key: place for key, place in places.items() if key in changed}
    return [
        *([] if only else [_plan_name(plans[id]) for id in strangers]),
        *(_name(KINDS[name].noun, id, plans) for name, id in places if not _is_fresh(api, KINDS[name], id)),
    ]


def _places(
    api: SubmissionApi, product: str, only: Contents, plans: Mapping[str, Variant], *, is_refresh: bool
) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """Yield class, id, and plan and module of the documents and files in `only`, or of all."""
    modules = {module for _, module in only}
    for name, kind in KINDS.items():
        if (only and MODULE_OF[name] not in modules) or (is_refresh and name in NOT_IN_A_REFRESH):
            continue
        for id in kind.list_ids(api, product):
            plan = plans.get("/".join(id.split("/")[:2])) if name in OF_PLANS else None
            place = (plan.id if plan else "", MODULE_OF[name])
            if (plan or name not in OF_PLANS) and (not only or place in only):
                yield name, id, place


def _changed_ids(
    api: SubmissionApi, product: str, runs: Sequence[Run], only: Contents
) -> set[tuple[str, str]]:
    """Return class and id of what differs in `only` from the newest preview or live submission."""
    shown = _find_shown(runs)
    if shown is None or not only:
        return set()
    ids = set()
    for plan, language, entity in api.contents.changed_documents(product, shown, only, runs):
        name = CLASSES[type(entity).__name__][bool(plan)]
        kind = KINDS[name]
        if isinstance(kind, FileKind):
            ids.add((name, kind.id_of(product, language, entity)))
        else:
            ids.add((name, "/".join(part for part in (product, plan, language) if part)))
    return ids


def _find_shown(runs: Sequence[Run]) -> Run | None:
    """Return the newest submission in preview, in certification or live."""
    return next((run for run in reversed(runs) if run.standing.is_shown), None)


def separate_changes(api: SubmissionApi, product: str, runs: Sequence[Run], only: Contents) -> list[str]:
    """Return what differs from the newest preview or live submission in modules outside of `only`: it stays a draft.

    Files are compared by their descriptions, without a download.
    """
    shown = _find_shown(runs)
    if shown is None or not only:
        return []
    return _module_names(api, product, api.contents.changed_modules(product, shown, only, runs))


def name_carried(api: SubmissionApi, product: str, run: Run, only: Contents, runs: Sequence[Run]) -> None:
    """Show what goes live with a preview beside the modules in `only`: others or an earlier run submitted it."""
    carried = api.contents.carried_modules(product, run, only, runs)
    if names := ", ".join(_module_names(api, product, carried)):
        api.host.message(f"offer {product}: what else is in the preview goes live too: {names}")


def _module_names(api: SubmissionApi, product: str, modules: Sequence[tuple[str, str]]) -> list[str]:
    """Return names for people: `Listing of the offer`, `plan 'gold'`."""
    plans = {plan.id: _plan_name(plan) for plan in api.plans.all(product)} if modules else {}
    owners = [(module, plans.get(plan, f"plan {plan}") if plan else "the offer") for plan, module in modules]
    return [f"{module} of {owner}" if module else owner for module, owner in owners]


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
    beside = sent_too(names)
    if policy == "refuse":
        raise InputError(
            f"submission of offer {product}: undeclared is 'refuse', and {beside}; nothing was published",
            next=REMEDY,
        )
    host.message(f"offer {product}: {beside}")


def name_left(host: Host, product: str, changes: Sequence[str]) -> None:
    """Show the changes that a partial submission leaves as drafts."""
    if changes:
        host.message(f"offer {product}: {left_out(changes)}")


def _without_resources(plans: Collection[str], published: Sequence[Published]) -> list[str]:
    """Return the ids of plans without a published resource."""
    return sorted(
        plan for plan in plans if not any(f"{resource.id}/".startswith(f"{plan}/") for resource in published)
    )


def _is_active(plan: Variant) -> bool:
    return plan.state.casefold() == "active"


def _is_fresh(api: SubmissionApi, kind: Any, id: str) -> bool:
    if isinstance(kind, FileKind):  # somebody uploaded it
        return False
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
