"""Software as a service: run by the publisher, sold by subscription."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired

import pulumi

from ..resources._base import friendly_type_errors
from .offer_component import OfferArgs, OfferComponent, PlanArgs
from .resource_arguments import OfferTechnicalConfigurationArgsDict

__all__ = ["SaasOffer", "SaasOfferArgs"]


class SaasOfferArgs(OfferArgs):
    """Arguments of `SaasOffer`."""

    plans: NotRequired[Mapping[str, PlanArgs]]
    """Plans, by plan id. An offer that is only listed has none."""
    technical_configuration: NotRequired[OfferTechnicalConfigurationArgsDict]
    """Landing page, webhook, and the application that calls the fulfillment API."""


class SaasOffer(OfferComponent):
    """Software that customers subscribe to."""

    component_type = "partnercenter:components:SaasOffer"
    offer_type = "SoftwareAsAService"
    args_type = SaasOfferArgs
    plan_args_type = PlanArgs

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        args: SaasOfferArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(resource_name, args, opts)
