"""Contoso Gateway: a virtual machine with three plans, which the Cloud Partner Portal API still manages.

Its disks, logos and leads are in a storage account of the same program (`infrastructure/gateway.py`). Configured under
`gateway:` in `Pulumi.<stack>.yaml`; a new image version is a line in `gateway:images`.
"""

from pathlib import Path
from typing import Any

import pulumi

import contoso
from pulumi_partnercenter import portal

ASSETS = Path(__file__).parent / "assets"
CONTACTS: list[portal.ContactArgsDict] = [
    {
        "type": "CustomerSupport",
        "name": "Contoso Support",
        "email": "support@contoso.example.com",
        "phone": "+1 555 0100",
    },
    {
        "type": "Engineering",
        "name": "Contoso Gateway Team",
        "email": "gateway@contoso.example.com",
        "phone": "+1 555 0102",
    },
]
PLANS: dict[str, dict[str, Any]] = {
    "licensed": {
        "title": "With your licence",
        "summary": "For companies that own licences",
        "pricing": {"byol": True},
    },
    "standard": {
        "title": "Standard",
        "summary": "One price for each core",
        "pricing": {"per_core": 0.12, "trial_months": 1},
    },
    "branch": {
        "title": "Branches",
        "summary": "For small machines in many branches",
        "pricing": {"per_size": {"1core": 0.05, "2core": 0.09, "4core": 0.16}},
    },
}


def declare() -> None:
    config = pulumi.Config("gateway")
    if not contoso.has_azure():
        stack = pulumi.get_stack()
        raise pulumi.RunError(
            f"stack {stack!r} sells a virtual machine and has no disks: set infrastructure:own"
        )
    from infrastructure import gateway

    files = gateway.declare()
    images: dict[str, portal.ImageArgsDict] = {
        version: {"os_disk": files.disk(disk)} for version, disk in config.require_object("images").items()
    }
    kept = pulumi.ResourceOptions(protect=config.get_bool("protect") or False)
    offer = portal.Offer(
        "gateway",
        publisher=config.require("publisher"),
        offer_id=config.require("id"),
        alias=config.require("alias"),
        listing={
            "title": "Contoso Gateway",
            "summary": "Connects branches to Azure",
            "short_description": "A gateway for branches: it connects them to Azure and to each other, encrypts what"
            " they send, and goes on when a line fails.",
            "description": (ASSETS / "gateway-offer.html").read_text(encoding="utf-8").strip(),
            "categories": {"networking": ["connectivity", "firewalls"]},
            "contacts": CONTACTS,
            "links": [{"uri": "https://contoso.example.com/gateway", "text": "Manual"}],
            "privacy_policy_url": "https://contoso.example.com/privacy",
            "support_url": "https://contoso.example.com/help",
            "marketing_id": config.require("id"),
            "logos": {
                "small": files.logos["small"],
                "medium": files.logos["medium"],
                "large": files.logos["large"],
                "wide": files.logos["wide"],
            },
        },
        uses_standard_contract=True,
        preview_audience=config.require_object("previewSubscriptions"),
        csp_opt_in="Enabled",
        lead_destination={"azure_table": {"connection_string": files.connection_string}},
        plans=[_plan(plan_id, config, images) for plan_id in PLANS],
        opts=kept,
    )
    exported: dict[str, Any] = {"offer": offer.id, "plans": list(PLANS), "status": offer.status}
    if (target := config.require("target")) != "draft":
        publication = portal.Publication(
            "gateway", offer=offer.id, publishes=[offer], target=target, opts=kept
        )
        exported |= {"state": publication.state, "preview_links": publication.preview_links}
    pulumi.export("gateway", exported)


def _plan(
    plan_id: str, config: pulumi.Config, images: dict[str, portal.ImageArgsDict]
) -> portal.PlanArgsDict:
    about = PLANS[plan_id]
    return {
        "plan_id": plan_id,
        "title": about["title"],
        "summary": about["summary"],
        "description": about["summary"],
        "markets": "all" if config.require("markets") == "all" else config.require_object("markets"),
        # Licences are sold to customers who have a contract with Contoso; everybody sees the other plans.
        "subscriptions": (config.get_object("audience") or []) if plan_id == "licensed" else [],
        "operating_system": {"family": "Linux", "type": "Ubuntu", "name": "Ubuntu 24.04"},
        "recommended_sizes": ["d2s-standard-v3", "d4s-standard-v3"],
        "features": {"accelerated_networking": True},
        "pricing": about["pricing"],
        "images": images,
    }
