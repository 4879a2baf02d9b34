"""Contoso Archive Starter: a solution template, which puts the archive's storage into the customer's own subscription.

It is free, and nobody operates it for the customer: no prices, no metering, no tenant. Configured under `starter:` in
`Pulumi.<stack>.yaml`.
"""

from pathlib import Path

import pulumi

import contoso
import pulumi_partnercenter as partnercenter

ASSETS = Path(__file__).parent / "assets"
VERSION = "1.0.0"
"""Of what is deployed: raise it with every change in `assets/archive-template`."""


def declare() -> None:
    config = pulumi.Config("starter")
    target = config.require("target")
    kept = contoso.undeletable_once_published(config)

    offer = partnercenter.Offer(
        "starter",
        offer_id=config.require("id"),
        offer_type="AzureApplication",
        alias=config.require("alias"),
        opts=kept,
    )
    plan = partnercenter.Plan(
        "starter",
        offer=offer.id,
        plan_id="starter",
        subtype="solution-template",
        name="Contoso Archive Starter",
        opts=kept,
    )
    package = partnercenter.Package(
        "starter",
        offer=offer.id,
        source="assets/archive-template",
        opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=_trial())),
    )

    parts = [plan, package, *_offer(offer.id, config), *_plan(plan.id, package.id, config)]
    published = contoso.publish("starter", offer.id, parts, target)

    exported = {"offer_id": offer.offer_id, "offer": offer.id, "plans": {"starter": plan.id}}
    pulumi.export("starter", exported | published)


def _trial() -> list[pulumi.Resource]:
    """What has to work before the package goes to Partner Center."""
    if not contoso.has_azure():
        return []
    from infrastructure import starter

    return starter.declare()


def _offer(offer: pulumi.Input[str], config: pulumi.Config) -> list[partnercenter.Resource]:
    """How the offer is sold, what customers read and see, and who sees its preview."""
    return [
        partnercenter.OfferSetup("starter", offer=offer),
        partnercenter.ResellerChannel("starter", offer=offer, state=config.get("reseller") or "Enabled"),
        partnercenter.OfferProperties(
            "starter",
            offer=offer,
            categories={"storage-azure-apps": ["data-management"]},
            uses_standard_contract=True,
        ),
        partnercenter.PreviewAudience(
            "starter", offer=offer, subscriptions=config.require_object("previewSubscriptions")
        ),
        partnercenter.OfferListing(
            "starter",
            offer=offer,
            title="Contoso Archive Starter",
            summary="Storage for files that nobody opens any more, set up well from the start",
            short_description="A storage account that moves what nobody changes to cold storage, is closed to the"
            " public, and brings back for a month what was deleted.",
            description=(ASSETS / "starter-offer.html").read_text(encoding="utf-8").strip(),
            keywords=["archive", "cold storage", "template"],
            contacts=contoso.CONTACTS,
            links=contoso.LINKS,
        ),
        *contoso.logos("starter", offer),
    ]


def _plan(
    plan: pulumi.Input[str], package: pulumi.Input[str], config: pulumi.Config
) -> list[partnercenter.Resource]:
    """What the plan says, who sees it, and what it deploys."""
    audience = config.get_object("audience") or []
    return [
        partnercenter.PlanListing(
            "starter",
            plan=plan,
            title="Starter",
            summary="One storage account in your subscription",
            description=(ASSETS / "starter.html").read_text(encoding="utf-8").strip(),
        ),
        partnercenter.PlanPricing(
            "starter",
            plan=plan,
            visibility="Private" if audience else "Public",
            subscriptions=audience,
        ),
        partnercenter.PlanPackage("starter", plan=plan, version=VERSION, package=package),
    ]
