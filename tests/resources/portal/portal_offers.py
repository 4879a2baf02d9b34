"""Examples of offers of the Cloud Partner Portal API: arguments, and documents as the service has them."""

from __future__ import annotations

from typing import Any

SUBSCRIPTION = "11111111-2222-4333-8444-555555555555"
OTHER_SUBSCRIPTION = "66666666-7777-4888-9999-aaaaaaaaaaaa"
MARKETS = (  # noqa: SIM905
    "AR AT AU BE BG BR CA CH CL CO CZ DE DK EE EG ES FI FR GB GR HU IE IN IT JP MX NL NO SE US"
).split()
"""Thirty markets."""
STORAGE = "https://contoso.blob.core.windows.net"


def signed(path: str, signature: str = "c2lnbmF0dXJlLW9uZQ", end: str = "2999-01-01T00:00:00Z") -> str:
    """Return a signed address of a file in a container."""
    return f"{STORAGE}/{path}?sv=2022-11-02&sr=c&sp=rl&st=2026-01-01T00:00:00Z&se={end}&sig={signature}"


def image(version: str, **members: Any) -> dict[str, Any]:
    return {"os_disk": signed(f"disks/gateway-{version}.vhd"), **members}


LISTING: dict[str, Any] = {
    "title": "Contoso Gateway",
    "summary": "A gateway for branches",
    "short_description": "Connects branches to Azure.",
    "description": "<p>Connects branches to Azure, and back.</p>",
    "categories": {"networking": ["connectivity", "firewalls"], "security": ["threat-protection"]},
    "contacts": [
        {"type": "CustomerSupport", "name": "Help", "email": "help@contoso.example.com", "phone": "1"},
        {"type": "Engineering", "name": "Ann", "email": "ann@contoso.example.com", "phone": "+1 555 0100"},
    ],
    "links": [{"uri": "https://docs.contoso.example.com", "text": "Manual"}],
    "privacy_policy_url": "https://contoso.example.com/privacy",
    "support_url": "https://contoso.example.com/support",
    "marketing_id": "contoso-gateway",
    "logos": {name: signed(f"logos/{name}.png") for name in ("small", "medium", "large", "wide")},
    "screenshots": [signed("pictures/one.png")],
}
PLANS: list[dict[str, Any]] = [
    {
        "plan_id": "basic",
        "title": "Basic",
        "summary": "For one branch",
        "description": "<p>For one branch.</p>",
        "markets": ["US", "CA"],
        "operating_system": {"family": "Linux", "type": "Ubuntu", "name": "Ubuntu 24.04"},
        "recommended_sizes": ["d2s-standard-v3", "ds2-standard-v2"],
        "features": {"accelerated_networking": True, "extensions": True},
        "pricing": {"per_core": 0.12, "trial_months": 1},
        "images": {"1.0.0": image("1.0.0"), "1.0.1": image("1.0.1")},
    },
    {
        "plan_id": "branch",
        "title": "Branches",
        "summary": "For many branches",
        "description": "<p>For many branches.</p>",
        "markets": MARKETS,
        "operating_system": {"family": "Windows", "type": "Other", "name": "Windows Server 2022"},
        "recommended_sizes": ["d4s-standard-v3"],
        "pricing": {
            "per_market": {
                market: {"1core": f"0.{5 + number:02}", "2core": f"0.{10 + 2 * number:02}"}
                for number, market in enumerate(MARKETS)
            }
        },
        "images": {"1.0.0": image("branch-1.0.0"), "1.0.1": image("branch-1.0.1")},
    },
    {
        "plan_id": "licensed",
        "title": "With a licence",
        "summary": "For owners of a licence",
        "description": "<p>Bring your own licence.</p>",
        "is_hidden": True,
        "markets": ["US"],
        "subscriptions": [{"id": SUBSCRIPTION, "description": "pilot"}],
        "operating_system": {"family": "Linux", "type": "Debian", "name": "Debian 13"},
        "recommended_sizes": ["d4s-standard-v3"],
        "pricing": {"byol": True},
        "images": {"2.0.0": image("licensed-2.0.0"), "2.0.1": image("licensed-2.0.1")},
    },
]
GATEWAY: dict[str, Any] = {
    "publisher": "contoso",
    "offer_id": "contoso-gateway",
    "alias": "Gateway",
    "listing": LISTING,
    "terms_of_use": "Pay first.",
    "preview_audience": [SUBSCRIPTION],
    "csp_opt_in": "Enabled",
    "plans": PLANS,
}
"""Arguments of an offer with three plans, prices in thirty markets and two image versions a plan."""

