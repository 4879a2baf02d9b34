"""Whole offers as a single resource of a program: they declare, name, connect and publish the resources of an offer."""

from __future__ import annotations

from . import resource_arguments
from .managed_application_offer import ManagedApplicationOffer, ManagedApplicationOfferArgs
from .offer_component import (
    ApplicationPlanArgs,
    ApplicationPlanPackageArgs,
    ListingArgs,
    LogosArgs,
    OfferArgs,
    OfferComponent,
    PlanArgs,
)
from .resource_arguments import *  # noqa: F403
from .saas_offer import SaasOffer, SaasOfferArgs
from .solution_template_offer import SolutionTemplateOffer, SolutionTemplateOfferArgs

__all__ = [
    "ApplicationPlanArgs",
    "ApplicationPlanPackageArgs",
    "ListingArgs",
    "LogosArgs",
    "ManagedApplicationOffer",
    "ManagedApplicationOfferArgs",
    "OfferArgs",
    "OfferComponent",
    "PlanArgs",
    "SaasOffer",
    "SaasOfferArgs",
    "SolutionTemplateOffer",
    "SolutionTemplateOfferArgs",
]
__all__ += resource_arguments.__all__
