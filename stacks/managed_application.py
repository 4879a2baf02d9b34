"""Contoso Archive: a managed application with two plans, in every environment under an offer id of its own.

What differs between environments is configuration (`Pulumi.<stack>.yaml`): the offer's id and alias, the markets, and
who may see the plans. Copy this file to begin with an offer of your own.
"""

from pathlib import Path
from typing import Any

import pulumi

import pulumi_partnercenter as partnercenter

ASSETS = Path(__file__).parent / "assets"

PLANS: dict[str, dict[str, Any]] = {
    "standard": {
        "title": "Standard",
        "summary": "For one team: up to 5 TB in cold storage",
        "prices": [{"amount": 49, "per": "month"}, {"amount": 490, "per": "year"}],
        "trial": {"type": "TimedAccess", "duration": 1, "unit": "Months"},
        "meters": [],
    },
    "enterprise": {
        "title": "Enterprise",
        "summary": "For a company: legal hold, audit trail, and storage by the terabyte",
        "prices": [{"amount": 490, "per": "month"}],
        "trial": {},
        "meters": [
            {
                "id": "terabyte",
                "name": "Archived terabytes beyond the included ones",
                "unit": "TB per month",
                "price_in_usd": 2.5,
                "included": [{"per": "month", "quantity": 50}],
            }
        ],
    },
}


def declare() -> None:
    config = pulumi.Config("offer")
    markets = "all" if config.require("markets") == "all" else config.require_object("markets")
    audience = config.get_object("audience") or []

    offer = partnercenter.Offer(
        "archive",
        offer_id=config.require("id"),
        offer_type="AzureApplication",
        alias=config.require("alias"),
    )
    partnercenter.OfferListing(
        "archive",
        offer=offer.id,
        title="Contoso Archive",
        summary="Move what nobody opens any more to cold storage, and still find it",
        short_description="Finds files that were not opened for months, moves them to cold storage in your own"
        " subscription, and brings one back when somebody asks for it.",
        description=(ASSETS / "offer.html").read_text(encoding="utf-8").strip(),
        keywords=["archive", "cold storage", "retention"],
        contacts=[
            {
                "type": "CustomerSupport",
                "name": "Contoso Support",
                "email": "support@contoso.example.com",
                "phone": "+1 555 0100",
                "uri": "https://contoso.example.com/support",
            },
            {
                "type": "Engineering",
                "name": "Contoso Archive Team",
                "email": "archive@contoso.example.com",
                "phone": "+1 555 0101",
            },
        ],
        links=[
            {"type": "PrivacyUri", "text": "Privacy", "uri": "https://contoso.example.com/privacy"},
            {"type": "PublicCloudSupport", "text": "Help", "uri": "https://contoso.example.com/help"},
        ],
    )

    plans = {}
    for plan_id, about in PLANS.items():
        plan = partnercenter.Plan(
            plan_id,
            offer=offer.id,
            plan_id=plan_id,
            subtype="managed-application",
            name=f"Contoso Archive {about['title']}",
        )
        partnercenter.PlanListing(
            plan_id,
            plan=plan.id,
            title=about["title"],
            summary=about["summary"],
            description=(ASSETS / f"{plan_id}.html").read_text(encoding="utf-8").strip(),
        )
        partnercenter.PlanPricing(
            plan_id,
            plan=plan.id,
            visibility="Private" if audience else "Public",
            subscriptions=audience,
            markets=markets,
            prices=about["prices"],
            trial=about["trial"],
            meters=about["meters"],
        )
        plans[plan_id] = plan.id

    pulumi.export("offer_id", offer.offer_id)
    pulumi.export("offer", offer.id)
    pulumi.export("plans", plans)
