"""Offer: see `kinds/offer.py`."""

# Made by `make generate` from kinds/offer.py; changes here are lost.
from __future__ import annotations

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors


class Offer(Resource, module="partnercenter", name="Offer"):
    """An offer; its `id` is the product's GUID, which everything in the offer refers to."""

    schema = Schema(
        known_as="Offer",
        arguments=("adopt", "offer_id", "offer_type", "alias"),
        computed=("published", "declared_alias", "fingerprint"),
    )

    offer_id: pulumi.Output[str]
    """The id in the offer's public address, e.g. `contoso-backup`: 3 to 50 of a-z, 0-9, `-`, `_` for a new
    offer; what exists under another, `CentOS-HPC`, is adopted. Never changes."""
    offer_type: pulumi.Output[str]
    """What is sold, e.g. `AzureApplication`, `SoftwareAsAService`, `AzureContainer`. Never changes."""
    alias: pulumi.Output[str]
    """Name inside Partner Center, at most 50 characters; customers do not see it. The service cannot
    change it."""
    published: pulumi.Output[bool]
    """Whether it was ever in a preview or live, as of the last refresh. Then it cannot be deleted or
    replaced."""
    declared_alias: pulumi.Output[str]
    """The declared alias; `alias` is the alias in Partner Center."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer_id: Input[str],
        offer_type: Input[str],
        alias: Input[str],
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer_id: The id in the offer's public address, e.g. `contoso-backup`: 3 to 50 of a-z, 0-9, `-`,
                `_` for a new offer; what exists under another, `CentOS-HPC`, is adopted. Never changes.
            offer_type: What is sold, e.g. `AzureApplication`, `SoftwareAsAService`, `AzureContainer`. Never
                changes.
            alias: Name inside Partner Center, at most 50 characters; customers do not see it. The service
                cannot change it.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer_id": offer_id,
            "offer_type": offer_type,
            "alias": alias,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
