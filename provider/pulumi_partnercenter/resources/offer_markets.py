"""OfferMarkets: see `kinds/offer_markets.py`."""

# Made by `make generate` from kinds/offer_markets.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_offer_markets


class OfferMarkets(Resource, module="partnercenter", name="OfferMarkets"):
    """Markets of an offer of Dynamics 365: Business Central, Customer Engagement, Operations; its `id` is
    the offer's. Deleting the resource keeps the markets.
    """

    schema = Schema(
        known_as="OfferMarkets",
        arguments=("adopt", "offer", "markets", "offer_type"),
        computed=("fingerprint",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    markets: pulumi.Output[Any]
    """Codes of the markets, `["US", "CA"]`, or `"all"` for all 141. A set."""
    offer_type: pulumi.Output[str]
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged once the service is
    asked."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        markets: Input[Sequence[Input[str]] | str],
        offer_type: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            markets: Codes of the markets, `["US", "CA"]`, or `"all"` for all 141. A set.
            offer_type: Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged once
                the service is asked.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "markets": markets,
            "offer_type": offer_type,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_offer_markets(resource_name, arguments), opts)
