"""A plan's markets, prices and audience. Source: submission API 5.11, limits 9.1, locks 9.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pulumi
from annotated_types import MaxLen
from pulumi import Input

from .._resource import Immutable, Implied, Inputs, Outputs, Provider, Resource, Seen, Unordered, WriteOnly
from ._audiences import Audience, audience_seen, audience_wanted
from ._drafts import Document, DraftKind
from ._prices import (
    NO_TRIAL,
    Meter,
    Prices,
    Trial,
    prices_seen,
    prices_wanted,
)
from ._rules import MARKETS, Markets, PlanReference, advising, once_by
from ._variants import subtype_there
from .plan import Plan

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.pricing_models import FeatureAvailability

__all__ = ["PlanPricing"]


def _private_plans_have_an_audience(want: PlanPricingInputs) -> str | None:
    if want.visibility == "Private" and not want.subscriptions and not want.tenants:
        return "subscriptions: a private plan needs an audience; name its subscriptions or tenants"
    return None


def _solution_templates_are_free(want: PlanPricingInputs) -> str | None:
    trial_type = getattr(getattr(want, "trial", None), "type", "NoTrial")
    lists = {name: bool(getattr(want, name, ())) for name in ("prices", "meters")}
    paid = {"prices": lists["prices"], "trial": trial_type != "NoTrial", "meters": lists["meters"]}
    if want.subtype == "solution-template" and any(paid.values()):
        return f"{', '.join(name for name, is_set in paid.items() if is_set)}: a solution template carries no prices"
    return None


def _overrides_are_for_markets_sold_in(want: PlanPricingInputs) -> str | None:
    sold = set(want.markets)
    for number, price in enumerate(want.prices):
        if elsewhere := sorted(set(getattr(price, "markets", ())) - sold):
            return f"prices[{number}].markets: {', '.join(elsewhere)} is not among the plan's markets"
    return None


class PlanPricingInputs(Inputs):
    """What a program may set. Prices, their model, markets sold in and public visibility are fixed once published."""

    rules = (
        _private_plans_have_an_audience,
        _solution_templates_are_free,
        _overrides_are_for_markets_sold_in,
    )

    plan: Annotated[PlanReference, Immutable]
    """`.id` of the plan."""
    visibility: Literal["Public", "Private"] = "Public"
    """Private plans are seen by `subscriptions` and `tenants` only."""
    is_hidden: bool = False
    """Not in search and shop; deployed only through another offer."""
    markets: Markets = []
    """Market codes that it is sold in, `["US", "CA"]`, or `"all"` of the 141. A set."""
    prices: Prices = []
    """`[{"amount": 49.0, "currency": "USD", "per": "month"}]`; with `markets`, all prices of these markets, instead of
    the base prices. Amount 0 is free. Solution templates carry none."""
    trial: Trial = NO_TRIAL
    """`{"type": "TimedAccess", "duration": 1, "unit": "Months"}`."""
    meters: Annotated[list[Meter], Unordered, once_by("id"), MaxLen(18)] = []
    """Custom meters, at most 18: `[{"id": "gb", "name": …, "unit": …, "price_in_usd": 0.1, "included": […]}]`."""
    subscriptions: Annotated[list[Audience], Unordered, once_by("id"), MaxLen(10_000)] = []
    """Azure subscriptions of a private plan: GUIDs, or `{"id": …, "description": …}`."""
    tenants: Annotated[list[Audience], Unordered, once_by("id"), MaxLen(20_000)] = []
    """Tenants of a private plan: GUIDs, or `{"id": …, "description": …}`."""
    subtype: Annotated[Literal["managed-application", "solution-template", ""], WriteOnly, Implied] = ""
    """What a plan of an Azure application is; taken from the `Plan` whose `.id` is given. Empty: not judged."""


class PlanPricingOutputs(Outputs):
    """What the service decides: only the `id`."""


PlanPricingSeen = Seen[PlanPricingOutputs]


def _told(draft: FeatureAvailability) -> dict[str, Any]:
    return {
        "visibility": draft.visibility,
        "is_hidden": bool(draft.is_hidden),
        "markets": [each.market_code for each in draft.market_states if each.state == "Enabled"],
        "prices": prices_seen(draft.price_schedules),
        "trial": Trial.seen(draft.trial),
        "meters": [Meter.seen(each) for each in draft.custom_meters],
        "subscriptions": audience_seen(draft.subscription_audiences),
        "tenants": audience_seen(draft.tenant_audiences),
    }


def _wanted(want: PlanPricingInputs, draft: FeatureAvailability) -> FeatureAvailability:
    """Solution templates send visibility and audience only (5.11); states of markets that are not ours stay."""
    from ..api.submission.pricing_models import FeatureAvailability, MarketState
    from ..api.wire import overlaid

    change = FeatureAvailability(
        resource_type="FeatureAvailability",
        visibility=want.visibility,
        is_hidden=want.is_hidden,
        subscription_audiences=audience_wanted(want.subscriptions, draft.subscription_audiences),
        tenant_audiences=audience_wanted(want.tenants, draft.tenant_audiences),
    )
    if want.subtype == "solution-template" and not want.markets:
        return change
    states = {each.market_code: each.state for each in draft.market_states}
    unsold = {code: state if state != "Enabled" else "Disabled" for code, state in states.items()}
    sold = dict.fromkeys(want.markets, "Enabled")
    everywhere = dict.fromkeys(sorted(MARKETS), "Disabled") | unsold | sold
    change.market_states = overlaid(
        draft.market_states,
        [MarketState(market_code=code, state=state) for code, state in everywhere.items()],
        key=lambda each: each.market_code,
    )
    change.price_schedules = prices_wanted(want.prices, draft.price_schedules)
    change.trial = want.trial.wanted(draft.trial)
    change.custom_meters = [each.wanted(draft.custom_meters) for each in want.meters]
    return change


class PlanPricingKind(DraftKind[PlanPricingInputs, PlanPricingOutputs, "FeatureAvailability"]):
    noun, id_form, parent = "plan pricing", "<product>/<variant>", "plan"
    inputs, outputs = PlanPricingInputs, PlanPricingOutputs

    def document(self, api: SubmissionApi) -> Document[FeatureAvailability]:
        return api.pricing

    def seen(self, id: str, draft: FeatureAvailability) -> PlanPricingSeen:
        return self.as_seen(id, _told(draft), {"plan": id})

    def wanted(self, want: PlanPricingInputs, draft: FeatureAvailability) -> FeatureAvailability:
        return _wanted(want, draft)

    def locked(self, was: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:
        """Source: reference 9.2. Further markets are free; their prices come with them."""
        changed = self.inputs.differing(self.inputs.canonical(was), want)
        names = [name for name in changed if name in ("prices", "trial")]
        markets = [was.get("markets"), want["markets"]]
        if all(isinstance(each, list) for each in markets) and set(markets[0] or ()) - set(markets[1]):
            names.append("markets")
        if (was.get("visibility"), want["visibility"]) == ("Public", "Private"):
            names.append("visibility")
        if not names:
            return []
        fixed = f"warning: plan {was.get('plan')} was published, which fixes its {', '.join(names)}"
        return [f"{fixed}: Partner Center will refuse this change; make another plan for other terms"]

    def declared(self, api: SubmissionApi, seen: PlanPricingSeen) -> dict[str, Any]:
        return {**seen.inputs, "subtype": subtype_there(api, seen.id)}

    def update(self, api: SubmissionApi, id: str, want: PlanPricingInputs) -> PlanPricingSeen:
        with advising(
            "if the plan has been published: its prices, their model, the markets sold in and public visibility"
            " are fixed; make another plan for other terms"
        ):
            return super().update(api, id, want)


class PlanPricingProvider(Provider):
    kind, known_as = PlanPricingKind(), "PlanPricing"


class PlanPricing(Resource, module="partnercenter", name="PlanPricing"):
    """Where, for how much and to whom a plan is sold; its `id` is the plan's. Arguments: `PlanPricingInputs`."""

    provider = PlanPricingProvider

    def __init__(
        self,
        resource_name: str,
        *,
        plan: Input[str],
        visibility: Input[str] | None = None,
        is_hidden: Input[bool] | None = None,
        markets: Input[str | Sequence[Input[str]]] | None = None,
        prices: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        trial: Input[Mapping[str, Any]] | None = None,
        meters: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        subscriptions: Input[Sequence[Input[str | Mapping[str, Any]]]] | None = None,
        tenants: Input[Sequence[Input[str | Mapping[str, Any]]]] | None = None,
        subtype: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
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
            "subtype": Plan.subtype_of(plan) if subtype is None else subtype,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
