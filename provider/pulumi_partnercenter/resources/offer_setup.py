"""OfferSetup: see `kinds/offer_setup.py`."""

# Made by `make generate` from kinds/offer_setup.py; changes here are lost.
from __future__ import annotations

from typing import Literal

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_offer_setup


class OfferSetup(Resource, module="partnercenter", name="OfferSetup"):
    """How an offer is sold; its `id` is the offer's. Deleting the resource keeps the setup."""

    schema = Schema(
        known_as="OfferSetup",
        arguments=(
            "adopt",
            "offer",
            "sells_through_microsoft",
            "call_to_action",
            "trial_url",
            "package_type",
            "offer_type",
        ),
        computed=("fingerprint",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    sells_through_microsoft: pulumi.Output[bool]
    """Whether Microsoft sells and bills. False: the offer is listed only, as all of Business Central and
    Operations are. Cannot change once published."""
    call_to_action: pulumi.Output[str]
    """Action for customers of an offer that is listed only."""
    trial_url: pulumi.Output[str]
    """Address of the free trial; required with `free-trial`."""
    package_type: pulumi.Output[str]
    """Type of the product (Business Central): an app, or a service that connects. Not given: as it is in
    the service."""
    offer_type: pulumi.Output[str]
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        sells_through_microsoft: Input[bool] | None = None,
        call_to_action: Input[Literal["", "free", "free-trial", "contact-me"]] | None = None,
        trial_url: Input[str] | None = None,
        package_type: Input[Literal["AddOn", "Connect", ""]] | None = None,
        offer_type: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            sells_through_microsoft: Whether Microsoft sells and bills. False: the offer is listed only, as
                all of Business Central and Operations are. Cannot change once published.
            call_to_action: Action for customers of an offer that is listed only.
            trial_url: Address of the free trial; required with `free-trial`.
            package_type: Type of the product (Business Central): an app, or a service that connects. Not
                given: as it is in the service.
            offer_type: Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the
                service.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "sells_through_microsoft": sells_through_microsoft,
            "call_to_action": call_to_action,
            "trial_url": trial_url,
            "package_type": package_type,
            "offer_type": offer_type,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_offer_setup(resource_name, arguments), opts)
