"""A complete managed application, as a program, with its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import Image
from tests.resources.examples import MANAGED, TYPE
from tests.resources.harness import Declaration, Program, Ref

from pulumi_partnercenter import (
    ListingImage,
    Offer,
    OfferListing,
    OfferProperties,
    OfferSetup,
    OfferTechnicalConfiguration,
    Package,
    Plan,
    PlanListing,
    PlanPackage,
    PlanPricing,
    PreviewAudience,
    ResellerChannel,
    Submission,
)

GUID = "11111111-2222-4333-8444-555555555555"
LOGOS = {
    "AzureLogoSmall": (48, 48),
    "AzureLogoMedium": (90, 90),
    "AzureLogoLarge": (216, 216),
    "AzureLogoWide": (255, 115),
}
TEMPLATE: dict[str, Any] = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"location": {"type": "string"}},
    "resources": [
        {
            "type": "Microsoft.Resources/deployments",
            "apiVersion": "2021-04-01",
            "name": f"pid-{GUID}-partnercenter",
            "properties": {"mode": "Incremental", "template": {"resources": []}},
        }
    ],
}
FORM: dict[str, Any] = {
    "$schema": "https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#",
    "handler": "Microsoft.Azure.CreateUIDef",
    "version": "0.1.2-preview",
    "parameters": {"basics": [], "steps": [], "outputs": {"location": "[location()]"}},
}
CONTACT = {"name": "Contoso", "email": "help@contoso.example.com", "phone": "+1 555 0100"}


def write_files(folder: Path) -> Path:
    """Write logos, and the sources of a package in `app`."""
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "mainTemplate.json").write_text(json.dumps(TEMPLATE))
    (folder / "app" / "createUiDefinition.json").write_text(json.dumps(FORM))
    for kind, size in LOGOS.items():
        Image.new("RGB", size, "navy").save(folder / f"{kind}.png")
    return folder


def offer_program(folder: Path) -> Program:
    """Return the resources of the offer itself."""
    offer = {"offer": Ref("offer")}
    contacts = [{"type": kind, **CONTACT} for kind in ("CustomerSupport", "Engineering")]
    texts = {
        "title": "Contoso Archive",
        "summary": "Keeps what nobody opens",
        "short_description": "Moves old files to cold storage.",
        "description": "<p>Moves old files to cold storage, and back.</p>",
        "contacts": contacts,
        "links": [{"type": "PrivacyUri", "uri": "https://contoso.example.com/privacy"}],
    }
    logos = {
        kind: Declaration(ListingImage, {**offer, "kind": kind, "source": str(folder / f"{kind}.png")})
        for kind in LOGOS
    }
    return {
        "offer": Declaration(
            Offer, {"offer_id": "contoso-archive", "offer_type": TYPE, "alias": "Contoso Archive"}
        ),
        "setup": Declaration(OfferSetup, offer),
        "reseller": Declaration(ResellerChannel, {**offer, "state": "Enabled"}),
        "package": Declaration(Package, {**offer, "source": str(folder / "app")}),
        "properties": Declaration(
            OfferProperties,
            {
                **offer,
                "categories": {"storage-azure-apps": ["backup-and-recovery"]},
                "uses_standard_contract": True,
            },
        ),
        "listing": Declaration(OfferListing, {**offer, **texts}),
        **logos,
        "audience": Declaration(PreviewAudience, {**offer, "subscriptions": [GUID]}),
        "technical": Declaration(OfferTechnicalConfiguration, {**offer, "tenant": GUID, "application": GUID}),
    }


def plan_program(plan_id: str) -> Program:
    """Return a plan and its resources."""
    plan = {"plan": Ref(plan_id)}
    return {
        plan_id: Declaration(
            Plan,
            {"offer": Ref("offer"), "plan_id": plan_id, "name": plan_id.title(), "subtype": MANAGED},
        ),
        f"{plan_id}-listing": Declaration(
            PlanListing,
            {**plan, "title": plan_id.title(), "summary": "For all", "description": "<p>All.</p>"},
        ),
        f"{plan_id}-pricing": Declaration(
            PlanPricing, {**plan, "markets": ["US"], "prices": [{"amount": 49, "per": "month"}]}
        ),
        f"{plan_id}-package": Declaration(
            PlanPackage,
            {
                **plan,
                "version": "1.0.0",
                "package": Ref("package"),
                "subtype": MANAGED,
                "tenant": GUID,
                "authorizations": [{"principal": GUID, "role": "Owner"}],
            },
        ),
    }


def complete_program(folder: Path, *plan_ids: str, **submission: Any) -> Program:
    """Return a complete program with a submission. Plans are declared right after the offer, as recommended."""
    offer_parts = offer_program(folder)
    parts: dict[str, Declaration] = {"offer": offer_parts.pop("offer")}
    for plan_id in plan_ids or ("gold",):
        parts[plan_id] = plan_program(plan_id)[plan_id]
    parts |= offer_parts
    for plan_id in plan_ids or ("gold",):
        parts |= plan_program(plan_id)
    return parts | {"submission": submission_declaration(parts, **submission)}


def submission_declaration(parts: Program, **submission: Any) -> Declaration:
    """Return the submission of these parts, with the arguments that its constructor derives from other resources."""
    submitted_parts = {
        name: declaration for name, declaration in parts.items() if declaration.kind is not Offer
    }
    return Declaration(
        Submission,
        {
            "offer": Ref("offer"),
            "publishes": [Ref(name, "fingerprint") for name in submitted_parts],
            "sends": [f"{declaration.kind.__name__} {name}" for name, declaration in submitted_parts.items()],
            "published": [
                {"kind": declaration.kind.__name__, "name": name, "id": Ref(name)}
                for name, declaration in submitted_parts.items()
            ],
            "wait_minutes": 0,
            **submission,
        },
    )
