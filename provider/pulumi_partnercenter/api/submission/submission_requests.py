"""Requests of submissions: instances of the current drafts of an offer and its plans."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from .drafts import Drafts
from .models import TypeValue
from .offer_types import BUSINESS_CENTRAL
from .plans import Plans
from .submission_models import (
    PLAN_MODULES,
    RESELLER,
    Contents,
    Submission,
    SubmissionRequest,
    VariantResources,
    list_instances,
)

__all__ = ["MODULES", "SubmissionRequests"]

MODULES = ("Availability", "Property", "Package", "Listing")
"""Modules of which every offer has a branch, and which a submission sends."""


class SubmissionRequests:
    """Builds requests from the drafts."""

    def __init__(self, drafts: Drafts, plans: Plans) -> None:
        self._drafts, self._plans = drafts, plans

    def build(
        self, product: str, before: Sequence[Submission], also: Collection[str], only: Contents, action: str
    ) -> SubmissionRequest:
        """Build the request: instances of every module of the offer and its active plans, or those in `only`."""

        def instances(plan: str, modules: Collection[str]) -> list[TypeValue]:
            chosen = [module for module in modules if not only or (plan, module) in only]
            return self._draft_instances(product, plan, chosen, action)

        has_plans = not only or any(plan for plan, _ in only)
        listed = self._plans.all(product) if has_plans else []
        plans = [plan.id for plan in listed if plan.state.casefold() == "active"]
        sent = [VariantResources(variant_id=plan, resources=instances(plan, PLAN_MODULES)) for plan in plans]
        request = SubmissionRequest(
            resource_type="SubmissionCreationRequest",
            targets=[TypeValue(type="Scope", value="preview")],
            resources=[*instances("", MODULES), *self._draft_instances(product, "", also, action)],
            variant_resources=[plan for plan in sent if plan.resources or not only],
        )
        submitted = {instance for run in before for _, _, instance in list_instances(run)}
        if submitted & {instance for _, _, instance in list_instances(request)}:
            # The cache may be older than another client's submission.
            self._drafts.cache.forget(product)
            return self.build(product, [], also, only, action)
        is_asked = not only or ("", RESELLER) in only
        if is_asked and self._drafts.product(product).resource_type != BUSINESS_CENTRAL:
            # The same literal as in Microsoft's own tool; it saves a request for the branch.
            reseller = TypeValue(type=RESELLER, value=f"{product}-ResellerInstance")
            request.resources = [*request.resources, reseller]
        return request

    def missing(
        self, product: str, request: SubmissionRequest, needed: Mapping[tuple[str, str], str]
    ) -> list[str]:
        """Return the needed contents that a request lacks. Inactive plans are never sent."""
        sent = {(variant, module) for variant, module, _ in list_instances(request)}
        has_plans = any(variant for variant, _ in needed)
        plans = self._plans.all(product) if has_plans else []
        inactive = {plan.id for plan in plans if plan.state.casefold() == "inactive"}
        return [
            name
            for (variant, module), name in needed.items()
            if variant not in inactive and (variant, module) not in sent
        ]

    def _draft_instances(
        self, product: str, variant: str, modules: Collection[str], action: str
    ) -> list[TypeValue]:
        return [
            TypeValue(type=module, value=branch.current_draft_instance_id)
            for module in modules
            for branch in self._drafts.branches(product, module, action)
            if branch.variant_id == variant
        ]
