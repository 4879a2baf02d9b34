"""A solution template: deployed into the customer's subscription, operated by nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired

import pulumi

from ..resources._base import friendly_type_errors
from .offer_component import ApplicationPlanArgs, OfferArgs, OfferComponent
from .resource_arguments import PackageArgsDict, TestDriveArgsDict

__all__ = ["SolutionTemplateOffer", "SolutionTemplateOfferArgs"]


class SolutionTemplateOfferArgs(OfferArgs):
    """Arguments of `SolutionTemplateOffer`."""

    plans: Mapping[str, ApplicationPlanArgs]
    """Plans, by plan id."""
    package: NotRequired[PackageArgsDict]
    """Package of every plan that has none of its own."""
    test_drive: NotRequired[TestDriveArgsDict]
    """Test drive of an old application."""


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
