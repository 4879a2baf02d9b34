"""A managed application: deployed into the customer's subscription, operated by the publisher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired

import pulumi

from ..resources._base import friendly_type_errors
from .offer_component import ApplicationPlanArgs, OfferArgs, OfferComponent
from .resource_arguments import OfferTechnicalConfigurationArgsDict, PackageArgsDict, TestDriveArgsDict

__all__ = ["ManagedApplicationOffer", "ManagedApplicationOfferArgs"]


class ManagedApplicationOfferArgs(OfferArgs):
    """Arguments of `ManagedApplicationOffer`."""

    plans: Mapping[str, ApplicationPlanArgs]
    """Plans, by plan id."""
    package: NotRequired[PackageArgsDict]
    """Package of every plan that has none of its own."""
    technical_configuration: NotRequired[OfferTechnicalConfigurationArgsDict]
    """Application that reports usage; needed where plans have meters."""
    test_drive: NotRequired[TestDriveArgsDict]
    """Test drive of an old application."""


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
