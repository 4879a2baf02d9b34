"""PlanPricing: see `kinds/plan_pricing.py`."""

# Made by `make generate` from kinds/plan_pricing.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_plan_pricing
from .types import AudienceMemberArgsDict, MeterArgsDict, PriceArgsDict, TrialArgsDict


class PlanPricing(Resource, module="partnercenter", name="PlanPricing"):
    """Markets, prices and audience of a plan; its `id` is the plan's."""

    schema = Schema(
        known_as="PlanPricing",
        arguments=(
            "adopt",
            "plan",
            "visibility",
            "is_hidden",
            "markets",
            "prices",
            "trial",
            "meters",
            "subscriptions",
            "tenants",
            "subtype",
        ),
        computed=("fingerprint",),
    )

    plan: pulumi.Output[str]
    """`.id` of the plan."""
    visibility: pulumi.Output[str]
    """Visibility of the plan. A private plan is visible to `subscriptions` and `tenants` only."""
    is_hidden: pulumi.Output[bool]
    """Whether the plan is hidden in search and shop, and deployed through another offer only."""
    markets: pulumi.Output[Any]
    """Codes of the markets, `["US", "CA"]`, or `"all"` for all 141. A set."""
    prices: pulumi.Output[list[dict[str, Any]]]
    """`[{"amount": 49.0, "currency": "USD", "per": "month"}]`; with `markets`, all prices of these
    markets, instead of the base prices. Amount 0 is free. Solution templates have no prices."""
    trial: pulumi.Output[dict[str, Any]]
    """`{"type": "TimedAccess", "duration": 1, "unit": "Months"}`."""
    meters: pulumi.Output[list[dict[str, Any]]]
    """Custom meters, at most 18: `[{"id": "gb", "name": …, "unit": …, "price_in_usd": 0.1, "included":
    […]}]`."""
    subscriptions: pulumi.Output[list[dict[str, Any]]]
    """Azure subscriptions of a private plan: GUIDs, or `{"id": …, "description": …}`."""
    tenants: pulumi.Output[list[dict[str, Any]]]
    """Tenants of a private plan: GUIDs, or `{"id": …, "description": …}`."""
    subtype: pulumi.Output[str]
    """What a plan of an Azure application is; taken from the `Plan` whose `.id` is given. Empty: not
    judged."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        plan: Input[str],
        visibility: Input[str] | None = None,
        is_hidden: Input[bool] | None = None,
        markets: Input[Sequence[Input[str]] | str] | None = None,
        prices: Input[Sequence[Input[PriceArgsDict]]] | None = None,
        trial: Input[TrialArgsDict] | None = None,
        meters: Input[Sequence[Input[MeterArgsDict]]] | None = None,
        subscriptions: Input[Sequence[Input[AudienceMemberArgsDict | str]]] | None = None,
        tenants: Input[Sequence[Input[AudienceMemberArgsDict | str]]] | None = None,
        subtype: Input[Literal["managed-application", "solution-template", ""]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            plan: `.id` of the plan.
            visibility: Visibility of the plan. A private plan is visible to `subscriptions` and `tenants`
                only.
            is_hidden: Whether the plan is hidden in search and shop, and deployed through another offer
                only.
            markets: Codes of the markets, `["US", "CA"]`, or `"all"` for all 141. A set.
            prices: `[{"amount": 49.0, "currency": "USD", "per": "month"}]`; with `markets`, all prices of
                these markets, instead of the base prices. Amount 0 is free. Solution templates have no
                prices.
            trial: `{"type": "TimedAccess", "duration": 1, "unit": "Months"}`.
            meters: Custom meters, at most 18: `[{"id": "gb", "name": …, "unit": …, "price_in_usd": 0.1,
                "included": […]}]`.
            subscriptions: Azure subscriptions of a private plan: GUIDs, or `{"id": …, "description": …}`.
            tenants: Tenants of a private plan: GUIDs, or `{"id": …, "description": …}`.
            subtype: What a plan of an Azure application is; taken from the `Plan` whose `.id` is given.
                Empty: not judged.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "plan": plan,
            "visibility": visibility,
            "is_hidden": is_hidden,
            "markets": markets,
            "prices": prices,
            "trial": trial,
            "meters": meters,
            "subscriptions": subscriptions,
            "tenants": tenants,
            "subtype": subtype,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_plan_pricing(resource_name, arguments), opts)
