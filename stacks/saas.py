"""Contoso Analytics: software as a service with two plans, and the service to which its customers come.

Landing page, webhook and the application that fulfills purchases are outputs of Azure resources in the same program
(`infrastructure/service.py`), or of another stack. Configured under `analytics:` in `Pulumi.<stack>.yaml`.
"""

from pathlib import Path
from typing import Any

import pulumi

import contoso
from pulumi_partnercenter.components import ListingArgs, PlanArgs, SaasOffer, SaasOfferArgs

ASSETS = Path(__file__).parent / "assets"

LISTING: ListingArgs = {
    "title": "Contoso Analytics",
    "summary": "Reports on what your teams store, and what it costs",
    "short_description": "Reads the inventory of your storage every night, and shows which files grow, which nobody"
    " opens, and what each team pays for them.",
    "description": (ASSETS / "analytics-offer.html").read_text(encoding="utf-8").strip(),
    "keywords": ["reports", "storage", "costs"],
    "contacts": contoso.CONTACTS,
    "links": contoso.LINKS,
    "images": {
        "screenshot": {
            "kind": "AzureLogoScreenshot",
            "source": "assets/screenshot.png",
            "description": "What grew this month, and whose it is",
        }
    },
}
PLANS: dict[str, dict[str, Any]] = {
    "team": {
        "title": "Team",
        "summary": "For one team: a report every night",
        "prices": [{"amount": 49, "per": "month"}, {"amount": 490, "per": "year"}],
        "trial": {"type": "TimedAccess", "duration": 1, "unit": "Months"},
        "meters": [],
    },
    "business": {
        "title": "Business",
        "summary": "For a company: every team, and reports on demand",
        "prices": [{"amount": 490, "per": "month"}],
        "trial": {},
        "meters": [
            {
                "id": "reports",
                "name": "Reports on demand beyond the included ones",
                "unit": "report",
                "price_in_usd": 0.5,
                "included": [{"per": "month", "quantity": 100}],
            }
        ],
    },
}


def declare() -> None:
    config = pulumi.Config("analytics")
    service = contoso.saas_service()
    offer = SaasOffer(
        "analytics",
        SaasOfferArgs(
            offer_id=config.require("id"),
            alias=config.require("alias"),
            target=config.require("target"),
            retention=contoso.retention(config),
            setup={"sells_through_microsoft": True},
            reseller_channel={"state": config.get("reseller") or "Enabled"},
            properties={"categories": {"analytics": []}, "uses_standard_contract": True},
            preview_audience={"emails": config.require_object("previewEmails")},
            technical_configuration={
                "tenant": service.tenant,
                "application": service.application,
                "landing_page_url": service.landing_page_url,
                "webhook_url": service.webhook_url,
            },
            logos=contoso.LOGOS,
            listings={"en-us": LISTING},
            plans={plan_id: _plan(plan_id, config) for plan_id in PLANS},
        ),
    )
    pulumi.export(
        "analytics",
        {
            **contoso.outputs(offer),
            "landing_page": service.landing_page_url,
            "webhook": service.webhook_url,
        },
    )


def _plan(plan_id: str, config: pulumi.Config) -> PlanArgs:
    about = PLANS[plan_id]
    return {
        "name": f"Contoso Analytics {about['title']}",
        "listings": {
            "en-us": {"title": about["title"], "summary": about["summary"], "description": about["summary"]}
        },
        "pricing": {
            "markets": "all" if config.require("markets") == "all" else config.require_object("markets"),
            "prices": about["prices"],
            "trial": about["trial"],
            "meters": about["meters"],
        },
    }
