"""The measured programs as data: declarations of the product, and the same resources for the floor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi_partnercenter
from pulumi_partnercenter import Offer, OfferListing, Plan, PlanListing, PlanPricing
from pulumi_partnercenter.registry import load_kind

Declaration = dict[str, Any]
"""`kind` (class), `name`, `arguments` (as a program writes them), `canonical` (the same with every default, as state
keeps them: what the floor declares), `references` (argument → name of the resource whose `.id` it is)."""

TEXT = "<p>Finds files that nobody opened for months, moves them to cold storage, and brings them back.</p>"
ANY_ID = "00000000-0000-0000-0000-000000000000"


def offer_and(size: int, *, pricing: bool = True) -> list[Declaration]:
    """Return an offer and its listing, then plans with their listing (and pricing), `size` resources in all."""
    declared = [
        _declare(
            Offer, "offer", offer_id="contoso-archive", offer_type="AzureApplication", alias="Contoso Archive"
        ),
        _declare(
            OfferListing,
            "listing",
            {"offer": "offer"},
            title="Contoso Archive",
            summary="Cold storage for what nobody opens",
            description=TEXT * 5,
            keywords=["archive", "cold storage", "retention"],
            contacts=[
                {"type": "CustomerSupport", "name": "Contoso Support", "email": "help@contoso.example.com"}
            ],
            links=[{"type": "PrivacyUri", "text": "Privacy", "uri": "https://contoso.example.com/privacy"}],
        ),
    ]
    number = 0
    while len(declared) < size:
        number += 1
        declared += _plan(f"plan-{number:03}", pricing=pricing)
    return declared[:size]


def _plan(plan: str, *, pricing: bool) -> list[Declaration]:
    managed = "managed-application"
    declared = [
        _declare(
            Plan, plan, {"offer": "offer"}, plan_id=plan, name=f"Contoso Archive {plan}", subtype=managed
        ),
        _declare(
            PlanListing,
            f"{plan}-listing",
            {"plan": plan},
            title=f"Archive {plan}",
            summary="For one team: up to 5 TB in cold storage",
            description=TEXT * 3,
        ),
    ]
    if pricing:
        prices = [{"amount": 49, "per": "month"}, {"amount": 490, "per": "year"}]
        references = {"plan": plan}
        declared.append(
            _declare(PlanPricing, f"{plan}-pricing", references, markets=["US", "CA", "GB"], prices=prices)
        )
    return declared


def _declare(
    kind: type, name: str, references: Mapping[str, str] | None = None, /, **arguments: Any
) -> Declaration:
    model = load_kind(kind.__name__).arguments
    references = references or {}
    example = {"offer": ANY_ID, "plan": f"{ANY_ID}/{ANY_ID}"}
    full = model.canonical({**arguments, **{argument: example[argument] for argument in references}})
    canonical = {argument: value for argument, value in full.items() if argument not in references}
    assert kind.__name__ in pulumi_partnercenter.__all__
    return {
        "kind": kind.__name__,
        "name": name,
        "arguments": arguments,
        "canonical": canonical,
        "references": dict(references),
    }
