"""Contoso Archive: a managed application with two plans, in every environment under an offer id of its own.

What differs between environments is configuration (`Pulumi.<stack>.yaml`): the offer's id and alias, the markets, who
sees the preview, who may see the plans, and how far it is published. Copy this file to begin with an offer of your own.
"""

from pathlib import Path
from typing import Any

import pulumi

import contoso
import pulumi_partnercenter as partnercenter

ASSETS = Path(__file__).parent / "assets"
VERSION = "1.0.0"
"""Of what is deployed: raise it with every change in `assets/archive-app`."""
CUSTOMERS_MAY = ["Microsoft.Storage/storageAccounts/PrivateEndpointConnectionsApproval/action"]
CUSTOMERS_MAY_READ = ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]
"""What they can do in the resource group that Contoso operates, beside looking at it."""

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
    target = config.require("target")
    kept = contoso.undeletable_once_published(config)
    operations = contoso.operations()

    offer = partnercenter.Offer(
        "archive",
        offer_id=config.require("id"),
        offer_type="AzureApplication",
        alias=config.require("alias"),
        opts=kept,
    )
    plans = {
        plan_id: partnercenter.Plan(
            plan_id,
            offer=offer.id,
            plan_id=plan_id,
            subtype="managed-application",
            name=f"Contoso Archive {about['title']}",
            opts=kept,
        )
        for plan_id, about in PLANS.items()
    }
    tried = pulumi.ResourceOptions(depends_on=list(operations.trial))
    package = partnercenter.Package(
        "archive",
        offer=offer.id,
        source="assets/archive-app",
        opts=pulumi.ResourceOptions.merge(kept, tried),
    )

    parts = [*plans.values(), package, *_sold(offer.id, config, operations), *_shown(offer.id)]
    for plan_id, plan in plans.items():
        parts += _plan(plan_id, plan.id, package.id, config, operations)
    published = contoso.publish("archive", offer.id, parts, target)

    pulumi.export("offer_id", offer.offer_id)
    pulumi.export("offer", offer.id)
    pulumi.export("plans", {plan_id: plan.id for plan_id, plan in plans.items()})
    if operations.notification_endpoint:
        # this API has no place for it: it belongs into each plan's technical configuration in Partner Center
        pulumi.export("notification_endpoint", operations.notification_endpoint)
    for name, value in published.items():
        pulumi.export(name, value)


def _sold(
    offer: pulumi.Input[str], config: pulumi.Config, operations: contoso.Operations
) -> list[partnercenter.Resource]:
    """How the offer is sold, and who sees its preview."""
    return [
        partnercenter.OfferSetup("archive", offer=offer),
        partnercenter.ResellerChannel("archive", offer=offer, state=config.get("reseller") or "Enabled"),
        partnercenter.OfferProperties(
            "archive",
            offer=offer,
            categories={"storage-azure-apps": ["data-management", "backup-and-recovery"]},
            uses_standard_contract=True,
        ),
        partnercenter.PreviewAudience(
            "archive", offer=offer, subscriptions=config.require_object("previewSubscriptions")
        ),
        partnercenter.OfferTechnicalConfiguration(
            "archive", offer=offer, tenant=operations.tenant, application=operations.metering_application
        ),
    ]


def _shown(offer: pulumi.Input[str]) -> list[partnercenter.Resource]:
    """What customers read and see."""
    return [
        partnercenter.OfferListing(
            "archive",
            offer=offer,
            title="Contoso Archive",
            summary="Move what nobody opens any more to cold storage, and still find it",
            short_description="Finds files that were not opened for months, moves them to cold storage in your own"
            " subscription, and brings one back when somebody asks for it.",
            description=(ASSETS / "offer.html").read_text(encoding="utf-8").strip(),
            keywords=["archive", "cold storage", "retention"],
            contacts=contoso.CONTACTS,
            links=contoso.LINKS,
        ),
        *contoso.logos("archive", offer),
        partnercenter.ListingImage(
            "archive-screenshot",
            offer=offer,
            kind="AzureLogoScreenshot",
            source="assets/screenshot.png",
            description="What moved this month, and the rules that moved it",
        ),
    ]


def _plan(
    plan_id: str,
    plan: pulumi.Input[str],
    package: pulumi.Input[str],
    config: pulumi.Config,
    operations: contoso.Operations,
) -> list[partnercenter.Resource]:
    """What a plan says, what it costs whom, and what it deploys."""
    about = PLANS[plan_id]
    markets = "all" if config.require("markets") == "all" else config.require_object("markets")
    audience = config.get_object("audience") or []
    return [
        partnercenter.PlanListing(
            plan_id,
            plan=plan,
            title=about["title"],
            summary=about["summary"],
            description=(ASSETS / f"{plan_id}.html").read_text(encoding="utf-8").strip(),
        ),
        partnercenter.PlanPricing(
            plan_id,
            plan=plan,
            visibility="Private" if audience else "Public",
            subscriptions=audience,
            markets=markets,
            prices=about["prices"],
            trial=about["trial"],
            meters=about["meters"],
        ),
        partnercenter.PlanPackage(
            plan_id,
            plan=plan,
            version=VERSION,
            package=package,
            tenant=operations.tenant,
            authorizations=[{"principal": operations.operators, "role": contoso.CONTRIBUTOR}],
            allows_customer_actions=True,
            allowed_actions=CUSTOMERS_MAY,
            allowed_data_actions=CUSTOMERS_MAY_READ,
            deployment_mode="Incremental",
        ),
    ]
