"""A plan's markets, prices and audience. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import MaxLen

from ..api.submission.pricing_models import FeatureAvailability
from ..kind import Current
from ..markers import Boolean, Configured, Immutable, Implied, Unordered, Wire, WriteOnly
from ..model import Arguments, Outputs
from ._audiences import Audience
from ._drafts import Document, DraftKind, build_document, read_arguments
from ._markets import enabled_markets, market_states
from ._prices import (
    NO_TRIAL,
    Meter,
    Prices,
    Trial,
    build_price_schedules,
    price_arguments,
)
from ._rules import Markets, PlanReference, once_by
from ._submission_api import SubmissionApi
from ._variants import plan_subtype


def _private_plans_have_an_audience(desired: PlanPricingArguments) -> str | None:
    if desired.visibility == "Private" and not desired.subscriptions and not desired.tenants:
        return "subscriptions: a private plan needs an audience; name its subscriptions or tenants"
    return None


def _solution_templates_are_free(desired: PlanPricingArguments) -> str | None:
    trial_type = getattr(getattr(desired, "trial", None), "type", "NoTrial")
    lists = {name: bool(getattr(desired, name, ())) for name in ("prices", "meters")}
    paid = {"prices": lists["prices"], "trial": trial_type != "NoTrial", "meters": lists["meters"]}
    if desired.subtype == "solution-template" and any(paid.values()):
        return (
            f"{', '.join(name for name, is_set in paid.items() if is_set)}: a solution template has no prices"
        )
    return None


def _overrides_are_for_markets_sold_in(desired: PlanPricingArguments) -> str | None:
    sold = set(desired.markets)
    for number, price in enumerate(desired.prices):
        if elsewhere := sorted(set(getattr(price, "markets", ())) - sold):
            return f"prices[{number}].markets: {', '.join(elsewhere)} is not among the plan's markets"
    return None


class PlanPricingArguments(Arguments):
    """Arguments of a plan's pricing. Prices, their model, markets, public visibility are fixed once published."""

    rules = (
        _private_plans_have_an_audience,
        _solution_templates_are_free,
        _overrides_are_for_markets_sold_in,
    )

    plan: Annotated[PlanReference, Immutable]
    """`.id` of the plan."""
    visibility: Annotated[Literal["Public", "Private"], Configured, Wire("visibility")] = "Public"
    """Visibility of the plan. A private plan is visible to `subscriptions` and `tenants` only."""
    is_hidden: Annotated[Boolean, Wire("is_hidden")] = False
    """Whether the plan is hidden in search and shop, and deployed through another offer only."""
    markets: Markets = []
    """Codes of the markets, `["US", "CA"]`, or `"all"` for all 141. A set."""
    prices: Prices = []
    """`[{"amount": 49.0, "currency": "USD", "per": "month"}]`; with `markets`, all prices of these markets, instead of
    the base prices. Amount 0 is free. Solution templates have no prices."""
    trial: Trial = NO_TRIAL
    """`{"type": "TimedAccess", "duration": 1, "unit": "Months"}`."""
    meters: Annotated[list[Meter], Unordered, once_by("id"), MaxLen(18)] = []
    """Custom meters, at most 18: `[{"id": "gb", "name": …, "unit": …, "price_in_usd": 0.1, "included": […]}]`."""
    subscriptions: Annotated[
        list[Audience], Unordered, once_by("id"), MaxLen(10_000), Wire("subscription_audiences")
    ] = []
    """Azure subscriptions of a private plan: GUIDs, or `{"id": …, "description": …}`."""
    tenants: Annotated[
        list[Audience], Unordered, once_by("id"), MaxLen(20_000), Wire("tenant_audiences")
    ] = []
    """Tenants of a private plan: GUIDs, or `{"id": …, "description": …}`."""
    subtype: Annotated[Literal["managed-application", "solution-template", ""], WriteOnly, Implied] = ""
    """What a plan of an Azure application is; taken from the `Plan` whose `.id` is given. Empty: not judged."""


class PlanPricingKind(DraftKind[PlanPricingArguments, FeatureAvailability]):
    """Markets, prices and audience of a plan; its `id` is the plan's."""

    noun, id_form, parent = "plan pricing", "<product>/<variant>", "plan"
    arguments = PlanPricingArguments
    refusal_advice = (
        "if the plan has been published: its prices, their model, the markets sold in and public visibility"
        " are fixed; create another plan for other terms"
    )

    def document(self, api: SubmissionApi) -> Document[FeatureAvailability]:
        return api.pricing

    def read_arguments(self, id: str, draft: FeatureAvailability) -> dict[str, Any]:  # noqa: ARG002
        return {
            **read_arguments(self.arguments, draft),
            "markets": enabled_markets(draft),
            "prices": price_arguments(draft.price_schedules),
            "trial": Trial.arguments_of(draft.trial),
            "meters": [Meter.arguments_of(meter) for meter in draft.custom_meters],
        }

    def build_document(
        self, desired: PlanPricingArguments, draft: FeatureAvailability
    ) -> FeatureAvailability:
        """Build the document; of a solution template, visibility and audience alone. Undeclared markets stay."""
        document = build_document(desired, draft, resource_type="FeatureAvailability")
        if desired.subtype == "solution-template" and not desired.markets:
            return document
        further = FeatureAvailability(
            market_states=market_states(desired.markets, draft),
            price_schedules=build_price_schedules(desired.prices, draft.price_schedules),
            trial=desired.trial.to_wire(draft.trial),
            custom_meters=[meter.to_wire() for meter in desired.meters],
        )
        return document.merge(draft.merge_members(further))

    def locked_changes(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        """Warn of changed prices or trial, fewer markets, and a plan made private. Further markets are allowed."""
        changed = self.arguments.differing(self.arguments.canonical(was), desired)
        names = [name for name in changed if name in ("prices", "trial")]
        markets = [was.get("markets"), desired["markets"]]
        if all(isinstance(codes, list) for codes in markets) and set(markets[0] or ()) - set(markets[1]):
            names.append("markets")
        if (was.get("visibility"), desired["visibility"]) == ("Public", "Private"):
            names.append("visibility")
        if not names:
            return []
        fixed = f"warning: plan {was.get('plan')} was published, which fixes its {', '.join(names)}"
        return [f"{fixed}: Partner Center will refuse this change; create another plan for other terms"]

    def program_arguments(self, api: SubmissionApi, current: Current[Outputs]) -> dict[str, Any]:
        return {**current.arguments, "subtype": plan_subtype(api, current.id)}
