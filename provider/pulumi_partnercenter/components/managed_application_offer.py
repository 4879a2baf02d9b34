"""A managed application: deployed into the customer's subscription, operated by the publisher."""

from __future__ import annotations

from typing import NotRequired

import pulumi

from ..resources._base import friendly_type_errors
from .offer_component import ApplicationOfferArgs, ApplicationPlanArgs, OfferComponent
from .resource_arguments import OfferTechnicalConfigurationArgsDict

__all__ = ["ManagedApplicationOffer", "ManagedApplicationOfferArgs"]


class ManagedApplicationOfferArgs(ApplicationOfferArgs):
    """Arguments of `ManagedApplicationOffer`."""

    technical_configuration: NotRequired[OfferTechnicalConfigurationArgsDict]
    """Application that reports usage; required for plans with meters."""


class ManagedApplicationOffer(OfferComponent):
    """An Azure application whose plans are managed applications."""

    component_type = "partnercenter:components:ManagedApplicationOffer"
    offer_type = "AzureApplication"
    subtype = "managed-application"
    args_type = ManagedApplicationOfferArgs
    plan_args_type = ApplicationPlanArgs

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        args: ManagedApplicationOfferArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(resource_name, args, opts)
