"""Raw requests to the fulfillment and metering services, and the customer's side of the control plane."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
from provider.tools.emulators import RunningEmulator

VERSION = {"api-version": "2018-08-31"}
AUDIENCE = "20e940b3-4c77-4b0b-9a53-9e16a1b010a7"
TENANT = "11111111-1111-1111-1111-111111111111"
DAY = 86400.0
NOBODY = "00000000-0000-4000-8000-000000000000"
FLAT: dict[str, Any] = {
    "offer_id": "contoso-reports",
    "landing_page_url": "https://saas.contoso.example/landing?from=marketplace",
    "plans": [
        {
            "plan_id": "basic",
            "has_free_trial": True,
            "terms": [{"price": 50}, {"price": 500, "term_unit": "P1Y"}],
            "dimensions": [{"id": "reports", "price_per_unit": 0.5, "included": 10}],
        },
        {"plan_id": "pro", "dimensions": [{"id": "reports"}, {"id": "exports"}]},
        {"plan_id": "instant", "auto_activation": True},
        {"plan_id": "secret", "is_private": True, "tenants": ["33333333-3333-3333-3333-333333333333"]},
        {"plan_id": "hidden", "is_private": True},
    ],
}
SEATS: dict[str, Any] = {
    "offer_id": "contoso-seats",
    "landing_page_url": "https://saas.contoso.example/landing",
    "plans": [
        {"plan_id": "team", "is_price_per_seat": True, "min_quantity": 2, "max_quantity": 50},
        {"plan_id": "company", "is_price_per_seat": True, "min_quantity": 10},
    ],
}


class Marketplace:
    """A publisher's requests, and what customers do. `headers` go with every request of the publisher."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self.emulator = emulator
        self.headers: dict[str, str] = {}

    def sell(self) -> None:
        """Configure an offer with flat rates and one per seat."""
        self.control("offers", FLAT)
        self.control("offers", SEATS)

    def control(self, name: str, body: Any = None, method: str = "POST") -> Any:
        answer = self.emulator.client.request(method, f"/_emulator/saas/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refusal(self, name: str, body: Any) -> str:
        """The error of a request to the control plane that is refused."""
        answer = self.emulator.client.post(f"/_emulator/saas/{name}", json=body)
        assert answer.status_code == 400, answer.text
        return str(answer.json()["error"])

    def behave(self, **settings: Any) -> None:
        self.control("behaviour", settings)

    def buy(self, plan_id: str = "basic", **members: Any) -> dict[str, Any]:
        """Buy a plan; subscription, token and landing page."""
        offer = FLAT if plan_id in [plan["plan_id"] for plan in FLAT["plans"]] else SEATS
        purchase: dict[str, Any] = self.control(
            "purchase", {"offer_id": offer["offer_id"], "plan_id": plan_id, **members}
        )
        return purchase

    def subscribe(self, plan_id: str = "basic", **members: Any) -> str:
        """Buy a plan and activate it; the id of the subscription."""
        id: str = self.buy(plan_id, **members)["subscription"]["id"]
        assert self.call("POST", f"/{id}/activate", json={"planId": plan_id}).status_code == 200
        return id

    def call(self, method: str, path: str = "", **options: Any) -> httpx.Response:
        """Send a request below `/api/saas/subscriptions`, with the version of the API unless `params` are given."""
        return self.send(method, f"/api/saas/subscriptions{path}", **options)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        params = options.pop("params", {})
        return self.emulator.client.request(
            method, path, params={**VERSION, **params}, headers=headers, **options
        )

    def resolve(self, token: str) -> httpx.Response:
        return self.call("POST", "/resolve", headers={"x-ms-marketplace-token": token})

    def read(self, id: str) -> dict[str, Any]:
        answer = self.call("GET", f"/{id}")
        assert answer.status_code == 200, answer.text
        subscription: dict[str, Any] = answer.json()
        return subscription

    def status(self, id: str) -> str:
        return str(self.read(id)["saasSubscriptionStatus"])

    def read_operation(self, id: str, operation: str) -> dict[str, Any]:
        answer = self.call("GET", f"/{id}/operations/{operation}")
        assert answer.status_code == 200, answer.text
        described: dict[str, Any] = answer.json()
        return described

    def list_operations(self, id: str) -> list[dict[str, Any]]:
        """The operations in progress."""
        answer = self.call("GET", f"/{id}/operations")
        assert answer.status_code == 200, answer.text
        operations: list[dict[str, Any]] = answer.json()["operations"]
        return operations

    def update(self, id: str, operation: str, status: str, **options: Any) -> httpx.Response:
        return self.call("PATCH", f"/{id}/operations/{operation}", json={"status": status}, **options)

    def actions(self, id: str) -> list[str]:
        """The actions of all operations of a subscription, oldest first."""
        return [
            operation["action"]
            for operation in self.emulator.state()["saasOperations"]
            if operation["subscriptionId"] == id
        ]

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """The pages of the list of subscriptions."""
        answer = self.call("GET")
        while True:
            assert answer.status_code == 200, answer.text
            page = answer.json()
            yield page["subscriptions"]
            if not page.get("@nextLink"):
                return
            headers = {"Authorization": "Bearer emulator", **self.headers}
            answer = self.emulator.client.get(page["@nextLink"], headers=headers)

    def sign_in(self, client: str, resource: str = AUDIENCE, tenant: str = TENANT) -> str:
        """Register an application without a role in the account, and return a token of it."""
        application = {
            "tenant": tenant,
            "client": client,
            "secret": "known",
            "roles": [],
            "associated": False,
        }
        assert self.emulator.client.post("/_emulator/applications", json=application).status_code == 201
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": "known",
            "resource": resource,
        }
        answer = self.emulator.client.post(f"/{tenant}/oauth2/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])
