"""Contoso Archive Starter: a solution template, which puts the archive's storage into the customer's own subscription.

It is free, and nobody operates it for the customer: no prices, no metering, no tenant. Configured under `starter:` in
`Pulumi.<stack>.yaml`.
"""

from pathlib import Path

import pulumi

import contoso
from pulumi_partnercenter.components import (
    ApplicationPlanArgs,
    ListingArgs,
    SolutionTemplateOffer,
    SolutionTemplateOfferArgs,
)

ASSETS = Path(__file__).parent / "assets"
VERSION = "1.0.0"
"""Of what is deployed: raise it with every change in `assets/archive-template`."""
LISTING: ListingArgs = {
    "title": "Contoso Archive Starter",
    "summary": "Storage for files that nobody opens any more, set up well from the start",
    "short_description": "A storage account that moves what nobody changes to cold storage, is closed to the"
    " public, and brings back for a month what was deleted.",
    "description": (ASSETS / "starter-offer.html").read_text(encoding="utf-8").strip(),
    "keywords": ["archive", "cold storage", "template"],
    "contacts": contoso.CONTACTS,
    "links": contoso.LINKS,
}
FORMER_NAMES = {
    **{
        f"starter-{part}": "starter"
        for part in (
            *("setup", "reseller-channel", "properties", "preview-audience", "listing", "package"),
            *("starter", "starter-listing", "starter-pricing", "starter-package", "submission"),
        )
    },
    **{f"starter-logo-{size}": f"starter-{size}" for size in contoso.LOGOS},
}
"""Of stacks that were deployed before the offer was a component."""


def declare() -> None:
    config = pulumi.Config("starter")
    starter = SolutionTemplateOffer(
        "starter",
        SolutionTemplateOfferArgs(
            offer_id=config.require("id"),
            alias=config.require("alias"),
            target=config.require("target"),
            retention=contoso.retention(config),
            setup={},
            reseller_channel={"state": config.get("reseller") or "Enabled"},
            properties={
                "categories": {"storage-azure-apps": ["data-management"]},
                "uses_standard_contract": True,
            },
            preview_audience={"subscriptions": config.require_object("previewSubscriptions")},
            logos=contoso.LOGOS,
            listings={"en-us": LISTING},
            package={"source": "assets/archive-template"},
            plans={"starter": _plan(config)},
            former_names=FORMER_NAMES,
        ),
        pulumi.ResourceOptions(depends_on=_trial()),
    )
    pulumi.export("starter", contoso.outputs(starter))


def _plan(config: pulumi.Config) -> ApplicationPlanArgs:
    """What the plan says, who sees it, and what it deploys."""
    audience = config.get_object("audience") or []
    return {
        "name": "Contoso Archive Starter",
        "listings": {
            "en-us": {
                "title": "Starter",
                "summary": "One storage account in your subscription",
                "description": (ASSETS / "starter.html").read_text(encoding="utf-8").strip(),
            }
        },
        "pricing": {"visibility": "Private" if audience else "Public", "subscriptions": audience},
        "package": {"version": VERSION},
    }


def _trial() -> list[pulumi.Resource]:
    """What has to work before anything goes to Partner Center."""
    if not contoso.has_azure():
        return []
    from infrastructure import starter

    return starter.declare()
