"""ResellerChannel: see `kinds/reseller_channel.py`."""

# Made by `make generate` from kinds/reseller_channel.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_reseller_channel


class ResellerChannel(Resource, module="partnercenter", name="ResellerChannel"):
    """The partners that may resell an offer; its `id` is the offer's. Deleting the resource keeps the
    choice.
    """

    schema = Schema(
        known_as="ResellerChannel",
        arguments=("adopt", "offer", "state", "tenants", "offer_type"),
        computed=("fingerprint",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    state: pulumi.Output[str]
    """Any partner may resell, none, or those of `tenants`. Required to publish, `Disabled` too."""
    tenants: pulumi.Output[list[str]]
    """Tenants of partners, GUIDs, with `PartialOptIn`. A set."""
    offer_type: pulumi.Output[str]
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        state: Input[str],
        tenants: Input[Sequence[Input[str]]] | None = None,
        offer_type: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            state: Any partner may resell, none, or those of `tenants`. Required to publish, `Disabled` too.
            tenants: Tenants of partners, GUIDs, with `PartialOptIn`. A set.
            offer_type: Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the
                service.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "state": state,
            "tenants": tenants,
            "offer_type": offer_type,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_reseller_channel(resource_name, arguments), opts)