_M, _V = "microsoft-azure-marketplace", "microsoft-azure-virtualmachines"
STORED = "https://publishingstoredm.blob.core.windows.net/prodcontent/contoso/contoso-gateway"


def document() -> dict[str, Any]:
    """Return an offer that people made in the portal: with members, and forms of members, that programs do not have."""
    pricing = {
        "isByol": False,
        "coreMultiplier": {"currency": "USD", "single": 0.120, "rounding": "up"},
        "freeTrialDurationInMonths": 1.0,
        "meteredBilling": None,
    }
    return {
        "publisherId": "Contoso",
        "offerTypeId": _V,
        "id": "contoso-gateway",
        "status": "neverPublished",
        "pcMigrationStatus": "migrated",
        "version": 0,
        "changedTime": "2026-05-01T05:41:25.9695742Z",
        "definition": {
            "displayText": " Gateway ",
            "offer": {
                f"{_M}.title": "Contoso Gateway",
                f"{_M}.summary": None,
                f"{_M}.description": "<p>One.</p>\r\n<p>Two.</p>",
                f"{_M}.cspOfferOptIn": True,
                f"{_M}.allowedSubscriptions": [SUBSCRIPTION.upper()],
                f"{_M}.usefulLinks": [
                    {"linkTitle": "Manual ", "linkUrl": "https://docs.contoso.example.com", "icon": 7}
                ],
                f"{_M}.categoryMap": [
                    {
                        "categoryL1": "networking",
                        "categoryL2-networking": ["firewalls", "connectivity"],
                        "n": 1.50,
                    }
                ],
                f"{_M}.smallLogo": f"{STORED}/1.png?sv=1&sig=c2VydmljZQ&se=2026-05-02&sp=r",
                f"{_M}.screenshots": [f"{STORED}/2.png?sig=c2VydmljZQ&sp=r"],
                f"{_M}.videos": [{"name": "Tour", "link": "https://video.contoso.example.com/1"}],
                f"{_M}.leadDestination": "None",
                f"{_M}.tableLeadConfiguration": {},
                f"{_M}.customAmendments": None,
                f"{_M}.engineeringContactName": "Ann",
                f"{_M}.engineeringContactEmail": "Ann@contoso.example.com",
                f"{_M}.engineeringContactPhone": None,
                f"{_M}-testdrive.enabled": False,
                f"{_M}-testdrive.videos": [],
                f"{_M}-testdrive.description": None,
                f"{_V}.gtmMaterials": "",
                "internal": {"priority": 1.0, "nested": [{"x": 1e3}]},
            },
            "plans": [
                {
                    "planId": "branch",
                    f"{_V}.skuTitle": "Branches",
                    f"{_V}.cloudAvailability": ["Fairfax", "PublicAzure"],
                    f"{_V}.operatingSystemFamily": "Windows",
                    f"{_V}.windowsOSType": "Other",
                    f"{_V}.supportsBackup": True,
                    f"{_V}.generation": "2",
                    f"{_V}.openPorts": [{"label": "web", "portRange": "443"}],
                    f"{_V}.vmImages": {
                        "0.9.0": {"osVhdUrl": signed("disks/old.vhd"), "lunVhdDetails": [], "note": "kept"}
                    },
                    "regions": ["US", "de", "CN"],
                    "restrictedAudience": {
                        "manualEntries": [
                            {"type": "subscriptionId", "id": SUBSCRIPTION.upper(), "description": None},
                            {"type": "tenantId", "id": OTHER_SUBSCRIPTION, "description": "kept"},
                        ]
                    },
                    "virtualMachinePricing": {
                        "isByol": False,
                        "coreMultiplier": {"currency": "USD", "single": 1},
                    },
                    "virtualMachinePricingV2": pricing,
                    "diskGenerations": [],
                },
                {"planId": "basic", "regions": []},
            ],
            "extra": {"kept": [1.0, 2]},
        },
    }
