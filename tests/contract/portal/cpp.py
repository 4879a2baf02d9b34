"""Raw requests to the Cloud Partner Portal API, without the provider's own client."""

from __future__ import annotations

from typing import Any

import httpx
from provider.tools.emulators import RunningEmulator

VERSION = {"api-version": "2017-10-31"}
AUDIENCE = "https://cloudpartner.azure.com"
PUBLISHER = "fabrikam-labs"
VM, CORE_VM = "microsoft-azure-virtualmachines", "microsoft-azure-corevm"
MARKETPLACE = "microsoft-azure-marketplace"
LOGOS = ("smallLogo", "mediumLogo", "largeLogo", "wideLogo")
HOUR, DAY = 3600.0, 86400.0
STEPS = (
    "displaydummycertify",
    "displaycertify",
    "displayprovision",
    "displaypackage",
    "publisher-signoff",
    "live",
)


class CppApi:
    """Raw requests of a publisher, and what people do in the portal."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self.emulator = emulator

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request below `/api`, with the version unless `params` has another."""
        options.setdefault("params", VERSION)
        return self.emulator.client.request(method, f"/api{path}", **options)

    def offer(self, method: str, offer: str, below: str = "", **options: Any) -> httpx.Response:
        return self.call(method, f"/publishers/{PUBLISHER}/offers/{offer}{below}", **options)

    def read(self, offer: str, below: str = "", **query: str) -> Any:
        answer = self.offer("GET", offer, below, params={**VERSION, **query})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def follow(self, location: str) -> dict[str, Any]:
        """Read an operation by its relative address."""
        assert location.startswith("/api/")
        answer = self.emulator.client.get(location)
        assert answer.status_code == 200, answer.text
        operation = answer.json()
        return operation[0] if isinstance(operation, list) else operation

    def put(self, offer: str, body: Any, if_match: str | None = None, **options: Any) -> httpx.Response:
        headers = {"If-Match": if_match} if if_match else {}
        return self.offer("PUT", offer, json=body, headers=headers, **options)

    def edit(self, offer: str, change: Any) -> dict[str, Any]:
        """Read the draft, let `change` change its definition, write it."""
        document = self.read(offer, includeAllPricing="true")
        change(document["definition"])
        answer = self.put(offer, document, "*")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def publish(self, offer: str, emails: str = "") -> str:
        """Publish the draft. Return the address of the operation."""
        body = {"metadata": {"notification-emails": emails}} if emails else None
        answer = self.offer("POST", offer, "/publish", json=body)
        assert (answer.status_code, answer.content) == (202, b""), answer.text
        location: str = answer.headers["location"]
        return location

    def go_live(self, offer: str) -> str:
        answer = self.offer("POST", offer, "/golive")
        assert answer.status_code == 202, answer.text
        location: str = answer.headers["location"]
        return location

    def status(self, offer: str) -> str:
        return str(self.read(offer, "/status")["status"])

    def steps(self, offer: str) -> dict[str, str]:
        return {step["id"]: step["status"] for step in self.read(offer, "/status")["steps"]}

    def control(self, name: str, body: Any = None, method: str = "POST", status: int = 200) -> Any:
        answer = self.emulator.client.request(method, f"/_emulator/portal/{name}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def set(self, **settings: Any) -> None:
        self.control("behaviour", settings)

    def make(self, offer: str, **members: Any) -> dict[str, Any]:
        """Make an offer as people did in the portal."""
        offer_made: dict[str, Any] = self.control(
            "offers", {"publisher": PUBLISHER, "offer_id": offer, **members}
        )
        return offer_made


def envelope(offer: str, definition: Any, offer_type: str = VM) -> dict[str, Any]:
    """Body of a PUT."""
    return {"publisherId": PUBLISHER, "offerTypeId": offer_type, "id": offer, "definition": definition}


def definition(title: str = "Gateway", *plans: dict[str, Any]) -> dict[str, Any]:
    """Definition of an offer that can be published, with these plans or a plan `std`."""
    offer = {
        "title": title,
        "summary": "Gateway appliance",
        "longSummary": "Gateway appliance for hybrid networks",
        "description": "<p>Gateway appliance.</p>",
        "cspOfferOptIn": False,
        "offerMarketingUrlIdentifier": "gateway",
        "allowedSubscriptions": ["0f6a3c52-7b1e-4f1d-9d0e-2f6f0a5b8c11"],
        "usefulLinks": [{"linkTitle": "Docs", "linkUrl": "https://docs.fabrikam.example"}],
        "categoryMap": [{"categoryL1": "networking", "categoryL2-networking": ["firewalls"]}],
        **{logo: f"https://files.fabrikam.example/{logo}.png?sp=r&sig=abc" for logo in LOGOS},
        "leadDestination": "None",
        "privacyURL": "https://fabrikam.example/privacy",
        "useEnterpriseContract": True,
        "engineeringContactName": "R. Ito",
        "engineeringContactEmail": "eng@fabrikam.example",
        "engineeringContactPhone": "555-0100",
        "supportContactName": "Help desk",
        "supportContactEmail": "help@fabrikam.example",
        "supportContactPhone": "555-0101",
    }
    return {
        "displayText": title,
        "offer": {f"{MARKETPLACE}.{name}": value for name, value in offer.items()},
        "plans": [*plans] or [plan("std")],
    }


def plan(plan_id: str, pricing: Any = None, **members: Any) -> dict[str, Any]:
    """A plan that can be published; `members` have the names after the prefix."""
    pricing = pricing or {"isByol": False, "coreMultiplier": {"currency": "USD", "single": 0.12}}
    texts = {
        "skuTitle": "Standard",
        "skuSummary": "Standard edition",
        "skuDescription": "Standard edition of the gateway.",
        "hideSKUForSolutionTemplate": False,
        "cloudAvailability": ["PublicAzure"],
        "operatingSystemFamily": "Linux",
        "osType": "Ubuntu",
        "operationSystem": "Ubuntu 22.04",
        "recommendedVMSizes": ["ds2-standard-v2"],
        "openPorts": [],
        "vmImages": {"1.0.1": image("gw-1.0.1")},
    }
    return {
        "planId": plan_id,
        **{f"{VM}.{name}": value for name, value in {**texts, **members}.items()},
        "virtualMachinePricing": pricing,
        "virtualMachinePricingV2": pricing,
        "regions": ["US", "DE"],
    }


def image(name: str, disks: int = 0) -> dict[str, Any]:
    address = f"https://fabrikamstore.blob.core.windows.net/vhd/{name}"
    signature = "sr=c&sp=rl&sig=abc"
    data = [{"lunNumber": number, "uri": f"{address}-{number}.vhd?{signature}"} for number in range(disks)]
    return {"osVhdUrl": f"{address}.vhd?{signature}", "lunVhdDetails": data}
