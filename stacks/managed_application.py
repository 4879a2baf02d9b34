"""Contoso Archive: a managed application with two plans, in every environment under an offer id of its own.

What differs between environments is configuration (`Pulumi.<stack>.yaml`): the offer's id and alias, the markets, who
sees the preview, who may see the plans, and how far it is published. Copy this file to begin with an offer of your own.
"""

from pathlib import Path
from typing import Any

import pulumi

import contoso
from pulumi_partnercenter.components import (
    ApplicationPlanArgs,
    ListingArgs,
    ManagedApplicationOffer,
    ManagedApplicationOfferArgs,
)

ASSETS = Path(__file__).parent / "assets"
VERSION = "1.0.0"
"""Of what is deployed: raise it with every change in `assets/archive-app`."""
CUSTOMERS_MAY = ["Microsoft.Storage/storageAccounts/PrivateEndpointConnectionsApproval/action"]
CUSTOMERS_MAY_READ = ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]
"""What they can do in the resource group that Contoso operates, beside looking at it."""

LISTING: ListingArgs = {
    "title": "Contoso Archive",
    "summary": "Move what nobody opens any more to cold storage, and still find it",
    "short_description": "Finds files that were not opened for months, moves them to cold storage in your own"
    " subscription, and brings one back when somebody asks for it.",
    "description": (ASSETS / "offer.html").read_text(encoding="utf-8").strip(),
    "keywords": ["archive", "cold storage", "retention"],
    "contacts": contoso.CONTACTS,
    "links": contoso.LINKS,
    "images": {
        "screenshot": {
            "kind": "AzureLogoScreenshot",
            "source": "assets/screenshot.png",
            "description": "What moved this month, and the rules that moved it",
        }
    },
}
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
FORMER_NAMES = {
    **{
        f"archive-{part}": "archive"
        for part in (
            *("setup", "reseller-channel", "properties", "preview-audience", "technical-configuration"),
            *("listing", "package", "submission"),
        )
    },
    **{f"archive-logo-{size}": f"archive-{size}" for size in contoso.LOGOS},
    "archive-image-screenshot": "archive-screenshot",
    **{f"archive-{plan}": plan for plan in PLANS},
    **{f"archive-{plan}-{part}": plan for plan in PLANS for part in ("listing", "pricing", "package")},
}
"""Of stacks that were deployed before the offer was a component."""


def declare() -> None:
    config = pulumi.Config("offer")
    operations = contoso.operations()
    archive = ManagedApplicationOffer(
        "archive",
        ManagedApplicationOfferArgs(
            offer_id=config.require("id"),
            alias=config.require("alias"),
            target=config.require("target"),
            retention=contoso.retention(config),
            setup={},
            reseller_channel={"state": config.get("reseller") or "Enabled"},
            properties={
                "categories": {"storage-azure-apps": ["data-management", "backup-and-recovery"]},
                "uses_standard_contract": True,
            },
            preview_audience={"subscriptions": config.require_object("previewSubscriptions")},
            technical_configuration={
                "tenant": operations.tenant,
                "application": operations.metering_application,
            },
            logos=contoso.LOGOS,
            listings={"en-us": LISTING},
            package={"source": "assets/archive-app"},
            plans={plan_id: _plan(plan_id, config, operations) for plan_id in PLANS},
            former_names=FORMER_NAMES,
        ),
        pulumi.ResourceOptions(depends_on=list(operations.trial)),
    )
    if operations.notification_endpoint:
        # this API has no place for it: it belongs into each plan's technical configuration in Partner Center
        pulumi.export("notification_endpoint", operations.notification_endpoint)
    for name, value in contoso.outputs(archive).items():
        pulumi.export(name, value)


def _plan(plan_id: str, config: pulumi.Config, operations: contoso.Operations) -> ApplicationPlanArgs:
    """What a plan says, what it costs whom, and what it deploys."""
    about = PLANS[plan_id]
    audience = config.get_object("audience") or []
    return {
        "name": f"Contoso Archive {about['title']}",
        "listings": {
            "en-us": {
                "title": about["title"],
                "summary": about["summary"],
                "description": (ASSETS / f"{plan_id}.html").read_text(encoding="utf-8").strip(),
            }
        },
        "pricing": {
            "visibility": "Private" if audience else "Public",
            "subscriptions": audience,
            "markets": "all" if config.require("markets") == "all" else config.require_object("markets"),
            "prices": about["prices"],
            "trial": about["trial"],
            "meters": about["meters"],
        },
        "package": {
            "version": VERSION,
            "tenant": operations.tenant,
            "authorizations": [{"principal": operations.operators, "role": contoso.CONTRIBUTOR}],
            "allows_customer_actions": True,
            "allowed_actions": CUSTOMERS_MAY,
            "allowed_data_actions": CUSTOMERS_MAY_READ,
            "deployment_mode": "Incremental",
        },
    }
