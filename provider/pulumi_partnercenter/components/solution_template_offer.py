"""A solution template: deployed into the customer's subscription, operated by nobody else."""

from __future__ import annotations

import pulumi

from ..resources._base import friendly_type_errors
from .offer_component import ApplicationOfferArgs, ApplicationPlanArgs, OfferComponent

__all__ = ["SolutionTemplateOffer", "SolutionTemplateOfferArgs"]


class SolutionTemplateOfferArgs(ApplicationOfferArgs):
    """Arguments of `SolutionTemplateOffer`."""


class SolutionTemplateOffer(OfferComponent):
    """An Azure application whose plans are solution templates."""

    component_type = "partnercenter:components:SolutionTemplateOffer"
    offer_type = "AzureApplication"
    subtype = "solution-template"
    args_type = SolutionTemplateOfferArgs
    plan_args_type = ApplicationPlanArgs

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        args: SolutionTemplateOfferArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(resource_name, args, opts)
