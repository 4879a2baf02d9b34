"""Sample data: a virtual machine offer that was migrated and is live, and one that was never published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .offer_schema import MARKETPLACE, VM

__all__ = ["OFFERS", "definition"]

PUBLISHER = "fabrikam-labs"
CONTAINER = "https://fabrikamstore.blob.core.windows.net"
LOGOS = {"small": "48", "medium": "90", "large": "216", "wide": "255x115", "hero": "815x290"}
PRICING: Mapping[str, Any] = {
    "isByol": False,
    "coreMultiplier": {"currency": "USD", "single": 0.12},
    "freeTrialDurationInMonths": 1,
}
LISTING: Mapping[str, Any] = {
    "summary": "Gateway appliance",
    "longSummary": "Gateway appliance for hybrid networks",
    "description": "<p>Gateway appliance.</p>",
    "cspOfferOptIn": False,
    "allowedSubscriptions": ["0f6a3c52-7b1e-4f1d-9d0e-2f6f0a5b8c11"],
    "usefulLinks": [{"linkTitle": "Docs", "linkUrl": "https://docs.fabrikam.example"}],
    "categoryMap": [{"categoryL1": "networking", "categoryL2-networking": ["firewalls"]}],
    **{f"{size}Logo": f"{CONTAINER}/img/{name}.png?sp=r&sig=REDACTED" for size, name in LOGOS.items()},
    "screenshots": [],
    "videos": [],
    "leadDestination": "None",
    "privacyURL": "https://fabrikam.example/privacy",
    "termsOfUse": "Terms apply.",
    "engineeringContactName": "R. Ito",
    "engineeringContactEmail": "eng@fabrikam.example",
    "engineeringContactPhone": "555-0100",
    "supportContactName": "Help desk",
    "supportContactEmail": "help@fabrikam.example",
    "supportContactPhone": "555-0101",
}
PLAN: Mapping[str, Any] = {
    "skuSummary": "Standard edition",
    "skuDescription": "Standard edition of the gateway.",
    "hideSKUForSolutionTemplate": False,
    "cloudAvailability": ["PublicAzure"],
    "operatingSystemFamily": "Linux",
    "osType": "Ubuntu",
    "operationSystem": "Ubuntu 22.04",
    "recommendedVMSizes": ["ds2-standard-v2", "d2s-standard-v3"],
    "openPorts": [],
    "supportsAcceleratedNetworking": True,
    "vmImages": {
        "1.0.1": {
            "osVhdUrl": f"{CONTAINER}/vhd/gw-1.0.1.vhd?sr=c&sp=rl&sig=REDACTED",
            "lunVhdDetails": [],
        }
    },
}


def definition(title: str, plan_id: str) -> dict[str, Any]:
    """Return a definition that can be published."""
    names = {"title": title, "offerMarketingUrlIdentifier": title.lower().replace(" ", "-")}
    texts = {**PLAN, "skuTitle": f"{title} Standard"}
    plan = {
        "planId": plan_id,
        **{f"{VM}.{name}": value for name, value in texts.items()},
        "virtualMachinePricing": PRICING,
        "virtualMachinePricingV2": PRICING,
        "regions": ["US", "DE", "JP"],
    }
    offer = {f"{MARKETPLACE}.{name}": value for name, value in {**LISTING, **names}.items()}
    return {"displayText": title, "offer": offer, "plans": [plan]}


OFFERS: tuple[Mapping[str, Any], ...] = (
    {
        "publisher": PUBLISHER,
        "offer_id": "edge-gateway-vm",
        "is_migrated": True,
        "definition": definition("Edge Gateway", "gateway-std"),
        "published": "live",
        "version": 2,
    },
    {
        "publisher": PUBLISHER,
        "offer_id": "old-router-vm",
        "definition": definition("Old Router", "router-std"),
    },
)
